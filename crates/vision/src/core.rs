//! Core: where headline and baseline truly lie, from the ink at full resolution.
//!
//! The reader wants every line at one core height, and the finder's grid is coarse: a cell is a
//! third of a core. The row profile of a line's ink has two sharp steps, where the bodies of the
//! consonants begin and end; the best pair of steps near the finder's guess is taken.

use crate::bands::Band;
use crate::curve::Curve;
use crate::strip::unroll;
use crate::Gray;

/// A line ready to be cut: its middle and its core height, both refined.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The middle of the core.
    pub curve: Curve,
    /// Core height in page pixels.
    pub core: f32,
    /// How sharply the profile showed the core, 0 when it did not and the guess stands.
    pub trust: f32,
}

/// The core of one band from its own ink.
#[must_use]
pub fn place(page: &Gray, band: &Band) -> Placed {
    let guess = band.core;
    let profile = Profile::of(page, band);
    let Some((top, bottom, trust)) = profile.best(guess) else {
        return Placed { curve: band.curve.clone(), core: guess, trust: 0.0 };
    };
    Placed { curve: band.curve.moved((top + bottom) / 2.0), core: bottom - top, trust }
}

/// Ink of each row (0 to 1), and the row of the curve.
struct Profile {
    rows: Vec<f32>,
    sums: Vec<f32>,
    middle: f32,
}

impl Profile {
    fn of(page: &Gray, band: &Band) -> Self {
        let reach = 1.5 * band.core + 2.0;
        let from = band.curve.from.floor() as isize;
        let width = (band.curve.to.ceil() as isize - from).max(1) as usize;
        let strip = unroll(page, &band.curve, from, width, reach, reach);
        let rows: Vec<f32> = (0..strip.gray.height)
            .map(|r| {
                let row = strip.gray.row(r);
                row.iter().map(|&v| ink(v)).sum::<f32>() / row.len() as f32
            })
            .collect();
        let mut sums = vec![0.0];
        for v in &rows {
            sums.push(sums[sums.len() - 1] + v);
        }
        Self { rows, sums, middle: strip.middle }
    }

    /// Mean ink between two heights relative to the curve.
    fn mean(&self, from: f32, to: f32) -> f32 {
        let at = |y: f32| {
            let y = (y + self.middle).clamp(0.0, self.rows.len() as f32);
            let whole = (y as usize).min(self.rows.len() - 1);
            self.sums[whole] + (y - whole as f32) * self.rows[whole]
        };
        (at(to) - at(from)) / (to - from).max(1e-3)
    }

    /// `(top, bottom, trust)` relative to the curve, or `None` without clear steps.
    fn best(&self, guess: f32) -> Option<(f32, f32, f32)> {
        let level = self.mean(-0.4 * guess, 0.4 * guess);
        if level < 0.02 {
            return None;
        }
        let step = (guess / 40.0).max(0.25);
        let w = 0.16 * guess;
        let edge = |y: f32, down: f32| {
            let inside = if down > 0.0 { self.mean(y, y + w) } else { self.mean(y - w, y) };
            let outside = if down > 0.0 { self.mean(y - w, y) } else { self.mean(y, y + w) };
            (inside - outside) / level
        };
        let candidates = |middle: f32| {
            let n = (0.28 * guess / step) as i32;
            (-n..=n).map(move |i| middle + i as f32 * step)
        };
        let tops: Vec<(f32, f32)> =
            candidates(-0.5 * guess).map(|y| (y, edge(y, 1.0))).collect();
        let bottoms: Vec<(f32, f32)> =
            candidates(0.5 * guess).map(|y| (y, edge(y, -1.0))).collect();
        let mut best: Option<(f32, f32, f32, f32)> = None;
        for &(top, a) in &tops {
            for &(bottom, b) in &bottoms {
                let grown = ((bottom - top) / guess).ln();
                let moved = (top + bottom) / 2.0 / guess;
                let score = a + b - 4.0 * grown * grown - 3.0 * moved * moved;
                if best.is_none_or(|x| score > x.3) {
                    best = Some((top, bottom, a + b, score));
                }
            }
        }
        best.filter(|b| b.2 > 0.3).map(|b| (b.0, b.1, b.2))
    }
}

/// How much a value counts as ink.
fn ink(value: u8) -> f32 {
    (f32::from(200u8.saturating_sub(value)) / 140.0).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_the_profile_beat_a_coarse_guess() {
        let mut page = Gray::filled(600, 120, 255);
        for x in 50..550 {
            for y in 50..74 {
                if x % 9 < 3 {
                    page.pixels[y * 600 + x] = 0;
                }
            }
            for y in (38..48).chain(78..88) {
                if x % 60 < 8 {
                    page.pixels[y * 600 + x] = 0;
                }
            }
        }
        let curve = Curve::straight(50.0, 550.0, 63.5, 0.0);
        let band = Band { curve, core: 21.0, score: 1.0, points: Vec::new() };
        let placed = place(&page, &band);
        assert!((placed.core - 24.0).abs() < 1.0, "{}", placed.core);
        assert!((placed.curve.at(300.0) - 62.0).abs() < 0.6);
    }
}
