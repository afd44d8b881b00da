//! Light print: white print on a tint, made dark, and the tint white.
//!
//! Paper is evened out square by square, and a tint of middling gray becomes paper with it: the dark
//! print that most tints carry gains by that, but white print would vanish. So light strokes that a tint
//! shows all round are turned dark beforehand, where they stand. Print on what is too dark for paper
//! is left alone: it stays light.

use std::ops::Range;

use crate::Gray;
use crate::grow::{around, grow, taken};
use crate::tints::{Cell, Tints, may_be_tinted};

/// Longest side of the picture in which strokes are looked for.
const LONGEST: usize = 1200;
/// A stroke is lighter than its tint by this share of what white is.
const LIGHT: f32 = 0.45;
/// Paper is so light, in white.
const PAPER: f32 = 0.87;
/// Sides of a sign, in pixels, its least ink, and that of a full stop.
const HEIGHT: Range<usize> = 2..48;
const WIDTH: usize = 240;
const INK: usize = 6;
const STOP: usize = 3;
/// So many pixels around a sign are its, too: its strokes' edges. The outline of a tint is as thick.
const EDGE: usize = 2;
/// Print has hardly a pixel around it that is darker than the tint by this share of what white is
/// lighter, in its own pixels.
const DARKER: f32 = 0.3;
const DARK: f32 = 0.2;
/// So many signs stand in a row, fewer on the same tint: what runs together and is so high counts as many.
const SIGNS: usize = 3;
const TALL: usize = 5;
/// Signs of a row share so much of their height and are so near, in the height of the larger.
const LEVEL: f32 = 0.6;
const BESIDE: f32 = 1.2;
/// How far a pixel of the tint is from its level, and one of its grain, of what white is.
const LIKE: f32 = 0.12;
const GRAIN: f32 = 0.25;
/// How dark the whitest becomes, of what white is.
const BLACK: f32 = 0.15;

/// Makes light print on tints dark, and those tints white; says whether there was any.
pub(crate) fn darken(page: &mut Gray) -> bool {
    let by = page.width.max(page.height).div_ceil(LONGEST).max(1);
    if !may_be_tinted(page, by) {
        return false;
    }
    let small = smaller(page, by);
    let Some(tints) = Tints::of(&small) else { return false };
    let view = View { small: &small, tints };
    let (sure, others) = parted(view.signs());
    if sure.is_empty() {
        return false;
    }
    let mut region = view.region(&sure);
    let mut print = vec![false; region.len()];
    let on_it = |s: &Sign| s.pixels(small.width).any(|i| region[i]);
    for sign in sure.iter().chain(others.iter().filter(|s| on_it(s))) {
        sign.pixels(small.width).for_each(|i| print[i] = true);
    }
    view.leave_outline(&mut region, &print);
    for y in 0..small.height * by {
        for x in 0..small.width * by {
            let at = y / by * small.width + x / by;
            if region[at] || print[at] {
                let v = &mut page.pixels[y * page.width + x];
                *v = turned(*v, view.cell(at), print[at]);
            }
        }
    }
    true
}

/// A pixel of print or of its tint, as of dark print on paper.
fn turned(v: u8, cell: Cell, print: bool) -> u8 {
    let Cell { level, white, .. } = cell;
    let lighter = f32::from(v) - level;
    let new = if print && lighter > 0.0 {
        white - lighter * (1.0 - BLACK) * white / (white - level).max(1.0)
    } else {
        f32::from(v) * white / level.max(1.0)
    };
    new.clamp(0.0, white) as u8
}

/// The page at one `by`-th of its size.
fn smaller(page: &Gray, by: usize) -> Gray {
    let (width, height) = (page.width / by, page.height / by);
    let mut out = Gray::filled(width, height, 255);
    let mut sums = vec![0u32; width];
    for (y, row) in out.pixels.chunks_exact_mut(width.max(1)).enumerate() {
        sums.fill(0);
        for y in y * by..y * by + by {
            for (sum, block) in sums.iter_mut().zip(page.row(y).chunks_exact(by)) {
                *sum += block.iter().map(|&v| u32::from(v)).sum::<u32>();
            }
        }
        for (v, sum) in row.iter_mut().zip(&sums) {
            *v = (sum / (by * by) as u32) as u8;
        }
    }
    out
}

/// Light print: its box with its edges, how much of it is its own, and which pixels are that or edges.
struct Sign {
    xs: Range<usize>,
    ys: Range<usize>,
    ink: usize,
    mask: Vec<bool>,
}

impl Sign {
    /// How many signs it may be that run together.
    fn many(&self) -> usize {
        let inner = |range: &Range<usize>| range.len().saturating_sub(2 * EDGE);
        let (wide, tall) = (inner(&self.xs), inner(&self.ys));
        if tall >= TALL { (wide / tall).max(1) } else { 1 }
    }

    /// Whether the other stands just to the right of it, at the same height.
    fn precedes(&self, other: &Self) -> bool {
        let (own, next) = (&self.ys, &other.ys);
        let shared = next.end.min(own.end) as f32 - next.start.max(own.start) as f32;
        let smaller = own.len().min(next.len()) as f32;
        let larger = own.len().max(next.len()) as f32;
        let gap = other.xs.start as f32 - self.xs.end as f32;
        shared > LEVEL * smaller && gap > -2.0 * EDGE as f32 - 1.0 && gap < BESIDE * larger
    }

    /// Its pixels, those of its edges included, in a picture so wide.
    fn pixels(&self, width: usize) -> impl Iterator<Item = usize> + '_ {
        let (left, top) = (self.xs.start, self.ys.start);
        let own = (0..self.mask.len()).filter(|i| self.mask[*i]);
        own.map(move |i| (top + i / self.xs.len()) * width + left + i % self.xs.len())
    }
}

/// The signs that stand in rows, and the rest.
fn parted(signs: Vec<Sign>) -> (Vec<Sign>, Vec<Sign>) {
    let mut at = in_rows(&signs).into_iter();
    signs.into_iter().partition(|_| at.next().unwrap_or(false))
}

/// Whether each of the signs stands in a row of some.
fn in_rows(signs: &[Sign]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..signs.len()).filter(|&i| signs[i].ink >= INK).collect();
    order.sort_by_key(|&i| signs[i].xs.start);
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (n, &i) in order.iter().enumerate() {
        // No sign reaches farther.
        let end = signs[i].xs.end + (BESIDE * HEIGHT.end as f32) as usize + 2 * EDGE;
        let near = order[n + 1..].iter().take_while(|&&j| signs[j].xs.start < end);
        pairs.extend(near.filter(|&&j| signs[i].precedes(&signs[j])).map(|&j| (i, j)));
    }
    // How many signs stand in a row up to each, and from it on; what runs together counts as many.
    let many: Vec<usize> = signs.iter().map(Sign::many).collect();
    let (mut before, mut after) = (many.clone(), many.clone());
    for &(i, j) in &pairs {
        before[j] = before[j].max(before[i] + many[j]);
    }
    for &(i, j) in pairs.iter().rev() {
        after[i] = after[i].max(after[j] + many[i]);
    }
    (0..signs.len())
        .map(|i| signs[i].ink >= INK && before[i] + after[i] - many[i] >= SIGNS)
        .collect()
}

/// A small picture and its tints.
struct View<'a> {
    small: &'a Gray,
    tints: Tints,
}

impl View<'_> {
    fn cell(&self, at: usize) -> Cell {
        self.tints.at(at % self.small.width, at / self.small.width)
    }

    /// Whether a pixel is print that is lighter than its tint, or paper beside tints.
    fn is_light(&self, at: usize) -> bool {
        let (cell, v) = (self.cell(at), f32::from(self.small.pixels[at]));
        if cell.is_tint {
            v > cell.level + LIGHT * (cell.white - cell.level)
        } else {
            v >= PAPER * cell.white
        }
    }

    /// The light print of the picture.
    fn signs(&self) -> Vec<Sign> {
        let mut on: Vec<bool> = (0..self.small.pixels.len()).map(|i| self.is_light(i)).collect();
        let mut out = Vec::new();
        for start in 0..on.len() {
            if on[start] {
                out.extend(self.sign(&taken(&mut on, self.small.width, start)));
            }
        }
        out
    }

    /// What hangs together as a sign, if a tint shows all round it.
    fn sign(&self, piece: &[usize]) -> Option<Sign> {
        let width = self.small.width;
        let xs = around(piece.iter().map(|i| i % width));
        let ys = around(piece.iter().map(|i| i / width));
        let sized = HEIGHT.contains(&ys.len()) && xs.len() < WIDTH && piece.len() >= STOP;
        if !sized || !piece.iter().all(|&i| self.cell(i).is_tint) {
            return None;
        }
        let (wide, tall) = (wider(&xs, width), wider(&ys, self.small.height));
        let mut mask = vec![false; wide.len() * tall.len()];
        for i in piece {
            let columns = wider(&(i % width..i % width + 1), width);
            for y in wider(&(i / width..i / width + 1), self.small.height) {
                let row = (y - tall.start) * wide.len();
                mask[row + columns.start - wide.start..row + columns.end - wide.start].fill(true);
            }
        }
        let sign = Sign { xs: wide, ys: tall, ink: piece.len(), mask };
        let darker = |i: &usize| {
            let cell = self.cell(*i);
            let least = cell.level - DARKER * (cell.white - cell.level);
            f32::from(self.small.pixels[*i]) < least
        };
        let dark = sign.pixels(width).filter(darker).count();
        (dark as f32 <= DARK * piece.len() as f32).then_some(sign)
    }

    /// The tints that these signs stand on, and what is lighter or darker there by no more than grain is.
    fn region(&self, signs: &[Sign]) -> Vec<bool> {
        let (width, height) = (self.small.width, self.small.height);
        let mut out = vec![false; self.small.pixels.len()];
        signs.iter().flat_map(|s| s.pixels(width)).for_each(|i| out[i] = true);
        let from = |i: usize| {
            let cell = self.cell(i);
            let away = f32::from(self.small.pixels[i]) - cell.level;
            cell.is_tint.then_some(away / cell.white)
        };
        grow(&mut out, width, width + height, |i| from(i).is_some_and(|a| a.abs() < LIKE));
        for _ in 0..2 {
            let before = out.clone();
            let inside = |i: usize| {
                let columns = (i % width).saturating_sub(1)..(i % width + 2).min(width);
                let rows = (i / width).saturating_sub(1)..(i / width + 2).min(height);
                let row = |y: usize| before[y * width..][columns.clone()].iter();
                rows.flat_map(row).filter(|b| **b).count() >= 5
            };
            for i in 0..out.len() {
                out[i] = before[i] || from(i).is_some_and(|a| a > -GRAIN) && inside(i);
            }
        }
        out
    }

    /// Leaves of a region what lies next to paper: where a tint ends a table's row does, drawn or not.
    fn leave_outline(&self, region: &mut [bool], print: &[bool]) {
        let (width, height) = (self.small.width, self.small.height);
        let paper = |i: usize| f32::from(self.small.pixels[i]) >= PAPER * self.cell(i).white;
        let outside: Vec<usize> =
            (0..region.len()).filter(|&i| !region[i] && !print[i] && paper(i)).collect();
        for i in outside {
            let columns = wider(&(i % width..i % width + 1), width);
            for y in wider(&(i / width..i / width + 1), height) {
                region[y * width + columns.start..y * width + columns.end].fill(false);
            }
        }
    }
}

/// A range with the edges of strokes.
fn wider(range: &Range<usize>, end: usize) -> Range<usize> {
    range.start.saturating_sub(EDGE)..(range.end + EDGE).min(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// White paper with a tinted row from 100 to 140, and signs of `ink` in it.
    fn page(tint: u8, ink: u8) -> Gray {
        let mut page = Gray::filled(400, 300, 252);
        for y in 100..140 {
            page.pixels[y * 400 + 20..y * 400 + 380].fill(tint);
        }
        for x in (60..340).step_by(16) {
            for y in 112..128 {
                page.pixels[y * 400 + x..y * 400 + x + 3].fill(ink);
            }
            page.pixels[125 * 400 + x..125 * 400 + x + 10].fill(ink);
        }
        page
    }

    #[test]
    fn white_print_on_a_tint_becomes_dark_where_it_stands() {
        let mut tinted = page(170, 250);
        let before = tinted.clone();
        assert!(darken(&mut tinted));
        for (i, (new, old)) in tinted.pixels.iter().zip(&before.pixels).enumerate() {
            let (x, y) = (i % 400, i / 400);
            let print = (100..140).contains(&y) && *old == 250;
            let outline = *old == 170 && !((22..378).contains(&x) && (102..138).contains(&y));
            let as_wanted = match (print, outline) {
                (true, _) => *new < 60,
                (_, true) => new == old,
                _ => *new > 245,
            };
            assert!(as_wanted, "{new} for {old} at {x}, {y}");
        }
    }

    #[test]
    fn other_print_stays() {
        for (tint, ink) in [(170, 20), (90, 250), (252, 20), (235, 252)] {
            let mut page = page(tint, ink);
            let before = page.pixels.clone();
            assert!(!darken(&mut page), "{ink} on {tint}");
            assert_eq!(page.pixels, before);
        }
    }

    #[test]
    fn spots_here_and_there_on_a_tint_are_no_print() {
        let mut page = page(170, 170);
        for (x, y) in [(60, 110), (64, 124), (120, 112), (190, 126), (200, 108)] {
            for y in y..y + 8 {
                page.pixels[y * 400 + x..y * 400 + x + 8].fill(250);
            }
        }
        assert!(!darken(&mut page));
    }

    #[test]
    fn pages_of_any_size_and_kind() {
        let mut seed = 3u32;
        for (w, h) in [(0, 0), (1, 1), (7, 300), (300, 7), (1300, 20)] {
            let noise = |_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            };
            let pixels = (0..w * h).map(noise).collect();
            darken(&mut Gray { width: w, height: h, pixels });
        }
    }
}
