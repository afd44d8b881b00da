//! Five hundred files made to fail, by seed, from files made here: each ends in pages or in a
//! reason, none in a panic, none past its time.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "five_hundred/kinds.rs"]
mod kinds;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use khocr_pdf::{Limits, Pdf, PdfError};

/// Files of each kind: five hundred in all.
const KINDS: [(&str, kinds::Make, u64); 11] = [
    ("bits flipped", kinds::flipped, 90),
    ("cut short", kinds::cut, 60),
    ("page trees in loops", kinds::looped_tree, 40),
    ("cross-references that lie", kinds::lying_xref, 50),
    ("huge numbers", kinds::huge_numbers, 50),
    ("deep nesting", kinds::deep, 40),
    ("bombs", kinds::bomb, 40),
    ("fonts that lie", kinds::lying_font, 60),
    ("maps that lie", kinds::lying_map, 30),
    ("streams that lie", kinds::lying_stream, 20),
    ("forms and notes that lie", kinds::lying_fields, 20),
];

/// What each call may take on a busy machine. The product allows more.
const TIME: Duration = Duration::from_secs(20);

/// Asks for the text and the picture of a file's first pages; what it was told comes back.
fn answers(bytes: Vec<u8>) -> Vec<PdfError> {
    let limits = Limits {
        max_pages: 100,
        max_pixels: 4_000_000,
        max_operations: 200_000,
        max_unpacked: 16 << 20,
        page_time: TIME,
        open_time: TIME,
        ..Limits::default()
    };
    match Pdf::open(bytes, None, &limits) {
        Err(error) => vec![error],
        Ok(pdf) => (0..pdf.page_count().min(2))
            .flat_map(|i| [pdf.native(i).err(), pdf.picture(i, 36.0).err()])
            .flatten()
            .collect(),
    }
}

#[test]
fn five_hundred_files_end_in_pages_or_a_reason() {
    assert_eq!(KINDS.iter().map(|k| k.2).sum::<u64>(), 500);
    let mut slow = Vec::new();
    let mut without_fault = 0;
    for (name, make, count) in KINDS {
        let mut told: BTreeMap<&str, u32> = BTreeMap::new();
        for seed in 0..count {
            let mut numbers = kinds::Numbers::new(seed);
            let bytes = make(&mut numbers);
            let start = Instant::now();
            let errors = answers(bytes);
            let took = start.elapsed();
            if took > TIME || errors.iter().any(|e| e.kind().contains("slow")) {
                slow.push(format!("{name} {seed}: {took:?} {errors:?}"));
            }
            without_fault += u32::from(errors.is_empty());
            for error in &errors {
                assert!(error.to_string().len() > 10, "{name} {seed}: {error:?}");
                *told.entry(error.kind()).or_default() += 1;
            }
        }
        eprintln!("{name}: {count} files, {told:?}");
    }
    assert!(slow.is_empty(), "{slow:#?}");
    // Damage is often survivable; if nothing or everything were, the files would test nothing.
    assert!((150..450).contains(&without_fault), "{without_fault}");
}

#[test]
fn depth_of_two_million_is_answered_at_once() {
    for open in ["<< /A ", "[ ", "<</A["] {
        let file = format!("%PDF-1.7\n1 0 obj\n{}", open.repeat(2_000_000));
        let start = Instant::now();
        let error = Pdf::open(file.into_bytes(), None, &Limits::default()).unwrap_err();
        assert_eq!(error, PdfError::TooDeep);
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

#[test]
fn bombs_are_told_before_they_go_off() {
    let told = |seed| answers(kinds::bomb(&mut kinds::Numbers::new(seed)));
    let all: Vec<PdfError> = (0..40).flat_map(told).collect();
    let kinds: std::collections::BTreeSet<&str> = all.iter().map(PdfError::kind).collect();
    assert!(kinds.contains("pdf_too_much_unpacked"), "{kinds:?}");
    assert!(kinds.contains("pdf_page_too_complex"), "{kinds:?}");
}
