//! A ToUnicode map, inside the smallest file that uses one.
#![no_main]

use khocr_pdf::{Limits, Pdf};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: khocr_fuzz::only_our_panics_are_fatal(), |data: &[u8]| {
    let content = b"BT /F 9 Tf 9 9 Td <00010002000300FF> Tj ET";
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    let stream = |data: &[u8]| {
        let mut body = format!("<< /Length {} >>\nstream\n", data.len()).into_bytes();
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        body
    };
    let objects = [
        stream(data),
        stream(content),
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /DW 500 /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>".to_vec(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [3 0 R] /ToUnicode 1 0 R >>".to_vec(),
        b"<< /Type /Page /Parent 6 0 R /MediaBox [0 0 99 99] /Contents 2 0 R /Resources << /Font << /F 4 0 R >> >> >>".to_vec(),
        b"<< /Type /Pages /Count 1 /Kids [5 0 R] >>".to_vec(),
        b"<< /Type /Catalog /Pages 6 0 R >>".to_vec(),
    ];
    for (i, body) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend_from_slice(format!("{} 0 obj\n", i + 1).as_bytes());
        file.extend_from_slice(body);
        file.extend_from_slice(b"\nendobj\n");
    }
    let start = file.len();
    file.extend_from_slice(b"xref\n0 8\n0000000000 65535 f \n");
    for place in places {
        file.extend_from_slice(format!("{place:010} 00000 n \n").as_bytes());
    }
    let end = format!("trailer\n<< /Size 8 /Root 7 0 R >>\nstartxref\n{start}\n%%EOF\n");
    file.extend_from_slice(end.as_bytes());
    let pdf = Pdf::open(file, None, &Limits::default()).expect("the frame is sound");
    let _ = pdf.native(0).expect("a map can be of no use, never fatal");
});
