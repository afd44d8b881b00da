//! Assemble: which of a page's rules make up one table.

use crate::rules::{Rule, Rules};

/// Rules whose distance is within this many core heights meet.
const MEET: f32 = 0.5;
/// Several that end by one that they do not reach, within so many times that distance, belong to it.
const REACH: f32 = 4.0;
/// Rules whose distance is within this many core heights are one line of the grid.
pub(crate) const NEAR: f32 = 0.7;
/// A rule down that touches the next table reaches less far into it, in core heights.
const BLOT: f32 = 0.8;
/// Rules that end alike do so within this many core heights, and this share of their length does, so many at least: the
/// dashes of two leaders end alike as well.
const ALIKE: f32 = 1.5;
const MOST: f32 = 0.6;
const FEWEST: usize = 3;
/// Columns go on below a double rule where more than this share of them does.
const SHARED: f32 = 0.6;
/// A column is wider than this and a row higher, in core heights.
pub(crate) const ROOM: f32 = 1.7;

/// The rules of each table, at least two each way, those that close its sides among them.
pub(crate) fn tables(rules: &Rules, core: f32) -> Vec<Rules> {
    groups(rules, MEET * core)
        .into_iter()
        .flat_map(|g| apart(g, core))
        .map(|g| closed(g, core))
        .collect()
}

/// Rules that hang together, at least two each way.
fn groups(rules: &Rules, near: f32) -> Vec<Rules> {
    let (n, m) = (rules.across.len(), rules.down.len());
    let mut group: Vec<usize> = (0..n + m).collect();
    for (i, a) in rules.across.iter().enumerate() {
        for (j, d) in rules.down.iter().enumerate() {
            if group[i] != group[n + j] && meet(a, d, near) {
                let (keep, gone) = (group[i], group[n + j]);
                group.iter_mut().filter(|g| **g == gone).for_each(|g| *g = keep);
            }
        }
    }
    // A wall may be worn off where each of the table's rules reaches it. One that meets another table's is that one's.
    let across = |group: &[usize], name: usize| -> Vec<Rule> {
        (0..n).filter(|&i| group[i] == name).map(|i| rules.across[i]).collect()
    };
    let has_walls = |name: &usize| group[n..].iter().filter(|g| *g == name).count() >= 2;
    let names = distinct(&group[..n]).into_iter().filter(has_walls);
    let tables: Vec<(usize, Vec<Rule>)> = names.map(|name| (name, across(&group, name))).collect();
    for (j, d) in rules.down.iter().enumerate() {
        if tables.iter().any(|t| t.0 == group[n + j]) {
            continue;
        }
        let wall = whole(d, &rules.down, near);
        if let Some((keep, _)) = tables.iter().find(|t| ends_at(&t.1, &wall, near)) {
            group[n + j] = *keep;
        }
    }
    distinct(&group)
        .into_iter()
        .map(|name| Rules {
            across: across(&group, name),
            down: (0..m).filter(|&j| group[n + j] == name).map(|j| rules.down[j]).collect(),
        })
        .filter(|g| g.across.len() >= 2 && g.down.len() >= 2)
        .collect()
}

fn distinct(names: &[usize]) -> Vec<usize> {
    let mut out = names.to_vec();
    out.sort_unstable();
    out.dedup();
    out
}

/// Whether a rule across and one down touch or cross.
fn meet(across: &Rule, down: &Rule, near: f32) -> bool {
    down.at > across.from - near
        && down.at < across.to + near
        && across.at > down.from - near
        && across.at < down.to + near
}

/// A rule down with what goes on in its line above and below.
fn whole(rule: &Rule, down: &[Rule], near: f32) -> Rule {
    let pieces = || down.iter().filter(|d| (d.at - rule.at).abs() < near);
    let from = pieces().map(|d| d.from).fold(rule.from, f32::min);
    let to = pieces().map(|d| d.to).fold(rule.to, f32::max);
    Rule { from, to, ..*rule }
}

/// Whether rules across, two at least, end just before or behind one down that is no higher than all of them.
fn ends_at(across: &[Rule], down: &Rule, near: f32) -> bool {
    let top = across.iter().map(|a| a.at).fold(f32::MAX, f32::min);
    let foot = across.iter().map(|a| a.at).fold(f32::MIN, f32::max);
    let ends = |a: &&Rule| meet(a, down, REACH * near) && !meet(a, down, -near);
    down.from > top - REACH * near
        && down.to < foot + REACH * near
        && across.iter().filter(ends).count() >= 2
}

/// The rules of tables that stand so close below each other that they seemed one: nothing runs down
/// from the last rule across of the one to the first of the next. Lines hardly apart are one table's
/// own double rule where the same columns go on below.
fn apart(rules: Rules, core: f32) -> Vec<Rules> {
    let mut ys: Vec<f32> = rules.across.iter().map(|r| r.at).collect();
    ys.sort_by(f32::total_cmp);
    let middle = |r: &Rule| f32::midpoint(r.from, r.to);
    let cut = ys.windows(2).find(|w| {
        let (y, between) = (f32::midpoint(w[0], w[1]), w[1] - w[0]);
        let (close, low) = (between < MEET * core, between < ROOM * core);
        // Where no text fits between them, what jumps from one rule to the other is a blot.
        let slack = if low { between / 2.0 + BLOT * core } else { 0.0 };
        let runs_on = rules.down.iter().any(|d| d.from < y - slack && d.to > y + slack);
        let (above, below): (Vec<Rule>, Vec<Rule>) = rules.down.iter().partition(|d| middle(d) < y);
        let sides = [above, below].map(|side| places(&side, NEAR * core));
        let inner = sides[1].get(1..sides[1].len().saturating_sub(1)).unwrap_or_default();
        let known = |x: &&f32| sides[0].iter().any(|o| (o - **x).abs() < NEAR * core);
        let shared = inner.iter().filter(known).count();
        !runs_on
            && sides.iter().all(|s| s.len() >= 2)
            && !(close && shared as f32 >= SHARED * inner.len() as f32)
    });
    let Some(y) = cut.map(|w| f32::midpoint(w[0], w[1])) else { return vec![rules] };
    let (upper, lower) = rules.across.into_iter().partition(|r| r.at < y);
    let (above, below) = rules.down.into_iter().partition(|d| middle(d) < y);
    let mut out = vec![Rules { across: upper, down: above }];
    out.extend(apart(Rules { across: lower, down: below }, core));
    out
}

/// The rules of a table with those that its sides lack: where its rules end alike beyond the last that crosses
/// them, with room for text, the table does.
fn closed(mut rules: Rules, core: f32) -> Rules {
    let (down, across) =
        (sides(&rules.across, &rules.down, core), sides(&rules.down, &rules.across, core));
    rules.down.extend(down);
    rules.across.extend(across);
    rules
}

/// The sides where no rule of `crossing` closes what `along` draw.
fn sides(along: &[Rule], crossing: &[Rule], core: f32) -> Vec<Rule> {
    let first = crossing.iter().map(|r| r.at).fold(f32::MAX, f32::min);
    let last = crossing.iter().map(|r| r.at).fold(f32::MIN, f32::max);
    let before = along.iter().map(|r| (r.from, *r)).filter(|e| e.0 < first - ROOM * core);
    let after = along.iter().map(|r| (r.to, *r)).filter(|e| e.0 > last + ROOM * core);
    let all: f32 = along.iter().map(Rule::length).sum();
    let side = |mut ends: Vec<(f32, Rule)>| {
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        let alike = ends.last()?.0 - ends.first()?.0 < ALIKE * core;
        // Pieces of worn ones say little.
        let most = ends.iter().map(|e| e.1.length()).sum::<f32>() >= MOST * all;
        let from = ends.iter().map(|e| e.1.at).fold(f32::MAX, f32::min);
        let to = ends.iter().map(|e| e.1.at).fold(f32::MIN, f32::max);
        let at = ends[ends.len() / 2].0;
        (alike && most && ends.len() >= FEWEST).then_some(Rule { from, to, at, thick: 1.0 })
    };
    [side(before.collect()), side(after.collect())].into_iter().flatten().collect()
}

/// The distinct places of rules, in order.
pub(crate) fn places(rules: &[Rule], near: f32) -> Vec<f32> {
    let mut all: Vec<(f32, f32)> = rules.iter().map(|r| (r.at, r.length())).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut out: Vec<(f32, f32)> = Vec::new();
    for (at, length) in all {
        match out.last_mut() {
            Some(last) if at - last.0 < near => {
                last.0 = (last.0 * last.1 + at * length) / (last.1 + length);
                last.1 += length;
            }
            _ => out.push((at, length)),
        }
    }
    out.into_iter().map(|p| p.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(from: f32, to: f32, at: f32) -> Rule {
        Rule { from, to, at, thick: 2.0 }
    }

    #[test]
    fn a_table_without_rules_at_its_sides_is_closed_where_the_others_end() {
        // Walls reach above and below the edges of a tint, and these beyond the walls.
        let across = [40.0, 60.0, 80.0].map(|y| rule(0.0, 300.0, y)).to_vec();
        let down = [100.0, 150.0, 200.0].map(|x| rule(20.0, 100.0, x)).to_vec();
        let got = &tables(&Rules { across, down }, 10.0)[0];
        let at = |rules: &[Rule]| rules.iter().map(|r| r.at).collect::<Vec<_>>();
        assert_eq!(at(&got.down), [100.0, 150.0, 200.0, 0.0, 300.0]);
        assert_eq!(at(&got.across), [40.0, 60.0, 80.0, 20.0, 100.0]);
        assert_eq!((got.across[3].from, got.across[3].to), (100.0, 200.0));
        let ragged = [0.0, 40.0, 80.0].map(|y| rule(0.0, 200.0 + y, y)).to_vec();
        let down = [0.0, 150.0].map(|x| rule(0.0, 80.0, x)).to_vec();
        assert_eq!(tables(&Rules { across: ragged, down }, 10.0)[0].down.len(), 2);
    }

    #[test]
    fn a_wall_worn_off_where_rules_reach_it_belongs_to_its_table() {
        let ends = [295.0, 282.0, 284.0, 270.0];
        let across: Vec<Rule> =
            ends.iter().zip([0.0, 50.0, 100.0, 150.0]).map(|(x, y)| rule(0.0, *x, y)).collect();
        let mut down = [0.0, 100.0].map(|x| rule(0.0, 150.0, x)).to_vec();
        down.extend([rule(8.0, 70.0, 300.0), rule(90.0, 140.0, 300.0)]);
        let got = tables(&Rules { across: across.clone(), down: down.clone() }, 10.0);
        assert_eq!((got.len(), got[0].down.len()), (1, 4));
        // A frame around the page is no wall of it.
        down.truncate(2);
        down.push(rule(-300.0, 600.0, 300.0));
        assert_eq!(tables(&Rules { across, down }, 10.0)[0].down.len(), 2);
    }
}
