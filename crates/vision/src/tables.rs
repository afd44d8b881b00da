//! Tables: grids from the geometry of rules.

use khocr_document::Rect;

use crate::assemble::{self, NEAR, ROOM, places};
use crate::layout::{Grid, GridCell, Item};
use crate::rules::{Rule, Rules};

/// Share of a place's side that a rule must cover to be its border.
const BORDER: f32 = 0.6;
/// Share of the sides between two borders that a line of the grid covers, at two places at least...
const WHOLE: f32 = 0.85;
/// ...or at one place this much.
const ALONE: f32 = 0.96;
/// ...unless it goes on into a place beside it, for less than this share of that.
const STRAY: f32 = 0.7;
/// Two lines of the grid leave room for text between them unless both are drawn: one for more than this share of
/// the other's length.
const SLIGHT: f32 = 0.4;

/// The ruled tables of a page (cells without text yet), top to bottom. A frame, of double lines or with
/// corners of its own, is no table.
#[must_use]
pub fn ruled(rules: &Rules, core: f32) -> Vec<Grid> {
    let mut out: Vec<Grid> =
        assemble::tables(rules, core).iter().filter_map(|g| grid(g, core)).collect();
    out.retain(|g| !is_frame(g));
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

/// Share of a grid that one cell takes up where the grid is a frame around it.
const FRAMED: f32 = 0.7;

/// Whether the grid is what double lines around a page leave between them.
fn is_frame(grid: &Grid) -> bool {
    let area = |r: &Rect| r.width() * r.height();
    let largest = grid.cells.iter().map(|c| area(&c.rect)).fold(0.0, f32::max);
    grid.rows <= 5 && grid.columns <= 5 && largest > FRAMED * area(&grid.rect)
}

/// Whether rules at `at` cover enough of `from..to`.
fn bordered(rules: &[Rule], at: f32, from: f32, to: f32, near: f32) -> bool {
    covered(rules, at, from, to, near) >= BORDER
}

/// The share of `from..to` that rules at `at` cover.
fn covered(rules: &[Rule], at: f32, from: f32, to: f32, near: f32) -> f32 {
    let mut pieces: Vec<(f32, f32)> = rules
        .iter()
        .filter(|r| (r.at - at).abs() < near)
        .map(|r| (r.from.max(from), r.to.min(to)))
        .collect();
    pieces.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut covered, mut end) = (0.0, from);
    for (a, b) in pieces {
        covered += (b - a.max(end)).max(0.0);
        end = end.max(b);
    }
    covered / (to - from).max(1e-3)
}

/// Whether the stroke at `at` that covers place `i` alone goes on into the next and ends there, as a pen's does.
fn strays(rules: &[Rule], at: f32, across: &[f32], i: usize, near: f32) -> bool {
    let ends_in = |place: usize| {
        let Some([from, to]) = across.get(place..place + 2) else { return false };
        let here = |r: &&Rule| (r.at - at).abs() < near && r.from < to - near && r.to > from + near;
        let mut pieces = rules.iter().filter(here);
        let one = pieces.next().filter(|_| pieces.next().is_none());
        one.is_some_and(|r| r.to.min(*to) - r.from.max(*from) < STRAY * (to - from))
    };
    ends_in(i + 1) || i > 0 && ends_in(i - 1)
}

/// Where the grid's lines run: down, across. A row of letters in a cell can look like a rule, but
/// does not reach from one border to the next.
fn borders(rules: &Rules, near: f32) -> (Vec<f32>, Vec<f32>) {
    let reaches = |rules: &[Rule], at: f32, across: &[f32]| {
        let places = || across.windows(2).map(|w| covered(rules, at, w[0], w[1], near));
        places().filter(|s| *s >= WHOLE).count() > 1
            || places().enumerate().any(|(i, s)| s >= ALONE && !strays(rules, at, across, i, near))
    };
    let mut xs = places(&rules.down, near);
    let mut ys = places(&rules.across, near);
    loop {
        let before = (xs.len(), ys.len());
        ys.retain(|&y| reaches(&rules.across, y, &xs));
        xs.retain(|&x| reaches(&rules.down, x, &ys));
        if (xs.len(), ys.len()) == before {
            return (xs, ys);
        }
    }
}

/// Takes out the lines that leave no room for text between them and a line that is drawn for much
/// longer: letters at the beginning of a narrow row touch the rules above and below.
fn roomy(places: &mut Vec<f32>, rules: &[Rule], core: f32) {
    let drawn = |at: f32| -> f32 {
        rules.iter().filter(|r| (r.at - at).abs() < 0.5 * NEAR * core).map(Rule::length).sum()
    };
    let all = places.clone();
    places.retain(|&at| {
        let own = drawn(at);
        !all.iter().any(|&o| o != at && (o - at).abs() < ROOM * core && own < SLIGHT * drawn(o))
    });
}

fn grid(rules: &Rules, core: f32) -> Option<Grid> {
    let near = NEAR * core;
    let (mut xs, mut ys) = borders(rules, near);
    roomy(&mut xs, &rules.down, core);
    roomy(&mut ys, &rules.across, core);
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

/// Parts a cell of several columns in which each item stands in a column of its own: rules that do
/// not show, as in a dark head. `cells` holds the items of each cell.
pub fn part_cells(grid: &mut Grid, cells: &mut Vec<Vec<usize>>, items: &[Item]) {
    let xs = grid.column_edges();
    if xs.len() != grid.columns + 1 {
        return;
    }
    for at in 0..grid.cells.len() {
        let cell = grid.cells[at].clone();
        if cell.column_span < 2 || cells[at].len() < 2 {
            continue;
        }
        let columns = cell.column..cell.column + cell.column_span;
        let place = |i: &usize| {
            let rect = &items[*i].rect;
            let slack = 0.3 * items[*i].core;
            columns.clone().find(|&c| rect.x0 > xs[c] - slack && rect.x1 < xs[c + 1] + slack)
        };
        let places: Vec<Option<usize>> = cells[at].iter().map(place).collect();
        let Some(places) = places.into_iter().collect::<Option<Vec<usize>>>() else { continue };
        if places.iter().all(|p| *p == places[0]) {
            continue;
        }
        let inside = std::mem::take(&mut cells[at]);
        for c in columns {
            let rect = Rect::new(xs[c], cell.rect.y0, xs[c + 1], cell.rect.y1);
            let part = GridCell { column: c, column_span: 1, rect, ..cell.clone() };
            let own = inside.iter().zip(&places).filter(|p| *p.1 == c).map(|p| *p.0).collect();
            if c == cell.column {
                (grid.cells[at], cells[at]) = (part, own);
            } else {
                grid.cells.push(part);
                cells.push(own);
            }
        }
    }
    let mut both: Vec<(GridCell, Vec<usize>)> = grid.cells.drain(..).zip(cells.drain(..)).collect();
    both.sort_by_key(|b| (b.0.row, b.0.column));
    (grid.cells, *cells) = both.into_iter().unzip();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;

    fn rule(from: f32, to: f32, at: f32) -> Rule {
        Rule { from, to, at, thick: 2.0 }
    }

    #[test]
    fn letters_between_the_rules_of_narrow_rows_are_no_column() {
        let edges = |n: usize, step: f32| -> Vec<f32> { (0..n).map(|i| step * i as f32).collect() };
        let across = edges(11, 20.0).into_iter().map(|y| rule(0.0, 300.0, y)).collect();
        let mut down: Vec<Rule> =
            edges(4, 100.0).into_iter().map(|x| rule(0.0, 200.0, x)).collect();
        down.push(rule(60.0, 100.0, 110.0));
        let grid = &ruled(&Rules { across, down: down.clone() }, 9.0)[0];
        assert_eq!((grid.rows, grid.columns), (10, 3));
        let across = edges(11, 20.0).into_iter().map(|y| rule(0.0, 300.0, y)).collect();
        down.push(rule(0.0, 200.0, 110.0));
        let grid = &ruled(&Rules { across, down }, 9.0)[0];
        assert_eq!(grid.columns, 4, "a narrow column that is drawn throughout");
    }

    #[test]
    fn a_pens_stroke_through_a_narrow_column_parts_no_row() {
        let across = |pen: Rule| {
            let mut out = [0.0, 50.0, 100.0].map(|y| rule(0.0, 300.0, y)).to_vec();
            out.push(pen);
            let down = [0.0, 30.0, 180.0, 300.0].map(|x| rule(0.0, 100.0, x)).to_vec();
            ruled(&Rules { across: out, down }, 10.0)[0].rows
        };
        assert_eq!(across(rule(-5.0, 70.0, 75.0)), 2);
        assert_eq!(across(rule(0.0, 30.0, 75.0)), 3, "a rule that parts the first cell");
        assert_eq!(across(rule(0.0, 176.0, 75.0)), 3);
    }

    #[test]
    fn a_blot_between_two_tables_does_not_make_them_one() {
        let grid = |top: f32, xs: [f32; 3]| Rules {
            across: [0.0, 50.0, 100.0].map(|y| rule(0.0, 300.0, top + y)).to_vec(),
            down: xs.map(|x| rule(top, top + 100.0, x)).to_vec(),
        };
        let (mut rules, lower) = (grid(0.0, [0.0, 90.0, 300.0]), grid(109.0, [0.0, 190.0, 300.0]));
        rules.across.extend(lower.across);
        rules.down.extend(lower.down);
        // The lower table's middle rule reaches into the upper one.
        rules.down[4].from = 94.0;
        let sizes = |rules: &Rules| -> Vec<_> {
            ruled(rules, 10.0).iter().map(|g| (g.rows, g.columns)).collect()
        };
        assert_eq!(sizes(&rules), [(2, 2), (2, 2)]);
        rules.down[4].from = 50.0;
        assert_eq!(sizes(&rules).len(), 1, "a rule that runs on joins them");
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
    fn a_double_frame_leaves_the_table_in_it_alone() {
        let both = |ends: [(f32, f32); 3]| {
            ends.iter()
                .flat_map(|&(from, to)| [rule(from, to, from), rule(from, to, to)])
                .collect::<Vec<_>>()
        };
        // Lines 20 apart that meet at tongues, and a table of two by two inside.
        let frame = both([(0.0, 800.0), (20.0, 780.0), (20.0, 780.0)]);
        let mut across = frame.clone();
        across.extend([0.0, 50.0, 100.0].map(|y| rule(200.0, 400.0, 300.0 + y)));
        let mut down = frame;
        down.extend([0.0, 100.0, 200.0].map(|x| rule(300.0, 400.0, 200.0 + x)));
        down.extend([rule(0.0, 800.0, 20.0), rule(0.0, 800.0, 780.0)]);
        let grids = ruled(&Rules { across, down }, 10.0);
        let sizes: Vec<_> = grids.iter().map(|g| (g.rows, g.columns)).collect();
        assert_eq!(sizes, [(2, 2)]);
    }

    #[test]
    fn a_head_without_rules_has_the_columns_of_what_is_below() {
        let rules = Rules {
            across: vec![rule(0.0, 300.0, 0.0), rule(0.0, 300.0, 50.0), rule(0.0, 300.0, 100.0)],
            down: vec![
                rule(0.0, 100.0, 0.0),
                rule(50.0, 100.0, 100.0),
                rule(50.0, 100.0, 200.0),
                rule(0.0, 100.0, 300.0),
            ],
        };
        let mut grid = ruled(&rules, 10.0).remove(0);
        let mut cells = vec![Vec::new(); grid.cells.len()];
        cells[0] = vec![0, 1];
        let items = [item(20.0, 80.0, 30.0), item(220.0, 280.0, 30.0)];
        part_cells(&mut grid, &mut cells, &items);
        assert_eq!((grid.cells.len(), &cells[..3]), (6, &[vec![0], vec![], vec![1]][..]));
        let mut grid = ruled(&rules, 10.0).remove(0);
        let mut cells = vec![vec![0, 1], vec![], vec![], vec![]];
        part_cells(&mut grid, &mut cells, &[item(20.0, 180.0, 20.0), item(30.0, 80.0, 40.0)]);
        assert_eq!(grid.cells.len(), 4, "a line over two columns is a cell of them");
    }

    #[test]
    fn tables_close_below_each_other_are_two() {
        let mut down: Vec<Rule> = [0.0, 100.0, 300.0].map(|x| rule(0.0, 100.0, x)).into();
        down.extend([0.0, 200.0, 300.0].map(|x| rule(104.0, 154.0, x)));
        let across = [0.0, 50.0, 100.0, 104.0, 154.0].map(|y| rule(0.0, 300.0, y)).into();
        let grids = ruled(&Rules { across, down }, 10.0);
        let sizes: Vec<_> = grids.iter().map(|g| (g.rows, g.columns)).collect();
        assert_eq!(sizes, [(2, 2), (1, 2)]);
    }

    #[test]
    fn headlines_of_letters_are_no_borders() {
        let rules = Rules {
            across: vec![
                rule(0.0, 300.0, 0.0),
                rule(3.0, 70.0, 20.0),
                rule(3.0, 70.0, 30.0),
                rule(0.0, 300.0, 50.0),
                rule(0.0, 300.0, 100.0),
            ],
            down: vec![
                rule(0.0, 100.0, 0.0),
                rule(0.0, 100.0, 100.0),
                rule(20.0, 38.0, 160.0),
                rule(0.0, 100.0, 300.0),
            ],
        };
        let grids = ruled(&rules, 10.0);
        assert_eq!((grids[0].rows, grids[0].columns, grids[0].cells.len()), (2, 2, 4));
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
