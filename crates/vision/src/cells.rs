//! Cells: what the finder missed in the cells of ruled tables.
//!
//! A lone figure in a cell is little for a net that looks at a whole page, but what stands between
//! four rules is hardly anything but text: rows of ink in a cell that no band covers become bands,
//! and less has to speak for them.

use crate::Gray;
use crate::bands::Band;
use crate::curve::Curve;
use crate::evidence::Evidence;
use crate::layout::{Grid, GridCell, Level, median};

/// Ink is this much darker than the cell's paper.
const CONTRAST: u8 = 60;
/// Blank rows, in core heights, inside one line's ink: between a base and a mark above it.
const LEAP: f32 = 0.2;
/// Height of a line's ink, in core heights: from a dash to a stack with all its marks.
const HEIGHT: std::ops::Range<f32> = 0.6..3.4;
/// Least width, in core heights: a thin digit.
const WIDTH: f32 = 0.15;
/// Lines smaller than this, in the page's core, must be read more surely.
const SMALL: f32 = 0.7;
/// Least strength of a missed line's strokes, in those of the page's print...
const FAINT: f32 = 0.5;
/// ...that of one that the finder saw: it takes edges of tints for lines too...
const PALE: f32 = 0.38;
/// ...and least trust in the core of one that it missed.
const CLEAR: f32 = 0.5;
/// What a stamp covers in a cell must be read so surely.
const CLEARLY: f32 = 0.9;
/// Nearest that the middle of a missed line lies to that of a band, in core heights.
const APART: f32 = 1.5;

/// Bands for the rows of ink in cells that no band covers.
#[must_use]
pub(crate) fn missed(page: &Gray, bands: &[Band], grids: &[Grid], level: &Level) -> Vec<Band> {
    let mut out = Vec::new();
    for grid in grids {
        let inside = |b: &&Band| {
            let x = f32::midpoint(b.curve.from, b.curve.to);
            let (x, y) = level.level(x, b.curve.at(x));
            grid.rect.x0 < x && x < grid.rect.x1 && grid.rect.y0 < y && y < grid.rect.y1
        };
        let own: Vec<&Band> = bands.iter().filter(inside).collect();
        if own.len() < 3 {
            continue;
        }
        let core = median(own.iter().map(|b| b.core).collect());
        for cell in &grid.cells {
            out.extend(missed_in(page, bands, cell, level, core));
        }
    }
    out
}

/// Whether so little is enough in a cell. Specks fill cells too: what the finder did not see must be
/// as strong as print and have letters.
#[must_use]
pub(crate) fn is_text(why: &Evidence) -> bool {
    let least = if why.found && why.size > SMALL { 0.4 } else { 0.5 };
    let missed = why.ink > FAINT && why.trust > CLEAR && why.letters * 2 >= why.signs;
    let stamped = why.confidence > CLEARLY && why.letters > 2;
    let print = if why.found { why.ink > PALE } else { missed };
    why.signs > 0
        && print
        && !why.is_specks()
        && why.confidence > least
        && (why.figure < 0.5 || stamped)
        && (0.5..2.0).contains(&why.size)
}

/// Whether something stands there that may be a sign, whatever was read: no speck, no edge of a tint.
#[must_use]
pub(crate) fn may_be_print(why: &Evidence) -> bool {
    why.ink > PALE && why.trust > CLEAR && why.figure < 0.5
}

/// The rows of ink of one cell that no band covers.
fn missed_in(page: &Gray, bands: &[Band], cell: &GridCell, level: &Level, core: f32) -> Vec<Band> {
    let margin = 0.2 * core + 2.0;
    let (left, top) = (cell.rect.x0 + margin, cell.rect.y0 + margin);
    let size = |from: f32, to: f32| (to - margin - from).max(0.0) as usize;
    let (width, height) = (size(left, cell.rect.x1), size(top, cell.rect.y1));
    if width < 3 || (height as f32) < HEIGHT.start * core {
        return Vec::new();
    }
    let picture = levelled(page, level, (left, top), width, height);
    let ink = ink_below(&picture);
    let dark = |x: usize, y: usize| picture.pixels[y * width + x] < ink;
    let mut out = Vec::new();
    for (y0, y1) in runs((0..height).map(|y| (0..width).any(|x| dark(x, y))), LEAP * core) {
        let inked = |x: &usize| (y0..y1).any(|y| dark(*x, y));
        let (Some(x0), Some(x1)) = ((0..width).find(inked), (0..width).rfind(inked)) else {
            continue;
        };
        let tall = (y1 - y0) as f32 / core;
        let wide = (x1 + 1 - x0) as f32;
        // Letters stand on the baseline; a stack reaches as far below it as above.
        let middle = if tall < 1.7 { y1 as f32 - 0.5 * core } else { (y0 + y1) as f32 / 2.0 };
        let (x, y) = level.page(left + f32::midpoint(x0 as f32, x1 as f32 + 1.0), top + middle);
        let (from, to) = (x - wide / 2.0, x + wide / 2.0);
        let covered = bands.iter().any(|b| {
            let aside = (b.curve.from - to).max(from - b.curve.to);
            (b.curve.at(x) - y).abs() < APART * core && aside < 0.5 * core
        });
        if covered || !HEIGHT.contains(&tall) || wide < WIDTH * core {
            continue;
        }
        let curve = Curve::straight(from, to, y, level.slope());
        out.push(Band { curve, core, score: 0.5, points: Vec::new() });
    }
    out
}

/// A part of the page turned level.
fn levelled(page: &Gray, level: &Level, at: (f32, f32), width: usize, height: usize) -> Gray {
    let mut out = Gray::filled(width, height, 255);
    for y in 0..height {
        for x in 0..width {
            let (px, py) = level.page(at.0 + x as f32 + 0.5, at.1 + y as f32 + 0.5);
            if px >= 0.0 && py >= 0.0 && (px as usize) < page.width && (py as usize) < page.height {
                out.pixels[y * width + x] = page.pixels[py as usize * page.width + px as usize];
            }
        }
    }
    out
}

/// Darker than this is ink: less than the paper of the place, which most of it is.
fn ink_below(picture: &Gray) -> u8 {
    let mut counts = [0usize; 256];
    picture.pixels.iter().for_each(|&v| counts[usize::from(v)] += 1);
    let mut left = picture.pixels.len() / 2;
    let paper = counts.iter().position(|&n| {
        let here = n > left;
        left = left.saturating_sub(n);
        here
    });
    (paper.unwrap_or(255) as u8).saturating_sub(CONTRAST)
}

/// Stretches `from..to` of what is true, shorter gaps than `leap` within.
fn runs(marks: impl Iterator<Item = bool>, leap: f32) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    for (i, _) in marks.enumerate().filter(|m| m.1) {
        match out.last_mut() {
            Some(last) if ((i - last.1) as f32) <= leap => last.1 = i + 1,
            _ => out.push((i, i + 1)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use khocr_document::Rect;

    #[test]
    fn the_edge_of_a_tint_that_the_finder_takes_for_a_line_is_no_text() {
        let figure = Evidence {
            confidence: 0.8,
            signs: 2,
            letters: 2,
            size: 0.9,
            length: 2.0,
            band: 0.7,
            found: true,
            ink: 0.9,
            ..Evidence::default()
        };
        assert!(is_text(&figure));
        assert!(may_be_print(&Evidence { confidence: 0.1, trust: 1.0, ..figure }));
        assert!(!may_be_print(&Evidence { trust: 0.2, ..figure }));
        assert!(!is_text(&Evidence { ink: 0.25, ..figure }));
    }

    fn block(page: &mut Gray, x: (usize, usize), y: (usize, usize)) {
        let width = page.width;
        for y in y.0..y.1 {
            page.pixels[y * width + x.0..y * width + x.1].fill(0);
        }
    }

    fn band(from: f32, to: f32, y: f32) -> Band {
        let points = vec![(from, y, 1.0)];
        Band { curve: Curve::straight(from, to, y, 0.0), core: 20.0, score: 1.0, points }
    }

    /// Cells of 100 by 100 from `left` on.
    fn grid(left: f32, rows: usize, columns: usize) -> Grid {
        let cell = |i: usize| {
            let (row, column) = (i / columns, i % columns);
            let (x, y) = (left + column as f32 * 100.0, row as f32 * 100.0);
            let rect = Rect::new(x, y, x + 100.0, y + 100.0);
            GridCell { row, column, row_span: 1, column_span: 1, rect, lines: Vec::new() }
        };
        let rect = Rect::new(left, 0.0, left + columns as f32 * 100.0, rows as f32 * 100.0);
        Grid { rect, rows, columns, cells: (0..rows * columns).map(cell).collect() }
    }

    #[test]
    fn a_lone_figure_in_a_cell_becomes_a_band() {
        let mut page = Gray::filled(400, 200, 255);
        // A row of words with bands, a figure without, a speck.
        for x in [20, 120, 220] {
            block(&mut page, (x, x + 60), (40, 60));
        }
        block(&mut page, (345, 357), (36, 60));
        block(&mut page, (350, 352), (150, 152));
        let bands = [20.0, 120.0, 220.0].map(|x| band(x, x + 60.0, 50.0));
        let found = missed(&page, &bands, &[grid(0.0, 2, 4)], &Level::of_slope(0.0));
        assert_eq!(found.len(), 1);
        assert!((found[0].curve.from - 345.0).abs() <= 1.0);
        assert!((found[0].curve.at(350.0) - 50.0).abs() <= 2.0);
    }

    #[test]
    fn the_end_of_a_line_that_begins_outside_the_table_is_not_read_again() {
        let mut page = Gray::filled(400, 300, 255);
        let mut bands = vec![band(20.0, 280.0, 50.0)];
        block(&mut page, (20, 280), (40, 60));
        for y in [50, 150, 250] {
            block(&mut page, (320, 380), (y - 10, y + 10));
            bands.push(band(320.0, 380.0, y as f32));
        }
        let table = grid(200.0, 3, 2);
        let level = Level::of_slope(0.0);
        assert!(missed(&page, &bands, std::slice::from_ref(&table), &level).is_empty());
        bands.remove(0);
        assert_eq!(missed(&page, &bands, &[table], &level).len(), 1);
    }
}
