//! Rules: long thin strokes across and down, found as runs of ink on the page itself.

use crate::Gray;
use crate::bands::Band;
use crate::runs::{Ink, Run, edges_across, runs_across, runs_down, touching};
use crate::stems::{of_letters, without_stems};

/// A stroke across or down, page pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// Where it begins along its length.
    pub from: f32,
    /// Where it ends.
    pub to: f32,
    /// Where it lies across its length, at its middle.
    pub at: f32,
    /// Thickness.
    pub thick: f32,
}

impl Rule {
    /// Its length.
    #[must_use]
    pub fn length(&self) -> f32 {
        self.to - self.from
    }

    /// Where one that runs across is at `x`, on a page whose lines have this slope.
    fn y_at(&self, x: f32, slope: f32) -> f32 {
        self.at + slope * (x - f32::midpoint(self.from, self.to))
    }

    /// Whether it runs along most of another, within `near` of it.
    fn covers(&self, other: &Self, near: f32) -> bool {
        let shared = self.to.min(other.to) - self.from.max(other.from);
        shared > 0.6 * other.length() && (self.at - other.at).abs() < near
    }
}

/// The rules of a page.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Those that run across: `from..to` in x, `at` in y.
    pub across: Vec<Rule>,
    /// Those that run down: `from..to` in y, `at` in x.
    pub down: Vec<Rule>,
}

/// Darker than this is the soft edge of a rule.
pub(crate) const FAINT: u8 = 235;
/// Least length of a rule across, in core heights: longer than any letter's bar.
const ACROSS: f32 = 4.0;
/// Least length of a rule down that ends on rules across, in core heights.
const DOWN: f32 = 2.2;
/// Farthest from one table to the next where their rules down may be taken for one, in core heights.
const APART: f32 = 3.0;
/// ...where it shows no more than this share of what it does above.
const BLANK: f32 = 0.35;
/// Greatest height of a letter with what stands above and below it.
const LETTER: f32 = 4.0;
/// Least length of any other rule down.
const DOWN_ALONE: f32 = 7.0;
/// Least length of an edge of a tint, in core heights.
const EDGE: f32 = 12.0;
/// Farthest from a rule down to where it goes on, in core heights.
const AGAIN: f32 = 12.0;
/// Most thickness, in core heights; or in pixels, beside small print.
const THICK: f32 = 0.45;
const THICK_PIXELS: f32 = 4.4;
/// Or this share of the length, up to twice as much: a long stroke is a rule for certain.
const OF_LENGTH: f32 = 0.015;

/// A stroke down as short as this, in core heights, stands out by so much on average or is grain. On drawn
/// pages grain stands out by less than 5, rules and letters by more than 12.
const GRAIN: (f32, f32) = (8.0, 8.0);

/// Least run of a stroke down that leans, in core heights.
const LEANING: f32 = 1.1;
/// Least length of such a stroke.
const LONG: f32 = 6.0;

/// Strokes that share more than this of the shorter one's length run beside each other.
const BESIDE: f32 = 0.3;

/// Share of a stroke across that lies in a line's core when it is the letters' own.
const LETTERS: f32 = 0.6;
/// The same of lines beside each other, as in two columns that happen to stand level.
const ALL_LETTERS: f32 = 0.9;

/// The rules of a page whose text has this core height in pixels and this slope.
#[must_use]
pub fn find(page: &Gray, core: f32, slope: f32) -> Rules {
    // A rule that leans by a degree is a staircase of runs, so runs may be shorter than rules.
    let least = |cores: f32| ((cores * core * 0.4) as usize).max(12);
    let ink = Ink {
        page,
        side: ((0.2 * core) as usize).clamp(2, 6),
        deep: ((0.5 * core) as usize).max(3),
    };
    let thick = (THICK * core).max(THICK_PIXELS);
    let mut across = strokes(runs_across(&ink, least(ACROSS)), ACROSS * core, thick, 2.0 * core);
    let edges = strokes(edges_across(page, least(EDGE), core), EDGE * core, thick, core);
    let known = |e: &Rule| across.iter().any(|a| a.covers(e, 0.4 * core));
    let edges: Vec<Rule> = edges.into_iter().filter(|e| !known(e)).collect();
    across.extend(edges);
    // Runs down are longer than a letter: letters would stick to the rules they touch.
    let longest = (1.4 * core) as usize;
    let down = strokes(runs_down(&ink, longest), DOWN * core, thick, 0.6 * core);
    // Stacks of letters may touch from line to line where lines are set tight.
    // A letter with its subscript is as high as a row, but seldom ends on both rules.
    let near =
        |d: &Rule| if d.length() < LETTER * core { (0.2 * core).max(2.5) } else { 0.5 * core };
    let (sure, rest): (Vec<Rule>, Vec<Rule>) = down.into_iter().partition(|d| {
        d.length() >= DOWN_ALONE * core
            || [d.from, d.to].iter().all(|&y| meets(&across, slope, d, y, near(d)))
    });
    // A column's rule goes on below a cell that spans it.
    let goes_on = |d: &Rule| {
        sure.iter().any(|s| {
            let gap = (d.from - s.to).max(s.from - d.to);
            s.length() >= DOWN_ALONE * core
                && gap < AGAIN * core
                && (s.at - d.at).abs() < 0.35 * core
        })
    };
    let more: Vec<Rule> = rest.into_iter().filter(goes_on).collect();
    let down = sure.into_iter().chain(more);
    let down = down.filter(|d| !of_letters(page, d, core) && !is_grain(page, d, ink.side, core));
    let down = down.flat_map(|d| parted(page, &across, slope, d, core)).collect();
    Rules { across, down }
}

/// Whether a short stroke down is the grain of a tint: what lies on both its sides is as dark on average.
fn is_grain(page: &Gray, rule: &Rule, side: usize, core: f32) -> bool {
    let rows = rule.from as usize..(rule.to as usize).min(page.height);
    let mean = |x: usize| {
        let sum: u32 = rows.clone().map(|y| u32::from(page.row(y)[x.min(page.width - 1)])).sum();
        sum as f32 / rows.len().max(1) as f32
    };
    let x = (rule.at - 0.5).round().max(0.0) as usize;
    let own = (x.saturating_sub(1)..=x + 1).map(mean).fold(255.0, f32::min);
    let off = side + (rule.thick / 2.0) as usize;
    let beside = mean(x.saturating_sub(off)).min(mean(x + off));
    rule.length() < GRAIN.0 * core && beside - own < GRAIN.1
}

/// The rule down in pieces where it jumps from the last rule across of one table to the first of the
/// next: there is paper between.
fn parted(page: &Gray, across: &[Rule], slope: f32, down: Rule, core: f32) -> Vec<Rule> {
    // Heights and thicknesses of the rules that cross it.
    let mut at: Vec<(f32, f32)> = across
        .iter()
        .filter(|a| a.from < down.at + 0.5 * core && a.to > down.at - 0.5 * core)
        .map(|a| (a.y_at(down.at, slope), a.thick))
        .filter(|a| a.0 > down.from + core && a.0 < down.to - core)
        .collect();
    at.sort_by(|a, b| a.0.total_cmp(&b.0));
    // How much darker than its surroundings the darkest column near the rule is between two heights.
    let shows = |from: f32, to: f32| {
        let rows = from.max(0.0) as usize..(to.max(0.0) as usize).min(page.height);
        // A rule that leans is a little aside of its middle.
        let reach = 2.0 + down.thick + (0.012 * down.length()).min(8.0);
        let columns = (down.at - reach).max(0.0) as usize..(down.at + reach) as usize + 1;
        let mean = |x: usize| {
            let sum: usize = rows.clone().map(|y| usize::from(page.row(y)[x])).sum();
            sum as f32 / rows.len().max(1) as f32
        };
        let mut means: Vec<f32> = columns.filter(|x| *x < page.width).map(mean).collect();
        means.sort_by(f32::total_cmp);
        means.first().map_or(0.0, |darkest| means[means.len() * 3 / 4] - darkest)
    };
    let mut out = Vec::new();
    let mut rest = down;
    for pair in at.windows(2) {
        let [(upper, thick), (lower, other)] = [pair[0], pair[1]];
        let (from, to) = (upper + thick + 1.0, lower - other - 1.0);
        if to - from < 2.0 || to - from > APART * core {
            continue;
        }
        if shows(from, to) < BLANK * shows(upper - core, upper - thick - 1.0) {
            out.push(Rule { to: upper, ..rest });
            rest.from = lower;
        }
    }
    out.push(rest);
    out
}

impl Rules {
    /// Without the strokes that are letters' own: headlines and feet in the core of a line not much
    /// shorter than they are, and stems in a line that runs on beyond them. The page has text of
    /// this core height.
    #[must_use]
    pub fn without_letters(mut self, page: &Gray, bands: &[Band], core: f32) -> Self {
        let in_letters = |rule: &Rule| {
            let middle = f32::midpoint(rule.from, rule.to);
            let near = |b: &&Band| {
                let at = b.curve.at(middle.clamp(b.curve.from, b.curve.to));
                (at - rule.at).abs() < 0.75 * b.core
            };
            let shares = bands.iter().filter(near).map(|b| {
                (rule.to.min(b.curve.to) - rule.from.max(b.curve.from)).max(0.0) / rule.length()
            });
            let (most, all) = shares.fold((0.0f32, 0.0), |(m, a), s| (m.max(s), a + s));
            most > LETTERS || all > ALL_LETTERS
        };
        self.across.retain(|r| !in_letters(r));
        self.down = without_stems(self.down, page, bands, core);
        self
    }
}

impl Rules {
    /// With the rules down of a page that leans by `slope` in short pieces, each where the rule is
    /// at that height: what parts lines looks at one height only.
    #[must_use]
    pub fn in_pieces(&self, slope: f32, core: f32) -> Self {
        let down = self.down.iter().flat_map(|rule| {
            let strays = (slope * rule.length()).abs() / 2.0;
            let count =
                if strays < 0.2 * core { 1 } else { (rule.length() / core).ceil() as usize };
            let step = rule.length() / count as f32;
            let lap = if count == 1 { 0.0 } else { core };
            (0..count).map(move |i| {
                let y = rule.from + (i as f32 + 0.5) * step;
                Rule {
                    from: (y - step / 2.0 - lap).max(rule.from),
                    to: (y + step / 2.0 + lap).min(rule.to),
                    at: rule.at - slope * (y - f32::midpoint(rule.from, rule.to)),
                    thick: rule.thick,
                }
            })
        });
        Self { across: self.across.clone(), down: down.collect() }
    }
}

/// Whether the end `y` of a rule down lies on a rule across, or this near to one.
fn meets(across: &[Rule], slope: f32, down: &Rule, y: f32, near: f32) -> bool {
    across.iter().any(|a| {
        (a.y_at(down.at, slope) - y).abs() < near
            && a.from < down.at + near
            && a.to > down.at - near
    })
}

/// A long thin stroke down, however it leans.
#[derive(Clone, Copy, Debug)]
pub struct Lean {
    /// Where it is, at its middle.
    pub x: f32,
    /// How far it goes to the right for each pixel down.
    pub lean: f32,
    /// Its length down, pixels.
    pub length: f32,
}

/// The strokes down of a page whose text has this core height in pixels, up to 10 degrees aslant.
#[must_use]
pub fn leaning(page: &Gray, core: f32) -> Vec<Lean> {
    let side = ((0.2 * core) as usize).clamp(2, 6);
    let ink = Ink { page, side, deep: ((0.5 * core) as usize).max(3) };
    let runs = runs_down(&ink, ((LEANING * core) as usize).max(8));
    let one = |group: &Vec<usize>| {
        let runs = || group.iter().map(|&i| &runs[i]);
        let from = runs().map(|r| r.from).min()? as f32;
        let length = runs().map(|r| r.to).max()? as f32 - from;
        let area: f32 = runs().map(|r| (r.to - r.from) as f32).sum();
        if length < LONG * core || area / length > THICK * core {
            return None;
        }
        // The slope of the line through the runs, each by its length.
        let middle = |r: &Run| (r.from + r.to) as f32 / 2.0;
        let weigh = |of: &dyn Fn(&Run) -> f32| {
            runs().map(|r| (r.to - r.from) as f32 * of(r)).sum::<f32>() / area
        };
        let (x, y) = (weigh(&|r| r.at as f32), weigh(&middle));
        let both = weigh(&|r| (r.at as f32 - x) * (middle(r) - y));
        let down = weigh(&|r| (middle(r) - y).powi(2) + (r.to - r.from).pow(2) as f32 / 12.0);
        let lean = both / down.max(1.0);
        (lean.abs() < 0.18).then_some(Lean { x, lean, length })
    };
    touching(&runs).iter().filter_map(one).collect()
}

/// Joins runs that touch into strokes, and those whose ends are no more than `gap` apart, and keeps
/// the long thin ones. Runs come sorted by `at`.
fn strokes(runs: Vec<Run>, length: f32, thick: f32, gap: f32) -> Vec<Rule> {
    let groups = touching(&runs);
    let mut out: Vec<Rule> = groups
        .iter()
        .filter(|g| !g.is_empty())
        .filter_map(|g| {
            let from = g.iter().map(|&i| runs[i].from).min()? as f32;
            let to = g.iter().map(|&i| runs[i].to).max()? as f32;
            let area: usize = g.iter().map(|&i| runs[i].to - runs[i].from).sum();
            let moment: f32 = g
                .iter()
                .map(|&i| (runs[i].to - runs[i].from) as f32 * (runs[i].at as f32 + 0.5))
                .sum();
            let deep =
                g.iter().map(|&i| runs[i].at).max()? - g.iter().map(|&i| runs[i].at).min()?;
            let rule =
                Rule { from, to, at: moment / area as f32, thick: area as f32 / (to - from) };
            // Slack for a leaning rule: 2.5 degrees.
            let straight = deep as f32 <= thick + 0.045 * (to - from);
            let most = thick.max((OF_LENGTH * rule.length()).min(2.0 * thick));
            (rule.length() >= length && rule.thick <= most && straight).then_some(rule)
        })
        .collect();
    join_ends(&mut out, gap);
    out
}

/// Joins strokes in one line whose ends are close: a broken or dashed rule.
fn join_ends(rules: &mut Vec<Rule>, gap: f32) {
    rules.sort_by(|a, b| a.from.total_cmp(&b.from));
    let mut i = 0;
    while i < rules.len() {
        let a = rules[i];
        let next = (i + 1..rules.len()).find(|&j| {
            let b = rules[j];
            // Two that run beside each other are one only where hardly anything is between them.
            let beside = a.to.min(b.to) - b.from > BESIDE * a.length().min(b.length());
            let aside = if beside { a.thick.max(b.thick) } else { 0.01 * (b.to - a.from) };
            b.from <= a.to + gap && (b.at - a.at).abs() <= 2.0 + aside
        });
        match next {
            Some(j) => {
                let b = rules.remove(j);
                let (la, lb) = (a.length(), b.length());
                rules[i].to = a.to.max(b.to);
                rules[i].at = (a.at * la + b.at * lb) / (la + lb);
                rules[i].thick = a.thick.max(b.thick);
            }
            None => i += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Curve;

    #[test]
    fn grain_of_a_tint_is_no_rule() {
        let mut page = Gray::filled(400, 120, 250);
        for (i, v) in page.pixels[30 * 400..70 * 400].iter_mut().enumerate() {
            *v = 150 + (i * 7919 % 37) as u8;
        }
        for y in 30..70 {
            page.pixels[y * 400 + 200..y * 400 + 202].fill(110);
            // Twice as dark as its sides in every other row, lighter in the others.
            page.pixels[y * 400 + 300] = if y % 2 == 0 { 120 } else { 200 };
        }
        let rule = |at| Rule { from: 30.0, to: 70.0, at, thick: 2.0 };
        assert!(!is_grain(&page, &rule(201.0), 2, 10.0));
        assert!(is_grain(&page, &rule(300.5), 2, 10.0));
    }

    #[test]
    fn a_low_table_on_a_page_that_leans_has_its_walls() {
        let mut page = Gray::filled(900, 200, 255);
        for x in 50..850 {
            for top in [60.0, 110.0] {
                let y = (top + 0.02 * (x as f32 - 450.0)) as usize;
                page.pixels[y * 900 + x] = 0;
                page.pixels[(y + 1) * 900 + x] = 0;
            }
        }
        for x in [50, 400, 848] {
            let y0 = (60.0 + 0.02 * (x as f32 - 450.0)) as usize;
            for y in y0..y0 + 50 {
                page.pixels[y * 900 + x..y * 900 + x + 2].fill(0);
            }
        }
        assert_eq!(find(&page, 12.0, 0.02).down.len(), 3);
    }

    #[test]
    fn edges_of_a_tinted_row_are_rules() {
        let mut page = Gray::filled(600, 200, 255);
        for y in 50..90 {
            page.pixels[y * 600 + 40..y * 600 + 560].fill(210);
        }
        let rules = find(&page, 20.0, 0.0);
        let at: Vec<f32> = rules.across.iter().map(|r| r.at.round()).collect();
        assert_eq!((at.len(), rules.down.len()), (2, 0));
        assert!((at[0] - 50.0).abs() <= 1.0 && (at[1] - 90.0).abs() <= 1.0, "{at:?}");
    }

    #[test]
    fn a_leaning_rule_is_where_it_is_at_each_height() {
        let down = vec![Rule { from: 0.0, to: 1000.0, at: 300.0, thick: 2.0 }];
        let rules = Rules { across: Vec::new(), down };
        let pieces = rules.in_pieces(0.02, 10.0).down;
        let at = |y: f32| {
            let near = |r: &&Rule| r.from <= y - 7.0 && r.to >= y + 7.0;
            pieces.iter().filter(near).map(|r| r.at).collect::<Vec<_>>()
        };
        assert!(!at(100.0).is_empty() && at(100.0).iter().all(|x| (x - 308.0).abs() < 0.5));
        assert!(!at(900.0).is_empty() && at(900.0).iter().all(|x| (x - 292.0).abs() < 0.5));
        assert_eq!(rules.in_pieces(0.0, 10.0).down, rules.down);
    }

    #[test]
    fn a_headline_of_letters_is_no_rule() {
        let band = |from, to, y| {
            let curve = Curve::straight(from, to, y, 0.0);
            Band { curve, core: 20.0, score: 1.0, points: Vec::new() }
        };
        let rule = |from, to, at| Rule { from, to, at, thick: 2.0 };
        let across =
            vec![rule(100.0, 300.0, 90.0), rule(100.0, 300.0, 120.0), rule(0.0, 900.0, 98.0)];
        let rules = Rules { across, down: Vec::new() };
        let left =
            rules.without_letters(&Gray::filled(900, 200, 255), &[band(90.0, 320.0, 100.0)], 20.0);
        let at: Vec<f32> = left.across.iter().map(|r| r.at).collect();
        assert_eq!(at, [120.0, 98.0], "an underline and a rule that runs on are rules");
        let columns = [band(0.0, 440.0, 100.0), band(460.0, 900.0, 100.0)];
        assert!(
            left.without_letters(&Gray::filled(900, 200, 255), &columns, 20.0).across.len() == 1
        );
    }

    #[test]
    fn a_rule_ends_with_its_table() {
        let mut page = Gray::filled(400, 300, 255);
        for y in (20..101).chain(110..191) {
            for x in [50, 150, 350] {
                page.pixels[y * 400 + x..y * 400 + x + 2].fill(0);
            }
        }
        for y in [20, 60, 100, 110, 150, 190] {
            page.pixels[y * 400 + 50..y * 400 + 352].fill(0);
            page.pixels[(y + 1) * 400 + 50..(y + 1) * 400 + 352].fill(0);
        }
        let rules = find(&page, 16.0, 0.0);
        assert_eq!((rules.across.len(), rules.down.len()), (6, 6));
    }

    #[test]
    fn rules_beside_each_other_are_two_and_a_broken_one_is_one() {
        let stroke = |from: f32, to: f32, at: f32| Rule { from, to, at, thick: 2.0 };
        let mut rules =
            vec![stroke(0.0, 1400.0, 100.0), stroke(1.0, 1400.0, 109.0), stroke(0.0, 700.0, 50.0)];
        // A rule that leans, in two pieces.
        rules.push(stroke(690.0, 1400.0, 58.0));
        join_ends(&mut rules, 20.0);
        let mut at: Vec<f32> = rules.iter().map(|r| r.at.round()).collect();
        at.sort_by(f32::total_cmp);
        assert_eq!(at, [54.0, 100.0, 109.0]);
    }

    #[test]
    fn rules_are_found_and_letters_and_bars_are_not() {
        let mut page = Gray::filled(600, 400, 255);
        for x in 50..550 {
            let y = 100 + x / 100;
            page.pixels[y * 600 + x] = 0;
            page.pixels[(y + 1) * 600 + x] = 0;
        }
        for y in 110..300 {
            page.pixels[y * 600 + 300] = 0;
        }
        for y in 320..360 {
            for x in 100..400 {
                page.pixels[y * 600 + x] = 0;
            }
        }
        for x in (60..500).step_by(14) {
            for y in 200..220 {
                page.pixels[y * 600 + x] = 0;
            }
        }
        let rules = find(&page, 20.0, 0.0);
        assert_eq!((rules.across.len(), rules.down.len()), (1, 1));
        assert!((rules.across[0].length() - 500.0).abs() < 2.0);
        assert!((rules.down[0].at - 300.5).abs() < 0.1);
    }
}
