//! The walk over a file's pages.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use khocr_document::{Document, Page};
use khocr_pdf::Limits;
use khocr_vision::ReadPage;

use crate::page::{PdfPage, RASTER_DPI, empty_page};
use crate::source::File;
use crate::{ConvertError, PageRanges, Source, native};

/// How the reason of a page that could not be converted begins; the error's message follows.
pub const FAILED: &str = "failed: ";

/// The size, in points, given to a page that fails before its own is known: A4.
const UNKNOWN_SIZE: (f32, f32) = (595.0, 842.0);

/// What to convert, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Read the picture of every page, whatever its text layer holds.
    pub force_ocr: bool,
    /// The pages to convert; all of them when absent.
    pub pages: Option<PageRanges>,
    /// Opens an encrypted PDF. Without one, the empty password is tried.
    pub password: Option<String>,
    /// What a file may cost.
    pub limits: Limits,
}

/// How far a conversion has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// 1-based number of the page just done; 0 in the first report, made before any page is.
    pub number: u32,
    /// Pages done.
    pub done: u32,
    /// Pages to do.
    pub total: u32,
    /// Why the page just done is empty, when it failed.
    pub failed: Option<String>,
}

/// Turns files into documents with one reader.
#[derive(Clone)]
pub struct Converter {
    reader: Arc<dyn ReadPage>,
}

impl Converter {
    /// A converter that reads pictures with `reader`.
    #[must_use]
    pub fn new(reader: Arc<dyn ReadPage>) -> Self {
        Self { reader }
    }

    /// Converts a file. `progress` is called once before the first page and after each page;
    /// breaking from it stops the conversion.
    ///
    /// A page that fails, by an error or a panic, comes back without blocks and with a reason that
    /// begins with [`FAILED`].
    ///
    /// # Errors
    /// When the file cannot be opened, no page asked for is in it, every page fails, or the caller
    /// cancels.
    pub fn convert(
        &self,
        bytes: Vec<u8>,
        options: &Options,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Document, ConvertError> {
        let source = Source::open(bytes, options.password.as_deref(), &options.limits)?;
        self.convert_source(&source, options, progress)
    }

    /// Converts a file that is open already. The password in `options` is not used.
    ///
    /// # Errors
    /// As [`Converter::convert`].
    pub fn convert_source(
        &self,
        source: &Source,
        options: &Options,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Document, ConvertError> {
        let count = source.page_count();
        let wanted = |i: &u32| options.pages.as_ref().is_none_or(|r| r.contains(i + 1));
        let indexes: Vec<u32> = (0..count).filter(wanted).collect();
        if indexes.is_empty() {
            let asked = options.pages.as_ref().map_or_else(String::new, ToString::to_string);
            return Err(ConvertError::NoSuchPages { asked, total: count });
        }
        let total = indexes.len() as u32;
        let mut report =
            |number, done, failed| match progress(Progress { number, done, total, failed }) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(ConvertError::Cancelled),
            };
        report(0, 0, None)?;

        let mut pages = Vec::with_capacity(indexes.len());
        let mut first_failure = None;
        for (done, index) in (1..).zip(indexes) {
            let failed = match self.page(source, index, options.force_ocr) {
                Ok(page) => {
                    pages.push(page);
                    None
                }
                Err(error) => {
                    let reason = error.to_string();
                    tracing::warn!(page = index + 1, %reason, "a page could not be converted");
                    pages.push(failed_page(source, index, &reason));
                    first_failure.get_or_insert_with(|| reason.clone());
                    Some(reason)
                }
            };
            report(index + 1, done, failed)?;
        }
        match first_failure {
            Some(reason) if pages.iter().all(has_failed) => {
                Err(ConvertError::EveryPageFailed(reason))
            }
            _ => Ok(Document::new(source.kind(), count, pages)),
        }
    }

    /// One page; a panic comes back as an error.
    fn page(&self, source: &Source, index: u32, force_ocr: bool) -> Result<Page, ConvertError> {
        let work = || match source.file() {
            File::Pdf(pdf) => {
                let page = PdfPage::new(pdf, index, &*self.reader);
                if force_ocr { page.read() } else { native::choose(&page) }
            }
            File::Pictures { .. } => {
                let picture = source.picture(index, RASTER_DPI)?;
                let mut page = self.reader.read(&picture, &|| false)?;
                page.number = index + 1;
                Ok(page)
            }
        };
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<&str>().map(ToString::to_string);
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            Err(ConvertError::Panic(text.unwrap_or_else(|| "unknown".to_owned())))
        })
    }
}

/// What stands in the document for a page that could not be converted.
fn failed_page(source: &Source, index: u32, reason: &str) -> Page {
    let size = match source.file() {
        File::Pdf(pdf) => pdf.page_size(index).ok().map(|s| (s.width, s.height)),
        File::Pictures { .. } => None,
    };
    let (width, height) = size.unwrap_or(UNKNOWN_SIZE);
    empty_page(index + 1, width, height, Some(format!("{FAILED}{reason}")))
}

fn has_failed(page: &Page) -> bool {
    page.reason.as_deref().is_some_and(|r| r.starts_with(FAILED))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Cursor;

    use khocr_document::{Alignment, Block, BlockKind, Line, PageSource, Rect, Style};
    use khocr_vision::{PageImage, VisionError};
    use tiff::encoder::{TiffEncoder, colortype};

    use super::*;

    /// A page of one line.
    pub(crate) fn page_with_line(text: &str, rect: Rect) -> Page {
        let line = Line {
            text: text.to_owned(),
            rect,
            confidence: 0.9,
            source: PageSource::Ocr,
            words: Vec::new(),
            style: Style::default(),
        };
        let block = Block {
            kind: BlockKind::Paragraph,
            rect,
            alignment: Alignment::Left,
            indent: 0.0,
            lines: vec![line],
            table: None,
        };
        let mut page = empty_page(1, 100.0, 100.0, None);
        page.blocks.push(block);
        page
    }

    /// Reads the first pixel's grey value; fails on 13 and panics on 14.
    struct PixelReader;

    impl ReadPage for PixelReader {
        fn read(&self, image: &PageImage, _: &dyn Fn() -> bool) -> Result<Page, VisionError> {
            match image.pixels[0] {
                13 => Err(VisionError::Stopped),
                14 => panic!("fourteen"),
                v => Ok(page_with_line(&v.to_string(), Rect::default())),
            }
        }
    }

    fn tiff(greys: &[u8]) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut out).unwrap();
        for grey in greys {
            encoder.write_image::<colortype::Gray8>(1, 1, &[*grey]).unwrap();
        }
        out.into_inner()
    }

    fn convert(
        greys: &[u8],
        pages: Option<&str>,
    ) -> (Result<Document, ConvertError>, Vec<Progress>) {
        let options = Options { pages: pages.map(|p| p.parse().unwrap()), ..Options::default() };
        let mut seen = Vec::new();
        let result =
            Converter::new(Arc::new(PixelReader)).convert(tiff(greys), &options, &mut |p| {
                seen.push(p);
                ControlFlow::Continue(())
            });
        (result, seen)
    }

    #[test]
    fn pages_come_in_order_with_progress_after_each() {
        let (document, seen) = convert(&[1, 2, 3], None);
        let document = document.unwrap();
        assert_eq!(document.text, "1\u{c}2\u{c}3");
        assert_eq!(document.pages.iter().map(|p| p.number).collect::<Vec<_>>(), [1, 2, 3]);
        let steps: Vec<_> = seen.iter().map(|p| (p.number, p.done, p.total)).collect();
        assert_eq!(steps, [(0, 0, 3), (1, 1, 3), (2, 2, 3), (3, 3, 3)]);
    }

    #[test]
    fn only_the_pages_asked_for_are_read() {
        let document = convert(&[1, 2, 3, 4], Some("3-,1")).0.unwrap();
        assert_eq!(document.text, "1\u{c}3\u{c}4");
        assert_eq!(document.total_pages, 4);
        let error = convert(&[1], Some("2-5")).0.unwrap_err();
        assert!(error.to_string().contains("2-5"), "{error}");
    }

    #[test]
    fn a_page_that_fails_or_panics_leaves_the_others() {
        let (document, seen) = convert(&[1, 13, 14, 4], None);
        let document = document.unwrap();
        assert_eq!(document.text, "1\u{c}\u{c}\u{c}4");
        assert!(document.pages[2].reason.as_ref().unwrap().contains("fourteen"));
        assert_eq!(seen.iter().filter(|p| p.failed.is_some()).count(), 2);
    }

    #[test]
    fn a_file_with_no_readable_page_is_an_error() {
        assert!(matches!(convert(&[13, 14], None).0, Err(ConvertError::EveryPageFailed(_))));
    }

    #[test]
    fn breaking_stops_the_conversion() {
        let converter = Converter::new(Arc::new(PixelReader));
        let mut calls = 0;
        let result = converter.convert(tiff(&[1, 2, 3]), &Options::default(), &mut |p| {
            calls += 1;
            if p.done == 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(matches!(result, Err(ConvertError::Cancelled)));
        assert_eq!(calls, 2);
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let converter = Converter::new(Arc::new(PixelReader));
        let mut go = |_| ControlFlow::Continue(());
        let empty = converter.convert(Vec::new(), &Options::default(), &mut go);
        assert!(matches!(empty, Err(ConvertError::Empty)));
        let exe = converter.convert(b"MZ\x90".to_vec(), &Options::default(), &mut go);
        assert!(matches!(exe, Err(ConvertError::UnknownFormat)));
    }
}
