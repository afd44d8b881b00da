//! Text that a file says twice: a cluster's text on each of its glyphs, a word drawn twice to
//! look bold.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use hayro::kurbo::Point;

use super::TextSource;
use super::glyphs::Seen;

/// Glyphs of one code that are looked back on for a second drawing.
const LOOK_BACK: usize = 64;

/// Undoes both kinds of repetition.
pub(crate) fn undo(mut glyphs: Vec<Seen>) -> Vec<Seen> {
    drop_redrawn(&mut glyphs);
    keep_first_of_cluster(&mut glyphs);
    glyphs
}

/// Drops glyphs drawn again at (nearly) the same place: filled then stroked, or shifted a little.
/// The first drawing becomes bold.
fn drop_redrawn(glyphs: &mut Vec<Seen>) {
    let mut drawn: HashMap<(Option<usize>, u32), Vec<usize>> = HashMap::new();
    let mut again = vec![false; glyphs.len()];
    for i in 0..glyphs.len() {
        let glyph = &glyphs[i];
        let places = drawn.entry((glyph.font, glyph.code)).or_default();
        let reach = 0.07 * glyph.size;
        let first = places.iter().rev().take(LOOK_BACK).copied().find(|&j| {
            let other: &Seen = &glyphs[j];
            other.order != glyph.order
                && (other.from - glyph.from).hypot() < reach
                && (other.size - glyph.size).abs() < 0.05 * glyph.size
                && (glyph.text.is_empty() || other.text == glyph.text)
        });
        match first {
            Some(j) => {
                again[i] = true;
                glyphs[j].bold = true;
                // Whichever drawing shows makes the glyph show.
                if glyphs[i].visibility == super::Visibility::Shown {
                    glyphs[j].visibility = super::Visibility::Shown;
                }
            }
            None => places.push(i),
        }
    }
    let mut keep = again.iter().map(|a| !a);
    glyphs.retain(|_| keep.next().unwrap_or(true));
}

/// Where each glyph of a cluster is mapped to the whole cluster, keeps the text of the first.
/// A code that comes round again starts the next cluster of the same text.
fn keep_first_of_cluster(glyphs: &mut [Seen]) {
    let mut cluster: Option<Rc<str>> = None;
    let mut codes = HashSet::new();
    let mut reach = f64::NEG_INFINITY;
    for glyph in glyphs {
        let along = |p: Point| glyph.along.dot(p.to_vec2());
        let end = along(glyph.to);
        if glyph.text.is_empty() {
            // A glyph without text of its own belongs to the cluster before it.
            codes.insert(glyph.code);
            reach = reach.max(end);
            continue;
        }
        let told_before = cluster.as_ref().is_some_and(|c| *c == glyph.text);
        let again = match glyph.source {
            TextSource::ToUnicode => true,
            // ActualText of a second stretch of the cluster: drawn over the first, not behind it,
            // unless the cluster has a sign that stands behind.
            TextSource::Actual => {
                along(glyph.ink.center()) < reach - 0.05 * glyph.size
                    || (has_sign_behind(&glyph.text)
                        && (along(glyph.from) - reach).abs() < 0.1 * glyph.size)
            }
            _ => false,
        };
        if told_before && again && codes.insert(glyph.code) {
            glyph.text = "".into();
            reach = reach.max(end);
        } else {
            cluster = is_cluster(&glyph.text).then(|| Rc::clone(&glyph.text));
            codes.clear();
            codes.insert(glyph.code);
            reach = end;
        }
    }
}

/// Whether a text is of the kind that one glyph among several stands for: two characters or more,
/// the later ones Khmer signs.
fn is_cluster(text: &str) -> bool {
    text.chars().skip(1).any(|c| ('\u{17B6}'..='\u{17D3}').contains(&c))
}

/// Whether a sign of a cluster stands to the right of its letter.
fn has_sign_behind(text: &str) -> bool {
    text.chars()
        .any(|c| matches!(c, '\u{17B6}' | '\u{17BE}'..='\u{17C5}' | '\u{17C7}' | '\u{17C8}'))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::native::Visibility;
    use hayro::kurbo::{Rect, Vec2};

    /// A glyph of 10 points at `x` on a baseline at `y`, 5 points wide.
    pub(crate) fn glyph(code: u32, text: &str, x: f64, y: f64, order: u32) -> Seen {
        Seen {
            font: Some(0),
            code,
            latin: None,
            text: text.into(),
            source: TextSource::ToUnicode,
            size: 10.0,
            from: Point::new(x, y),
            to: Point::new(x + 5.0, y),
            along: Vec2::new(1.0, 0.0),
            ink: Rect::new(x, y - 7.0, x + 5.0, y),
            color: [0; 3],
            bold: false,
            italic: false,
            visibility: Visibility::Shown,
            order,
        }
    }

    fn text(glyphs: Vec<Seen>) -> String {
        undo(glyphs).iter().map(|g| g.text.to_string()).collect()
    }

    #[test]
    fn the_sign_behind_a_raised_one_belongs_to_the_cluster() {
        let actual = |code, text: &str, x, y| {
            let mut glyph = glyph(code, text, x, y, code);
            glyph.source = TextSource::Actual;
            glyph
        };
        let (one, two) = ("\u{1787}\u{17B7}\u{17C7}", "\u{1794}");
        let once = |x: f64| {
            [actual(1, one, x, 0.0), actual(2, one, x + 0.5, -1.0), actual(3, one, x + 5.0, 0.0)]
        };
        let glyphs: Vec<Seen> =
            once(0.0).into_iter().chain(once(10.0)).chain([actual(4, two, 20.0, 0.0)]).collect();
        assert_eq!(text(glyphs), [one, one, two].concat());
    }

    #[test]
    fn a_cluster_on_each_of_its_glyphs_is_one_cluster() {
        let t = "\u{179F}\u{17D2}\u{179A}\u{17B8}";
        let codes = [1, 2, 3, 1, 2, 3, 4];
        let glyphs = codes
            .iter()
            .enumerate()
            .map(|(i, c)| glyph(*c, if *c == 4 { "\u{1780}" } else { t }, i as f64 * 5.0, 0.0, 0));
        assert_eq!(text(glyphs.collect()), format!("{t}{t}\u{1780}"));
    }

    #[test]
    fn a_doubled_letter_stays_doubled() {
        let glyphs = vec![glyph(1, "\u{1780}", 0.0, 0.0, 0), glyph(1, "\u{1780}", 5.0, 0.0, 0)];
        assert_eq!(text(glyphs), "\u{1780}\u{1780}");
    }

    #[test]
    fn a_word_drawn_twice_is_bold_once() {
        let word = |x: f64, order| {
            [("\u{1780}", 0.0), ("\u{1781}", 5.0)]
                .map(|(t, dx)| glyph(t.chars().next().unwrap() as u32, t, x + dx, 0.0, order))
        };
        let glyphs: Vec<Seen> = word(0.0, 1).into_iter().chain(word(0.3, 2)).collect();
        let kept = undo(glyphs);
        assert_eq!(kept.len(), 2);
        assert!(kept.iter().all(|g| g.bold));
    }
}
