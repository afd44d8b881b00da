//! Outer: columns of a table beyond what the finder saw of it, across wide white.

use khocr_document::Rect;

use crate::aligned::{Column, base};
use crate::layout::{Item, Row, around, median};

/// This share of a table's rows has something in such a column...
const ROWS: f32 = 0.6;
/// ...and of what stands in the column, this share stands level with a row.
const LEVEL: f32 = 0.8;
/// How far a baseline is from its row's at most, in core heights.
const AWAY: f32 = 0.4;
/// What stands in such a column is narrower than this share of the table: two columns of text are none.
const WIDTH: f32 = 0.4;
/// A head is no farther above the table than this, in core heights, and stands over so many of its columns, three at
/// least: a running head has two pieces.
const NEAR: f32 = 4.0;
const HEADS: f32 = 0.6;
const FEW: usize = 3;
/// A running head may have three, but is so many times as far above the first row as rows are apart.
const FAR: f32 = 2.0;
/// Fewer rows show no column.
const FEWEST: usize = 4;

/// In a table of so many rows what stands in one row only, behind other text by less than this, in core heights,
/// is no column, nor are so few signs.
const MANY: usize = 6;
const BEHIND: f32 = 1.5;
const SPECK: usize = 2;

/// Whether what stands in a column that no rules draw is the end of one of the table's lines, or a speck.
pub(crate) fn is_stray(items: &[Item], rows: &[Row], own: &[usize], core: f32) -> bool {
    let [lone] = *own else { return false };
    let behind =
        |w: &[usize]| w[1] == lone && items[lone].rect.x0 - items[w[0]].rect.x1 < BEHIND * core;
    let is_end = || rows.iter().any(|r| r.windows(2).any(behind));
    rows.len() >= MANY && (items[lone].text().chars().count() <= SPECK || is_end())
}

/// The columns at the sides of a table that takes up `table` and holds `rows`, each with its items, of
/// those that are `free`. Level pixels.
pub(crate) fn columns(
    items: &[Item],
    rows: &[Row],
    free: &[usize],
    table: &Rect,
    core: f32,
) -> Vec<(Column, Vec<usize>)> {
    let mut out = Vec::new();
    for right in [false, true] {
        let mut side: Vec<usize> = free
            .iter()
            .copied()
            .filter(|&i| {
                let (rect, y) = (&items[i].rect, items[i].base);
                let beyond = if right { rect.x0 - table.x1 } else { table.x0 - rect.x1 };
                y > table.y0 && y < table.y1 && beyond > -0.5 * core
            })
            .collect();
        let near = |&i: &usize| if right { items[i].rect.x0 } else { -items[i].rect.x1 };
        side.sort_by(|a, b| near(a).total_cmp(&near(b)));
        let level = |i: &usize| row_of(items, rows, *i, core);
        while !side.is_empty() {
            // What no row holds two of is one column, wherever in it each is set.
            let mut own: Vec<Option<usize>> = side.iter().map(level).collect();
            own.sort_unstable();
            let alone = own.windows(2).all(|w| w[0] != w[1]);
            let count = if alone { side.len() } else { overlapping(items, &side) };
            let inside: Vec<usize> = side.drain(..count).collect();
            if !is_column(items, rows, &inside, table, core) {
                break;
            }
            let rect = around(items, inside.iter().copied());
            out.push((Column { x0: rect.x0, x1: rect.x1, filled: inside.len() }, inside));
        }
    }
    out
}

/// The row of a table's heads just above what the finder saw of it, of items that are `free`: one that stands alone
/// there, over as many columns as it has pieces. Empty where there is none, or where it is too far above the
/// table's `rows`, as a running head is.
pub(crate) fn head(
    items: &[Item],
    rows: &[Row],
    columns: &[Column],
    free: &[usize],
    table: &Rect,
    core: f32,
) -> Row {
    let beside = |i: &&usize| items[**i].rect.x0 < table.x1 && items[**i].rect.x1 > table.x0;
    let above = |i: &&usize| {
        items[**i].base < table.y0 + AWAY * core && items[**i].base > table.y0 - NEAR * core
    };
    let near: Vec<usize> = free.iter().filter(beside).filter(above).copied().collect();
    let Some(last) = near.iter().map(|&i| items[i].base).max_by(f32::total_cmp) else {
        return Vec::new();
    };
    let level = |i: &usize| items[*i].base > last - AWAY * core;
    let (row, rest): (Row, Row) = near.into_iter().partition(level);
    let over = |i: &usize| {
        let rect = &items[*i].rect;
        columns.iter().filter(|c| c.x0 < rect.x1 && rect.x0 < c.x1).count() == 1
    };
    let enough = row.len() >= FEW && row.len() as f32 >= HEADS * columns.len() as f32;
    let bases: Vec<f32> = rows.iter().map(|r| base(items, r)).collect();
    let pitch = median(bases.windows(2).map(|w| w[1] - w[0]).collect());
    let near = bases.first().is_some_and(|first| first - last < FAR * pitch);
    let is_head = enough && near && rest.is_empty() && row.iter().all(over);
    if is_head { row } else { Vec::new() }
}

/// The row that an item stands level with.
fn row_of(items: &[Item], rows: &[Row], i: usize, core: f32) -> Option<usize> {
    rows.iter().position(|r| (base(items, r) - items[i].base).abs() < AWAY * core)
}

/// How many of the first of these items stand above each other.
fn overlapping(items: &[Item], side: &[usize]) -> usize {
    let (mut x0, mut x1) = (items[side[0]].rect.x0, items[side[0]].rect.x1);
    let above = side.iter().take_while(|&&i| {
        let rect = &items[i].rect;
        let over = rect.x0 < x1 && rect.x1 > x0;
        if over {
            (x0, x1) = (x0.min(rect.x0), x1.max(rect.x1));
        }
        over
    });
    above.count()
}

fn is_column(items: &[Item], rows: &[Row], inside: &[usize], table: &Rect, core: f32) -> bool {
    let mut own: Vec<usize> = inside.iter().filter_map(|&i| row_of(items, rows, i, core)).collect();
    own.sort_unstable();
    own.dedup();
    let width = median(inside.iter().map(|&i| items[i].rect.width()).collect());
    width < WIDTH * table.width()
        && own.len() >= FEWEST
        && own.len() as f32 >= ROWS * rows.len() as f32
        && own.len() as f32 >= LEVEL * inside.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;

    /// Rows of a number and a sentence, and what stands far right of them at the given heights.
    fn table(beside: impl Fn(usize) -> Item) -> (Vec<Item>, Vec<Row>, Vec<usize>) {
        let mut items = Vec::new();
        for i in 0..8 {
            let y = 20.0 + 25.0 * i as f32;
            items.extend([item(0.0, 20.0, y), item(60.0, 300.0, y), beside(i)]);
        }
        let rows = (0..8).map(|i| vec![3 * i, 3 * i + 1]).collect();
        let free = (0..8).map(|i| 3 * i + 2).collect();
        (items, rows, free)
    }

    const TABLE: Rect = Rect { x0: 0.0, y0: 0.0, x1: 300.0, y1: 210.0 };

    #[test]
    fn figures_far_beside_the_rows_are_a_column() {
        let (items, rows, free) =
            table(|i| item(600.0 - 3.0 * i as f32, 640.0, 21.0 + 25.0 * i as f32));
        let found = columns(&items, &rows, &free, &TABLE, 10.0);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].1.len(), found[0].0.x1), (8, 640.0));
    }

    #[test]
    fn heads_above_the_columns_are_a_row_and_a_title_is_none() {
        let columns = [(0.0, 90.0), (120.0, 180.0), (220.0, 300.0)];
        let columns = columns.map(|(x0, x1)| Column { x0, x1, filled: 8 });
        // The table's rows stand 30 apart.
        let head_above = |items: &[Item], first: f32| {
            let free: Vec<usize> = (0..items.len()).collect();
            let mut all = items.to_vec();
            all.extend((0..4).map(|i| item(0.0, 90.0, first + 30.0 * i as f32)));
            let rows: Vec<Row> = (items.len()..all.len()).map(|i| vec![i]).collect();
            super::head(&all, &rows, &columns, &free, &TABLE, 10.0)
        };
        let head = |items: &[Item]| head_above(items, 22.0);
        let heads = [item(20.0, 70.0, -8.0), item(110.0, 190.0, -9.0), item(230.0, 290.0, -8.0)];
        assert_eq!(head(&heads), [0, 1, 2]);
        assert!(head(&heads[..2]).is_empty(), "a running head");
        assert!(head_above(&heads, 60.0).is_empty(), "a running head of three pieces");
        assert!(
            head(&[item(20.0, 170.0, -8.0), item(200.0, 290.0, -8.0)]).is_empty(),
            "a line of text"
        );
        let mut below = heads.to_vec();
        below.push(item(0.0, 300.0, -30.0));
        assert!(head(&below).is_empty(), "text just above");
    }

    #[test]
    fn text_beside_a_table_is_none() {
        let (items, rows, free) = table(|i| item(400.0, 480.0, 30.0 + 21.0 * i as f32));
        assert!(columns(&items, &rows, &free, &TABLE, 10.0).is_empty(), "not level");
        let (items, rows, free) = table(|i| item(400.0, 600.0, 20.0 + 25.0 * i as f32));
        assert!(columns(&items, &rows, &free, &TABLE, 10.0).is_empty(), "a column of text");
    }
}
