//! The content of a page: its picture, and its text where each word stands.

use khocr_document::{Line, Page, Rect};
use khocr_khmer::clusters::clusters;
use pdf_writer::types::TextRenderingMode;
use pdf_writer::{Content, Name, Str};

use super::codes::Codes;

/// The name of the page's picture in its resources.
pub(super) const IMAGE: Name<'_> = Name(b"Im");

/// The share of a line's height that lies under its baseline; the font's descent says the same.
const DESCENT: f32 = 0.25;

/// The name of font number `index` in the pages' resources.
pub(super) fn font_name(index: usize) -> String {
    format!("F{index}")
}

/// A stretch of text to be fitted to a width.
struct Run<'a> {
    text: &'a str,
    /// Whether a space follows in the line.
    space: bool,
    x0: f32,
    x1: f32,
}

/// The page's content stream.
pub(super) fn content(
    page: &Page,
    width: f32,
    height: f32,
    picture: bool,
    codes: &mut Codes,
) -> Vec<u8> {
    let mut content = Content::new();
    if picture {
        content.save_state();
        content.transform([width, 0.0, 0.0, height, 0.0, 0.0]);
        content.x_object(IMAGE);
        content.restore_state();
    }
    content.begin_text();
    content.set_text_rendering_mode(TextRenderingMode::Invisible);
    for line in page.lines() {
        write_line(&mut content, line, height, codes);
    }
    content.end_text();
    content.finish().into_vec()
}

fn write_line(content: &mut Content, line: &Line, page_height: f32, codes: &mut Codes) {
    let size = line.rect.height();
    if !(size > 0.1 && size.is_finite()) {
        return;
    }
    let baseline = page_height - line.rect.y1 + DESCENT * size;
    let runs = runs(line);
    for run in &runs {
        let encoded = encode(run, codes);
        let count: usize = encoded.iter().map(|(_, bytes)| bytes.len() / 2).sum();
        let width = run.x1 - run.x0;
        if count == 0 || width <= 0.0 {
            continue;
        }
        // Each code is an em wide before scaling.
        content.set_horizontal_scaling(100.0 * width / (count as f32 * size));
        content.set_text_matrix([1.0, 0.0, 0.0, 1.0, run.x0, baseline]);
        for (font, bytes) in &encoded {
            content.set_font(Name(font_name(*font).as_bytes()), size);
            content.show(Str(bytes));
        }
    }
}

/// The line's words, each reaching to the next one's start, so that no gap is left in which a
/// viewer would see one more space. Words that do not make up the line's text, or that do not
/// follow each other, give one run of the whole line.
fn runs(line: &Line) -> Vec<Run<'_>> {
    let texts: Vec<&str> = line.text.split(' ').filter(|t| !t.is_empty()).collect();
    let same = texts.len() == line.words.len()
        && line.words.iter().zip(&texts).all(|(word, text)| word.text == **text)
        && line.words.windows(2).all(|pair| pair[0].rect.x0 < pair[1].rect.x0);
    let Rect { x0, x1, .. } = line.rect;
    if !same || texts.len() < 2 {
        return vec![Run { text: line.text.trim(), space: false, x0, x1 }];
    }
    let starts = line.words.iter().skip(1).map(|w| Some(w.rect.x0)).chain([None]);
    let runs = line.words.iter().zip(starts).map(|(word, next)| Run {
        text: &word.text,
        space: next.is_some(),
        x0: word.rect.x0,
        x1: next.unwrap_or(word.rect.x1),
    });
    runs.collect()
}

/// The run's codes, in stretches of one font each.
fn encode(run: &Run<'_>, codes: &mut Codes) -> Vec<(usize, Vec<u8>)> {
    let mut units: Vec<String> = Vec::new();
    for piece in clusters(run.text) {
        match units.last_mut() {
            Some(last) if piece.text == " " => last.push(' '),
            _ => units.push(piece.text.to_owned()),
        }
    }
    if let (true, Some(last)) = (run.space, units.last_mut()) {
        last.push(' ');
    }
    let mut out: Vec<(usize, Vec<u8>)> = Vec::new();
    for unit in &units {
        let (font, code) = codes.of(unit);
        let bytes = code.to_be_bytes();
        match out.last_mut() {
            Some((last, stretch)) if *last == font => stretch.extend(bytes),
            _ => out.push((font, bytes.to_vec())),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::line;

    #[test]
    fn a_cluster_takes_its_space_along() {
        let mut codes = Codes::new();
        let run = Run { text: "ខ្មែរ ក", space: true, x0: 0.0, x1: 1.0 };
        assert_eq!(encode(&run, &mut codes), [(0, vec![0, 0, 0, 1, 0, 2])]);
        let units: Vec<_> = codes.fonts().flatten().cloned().collect();
        assert_eq!(units, ["ខ្មែ", "រ ", "ក "]);
    }

    #[test]
    fn words_reach_to_the_next() {
        let line = line("ក ខ", Rect::new(0.0, 0.0, 100.0, 10.0));
        let runs = runs(&line);
        assert_eq!(
            runs.iter().map(|r| (r.x0, r.x1, r.space)).collect::<Vec<_>>(),
            [(0.0, 50.0, true), (50.0, 95.0, false)]
        );
    }

    #[test]
    fn words_that_do_not_match_the_line_are_not_used() {
        let mut line = line("ក ខ", Rect::new(0.0, 0.0, 100.0, 10.0));
        line.words[1].text = "គ".to_owned();
        assert_eq!(runs(&line).len(), 1);
        assert_eq!(runs(&line)[0].text, "ក ខ");
    }
}
