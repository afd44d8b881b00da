//! Stems: strokes of letters that stand above each other and look like a rule down.

use crate::Gray;
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

/// Whether a stroke down is made of stems that stand above each other, as where lines set tight
/// begin with the same letters: bars and bows go off from it, or other stems are close on both
/// sides, on many of its rows.
pub(crate) fn of_letters(page: &Gray, rule: &Rule, core: f32) -> bool {
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
        let edge = |ground: u8| u8::midpoint(row[x], if ground < TINT { ground } else { FAINT });
        let (before, after) = (edge(left[i]), edge(right[i]));
        let from = (0..x).rev().find(|&i| row[i] >= before).map_or(0, |i| i + 1);
        let to = (x..page.width).find(|&i| row[i] >= after).unwrap_or(page.width);
        wide += usize::from((to - from) as f32 > widest);
        let left = row[from.saturating_sub(near)..from].iter().rev();
        let right = row[to..(to + near).min(page.width)].iter();
        enclosed += usize::from(ink_past_paper(left) && ink_past_paper(right));
    }
    let missing = rule.length() - rows.len() as f32;
    // Between lines of text is paper.
    if rule.length() > WHOLE * core && missing < HOLES * rule.length() {
        return false;
    }
    wide as f32 > OFTEN * rows.len() as f32
        || wide as f32 + missing > MOSTLY * rule.length()
        || enclosed as f32 > IN_WORDS * rows.len() as f32
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
}
