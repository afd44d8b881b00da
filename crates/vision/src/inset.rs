//! Inset: tables that stand in a column of text, with other text beside them. In the order of the page such a
//! table takes the place of one item of its column; any other takes the page's whole width.

use crate::layout::{Grid, Item, Part, Row, median};
use crate::order::rows;
use crate::prose::fills;

/// How far text beside a table may reach into its box, in core heights.
const INTO: f32 = 0.6;

/// Whether a column of text stands beside a table, among the items that are in none.
pub(crate) fn has_text_beside(items: &[Item], free: &[usize], table: &Grid) -> bool {
    let level = |i: &&usize| (table.rect.y0..table.rect.y1).contains(&items[**i].base);
    let beside: Vec<usize> = free.iter().filter(level).copied().collect();
    let core = median(beside.iter().map(|&i| items[i].core).collect());
    let side = |left: bool| -> Vec<usize> {
        let there = |i: &usize| {
            let r = &items[*i].rect;
            if left {
                r.x1 < table.rect.x0 + INTO * core
            } else {
                r.x0 > table.rect.x1 - INTO * core
            }
        };
        beside.iter().copied().filter(there).collect()
    };
    [side(true), side(false)].into_iter().any(|side| fills(items, &rows(items, side), core))
}

/// An item that stands for a table, as high as its foot.
pub(crate) fn stand_in(items: &[Item], table: &Grid) -> Item {
    Item {
        rect: table.rect,
        base: table.rect.y1,
        core: median(items.iter().map(|i| i.core).collect()),
        words: Vec::new(),
        confidence: 1.0,
        stroke: 0.0,
    }
}

/// The parts with tables where rows hold what stands for them: items from index `first` on, in their order. What
/// stands beside one in its row is read before it.
pub(crate) fn put_in(parts: Vec<Part>, first: usize, tables: Vec<Grid>) -> Vec<Part> {
    let mut tables: Vec<Option<Grid>> = tables.into_iter().map(Some).collect();
    let mut out = Vec::new();
    for part in parts {
        let rows = match part {
            Part::Flow(rows) => rows,
            grid @ Part::Grid(_) => {
                out.push(grid);
                continue;
            }
        };
        let mut flow: Vec<Row> = Vec::new();
        for row in rows {
            let (text, stands): (Row, Row) = row.into_iter().partition(|&i| i < first);
            if !text.is_empty() {
                flow.push(text);
            }
            for grid in stands.into_iter().filter_map(|i| tables.get_mut(i - first)?.take()) {
                if !flow.is_empty() {
                    out.push(Part::Flow(std::mem::take(&mut flow)));
                }
                out.push(Part::Grid(grid));
            }
        }
        if !flow.is_empty() {
            out.push(Part::Flow(flow));
        }
    }
    // None is lost, wherever what stood for it went.
    out.extend(tables.into_iter().flatten().map(Part::Grid));
    out
}

#[cfg(test)]
mod tests {
    use khocr_document::Rect;

    use super::*;
    use crate::layout::{GridCell, item};
    use crate::marks::Marks;
    use crate::order::order;
    use crate::order::tests::flat;
    use crate::rules::Rules;

    /// A table of two cells, one above the other.
    fn table(x0: f32, x1: f32, y0: f32, y1: f32) -> Grid {
        let y = f32::midpoint(y0, y1);
        let cell = |row: usize, rect: Rect| GridCell {
            row,
            column: 0,
            row_span: 1,
            column_span: 1,
            rect,
            lines: Vec::new(),
        };
        let cells = vec![cell(0, Rect::new(x0, y0, x1, y)), cell(1, Rect::new(x0, y, x1, y1))];
        Grid { rect: Rect::new(x0, y0, x1, y1), rows: 2, columns: 1, cells }
    }

    /// Two columns of text, what stands at the right from line 8 to line 12 in a table.
    fn page() -> Vec<Item> {
        let column = |x: f32| (0..20).map(move |i| item(x, x + 220.0, 25.0 * i as f32));
        column(0.0).chain(column(250.0)).collect()
    }

    fn read(items: &[Item], grid: Grid) -> Vec<usize> {
        let rules = Rules::default();
        flat(&order(items, vec![grid], Marks { rules: &rules, field: None, texts: items.len() }))
    }

    #[test]
    fn a_table_in_a_column_is_read_with_it() {
        let items = page();
        let inset = table(245.0, 475.0, 185.0, 310.0);
        assert!(has_text_beside(&items, &(0..20).collect::<Vec<_>>(), &inset));
        assert_eq!(read(&items, inset), (0..40).collect::<Vec<_>>());
    }

    #[test]
    fn a_table_across_the_page_ends_the_columns_above_it() {
        let items = page();
        let got = read(&items, table(-5.0, 475.0, 185.0, 310.0));
        let above: Vec<usize> = (0..8).chain(20..28).collect();
        assert_eq!(got[..16], above);
        // The columns below it.
        assert_eq!(got[26..], (13..20).chain(33..40).collect::<Vec<_>>());
    }
}
