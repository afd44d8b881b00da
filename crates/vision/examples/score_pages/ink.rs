//! Ink that a crop cuts: pieces of connected ink of a found line that do not lie whole in one of
//! its crops.

use khocr_vision::core::Placed;
use khocr_vision::cut::{ABOVE, CORE, HEIGHT, SLACK};
use khocr_vision::{Analysis, Gray};

use crate::truth::Line;

/// Darker than this is ink.
const INK: u8 = 140;
/// Least area of a piece in square core heights, so that dust is not counted.
const LEAST: f32 = 0.015;

/// Pieces of ink.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ink {
    pub(crate) pieces: usize,
    /// Those not whole in a crop, and of these the ones that no crop shows at all.
    pub(crate) cut: usize,
    pub(crate) gone: usize,
}

impl Ink {
    pub(crate) fn add(&mut self, other: &Self) {
        self.pieces += other.pieces;
        self.cut += other.cut;
        self.gone += other.gone;
    }
}

/// Counts the pieces of the lines that were found; also the boxes of those cut.
pub(crate) fn measure(
    truth: &[Line],
    found: &Analysis,
    share: &[Vec<f32>],
    is_found: &[bool],
) -> (Ink, Vec<[f32; 4]>) {
    let (mut ink, mut boxes) = (Ink::default(), Vec::new());
    for piece in pieces(&found.page) {
        let Some(i) = owner(truth, &piece) else { continue };
        if !is_found[i] {
            continue;
        }
        let crops = found.lines.iter().zip(&share[i]).filter(|(_, s)| **s > 0.05);
        let best = crops.map(|(line, _)| shown(line, &piece)).fold(0.0, f32::max);
        ink.pieces += 1;
        if best < 0.97 {
            ink.cut += 1;
            ink.gone += usize::from(best < 0.03);
            let [l, t, r, b] = piece.bounds;
            boxes.push([l as f32, t as f32, r as f32 + 1.0, b as f32 + 1.0]);
        }
    }
    (ink, boxes)
}

struct Piece {
    pixels: Vec<(u32, u32)>,
    bounds: [u32; 4],
}

/// The line to which a piece belongs for sure: the only one in whose words its middle lies, none of
/// it far outside them. Leaders' dots belong to none.
fn owner(truth: &[Line], piece: &Piece) -> Option<usize> {
    let [l, t, r, b] = piece.bounds.map(|v| v as f32);
    let (x, y) = ((l + r + 1.0) / 2.0, (t + b + 1.0) / 2.0);
    let mut owners = truth.iter().enumerate().filter(|(_, line)| {
        line.words
            .iter()
            .any(|w| x > w[0] - 1.0 && x < w[2] + 1.0 && y > w[1] - 1.0 && y < w[3] + 1.0)
    });
    let (i, line) = owners.next()?;
    let slack = 0.25 * line.core;
    let fits = owners.next().is_none()
        && line.says(x)
        && piece.pixels.len() as f32 >= LEAST * line.core * line.core
        && line
            .words
            .iter()
            .any(|w| t > w[1] - slack && b < w[3] + slack && x > w[0] - 1.0 && x < w[2] + 1.0);
    fits.then_some(i)
}

/// Share of a piece's pixels that a line's crop shows.
fn shown(line: &Placed, piece: &Piece) -> f32 {
    let scale = line.core / CORE;
    let (above, below) =
        ((CORE / 2.0 + ABOVE) * scale, (HEIGHT as f32 - CORE / 2.0 - ABOVE) * scale);
    let from = (line.curve.from - SLACK * scale).max(line.room.0);
    let to = (line.curve.to + SLACK * scale).min(line.room.1);
    let inside = piece.pixels.iter().filter(|&&(x, y)| {
        let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
        let axis = line.curve.at(x);
        x > from && x < to && y > axis - above && y < axis + below
    });
    inside.count() as f32 / piece.pixels.len() as f32
}

fn pieces(page: &Gray) -> Vec<Piece> {
    let (w, h) = (page.width, page.height);
    let mut seen = vec![false; w * h];
    let mut out = Vec::new();
    let mut stack = Vec::new();
    for start in 0..w * h {
        if seen[start] || page.pixels[start] >= INK {
            continue;
        }
        seen[start] = true;
        stack.push(start);
        let mut piece = Piece { pixels: Vec::new(), bounds: [u32::MAX, u32::MAX, 0, 0] };
        while let Some(at) = stack.pop() {
            let (x, y) = (at % w, at / w);
            let [l, t, r, b] = piece.bounds;
            let (px, py) = (x as u32, y as u32);
            piece.bounds = [l.min(px), t.min(py), r.max(px), b.max(py)];
            piece.pixels.push((px, py));
            for ny in y.saturating_sub(1)..(y + 2).min(h) {
                for nx in x.saturating_sub(1)..(x + 2).min(w) {
                    let next = ny * w + nx;
                    if !seen[next] && page.pixels[next] < INK {
                        seen[next] = true;
                        stack.push(next);
                    }
                }
            }
        }
        out.push(piece);
    }
    out
}
