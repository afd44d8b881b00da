//! The owning thread's side: requests in, answers out, one page at a time.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use hayro::RenderCache;
use hayro::hayro_interpret::{InterpreterCache, InterpreterSettings};
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::Rect;

use crate::native::{self, FontShelf, NativePage};
use crate::{Limits, PagePicture, PdfError, guard, picture};

/// Pages after which the caches are thrown away, so that a long book does not fill the memory.
const PAGES_PER_CACHE: u32 = 48;

/// What the handle asks of the owning thread.
pub(crate) enum Request {
    /// See [`crate::Pdf::picture`].
    Picture { index: u32, dpi: f32, reply: Sender<Result<PagePicture, PdfError>> },
    /// See [`crate::Pdf::native`].
    Native { index: u32, reply: Sender<Result<NativePage, PdfError>> },
}

/// What outlives one request: the file, and what was learnt from it so far.
pub(crate) struct Desk<'a> {
    pub(crate) pdf: &'a Pdf,
    pub(crate) limits: &'a Limits,
    pub(crate) settings: InterpreterSettings,
    pub(crate) cache: InterpreterCache<'a>,
    pub(crate) render: RenderCache<'a>,
    pub(crate) fonts: FontShelf<'a>,
    /// Bounds of glyph outlines by their identity.
    pub(crate) inks: HashMap<u128, Rect>,
    /// The page last found to be within bounds.
    guarded: Option<u32>,
}

impl<'a> Desk<'a> {
    fn new(pdf: &'a Pdf, limits: &'a Limits) -> Self {
        let settings = InterpreterSettings {
            warning_sink: Arc::new(|warning| tracing::debug!(?warning, "while interpreting")),
            ..InterpreterSettings::default()
        };
        let (cache, render) = (InterpreterCache::new(), RenderCache::new());
        let (fonts, inks) = (FontShelf::default(), HashMap::new());
        Self { pdf, limits, settings, cache, render, fonts, inks, guarded: None }
    }

    /// Checks, before a page is interpreted, that it stays within bounds.
    ///
    /// # Errors
    /// [`PdfError::TooComplex`], [`PdfError::NoSuchPage`].
    fn guard(&mut self, index: u32) -> Result<(), PdfError> {
        if self.guarded != Some(index) {
            if guard::operations(self.page(index)?, self.limits.max_unpacked)
                > self.limits.max_operations
            {
                return Err(PdfError::TooComplex { index });
            }
            self.guarded = Some(index);
        }
        Ok(())
    }

    /// The page of that number; the handle has checked that it exists.
    pub(crate) fn page(&self, index: u32) -> Result<&'a Page<'a>, PdfError> {
        let pages = self.pdf.pages();
        let count = pages.len() as u32;
        pages.get(index as usize).ok_or(PdfError::NoSuchPage { index, count })
    }
}

/// Answers requests until the handle is gone.
pub(crate) fn serve(pdf: &Pdf, limits: &Limits, inbox: &Receiver<Request>) {
    let mut desk = Desk::new(pdf, limits);
    let mut used = 0;
    for request in inbox {
        let sound = match request {
            Request::Picture { index, dpi, reply } => answer(index, &reply, || {
                desk.guard(index)?;
                picture::of_page(&desk, index, dpi)
            }),
            Request::Native { index, reply } => answer(index, &reply, || {
                desk.guard(index)?;
                native::of_page(&mut desk, index)
            }),
        };
        used += 1;
        // A panic may have left a cache half filled.
        if !sound || used >= PAGES_PER_CACHE {
            desk = Desk::new(pdf, limits);
            used = 0;
        }
    }
}

/// Runs one request and sends its answer; false when it panicked.
fn answer<T>(
    index: u32,
    reply: &Sender<Result<T, PdfError>>,
    work: impl FnOnce() -> Result<T, PdfError>,
) -> bool {
    let result = catch_unwind(AssertUnwindSafe(work));
    let sound = result.is_ok();
    // The asker may have given up; nobody is left to tell then.
    drop(reply.send(result.unwrap_or(Err(PdfError::Page { index }))));
    sound
}
