//! Analysis: a page's lines, order and tables, for measuring them apart from the text.

use crate::Gray;
use crate::bend::Bend;
use crate::core::Placed;
use crate::evidence::Evidence;
use crate::layout::{Item, Part};

/// What was found on a page, in pixels of the page as it was read.
#[derive(Debug)]
pub struct Analysis {
    /// The page as it was read: prepared and turned upright.
    pub page: Gray,
    /// Quarter turns clockwise that were made.
    pub quarters: u8,
    /// Slope (y over x) that was taken out of the picture after them.
    pub slope: f32,
    /// The bend that was taken out after that.
    pub bend: Option<Bend>,
    /// Where each line was cut, in no order.
    pub lines: Vec<Placed>,
    /// What was cut and, once read, not taken for text.
    pub refused: Vec<Placed>,
    /// What spoke for each line, in the same order.
    pub evidence: Vec<Evidence>,
    /// What spoke against each of the refused, in the same order.
    pub refused_for: Vec<Evidence>,
    /// What was read of each line, in the same order; boxes in level pixels.
    pub items: Vec<Item>,
    /// The items in reading order, those in tables in their cells.
    pub parts: Vec<Part>,
}

impl Analysis {
    /// The place on the page as read of a place in the picture as given, which was `width` by
    /// `height`.
    #[must_use]
    pub fn upright(&self, (x, y): (f32, f32), (width, height): (f32, f32)) -> (f32, f32) {
        let (x, y) = match self.quarters % 4 {
            0 => (x, y),
            1 => (height - y, x),
            2 => (width - x, height - y),
            _ => (y, width - x),
        };
        let (cx, cy) = (self.page.width as f32 / 2.0, self.page.height as f32 / 2.0);
        let (sin, cos) = self.slope.atan().sin_cos();
        let (u, v) = (x - cx, y - cy);
        let (x, y) = (cx + u * cos + v * sin, cy + v * cos - u * sin);
        self.bend.as_ref().map_or((x, y), |b| b.flat((x, y)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_turn_moves_the_first_pixel_to_the_right_edge() {
        let mut picture = Gray::filled(30, 20, 255);
        picture.pixels[0] = 0;
        let page = picture.turned(1);
        let dark = page.pixels.iter().position(|&v| v == 0).unwrap();
        let at = (dark % page.width, dark / page.width);
        let found = Analysis {
            page,
            quarters: 1,
            slope: 0.0,
            bend: None,
            lines: Vec::new(),
            refused: Vec::new(),
            evidence: Vec::new(),
            refused_for: Vec::new(),
            items: Vec::new(),
            parts: Vec::new(),
        };
        let (x, y) = found.upright((0.5, 0.5), (30.0, 20.0));
        assert_eq!((x as usize, y as usize), at);
    }
}
