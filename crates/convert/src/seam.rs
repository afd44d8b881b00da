//! The reader's trait, until the vision crate exports its own.

use khocr_document::Page;
use khocr_vision::{PageImage, VisionError};

/// Reads the picture of a page.
pub trait ReadPage: Send + Sync {
    /// The page; `control` answers true when reading should stop.
    ///
    /// # Errors
    /// When the picture cannot be read.
    fn read(&self, image: &PageImage, control: &dyn Fn() -> bool) -> Result<Page, VisionError>;
}
