#![forbid(unsafe_code)]
//! The one model every stage of khocr speaks: a document of pages, blocks, lines and words.
//!
//! The reader and the native text extractor produce it, the exporters consume it, and its serde
//! form *is* the JSON result of the API, under the version in [`SCHEMA_VERSION`].
//!
//! Coordinates are page points (1/72 inch) with the origin at the top left of the upright page,
//! x to the right and y downwards. Confidences lie in `0.0..=1.0`.

mod geometry;
mod page;
mod table;
mod text;

pub use geometry::Rect;
pub use page::{
    Alignment, Block, BlockKind, Document, Line, MeanConfidence, Page, PageSource, SourceKind,
    Style, Word,
};
pub use table::{Cell, Table};

/// The version of the JSON form. The first number changes when a reader of the old form would
/// break, the second when something was added.
pub const SCHEMA_VERSION: &str = "1.0";
