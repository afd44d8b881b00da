//! Stretches: where on a line across the words of many rows stand.

use crate::layout::{Item, Row};

/// One row in so many may run across the white between two stretches: a head over both.
const HEADS: usize = 12;

/// From where to where the rows' items stand, left to right, level pixels: two stretches are more than
/// `gap` pixels apart, but for the few items that cross what lies between.
pub(crate) fn stretches(items: &[Item], rows: &[Row], gap: f32) -> Vec<(f32, f32)> {
    let few = rows.iter().filter(|r| !r.is_empty()).count() / HEADS;
    let all = || rows.iter().flatten().map(|&i| &items[i].rect);
    let mut edges: Vec<(f32, bool)> =
        all().flat_map(|r| [(r.x0, true), (r.x1 + gap, false)]).collect();
    edges.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut over, mut out, mut from) = (0usize, Vec::new(), None);
    for (x, begins) in edges {
        over = if begins { over + 1 } else { over - 1 };
        match from {
            None if over > few => from = Some(x),
            Some(x0) if over <= few => {
                out.push((x0, x - gap));
                from = None;
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;

    #[test]
    fn a_head_over_two_columns_does_not_join_them() {
        let mut items = vec![item(0.0, 500.0, 0.0)];
        for i in 1..14 {
            items.push(item(0.0, 200.0, 20.0 * i as f32));
            items.push(item(208.0, 500.0, 20.0 * i as f32));
        }
        let row = |base: usize| -> Row {
            (0..items.len()).filter(|&i| items[i].base == 20.0 * base as f32).collect()
        };
        let rows: Vec<Row> = (0..14).map(row).collect();
        assert_eq!(stretches(&items, &rows, 0.0), [(0.0, 200.0), (208.0, 500.0)]);
        assert_eq!(stretches(&items, &rows, 10.0), [(0.0, 500.0)]);
        assert_eq!(stretches(&items, &rows[..5], 0.0), [(0.0, 500.0)], "too few rows to tell");
    }
}
