//! Text layers of every kind met in real files, each in a file made here, and what becomes of them.
#![allow(clippy::unwrap_used)]

#[path = "../../pdf/tests/common/mod.rs"]
mod common;

use common::{Builder, grey};
use khocr_convert::{NativeVerdict, native_page};
use khocr_document::{BlockKind, Page};
use khocr_khmer::legacy::Encoding;

const LINES: [&str; 4] = [
    "ក្មេងៗនាំគ្នាទៅរៀននៅសាលាក្បែរវត្តរាល់ព្រឹក",
    "គ្រូបង្រៀនអានរឿងព្រេងឱ្យសិស្សស្តាប់យ៉ាងសប្បាយ",
    "នៅពេលថ្ងៃត្រង់ ពួកគេញ៉ាំបាយក្រោមដើមស្វាយធំមួយ",
    "ល្ងាចឡើង ម្តាយមកទទួលកូនត្រឡប់ទៅផ្ទះវិញ",
];

/// Content that shows each line in font `/K`, whose codes are the characters' own numbers.
fn shown(lines: &[&str], set: &str) -> String {
    let mut content = format!("BT {set} /K 12 Tf 14 TL 20 280 Td ");
    for line in lines {
        let codes: String = line.encode_utf16().map(|u| format!("{u:04X}")).collect();
        content += &format!("<{codes}> Tj T* ");
    }
    content + "ET "
}

/// A page of this content, with `/K` mapped by `map`, a picture `/I` and the page's box.
fn page(content: &str, map: impl Fn(char) -> String) -> NativeVerdict {
    let mut file = Builder::default();
    let mut letters: Vec<char> =
        LINES.iter().flat_map(|l| l.chars()).chain("Az ".chars()).collect();
    letters.sort_unstable();
    letters.dedup();
    let told: Vec<(u16, String)> = letters.iter().map(|c| (*c as u16, map(*c))).collect();
    let entries: Vec<(u16, &str)> = told.iter().map(|(c, t)| (*c, t.as_str())).collect();
    let font = file.font("ABCDEF+SomeKhmer", &entries);
    let (dict, data) = grey(60, 30);
    let image = file.stream(&dict, &data);
    let resources = format!("/Font << /K {font} 0 R >> /XObject << /I {image} 0 R >>");
    let bytes = file.one_page(content, &resources, "/MediaBox [0 0 600 300]");
    native_page(&common::open(bytes).native(0).unwrap(), 1)
}

fn native(verdict: NativeVerdict) -> Page {
    match verdict {
        NativeVerdict::Native(page) => page,
        other => panic!("{other:?}"),
    }
}

fn reason(verdict: NativeVerdict) -> &'static str {
    match verdict {
        NativeVerdict::Read { reason } => reason,
        other => panic!("{other:?}"),
    }
}

const SCAN: &str = "q 600 0 0 300 0 0 cm /I Do Q ";

#[test]
fn a_right_layer_is_the_page() {
    let page = native(page(&shown(&LINES, ""), String::from));
    let text: Vec<&str> = page.lines().map(|l| l.text.as_str()).collect();
    assert_eq!(text, LINES);
    let line = page.lines().next().unwrap();
    assert_eq!(line.style.font.as_deref(), Some("SomeKhmer"));
    assert_eq!((line.style.size, line.confidence), (Some(12.0), 1.0));
}

#[test]
fn a_layer_that_lost_its_subscripts_is_read() {
    let lost = |c: char| if c == '\u{17D2}' { String::new() } else { c.to_string() };
    assert!(matches!(page(&shown(&LINES, ""), lost), NativeVerdict::Read { .. }));
}

#[test]
fn a_layer_of_wrong_letters_is_read() {
    // Every letter one further: all that can be is there, and nothing means anything.
    let shifted =
        |c: char| char::from_u32(c as u32 + u32::from(c > '\u{1780}')).unwrap().to_string();
    assert!(matches!(page(&shown(&LINES, ""), shifted), NativeVerdict::Read { .. }));
}

#[test]
fn a_layer_of_replacement_characters_is_read() {
    let holes = |c: char| if c == 'ា' { "\u{FFFD}".to_owned() } else { c.to_string() };
    let said = reason(page(&shown(&LINES, ""), holes));
    assert_eq!(said, "the layer holds characters that cannot be");
}

#[test]
fn a_hidden_layer_is_read_however_good_its_text() {
    let said = reason(page(&format!("{SCAN}{}", shown(&LINES, "3 Tr")), String::from));
    assert_eq!(said, "the layer is hidden");
    let said = reason(page(&format!("{}{SCAN}", shown(&LINES, "")), String::from));
    assert_eq!(said, "the layer is hidden");
}

#[test]
fn a_scan_without_text_is_read() {
    assert_eq!(reason(page(SCAN, String::from)), "no text layer");
}

#[test]
fn a_page_number_over_a_scan_is_kept_beside_what_is_read() {
    let number = "BT /K 12 Tf 290 10 Td <17E117E2> Tj ET";
    let mut file = Builder::default();
    let font = file.font("Khmer", &[(0x17E1, "១"), (0x17E2, "២")]);
    let (dict, data) = grey(60, 30);
    let image = file.stream(&dict, &data);
    let resources = format!("/Font << /K {font} 0 R >> /XObject << /I {image} 0 R >>");
    let content = format!("{SCAN}{number}");
    let bytes = file.one_page(&content, &resources, "/MediaBox [0 0 600 300]");
    match native_page(&common::open(bytes).native(0).unwrap(), 1) {
        NativeVerdict::Mixed { lines, reason } => {
            assert_eq!((lines[0].text.as_str(), reason), ("១២", "a scan with a little text"));
        }
        other => panic!("{other:?}"),
    }
}

/// The lines in legacy codes, in a font of that name.
fn legacy(encoding: Encoding, name: &str) -> NativeVerdict {
    let mut file = Builder::default();
    let font = file.simple_font(name);
    let mut content = "BT /L 20 Tf 24 TL 20 280 Td ".to_owned();
    for line in LINES {
        let codes = encoding.to_legacy(line).expect("it has these letters");
        let hex: String = codes.chars().map(|c| format!("{:02X}", windows(c))).collect();
        content += &format!("<{hex}> Tj T* ");
    }
    let resources = format!("/Font << /L {font} 0 R >>");
    let bytes = file.one_page(&(content + "ET"), &resources, "/MediaBox [0 0 600 300]");
    native_page(&common::open(bytes).native(0).unwrap(), 1)
}

#[test]
fn legacy_text_becomes_unicode_even_under_another_name() {
    let named = |encoding| match encoding {
        Encoding::Limon => "ABCDEF+LimonS1",
        Encoding::Abc2 => "ABC-TEXT-11",
        Encoding::Abc3 => "ABC-TEXT-24",
        Encoding::Truth => "Truth11",
        _ => "ABC-TEXT-05",
    };
    for encoding in
        [Encoding::Limon, Encoding::Abc, Encoding::Abc2, Encoding::Abc3, Encoding::Truth]
    {
        for name in [named(encoding), "ABCDEF+TT2", "Arial"] {
            match legacy(encoding, name) {
                NativeVerdict::Legacy(page) => {
                    let text: Vec<&str> = page.lines().map(|l| l.text.as_str()).collect();
                    // In ABC the space belongs to some of its letters.
                    let plain = |t: &[&str]| t.concat().replace(' ', "");
                    assert_eq!(plain(&text), plain(&LINES), "{} as {name}", encoding.name());
                    assert!(encoding != Encoding::Limon || text == LINES);
                    assert_eq!(page.lines().next().unwrap().style.size, Some(20.0));
                }
                other => panic!("{} as {name}: {other:?}", encoding.name()),
            }
        }
    }
}

/// The Windows-1252 byte of a character.
fn windows(c: char) -> u8 {
    const HIGH: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ";
    match HIGH.chars().position(|h| h == c) {
        Some(at) => 0x80 + at as u8,
        None => c as u8,
    }
}

#[test]
fn a_larger_head_and_a_page_number_are_told_from_the_body() {
    let body = shown(&LINES, "");
    let codes = |t: &str| t.encode_utf16().map(|u| format!("{u:04X}")).collect::<String>();
    let head = codes("សាលារៀន");
    let letters = LINES.concat();
    assert!("សាលារៀន".chars().all(|c| letters.contains(c)));
    let content = format!("{body} BT /K 20 Tf 250 294 Td <{head}> Tj ET");
    let page = native(page(
        &content.replace("20 280 Td", "20 250 Td").replace("250 294", "250 275"),
        String::from,
    ));
    assert!(matches!(page.blocks[0].kind, BlockKind::Heading { .. }), "{:?}", page.blocks[0].kind);
    assert_eq!(page.blocks[0].text(), "សាលារៀន");
}

/// A page of this content whose form has one undrawn field, filled in.
fn form(content: &str, value: &str, rect: &str) -> NativeVerdict {
    let mut file = Builder::default();
    let letters: std::collections::BTreeSet<char> = LINES.iter().flat_map(|l| l.chars()).collect();
    let told: Vec<(u16, String)> = letters.iter().map(|c| (*c as u16, c.to_string())).collect();
    let entries: Vec<(u16, &str)> = told.iter().map(|(c, t)| (*c, t.as_str())).collect();
    let font = file.font("ABCDEF+SomeKhmer", &entries);
    let (dict, data) = grey(60, 30);
    let image = file.stream(&dict, &data);
    let units: String = value.encode_utf16().map(|u| format!("{u:04X}")).collect();
    let field = file.add(format!(
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V <FEFF{units}> /Rect {rect} >>"
    ));
    let resources = format!("/Font << /K {font} 0 R >> /XObject << /I {image} 0 R >>");
    let entries = format!("/MediaBox [0 0 600 300] /Annots [{field} 0 R]");
    let bytes = file.one_page(content, &resources, &entries);
    native_page(&common::open(bytes).native(0).unwrap(), 1)
}

#[test]
fn what_is_filled_in_stands_among_the_printed_lines() {
    let page = native(form(&shown(&LINES, ""), "សុខ សុភា", "[20 220 200 235]"));
    let text: Vec<&str> = page.lines().map(|l| l.text.as_str()).collect();
    assert_eq!(text[..4], LINES);
    assert_eq!(text[4], "សុខ សុភា");
}

#[test]
fn what_is_filled_into_a_scanned_form_is_kept_beside_what_is_read() {
    // However much it is, it is no layer of the scan.
    for value in ["សុខ សុភា".to_owned(), LINES.concat().repeat(3)] {
        match form(SCAN, &value, "[100 100 300 120]") {
            NativeVerdict::Mixed { lines, reason } => {
                assert_eq!((lines[0].text.as_str(), reason), (value.as_str(), "no text layer"));
            }
            other => panic!("{other:?}"),
        }
    }
}
