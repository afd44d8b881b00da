#![forbid(unsafe_code)]
//! From the bytes of a file to a [`Document`](khocr_document::Document).
//!
//! [`Converter::convert`] walks a file page by page. A page of a PDF takes its text from the file's
//! own text layer where that layer is right, else its picture is read; a picture is always read.
//! Pages come out in the file's order, one page picture is in memory at a time, and a page that
//! fails leaves an empty page with the reason on it instead of ending the whole conversion.

mod converter;
mod error;
mod native;
mod page;
mod picture;
mod ranges;
mod sniff;
mod source;

pub use converter::{Converter, FAILED, Options, Progress};
pub use error::ConvertError;
pub use native::{NativeVerdict, native_page};
pub use ranges::{PageRanges, RangeError};
pub use sniff::{FileKind, sniff};
pub use source::{Source, count_pages};
