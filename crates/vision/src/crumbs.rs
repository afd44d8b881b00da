//! Crumbs: black and white pages without the dots that stand for gray.
//!
//! Copiers make crumbs of what is pale: of print that shows through the paper, of tints, of grain. A stroke
//! of print is two pixels thick somewhere, and black all through; crumbs are not. What lies near such
//! places stays, and so do the dots of leaders, which stand alone in even rows; the rest becomes paper.

use crate::Gray;

/// Darker than this is black.
const BLACK: u8 = 128;
/// So many pixels away from where a stroke is two pixels thick, ink that hangs together with it is its.
const NEAR: usize = 4;

/// Largest side of a leader's dot that may be a crumb, and the white above and below it.
const DOT: usize = 2;
const CLEAR: usize = 4;
/// Distances from one dot of a leader to the next.
const STEP: std::ops::Range<usize> = 3..25;
/// So many dots in an even row are a leader.
const LEADER: usize = 6;

/// Pixels that are looked at together.
const CHUNK: usize = 64;

/// Takes crumbs off a page; says what share of its ink they were.
pub(crate) fn sweep(page: &mut Gray) -> f32 {
    let (w, h) = (page.width, page.height);
    if w < 2 || h < 2 {
        return 0.0;
    }
    let black: Vec<bool> = page.pixels.iter().map(|&v| v < BLACK).collect();
    let ink = black.iter().filter(|b| **b).count();
    let mut kept = thick(&black, w);
    // On most pages little is left: what is near thick strokes is sought from there, a pixel at a time.
    let mut rest: Vec<usize> = Vec::new();
    for (chunk, (black, kept)) in black.chunks(CHUNK).zip(kept.chunks(CHUNK)).enumerate() {
        if black.iter().zip(kept).fold(false, |any, (black, kept)| any | (*black & !*kept)) {
            let left = (0..black.len()).filter(|&i| black[i] && !kept[i]);
            rest.extend(left.map(|i| chunk * CHUNK + i));
        }
    }
    for _ in 0..NEAR {
        let is_near = |i: &usize| {
            let (x, y) = (i % w, i / w);
            let columns = x.saturating_sub(1)..(x + 2).min(w);
            let mut rows = y.saturating_sub(1)..(y + 2).min(h);
            rows.any(|y| kept[y * w..][columns.clone()].contains(&true))
        };
        let (near, far): (Vec<usize>, Vec<usize>) = rest.into_iter().partition(is_near);
        near.iter().for_each(|&i| kept[i] = true);
        rest = far;
    }
    for (x, y) in leaders(&black, &rest, w, h) {
        for row in y..(y + DOT).min(h) {
            kept[row * w + x..row * w + (x + DOT).min(w)].fill(true);
        }
    }
    rest.retain(|&i| !kept[i]);
    rest.iter().for_each(|&i| page.pixels[i] = 255);
    rest.len() as f32 / ink.max(1) as f32
}

/// Which pixels are part of black squares of two by two.
fn thick(black: &[bool], w: usize) -> Vec<bool> {
    let mut out = vec![false; black.len()];
    let mut squares = vec![false; w];
    for (y, rows) in black.windows(2 * w).step_by(w).enumerate() {
        let (upper, lower) = rows.split_at(w);
        for (x, square) in squares[..w - 1].iter_mut().enumerate() {
            *square = upper[x] & upper[x + 1] & lower[x] & lower[x + 1];
        }
        for row in out[y * w..(y + 2) * w].chunks_exact_mut(w) {
            row.iter_mut().zip(&squares).for_each(|(out, square)| *out |= square);
            row[1..].iter_mut().zip(&squares).for_each(|(out, square)| *out |= square);
        }
    }
    out
}

/// The top left corners of the dots that make up leaders, among what is black and not near thick strokes,
/// which is `rest`, from the top.
fn leaders(black: &[bool], rest: &[usize], w: usize, h: usize) -> Vec<(usize, usize)> {
    let is_dot = |(x, y): &(usize, usize)| {
        let (x, y) = (*x, *y);
        let white = |x0: usize, y0: usize, x1: usize, y1: usize| {
            let columns = x0.min(w)..x1.min(w);
            (y0..y1.min(h)).all(|y| !black[y * w..][columns.clone()].contains(&true))
        };
        let (left, top) = (x.saturating_sub(1), y.saturating_sub(CLEAR));
        white(left, top, x + DOT + 1, y)
            && white(left, y + DOT, x + DOT + 1, y + DOT + CLEAR)
            && white(left, y, x, y + DOT)
            && white(x + DOT, y, x + DOT + 1, y + DOT)
    };
    let dots: Vec<(usize, usize)> = rest.iter().map(|i| (i % w, i / w)).filter(is_dot).collect();
    // By rows: where each begins among the dots.
    let starts: Vec<usize> = (0..=h).map(|y| dots.partition_point(|d| d.1 < y)).collect();
    let next = |(x, y): (usize, usize)| {
        let rows = y.saturating_sub(1)..(y + 2).min(h);
        let in_row = |row: usize| {
            let row = &dots[starts[row]..starts[row + 1]];
            row[row.partition_point(|d| d.0 < x + STEP.start)..].first().copied()
        };
        rows.filter_map(in_row).min_by_key(|d| d.0).filter(|d| d.0 - x < STEP.end)
    };
    let mut out = Vec::new();
    for &first in &dots {
        let mut run = vec![first];
        while let Some(dot) = next(run[run.len() - 1]) {
            let step = |a: (usize, usize), b: (usize, usize)| b.0 - a.0;
            let n = run.len();
            if n > 1 && step(run[n - 2], run[n - 1]).abs_diff(step(run[n - 1], dot)) > 1 {
                break;
            }
            run.push(dot);
            if run.len() == LEADER {
                break;
            }
        }
        if run.len() == LEADER {
            out.extend(run);
        }
    }
    out
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

    #[test]
    fn leaders_stay() {
        let mut page = Gray::filled(100, 60, 255);
        let mut black = |x: usize, y: usize| page.pixels[y * 100 + x] = 0;
        // A leader whose row falls by a pixel, a short row, and a screen.
        (10..90).step_by(6).for_each(|x| black(x, 10 + x / 50));
        (10..40).step_by(7).for_each(|x| black(x, 25));
        (40..60).step_by(2).for_each(|y| (10..90).step_by(4).for_each(|x| black(x, y)));
        let leader: Vec<u8> = page.pixels[..2000].to_vec();
        sweep(&mut page);
        assert_eq!(page.pixels[..2000], leader);
        assert!(page.pixels[2000..].iter().all(|&v| v == 255));
    }

    #[test]
    fn ink_at_the_edges_and_pages_of_any_size() {
        let mut seed = 1u32;
        for (w, h) in [(1, 1), (2, 2), (3, 40), (40, 3), (61, 47)] {
            for every in [2, 5, 23] {
                let noise = |_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    if (seed >> 16).is_multiple_of(every) { 0 } else { 255 }
                };
                let pixels: Vec<u8> = (0..w * h).map(noise).collect();
                let mut page = Gray { width: w, height: h, pixels: pixels.clone() };
                let share = sweep(&mut page);
                assert!((0.0..=1.0).contains(&share), "{share}");
                // Nothing that was white is ink now.
                assert!(
                    page.pixels.iter().zip(&pixels).all(|(new, old)| new == old || *new == 255)
                );
            }
        }
    }
}
