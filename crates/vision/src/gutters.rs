//! Gutters: tables without walls whose cells hold several lines each. Where cells are set in the middle
//! of their rows, a printed line crosses only a few of them, so columns are not told line by line:
//! they are what the strips of white leave that run through all lines of the table.

use crate::aligned::{Column, FIRST_GAP, JUMP, base, is_of_size, running};
use crate::fill::{divided, grid};
use crate::layout::{Grid, Item, Row, median};
use crate::rules::Rules;

/// Narrowest strip of white, in core heights.
const STRIP: f32 = 0.8;
/// Fewest columns.
const COLUMNS: usize = 3;
/// Of the columns once seen, at least this share is left.
const LEFT: f32 = 0.7;
/// A stretch alone on its line and longer than this share of the table is no cell of it.
const PROSE: f32 = 0.5;
/// Fewest rows; of two rows a table has so many columns, nearly all of them filled.
const ROWS: usize = 3;
const PAIR: (usize, f32) = (4, 0.8);
/// Its rows fill this share of the columns.
const FILLED: f32 = 0.5;
/// Rows of running text are parted by more than this, in the distance of lines set close.
const WHITER: f32 = 1.2;
/// White between two tables is so many times what is between the lines of one.
const APART: f32 = 1.35;
/// Longest run of lines looked at.
const MOST: usize = 400;

/// A table that begins at row `at`: the row after its last, and its grid. `None` when none begins there.
pub(crate) fn guttered(
    items: &[Item],
    rows: &[Row],
    at: usize,
    rules: &Rules,
) -> Option<(usize, Grid)> {
    let rows = &rows[..rows.len().min(at + MOST)];
    let core = median(rows[at].iter().map(|&i| items[i].core).collect());
    // Cells of the first row set in the middle: its tallest cell begins above the others.
    let begins = rows[at..].iter().take(3).any(|r| parts(items, r, core));
    if !begins || rows[at].len() == 1 && !leads(items, rows, at) {
        return None;
    }
    let (to, strips) = run(items, rows, at, core)?;
    let to = without_what_follows(items, rows, at, to, &strips, core);
    let to = at + up_to_white(items, &rows[at..to]);
    let columns: Vec<Column> =
        strips.iter().map(|&(x0, x1)| Column { x0, x1, filled: 1 }).collect();
    let inside = rows.get(at..to).filter(|r| r.len() > 1)?;
    let grid = grid(items, inside, &columns, rules, core, None);
    is_table(items, inside, &columns, &grid, core)
        .then(|| (to, divided(items, inside, &columns, rules, core, None)))
}

/// Whether wide white parts the row.
fn parts(items: &[Item], row: &Row, core: f32) -> bool {
    row.windows(2).any(|w| items[w[1]].rect.x0 - items[w[0]].rect.x1 > FIRST_GAP * core)
}

/// Whether a stretch alone on its line belongs to what follows rather than to what stands above.
fn leads(items: &[Item], rows: &[Row], at: usize) -> bool {
    let step = |r: usize| base(items, &rows[r + 1]) - base(items, &rows[r]);
    at + 1 < rows.len() && (at == 0 || step(at) < 0.8 * step(at - 1))
}

/// The lines from `at` on that leave strips of white, up to which, and what stands between these.
fn run(items: &[Item], rows: &[Row], at: usize, core: f32) -> Option<(usize, Vec<(f32, f32)>)> {
    let mut taken: Vec<(f32, f32)> = Vec::new();
    let mut best = None;
    let mut peak = 0;
    for (r, row) in rows.iter().enumerate().skip(at) {
        let far = r > at && base(items, row) - base(items, &rows[r - 1]) > JUMP * core;
        if far || !row.iter().all(|&i| is_of_size(&items[i], core)) {
            break;
        }
        let mut next = taken.clone();
        for &i in row {
            let rect = &items[i].rect;
            put(&mut next, (rect.x0, rect.x1), STRIP * core);
        }
        let width = next[next.len() - 1].1 - next[0].0;
        let paragraph = row.len() == 1 && r > at && items[row[0]].rect.width() > PROSE * width;
        if paragraph && next.len() < taken.len() {
            break;
        }
        if r > at + 2 && (next.len() < COLUMNS || (next.len() as f32) < LEFT * peak as f32) {
            break;
        }
        peak = peak.max(next.len());
        taken = next;
        if taken.len() >= COLUMNS {
            best = Some((r + 1, taken.clone()));
        }
    }
    best
}

/// Adds a stretch to what is taken, joining what is nearer than `gap`.
fn put(taken: &mut Vec<(f32, f32)>, (x0, x1): (f32, f32), gap: f32) {
    let from = taken.partition_point(|t| t.1 + gap < x0);
    let to = taken.partition_point(|t| t.0 - gap <= x1);
    let first = taken.get(from).filter(|_| from < to).map_or(x0, |t| t.0.min(x0));
    let last = if from < to { taken[to - 1].1.max(x1) } else { x1 };
    taken.splice(from..to.max(from), [(first, last)]);
}

/// How many lines stand above white wider than all other between these lines: another table follows.
fn up_to_white(items: &[Item], rows: &[Row]) -> usize {
    let steps = rows.windows(2).map(|w| base(items, &w[1]) - base(items, &w[0]));
    let mut widest: Vec<(f32, usize)> = steps.zip(1..).collect();
    widest.sort_by(|a, b| b.0.total_cmp(&a.0));
    match widest[..] {
        [first, second, ..] if first.0 > APART * second.0 => first.1,
        _ => rows.len(),
    }
}

/// The end of the table without lines of one stretch at the left, which rather begin what follows.
fn without_what_follows(
    items: &[Item],
    rows: &[Row],
    at: usize,
    mut to: usize,
    strips: &[(f32, f32)],
    core: f32,
) -> usize {
    while to > at + 1 && rows[to - 1].len() == 1 {
        let jump = base(items, &rows[to - 1]) - base(items, &rows[to - 2]);
        if jump < 3.0 * core && items[rows[to - 1][0]].rect.x0 > strips[0].1 || jump < 2.0 * core {
            break;
        }
        to -= 1;
    }
    to
}

fn is_table(items: &[Item], rows: &[Row], columns: &[Column], grid: &Grid, core: f32) -> bool {
    let n = columns.len();
    let filled = |r: usize| grid.cells.iter().filter(|c| c.row == r && !c.lines.is_empty()).count();
    let many: Vec<usize> = (0..grid.rows).map(filled).filter(|f| *f >= 2).collect();
    let mean = many.iter().sum::<usize>() as f32 / many.len().max(1) as f32;
    let roomy = columns.windows(2).all(|w| w[1].x0 - w[0].x1 > 2.0 * FIRST_GAP * core);
    let enough =
        many.len() >= ROWS || many.len() == 2 && roomy && n >= PAIR.0 && mean >= PAIR.1 * n as f32;
    if !enough || mean < 2.0 || mean < FILLED * n as f32 {
        return false;
    }
    let proses = columns.iter().filter(|c| running(items, rows, columns, c, core)).count();
    proses * 2 < n || parted(items, grid)
}

/// Whether more white lies between most rows than between the lines of a cell.
fn parted(items: &[Item], grid: &Grid) -> bool {
    let mut steps = Vec::new();
    let mut ends = vec![(f32::MAX, f32::MIN); grid.rows];
    for cell in &grid.cells {
        let bases: Vec<f32> = cell.lines.iter().map(|l| base(items, l)).collect();
        steps.extend(bases.windows(2).map(|w| w[1] - w[0]));
        for b in bases {
            let (top, foot) = ends[cell.row];
            ends[cell.row] = (top.min(b), foot.max(b));
        }
    }
    if steps.len() < grid.rows || grid.rows <= ROWS {
        return false;
    }
    let pitch = median(steps);
    let wide = ends.windows(2).filter(|w| w[1].0 - w[0].1 > WHITER * pitch).count();
    wide * 3 >= (grid.rows - 1) * 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;
    use crate::order::rows as rows_of;

    fn found(items: &[Item]) -> Option<(usize, Grid)> {
        let rows = rows_of(items, (0..items.len()).collect());
        guttered(items, &rows, 0, &Rules::default())
    }

    #[test]
    fn cells_in_the_middle_of_their_rows() {
        let mut items = Vec::new();
        let mut y = 0.0;
        for heights in [[2, 1, 4, 1], [1, 2, 3, 2], [3, 4, 1, 1], [2, 2, 1, 3], [1, 4, 3, 2]] {
            let tallest = heights.into_iter().max().unwrap_or(0);
            for (c, lines) in heights.into_iter().enumerate() {
                let x = 150.0 * c as f32;
                for n in 0..lines {
                    let down = 12.0 * (tallest - lines) as f32 + 24.0 * n as f32;
                    let end = if n + 1 < lines { 118.0 } else { 70.0 };
                    items.push(item(x, x + end, y + down));
                }
            }
            y += 24.0 * tallest as f32 + 16.0;
        }
        let (_, grid) = found(&items).unwrap();
        assert_eq!((grid.rows, grid.columns), (5, 4));
        let lines: Vec<usize> = grid.cells.iter().map(|c| c.lines.len()).collect();
        assert_eq!(lines[..8], [2, 1, 4, 1, 1, 2, 3, 2]);
    }

    #[test]
    fn three_columns_of_text_are_no_table() {
        let mut items = Vec::new();
        for r in 0..14 {
            for c in 0..3 {
                let x = 220.0 * c as f32;
                let end = if (r * 5 + c) % 6 == 0 { 110.0 } else { 195.0 };
                items.push(item(x, x + end, r as f32 * 24.0 + 7.0 * c as f32));
            }
        }
        assert!(found(&items).is_none());
    }

    #[test]
    fn what_is_near_is_one() {
        let mut taken = Vec::new();
        for part in [(0.0, 10.0), (50.0, 60.0), (30.0, 40.0), (12.0, 29.0)] {
            put(&mut taken, part, 5.0);
        }
        assert_eq!(taken, [(0.0, 40.0), (50.0, 60.0)]);
    }
}
