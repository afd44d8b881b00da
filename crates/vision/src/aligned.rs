//! Tables without a full grid of rules: columns by alignment, rows by baselines and rules across.
//!
//! From a row of several stretches on, rows are added as long as what stands in them falls into the
//! same columns. What comes out is a table when enough rows fill enough columns and no column is
//! running text.

use khocr_document::Rect;

use crate::layout::{Grid, GridCell, Item, Row, around, median};
use crate::order::rows as rows_of;
use crate::rules::{Rule, Rules};

/// Farthest from one baseline to the next inside a table, in core heights.
const JUMP: f32 = 5.2;
/// Narrowest gap between two columns, in core heights.
const GAP: f32 = 0.25;
/// The gaps of the first row must be wider than a word space.
const FIRST_GAP: f32 = 0.9;

/// A column as it grows.
#[derive(Clone, Copy, Debug)]
struct Column {
    x0: f32,
    x1: f32,
    filled: usize,
}

/// A table that begins at row `at`: the row after its last, and its grid with the items in their
/// cells. `None` when none begins there.
#[must_use]
pub fn table_from(items: &[Item], rows: &[Row], at: usize, rules: &Rules) -> Option<(usize, Grid)> {
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
    let inside = &rows[at..to];
    is_table(items, inside, &columns, rules, core)
        .then(|| (to, grid(items, inside, &columns, rules, core)))
}

fn base(items: &[Item], row: &[usize]) -> f32 {
    row.iter().map(|&i| items[i].base).sum::<f32>() / row.len().max(1) as f32
}

/// Places a row's items in the columns, widening and adding columns; `false`, and nothing changed,
/// when the row does not fit.
fn take(items: &[Item], row: &[usize], columns: &mut Vec<Column>, core: f32) -> bool {
    let mut next = columns.clone();
    let width = next[next.len() - 1].x1 - next[0].x0;
    let mut across = 0;
    for &i in row {
        let rect = &items[i].rect;
        if !(0.6..1.7).contains(&(items[i].core / core)) {
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
                next[c] = grown;
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

fn column_of(columns: &[Column], rect: &Rect) -> Option<usize> {
    let overlap = |c: &Column| rect.x1.min(c.x1) - rect.x0.max(c.x0);
    (0..columns.len())
        .filter(|&c| overlap(&columns[c]) > 0.0)
        .max_by(|&a, &b| overlap(&columns[a]).total_cmp(&overlap(&columns[b])))
}

/// How many columns a row fills.
fn filled(items: &[Item], row: &[usize], columns: &[Column]) -> usize {
    let mut seen: Vec<usize> =
        row.iter().filter_map(|&i| column_of(columns, &items[i].rect)).collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len()
}

fn is_table(items: &[Item], rows: &[Row], columns: &[Column], rules: &Rules, core: f32) -> bool {
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
    // Running text fills its column row after row.
    let prose = |c: &Column| {
        let inside = items_in(items, rows, columns, c);
        let widths: Vec<f32> = inside.iter().map(|i| i.rect.width() / (c.x1 - c.x0)).collect();
        inside.len() >= 4 && c.x1 - c.x0 > 9.0 * core && median(widths) > 0.6
    };
    let proses = columns.iter().filter(|c| prose(c)).count();
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
            many.len() >= enough && mean >= 0.55 * n as f32 && mean >= 2.0
        }
    }
}

/// What stands in one of the columns.
fn items_in<'a>(
    items: &'a [Item],
    rows: &[Row],
    columns: &[Column],
    column: &Column,
) -> Vec<&'a Item> {
    let mine =
        |i: &&Item| column_of(columns, &i.rect).is_some_and(|at| columns[at].x0 == column.x0);
    rows.iter().flatten().map(|&i| &items[i]).filter(mine).collect()
}

fn is_number(text: &str) -> bool {
    let digits = text.chars().filter(|c| c.is_ascii_digit() || ('០'..='៩').contains(c)).count();
    digits * 2 > text.chars().filter(|c| !c.is_whitespace()).count()
}

/// Heights of the rules across the table between two baselines.
fn dividers(rules: &Rules, top: f32, foot: f32, (x0, x1): (f32, f32)) -> Vec<f32> {
    let crosses =
        |r: &&Rule| r.at > top && r.at < foot && r.to.min(x1) - r.from.max(x0) > 0.6 * (x1 - x0);
    let mut out: Vec<f32> = rules.across.iter().filter(crosses).map(|r| r.at).collect();
    out.sort_by(f32::total_cmp);
    out
}

/// Which of the table's rows each row of items belongs to.
fn table_rows(items: &[Item], rows: &[Row], columns: &[Column], rules: &Rules) -> Vec<usize> {
    let bases: Vec<f32> = rows.iter().map(|r| base(items, r)).collect();
    let ends = (columns[0].x0, columns[columns.len() - 1].x1);
    let lines = dividers(rules, bases[0], bases[bases.len() - 1], ends);
    let counts: Vec<usize> = rows.iter().map(|r| filled(items, r, columns)).collect();
    let most = counts.iter().copied().max().unwrap_or(0);
    let is_anchor = |n: usize| n >= 2 && n * 2 >= most;
    let bands: Vec<usize> =
        bases.iter().map(|y| lines.iter().filter(|l| **l < *y).count()).collect();
    let anchors = counts.iter().filter(|n| is_anchor(**n)).count();
    // Rules under every row say it all; one under the head says little.
    if lines.len() >= 2 && (lines.len() + 1) * 2 >= anchors {
        return bands;
    }
    let mut out = vec![0; rows.len()];
    let heads: Vec<usize> = (0..rows.len()).filter(|&r| is_anchor(counts[r])).collect();
    for r in 0..rows.len() {
        let nearest =
            heads.iter().enumerate().filter(|(_, h)| bands[**h] == bands[r]).min_by(|a, b| {
                (bases[*a.1] - bases[r]).abs().total_cmp(&(bases[*b.1] - bases[r]).abs())
            });
        out[r] = nearest.map_or_else(|| out[r.saturating_sub(1)], |n| n.0);
    }
    out
}

fn grid(items: &[Item], rows: &[Row], columns: &[Column], rules: &Rules, core: f32) -> Grid {
    let mut places = table_rows(items, rows, columns, rules);
    // Numbers without holes.
    let mut names = places.clone();
    names.sort_unstable();
    names.dedup();
    for p in &mut places {
        *p = names.binary_search(p).unwrap_or(0);
    }
    let rect = around(items, rows.iter().flatten().copied());
    let count = names.len();
    let height = |n: usize| {
        let inside = (0..rows.len()).filter(|&r| places[r] == n).flat_map(|r| rows[r].iter());
        let around = around(items, inside.copied());
        (around.y0, around.y1)
    };
    let mut ys = vec![rect.y0 - 0.2 * core];
    ys.extend((1..count).map(|n| f32::midpoint(height(n - 1).1, height(n).0)));
    ys.push(rect.y1 + 0.2 * core);
    let mut xs = vec![rect.x0 - 0.2 * core];
    xs.extend(columns.windows(2).map(|w| f32::midpoint(w[0].x1, w[1].x0)));
    xs.push(rect.x1 + 0.2 * core);
    let mut inside: Vec<Vec<usize>> = vec![Vec::new(); count * columns.len()];
    let mut spans = vec![1; inside.len()];
    for (row, &place) in rows.iter().zip(&places) {
        for &i in row {
            let item = &items[i].rect;
            let first = xs[1..columns.len()].iter().filter(|x| **x < item.x0 + 0.3 * core).count();
            let last = xs[1..columns.len()].iter().filter(|x| **x < item.x1 - 0.3 * core).count();
            let at = place * columns.len() + first;
            inside[at].push(i);
            spans[at] = spans[at].max(last.saturating_sub(first) + 1);
        }
    }
    let mut cells = Vec::new();
    for row in 0..count {
        let mut column = 0;
        while column < columns.len() {
            let at = row * columns.len() + column;
            let free = (1..spans[at]).take_while(|d| inside[at + d].is_empty()).count();
            let end = column + 1 + free;
            cells.push(GridCell {
                row,
                column,
                row_span: 1,
                column_span: end - column,
                rect: Rect::new(xs[column], ys[row], xs[end], ys[row + 1]),
                lines: rows_of(items, std::mem::take(&mut inside[at])),
            });
            column = end;
        }
    }
    Grid { rect, rows: count, columns: columns.len(), cells }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;

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
