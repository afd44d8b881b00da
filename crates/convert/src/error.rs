//! What can go wrong while converting.

use khocr_pdf::PdfError;
use khocr_vision::VisionError;

/// Why a file, or a page of it, could not be converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The bytes start like no file this crate reads.
    #[error("this is not a PDF, PNG, JPEG or TIFF file")]
    UnknownFormat,
    /// There are no bytes.
    #[error("the file is empty")]
    Empty,
    /// The PDF could not be opened or a page of it could not be drawn.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// The picture is damaged or of a kind that is not supported.
    #[error("the {format} picture cannot be decoded: {reason}")]
    Picture {
        /// `PNG`, `JPEG` or `TIFF`.
        format: &'static str,
        /// The decoder's reason.
        reason: String,
    },
    /// The picture has more pixels than may be decoded.
    #[error("the picture has {width} x {height} pixels, more than the {limit} that are allowed")]
    TooManyPixels {
        /// Its width in pixels.
        width: u64,
        /// Its height in pixels.
        height: u64,
        /// How many pixels are allowed.
        limit: u64,
    },
    /// None of the pages asked for is in the file.
    #[error("none of the pages {asked} is in the file, which has {total}")]
    NoSuchPages {
        /// The ranges asked for.
        asked: String,
        /// Pages of the file.
        total: u32,
    },
    /// The reader failed on a page.
    #[error(transparent)]
    Read(#[from] VisionError),
    /// A page made the converter panic; the panic was caught.
    #[error("an internal error while reading the page: {0}")]
    Panic(String),
    /// Every page failed; the reason is the first page's.
    #[error("no page could be read: {0}")]
    EveryPageFailed(String),
    /// The caller asked to stop.
    #[error("the conversion was cancelled")]
    Cancelled,
}
