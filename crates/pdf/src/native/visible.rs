//! What hides glyphs: pictures and shapes drawn over them, white paint on white paper.

use hayro::kurbo::{Point, Rect};

use super::Visibility;
use super::glyphs::{Collected, Patch};

/// Cells a side of the grid that measures covered area.
const GRID: usize = 64;

/// Settles the visibility of every glyph once all that is drawn is known.
pub(crate) fn settle(seen: &mut Collected<'_>) {
    let patches = &seen.patches;
    for glyph in &mut seen.glyphs {
        let middle = glyph.ink.center();
        let hidden = |p: &&Patch| p.rect.contains(middle);
        match glyph.visibility {
            Visibility::Shown if after(patches, glyph.order).any(|p| hidden(&p)) => {
                glyph.visibility = Visibility::Covered;
            }
            Visibility::White => {
                // The last patch under it decides what it stands on.
                let under = patches.iter().take_while(|p| p.order < glyph.order);
                let ground = under.filter(hidden).last();
                if ground.is_some_and(|p| p.dark) {
                    let over = after(patches, glyph.order).any(|p| hidden(&p));
                    glyph.visibility = if over { Visibility::Covered } else { Visibility::Shown };
                }
            }
            _ => {}
        }
    }
}

/// Patches drawn after an operation; patches are in drawing order.
fn after(patches: &[Patch], order: u32) -> impl Iterator<Item = &Patch> {
    let start = patches.partition_point(|p| p.order <= order);
    patches[start..].iter()
}

/// Share of `page` that the boxes cover together, 0 to 1, to about a cell of a 64 x 64 grid.
pub(crate) fn cover(page: Rect, boxes: &[Rect]) -> f32 {
    let mut grid = vec![false; GRID * GRID];
    let (w, h) = (page.width() / GRID as f64, page.height() / GRID as f64);
    if w <= 0.0 || h <= 0.0 {
        return 0.0;
    }
    for rect in boxes {
        // A cell counts when its middle is covered.
        let first = |v: f64, cell: f64| ((v / cell - 0.5).ceil().max(0.0) as usize).min(GRID);
        let (x0, x1) = (first(rect.x0 - page.x0, w), first(rect.x1 - page.x0, w));
        let (y0, y1) = (first(rect.y0 - page.y0, h), first(rect.y1 - page.y0, h));
        for y in y0..y1 {
            for x in x0..x1 {
                let at = Point::new(page.x0 + (x as f64 + 0.5) * w, page.y0 + (y as f64 + 0.5) * h);
                grid[y * GRID + x] |= rect.contains(at);
            }
        }
    }
    grid.iter().filter(|c| **c).count() as f32 / grid.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_boxes_count_once() {
        let page = Rect::new(0.0, 0.0, 100.0, 200.0);
        let half = Rect::new(0.0, 0.0, 100.0, 100.0);
        assert!((cover(page, &[half, half]) - 0.5).abs() < 0.02);
        assert_eq!(cover(page, &[]), 0.0);
        assert!((cover(page, &[page.inflate(50.0, 50.0)]) - 1.0).abs() < 1e-6);
    }
}
