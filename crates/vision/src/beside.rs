//! Beside: columns that stand side by side from top to bottom of a region, each with lines at heights
//! of its own, as in a leaflet. Rows across them mean nothing.

use crate::layout::{Item, around, median};

/// Narrowest white between two such columns, in core heights.
const WHITE: f32 = 0.7;
/// How far a line may reach into it, in core heights.
const INTO: f32 = 0.4;
/// Fewest lines of a column.
const LINES: usize = 3;
/// Narrowest column, in core heights.
const NARROW: f32 = 8.0;
/// Lines stand level when their baselines are nearer than this, in core heights...
const LEVEL: f32 = 0.35;
/// ...and their sizes differ by less than this...
const ALIKE: f32 = 1.4;
/// ...which this share of a table's cells and of a form's values does.
const SHARE: f32 = 0.4;

/// So many rows of cells make a table...
const ROWS: usize = 3;
/// ...when they are parted by more than this, in the distance of lines set close.
const LEADING: f32 = 1.2;

/// Where the region's items part into two columns that do not stand level; `None` when they do not.
#[must_use]
pub(crate) fn parted(items: &[Item], indices: &[usize]) -> Option<f32> {
    let core = median(indices.iter().map(|&i| items[i].core).collect());
    let mut sorted: Vec<usize> = indices.to_vec();
    sorted.sort_by(|&a, &b| items[a].rect.x0.total_cmp(&items[b].rect.x0));
    let mut reached = f32::MIN;
    for (n, &i) in sorted.iter().enumerate() {
        let from = items[i].rect.x0 + INTO * core;
        if n > 0 && from - reached > WHITE * core {
            let (left, right) = sorted.split_at(n);
            if are_columns(items, left, right, core) {
                return Some(f32::midpoint(reached, from));
            }
        }
        reached = reached.max(items[i].rect.x1 - INTO * core);
    }
    None
}

fn are_columns(items: &[Item], left: &[usize], right: &[usize], core: f32) -> bool {
    let extent = |side: &[usize]| {
        let bases = || side.iter().map(|&i| items[i].base);
        (bases().fold(f32::MAX, f32::min), bases().fold(f32::MIN, f32::max))
    };
    let width = |side: &[usize]| around(items, side.iter().copied()).width();
    let ((a0, a1), (b0, b1)) = (extent(left), extent(right));
    let shared = a1.min(b1) - a0.max(b0);
    let shorter = (a1 - a0).min(b1 - b0);
    let (fewer, more) = if left.len() < right.len() { (left, right) } else { (right, left) };
    // A title beside a paragraph is level with one of its lines by chance.
    let level = |&&i: &&usize| {
        let like = |o: &Item| o.core.max(items[i].core) < ALIKE * o.core.min(items[i].core);
        let near = |o: &Item| (o.base - items[i].base).abs() < LEVEL * core;
        more.iter().any(|&o| near(&items[o]) && like(&items[o]))
    };
    fewer.len() >= LINES
        && !shares_rows(items, left, right)
        && width(left).min(width(right)) > NARROW * core
        && shared > 0.6 * shorter
        && (fewer.iter().filter(level).count() as f32) < SHARE * fewer.len() as f32
}

/// Whether white runs across both sides time and again, as between the rows of a table whose cells hold
/// several lines each.
fn shares_rows(items: &[Item], left: &[usize], right: &[usize]) -> bool {
    let mut lines: Vec<(f32, bool)> = left
        .iter()
        .map(|&i| (items[i].base, true))
        .chain(right.iter().map(|&i| (items[i].base, false)))
        .collect();
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    // How far the next line is below one, on whichever side.
    let pitch = |side: bool| -> Vec<f32> {
        let bases: Vec<f32> = lines.iter().filter(|l| l.1 == side).map(|l| l.0).collect();
        bases.windows(2).map(|w| w[1] - w[0]).collect()
    };
    let mut pitches = pitch(true);
    pitches.extend(pitch(false));
    pitches.sort_by(f32::total_cmp);
    let close = pitches.get(pitches.len() / 4).copied().unwrap_or(0.0);
    let rows: Vec<&[(f32, bool)]> = lines.chunk_by(|a, b| b.0 - a.0 < LEADING * close).collect();
    let both = rows.iter().filter(|r| r.iter().any(|l| l.1) && r.iter().any(|l| !l.1)).count();
    both >= ROWS && both * 3 > rows.len() * 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;

    fn at(items: &[Item]) -> Option<f32> {
        parted(items, &(0..items.len()).collect::<Vec<_>>())
    }

    #[test]
    fn rows_of_cells_with_several_lines_are_no_columns() {
        let mut table = Vec::new();
        for row in 0..5 {
            let y = 120.0 * row as f32;
            table.extend((0..3).map(|i| item(0.0, 300.0, y + 24.0 * i as f32)));
            table.extend((0..2).map(|i| item(340.0, 500.0, y + 12.0 + 24.0 * i as f32)));
        }
        assert_eq!(at(&table), None);
    }

    #[test]
    fn columns_with_heights_of_their_own_are_parted_and_cells_are_not() {
        let mut leaflet: Vec<Item> = (0..12).map(|i| item(0.0, 300.0, 27.0 * i as f32)).collect();
        leaflet.extend((0..4).map(|i| item(310.0, 500.0, 40.0 + 66.0 * i as f32)));
        let x = at(&leaflet).unwrap_or_default();
        assert!((300.0..310.0).contains(&x), "{x}");
        let table: Vec<Item> = (0..12)
            .flat_map(|i| [item(0.0, 300.0, 27.0 * i as f32), item(310.0, 500.0, 27.0 * i as f32)])
            .collect();
        assert_eq!(at(&table), None);
        leaflet.push(item(0.0, 500.0, 400.0));
        assert_eq!(at(&leaflet), None, "a line runs across");
    }
}
