//! Stretches to lines: what stands side by side on one baseline is one line, whatever order the
//! file draws it in. Inside a stretch nothing is ever re-ordered.

use hayro::kurbo::Rect;

use super::glyphs::{Collected, Seen};
use super::group::{Stretch, WIDEST_SPACE, is_space_between, stretches};
use super::{NativeGlyph, NativeLine, NativeRun, TextSource, edges, raised, repeats};

/// Stretches beyond which lines are no longer put together: the page is a drawing.
const MAX_STRETCHES: usize = 4_000;

/// The lines of a page. Undrawn text comes last, each line as it is given.
pub(crate) fn of(seen: Collected<'_>, undrawn: Vec<Vec<Seen>>) -> Vec<NativeLine> {
    let stretches = stretches(repeats::undo(seen.glyphs));
    let lines = if stretches.len() > MAX_STRETCHES {
        stretches.into_iter().map(|s| vec![s]).collect()
    } else {
        raised::settle(join(stretches))
    };
    let undrawn = undrawn.into_iter().map(|glyphs| vec![Stretch { glyphs }]);
    lines.into_iter().chain(undrawn).filter_map(|parts| line(&parts)).collect()
}

/// Puts stretches of one baseline together where the gap between them is a space's.
fn join(stretches: Vec<Stretch>) -> Vec<Vec<Stretch>> {
    let mut lines: Vec<(Vec<Stretch>, (f64, f64))> = Vec::new();
    for stretch in stretches {
        let span = stretch.span();
        let size = stretch.size();
        let level = stretch.level();
        let fits = lines.iter_mut().rev().find(|(parts, reach)| {
            let head = &parts[0];
            let em = size.max(head.size());
            // Distance to the right or to the left; both negative when they overlap.
            let gap = (span.0 - reach.1).max(reach.0 - span.1);
            head.along().dot(stretch.along()) > 0.999
                && (head.level() - level).abs() <= 0.25 * em
                && (-0.6 * em..=WIDEST_SPACE * em).contains(&gap)
        });
        match fits {
            Some((parts, reach)) => {
                parts.push(stretch);
                *reach = (reach.0.min(span.0), reach.1.max(span.1));
            }
            None => lines.push((vec![stretch], span)),
        }
    }
    let ordered = lines.into_iter().map(|(mut parts, _)| {
        // A stable sort: what starts at one place keeps the file's order.
        parts.sort_by(|a, b| a.span().0.total_cmp(&b.span().0));
        parts
    });
    ordered.collect()
}

fn line(parts: &[Stretch]) -> Option<NativeLine> {
    let glyphs: Vec<&Seen> = parts.iter().flat_map(|p| &p.glyphs).collect();
    let (first, last) = (*glyphs.first()?, *glyphs.last()?);
    let mut runs: Vec<NativeRun> = Vec::new();
    let mut before: Option<&Seen> = None;
    let mut reach = f64::NEG_INFINITY;
    for glyph in &glyphs {
        let spaced = before.is_some_and(|b| is_space_between(b, glyph, reach));
        if spaced && let Some(run) = runs.last_mut() {
            push(run, None, " ", TextSource::Gap, flat(before.unwrap_or(glyph), glyph));
        }
        if !runs.last().is_some_and(|r| looks_alike(r, glyph)) {
            runs.push(begin(glyph));
        }
        if let Some(run) = runs.last_mut() {
            push(run, Some(glyph), &glyph.text, glyph.source, glyph.ink);
        }
        reach = reach.max(first.along.dot(glyph.to.to_vec2()));
        before = Some(glyph);
    }
    let ink = glyphs.iter().map(|g| g.ink).reduce(|a, b| a.union(b))?;
    let angle = first.along.y.atan2(first.along.x).to_degrees().round();
    Some(NativeLine {
        runs,
        rect: edges(ink),
        angle: if angle <= -180.0 { 180 } else { angle as i16 },
        start: [first.from.x as f32, first.from.y as f32],
        end: [last.to.x as f32, last.to.y as f32],
    })
}

/// The flat box of the gap between two glyphs.
fn flat(before: &Seen, after: &Seen) -> Rect {
    Rect::from_points(before.to, after.from)
}

fn looks_alike(run: &NativeRun, glyph: &Seen) -> bool {
    run.font == glyph.font
        && (f64::from(run.size) - glyph.size).abs() < 0.02 * glyph.size
        && run.color == glyph.color
        && run.bold == glyph.bold
        && run.italic == glyph.italic
        && run.visibility == glyph.visibility
}

fn begin(glyph: &Seen) -> NativeRun {
    NativeRun {
        font: glyph.font,
        size: glyph.size as f32,
        color: glyph.color,
        bold: glyph.bold,
        italic: glyph.italic,
        visibility: glyph.visibility,
        text: String::new(),
        glyphs: Vec::new(),
        rect: edges(glyph.ink),
    }
}

fn push(run: &mut NativeRun, glyph: Option<&Seen>, text: &str, source: TextSource, ink: Rect) {
    let start = run.text.len() as u32;
    run.text.push_str(text);
    let rect = edges(ink);
    if glyph.is_some() {
        let [x0, y0, x1, y1] = run.rect;
        let [a, b, c, d] = rect;
        run.rect = [x0.min(a), y0.min(b), x1.max(c), y1.max(d)];
    }
    run.glyphs.push(NativeGlyph {
        code: glyph.map_or(32, |g| g.code),
        latin: glyph.map_or(Some(' '), |g| g.latin),
        text: start..run.text.len() as u32,
        source,
        rect,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::repeats::tests::glyph;

    fn texts(glyphs: Vec<Seen>) -> Vec<String> {
        join(stretches(glyphs)).iter().filter_map(|p| line(p)).map(|l| l.text()).collect()
    }

    #[test]
    fn parts_of_a_line_drawn_out_of_order_are_put_in_order() {
        let glyphs = vec![
            glyph(1, "c", 40.0, 100.0, 0),
            glyph(2, "x", 0.0, 130.0, 0),
            glyph(3, "a", 20.0, 100.0, 0),
        ];
        assert_eq!(texts(glyphs), ["a c", "x"]);
    }

    #[test]
    fn columns_stay_apart() {
        let glyphs = vec![glyph(1, "a", 0.0, 100.0, 0), glyph(2, "b", 60.0, 100.0, 0)];
        assert_eq!(texts(glyphs), ["a", "b"]);
    }

    #[test]
    fn a_change_of_look_starts_a_run() {
        let mut bold = glyph(2, "b", 5.0, 0.0, 0);
        bold.bold = true;
        let all = join(stretches(vec![glyph(1, "a", 0.0, 0.0, 0), bold]));
        let line = line(&all[0]).unwrap();
        assert_eq!(line.runs.len(), 2);
        assert_eq!(line.runs[1].glyph_text(&line.runs[1].glyphs[0]), "b");
    }
}
