//! Pages and blocks as sections, paragraphs and runs.

use std::io;

use khocr_document::{Alignment, Block, BlockKind, Document, Line, Page, PageSource};

use super::measure::{Measure, Spacing};
use super::styles::W;
use super::table;
use super::xml::Xml;
use crate::flow;

/// The widest page Word opens, in points (22 inches).
const MAX_SIDE: f32 = 1584.0;
/// A page longer than this states its size in pixels; it is brought down to A4's height.
const PIXEL_PAGE: f32 = 1300.0;
const A4_LONG: f32 = 842.0;

/// The document part.
pub(super) fn write(document: &Document) -> io::Result<Vec<u8>> {
    let mut xml = Xml::new()?;
    xml.element("w:document", &[("xmlns:w", W)], |x| {
        x.element("w:body", &[], |x| {
            let layouts: Vec<Layout> = document.pages.iter().map(Layout::of).collect();
            for (i, (page, layout)) in document.pages.iter().zip(&layouts).enumerate() {
                let mut measure = Measure::of(page);
                for block in &page.blocks {
                    let spacing = measure.spacing(block, layout);
                    write_block(x, block, layout, spacing)?;
                }
                // Every page is a section of its own, so that each keeps its size and margins. The
                // last section's properties end the body, the others' stand in a last paragraph.
                if i + 1 < layouts.len() {
                    x.element("w:p", &[], |x| {
                        x.element("w:pPr", &[], |x| {
                            x.empty("w:spacing", &SMALLEST)?;
                            layout.write(x)
                        })
                    })?;
                }
            }
            layouts.last().copied().unwrap_or_default().write(x)
        })
    })?;
    Ok(xml.finish())
}

/// The line of a paragraph that only ends a section: one point high, so that it never runs over.
pub(super) const SMALLEST: [(&str, &str); 4] =
    [("w:before", "0"), ("w:after", "0"), ("w:line", "20"), ("w:lineRule", "exact")];

/// A page's size and margins in points of the Word document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    width: f32,
    height: f32,
    left: f32,
    right: f32,
    pub(super) top: f32,
    bottom: f32,
    /// Points of the Word document a point of the page.
    pub(super) scale: f32,
}

impl Default for Layout {
    fn default() -> Self {
        let (width, height) = (595.0, A4_LONG);
        Self { width, height, left: 72.0, right: 72.0, top: 72.0, bottom: 72.0, scale: 1.0 }
    }
}

impl Layout {
    fn of(page: &Page) -> Self {
        let long = page.width.max(page.height);
        if long <= 0.0 || !long.is_finite() {
            return Self::default();
        }
        let scale = if long > PIXEL_PAGE { A4_LONG / long } else { 1.0 };
        let (width, height) = (page.width * scale, page.height * scale);
        let side = |v: f32| v.clamp(72.0, MAX_SIDE);
        let around = khocr_document::Rect::around(page.blocks.iter().map(|b| b.rect));
        let text = around.unwrap_or(khocr_document::Rect::new(72.0, 72.0, width, height));
        // A margin is never wider than a quarter of the page. Type set by Word runs longer than
        // the same lines on paper, so the foot keeps little of its margin as a reserve.
        let margin = |v: f32, of: f32| (v * scale).clamp(28.0, (of / 4.0).max(28.0));
        Self {
            width: side(width),
            height: side(height),
            left: margin(text.x0, width),
            right: margin(page.width - text.x1, width),
            top: margin(text.y0, height),
            bottom: margin((page.height - text.y1) / 2.0, height).min(36.0),
            scale,
        }
    }

    fn write(&self, xml: &mut Xml) -> io::Result<()> {
        xml.element("w:sectPr", &[], |x| {
            x.value("w:type", "nextPage")?;
            let (width, height) = (twips(self.width), twips(self.height));
            let orient = if self.width > self.height { "landscape" } else { "portrait" };
            x.empty("w:pgSz", &[("w:w", &width), ("w:h", &height), ("w:orient", orient)])?;
            let margins = [self.top, self.right, self.bottom, self.left].map(twips);
            x.empty(
                "w:pgMar",
                &[
                    ("w:top", &margins[0]),
                    ("w:right", &margins[1]),
                    ("w:bottom", &margins[2]),
                    ("w:left", &margins[3]),
                    ("w:header", "360"),
                    ("w:footer", "360"),
                    ("w:gutter", "0"),
                ],
            )
        })
    }

    /// Points between the left margin and `x`, a place on the page.
    fn past_margin(&self, x: f32) -> f32 {
        x * self.scale - self.left
    }
}

/// Twentieths of a point.
pub(super) fn twips(points: f32) -> String {
    ((points * 20.0).round() as i64).to_string()
}

fn write_block(xml: &mut Xml, block: &Block, layout: &Layout, spacing: Spacing) -> io::Result<()> {
    if let Some(grid) = &block.table {
        return table::write(xml, grid, layout);
    }
    let pieces = flow::paragraph(block);
    if pieces.is_empty() {
        return Ok(());
    }
    xml.element("w:p", &[], |x| {
        x.element("w:pPr", &[], |x| {
            if let Some(id) = style_id(block.kind) {
                x.value("w:pStyle", id)?;
            }
            spacing.write(x)?;
            indent(x, block, layout)?;
            alignment(x, block.alignment)
        })?;
        // Running text takes the size of its type; a heading's and a foot's are their style's.
        let counts = matches!(block.kind, BlockKind::Paragraph | BlockKind::ListItem);
        let look = Look::of(block.lines.first(), layout.scale, counts);
        for (i, piece) in pieces.iter().enumerate() {
            if i > 0 {
                x.element("w:r", &[], |x| x.empty("w:br", &[]))?;
            }
            runs(x, piece, &look)?;
        }
        Ok(())
    })
}

fn style_id(kind: BlockKind) -> Option<&'static str> {
    const HEADINGS: [&str; 6] =
        ["Heading1", "Heading2", "Heading3", "Heading4", "Heading5", "Heading6"];
    match kind {
        BlockKind::Heading { level } => Some(HEADINGS[usize::from(level.clamp(1, 6)) - 1]),
        BlockKind::ListItem => Some("ListParagraph"),
        BlockKind::Header => Some("Header"),
        BlockKind::Footer | BlockKind::PageNumber => Some("Footer"),
        BlockKind::Footnote => Some("FootnoteText"),
        BlockKind::Paragraph | BlockKind::Table | BlockKind::Figure => None,
    }
}

/// Indents count for text set at the left; what is centred or at the right keeps its place by that.
fn indent(xml: &mut Xml, block: &Block, layout: &Layout) -> io::Result<()> {
    if matches!(block.alignment, Alignment::Center | Alignment::Right) {
        return Ok(());
    }
    let first = block.indent * layout.scale;
    // The first line of an indented paragraph does not tell where its other lines begin.
    let hang = (-first).max(0.0);
    let edge = layout.past_margin(block.rect.x0) + hang;
    let left = if edge < 6.0 { 0.0 } else { edge.min(layout.width / 2.0) };
    let left_text = twips(left);
    let first_text = twips(first.abs().min(layout.width / 3.0));
    let first_name = if first < 0.0 { "w:hanging" } else { "w:firstLine" };
    match (left > 0.0, first.abs() >= 3.0) {
        (false, false) => Ok(()),
        (true, false) => xml.empty("w:ind", &[("w:left", &left_text)]),
        _ => xml.empty("w:ind", &[("w:left", &left_text), (first_name, &first_text)]),
    }
}

fn alignment(xml: &mut Xml, alignment: Alignment) -> io::Result<()> {
    match alignment {
        Alignment::Left => Ok(()),
        Alignment::Center => xml.value("w:jc", "center"),
        Alignment::Right => xml.value("w:jc", "right"),
        Alignment::Justify => xml.value("w:jc", "both"),
    }
}

/// Points of Khmer OS type that take as much of a line as a point of Limon: a little less than would
/// make their letters as large, so that pages do not run over.
const LEGACY_SIZE: f32 = 0.48;

/// The size of a line's type in points of a Unicode face: a legacy face's letters are small on their
/// em, and the line's style holds the file's own figure.
pub(super) fn type_size(line: &Line) -> Option<f32> {
    let factor = if line.source == PageSource::Legacy { LEGACY_SIZE } else { 1.0 };
    line.style.size.map(|size| size * factor)
}

/// The look of a run, as Word names it.
#[derive(Default)]
pub(super) struct Look {
    bold: bool,
    italic: bool,
    /// Half points.
    size: Option<String>,
    /// Six hexadecimal digits.
    color: Option<String>,
}

impl Look {
    /// The look of that line; the size only when it `counts`.
    pub(super) fn of(line: Option<&Line>, scale: f32, counts: bool) -> Self {
        let Some(line) = line else { return Self::default() };
        let style = &line.style;
        let size = type_size(line).filter(|_| counts).map(|s| s * scale);
        let size = size.filter(|s| (4.0..=96.0).contains(s));
        let hex = |c: &String| c.strip_prefix('#').map(str::to_owned);
        let color = style.color.as_ref().and_then(hex);
        Self {
            bold: style.bold,
            italic: style.italic,
            size: size.map(|s| ((s * 2.0).round() as i64).to_string()),
            color: color.filter(|c| c.len() == 6 && c.bytes().all(|b| b.is_ascii_hexdigit())),
        }
    }

    fn write(&self, xml: &mut Xml, khmer: bool) -> io::Result<()> {
        let plain = !self.bold && !self.italic && self.size.is_none() && self.color.is_none();
        if plain && !khmer {
            return Ok(());
        }
        xml.element("w:rPr", &[], |x| {
            // The order is the schema's.
            for (name, set) in [
                ("w:b", self.bold),
                ("w:bCs", self.bold),
                ("w:i", self.italic),
                ("w:iCs", self.italic),
            ] {
                if set {
                    x.empty(name, &[])?;
                }
            }
            if let Some(color) = &self.color {
                x.value("w:color", color)?;
            }
            if let Some(size) = &self.size {
                x.value("w:sz", size)?;
                x.value("w:szCs", size)?;
            }
            if khmer { x.empty("w:cs", &[]) } else { Ok(()) }
        })
    }
}

/// The text as runs of one script each.
pub(super) fn runs(xml: &mut Xml, text: &str, look: &Look) -> io::Result<()> {
    for (run, khmer) in by_script(text) {
        xml.element("w:r", &[], |x| {
            look.write(x, khmer)?;
            for (i, part) in run.split('\t').enumerate() {
                if i > 0 {
                    x.empty("w:tab", &[])?;
                }
                if !part.is_empty() {
                    x.element("w:t", &[("xml:space", "preserve")], |x| x.text(part))?;
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// The text in stretches of Khmer and of other scripts. What belongs to no script (spaces,
/// punctuation, ASCII digits) stays with the stretch before it, so that a sentence keeps one face.
fn by_script(text: &str) -> Vec<(&str, bool)> {
    let mut out = Vec::new();
    let (mut start, mut current) = (0, None);
    for (at, c) in text.char_indices() {
        let script =
            if flow::is_khmer(c) { Some(true) } else { c.is_alphabetic().then_some(false) };
        match (current, script) {
            (Some(a), Some(b)) if a != b => {
                out.push((&text[start..at], a));
                (start, current) = (at, script);
            }
            (None, Some(_)) => current = script,
            _ => {}
        }
    }
    if start < text.len() {
        out.push((&text[start..], current.unwrap_or(false)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn body(document: &Document) -> String {
        String::from_utf8(write(document).unwrap()).unwrap()
    }

    #[test]
    fn scripts_are_parted() {
        assert_eq!(
            by_script("ទឹក 12, water 5 ភ្លៀង។"),
            [("ទឹក 12, ", true), ("water 5 ", false), ("ភ្លៀង។", true)]
        );
        assert_eq!(by_script("12 - 5"), [("12 - 5", false)]);
        assert!(by_script("").is_empty());
    }

    #[test]
    fn each_page_is_a_section() {
        let xml = body(&samples::letter());
        assert_eq!(xml.matches("<w:sectPr>").count(), 2);
        assert!(xml.contains(r#"<w:pgSz w:w="11900" w:h="16840" w:orient="portrait"/>"#));
        assert!(xml.contains(r#"w:left="1440""#), "{xml}");
    }

    #[test]
    fn kinds_alignment_and_indents_are_kept() {
        let xml = body(&samples::letter());
        assert!(xml.contains(r#"<w:pStyle w:val="Heading1"/><w:spacing"#));
        assert!(xml.contains(r#"<w:ind w:left="0" w:firstLine="480"/><w:jc w:val="both"/>"#));
        assert!(xml.contains(r#"<w:pStyle w:val="ListParagraph"/>"#));
    }

    #[test]
    fn a_page_in_pixels_becomes_a_sheet_of_paper() {
        let mut document = samples::letter();
        for page in &mut document.pages {
            (page.width, page.height) = (1654.0, 2339.0);
        }
        assert!(body(&document).contains(r#"w:h="16840""#));
    }

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        let mut document = samples::letter();
        document.pages[1].blocks[0].lines[0].text = "ក\u{1}\u{b}ខ".to_owned();
        assert!(body(&document).contains("កខ"));
    }

    #[test]
    fn legacy_type_is_set_as_large_as_its_letters() {
        let mut document = samples::letter();
        let line = &mut document.pages[1].blocks[0].lines[0];
        line.style.size = Some(22.0);
        assert!(body(&document).contains(r#"<w:szCs w:val="44"/>"#));
        document.pages[1].blocks[0].lines[0].source = PageSource::Legacy;
        assert!(body(&document).contains(r#"<w:szCs w:val="21"/>"#));
    }
}
