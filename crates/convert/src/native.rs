//! Decides where a PDF page's text comes from.

use khocr_document::Page;

use crate::ConvertError;
use crate::page::PdfPage;

/// The page, from its text layer where that is right, else read.
pub(crate) fn choose(page: &PdfPage<'_>) -> Result<Page, ConvertError> {
    page.read()
}
