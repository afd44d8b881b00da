//! Support: rules checked against what the finder sees. Strokes of letters in one line, dots of a
//! shade and folds look like rules; a rule worn off leaves two columns one.

use std::ops::Range;

use khocr_document::Rect;

use crate::bands::Band;
use crate::field::Field;
use crate::lattice::Lattice;
use crate::layout::{Grid, Level};
use crate::rules::{Rule, Rules};

/// How far from a rule its gutter may show, in core heights.
const NEAR: f32 = 0.7;
/// How far around a rule the finder must see a table to have a say, in core heights...
const AROUND: f32 = 6.0;
/// ...and how surely.
const TABLE: f32 = 0.3;
/// A rule down along which less of a gutter shows, and which lines run across, is none.
const LEAST: f32 = 0.12;
/// ...and one as short as a stroke, where even less of a gutter shows, is none anywhere.
const NONE: f32 = 0.02;
/// Lines are this far apart at least where they are set normally, in core heights...
const PITCH: f32 = 2.0;
/// ...and a rule that they run across along this much of its length is none, where there is no gutter.
const CROSSED: f32 = 0.55;
/// A rule may touch so much of the end of a line, in core heights.
const TOUCHES: f32 = 0.7;
/// Pieces of one rule are no farther aside of each other, in core heights...
const IN_LINE: f32 = 0.5;
/// ...and a rule as short as this in all its pieces may be a stroke, a blot or a crease.
const SHORT: f32 = 6.0;
/// Share of a table's rows in which a gutter must show to stand for a rule worn off.
const SHOWS: f32 = 0.8;
/// Share of a row's width along which a rule is drawn that needs no help.
const ALONE: f32 = 0.96;
/// Share of such a gutter along which no rule is drawn.
const BARE: f32 = 0.7;

/// Share of a row's height along which a wall is drawn that is not worn at all.
const WHOLE: f32 = 0.9;
/// Less than this share of it is the end of what is drawn in the row beside.
const SPANNED: f32 = 0.25;

/// A rule this much longer than another in the same gutter is the one that is drawn...
const LONGER: f32 = 2.0;
/// ...where it is this near, in core heights...
const BESIDE: f32 = 8.0;
/// ...and so much of what lies between them is gutter.
const ONE: f32 = 0.4;
/// Rules across nearer to each other than this are one, in core heights.
const LEVEL: f32 = 0.6;
/// Farthest from one table to the next where their rules may be taken for one, in core heights...
const APART: f32 = 5.0;
/// ...how far above and below it is looked whether there are tables...
const SIDES: f32 = 6.0;
/// ...of which between them no more than this share shows.
const BETWEEN: f32 = 0.35;

/// Of the rules down (level pixels), those that are stems of letters: lines run across them all
/// along, and the finder sees no gutter there.
pub(crate) fn crossed(down: &[Rule], field: &Field, bands: &[Band], level: &Level) -> Vec<bool> {
    let lines = lines(bands, level);
    let is_stem = |r: &Rule| {
        let over: Vec<&Line> = lines.iter().filter(|l| l.runs_over(r, TOUCHES * l.core)).collect();
        let heights: f32 = over.iter().map(|l| PITCH * l.core).sum();
        let core = over.iter().map(|l| l.core).fold(0.0, f32::max);
        heights > CROSSED * r.length()
            && field.gutter_along(r.at, NEAR * core, r.from, r.to) < LEAST
    };
    down.iter().map(is_stem).collect()
}

/// A line, level pixels.
struct Line {
    x0: f32,
    x1: f32,
    y: f32,
    core: f32,
}

impl Line {
    /// Whether it runs on past a rule down by more than `slack` on both sides.
    fn runs_over(&self, r: &Rule, slack: f32) -> bool {
        r.from < self.y && self.y < r.to && self.x0 + slack < r.at && r.at < self.x1 - slack
    }
}

fn lines(bands: &[Band], level: &Level) -> Vec<Line> {
    let line = |b: &Band| {
        let at = |x: f32| level.level(x, b.curve.at(x));
        let ((x0, _), (x1, _)) = (at(b.curve.from), at(b.curve.to));
        let y = at(f32::midpoint(b.curve.from, b.curve.to)).1;
        Line { x0, x1, y, core: b.core }
    };
    bands.iter().map(line).collect()
}

/// The rules (level pixels) without those down that the finder sees none of where it sees a table.
pub(crate) fn without_doubtful(
    mut rules: Rules,
    field: &Field,
    bands: &[Band],
    level: &Level,
    core: f32,
) -> Rules {
    let lines = lines(bands, level);
    let slack = TOUCHES * core;
    let all = rules.down.clone();
    let lone = |r: &Rule| {
        let beside = all.iter().filter(|o| (o.at - r.at).abs() < IN_LINE * core);
        beside.map(Rule::length).sum::<f32>() < SHORT * core
    };
    rules.down.retain(|r| {
        let crossed = lines.iter().any(|l| l.runs_over(r, slack));
        let seen = field.table_around(r.at, AROUND * core, r.from, r.to) >= TABLE;
        let gutter = field.gutter_along(r.at, NEAR * core, r.from, r.to);
        let is_stroke = crossed && lone(r) && gutter < NONE;
        let is_doubted = (crossed || lone(r)) && seen && gutter < LEAST;
        !is_stroke && !is_doubted
    });
    let drop: Vec<bool> =
        rules.down.iter().map(|r| is_beside(r, &rules.down, field, core)).collect();
    let mut drop = drop.into_iter();
    rules.down.retain(|_| !drop.next().unwrap_or(false));
    let gaps = gaps(&rules.across, field, core);
    rules.down = rules.down.into_iter().flat_map(|r| cut(r, &gaps, core)).collect();
    rules
}

/// Whether a rule down shares its gutter with a much longer one: letters that touch a rule look like
/// another.
fn is_beside(rule: &Rule, down: &[Rule], field: &Field, core: f32) -> bool {
    down.iter().any(|o| {
        o.length() > LONGER * rule.length()
            && o.from < rule.to
            && rule.from < o.to
            && (1.0..BESIDE * core).contains(&(o.at - rule.at).abs())
            && field.gutter_between(o.at, rule.at, rule.from.max(o.from), rule.to.min(o.to)) > ONE
    })
}

/// What lies between one table and the next below it: the rules across at its top and its foot, between
/// which the finder sees neither gutters nor partings, as it does above and below.
fn gaps(across: &[Rule], field: &Field, core: f32) -> Vec<(Rule, Rule)> {
    let mut sorted = across.to_vec();
    sorted.sort_by(|a, b| a.at.total_cmp(&b.at));
    let mut out = Vec::new();
    for (i, upper) in sorted.iter().enumerate() {
        let shares = |r: &&Rule| r.from < upper.to && upper.from < r.to;
        let Some(lower) = sorted[i + 1..].iter().find(shares) else { continue };
        if !(LEVEL * core..APART * core).contains(&(lower.at - upper.at)) {
            continue;
        }
        let (x0, x1) = (upper.from.max(lower.from), upper.to.min(lower.to));
        let seen = |from: f32, to: f32| field.table_in(x0, x1, from, to);
        let above = seen(upper.at - SIDES * core, upper.at);
        let sides = above.min(seen(lower.at, lower.at + SIDES * core));
        if sides > TABLE && seen(upper.at, lower.at) < BETWEEN * sides {
            out.push((*upper, *lower));
        }
    }
    out
}

/// A rule down in pieces where it seems to run on from one table into the next.
fn cut(rule: Rule, gaps: &[(Rule, Rule)], core: f32) -> Vec<Rule> {
    let mut out = vec![rule];
    for (upper, lower) in gaps {
        let last = out[out.len() - 1];
        let meets = |a: &Rule| a.from - core < rule.at && rule.at < a.to + core;
        if last.from < upper.at - core && last.to > lower.at + core && meets(upper) && meets(lower)
        {
            out.pop();
            out.extend([Rule { to: upper.at, ..last }, Rule { from: lower.at, ..last }]);
        }
    }
    out
}

/// Rules down (level pixels) that the finder sees in ruled tables where none is drawn.
pub(crate) fn worn_off(grids: &[Grid], seen: &[Lattice], rules: &Rules, core: f32) -> Vec<Rule> {
    let mut out = Vec::new();
    for grid in grids {
        let Rect { x0, y0, x1, y1 } = grid.rect;
        for table in seen {
            if !table.covers(&grid.rect) {
                continue;
            }
            let ys = y0.max(table.grid.rect.y0)..y1.min(table.grid.rect.y1);
            let (edges, rows) = (grid.column_edges(), grid.row_edges());
            for ((from, to), x) in table.gutters(SHOWS) {
                let is_drawn = |x: &f32| is_drawn(&rules.down, *x, &rows, core);
                let after = edges.partition_point(|e| *e < x);
                let beside = &edges[after.saturating_sub(1)..(after + 1).min(edges.len())];
                // Where the walls on both sides are not worn, neither is one between them; a frame may
                // be thicker.
                let worn = edges.len() < 3 || !beside.iter().all(is_drawn);
                if worn && inside(x, x0, x1, core) && is_bare(&rules.down, (from, to), &ys, core) {
                    let clipped = |r: Rule| Rule { from: r.from.max(y0), to: r.to.min(y1), ..r };
                    out.extend(table.pieces(x).map(clipped).filter(|r| r.length() > 0.0));
                }
            }
        }
    }
    out
}

/// Rules across (level pixels) that the finder sees in ruled tables where they are worn off, all or in
/// part. A line that stands where one would run is a cell's of several rows.
pub(crate) fn worn_off_across(
    grids: &[Grid],
    seen: &[Lattice],
    rules: &Rules,
    bands: &[Band],
    level: &Level,
    core: f32,
) -> Vec<Rule> {
    let lines = lines(bands, level);
    let mut out = Vec::new();
    for grid in grids {
        let Rect { x0, y0, x1, y1 } = grid.rect;
        for table in seen.iter().filter(|t| t.covers(&grid.rect)) {
            for lane in table.lanes(SHOWS) {
                let at = f32::midpoint(lane.0, lane.1);
                if !inside(at, y0, y1, core) || drawn(&rules.across, lane, &(x0..x1), core) > ALONE
                {
                    continue;
                }
                let mut pieces = vec![(x0, x1)];
                for line in lines.iter().filter(|l| lane.0 < l.y && l.y < lane.1) {
                    let parts = |p: (f32, f32)| [(p.0, p.1.min(line.x0)), (p.0.max(line.x1), p.1)];
                    pieces = pieces.into_iter().flat_map(parts).filter(|p| p.0 < p.1).collect();
                    pieces.dedup();
                }
                out.extend(pieces.iter().map(|p| Rule { from: p.0, to: p.1, at, thick: 1.0 }));
            }
        }
    }
    out
}

fn inside(at: f32, from: f32, to: f32, core: f32) -> bool {
    at > from + core && at < to - core
}

/// Whether a wall is drawn that is not worn, row by row of its table: in most it is, and in the others, which a cell
/// spans, not at all.
fn is_drawn(down: &[Rule], x: f32, edges: &[f32], core: f32) -> bool {
    let shares = || edges.windows(2).map(|w| drawn(down, (x, x), &(w[0]..w[1]), core));
    let whole = shares().filter(|s| *s > WHOLE).count();
    whole * 2 + 1 >= edges.len() && !shares().any(|s| (SPANNED..=WHOLE).contains(&s))
}

/// Whether hardly any rule lies in a strip along this stretch.
fn is_bare(rules: &[Rule], strip: (f32, f32), along: &Range<f32>, core: f32) -> bool {
    drawn(rules, strip, along, core) < 1.0 - BARE
}

/// Share of this stretch along which rules lie in a strip.
pub(crate) fn drawn(rules: &[Rule], strip: (f32, f32), along: &Range<f32>, core: f32) -> f32 {
    let near = |r: &&Rule| strip.0 - NEAR * core < r.at && r.at < strip.1 + NEAR * core;
    let drawn = |r: &Rule| (r.to.min(along.end) - r.from.max(along.start)).max(0.0);
    rules.iter().filter(near).map(drawn).sum::<f32>() / (along.end - along.start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::{Found, Maps};

    /// Two tables, one below the other, of two columns each, cells of 4 px.
    fn field() -> Field {
        let (width, height) = (100, 100);
        let mut maps = Maps { width, height, ..Maps::default() };
        maps.gutters = vec![0.0; width * height];
        maps.partings = vec![0.0; width * height];
        for y in (5..45).chain(50..90) {
            for x in 5..95 {
                maps.gutters[y * width + x] = if (48..53).contains(&x) { 0.9 } else { 0.0 };
                maps.partings[y * width + x] = if y % 5 > 1 { 0.9 } else { 0.0 };
            }
        }
        Field::of(&Found { maps, cell: 4.0 }, &Level::of_slope(0.0)).unwrap()
    }

    fn rule(from: f32, to: f32, at: f32) -> Rule {
        Rule { from, to, at, thick: 1.0 }
    }

    fn line(from: f32, to: f32, y: f32) -> Band {
        let curve = crate::curve::Curve::straight(from, to, y, 0.0);
        Band { curve, core: 10.0, score: 1.0, points: Vec::new() }
    }

    #[test]
    fn strokes_of_letters_are_no_rules_where_a_table_is_seen() {
        let level = Level::of_slope(0.0);
        let down =
            vec![rule(20.0, 180.0, 202.0), rule(60.0, 100.0, 100.0), rule(60.0, 100.0, 196.0)];
        let rules = Rules { across: Vec::new(), down };
        let bands = [line(30.0, 190.0, 80.0), line(210.0, 380.0, 80.0)];
        let kept = without_doubtful(rules.clone(), &field(), &bands, &level, 10.0).down;
        // The one through a line, and the one beside the rule that is drawn.
        assert_eq!(kept, [rules.down[0]]);
        let long =
            Rules { across: Vec::new(), down: vec![rules.down[0], rule(60.0, 130.0, 100.0)] };
        let kept = without_doubtful(long.clone(), &field(), &[], &level, 10.0).down;
        assert_eq!(kept, long.down, "what no line crosses may part empty cells");
        let kept = without_doubtful(rules.clone(), &field(), &[], &level, 10.0).down;
        assert_eq!(kept, rules.down[..1], "but not where it is a short stroke");
    }

    #[test]
    fn stems_that_lines_run_across_are_no_rules_and_a_wall_that_one_runs_across_is() {
        let level = Level::of_slope(0.0);
        let down = [rule(20.0, 100.0, 100.0), rule(20.0, 180.0, 300.0), rule(20.0, 180.0, 202.0)];
        // Lines all along the first, one over the second, some all along the gutter's.
        let rows = |n: u8| (0..n).map(|i| 34.0 + 24.0 * f32::from(i));
        let mut bands: Vec<Band> = rows(3).map(|y| line(30.0, 190.0, y)).collect();
        bands.push(line(250.0, 390.0, 40.0));
        bands.extend(rows(6).map(|y| line(150.0, 240.0, y)));
        assert_eq!(crossed(&down, &field(), &bands, &level), [true, false, false]);
    }

    #[test]
    fn rules_do_not_run_from_one_table_into_the_next() {
        let across = [20.0, 180.0, 200.0, 360.0].map(|y| rule(20.0, 380.0, y)).to_vec();
        let rules = Rules { across, down: vec![rule(20.0, 360.0, 202.0)] };
        let kept = without_doubtful(rules, &field(), &[], &Level::of_slope(0.0), 10.0).down;
        assert_eq!(kept, [rule(20.0, 180.0, 202.0), rule(200.0, 360.0, 202.0)]);
    }

    #[test]
    fn a_rule_across_that_is_worn_off_is_put_back_beside_a_cell_of_several_rows() {
        let seen = crate::lattice::lattices(&field(), 10.0);
        let down = [10.0, 200.0, 390.0].map(|x| rule(15.0, 185.0, x)).to_vec();
        let mut across: Vec<Rule> = [15.0, 185.0].map(|y| rule(10.0, 390.0, y)).to_vec();
        across.push(rule(10.0, 390.0, 74.0));
        across.push(rule(10.0, 150.0, 94.0));
        let rules = Rules { across, down };
        let grids = crate::tables::ruled(&rules, 10.0);
        let level = Level::of_slope(0.0);
        // A cell of two rows: its line stands where the rule between them would run.
        let bands = [line(210.0, 380.0, 53.0)];
        let added = worn_off_across(&grids, &seen, &rules, &bands, &level, 10.0);
        let near = |y: f32| -> Vec<(f32, f32)> {
            let at = added.iter().filter(|r| (r.at - y).abs() < 4.0);
            at.map(|r| (r.from, r.to)).collect()
        };
        assert_eq!(near(74.0), [], "drawn all along");
        assert_eq!(near(94.0), [(10.0, 390.0)], "drawn in part");
        assert_eq!(near(54.0), [(10.0, 210.0), (380.0, 390.0)]);
    }

    #[test]
    fn a_gutter_without_its_rule_is_added_once() {
        let seen = crate::lattice::lattices(&field(), 10.0);
        let across: Vec<Rule> = [15.0, 185.0].map(|y| rule(10.0, 390.0, y)).to_vec();
        let mut rules =
            Rules { across, down: [10.0, 390.0].map(|x| rule(15.0, 185.0, x)).to_vec() };
        let cell = |column: usize, x0: f32, x1: f32| crate::layout::GridCell {
            row: 0,
            column,
            row_span: 1,
            column_span: 1,
            rect: Rect::new(x0, 15.0, x1, 185.0),
            lines: Vec::new(),
        };
        let cells = vec![cell(0, 10.0, 390.0)];
        let grid = Grid { rect: Rect::new(10.0, 15.0, 390.0, 185.0), rows: 1, columns: 1, cells };
        let added = worn_off(std::slice::from_ref(&grid), &seen, &rules, 10.0);
        assert!(!added.is_empty() && added.iter().all(|r| (r.at - 202.0).abs() < 4.0));
        let length: f32 = added.iter().map(Rule::length).sum();
        assert!(length > 150.0 && length <= 170.0, "as high as the ruled table: {length}");
        rules.down.extend(added);
        assert!(worn_off(&[grid], &seen, &rules, 10.0).is_empty());
    }

    #[test]
    fn a_wall_that_a_cell_spans_is_drawn_and_a_worn_one_is_not() {
        let edges = [0.0, 40.0, 80.0, 120.0, 160.0];
        let drawn = |pieces: &[(f32, f32)]| {
            let down: Vec<Rule> = pieces.iter().map(|p| rule(p.0, p.1, 200.0)).collect();
            is_drawn(&down, 200.0, &edges, 10.0)
        };
        assert!(drawn(&[(0.0, 160.0)]));
        assert!(drawn(&[(36.0, 120.0)]), "the head and the last row are one cell each");
        assert!(!drawn(&[(0.0, 60.0), (90.0, 160.0)]), "worn in two rows");
        assert!(!drawn(&[(0.0, 40.0)]), "in one row only");
    }
}
