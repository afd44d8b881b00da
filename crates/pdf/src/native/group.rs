//! Glyphs to stretches of one baseline, in content order, and the spaces between them.

use hayro::kurbo::Vec2;

use super::glyphs::Seen;

/// Widest gap, in ems, that is still a space inside a stretch.
pub(crate) const WIDEST_SPACE: f64 = 3.0;

/// Farthest the pen goes back, in ems, to draw a sign over what stands already.
const FARTHEST_BACK: f64 = 2.5;

/// Glyphs that follow each other on one baseline.
#[derive(Clone, Debug)]
pub(crate) struct Stretch {
    pub(crate) glyphs: Vec<Seen>,
}

impl Stretch {
    fn first(&self) -> &Seen {
        &self.glyphs[0]
    }

    /// Direction of the baseline.
    pub(crate) fn along(&self) -> Vec2 {
        self.first().along
    }

    /// Largest em of its glyphs, in points.
    pub(crate) fn size(&self) -> f64 {
        self.glyphs.iter().map(|g| g.size).fold(0.0, f64::max)
    }

    /// Position of the baseline across the writing direction.
    pub(crate) fn level(&self) -> f64 {
        across(self.along(), self.first())
    }

    /// Where it starts and ends along the writing direction.
    pub(crate) fn span(&self) -> (f64, f64) {
        let way = self.along();
        let (mut start, mut end) = (f64::INFINITY, f64::NEG_INFINITY);
        for glyph in &self.glyphs {
            let (a, b) = (way.dot(glyph.from.to_vec2()), way.dot(glyph.to.to_vec2()));
            start = start.min(a.min(b));
            end = end.max(a.max(b));
        }
        (start, end)
    }
}

fn across(along: Vec2, glyph: &Seen) -> f64 {
    Vec2::new(-along.y, along.x).dot(glyph.from.to_vec2())
}

/// Cuts the glyphs of a page where the baseline or the direction changes or the pen jumps.
pub(crate) fn stretches(glyphs: Vec<Seen>) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::new();
    for glyph in glyphs {
        match all.last_mut().filter(|s| goes_on(s, &glyph)) {
            Some(stretch) => stretch.glyphs.push(glyph),
            None => all.push(Stretch { glyphs: vec![glyph] }),
        }
    }
    all
}

fn goes_on(stretch: &Stretch, glyph: &Seen) -> bool {
    let (first, last) = (stretch.first(), &stretch.glyphs[stretch.glyphs.len() - 1]);
    if first.along.dot(glyph.along) < 0.999 {
        return false;
    }
    let em = last.size.max(glyph.size);
    // Raised and lowered signs are compared with the line and with their neighbour, so that a
    // line that starts with a raised sign still holds together.
    let level = across(first.along, glyph);
    let near = |other: &Seen| (level - across(first.along, other)).abs() <= 0.45 * em;
    if !near(first) && !near(last) {
        return false;
    }
    let jump = first.along.dot(glyph.from - last.to);
    (-FARTHEST_BACK * em..=WIDEST_SPACE * em).contains(&jump)
}

/// Whether the distance between two glyphs that follow each other stands for a space. `reach` is
/// how far along the line the pen has come so far: a sign drawn back over its base leaves it behind.
pub(crate) fn is_space_between(before: &Seen, after: &Seen, reach: f64) -> bool {
    let gap = before.along.dot(after.from.to_vec2()) - reach;
    let em = before.size.min(after.size);
    if gap <= 0.2 * em || before.text.ends_with(' ') || after.text.starts_with(' ') {
        return false;
    }
    // The raw code of a space, in fonts whose text is unknown.
    let raw = |g: &Seen| g.text.is_empty() && g.latin == Some(' ');
    if raw(before) || raw(after) {
        return false;
    }
    // Never inside a cluster.
    let sign = |c: char| ('\u{17B4}'..='\u{17D3}').contains(&c) || c == '\u{17DD}';
    let continues = after.text.chars().next().is_none_or(sign);
    let open = before.text.ends_with('\u{17D2}');
    !(open || (continues && after.latin.is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::repeats::tests::glyph;

    #[test]
    fn a_sign_drawn_back_over_its_base_stays_with_it() {
        let glyphs = vec![
            glyph(1, "\u{1780}", 0.0, 100.0, 0),
            glyph(2, "\u{17B7}", -1.0, 97.0, 0),
            glyph(3, "\u{1781}", 5.0, 100.0, 0),
        ];
        assert_eq!(stretches(glyphs).len(), 1);
    }

    #[test]
    fn a_new_baseline_and_a_far_jump_start_anew() {
        let glyphs = vec![
            glyph(1, "a", 0.0, 100.0, 0),
            glyph(1, "b", 0.0, 112.0, 0),
            glyph(1, "c", 60.0, 112.0, 0),
        ];
        assert_eq!(stretches(glyphs).len(), 3);
    }

    #[test]
    fn a_gap_is_a_space_but_not_before_a_sign() {
        let a = glyph(1, "\u{1780}", 0.0, 0.0, 0);
        let spaced = |text: &str, x: f64| is_space_between(&a, &glyph(1, text, x, 0.0, 0), 5.0);
        assert!(spaced("\u{1781}", 8.0));
        assert!(!spaced("\u{17B7}", 8.0));
        assert!(!spaced("\u{1781}", 6.0));
    }
}
