//! Document, page, block, line and word.

use serde::{Deserialize, Serialize};

use crate::{Rect, SCHEMA_VERSION, Table};

/// A whole converted file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// [`SCHEMA_VERSION`] at the time of writing.
    pub schema: String,
    /// What kind of file was read.
    pub kind: SourceKind,
    /// Pages of the file, converted or not.
    pub total_pages: u32,
    /// Mean confidence over the characters of all pages that were read; `None` when no page was.
    pub confidence: Option<f32>,
    /// The converted pages, in the file's order.
    pub pages: Vec<Page>,
    /// The whole text: lines parted by a line feed, blocks by an empty line, pages by a form feed.
    pub text: String,
}

/// What kind of file a document came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// A PDF.
    Pdf,
    /// A picture: PNG, JPEG or TIFF.
    Image,
}

/// Where the text of a page or line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PageSource {
    /// The file's own text layer, found to be right.
    Native,
    /// The text layer, turned into Unicode from a legacy font's encoding.
    Legacy,
    /// The picture of the page, read.
    Ocr,
    /// More than one of these. Only pages are mixed, never lines.
    Mixed,
}

/// One page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// 1-based number in the file.
    pub number: u32,
    /// Width of the upright page in points.
    pub width: f32,
    /// Height of the upright page in points.
    pub height: f32,
    /// Quarter turns, in degrees clockwise (0, 90, 180, 270), by which the picture was turned to
    /// stand upright, the file's own page rotation included.
    pub rotation: u16,
    /// Degrees of skew taken out after the quarter turns; positive when the page leaned clockwise.
    #[serde(default)]
    pub skew: f32,
    /// Where the text comes from.
    pub source: PageSource,
    /// Why that source was chosen, as a short stable phrase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Mean confidence over the characters that were read; `None` for a native page.
    pub confidence: Option<f32>,
    /// Blocks in reading order.
    pub blocks: Vec<Block>,
}

/// A paragraph, heading, table or other unit of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// What it is.
    #[serde(flatten)]
    pub kind: BlockKind,
    /// Its box.
    #[serde(rename = "box")]
    pub rect: Rect,
    /// How its lines are set.
    #[serde(default)]
    pub alignment: Alignment,
    /// First-line indent in points, negative when the first line hangs out.
    #[serde(default)]
    pub indent: f32,
    /// Its lines, top to bottom. Empty for a table, whose lines are in its cells.
    #[serde(default)]
    pub lines: Vec<Line>,
    /// The grid, for a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BlockKind {
    /// Running text.
    Paragraph,
    /// A heading; level 1 is the highest of 1 to 6.
    Heading {
        /// 1 to 6.
        level: u8,
    },
    /// An item of a list, its number or dash included in the text.
    ListItem,
    /// A table.
    Table,
    /// A picture, stamp, emblem or signature: no text.
    Figure,
    /// A running head.
    Header,
    /// A running foot.
    Footer,
    /// A footnote.
    Footnote,
    /// The page's number.
    PageNumber,
}

/// How the lines of a block are set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Alignment {
    /// At the left.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right.
    Right,
    /// Stretched to both edges.
    Justify,
}

/// One line of text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The text, in canonical Khmer order, without line feeds.
    pub text: String,
    /// The box of its ink.
    #[serde(rename = "box")]
    pub rect: Rect,
    /// Mean confidence over its characters; 1 for native text.
    pub confidence: f32,
    /// Where the text comes from.
    pub source: PageSource,
    /// Stretches between spaces, left to right; together with single spaces they make up `text`.
    #[serde(default)]
    pub words: Vec<Word>,
    /// Its look, as far as it is known.
    #[serde(default, skip_serializing_if = "Style::is_plain")]
    pub style: Style,
}

/// A stretch of a line between spaces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// The text, without spaces.
    pub text: String,
    /// Its box.
    #[serde(rename = "box")]
    pub rect: Rect,
    /// The lowest confidence among its characters.
    pub confidence: f32,
}

/// The look of a line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Style {
    /// The font's name in the file, without a subset prefix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub font: Option<String>,
    /// Size in points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<f32>,
    /// Bold, or a face that is bold by nature such as Moul.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bold: bool,
    /// Slanted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub italic: bool,
    /// `#rrggbb`, when not black.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
}

impl Style {
    /// Whether nothing is known or remarkable.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// The confidence of a document, from its pages one after the other: their mean, each page counting
/// by its characters. Pages that state none do not count.
#[derive(Clone, Copy, Debug, Default)]
pub struct MeanConfidence {
    sum: f64,
    characters: usize,
}

impl MeanConfidence {
    /// Counts one more page.
    pub fn add(&mut self, page: &Page) {
        if let Some(confidence) = page.confidence {
            let n = page.lines().map(|l| l.text.chars().count()).sum::<usize>();
            self.sum += f64::from(confidence) * n as f64;
            self.characters += n;
        }
    }

    /// The mean so far, 0 to 1; `None` while nothing counts.
    #[must_use]
    pub fn mean(&self) -> Option<f32> {
        (self.characters > 0).then(|| (self.sum / self.characters as f64) as f32)
    }
}

impl Document {
    /// A document of these pages; its text and confidence are worked out from them.
    #[must_use]
    pub fn new(kind: SourceKind, total_pages: u32, pages: Vec<Page>) -> Self {
        let mut confidence = MeanConfidence::default();
        pages.iter().for_each(|page| confidence.add(page));
        let text = pages.iter().map(Page::text).collect::<Vec<_>>().join("\u{c}");
        Self {
            schema: SCHEMA_VERSION.to_owned(),
            kind,
            total_pages,
            confidence: confidence.mean(),
            pages,
            text,
        }
    }
}
