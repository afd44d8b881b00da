//! A whole file: opened, and the layers of its first pages extracted.
//!
//! The library under ours may panic on a damaged file; the owning thread catches that and the page
//! is refused. What must not happen is a panic of our own code, or a page past its time.
#![no_main]

use std::time::Duration;

use khocr_pdf::{Limits, Pdf, PdfError};
use libfuzzer_sys::fuzz_target;

/// Wall-clock time a page may take: long, because the machine is shared while it fuzzes.
const PAGE_TIME: Duration = Duration::from_secs(20);

fuzz_target!(
    init: khocr_fuzz::only_our_panics_are_fatal(),
    |data: &[u8]| {
        let limits = Limits {
            max_pages: 50,
            max_pixels: 1_000_000,
            max_operations: 50_000,
            page_time: PAGE_TIME,
            ..Limits::default()
        };
        // Most mutations break the header, which is of no interest.
        let mut bytes = b"%PDF-1.7\n".to_vec();
        bytes.extend_from_slice(data);
        if let Ok(pdf) = Pdf::open(bytes, None, &limits) {
            for index in 0..pdf.page_count().min(3) {
                let found = pdf.native(index);
                assert!(!matches!(found, Err(PdfError::TooSlow { .. })), "a page without end");
            }
        }
    }
);
