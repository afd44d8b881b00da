//! Resizing gray pictures.

use crate::{Gray, VisionError};

/// A part of a picture, in pixels; edges may lie between pixels but not outside the picture.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Left edge.
    pub left: f32,
    /// Top edge.
    pub top: f32,
    /// Width, above 0.
    pub width: f32,
    /// Height, above 0.
    pub height: f32,
}

/// Rows that are made at once: across them the compiler's vectors run.
const ROWS: usize = 8;

/// Resizes gray pictures, keeping its buffers between calls.
///
/// The filter is Catmull-Rom (Keys 1981, a = -1/2), widened when shrinking so that every source
/// pixel counts. First down, then across, some rows at once, which the compiler turns into vector code.
#[derive(Clone, Debug, Default)]
pub struct Scaler {
    row: Vec<f32>,
    rows: Vec<[f32; ROWS]>,
}

/// The source pixels that make up one target pixel.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

impl Scaler {
    /// A picture of `width` x `height` made from a part of `source`, or from the whole.
    ///
    /// # Errors
    /// [`VisionError::Resize`] when the part lies outside the picture or a size is 0.
    pub fn scale(
        &mut self,
        source: &Gray,
        part: Option<Part>,
        width: usize,
        height: usize,
    ) -> Result<Gray, VisionError> {
        let (w, h) = (source.width as f32, source.height as f32);
        let part = part.unwrap_or(Part { left: 0.0, top: 0.0, width: w, height: h });
        let inside = part.left >= 0.0
            && part.top >= 0.0
            && part.width > 0.0
            && part.height > 0.0
            && part.left + part.width <= w + 0.01
            && part.top + part.height <= h + 0.01;
        if !inside || width == 0 || height == 0 {
            let what = format!("{part:?} of {w} x {h} to {width} x {height}");
            return Err(VisionError::Resize(what));
        }
        let down = taps(part.top, part.height, source.height, height);
        let across = taps(part.left, part.width, source.width, width);
        // Of the source's columns only those that count.
        let first = across.iter().map(|taps| taps.first).min().unwrap_or(0);
        let end = across.iter().map(|taps| taps.first + taps.weights.len()).max().unwrap_or(0);
        let mut pixels = vec![0; width * height];
        self.rows.clear();
        self.rows.resize(end - first, [0.0; ROWS]);
        for (down, pixels) in down.chunks(ROWS).zip(pixels.chunks_mut(ROWS * width)) {
            for (k, taps) in down.iter().enumerate() {
                self.row.clear();
                self.row.resize(end - first, 0.0);
                for (i, &weight) in taps.weights.iter().enumerate() {
                    let from = &source.row(taps.first + i)[first..end];
                    for (sum, &v) in self.row.iter_mut().zip(from) {
                        *sum += weight * f32::from(v);
                    }
                }
                self.rows.iter_mut().zip(&self.row).for_each(|(to, from)| to[k] = *from);
            }
            for (x, taps) in across.iter().enumerate() {
                let mut sums = [0.0; ROWS];
                let values = &self.rows[taps.first - first..][..taps.weights.len()];
                for (values, &weight) in values.iter().zip(&taps.weights) {
                    for (sum, v) in sums.iter_mut().zip(values) {
                        *sum += v * weight;
                    }
                }
                for (row, sum) in pixels.chunks_exact_mut(width).zip(sums) {
                    row[x] = (sum + 0.5).clamp(0.0, 255.0) as u8;
                }
            }
        }
        Ok(Gray { width, height, pixels })
    }
}

fn taps(start: f32, length: f32, source: usize, target: usize) -> Vec<Taps> {
    let scale = length / target as f32;
    let wide = scale.max(1.0);
    (0..target)
        .map(|i| {
            let middle = start + (i as f32 + 0.5) * scale;
            let first = (middle - 2.0 * wide).floor().max(0.0) as usize;
            let first = first.min(source - 1);
            let last = ((middle + 2.0 * wide).ceil().max(1.0) as usize).clamp(first + 1, source);
            let mut weights: Vec<f32> =
                (first..last).map(|p| catmull_rom((p as f32 + 0.5 - middle) / wide)).collect();
            let sum: f32 = weights.iter().sum();
            if sum.abs() < 1e-6 {
                weights.fill(1.0 / (last - first) as f32);
            } else {
                weights.iter_mut().for_each(|w| *w /= sum);
            }
            Taps { first, weights }
        })
        .collect()
}

fn catmull_rom(x: f32) -> f32 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_keeps_its_own_values() {
        let mut source = Gray::filled(40, 20, 255);
        for y in 0..20 {
            for x in 16..40 {
                source.pixels[y * 40 + x] = 10;
            }
        }
        let part = Part { left: 24.0, top: 4.0, width: 12.0, height: 12.0 };
        let out = Scaler::default().scale(&source, Some(part), 6, 6).unwrap();
        assert!(out.pixels.iter().all(|&v| v == 10), "{:?}", out.pixels);
    }

    #[test]
    fn every_pixel_counts_when_shrinking() {
        let mut source = Gray::filled(64, 64, 255);
        source.pixels[20 * 64..21 * 64].fill(0);
        let out = Scaler::default().scale(&source, None, 16, 16).unwrap();
        assert!(out.row(5).iter().all(|&v| v < 215));
        assert!(out.row(10).iter().all(|&v| v == 255));
    }

    #[test]
    fn the_same_size_is_the_same_picture() {
        let pixels = (0..48).map(|i| (i * 5) as u8).collect();
        let source = Gray { width: 8, height: 6, pixels };
        assert_eq!(Scaler::default().scale(&source, None, 8, 6).unwrap(), source);
    }

    #[test]
    fn a_part_outside_is_an_error() {
        let part = Part { left: 30.0, top: 0.0, width: 30.0, height: 5.0 };
        assert!(Scaler::default().scale(&Gray::filled(40, 20, 0), Some(part), 6, 6).is_err());
    }
}
