//! Resizing gray pictures.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::{Gray, VisionError};

/// A part of a picture, in pixels; edges may lie between pixels but not outside the picture.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Left edge.
    pub left: f64,
    /// Top edge.
    pub top: f64,
    /// Width, above 0.
    pub width: f64,
    /// Height, above 0.
    pub height: f64,
}

/// Resizes gray pictures, keeping its buffers between calls.
///
/// The filter is Catmull-Rom, widened when shrinking so that every source pixel counts.
#[derive(Default)]
pub struct Scaler {
    resizer: Resizer,
}

impl std::fmt::Debug for Scaler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scaler")
    }
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
        let fail = |e: &dyn std::fmt::Display| VisionError::Resize(e.to_string());
        let from = ImageRef::new(
            source.width as u32,
            source.height as u32,
            &source.pixels,
            PixelType::U8,
        )
        .map_err(|e| fail(&e))?;
        let mut to = Image::new(width as u32, height as u32, PixelType::U8);
        let mut options =
            ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
        if let Some(p) = part {
            options = options.crop(p.left, p.top, p.width, p.height);
        }
        self.resizer.resize(&from, &mut to, &options).map_err(|e| fail(&e))?;
        Ok(Gray { width, height, pixels: to.into_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_keeps_its_own_values() {
        let mut source = Gray::filled(40, 20, 255);
        for y in 0..20 {
            for x in 20..40 {
                source.pixels[y * 40 + x] = 10;
            }
        }
        let part = Part { left: 24.0, top: 4.0, width: 12.0, height: 12.0 };
        let out = Scaler::default().scale(&source, Some(part), 6, 6).unwrap();
        assert!(out.pixels.iter().all(|&v| v == 10));
    }

    #[test]
    fn a_part_outside_is_an_error() {
        let part = Part { left: 30.0, top: 0.0, width: 30.0, height: 5.0 };
        assert!(Scaler::default().scale(&Gray::filled(40, 20, 0), Some(part), 6, 6).is_err());
    }
}
