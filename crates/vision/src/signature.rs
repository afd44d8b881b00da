//! Signature: a short block at the right whose lines stand about one middle, read before what stands at
//! its left. So are set the state's motto beside the ministry's name, and who signs, with room for the
//! stamp between office and name, beside the list of those who get copies.

use crate::layout::{Item, Row, around, median};
use crate::order::base;
use crate::zones::centre;

/// The middle of the block lies beyond this share of the width.
const RIGHT: f32 = 0.55;
/// Its lines are narrower than this share of it.
const NARROW: f32 = 0.5;
/// How far the middles of its lines may lie from the first one's, in core heights.
const MIDDLE: f32 = 2.5;
/// What stands at its left ends so far before it, in core heights.
const APART: f32 = 1.0;
/// Farthest from one row to the next, in core heights: a stamp has room.
const JUMP: f32 = 12.0;
/// What begins so little below its last line stands beside it, in core heights.
const LEVEL: f32 = 1.5;
/// Most lines of it.
const MOST: usize = 8;

/// The block that begins at row `at`: the row after both, its rows, and those at its left. `None` where
/// none begins, or where nothing stands at its left.
pub(crate) fn block(
    items: &[Item],
    rows: &[Row],
    at: usize,
) -> Option<(usize, Vec<Row>, Vec<Row>)> {
    let all = around(items, rows.iter().flatten().copied());
    let first = around(items, rows[at].iter().copied());
    let core = median(rows[at].iter().map(|&i| items[i].core).collect());
    let middle = centre(&first);
    if rows[at].len() > 1
        || middle < all.x0 + RIGHT * all.width()
        || first.width() > NARROW * all.width()
    {
        return None;
    }
    let mut edge = first.x0;
    let (mut right, mut left) = (vec![rows[at].clone()], Vec::new());
    let (mut to, mut between) = (at + 1, 0);
    for row in &rows[at + 1..] {
        let belongs = |i: &usize| (centre(&items[*i].rect) - middle).abs() < MIDDLE * core;
        let (own, aside): (Row, Row) = row.iter().partition(|i| belongs(i));
        let before = |i: &usize| items[*i].rect.x1 < edge - APART * core;
        if base(items, row) - base(items, &rows[to - 1]) > JUMP * core || !aside.iter().all(before)
        {
            break;
        }
        if !own.is_empty() {
            edge = edge.min(around(items, own.iter().copied()).x0);
            right.push(own);
            between = left.len() + usize::from(!aside.is_empty());
        }
        if !aside.is_empty() {
            left.push(aside);
        }
        to += 1;
    }
    // The left one may begin hardly below the last line of the right one.
    let beside = left
        .first()
        .zip(right.last())
        .is_some_and(|(l, r)| between > 0 || base(items, l) - base(items, r) < LEVEL * core);
    let clear = left.iter().flatten().all(|&i| items[i].rect.x1 < edge);
    (beside && clear && (2..=MOST).contains(&right.len())).then_some((to, right, left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;
    use crate::order::rows;

    fn found(items: &[Item], at: usize) -> Option<(usize, Vec<Row>, Vec<Row>)> {
        block(items, &rows(items, (0..items.len()).collect()), at)
    }

    #[test]
    fn office_and_name_are_read_before_the_list_between_them() {
        let items = [
            item(0.0, 600.0, 0.0),
            item(400.0, 520.0, 40.0),
            item(0.0, 90.0, 68.0),
            item(10.0, 130.0, 88.0),
            item(10.0, 110.0, 108.0),
            item(410.0, 512.0, 109.0),
            item(250.0, 300.0, 400.0),
        ];
        let (to, right, left) = found(&items, 1).unwrap();
        assert_eq!((to, right.concat(), left.concat()), (5, vec![1, 5], vec![2, 3, 4]));
        assert!(found(&items[..5], 1).is_none(), "nothing at the right below the list");
        assert!(found(&items, 0).is_none());
    }

    #[test]
    fn what_reaches_below_the_block_ends_it() {
        let items = [
            item(400.0, 520.0, 0.0),
            item(0.0, 90.0, 22.0),
            item(390.0, 530.0, 23.0),
            item(0.0, 600.0, 60.0),
            item(0.0, 100.0, 85.0),
        ];
        let (to, right, left) = found(&items, 0).unwrap();
        assert_eq!((to, right.concat(), left.concat()), (2, vec![0, 2], vec![1]));
    }
}
