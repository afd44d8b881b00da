//! The text layer: where text comes from and what of it can be seen.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Builder, grey};
use khocr_pdf::{NativePage, TextSource, Visibility};

const KA: &str = "\u{1780}";
const KHA: &str = "\u{1781}";

/// A page in a font whose codes 1, 2, 3 mean KA, KHA and nothing, and 4 and 5 a whole cluster.
fn page(content: &str) -> NativePage {
    let mut file = Builder::default();
    let cluster = "\u{1780}\u{17D2}\u{1781}";
    let map = [(1, KA), (2, KHA), (3, ""), (4, cluster), (5, cluster)];
    let font = file.font("ABCDEF+Khmer", &map);
    let limon = file.simple_font("ABCDEF+LimonS1");
    let (dict, data) = grey(20, 10);
    let image = file.stream(&dict, &data);
    let resources =
        format!("/Font << /K {font} 0 R /L {limon} 0 R >> /XObject << /I {image} 0 R >>");
    common::open(file.one_page(content, &resources, "")).native(0).unwrap()
}

fn text(content: &str) -> Vec<String> {
    page(content).lines.iter().map(|l| l.text()).collect()
}

fn seen(content: &str) -> Visibility {
    page(content).lines[0].runs[0].visibility
}

#[test]
fn text_comes_from_the_map_and_an_empty_target_adds_nothing() {
    let page = page("BT /K 10 Tf 10 50 Td <000100030002> Tj ET");
    let run = &page.lines[0].runs[0];
    assert_eq!(run.text, format!("{KA}{KHA}"));
    assert_eq!(run.glyphs.len(), 3);
    assert!(run.glyphs.iter().all(|g| g.source == TextSource::ToUnicode));
    assert_eq!((page.font_name(run), run.size), ("Khmer", 10.0));
    assert!(page.fonts.iter().any(|f| f.name == "Khmer" && f.to_unicode && !f.simple));
}

#[test]
fn actual_text_wins_over_the_map_and_is_said_once() {
    let content = "BT /K 10 Tf 10 50 Td <0001> Tj
        /Span << /ActualText <FEFF178117D21780> >> BDC <00020001> Tj EMC <0002> Tj ET";
    assert_eq!(text(content), [format!("{KA}{KHA}\u{17D2}{KA}{KHA}")]);
}

#[test]
fn a_cluster_told_by_each_of_its_glyphs_is_one() {
    assert_eq!(text("BT /K 10 Tf 10 50 Td <00040005> Tj ET"), ["\u{1780}\u{17D2}\u{1781}"]);
    assert_eq!(text("BT /K 10 Tf 10 50 Td <00040004> Tj ET")[0].chars().count(), 6);
}

#[test]
fn legacy_codes_are_kept_as_windows_text() {
    let page = page("BT /L 12 Tf 10 50 Td (k\\265\\201) Tj ET");
    let run = &page.lines[0].runs[0];
    let latin: String = run.glyphs.iter().filter_map(|g| g.latin).collect();
    assert_eq!(latin, "k\u{B5}\u{81}");
    assert_eq!(page.font_name(run), "LimonS1");
}

#[test]
fn what_nobody_sees_is_known_as_such() {
    let word = "BT /K 10 Tf 10 50 Td <00010002> Tj ET";
    assert_eq!(seen(word), Visibility::Shown);
    assert_eq!(seen(&word.replace("/K", "3 Tr /K")), Visibility::Invisible);
    assert_eq!(seen(&format!("1 g {word}")), Visibility::White);
    assert_eq!(seen(&format!("0 0 200 20 re W n {word}")), Visibility::Clipped);
    assert_eq!(seen(&word.replace("10 50 Td", "10 500 Td")), Visibility::Clipped);
    assert_eq!(seen(&format!("{word} q 200 0 0 100 0 0 cm /I Do Q")), Visibility::Covered);
    assert_eq!(seen(&format!("q 200 0 0 100 0 0 cm /I Do Q {word}")), Visibility::Shown);
    assert_eq!(seen(&format!("{word} 1 g 0 40 100 40 re f")), Visibility::Covered);
}

#[test]
fn white_on_a_dark_bar_is_seen() {
    let word = "1 g BT /K 10 Tf 10 50 Td <00010002> Tj ET";
    assert_eq!(seen(&format!("0 0 0.4 rg 0 40 200 30 re f {word}")), Visibility::Shown);
}

#[test]
fn a_wide_gap_is_a_space_and_a_small_one_is_not() {
    let set = |shift: i32| text(&format!("BT /K 10 Tf 10 50 Td [<0001> {shift} <0002>] TJ ET"));
    assert_eq!(set(-400), [format!("{KA} {KHA}")]);
    assert_eq!(set(-100), [format!("{KA}{KHA}")]);
}

#[test]
fn lines_and_their_direction() {
    let page = page(
        "BT /K 10 Tf 10 50 Td <0001> Tj 0 -14 Td <0002> Tj ET
        BT /K 10 Tf 0 1 -1 0 150 20 Tm <00010002> Tj ET",
    );
    let found: Vec<(String, i16)> = page.lines.iter().map(|l| (l.text(), l.angle)).collect();
    assert_eq!(found, [(KA.into(), 0), (KHA.into(), 0), (format!("{KA}{KHA}"), -90)]);
    assert_eq!(page.lines[0].start, [10.0, 50.0]);
}

#[test]
fn a_word_filled_and_stroked_is_bold_and_said_once() {
    let page = page("BT /K 10 Tf 2 Tr 10 50 Td <00010002> Tj ET");
    assert_eq!(page.lines[0].text(), format!("{KA}{KHA}"));
    assert!(page.lines[0].runs[0].bold);
}

#[test]
fn fonts_inside_forms_are_found_and_pictures_measured() {
    let mut file = Builder::default();
    let font = file.font("Inner", &[(1, KA)]);
    let dict = format!(
        "/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Resources << /Font << /K {font} 0 R >> >>"
    );
    let form = file.stream(&dict, b"BT /K 10 Tf 10 50 Td <0001> Tj ET");
    let (dict, data) = grey(20, 10);
    let image = file.stream(&dict, &data);
    let resources = format!("/XObject << /F {form} 0 R /I {image} 0 R >>");
    let content = "q 100 0 0 100 100 0 cm /I Do Q /F Do";
    let page = common::open(file.one_page(content, &resources, "")).native(0).unwrap();
    assert_eq!(page.font_name(&page.lines[0].runs[0]), "Inner");
    assert_eq!(page.lines[0].text(), KA);
    assert!((page.image_cover - 0.5).abs() < 0.03);
    assert_eq!(page.images, [[100.0, 0.0, 200.0, 100.0]]);
}
