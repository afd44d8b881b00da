//! Ticks: boxes to tick that stand below each other begin columns of a form, however near the text before
//! them comes.

use std::ops::Range;

use crate::bands::Band;
use crate::grow::pieces;
use crate::rules::Rule;
use crate::{Gray, ink};

/// Sides of a box, in core heights.
const SIDE: Range<f32> = 0.6..1.8;
/// How many times as wide as high, and as high as wide, at most.
const SQUARE: f32 = 1.35;
/// Share of its outline that shows, corners above all: a nought has none.
const DRAWN: f32 = 0.9;
/// How far inside its outline it is empty, as a share of its side, and what may be inked there.
const INSIDE: (f32, f32) = (0.3, 0.05);
/// So much white stands before and after it, in core heights: letters like boxes stand closer.
const FREE: (f32, f32) = (0.12, 0.35);
/// Boxes of a column begin this near to one line down, in core heights, and are as much alike...
const IN_LINE: f32 = 0.35;
const ALIKE: f32 = 0.2;
/// ...and are this far apart at most.
const NEXT: f32 = 16.0;
/// How far above and below a line's middle its boxes reach, in core heights.
const REACH: f32 = 1.2;
/// How far before its box a wall stands, in core heights.
const BEFORE: f32 = 0.25;

/// A box, page pixels.
#[derive(Clone, Copy, Debug)]
struct Tick {
    x: f32,
    y0: f32,
    y1: f32,
    core: f32,
}

/// What parts such columns from the text before them: a piece a box, page pixels.
pub(crate) fn walls(page: &Gray, bands: &[Band]) -> Vec<Rule> {
    let all: Vec<Tick> = bands.iter().flat_map(|b| ticks(page, b)).collect();
    let below = |a: &Tick, b: &Tick| {
        let far = (a.y0 - b.y0).abs();
        let alike = (a.y1 - a.y0 - b.y1 + b.y0).abs() < ALIKE * a.core;
        let in_line = (a.x - b.x).abs() < IN_LINE * a.core;
        alike && in_line && far > a.core && far < NEXT * a.core
    };
    let in_column = all.iter().filter(|a| all.iter().any(|b| below(a, b)));
    let wall = |t: &Tick| Rule {
        from: t.y0 - 0.5 * t.core,
        to: t.y1 + 0.5 * t.core,
        at: t.x - BEFORE * t.core,
        thick: 1.0,
    };
    in_column.map(wall).collect()
}

/// The boxes in a line, wherever in it.
fn ticks(page: &Gray, band: &Band) -> Vec<Tick> {
    let core = band.core;
    let (from, to) = ((band.curve.from - core).max(0.0), band.curve.to + core);
    let ends = [from, f32::midpoint(from, to), to].map(|x| band.curve.at(x));
    let high = ends.into_iter().fold(f32::MAX, f32::min) - REACH * core;
    let low = ends.into_iter().fold(0.0, f32::max) + REACH * core;
    let (left, top) = (from as usize, high.max(0.0) as usize);
    let (right, foot) = ((to as usize).min(page.width), (low.max(0.0) as usize).min(page.height));
    if left >= right || top >= foot {
        return Vec::new();
    }
    let dark = ink::of(page, band);
    let mut inked = Vec::with_capacity((right - left) * (foot - top));
    for y in top..foot {
        inked.extend(page.row(y)[left..right].iter().map(|v| *v < dark));
    }
    let mask = Mask { width: right - left, inked };
    let is_box = |(xs, ys): &(Range<usize>, Range<usize>)| mask.is_box(xs, ys, core);
    let tick = |(xs, ys): (Range<usize>, Range<usize>)| Tick {
        x: (left + xs.start) as f32,
        y0: (top + ys.start) as f32,
        y1: (top + ys.end) as f32,
        core,
    };
    pieces(&mask.inked, mask.width).into_iter().filter(is_box).map(tick).collect()
}

/// The ink around a line.
struct Mask {
    width: usize,
    inked: Vec<bool>,
}

impl Mask {
    /// Whether a piece with these columns and rows is an empty square's outline.
    fn is_box(&self, xs: &Range<usize>, ys: &Range<usize>, core: f32) -> bool {
        let (w, h) = (xs.len() as f32, ys.len() as f32);
        let square = w.max(h) < SQUARE * w.min(h);
        if !square || ![w, h].iter().all(|s| SIDE.contains(&(s / core))) {
            return false;
        }
        let white = |columns: Range<usize>| self.inked(columns, ys.clone()).1 == 0;
        let (before, after) = ((FREE.0 * core).ceil() as usize, (FREE.1 * core).ceil() as usize);
        let inside = |r: &Range<usize>| {
            let away = (INSIDE.0 * r.len() as f32) as usize;
            r.start + away..r.end - away
        };
        let (all, inked) = self.inked(inside(xs), inside(ys));
        white(xs.start.saturating_sub(before)..xs.start)
            && white(xs.end..(xs.end + after).min(self.width))
            && inked as f32 <= INSIDE.1 * all as f32
            && self.outline(xs, ys) >= DRAWN
    }

    /// How many places there are in these columns and rows, and how many are inked.
    fn inked(&self, xs: Range<usize>, ys: Range<usize>) -> (usize, usize) {
        let count = |y: usize| {
            self.inked[y * self.width..][xs.clone()].iter().filter(|inked| **inked).count()
        };
        (xs.len() * ys.len(), ys.map(count).sum())
    }

    /// The share of a box's outline that shows; a pixel or two off the straight is none the less.
    fn outline(&self, xs: &Range<usize>, ys: &Range<usize>) -> f32 {
        let near = (xs.len() / 6).max(1);
        let sides = |r: &Range<usize>| [r.start..r.start + near, r.end - near..r.end];
        let shows = |xs: Range<usize>, ys: Range<usize>| usize::from(self.inked(xs, ys).1 > 0);
        let level: usize = sides(ys)
            .into_iter()
            .flat_map(|s| xs.clone().map(move |x| shows(x..x + 1, s.clone())))
            .sum();
        let upright: usize = sides(xs)
            .into_iter()
            .flat_map(|s| ys.clone().map(move |y| shows(s.clone(), y..y + 1)))
            .sum();
        (level + upright) as f32 / (2 * (xs.len() + ys.len())) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Curve;

    fn line(y: f32) -> Band {
        let curve = Curve::straight(20.0, 380.0, y, 0.0);
        Band { curve, core: 16.0, score: 1.0, points: Vec::new() }
    }

    /// Outlines of squares of 16 pixels with these top left corners.
    fn page(boxes: &[(usize, usize)]) -> Gray {
        let mut page = Gray::filled(400, 300, 255);
        for &(x, y) in boxes {
            for i in 0..16 {
                for (dx, dy) in [(i, 0), (i, 15), (0, i), (15, i)] {
                    page.pixels[(y + dy) * 400 + x + dx] = 0;
                }
            }
        }
        page
    }

    #[test]
    fn boxes_below_each_other_begin_a_column() {
        let walls = walls(&page(&[(200, 42), (201, 92)]), &[line(50.0), line(100.0)]);
        assert_eq!(walls.len(), 2);
        assert!(walls.iter().all(|w| w.at > 194.0 && w.at < 200.0));
        assert!(walls[0].from < 42.0 && walls[0].to > 58.0);
    }

    #[test]
    fn a_box_alone_or_a_filled_one_parts_nothing() {
        let bands = [line(50.0), line(100.0)];
        assert!(walls(&page(&[(200, 42), (240, 92)]), &bands).is_empty());
        let mut filled = page(&[(200, 42), (200, 92)]);
        for y in 42..110 {
            filled.pixels[y * 400 + 200..y * 400 + 216].fill(0);
        }
        assert!(walls(&filled, &bands).is_empty());
    }

    #[test]
    fn letters_like_boxes_stand_closer_to_the_next() {
        let mut page = page(&[(200, 42), (201, 92)]);
        for y in (42..58).chain(92..108) {
            page.pixels[y * 400 + 219] = 0;
        }
        assert!(walls(&page, &[line(50.0), line(100.0)]).is_empty());
    }

    #[test]
    fn noughts_are_no_boxes() {
        let mut page = page(&[(200, 42), (200, 92)]);
        for top in [42, 92] {
            for (x, y) in [(0, 0), (15, 0), (0, 15), (15, 15)] {
                for (dx, dy) in [(0, 0), (1, 0), (0, 1), (2, 0), (0, 2), (3, 0), (0, 3)] {
                    let (x, y): (usize, usize) = (x, y);
                    let (x, y) = (x.abs_diff(dx), y.abs_diff(dy));
                    page.pixels[(top + y) * 400 + 200 + x] = 255;
                }
            }
        }
        assert!(walls(&page, &[line(50.0), line(100.0)]).is_empty());
    }
}
