//! Fill: puts the lines of a table whose columns are known into its rows and cells.

use khocr_document::Rect;

use crate::aligned::{Column, base, items_in};
use crate::divide::{Profile, divide};
use crate::layout::{Grid, GridCell, Item, Row, around, median};
use crate::order::rows as rows_of;
use crate::partition::{Measures, partition};
use crate::rules::{Rule, Rules};

/// Lines of a cell are set no farther apart than this, in core heights: what all is farther apart are
/// rows of one line each.
const SPACED: f32 = 4.0;

/// The table of these rows of items, in the columns that are the likeliest where these were `told` and no rules draw any.
/// `seen` is what the finder saw of it, if it did: how likely a row begins with each, and its gutters.
pub(crate) fn divided(
    items: &[Item],
    rows: &[Row],
    told: &[Column],
    rules: &Rules,
    core: f32,
    seen: Option<(&[f32], &Profile)>,
) -> Grid {
    let columns = divide(items, rows, told, rules, core, seen.map(|s| s.1));
    grid(items, rows, &columns, rules, core, seen.map(|s| s.0))
}

/// The table of these rows of items. `chances` says how likely a row of the table begins with each, if
/// anything told it.
pub(crate) fn grid(
    items: &[Item],
    rows: &[Row],
    columns: &[Column],
    rules: &Rules,
    core: f32,
    chances: Option<&[f32]>,
) -> Grid {
    let mut places = table_rows(items, rows, columns, rules, chances);
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
    let mut xs = vec![rect.x0.min(columns[0].x0) - 0.2 * core];
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

/// Which of the table's rows each row of items belongs to, no two parts of one on both sides of a rule across.
fn table_rows(
    items: &[Item],
    rows: &[Row],
    columns: &[Column],
    rules: &Rules,
    chances: Option<&[f32]>,
) -> Vec<usize> {
    let bases: Vec<f32> = rows.iter().map(|r| base(items, r)).collect();
    let ends = (columns[0].x0, columns[columns.len() - 1].x1);
    let lines = dividers(rules, bases[0], bases[bases.len() - 1], ends);
    let bands: Vec<usize> =
        bases.iter().map(|y| lines.iter().filter(|l| **l < *y).count()).collect();
    let core = median(rows.iter().flatten().map(|&i| items[i].core).collect());
    let jumps = jumps(items, rows, columns, core);
    let pitch = jumps.get(jumps.len() / 5).copied().unwrap_or(2.5 * core).min(SPACED * core);
    // What a line of each column has room for: as the longest one has, or up to the next column.
    let room: Vec<f32> = (0..columns.len())
        .map(|c| {
            let inside = items_in(items, rows, columns, &columns[c]);
            let left = inside.iter().map(|i| i.rect.x0).fold(f32::MAX, f32::min);
            let next = columns.get(c + 1).map_or(columns[c].x1, |n| n.x0);
            let within = inside.iter().filter(|i| i.rect.x1 <= next);
            let widest = within.map(|i| i.rect.width()).fold(0.0, f32::max);
            widest.max(next - left - 1.5 * core)
        })
        .collect();
    partition(items, rows, columns, &Measures { room: &room, core, pitch, bands: &bands, chances })
}

/// From each line to the next in its column, the nearest first.
fn jumps(items: &[Item], rows: &[Row], columns: &[Column], core: f32) -> Vec<f32> {
    let mut out: Vec<f32> = Vec::new();
    for column in columns {
        let bases: Vec<f32> =
            items_in(items, rows, columns, column).iter().map(|i| i.base).collect();
        out.extend(bases.windows(2).map(|w| w[1] - w[0]).filter(|j| *j > 1.6 * core));
    }
    out.sort_by(f32::total_cmp);
    out
}

/// Whether the next line in a column carries on from the one above: this had no room for its first
/// word.
pub(crate) fn goes_on(
    items: &[Item],
    above: usize,
    below: usize,
    room: f32,
    core: f32,
    pitch: f32,
) -> bool {
    let near = items[below].base - items[above].base < 1.35 * pitch;
    near && room_taken(items, above, below, core) > 0.92 * room
}

/// How much of a column's room a line takes with the first word of the one below it.
pub(crate) fn room_taken(items: &[Item], above: usize, below: usize, core: f32) -> f32 {
    let (a, b) = (&items[above], &items[below]);
    let word = b.words.first().map_or(b.rect.width(), |w| w.rect.width()).min(5.0 * core);
    a.rect.width() + word + 0.3 * core
}

/// Heights of the rules across the table between two baselines.
pub(crate) fn dividers(rules: &Rules, top: f32, foot: f32, (x0, x1): (f32, f32)) -> Vec<f32> {
    let crosses =
        |r: &&Rule| r.at > top && r.at < foot && r.to.min(x1) - r.from.max(x0) > 0.6 * (x1 - x0);
    let mut out: Vec<f32> = rules.across.iter().filter(crosses).map(|r| r.at).collect();
    out.sort_by(f32::total_cmp);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;

    fn figure(x: f32, y: f32) -> Item {
        let mut item = item(x, x + 60.0, y);
        let (text, rect) = ("450".to_owned(), item.rect);
        item.words.push(khocr_document::Word { text, rect, confidence: 1.0 });
        item
    }

    #[test]
    fn blocks_of_figures_are_no_rows() {
        // Three blocks of three lines, more white between them, in three columns.
        let heights = [0.0, 24.0, 48.0, 90.0, 114.0, 138.0, 180.0, 204.0, 228.0];
        let columns = [0.0, 100.0, 200.0].map(|x0| Column { x0, x1: x0 + 60.0, filled: 9 });
        let rows = |items: &[Item]| {
            let rows = rows_of(items, (0..items.len()).collect());
            table_rows(items, &rows, &columns, &Rules::default(), None)
        };
        let figures = |y: &f32| [figure(0.0, *y), figure(100.0, *y), figure(200.0, *y)];
        let figures: Vec<Item> = heights.iter().flat_map(figures).collect();
        assert_eq!(rows(&figures), (0..9).collect::<Vec<_>>());
        // Words of the same places: three lines beside one and one.
        let words = |(i, y): (usize, &f32)| {
            let columns = if i % 3 == 0 { 3 } else { 1 };
            (0..columns).map(|c| item(100.0 * c as f32, 100.0 * c as f32 + 60.0, *y)).collect()
        };
        let words: Vec<Item> = heights.iter().enumerate().flat_map::<Vec<Item>, _>(words).collect();
        assert_eq!(rows(&words), [0, 0, 0, 1, 1, 1, 2, 2, 2]);
    }

    #[test]
    fn a_rule_that_is_worn_off_still_parts_rows_of_figures() {
        let columns = [0.0, 100.0].map(|x0| Column { x0, x1: x0 + 60.0, filled: 8 });
        let heights = (0..8).map(|i| 40.0 * i as f32);
        let items: Vec<Item> = heights.flat_map(|y| [figure(0.0, y), figure(100.0, y)]).collect();
        let rows = rows_of(&items, (0..items.len()).collect());
        // None below the sixth row.
        let at = [0, 1, 2, 3, 4, 6].map(|i| 25.0 + 40.0 * i as f32);
        let across = at.map(|at| Rule { from: 0.0, to: 160.0, at, thick: 1.0 }).to_vec();
        let rules = Rules { across, down: Vec::new() };
        let places = table_rows(&items, &rows, &columns, &rules, None);
        assert_eq!(places, (0..8).collect::<Vec<_>>());
    }

    #[test]
    fn more_white_between_rows_than_between_lines() {
        // Rows of three lines, of one and of two; a cell in the middle stands between the lines.
        let bases = [0.0, 24.0, 48.0, 84.0, 120.0, 144.0, 180.0, 204.0, 228.0, 264.0];
        let mut items: Vec<Item> = bases.iter().map(|&y| item(0.0, 90.0, y)).collect();
        items.extend([24.0, 84.0, 132.0, 204.0, 264.0].map(|y| item(120.0, 170.0, y)));
        let columns = [(0.0, 100.0), (120.0, 180.0)].map(|(x0, x1)| Column { x0, x1, filled: 9 });
        let rows = rows_of(&items, (0..items.len()).collect());
        let places = table_rows(&items, &rows, &columns, &Rules::default(), None);
        assert_eq!(places, [0, 0, 0, 1, 2, 2, 2, 3, 3, 3, 4]);
    }
}
