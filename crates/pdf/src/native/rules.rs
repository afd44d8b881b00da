//! Thin upright rules and the sides of boxes: what tables are ruled with and text is underlined by.

use hayro::kurbo::{Affine, BezPath, PathEl, Point, Rect};

/// Thickest rule, in points.
const THICK: f64 = 2.5;

/// Shortest rule, in points.
const SHORT: f64 = 8.0;

/// Segments looked at in one path.
const MAX_SEGMENTS: usize = 4_000;

/// The rules that a path draws: its straight upright segments when it is stroked, its thin parts
/// when it is filled.
pub(crate) fn of_path(path: &BezPath, transform: Affine, stroked: bool) -> Vec<Rect> {
    let mut found = Vec::new();
    let mut part: Vec<Point> = Vec::new();
    let mut close = |part: &mut Vec<Point>, closed: bool| {
        if stroked {
            if closed && part.len() > 2 {
                part.push(part[0]);
            }
            found.extend(part.windows(2).map(|w| Rect::from_points(w[0], w[1])));
        } else if part.len() > 1 {
            found.extend(part.iter().map(|p| Rect::from_points(*p, *p)).reduce(|a, b| a.union(b)));
        }
        part.clear();
    };
    for element in path.elements().iter().take(MAX_SEGMENTS) {
        match *element {
            PathEl::MoveTo(p) => {
                close(&mut part, false);
                part.push(transform * p);
            }
            PathEl::LineTo(p) => part.push(transform * p),
            // A curve rules nothing; what follows it starts anew.
            PathEl::QuadTo(_, p) | PathEl::CurveTo(_, _, p) => {
                close(&mut part, false);
                part.push(transform * p);
            }
            PathEl::ClosePath => close(&mut part, true),
        }
    }
    close(&mut part, false);
    found.retain(is_rule);
    found
}

/// The rules that a rectangle draws: its sides when it is stroked, itself when it is thin.
pub(crate) fn of_rect(rect: Rect, stroked: bool) -> Vec<Rect> {
    let Rect { x0, y0, x1, y1 } = rect;
    let mut found = if stroked && rect.width().min(rect.height()) >= THICK {
        vec![
            Rect::new(x0, y0, x1, y0),
            Rect::new(x0, y1, x1, y1),
            Rect::new(x0, y0, x0, y1),
            Rect::new(x1, y0, x1, y1),
        ]
    } else {
        vec![rect]
    };
    found.retain(is_rule);
    found
}

fn is_rule(rect: &Rect) -> bool {
    let (w, h) = (rect.width(), rect.height());
    w.min(h) < THICK && w.max(h) > SHORT && w.is_finite() && h.is_finite()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hayro::kurbo::Shape;

    #[test]
    fn a_stroked_box_has_four_sides_and_a_filled_one_none() {
        let path = Rect::new(0.0, 0.0, 100.0, 50.0).to_path(0.1);
        assert_eq!(of_path(&path, Affine::IDENTITY, true).len(), 4);
        assert_eq!(of_path(&path, Affine::IDENTITY, false).len(), 0);
        assert_eq!(of_rect(Rect::new(0.0, 0.0, 100.0, 50.0), true).len(), 4);
    }

    #[test]
    fn thin_parts_of_a_filled_path_are_rules() {
        let mut path = Rect::new(0.0, 0.0, 100.0, 1.0).to_path(0.1);
        path.extend(Rect::new(0.0, 20.0, 1.0, 90.0).to_path(0.1));
        path.extend(Rect::new(0.0, 200.0, 60.0, 290.0).to_path(0.1));
        assert_eq!(of_path(&path, Affine::IDENTITY, false).len(), 2);
    }

    #[test]
    fn slanting_lines_are_no_rules() {
        let mut path = BezPath::new();
        path.move_to((0.0, 0.0));
        path.line_to((50.0, 40.0));
        assert!(of_path(&path, Affine::IDENTITY, true).is_empty());
    }
}
