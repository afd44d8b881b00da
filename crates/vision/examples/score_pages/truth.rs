//! What was drawn, in the pixels of the page as the product read it.

use khocr_synth::page::Page;
use khocr_synth::page::labels::Band;
use khocr_synth::page::sheet::Cell;
use khocr_vision::Analysis;

/// A drawn line.
pub(crate) struct Line {
    /// Places `(x, y)` along the middle of its core, left to right, half a core apart.
    pub(crate) middle: Vec<(f32, f32)>,
    /// Core height.
    pub(crate) core: f32,
    /// Ink boxes of its words: left, top, right, bottom.
    pub(crate) words: Vec<[f32; 4]>,
    /// Where nothing of it is asked for, from and to in `x`: its leaders, and beyond the page's sides.
    pub(crate) silent: Vec<(f32, f32)>,
    /// Its paragraph or cell.
    pub(crate) block: u32,
    /// Its place in a table.
    pub(crate) cell: Option<Cell>,
    /// Whether enough of it can be seen to be asked for.
    pub(crate) judged: bool,
}

impl Line {
    /// Whether something of it is asked for at `x`.
    pub(crate) fn says(&self, x: f32) -> bool {
        !self.silent.iter().any(|s| (s.0..s.1).contains(&x))
    }

    /// Height of its middle at `x`, and whether `x` lies on it, half a core beyond its ends
    /// included.
    pub(crate) fn at(&self, x: f32) -> Option<f32> {
        let (first, last) = (self.middle.first()?, self.middle.last()?);
        if x < first.0 - 0.5 * self.core || x > last.0 + 0.5 * self.core {
            return None;
        }
        let next = self.middle.partition_point(|p| p.0 < x).clamp(1, self.middle.len() - 1);
        let (a, b) = (self.middle[next - 1], self.middle[next]);
        let t = ((x - a.0) / (b.0 - a.0).max(1e-3)).clamp(0.0, 1.0);
        Some(a.1 + (b.1 - a.1) * t)
    }
}

/// The lines of a page in reading order; after them those too faint to be asked for.
pub(crate) fn lines(page: &Page, found: &Analysis) -> Vec<Line> {
    let picture = (page.original.width as f32, page.original.height as f32);
    let (sx, sy) = (picture.0 / page.width as f32, picture.1 / page.height as f32);
    let place = |p: (f32, f32)| found.upright((p.0 * sx, p.1 * sy), picture);
    let drawn_on = (page.width as f32, page.height as f32);
    let lines = page.lines.iter().zip(&page.bands).zip(&page.words).zip(&page.readable);
    let drawn = lines.map(|(((line, band), words), readable)| {
        let (middle, core) = shape(band, place);
        // Nobody asks for a row of dots to be filled in.
        let says = line.words.iter().any(|w| !w.leader);
        let judged = says && *readable && seen(band, drawn_on);
        let words: Vec<[f32; 4]> = words.iter().map(|w| bounds(w.map(place))).collect();
        let dots = line.words.iter().zip(&words).filter(|(w, _)| w.leader);
        let mut silent: Vec<(f32, f32)> = dots.map(|(_, b)| (b[0], b[2])).collect();
        silent.extend([(f32::MIN, 0.0), (found.page.width as f32, f32::MAX)]);
        Line { middle, core, words, silent, block: line.block, cell: line.cell, judged }
    });
    let faint = page.faint.iter().map(|band| {
        let (middle, core) = shape(band, place);
        let (words, silent) = (Vec::new(), Vec::new());
        Line { middle, core, words, silent, block: u32::MAX, cell: None, judged: false }
    });
    drawn.chain(faint).collect()
}

/// Whether a tenth of a band at most is cut off by the edge of the picture `size`. Judged on the
/// picture as drawn: a page made flat is larger than that, and white where the picture ends.
fn seen(band: &Band, size: (f32, f32)) -> bool {
    let (middle, core) = shape(band, |p| p);
    let inside = |p: &&(f32, f32)| {
        p.0 > 0.0 && p.0 < size.0 && p.1 > core / 2.0 && p.1 < size.1 - core / 2.0
    };
    middle.iter().filter(inside).count() * 10 >= middle.len() * 9
}

/// Left, top, right, bottom of four corners.
fn bounds(corners: [(f32, f32); 4]) -> [f32; 4] {
    let (xs, ys) = (corners.map(|c| c.0), corners.map(|c| c.1));
    let low = |v: [f32; 4]| v.into_iter().fold(f32::MAX, f32::min);
    let high = |v: [f32; 4]| v.into_iter().fold(f32::MIN, f32::max);
    [low(xs), low(ys), high(xs), high(ys)]
}

/// The middle of a band and its core height.
fn shape(band: &Band, place: impl Fn((f32, f32)) -> (f32, f32)) -> (Vec<(f32, f32)>, f32) {
    let top: Vec<_> = band.top.iter().map(|&p| place(p)).collect();
    let foot: Vec<_> = band.foot.iter().map(|&p| place(p)).collect();
    let pairs = || top.iter().zip(&foot);
    let core = pairs().map(|(a, b)| (b.1 - a.1).abs()).sum::<f32>() / top.len() as f32;
    let middle: Vec<_> = pairs().map(|(a, b)| ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0)).collect();
    (resampled(&middle, (core / 2.0).max(1.0)), core)
}

/// Places along a line of straight pieces, `step` apart in x, both ends among them.
fn resampled(line: &[(f32, f32)], step: f32) -> Vec<(f32, f32)> {
    let mut line = line.to_vec();
    line.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (first, last) = (line[0], line[line.len() - 1]);
    let count = ((last.0 - first.0) / step).ceil().max(2.0) as usize;
    (0..=count)
        .map(|i| {
            let x = first.0 + (last.0 - first.0) * i as f32 / count as f32;
            let next = line.partition_point(|p| p.0 < x).clamp(1, line.len() - 1);
            let (a, b) = (line[next - 1], line[next]);
            let t = ((x - a.0) / (b.0 - a.0).max(1e-3)).clamp(0.0, 1.0);
            (x, a.1 + (b.1 - a.1) * t)
        })
        .collect()
}
