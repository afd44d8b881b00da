//! Apart: cells of two columns that were read as one line, parted where their words are.
//!
//! A number set right and words set left in the next column can stand as close as words do, and no rule be
//! left between them. Once the table is known its other rows tell where each column's text begins or ends.

use khocr_document::{Rect, Word};

use crate::layout::{Grid, GridCell, Item};
use crate::zones::centre;

/// Narrowest space between two words that may part cells, in core heights.
const SPACE: f32 = 0.25;
/// Edges this near, in core heights, line up.
const IN_LINE: f32 = 0.4;
/// Fewest cells of a column whose edges line up there, and the least share of them.
const FEWEST: usize = 2;
const SHARE: f32 = 0.6;

/// The items that hold cells of several columns, and before which of its words each is to be parted: each pair once, the last
/// words of an item first.
pub(crate) fn halves(items: &[Item], tables: &[Grid]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for table in tables {
        let xs = table.column_edges();
        if xs.len() != table.columns + 1 {
            continue;
        }
        for cell in table.cells.iter().filter(|c| c.column_span > 1) {
            for &i in cell.lines.iter().flatten() {
                let columns = cell.column + 1..cell.column + cell.column_span;
                let at = |c: usize| parts_at(items, table, i, c, xs[c]);
                let mut words: Vec<usize> = columns.rev().filter_map(at).collect();
                words.dedup();
                out.extend(words.into_iter().map(|word| (i, word)));
            }
        }
    }
    out
}

/// The first word of an item that stands in the column that begins at `x`, if the text of that column or of the one before lines
/// up there.
fn parts_at(items: &[Item], table: &Grid, i: usize, column: usize, x: f32) -> Option<usize> {
    let item = &items[i];
    let core = item.core;
    let at = item.words.partition_point(|w| centre(&w.rect) < x);
    let (left, right) = (item.words.get(at.checked_sub(1)?)?, item.words.get(at)?);
    let (end, begin) = (left.rect.x1, right.rect.x0);
    let near = begin - end > SPACE * core && end < x + 0.5 * core && begin > x - 0.5 * core;
    let lines_up = |c: usize, edge: fn(&Rect) -> f32, here: f32| {
        let own = |g: &&GridCell| g.column == c && g.column_span == 1;
        let lines = table.cells.iter().filter(own).flat_map(|g| g.lines.iter().flatten());
        let edges: Vec<f32> = lines.map(|&l| edge(&items[l].rect)).collect();
        let alike = edges.iter().filter(|e| (**e - here).abs() < IN_LINE * core).count();
        alike >= FEWEST && alike as f32 >= SHARE * edges.len() as f32
    };
    let parts = near && (lines_up(column, |r| r.x0, begin) || lines_up(column - 1, |r| r.x1, end));
    parts.then_some(at)
}

/// An item in two, the second from a word on.
pub(crate) fn parted(item: &Item, word: usize) -> (Item, Item) {
    let part = |words: &[Word]| {
        let around = Rect::around(words.iter().map(|w| w.rect)).unwrap_or(item.rect);
        let rect = Rect { x0: around.x0, x1: around.x1, ..item.rect };
        Item { rect, words: words.to_vec(), ..item.clone() }
    };
    (part(&item.words[..word]), part(&item.words[word..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;

    /// A line of words with these sides.
    fn line(words: &[(f32, f32)], base: f32) -> Item {
        let mut out = item(words[0].0, words[words.len() - 1].1, base);
        let word = |&(x0, x1): &(f32, f32)| {
            let rect = Rect { x0, x1, ..out.rect };
            Word { text: "ក".to_owned(), rect, confidence: 1.0 }
        };
        out.words = words.iter().map(word).collect();
        out
    }

    /// Two columns that meet at 100, rows of figures set right and words set left, and a row read as one line.
    fn table(one: &[(f32, f32)]) -> (Vec<Item>, Grid) {
        let mut items = vec![line(one, 0.0)];
        let cell = |row: usize, column: usize, lines: Vec<usize>, span: usize| GridCell {
            row,
            column,
            row_span: 1,
            column_span: span,
            rect: Rect::new(
                100.0 * column as f32,
                30.0 * row as f32,
                100.0 * (column + span) as f32,
                30.0 * row as f32 + 30.0,
            ),
            lines: vec![lines],
        };
        let mut cells = vec![cell(0, 0, vec![0], 2)];
        for row in 1..4 {
            let y = 30.0 * row as f32;
            items.push(line(&[(60.0 - 9.0 * row as f32, 95.0)], y));
            items.push(line(&[(103.0, 140.0 + 11.0 * row as f32)], y));
            cells.push(cell(row, 0, vec![items.len() - 2], 1));
            cells.push(cell(row, 1, vec![items.len() - 1], 1));
        }
        (items, Grid { rect: Rect::new(0.0, 0.0, 200.0, 120.0), rows: 4, columns: 2, cells })
    }

    #[test]
    fn cells_read_as_one_line_are_parted_where_the_others_begin() {
        let (items, grid) = table(&[(50.0, 94.0), (104.0, 130.0), (140.0, 180.0)]);
        assert_eq!(halves(&items, &[grid]), [(0, 1)]);
        let (left, right) = parted(&items[0], 1);
        assert_eq!((left.rect.x0, left.rect.x1, left.words.len()), (50.0, 94.0, 1));
        assert_eq!((right.rect.x0, right.rect.x1, right.words.len()), (104.0, 180.0, 2));
    }

    #[test]
    fn a_head_over_both_columns_stays_whole() {
        let (items, grid) = table(&[(20.0, 60.0), (66.0, 88.0), (111.0, 180.0)]);
        assert!(halves(&items, &[grid]).is_empty(), "its space is elsewhere");
        let (items, grid) = table(&[(20.0, 180.0)]);
        assert!(halves(&items, &[grid]).is_empty(), "one word");
    }
}
