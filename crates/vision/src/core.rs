//! Core: where headline and baseline truly lie, from the ink at full resolution.
//!
//! The reader wants every line at one core height, and the finder's grid is coarse: a cell is a
//! third of a core. The row profile of a line's ink has two sharp steps, where the bodies of the
//! consonants begin and end; the best pair of steps near the finder's guess is taken. Lines whose
//! profile shows no clear pair (a page number, a row of dots) follow the page's other lines.

use std::ops::Range;

use crate::Gray;
use crate::bands::Band;
use crate::curve::Curve;
use crate::strip::unroll;

/// A line ready to be cut: its middle and its core height, both refined.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The middle of the core.
    pub curve: Curve,
    /// Core height in page pixels.
    pub core: f32,
    /// How sharply the profile showed the core (two full steps make 2); 0 when it did not and the
    /// guess stands.
    pub trust: f32,
    /// Page x between which the crop may show the page; beyond stand other lines or rules.
    pub room: (f32, f32),
}

/// Room without an end.
pub const ROOM: (f32, f32) = (f32::MIN, f32::MAX);
/// Steps that make up less than this are no core.
const CLEAR: f32 = 0.5;
/// Ink no higher than this, in core heights, may be a dot or a dash of a leader...
const LOW: f32 = 0.35;
/// ...which has so many.
const LEADER: usize = 4;
/// A line so many cores long has enough letters to be sure of its own profile.
const LONG: f32 = 12.0;

/// The cores of all lines of a page, each from its own ink and unclear ones from the others.
#[must_use]
pub fn place_all(page: &Gray, bands: &[Band]) -> Vec<Placed> {
    let profiles: Vec<Profile> = bands.iter().map(|b| Profile::of(page, b)).collect();
    let first: Vec<Option<Steps>> =
        profiles.iter().zip(bands).map(|(p, b)| p.best(b.core, 2.0)).collect();
    let known: Vec<(f32, f32)> = bands
        .iter()
        .zip(&first)
        .filter(|(b, s)| b.length() > LONG * b.core && s.is_some_and(|s| s.trust > 1.0))
        .filter_map(|(b, s)| s.map(|s| (b.core, s.core())))
        .collect();
    let place = |i: usize| {
        let (band, profile) = (&bands[i], &profiles[i]);
        let own = first[i];
        let long = band.length() > LONG * band.core;
        let steps = match expected(&known, band.core) {
            Some(core) if !(long && own.is_some_and(|s| s.trust > 1.0)) => {
                let near = profile.best(core, 6.0);
                near.or_else(|| own.filter(|s| (s.core() / core).ln().abs() < 0.2))
                    .unwrap_or(Steps { top: -core / 2.0, bottom: core / 2.0, trust: 0.0 })
            }
            _ => {
                own.unwrap_or(Steps { top: -band.core / 2.0, bottom: band.core / 2.0, trust: 0.0 })
            }
        };
        let middle = (steps.top + steps.bottom) / 2.0;
        Placed {
            curve: band.curve.moved(middle),
            core: steps.core(),
            trust: steps.trust,
            room: ROOM,
        }
    };
    (0..bands.len()).map(place).collect()
}

/// What lines found as `guess` high truly were, from `(guess, core)` of sure lines; `None` when no
/// sure line is of that size.
fn expected(known: &[(f32, f32)], guess: f32) -> Option<f32> {
    let mut like: Vec<f32> =
        known.iter().filter(|k| (k.0 / guess).ln().abs() < 0.22).map(|k| k.1).collect();
    like.sort_by(f32::total_cmp);
    (like.len() >= 3).then(|| like[like.len() / 2])
}

/// A pair of steps, relative to the curve.
#[derive(Clone, Copy, Debug)]
struct Steps {
    top: f32,
    bottom: f32,
    trust: f32,
}

impl Steps {
    fn core(&self) -> f32 {
        self.bottom - self.top
    }
}

/// Ink of each row (0 to 1), and the row of the curve.
struct Profile {
    rows: Vec<f32>,
    sums: Vec<f32>,
    middle: f32,
}

impl Profile {
    fn of(page: &Gray, band: &Band) -> Self {
        let reach = 1.6 * band.core + 2.0;
        let from = band.curve.from.floor() as isize;
        let width = (band.curve.to.ceil() as isize - from).max(1) as usize;
        let strip = unroll(page, &band.curve, from, width, reach, reach);
        let inverse = mostly_dark(&strip.gray);
        let ink = |v: u8| ink(if inverse { 255 - v } else { v });
        let letters = letters(&strip.gray, strip.middle, band.core, &ink);
        let count = letters.iter().map(Range::len).sum::<usize>() as f32;
        let rows: Vec<f32> = (0..strip.gray.height)
            .map(|r| {
                let row = strip.gray.row(r);
                let inside = letters.iter().map(|x| row[x.clone()].iter().map(|&v| ink(v)));
                inside.flatten().sum::<f32>() / count
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

    /// The pair of steps with the most contrast, held to `guess` by `hold`; `None` without a clear
    /// one.
    fn best(&self, guess: f32, hold: f32) -> Option<Steps> {
        let level = self.mean(-0.4 * guess, 0.4 * guess);
        if level < 0.02 {
            return None;
        }
        let step = (guess / 40.0).max(0.25);
        let w = 0.16 * guess;
        let edge = |y: f32, inside: f32| {
            (self.mean(y.min(y + inside), y.max(y + inside))
                - self.mean(y.min(y - inside), y.max(y - inside)))
                / level
        };
        let n = (0.35 * guess / step) as i32;
        let near = |middle: f32| (-n..=n).map(move |i| middle + i as f32 * step);
        let tops: Vec<(f32, f32)> = near(-0.5 * guess).map(|y| (y, edge(y, w))).collect();
        let bottoms: Vec<(f32, f32)> = near(0.5 * guess).map(|y| (y, edge(y, -w))).collect();
        let mut best: Option<(Steps, f32)> = None;
        for &(top, a) in &tops {
            for &(bottom, b) in &bottoms {
                if bottom - top < 0.4 * guess {
                    continue;
                }
                let grown = ((bottom - top) / guess).ln();
                let moved = (top + bottom) / 2.0 / guess;
                let score = a + b - hold * (grown * grown + moved * moved);
                if best.is_none_or(|x| score > x.1) {
                    best = Some((Steps { top, bottom, trust: a.min(1.0) + b.min(1.0) }, score));
                }
            }
        }
        best.map(|b| b.0).filter(|s| s.trust > CLEAR)
    }
}

/// The stretches across a strip without leaders, whose dots and dashes say nothing about the core.
/// All of it where that leaves next to nothing.
fn letters(strip: &Gray, middle: f32, core: f32, ink: &dyn Fn(u8) -> f32) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut from = 0;
    for run in pieces(strip, middle, core, ink).chunk_by(|a, b| a.follows(b, core)) {
        if run.len() >= LEADER {
            out.push(from..run[0].from);
            from = run[run.len() - 1].to;
        }
    }
    out.push(from..strip.width);
    out.retain(|r| !r.is_empty());
    let left = out.iter().map(Range::len).sum::<usize>() as f32;
    if left < 2.0 * core {
        out.clear();
        out.push(0..strip.width);
    }
    out
}

/// Ink between two blank columns: its columns, and its rows.
struct Piece {
    from: usize,
    to: usize,
    top: usize,
    foot: usize,
}

impl Piece {
    /// Whether the next piece is a dot or a dash as this one is, at the same height.
    fn follows(&self, next: &Self, core: f32) -> bool {
        let low = |p: &Self| (p.foot - p.top) as f32 <= LOW * core;
        let near = |a: usize, b: usize| a.abs_diff(b) as f32 <= (0.12 * core).max(1.0);
        low(self) && low(next) && near(self.top, next.top) && near(self.foot, next.foot)
    }
}

fn pieces(strip: &Gray, middle: f32, core: f32, ink: &dyn Fn(u8) -> f32) -> Vec<Piece> {
    let rows = (middle - 0.9 * core).max(0.0) as usize
        ..((middle + 0.9 * core) as usize + 1).min(strip.height);
    let mut out = Vec::new();
    let mut open: Option<Piece> = None;
    for x in 0..=strip.width {
        let dark = |y: &usize| x < strip.width && ink(strip.row(*y)[x]) > 0.4;
        match (&mut open, rows.clone().find(dark).zip(rows.clone().rfind(dark))) {
            (Some(p), Some((top, foot))) => {
                *p = Piece { top: p.top.min(top), foot: p.foot.max(foot + 1), ..*p };
            }
            (None, Some((top, foot))) => {
                open = Some(Piece { from: x, to: x, top, foot: foot + 1 });
            }
            (Some(_), None) => out.extend(open.take().map(|p| Piece { to: x, ..p })),
            (None, None) => {}
        }
    }
    out
}

fn mostly_dark(gray: &Gray) -> bool {
    gray.pixels.iter().filter(|&&v| v < 110).count() * 2 > gray.pixels.len()
}

/// How much a value counts as ink.
fn ink(value: u8) -> f32 {
    (f32::from(200u8.saturating_sub(value)) / 140.0).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(page: &mut Gray, middle: usize, from: usize, to: usize) {
        for x in from..to {
            for y in middle - 12..middle + 12 {
                if x % 9 < 3 {
                    page.pixels[y * 600 + x] = 0;
                }
            }
            for y in (middle - 24..middle - 14).chain(middle + 16..middle + 26) {
                if x % 60 < 8 {
                    page.pixels[y * 600 + x] = 0;
                }
            }
        }
    }

    fn band(middle: f32, from: f32, to: f32, core: f32) -> Band {
        let curve = Curve::straight(from, to, middle, 0.0);
        Band { curve, core, score: 1.0, points: Vec::new() }
    }

    #[test]
    fn steps_of_the_profile_beat_a_coarse_guess() {
        let mut page = Gray::filled(600, 120, 255);
        draw(&mut page, 62, 50, 550);
        let placed = &place_all(&page, &[band(63.5, 50.0, 550.0, 20.0)])[0];
        assert!((placed.core - 24.0).abs() < 1.0, "{}", placed.core);
        assert!((placed.curve.at(300.0) - 62.0).abs() < 0.6);
    }

    #[test]
    fn a_leader_of_dashes_does_not_lower_the_headline() {
        let mut page = Gray::filled(600, 120, 255);
        draw(&mut page, 62, 50, 150);
        for x in (160..550).filter(|x| x % 14 < 9) {
            for y in 64..67 {
                page.pixels[y * 600 + x] = 0;
            }
        }
        let placed = &place_all(&page, &[band(63.5, 50.0, 550.0, 20.0)])[0];
        assert!((placed.core - 24.0).abs() < 1.0, "{}", placed.core);
    }

    #[test]
    fn a_line_without_letters_follows_the_others() {
        let mut page = Gray::filled(600, 420, 255);
        for i in 0..4 {
            draw(&mut page, 60 + i * 80, 50, 550);
        }
        // A row of dots at the height of a baseline says nothing about headline or baseline.
        for x in (50..90).filter(|x| x % 12 < 4) {
            for y in 388..392 {
                page.pixels[y * 600 + x] = 0;
            }
        }
        let mut bands: Vec<Band> =
            (0..4).map(|i| band(60.0 + i as f32 * 80.0, 50.0, 550.0, 20.0)).collect();
        bands.push(band(380.0, 50.0, 90.0, 19.0));
        let placed = place_all(&page, &bands);
        assert!((placed[4].core - 24.0).abs() < 1.5, "{}", placed[4].core);
    }
}
