//! Grow: what hangs together with some pixels of a picture.

use std::ops::Range;

/// Adds to `kept`, pixels of a picture `width` wide, those that hang together with them, corners counting,
/// through pixels that are `allowed`, so many steps away at most.
pub(crate) fn grow(kept: &mut [bool], width: usize, steps: usize, allowed: impl Fn(usize) -> bool) {
    let height = kept.len() / width.max(1);
    let mut edge: Vec<u32> = (0..kept.len() as u32).filter(|&i| kept[i as usize]).collect();
    for _ in 0..steps {
        let mut next = Vec::new();
        for i in edge {
            let (x, y) = (i as usize % width, i as usize / width);
            for ny in y.saturating_sub(1)..(y + 2).min(height) {
                for nx in x.saturating_sub(1)..(x + 2).min(width) {
                    let at = ny * width + nx;
                    if !kept[at] && allowed(at) {
                        kept[at] = true;
                        next.push(at as u32);
                    }
                }
            }
        }
        edge = next;
    }
}

/// What hangs together, corners included, of a picture's pixels that are `on`: from which column and row to
/// past which, in the order of their first pixels.
pub(crate) fn pieces(mut on: Vec<bool>, width: usize) -> Vec<(Range<usize>, Range<usize>)> {
    let mut out = Vec::new();
    for start in 0..on.len() {
        if on[start] {
            let piece = taken(&mut on, width, start);
            out.push((
                around(piece.iter().map(|i| i % width)),
                around(piece.iter().map(|i| i / width)),
            ));
        }
    }
    out
}

/// Takes what hangs together with a pixel, corners included, out of those of a picture that are `on`.
pub(crate) fn taken(on: &mut [bool], width: usize, start: usize) -> Vec<usize> {
    let height = on.len() / width.max(1);
    let (mut out, mut stack) = (Vec::new(), vec![start]);
    on[start] = false;
    while let Some(at) = stack.pop() {
        out.push(at);
        let (x, y) = (at % width, at / width);
        for ny in y.saturating_sub(1)..(y + 2).min(height) {
            for nx in x.saturating_sub(1)..(x + 2).min(width) {
                if std::mem::take(&mut on[ny * width + nx]) {
                    stack.push(ny * width + nx);
                }
            }
        }
    }
    out
}

/// From the least of some numbers to past the largest.
pub(crate) fn around(all: impl Iterator<Item = usize>) -> Range<usize> {
    let (from, to) = all.fold((usize::MAX, 0), |r, v| (r.0.min(v), r.1.max(v + 1)));
    from..to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_round_corners_and_so_far() {
        // A stroke that goes right, then down aslant.
        let way = [5, 6, 7, 13, 19];
        let mut kept = vec![false; 25];
        kept[5] = true;
        grow(&mut kept, 5, 3, |i| way.contains(&i));
        let all: Vec<usize> = (0..25).filter(|&i| kept[i]).collect();
        assert_eq!(all, [5, 6, 7, 13]);
        grow(&mut [], 0, 3, |_| true);
    }

    #[test]
    fn pieces_hang_together_at_corners() {
        let on = |i: usize| [0, 6, 9, 14].contains(&i);
        let found = pieces((0..25).map(on).collect(), 5);
        assert_eq!(found, [(0..2, 0..2), (4..5, 1..3)]);
        assert!(pieces(Vec::new(), 0).is_empty());
    }
}
