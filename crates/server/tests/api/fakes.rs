//! What stands in for the PDF library, the exporters and the models.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use khocr_server::{
    Accuracy, FileKind, Format, Inspection, Intake, IntakeError, ModelInfo, Models, Render,
};

/// Believes what a file says of itself: `%PDF-1.7 pages=12`, `encrypted`, `damaged`, `panic`.
pub(crate) struct FakeIntake;

impl Intake for FakeIntake {
    fn inspect(&self, path: &Path, kind: FileKind) -> Result<Inspection, IntakeError> {
        let bytes = std::fs::read(path).unwrap();
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
        if kind != FileKind::Pdf {
            return Ok(Inspection { pages: 1 });
        }
        if text.contains("panic") {
            panic!("the file made me");
        }
        if text.contains("encrypted") {
            return Err(IntakeError::Encrypted);
        }
        if text.contains("damaged") {
            return Err(IntakeError::Damaged("no cross-reference table".to_owned()));
        }
        let pages = text.split("pages=").nth(1).and_then(|t| {
            t.split(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse().ok())
        });
        Ok(Inspection { pages: pages.unwrap_or(1) })
    }
}

/// Writes text as it is, and Word files that are none.
pub(crate) struct FakeRender;

impl Render for FakeRender {
    fn formats(&self) -> &[Format] {
        &[Format::Text, Format::Docx]
    }

    fn render(&self, json: &[u8], format: Format) -> Result<Vec<u8>, String> {
        let document: serde_json::Value =
            serde_json::from_slice(json).map_err(|e| e.to_string())?;
        let text = document["text"].as_str().unwrap_or_default();
        Ok(match format {
            Format::Text => text.as_bytes().to_vec(),
            _ => [b"PK\x03\x04", text.as_bytes()].concat(),
        })
    }
}

/// One model, which can be broken.
#[derive(Default)]
pub(crate) struct FakeModels {
    pub(crate) broken: AtomicBool,
    pub(crate) panics: AtomicBool,
}

impl Models for FakeModels {
    fn list(&self) -> Vec<ModelInfo> {
        if self.panics.load(Ordering::Relaxed) {
            panic!("secret inner words");
        }
        vec![ModelInfo {
            id: "fake-line".to_owned(),
            kind: "line_reader".to_owned(),
            languages: vec!["km".to_owned(), "en".to_owned()],
            version: "1.0.0".to_owned(),
            accuracy: vec![Accuracy {
                metric: "character_error_rate".to_owned(),
                on: "nothing at all".to_owned(),
                percent: 0.5,
            }],
        }]
    }

    fn check(&self) -> Result<(), String> {
        match self.broken.load(Ordering::Relaxed) {
            false => Ok(()),
            true => Err("the weights are gone".to_owned()),
        }
    }
}
