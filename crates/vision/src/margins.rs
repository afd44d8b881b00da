//! Margins: how the ends of lines that stand below each other lean.
//!
//! On a page seen aslant columns of text lean, and where no rule says by how much, the edges of the
//! columns do: ends of several lines in a row that lie on one straight line.

use crate::rules::Lean;

/// Fewest line ends that make a margin.
const FEWEST: usize = 6;
/// Least height of a margin, in core heights.
const HIGH: f32 = 14.0;
/// Farthest from one end to the next in a margin, in core heights...
pub(crate) const NEXT: f32 = 5.0;
/// ...and where it may jump over a line that is indented. Ends line up like that by chance as well.
pub(crate) const OVER_ONE: f32 = 7.5;
/// How far an end may lie from the margin, in core heights.
const OFF: f32 = 0.35;
/// Greatest lean that is looked for, pixels aside for each down.
const MOST: f32 = 0.3;

/// The margins that these ends of lines `(x, y)` make, each end in one at most, the longest first.
/// `core` is the core height of the text, `next` how far one end may be from the next in core heights.
#[must_use]
pub(crate) fn margins(ends: &[(f32, f32)], core: f32, next: f32) -> Vec<Lean> {
    let mut free: Vec<(f32, f32)> = ends.to_vec();
    free.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut out = Vec::new();
    while let Some(members) = longest(&free, core, next) {
        out.push(line(&members.iter().map(|&i| free[i]).collect::<Vec<_>>()));
        for i in members.into_iter().rev() {
            free.remove(i);
        }
    }
    out
}

/// The ends of the highest margin, top to bottom.
fn longest(ends: &[(f32, f32)], core: f32, next: f32) -> Option<Vec<usize>> {
    let mut best: Option<Vec<usize>> = None;
    let height = |m: &[usize]| ends[m[m.len() - 1]].1 - ends[m[0]].1;
    for (i, a) in ends.iter().enumerate() {
        for b in &ends[i + 1..] {
            let down = b.1 - a.1;
            if down > 3.0 * HIGH * core {
                break;
            }
            let lean = (b.0 - a.0) / down;
            if down < HIGH * core || lean.abs() > MOST {
                continue;
            }
            let members = along(ends, i, lean, core, next);
            let known = best.as_ref().map_or(HIGH * core, |m| height(m));
            if members.len() >= FEWEST && height(&members) > known {
                best = Some(members);
            }
        }
    }
    best
}

/// The ends from `first` down that lie on the line through it, as far as they follow closely.
fn along(ends: &[(f32, f32)], first: usize, lean: f32, core: f32, next: f32) -> Vec<usize> {
    let start = ends[first];
    let mut out = vec![first];
    let mut last = start.1;
    for (i, end) in ends.iter().enumerate().skip(first + 1) {
        if end.1 - last > next * core {
            break;
        }
        // Two pieces of one line do not both end here.
        if (end.0 - start.0 - lean * (end.1 - start.1)).abs() < OFF * core
            && end.1 - last > 0.8 * core
        {
            out.push(i);
            last = end.1;
        }
    }
    out
}

/// The straight line through points, by least squares.
fn line(points: &[(f32, f32)]) -> Lean {
    let n = points.len() as f32;
    let x = points.iter().map(|p| p.0).sum::<f32>() / n;
    let y = points.iter().map(|p| p.1).sum::<f32>() / n;
    let both: f32 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let down: f32 = points.iter().map(|p| (p.1 - y).powi(2)).sum();
    Lean { x, lean: both / down.max(1.0), length: points[points.len() - 1].1 - points[0].1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_indented_paragraphs_lean_alike() {
        // Twenty lines, every fifth indented, two pieces to a line; 0.1 to the right for each down.
        let mut ends = Vec::new();
        for i in 0..20 {
            let y = 100.0 + 25.0 * i as f32;
            let indent = if i % 5 == 0 { 30.0 } else { 0.0 };
            ends.push((50.0 + indent + 0.1 * y + (i % 3) as f32, y));
            ends.push((300.0 + (i * 37 % 90) as f32, y));
        }
        let found = margins(&ends, 10.0, NEXT);
        let long: Vec<_> = found.iter().filter(|m| m.length > 300.0).collect();
        assert_eq!(long.len(), 1);
        assert!((long[0].lean - 0.1).abs() < 0.01, "{}", long[0].lean);
    }

    #[test]
    fn a_margin_may_jump_over_indented_lines() {
        // Every third line is indented, and lines are set far apart.
        let end = |i: usize| {
            (50.0 + if i.is_multiple_of(3) { 30.0 } else { 0.0 }, 100.0 + 33.0 * i as f32)
        };
        let ends: Vec<_> = (0..18).map(end).collect();
        let longest = |next| margins(&ends, 10.0, next).first().map_or(0.0, |m| m.length);
        assert!(longest(NEXT) < 100.0);
        assert!(longest(OVER_ONE) > 400.0);
    }

    #[test]
    fn ragged_ends_make_no_margin() {
        let ends: Vec<_> =
            (0..30).map(|i| ((i * 7919 % 700) as f32, 100.0 + 25.0 * i as f32)).collect();
        assert!(margins(&ends, 10.0, NEXT).iter().all(|m| m.length < 200.0));
    }
}
