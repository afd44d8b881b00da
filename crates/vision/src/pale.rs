//! Pale: pages whose print is far from black, made darker where it is.
//!
//! The finder misses words of pale print, and what is told from ink of a fixed darkness does not see
//! them at all. Headings on the same page may be black, and blurred ones would run together if they
//! were made darker still: so it is asked tile by tile.

use crate::bands::Band;
use crate::look::{by_length, typical_core};
use crate::{Gray, ink};

/// A page whose strokes are lighter than this is pale. From 100 on, drawn photographs lose more to their
/// grain than they gain.
const PALE: f32 = 160.0;
/// What strokes become.
const BLACK: f32 = 70.0;
/// What paper is, once it is even.
const PAPER: f32 = 250.0;
/// What the paper's grain, of a step at least, may become.
const GRAIN: f32 = 8.0;
/// Hardly worth it below this.
const LEAST: f32 = 1.2;
/// Side of a tile, in core heights.
const TILE: f32 = 2.0;
/// This share of a tile's pixels are its strokes...
const STROKES: f32 = 0.04;
/// ...and of a page's on which no line is seen.
const DARKEST: f32 = 0.01;
/// The core height of such a page's lines, as a share of its longer side.
const CORE: f32 = 0.015;
/// Side of the squares over which the paper's grain is measured, in pixels.
const SQUARE: usize = 16;

/// The page with these lines, its pale print made black; `None` where it has none.
pub(crate) fn strengthened(page: &Gray, bands: &[Band]) -> Option<Gray> {
    let longer = page.width.max(page.height);
    let (strokes, core) = match strokes(page, bands) {
        Some(strokes) => (strokes, typical_core(bands)),
        None => {
            let dark = percentile(&counts(page, (0, 0), longer), DARKEST);
            (f32::from(dark), CORE * longer as f32)
        }
    };
    if strokes <= PALE {
        return None;
    }
    let most = gain(strokes).min(GRAIN / grain(page).max(1.0));
    if most < LEAST {
        return None;
    }
    let side = (TILE * core).max(4.0) as usize;
    Some(Gains::of(page, side, most).applied(page))
}

/// How dark the strokes of the page's lines are, weighted by length; `None` without long lines.
fn strokes(page: &Gray, bands: &[Band]) -> Option<f32> {
    let mut long = bands.iter().filter(|b| b.length() > 5.0 * b.core).peekable();
    long.peek()?;
    Some(by_length(long, |b| f32::from(ink::strokes(page, b))))
}

/// How far pixels of the paper stray from its level: from the median to the 16th percentile, in the
/// quietest quarter of the page.
fn grain(page: &Gray) -> f32 {
    let mut spreads = Vec::new();
    for top in (0..page.height.saturating_sub(SQUARE)).step_by(SQUARE) {
        for left in (0..page.width.saturating_sub(SQUARE)).step_by(SQUARE) {
            let counts = counts(page, (left, top), SQUARE);
            let at = |share| f32::from(percentile(&counts, share));
            spreads.push(at(0.5) - at(0.16));
        }
    }
    spreads.sort_by(f32::total_cmp);
    spreads.get(spreads.len() / 4).copied().unwrap_or(0.0)
}

/// How often each darkness occurs in a square from (left, top) on.
fn counts(page: &Gray, (left, top): (usize, usize), side: usize) -> [usize; 256] {
    let mut out = [0; 256];
    for y in top..(top + side).min(page.height) {
        let row = &page.row(y)[left..(left + side).min(page.width)];
        row.iter().for_each(|v| out[usize::from(*v)] += 1);
    }
    out
}

/// The value that this share of what was counted does not exceed.
fn percentile(counts: &[usize; 256], share: f32) -> u8 {
    let all: usize = counts.iter().sum();
    let mut seen = 0;
    let at = counts.iter().position(|n| {
        seen += n;
        seen as f32 >= share * all as f32
    });
    at.unwrap_or(255) as u8
}

/// What makes strokes of this darkness black.
fn gain(strokes: f32) -> f32 {
    (PAPER - BLACK) / (PAPER - strokes).max(1.0)
}

/// By how much the contrast is raised, tile by tile.
struct Gains {
    side: usize,
    columns: usize,
    rows: usize,
    values: Vec<f32>,
}

impl Gains {
    /// At most `most`, and no more than what is darkest in a tile or beside it takes.
    fn of(page: &Gray, side: usize, most: f32) -> Self {
        let (columns, rows) = (page.width.div_ceil(side), page.height.div_ceil(side));
        let own = |i: usize| {
            let place = (i % columns * side, i / columns * side);
            let dark = percentile(&counts(page, place, side), STROKES);
            gain(f32::from(dark)).clamp(1.0, most)
        };
        let own: Vec<f32> = (0..columns * rows).map(own).collect();
        let around = |i: usize| {
            let (x, y) = (i % columns, i / columns);
            let beside = x.saturating_sub(1)..(x + 2).min(columns);
            let near = (y.saturating_sub(1)..(y + 2).min(rows))
                .flat_map(|y| beside.clone().map(move |x| y * columns + x));
            near.map(|i| own[i]).fold(most, f32::min)
        };
        let values = (0..own.len()).map(around).collect();
        Self { side, columns, rows, values }
    }

    /// The two tiles between whose middles a pixel lies, and how far it is from the first.
    fn between(&self, pixel: usize, tiles: usize) -> (usize, usize, f32) {
        let at = ((pixel as f32 + 0.5) / self.side as f32 - 0.5).clamp(0.0, (tiles - 1) as f32);
        let first = at as usize;
        (first, (first + 1).min(tiles - 1), at - first as f32)
    }

    fn applied(&self, page: &Gray) -> Gray {
        let mut out = page.clone();
        let across: Vec<_> = (0..page.width).map(|x| self.between(x, self.columns)).collect();
        for (y, row) in out.pixels.chunks_exact_mut(page.width).enumerate() {
            let (top, foot, fy) = self.between(y, self.rows);
            let mixed = |c: usize| {
                let value = |r: usize| self.values[r * self.columns + c];
                value(top) * (1.0 - fy) + value(foot) * fy
            };
            let mixed: Vec<f32> = (0..self.columns).map(mixed).collect();
            for (v, (left, right, fx)) in row.iter_mut().zip(&across) {
                let gain = mixed[*left] * (1.0 - fx) + mixed[*right] * fx;
                *v = (PAPER - (PAPER - f32::from(*v)) * gain).clamp(0.0, 255.0) as u8;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Curve;

    /// Lines of strokes at 50 (heading), 150 and 200, of the given darkness, and their bands.
    fn page(inks: [u8; 3]) -> (Gray, Vec<Band>) {
        let mut page = Gray::filled(400, 260, 250);
        let mut bands = Vec::new();
        for (top, ink) in [50, 150, 200].into_iter().zip(inks) {
            for y in top..top + 10 {
                for x in (40..360).filter(|x| x % 6 < 2) {
                    page.pixels[y * 400 + x] = ink;
                }
            }
            let curve = Curve::straight(40.0, 360.0, top as f32 + 5.0, 0.0);
            bands.push(Band { curve, core: 10.0, score: 1.0, points: Vec::new() });
        }
        (page, bands)
    }

    #[test]
    fn pale_print_becomes_black_and_a_black_heading_stays() {
        let (page, bands) = page([60, 200, 200]);
        let strong = strengthened(&page, &bands).unwrap();
        let at = |x: usize, y: usize| strong.pixels[y * 400 + x];
        assert!(at(198, 155) < 90, "{}", at(198, 155));
        assert_eq!(at(198, 55), 60);
        assert_eq!(at(200, 155), 250, "paper");
    }

    #[test]
    fn good_print_stays_as_it_is() {
        let (page, bands) = page([200, 120, 120]);
        assert!(strengthened(&page, &bands).is_none());
        assert!(strengthened(&page, &[]).is_none());
    }

    #[test]
    fn print_too_pale_for_any_line_becomes_black_too() {
        let (page, _) = page([225; 3]);
        let strong = strengthened(&page, &[]).unwrap();
        assert!(strong.pixels[155 * 400 + 198] < 110, "{}", strong.pixels[155 * 400 + 198]);
        assert!(strengthened(&Gray::filled(400, 260, 252), &[]).is_none_or(|p| p.pixels[0] > 240));
    }

    #[test]
    fn grain_is_not_made_into_ink() {
        let (mut page, bands) = page([200; 3]);
        for (i, v) in page.pixels.iter_mut().enumerate() {
            *v = v.saturating_sub((i * 7919 % 31) as u8);
        }
        assert!(strengthened(&page, &bands).is_none());
    }
}
