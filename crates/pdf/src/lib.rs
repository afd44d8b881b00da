#![forbid(unsafe_code)]
//! Opens PDFs: pages and their sizes, pictures of pages, and the native text with its glyphs.
//!
//! This crate knows no model and passes no judgement: it tells what is in the file. Whether the
//! text layer can be trusted is decided above.
//!
//! Everything that interprets a file runs on one thread the document owns, with a deep stack,
//! behind `catch_unwind` and under [`Limits`]: a hostile page costs an error, not the process.
//!
//! ```no_run
//! # fn main() -> Result<(), khocr_pdf::PdfError> {
//! # let bytes = Vec::new();
//! let pdf = khocr_pdf::Pdf::open(bytes, None, &khocr_pdf::Limits::default())?;
//! for index in 0..pdf.page_count() {
//!     let picture = pdf.picture(index, 200.0)?;
//!     println!("{} x {} pixels", picture.width, picture.height);
//! }
//! # Ok(())
//! # }
//! ```

mod clip;
mod desk;
mod embedded;
mod error;
mod guard;
mod limits;
mod native;
mod nesting;
mod open;
mod picture;
mod raster;
mod sizes;
mod survey;
mod unpacked;

pub use error::PdfError;
pub use limits::Limits;
pub use native::{
    NativeFont, NativeGlyph, NativeLine, NativePage, NativeRun, TextSource, Visibility,
};
pub use open::{PageSize, Pdf};
pub use picture::{PagePicture, PictureOrigin};
