//! Folios: page numbers that the finder missed.
//!
//! A lone number at the head or foot of a page, with or without its dashes, is too little for the
//! finder to call a line. Short rows of ink that stand apart there become bands, to be kept only if
//! they read as a page number.

use crate::bands::Band;
use crate::curve::Curve;
use crate::layout::median;
use crate::{Gray, ink};

/// Darker than this is ink, where no line tells.
const INK: u8 = 160;
/// Shares of the page's height in which page numbers stand.
const HEAD: f32 = 0.15;
const FOOT: f32 = 0.82;
/// Room between them and the text, in core heights.
const ROOM: f32 = 1.0;
/// Side of the squares that are looked at, in core heights.
const SQUARE: f32 = 1.0 / 3.0;
/// Farthest that a dash stands from its number, in such squares.
const REACH: usize = 4;
/// How wide and how high a number is, in core heights.
const WIDE: std::ops::Range<f32> = 0.2..9.0;
const HIGH: std::ops::Range<f32> = 0.6..1.9;
/// No other line stands so near above or below it, in core heights.
const ALONE: f32 = 2.0;
/// So many rows are looked at, at the head and at the foot each.
const MOST: usize = 4;

/// Rows of ink that may be page numbers, as bands without points. `core` is the page's typical core
/// height.
#[must_use]
pub(crate) fn find(page: &Gray, bands: &[Band], core: f32) -> Vec<Band> {
    let h = page.height as f32;
    let top = bands.iter().map(|b| b.curve.bounds().0).fold(h, f32::min);
    let bottom = bands.iter().map(|b| b.curve.bounds().1).fold(0.0, f32::max);
    let inks = bands.iter().map(|b| f32::from(ink::of(page, b))).collect();
    let ink = if bands.is_empty() { INK } else { median(inks) as u8 };
    let head = (0.0, (HEAD * h).min(top - ROOM * core));
    let foot = ((FOOT * h).max(bottom + ROOM * core), h);
    let strips = [head, foot].into_iter().filter(|(y0, y1)| y1 - y0 > 1.2 * core);
    strips.flat_map(|(y0, y1)| rows(page, (y0 as usize, y1 as usize), core, ink)).collect()
}

/// Whether one of the bands is as short as a page number and stands, alone, where page numbers do.
#[must_use]
pub(crate) fn may_be(page: &Gray, bands: &[Band], own: usize) -> bool {
    let (band, h) = (&bands[own], page.height as f32);
    let y = band.curve.bounds().0;
    let level = |b: &Band| (b.curve.bounds().0 - y).abs() < ALONE * band.core;
    let alone = || bands.iter().enumerate().all(|(i, b)| i == own || !level(b));
    band.length() < WIDE.end * band.core && (y < HEAD * h || y > FOOT * h) && alone()
}

/// Those between two heights, the ones of most ink.
fn rows(page: &Gray, (y0, y1): (usize, usize), core: f32, dark: u8) -> Vec<Band> {
    let side = (SQUARE * core).max(1.0);
    let (columns, lines) = (square(page.width, side) + 1, square(y1 - y0, side) + 1);
    let mut ink = vec![0u32; columns * lines];
    for y in y0..y1 {
        let row = square(y - y0, side) * columns;
        for (x, _) in page.row(y).iter().enumerate().filter(|(_, v)| **v < dark) {
            ink[row + square(x, side)] += 1;
        }
    }
    let mut found: Vec<(u32, Band)> = Vec::new();
    for start in 0..ink.len() {
        if ink[start] == 0 {
            continue;
        }
        let (mut sum, mut stack) = (ink[start], vec![start]);
        ink[start] = 0;
        let (mut left, mut right) = (start % columns, start % columns);
        let (mut top, mut foot) = (start / columns, start / columns);
        while let Some(at) = stack.pop() {
            let (x, y) = (at % columns, at / columns);
            (left, right) = (left.min(x), right.max(x));
            (top, foot) = (top.min(y), foot.max(y));
            for v in y.saturating_sub(1)..(y + 2).min(lines) {
                for u in x.saturating_sub(REACH)..(x + REACH + 1).min(columns) {
                    let next = v * columns + u;
                    if ink[next] > 0 {
                        sum += ink[next];
                        ink[next] = 0;
                        stack.push(next);
                    }
                }
            }
        }
        // What goes on beyond the strip, or the page, is no number.
        if top == 0 && y0 > 0 || foot + 1 >= lines || left == 0 || right + 1 >= columns {
            continue;
        }
        let at = |v: usize| (v as f32 * side) as usize;
        let box_of = (at(left), y0 + at(top), at(right + 1), y0 + at(foot + 1));
        found.extend(band(page, box_of, core, dark).map(|b| (sum, b)));
    }
    found.sort_by_key(|f| std::cmp::Reverse(f.0));
    found.into_iter().take(MOST).map(|f| f.1).collect()
}

/// The square that a pixel lies in.
fn square(at: usize, side: f32) -> usize {
    (at as f32 / side) as usize
}

/// The band of a row of ink within left, top, right and bottom, if it is of a number's size.
fn band(
    page: &Gray,
    (x0, y0, x1, y1): (usize, usize, usize, usize),
    core: f32,
    dark: u8,
) -> Option<Band> {
    let (mut left, mut right, mut top, mut foot) = (usize::MAX, 0, usize::MAX, 0);
    for y in y0..y1.min(page.height) {
        let row = &page.row(y)[x0.min(page.width)..x1.min(page.width)];
        for (x, _) in row.iter().enumerate().filter(|(_, v)| **v < dark) {
            (left, right) = (left.min(x + x0), right.max(x + x0 + 1));
            (top, foot) = (top.min(y), foot.max(y + 1));
        }
    }
    let (wide, high) = (right.checked_sub(left)?, foot.checked_sub(top)?);
    if !WIDE.contains(&(wide as f32 / core)) || !HIGH.contains(&(high as f32 / core)) {
        return None;
    }
    // Digits stand on the baseline.
    let middle = foot as f32 - 0.5 * core;
    let curve = Curve::straight(left as f32, right as f32, middle, 0.0);
    Some(Band { curve, core, score: 0.5, points: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(blocks: &[(usize, usize, usize, usize)]) -> Gray {
        let mut page = Gray::filled(800, 1000, 255);
        for &(x0, x1, y0, y1) in blocks {
            for y in y0..y1 {
                page.pixels[y * 800 + x0..y * 800 + x1].fill(0);
            }
        }
        page
    }

    fn text() -> Vec<Band> {
        let curve = Curve::straight(100.0, 700.0, 510.0, 0.0);
        vec![Band { curve, core: 20.0, score: 1.0, points: Vec::new() }]
    }

    #[test]
    fn a_number_at_the_foot_is_a_band_with_its_dashes() {
        let digit = (400, 408, 930, 952);
        let found = find(&page(&[digit]), &text(), 20.0);
        assert_eq!(found.len(), 1);
        assert!((found[0].curve.at(404.0) - 942.0).abs() < 2.0);
        // A speck and a shadow's edge are none, and do not hide it.
        let dashes = [(370, 382, 940, 943), (428, 440, 940, 943)];
        let specks = [(90, 94, 900, 904), (0, 800, 990, 1000)];
        let all: Vec<_> = [digit].into_iter().chain(dashes).chain(specks).collect();
        let found = find(&page(&all), &text(), 20.0);
        assert_eq!(found.len(), 1);
        assert!((found[0].curve.from, found[0].curve.to) == (370.0, 440.0), "{found:?}");
    }

    #[test]
    fn what_is_large_or_runs_on_is_no_number() {
        let large = [(300, 420, 880, 960)];
        assert!(find(&page(&large), &text(), 20.0).is_empty());
        let edge = [(400, 408, 985, 1000)];
        assert!(find(&page(&edge), &text(), 20.0).is_empty());
    }
}
