//! One result out of the results of a document's parts, the same as if it had been converted whole.

use khocr_convert::{ConvertError, FAILED};
use khocr_document::{Document, MeanConfidence, Page, PageSource, SCHEMA_VERSION, SourceKind};
use serde::Serialize;

use crate::convert::refusal;
use crate::{Converted, Refusal};

/// What a page stands for that could not be converted and whose size is not known: A4, in points.
const UNKNOWN_SIZE: (f32, f32) = (595.0, 842.0);

/// The document of a part none of whose pages could be converted.
pub(crate) fn unread((first, last): (u32, u32), why: &str) -> Document {
    let page = |number| Page {
        number,
        width: UNKNOWN_SIZE.0,
        height: UNKNOWN_SIZE.1,
        rotation: 0,
        skew: 0.0,
        source: PageSource::Ocr,
        reason: Some(format!("{FAILED}{why}")),
        confidence: None,
        blocks: Vec::new(),
    };
    Document::new(SourceKind::Pdf, 0, (first..=last).map(page).collect())
}

/// The fields of [`Document`] before its pages, and after them.
#[derive(Serialize)]
struct Head<'a> {
    schema: &'a str,
    kind: SourceKind,
    total_pages: u32,
    confidence: Option<f32>,
}

/// Joins parts, which come in the order of their pages. Only one of them is in memory as a
/// document at a time; the rest is JSON already.
pub(crate) fn join(
    parts: &mut dyn Iterator<Item = Result<Vec<u8>, Refusal>>,
) -> Result<Converted, Refusal> {
    let broken = |e: serde_json::Error| Refusal::crashed(&format!("a part's result: {e}"));
    let (mut pages, mut text, mut count) = (Vec::new(), String::new(), 0u32);
    let (mut kind, mut total) = (SourceKind::Pdf, 0);
    let mut confidence = MeanConfidence::default();
    let (mut failures, mut first_failure) = (0, None);
    for part in parts {
        let document: Document = serde_json::from_slice(&part?).map_err(broken)?;
        if document.total_pages > total {
            (kind, total) = (document.kind, document.total_pages);
        }
        for page in &document.pages {
            if count > 0 {
                pages.push(b',');
                text.push('\u{c}');
            }
            count += 1;
            serde_json::to_writer(&mut pages, page).map_err(broken)?;
            text.push_str(&page.text());
            confidence.add(page);
            if let Some(why) = page.reason.as_deref().and_then(|r| r.strip_prefix(FAILED)) {
                failures += 1;
                first_failure.get_or_insert_with(|| why.to_owned());
            }
        }
    }
    if let Some(why) = first_failure
        && failures == count
    {
        return Err(refusal(&ConvertError::EveryPageFailed(why)));
    }
    let confidence = confidence.mean();
    let head = Head { schema: SCHEMA_VERSION, kind, total_pages: total, confidence };
    let mut json = serde_json::to_vec(&head).map_err(broken)?;
    json.pop();
    json.extend_from_slice(b",\"pages\":[");
    json.append(&mut pages);
    json.extend_from_slice(b"],\"text\":");
    serde_json::to_writer(&mut json, &text).map_err(broken)?;
    json.push(b'}');
    Ok(Converted { json, pages: count })
}

#[cfg(test)]
mod tests {
    use khocr_document::{Alignment, Block, BlockKind, Line, Rect, Style};

    use super::*;

    fn page(number: u32) -> Page {
        let rect = Rect { x0: 1.25, y0: 2.1, x1: 100.7, y1: 12.3 };
        let line = |text: String| Line {
            text,
            rect,
            confidence: 0.871,
            source: PageSource::Ocr,
            words: Vec::new(),
            style: Style::default(),
        };
        let block = Block {
            kind: BlockKind::Paragraph,
            rect,
            alignment: Alignment::Left,
            indent: 0.1,
            lines: vec![line(format!("ទំព័រ {number}")), line("two \"lines\"\u{0}".to_owned())],
            table: None,
        };
        let mut page = unread((number, number), "").pages.remove(0);
        page.reason = (number == 3).then(|| format!("{FAILED}it is blank"));
        page.confidence = (number % 2 == 1).then(|| 0.5 + number as f32 / 7.0 / 3.0);
        page.blocks = vec![block];
        page
    }

    fn parts(documents: &[Document]) -> Result<Converted, Refusal> {
        let mut parts = documents.iter().map(|d| Ok(serde_json::to_vec(d).unwrap()));
        join(&mut parts)
    }

    #[test]
    fn the_parts_of_a_document_make_the_document() {
        let of = |pages: Vec<Page>| Document::new(SourceKind::Image, 9, pages);
        let whole = of((1..=9).map(page).collect());
        let joined = parts(&[
            of((1..=4).map(page).collect()),
            of(vec![page(5)]),
            of((6..=9).map(page).collect()),
        ])
        .unwrap();
        assert_eq!(joined.pages, 9);
        let expected = serde_json::to_string(&whole).unwrap();
        assert_eq!(String::from_utf8(joined.json).unwrap(), expected, "to the byte");
    }

    #[test]
    fn pages_that_failed_stay_unless_all_did() {
        let good = Document::new(SourceKind::Image, 4, vec![page(3), page(4)]);
        let joined = parts(&[unread((1, 2), "it is blank"), good]).unwrap();
        let document: Document = serde_json::from_slice(&joined.json).unwrap();
        assert_eq!((document.kind, document.total_pages), (SourceKind::Image, 4));
        assert_eq!(document.pages[1].reason.as_deref(), Some("failed: it is blank"));
        let bad = parts(&[unread((1, 2), "torn"), unread((3, 4), "wet")]).unwrap_err();
        assert_eq!((bad.failure.code.as_str(), bad.again), ("unreadable", false));
        assert!(bad.failure.message.contains("torn"));
    }

    #[test]
    fn rubbish_is_no_part() {
        let mut rubbish = std::iter::once(Ok(b"{}".to_vec()));
        assert!(join(&mut rubbish).unwrap_err().again);
    }
}
