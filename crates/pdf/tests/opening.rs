//! Files that open and files that do not, and what is said then.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Builder, grey};
use khocr_pdf::{Limits, Pdf, PdfError};

fn error(bytes: Vec<u8>) -> PdfError {
    Pdf::open(bytes, None, &Limits::default()).unwrap_err()
}

#[test]
fn the_size_is_that_of_the_upright_page() {
    let pdf = common::open(Builder::default().one_page("", "", "/Rotate 90 /CropBox [0 0 150 80]"));
    let size = pdf.page_size(0).unwrap();
    assert_eq!((size.width, size.height, size.rotation), (80.0, 150.0, 90));
    assert_eq!(pdf.page_size(1), Err(PdfError::NoSuchPage { index: 1, count: 1 }));
}

#[test]
fn what_is_no_pdf_is_told_from_what_is_damaged() {
    assert_eq!(error(b"MZ\x90\0 a program".to_vec()), PdfError::NotPdf);
    assert_eq!(error(Vec::new()), PdfError::NotPdf);
    assert_eq!(error(b"%PDF-1.7\n rubbish".to_vec()).kind(), "pdf_damaged");
}

#[test]
fn a_file_without_pages_and_one_with_too_many() {
    let mut none = Builder::default();
    let tree = none.add("<< /Type /Pages /Count 0 /Kids [] >>");
    assert_eq!(error(none.finish(tree)), PdfError::NoPages);

    let mut many = Builder::default();
    let kids: String = (0..40)
        .map(|_| {
            let page = many.add("<< /Type /Page /MediaBox [0 0 9 9] >>");
            format!("{page} 0 R ")
        })
        .collect();
    let tree = many.add(format!("<< /Type /Pages /Count 40 /Kids [{kids}] >>"));
    let limits = Limits { max_pages: 39, ..Limits::default() };
    let said = Pdf::open(many.finish(tree), None, &limits).unwrap_err();
    assert_eq!(said, PdfError::TooManyPages { count: 40, limit: 39 });
}

#[test]
fn a_page_tree_that_bites_its_tail_ends() {
    let mut file = Builder::default();
    let page = file.add("<< /Type /Page /MediaBox [0 0 9 9] >>");
    let tree = file.add(format!("<< /Type /Pages /Count 2 /Kids [{page} 0 R 2 0 R] >>"));
    assert_eq!(common::open(file.finish(tree)).page_count(), 1);
}

#[test]
fn locked_files_ask_for_their_password() {
    let locked = include_bytes!("data/locked.pdf").to_vec();
    let limits = Limits::default();
    assert_eq!(error(locked.clone()), PdfError::NeedsPassword);
    assert_eq!(
        Pdf::open(locked.clone(), Some("wrong"), &limits).unwrap_err(),
        PdfError::WrongPassword
    );
    assert_eq!(Pdf::open(locked, Some("khocr"), &limits).unwrap().page_count(), 1);
    // Only restricted by its owner: the empty password opens it.
    let restricted = include_bytes!("data/restricted.pdf").to_vec();
    assert_eq!(common::open(restricted).native(0).unwrap().lines[0].text(), "locked");
}

#[test]
fn a_page_too_large_is_refused_and_the_rest_is_not() {
    let pdf = common::open(Builder::default().one_page("", "", "/MediaBox [0 0 2000000 100]"));
    assert_eq!(pdf.picture(0, 72.0).unwrap_err().kind(), "pdf_page_too_large");
    assert_eq!(pdf.native(0).unwrap_err().kind(), "pdf_page_too_large");
}

#[test]
fn a_picture_too_large_is_refused_before_it_is_decoded() {
    let mut file = Builder::default();
    let (dict, _) = grey(1, 1);
    let image =
        file.stream(&dict.replace("/Width 1 /Height 1", "/Width 60000 /Height 60000"), b"x");
    let resources = format!("/XObject << /I {image} 0 R >>");
    let pdf = common::open(file.one_page("200 0 0 100 0 0 cm /I Do", &resources, ""));
    assert_eq!(pdf.picture(0, 72.0).unwrap_err().kind(), "pdf_image_too_large");
}

#[test]
fn forms_that_multiply_are_refused_at_once() {
    let mut file = Builder::default();
    let form = "/Type /XObject /Subtype /Form /BBox [0 0 200 100]";
    let mut inner = file.stream(form, b"0 0 1 1 re f");
    for _ in 0..12 {
        let content = "/F Do ".repeat(10);
        let dict = format!("{form} /Resources << /XObject << /F {inner} 0 R >> >>");
        inner = file.stream(&dict, content.as_bytes());
    }
    let resources = format!("/XObject << /F {inner} 0 R >>");
    let pdf = common::open(file.one_page("/F Do", &resources, ""));
    assert_eq!(pdf.native(0).unwrap_err(), PdfError::TooComplex { index: 0 });
    assert_eq!(pdf.picture(0, 72.0).unwrap_err(), PdfError::TooComplex { index: 0 });
}

#[test]
fn a_form_that_draws_itself_ends() {
    let mut file = Builder::default();
    let own = "/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Resources << /XObject << /F 1 0 R >> >>";
    file.stream(own, b"/F Do");
    let pdf = common::open(file.one_page("/F Do", "/XObject << /F 1 0 R >>", ""));
    assert_eq!(pdf.native(0).unwrap().lines.len(), 0);
}

/// A file whose page was changed afterwards: the new content is appended, with its own table.
fn changed() -> (Vec<u8>, usize) {
    let mut file = Builder::default();
    let font = file.font("Khmer", &[(1, "ក"), (2, "ខ")]);
    let resources = format!("/Font << /K {font} 0 R >>");
    let mut bytes = file.one_page("BT /K 12 Tf 10 20 Td <0001> Tj ET", &resources, "");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let before: usize =
        text.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
    let reference = text.split("/Contents ").nth(1).unwrap();
    let number: usize = reference.split(' ').next().unwrap().parse().unwrap();
    let root = text.split("/Root ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let size = text.split("/Size ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let place = bytes.len();
    let content = "BT /K 12 Tf 10 20 Td <0002> Tj ET";
    let object = format!(
        "{number} 0 obj\n<< /Length {} >>\nstream\n{content}\nendstream\nendobj\n",
        content.len()
    );
    bytes.extend_from_slice(object.as_bytes());
    let table = bytes.len();
    let end = format!(
        "xref\n{number} 1\n{place:010} 00000 n \ntrailer\n<< /Size {size} /Root {root} 0 R /Prev {before} >>\nstartxref\n{table}\n%%EOF\n"
    );
    bytes.extend_from_slice(end.as_bytes());
    (bytes, place)
}

#[test]
fn of_a_file_changed_afterwards_the_last_state_counts() {
    let (bytes, first_state) = changed();
    let text = |bytes: Vec<u8>| common::open(bytes).native(0).unwrap().lines[0].text();
    assert_eq!(text(bytes.clone()), "ខ");
    assert_eq!(text(bytes[..first_state].to_vec()), "ក");
    // Also where the tables are gone and the objects must be searched for.
    let lost = String::from_utf8_lossy(&bytes).replace("startxref", "startxxxx");
    assert_eq!(text(lost.into_bytes()), "ខ");
    // And where the change was cut short, whatever of it counts, there is a page.
    for cut in first_state..bytes.len() {
        let pdf = common::open(bytes[..cut].to_vec());
        assert!(pdf.native(0).is_ok(), "cut at {cut}");
    }
}

#[test]
fn a_restricted_file_opens_and_gives_its_text() {
    let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/restricted.pdf"));
    let pdf = Pdf::open(bytes.unwrap(), None, &Limits::default()).unwrap();
    assert!(pdf.page_count() >= 1);
    assert!(pdf.native(0).is_ok() && pdf.picture(0, 72.0).is_ok());
}
