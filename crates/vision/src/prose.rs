//! Prose: whether what stands side by side is running text, which fills its column; table cells and
//! heading blocks do not.

use crate::layout::{Item, Row, around, median};
use crate::stretches::stretches;
use crate::zones::centre;

/// Columns of text are wider than this, in core heights.
const WIDE: f32 = 11.0;
/// Columns of text hold this share of what stands there; a table has narrow columns too.
const HELD: f32 = 0.8;
/// A line that reaches so far across its column fills it...
const REACHES: f32 = 0.85;
/// ...and of running text this share does.
const FULL: f32 = 0.4;
/// Farthest from one line to the next, in core heights.
const FOLLOWS: f32 = 5.0;
/// So many lines stand beside lines of the other side only, and so many times as many rows between them lack
/// one, where these are no column.
const SPARSE: (usize, f32) = (3, 0.8);

/// Whether what these rows hold on both sides of `middle` is running text.
pub(crate) fn is_prose(items: &[Item], rows: &[Row], middle: f32) -> bool {
    let core = median(rows.iter().flatten().map(|&i| items[i].core).collect());
    let side = |left: bool| -> Vec<Row> {
        let here = |&i: &usize| (centre(&items[i].rect) < middle) == left;
        rows.iter().map(|r| r.iter().copied().filter(here).collect()).collect()
    };
    [true, false].into_iter().all(|left| fills(items, &side(left), core))
}

/// Whether enough of the rows' pieces are as wide as the column that they stand in: four rows at least. One side
/// of a gutter may hold several columns.
pub(crate) fn fills(items: &[Item], rows: &[Row], core: f32) -> bool {
    let mut columns = stretches(items, rows, 0.0);
    columns.retain(|c| c.1 - c.0 > WIDE * core);
    let held = |i: &&usize| columns.iter().any(|c| (c.0..c.1).contains(&centre(&items[**i].rect)));
    let count = rows.iter().flatten().count();
    if (rows.iter().flatten().filter(held).count() as f32) < HELD * count as f32 {
        return false;
    }
    let (mut all, mut full) = (0, 0);
    // Lines follow each other; values beside labels stand here and there.
    let (mut jumps, mut close) = (0, 0);
    for (from, to) in columns {
        let mut last: Option<f32> = None;
        for row in rows {
            let inside = |i: &usize| (from..to).contains(&centre(&items[*i].rect));
            let pieces: Row = row.iter().copied().filter(inside).collect();
            if pieces.is_empty() {
                continue;
            }
            let base = items[pieces[0]].base;
            if let Some(above) = last.replace(base) {
                jumps += 1;
                close += usize::from(base - above < FOLLOWS * core);
            }
            // Lists stand in, but end where the column ends.
            let rect = around(items, pieces);
            let reaches = rect.x1 - from > REACHES * (to - from);
            let long = rect.width() > 0.5 * (to - from);
            all += 1;
            full += usize::from(reaches && long);
        }
    }
    all >= 4 && full as f32 > FULL * all as f32 && close * 2 > jumps
}

/// Whether what stands on one side of a gutter stands beside lines of the other only, here and there:
/// labels and what is said of them, read row by row.
pub(crate) fn is_sparse(items: &[Item], rows: &[Row], middle: f32) -> bool {
    let sides = rows.iter().map(|row| {
        let left = row.iter().any(|&i| centre(&items[i].rect) < middle);
        let right = row.iter().any(|&i| centre(&items[i].rect) >= middle);
        (left, right)
    });
    let sides: Vec<(bool, bool)> = sides.collect();
    let sparse = |own: fn(&(bool, bool)) -> bool, other: fn(&(bool, bool)) -> bool| {
        let (Some(first), Some(last)) = (sides.iter().position(own), sides.iter().rposition(own))
        else {
            return false;
        };
        let between = &sides[first..=last];
        let count = between.iter().filter(|s| own(s)).count();
        let alone = between.iter().filter(|s| own(s) && !other(s)).count();
        let missing = between.iter().filter(|s| !own(s) && other(s)).count();
        count >= SPARSE.0 && alone == 0 && missing as f32 >= SPARSE.1 * count as f32
    };
    sparse(|s| s.0, |s| s.1) || sparse(|s| s.1, |s| s.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;
    use crate::order::rows;

    #[test]
    fn columns_below_a_running_head_are_prose_and_cells_are_not() {
        let mut items = vec![item(0.0, 400.0, 0.0), item(450.0, 700.0, 0.0)];
        for i in 1..14 {
            let y = 25.0 * i as f32;
            // Three columns, every other line of a list and not full.
            for c in 0..3 {
                let x = 250.0 * c as f32;
                let short = if (i + c) % 2 == 0 { 80.0 } else { 0.0 };
                items.push(item(x + 20.0, x + 220.0 - short, y));
            }
        }
        let all = rows(&items, (0..items.len()).collect());
        assert!(is_prose(&items, &all, 485.0));
        let mut card: Vec<_> = (0..20).map(|i| item(0.0, 200.0, 25.0 * i as f32)).collect();
        card.extend([2, 6, 9, 13, 17].map(|i| item(300.0, 430.0, 25.0 * i as f32)));
        let all = rows(&card, (0..card.len()).collect());
        assert!(!is_prose(&card, &all, 250.0), "values stand here and there");
        let cells: Vec<_> = (0..40)
            .map(|i| {
                let x = 250.0 * (i % 4) as f32;
                item(x, x + 60.0 + (i * 37 % 130) as f32, 25.0 * (i / 4) as f32)
            })
            .collect();
        let all = rows(&cells, (0..cells.len()).collect());
        assert!(!is_prose(&cells, &all, 485.0));
    }
}
