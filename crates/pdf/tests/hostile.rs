//! Files made to hurt: each ends in an answer, soon.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use common::Builder;
use khocr_pdf::{Limits, Pdf};

/// Opens a file under tight limits and asks for its first page both ways. Gives the kinds of errors.
fn survives(name: &str, bytes: Vec<u8>) -> Vec<&'static str> {
    let limits = Limits {
        max_pixels: 20_000_000,
        max_operations: 1_000_000,
        page_time: Duration::from_secs(15),
        ..Limits::default()
    };
    let start = Instant::now();
    let kinds = match Pdf::open(bytes, None, &limits) {
        Ok(pdf) => {
            let errors = [pdf.native(0).err(), pdf.picture(0, 72.0).err()];
            errors.into_iter().flatten().map(|e| e.kind()).collect()
        }
        Err(error) => vec![error.kind()],
    };
    // A bound far above what any of these takes, and far below a hang.
    assert!(start.elapsed() < Duration::from_secs(40), "{name} took {:?}", start.elapsed());
    kinds
}

#[test]
fn loops_between_objects() {
    let mut file = Builder::default();
    file.add("2 0 R");
    file.add("1 0 R");
    survives("references", file.one_page("/F Do", "/XObject 1 0 R", "/MediaBox 2 0 R"));

    let mut file = Builder::default();
    file.add("<< /Type /Pages /Count 9 /Kids [2 0 R 2 0 R 2 0 R 2 0 R] /Parent 2 0 R >>");
    file.add("<< /Type /Pages /Count 9 /Kids [1 0 R 1 0 R 1 0 R 1 0 R] /Parent 1 0 R >>");
    assert_eq!(survives("page tree", file.finish(1)), ["pdf_no_pages"]);

    let mut bytes = Builder::default().one_page("", "", "");
    let place = bytes.windows(4).position(|w| w == b"xref").unwrap();
    let trailer = format!("trailer\n<< /Size 9 /Root 4 0 R /Prev {place} >>");
    let at = bytes.windows(7).position(|w| w == b"trailer").unwrap();
    bytes.splice(at..at + 7, trailer.into_bytes());
    survives("cross-references", bytes);
}

#[test]
fn fonts_that_call_themselves() {
    let mut file = Builder::default();
    let glyph = file.stream("", b"500 0 d0 BT /T 10 Tf (aaaa) Tj ET");
    let font = format!(
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [0.1 0 0 0.1 0 0] /FirstChar 97 /LastChar 97
           /Widths [9] /Encoding << /Differences [97 /a] >> /CharProcs << /a {glyph} 0 R >>
           /Resources << /Font << /T 2 0 R >> >> >>"
    );
    let font = file.add(font);
    assert_eq!(font, 2);
    survives(
        "type 3",
        file.one_page("BT /T 10 Tf 10 10 Td (aaaa) Tj ET", "/Font << /T 2 0 R >>", ""),
    );
}

#[test]
fn patterns_of_a_million_tiles() {
    let mut file = Builder::default();
    let tile = file.stream(
        "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.0001 /YStep 0.0001 /Resources << >>",
        b"1 0 0 rg 0 0 1 1 re f",
    );
    let resources = format!("/Pattern << /P {tile} 0 R >>");
    survives("tiles", file.one_page("/Pattern cs /P scn 0 0 200 100 re f", &resources, ""));
}

#[test]
fn strokes_of_a_million_dashes() {
    let content = "[0.00001 0.00001] 0 d 1 w 0 0 m 14000 14000 l S 1e30 1e30 m -1e30 1e30 l S";
    let kinds = survives("dashes", Builder::default().one_page(content, "", ""));
    assert_eq!(kinds, ["pdf_page_too_complex"]);
}

#[test]
fn numbers_beyond_reason() {
    let content = "1e308 0 0 1e308 1e308 1e308 cm 0 0 1 1 re f BT 1e300 0 0 1e-300 0 0 Tm (x) Tj ET
        99999999999999999999 0 0 -99999999999999999999 0 0 cm 0 0 m 1 1 l 2 0 l f";
    survives("numbers", Builder::default().one_page(content, "", ""));
    for boxed in ["[0 0 0 0]", "[5 5 -5 -5]", "[0 0 1e-9 1e-9]", "[nan inf 1 2]", "[1e30 0 2e30 9]"]
    {
        let bytes = Builder::default().one_page("0 0 9 9 re f", "", &format!("/MediaBox {boxed}"));
        survives(boxed, bytes);
    }
}

#[test]
fn pictures_that_lie_about_their_size() {
    let dict = |extra: &str| {
        format!(
            "/Type /XObject /Subtype /Image /ColorSpace /DeviceGray /BitsPerComponent 8 {extra}"
        )
    };
    for (name, extra) in [
        (
            "fax",
            "/Width 100 /Height 100 /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 2000000000 /Rows 2000000000 >>",
        ),
        ("bits", "/Width 4000 /Height 4000 /BitsPerComponent 16"),
        ("no data", "/Width 4000 /Height 4000"),
        ("jpeg", "/Width 10 /Height 10 /Filter /DCTDecode"),
        ("jbig2", "/Width 10 /Height 10 /Filter /JBIG2Decode"),
        ("jpx", "/Width 10 /Height 10 /Filter /JPXDecode"),
        ("negative", "/Width -5 /Height 10"),
    ] {
        let mut file = Builder::default();
        let data: &[u8] = match name {
            // Headers that state 65,500 x 65,500 pixels.
            "jpeg" => b"\xFF\xD8\xFF\xC0\x00\x0B\x08\xFF\xDC\xFF\xDC\x01\x01\x11\x00\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00\x00\xFF\xD9",
            "jbig2" => b"\x00\x00\x00\x00\x30\x00\x01\x00\x00\x00\x13\x7F\xFF\xFF\xFF\x7F\xFF\xFF\xFF\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
            "jpx" => b"\xFF\x4F\xFF\x51\x00\x29\x00\x00\x00\x00\xFF\xDC\x00\x00\xFF\xDC\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xFF\xDC\x00\x00\xFF\xDC\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x07\x01\x01",
            _ => b"\x00\xFF\x55",
        };
        let image = file.stream(&dict(extra), data);
        let resources = format!("/XObject << /I {image} 0 R >>");
        survives(name, file.one_page("200 0 0 100 0 0 cm /I Do", &resources, ""));
    }
}

#[test]
fn ten_thousand_pages() {
    let mut file = Builder::default();
    let kids: String = (0..10_000)
        .map(|_| format!("{} 0 R ", file.add("<< /Type /Page /MediaBox [0 0 9 9] >>")))
        .collect();
    let tree = file.add(format!("<< /Type /Pages /Count 10000 /Kids [{kids}] >>"));
    assert_eq!(survives("pages", file.finish(tree)), ["pdf_too_many_pages"]);
}

#[test]
fn a_page_without_end_does_not_take_the_others_with_it() {
    // Tiny time, so that any page is without end; then the document is asked four times more.
    let limits = Limits { page_time: Duration::from_nanos(1), ..Limits::default() };
    let bytes = Builder::default().one_page("0 0 9 9 re f", "", "");
    // Opening is held to the same time.
    if let Ok(pdf) = Pdf::open(bytes, None, &limits) {
        for _ in 0..6 {
            let said = pdf.native(0).err().map(|e| e.kind());
            assert!(matches!(said, None | Some("pdf_page_too_slow")));
        }
    }
}
