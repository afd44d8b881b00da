//! Stems: strokes of letters that look like a rule down, alone or above each other.

use crate::Gray;
use crate::bands::Band;
use crate::rules::{FAINT, Rule};

/// Lighter than this is paper between two strokes.
const PAPER: u8 = 200;
/// Darker than this is a stroke for certain.
const INK: u8 = 160;
/// What goes off from a rule down is this much wider than the rule, in core heights...
const WIDER: f32 = 0.3;
/// ...and does so on no more than this share of its rows.
const OFTEN: f32 = 0.4;
/// ...nor, with those where there is no ink, on more than this.
const MOSTLY: f32 = 0.45;
/// Ink this near on both sides of a rule down encloses it, in core heights...
const ENCLOSED: f32 = 0.4;
/// ...as stems are in their letters: on this share of the rows of drawn tables' rules in one of a hundred.
const IN_WORDS: f32 = 0.4;
/// What is longer than this, in core heights...
const WHOLE: f32 = 20.0;
/// ...and misses less than this share of its length is drawn.
const HOLES: f32 = 0.03;
/// A tint is darker than this...
const TINT: u8 = 190;
/// ...this far up and down, in core heights: between lines of text there is paper.
const HIGH: f32 = 1.2;

/// A rule down shorter than this is the wall of a row or two, in core heights...
const SHORT: f32 = 6.0;
/// ...and one of a column when others in its line are longer than this together...
const COLUMN: (f32, f32) = (4.0, 0.35);
/// ...or a stem of a word that runs this far beyond it on both sides...
const INSIDE: f32 = 0.8;
/// ...when something goes off from it on more than this share of its rows: alone, and in a column. On
/// drawn tables, forms and gazettes the first holds of 79 strokes of letters and 16 walls, the second
/// of 14 and 4.
const GOES_OFF: (f32, f32) = (0.05, 0.2);

/// The rules down without the stems of letters that reach from one rule across to the next, as they do
/// in rows set tight: short strokes that the finder's bands run across.
pub(crate) fn without_stems(down: Vec<Rule>, page: &Gray, bands: &[Band], core: f32) -> Vec<Rule> {
    let in_word = |d: &Rule| {
        bands.iter().any(|b| {
            let y = b.curve.at(d.at);
            (d.from..d.to).contains(&y)
                && d.at - b.curve.from > INSIDE * core
                && b.curve.to - d.at > INSIDE * core
        })
    };
    let in_column = |d: &Rule| {
        let others = down.iter().filter(|o| *o != d && (o.at - d.at).abs() < COLUMN.1 * core);
        others.map(Rule::length).sum::<f32>() > COLUMN.0 * core
    };
    let is_stem = |d: &Rule| {
        let least = if in_column(d) { GOES_OFF.1 } else { GOES_OFF.0 };
        d.length() < SHORT * core && in_word(d) && Sides::of(page, d, core).wide > least
    };
    let stems: Vec<bool> = down.iter().map(is_stem).collect();
    down.into_iter().zip(stems).filter(|(_, stem)| !stem).map(|(d, _)| d).collect()
}

/// Whether a stroke down is made of stems that stand above each other, as where lines set tight
/// begin with the same letters: bars and bows go off from it, or other stems are close on both
/// sides, on many of its rows.
pub(crate) fn of_letters(page: &Gray, rule: &Rule, core: f32) -> bool {
    let sides = Sides::of(page, rule, core);
    // Between lines of text is paper.
    if rule.length() > WHOLE * core && sides.missing < HOLES {
        return false;
    }
    sides.wide > OFTEN
        || sides.wide * (1.0 - sides.missing) + sides.missing > MOSTLY
        || sides.enclosed > IN_WORDS
}

/// What is beside a stroke down.
struct Sides {
    /// Share of its rows, of those that show it, where something goes off from it.
    wide: f32,
    /// Share of them with ink close by on both sides.
    enclosed: f32,
    /// Share of its length that does not show it.
    missing: f32,
}

impl Sides {
    fn of(page: &Gray, rule: &Rule, core: f32) -> Self {
        let reach = rule.thick / 2.0 + 1.5 + (0.012 * rule.length()).min(8.0);
        let widest = rule.thick + WIDER * core;
        let (x0, x1) = ((rule.at - reach).max(0.0) as usize, (rule.at + reach) as usize + 1);
        let (near, beside) = ((ENCLOSED * core) as usize, core as usize);
        // Where the rule is on each row that shows it.
        let rows: Vec<(usize, usize)> = (rule.from as usize..(rule.to as usize).min(page.height))
            .filter_map(|y| {
                let row = page.row(y);
                let away = |x: usize| (2.0 * x as f32 + 1.0 - 2.0 * rule.at).abs() as usize;
                let darkest = (x0..x1.min(page.width)).min_by_key(|&x| (row[x], away(x)));
                darkest.filter(|&x| row[x] < FAINT).map(|x| (x, y))
            })
            .collect();
        let grounds = |right: bool| -> Vec<u8> {
            let side = |&(x, y): &(usize, usize)| {
                let row = page.row(y);
                if right {
                    lighter(&row[x..(x + beside).min(page.width)])
                } else {
                    lighter(&row[x.saturating_sub(beside)..x])
                }
            };
            lightest(&rows.iter().map(side).collect::<Vec<u8>>(), (HIGH * core) as usize)
        };
        let (left, right) = (grounds(false), grounds(true));
        let (mut wide, mut enclosed) = (0, 0);
        for (i, &(x, y)) in rows.iter().enumerate() {
            let row = page.row(y);
            // Half way to what it stands on: neither grain nor a tint beside the rule is part of it.
            let edge =
                |ground: u8| u8::midpoint(row[x], if ground < TINT { ground } else { FAINT });
            let (before, after) = (edge(left[i]), edge(right[i]));
            let from = (0..x).rev().find(|&i| row[i] >= before).map_or(0, |i| i + 1);
            let to = (x..page.width).find(|&i| row[i] >= after).unwrap_or(page.width);
            wide += usize::from((to - from) as f32 > widest);
            let left = row[from.saturating_sub(near)..from].iter().rev();
            let right = row[to..(to + near).min(page.width)].iter();
            enclosed += usize::from(ink_past_paper(left) && ink_past_paper(right));
        }
        let shown = rows.len().max(1) as f32;
        Self {
            wide: wide as f32 / shown,
            enclosed: enclosed as f32 / shown,
            missing: 1.0 - rows.len() as f32 / rule.length(),
        }
    }
}

/// The value that seven of ten pixels are no lighter than; white of none.
fn lighter(pixels: &[u8]) -> u8 {
    let mut sorted = pixels.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() * 7 / 10).copied().unwrap_or(255)
}

/// For each value the greatest of those up to `reach` away.
fn lightest(values: &[u8], reach: usize) -> Vec<u8> {
    let around = |i: usize| &values[i.saturating_sub(reach)..(i + reach + 1).min(values.len())];
    (0..values.len()).map(|i| around(i).iter().copied().max().unwrap_or(255)).collect()
}

/// Whether there is paper and then ink on the way.
fn ink_past_paper<'a>(mut way: impl Iterator<Item = &'a u8>) -> bool {
    way.any(|&v| v >= PAPER) && way.any(|&v| v < INK)
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::rules::find;

    #[test]
    fn stems_above_each_other_are_no_rule_and_a_rule_beside_text_is() {
        let mut page = Gray::filled(400, 300, 255);
        let mut stem = |x: usize, rows: Range<usize>| {
            for y in rows {
                page.pixels[y * 400 + x..y * 400 + x + 2].fill(0);
            }
        };
        stem(100, 20..240);
        stem(106, 20..240);
        for top in (20..220).step_by(24) {
            stem(94, top..top + 18);
            stem(112, top..top + 18);
        }
        stem(300, 20..240);
        for top in (20..220).step_by(24) {
            stem(306, top..top + 18);
        }
        let at: Vec<f32> = find(&page, 16.0, 0.0).down.iter().map(|r| r.at).collect();
        assert_eq!(at, [301.0]);
    }

    #[test]
    fn a_rule_through_a_tinted_head_is_none_of_letters() {
        let mut page = Gray::filled(200, 300, 250);
        for y in 20..140 {
            page.pixels[y * 200 + 10..y * 200 + 190].fill(130);
        }
        for y in 20..260 {
            page.pixels[y * 200 + 100..y * 200 + 102].fill(70);
        }
        let rule = Rule { from: 20.0, to: 260.0, at: 101.0, thick: 2.0 };
        assert!(!of_letters(&page, &rule, 16.0));
    }

    #[test]
    fn a_stem_from_rule_to_rule_in_a_word_is_no_wall_and_a_wall_between_words_is() {
        let mut page = Gray::filled(400, 100, 255);
        let mut block = |x: Range<usize>, y: Range<usize>| {
            for y in y {
                page.pixels[y * 400 + x.start..y * 400 + x.end].fill(0);
            }
        };
        for x in [100, 300] {
            block(x..x + 2, 30..70);
        }
        // The letter's bars.
        block(100..112, 44..46);
        block(94..100, 54..56);
        let band = |from: f32, to: f32| Band {
            curve: crate::curve::Curve::straight(from, to, 50.0, 0.0),
            core: 16.0,
            score: 1.0,
            points: Vec::new(),
        };
        let rule = |at: f32| Rule { from: 30.0, to: 70.0, at, thick: 2.0 };
        let down = vec![rule(101.0), rule(301.0)];
        let bands = [band(40.0, 290.0), band(310.0, 390.0)];
        let left = |bands: &[Band]| -> Vec<f32> {
            without_stems(down.clone(), &page, bands, 16.0).iter().map(|r| r.at).collect()
        };
        assert_eq!(left(&bands), [301.0]);
        assert_eq!(left(&bands[1..]), [101.0, 301.0], "nothing runs across it");
        assert_eq!(left(&[band(40.0, 390.0)]), [301.0], "nothing goes off from it");
    }
}
