//! Crumbs: black and white pages without the dots that stand for gray.
//!
//! Copiers make crumbs of what is pale: of print that shows through the paper, of tints, of grain. A stroke
//! of print is two pixels thick somewhere, and black all through; crumbs are not. What lies near such
//! places stays, the rest becomes paper.

use crate::Gray;

/// Darker than this is black.
const BLACK: u8 = 128;
/// So many pixels away from where a stroke is two pixels thick, ink that hangs together with it is its.
const NEAR: usize = 4;

/// Takes crumbs off a page; says what share of its ink they were.
pub(crate) fn sweep(page: &mut Gray) -> f32 {
    let (w, h) = (page.width, page.height);
    if w < 2 || h < 2 {
        return 0.0;
    }
    let black: Vec<bool> = page.pixels.iter().map(|&v| v < BLACK).collect();
    let mut kept = vec![false; black.len()];
    let mut edge = Vec::new();
    for y in 0..h - 1 {
        for x in 0..w - 1 {
            let four = [y * w + x, y * w + x + 1, (y + 1) * w + x, (y + 1) * w + x + 1];
            if four.iter().all(|&i| black[i]) {
                for i in four.into_iter().filter(|&i| !kept[i]).collect::<Vec<_>>() {
                    kept[i] = true;
                    edge.push(i as u32);
                }
            }
        }
    }
    for _ in 0..NEAR {
        let mut next = Vec::new();
        for i in edge {
            let (x, y) = (i as usize % w, i as usize / w);
            for ny in y.saturating_sub(1)..(y + 2).min(h) {
                for nx in x.saturating_sub(1)..(x + 2).min(w) {
                    let at = ny * w + nx;
                    if black[at] && !kept[at] {
                        kept[at] = true;
                        next.push(at as u32);
                    }
                }
            }
        }
        edge = next;
    }
    let (mut ink, mut swept) = (0, 0);
    for ((v, black), kept) in page.pixels.iter_mut().zip(black).zip(kept) {
        ink += u32::from(black);
        if black && !kept {
            *v = 255;
            swept += 1;
        }
    }
    swept as f32 / ink.max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_stay_and_crumbs_go() {
        let mut page = Gray::filled(60, 40, 255);
        let mut black = |x: usize, y: usize| page.pixels[y * 60 + x] = 0;
        // A stroke with a hair that goes off from it, and crumbs in rows and aslant.
        (5..25).for_each(|y| (10..12).for_each(|x| black(x, y)));
        (12..15).for_each(|x| black(x, 8));
        (30..58).step_by(2).for_each(|x| black(x, 10));
        (30..50).for_each(|x| black(x, x - 20));
        let mut clean = page.clone();
        let share = sweep(&mut clean);
        assert!((0.4..0.5).contains(&share), "{share}");
        for y in 0..40 {
            let (clean, page) = (&clean.row(y)[..28], &page.row(y)[..28]);
            assert_eq!(clean, page, "row {y}");
        }
        assert!((0..40).all(|y| clean.row(y)[28..].iter().all(|&v| v == 255)));
    }
}
