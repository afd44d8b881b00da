//! Stacked: tables that stand one upon the other with the same columns are one table.

use crate::layout::{Grid, GridCell};

/// Farthest from one to the next, in core heights: less than a line needs.
const GAP: f32 = 1.2;
/// How far the edges of their columns and their own sides are apart at most.
const AWAY: f32 = 0.6;
const SIDES: f32 = 2.0;

/// The tables, top to bottom, those with the same columns and no room for a line between them joined.
pub(crate) fn joined(mut tables: Vec<Grid>, core: f32) -> Vec<Grid> {
    tables.sort_by(|a, b| a.rect.y0.total_cmp(&b.rect.y0));
    let mut out: Vec<Grid> = Vec::new();
    for table in tables {
        match out.iter_mut().find(|above| goes_on(above, &table, core)) {
            Some(above) => append(above, table),
            None => out.push(table),
        }
    }
    out
}

fn goes_on(above: &Grid, below: &Grid, core: f32) -> bool {
    let (a, b) = (above.column_edges(), below.column_edges());
    let alike = |(i, (a, b)): (usize, (&f32, &f32))| {
        let side = i == 0 || i == above.columns;
        (a - b).abs() < if side { SIDES } else { AWAY } * core
    };
    let gap = below.rect.y0 - above.rect.y1;
    gap.abs() < GAP * core
        && above.columns == below.columns
        && a.len() == b.len()
        && a.iter().zip(&b).enumerate().all(alike)
}

fn append(above: &mut Grid, below: Grid) {
    let edge = f32::midpoint(above.rect.y1, below.rect.y0);
    let (foot, top) = (above.rect.y1, below.rect.y0);
    for cell in &mut above.cells {
        if (cell.rect.y1 - foot).abs() < 1.0 {
            cell.rect.y1 = edge;
        }
    }
    let rows = above.rows;
    above.cells.extend(below.cells.into_iter().map(|mut cell: GridCell| {
        cell.row += rows;
        if (cell.rect.y0 - top).abs() < 1.0 {
            cell.rect.y0 = edge;
        }
        cell
    }));
    above.rows += below.rows;
    above.rect.y1 = below.rect.y1;
    above.rect.x0 = above.rect.x0.min(below.rect.x0);
    above.rect.x1 = above.rect.x1.max(below.rect.x1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use khocr_document::Rect;

    fn table(top: f32, rows: usize, xs: &[f32]) -> Grid {
        let columns = xs.len() - 1;
        let y = |row: usize| top + 40.0 * row as f32;
        let cell = |i: usize| GridCell {
            row: i / columns,
            column: i % columns,
            row_span: 1,
            column_span: 1,
            rect: Rect::new(
                xs[i % columns],
                y(i / columns),
                xs[i % columns + 1],
                y(i / columns + 1),
            ),
            lines: Vec::new(),
        };
        let rect = Rect::new(xs[0], top, xs[columns], y(rows));
        Grid { rect, rows, columns, cells: (0..rows * columns).map(cell).collect() }
    }

    #[test]
    fn a_head_and_the_rows_below_it_are_one_table() {
        let xs = [0.0, 100.0, 300.0];
        let found = joined(vec![table(90.0, 3, &[1.0, 101.0, 299.0]), table(0.0, 2, &xs)], 20.0);
        assert_eq!(found.len(), 1);
        let (rows, cells) = (found[0].rows, &found[0].cells);
        assert_eq!((rows, cells.len(), cells[9].row), (5, 10, 4));
        assert_eq!((cells[2].rect.y1, cells[4].rect.y0), (85.0, 85.0));
        assert_eq!((found[0].rect.y0, found[0].rect.y1), (0.0, 210.0));
    }

    #[test]
    fn tables_apart_or_with_columns_of_their_own_stay() {
        let xs = [0.0, 100.0, 300.0];
        let far = joined(vec![table(0.0, 2, &xs), table(120.0, 2, &xs)], 20.0);
        assert_eq!(far.len(), 2);
        let unlike = joined(vec![table(0.0, 2, &xs), table(85.0, 2, &[0.0, 150.0, 300.0])], 20.0);
        assert_eq!(unlike.len(), 2);
    }
}
