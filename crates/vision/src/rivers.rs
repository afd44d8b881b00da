//! Rivers: bands that run on over a gutter, parted where white runs down between two columns.
//!
//! In justified text a word gap can be as wide as a gutter, and the finder's band then goes on into
//! the next column. A gutter shows in what stands above and below: paper for several lines, with
//! text along both its banks.

use crate::Gray;
use crate::bands::{Band, split};

/// Darker than this is ink.
const INK: u8 = 140;
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

/// The bands, those that cross a river parted there.
#[must_use]
pub fn part(page: &Gray, bands: Vec<Band>) -> Vec<Band> {
    bands
        .into_iter()
        .flat_map(|band| {
            let gaps: Vec<(f32, f32)> = blanks(page, &band)
                .into_iter()
                .filter(|&(x0, x1)| is_river(page, &band, x0, x1))
                .map(|(x0, x1)| (x0 as f32, x1 as f32))
                .filter(|g| {
                    let sides = (g.0 - band.curve.from).min(band.curve.to - g.1);
                    sides > COLUMN * band.core
                })
                .collect();
            let cuts: Vec<f32> = gaps.iter().flat_map(|g| [g.0, g.1]).collect();
            let mut pieces = split(&band, &cuts);
            pieces.retain(|p| {
                let middle = (p.curve.from + p.curve.to) / 2.0;
                !gaps.iter().any(|g| middle > g.0 && middle < g.1)
            });
            pieces
        })
        .collect()
}

/// Stretches `x0..x1` without ink in the band's core, its ends left out.
fn blanks(page: &Gray, band: &Band) -> Vec<(usize, usize)> {
    let core = band.core;
    let from = (band.curve.from + core).max(0.0) as usize;
    let to = ((band.curve.to - core).max(0.0) as usize).min(page.width);
    let mut out = Vec::new();
    let mut start = None;
    for x in from..to {
        let y = band.curve.at(x as f32);
        let rows = (y - 0.6 * core).max(0.0) as usize
            ..((y + 0.6 * core).max(0.0) as usize).min(page.height);
        let inked = rows.into_iter().any(|y| page.pixels[y * page.width + x] < INK);
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

/// Whether the blank goes on above and below far enough, with text on both banks.
fn is_river(page: &Gray, band: &Band, x0: usize, x1: usize) -> bool {
    let core = band.core;
    let middle =
        band.curve.at((x0 + x1) as f32 / 2.0).clamp(0.0, page.height as f32 - 1.0) as usize;
    let (mut rows, mut banks) = (0, (0, 0));
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
                if row[x] < INK && row[(x + 1).min(page.width - 1)] < INK {
                    if x - from < to - x { a = x + 2 } else { b = b.min(x) }
                }
            }
            if b <= a || ((b - a) as f32) < NARROW * core {
                break;
            }
            blank += 1;
            let near = |from: usize, to: usize| {
                row[from.min(page.width)..to.min(page.width)].iter().any(|&v| v < INK)
            };
            let left = near(a.saturating_sub((6.0 * core) as usize), a);
            let right = near(b, b + (3.0 * core) as usize);
            seen.0 += usize::from(left);
            seen.1 += usize::from(right);
            if left || right {
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
    rows as f32 >= LONG * core && share(banks.0) >= BANKS.0 && share(banks.1) >= BANKS.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Curve;

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

    #[test]
    fn columns_run_together_are_parted_at_their_gutter() {
        let lines: [&[(usize, usize)]; 8] = [&[(480, 510)]; 8];
        let (page, bands) = page(&lines);
        assert_eq!(part(&page, bands).len(), 16);
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
        assert_eq!(part(&page, bands).len(), 8);
    }
}
