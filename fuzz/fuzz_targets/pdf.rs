//! A whole file: opened, its first pages' layers extracted, its first page drawn small.
#![no_main]

use std::time::Duration;

use khocr_pdf::{Limits, Pdf};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = Limits {
        max_pages: 50,
        max_pixels: 1_000_000,
        max_operations: 50_000,
        page_time: Duration::from_secs(10),
        ..Limits::default()
    };
    // Most mutations break the header, which is of no interest.
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.extend_from_slice(data);
    if let Ok(pdf) = Pdf::open(bytes, None, &limits) {
        for index in 0..pdf.page_count().min(3) {
            let _ = pdf.native(index);
        }
        let _ = pdf.picture(0, 36.0);
    }
});
