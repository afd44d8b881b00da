#![forbid(unsafe_code)]
//! From a [`Document`] to the files people ask for.
//!
//! [`write()`] gives the bytes of any [`Format`]. The searchable PDF is the one format that wants
//! more than the document holds: [`write_with_pictures`] puts the page's picture behind its text.

mod docx;
mod flow;
mod hocr;
mod markdown;
mod pdf;

use std::fmt;
use std::str::FromStr;

use khocr_document::Document;

pub use pdf::Picture;

/// A form in which a document can be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// The document itself, in its serde form.
    #[default]
    Json,
    /// Plain text: [`Document::text`].
    Text,
    /// A Word document.
    Docx,
    /// A PDF whose text can be searched and copied.
    Pdf,
    /// Markdown, GitHub's kind.
    Markdown,
    /// hOCR 1.2: HTML with the box of each word.
    Hocr,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Json, Self::Text, Self::Docx, Self::Pdf, Self::Markdown, Self::Hocr];

    /// Its name in parameters: `json`, `text`, `docx`, `pdf`, `markdown` or `hocr`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "text",
            Self::Docx => "docx",
            Self::Pdf => "pdf",
            Self::Markdown => "markdown",
            Self::Hocr => "hocr",
        }
    }

    /// The file name extension, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Markdown => "md",
            Self::Hocr => "hocr.html",
            other => other.name(),
        }
    }

    /// The media type, with the character set where there is one.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Text => "text/plain; charset=utf-8",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Pdf => "application/pdf",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Hocr => "text/html; charset=utf-8",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no [`Format`]'s.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no format; use json, text, docx, pdf, markdown or hocr")]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let found = Self::ALL.into_iter().find(|f| f.name() == name);
        found.ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

/// Why a document could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The JSON form could not be made.
    #[error("the JSON could not be written: {0}")]
    Json(#[from] serde_json::Error),
    /// The Word document's archive could not be made.
    #[error("the Word document could not be packed: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// Bytes could not be written or compressed.
    #[error("the result could not be written: {0}")]
    Io(#[from] std::io::Error),
    /// A page's picture has not the pixels that its size promises, or could not be encoded.
    #[error("the picture of page {page} cannot be put into the PDF: {reason}")]
    Picture {
        /// The page's number.
        page: u32,
        /// What is wrong with it.
        reason: String,
    },
}

/// The document in a format. A PDF made here has the text alone, invisible on empty pages; see
/// [`write_with_pictures`].
///
/// # Errors
/// When the format's container cannot be made; a sound document gives none.
pub fn write(document: &Document, format: Format) -> Result<Vec<u8>, ExportError> {
    write_with_pictures(document, format, &mut |_| None)
}

/// The document in a format; a PDF shows behind its text the picture that `picture` gives for a
/// page number, upright as the page is. Pictures are asked for one page at a time, in order, and
/// only for a PDF.
///
/// # Errors
/// As [`write()`], and when a picture's pixels do not fill its size.
pub fn write_with_pictures(
    document: &Document,
    format: Format,
    picture: &mut dyn FnMut(u32) -> Option<Picture>,
) -> Result<Vec<u8>, ExportError> {
    Ok(match format {
        Format::Json => serde_json::to_vec(document)?,
        Format::Text => document.text.clone().into_bytes(),
        Format::Docx => docx::write(document)?,
        Format::Pdf => pdf::write(document, picture)?,
        Format::Markdown => markdown::write(document).into_bytes(),
        Format::Hocr => hocr::write(document).into_bytes(),
    })
}

#[cfg(test)]
mod samples;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for format in Format::ALL {
            assert_eq!(format.name().parse::<Format>(), Ok(format));
        }
        assert!("doc".parse::<Format>().is_err());
    }

    #[test]
    fn json_reads_back_as_the_same_document() {
        let document = samples::letter();
        let json = write(&document, Format::Json).unwrap();
        let back: Document = serde_json::from_slice(&json).unwrap();
        assert_eq!(back.text, document.text);
        // Boxes are rounded on the way out, so it is the JSON that has to stay the same.
        assert_eq!(write(&back, Format::Json).unwrap(), json);
    }

    #[test]
    fn text_is_the_documents_own() {
        let document = samples::letter();
        let text = String::from_utf8(write(&document, Format::Text).unwrap()).unwrap();
        assert_eq!(text, document.text);
        assert!(text.contains('\u{c}'));
    }

    #[test]
    fn an_empty_document_has_every_form() {
        let document = Document::new(khocr_document::SourceKind::Pdf, 0, Vec::new());
        for format in Format::ALL {
            write(&document, format).unwrap();
        }
    }
}
