//! Small raised or lowered signs, such as footnote marks, put back into the line they belong to.
//!
//! Many producers draw a line's text in one go and its raised marks afterwards. Such a mark goes
//! where the line leaves room for it: into a gap between two glyphs, or at the line's end.

use hayro::kurbo::Rect;

use super::group::Stretch;

/// Most glyphs such a sign has.
const LONGEST: usize = 6;

/// Its size at most, as a share of the line's.
const SMALL: f64 = 0.8;

/// Puts raised signs into their lines.
pub(crate) fn settle(lines: Vec<Vec<Stretch>>) -> Vec<Vec<Stretch>> {
    let (signs, mut hosts): (Vec<_>, Vec<_>) =
        lines.into_iter().partition(|line| may_be_sign(line));
    for sign in signs {
        let sign = match place(sign, &mut hosts) {
            Ok(()) => continue,
            Err(sign) => sign,
        };
        hosts.push(sign);
    }
    hosts
}

fn may_be_sign(line: &[Stretch]) -> bool {
    line.len() == 1 && line[0].glyphs.len() <= LONGEST
}

/// Puts a sign into the first line that has room for it, or gives it back.
fn place(mut sign: Vec<Stretch>, hosts: &mut [Vec<Stretch>]) -> Result<(), Vec<Stretch>> {
    let Some(mark) = sign.pop() else { return Ok(()) };
    let (size, span, ink) = (mark.size(), mark.span(), ink(&mark));
    for stretch in hosts.iter_mut().flatten() {
        let em = stretch.size();
        let inside = (stretch.level() - mark.level()).abs() <= 0.9 * em;
        if size > SMALL * em || !inside || stretch.along().dot(mark.along()) < 0.999 {
            continue;
        }
        if !beside(self::ink(stretch), ink, em) {
            continue;
        }
        let way = stretch.along();
        let slack = 0.15 * em;
        // After the glyph whose pen stops before the sign, when the next one starts behind it.
        let room = (0..stretch.glyphs.len()).rev().find(|&i| {
            let end = way.dot(stretch.glyphs[i].to.to_vec2());
            let next = stretch.glyphs.get(i + 1).map(|g| way.dot(g.from.to_vec2()));
            let starts = end <= span.0 + slack && span.0 <= end + 0.6 * em;
            starts && next.is_none_or(|n| span.1 <= n + slack && n > end + slack)
        });
        // A footnote's own mark stands before its first line.
        let start = way.dot(stretch.glyphs[0].from.to_vec2());
        let leads = span.1 <= start + slack && span.1 >= start - em;
        if let Some(at) = room.map(|i| i + 1).or(leads.then_some(0)) {
            stretch.glyphs.splice(at..at, mark.glyphs);
            return Ok(());
        }
    }
    Err(vec![mark])
}

fn ink(stretch: &Stretch) -> Rect {
    let boxes = stretch.glyphs.iter().map(|g| g.ink);
    boxes.reduce(|a, b| a.union(b)).unwrap_or(Rect::ZERO)
}

/// Whether the sign is within the line's height and reach.
fn beside(line: Rect, sign: Rect, em: f64) -> bool {
    let reach = line.inflate(em, 0.3 * em);
    reach.intersect(sign).area() >= 0.5 * sign.area()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::glyphs::Seen;
    use crate::native::group::stretches;
    use crate::native::repeats::tests::glyph;

    fn text(lines: &[Vec<Stretch>]) -> Vec<String> {
        lines.iter().map(|l| l.iter().flat_map(|s| &s.glyphs).map(|g| &*g.text).collect()).collect()
    }

    fn mark(x: f64, y: f64) -> Seen {
        let mut mark = glyph(9, "1", x, y, 0);
        (mark.size, mark.to.x) = (6.0, x + 2.5);
        mark.ink = Rect::new(x, y - 4.0, x + 2.5, y);
        mark
    }

    #[test]
    fn a_footnote_mark_goes_into_the_gap_left_for_it() {
        let mut glyphs: Vec<Seen> = (0..10)
            .map(|i| glyph(i, "a", if i > 0 { 3.0 } else { 0.0 } + f64::from(i) * 5.0, 100.0, 0))
            .collect();
        glyphs.extend([mark(5.2, 94.0), mark(53.2, 94.0)]);
        let lines = stretches(glyphs).into_iter().map(|s| vec![s]).collect();
        assert_eq!(text(&settle(lines)), ["a1aaaaaaaaa1"]);
    }

    #[test]
    fn a_small_line_of_its_own_stays_one() {
        let glyphs = vec![glyph(1, "a", 0.0, 100.0, 0), mark(0.0, 130.0)];
        let lines = stretches(glyphs).into_iter().map(|s| vec![s]).collect();
        assert_eq!(settle(lines).len(), 2);
    }
}
