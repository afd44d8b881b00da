//! Grow: what hangs together with some pixels of a picture.

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
}
