//! An opened file: its pages counted, each to be had as a picture.

use khocr_document::{Page, SourceKind};
use khocr_pdf::{Limits, Pdf};
use khocr_vision::PageImage;

use crate::page::RASTER_DPI;
use crate::{ConvertError, FileKind, picture, sniff};

/// An opened PDF or picture file.
pub struct Source {
    file: File,
    max_pixels: u64,
}

/// What is behind a [`Source`].
pub(crate) enum File {
    /// A PDF.
    Pdf(Pdf),
    /// A file of one or more pictures.
    Pictures {
        /// Its bytes.
        bytes: Vec<u8>,
        /// What they are.
        kind: FileKind,
        /// How many pictures.
        count: u32,
    },
}

impl Source {
    /// Opens a file of any kind that [`sniff()`] knows. Pictures are counted, not decoded.
    ///
    /// # Errors
    /// [`ConvertError::Empty`] and [`ConvertError::UnknownFormat`] for what is no file to read, else
    /// the reason why it cannot be opened.
    pub fn open(
        bytes: Vec<u8>,
        password: Option<&str>,
        limits: &Limits,
    ) -> Result<Self, ConvertError> {
        if bytes.is_empty() {
            return Err(ConvertError::Empty);
        }
        let file = match sniff(&bytes).ok_or(ConvertError::UnknownFormat)? {
            FileKind::Pdf => File::Pdf(Pdf::open(bytes, password, limits)?),
            kind => {
                let count = match kind {
                    FileKind::Tiff => picture::count_tiff(&bytes)?,
                    _ => 1,
                };
                File::Pictures { bytes, kind, count }
            }
        };
        Ok(Self { file, max_pixels: limits.max_pixels })
    }

    /// PDF or picture.
    #[must_use]
    pub fn kind(&self) -> SourceKind {
        match self.file {
            File::Pdf(_) => SourceKind::Pdf,
            File::Pictures { .. } => SourceKind::Image,
        }
    }

    /// Pages of the PDF, or pictures in the file.
    #[must_use]
    pub fn page_count(&self) -> u32 {
        match &self.file {
            File::Pdf(pdf) => pdf.page_count(),
            File::Pictures { count, .. } => *count,
        }
    }

    /// The picture of page `index` (0-based): of a PDF page the embedded scan when it covers the
    /// page, else a raster of `dpi` dots per inch; else the picture itself, upright.
    ///
    /// # Errors
    /// What is wrong with that page.
    pub fn picture(&self, index: u32, dpi: f32) -> Result<PageImage, ConvertError> {
        match &self.file {
            File::Pdf(pdf) => Ok(page_image(pdf.picture(index, dpi)?)),
            File::Pictures { bytes, kind, .. } => {
                picture::decode(bytes, *kind, index, self.max_pixels)
            }
        }
    }

    /// The picture of a converted page, turned as the page stands: boxes of the page, scaled from
    /// its points to the picture's pixels, lie where the text is.
    ///
    /// # Errors
    /// As [`Source::picture`].
    pub fn upright_picture(&self, page: &Page) -> Result<PageImage, ConvertError> {
        let index = page.number.saturating_sub(1);
        let picture = self.picture(index, RASTER_DPI)?;
        // The picture has the file's own rotation applied, the page the reader's as well.
        let own = match &self.file {
            File::Pdf(pdf) => pdf.page_size(index)?.rotation,
            File::Pictures { .. } => 0,
        };
        let turn = (360 + page.rotation % 360 - own % 360) % 360;
        Ok(picture::Orientation::turned_by(turn).apply(picture))
    }

    /// What is behind it.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }
}

/// The reader's form of a PDF page's picture.
pub(crate) fn page_image(picture: khocr_pdf::PagePicture) -> PageImage {
    PageImage {
        width: picture.width,
        height: picture.height,
        pixels: picture.pixels,
        dpi: Some(picture.dpi),
    }
}

/// The number of pages of a file, without reading any: used when an upload is accepted.
///
/// # Errors
/// As [`Source::open`] with no password and the default limits.
pub fn count_pages(bytes: &[u8]) -> Result<u32, ConvertError> {
    match sniff(bytes) {
        None if bytes.is_empty() => Err(ConvertError::Empty),
        None => Err(ConvertError::UnknownFormat),
        // One picture; decoding it would cost what counting is meant to save.
        Some(FileKind::Png | FileKind::Jpeg) => Ok(1),
        Some(FileKind::Tiff) => picture::count_tiff(bytes),
        Some(FileKind::Pdf) => {
            Ok(Pdf::open(bytes.to_vec(), None, &Limits::default())?.page_count())
        }
    }
}
