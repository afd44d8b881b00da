//! Tables: grids from the geometry of rules.

use khocr_document::Rect;

use crate::layout::{Grid, GridCell, Item};
use crate::rules::{Rule, Rules};

/// Rules whose distance is within this many core heights meet, or are one line of the grid.
const NEAR: f32 = 0.7;
/// Share of a place's side that a rule must cover to be its border.
const BORDER: f32 = 0.6;

/// The ruled tables of a page (cells without text yet), top to bottom. A lone frame is no table.
#[must_use]
pub fn ruled(rules: &Rules, core: f32) -> Vec<Grid> {
    let mut out: Vec<Grid> =
        groups(rules, NEAR * core).into_iter().filter_map(|g| grid(&g, core)).collect();
    out.sort_by(|a, b| a.rect.y0.total_cmp(&b.rect.y0));
    // A table inside a cell of another would claim the same items: the outer one keeps them.
    let rects: Vec<Rect> = out.iter().map(|g| g.rect).collect();
    let mut index = 0;
    out.retain(|g| {
        let own = index;
        index += 1;
        !rects.iter().enumerate().any(|(i, r)| {
            i != own
                && r.overlap(&g.rect) > 0.9 * g.rect.width() * g.rect.height()
                && r.width() * r.height() > g.rect.width() * g.rect.height()
        })
    });
    out
}

/// Rules that hang together, at least two each way.
fn groups(rules: &Rules, near: f32) -> Vec<Rules> {
    let (n, m) = (rules.across.len(), rules.down.len());
    let mut group: Vec<usize> = (0..n + m).collect();
    for (i, a) in rules.across.iter().enumerate() {
        for (j, d) in rules.down.iter().enumerate() {
            let meet = d.at > a.from - near
                && d.at < a.to + near
                && a.at > d.from - near
                && a.at < d.to + near;
            if meet && group[i] != group[n + j] {
                let (keep, gone) = (group[i], group[n + j]);
                group.iter_mut().filter(|g| **g == gone).for_each(|g| *g = keep);
            }
        }
    }
    let mut names = group.clone();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| Rules {
            across: (0..n).filter(|&i| group[i] == name).map(|i| rules.across[i]).collect(),
            down: (0..m).filter(|&j| group[n + j] == name).map(|j| rules.down[j]).collect(),
        })
        .filter(|g| g.across.len() >= 2 && g.down.len() >= 2)
        .collect()
}

/// The distinct places of rules, in order.
fn places(rules: &[Rule], near: f32) -> Vec<f32> {
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

/// Whether rules at `at` cover enough of `from..to`.
fn bordered(rules: &[Rule], at: f32, from: f32, to: f32, near: f32) -> bool {
    let covered: f32 = rules
        .iter()
        .filter(|r| (r.at - at).abs() < near)
        .map(|r| (r.to.min(to) - r.from.max(from)).max(0.0))
        .sum();
    covered >= BORDER * (to - from)
}

fn grid(rules: &Rules, core: f32) -> Option<Grid> {
    let near = NEAR * core;
    let xs = places(&rules.down, near);
    let ys = places(&rules.across, near);
    let (columns, rows) = (xs.len().checked_sub(1)?, ys.len().checked_sub(1)?);
    if rows * columns < 2 {
        return None;
    }
    // Places without a rule between them are one cell.
    let mut name: Vec<usize> = (0..rows * columns).collect();
    let rename = |name: &mut Vec<usize>, a: usize, b: usize| {
        let (keep, gone) = (name[a].min(name[b]), name[a].max(name[b]));
        name.iter_mut().filter(|n| **n == gone).for_each(|n| *n = keep);
    };
    for r in 0..rows {
        for c in 0..columns {
            let here = r * columns + c;
            if c + 1 < columns && !bordered(&rules.down, xs[c + 1], ys[r], ys[r + 1], near) {
                rename(&mut name, here, here + 1);
            }
            if r + 1 < rows && !bordered(&rules.across, ys[r + 1], xs[c], xs[c + 1], near) {
                rename(&mut name, here, here + columns);
            }
        }
    }
    let mut cells = Vec::new();
    for first in 0..rows * columns {
        let members: Vec<usize> = (0..name.len()).filter(|&i| name[i] == first).collect();
        if members.is_empty() {
            continue;
        }
        let row = members.iter().map(|m| m / columns).min()?;
        let last_row = members.iter().map(|m| m / columns).max()?;
        let column = members.iter().map(|m| m % columns).min()?;
        let last_column = members.iter().map(|m| m % columns).max()?;
        cells.push(GridCell {
            row,
            column,
            row_span: last_row - row + 1,
            column_span: last_column - column + 1,
            rect: Rect::new(xs[column], ys[row], xs[last_column + 1], ys[last_row + 1]),
            lines: Vec::new(),
        });
    }
    // Everything run together into one place is a frame with a few ticks, not a table.
    if cells.len() < 2 {
        return None;
    }
    let rect = Rect::new(xs[0], ys[0], xs[columns], ys[rows]);
    Some(Grid { rect, rows, columns, cells })
}

/// The cell that holds most of the item, if the item lies in the grid.
#[must_use]
pub fn cell_of(grid: &Grid, item: &Item) -> Option<usize> {
    let area = (item.rect.width() * item.rect.height()).max(1.0);
    let (best, share) = grid
        .cells
        .iter()
        .enumerate()
        .map(|(i, c)| (i, c.rect.overlap(&item.rect) / area))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    (share > 0.3).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(from: f32, to: f32, at: f32) -> Rule {
        Rule { from, to, at, thick: 2.0 }
    }

    #[test]
    fn a_grid_with_a_span() {
        // Three columns, two rows; the upper row's first two places are one cell.
        let rules = Rules {
            across: vec![rule(0.0, 300.0, 0.0), rule(0.0, 300.0, 50.0), rule(0.0, 300.0, 100.0)],
            down: vec![
                rule(0.0, 100.0, 0.0),
                rule(50.0, 100.0, 100.0),
                rule(0.0, 100.0, 200.0),
                rule(0.0, 100.0, 300.0),
            ],
        };
        let grids = ruled(&rules, 10.0);
        assert_eq!(grids.len(), 1);
        let grid = &grids[0];
        assert_eq!((grid.rows, grid.columns, grid.cells.len()), (2, 3, 5));
        assert_eq!((grid.cells[0].column_span, grid.cells[0].row_span), (2, 1));
    }

    #[test]
    fn a_frame_and_a_head_rule_are_no_table() {
        let rules = Rules {
            across: vec![rule(0.0, 300.0, 0.0), rule(0.0, 300.0, 400.0), rule(20.0, 280.0, 50.0)],
            down: vec![rule(0.0, 400.0, 0.0), rule(0.0, 400.0, 300.0)],
        };
        assert!(ruled(&rules, 10.0).is_empty());
    }
}
