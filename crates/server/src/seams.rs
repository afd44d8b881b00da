//! What the server needs from the rest of the house, as small traits: the API can be built and
//! tested without a PDF library or a model.

use std::path::Path;

use serde::Serialize;
use utoipa::ToSchema;

use crate::Format;
use crate::sniff::FileKind;

/// What an upload turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// How many pages it has.
    pub pages: u32,
}

/// Why an upload is refused. Each becomes a 400 that names the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// Not a file of a kind that is read.
    #[error("not a PDF, PNG, JPEG or TIFF")]
    Unsupported,
    /// It asks for a password.
    #[error("encrypted")]
    Encrypted,
    /// It cannot be opened; says why, in English.
    #[error("damaged: {0}")]
    Damaged(String),
    /// More pages than can be handled; says how many, in English.
    #[error("too many pages: {0}")]
    TooManyPages(String),
    /// A picture with too many pixels, or pages that are too large; says so, in English.
    #[error("too large: {0}")]
    TooLarge(String),
}

/// Opens an upload far enough to know whether it can be converted and how many pages it has.
/// Called on a thread that may block; must not panic on any input, though a panic is caught.
pub trait Intake: Send + Sync + 'static {
    /// Looks at the file at `path`, whose first bytes say that it is of that kind.
    ///
    /// # Errors
    /// Why it cannot be converted.
    fn inspect(&self, path: &Path, kind: FileKind) -> Result<Inspection, IntakeError>;
}

/// Writes a result in another format. Called on a thread that may block.
pub trait Render: Send + Sync + 'static {
    /// The formats it can write, JSON not counted.
    fn formats(&self) -> &[Format];

    /// The stored result JSON in that format.
    ///
    /// # Errors
    /// What went wrong, for the log.
    fn render(&self, json: &[u8], format: Format) -> Result<Vec<u8>, String>;
}

/// One reading model of the binary, as `GET /api/v1/models` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ModelInfo {
    /// Stable id.
    #[schema(example = "khocr-line-1")]
    pub id: String,
    /// What it does, such as `line_reader` or `line_finder`.
    #[schema(example = "line_reader")]
    pub kind: String,
    /// BCP 47 languages it reads; empty for a model that knows no language.
    #[schema(example = json!(["km", "en"]))]
    pub languages: Vec<String>,
    /// Its version.
    #[schema(example = "1.0.0")]
    pub version: String,
    /// What was measured, by whom it can be repeated.
    pub accuracy: Vec<Accuracy>,
}

/// One measured figure of a model.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Accuracy {
    /// What was measured, such as `character_error_rate`.
    #[schema(example = "character_error_rate")]
    pub metric: String,
    /// On what.
    #[schema(example = "41 real pages")]
    pub on: String,
    /// The figure, in per cent.
    #[schema(example = 0.9)]
    pub percent: f64,
}

/// What the binary knows about its models.
pub trait Models: Send + Sync + 'static {
    /// The models in the binary.
    fn list(&self) -> Vec<ModelInfo>;

    /// Whether they can be used. Must be cheap: it is asked by every health check.
    ///
    /// # Errors
    /// What is wrong.
    fn check(&self) -> Result<(), String>;
}
