//! Order: the parts of a page as a Cambodian reads them.
//!
//! Rows are read top to bottom. Where rows share a gutter the two sides are either columns (each
//! read to its end) or the halves of wide rows (a heading block's two sides, a table without
//! rules), and the same is asked again of each column: a recursive cut along the page's white.

use std::ops::Range;

use khocr_document::Rect;

use crate::aligned::table_from;
use crate::beside;
use crate::doubt::join_rows;
use crate::fence::{is_crossed, is_ruled};
use crate::inset;
use crate::layout::{Grid, Item, Part, Row, around, median};
use crate::marks::Marks;
use crate::prose::{is_prose, is_sparse};
use crate::signature;
use crate::strata::part_rows;
use crate::tables::{cell_of, part_cells};
use crate::walls::striped;
use crate::zones::{Zone, centre, is_ruled_across, zone_from};

/// So many rows side by side may be columns of text even where they stand level.
const TEXT: usize = 8;

/// So many rows side by side may be the beginning of columns, which go on below a picture.
const FEW: usize = 3;

/// The parts of the page in reading order; every item is in exactly one.
pub(crate) fn order(items: &[Item], grids: Vec<Grid>, marks: Marks<'_>) -> Vec<Part> {
    let mut free: Vec<usize> = Vec::new();
    let mut filled: Vec<(Grid, Vec<Vec<usize>>)> = grids
        .into_iter()
        .map(|g| {
            let cells = vec![Vec::new(); g.cells.len()];
            (g, cells)
        })
        .collect();
    for (i, item) in items.iter().enumerate() {
        let place = filled
            .iter()
            .enumerate()
            .find_map(|(g, (grid, _))| cell_of(grid, item).map(|c| (g, c)));
        match place {
            Some((g, c)) => filled[g].1[c].push(i),
            None => free.push(i),
        }
    }
    let mut tables = Vec::new();
    for (mut grid, mut cells) in filled {
        if cells.iter().filter(|c| !c.is_empty()).count() < 2 {
            free.extend(cells.into_iter().flatten());
            continue;
        }
        join_rows(&mut grid, &mut cells, items);
        part_cells(&mut grid, &mut cells, items);
        part_rows(&mut grid, &mut cells, items);
        for (cell, inside) in grid.cells.iter_mut().zip(cells) {
            cell.lines = rows(items, inside);
        }
        tables.push(grid);
    }
    with_tables(items, free, tables, marks)
}

/// Free items and tables together: a table that stands in a column is read with it. Any other takes the
/// page's whole width, so what lies above it is read before it, and what little stands beside it too.
fn with_tables(
    items: &[Item],
    mut free: Vec<usize>,
    tables: Vec<Grid>,
    marks: Marks<'_>,
) -> Vec<Part> {
    let (inset, tables): (Vec<Grid>, Vec<Grid>) =
        tables.into_iter().partition(|t| inset::has_text_beside(items, &free, t));
    if !inset.is_empty() {
        let texts = items.len();
        let mut all = items.to_vec();
        all.extend(inset.iter().map(|t| inset::stand_in(items, t)));
        free.extend(texts..all.len());
        let parts = around_tables(&all, free, tables, Marks { texts, ..marks });
        return inset::put_in(parts, texts, inset);
    }
    around_tables(items, free, tables, marks)
}

/// The items above each table across the page, the table, and the items below the last.
fn around_tables(
    items: &[Item],
    mut free: Vec<usize>,
    tables: Vec<Grid>,
    marks: Marks<'_>,
) -> Vec<Part> {
    let mut out = Vec::new();
    for table in tables {
        let (before, after): (Vec<usize>, Vec<usize>) =
            free.into_iter().partition(|&i| items[i].base < table.rect.y1);
        out.extend(region(items, before, marks, 0));
        out.push(Part::Grid(table));
        free = after;
    }
    out.extend(region(items, free, marks, 0));
    out
}

/// Items of a region as rows, top to bottom, each left to right.
pub(crate) fn rows(items: &[Item], mut indices: Vec<usize>) -> Vec<Row> {
    indices.sort_by(|&a, &b| items[a].base.total_cmp(&items[b].base));
    let mut out: Vec<Row> = Vec::new();
    for i in indices {
        let item = &items[i];
        let fits = out.iter().rposition(|row| {
            let nearest = row
                .iter()
                .copied()
                .min_by(|&a, &b| away(items, i, a).total_cmp(&away(items, i, b)))
                .unwrap_or(i);
            let core = item.core.min(items[nearest].core);
            let apart = row.iter().all(|&o| {
                let (a, b) = (&item.rect, &items[o].rect);
                a.x0.max(b.x0) > a.x1.min(b.x1) - 0.6 * core
            });
            apart && (item.base - items[nearest].base).abs() < 0.5 * core
        });
        match fits {
            Some(at) => out[at].push(i),
            None => out.push(vec![i]),
        }
    }
    for row in &mut out {
        row.sort_by(|&a, &b| items[a].rect.x0.total_cmp(&items[b].rect.x0));
    }
    out.sort_by(|a, b| base(items, a).total_cmp(&base(items, b)));
    out
}

fn away(items: &[Item], a: usize, b: usize) -> f32 {
    let (a, b) = (&items[a].rect, &items[b].rect);
    (a.x0 - b.x1).max(b.x0 - a.x1)
}

pub(crate) fn base(items: &[Item], row: &[usize]) -> f32 {
    row.iter().map(|&i| items[i].base).sum::<f32>() / row.len().max(1) as f32
}

fn region(items: &[Item], indices: Vec<usize>, marks: Marks<'_>, depth: usize) -> Vec<Part> {
    let rules = marks.rules;
    if indices.is_empty() {
        return Vec::new();
    }
    if depth < 6
        && let Some(x) = beside::parted(items, &indices)
        && !is_crossed(items, &indices, x, rules)
        && !is_ruled_across(items, &indices, x, rules)
    {
        let (left, right): (Vec<usize>, Vec<usize>) =
            indices.into_iter().partition(|&i| centre(&items[i].rect) < x);
        return [left, right]
            .into_iter()
            .flat_map(|i| region(items, i, marks, depth + 1))
            .collect();
    }
    let rows = rows(items, indices);
    if depth > 6 {
        return vec![Part::Flow(rows)];
    }
    let holds_table = |rows: &[Row]| rows.iter().flatten().any(|&i| i >= marks.texts);
    let zone_at = |at: usize| {
        zone_from(items, &rows, at, rules).filter(|z| {
            let inside: Row = rows[z.from..z.to].iter().flatten().copied().collect();
            !is_crossed(items, &inside, z.middle(), rules)
                && !is_sparse(items, &rows[z.from..z.to], z.middle())
        })
    };
    // Lines of two columns of text that happen to stand level look like a table's rows.
    let is_text =
        |z: &Zone| z.to - z.from >= TEXT && is_prose(items, &rows[z.from..z.to], z.middle());
    // Where such columns begin among some rows.
    let text_in = |mut rows: Range<usize>| rows.find(|&k| zone_at(k).as_ref().is_some_and(is_text));
    let mut out = Vec::new();
    let mut flow: Vec<Row> = Vec::new();
    let mut at = 0;
    while at < rows.len() {
        let block = signature::block(items, &rows, at).filter(|(to, ..)| {
            let inside = around(items, rows[at..*to].iter().flatten().copied());
            !is_ruled(&inside, items[rows[at][0]].core, rules)
                && !holds_table(&rows[at..*to])
                && text_in(at..*to).is_none()
        });
        if let Some((to, right, left)) = block {
            if !flow.is_empty() {
                out.push(Part::Flow(std::mem::take(&mut flow)));
            }
            out.extend([Part::Flow(right), Part::Flow(left)]);
            at = to;
            continue;
        }
        let mut zone = zone_at(at);
        // Columns that a picture stands in go on below it.
        if let Some(z) = zone.filter(|z| z.to - z.from >= FEW && !is_text(z)) {
            let next = z.to..rows.len().min(z.to + FEW);
            let below = next.filter_map(zone_at).find(is_text);
            let core = items[rows[at][0]].core;
            zone = below.and_then(|b| z.with(&b, items, &rows, core)).or(zone);
        }
        let text = zone.as_ref().is_some_and(is_text);
        let find = if text { striped } else { table_from };
        let found = find(items, &rows, at, rules);
        if let Some((mut to, grid)) = found.filter(|(to, _)| !holds_table(&rows[at..*to])) {
            if marks.allow(&grid.rect) {
                if !flow.is_empty() {
                    out.push(Part::Flow(std::mem::take(&mut flow)));
                }
                out.push(Part::Grid(grid));
            } else {
                // A list, or a table of contents: read row by row all the same, down to columns of text.
                to = text_in(at + 1..to).unwrap_or(to);
                flow.extend_from_slice(&rows[at..to]);
            }
            at = to;
            continue;
        }
        // One-sided rows just above belong to the columns too, if they keep their distance.
        let above = |z: &Zone| {
            flow.iter().rev().take_while(|row| belongs_above(items, row, &rows, z)).count()
        };
        let zone = zone
            .filter(|z| text || is_columns(items, &rows, &Zone { from: z.from - above(z), ..*z }));
        let Some(zone) = zone else {
            flow.push(rows[at].clone());
            at += 1;
            continue;
        };
        let above = above(&zone);
        flow.truncate(flow.len() - above);
        at -= above;
        if !flow.is_empty() {
            out.push(Part::Flow(std::mem::take(&mut flow)));
        }
        let middle = zone.middle();
        let inside = rows[at..zone.to].iter().flatten().copied();
        let (left, right): (Vec<usize>, Vec<usize>) =
            inside.partition(|&i| centre(&items[i].rect) < middle);
        let right_first = starts_higher(items, &right, &left);
        let (first, second) = if right_first { (right, left) } else { (left, right) };
        out.extend(region(items, first, marks, depth + 1));
        out.extend(region(items, second, marks, depth + 1));
        at = zone.to;
    }
    if !flow.is_empty() {
        out.push(Part::Flow(flow));
    }
    out
}

/// A short block that begins clearly higher is read first, even at the right: the state's motto
/// before the ministry's name.
fn starts_higher(items: &[Item], a: &[usize], b: &[usize]) -> bool {
    let top = |side: &[usize]| side.iter().map(|&i| items[i].base).fold(f32::MAX, f32::min);
    let core = median(a.iter().chain(b).map(|&i| items[i].core).collect());
    a.len() <= 5 && top(a) < top(b) - 1.2 * core
}

fn belongs_above(items: &[Item], row: &[usize], rows: &[Row], zone: &Zone) -> bool {
    let rect = around(items, row.iter().copied());
    let core = median(row.iter().map(|&i| items[i].core).collect());
    let one_side = rect.x1 <= zone.x0 + 0.3 * core || rect.x0 >= zone.x1 - 0.3 * core;
    let side_left = rect.x1 <= zone.x0 + 0.3 * core;
    let next = rows[zone.from].iter().find(|&&i| (centre(&items[i].rect) < zone.x0) == side_left);
    let close = next.is_some_and(|&i| items[i].base - base(items, row) < 2.6 * core);
    // At the right only: a left one is read first either way.
    one_side && !side_left && close
}

/// Whether the two sides of a zone are columns rather than halves of the same rows.
fn is_columns(items: &[Item], rows: &[Row], zone: &Zone) -> bool {
    let middle = zone.middle();
    let (mut left, mut right): (Vec<Rect>, Vec<Rect>) = (Vec::new(), Vec::new());
    let mut both = 0;
    for row in &rows[zone.from..zone.to] {
        let (l, r): (Vec<usize>, Vec<usize>) =
            row.iter().partition(|&&i| centre(&items[i].rect) < middle);
        both += usize::from(!l.is_empty() && !r.is_empty());
        if !l.is_empty() {
            left.push(around(items, l));
        }
        if !r.is_empty() {
            right.push(around(items, r));
        }
    }
    let fewer = left.len().min(right.len());
    if fewer == 0 {
        return false;
    }
    if fewer >= 2 && (both as f32) < 0.6 * fewer as f32 {
        return true;
    }
    if fewer == 1 && both == 0 {
        return true;
    }
    is_prose(items, &rows[zone.from..zone.to], zone.middle())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::layout::item;
    use crate::rules::{Rule, Rules};

    pub(crate) fn flat(parts: &[Part]) -> Vec<usize> {
        parts
            .iter()
            .flat_map(|p| match p {
                Part::Flow(rows) => rows.concat(),
                Part::Grid(g) => g.cells.iter().flat_map(|c| c.lines.concat()).collect(),
            })
            .collect()
    }

    fn plain(items: &[Item], rules: &Rules) -> Vec<Part> {
        order(items, Vec::new(), Marks { rules, field: None, texts: items.len() })
    }

    #[test]
    fn rules_across_make_a_table_of_what_else_were_columns() {
        let mut items = Vec::new();
        for i in 0..12 {
            let y = i as f32 * 25.0;
            items.push(item(0.0, 200.0 + (i * 37 % 30) as f32, y));
            items.push(item(270.0, 480.0 + (i * 53 % 20) as f32, y));
        }
        let columns = flat(&plain(&items, &Rules::default()));
        assert_eq!(columns[..3], [0, 2, 4]);
        let rule = |y: f32| Rule { from: 0.0, to: 500.0, at: y, thick: 2.0 };
        let across = (0..13).map(|i| rule(25.0 * i as f32 - 17.0)).collect();
        let rows = flat(&plain(&items, &Rules { across, down: Vec::new() }));
        assert_eq!(rows[..4], [0, 1, 2, 3]);
    }

    #[test]
    fn what_stands_beside_a_few_lines_is_read_with_them() {
        let mut items = Vec::new();
        for i in 0..12 {
            items.push(item(0.0, 250.0 + (i * 37 % 30) as f32, i as f32 * 25.0));
        }
        for i in [1, 4, 6, 9] {
            items.push(item(400.0, 520.0, i as f32 * 25.0));
        }
        let got = flat(&plain(&items, &Rules::default()));
        assert_eq!(got[..7], [0, 1, 12, 2, 3, 4, 13]);
    }

    #[test]
    fn two_columns_are_read_one_after_the_other() {
        let mut items = vec![item(0.0, 500.0, 0.0)];
        for i in 0..6 {
            let y = 40.0 + i as f32 * 25.0;
            items.push(item(0.0, 230.0, y));
            items.push(item(270.0, 500.0, y));
        }
        items.push(item(0.0, 500.0, 220.0));
        let got = flat(&plain(&items, &Rules::default()));
        assert_eq!(got, [0, 1, 3, 5, 7, 9, 11, 2, 4, 6, 8, 10, 12, 13]);
    }

    #[test]
    fn a_third_column_that_does_not_stand_level_is_read_last() {
        let mut items = Vec::new();
        for i in 0..10 {
            let y = i as f32 * 25.0;
            items.push(item(0.0, 220.0, y));
            items.push(item(250.0, 470.0, y));
            items.push(item(500.0, 720.0, y + 12.0));
        }
        let got = flat(&plain(&items, &Rules::default()));
        let column = |n: usize| (0..10).map(move |i| 3 * i + n);
        assert_eq!(got, column(0).chain(column(1)).chain(column(2)).collect::<Vec<_>>());
    }

    #[test]
    fn a_column_goes_on_below_a_gap_where_the_other_has_ended() {
        let mut items = Vec::new();
        for i in 0..20 {
            let gap = if i < 12 { 0.0 } else { 60.0 };
            items.push(item(0.0, 220.0 - (i * 37 % 10) as f32, 25.0 * i as f32 + gap));
        }
        for i in 0..8 {
            items.push(item(250.0, 470.0 - (i * 53 % 10) as f32, 25.0 * i as f32));
        }
        items.push(item(100.0, 130.0, 640.0));
        let got = flat(&plain(&items, &Rules::default()));
        assert_eq!(got, (0..29).collect::<Vec<_>>());
    }

    #[test]
    fn columns_go_on_below_a_picture_in_each() {
        let lines: Vec<usize> = (0..4).chain(8..20).collect();
        let mut items: Vec<Item> =
            lines.iter().map(|&i| item(0.0, 220.0, 25.0 * i as f32)).collect();
        let right = lines.iter().filter(|&&i| i != 8);
        items.extend(right.map(|&i| item(260.0, 480.0, 25.0 * i as f32 + 8.0)));
        assert_eq!(flat(&plain(&items, &Rules::default())), (0..31).collect::<Vec<_>>());
    }

    #[test]
    fn a_rule_below_the_running_head_parts_it_from_columns() {
        let mut items = vec![item(0.0, 120.0, 0.0), item(300.0, 470.0, 0.0)];
        for i in 0..8 {
            items.push(item(0.0, 220.0, 50.0 + 25.0 * i as f32));
        }
        for i in 0..8 {
            items.push(item(250.0, 470.0, 50.0 + 25.0 * i as f32));
        }
        let across = vec![Rule { from: 0.0, to: 470.0, at: 12.0, thick: 2.0 }];
        let got = flat(&plain(&items, &Rules { across, down: Vec::new() }));
        assert_eq!(got, (0..18).collect::<Vec<_>>());
    }

    #[test]
    fn a_heading_block_is_read_row_by_row() {
        let items = vec![
            item(0.0, 120.0, 0.0),
            item(300.0, 480.0, 0.0),
            item(0.0, 100.0, 25.0),
            item(310.0, 470.0, 25.0),
            item(0.0, 500.0, 60.0),
        ];
        assert_eq!(flat(&plain(&items, &Rules::default())), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_motto_that_begins_higher_comes_before_the_ministry() {
        let items = vec![
            item(300.0, 480.0, 0.0),
            item(310.0, 470.0, 25.0),
            item(0.0, 120.0, 38.0),
            item(0.0, 100.0, 63.0),
            item(0.0, 500.0, 110.0),
        ];
        assert_eq!(flat(&plain(&items, &Rules::default())), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn pieces_of_a_row_stay_together() {
        let items = vec![item(300.0, 400.0, 1.0), item(0.0, 100.0, 0.0), item(150.0, 220.0, 2.0)];
        assert_eq!(rows(&items, vec![0, 1, 2]), vec![vec![1, 2, 0]]);
    }
}
