//! Erase: the page without its rules down.

use std::borrow::Cow;

use crate::Gray;
use crate::rules::{FAINT, Rule, Rules};

/// The page without its rules down, which would be read as letters at the ends of table cells.
/// Only strokes as thin as the rule go, so that letters it touches stay whole.
#[must_use]
pub fn without_down<'a>(page: &'a Gray, rules: &Rules) -> Cow<'a, Gray> {
    if rules.down.is_empty() {
        return Cow::Borrowed(page);
    }
    let mut out = page.clone();
    for rule in &rules.down {
        let widest = rule.thick + 3.0;
        let wide = wide(rule);
        for (from_y, to_y, middle) in followed(page, rule) {
            // No farther: a figure set flush right may stand hardly beside the rule.
            let x0 = middle.saturating_sub(wide / 2 + 1);
            let x1 = (middle + wide.div_ceil(2) + 1).min(page.width);
            for y in from_y..to_y {
                let row = &mut out.pixels[y * page.width..(y + 1) * page.width];
                let mut x = x0;
                while x < x1 {
                    if row[x] >= FAINT {
                        x += 1;
                        continue;
                    }
                    let from = (0..=x).rev().take_while(|&i| row[i] < FAINT).last().unwrap_or(x);
                    let to = (x..page.width).find(|&i| row[i] >= FAINT).unwrap_or(page.width);
                    if ((to - from) as f32) <= widest {
                        row[from..to].fill(255);
                    }
                    x = to;
                }
            }
        }
    }
    Cow::Owned(out)
}

/// Rows in which a rule's place is taken once: higher than a letter's stem.
const STEP: usize = 40;
/// Farthest that a rule goes aside from one such stretch to the next, in pixels.
const ASIDE: usize = 2;

/// Nothing is counted as darker than this: letters' stems may be darker than the rule, but not as long.
const PLAIN: u8 = 205;

/// How many columns a rule down takes.
fn wide(rule: &Rule) -> usize {
    (rule.thick.round() as usize).max(1)
}

/// Where a rule down runs, `(from row, to row, column)`: it may lean and bend, and stems of letters
/// close to it must not be taken for it.
fn followed(page: &Gray, rule: &Rule) -> Vec<(usize, usize, usize)> {
    let (from, to) = (rule.from.max(0.0) as usize, (rule.to.max(0.0) as usize).min(page.height));
    let wide = wide(rule);
    let darkest = |y0: usize, y1: usize, near: usize, aside: usize| {
        let y0 = y0.min(y1.saturating_sub(STEP)).max(from);
        let mut best = (0, near);
        for x in near.saturating_sub(aside)..(near + aside + 1).min(page.width) {
            let span = x.saturating_sub(wide / 2)..(x + wide.div_ceil(2)).min(page.width);
            let ink: usize = (y0..y1)
                .map(|y| {
                    page.row(y)[span.clone()]
                        .iter()
                        .map(|v| 255 - usize::from((*v).max(PLAIN)))
                        .sum::<usize>()
                })
                .sum();
            let closer = |other: usize| x.abs_diff(near) < other.abs_diff(near);
            if ink > best.0 || ink == best.0 && closer(best.1) {
                best = (ink, x);
            }
        }
        best.1
    };
    let steps: Vec<(usize, usize)> =
        (from..to).step_by(STEP).map(|y| (y, (y + STEP).min(to))).collect();
    let middle = steps.len() / 2;
    let Some(&(y0, y1)) = steps.get(middle) else { return Vec::new() };
    let lean = (0.012 * rule.length()).min(8.0) as usize;
    let start = darkest(y0, y1, rule.at.max(0.0) as usize, ASIDE + lean);
    let mut out = vec![(y0, y1, start)];
    let mut near = start;
    for &(y0, y1) in &steps[middle + 1..] {
        near = darkest(y0, y1, near, ASIDE);
        out.push((y0, y1, near));
    }
    near = start;
    for &(y0, y1) in steps[..middle].iter().rev() {
        near = darkest(y0, y1, near, ASIDE);
        out.push((y0, y1, near));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_go_and_letters_that_touch_them_stay() {
        let mut page = Gray::filled(600, 400, 255);
        for y in 110..300 {
            page.pixels[y * 600 + 300] = 0;
        }
        for y in 320..360 {
            page.pixels[y * 600 + 100..y * 600 + 400].fill(0);
        }
        let down = vec![Rule { from: 110.0, to: 300.0, at: 300.5, thick: 1.0 }];
        let rules = Rules { across: Vec::new(), down };
        let clean = without_down(&page, &rules);
        assert_eq!(clean.pixels[150 * 600 + 300], 255);
        assert_eq!(clean.pixels[340 * 600 + 200], 0);
        // A thin stem close to the rule is a letter's.
        for y in 240..262 {
            page.pixels[y * 600 + 305..y * 600 + 307].fill(0);
        }
        assert_eq!(without_down(&page, &rules).pixels[250 * 600 + 305], 0);
        page.pixels[280 * 600 + 295..280 * 600 + 312].fill(0);
        let clean = without_down(&page, &rules);
        assert_eq!(clean.pixels[280 * 600 + 300], 0, "a letter's stroke across the rule stays");
    }

    #[test]
    fn a_figure_set_flush_right_keeps_its_last_stroke() {
        let mut page = Gray::filled(200, 300, 255);
        let strokes = |y: usize| if (140..160).contains(&y) { 96..99 } else { 0..0 };
        for y in 0..300 {
            page.pixels[y * 200 + 100..y * 200 + 104].fill(0);
            page.pixels[y * 200..][strokes(y)].fill(0);
        }
        let down = vec![Rule { from: 0.0, to: 300.0, at: 102.0, thick: 4.0 }];
        let clean = without_down(&page, &Rules { across: Vec::new(), down });
        for y in 0..300 {
            let dark: Vec<usize> = (0..200).filter(|x| clean.row(y)[*x] < 255).collect();
            assert_eq!(dark, strokes(y).collect::<Vec<_>>(), "row {y}");
        }
    }

    #[test]
    fn a_rule_that_bends_goes_whole() {
        let mut page = Gray::filled(100, 800, 255);
        for y in 0..800 {
            page.pixels[y * 100 + 50 + y * y / 80_000] = 0;
        }
        let down = vec![Rule { from: 0.0, to: 800.0, at: 52.6, thick: 1.0 }];
        let clean = without_down(&page, &Rules { across: Vec::new(), down });
        assert!(clean.pixels.iter().all(|v| *v == 255));
    }
}
