//! The parts the HTTP server asks for: opening uploads, writing results, knowing the models.

use std::path::Path;

use khocr_convert::{ConvertError, count_pages};
use khocr_document::Document;
use khocr_pdf::PdfError;
use khocr_server::{
    Accuracy, FileKind, Format, Inspection, Intake, IntakeError, ModelInfo, Models, Render,
};

use crate::models;

/// Opens uploads with the converter's own code.
pub(crate) struct Opener;

impl Intake for Opener {
    fn inspect(&self, path: &Path, _: FileKind) -> Result<Inspection, IntakeError> {
        let bytes = std::fs::read(path).map_err(|e| IntakeError::Damaged(e.to_string()))?;
        match count_pages(&bytes) {
            Ok(pages) => Ok(Inspection { pages }),
            // The server has words of its own for a file without pages.
            Err(ConvertError::Pdf(PdfError::NoPages)) => Ok(Inspection { pages: 0 }),
            Err(error) => Err(refusal(&error)),
        }
    }
}

/// What a file that cannot be opened means for its sender.
fn refusal(error: &ConvertError) -> IntakeError {
    match error {
        ConvertError::UnknownFormat => IntakeError::Unsupported,
        ConvertError::Pdf(
            PdfError::NeedsPassword | PdfError::WrongPassword | PdfError::UnsupportedEncryption,
        ) => IntakeError::Encrypted,
        ConvertError::TooManyPixels { .. }
        | ConvertError::Pdf(PdfError::PageTooLarge { .. } | PdfError::ImageTooLarge { .. }) => {
            IntakeError::TooLarge(error.to_string())
        }
        ConvertError::Pdf(PdfError::TooManyPages { .. }) => {
            IntakeError::TooManyPages(error.to_string())
        }
        _ => IntakeError::Damaged(error.to_string()),
    }
}

/// Writes results from their stored JSON.
pub(crate) struct Writer;

impl Render for Writer {
    /// No PDF: the stored result has no page pictures to put behind the text.
    fn formats(&self) -> &[Format] {
        &[Format::Text, Format::Docx, Format::Markdown, Format::Hocr]
    }

    fn render(&self, json: &[u8], format: Format) -> Result<Vec<u8>, String> {
        let target = match format {
            Format::Json => return Ok(json.to_vec()),
            Format::Text => khocr_export::Format::Text,
            Format::Docx => khocr_export::Format::Docx,
            Format::Pdf => khocr_export::Format::Pdf,
            Format::Markdown => khocr_export::Format::Markdown,
            Format::Hocr => khocr_export::Format::Hocr,
        };
        let document: Document = serde_json::from_slice(json).map_err(|e| e.to_string())?;
        khocr_export::write(&document, target).map_err(|e| e.to_string())
    }
}

/// The models in this binary.
pub(crate) struct Embedded;

impl Models for Embedded {
    fn list(&self) -> Vec<ModelInfo> {
        let info = |model: models::Model| ModelInfo {
            id: model.id,
            kind: model.kind,
            languages: model.languages,
            version: model.version,
            accuracy: model
                .accuracy
                .into_iter()
                .map(|f| Accuracy { metric: f.metric, on: f.on, percent: f.percent })
                .collect(),
        };
        models::list().unwrap_or_default().into_iter().map(info).collect()
    }

    fn check(&self) -> Result<(), String> {
        models::check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_agree_with_the_exporters() {
        for format in Writer.formats() {
            let ours: khocr_export::Format = format.name().parse().unwrap();
            assert_eq!(ours.content_type(), format.content_type());
            assert_eq!(ours.extension(), format.extension());
        }
    }

    #[test]
    fn a_result_is_written_from_its_json() {
        let document = Document::new(khocr_document::SourceKind::Pdf, 0, Vec::new());
        let json = serde_json::to_vec(&document).unwrap();
        assert!(Writer.render(&json, Format::Docx).unwrap().starts_with(b"PK"));
        assert_eq!(Writer.render(&json, Format::Json).unwrap(), json);
        assert!(Writer.render(b"{}", Format::Text).is_err());
    }

    #[test]
    fn bad_uploads_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        let inspect = |bytes: &[u8]| {
            std::fs::write(&file, bytes).unwrap();
            Opener.inspect(&file, FileKind::Pdf)
        };
        assert_eq!(inspect(b"MZ"), Err(IntakeError::Unsupported));
        assert!(matches!(inspect(b""), Err(IntakeError::Damaged(_))));
        assert!(matches!(inspect(b"%PDF-1.7\nrubbish"), Err(IntakeError::Damaged(_))));
    }
}
