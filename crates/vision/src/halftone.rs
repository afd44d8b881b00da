//! Halftone: black and white pages on which gray is a grain of dots.
//!
//! Copiers make dots of tinted paper and of print that shows through it. Dots side by side look like
//! rules and stick to letters; blurred a little they are the gray that they stand for, which the
//! paper's brightness then takes out.

use crate::Gray;

/// Side of the squares that are looked at, in pixels of a page whose longer side is 1,024.
const SQUARE: usize = 24;
/// Share of a square's pixels that are dots by themselves where it is dotted.
const DOTTED: f32 = 0.015;
/// Share of a page's squares that are dotted where the page is.
const PAGE: f32 = 0.1;
/// Share of pixels near black or white on a page of one bit.
const ONE_BIT: f32 = 0.95;

/// One row in so many is looked at.
const EVERY: usize = 4;

/// Turns the dots of a dotted page into the gray they stand for; leaves other pages as they are. Says
/// whether it is dotted.
pub(crate) fn smooth(page: &mut Gray) -> bool {
    let dotted = is_dotted(page);
    if dotted {
        let longer = page.width.max(page.height) as f32;
        blur(page, (longer / 1700.0).clamp(0.9, 1.6));
    }
    dotted
}

/// Whether nearly all of a page is black or white.
pub(crate) fn is_one_bit(page: &Gray) -> bool {
    let (mut plain, mut all) = (0, 0);
    for y in (1..page.height.saturating_sub(1)).step_by(EVERY) {
        plain += page.row(y).iter().filter(|&&v| !(60..=195).contains(&v)).count();
        all += page.width;
    }
    plain as f32 >= ONE_BIT * all as f32
}

fn is_dotted(page: &Gray) -> bool {
    let (w, h) = (page.width, page.height);
    if w < 3 || h < 3 || !is_one_bit(page) {
        return false;
    }
    let looked_at = || (1..h - 1).step_by(EVERY);
    let square = (SQUARE * w.max(h) / 1024).max(8);
    let across = w.div_ceil(square);
    let mut dots = vec![0u32; across * h.div_ceil(square)];
    for y in looked_at() {
        let (above, row, below) = (page.row(y - 1), page.row(y), page.row(y + 1));
        for x in 1..w - 1 {
            let alone = row[x] < 128
                && row[x - 1] >= 128
                && row[x + 1] >= 128
                && above[x] >= 128
                && below[x] >= 128;
            if alone {
                dots[y / square * across + x / square] += 1;
            }
        }
    }
    let least = DOTTED * (square * square) as f32 / EVERY as f32;
    let dotted = dots.iter().filter(|&&n| n as f32 > least).count();
    dotted as f32 > PAGE * dots.len() as f32
}

/// Blurs by a bell of spread `sigma` pixels.
fn blur(page: &mut Gray, sigma: f32) {
    let reach = (2.5 * sigma).ceil() as usize;
    let bell: Vec<f32> = (0..=2 * reach)
        .map(|i| (-0.5 * ((i as f32 - reach as f32) / sigma).powi(2)).exp())
        .collect();
    let sum: f32 = bell.iter().sum();
    let bell: Vec<f32> = bell.iter().map(|b| b / sum).collect();
    let (w, h) = (page.width, page.height);
    let mut across = vec![0.0f32; w * h];
    for y in 0..h {
        let row = page.row(y);
        let out = &mut across[y * w..(y + 1) * w];
        for (i, b) in bell.iter().enumerate() {
            for (x, o) in out.iter_mut().enumerate() {
                let from = (x + i).saturating_sub(reach).min(w - 1);
                *o += b * f32::from(row[from]);
            }
        }
    }
    let mut sums = vec![0.0f32; w];
    for y in 0..h {
        sums.fill(0.5);
        for (i, b) in bell.iter().enumerate() {
            let from = (y + i).saturating_sub(reach).min(h - 1);
            sums.iter_mut().zip(&across[from * w..]).for_each(|(s, v)| *s += b * v);
        }
        let row = &mut page.pixels[y * w..(y + 1) * w];
        row.iter_mut().zip(&sums).for_each(|(p, s)| *p = *s as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Strokes of letters on paper; a dot on every `dot`-th place, none for 0.
    fn page(dot: usize) -> Gray {
        let mut page = Gray::filled(600, 800, 255);
        for y in 0..800 {
            for x in 0..600 {
                let letter = y % 40 < 16 && x % 10 < 3 && (60..540).contains(&x);
                let dotted = dot > 0 && (x + 2 * y) % dot.max(1) == 0;
                if letter || dotted {
                    page.pixels[y * 600 + x] = 0;
                }
            }
        }
        page
    }

    #[test]
    fn dots_become_gray_and_letters_stay() {
        let mut dotted = page(5);
        assert!(smooth(&mut dotted));
        // Between two lines there is gray paper, in a stroke still ink.
        let paper = dotted.row(428).iter().copied().min().unwrap();
        let ink = dotted.row(408).iter().copied().min().unwrap();
        assert!((150..=230).contains(&paper), "{paper}");
        assert!(ink < 110, "{ink}");
    }

    #[test]
    fn clean_pages_stay_as_they_are() {
        let mut clean = page(0);
        assert!(!smooth(&mut clean));
        assert_eq!(clean, page(0));
        let mut dusty = page(0);
        dusty.pixels[30 * 600 + 30] = 0;
        let before = dusty.clone();
        assert!(!smooth(&mut dusty));
        assert_eq!(dusty, before);
    }
}
