//! Join: pieces of one line across its gaps, and lines run together across a rule parted.
//!
//! A justified Khmer line may hold gaps wider than those between two table cells, so width alone
//! cannot tell. A gap that the lines above and below cross is a gap in a line; one that they share
//! is a gutter.

use crate::bands::{Band, merged, split};
use crate::rules::Rules;

/// A gap up to this many core heights is always inside a line (without a rule in it).
const CLOSE: f32 = 0.35;
/// A gap up to this is inside a line but between long pieces, where the lines above and below both
/// share it.
const SURE: f32 = 0.8;
/// A gap up to this is inside a line unless the lines above and below both share it.
const LIKELY: f32 = 1.6;
/// A gap up to this is inside a line if lines above or below cross it and none shares it.
const WIDE: f32 = 7.0;
/// A gap up to this is inside a justified line: lines above and below cross it, and one that does has its
/// ends.
const JUSTIFIED: f32 = 20.0;
/// One up to this may be next to a paragraph's end or begin.
const FAR: f32 = 14.0;
/// Ends this near each other, in core heights, are the same column's.
const FLUSH: f32 = 1.0;
/// A list's bullet or number stands this far from its text at most.
const BULLET: f32 = 4.5;

/// A piece no longer than this is a dash, a dot or one sign.
const SCRAP: f32 = 1.5;
/// Such a piece stands this far after its line at most.
const TRAIL: f32 = 3.0;

/// The bands after parting and joining.
#[must_use]
pub fn join(bands: Vec<Band>, rules: &Rules) -> Vec<Band> {
    let bands: Vec<Band> = bands.iter().flat_map(|b| part(b, rules)).collect();
    let mut order: Vec<usize> = (0..bands.len()).collect();
    order.sort_by(|&a, &b| bands[a].curve.from.total_cmp(&bands[b].curve.from));
    let mut next: Vec<Option<usize>> = vec![None; bands.len()];
    let mut taken = vec![false; bands.len()];
    for &a in &order {
        let right = order
            .iter()
            .copied()
            .filter(|&b| b != a && !taken[b] && follows(&bands[a], &bands[b]))
            .min_by(|&b, &c| bands[b].curve.from.total_cmp(&bands[c].curve.from));
        if let Some(b) = right
            && one_line(&bands, a, b, rules)
        {
            next[a] = Some(b);
            taken[b] = true;
        }
    }
    let mut out = Vec::new();
    for &a in &order {
        if taken[a] {
            continue;
        }
        let mut chain = vec![&bands[a]];
        let mut at = a;
        while let Some(b) = next[at] {
            chain.push(&bands[b]);
            at = b;
        }
        out.push(if chain.len() == 1 { bands[a].clone() } else { merged(&chain) });
    }
    out
}

/// Parts a band where a rule runs down through the whole of its core.
fn part(band: &Band, rules: &Rules) -> Vec<Band> {
    let mut cuts: Vec<f32> = rules
        .down
        .iter()
        .filter(|r| {
            let y = band.curve.at(r.at);
            r.at > band.curve.from + 0.3 * band.core
                && r.at < band.curve.to - 0.3 * band.core
                && r.from < y - 0.7 * band.core
                && r.to > y + 0.7 * band.core
        })
        .map(|r| r.at)
        .collect();
    cuts.sort_by(f32::total_cmp);
    split(band, &cuts)
}

/// Whether `b` stands to the right of `a` at the same height and of like size.
fn follows(a: &Band, b: &Band) -> bool {
    let core = a.core.max(b.core);
    let gap = b.curve.from - a.curve.to;
    if gap < -0.6 * core || gap > JUSTIFIED * core {
        return false;
    }
    let x = (a.curve.to + b.curve.from) / 2.0;
    // A dash or bullet says little about its core.
    let scrap = a.length().min(b.length()) < SCRAP * core;
    let (away, alike) = if scrap { (0.55, 4.0) } else { (0.4, 1.9) };
    (reach(a, x) - reach(b, x)).abs() < away * core && core / a.core.min(b.core) < alike
}

/// The height at which a band would be at `x`, just beyond its end. A bowed band's ends say more
/// than its chord, but a short band's slope says nothing.
fn reach(band: &Band, x: f32) -> f32 {
    let inside = x.clamp(band.curve.from, band.curve.to);
    if band.length() < 6.0 * band.core {
        return band.curve.at(inside);
    }
    let step = (2.0 * band.core).min(band.length());
    let back = if x > inside { inside - step } else { inside + step };
    let slope = (band.curve.at(inside) - band.curve.at(back)) / (inside - back);
    band.curve.at(inside) + slope * (x - inside)
}

fn one_line(bands: &[Band], a: usize, b: usize, rules: &Rules) -> bool {
    let (left, right) = (&bands[a], &bands[b]);
    let core = left.core.max(right.core);
    let gap = right.curve.from - left.curve.to;
    let middle = (left.curve.to + right.curve.from) / 2.0;
    let y = f32::midpoint(left.curve.at(left.curve.to), right.curve.at(right.curve.from));
    let ruled = rules.down.iter().any(|r| {
        r.at > left.curve.to - 0.5 * core
            && r.at < right.curve.from + 0.5 * core
            && r.from < y
            && r.to > y
    });
    if ruled {
        return false;
    }
    let trails = right.length() < SCRAP * core && gap < TRAIL * core;
    if gap < CLOSE * core || trails || (left.length() < 2.5 * core && gap < BULLET * core) {
        return true;
    }
    // The nearest lines above and below that reach over the gap's ends.
    let mut crossed = 0;
    let mut shared = 0;
    let mut flush = false;
    for up in [true, false] {
        let near = bands
            .iter()
            .enumerate()
            .filter(|&(i, c)| {
                let away = if up { y - c.curve.at(middle) } else { c.curve.at(middle) - y };
                i != a && i != b && away > 0.8 * core && away < 4.0 * core
            })
            .collect::<Vec<_>>();
        let mut over = near.iter().filter(|(_, c)| {
            c.curve.from < middle - 0.4 * core && c.curve.to > middle + 0.4 * core
        });
        flush |= over.clone().any(|(_, c)| {
            let ends = (c.curve.from - left.curve.from, c.curve.to - right.curve.to);
            ends.0.abs().max(ends.1.abs()) < FLUSH * core
        });
        let over = over.next().is_some();
        let beside = near.iter().any(|(_, c)| c.curve.to <= middle)
            && near.iter().any(|(_, c)| c.curve.from >= middle);
        crossed += usize::from(over);
        shared += usize::from(!over && beside);
    }
    if gap < SURE * core {
        // Narrower than most gutters: one only between two columns of text.
        let long = left.length().min(right.length()) > 10.0 * core;
        return crossed > 0 || shared < 2 || !long;
    }
    if gap > WIDE * core {
        return flush && (crossed == 2 || gap < FAR * core && shared == 0);
    }
    if gap < LIKELY * core { crossed > 0 || shared < 2 } else { crossed > 0 && shared == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Curve;
    use crate::rules::Rule;

    fn band(from: f32, to: f32, y: f32) -> Band {
        let points = vec![(from, y, 1.0), ((from + to) / 2.0, y, 1.0), (to, y, 1.0)];
        Band { curve: Curve::straight(from, to, y, 0.0), core: 10.0, score: 1.0, points }
    }

    #[test]
    fn a_gap_the_neighbours_cross_is_inside_the_line() {
        let bands = vec![band(0.0, 500.0, 0.0), band(0.0, 200.0, 25.0), band(250.0, 500.0, 25.0)];
        assert_eq!(join(bands, &Rules::default()).len(), 2);
    }

    #[test]
    fn a_justified_line_of_two_words_is_whole() {
        let lines = |above: f32| {
            let words = [band(0.0, 150.0, 25.0), band(280.0, 400.0, 25.0)];
            vec![band(0.0, above, 0.0), words[0].clone(), words[1].clone(), band(0.0, 399.0, 50.0)]
        };
        assert_eq!(join(lines(400.0), &Rules::default()).len(), 3);
        assert_eq!(join(lines(120.0), &Rules::default()).len(), 3, "a paragraph's end is above");
        let mut far = lines(120.0);
        far[2] = band(320.0, 400.0, 25.0);
        assert_eq!(join(far, &Rules::default()).len(), 4);
    }

    #[test]
    fn a_gap_the_neighbours_share_is_a_gutter() {
        let bands = (0..3)
            .flat_map(|i| {
                let y = i as f32 * 25.0;
                [band(0.0, 200.0, y), band(225.0, 500.0, y)]
            })
            .collect();
        assert_eq!(join(bands, &Rules::default()).len(), 6);
    }

    #[test]
    fn a_rule_parts_what_was_run_together() {
        let down = vec![Rule { from: 0.0, to: 100.0, at: 240.0, thick: 2.0 }];
        let rules = Rules { across: Vec::new(), down };
        let joined = join(vec![band(0.0, 500.0, 50.0)], &rules);
        assert_eq!(joined.len(), 2);
        assert!(joined.iter().all(|b| b.curve.to <= 240.0 || b.curve.from >= 240.0));
    }

    #[test]
    fn a_dash_after_a_line_belongs_to_it() {
        let mut dash = band(525.0, 533.0, 3.0);
        dash.core = 4.0;
        let joined = join(vec![band(0.0, 500.0, 0.0), dash], &Rules::default());
        assert_eq!(joined.len(), 1);
        assert!(joined[0].core > 9.0);
    }

    #[test]
    fn a_bullet_belongs_to_its_line() {
        let bands = (0..3)
            .flat_map(|i| {
                let y = i as f32 * 25.0;
                [band(0.0, 8.0, y), band(40.0, 500.0, y)]
            })
            .collect();
        assert_eq!(join(bands, &Rules::default()).len(), 3);
    }
}
