//! Field: the finder's maps of what parts the cells of tables, turned level.

use std::ops::Range;

use crate::find::Found;
use crate::grow::pieces;
use crate::layout::Level;

/// A cell of a map lies in a gutter or a parting from this probability on.
const SURE: f32 = 0.5;

/// The maps turned back by the page's slope: rows are level, columns upright.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Level place of its first cell.
    pub(crate) origin: (f32, f32),
    /// Level pixels a cell covers.
    pub(crate) cell: f32,
    pub(crate) gutters: Vec<f32>,
    pub(crate) partings: Vec<f32>,
}

impl Field {
    pub(crate) fn of(found: &Found, level: &Level) -> Option<Self> {
        let (maps, cell) = (&found.maps, found.cell);
        if maps.gutters.is_empty() || maps.partings.is_empty() {
            return None;
        }
        let (w, h) = (maps.width as f32 * cell, maps.height as f32 * cell);
        let corners = [(0.0, 0.0), (w, 0.0), (0.0, h), (w, h)].map(|(x, y)| level.level(x, y));
        let least = |f: fn(&(f32, f32)) -> f32| corners.iter().map(f).fold(f32::MAX, f32::min);
        let most = |f: fn(&(f32, f32)) -> f32| corners.iter().map(f).fold(f32::MIN, f32::max);
        let origin = (least(|c| c.0), least(|c| c.1));
        let width = ((most(|c| c.0) - origin.0) / cell).round() as usize;
        let height = ((most(|c| c.1) - origin.1) / cell).round() as usize;
        let (mut gutters, mut partings) = (vec![0.0; width * height], vec![0.0; width * height]);
        for v in 0..height {
            for u in 0..width {
                let place = |n: usize, from: f32| from + (n as f32 + 0.5) * cell;
                let (x, y) = level.page(place(u, origin.0), place(v, origin.1));
                let (x, y) = ((x / cell).floor(), (y / cell).floor());
                if x >= 0.0 && y >= 0.0 && (x as usize) < maps.width && (y as usize) < maps.height {
                    let at = y as usize * maps.width + x as usize;
                    gutters[v * width + u] = maps.gutters[at];
                    partings[v * width + u] = maps.partings[at];
                }
            }
        }
        Some(Self { width, height, origin, cell, gutters, partings })
    }

    pub(crate) fn x(&self, column: f32) -> f32 {
        self.origin.0 + column * self.cell
    }

    pub(crate) fn y(&self, row: f32) -> f32 {
        self.origin.1 + row * self.cell
    }

    /// The boxes of what hangs together, columns and rows of cells.
    pub(crate) fn pieces(&self) -> Vec<(Range<usize>, Range<usize>)> {
        let parts = self.gutters.iter().zip(&self.partings);
        let shown: Vec<bool> = parts.map(|(g, p)| *g >= SURE || *p >= SURE).collect();
        pieces(&shown, self.width)
    }

    /// The cells between two level places, at least one.
    pub(crate) fn between(&self, from: f32, to: f32, origin: f32, most: usize) -> Range<usize> {
        let cell = |v: f32| ((v - origin) / self.cell).max(0.0) as usize;
        let first = cell(from).min(most.saturating_sub(1));
        first..(cell(to) + 1).clamp(first + 1, most)
    }

    /// How much of a gutter shows along a height near `x`, level pixels.
    pub(crate) fn gutter_along(&self, x: f32, near: f32, from: f32, to: f32) -> f32 {
        let xs = self.between(x - near, x + near, self.origin.0, self.width);
        let ys = self.between(from, to, self.origin.1, self.height);
        let rows = ys.len() as f32;
        let best = |y: usize| {
            self.gutters[y * self.width..][xs.clone()].iter().copied().fold(0.0, f32::max)
        };
        ys.map(best).sum::<f32>() / rows
    }

    /// How much of a gutter lies between two places along a height, level pixels.
    pub(crate) fn gutter_between(&self, a: f32, b: f32, from: f32, to: f32) -> f32 {
        let xs = self.between(a.min(b), a.max(b), self.origin.0, self.width);
        self.share(&self.gutters, xs, self.between(from, to, self.origin.1, self.height))
    }

    /// How much of a box parts the cells of a table, level pixels.
    pub(crate) fn table_in(&self, x0: f32, x1: f32, from: f32, to: f32) -> f32 {
        let xs = self.between(x0, x1, self.origin.0, self.width);
        let ys = self.between(from, to, self.origin.1, self.height);
        let all = (xs.len() * ys.len()).max(1) as f32;
        let at = |y: usize, x: usize| {
            let at = y * self.width + x;
            self.gutters[at].max(self.partings[at])
        };
        ys.map(|y| xs.clone().map(|x| at(y, x)).sum::<f32>()).sum::<f32>() / all
    }

    /// How surely there is a table around `x` along a height, level pixels.
    pub(crate) fn table_around(&self, x: f32, reach: f32, from: f32, to: f32) -> f32 {
        let xs = self.between(x - reach, x + reach, self.origin.0, self.width);
        let ys = self.between(from, to, self.origin.1, self.height);
        self.share(&self.gutters, xs.clone(), ys.clone()).max(self.share(&self.partings, xs, ys))
    }

    /// The mean of some places of a map.
    pub(crate) fn share(&self, map: &[f32], xs: Range<usize>, ys: Range<usize>) -> f32 {
        let all = (xs.len() * ys.len()).max(1) as f32;
        let sum =
            |y: usize| map[y * self.width + xs.start..y * self.width + xs.end].iter().sum::<f32>();
        ys.map(sum).sum::<f32>() / all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::Maps;

    #[test]
    fn a_finder_without_these_maps_sees_no_table() {
        let maps = Maps { width: 9, height: 9, core: vec![0.0; 81], ..Maps::default() };
        assert!(Field::of(&Found { maps, cell: 4.0 }, &Level::of_slope(0.0)).is_none());
    }
}
