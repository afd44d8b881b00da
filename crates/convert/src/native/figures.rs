//! Pictures on a page whose layer is right: a scanned table or clipping holds text that the layer
//! does not. Such pictures are read, and what is surely text is put into the page.

use khocr_document::{Page, PageSource, Rect};
use khocr_khmer::judge::{Verdict, decide, weigh};
use khocr_pdf::NativePage;

use super::mixed;
use crate::page::PdfPage;

/// Share of the page from which a picture is worth reading.
const LARGE: f32 = 0.05;

/// Pictures read on one page.
const MOST: usize = 6;

/// Confidence from which a line read in a picture is taken for text.
const SURE: f32 = 0.8;

/// Letters that text in a picture must have.
const LETTERS: usize = 15;

/// The pictures of a page that may hold text of their own: large, and free of the layer's lines.
pub(crate) fn unread(native: &NativePage, page: &Page) -> Vec<Rect> {
    let area = native.width * native.height;
    let mut found: Vec<Rect> = Vec::new();
    for image in &native.images {
        let rect = Rect::from(*image);
        match found.iter_mut().find(|f| f.overlap(&rect) > 0.0) {
            Some(f) => *f = f.union(&rect),
            None => found.push(rect),
        }
        if found.len() > 64 {
            return Vec::new();
        }
    }
    let large = |r: &Rect| r.width() * r.height() >= LARGE * area && r.height() > 24.0;
    let free = |r: &Rect| {
        page.lines().all(|l| l.rect.overlap(r) <= 0.3 * l.rect.width() * l.rect.height())
    };
    found.retain(|r| large(r) && free(r));
    found.truncate(MOST);
    found
}

/// Reads those pictures and puts what is text into the page.
pub(crate) fn read(page: &PdfPage<'_>, made: &mut Page, pictures: &[Rect]) {
    for rect in pictures {
        let Ok(mut read) = page.read_region(*rect) else { continue };
        for block in &mut read.blocks {
            block.lines.retain(|l| l.confidence >= SURE);
        }
        read.blocks.retain(|b| !b.lines.is_empty() || b.table.is_some());
        let text: String = read.lines().map(|l| format!("{} ", l.text)).collect();
        let found = weigh(&text);
        let enough = found.khmer_letters + found.other_letters >= LETTERS;
        if !enough || !matches!(decide(&found), Verdict::Good | Verdict::NotKhmer) {
            continue;
        }
        for block in read.blocks {
            mixed::insert(made, block);
        }
        made.source = PageSource::Mixed;
        made.reason = Some("the layer is right, and a picture was read".to_owned());
        made.confidence = read.confidence;
    }
}
