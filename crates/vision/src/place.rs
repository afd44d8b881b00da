//! Place: from pixels of the page as it was read back to points of the page as it was given.

use khocr_document::{Block, Rect};

use crate::bend::Bend;
use crate::layout::Level;

/// The way from level pixels to page points.
pub(crate) struct Place<'a> {
    /// Turns level pixels back into those of the page as read.
    pub(crate) level: Level,
    /// Slope that was taken out of the picture.
    pub(crate) slope: f32,
    /// The bend that was taken out after it.
    pub(crate) bend: Option<&'a Bend>,
    /// Width and height of the picture as read.
    pub(crate) size: (f32, f32),
    /// Points a pixel.
    pub(crate) points: f32,
}

impl Place<'_> {
    fn rect(&self, rect: &mut Rect) {
        let mut page = self.level.page_rect(rect);
        if let Some(bend) = self.bend {
            let (x, y) = ((page.x0 + page.x1) / 2.0, (page.y0 + page.y1) / 2.0);
            let there = bend.bent((x, y));
            (page.x0, page.x1) = (page.x0 + there.0 - x, page.x1 + there.0 - x);
            (page.y0, page.y1) = (page.y0 + there.1 - y, page.y1 + there.1 - y);
        }
        // A page that was turned level as a whole was turned about its middle.
        let angle = self.slope.atan();
        let (x, y) = ((page.x0 + page.x1) / 2.0, (page.y0 + page.y1) / 2.0);
        let (u, v) = (x - self.size.0 / 2.0, y - self.size.1 / 2.0);
        let dx = u * angle.cos() - v * angle.sin() - u;
        let dy = v * angle.cos() + u * angle.sin() - v;
        let points = self.points;
        *rect = Rect::new(
            (page.x0 + dx).max(0.0) * points,
            (page.y0 + dy).max(0.0) * points,
            (page.x1 + dx).min(self.size.0) * points,
            (page.y1 + dy).min(self.size.1) * points,
        );
    }

    /// A block's boxes, lines' and words' too, in points.
    pub(crate) fn block(&self, block: &mut Block) {
        self.rect(&mut block.rect);
        block.indent *= self.points;
        let cells = block.table.iter_mut().flat_map(|t| t.cells.iter_mut());
        let in_cells = cells.flat_map(|c| {
            self.rect(&mut c.rect);
            c.lines.iter_mut()
        });
        for line in block.lines.iter_mut().chain(in_cells) {
            self.rect(&mut line.rect);
            line.words.iter_mut().for_each(|w| self.rect(&mut w.rect));
        }
    }
}
