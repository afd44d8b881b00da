//! What can go wrong with a PDF.

use thiserror::Error;

/// Why a PDF, or a page of it, could not be used.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum PdfError {
    /// The bytes are not a PDF at all.
    #[error("the file is not a PDF")]
    NotPdf,
    /// A PDF header is there, but no pages can be got out of what follows.
    #[error("the PDF is damaged beyond repair or cut short")]
    Damaged,
    /// Objects lie deeper in each other than the parser follows: 512 levels.
    #[error("the PDF's objects are nested too deep")]
    TooDeep,
    /// Packed streams unpack to more than [`Limits::max_unpacked`](crate::Limits::max_unpacked).
    #[error("the PDF unpacks to more than the {limit} bytes allowed")]
    TooMuchUnpacked {
        /// Bytes allowed.
        limit: u64,
    },
    /// Finding the pages took longer than [`Limits::open_time`](crate::Limits::open_time).
    #[error("the PDF's structure took longer than {seconds} s to make out")]
    OpenTooSlow {
        /// Seconds allowed.
        seconds: u64,
    },
    /// The file is encrypted and no password was given.
    #[error("the PDF is encrypted and needs a password")]
    NeedsPassword,
    /// The file is encrypted and the password given does not open it.
    #[error("the password does not open the PDF")]
    WrongPassword,
    /// The file is encrypted in a way that is not supported.
    #[error("the PDF is encrypted in a way that is not supported")]
    UnsupportedEncryption,
    /// The page tree holds no page.
    #[error("the PDF has no pages")]
    NoPages,
    /// More pages than [`Limits::max_pages`](crate::Limits::max_pages).
    #[error("the PDF has {count} pages, more than the {limit} allowed")]
    TooManyPages {
        /// Pages in the file.
        count: u32,
        /// Pages allowed.
        limit: u32,
    },
    /// No page of that number.
    #[error("the PDF has no page {} (it has {count})", index + 1)]
    NoSuchPage {
        /// 0-based number asked for.
        index: u32,
        /// Pages in the file.
        count: u32,
    },
    /// A side of the page is longer than [`Limits::max_side`](crate::Limits::max_side).
    #[error("page {} measures {width:.0} x {height:.0} points, more than the {limit:.0} allowed a side", index + 1)]
    PageTooLarge {
        /// 0-based number of the page.
        index: u32,
        /// Width in points.
        width: f32,
        /// Height in points.
        height: f32,
        /// Points allowed a side.
        limit: f32,
    },
    /// A picture on the page has more pixels than [`Limits::max_pixels`](crate::Limits::max_pixels).
    #[error("page {} holds a picture of {width} x {height} pixels, more than the {limit} allowed", index + 1)]
    ImageTooLarge {
        /// 0-based number of the page.
        index: u32,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Pixels allowed.
        limit: u64,
    },
    /// Drawing the page would take more steps than
    /// [`Limits::max_operations`](crate::Limits::max_operations).
    #[error("page {} takes too many drawing steps", index + 1)]
    TooComplex {
        /// 0-based number of the page.
        index: u32,
    },
    /// The page took longer than [`Limits::page_time`](crate::Limits::page_time). After four such
    /// pages the document answers nothing else.
    #[error("page {} took longer than {seconds} s", index + 1)]
    TooSlow {
        /// 0-based number of the page.
        index: u32,
        /// Seconds allowed.
        seconds: u64,
    },
    /// The library under this crate gave up on the page.
    #[error("page {} could not be interpreted", index + 1)]
    Page {
        /// 0-based number of the page.
        index: u32,
    },
    /// No thread or memory could be had to open the file.
    #[error("the PDF could not be opened for want of resources")]
    Resources,
}

impl PdfError {
    /// A stable machine code for this kind of error.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotPdf => "not_a_pdf",
            Self::Damaged => "pdf_damaged",
            Self::TooDeep => "pdf_too_deep",
            Self::TooMuchUnpacked { .. } => "pdf_too_much_unpacked",
            Self::OpenTooSlow { .. } => "pdf_too_slow_to_open",
            Self::NeedsPassword => "pdf_needs_password",
            Self::WrongPassword => "pdf_wrong_password",
            Self::UnsupportedEncryption => "pdf_encryption_unsupported",
            Self::NoPages => "pdf_no_pages",
            Self::TooManyPages { .. } => "pdf_too_many_pages",
            Self::NoSuchPage { .. } => "pdf_no_such_page",
            Self::PageTooLarge { .. } => "pdf_page_too_large",
            Self::ImageTooLarge { .. } => "pdf_image_too_large",
            Self::TooComplex { .. } => "pdf_page_too_complex",
            Self::TooSlow { .. } => "pdf_page_too_slow",
            Self::Page { .. } => "pdf_page_unreadable",
            Self::Resources => "pdf_no_resources",
        }
    }

    /// Whether the whole file is of no use, rather than one page of it.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        !matches!(
            self,
            Self::NoSuchPage { .. }
                | Self::PageTooLarge { .. }
                | Self::ImageTooLarge { .. }
                | Self::TooComplex { .. }
                | Self::TooSlow { .. }
                | Self::Page { .. }
        )
    }
}
