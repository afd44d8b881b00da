//! Damage of every kind: nothing panics out of the crate, nothing hangs.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::{Builder, grey};
use khocr_pdf::{Limits, Pdf};

/// A file with a bit of everything.
fn sample() -> Vec<u8> {
    let mut file = Builder::default();
    let font = file.font("Khmer", &[(1, "\u{1780}"), (2, "\u{17D2}\u{1781}")]);
    let simple = file.simple_font("LimonS1");
    let (dict, data) = grey(40, 20);
    let image = file.stream(&dict, &data);
    let form = file.stream(
        &format!("/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Resources << /Font << /K {font} 0 R >> >>"),
        b"BT /K 10 Tf 10 50 Td <00010002> Tj ET",
    );
    let content = "q 100 0 0 50 50 0 cm /I Do Q /F Do BT /L 12 Tf 10 20 Td (abc) Tj
        /Span << /ActualText (x) >> BDC [(d) -300 (e)] TJ EMC ET 0.5 g 10 10 m 20 30 l 40 50 60 70 80 90 c f
        q 0 0 100 100 re W n 1 0 0 RG 2 w 0 0 50 50 re S Q";
    let resources = format!(
        "/Font << /K {font} 0 R /L {simple} 0 R >> /XObject << /I {image} 0 R /F {form} 0 R >>"
    );
    file.one_page(content, &resources, "")
}

/// A small generator of numbers, the same at every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % below.max(1)
    }
}

fn damage(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    for _ in 0..=numbers.next(6) {
        let at = numbers.next(bytes.len());
        match numbers.next(6) {
            0 => bytes.truncate(at.max(40)),
            1 => bytes[at] ^= 1 << numbers.next(8),
            2 => bytes[at] = b"<>[]()/0 9"[numbers.next(10)],
            3 => {
                let end = (at + numbers.next(60)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let end = (at + numbers.next(60)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            _ => {
                // A number blown up: lengths, counts, references, coordinates.
                let digit = bytes[at..].iter().position(u8::is_ascii_digit).map(|d| at + d);
                if let Some(digit) = digit {
                    bytes.splice(digit..digit, b"99999".iter().copied());
                }
            }
        }
    }
}

#[test]
fn damaged_files_end_in_an_answer() {
    let limits =
        Limits { max_pixels: 4_000_000, page_time: Duration::from_secs(20), ..Limits::default() };
    let sample = sample();
    let mut numbers = Numbers(7);
    let (mut opened, mut slow) = (0, 0);
    for _ in 0..400 {
        let mut bytes = sample.clone();
        damage(&mut bytes, &mut numbers);
        if let Ok(pdf) = Pdf::open(bytes, None, &limits) {
            opened += 1;
            for index in 0..pdf.page_count().min(3) {
                for error in [pdf.native(index).err(), pdf.picture(index, 72.0).err()] {
                    slow += usize::from(error.is_some_and(|e| e.kind() == "pdf_page_too_slow"));
                }
            }
        }
    }
    assert!(opened > 100, "{opened} opened");
    assert_eq!(slow, 0);
}

#[test]
fn deep_nesting_ends_in_an_answer() {
    for (open, close) in [("[", "]"), ("<< /A ", " >>")] {
        let deep = format!("{}{}", open.repeat(20_000), close.repeat(20_000));
        let content = format!("{deep} TJ BT ET");
        let bytes = Builder::default().one_page(&content, "", &format!("/X {deep}"));
        if let Ok(pdf) = Pdf::open(bytes, None, &Limits::default()) {
            drop(pdf.native(0));
        }
    }
    let content = "q ".repeat(200_000);
    let pdf = common::open(Builder::default().one_page(&content, "", ""));
    assert!(pdf.native(0).is_ok());
}
