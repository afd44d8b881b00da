//! Layout: what the stages after reading work on.
//!
//! Everything here is in *level* coordinates: page pixels, turned back by the page's skew, so that
//! rows are level and columns upright.

use khocr_document::{Rect, Word};

use crate::rules::{Rule, Rules};

/// A stretch of text that was read.
#[derive(Clone, Debug)]
pub struct Item {
    /// The box of its ink.
    pub rect: Rect,
    /// Height of the baseline at the middle of the stretch.
    pub base: f32,
    /// Core height in pixels.
    pub core: f32,
    /// Its words, left to right, boxes in level pixels.
    pub words: Vec<Word>,
    /// Mean confidence of its signs.
    pub confidence: f32,
    /// Mean thickness of its strokes in 1/16 of a core.
    pub stroke: f32,
}

impl Item {
    /// Words joined by spaces.
    #[must_use]
    pub fn text(&self) -> String {
        self.words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// Items that make one printed line, left to right (indices).
pub type Row = Vec<usize>;

/// A part of the page, in reading order.
#[derive(Clone, Debug)]
pub enum Part {
    /// Rows of one column, top to bottom.
    Flow(Vec<Row>),
    /// A table.
    Grid(Grid),
}

/// A table's places and what stands in them.
#[derive(Clone, Debug)]
pub struct Grid {
    /// Its box.
    pub rect: Rect,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub columns: usize,
    /// Cells row by row, left to right.
    pub cells: Vec<GridCell>,
}

impl Grid {
    /// Where its columns begin and end, left to right, as far as any cell's side shows it.
    pub(crate) fn column_edges(&self) -> Vec<f32> {
        distinct(self.cells.iter().flat_map(|c| [c.rect.x0, c.rect.x1]).collect())
    }

    /// Where its rows begin and end, top to bottom, as far as any cell's side shows it.
    pub(crate) fn row_edges(&self) -> Vec<f32> {
        distinct(self.cells.iter().flat_map(|c| [c.rect.y0, c.rect.y1]).collect())
    }
}

/// Places in order, a pixel apart at least.
fn distinct(mut places: Vec<f32>) -> Vec<f32> {
    places.sort_by(f32::total_cmp);
    places.dedup_by(|b, a| *b - *a < 1.0);
    places
}

/// A cell of a [`Grid`].
#[derive(Clone, Debug)]
pub struct GridCell {
    /// 0-based row of its top left place.
    pub row: usize,
    /// 0-based column of its top left place.
    pub column: usize,
    /// Rows covered.
    pub row_span: usize,
    /// Columns covered.
    pub column_span: usize,
    /// Its box.
    pub rect: Rect,
    /// Its lines.
    pub lines: Vec<Row>,
}

/// Turns page pixels into level pixels and back, about the page's top left corner.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    sin: f32,
    cos: f32,
}

impl Level {
    /// For a page whose lines have this slope (rise in y over run in x).
    #[must_use]
    pub fn of_slope(slope: f32) -> Self {
        let angle = slope.atan();
        Self { sin: angle.sin(), cos: angle.cos() }
    }

    /// The slope it takes out.
    #[must_use]
    pub fn slope(&self) -> f32 {
        self.sin / self.cos
    }

    /// The level place of a page place.
    #[must_use]
    pub fn level(&self, x: f32, y: f32) -> (f32, f32) {
        (x * self.cos + y * self.sin, y * self.cos - x * self.sin)
    }

    /// The page place of a level place.
    #[must_use]
    pub fn page(&self, x: f32, y: f32) -> (f32, f32) {
        (x * self.cos - y * self.sin, y * self.cos + x * self.sin)
    }

    /// The rules in level pixels.
    #[must_use]
    pub fn rules(&self, rules: &Rules) -> Rules {
        let across = rules.across.iter().map(|r| {
            let (x0, y0) = self.level(r.from, r.at - self.sin * r.length() / 2.0);
            Rule { from: x0, to: x0 + r.length(), at: y0, thick: r.thick }
        });
        let down = rules.down.iter().map(|r| {
            let (x0, y0) = self.level(r.at + self.sin * r.length() / 2.0, r.from);
            Rule { from: y0, to: y0 + r.length(), at: x0, thick: r.thick }
        });
        Rules { across: across.collect(), down: down.collect() }
    }

    /// A level box back on the page: same size, about the turned-back middle.
    #[must_use]
    pub fn page_rect(&self, rect: &Rect) -> Rect {
        if self.sin.abs() < 1e-4 {
            return *rect;
        }
        let (x, y) = self.page((rect.x0 + rect.x1) / 2.0, (rect.y0 + rect.y1) / 2.0);
        let (w, h) = (rect.width() / 2.0, rect.height() / 2.0);
        Rect::new(x - w, y - h, x + w, y + h)
    }
}

/// The box of some items; empty when there are none.
#[must_use]
pub fn around(items: &[Item], indices: impl IntoIterator<Item = usize>) -> Rect {
    Rect::around(indices.into_iter().map(|i| items[i].rect)).unwrap_or_default()
}

/// The middle value, 0 of nothing.
#[must_use]
pub fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// A stretch without words, for tests: 10 px of core, from `x0` to `x1` on a baseline.
#[cfg(test)]
pub(crate) fn item(x0: f32, x1: f32, base: f32) -> Item {
    Item {
        rect: Rect::new(x0, base - 12.0, x1, base + 4.0),
        base,
        core: 10.0,
        words: Vec::new(),
        confidence: 1.0,
        stroke: 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_and_back() {
        let level = Level::of_slope(0.05);
        let (x, y) = level.level(1000.0, 50.0);
        assert!(y.abs() < 0.2, "a place on a leaning line through the corner is level: {y}");
        let (px, py) = level.page(x, y);
        assert!((px - 1000.0).abs() < 0.01 && (py - 50.0).abs() < 0.01);
    }
}
