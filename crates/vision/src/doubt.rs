//! Doubt: rules across a few columns of a table, whose other cells hold lines above and below them, part
//! no rows. Edges of shade and of show-through look like such rules.

use crate::layout::{Grid, GridCell, Item};

/// Cells that a doubtful rule leaves whole make up this share of the table's width...
const WHOLE: f32 = 0.6;
/// ...are at least so many...
const FEWEST: usize = 3;
/// ...and of them this share hold lines on both sides of it.
const BOTH: f32 = 0.6;

/// Joins the rows that only doubtful rules part. `cells` holds the items of each cell; both stay in the
/// order of rows and columns.
pub(crate) fn join_rows(grid: &mut Grid, cells: &mut Vec<Vec<usize>>, items: &[Item]) {
    for row in (1..grid.rows).rev() {
        if let Some(pairs) = doubtful(grid, cells, items, row) {
            join(grid, cells, row, &pairs);
        }
    }
}

/// The pairs of cells that the rule above `row` parts, where that rule is in doubt.
fn doubtful(
    grid: &Grid,
    cells: &[Vec<usize>],
    items: &[Item],
    row: usize,
) -> Option<Vec<(usize, usize)>> {
    let ends = |c: &GridCell| c.row + c.row_span;
    let of = |wanted: &dyn Fn(&GridCell) -> bool| -> Vec<usize> {
        let mut out: Vec<usize> =
            (0..grid.cells.len()).filter(|&i| wanted(&grid.cells[i])).collect();
        out.sort_by_key(|&i| grid.cells[i].column);
        out
    };
    let whole = of(&|c| c.row < row && ends(c) > row);
    let (above, below) = (of(&|c| ends(c) == row), of(&|c| c.row == row));
    let y = grid.cells[*below.first()?].rect.y0;
    let width: f32 = whole.iter().map(|&i| grid.cells[i].rect.width()).sum();
    let both = whole.iter().filter(|&&i| {
        let middle = |&i: &usize| items[i].base - 0.5 * items[i].core;
        cells[i].iter().any(|i| middle(i) < y) && cells[i].iter().any(|i| middle(i) > y)
    });
    let sure = whole.len() < FEWEST
        || width < WHOLE * grid.rect.width()
        || (both.count() as f32) < BOTH * whole.len() as f32;
    let place = |i: usize| (grid.cells[i].column, grid.cells[i].column_span);
    let fits =
        above.len() == below.len() && above.iter().zip(&below).all(|(&a, &b)| place(a) == place(b));
    (!sure && fits).then(|| above.into_iter().zip(below).collect())
}

/// Joins the two cells of each pair, and takes the row away.
fn join(grid: &mut Grid, cells: &mut Vec<Vec<usize>>, row: usize, pairs: &[(usize, usize)]) {
    for &(above, below) in pairs {
        let lower = grid.cells[below].clone();
        let upper = &mut grid.cells[above];
        upper.row_span += lower.row_span;
        upper.rect.y1 = lower.rect.y1;
        let held = std::mem::take(&mut cells[below]);
        cells[above].extend(held);
    }
    let gone = |i: usize| pairs.iter().any(|p| p.1 == i);
    let kept = grid.cells.drain(..).zip(cells.drain(..)).enumerate().filter(|(i, _)| !gone(*i));
    let (mut left, held): (Vec<GridCell>, Vec<Vec<usize>>) = kept.map(|(_, both)| both).unzip();
    for cell in &mut left {
        if cell.row >= row {
            cell.row -= 1;
        } else if cell.row + cell.row_span > row {
            cell.row_span -= 1;
        }
    }
    (grid.cells, *cells) = (left, held);
    grid.rows -= 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;
    use khocr_document::Rect;

    /// Five columns of four lines; a rule across the last column only, between its second and third.
    fn table(lines: bool) -> (Grid, Vec<Vec<usize>>, Vec<Item>) {
        let (mut items, mut cells, mut held) = (Vec::new(), Vec::new(), Vec::new());
        let mut cell = |row, row_span, column: usize, ys: &[f32]| {
            let x = 100.0 * column as f32;
            let (y0, y1) = (50.0 * row as f32, 50.0 * (row + row_span) as f32);
            let rect = Rect::new(x, y0, x + 100.0, y1);
            cells.push(GridCell { row, column, row_span, column_span: 1, rect, lines: Vec::new() });
            held.push((items.len()..items.len() + ys.len()).collect());
            items.extend(ys.iter().map(|&y| item(x + 5.0, x + 60.0, y)));
        };
        let all: &[f32] = if lines { &[20.0, 40.0, 70.0, 90.0] } else { &[55.0] };
        (0..4).for_each(|c| cell(0, 2, c, all));
        cell(0, 1, 4, &[20.0, 40.0]);
        cell(1, 1, 4, &[70.0, 90.0]);
        let rect = Rect::new(0.0, 0.0, 500.0, 100.0);
        (Grid { rect, rows: 2, columns: 5, cells }, held, items)
    }

    #[test]
    fn a_rule_past_which_most_cells_go_on_parts_nothing() {
        let (mut grid, mut cells, items) = table(true);
        join_rows(&mut grid, &mut cells, &items);
        assert_eq!((grid.rows, grid.cells.len()), (1, 5));
        assert!(grid.cells.iter().all(|c| (c.row, c.row_span) == (0, 1)));
        assert_eq!((cells[4].len(), grid.cells[4].rect.y1), (4, 100.0));
    }

    #[test]
    fn cells_of_one_line_over_two_rows_stay() {
        let (mut grid, mut cells, items) = table(false);
        join_rows(&mut grid, &mut cells, &items);
        assert_eq!((grid.rows, grid.cells.len()), (2, 6));
    }
}
