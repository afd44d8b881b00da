//! Text that the file states without drawing it.
#![allow(clippy::unwrap_used)]

mod common;

use common::Builder;
use khocr_pdf::{NativePage, TextSource, Visibility};

/// A Khmer string as a PDF string.
fn utf16(text: &str) -> String {
    let units: String = text.encode_utf16().map(|u| format!("{u:04X}")).collect();
    format!("<FEFF{units}>")
}

/// A page with these annotations, each the entries of its dictionary; further objects come first.
fn page(prepare: impl Fn(&mut Builder) -> Vec<String>, entries: &str) -> NativePage {
    let mut file = Builder::default();
    let dicts = prepare(&mut file);
    let numbers: Vec<String> = dicts
        .iter()
        .map(|d| format!("{} 0 R", file.add(format!("<< /Type /Annot {d} >>"))))
        .collect();
    let annotations = format!("/Annots [{}] {entries}", numbers.join(" "));
    common::open(file.one_page("", "", &annotations)).native(0).unwrap()
}

fn texts(dicts: &[&str]) -> Vec<String> {
    let owned: Vec<String> = dicts.iter().map(|d| (*d).to_owned()).collect();
    page(|_| owned.clone(), "").lines.iter().map(khocr_pdf::NativeLine::text).collect()
}

#[test]
fn a_fields_value_stands_in_its_box() {
    let value = utf16("ភូមិ ថ្មី");
    let page = page(
        |_| vec![format!("/Subtype /Widget /FT /Tx /V {value} /DA (/H 9 Tf) /Rect [20 30 120 50]")],
        "",
    );
    let line = &page.lines[0];
    assert_eq!(line.text(), "ភូមិ ថ្មី");
    assert!(line.is_field());
    assert_eq!((line.runs[0].size, line.runs[0].visibility), (9.0, Visibility::Shown));
    assert!(line.runs[0].glyphs.iter().all(|g| g.source == TextSource::Field));
    let [x0, y0, x1, y1] = line.rect;
    assert!(x0 >= 20.0 && x1 <= 120.0 && y0 >= 50.0 && y1 <= 70.0, "{:?}", line.rect);
}

#[test]
fn a_turned_page_has_its_fields_turned_with_it() {
    let page = page(
        |_| vec!["/Subtype /Widget /FT /Tx /V (ab) /Rect [0 0 20 100]".to_owned()],
        "/Rotate 90",
    );
    let [_, y0, x1, y1] = page.lines[0].rect;
    assert!(y0 >= 0.0 && y1 <= 20.0 && x1 <= 100.0, "{:?}", page.lines[0].rect);
}

#[test]
fn values_are_inherited_and_choices_shown_by_their_text() {
    let page = page(
        |file| {
            let parent = file.add("<< /FT /Ch /V (kh) /Opt [[(en) (English)] [(kh) (Khmer)]] >>");
            vec![format!("/Subtype /Widget /Parent {parent} 0 R /Rect [0 0 90 20]")]
        },
        "",
    );
    assert_eq!(page.lines[0].text(), "Khmer");
    let many = "/Subtype /Widget /FT /Ch /V [(one) (two)] /Rect [0 0 90 40]";
    assert_eq!(texts(&[many]), ["one", "two"]);
}

#[test]
fn a_free_text_note_is_text_and_its_lines_are_lines() {
    let note = "/Subtype /FreeText /Contents (first\\rsecond) /Rect [0 0 90 40]";
    assert_eq!(texts(&[note]), ["first", "second"]);
}

#[test]
fn what_is_drawn_hidden_secret_or_no_text_is_left_out() {
    let rect = "/Rect [0 0 90 20]";
    assert!(
        texts(&[
            &format!("/Subtype /Widget /FT /Tx /V (hidden) /F 2 {rect}"),
            &format!("/Subtype /Widget /FT /Tx /V (no view) /F 32 {rect}"),
            &format!("/Subtype /Widget /FT /Tx /V (password) /Ff 8192 {rect}"),
            &format!("/Subtype /Widget /FT /Btn /V /Yes {rect}"),
            &format!("/Subtype /Widget /FT /Tx /V ( ) {rect}"),
            &format!("/Subtype /Text /Contents (a note beside the page) {rect}"),
            "/Subtype /Widget /FT /Tx /V (no box)",
            "/Subtype /Widget /FT /Tx /V (empty box) /Rect [5 5 5 5]",
        ])
        .is_empty()
    );
}

#[test]
fn an_appearance_counts_when_it_draws_text() {
    let shown = |content: &'static [u8]| {
        let page = page(
            |file| {
                let font = file.font("Khmer", &[(1, "ក")]);
                let dict = format!(
                    "/Type /XObject /Subtype /Form /BBox [0 0 90 20] /Resources << /Font << /K {font} 0 R >> >>"
                );
                let look = file.stream(&dict, content);
                vec![format!(
                    "/Subtype /Widget /FT /Tx /V (value) /AP << /N {look} 0 R >> /Rect [0 0 90 20]"
                )]
            },
            "",
        );
        page.lines.iter().map(khocr_pdf::NativeLine::text).collect::<Vec<_>>()
    };
    assert_eq!(shown(b"/Tx BMC BT /K 9 Tf 2 5 Td <0001> Tj ET EMC"), ["ក"]);
    assert_eq!(shown(b"/Tx BMC EMC"), ["value"]);
}

#[test]
fn fields_that_are_their_own_parents_end() {
    let page = page(
        |file| {
            let own = file.add("<< /FT /Tx /Parent 1 0 R >>");
            vec![format!("/Subtype /Widget /Parent {own} 0 R /Rect [0 0 90 20]")]
        },
        "",
    );
    assert!(page.lines.is_empty());
}
