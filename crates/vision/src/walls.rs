//! Walls: tables whose columns stand between rules down, or whose rows stand between rules across.

use crate::aligned::{Column, base, filled, is_table};
use crate::fill::{divided, grid};
use crate::layout::{Grid, Item, Row, around, median};
use crate::rules::{Rule, Rules};
use crate::stretches::stretches;

/// Ends of a table's rules across are this near to each other, in core heights.
const SAME: f32 = 1.5;
/// Greatest height of a row between two rules, in core heights.
const TALL: f32 = 24.0;
/// Fewest rules across of such a table.
const FEWEST: usize = 4;
/// A line alone in its row and longer than this share of the table's width is no cell of it.
const PROSE: f32 = 0.6;
/// Narrowest gap between its columns, in core heights.
const PARTED: f32 = 0.6;
/// Rules down run along more than this share of a table's height to be its walls.
const ALONG: f32 = 0.3;

/// A table with rules across between its rows and none down: its columns are what the words of all
/// its rows leave between them.
pub(crate) fn striped(
    items: &[Item],
    rows: &[Row],
    at: usize,
    rules: &Rules,
) -> Option<(usize, Grid)> {
    let core = median(rows[at].iter().map(|&i| items[i].core).collect());
    let y = base(items, &rows[at]);
    let mut across: Vec<&Rule> = rules.across.iter().collect();
    across.sort_by(|a, b| a.at.total_cmp(&b.at));
    let above = |r: &&&Rule| r.at < y - 0.3 * core && r.at > y - TALL * core;
    let first = **across.iter().rev().find(above)?;
    let same = |r: &&&Rule| {
        (r.from - first.from).abs() < SAME * core && (r.to - first.to).abs() < SAME * core
    };
    let mut lines = vec![first.at];
    for rule in across.iter().filter(same).filter(|r| r.at > first.at + core) {
        let last = lines[lines.len() - 1];
        if rule.at - last > TALL * core {
            break;
        }
        if rule.at - last > core {
            lines.push(rule.at);
        }
    }
    // A paragraph between two tables of one width ends the first.
    let wide =
        |r: &&Row| r.len() == 1 && items[r[0]].rect.width() > PROSE * (first.to - first.from);
    if let Some(paragraph) = rows[at..].iter().find(wide) {
        let y = base(items, paragraph);
        lines.retain(|l| *l < y);
    }
    let foot = *lines.last()?;
    let to = at + rows[at..].iter().take_while(|r| base(items, r) < foot).count();
    let inside = rows.get(at..to)?;
    let within = |i: &usize| {
        let rect = &items[*i].rect;
        rect.x0 > first.from - SAME * core && rect.x1 < first.to + SAME * core
    };
    if lines.len() < FEWEST || !inside.iter().flatten().all(within) {
        return None;
    }
    let crossed = rules.down.iter().any(|d| {
        d.at > first.from + SAME * core
            && d.at < first.to - SAME * core
            && d.from < foot
            && d.to > first.at
    });
    if crossed {
        return None;
    }
    let column = |(x0, x1)| Column { x0, x1, filled: 1 };
    let columns: Vec<Column> =
        stretches(items, inside, PARTED * core).into_iter().map(column).collect();
    let stripe = |row: &Row| lines.iter().filter(|l| **l < base(items, row)).count();
    let mut full: Vec<usize> =
        inside.iter().filter(|r| filled(items, r, &columns) > 1).map(stripe).collect();
    full.dedup();
    // Rows of one cell each are paragraphs with rules between them.
    let share = if columns.len() > 2 { 3 } else { 2 };
    let is_one = columns.len() > 1 && full.len() * share >= lines.len();
    is_one.then(|| (to, divided(items, inside, &columns, rules, core, None)))
}

/// A table whose columns stand between rules down, as far down as these go.
pub(crate) fn walled(
    items: &[Item],
    rows: &[Row],
    at: usize,
    rules: &Rules,
) -> Option<(usize, Grid)> {
    let core = median(rows[at].iter().map(|&i| items[i].core).collect());
    let top = base(items, &rows[at]) - 0.5 * core;
    // A frame around the page parts nothing.
    let all = around(items, rows.iter().flatten().copied());
    let inside = |r: &&Rule| r.at > all.x0 && r.at < all.x1;
    let reaches =
        |r: &&Rule| inside(r) && r.length() > 4.0 * core && r.from < top && r.to > top + core;
    let foot = median(rules.down.iter().filter(reaches).map(|r| r.to).collect());
    let inside = rows[at..].iter().take_while(|r| base(items, r) < foot + 0.3 * core).count();
    let to = at + inside;
    let mut pieces: Vec<&Rule> = rules
        .down
        .iter()
        .filter(|r| r.to > top + core && r.from < foot - 1.5 * core && r.to < foot + 4.0 * core)
        .collect();
    pieces.sort_by(|a, b| a.at.total_cmp(&b.at));
    // The edge of the paper or a fold runs along a small part of the table.
    let along = |wall: &[&Rule]| -> f32 {
        wall.iter().map(|r| r.to.min(foot) - r.from.max(top)).sum::<f32>() / (foot - top)
    };
    let mut xs: Vec<f32> = pieces
        .chunk_by(|a, b| b.at - a.at < 0.7 * core)
        .filter(|wall| along(wall) > ALONG)
        .map(|wall| wall[0].at)
        .collect();
    let around = around(items, rows[at..to].iter().flatten().copied());
    let (first, last) = (*xs.first()?, *xs.last()?);
    // Without a rule at its side a table ends where its text does; far from it stands other text.
    let aside = (first - around.x0).max(around.x1 - last);
    if inside < 2 || xs.len() > 2 && aside > 3.0 * core {
        return None;
    }
    if first - around.x0 > core {
        xs.insert(0, around.x0 - 0.2 * core);
    }
    if around.x1 - last > core {
        xs.push(around.x1 + 0.2 * core);
    }
    let columns: Vec<Column> =
        xs.windows(2).map(|w| Column { x0: w[0], x1: w[1], filled: 0 }).collect();
    let inside = &rows[at..to];
    (columns.len() > 1 && is_table(items, inside, &columns, rules, core, true))
        .then(|| (to, grid(items, inside, &columns, rules, core, None)))
}

/// The first row after `at` from which on more rules run down than at `at`: another table.
pub(crate) fn walls_from(items: &[Item], rows: &[Row], at: usize, rules: &Rules) -> usize {
    let walls = |r: usize| {
        let core = items[rows[r][0]].core;
        let y = base(items, &rows[r]) - 0.5 * core;
        rules.down.iter().filter(|d| d.from < y && d.to > y && d.length() > 4.0 * core).count()
    };
    let first = walls(at);
    (at + 1..rows.len()).find(|&r| walls(r) > first + 1).unwrap_or(rows.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;
    use crate::order::rows;

    #[test]
    fn rows_of_several_lines_between_rules_across() {
        let rule = |y: f32| Rule { from: 0.0, to: 600.0, at: y, thick: 2.0 };
        let across = (0..5).map(|i| rule(100.0 * i as f32)).collect();
        let mut items = Vec::new();
        for r in 0..4 {
            let y = 100.0 * r as f32;
            items.push(item(10.0, 30.0, y + 55.0));
            items.push(item(60.0, 220.0, y + 30.0));
            items.push(item(60.0, 200.0, y + 55.0));
            items.push(item(60.0, 120.0, y + 80.0));
            items.push(item(300.0, 420.0, y + 43.0));
            items.push(item(300.0, 400.0, y + 68.0));
            items.push(item(500.0, 560.0, y + 55.0));
        }
        items.push(item(0.0, 590.0, 440.0));
        let rows = rows(&items, (0..items.len()).collect());
        let rules = Rules { across, down: Vec::new() };
        let (to, grid) = striped(&items, &rows, 0, &rules).unwrap();
        assert_eq!((to, grid.rows, grid.columns), (rows.len() - 1, 4, 4));
        let lines: Vec<usize> = grid.cells.iter().map(|c| c.lines.len()).collect();
        assert_eq!(lines, [1, 3, 2, 1].repeat(4));
    }

    #[test]
    fn paragraphs_with_rules_between_them_are_no_table() {
        let rule = |y: f32| Rule { from: 0.0, to: 600.0, at: y, thick: 2.0 };
        let across = (0..5).map(|i| rule(60.0 * i as f32)).collect();
        let items: Vec<Item> = (0..8).map(|i| item(5.0, 590.0, 20.0 + 30.0 * i as f32)).collect();
        let rows = rows(&items, (0..items.len()).collect());
        assert!(striped(&items, &rows, 0, &Rules { across, down: Vec::new() }).is_none());
    }
}
