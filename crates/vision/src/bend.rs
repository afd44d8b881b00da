//! Bend: a page that lies curled or seen aslant, made flat by what its lines say.
//!
//! Lines that were straight on the paper run as curves in a photo. How far the paper is shifted down
//! at each place is fitted as a polynomial to all of them together, so that cells of a table and
//! pieces of a line, too short to show a curve of their own, come to lie on straight rows as well.

use std::borrow::Cow;

use crate::Gray;
use crate::bands::{Band, page_slope};
use crate::curve::solve;
use crate::image::between;
use crate::margins::{NEXT, OVER_ONE, margins};
use crate::rules::{self, Lean};

/// Powers of `x`: from 1 to this.
const ACROSS: usize = 6;
/// Powers of `y`: from 0 to one less than this.
const DOWN: usize = 3;
/// Bands shorter than this, in core heights, say nothing about how the page bends.
const SHORTEST: f32 = 4.0;
/// Fewest bands that can be believed together.
const FEWEST: usize = 8;
/// A page is bent when its text is shifted by more than this somewhere, in core heights.
const BENT: f32 = 0.5;
/// Farthest that one band's points may lie from the fit, root mean square in core heights.
const ASTRAY: f32 = 0.35;
/// Length of margins that tells how they lean, in core heights.
const MARGINS: f32 = 60.0;
/// A rule says so many times more surely how it leans than a margin as long.
const SURER: f32 = 2.0;
/// Bands shorter than this, in core heights, end anywhere.
const ENDS: f32 = 8.0;
/// A page whose lines are straight leans when its columns do by more than this...
const LEANS: f32 = 0.02;
/// ...or, by margins that jump over lines, by more than this...
const CLEARLY: f32 = 0.05;
/// ...or its rules down by more than this: a tall table is a column out at its foot then.
const RULED: f32 = 0.008;
/// Points of a band that are looked at.
const POINTS: usize = 24;

/// How far down each place of a flat page lies in the bent one.
#[derive(Clone, Debug)]
pub struct Bend {
    /// Middle of the page and half its sides, pixels.
    middle: (f32, f32),
    half: (f32, f32),
    /// Where text is, from -1 to 1; beyond, the shift stays as at the edge.
    across: (f32, f32),
    down: (f32, f32),
    /// `shift[j][i]` of `u^(i + 1) v^j`.
    shift: [[f32; ACROSS]; DOWN],
    /// How far a place moves to the right for each pixel down: at the middle, and more for each `u`.
    lean: (f32, f32),
}

impl Bend {
    /// How the page that these bands lie on is bent, its slope left out; `None` where it is flat
    /// enough, or the bands do not agree.
    #[must_use]
    pub fn of(bands: &[Band], width: usize, height: usize) -> Option<Self> {
        let half = (width as f32 / 2.0, height as f32 / 2.0);
        let long: Vec<Traced> = bands
            .iter()
            .filter(|b| b.length() > SHORTEST * b.core && b.points.len() > 4)
            .map(|b| Traced::of(b, half))
            .collect();
        let mut out = Self {
            middle: half,
            half,
            across: range(&long, |p| p.0),
            down: (0.0, 0.0),
            shift: [[0.0; ACROSS]; DOWN],
            lean: (0.0, 0.0),
        };
        out.down = range(&long, |p| p.2);
        out.fit(&long)?;
        // What follows no common bend (a stamp, a vignette) has no say in it.
        let agreed: Vec<Traced> =
            long.iter().filter(|t| out.astray(t) < ASTRAY * t.core).cloned().collect();
        if agreed.len() * 5 < long.len() * 4 {
            return None;
        }
        out.fit(&agreed)?;
        // A page that merely leans is not bent, but one that is bent is made level as well.
        let slope = page_slope(bands) * half.0;
        out.shift[0][0] -= slope;
        let core = crate::look::typical_core(bands);
        let bent = out.strength() > BENT * core;
        out.shift[0][0] += slope;
        bent.then_some(out)
    }

    /// The same for the page turned by half a turn.
    #[must_use]
    pub fn upside_down(&self) -> Self {
        let mut out = self.clone();
        (out.across, out.down) = ((-self.across.1, -self.across.0), (-self.down.1, -self.down.0));
        out.lean.1 = -out.lean.1;
        for (j, row) in out.shift.iter_mut().enumerate() {
            for (i, value) in row.iter_mut().enumerate() {
                // u^(i + 1) and v^j change sign, and so does what is down.
                if (i + j).is_multiple_of(2) {
                    continue;
                }
                *value = -*value;
            }
        }
        out
    }

    fn fit(&mut self, bands: &[Traced]) -> Option<()> {
        const N: usize = ACROSS * DOWN;
        if bands.len() < FEWEST {
            return None;
        }
        let mut rows = vec![vec![0.0f64; N + 1]; N];
        for band in bands {
            for (terms, y) in band.centred() {
                for (row, &t) in rows.iter_mut().zip(&terms) {
                    row.iter_mut().zip(&terms).for_each(|(r, u)| *r += t * u * band.weight);
                    row[N] += t * y * band.weight;
                }
            }
        }
        let total: f64 = bands.iter().map(|b| b.weight * b.points.len() as f64).sum();
        for (k, row) in rows.iter_mut().enumerate() {
            // High powers only where the lines insist.
            let (i, j) = (k % ACROSS, k / ACROSS);
            row[k] += total * 1e-5 * ((1 + i * i) * (1 + 4 * j)) as f64;
        }
        for (k, value) in solve(rows).into_iter().enumerate() {
            self.shift[k / ACROSS][k % ACROSS] = value as f32;
        }
        Some(())
    }

    /// How far a band's points lie from the fit, root mean square, pixels.
    fn astray(&self, band: &Traced) -> f32 {
        let flat: Vec<_> = self.shift.iter().flatten().map(|&s| f64::from(s)).collect();
        let off = |(terms, y): (Terms, f64)| {
            (y - terms.iter().zip(&flat).map(|(t, s)| t * s).sum::<f64>()).powi(2)
        };
        let sum: f64 = band.centred().into_iter().map(off).sum();
        (sum / band.points.len() as f64).sqrt() as f32
    }

    /// The greatest shift where text is, pixels.
    fn strength(&self) -> f32 {
        let between = |(a, b): (f32, f32), i: usize| a + (b - a) * i as f32 / 12.0;
        (0..=12)
            .flat_map(|i| (0..=12).map(move |j| (i, j)))
            .map(|(i, j)| self.shift_at(between(self.across, i), between(self.down, j)).abs())
            .fold(0.0, f32::max)
    }

    fn shift_at(&self, u: f32, v: f32) -> f32 {
        let (u, v) = (u.clamp(self.across.0, self.across.1), v.clamp(self.down.0, self.down.1));
        self.shift.iter().rev().fold(0.0, |sum, row| sum * v + polynomial(row, u))
    }

    /// The place in the bent page of a place of the flat one.
    #[must_use]
    pub fn bent(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let x = x + self.lean_at(x) * (y - self.middle.1);
        let u = (x - self.middle.0) / self.half.0;
        (x, y + self.shift_at(u, (y - self.middle.1) / self.half.1))
    }

    /// The place in the flat page of a place of the bent one.
    #[must_use]
    pub fn flat(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let mut flat = (x, y);
        // Neighbouring places are shifted nearly alike, so this converges.
        for _ in 0..8 {
            let there = self.bent(flat);
            flat = (flat.0 + x - there.0, flat.1 + y - there.1);
        }
        flat
    }

    fn lean_at(&self, x: f32) -> f32 {
        self.lean.0 + self.lean.1 * ((x - self.middle.0) / self.half.0).clamp(-1.0, 1.0)
    }

    /// A page that is not bent, though it may lean.
    #[must_use]
    pub fn none(width: usize, height: usize) -> Self {
        let half = (width as f32 / 2.0, height as f32 / 2.0);
        let zero = (0.0, 0.0);
        let shift = [[0.0; ACROSS]; DOWN];
        Self { middle: half, half, across: zero, down: zero, shift, lean: zero }
    }

    /// The page made flat, and what runs down on it square to its lines, which are these bands of this
    /// core height. White comes in at its edges. `None` where that would change nothing. Where there are
    /// no `tables`, rules down are not asked how a page leans whose lines are straight.
    #[must_use]
    pub fn flatten(
        &mut self,
        page: &Gray,
        bands: &[Band],
        core: f32,
        tables: bool,
    ) -> Option<Gray> {
        let bent = self.shift.iter().flatten().any(|s| *s != 0.0);
        let (at, slope) = ((self.middle.0, self.half.0), page_slope(bands));
        let ends: Vec<(f32, f32)> = bands
            .iter()
            .filter(|b| b.length() > ENDS * b.core)
            .flat_map(|b| [b.curve.from, b.curve.to].map(|x| self.flat((x, b.curve.at(x)))))
            .collect();
        let off = |lean: (f32, f32)| match lean {
            (0.0, 0.0) => 0.0,
            (middle, more) => (middle + slope).abs() + more.abs(),
        };
        let lean = |leans: &[Lean]| lean_of(leans, at, MARGINS * core);
        let mut leans = margins(&ends, core, NEXT);
        let mut aslant = off(lean(&leans)) > LEANS;
        if lean(&leans) == (0.0, 0.0) {
            let far = margins(&ends, core, OVER_ONE);
            if off(lean(&far)) > CLEARLY {
                (leans, aslant) = (far, true);
            }
        }
        if !bent && !aslant && !tables {
            return None;
        }
        let flat = if bent { Cow::Owned(self.level_rows(page)) } else { Cow::Borrowed(page) };
        let strokes = rules::leaning(&flat, core);
        if !bent && !aslant && off(lean(&strokes)) <= RULED {
            return None;
        }
        leans.extend(strokes.iter().map(|s| Lean { length: SURER * s.length, ..*s }));
        let mut lean = lean(&leans);
        if lean == (0.0, 0.0) {
            return bent.then(|| flat.into_owned());
        }
        // Lines that still run down to the right are turned level later, and what stands on them with them.
        if !bent {
            lean.0 += slope;
        }
        self.lean = lean;
        let mut out = Gray::filled(page.width, page.height, 255);
        for y in 0..page.height {
            let (row, down) = (flat.row(y), y as f32 + 0.5 - self.middle.1);
            for (x, value) in out.pixels[y * page.width..][..page.width].iter_mut().enumerate() {
                let from = x as f32 + self.lean_at(x as f32 + 0.5) * down;
                if from < 0.0 || from >= (page.width - 1) as f32 {
                    continue;
                }
                let left = from as usize;
                let near = [left.saturating_sub(1), left, left + 1, (left + 2).min(row.len() - 1)];
                *value = between(near.map(|x| row[x]), from.fract());
            }
        }
        Some(out)
    }

    fn level_rows(&self, page: &Gray) -> Gray {
        let mut out = Gray::filled(page.width, page.height, 255);
        let column = |x: usize| {
            let u = (x as f32 + 0.5 - self.middle.0) / self.half.0;
            let u = u.clamp(self.across.0, self.across.1);
            self.shift.map(|row| polynomial(&row, u))
        };
        let columns: Vec<[f32; DOWN]> = (0..page.width).map(column).collect();
        for y in 0..page.height {
            let v = (y as f32 + 0.5 - self.middle.1) / self.half.1;
            let v = v.clamp(self.down.0, self.down.1);
            let row = &mut out.pixels[y * page.width..(y + 1) * page.width];
            for (x, (value, shift)) in row.iter_mut().zip(&columns).enumerate() {
                let from = y as f32 + shift.iter().rev().fold(0.0, |sum, s| sum * v + s);
                if from < 0.0 || from >= (page.height - 1) as f32 {
                    continue;
                }
                let top = from as usize;
                let near = [top.saturating_sub(1), top, top + 1, (top + 2).min(page.height - 1)];
                *value = between(near.map(|y| page.pixels[y * page.width + x]), from.fract());
            }
        }
        out
    }
}

/// How strokes down lean, in the middle of the page and more for each `u`; nothing where there are too
/// few to tell: fewer than three or less than `enough` pixels of them.
fn lean_of(strokes: &[Lean], (middle, half): (f32, f32), enough: f32) -> (f32, f32) {
    let mut kept: Vec<&Lean> = strokes.iter().collect();
    let mut lean = (0.0, 0.0);
    for _ in 0..3 {
        let total: f32 = kept.iter().map(|s| s.length).sum();
        if kept.len() < 3 || total < enough {
            return (0.0, 0.0);
        }
        let u = |s: &Lean| (s.x - middle) / half;
        // By the square of their length: a short one may be the edge of the paper or of a picture.
        let square: f32 = kept.iter().map(|s| s.length * s.length).sum();
        let weigh = |of: &dyn Fn(&Lean) -> f32| {
            kept.iter().map(|s| s.length * s.length * of(s)).sum::<f32>() / square
        };
        let (at, mean) = (weigh(&u), weigh(&|s| s.lean));
        let spread = weigh(&|s| (u(s) - at).powi(2));
        let both = weigh(&|s| (u(s) - at) * (s.lean - mean));
        // A few strokes close together say nothing about the rest of the page.
        let more = both / (spread + 0.02);
        lean = (mean - more * at, more);
        let off = |s: &Lean| (s.lean - lean.0 - lean.1 * u(s)).abs();
        let mut all: Vec<f32> = kept.iter().map(|s| off(s)).collect();
        all.sort_by(f32::total_cmp);
        let most = (3.0 * all[all.len() / 2]).max(0.006);
        kept.retain(|s| off(s) <= most);
    }
    lean
}

/// `row[0] u + row[1] u^2 + ...`
fn polynomial(row: &[f32; ACROSS], u: f32) -> f32 {
    row.iter().rev().fold(0.0, |sum, c| (sum + c) * u)
}

type Terms = [f64; ACROSS * DOWN];

/// A band's points: `u` and height in pixels, and the `v` of all of them.
#[derive(Clone)]
struct Traced {
    points: Vec<(f32, f32, f32)>,
    core: f32,
    /// What each point counts for: a line's points together count as it is long.
    weight: f64,
}

impl Traced {
    fn of(band: &Band, half: (f32, f32)) -> Self {
        let step = band.points.len().div_ceil(POINTS);
        // Means of neighbours, since single columns of the maps jump.
        let points: Vec<(f32, f32)> = band
            .points
            .chunks(step)
            .map(|c| {
                let n = c.len() as f32;
                (c.iter().map(|p| p.0).sum::<f32>() / n, c.iter().map(|p| p.1).sum::<f32>() / n)
            })
            .collect();
        let mean = points.iter().map(|p| p.1).sum::<f32>() / points.len() as f32;
        let v = (mean - half.1) / half.1;
        let weight = f64::from(band.length() / half.0) / points.len() as f64;
        let points = points.iter().map(|p| ((p.0 - half.0) / half.0, p.1, v)).collect();
        Self { points, core: band.core, weight }
    }

    /// The terms and height of each point, less their means: where a line lies is its own affair.
    fn centred(&self) -> Vec<(Terms, f64)> {
        let terms = |&(u, y, v): &(f32, f32, f32)| {
            let mut out: Terms = [0.0; ACROSS * DOWN];
            for (k, t) in out.iter_mut().enumerate() {
                *t = f64::from(u.powi((k % ACROSS + 1) as i32) * v.powi((k / ACROSS) as i32));
            }
            (out, f64::from(y))
        };
        let mut all: Vec<(Terms, f64)> = self.points.iter().map(terms).collect();
        let n = all.len() as f64;
        let mut mean: (Terms, f64) = ([0.0; ACROSS * DOWN], 0.0);
        for (terms, y) in &all {
            mean.0.iter_mut().zip(terms).for_each(|(m, t)| *m += t / n);
            mean.1 += y / n;
        }
        for (terms, y) in &mut all {
            terms.iter_mut().zip(&mean.0).for_each(|(t, m)| *t -= m);
            *y -= mean.1;
        }
        all
    }
}

fn range(bands: &[Traced], of: impl Fn(&(f32, f32, f32)) -> f32) -> (f32, f32) {
    let all = bands.iter().flat_map(|b| b.points.iter().map(&of));
    let (low, high) = all.fold((f32::MAX, f32::MIN), |(a, b), v| (a.min(v), b.max(v)));
    if low > high { (0.0, 0.0) } else { (low, high) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Curve;

    /// A page of 1,000 x 1,400 with cells of 120 px in five columns, on rows that `bend` shifts.
    fn cells(bend: impl Fn(f32, f32) -> f32) -> Vec<Band> {
        let mut out = Vec::new();
        for row in 0..20 {
            for column in 0..5 {
                let (from, y) = (100.0 + 170.0 * column as f32, 200.0 + 50.0 * row as f32);
                let points: Vec<_> = (0..15)
                    .map(|i| from + 8.0 * i as f32 + 4.0)
                    .map(|x| (x, y + bend(x, y), 1.0))
                    .collect();
                let curve = Curve::fit_within(&points, from, from + 120.0, 4, 0.6);
                out.push(Band { curve, core: 10.0, score: 0.9, points });
            }
        }
        out
    }

    #[test]
    fn cells_of_a_curled_page_come_to_lie_on_rows() {
        let wave = |x: f32, y: f32| 18.0 * (x / 1000.0 * 5.0).sin() * (0.7 + 0.3 * y / 1400.0);
        let bend = Bend::of(&cells(wave), 1000, 1400).unwrap();
        for y in [250.0, 700.0, 1100.0] {
            let at = |x: f32| bend.flat((x, y + wave(x, y))).1;
            let rows: Vec<f32> = (0..9).map(|i| at(120.0 + 90.0 * i as f32)).collect();
            let (low, high) =
                rows.iter().fold((f32::MAX, f32::MIN), |(a, b), &v| (a.min(v), b.max(v)));
            // A slope may be left: what turns the whole page is not taken out here.
            let lean = (rows[8] - rows[0]).abs();
            assert!(high - low < 2.5 + lean, "{rows:?}");
        }
        let (x, y) = bend.flat(bend.bent((300.0, 600.0)));
        assert!((x - 300.0).abs() < 0.05 && (y - 600.0).abs() < 0.05);
    }

    #[test]
    fn flat_and_leaning_pages_are_left_alone() {
        assert!(Bend::of(&cells(|_, _| 0.0), 1000, 1400).is_none());
        assert!(Bend::of(&cells(|x, _| 0.02 * x), 1000, 1400).is_none());
        assert!(Bend::of(&cells(|x, _| 0.02 * x)[..6], 1000, 1400).is_none());
    }

    #[test]
    fn a_bowed_rule_is_straight_on_the_flat_page() {
        let bow = |x: f32, _: f32| 30.0 * ((x - 500.0) / 500.0).powi(2);
        let mut bend = Bend::of(&cells(bow), 1000, 1400).unwrap();
        let mut page = Gray::filled(1000, 1400, 255);
        for x in 100..900 {
            let y = 600 + bow(x as f32, 0.0) as usize;
            for y in y..y + 4 {
                page.pixels[y * 1000 + x] = 0;
            }
        }
        let flat = bend.flatten(&page, &cells(bow), 10.0, false).unwrap();
        let height = |x: usize| (0..1400).position(|y| flat.pixels[y * 1000 + x] < 100).unwrap();
        let heights: Vec<usize> = (120..880).step_by(20).map(height).collect();
        let (low, high) = (heights.iter().min().unwrap(), heights.iter().max().unwrap());
        assert!(high - low <= 3, "{heights:?}");
    }

    #[test]
    fn rules_down_come_square_to_lines_that_lean() {
        let mut page = Gray::filled(1000, 1400, 255);
        for y in 300..1200 {
            for x in [150.0, 400.0, 700.0, 880.0] {
                let x = (x + 0.01 * (y as f32 - 700.0)) as usize;
                page.pixels[y * 1000 + x..y * 1000 + x + 3].fill(0);
            }
        }
        let lines = cells(|x, _| 0.015 * x);
        let mut bend = Bend::none(1000, 1400);
        assert!(bend.flatten(&page, &lines, 10.0, false).is_none());
        let flat = bend.flatten(&page, &lines, 10.0, true).unwrap();
        let place = |y: usize| (350..450).position(|x| flat.pixels[y * 1000 + x] < 128).unwrap();
        let aside = place(1100) as f32 - place(400) as f32;
        // The ends of the lines, which stand upright, have a say too.
        assert!((aside + 0.015 * 700.0).abs() < 4.0, "{aside}");
    }

    #[test]
    fn rules_that_lean_more_at_one_side_come_upright() {
        let bow = |x: f32, _: f32| 30.0 * ((x - 500.0) / 500.0).powi(2);
        let mut bend = Bend::of(&cells(bow), 1000, 1400).unwrap();
        let mut page = Gray::filled(1000, 1400, 255);
        let leans = [(150.0, -0.08), (400.0, -0.03), (700.0, 0.03), (880.0, 0.066)];
        for y in 300..1200 {
            for (x, lean) in leans {
                let x = (x + lean * (y as f32 - 700.0)) as usize;
                page.pixels[y * 1000 + x..y * 1000 + x + 3].fill(0);
            }
        }
        let flat = bend.flatten(&page, &[], 10.0, true).unwrap();
        let place = |y: usize, near: f32| {
            let from = near as usize - 20;
            from + (0..40).position(|x| flat.pixels[y * 1000 + from + x] < 128).unwrap()
        };
        for (x, _) in leans {
            let (high, low) = (place(420, x), place(1050, x));
            assert!(high.abs_diff(low) <= 6, "{high} {low}");
        }
        let (x, y) = bend.flat(bend.bent((200.0, 1100.0)));
        assert!((x - 200.0).abs() < 0.1 && (y - 1100.0).abs() < 0.1);
    }
}
