//! Tails: what shows through the paper beside a line's print.
//!
//! The finder takes the print of the sheet's back for the end of a line that stops short of it. It is
//! paler than the line's own strokes, and is read as signs that nobody wrote. Such ends are cut off.

use std::ops::Range;

use khocr_khmer::labels;

use crate::Gray;
use crate::core::Placed;
use crate::cut::Crop;
use crate::decode::Sign;
use crate::layout::median;
use crate::recognise::Signs;

/// Tiles in a core's height.
const TILES: usize = 8;
/// Of those so many from the top are looked at: the dots of leaders stand lower.
const UPPER: usize = 5;
/// Strength of print, in that of the line's strokes...
const PRINT: f32 = 0.6;
/// ...and the least of what shows through.
const SHOWING: f32 = 0.12;
/// Of the columns within a core's height on both sides so many are strong where there is print: more
/// than a speck has...
const STRONG: usize = 4;
/// ...but for a thin sign or a dash that stands beside the others, so many columns away at most and
/// so many wide at least.
const BESIDE: usize = 12;
const THIN: usize = 2;
/// Least length of an end, in core heights.
const LENGTH: f32 = 1.2;
/// Room that the print keeps, in core heights.
const MARGIN: f32 = 0.4;
/// Ends as strong as this are worn print...
const WORN: f32 = 0.4;
/// ...and those read more surely than this are pale print.
const SURE: f32 = 0.9;
/// Leaders are so many times as dark in the lower part of the core as in the upper, where print is
/// as dark in both.
const LOW: f32 = 1.6;

/// The line without ends that are paler than its print and read badly, as `read` from its `crop`;
/// `None` where it has none.
#[must_use]
pub(crate) fn without(page: &Gray, line: &Placed, crop: &Crop, read: &Signs) -> Option<Placed> {
    let place = |s: &Sign| {
        let frame = f32::midpoint(s.first as f32, s.last as f32 + 1.0);
        crop.left + frame * read.frame * crop.scale
    };
    let is_letter = |s: &Sign| labels::text(s.class).chars().any(char::is_alphanumeric);
    // How surely letters are read there; dashes and dots look the same from both sides.
    let sure = |within: Range<f32>| {
        let (mut sum, mut count) = (0.0, 0.0f32);
        for sign in read.signs.iter().filter(|s| within.contains(&place(s)) && is_letter(s)) {
            sum += sign.confidence;
            count += 1.0;
        }
        if count > 0.0 { sum / count } else { 1.0 }
    };
    let (mut from, mut to) = (line.curve.from, line.curve.to);
    let length = LENGTH * line.core;
    if read.signs.iter().all(|s| s.confidence > SURE) {
        return None;
    }
    let profile = Profile::of(page, line)?;
    let print = profile.print()?;
    let (left, right) = (profile.x(print.start), profile.x(print.end));
    let shows = |columns: Range<usize>, within: Range<f32>| {
        profile.strength(columns).is_some_and(|s| s < WORN) && sure(within) < SURE
    };
    if left - from > length && shows(0..print.start, f32::MIN..left) {
        from = left - MARGIN * line.core;
    }
    if to - right > length && shows(print.end..profile.strong.len(), right..f32::MAX) {
        to = right + MARGIN * line.core;
    }
    if (from, to) == (line.curve.from, line.curve.to) {
        return None;
    }
    let room = (line.room.0.max(from), line.room.1.min(to));
    Some(Placed { curve: line.curve.stretched(from, to), room, ..line.clone() })
}

/// How dark the upper core of a line is, column of tiles by column.
struct Profile {
    from: f32,
    /// Side of a tile.
    side: f32,
    /// The darkest but one of each column, against the paper: grain darkens single tiles.
    strong: Vec<f32>,
    /// The darkest of each, down to the baseline.
    darkest: Vec<f32>,
    /// The darkest of each below what is looked at.
    low: Vec<f32>,
    /// How dark its strokes are.
    stroke: f32,
}

impl Profile {
    fn of(page: &Gray, line: &Placed) -> Option<Self> {
        let (from, side) = (line.curve.from, (line.core / TILES as f32).max(1.0));
        let count = ((line.curve.to - from) / side) as usize;
        if count < 4 * TILES {
            return None;
        }
        let tile = |i: usize| {
            let x = from + (i / TILES) as f32 * side;
            let top = line.curve.at(x) - line.core / 2.0;
            page.mean((x, top + (i % TILES) as f32 * side), side)
        };
        let tiles: Vec<f32> = (0..count * TILES).map(tile).collect::<Option<_>>()?;
        let mut sorted = tiles.clone();
        sorted.sort_by(f32::total_cmp);
        let paper = sorted[sorted.len() * 3 / 4];
        let (mut strong, mut darkest, mut low) = (Vec::new(), Vec::new(), Vec::new());
        for column in tiles.chunks_exact(TILES) {
            let mut dark: Vec<f32> = column.iter().map(|v| paper - v).collect();
            darkest.push(dark.iter().copied().fold(0.0, f32::max));
            low.push(dark[UPPER..].iter().copied().fold(0.0, f32::max));
            dark.truncate(UPPER);
            dark.sort_by(|a, b| b.total_cmp(a));
            strong.push(dark[1]);
        }
        let mut sorted = strong.clone();
        sorted.sort_by(f32::total_cmp);
        let stroke = sorted[count - 1 - count / 20];
        (stroke > 0.0).then_some(Self { from, side, strong, darkest, low, stroke })
    }

    /// Page x where a column begins.
    fn x(&self, column: usize) -> f32 {
        self.from + column as f32 * self.side
    }

    /// The columns from the first to the last of the line's own print.
    fn print(&self) -> Option<Range<usize>> {
        let count = self.strong.len();
        let strong = |i: &usize| self.strong[*i] > PRINT * self.stroke;
        let near = |i: usize| i.saturating_sub(TILES)..(i + TILES + 1).min(count);
        let is_print = |i: &usize| strong(i) && near(*i).filter(strong).count() >= STRONG;
        let (first, last) = ((0..count).find(is_print)?, (0..count).rfind(is_print)?);
        let thin = |columns: Range<usize>| {
            let dark = || columns.clone().filter(|i| self.darkest[*i] > PRINT * self.stroke);
            (dark().count() >= THIN).then(|| (dark().next(), dark().next_back()))
        };
        let before = thin(first.saturating_sub(BESIDE)..first).and_then(|t| t.0);
        let after = thin(last + 1..(last + 1 + BESIDE).min(count)).and_then(|t| t.1);
        Some(before.unwrap_or(first)..after.unwrap_or(last) + 1)
    }

    /// How strong these columns are, in the strokes' strength and in the middle of stretches of a core's
    /// height; `None` where they are blank or a leader.
    fn strength(&self, columns: Range<usize>) -> Option<f32> {
        let strong = &self.strong[columns.clone()];
        if strong.iter().filter(|s| **s > SHOWING * self.stroke).count() < TILES {
            return None;
        }
        let darkest = |c: &[f32]| c.iter().copied().fold(0.0, f32::max);
        let middle = |of: &[f32]| median(of.chunks(TILES).map(darkest).collect());
        let strength = middle(strong);
        (middle(&self.low[columns]) < LOW * strength).then_some(strength / self.stroke)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ROOM;
    use crate::curve::Curve;

    /// A line of strokes with others of `value` from 400 on, and a sign that ends it.
    fn page(value: u8) -> Gray {
        let mut page = Gray::filled(800, 60, 240);
        for (x, y) in (100..700).flat_map(|x| (20..36).map(move |y| (x, y))) {
            let is_end = (392..396).contains(&x);
            if x % 12 < 4 && !(380..420).contains(&x) || is_end {
                page.pixels[y * 800 + x] = if x < 400 { 30 } else { value };
            }
        }
        page
    }

    /// The line without its ends, read with these confidences before and after 400.
    fn cut(value: u8, confidences: (f32, f32)) -> Option<(f32, f32)> {
        let curve = Curve::straight(100.0, 700.0, 28.0, 0.0);
        let line = Placed { curve, core: 16.0, trust: 1.0, room: ROOM };
        let crop =
            Crop { gray: Gray::filled(608, 48, 255), left: 96.0, scale: 1.0, inverse: false };
        let class = usize::from(labels::encode("ក").unwrap()[0]);
        let sign = |i: usize| {
            let confidence = if i < 76 { confidences.0 } else { confidences.1 };
            Sign { class, first: i * 2, last: i * 2 + 1, confidence }
        };
        let read = Signs { signs: (1..152).map(sign).collect(), steps: 304, frame: 2.0 };
        let line = without(&page(value), &line, &crop, &read)?;
        Some((line.curve.from, line.curve.to))
    }

    #[test]
    fn a_paler_end_that_is_read_badly_is_cut_off_behind_the_last_sign() {
        let (from, to) = cut(180, (0.98, 0.6)).unwrap();
        assert_eq!(from, 100.0);
        assert!((396.0..406.0).contains(&to), "{to}");
    }

    #[test]
    fn what_is_read_or_as_strong_stays() {
        assert_eq!(cut(180, (0.98, 0.95)), None, "pale print");
        assert_eq!(cut(40, (0.98, 0.5)), None, "worn print");
    }
}
