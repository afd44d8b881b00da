//! The formats a result can be had in.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;

/// A format of the result. The contract's three come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Pages, blocks, lines and words with boxes and confidences.
    #[default]
    Json,
    /// Plain UTF-8 text, pages parted by a form feed.
    Text,
    /// A Word document.
    Docx,
    /// The page pictures with the text searchable behind them.
    Pdf,
    /// Markdown.
    Markdown,
    /// hOCR.
    Hocr,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 6] =
        [Self::Json, Self::Text, Self::Docx, Self::Pdf, Self::Markdown, Self::Hocr];

    /// The word of the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "text",
            Self::Docx => "docx",
            Self::Pdf => "pdf",
            Self::Markdown => "markdown",
            Self::Hocr => "hocr",
        }
    }

    /// The content type of a result.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Text => "text/plain; charset=utf-8",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Pdf => "application/pdf",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Hocr => "text/html; charset=utf-8",
        }
    }

    /// The ending of a result's file name, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "txt",
            Self::Docx => "docx",
            Self::Pdf => "pdf",
            Self::Markdown => "md",
            Self::Hocr => "hocr.html",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that is no format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a format")]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        Self::ALL.into_iter().find(|f| f.name().eq_ignore_ascii_case(text)).ok_or(UnknownFormat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for format in Format::ALL {
            assert_eq!(format.name().to_uppercase().parse(), Ok(format));
        }
        assert_eq!("odt".parse::<Format>(), Err(UnknownFormat));
    }
}
