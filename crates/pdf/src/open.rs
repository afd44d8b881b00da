//! A document, open: the handle that talks to the thread which owns the file.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf as Syntax};

use crate::desk::{self, Request};
use crate::{Limits, NativePage, PagePicture, PdfError, nesting, unpacked};

/// Stack of the thread that interprets the file. Interpretation nests up to 50 forms deep, and
/// each level needs some 100 KB in a build without optimisation.
const STACK: usize = 64 << 20;

/// Owning threads that may be left behind in endless pages before the document gives up.
const PATIENCE: u32 = 3;

/// How far into the file its header may stand.
const HEADER_WINDOW: usize = 8 << 10;

/// The size of an upright page in points: `/Rotate` and the crop box applied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PageSize {
    /// Width in points.
    pub width: f32,
    /// Height in points.
    pub height: f32,
    /// The file's own `/Rotate` in degrees clockwise: 0, 90, 180 or 270.
    pub rotation: u16,
}

/// An open PDF. Cheap to share between threads; calls are answered one after the other.
#[derive(Debug)]
pub struct Pdf {
    file: Arc<File>,
    requests: Mutex<Sender<Request>>,
    left_behind: AtomicU32,
    sizes: Vec<PageSize>,
}

/// What it takes to open the file, once more if need be.
#[derive(Debug)]
struct File {
    bytes: Arc<Vec<u8>>,
    password: Option<String>,
    limits: Limits,
}

impl Pdf {
    /// Opens a file. Without a password the empty one is tried, which opens files that are only
    /// restricted.
    ///
    /// # Errors
    /// [`PdfError::NotPdf`], [`PdfError::TooDeep`], [`PdfError::TooMuchUnpacked`],
    /// [`PdfError::OpenTooSlow`], [`PdfError::Damaged`], one of the three encryption errors, [`PdfError::NoPages`] or
    /// [`PdfError::TooManyPages`].
    pub fn open(bytes: Vec<u8>, password: Option<&str>, limits: &Limits) -> Result<Self, PdfError> {
        let window = &bytes[..bytes.len().min(HEADER_WINDOW)];
        if !window.windows(5).any(|w| w == b"%PDF-") {
            return Err(PdfError::NotPdf);
        }
        if nesting::is_too_deep(&bytes) {
            return Err(PdfError::TooDeep);
        }
        if unpacked::is_too_much(&bytes, limits.max_unpacked) {
            return Err(PdfError::TooMuchUnpacked { limit: limits.max_unpacked });
        }
        let (bytes, limits) = (Arc::new(bytes), limits.clone());
        let file = Arc::new(File { bytes, password: password.map(str::to_owned), limits });
        let (requests, sizes) = start(&file)?;
        let (requests, left_behind) = (Mutex::new(requests), AtomicU32::new(0));
        Ok(Self { file, requests, left_behind, sizes })
    }

    /// Pages in the file; at least 1.
    #[must_use]
    pub fn page_count(&self) -> u32 {
        self.sizes.len() as u32
    }

    /// The size of a page; `index` counts from 0.
    ///
    /// # Errors
    /// [`PdfError::NoSuchPage`].
    pub fn page_size(&self, index: u32) -> Result<PageSize, PdfError> {
        let count = self.page_count();
        self.sizes.get(index as usize).copied().ok_or(PdfError::NoSuchPage { index, count })
    }

    /// The picture of a page: the scan inside the file where one makes up the page, as it is
    /// stored; else the page drawn on white at about `dpi`. Either way the long side ends up at
    /// 4,800 pixels at most, and the sizes that scans lie about (pixels stated as points) are
    /// seen through.
    ///
    /// # Errors
    /// Those of [`Pdf::page_size`], and what drawing the page may run into.
    pub fn picture(&self, index: u32, dpi: f32) -> Result<PagePicture, PdfError> {
        self.checked(index)?;
        self.ask(index, |reply| Request::Picture { index, dpi, reply })
    }

    /// The text layer of a page, glyph by glyph, with what can be seen of it.
    ///
    /// # Errors
    /// Those of [`Pdf::page_size`], and what interpreting the page may run into.
    pub fn native(&self, index: u32) -> Result<NativePage, PdfError> {
        self.checked(index)?;
        self.ask(index, |reply| Request::Native { index, reply })
    }

    fn checked(&self, index: u32) -> Result<(), PdfError> {
        let PageSize { width, height, .. } = self.page_size(index)?;
        let limit = self.file.limits.max_side;
        // Written so that a NaN is too large as well.
        if width <= limit && height <= limit {
            Ok(())
        } else {
            Err(PdfError::PageTooLarge { index, width, height, limit })
        }
    }

    fn ask<T>(
        &self,
        index: u32,
        request: impl FnOnce(Sender<Result<T, PdfError>>) -> Request,
    ) -> Result<T, PdfError> {
        let time = self.file.limits.page_time;
        let slow = PdfError::TooSlow { index, seconds: time.as_secs() };
        if self.left_behind.load(Ordering::Relaxed) > PATIENCE {
            return Err(slow);
        }
        let (reply, answer) = channel();
        // Held until the answer is there: the time runs for this page, not for those before it.
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.send(request(reply)).map_err(|_| PdfError::Page { index })?;
        match wait(&answer, time) {
            Ok(result) => result,
            Err(RecvTimeoutError::Disconnected) => Err(PdfError::Page { index }),
            Err(RecvTimeoutError::Timeout) => {
                // The thread cannot be stopped. It is left behind, and another one takes over.
                let left = self.left_behind.fetch_add(1, Ordering::Relaxed);
                if left < PATIENCE
                    && let Ok((fresh, _)) = start(&self.file)
                {
                    *requests = fresh;
                } else {
                    self.left_behind.store(PATIENCE + 1, Ordering::Relaxed);
                }
                Err(slow)
            }
        }
    }
}

/// Starts a thread that owns the file; it has opened it when this returns.
fn start(file: &Arc<File>) -> Result<(Sender<Request>, Vec<PageSize>), PdfError> {
    let (requests, inbox) = channel();
    let (opened, answer) = channel();
    let held = Arc::clone(file);
    std::thread::Builder::new()
        .name("khocr-pdf".to_owned())
        .stack_size(STACK)
        .spawn(move || own(&held, &opened, &inbox))
        .map_err(|_| PdfError::Resources)?;
    let time = file.limits.open_time;
    let sizes = wait(&answer, time).map_err(|e| match e {
        RecvTimeoutError::Timeout => PdfError::OpenTooSlow { seconds: time.as_secs() },
        // A thread that died without an answer panicked while it read the file's structure.
        RecvTimeoutError::Disconnected => PdfError::Damaged,
    })??;
    Ok((requests, sizes))
}

fn wait<T>(answer: &Receiver<T>, time: Duration) -> Result<T, RecvTimeoutError> {
    if time.is_zero() {
        answer.recv().map_err(|_| RecvTimeoutError::Disconnected)
    } else {
        answer.recv_timeout(time)
    }
}

/// Body of the owning thread: opens the file, says how it went, then serves requests until the
/// handle is dropped.
fn own(file: &File, opened: &Sender<Result<Vec<PageSize>, PdfError>>, inbox: &Receiver<Request>) {
    let loaded = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let pdf = load(&file.bytes, file.password.as_deref())?;
        let sizes = sizes(&pdf, &file.limits)?;
        Ok((pdf, sizes))
    }));
    match loaded {
        Ok(Ok((pdf, sizes))) => {
            if opened.send(Ok(sizes)).is_ok() {
                desk::serve(&pdf, &file.limits, inbox);
            }
        }
        Ok(Err(error)) => drop(opened.send(Err(error))),
        Err(_) => drop(opened.send(Err(PdfError::Damaged))),
    }
}

fn load(bytes: &Arc<Vec<u8>>, password: Option<&str>) -> Result<Syntax, PdfError> {
    let password = password.filter(|p| !p.is_empty());
    Syntax::new_with_password(Arc::clone(bytes), password.unwrap_or("")).map_err(|e| match e {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => match password {
            Some(_) => PdfError::WrongPassword,
            None => PdfError::NeedsPassword,
        },
        LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm) => {
            PdfError::UnsupportedEncryption
        }
        LoadPdfError::Decryption(_) | LoadPdfError::Invalid => PdfError::Damaged,
    })
}

fn sizes(pdf: &Syntax, limits: &Limits) -> Result<Vec<PageSize>, PdfError> {
    use hayro::hayro_syntax::page::Rotation;
    let pages = pdf.pages();
    let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    if count == 0 {
        return Err(PdfError::NoPages);
    }
    if count > limits.max_pages {
        return Err(PdfError::TooManyPages { count, limit: limits.max_pages });
    }
    let size = |page: &hayro::hayro_syntax::page::Page<'_>| {
        let (width, height) = page.render_dimensions();
        let rotation = match page.rotation() {
            Rotation::None => 0,
            Rotation::Horizontal => 90,
            Rotation::Flipped => 180,
            Rotation::FlippedHorizontal => 270,
        };
        PageSize { width, height, rotation }
    };
    Ok(pages.iter().map(size).collect())
}
