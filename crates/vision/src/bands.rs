//! Bands: from the finder's maps to pieces of lines, each with the curve its middle follows.

use crate::curve::Curve;
use crate::find::Found;
use crate::touching::{Cores, connected, parted};

/// A cell counts as core above this.
const CORE: f32 = 0.5;
/// A band must hold a cell this sure.
const SURE: f32 = 0.6;

/// Core heights by which a band's ends are drawn in.
const DRAWN_IN: f32 = 0.2;

/// A stretch of text on one line, as found: between wide gaps, rules or the page's edges.
#[derive(Clone, Debug)]
pub struct Band {
    /// The middle of the core, left end to right end of the band, page pixels.
    pub curve: Curve,
    /// Core height (headline to baseline of a consonant) in page pixels.
    pub core: f32,
    /// Mean probability of its cells.
    pub score: f32,
    /// Points `(x, y, weight)` the curve was fitted to.
    pub(crate) points: Vec<(f32, f32, f32)>,
}

impl Band {
    /// Length in page pixels.
    #[must_use]
    pub fn length(&self) -> f32 {
        self.curve.to - self.curve.from
    }
}

/// The bands of the maps, in no order. Long ones have their own curve; short ones take the slope
/// of the page, since a few cells say little about it.
#[must_use]
pub fn bands(found: &Found) -> Vec<Band> {
    let (width, cell) = (found.maps.width, found.cell);
    let core = &found.maps.core;
    let sure = |cells: &Vec<u32>| cells.iter().any(|c| core[*c as usize] >= SURE);
    let cores = Cores { values: core, width };
    let cells = (0..core.len() as u32).filter(|c| core[*c as usize] >= CORE).collect();
    let mut out: Vec<Band> = parted(connected(cells, cores), cores)
        .into_iter()
        .filter(sure)
        .filter_map(|cells| band(&cells, core, width, cell))
        .collect();
    drop_ghosts(&mut out);
    let slope = page_slope(&out);
    for band in &mut out {
        if band.length() < 8.0 * band.core {
            *band = with_slope(band, slope);
        }
    }
    out
}

/// Drops pieces that lie within another, longer band's reach: between lines set tight, a row of
/// subscripts can look like a line of its own. The middles of true neighbours are at least 1.6
/// cores apart.
fn drop_ghosts(bands: &mut Vec<Band>) {
    let ghost = |b: &Band| {
        let middle = (b.curve.from + b.curve.to) / 2.0;
        bands.iter().any(|a| {
            let within = a.curve.from < b.curve.from + 0.3 * b.length()
                && a.curve.to > b.curve.to - 0.3 * b.length();
            within
                && a.length() > 1.8 * b.length()
                && (a.curve.at(middle) - b.curve.at(middle)).abs() < 1.3 * a.core
        })
    };
    let keep: Vec<bool> = bands.iter().map(|b| !ghost(b)).collect();
    let mut keep = keep.iter();
    bands.retain(|_| *keep.next().unwrap_or(&true));
}

/// Median slope of the long bands, weighted by length; 0 when there are none.
#[must_use]
pub fn page_slope(bands: &[Band]) -> f32 {
    let mut slopes: Vec<(f32, f32)> = bands
        .iter()
        .filter(|b| b.length() > 10.0 * b.core)
        .map(|b| (b.curve.slope(), b.length()))
        .collect();
    slopes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = slopes.iter().map(|s| s.1).sum::<f32>() / 2.0;
    let mut sum = 0.0;
    for (slope, length) in slopes {
        sum += length;
        if sum >= half {
            return slope;
        }
    }
    0.0
}

fn with_slope(band: &Band, slope: f32) -> Band {
    let (from, to) = (band.curve.from, band.curve.to);
    let mid = (from + to) / 2.0;
    let (mut sum, mut n) = (0.0, 1e-6);
    for &(x, y, weight) in &band.points {
        sum += weight * (y - slope * (x - mid));
        n += weight;
    }
    Band { curve: Curve::straight(from, to, sum / n, slope), ..band.clone() }
}

/// One band fitted to the points of several (pieces of the same line), which must not be empty.
#[must_use]
pub fn merged(pieces: &[&Band]) -> Band {
    let mut points: Vec<_> = pieces.iter().flat_map(|b| b.points.iter().copied()).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let from = pieces.iter().map(|b| b.curve.from).fold(f32::MAX, f32::min);
    let to = pieces.iter().map(|b| b.curve.to).fold(f32::MIN, f32::max);
    let total: f32 = pieces.iter().map(|b| b.length()).sum::<f32>().max(1.0);
    let core = pieces.iter().map(|b| b.core * b.length()).sum::<f32>() / total;
    let score = pieces.iter().map(|b| b.score * b.length()).sum::<f32>() / total;
    let curve = Curve::fit_within(&points, from, to, 4, 0.06 * core);
    Band { curve, core, score, points }
}

/// The band cut at some `x`, in ascending order; slivers under a third of a core are dropped.
#[must_use]
pub fn split(band: &Band, cuts: &[f32]) -> Vec<Band> {
    if cuts.is_empty() {
        return vec![band.clone()];
    }
    let mut edges = vec![band.curve.from];
    edges.extend(cuts);
    edges.push(band.curve.to);
    let pieces = edges.windows(2).filter(|e| e[1] - e[0] > 0.33 * band.core);
    pieces
        .map(|e| {
            let (from, to) = (e[0], e[1]);
            let inside = |p: &&(f32, f32, f32)| p.0 >= from && p.0 <= to;
            let points = band.points.iter().filter(inside).copied().collect();
            let middle = (from + to) / 2.0;
            let slope = (band.curve.at(to) - band.curve.at(from)) / (to - from);
            let curve = Curve::straight(from, to, band.curve.at(middle), slope);
            Band { curve, points, ..*band }
        })
        .collect()
}

/// A band from its cells: in each column the middle is the centre of the probability, the cells
/// just outside included, which places it more finely than the grid.
fn band(cells: &[u32], core: &[f32], width: usize, cell: f32) -> Option<Band> {
    let columns = |c: &u32| *c as usize % width;
    let first = cells.iter().map(columns).min()?;
    let last = cells.iter().map(columns).max()?;
    let mut tops = vec![usize::MAX; last - first + 1];
    let mut bottoms = vec![0; last - first + 1];
    let mut score = 0.0;
    for c in cells {
        let (x, y) = (*c as usize % width - first, *c as usize / width);
        tops[x] = tops[x].min(y);
        bottoms[x] = bottoms[x].max(y);
        score += core[*c as usize];
    }
    let height = core.len() / width;
    let mut points = Vec::with_capacity(tops.len());
    let mut thick = Vec::with_capacity(tops.len());
    for (i, (&top, &bottom)) in tops.iter().zip(&bottoms).enumerate() {
        let (mut sum, mut moment) = (0.0, 0.0);
        for y in top.saturating_sub(1)..=(bottom + 1).min(height - 1) {
            let p = core[y * width + first + i];
            sum += p;
            moment += p * (y as f32 + 0.5);
        }
        let x = (first + i) as f32 + 0.5;
        points.push((x * cell, moment / sum * cell, sum.min(3.0)));
        thick.push(sum * cell);
    }
    thick.sort_by(f32::total_cmp);
    let core_height = thick[thick.len() * 6 / 10];
    if core_height < 2.0 {
        return None;
    }
    // The maps draw bands a little short, so that neighbouring cells stay parted.
    let from = (first as f32 * cell - DRAWN_IN * core_height).max(0.0);
    let to = (last + 1) as f32 * cell + DRAWN_IN * core_height;
    let curve = Curve::fit_within(&points, from, to, 4, 0.06 * core_height);
    let score = score / cells.len() as f32;
    Some(Band { curve, core: core_height, score, points })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::Maps;

    fn found(width: usize, height: usize, inside: impl Fn(usize, usize) -> bool) -> Found {
        let mut core = vec![0.0; width * height];
        for y in 0..height {
            for x in 0..width {
                core[y * width + x] = if inside(x, y) { 1.0 } else { 0.0 };
            }
        }
        Found { maps: Maps { width, height, core, ..Maps::default() }, cell: 8.0 }
    }

    #[test]
    fn each_band_has_its_middle_and_height() {
        let two = found(60, 20, |x, y| {
            (5..50).contains(&x) && ((4..6).contains(&y) || (12..14).contains(&y))
        });
        let mut bands = bands(&two);
        bands.sort_by(|a, b| a.curve.at(100.0).total_cmp(&b.curve.at(100.0)));
        assert_eq!(bands.len(), 2);
        assert!((bands[0].curve.at(200.0) - 40.0).abs() < 0.5);
        assert!((bands[0].core - 16.0).abs() < 0.5);
        assert!(
            (bands[0].curve.from - 36.8).abs() < 0.1 && (bands[0].curve.to - 403.2).abs() < 0.1
        );
    }

    #[test]
    fn a_row_of_subscripts_is_no_line() {
        let tight = found(100, 20, |x, y| {
            (5..90).contains(&x) && (4..7).contains(&y)
                || (40..52).contains(&x) && (8..10).contains(&y)
                || (5..90).contains(&x) && (11..14).contains(&y)
        });
        // The row's middle is one core from both lines' middles.
        assert_eq!(bands(&tight).len(), 2);
    }

    #[test]
    fn a_leaning_page_has_a_slope() {
        let leaning = found(100, 40, |x, y| {
            let middle = 10.0 + x as f32 * 0.1;
            (y as f32 - middle).abs() < 1.5
        });
        assert!((page_slope(&bands(&leaning)) - 0.1).abs() < 0.02);
    }
}
