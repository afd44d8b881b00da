//! An opened file: its pages counted, each to be had as a picture.

use khocr_document::{Page, SourceKind};
use khocr_pdf::{Limits, PageSize, Pdf};
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
    /// page, else a raster of `dpi` dots per inch; else the picture itself, upright. Gray where that is
    /// how it is stored.
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

    /// The picture of a converted page in RGB, turned as the page stands: boxes of the page, scaled from
    /// its points to the picture's pixels, lie where the text is.
    ///
    /// # Errors
    /// As [`Source::picture`].
    pub fn upright_picture(&self, page: &Page) -> Result<PageImage, ConvertError> {
        let index = page.number.saturating_sub(1);
        // The picture has the file's own rotation applied, the page the reader's as well.
        let (picture, own) = match &self.file {
            File::Pdf(pdf) => {
                let size = pdf.page_size(index)?;
                (whole_page(pdf.picture(index, RASTER_DPI)?, size), size.rotation)
            }
            File::Pictures { .. } => (self.picture(index, RASTER_DPI)?, 0),
        };
        let turn = (360 + page.rotation % 360 - own % 360) % 360;
        Ok(picture::Orientation::turned_by(turn).apply(picture).into_rgb())
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

/// A picture laid on its page: a scan may leave margins, and the page's boxes count from its corner.
fn whole_page(picture: khocr_pdf::PagePicture, size: PageSize) -> PageImage {
    let [sx, _, _, sy, dx, dy] = picture.matrix;
    let (width, height) = ((size.width / sx).round() as usize, (size.height / sy).round() as usize);
    let (left, top) = ((dx / sx).round() as isize, (dy / sy).round() as isize);
    let (w, h) = (picture.width as usize, picture.height as usize);
    let fits = |a: usize, b: usize| a.abs_diff(b) <= 1;
    if (left, top) == (0, 0) && fits(w, width) && fits(h, height) {
        return page_image(picture);
    }
    // The part of each row that lies on the page.
    let skipped = left.min(0).unsigned_abs().min(w);
    let from = (left.max(0) as usize).min(width);
    let taken = (w - skipped).min(width - from);
    let each = picture.channels();
    let mut pixels = vec![255; width * height * each];
    for (y, row) in picture.pixels.chunks_exact(w * each).enumerate() {
        let y = y as isize + top;
        if (0..height as isize).contains(&y) {
            let at = (y as usize * width + from) * each;
            pixels[at..at + taken * each]
                .copy_from_slice(&row[skipped * each..(skipped + taken) * each]);
        }
    }
    let (width, height) = (width as u32, height as u32);
    PageImage { width, height, pixels, dpi: Some(picture.dpi) }
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

#[cfg(test)]
mod tests {
    use khocr_pdf::{PagePicture, PictureOrigin};

    use super::*;

    /// A black picture of 3 by 2 pixels of two points each, its corner at (x, y) points.
    fn black(x: f32, y: f32) -> PagePicture {
        PagePicture {
            width: 3,
            height: 2,
            pixels: vec![0; 18],
            dpi: 36.0,
            origin: PictureOrigin::Embedded,
            matrix: [2.0, 0.0, 0.0, 2.0, x, y],
        }
    }

    /// Where ink is on a page of 10 by 8 points, a row a string.
    fn laid(picture: PagePicture) -> Vec<String> {
        let image = whole_page(picture, PageSize { width: 10.0, height: 8.0, rotation: 0 });
        assert_eq!((image.width, image.height), (5, 4));
        let sign = |p: &[u8]| if p[0] == 0 { '#' } else { '.' };
        image.pixels.chunks(15).map(|row| row.chunks(3).map(sign).collect()).collect()
    }

    #[test]
    fn a_scan_with_margins_lies_where_the_page_has_it() {
        assert_eq!(laid(black(2.0, 4.0)), [".....", ".....", ".###.", ".###."]);
        assert_eq!(laid(black(0.0, 0.0)), ["###..", "###..", ".....", "....."]);
    }

    #[test]
    fn what_hangs_over_the_edge_is_cut() {
        assert_eq!(laid(black(-2.0, -2.0)), ["##...", ".....", ".....", "....."]);
        assert_eq!(laid(black(8.0, 6.0)), [".....", ".....", ".....", "....#"]);
        assert_eq!(laid(black(30.0, 6.0)), ["....."; 4]);
    }
}
