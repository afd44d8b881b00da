//! Prepare: from the page as given to one gray picture with dark ink on even, light paper.

use crate::{Gray, PageImage, VisionError, crumbs, halftone, light_print};

/// Side of the squares over which the paper's brightness is measured, in pixels of a page whose
/// longer side is 1,024.
const SQUARE: usize = 24;

/// The page in gray (ITU-R BT.601 weights), its paper evened out.
///
/// # Errors
/// [`VisionError::Size`] when the page has no pixels or not as many as it says.
pub fn prepare(page: &PageImage) -> Result<Gray, VisionError> {
    prepared(page).map(|p| p.gray)
}

/// A page in gray.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) gray: Gray,
    /// Whether its grays are its own: pale print is pale, not dots made gray.
    pub(crate) shaded: bool,
}

/// As [`prepare`], with what kind of gray it is.
pub(crate) fn prepared(page: &PageImage) -> Result<Prepared, VisionError> {
    page.check()?;
    let mut gray = to_gray(page);
    let dotted = halftone::smooth(&mut gray);
    light_print::darken(&mut gray);
    even_paper(&mut gray);
    Ok(Prepared { gray, shaded: !dotted })
}

/// Share of a black and white page's ink that is crumbs where it is worth reading without them: of
/// more than that the print itself is made.
const CRUMBS: std::ops::Range<f32> = 0.01..0.25;

/// The same page without the crumbs that stand for gray; `None` where it has hardly any.
pub(crate) fn without_crumbs(page: &PageImage) -> Option<Prepared> {
    let mut gray = to_gray(page);
    if !halftone::is_one_bit(&gray) {
        return None;
    }
    let share = crumbs::sweep(&mut gray);
    if !CRUMBS.contains(&share) {
        return None;
    }
    even_paper(&mut gray);
    Some(Prepared { gray, shaded: false })
}

fn to_gray(page: &PageImage) -> Gray {
    let of = |p: &[u8]| {
        ((u32::from(p[0]) * 77 + u32::from(p[1]) * 150 + u32::from(p[2]) * 29 + 128) >> 8) as u8
    };
    let pixels = match page.channels() {
        1 => page.pixels.clone(),
        _ => page.pixels.chunks_exact(3).map(of).collect(),
    };
    Gray { width: page.width as usize, height: page.height as usize, pixels }
}

/// Brightness of the paper on a coarse grid.
struct Paper {
    columns: usize,
    rows: usize,
    square: usize,
    levels: Vec<f32>,
}

/// Divides by the paper's local brightness, so that shadows and tints go and ink keeps its depth.
///
/// Dark areas (photos, inverse bands) are not taken for paper: there the neighbours' level counts.
fn even_paper(gray: &mut Gray) {
    let paper = measure_paper(gray);
    let flat = paper.levels.iter().all(|&v| v > 247.0);
    if flat {
        return;
    }
    let square = paper.square as f32;
    let mut across = vec![(0usize, 0.0f32); gray.width];
    for (x, slot) in across.iter_mut().enumerate() {
        let at = ((x as f32 + 0.5) / square - 0.5).clamp(0.0, (paper.columns - 1) as f32);
        *slot = ((at as usize).min(paper.columns.saturating_sub(2)), 0.0);
        slot.1 = at - slot.0 as f32;
    }
    for y in 0..gray.height {
        let at = ((y as f32 + 0.5) / square - 0.5).clamp(0.0, (paper.rows - 1) as f32);
        let top = (at as usize).min(paper.rows.saturating_sub(2));
        let fy = at - top as f32;
        let bottom = (top + 1).min(paper.rows - 1);
        let mixed: Vec<f32> = (0..paper.columns)
            .map(|c| {
                paper.levels[top * paper.columns + c] * (1.0 - fy)
                    + paper.levels[bottom * paper.columns + c] * fy
            })
            .collect();
        let row = &mut gray.pixels[y * gray.width..(y + 1) * gray.width];
        for (value, &(left, fx)) in row.iter_mut().zip(&across) {
            let right = (left + 1).min(paper.columns - 1);
            let level = mixed[left] * (1.0 - fx) + mixed[right] * fx;
            *value = (f32::from(*value) * (250.0 / level)).min(255.0) as u8;
        }
    }
}

/// The 80th percentile of each square (the paper between the strokes), dark squares filled from
/// their neighbours, then a 3 x 3 median against squares that a picture or a rule fills.
fn measure_paper(gray: &Gray) -> Paper {
    let longer = gray.width.max(gray.height);
    let square = (SQUARE * longer / 1024).max(8);
    let (columns, rows) = (gray.width.div_ceil(square), gray.height.div_ceil(square));
    let step = (square / 12).max(1);
    let mut levels = vec![0.0f32; columns * rows];
    for r in 0..rows {
        for c in 0..columns {
            let mut counts = [0u32; 256];
            let mut total = 0;
            for y in (r * square..((r + 1) * square).min(gray.height)).step_by(step) {
                let row = gray.row(y);
                for x in (c * square..((c + 1) * square).min(gray.width)).step_by(step) {
                    counts[row[x] as usize] += 1;
                    total += 1;
                }
            }
            let mut left = total / 5;
            let level = (0..256).rev().find(|&v| {
                let n = counts[v];
                let found = n > left;
                left = left.saturating_sub(n);
                found
            });
            levels[r * columns + c] = level.unwrap_or(255) as f32;
        }
    }
    let typical = {
        let mut sorted = levels.clone();
        sorted.sort_by(f32::total_cmp);
        sorted[sorted.len() / 2]
    };
    // A square much darker than the page's paper is a picture, a band or a black margin.
    let floor = (typical * 0.55).max(60.0);
    for _ in 0..columns.max(rows) {
        if !fill_dark(&mut levels, columns, rows, floor) {
            break;
        }
    }
    for level in &mut levels {
        if *level < floor {
            *level = typical.max(60.0);
        }
    }
    Paper { columns, rows, square, levels: median3(&levels, columns, rows) }
}

/// Gives each dark square next to light ones their mean; says whether any was filled.
fn fill_dark(levels: &mut [f32], columns: usize, rows: usize, floor: f32) -> bool {
    let before = levels.to_vec();
    let mut filled = false;
    for r in 0..rows {
        for c in 0..columns {
            if before[r * columns + c] >= floor {
                continue;
            }
            let (mut sum, mut n) = (0.0, 0.0);
            for rr in r.saturating_sub(1)..(r + 2).min(rows) {
                for cc in c.saturating_sub(1)..(c + 2).min(columns) {
                    let v = before[rr * columns + cc];
                    if v >= floor {
                        sum += v;
                        n += 1.0;
                    }
                }
            }
            if n > 0.0 {
                levels[r * columns + c] = sum / n;
                filled = true;
            }
        }
    }
    filled
}

fn median3(levels: &[f32], columns: usize, rows: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(levels.len());
    let mut around = Vec::with_capacity(9);
    for r in 0..rows {
        for c in 0..columns {
            around.clear();
            for rr in r.saturating_sub(1)..(r + 2).min(rows) {
                for cc in c.saturating_sub(1)..(c + 2).min(columns) {
                    around.push(levels[rr * columns + cc]);
                }
            }
            around.sort_by(f32::total_cmp);
            out.push(around[around.len() / 2]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shadow_is_evened_out_and_ink_stays_dark() {
        let (width, height) = (400usize, 300usize);
        let mut pixels = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let paper = 240 - (x * 100 / width) as u8;
                let ink = y % 20 == 10 && x % 7 < 3;
                let v = if ink { paper / 5 } else { paper };
                pixels.extend([v, v, v]);
            }
        }
        let page = PageImage { width: 400, height: 300, pixels, dpi: None };
        let gray = prepare(&page).unwrap();
        assert!(gray.row(100)[20] > 240 && gray.row(100)[380] > 240);
        assert!(gray.row(110)[21] < 80 && gray.row(110)[379] < 80);
    }

    #[test]
    fn white_paper_is_left_alone() {
        let page = PageImage { width: 50, height: 50, pixels: vec![255; 7500], dpi: None };
        assert!(prepare(&page).unwrap().pixels.iter().all(|&v| v == 255));
    }
}
