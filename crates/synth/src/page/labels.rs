//! What the line finder is to answer: six maps at a quarter of the picture's resolution.

use tiny_skia::{FillRule, Mask, Path, PathBuilder, Transform};

use super::sheet::{Line, Point, Sheet};
use super::warp::Warp;

/// A line's core band in the picture.
#[derive(Clone, Debug)]
pub struct Band {
    /// Along the tops of the base consonants, left to right.
    pub top: Vec<Point>,
    /// Along their feet, left to right.
    pub foot: Vec<Point>,
}

/// The band of a line, through the warp, a place about every 12 net pixels.
#[must_use]
pub fn band(line: &Line, warp: &Warp) -> Band {
    let steps = ((line.right - line.left) / 12.0).ceil().max(1.0) as usize;
    let along = |y: f32| -> Vec<Point> {
        (0..=steps)
            .map(|i| {
                warp.picture((line.left + (line.right - line.left) * i as f32 / steps as f32, y))
            })
            .collect()
    };
    Band { top: along(line.baseline - line.core), foot: along(line.baseline) }
}

/// The ink boxes of a line's words, through the warp.
#[must_use]
pub fn words(line: &Line, warp: &Warp) -> Vec<[Point; 4]> {
    let corners = |&[l, t, r, b]: &[f32; 4]| [(l, t), (r, t), (r, b), (l, b)];
    line.words.iter().map(|w| corners(&w.bounds).map(|p| warp.picture(p))).collect()
}

/// Adds a closed outline, always turned the same way: where two of opposite turns overlap, the
/// winding rule would see a hole.
fn polygon(pen: &mut PathBuilder, points: impl Iterator<Item = Point>) {
    let mut points: Vec<Point> = points.collect();
    let turn: f32 = (0..points.len())
        .map(|i| (points[i], points[(i + 1) % points.len()]))
        .map(|((ax, ay), (bx, by))| ax * by - bx * ay)
        .sum();
    if turn < 0.0 {
        points.reverse();
    }
    for (i, (x, y)) in points.into_iter().enumerate() {
        if i == 0 {
            pen.move_to(x, y);
        } else {
            pen.line_to(x, y);
        }
    }
    pen.close();
}

fn quad(pen: &mut PathBuilder, warp: &Warp, [l, t, r, b]: [f32; 4]) {
    polygon(pen, [(l, t), (r, t), (r, b), (l, b)].into_iter().map(|p| warp.picture(p)));
}

/// The coverage of paths at a quarter of the resolution, 0 to 255.
fn raster(path: Option<Path>, width: usize, height: usize) -> Vec<u8> {
    let Some(mut mask) = Mask::new(width as u32, height as u32) else { return Vec::new() };
    if let Some(path) = path {
        mask.fill_path(&path, FillRule::Winding, true, Transform::from_scale(0.25, 0.25));
    }
    mask.take()
}

/// The least height of a band in net pixels: lower ones would vanish between the map's cells.
const LEAST: f32 = 5.5;
/// The least length of a band in net pixels, for the same reason: a lone digit of a table.
const SHORTEST: f32 = 9.0;

/// A box through the warp, its sides in short pieces.
fn strip(pen: &mut PathBuilder, warp: &Warp, [l, t, r, b]: [f32; 4]) {
    let steps = (((r - l).max(b - t) / 24.0).ceil() as usize).max(1);
    let at = |i: usize, from: f32, to: f32| from + (to - from) * i as f32 / steps as f32;
    let around = (0..steps)
        .map(|i| (at(i, l, r), t))
        .chain((0..steps).map(|i| (r, at(i, t, b))))
        .chain((0..steps).map(|i| (at(i, r, l), b)))
        .chain((0..steps).map(|i| (l, at(i, b, t))));
    polygon(pen, around.map(|p| warp.picture(p)));
}

/// Six maps of `width / 4 * height / 4` values each, one after another: core bands, full
/// extents, rules, figures, what parts the columns of tables, what parts their rows.
#[must_use]
pub fn maps(sheet: &Sheet, warp: &Warp) -> Vec<u8> {
    let (width, height) = (sheet.width.round() as usize / 4, sheet.height.round() as usize / 4);
    let (mut core, mut full) = (PathBuilder::new(), PathBuilder::new());
    for line in &sheet.lines {
        let mut line = line.clone();
        for [l, t, r, b] in line.words.iter().map(|w| w.bounds) {
            quad(&mut full, warp, [l, t.min(line.baseline - line.core), r, b.max(line.baseline)]);
        }
        quad_band(&mut full, &band(&line, warp));
        // Ends drawn in a little, so that the bands of neighbouring cells stay parted.
        let inset = (line.core * 0.2).min((line.right - line.left) * 0.15);
        let half = ((line.right - line.left) * 0.5 - inset).max(SHORTEST * 0.5);
        let middle = (line.left + line.right) * 0.5;
        (line.left, line.right) = (middle - half, middle + half);
        if line.core < LEAST {
            line.baseline += (LEAST - line.core) * 0.5;
            line.core = LEAST;
        }
        quad_band(&mut core, &band(&line, warp));
    }
    let mut rules = PathBuilder::new();
    for &((ax, ay), (bx, by), thick) in &sheet.rules {
        let half = (thick * 0.5).max(1.6);
        // Long rules follow the warp piece by piece.
        let steps = ((bx - ax).hypot(by - ay) / 24.0).ceil().max(1.0) as usize;
        let at = |i: usize| {
            let t = i as f32 / steps as f32;
            (ax + (bx - ax) * t, ay + (by - ay) * t)
        };
        for i in 0..steps {
            let ((cx, cy), (dx, dy)) = (at(i), at(i + 1));
            let (wx, wy) =
                if (bx - ax).abs() > (by - ay).abs() { (0.0, half) } else { (half, 0.0) };
            let corners =
                [(cx - wx, cy - wy), (dx - wx, dy - wy), (dx + wx, dy + wy), (cx + wx, cy + wy)];
            polygon(&mut rules, corners.into_iter().map(|p| warp.picture(p)));
        }
    }
    let mut figures = PathBuilder::new();
    for outline in &sheet.figures {
        polygon(&mut figures, outline.iter().map(|&p| warp.picture(p)));
    }
    let (mut gutters, mut partings) = (PathBuilder::new(), PathBuilder::new());
    for &bounds in &sheet.gutters {
        strip(&mut gutters, warp, bounds);
    }
    for &bounds in &sheet.partings {
        strip(&mut partings, warp, bounds);
    }
    let mut out = raster(core.finish(), width, height);
    out.extend(raster(full.finish(), width, height));
    out.extend(raster(rules.finish(), width, height));
    out.extend(raster(figures.finish(), width, height));
    out.extend(raster(gutters.finish(), width, height));
    out.extend(raster(partings.finish(), width, height));
    out
}

fn quad_band(pen: &mut PathBuilder, band: &Band) {
    polygon(pen, band.top.iter().copied().chain(band.foot.iter().rev().copied()));
}
