//! Tables without a full grid of rules: columns by alignment, rows by baselines and rules across.
//!
//! From a row of several stretches on, rows are added as long as what stands in them falls into the
//! same columns. What comes out is a table when enough rows fill enough columns and no column is
//! running text.

use khocr_document::Rect;

use crate::fill::{divided, dividers};
use crate::gutters::guttered;
use crate::layout::{Grid, Item, Row, median};
use crate::rules::Rules;
use crate::walls::{striped, walled, walls_from};

/// Farthest from one baseline to the next inside a table, in core heights.
pub(crate) const JUMP: f32 = 5.2;
/// Narrowest gap between two columns, in core heights.
const GAP: f32 = 0.25;
/// The gaps of the first row must be wider than a word space.
pub(crate) const FIRST_GAP: f32 = 0.9;

/// A table that shows as a whole has so many times the lines of the one that shows line by line.
const PART: f32 = 1.5;

/// Farthest from one column to the next that may be the same, in core heights, and how many rows would fill both by
/// chance.
const NEAR: f32 = 2.0;
const BY_CHANCE: f32 = 2.0;

/// Most lines of a head, above the first row that shows the columns.
const HEAD: usize = 5;

/// A column as it grows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) x0: f32,
    pub(crate) x1: f32,
    pub(crate) filled: usize,
}

/// A table that begins at row `at`: the row after its last, and its grid with the items in their
/// cells. `None` when none begins there.
#[must_use]
pub fn table_from(items: &[Item], rows: &[Row], at: usize, rules: &Rules) -> Option<(usize, Grid)> {
    striped(items, rows, at, rules)
        .or_else(|| walled(items, rows, at, rules))
        .or_else(|| unwalled(items, rows, at, rules))
}

/// A table that shows line by line, unless it is only a part of one that shows as a whole.
fn unwalled(items: &[Item], rows: &[Row], at: usize, rules: &Rules) -> Option<(usize, Grid)> {
    let until_walls = |at: usize| &rows[..walls_from(items, rows, at, rules)];
    let own = until_walls(at);
    let by_line = open(items, own, at, rules);
    let Some(whole) = guttered(items, own, at, rules) else { return by_line };
    let open = |from: usize| open(items, until_walls(from), from, rules);
    let lines = |to: usize, from: usize| (to - from) as f32;
    let beats = |(to, line): &(usize, Grid), from: usize| {
        line.columns > whole.1.columns || lines(whole.0, at) < PART * lines(*to, from)
    };
    match by_line {
        Some(found) if beats(&found, at) => Some(found),
        None if (at + 1..rows.len().min(at + 3))
            .any(|from| open(from).is_some_and(|t| beats(&t, from))) =>
        {
            None
        }
        _ => Some(whole),
    }
}

/// A table whose columns show in what stands in them only. Its head may be set so close or in so
/// many lines that only the rows below show the columns.
fn open(items: &[Item], rows: &[Row], at: usize, rules: &Rules) -> Option<(usize, Grid)> {
    let (to, columns, core) = (at..rows.len().min(at + HEAD)).find_map(|start| {
        let (to, mut columns, core) = grown(items, rows, start)?;
        let heads = at..start;
        let joins = heads.clone().rev().all(|r| {
            base(items, &rows[r + 1]) - base(items, &rows[r]) < JUMP * core
                && take(items, &rows[r], &mut columns, core)
        });
        let wide = heads.clone().any(|r| rows[r].len() * 2 > columns.len());
        (start == at || joins && wide).then_some((to, columns, core))
    })?;
    let inside = &rows[at..to];
    is_table(items, inside, &columns, rules, core, false)
        .then(|| (to, divided(items, inside, &columns, rules, core, None)))
}

/// The rows from `at` that stand in columns, up to which row, and the columns.
fn grown(items: &[Item], rows: &[Row], at: usize) -> Option<(usize, Vec<Column>, f32)> {
    let first = &rows[at];
    let core = median(first.iter().map(|&i| items[i].core).collect());
    let wide = |w: &[usize]| items[w[1]].rect.x0 - items[w[0]].rect.x1 > FIRST_GAP * core;
    if first.len() < 2 || !first.windows(2).all(wide) {
        return None;
    }
    let mut columns: Vec<Column> = first
        .iter()
        .map(|&i| Column { x0: items[i].rect.x0, x1: items[i].rect.x1, filled: 1 })
        .collect();
    let mut to = at + 1;
    while to < rows.len() {
        let jump = base(items, &rows[to]) - base(items, &rows[to - 1]);
        if jump > JUMP * core || !take(items, &rows[to], &mut columns, core) {
            break;
        }
        to += 1;
    }
    // A last row of one stretch at the left is more likely the paragraph that follows.
    while to > at + 1 && rows[to - 1].len() == 1 && columns.len() > 2 {
        let jump = base(items, &rows[to - 1]) - base(items, &rows[to - 2]);
        if jump < 3.4 * core && items[rows[to - 1][0]].rect.x0 > columns[0].x1 {
            break;
        }
        to -= 1;
    }
    columns.retain(|c| c.filled > 1);
    join_columns(items, &rows[at..to], &mut columns, core);
    (columns.len() > 1).then_some((to, columns, core))
}

/// Joins neighbouring columns that no row fills both of: words set left and words set in the middle
/// of one column.
fn join_columns(items: &[Item], rows: &[Row], columns: &mut Vec<Column>, core: f32) {
    join_where(columns, |columns, c| are_apart(items, rows, columns, c, core));
}

/// The same for columns that the finder parts, where so many rows would fill both by chance that these are not two;
/// numbers of several levels are.
pub(crate) fn join_unshared(items: &[Item], rows: &[Row], columns: &mut Vec<Column>, core: f32) {
    join_where(columns, |columns, c| {
        let count = |c: usize| rows.iter().filter(|r| stands(items, r, columns, c)).count();
        let figures = |c: usize| {
            let inside = items_in(items, rows, columns, &columns[c]);
            let figures = inside.iter().filter(|i| is_number(&i.text())).count();
            figures * 2 > inside.len()
        };
        let expected = (count(c) * count(c + 1)) as f32 / rows.len() as f32;
        are_apart(items, rows, columns, c, core)
            && expected >= BY_CHANCE
            && !figures(c)
            && !figures(c + 1)
    });
}

/// Joins each column to the next where both are one.
fn join_where(columns: &mut Vec<Column>, are_one: impl Fn(&[Column], usize) -> bool) {
    let mut c = 0;
    while c + 1 < columns.len() {
        if !are_one(columns, c) {
            c += 1;
            continue;
        }
        let (a, b) = (columns[c], columns[c + 1]);
        columns[c] = Column { x0: a.x0, x1: b.x1, filled: a.filled + b.filled };
        columns.remove(c + 1);
    }
}

/// Whether no row fills both a column and the next, which is near.
fn are_apart(items: &[Item], rows: &[Row], columns: &[Column], c: usize, core: f32) -> bool {
    let both = |r: &Row| stands(items, r, columns, c) && stands(items, r, columns, c + 1);
    columns[c + 1].x0 - columns[c].x1 <= NEAR * core && !rows.iter().any(both)
}

/// Whether a row has something in a column.
fn stands(items: &[Item], row: &[usize], columns: &[Column], c: usize) -> bool {
    row.iter().any(|&i| column_of(columns, &items[i].rect) == Some(c))
}

pub(crate) fn base(items: &[Item], row: &[usize]) -> f32 {
    row.iter().map(|&i| items[i].base).sum::<f32>() / row.len().max(1) as f32
}

/// Whether an item's core is about this high. A figure or two say little about their core.
pub(crate) fn is_of_size(item: &Item, core: f32) -> bool {
    let loose = if item.rect.width() < 3.0 * core { 1.4 } else { 1.0 };
    (0.6 / loose..1.7 * loose).contains(&(item.core / core))
}

/// Places a row's items in the columns, widening and adding columns; `false`, and nothing changed,
/// when the row does not fit.
fn take(items: &[Item], row: &[usize], columns: &mut Vec<Column>, core: f32) -> bool {
    let mut next = columns.clone();
    let width = next[next.len() - 1].x1 - next[0].x0;
    let mut across = 0;
    for &i in row {
        let rect = &items[i].rect;
        if !is_of_size(&items[i], core) {
            return false;
        }
        let over: Vec<usize> = (0..next.len())
            .filter(|&c| rect.x1.min(next[c].x1) - rect.x0.max(next[c].x0) > 0.0)
            .collect();
        match over[..] {
            [] => {
                let place = next.partition_point(|c| c.x0 < rect.x0);
                next.insert(place, Column { x0: rect.x0, x1: rect.x1, filled: 1 });
            }
            [c] => {
                let grown = Column {
                    x0: next[c].x0.min(rect.x0),
                    x1: next[c].x1.max(rect.x1),
                    filled: next[c].filled + 1,
                };
                // One that reaches close to a neighbour is a cell of several columns, such as a head.
                let close = c > 0 && grown.x0 - next[c - 1].x1 < GAP * core
                    || c + 1 < next.len() && next[c + 1].x0 - grown.x1 < GAP * core;
                if close {
                    across += 1;
                } else {
                    next[c] = grown;
                }
            }
            _ => across += 1,
        }
    }
    let apart = next.windows(2).all(|w| w[1].x0 - w[0].x1 > GAP * core);
    // A stretch that crosses columns is a cell of several, unless it is all there is.
    let paragraph = row.len() == 1
        && (across > 0 || items[row[0]].rect.width() > 0.6 * width && next.len() > 2);
    if !apart || paragraph || across * 2 > row.len() {
        return false;
    }
    *columns = next;
    true
}

pub(crate) fn column_of(columns: &[Column], rect: &Rect) -> Option<usize> {
    let overlap = |c: &Column| rect.x1.min(c.x1) - rect.x0.max(c.x0);
    (0..columns.len())
        .filter(|&c| overlap(&columns[c]) > 0.0)
        .max_by(|&a, &b| overlap(&columns[a]).total_cmp(&overlap(&columns[b])))
}

/// How many columns a row fills.
pub(crate) fn filled(items: &[Item], row: &[usize], columns: &[Column]) -> usize {
    let mut seen: Vec<usize> =
        row.iter().filter_map(|&i| column_of(columns, &items[i].rect)).collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len()
}

pub(crate) fn is_table(
    items: &[Item],
    rows: &[Row],
    columns: &[Column],
    rules: &Rules,
    core: f32,
    walled: bool,
) -> bool {
    if columns.len() < 2 {
        return false;
    }
    let (x0, x1) = (columns[0].x0, columns[columns.len() - 1].x1);
    let (top, foot) = (base(items, &rows[0]), base(items, &rows[rows.len() - 1]));
    let many: Vec<usize> =
        rows.iter().map(|r| filled(items, r, columns)).filter(|n| *n >= 2).collect();
    let mean = many.iter().sum::<usize>() as f32 / many.len().max(1) as f32;
    let lines = dividers(rules, top, foot, (x0, x1)).len();
    let walls = rules
        .down
        .iter()
        .filter(|r| r.at > x0 && r.at < x1 && r.from < top && r.to > foot - core)
        .count();
    let ruled = lines >= 2 || walls >= 1;
    let proses = columns.iter().filter(|c| running(items, rows, columns, c, core)).count();
    if proses == columns.len() || !ruled && proses * 2 >= columns.len() {
        return false;
    }
    let numbers = |c: &Column| {
        let inside = items_in(items, rows, columns, c);
        let good = inside.iter().filter(|i| is_number(&i.text())).count();
        inside.len() >= 3 && good * 10 >= inside.len() * 6
    };
    match columns.len() {
        2 => many.len() >= 3 && (ruled || many.len() >= 4 && numbers(&columns[1])),
        n => {
            let enough = if ruled { 2 } else { 3 };
            many.len() >= enough && (walled || mean >= 0.55 * n as f32) && mean >= 2.0
        }
    }
}

/// Whether a column is running text, which fills it row after row.
pub(crate) fn running(
    items: &[Item],
    rows: &[Row],
    columns: &[Column],
    column: &Column,
    core: f32,
) -> bool {
    let inside = items_in(items, rows, columns, column);
    let width = column.x1 - column.x0;
    let widths: Vec<f32> = inside.iter().map(|i| i.rect.width() / width).collect();
    inside.len() >= 4 && width > 9.0 * core && median(widths) > 0.6
}

/// What stands in one of the columns.
pub(crate) fn items_in<'a>(
    items: &'a [Item],
    rows: &[Row],
    columns: &[Column],
    column: &Column,
) -> Vec<&'a Item> {
    let mine =
        |i: &&Item| column_of(columns, &i.rect).is_some_and(|at| columns[at].x0 == column.x0);
    rows.iter().flatten().map(|&i| &items[i]).filter(mine).collect()
}

pub(crate) fn is_number(text: &str) -> bool {
    let digits = text.chars().filter(|c| c.is_ascii_digit() || ('០'..='៩').contains(c)).count();
    digits * 2 > text.chars().filter(|c| !c.is_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;
    use crate::order::rows as rows_of;

    fn found(items: &[Item]) -> Option<(usize, Grid)> {
        let rows = rows_of(items, (0..items.len()).collect());
        table_from(items, &rows, 0, &Rules::default())
    }

    #[test]
    fn twenty_five_by_ten_without_rules() {
        let mut items = Vec::new();
        for r in 0..25 {
            for c in 0..10 {
                let x = c as f32 * 80.0 + (r * 7 % 11) as f32;
                items.push(item(x, x + 30.0 + (r * c % 13) as f32, r as f32 * 24.0));
            }
        }
        let (to, grid) = found(&items).unwrap();
        assert_eq!((to, grid.rows, grid.columns), (25, 25, 10));
        assert!(grid.cells.iter().all(|c| c.lines.len() == 1));
    }

    #[test]
    fn a_cell_of_two_lines_beside_cells_of_one() {
        let mut items = Vec::new();
        for r in 0..4 {
            let y = r as f32 * 50.0;
            items.push(item(0.0, 20.0, y + 12.0));
            items.push(item(60.0, 200.0, y));
            items.push(item(60.0, 150.0, y + 24.0));
            items.push(item(260.0, 300.0, y + 12.0));
        }
        let (_, grid) = found(&items).unwrap_or_else(|| {
            let rows = rows_of(&items, (0..items.len()).collect());
            table_from(&items, &rows, 1, &Rules::default()).unwrap()
        });
        assert_eq!(grid.columns, 3);
    }

    #[test]
    fn columns_that_no_row_fills_both_of_are_one_unless_they_number_rows() {
        let columns = |figures: bool| {
            let mut items = Vec::new();
            for r in 0..12 {
                let x = if r % 2 == 0 { 0.0 } else { 55.0 };
                let mut first = item(x, x + 40.0, r as f32 * 24.0);
                if figures {
                    let (text, rect) = ("12".to_owned(), first.rect);
                    first.words.push(khocr_document::Word { text, rect, confidence: 1.0 });
                }
                items.push(first);
                items.push(item(110.0, 150.0, r as f32 * 24.0));
            }
            let rows = rows_of(&items, (0..items.len()).collect());
            let column = |(x0, x1)| Column { x0, x1, filled: 6 };
            let mut columns = [(0.0, 40.0), (55.0, 95.0), (110.0, 150.0)].map(column).to_vec();
            join_unshared(&items, &rows, &mut columns, 10.0);
            columns.len()
        };
        assert_eq!((columns(false), columns(true)), (2, 3));
    }

    #[test]
    fn three_columns_of_prose_are_no_table() {
        let mut items = Vec::new();
        for r in 0..12 {
            for c in 0..3 {
                let x = c as f32 * 220.0;
                items.push(item(x, x + 195.0, r as f32 * 24.0));
            }
        }
        assert!(found(&items).is_none());
    }
}
