//! Wipe: takes the print of the sheet's back off a page through which it shows.
//!
//! Lines of it are refused as they are read, but its rules stay walls, its columns stay tables, and
//! where it lies beside a line it becomes its end. What is pale and does not belong to a dark stroke
//! becomes paper, and the page is looked at once more.

use crate::Gray;
use crate::grow::grow;

/// Tiles in a core's height: how dark a place is, is asked of one tile.
const TILES: f32 = 8.0;
/// As strong as this, in the page's own print, is a stroke...
const STROKE: f32 = 0.62;
/// ...and this belongs to one where it lies near it: the fringe, and where a pen was lifted.
const FAINT: f32 = 0.25;
/// How far from a stroke that is, in core heights.
const NEAR: f32 = 0.5;
/// What becomes of the rest.
const PAPER: u8 = 255;

/// The page without what is paler than its print, strokes of which have the contrast `ink` (as
/// [`contrast`](crate::evidence::contrast)) and stand in cores `core` pixels high.
#[must_use]
pub(crate) fn wiped(page: &Gray, core: f32, ink: f32) -> Gray {
    let (w, h) = (page.width, page.height);
    let side = (core / TILES).round().max(1.0) as usize;
    let dark = darkness(page, side);
    let at_least = |share: f32| (255.0 * ink * share) as u8;
    let (stroke, faint) = (at_least(STROKE), at_least(FAINT));
    let mut kept: Vec<bool> = dark.iter().map(|&d| d >= stroke).collect();
    grow(&mut kept, w, (NEAR * core) as usize, |i| dark[i] >= faint);
    let around = around(&kept, w, h, side);
    let pixels = page.pixels.iter().zip(around).map(|(&v, kept)| if kept { v } else { PAPER });
    Gray { width: w, height: h, pixels: pixels.collect() }
}

/// How much darker than white the tile around each pixel is.
fn darkness(page: &Gray, side: usize) -> Vec<u8> {
    let (w, h) = (page.width, page.height);
    let (before, after) = (side / 2, side - side / 2);
    let mut sums = vec![0u32; (w + 1) * (h + 1)];
    for y in 0..h {
        let mut row = 0;
        for (x, &v) in page.row(y).iter().enumerate() {
            row += u32::from(255 - v);
            sums[(y + 1) * (w + 1) + x + 1] = sums[y * (w + 1) + x + 1] + row;
        }
    }
    let mut out = Vec::with_capacity(w * h);
    for y in 0..h {
        let (y0, y1) = (y.saturating_sub(before), (y + after).min(h));
        for x in 0..w {
            let (x0, x1) = (x.saturating_sub(before), (x + after).min(w));
            let at = |x: usize, y: usize| sums[y * (w + 1) + x];
            let sum = at(x1, y1) + at(x0, y0) - at(x1, y0) - at(x0, y1);
            out.push((sum / ((x1 - x0) * (y1 - y0)) as u32) as u8);
        }
    }
    out
}

/// What lies within `side` pixels of the given, across and down.
fn around(kept: &[bool], w: usize, h: usize, side: usize) -> Vec<bool> {
    let mut wide = vec![false; kept.len()];
    for (i, _) in kept.iter().enumerate().filter(|(_, k)| **k) {
        let (x, row) = (i % w, i - i % w);
        wide[row + x.saturating_sub(side)..=row + (x + side).min(w - 1)].fill(true);
    }
    let mut out = wide.clone();
    for y in 0..h {
        for ny in (y.saturating_sub(side)..=(y + side).min(h - 1)).filter(|&ny| ny != y) {
            let (from, to) = (ny * w, y * w);
            for x in 0..w {
                out[to + x] |= wide[from + x];
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page with strokes 4 pixels wide and 16 high, `dark` and every 10 pixels from `from` on.
    fn strokes(page: &mut Gray, top: usize, from: usize, dark: u8) {
        for y in top..top + 16 {
            for x in (from..page.width - 20).filter(|x| (x - from) % 10 < 4) {
                page.pixels[y * page.width + x] = dark;
            }
        }
    }

    #[test]
    fn what_is_pale_goes_and_print_stays() {
        let mut page = Gray::filled(300, 120, 250);
        strokes(&mut page, 20, 20, 30);
        strokes(&mut page, 70, 20, 180);
        // A hair that goes off from a stroke is pale, and the page's own.
        page.pixels[28 * 300 + 24] = 160;
        page.pixels[28 * 300 + 25] = 160;
        let clean = wiped(&page, 16.0, 0.85);
        assert_eq!(clean.row(28)[20..26], page.row(28)[20..26]);
        assert!(clean.row(78).iter().all(|&v| v == PAPER), "{:?}", &clean.row(78)[..40]);
        assert!(clean.row(50).iter().all(|&v| v == PAPER));
    }

    #[test]
    fn what_touches_print_goes_with_it_only_nearby() {
        let mut page = Gray::filled(300, 60, 250);
        strokes(&mut page, 20, 20, 30);
        page.pixels[28 * 300 + 276..28 * 300 + 300].fill(0);
        for y in 20..36 {
            page.pixels[y * 300 + 100..y * 300 + 200].fill(30);
            page.pixels[y * 300 + 200..y * 300 + 300].fill(170);
        }
        let clean = wiped(&page, 16.0, 0.85);
        assert!(clean.row(22)[202] == 170 && clean.row(22)[240] == PAPER);
    }
}
