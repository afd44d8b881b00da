//! The reader the binary carries.

use std::sync::Arc;

use khocr_convert::{Converter, ReadPage};
use khocr_document::Page;
use khocr_vision::{PageImage, VisionError};

/// Reads nothing: stands in until the binary has its models.
struct Blind;

impl ReadPage for Blind {
    fn read(&self, image: &PageImage, _: &dyn Fn() -> bool) -> Result<Page, VisionError> {
        let points = 72.0 / image.dpi.unwrap_or(200.0);
        Ok(Page {
            number: 1,
            width: image.width as f32 * points,
            height: image.height as f32 * points,
            rotation: 0,
            skew: 0.0,
            source: khocr_document::PageSource::Ocr,
            reason: None,
            confidence: None,
            blocks: Vec::new(),
        })
    }
}

/// A converter on the embedded models.
pub(crate) fn converter() -> anyhow::Result<Converter> {
    Ok(Converter::new(Arc::new(Blind)))
}
