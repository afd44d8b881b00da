//! Boxes in page points.

use serde::{Deserialize, Serialize};

/// An upright box in page points, y downwards. Serialised as `[x0, y0, x1, y1]`, rounded to a
/// hundredth of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "[f32; 4]", into = "[f32; 4]")]
pub struct Rect {
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge, at least `x0`.
    pub x1: f32,
    /// Bottom edge, at least `y0`.
    pub y1: f32,
}

impl Rect {
    /// A box from its edges; edges given the wrong way round are swapped.
    #[must_use]
    pub fn new(x0: f32, y0: f32, x1: f32, y1: f32) -> Self {
        Self { x0: x0.min(x1), y0: y0.min(y1), x1: x0.max(x1), y1: y0.max(y1) }
    }

    /// Width in points.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    /// Height in points.
    #[must_use]
    pub fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    /// The smallest box that holds both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// The smallest box that holds all of `boxes`; `None` when there are none.
    pub fn around(boxes: impl IntoIterator<Item = Self>) -> Option<Self> {
        boxes.into_iter().reduce(|a, b| a.union(&b))
    }

    /// Area of the common part, in square points; 0 when the boxes do not meet.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> f32 {
        let w = self.x1.min(other.x1) - self.x0.max(other.x0);
        let h = self.y1.min(other.y1) - self.y0.max(other.y0);
        if w > 0.0 && h > 0.0 { w * h } else { 0.0 }
    }
}

impl From<[f32; 4]> for Rect {
    fn from([x0, y0, x1, y1]: [f32; 4]) -> Self {
        Self::new(x0, y0, x1, y1)
    }
}

impl From<Rect> for [f32; 4] {
    fn from(r: Rect) -> Self {
        [r.x0, r.y0, r.x1, r.y1].map(|v| (v * 100.0).round() / 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_given_backwards_are_swapped() {
        assert_eq!(Rect::new(3.0, 4.0, 1.0, 2.0), Rect { x0: 1.0, y0: 2.0, x1: 3.0, y1: 4.0 });
    }

    #[test]
    fn overlap_is_the_common_area() {
        let a = Rect::new(0.0, 0.0, 2.0, 2.0);
        assert_eq!(a.overlap(&Rect::new(1.0, 1.0, 3.0, 3.0)), 1.0);
        assert_eq!(a.overlap(&Rect::new(2.0, 0.0, 3.0, 3.0)), 0.0);
    }
}
