//! The text layer of a page, as the file tells it, and how far it can be seen.
//!
//! Glyphs keep the order of the content stream. Their text comes from the first of: ActualText,
//! the font's ToUnicode map, its encoding's glyph names. Nothing is judged here.

mod actual;
mod fields;
mod fonts;
mod glyphs;
mod group;
mod lines;
mod raised;
mod repeats;
mod rules;
mod strings;
mod to_unicode;
mod visible;

use hayro::kurbo::Rect;

use crate::PdfError;
use crate::desk::Desk;

pub(crate) use fonts::FontShelf;

/// The text layer of one page. Coordinates are upright page points, y down.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NativePage {
    /// Width of the upright page in points.
    pub width: f32,
    /// Height of the upright page in points.
    pub height: f32,
    /// The fonts that the runs name by index.
    pub fonts: Vec<NativeFont>,
    /// Lines in content order, then those of undrawn text ([`TextSource::Field`]).
    pub lines: Vec<NativeLine>,
    /// Share of the page that pictures cover, 0 to 1.
    pub image_cover: f32,
    /// The pictures' boxes, in drawing order, as `[x0, y0, x1, y1]`.
    pub images: Vec<[f32; 4]>,
    /// Thin upright rules and box sides, as `[x0, y0, x1, y1]`: what tables are ruled with.
    pub rules: Vec<[f32; 4]>,
    /// Curved shapes of the size of letters: text drawn as outlines leaves hundreds.
    pub outlines: u32,
}

/// A font of the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NativeFont {
    /// Its name without the subset prefix; empty when the file gives none.
    pub name: String,
    /// Whether it is bold by name, weight or flag, Moul faces included.
    pub bold: bool,
    /// Whether it is slanted by name, angle or flag.
    pub italic: bool,
    /// Whether it has a ToUnicode map with at least one entry.
    pub to_unicode: bool,
    /// Whether the font program is in the file.
    pub embedded: bool,
    /// Whether its codes are single bytes.
    pub simple: bool,
}

/// A stretch of text on one baseline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NativeLine {
    /// Stretches of one look, in content order.
    pub runs: Vec<NativeRun>,
    /// The box of the ink of all its glyphs, seen or not.
    pub rect: [f32; 4],
    /// Direction of the baseline in whole degrees clockwise, -179 to 180; 0 is left to right.
    pub angle: i16,
    /// Where the baseline starts.
    pub start: [f32; 2],
    /// Where the pen ends.
    pub end: [f32; 2],
}

/// Glyphs of one font, size, colour and visibility.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NativeRun {
    /// Index into [`NativePage::fonts`]; `None` when the font could not be told.
    pub font: Option<usize>,
    /// Size in page points.
    pub size: f32,
    /// Fill colour, red, green, blue.
    pub color: [u8; 3],
    /// Bold by its font, or thickened by a stroke or a second drawing.
    pub bold: bool,
    /// Slanted by its font, or sheared.
    pub italic: bool,
    /// Whether a reader sees it.
    pub visibility: Visibility,
    /// The text, spaces found by geometry included.
    pub text: String,
    /// Its glyphs, in content order.
    pub glyphs: Vec<NativeGlyph>,
    /// The box of its ink.
    pub rect: [f32; 4],
}

/// One glyph.
#[derive(Clone, Debug, PartialEq)]
pub struct NativeGlyph {
    /// The character code in the font; 32 for a space found by geometry.
    pub code: u32,
    /// What the code would be in a Windows-1252 text, for fonts that hide a legacy encoding
    /// behind Latin letters; `None` when no such reading exists.
    pub latin: Option<char>,
    /// Bytes of [`NativeRun::text`] that are its text; empty for the later glyphs of a cluster.
    pub text: std::ops::Range<u32>,
    /// Where the text comes from.
    pub source: TextSource,
    /// The box of its ink.
    pub rect: [f32; 4],
}

/// Where a glyph's text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextSource {
    /// ActualText of the marked content it stands in.
    Actual,
    /// The font's ToUnicode map.
    ToUnicode,
    /// The font's encoding and glyph names.
    Encoding,
    /// A space that the distance between two glyphs implies.
    Gap,
    /// The value of a form field, or a free text note: stated by the file, and drawn by nothing in
    /// it. Where it stands is estimated.
    Field,
    /// Nowhere: the file does not say what the glyph means.
    Unknown,
}

/// Whether a reader of the printed page sees a glyph, and if not, why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Seen.
    #[default]
    Shown,
    /// Text render mode 3, or fully transparent: the way of hidden OCR layers.
    Invisible,
    /// White on white.
    White,
    /// Outside the clip or the page.
    Clipped,
    /// Under a picture or a filled shape drawn later.
    Covered,
}

impl NativePage {
    /// Its runs, line by line.
    pub fn runs(&self) -> impl Iterator<Item = &NativeRun> {
        self.lines.iter().flat_map(|l| &l.runs)
    }

    /// The name of a run's font, or an empty string.
    #[must_use]
    pub fn font_name(&self, run: &NativeRun) -> &str {
        run.font.and_then(|i| self.fonts.get(i)).map_or("", |f| f.name.as_str())
    }
}

impl NativeLine {
    /// Whether it is undrawn text: see [`TextSource::Field`]. Such a line is nothing else.
    #[must_use]
    pub fn is_field(&self) -> bool {
        let first = self.runs.first().and_then(|r| r.glyphs.first());
        first.is_some_and(|g| g.source == TextSource::Field)
    }

    /// Its text: that of its runs, one after the other.
    #[must_use]
    pub fn text(&self) -> String {
        self.runs.iter().map(|r| r.text.as_str()).collect()
    }
}

impl NativeRun {
    /// The text of one of its glyphs.
    #[must_use]
    pub fn glyph_text(&self, glyph: &NativeGlyph) -> &str {
        self.text.get(glyph.text.start as usize..glyph.text.end as usize).unwrap_or("")
    }
}

/// The text layer of page `index`; see [`crate::Pdf::native`].
pub(crate) fn of_page<'a>(desk: &mut Desk<'a>, index: u32) -> Result<NativePage, PdfError> {
    let seen = glyphs::collect(desk, index)?;
    let page = desk.page(index)?;
    let (width, height) = page.render_dimensions();
    let fonts = seen.fonts.iter().map(|f| f.facts.clone()).collect();
    let images: Vec<Rect> = seen.images.clone();
    let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    Ok(NativePage {
        width,
        height,
        fonts,
        image_cover: visible::cover(area, &images),
        images: images.iter().map(|r| edges(*r)).collect(),
        rules: seen.rules.iter().map(|r| edges(*r)).collect(),
        outlines: seen.outlines,
        lines: lines::of(seen, fields::of_page(page)),
    })
}

fn edges(rect: Rect) -> [f32; 4] {
    [rect.x0 as f32, rect.y0 as f32, rect.x1 as f32, rect.y1 as f32]
}
