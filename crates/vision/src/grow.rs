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

/// A stretch of a row's pixels that are on, and what it hangs together with above it.
struct Stretch {
    across: Range<usize>,
    /// A stretch before it, or itself where it is the first of its piece.
    piece: usize,
}

/// What hangs together, corners included, of a picture's pixels that are `on`: from which column and row to
/// past which, in the order of their first pixels.
pub(crate) fn pieces(on: &[bool], width: usize) -> Vec<(Range<usize>, Range<usize>)> {
    fn first(all: &mut [Stretch], mut of: usize) -> usize {
        while all[of].piece != of {
            all[of].piece = all[all[of].piece].piece;
            of = all[of].piece;
        }
        of
    }
    let mut all: Vec<Stretch> = Vec::new();
    let mut ends = Vec::new();
    let mut above = 0;
    for row in on.chunks_exact(width.max(1)) {
        let begun = all.len();
        let mut x = 0;
        while let Some(off) = row[x..].iter().position(|on| *on) {
            let from = x + off;
            let to = row[from..].iter().position(|on| !*on).map_or(width, |n| from + n);
            let new = all.len();
            all.push(Stretch { across: from..to, piece: new });
            // Those above that end before this one begins lie before the next one too.
            while above < begun && all[above].across.end < from {
                above += 1;
            }
            let touching = (above..begun).take_while(|&i| all[i].across.start <= to).count();
            for i in above..above + touching {
                let (a, b) = (first(&mut all, i), first(&mut all, new));
                all[a.max(b)].piece = a.min(b);
            }
            x = to;
        }
        above = begun;
        ends.push(all.len());
    }
    let mut out: Vec<Option<(Range<usize>, Range<usize>)>> = Vec::new();
    out.resize(all.len(), None);
    let mut begun = 0;
    for (y, end) in ends.into_iter().enumerate() {
        for i in begun..end {
            let Range { start, end } = all[i].across;
            let piece = out[first(&mut all, i)].get_or_insert((start..end, y..y + 1));
            piece.0 = piece.0.start.min(start)..piece.0.end.max(end);
            piece.1.end = y + 1;
        }
        begun = end;
    }
    out.into_iter().flatten().collect()
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
        let found = pieces(&(0..25).map(on).collect::<Vec<_>>(), 5);
        assert_eq!(found, [(0..2, 0..2), (4..5, 1..3)]);
        assert!(pieces(&[], 0).is_empty());
    }

    #[test]
    fn pieces_are_what_is_taken_one_after_the_other() {
        let mut rng = 1u32;
        for (width, height, share) in [(1, 9, 2), (23, 17, 2), (40, 31, 3), (17, 40, 5), (9, 1, 2)]
        {
            let mut draw = || {
                rng = rng.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (rng >> 16).is_multiple_of(share)
            };
            let on: Vec<bool> = (0..width * height).map(|_| draw()).collect();
            let (mut left, mut wanted) = (on.clone(), Vec::new());
            for start in 0..on.len() {
                if left[start] {
                    let piece = taken(&mut left, width, start);
                    let across = around(piece.iter().map(|i| i % width));
                    wanted.push((across, around(piece.iter().map(|i| i / width))));
                }
            }
            assert_eq!(pieces(&on, width), wanted, "{width} x {height}");
        }
    }
}
