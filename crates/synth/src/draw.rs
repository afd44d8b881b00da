//! Outlines to pixels.

use tiny_skia::{FillRule, LineCap, LineJoin, Mask, Path, Stroke, Transform};

/// A picture of ink: 0 is paper, 1 is full ink, row by row.
#[derive(Clone)]
pub struct Ink {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Coverage, `width * height` values in `0.0..=1.0`.
    pub data: Vec<f32>,
}

impl Ink {
    /// A picture without ink.
    #[must_use]
    pub fn blank(width: usize, height: usize) -> Self {
        Self { width, height, data: vec![0.0; width * height] }
    }

    /// The value at a place, 0 outside.
    #[must_use]
    pub fn at(&self, x: isize, y: isize) -> f32 {
        if x < 0 || y < 0 || x >= self.width as isize || y >= self.height as isize {
            return 0.0;
        }
        self.data[y as usize * self.width + x as usize]
    }

    /// Lays a mask over the ink at `strength`; the darker of both stays.
    pub fn lay(&mut self, mask: &Mask, strength: f32) {
        for (d, &m) in self.data.iter_mut().zip(mask.data()) {
            *d = d.max(f32::from(m) / 255.0 * strength);
        }
    }
}

/// A canvas that paths are filled on.
///
/// # Panics
/// Never for sizes that fit in memory; a size of nothing is made one pixel.
#[must_use]
pub fn canvas(width: usize, height: usize) -> Mask {
    Mask::new(width.max(1) as u32, height.max(1) as u32).expect("a canvas fits in memory")
}

/// Fills `path` on the canvas, moved by `(x, y)`; `bold` widens every stroke by that many pixels.
pub fn fill(mask: &mut Mask, path: &Path, x: f32, y: f32, bold: f32) {
    let place = Transform::from_translate(x, y);
    mask.fill_path(path, FillRule::Winding, true, place);
    if bold > 0.05 {
        stroke(mask, path, x, y, bold);
    }
}

/// Draws along `path`, moved by `(x, y)`, with a pen of `width` pixels.
pub fn stroke(mask: &mut Mask, path: &Path, x: f32, y: f32, width: f32) {
    let pen =
        Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
    if let Some(outline) = path.stroke(&pen, 1.0) {
        mask.fill_path(&outline, FillRule::Winding, true, Transform::from_translate(x, y));
    }
}
