//! hOCR 1.2 (kba.github.io/hocr-spec/1.2): HTML with a box for each page, block, line and word.

use std::fmt::Write;

use khocr_document::{Block, Document, Line, Page, Rect, SCHEMA_VERSION};
use quick_xml::escape::escape;

/// Dots per inch of the boxes: hOCR counts pixels, the document points.
const DPI: f32 = 300.0;

/// The whole document.
pub(crate) fn write(document: &Document) -> String {
    let mut out = String::new();
    out.push_str("<!DOCTYPE html>\n<html lang=\"km\">\n<head>\n<meta charset=\"utf-8\">\n<title>khocr</title>\n");
    let _ = writeln!(out, "<meta name=\"ocr-system\" content=\"khocr {SCHEMA_VERSION}\">");
    out.push_str("<meta name=\"ocr-capabilities\" content=\"ocr_page ocr_carea ocr_par ocr_line ocrx_word\">\n");
    out.push_str("<meta name=\"ocr-langs\" content=\"km en\">\n</head>\n<body>\n");
    for page in &document.pages {
        write_page(&mut out, page);
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn write_page(out: &mut String, page: &Page) {
    let n = page.number;
    let whole = bbox(Rect::new(0.0, 0.0, page.width, page.height));
    let _ = writeln!(
        out,
        "<div class=\"ocr_page\" id=\"page_{n}\" title=\"{whole}; ppageno {}; scan_res {DPI} {DPI}\">",
        n.saturating_sub(1)
    );
    for (i, block) in (1..).zip(&page.blocks) {
        write_block(out, block, &format!("{n}_{i}"));
    }
    out.push_str("</div>\n");
}

fn write_block(out: &mut String, block: &Block, id: &str) {
    let area = bbox(block.rect);
    let _ = writeln!(out, "<div class=\"ocr_carea\" id=\"block_{id}\" title=\"{area}\">");
    let _ = writeln!(out, "<p class=\"ocr_par\" id=\"par_{id}\" title=\"{area}\">");
    for (i, line) in (1..).zip(block.all_lines()) {
        write_line(out, line, &format!("{id}_{i}"));
    }
    out.push_str("</p>\n</div>\n");
}

fn write_line(out: &mut String, line: &Line, id: &str) {
    let area = bbox(line.rect);
    let _ = write!(out, "<span class=\"ocr_line\" id=\"line_{id}\" title=\"{area}\">");
    if line.words.is_empty() {
        out.push_str(&escape(&line.text));
    }
    for (i, word) in line.words.iter().enumerate() {
        let space = if i > 0 { " " } else { "" };
        let (area, sure) = (bbox(word.rect), (word.confidence * 100.0).round());
        let _ = write!(
            out,
            "{space}<span class=\"ocrx_word\" id=\"word_{id}_{}\" title=\"{area}; x_wconf {sure}\">{}</span>",
            i + 1,
            escape(&word.text)
        );
    }
    out.push_str("</span>\n");
}

fn bbox(r: Rect) -> String {
    let [x0, y0, x1, y1] = [r.x0, r.y0, r.x1, r.y1].map(|v| (v * DPI / 72.0).round() as i64);
    format!("bbox {x0} {y0} {x1} {y1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn words_carry_boxes_and_confidence() {
        let html = write(&samples::letter());
        assert!(html.contains("title=\"bbox 0 0 2479 3508; ppageno 0; scan_res 300 300\""));
        assert!(html.contains("x_wconf 98\">សេចក្តីជូនដំណឹង</span>"));
        assert!(html.contains("&lt;more&gt;"));
    }

    #[test]
    fn it_is_well_formed() {
        let html = write(&samples::letter());
        let body = html.split_once("</head>").unwrap().1.trim_end_matches("</html>\n");
        let mut reader = quick_xml::Reader::from_str(body);
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Eof => break,
                _ => continue,
            }
        }
    }
}
