//! Strata: rows of a ruled table that no rule parts, as where rules run only down below the head.

use khocr_document::Rect;

use crate::fill::goes_on;
use crate::layout::{Grid, GridCell, Item, Row, median};
use crate::order::rows as rows_of;

/// Fewest lines below each other that may be rows, and fewest columns.
const FEWEST: (usize, usize) = (4, 3);
/// Rows fill this share of the columns on average.
const FILLED: f32 = 0.5;
/// Lines that are rows end though the next one's first word would have fitted: this share of them.
const ENDED: f32 = 0.75;
/// So many lines, in so many columns of which they fill this share, are rows where fewer end so:
/// no row holds that many cells of that many lines each.
const MANY: (usize, usize) = (8, 6);
const EVEN: f32 = 0.6;
const SOME: f32 = 0.2;

/// Parts each row of the grid in which every line is a row of its own. `cells` holds the items of each
/// cell; both stay in the order of rows and columns.
pub(crate) fn part_rows(grid: &mut Grid, cells: &mut Vec<Vec<usize>>, items: &[Item]) {
    // From the foot up, so that the rows above keep their numbers.
    for row in (0..grid.rows).rev() {
        let own = |c: &GridCell| c.row == row && c.row_span == 1;
        let inside: Vec<usize> = (0..grid.cells.len()).filter(|&i| own(&grid.cells[i])).collect();
        let lines = rows_of(items, inside.iter().flat_map(|&i| cells[i].clone()).collect());
        if !are_rows(grid, cells, items, &inside, &lines) {
            continue;
        }
        let (top, foot) = (grid.cells[inside[0]].rect.y0, grid.cells[inside[0]].rect.y1);
        let edge = |pair: &[Row]| {
            let low = pair[0].iter().map(|&i| items[i].rect.y1).fold(f32::MIN, f32::max);
            let high = pair[1].iter().map(|&i| items[i].rect.y0).fold(f32::MAX, f32::min);
            f32::midpoint(low, high)
        };
        let mut ys = vec![top];
        ys.extend(lines.windows(2).map(edge));
        ys.push(foot);
        let more = lines.len() - 1;
        let mut both: Vec<(GridCell, Vec<usize>)> = Vec::new();
        for (mut cell, held) in grid.cells.drain(..).zip(cells.drain(..)) {
            if !own(&cell) {
                if cell.row > row {
                    cell.row += more;
                } else if cell.row + cell.row_span > row {
                    cell.row_span += more;
                }
                both.push((cell, held));
                continue;
            }
            for (n, line) in lines.iter().enumerate() {
                let rect = Rect { y0: ys[n], y1: ys[n + 1], ..cell.rect };
                let part = GridCell { row: row + n, rect, ..cell.clone() };
                both.push((part, held.iter().copied().filter(|i| line.contains(i)).collect()));
            }
        }
        both.sort_by_key(|b| (b.0.row, b.0.column));
        (grid.cells, *cells) = both.into_iter().unzip();
        grid.rows += more;
    }
}

/// Whether the lines in these cells, which stand side by side, are rows.
fn are_rows(
    grid: &Grid,
    cells: &[Vec<usize>],
    items: &[Item],
    inside: &[usize],
    lines: &[Row],
) -> bool {
    if lines.len() < FEWEST.0 || inside.len() < FEWEST.1 {
        return false;
    }
    let core = median(lines.iter().flatten().map(|&i| items[i].core).collect());
    let (mut places, mut pairs, mut ended) = (0, 0, 0);
    for &cell in inside {
        let own = rows_of(items, cells[cell].clone());
        places += own.len();
        let room = grid.cells[cell].rect.width() - core;
        for pair in own.windows(2) {
            let (above, below) = (pair[0][pair[0].len() - 1], pair[1][0]);
            let pitch = items[below].base - items[above].base;
            pairs += 1;
            ended += usize::from(!goes_on(items, above, below, room, core, pitch));
        }
    }
    let filled = places as f32 / (lines.len() * inside.len()) as f32;
    let ended = ended as f32 / pairs.max(1) as f32;
    let wide = lines.len() >= MANY.0 && inside.len() >= MANY.1;
    filled >= FILLED && ended >= ENDED || wide && filled >= EVEN && ended >= SOME
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;

    /// A head and below it one tall row of so many columns, with so many of these lines in each.
    fn table(
        columns: usize,
        lines: usize,
        line: fn(f32, f32) -> Item,
    ) -> (Grid, Vec<Vec<usize>>, Vec<Item>) {
        let bottom = 36.0 + 24.0 * lines as f32;
        let (mut items, mut cells, mut held) = (Vec::new(), Vec::new(), Vec::new());
        for (row, top, foot) in [(0, 0.0, 30.0), (1, 30.0, bottom)] {
            for column in 0..columns {
                let x = 200.0 * column as f32;
                let rect = Rect::new(x, top, x + 200.0, foot);
                cells.push(GridCell {
                    row,
                    column,
                    row_span: 1,
                    column_span: 1,
                    rect,
                    lines: Vec::new(),
                });
                let first = items.len();
                for n in 0..if row == 0 { 1 } else { lines } {
                    items.push(line(x + 5.0, top + 20.0 + 24.0 * n as f32));
                }
                held.push((first..items.len()).collect());
            }
        }
        let rect = Rect::new(0.0, 0.0, 200.0 * columns as f32, bottom);
        (Grid { rect, rows: 2, columns, cells }, held, items)
    }

    #[test]
    fn short_lines_side_by_side_are_rows_and_paragraphs_are_not() {
        let (mut grid, mut cells, items) = table(4, 6, |x, y| item(x, x + 60.0, y));
        part_rows(&mut grid, &mut cells, &items);
        assert_eq!((grid.rows, grid.cells.len(), cells.len()), (7, 28, 28));
        assert!(cells.iter().all(|c| c.len() == 1));
        assert!(grid.cells.windows(2).all(|c| (c[0].row, c[0].column) < (c[1].row, c[1].column)));
        let (mut grid, mut cells, items) = table(4, 6, |x, y| item(x, x + 185.0, y));
        part_rows(&mut grid, &mut cells, &items);
        assert_eq!((grid.rows, grid.cells.len()), (2, 8));
    }

    #[test]
    fn many_lines_in_many_columns_are_rows_though_few_end_early() {
        // One line of three ends early.
        let line = |x: f32, y: f32| item(x, x + if y as usize % 72 < 24 { 60.0 } else { 185.0 }, y);
        for (columns, rows) in [(6, 10), (4, 2)] {
            let (mut grid, mut cells, items) = table(columns, 9, line);
            part_rows(&mut grid, &mut cells, &items);
            assert_eq!((grid.rows, grid.cells.len()), (rows, rows * columns));
        }
    }
}
