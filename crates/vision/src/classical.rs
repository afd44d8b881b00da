//! A finder without a network: core bands from the density of ink.
//!
//! Ink is smeared along the line; where the smear is densest between the paper above and below,
//! there is a line's core. Good on clean, level pages; it is the stand-in for tests and the
//! fallback when no model is given.

use crate::find::{FindLines, Maps, STRIDE};
use crate::{Gray, VisionError};

/// Finds core bands by the density of ink.
#[derive(Clone, Copy, Debug, Default)]
pub struct InkFinder;

/// Darker than this is ink, on prepared paper.
const INK: u8 = 160;

impl FindLines for InkFinder {
    fn find(&self, picture: &Gray) -> Result<Maps, VisionError> {
        let height = typical_height(picture);
        let (w, h) = (picture.width, picture.height);
        let ink: Vec<f32> = picture.pixels.iter().map(|&v| f32::from(u8::from(v < INK))).collect();
        let along = blur_across(&ink, w, h, (2.0 * height) as usize);
        let dense = blur_down(&along, w, h, (0.25 * height).round() as usize);
        let reach = height.round() as usize;
        let (mw, mh) = (w / STRIDE, h / STRIDE);
        let near = blur_across(&ink, w, h, (0.6 * height) as usize);
        let mut core = vec![0.0; mw * mh];
        for my in 0..mh {
            for mx in 0..mw {
                let (x, y) = (mx * STRIDE + STRIDE / 2, my * STRIDE + STRIDE / 2);
                let here = dense[y * w + x];
                let range = y.saturating_sub(reach)..(y + reach + 1).min(h);
                let top = range.clone().map(|y| dense[y * w + x]).fold(0.0, f32::max);
                let mid = y.saturating_sub(reach / 2)..(y + reach / 2 + 1).min(h);
                let touched = mid.into_iter().any(|y| near[y * w + x] > 0.0);
                if here > 0.06 && here >= 0.75 * top && touched {
                    core[my * mw + mx] = 1.0;
                }
            }
        }
        Ok(Maps { width: mw, height: mh, core, ..Maps::default() })
    }
}

/// The typical height of connected ink, in pixels: about a consonant's core.
fn typical_height(picture: &Gray) -> f32 {
    let (w, h) = (picture.width, picture.height);
    let mut seen = vec![false; w * h];
    let mut heights = Vec::new();
    let mut stack = Vec::new();
    for start in 0..w * h {
        if seen[start] || picture.pixels[start] >= INK {
            continue;
        }
        seen[start] = true;
        stack.push(start);
        let (mut x0, mut x1, mut y0, mut y1) = (w, 0, h, 0);
        while let Some(at) = stack.pop() {
            let (x, y) = (at % w, at / w);
            (x0, x1, y0, y1) = (x0.min(x), x1.max(x), y0.min(y), y1.max(y));
            for ny in y.saturating_sub(1)..(y + 2).min(h) {
                for nx in x.saturating_sub(1)..(x + 2).min(w) {
                    let next = ny * w + nx;
                    if !seen[next] && picture.pixels[next] < INK {
                        seen[next] = true;
                        stack.push(next);
                    }
                }
            }
        }
        let (cw, ch) = (x1 - x0 + 1, y1 - y0 + 1);
        if ch >= 4 && ch <= h / 3 && cw < 8 * ch && ch < 8 * cw {
            heights.push(ch);
        }
    }
    heights.sort_unstable();
    heights.get(heights.len() / 2).map_or(10.0, |&v| v as f32).clamp(5.0, 80.0)
}

fn blur_across(values: &[f32], w: usize, h: usize, radius: usize) -> Vec<f32> {
    let mut out = vec![0.0; w * h];
    let mut sums = vec![0.0f32; w + 1];
    for y in 0..h {
        let row = &values[y * w..(y + 1) * w];
        for (x, v) in row.iter().enumerate() {
            sums[x + 1] = sums[x] + v;
        }
        for x in 0..w {
            let (a, b) = (x.saturating_sub(radius), (x + radius + 1).min(w));
            out[y * w + x] = (sums[b] - sums[a]) / (2 * radius + 1) as f32;
        }
    }
    out
}

fn blur_down(values: &[f32], w: usize, h: usize, radius: usize) -> Vec<f32> {
    let mut out = vec![0.0; w * h];
    for y in 0..h {
        let (a, b) = (y.saturating_sub(radius), (y + radius + 1).min(h));
        for yy in a..b {
            for x in 0..w {
                out[y * w + x] += values[yy * w + x];
            }
        }
        let n = (b - a) as f32;
        out[y * w..(y + 1) * w].iter_mut().for_each(|v| *v /= n);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_letters_is_a_band_and_paper_is_not() {
        let mut page = Gray::filled(320, 160, 255);
        for y in 60..72 {
            for x in 40..280 {
                if x % 8 < 4 {
                    page.pixels[y * 320 + x] = 0;
                }
            }
        }
        let maps = InkFinder.find(&page).unwrap();
        let at = |x: usize, y: usize| maps.core[y / STRIDE * maps.width + x / STRIDE];
        assert_eq!(at(160, 66), 1.0);
        assert_eq!(at(160, 100), 0.0);
        assert_eq!(at(10, 66), 0.0);
    }
}
