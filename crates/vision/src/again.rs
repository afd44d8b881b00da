//! Again: short lines read badly, or cut at odds with their row, are cut once more.
//!
//! Of a figure between two dashes the finder may mark a thin band, and a few strokes show no clear
//! headline: the crop is then too large. A lone ១ in a cell shows the loop at its top as its core.
//! What is read more surely tells which cut was right.

use crate::core::Placed;
use crate::layout::{Item, Level};

/// Longest line that is cut again, in the page's core heights...
const SHORT: f32 = 8.0;
/// ...when its core is no larger than this in the page's...
const SMALL: f32 = 0.8;
/// ...and it was read less surely than this. The second reading must be as sure: specks are not.
pub(crate) const SURE: f32 = 0.9;

/// Longest line that its row is asked about, in the row's core heights, and shortest that tells of a row,
/// in its own.
const LONE: f32 = 2.2;
const TELLING: f32 = 2.5;
/// A line that tells is read so surely.
const KNOWN: f32 = 0.9;
/// Farthest that the baseline of a row's lone sign is from the row's, in the row's core heights, and
/// nearest that is worth a second look.
const ASTRAY: std::ops::Range<f32> = 0.12..0.9;
/// The same for the logarithm of what their cores measure in each other.
const GROWN: std::ops::Range<f32> = 0.12..1.1;

/// For each short line that stands otherwise than the surely read ones of its row, where these say it
/// stands: which line, and its place there. `items` is what was read of each.
#[must_use]
pub(crate) fn in_row(
    lines: &[Placed],
    items: &[Option<Item>],
    level: &Level,
) -> Vec<(usize, Placed)> {
    let length = |l: &Placed| l.curve.to - l.curve.from;
    let tells = |i: &&Item, l: &Placed| i.confidence > KNOWN && length(l) > TELLING * l.core;
    let telling: Vec<&Item> =
        items.iter().zip(lines).filter_map(|(i, l)| i.as_ref().filter(|i| tells(i, l))).collect();
    let moved = |line: &Placed| {
        let x = f32::midpoint(line.curve.from, line.curve.to);
        let (x, y) = level.level(x, line.curve.at(x));
        let base = y + line.core / 2.0;
        let aside = |i: &Item| (i.rect.x0 - x).max(x - i.rect.x1);
        let row = telling.iter().filter(|i| {
            (i.base - base).abs() < ASTRAY.end * i.core
                && (i.core / line.core).ln().abs() < GROWN.end
                && aside(i) > 0.0
        });
        let nearest = row.min_by(|a, b| aside(a).total_cmp(&aside(b)));
        let row = nearest.filter(|i| length(line) < LONE * i.core)?;
        let odd = (row.base - base).abs() > ASTRAY.start * row.core
            || (row.core / line.core).ln().abs() > GROWN.start;
        let middle = row.base - row.core / 2.0;
        odd.then(|| Placed {
            curve: line.curve.moved((middle - y) * (1.0 + level.slope().powi(2)).sqrt()),
            core: row.core,
            ..line.clone()
        })
    };
    (0..lines.len()).filter_map(|i| moved(&lines[i]).map(|l| (i, l))).collect()
}

/// The line at the page's `core`, on the same middle: dashes stand there. `None` for a line that
/// needs no second look.
#[must_use]
pub(crate) fn at_core(line: &Placed, confidence: f32, core: f32) -> Option<Placed> {
    let short = line.curve.to - line.curve.from < SHORT * core;
    let doubtful = confidence < SURE && line.core < SMALL * core;
    (short && doubtful).then(|| Placed { core, ..line.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ROOM;
    use crate::curve::Curve;

    #[test]
    fn short_small_doubtful_lines_are_looked_at_again() {
        let line = |to: f32, core: f32| Placed {
            curve: Curve::straight(100.0, to, 50.0, 0.0),
            core,
            trust: 1.0,
            room: ROOM,
        };
        let again = at_core(&line(160.0, 8.0), 0.5, 20.0);
        assert_eq!(again.map(|l| l.core), Some(20.0));
        assert!(at_core(&line(160.0, 8.0), 0.95, 20.0).is_none(), "read surely");
        assert!(at_core(&line(160.0, 18.0), 0.5, 20.0).is_none(), "of the page's size");
        assert!(at_core(&line(500.0, 8.0), 0.5, 20.0).is_none(), "long enough to tell");
    }

    #[test]
    fn a_lone_sign_cut_at_odds_with_its_row_is_looked_at_again_there() {
        let line = |from: f32, to: f32, middle: f32, core: f32| Placed {
            curve: Curve::straight(from, to, middle, 0.0),
            core,
            trust: 1.0,
            room: ROOM,
        };
        let lines = [
            line(100.0, 200.0, 90.0, 20.0),
            line(20.0, 34.0, 84.0, 10.0),
            line(20.0, 34.0, 130.0, 10.0),
            line(220.0, 234.0, 90.5, 20.5),
        ];
        let read = |l: &Placed| {
            let mut item =
                crate::layout::item(l.curve.from, l.curve.to, l.curve.at(0.0) + l.core / 2.0);
            (item.core, item.confidence) = (l.core, 0.95);
            Some(item)
        };
        let items: Vec<Option<Item>> = lines.iter().map(read).collect();
        let found = in_row(&lines, &items, &Level::of_slope(0.0));
        let places: Vec<_> = found.iter().map(|(i, l)| (*i, l.curve.at(27.0), l.core)).collect();
        assert_eq!(places, [(1, 90.0, 20.0)]);
    }
}
