//! Rivers: white that runs down between two columns, where bands must be parted.
//!
//! In justified text a word gap can be as wide as a gutter, and the finder's band then goes on into
//! the next column. A gutter shows in what stands above and below: paper for several lines, with
//! text along both its banks.

use crate::Gray;
use crate::bands::Band;
use crate::rules::Rule;

/// Narrowest blank in a line that may be a gutter, in core heights.
const BLANK: f32 = 0.8;
/// Least length of a line's part on either side, in core heights: numbers after leaders stay, and so
/// do numbers of articles that stand in a column of their own before them.
const COLUMN: f32 = 18.0;
/// Narrowest that a river gets, in core heights.
const NARROW: f32 = 0.55;
/// Least length of a river, in core heights: four lines set normally.
const LONG: f32 = 11.0;
/// Least share of a river's rows with ink close to its banks: the right one, where a column's lines
/// begin, and the left, where they end.
const BANKS: (f32, f32) = (0.2, 0.2);
/// Share of a river's rows with ink close to both banks...
const BOTH: f32 = 0.3;
/// ...or stretches of such rows: lines side by side, not a heading here and a short line there.
const LINES: usize = 3;

/// The rivers, as rules that run down where no ink is: `join` and what comes after must keep to
/// their sides.
#[must_use]
pub fn find(page: &Gray, bands: &[Band]) -> Vec<Rule> {
    let mut out: Vec<Rule> = Vec::new();
    for band in bands {
        let ink = ink(page, band);
        for (x0, x1) in blanks(page, band, ink) {
            let sides = (x0 as f32 - band.curve.from).min(band.curve.to - x1 as f32);
            if sides <= COLUMN * band.core {
                continue;
            }
            let known = out.iter().any(|r| {
                let y = band.curve.at(r.at);
                r.from < y && r.to > y && (x0 as f32..x1 as f32).contains(&r.at)
            });
            if !known {
                out.extend(river(page, band, ink, x0, x1));
            }
        }
    }
    out
}

/// Darker than this is ink: half way from the band's ink to its paper, as print may be pale and
/// paper in the shade.
fn ink(page: &Gray, band: &Band) -> u8 {
    let mut counts = [0usize; 256];
    let mut total = 0;
    let (from, to) = (band.curve.from.max(0.0) as usize, band.curve.to.max(0.0) as usize);
    for x in from..to.min(page.width) {
        let y = band.curve.at(x as f32);
        let (top, bottom) = (y - 0.5 * band.core, y + 0.5 * band.core);
        for y in (top.max(0.0) as usize..(bottom.max(0.0) as usize).min(page.height)).step_by(2) {
            counts[usize::from(page.pixels[y * page.width + x])] += 1;
            total += 1;
        }
    }
    let at = |share: f32| {
        let mut left = (total as f32 * share) as usize;
        let place = counts.iter().position(|&n| {
            let found = n > left;
            left = left.saturating_sub(n);
            found
        });
        place.unwrap_or(255)
    };
    usize::midpoint(at(0.05), at(0.75)) as u8
}

/// Stretches `x0..x1` without ink in the band's core, its ends left out.
fn blanks(page: &Gray, band: &Band, ink: u8) -> Vec<(usize, usize)> {
    let core = band.core;
    let from = (band.curve.from + core).max(0.0) as usize;
    let to = ((band.curve.to - core).max(0.0) as usize).min(page.width);
    let mut out = Vec::new();
    let mut start = None;
    for x in from..to {
        let y = band.curve.at(x as f32);
        let rows = (y - 0.6 * core).max(0.0) as usize
            ..((y + 0.6 * core).max(0.0) as usize).min(page.height);
        let inked = rows.into_iter().any(|y| page.pixels[y * page.width + x] < ink);
        match (inked, start) {
            (false, None) => start = Some(x),
            (true, Some(x0)) => {
                if (x - x0) as f32 >= BLANK * core && x0 > from {
                    out.push((x0, x));
                }
                start = None;
            }
            _ => {}
        }
    }
    out
}

/// The river that the blank is part of, if it goes on above and below far enough, with text on both
/// banks.
fn river(page: &Gray, band: &Band, ink: u8, x0: usize, x1: usize) -> Option<Rule> {
    let core = band.core;
    let middle =
        band.curve.at((x0 + x1) as f32 / 2.0).clamp(0.0, page.height as f32 - 1.0) as usize;
    let (mut rows, mut banks) = (0, (0, 0));
    // Rows with text on both banks.
    let mut both: Vec<usize> = Vec::new();
    let (mut top, mut bottom, mut from_x, mut to_x) = (middle, middle, x0, x1);
    let most = (3.0 * LONG * core) as usize;
    let up = (0..middle).rev().take(most).collect::<Vec<_>>();
    let down = (middle..page.height).take(most).collect::<Vec<_>>();
    for side in [up, down] {
        let (mut a, mut b) = (x0, x1);
        // Rows are counted up to the last with text on a bank: paper below a column is no river.
        let (mut blank, mut seen) = (0, (0, 0));
        for y in side {
            let row = page.row(y);
            // A lone dark pixel is dust.
            let (from, to) = (a, b);
            for x in from..to {
                if row[x] < ink && row[(x + 1).min(page.width - 1)] < ink {
                    if x - from < to - x { a = x + 2 } else { b = b.min(x) }
                }
            }
            if b <= a || ((b - a) as f32) < NARROW * core {
                break;
            }
            blank += 1;
            let near = |from: usize, to: usize| {
                row[from.min(page.width)..to.min(page.width)].iter().any(|&v| v < ink)
            };
            let left = near(a.saturating_sub((6.0 * core) as usize), a);
            let right = near(b, b + (3.0 * core) as usize);
            seen.0 += usize::from(left);
            seen.1 += usize::from(right);
            if left && right {
                both.push(y);
            }
            if left || right {
                (top, bottom) = (top.min(y), bottom.max(y));
                (from_x, to_x) = (from_x.max(a), to_x.min(b));
                rows += blank;
                blank = 0;
                banks.0 += seen.0;
                banks.1 += seen.1;
                seen = (0, 0);
            } else if blank as f32 > 4.0 * core {
                break;
            }
        }
    }
    let share = |n: usize| n as f32 / rows.max(1) as f32;
    both.sort_unstable();
    let stretches = both
        .chunk_by(|a, b| ((b - a) as f32) < 0.5 * core)
        .filter(|c| c.len() as f32 > 0.5 * core)
        .count();
    let is_one = rows as f32 >= LONG * core
        && share(banks.0) >= BANKS.0
        && share(banks.1) >= BANKS.1
        && (share(both.len()) >= BOTH || stretches >= LINES);
    is_one.then_some(Rule {
        // Past the marks of the first line and the subscripts of the last.
        from: top as f32 - 0.5 * core,
        to: bottom as f32 + 0.5 * core,
        at: (from_x + to_x) as f32 / 2.0,
        thick: 1.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Curve;
    use crate::join::join;
    use crate::rules::Rules;

    /// Lines of letters of 20 px every 50 px; the blanks of each given.
    fn page(lines: &[&[(usize, usize)]]) -> (Gray, Vec<Band>) {
        let mut page = Gray::filled(1000, 100 + 50 * lines.len(), 255);
        let mut bands = Vec::new();
        for (i, blanks) in lines.iter().enumerate() {
            for x in (100..900).filter(|x| x % 10 < 5) {
                if blanks.iter().any(|b| x >= b.0 && x < b.1) {
                    continue;
                }
                for y in 50 + i * 50..70 + i * 50 {
                    page.pixels[y * 1000 + x] = 0;
                }
            }
            let curve = Curve::straight(100.0, 900.0, 60.0 + 50.0 * i as f32, 0.0);
            bands.push(Band { curve, core: 20.0, score: 1.0, points: Vec::new() });
        }
        (page, bands)
    }

    /// How many lines there are when nothing is read over a river.
    fn parted(page: &Gray, bands: Vec<Band>) -> usize {
        let rules = Rules { across: Vec::new(), down: find(page, &bands) };
        join(bands, &rules).len()
    }

    #[test]
    fn columns_run_together_are_parted_at_their_gutter() {
        let lines: [&[(usize, usize)]; 8] = [&[(480, 510)]; 8];
        let (page, bands) = page(&lines);
        assert_eq!(parted(&page, bands.clone()), 16);
        let mut pale = page;
        pale.pixels.iter_mut().for_each(|v| *v = 175 + *v / 4);
        assert_eq!(parted(&pale, bands), 16);
    }

    #[test]
    fn gaps_of_justified_lines_stay() {
        let lines: [&[(usize, usize)]; 8] = [
            &[(300, 340)],
            &[(600, 640)],
            &[(310, 340), (600, 630)],
            &[(200, 250)],
            &[(480, 520)],
            &[(300, 330), (700, 750)],
            &[(480, 510)],
            &[(390, 430)],
        ];
        let (page, bands) = page(&lines);
        assert_eq!(parted(&page, bands), 8);
    }
}
