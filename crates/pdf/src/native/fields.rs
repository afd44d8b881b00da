//! Text that the file states and does not draw: values of form fields and free text notes without
//! an appearance of their own, which a viewer sets when it shows the page.
//!
//! Notes that pop up beside the page are no part of what is printed and are left out, and so are
//! passwords. Where the letters would stand is estimated; the box of the field is what is certain.

use hayro::hayro_interpret::TransformExt;
use hayro::hayro_syntax::object::{
    Array, Dict, Name, Object, Rect as PdfRect, Stream, String as PdfString,
};
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{Affine, Point, Rect, Vec2};

use super::glyphs::Seen;
use super::strings::text_string;
use super::{TextSource, Visibility};

/// Annotations looked at on one page.
const MAX_ANNOTATIONS: usize = 5_000;

/// Characters taken of one value.
const MAX_TEXT: usize = 20_000;

/// Levels of fields above a field from which it inherits.
const LEVELS: usize = 16;

/// Annotation flags: hidden, and not for view.
const UNSEEN: u32 = (1 << 1) | (1 << 5);

/// Field flags: several lines, and a password.
const MULTILINE: u32 = 1 << 12;
const PASSWORD: u32 = 1 << 13;

/// The lines of undrawn text on a page, each as the glyphs a viewer would set.
pub(crate) fn of_page(page: &Page<'_>) -> Vec<Vec<Seen>> {
    let Some(annotations) = page.raw().get::<Array<'_>>("Annots") else { return Vec::new() };
    let upright = page.initial_transform(true).to_kurbo();
    let mut lines = Vec::new();
    for annotation in annotations.iter::<Dict<'_>>().take(MAX_ANNOTATIONS) {
        if let Some(field) = Field::of(&annotation) {
            field.set(upright, &mut lines);
        }
    }
    lines
}

/// Undrawn text and where it belongs.
struct Field {
    text: String,
    rect: Rect,
    size: f64,
    multiline: bool,
}

impl Field {
    fn of(annotation: &Dict<'_>) -> Option<Self> {
        let subtype = annotation.get::<Name<'_>>("Subtype")?;
        let flags = annotation.get::<u32>("F").unwrap_or(0);
        if flags & UNSEEN != 0 || is_drawn(annotation) {
            return None;
        }
        let form = Form::of(annotation);
        let kind = form.find(|d| d.get::<u32>("Ff")).unwrap_or(0);
        let (text, multiline) = match &*subtype {
            b"Widget" if kind & PASSWORD == 0 => (form.value()?, kind & MULTILINE != 0),
            b"FreeText" => (string(annotation, "Contents")?, true),
            _ => return None,
        };
        let rect = annotation.get::<PdfRect>("Rect")?;
        let rect = Rect::new(rect.x0, rect.y0, rect.x1, rect.y1).abs();
        let finite = [rect.x0, rect.y0, rect.x1, rect.y1].iter().all(|v| v.is_finite());
        if !finite || rect.area() <= 0.0 {
            return None;
        }
        let given =
            form.find(|d| d.get::<PdfString<'_>>("DA")).and_then(|da| font_size(da.as_bytes()));
        let size = given.unwrap_or_else(|| (0.6 * rect.height()).clamp(4.0, 12.0));
        let text: String = text.chars().take(MAX_TEXT).collect();
        Some(Self { text, rect, size, multiline })
    }

    /// Sets the text into its box, line by line.
    fn set(&self, upright: Affine, lines: &mut Vec<Vec<Seen>>) {
        let rect = upright.transform_rect_bbox(self.rect);
        let parts = self.text.split(['\r', '\n']).map(str::trim);
        let parts: Vec<&str> = parts.filter(|p| !p.is_empty()).collect();
        let leading = (1.2 * self.size).min(rect.height() / parts.len().max(1) as f64);
        let top = if self.multiline || parts.len() > 1 {
            rect.y0
        } else {
            rect.center().y - 0.5 * leading
        };
        for (i, part) in parts.iter().enumerate() {
            let bottom = top + (i + 1) as f64 * leading;
            lines.push(line(part, rect, bottom - 0.25 * leading, self.size.min(leading)));
        }
    }
}

/// One line of text as glyphs from the left of a box, drawn together where it is too narrow.
fn line(text: &str, rect: Rect, base: f64, size: f64) -> Vec<Seen> {
    let widths: Vec<f64> = widths(text).into_iter().map(|w| w * size).collect();
    let whole: f64 = widths.iter().sum();
    let fit = if whole > rect.width() { rect.width() / whole } else { 1.0 };
    let mut pen = rect.x0;
    let glyphs = text.chars().zip(widths).map(|(c, width)| {
        let (from, to) = (Point::new(pen, base), Point::new(pen + width * fit, base));
        pen = to.x;
        let ink = Rect::new(from.x, base - 0.75 * size, to.x.max(from.x + 0.1), base + 0.2 * size);
        Seen {
            font: None,
            code: c as u32,
            latin: None,
            text: c.to_string().into(),
            source: TextSource::Field,
            size,
            from,
            to,
            along: Vec2::new(1.0, 0.0),
            ink,
            color: [0; 3],
            bold: false,
            italic: false,
            visibility: Visibility::Shown,
            order: u32::MAX,
        }
    });
    glyphs.collect()
}

/// Rough widths of the characters in ems: signs over and under a letter have none.
fn widths(text: &str) -> Vec<f64> {
    let mut before = ' ';
    let width = |c: char| {
        let under = before == '\u{17D2}';
        before = c;
        match c {
            '\u{17B4}'..='\u{17B5}' | '\u{17B7}'..='\u{17BD}' | '\u{17C6}' => 0.0,
            '\u{17C9}'..='\u{17D3}' | '\u{17DD}' => 0.0,
            _ if under => 0.0,
            '\u{1780}'..='\u{17FF}' => 0.6,
            c if c.is_whitespace() => 0.3,
            _ => 0.5,
        }
    };
    text.chars().map(width).collect()
}

/// A field with those above it, from which it inherits.
struct Form<'a>(Vec<Dict<'a>>);

impl<'a> Form<'a> {
    fn of(annotation: &Dict<'a>) -> Self {
        let mut chain = vec![annotation.clone()];
        while chain.len() < LEVELS
            && let Some(parent) = chain.last().and_then(|d| d.get::<Dict<'a>>("Parent"))
        {
            chain.push(parent);
        }
        Self(chain)
    }

    /// What the field, or the nearest above it, has of this.
    fn find<T>(&self, get: impl Fn(&Dict<'a>) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(get)
    }

    /// What is filled in, as it is shown; `None` for buttons, signatures and empty fields.
    fn value(&self) -> Option<String> {
        let kind = self.find(|d| d.get::<Name<'_>>("FT"))?;
        let text = match &*kind {
            b"Tx" => self.find(|d| string(d, "V"))?,
            b"Ch" => {
                let chosen: Vec<String> = match self.find(|d| d.get::<Object<'_>>("V"))? {
                    Object::String(one) => vec![text_string(one.as_bytes())],
                    Object::Array(many) => many
                        .iter::<PdfString<'_>>()
                        .take(256)
                        .map(|s| text_string(s.as_bytes()))
                        .collect(),
                    _ => return None,
                };
                let shown = chosen.into_iter().map(|value| self.shown(&value).unwrap_or(value));
                shown.collect::<Vec<_>>().join("\n")
            }
            _ => return None,
        };
        (!text.trim().is_empty()).then_some(text)
    }

    /// What a choice is shown as: `Opt` may pair the value with a text.
    fn shown(&self, value: &str) -> Option<String> {
        let options = self.find(|d| d.get::<Array<'a>>("Opt"))?;
        options.iter::<Object<'_>>().take(10_000).find_map(|option| {
            let pair = option.into_array()?;
            let mut texts = pair.iter::<PdfString<'_>>().map(|s| text_string(s.as_bytes()));
            (texts.next()? == value).then(|| texts.next())?
        })
    }
}

/// A text entry: a string, or a stream that holds one.
fn string(dict: &Dict<'_>, key: &str) -> Option<String> {
    let text = match dict.get::<Object<'_>>(key)? {
        Object::String(text) => text_string(text.as_bytes()),
        Object::Stream(stream) => text_string(&stream.decoded_data().ok()?),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// Whether an annotation has an appearance that draws anything; that is shown instead.
fn is_drawn(annotation: &Dict<'_>) -> bool {
    let normal = annotation.get::<Dict<'_>>("AP").and_then(|ap| ap.get::<Object<'_>>("N"));
    match normal {
        Some(Object::Stream(stream)) => draws(&stream),
        // Appearances by state belong to buttons.
        Some(Object::Dict(states)) => !states.is_empty(),
        _ => false,
    }
}

/// Whether a content stream sets text or draws other objects. Frames and empty marked content are
/// what writers leave that expect the viewer to fill in the value.
fn draws(stream: &Stream<'_>) -> bool {
    let Ok(content) = stream.decoded_data() else { return false };
    content.windows(2).any(|w| matches!(w, b"Tj" | b"TJ" | b"Do"))
        || content.windows(2).any(|w| w[0] == b')' && matches!(w[1], b'\'' | b'"'))
}

/// The size in a default appearance string (`/Helv 9 Tf`); `None` when it is left to the viewer.
fn font_size(appearance: &[u8]) -> Option<f64> {
    let text = String::from_utf8_lossy(appearance);
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().position(|w| *w == "Tf")?;
    let size: f64 = words.get(at.checked_sub(1)?)?.parse().ok()?;
    (1.0..=200.0).contains(&size).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_nonsense_is_not() {
        assert_eq!(font_size(b"0 g /Helv 9.5 Tf"), Some(9.5));
        for given in [&b"/Helv 0 Tf"[..], b"Tf", b"", b"/Helv x Tf", b"/H 1e99 Tf"] {
            assert_eq!(font_size(given), None);
        }
    }

    #[test]
    fn long_text_is_drawn_together_to_fit_its_box() {
        let rect = Rect::new(10.0, 0.0, 30.0, 12.0);
        let glyphs = line(&"ក្រ".repeat(40), rect, 9.0, 10.0);
        assert!(glyphs.last().is_some_and(|g| g.to.x <= 30.001));
        assert_eq!(glyphs.len(), 120);
    }
}
