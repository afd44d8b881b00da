//! The stack of clips and transparency groups, kept as boxes.

use hayro::hayro_interpret::{BlendMode, ClipPath};
use hayro::kurbo::{Rect, Shape};

/// What stands between a drawing operation and the page.
#[derive(Debug)]
pub(crate) struct Clips {
    boxes: Vec<(Rect, bool)>,
    groups: Vec<(f32, bool)>,
}

impl Clips {
    /// Nothing but the page's own box.
    pub(crate) fn new(page: Rect) -> Self {
        Self { boxes: vec![(page, true)], groups: Vec::new() }
    }

    /// The box outside which nothing shows.
    pub(crate) fn visible(&self) -> Rect {
        self.boxes.last().map_or(Rect::ZERO, |c| c.0)
    }

    /// Whether that box is the exact clip, not only bounds of a curved one.
    pub(crate) fn is_exact(&self) -> bool {
        self.boxes.iter().all(|c| c.1)
    }

    /// Product of the opacities of the open groups.
    pub(crate) fn opacity(&self) -> f32 {
        self.groups.iter().map(|g| g.0).product()
    }

    /// Whether everything drawn now lands unchanged: no mask, blend or see-through group.
    pub(crate) fn is_plain(&self) -> bool {
        self.groups.iter().all(|g| g.1)
    }

    pub(crate) fn push_rect(&mut self, rect: &Rect, exact: bool) {
        let inside = self.visible().intersect(*rect);
        self.boxes.push((inside, exact));
    }

    pub(crate) fn push_path(&mut self, clip: &ClipPath) {
        self.push_rect(&clip.path.bounding_box(), is_upright_box(&clip.path));
    }

    pub(crate) fn pop(&mut self) {
        if self.boxes.len() > 1 {
            self.boxes.pop();
        }
    }

    pub(crate) fn push_group(&mut self, opacity: f32, masked: bool, blend: BlendMode) {
        let plain = opacity >= 0.999 && !masked && blend == BlendMode::Normal;
        self.groups.push((opacity, plain));
    }

    pub(crate) fn pop_group(&mut self) {
        self.groups.pop();
    }
}

/// Whether a path is one rectangle with upright sides: its area is that of its bounds.
fn is_upright_box(path: &hayro::kurbo::BezPath) -> bool {
    let bounds = path.bounding_box().area();
    path.elements().len() <= 7 && (path.area().abs() - bounds).abs() <= 1e-3 * bounds.max(1e-6)
}
