//! The sheet that a page is drawn on: gray pixels, and the geometry of everything drawn.

use tiny_skia::{FillRule, LineCap, LineJoin, Mask, Path, PathBuilder, Stroke, Transform};

/// A place on the page in net pixels (the scale the line finder sees), y downwards.
pub type Point = (f32, f32);

/// Where a line sits in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Number of the table on the page.
    pub table: u32,
    /// Row of the cell, from 0.
    pub row: u32,
    /// Column of the cell, from 0.
    pub column: u32,
}

/// One printed line and where it lies. Lines stand in reading order.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it says, without zero-width characters.
    pub text: String,
    /// Left end of the ink.
    pub left: f32,
    /// Right end of the ink.
    pub right: f32,
    /// Foot of the base consonants.
    pub baseline: f32,
    /// Height of the base consonants' bodies.
    pub core: f32,
    /// Its words, left to right.
    pub words: Vec<Inked>,
    /// Paragraph, heading or cell it belongs to.
    pub block: u32,
    /// Its place in a table.
    pub cell: Option<Cell>,
}

/// A word as it lies on the sheet.
#[derive(Clone, Debug)]
pub struct Inked {
    /// Its ink: left, top, right, bottom.
    pub bounds: [f32; 4],
    /// Where its text ends in the line's.
    pub end: usize,
    /// Whether it is a leader: dots, dashes or a low line.
    pub leader: bool,
}

/// How ink falls on the sheet.
#[derive(Clone, Copy, Debug)]
pub struct Ink {
    /// Gray value, 0 black.
    pub gray: u8,
    /// How much of it covers, `0.0..=1.0`.
    pub cover: f32,
    /// Whether what lies beneath shines through, as under a stamp.
    pub through: bool,
}

impl Ink {
    /// Ink that covers.
    #[must_use]
    pub fn solid(gray: u8) -> Self {
        Self { gray, cover: 1.0, through: false }
    }

    /// Ink that darkens.
    #[must_use]
    pub fn glaze(gray: u8, cover: f32) -> Self {
        Self { gray, cover, through: true }
    }
}

/// The sheet under the pen.
pub struct Sheet {
    /// Width in net pixels.
    pub width: f32,
    /// Height in net pixels.
    pub height: f32,
    /// Drawn pixels for each net pixel: the resolution of the original.
    pub scale: f32,
    /// Drawn pixels a row.
    pub columns: usize,
    /// Drawn rows.
    pub rows: usize,
    /// Gray values, row by row.
    pub gray: Vec<u8>,
    /// Lines in reading order.
    pub lines: Vec<Line>,
    /// Rules: both ends and the thickness.
    pub rules: Vec<(Point, Point, f32)>,
    /// Outlines of what is neither text nor rule.
    pub figures: Vec<Vec<Point>>,
    /// The block that lines now belong to.
    pub block: u32,
    /// The cell that lines now belong to.
    pub cell: Option<Cell>,
    /// Tables begun: whether each has rules across and rules down.
    pub tables: Vec<(bool, bool)>,
    /// What parts a table's columns, ruled or not, net pixels: the strips without ink between them.
    pub gutters: Vec<[f32; 4]>,
    /// What parts its rows: from the feet of one's last line to the heads of the next one's first.
    pub partings: Vec<[f32; 4]>,
}

impl Sheet {
    /// A sheet of paper of one gray.
    #[must_use]
    pub fn new(width: f32, height: f32, scale: f32, paper: u8) -> Self {
        let columns = (width * scale).round().max(8.0) as usize;
        let rows = (height * scale).round().max(8.0) as usize;
        Self {
            width,
            height,
            scale,
            columns,
            rows,
            gray: vec![paper; columns * rows],
            lines: Vec::new(),
            rules: Vec::new(),
            figures: Vec::new(),
            block: 0,
            cell: None,
            tables: Vec::new(),
            gutters: Vec::new(),
            partings: Vec::new(),
        }
    }

    /// Fills a path given in net pixels, moved to a place.
    pub fn fill(&mut self, path: &Path, place: Transform, ink: Ink) {
        let Some(path) = path.clone().transform(place.post_scale(self.scale, self.scale)) else {
            return;
        };
        let b = path.bounds();
        let x0 = (b.left().floor() - 1.0).max(0.0) as usize;
        let y0 = (b.top().floor() - 1.0).max(0.0) as usize;
        let x1 = ((b.right().ceil() + 1.0).max(0.0) as usize).min(self.columns);
        let y1 = ((b.bottom().ceil() + 1.0).max(0.0) as usize).min(self.rows);
        if x1 <= x0 || y1 <= y0 {
            return;
        }
        let (w, h) = (x1 - x0, y1 - y0);
        let Some(mut mask) = Mask::new(w as u32, h as u32) else { return };
        mask.fill_path(
            &path,
            FillRule::Winding,
            true,
            Transform::from_translate(-(x0 as f32), -(y0 as f32)),
        );
        let cover = (ink.cover * 256.0) as i32;
        for (y, row) in mask.data().chunks_exact(w).enumerate() {
            let at = (y0 + y) * self.columns + x0;
            for (under, &m) in self.gray[at..at + w].iter_mut().zip(row) {
                if m != 0 {
                    let a = (i32::from(m) * cover) >> 8;
                    let here = i32::from(*under);
                    let goal = if ink.through {
                        here * i32::from(ink.gray) / 255
                    } else {
                        i32::from(ink.gray)
                    };
                    *under = (here + (goal - here) * a / 255).clamp(0, 255) as u8;
                }
            }
        }
    }

    /// Draws along a path given in net pixels.
    pub fn stroke(&mut self, path: &Path, width: f32, place: Transform, ink: Ink) {
        let pen = Stroke {
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        if let Some(outline) = path.stroke(&pen, self.scale) {
            self.fill(&outline, place, ink);
        }
    }

    /// Fills a box.
    pub fn fill_box(&mut self, [l, t, r, b]: [f32; 4], ink: Ink) {
        if let Some(rect) = tiny_skia::Rect::from_ltrb(l, t, r, b) {
            self.fill(&PathBuilder::from_rect(rect), Transform::identity(), ink);
        }
    }

    /// Draws a straight rule and remembers it.
    pub fn rule(&mut self, from: Point, to: Point, thick: f32, ink: Ink) {
        self.scratch(from, to, thick, ink);
        self.rules.push((from, to, thick));
    }

    /// Draws a straight stroke that is no rule of the page.
    pub fn scratch(&mut self, from: Point, to: Point, thick: f32, ink: Ink) {
        let mut pen = PathBuilder::new();
        pen.move_to(from.0, from.1);
        pen.line_to(to.0, to.1);
        if let Some(path) = pen.finish() {
            let pen = Stroke { width: thick, ..Stroke::default() };
            if let Some(outline) = path.stroke(&pen, self.scale) {
                self.fill(&outline, Transform::identity(), ink);
            }
        }
    }

    /// Remembers a box as a figure.
    pub fn figure(&mut self, [l, t, r, b]: [f32; 4]) {
        self.figures.push(vec![(l, t), (r, t), (r, b), (l, b)]);
    }

    /// Remembers a disc as a figure.
    pub fn disc(&mut self, (x, y): Point, rx: f32, ry: f32) {
        let turn = |i: u32| {
            let a = i as f32 * std::f32::consts::TAU / 24.0;
            (x + rx * a.cos(), y + ry * a.sin())
        };
        self.figures.push((0..24).map(turn).collect());
    }
}
