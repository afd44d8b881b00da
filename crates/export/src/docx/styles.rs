//! Fonts, sizes and languages, as styles.

use std::io;

use super::xml::Xml;

/// The namespace of WordprocessingML.
pub(super) const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/// The face of running Khmer text. It comes with Khmer versions of Windows and with LibreOffice's
/// Khmer packs; Word falls back to its own Khmer face where it is missing.
const BODY: &str = "Khmer OS Battambang";
/// The face of the two highest headings.
const MOUL: &str = "Khmer OS Muol Light";
/// The face of Latin text.
const LATIN: &str = "Times New Roman";

/// Half points of running text, Khmer and Latin: in one line 11-point Khmer OS matches 12-point
/// Latin, whose letters fill less of their em.
const BODY_SIZE: &str = "22";
const LATIN_SIZE: &str = "24";

/// One style of a paragraph.
struct ParagraphStyle {
    id: &'static str,
    name: &'static str,
    /// Half points.
    size: &'static str,
    bold: bool,
    font: &'static str,
    /// Level of the outline, 0 the highest.
    outline: Option<&'static str>,
    /// Twentieths of a point before and after.
    spacing: [&'static str; 2],
}

const fn heading(
    id: &'static str,
    name: &'static str,
    outline: &'static str,
    size: &'static str,
) -> ParagraphStyle {
    let font = if outline.as_bytes()[0] < b'2' { MOUL } else { BODY };
    let bold = outline.as_bytes()[0] >= b'2';
    let spacing = ["120", "60"];
    ParagraphStyle { id, name, size, bold, font, outline: Some(outline), spacing }
}

const fn plain(id: &'static str, name: &'static str, size: &'static str) -> ParagraphStyle {
    ParagraphStyle { id, name, size, bold: false, font: BODY, outline: None, spacing: ["0", "0"] }
}

const STYLES: [ParagraphStyle; 10] = [
    heading("Heading1", "heading 1", "0", "28"),
    heading("Heading2", "heading 2", "1", "24"),
    heading("Heading3", "heading 3", "2", "24"),
    heading("Heading4", "heading 4", "3", "22"),
    heading("Heading5", "heading 5", "4", "22"),
    heading("Heading6", "heading 6", "5", "22"),
    plain("ListParagraph", "List Paragraph", BODY_SIZE),
    plain("Header", "header", "18"),
    plain("Footer", "footer", "18"),
    plain("FootnoteText", "footnote text", "18"),
];

/// The styles part.
pub(super) fn write() -> io::Result<Vec<u8>> {
    let mut xml = Xml::new()?;
    xml.element("w:styles", &[("xmlns:w", W)], |x| {
        defaults(x)?;
        let normal = [("w:type", "paragraph"), ("w:default", "1"), ("w:styleId", "Normal")];
        x.element("w:style", &normal, |x| {
            x.value("w:name", "Normal")?;
            x.empty("w:qFormat", &[])
        })?;
        STYLES.iter().try_for_each(|s| style(x, s))?;
        table_style(x)
    })?;
    Ok(xml.finish())
}

fn defaults(xml: &mut Xml) -> io::Result<()> {
    xml.element("w:docDefaults", &[], |x| {
        x.element("w:rPrDefault", &[], |x| {
            x.element("w:rPr", &[], |x| {
                let fonts =
                    [("w:ascii", LATIN), ("w:hAnsi", LATIN), ("w:eastAsia", LATIN), ("w:cs", BODY)];
                x.empty("w:rFonts", &fonts)?;
                x.value("w:sz", LATIN_SIZE)?;
                x.value("w:szCs", BODY_SIZE)?;
                let languages = [("w:val", "en-US"), ("w:eastAsia", "en-US"), ("w:bidi", "km-KH")];
                x.empty("w:lang", &languages)
            })
        })?;
        x.element("w:pPrDefault", &[], |x| {
            x.element("w:pPr", &[], |x| {
                x.empty("w:spacing", &[("w:before", "0"), ("w:after", "60")])
            })
        })
    })
}

fn style(xml: &mut Xml, style: &ParagraphStyle) -> io::Result<()> {
    xml.element("w:style", &[("w:type", "paragraph"), ("w:styleId", style.id)], |x| {
        x.value("w:name", style.name)?;
        x.value("w:basedOn", "Normal")?;
        x.empty("w:qFormat", &[])?;
        x.element("w:pPr", &[], |x| {
            if style.outline.is_some() {
                x.empty("w:keepNext", &[])?;
            }
            let [before, after] = style.spacing;
            x.empty("w:spacing", &[("w:before", before), ("w:after", after)])?;
            style.outline.map_or(Ok(()), |level| x.value("w:outlineLvl", level))
        })?;
        x.element("w:rPr", &[], |x| {
            x.empty("w:rFonts", &[("w:cs", style.font)])?;
            if style.bold || style.outline.is_some() {
                x.empty("w:b", &[])?;
            }
            if style.bold {
                x.empty("w:bCs", &[])?;
            }
            x.value("w:sz", style.size)?;
            x.value("w:szCs", style.size)
        })
    })
}

/// A grid of thin rules.
fn table_style(xml: &mut Xml) -> io::Result<()> {
    xml.element("w:style", &[("w:type", "table"), ("w:styleId", "TableGrid")], |x| {
        x.value("w:name", "Table Grid")?;
        x.element("w:tblPr", &[], |x| {
            x.element("w:tblBorders", &[], |x| {
                let rule =
                    [("w:val", "single"), ("w:sz", "4"), ("w:space", "0"), ("w:color", "auto")];
                ["w:top", "w:left", "w:bottom", "w:right", "w:insideH", "w:insideV"]
                    .iter()
                    .try_for_each(|side| x.empty(side, &rule))
            })?;
            x.element("w:tblCellMar", &[], |x| {
                x.empty("w:left", &[("w:w", "80"), ("w:type", "dxa")])?;
                x.empty("w:right", &[("w:w", "80"), ("w:type", "dxa")])
            })
        })
    })
}
