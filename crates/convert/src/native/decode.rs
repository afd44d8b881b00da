//! Lines of the text layer to Unicode text, and what speaks for and against it.

use khocr_document::{PageSource, Rect, Style, Word};
use khocr_khmer::chars::is_khmer;
use khocr_khmer::judge;
use khocr_khmer::legacy::{self, Encoding};
use khocr_pdf::{NativeLine, NativePage, NativeRun, TextSource, Visibility};

/// Characters of one font from which its encoding can be guessed when its name hides it.
const ENOUGH_TO_GUESS: usize = 40;

/// Size of a Unicode face that prints letters as large as a legacy face: 12 points for Limon's 22.
const LEGACY_SCALE: f32 = 0.55;

/// What speaks for and against a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Evidence {
    /// What its text says of itself.
    pub(crate) text: judge::Evidence,
    /// Glyphs whose meaning the file does not tell.
    pub(crate) unknown: usize,
    /// Glyphs left out because nobody sees them.
    pub(crate) hidden: usize,
    /// Characters that came out of a legacy encoding.
    pub(crate) legacy: usize,
}

impl Evidence {
    /// Both together.
    pub(crate) fn with(self, other: Self) -> Self {
        Self {
            text: self.text.with(other.text),
            unknown: self.unknown + other.unknown,
            hidden: self.hidden + other.hidden,
            legacy: self.legacy + other.legacy,
        }
    }

    /// Whether most of the text came out of a legacy encoding.
    pub(crate) fn is_legacy(&self) -> bool {
        self.legacy * 2 > self.text.characters
    }
}

/// A line of the layer, in Unicode.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TextLine {
    /// Canonical text, single spaces.
    pub(crate) text: String,
    /// The box of its visible ink, in page points.
    pub(crate) rect: Rect,
    /// Where its baseline stands.
    pub(crate) base: f32,
    /// Its em in points: that of most of its characters, as a Unicode face would have it.
    pub(crate) size: f32,
    /// Direction in degrees clockwise.
    pub(crate) angle: i16,
    /// Native or legacy, whichever gave most of it.
    pub(crate) source: PageSource,
    /// Its words with their boxes.
    pub(crate) words: Vec<Word>,
    /// The look of most of it.
    pub(crate) style: Style,
    /// What was counted.
    pub(crate) evidence: Evidence,
    /// Whether the file states it and does not draw it: a form field's value.
    pub(crate) is_field: bool,
}

impl TextLine {
    /// Gives the line another text of the same words.
    pub(crate) fn set_text(&mut self, text: String) {
        let boxes: Vec<Rect> = self.words.iter().map(|w| w.rect).collect();
        self.words = words(&text, &boxes, self.rect);
        self.text = text;
    }
}

/// A layer, decoded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decoded {
    /// Lines with visible text, in content order.
    pub(crate) lines: Vec<TextLine>,
    /// The sum over all lines, those without visible text included. Undrawn text has no share in
    /// it: it tells nothing about what is printed, and is never a picture's text layer.
    pub(crate) total: Evidence,
}

/// Decodes the lines of a layer.
pub(crate) fn decode(page: &NativePage) -> Decoded {
    let encodings = encodings(page);
    let mut decoded = Decoded::default();
    for line in &page.lines {
        let is_field = line.is_field();
        let (line, evidence) = decode_line(page, line, &encodings);
        if !is_field {
            decoded.total = decoded.total.with(evidence);
        }
        decoded.lines.extend(line);
    }
    decoded
}

/// The legacy encoding of each font: by its name, else by the text set in it.
fn encodings(page: &NativePage) -> Vec<Option<Encoding>> {
    let by_index = page.fonts.iter().enumerate();
    by_index
        .map(|(index, font)| {
            Encoding::from_font_name(&font.name).or_else(|| {
                let runs = page.runs().filter(|r| r.font == Some(index));
                let sample: String = runs.map(latin).take(200).collect::<Vec<_>>().join(" ");
                let long = sample.chars().filter(|c| !c.is_whitespace()).count();
                let khmer = sample.chars().any(is_khmer);
                if khmer || long < ENOUGH_TO_GUESS { None } else { legacy::guess(&sample) }
            })
        })
        .collect()
}

/// A run as Windows-1252 text.
fn latin(run: &NativeRun) -> String {
    run.glyphs.iter().filter_map(|g| g.latin).collect()
}

/// Text of one encoding, as it is collected along a line.
struct Stretch {
    encoding: Option<Encoding>,
    text: String,
}

fn decode_line(
    page: &NativePage,
    line: &NativeLine,
    encodings: &[Option<Encoding>],
) -> (Option<TextLine>, Evidence) {
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut tokens = Tokens::default();
    let (mut unknown, mut hidden) = (0, 0);
    let mut in_cluster = false;
    for run in &line.runs {
        let named = run.font.and_then(|i| encodings.get(i).copied().flatten());
        // A legacy face that maps to true Khmer has been repaired by its producer.
        let encoding = named.filter(|_| !run.text.chars().any(is_khmer));
        // Spaces alone belong to the text around them, whatever face they are set in: legacy text
        // is read across them.
        let blank = run.text.chars().all(char::is_whitespace) && !run.text.is_empty();
        if !stretches.last().is_some_and(|s| s.encoding == encoding || blank) {
            stretches.push(Stretch { encoding, text: String::new() });
        }
        let Some(stretch) = stretches.last_mut() else { continue };
        for glyph in &run.glyphs {
            let own = run.glyph_text(glyph);
            let latin = encoding.and(glyph.latin);
            let blank = latin.map_or(own.trim().is_empty() && !own.is_empty(), char::is_whitespace);
            if run.visibility != Visibility::Shown && !blank {
                hidden += 1;
                // What is printed in white leaves a gap on paper.
                if run.visibility == Visibility::White {
                    stretch.text.push(' ');
                    tokens.push(" ", glyph.rect);
                }
                continue;
            }
            // Some producers tell a cluster's text with its first glyph and leave the others out
            // of the map.
            if glyph.source == TextSource::Unknown {
                unknown += usize::from(encoding.is_none() && !in_cluster);
            } else if !own.is_empty() {
                in_cluster = own.chars().skip(1).any(is_khmer);
            }
            let before = stretch.text.len();
            match latin {
                Some(c) => stretch.text.push(c),
                None => stretch.text.push_str(own),
            }
            tokens.push(&stretch.text[before..], glyph.rect);
        }
    }
    let mut text = String::new();
    let mut from_legacy = 0;
    for stretch in &stretches {
        match stretch.encoding {
            Some(encoding) => {
                let decoded = encoding.to_unicode(&stretch.text);
                from_legacy += decoded.chars().filter(|c| !c.is_whitespace()).count();
                text.push_str(&decoded);
            }
            None => text.push_str(&stretch.text),
        }
    }
    let text = khocr_khmer::canonical(&text);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let evidence = Evidence { unknown, hidden, legacy: from_legacy, text: judge::weigh(&text) };
    let boxes = tokens.finish();
    let Some(rect) = Rect::around(boxes.iter().copied()).filter(|_| !text.is_empty()) else {
        return (None, evidence);
    };
    let source = if evidence.is_legacy() { PageSource::Legacy } else { PageSource::Native };
    let (style, mut size) = style(page, line);
    if source == PageSource::Legacy {
        // Legacy faces draw their letters small on the em. To compare lines, the size that matters
        // is that of a Unicode face with letters as large; the style keeps the file's own.
        size *= LEGACY_SCALE;
    }
    let is_field = line.is_field();
    let line = TextLine {
        is_field,
        words: words(&text, &boxes, rect),
        text,
        rect,
        base: line.start[1],
        size,
        angle: line.angle,
        source,
        style,
        evidence,
    };
    (Some(line), evidence)
}

/// Boxes of the stretches between spaces.
#[derive(Default)]
struct Tokens {
    done: Vec<Rect>,
    open: Option<Rect>,
}

impl Tokens {
    fn push(&mut self, text: &str, [x0, y0, x1, y1]: [f32; 4]) {
        if text.is_empty() || text.chars().any(|c| !c.is_whitespace()) {
            // A later glyph of a cluster widens the word it belongs to, and opens none.
            if text.is_empty() && self.open.is_none() {
                return;
            }
            let rect = Rect::new(x0, y0, x1, y1);
            self.open = Some(self.open.map_or(rect, |o| o.union(&rect)));
        } else {
            self.done.extend(self.open.take());
        }
    }

    fn finish(mut self) -> Vec<Rect> {
        self.done.extend(self.open.take());
        self.done
    }
}

/// The words of a line with their boxes. Where decoding joined or split words, the line's box is
/// shared out by length.
fn words(text: &str, boxes: &[Rect], line: Rect) -> Vec<Word> {
    let texts: Vec<&str> = text.split(' ').collect();
    let word = |text: &str, rect| Word { text: text.to_owned(), rect, confidence: 1.0 };
    if texts.len() == boxes.len() {
        return texts.iter().zip(boxes).map(|(t, r)| word(t, *r)).collect();
    }
    let total = text.chars().count().max(1) as f32;
    let mut at = 0;
    let mut shared = Vec::with_capacity(texts.len());
    for part in texts {
        let length = part.chars().count();
        let x = |chars: usize| line.x0 + line.width() * chars as f32 / total;
        shared.push(word(part, Rect::new(x(at), line.y0, x(at + length), line.y1)));
        at += length + 1;
    }
    shared
}

/// The look of most of a line's visible glyphs, and its size.
fn style(page: &NativePage, line: &NativeLine) -> (Style, f32) {
    let shown = line.runs.iter().filter(|r| r.visibility == Visibility::Shown);
    let weight = |r: &NativeRun| r.glyphs.iter().filter(|g| g.code != 32).count();
    let Some(main) = shown.clone().max_by_key(|r| weight(r)) else {
        return (Style::default(), 0.0);
    };
    let (mut bold, mut italic, mut all) = (0, 0, 0);
    for run in shown {
        let n = weight(run);
        all += n;
        bold += if run.bold { n } else { 0 };
        italic += if run.italic { n } else { 0 };
    }
    let [r, g, b] = main.color;
    let dark = main.color.iter().all(|c| *c < 0x30);
    let name = page.font_name(main);
    let style = Style {
        font: (!name.is_empty()).then(|| name.to_owned()),
        size: Some((main.size * 10.0).round() / 10.0),
        bold: bold * 2 > all,
        italic: italic * 2 > all,
        color: (!dark).then(|| format!("#{r:02x}{g:02x}{b:02x}")),
    };
    (style, main.size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_get_their_boxes_or_a_share_of_the_lines() {
        let line = Rect::new(0.0, 0.0, 10.0, 5.0);
        let boxes = [Rect::new(0.0, 0.0, 3.0, 5.0), Rect::new(7.0, 0.0, 10.0, 5.0)];
        assert_eq!(words("ab cd", &boxes, line)[1].rect, boxes[1]);
        let shared = words("abcd efgh ij", &boxes, Rect::new(0.0, 0.0, 12.0, 5.0));
        assert_eq!(shared[1].rect, Rect::new(5.0, 0.0, 9.0, 5.0));
    }
}
