//! The choice between layer and picture, with a reader that says what the test tells it.
#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicUsize, Ordering};

use khocr_document::{Page, PageSource, Rect};
use khocr_pdf::{Limits, Pdf};
use khocr_vision::{PageImage, ReadPage, VisionError};

use super::choose;
use crate::converter::tests::page_with_line;
use crate::page::PdfPage;

#[path = "../../../pdf/tests/common/mod.rs"]
mod common;

use common::{Builder, grey};

/// Reads the same line on every picture, and counts how often it is asked.
struct Fixed {
    text: &'static str,
    asked: AtomicUsize,
}

impl ReadPage for Fixed {
    fn read(&self, image: &PageImage, _: &dyn Fn() -> bool) -> Result<Page, VisionError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let (w, h) = (image.width as f32, image.height as f32);
        let mut page = page_with_line(self.text, Rect::new(0.0, 0.0, w, h));
        (page.width, page.height) = (w, h);
        Ok(page)
    }
}

const GOOD: &str = "ក្មេងៗនាំគ្នាទៅរៀននៅសាលាក្បែរវត្តរាល់ព្រឹក";

/// The page chosen for a file whose font's codes are the letters of [`GOOD`], and how often the
/// reader was asked.
fn chosen(content: &str, reads: &'static str) -> (Page, usize) {
    let mut file = Builder::default();
    let mut letters: Vec<char> = GOOD.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    let told: Vec<(u16, String)> = letters.iter().map(|c| (*c as u16, c.to_string())).collect();
    let entries: Vec<(u16, &str)> = told.iter().map(|(c, t)| (*c, t.as_str())).collect();
    let font = file.font("Khmer", &entries);
    let (dict, data) = grey(60, 30);
    let image = file.stream(&dict, &data);
    let resources = format!("/Font << /K {font} 0 R >> /XObject << /I {image} 0 R >>");
    let bytes = file.one_page(content, &resources, "/MediaBox [0 0 600 300]");
    let pdf = Pdf::open(bytes, None, &Limits::default()).unwrap();
    let reader = Fixed { text: reads, asked: AtomicUsize::new(0) };
    let page = choose(&PdfPage::new(&pdf, 0, &reader)).unwrap();
    (page, reader.asked.into_inner())
}

fn shown(text: &str) -> String {
    let codes: String = text.encode_utf16().map(|u| format!("{u:04X}")).collect();
    // Twice, so that there is enough of it beside a picture.
    format!("BT /K 12 Tf 20 280 Td <{codes}> Tj 0 -15 Td <{codes}> Tj ET ")
}

/// The text of a page that shows [`GOOD`].
fn twice() -> String {
    format!("{GOOD}\n{GOOD}")
}

#[test]
fn a_good_layer_costs_no_reading() {
    let (page, asked) = chosen(&shown(GOOD), "x");
    assert_eq!((page.text(), page.source, asked), (twice(), PageSource::Native, 0));
}

#[test]
fn a_scan_is_read_and_says_why() {
    let (page, asked) = chosen("q 600 0 0 300 0 0 cm /I Do Q", GOOD);
    assert_eq!((page.source, asked), (PageSource::Ocr, 1));
    assert_eq!(page.reason.as_deref(), Some("no text layer"));
}

#[test]
fn a_picture_beside_good_text_is_read_and_put_in_its_place() {
    let figure = "q 500 0 0 100 50 20 cm /I Do Q";
    let (page, asked) = chosen(&format!("{}{figure}", shown(GOOD)), "ល្ងាចឡើង ម្តាយមកទទួលកូនត្រឡប់ទៅផ្ទះវិញ");
    assert_eq!((page.source, asked), (PageSource::Mixed, 1));
    let sources: Vec<PageSource> = page.lines().map(|l| l.source).collect();
    assert_eq!(sources, [PageSource::Native, PageSource::Native, PageSource::Ocr]);
    let rect = page.blocks[page.blocks.len() - 1].rect;
    assert!((rect.x0 - 50.0).abs() < 1.0 && (rect.y0 - 180.0).abs() < 1.0, "{rect:?}");
}

#[test]
fn a_photograph_adds_nothing() {
    let figure = "q 500 0 0 100 50 20 cm /I Do Q";
    let (page, _) = chosen(&format!("{}{figure}", shown(GOOD)), "ា្ុ");
    assert_eq!((page.source, page.text()), (PageSource::Native, twice()));
}
