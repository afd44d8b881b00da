//! Pixels: the page as it is given, and gray pictures as the stages use them.

use crate::VisionError;

/// A page as it comes from a scan, a photo or a raster: gray or RGB, 8 bits, row by row from the top left.
#[derive(Clone, Debug)]
pub struct PageImage {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// `width * height` bytes of gray, or three times as many of RGB.
    pub pixels: Vec<u8>,
    /// Pixels an inch as the source states it; often a lie, so text height is measured as well.
    pub dpi: Option<f32>,
}

impl PageImage {
    /// Checks that the page has pixels, and as many as it says.
    ///
    /// # Errors
    /// [`VisionError::Size`] when it has not.
    pub fn check(&self) -> Result<(), VisionError> {
        let gray = u64::from(self.width) * u64::from(self.height);
        let bytes = self.pixels.len();
        if gray == 0 || ![gray, 3 * gray].contains(&(bytes as u64)) {
            let (width, height) = (self.width, self.height);
            return Err(VisionError::Size { width, height, bytes });
        }
        Ok(())
    }

    /// Bytes a pixel: 1 where the page is gray, else 3.
    #[must_use]
    pub fn channels(&self) -> usize {
        if self.pixels.len() == self.width as usize * self.height as usize { 1 } else { 3 }
    }

    /// The same page in RGB.
    #[must_use]
    pub fn into_rgb(mut self) -> Self {
        if self.channels() == 1 {
            self.pixels = self.pixels.iter().flat_map(|&v| [v; 3]).collect();
        }
        self
    }
}

/// A gray picture: 0 is black, 255 white; row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gray {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// `width * height` values.
    pub pixels: Vec<u8>,
}

impl Gray {
    /// A picture of one value.
    #[must_use]
    pub fn filled(width: usize, height: usize, value: u8) -> Self {
        Self { width, height, pixels: vec![value; width * height] }
    }

    /// One row.
    #[must_use]
    pub fn row(&self, y: usize) -> &[u8] {
        &self.pixels[y * self.width..(y + 1) * self.width]
    }

    /// The value at a place; places outside take the nearest edge's.
    #[must_use]
    pub fn clamped(&self, x: isize, y: isize) -> u8 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.pixels[y * self.width + x]
    }

    /// The value at a place between pixels, bilinear; `outside` beyond the edges.
    #[must_use]
    pub fn sample(&self, x: f32, y: f32, outside: u8) -> f32 {
        let (x0, y0) = (x.floor(), y.floor());
        let (fx, fy) = (x - x0, y - y0);
        let at = |x: f32, y: f32| -> f32 {
            if x < 0.0 || y < 0.0 || x >= self.width as f32 || y >= self.height as f32 {
                f32::from(outside)
            } else {
                f32::from(self.pixels[y as usize * self.width + x as usize])
            }
        };
        let top = at(x0, y0) * (1.0 - fx) + at(x0 + 1.0, y0) * fx;
        let bottom = at(x0, y0 + 1.0) * (1.0 - fx) + at(x0 + 1.0, y0 + 1.0) * fx;
        top * (1.0 - fy) + bottom * fy
    }

    /// The mean of the square of this `side` whose top left corner is here; `None` outside.
    #[must_use]
    pub fn mean(&self, (x, y): (f32, f32), side: f32) -> Option<f32> {
        let (x1, y1) = ((x + side) as usize, (y + side) as usize);
        let (x0, y0) = (x.max(0.0) as usize, y.max(0.0) as usize);
        let (x1, y1) = (x1.max(x0 + 1).min(self.width), y1.max(y0 + 1).min(self.height));
        if x0 >= x1 || y0 >= y1 {
            return None;
        }
        let sum = |y: usize| self.row(y)[x0..x1].iter().map(|&v| u32::from(v)).sum::<u32>();
        Some((y0..y1).map(sum).sum::<u32>() as f32 / ((x1 - x0) * (y1 - y0)) as f32)
    }

    /// The picture turned clockwise by `quarters` quarter turns.
    #[must_use]
    pub fn turned(&self, quarters: u8) -> Self {
        let (w, h) = (self.width, self.height);
        let mut out = Vec::with_capacity(w * h);
        match quarters % 4 {
            0 => return self.clone(),
            1 => {
                for y in 0..w {
                    out.extend((0..h).map(|x| self.pixels[(h - 1 - x) * w + y]));
                }
            }
            2 => out.extend(self.pixels.iter().rev()),
            _ => {
                for y in 0..w {
                    out.extend((0..h).map(|x| self.pixels[x * w + (w - 1 - y)]));
                }
            }
        }
        let (width, height) = if quarters % 2 == 1 { (h, w) } else { (w, h) };
        Self { width, height, pixels: out }
    }

    /// The picture as a mirror shows it, left and right exchanged.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let rows = self.pixels.chunks_exact(self.width.max(1));
        let pixels = rows.flat_map(|row| row.iter().rev().copied()).collect();
        Self { pixels, ..*self }
    }
}

/// The value a `part` of the way from the second of four neighbours to the third, by the cubic of
/// Catmull and Rom (1974): small print moved by half a pixel stays sharp.
pub(crate) fn between(near: [u8; 4], part: f32) -> u8 {
    let [a, b, c, d] = near.map(f32::from);
    let cubic = (3.0 * (b - c) + d - a) * part + (2.0 * a - 5.0 * b + 4.0 * c - d);
    let value = b + 0.5 * part * (c - a + part * cubic);
    (value + 0.5).clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_short_of_pixels_is_refused() {
        let page = PageImage { width: 2, height: 2, pixels: vec![0; 11], dpi: None };
        assert!(matches!(page.check(), Err(VisionError::Size { bytes: 11, .. })));
    }

    #[test]
    fn a_quarter_turn_is_clockwise() {
        let gray = Gray { width: 3, height: 2, pixels: vec![1, 2, 3, 4, 5, 6] };
        let turned = gray.turned(1);
        assert_eq!((turned.width, turned.height), (2, 3));
        assert_eq!(turned.pixels, [4, 1, 5, 2, 6, 3]);
        assert_eq!(turned.turned(3), gray);
        assert_eq!(gray.turned(2).pixels, [6, 5, 4, 3, 2, 1]);
    }

    #[test]
    fn half_a_pixel_on_an_edge_stays_an_edge() {
        assert_eq!([0.0, 1.0].map(|t| between([10, 20, 90, 100], t)), [20, 90]);
        assert_eq!(between([0, 0, 200, 200], 0.5), 100);
        assert_eq!(between([200, 200, 0, 200], 0.5), 88, "a thin stroke is not halved");
        assert_eq!(between([0, 255, 255, 0], 0.5), 255);
    }

    #[test]
    fn samples_between_pixels_are_mixed() {
        let gray = Gray { width: 2, height: 1, pixels: vec![0, 100] };
        assert_eq!(gray.sample(0.25, 0.0, 0), 25.0);
        assert_eq!(gray.sample(-3.0, 0.0, 255), 255.0);
    }
}
