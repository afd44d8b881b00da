//! Tints: where a page is tinted, how dark, and what its paper would be there.
//!
//! Measured over cells of a small picture of the page: a cell's level is its median, its white the lightest
//! that its surroundings hold. So a shadow, whose paper is dark for a long way, is no tint.

use std::ops::Range;

use crate::Gray;

/// Side of a cell and of the square around it that is measured, in pixels.
const CELL: usize = 8;
const AROUND: usize = 20;
/// How far around a cell white is looked for, in cells: tints are lower than this, shadows wider.
const REACH: usize = 7;
/// What is lighter than all but this share of a square is its white...
const WHITE: f32 = 0.9;
/// ...and darker than all but this its grain.
const GRAIN: f32 = 0.16;
/// Tints, in the white there: darker is no paper, lighter has no light print...
const TINT: Range<f32> = 0.5..0.82;
/// ...and so many grays darker than white, and times its grain.
const DARKER: f32 = 40.0;
const CLEAR: f32 = 6.0;
/// A page may be tinted where more than this share of it is of a gray in between, and so many pixels of the small
/// picture to the right and below hardly another one.
const LITTLE: f32 = 0.002;
const MIDDLING: Range<u8> = 80..215;
const STEP: usize = 4;
const ALIKE: u8 = 12;
/// Cells beside a tint belong to it so far, if so many tinted ones are near.
const BESIDE: usize = 2;
const FEWEST: usize = 4;

/// A cell of the page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    /// Its gray; on a tint and just beside it, the tint's.
    pub(crate) level: f32,
    /// The gray of paper there.
    pub(crate) white: f32,
    /// Whether it is tinted.
    pub(crate) is_tint: bool,
}

/// The cells of a small picture.
pub(crate) struct Tints {
    columns: usize,
    cells: Vec<Cell>,
}

impl Tints {
    /// Those of a picture; `None` where it has no tints.
    pub(crate) fn of(small: &Gray) -> Option<Self> {
        let (columns, rows) = (small.width.div_ceil(CELL), small.height.div_ceil(CELL));
        let measured: Vec<(f32, f32, f32)> =
            (0..columns * rows).map(|i| measure(small, i % columns, i / columns)).collect();
        let cells = measured.iter().enumerate().map(|(i, &(level, _, grain))| {
            let near = around(measured.chunks(columns), i % columns, i / columns, REACH);
            let white = near.map(|m| m.1).fold(1.0, f32::max);
            let darker = white - level;
            let is_tint =
                TINT.contains(&(level / white)) && darker > DARKER && darker > CLEAR * grain;
            Cell { level, white, is_tint }
        });
        let mut out = Self { columns, cells: cells.collect() };
        if !out.cells.iter().any(|c| c.is_tint) {
            return None;
        }
        out.cells = (0..columns * rows).map(|i| out.of_most_around(i)).collect();
        Some(out)
    }

    /// The cell that a pixel lies in.
    pub(crate) fn at(&self, x: usize, y: usize) -> Cell {
        self.cells[y / CELL * self.columns + x / CELL]
    }

    /// A cell, on and just beside a tint as most tinted ones around are: at a tint's edge paper counts in.
    fn of_most_around(&self, i: usize) -> Cell {
        let rows = self.cells.chunks(self.columns);
        let near = around(rows, i % self.columns, i / self.columns, BESIDE);
        let mut tints: Vec<Cell> = near.filter(|c| c.is_tint).copied().collect();
        if tints.len() < FEWEST {
            return Cell { is_tint: false, ..self.cells[i] };
        }
        let middle = tints.len() / 2;
        *tints.select_nth_unstable_by(middle, |a, b| a.level.total_cmp(&b.level)).1
    }
}

/// Whether enough of a page is of one middling gray around: most need not be looked at closer. `by`: how
/// many of its pixels make one of the small picture.
pub(crate) fn may_be_tinted(page: &Gray, by: usize) -> bool {
    let away = STEP * by;
    let (mut seen, mut flat) = (0, 0);
    for y in (0..page.height.saturating_sub(away)).step_by(2 * by) {
        let (row, below) = (page.row(y), page.row(y + away));
        for x in (0..page.width.saturating_sub(away)).step_by(2 * by) {
            let v = row[x];
            let like = |o: u8| v.abs_diff(o) <= ALIKE;
            seen += 1;
            flat += usize::from(MIDDLING.contains(&v) && like(row[x + away]) && like(below[x]));
        }
    }
    flat as f32 > LITTLE * seen as f32
}

/// Median, white and grain of the square around a cell.
fn measure(small: &Gray, column: usize, row: usize) -> (f32, f32, f32) {
    let span = |at: usize, end: usize| {
        let middle = at * CELL + CELL / 2;
        middle.saturating_sub(AROUND / 2).min(end)..(middle + AROUND / 2).min(end)
    };
    let (xs, ys) = (span(column, small.width), span(row, small.height));
    let rows = ys.step_by(2);
    let mut values: Vec<u8> =
        rows.flat_map(|y| small.row(y)[xs.clone()].iter().step_by(2).copied()).collect();
    if values.is_empty() {
        return (255.0, 255.0, 0.0);
    }
    values.sort_unstable();
    let at = |share: f32| f32::from(values[(share * (values.len() - 1) as f32) as usize]);
    (at(0.5), at(WHITE), at(0.5) - at(GRAIN))
}

/// The cells of these rows so near to one.
fn around<'a, T: 'a>(
    rows: impl Iterator<Item = &'a [T]>,
    x: usize,
    y: usize,
    near: usize,
) -> impl Iterator<Item = &'a T> {
    let rows = rows.skip(y.saturating_sub(near)).take(near + 1 + near.min(y));
    rows.flat_map(move |r| r.iter().take(x + near + 1).skip(x.saturating_sub(near)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_gray_is_a_tint_and_a_shadow_is_none() {
        let mut page = Gray::filled(400, 300, 250);
        for y in 100..140 {
            page.pixels[y * 400 + 20..y * 400 + 380].fill(170);
        }
        let tints = Tints::of(&page).unwrap();
        let cell = tints.at(200, 120);
        assert!(cell.is_tint && cell.level == 170.0 && cell.white == 250.0, "{cell:?}");
        let edge = tints.at(200, 138);
        assert!(edge.is_tint && edge.level == 170.0, "{edge:?}");
        assert!(!tints.at(200, 200).is_tint);
        let shade = |i: usize| 250 - (i % 400 / 3) as u8;
        let shadow = Gray { width: 400, height: 300, pixels: (0..400 * 300).map(shade).collect() };
        assert!(Tints::of(&shadow).is_none());
    }

    #[test]
    fn grain_and_dark_print_make_no_tint() {
        let mut seed = 5u32;
        let mut page = Gray::filled(400, 300, 250);
        for v in &mut page.pixels[100 * 400..140 * 400] {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *v = 160 + (seed >> 25) as u8 % 80;
        }
        assert!(Tints::of(&page).is_none());
    }
}
