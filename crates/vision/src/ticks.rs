//! Ticks: boxes to tick that stand below each other begin columns of a form, however near the text before
//! them comes.

use crate::bands::Band;
use crate::rules::Rule;
use crate::{Gray, ink};

/// Sides of a box, in core heights.
const SIDE: std::ops::Range<f32> = 0.6..1.8;
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
    let inked = (top..foot).flat_map(|y| page.row(y)[left..right].iter().map(|v| *v < dark));
    let mask = Mask { width: right - left, inked: inked.collect() };
    let tick = |p: Piece| Tick {
        x: (left + p.x0) as f32,
        y0: (top + p.y0) as f32,
        y1: (top + p.y1) as f32,
        core,
    };
    mask.pieces().into_iter().filter(|p| mask.is_box(p, core)).map(tick).collect()
}

/// The box around what hangs together, ends past the last pixel.
#[derive(Clone, Copy)]
struct Piece {
    x0: usize,
    x1: usize,
    y0: usize,
    y1: usize,
}

/// The ink around a line.
struct Mask {
    width: usize,
    inked: Vec<bool>,
}

impl Mask {
    fn pieces(&self) -> Vec<Piece> {
        let (w, h) = (self.width, self.inked.len() / self.width);
        let mut left = self.inked.clone();
        let (mut out, mut stack) = (Vec::new(), Vec::new());
        for start in 0..left.len() {
            if !std::mem::take(&mut left[start]) {
                continue;
            }
            let mut piece = Piece { x0: w, x1: 0, y0: h, y1: 0 };
            stack.push(start);
            while let Some(at) = stack.pop() {
                let (x, y) = (at % w, at / w);
                (piece.x0, piece.x1) = (piece.x0.min(x), piece.x1.max(x + 1));
                (piece.y0, piece.y1) = (piece.y0.min(y), piece.y1.max(y + 1));
                for ny in y.saturating_sub(1)..(y + 2).min(h) {
                    for nx in x.saturating_sub(1)..(x + 2).min(w) {
                        if std::mem::take(&mut left[ny * w + nx]) {
                            stack.push(ny * w + nx);
                        }
                    }
                }
            }
            out.push(piece);
        }
        out
    }

    /// Whether a piece is an empty square's outline.
    fn is_box(&self, p: &Piece, core: f32) -> bool {
        let (w, h) = (p.x1 - p.x0, p.y1 - p.y0);
        let sides = [w, h].map(|s| s as f32);
        let square = sides[0].max(sides[1]) < SQUARE * sides[0].min(sides[1]);
        if !square || !sides.iter().all(|s| SIDE.contains(&(s / core))) {
            return false;
        }
        let at = |x: usize, y: usize| self.inked[y * self.width + x];
        let blank = |from: usize, to: usize| {
            (p.y0..p.y1).all(|y| (from..to.min(self.width)).all(|x| !at(x, y)))
        };
        let (before, after) = ((FREE.0 * core).ceil() as usize, (FREE.1 * core).ceil() as usize);
        if !blank(p.x0.saturating_sub(before), p.x0) || !blank(p.x1, p.x1 + after) {
            return false;
        }
        // An outline a pixel or two off the straight is one.
        let near = (w / 6).max(1);
        let across = |x: usize, y: usize, down: usize| (y..y + down).any(|y| at(x, y));
        let along = |y: usize, x: usize, right: usize| (x..x + right).any(|x| at(x, y));
        let drawn = (p.x0..p.x1)
            .flat_map(|x| [across(x, p.y0, near), across(x, p.y1 - near, near)])
            .chain((p.y0..p.y1).flat_map(|y| [along(y, p.x0, near), along(y, p.x1 - near, near)]));
        let (mut shown, mut all) = (0, 0);
        for on in drawn {
            all += 1;
            shown += usize::from(on);
        }
        let (dx, dy) = ((INSIDE.0 * w as f32) as usize, (INSIDE.0 * h as f32) as usize);
        let inside =
            (p.y0 + dy..p.y1 - dy).flat_map(|y| (p.x0 + dx..p.x1 - dx).map(move |x| (x, y)));
        let (mut filled, mut room) = (0, 0);
        for (x, y) in inside {
            room += 1;
            filled += usize::from(at(x, y));
        }
        shown as f32 >= DRAWN * all as f32 && filled as f32 <= INSIDE.1 * room as f32
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
