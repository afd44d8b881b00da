//! The reader the binary carries.

use std::sync::Arc;

use khocr_convert::Converter;
use khocr_document::Page;
use khocr_vision::{PageImage, ReadPage, Reader, VisionError};

/// Threads that read lines beside each other, when told by `RTEN_NUM_THREADS`, which a worker sets
/// for its children; else one for each processor.
fn threads() -> usize {
    let told = std::env::var("RTEN_NUM_THREADS").ok().and_then(|n| n.parse().ok());
    told.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1).max(1)
}

/// The page reader on the embedded models.
pub(crate) fn reader() -> Result<Reader, VisionError> {
    Reader::embedded_with(threads())
}

/// A converter on the embedded models. Where they are unusable, pages with a right text layer are
/// still converted; each page that would have to be read fails with the reason.
pub(crate) fn converter() -> Converter {
    let reader: Arc<dyn ReadPage> = match reader() {
        Ok(reader) => Arc::new(reader),
        Err(error) => {
            tracing::warn!("pictures cannot be read: {error}");
            Arc::new(Unusable(error.to_string()))
        }
    };
    Converter::new(reader)
}

/// Stands in for models that do not load.
struct Unusable(String);

impl ReadPage for Unusable {
    fn read(&self, _: &PageImage, _: &dyn Fn() -> bool) -> Result<Page, VisionError> {
        Err(VisionError::Load { model: "embedded", reason: self.0.clone() })
    }
}
