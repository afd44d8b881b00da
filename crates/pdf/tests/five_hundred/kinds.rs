//! The kinds of hostile files. Each is a function of a stream of numbers, so that a seed names a file.
#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used)]

use std::io::Write;

use crate::common::{Builder, grey};

/// Makes a file of one kind.
pub type Make = fn(&mut Numbers) -> Vec<u8>;

/// A stream of numbers, the same for a seed at every run.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66)
    }

    /// The next number below `below`.
    pub fn next(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % below.max(1)
    }

    fn of<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices[self.next(choices.len())]
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next(256) as u8).collect()
    }
}

pub fn packed(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A sound file with a bit of everything.
fn sound() -> Vec<u8> {
    let mut file = Builder::default();
    let font = file.font("Khmer", &[(1, "\u{1780}"), (2, "\u{17D2}\u{1781}")]);
    let simple = file.simple_font("LimonS1");
    let (dict, data) = grey(40, 20);
    let image = file.stream(&format!("{dict} /Filter /FlateDecode"), &packed(&data));
    let form = file.stream(
        &format!("/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Resources << /Font << /K {font} 0 R >> >>"),
        b"BT /K 10 Tf 10 50 Td <00010002> Tj ET",
    );
    let field = file.add(
        "<< /Type /Annot /Subtype /Widget /FT /Tx /V (value) /DA (/H 9 Tf) /Rect [10 10 90 30] >>",
    );
    let content = "q 100 0 0 50 50 0 cm /I Do Q /F Do BT /L 12 Tf 10 20 Td (abc) Tj
        /Span << /ActualText (x) >> BDC [(d) -300 (e)] TJ EMC ET 0.5 g 10 10 m 20 30 l 40 50 60 70 80 90 c f
        q 0 0 100 100 re W n 1 0 0 RG 2 w [3 1] 0 d 0 0 50 50 re S Q";
    let resources = format!(
        "/Font << /K {font} 0 R /L {simple} 0 R >> /XObject << /I {image} 0 R /F {form} 0 R >>"
    );
    file.one_page(content, &resources, &format!("/Annots [{field} 0 R]"))
}

pub fn flipped(n: &mut Numbers) -> Vec<u8> {
    let mut bytes = sound();
    for _ in 0..=n.next(40) {
        let at = 8 + n.next(bytes.len() - 8);
        bytes[at] ^= 1 << n.next(8);
    }
    bytes
}

pub fn cut(n: &mut Numbers) -> Vec<u8> {
    let mut bytes = sound();
    let from = 9 + n.next(bytes.len() - 9);
    match n.next(3) {
        0 => bytes.truncate(from),
        // Out of the middle.
        1 => drop(bytes.drain(from..(from + n.next(400)).min(bytes.len()))),
        // Two halves of different length run together.
        _ => {
            let other = sound();
            bytes.truncate(from);
            bytes.extend_from_slice(&other[n.next(other.len())..]);
        }
    }
    bytes
}

pub fn looped_tree(n: &mut Numbers) -> Vec<u8> {
    let mut file = Builder::default();
    let nodes = 2 + n.next(8);
    for _ in 0..nodes {
        let kids: String =
            (0..1 + n.next(6)).map(|_| format!("{} 0 R ", 1 + n.next(nodes + 2))).collect();
        let kind = n.of(&["/Type /Pages", "/Type /Pages", "", "/Type /Page"]);
        let count = n.of(&["1", "4", "-1", "99999999", "2147483648"]);
        let parent = 1 + n.next(nodes);
        let inherited = n.of(&["", "/MediaBox [0 0 99 99]", "/Rotate 45", "/Resources 1 0 R"]);
        file.add(format!(
            "<< {kind} /Count {count} /Kids [{kids}] /Parent {parent} 0 R {inherited} >>"
        ));
    }
    file.add("<< /Type /Page /MediaBox [0 0 99 99] /Parent 1 0 R >>");
    file.finish(1)
}

pub fn lying_xref(n: &mut Numbers) -> Vec<u8> {
    let text = sound();
    let table = text.windows(5).rposition(|w| w == b"xref\n").unwrap();
    let table = text[..table].windows(5).rposition(|w| w == b"xref\n").unwrap_or(table);
    let (body, tail) = text.split_at(table);
    let mut tail = String::from_utf8_lossy(tail).into_owned();
    let place = n.next(text.len());
    match n.next(7) {
        0 => tail = tail.replacen("startxref\n", &format!("startxref\n{place}"), 1),
        1 => tail = tail.replace(" 00000 n", &format!(" {:05} n", n.next(70_000))),
        2 => tail = tail.replace(" n \n", n.of(&[" f \n", " n\n", " x \n", "\n"])),
        3 => {
            tail = tail.replacen("0000000", n.of(&["9999999", "-000001", "000000z"]), 3 + n.next(9))
        }
        4 => {
            let prev = n.of(&["/Prev 0", "/Prev 99999999999", "/Prev -5", "/XRefStm 20"]);
            tail = tail.replace("/Size", &format!("{prev} /Prev {table} /Size"));
        }
        5 => tail = tail.replace("xref\n0 ", &format!("xref\n{} ", n.next(4_000_000_000))),
        _ => tail = tail.replace("/Root", n.of(&["/Root 1 0 R /X", "/Rot", "/Root 999 0 R /X"])),
    }
    [body, tail.as_bytes()].concat()
}

pub fn huge_numbers(n: &mut Numbers) -> Vec<u8> {
    let mut bytes = sound();
    let huge = [
        "99999999999999999999",
        "-2147483648",
        "4294967296",
        "1e38",
        "0.000000000000001",
        "-0",
        "3.4028236e38",
        "18446744073709551616",
        "00000000000000000000007",
        "2147483647",
    ];
    for _ in 0..=n.next(8) {
        let at = 9 + n.next(bytes.len() - 9);
        let Some(digit) = bytes[at..].iter().position(u8::is_ascii_digit).map(|d| at + d) else {
            continue;
        };
        let end = digit + bytes[digit..].iter().take_while(|b| b.is_ascii_digit()).count();
        bytes.splice(digit..end, n.of(&huge).bytes());
    }
    bytes
}

pub fn deep(n: &mut Numbers) -> Vec<u8> {
    let depth = [100, 400, 600, 5_000, 60_000, 300_000][n.next(6)];
    let (open, close) = [("[", "]"), ("<< /A ", " >>"), ("(", ")"), ("<</K[", "]>>")][n.next(4)];
    let closed = if n.next(2) == 0 { close.repeat(depth) } else { String::new() };
    let nest = format!("{}1{closed}", open.repeat(depth));
    let file = Builder::default();
    match n.next(5) {
        0 => file.one_page("", "", &format!("/X {nest}")),
        1 => file.one_page(&format!("{nest} TJ 0 0 9 9 re f"), "", ""),
        2 => {
            let operator = n.of(&["q ", "BT ", "/S BMC ", "BX ", "q 0 0 9 9 re W n "]);
            file.one_page(&operator.repeat(depth / 10), "", "")
        }
        3 => {
            let mut file = file;
            let parts = (depth / 10).clamp(2, 3_000);
            // Forms in forms, each drawing the next.
            for i in 0..parts {
                let dict = format!(
                    "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F {} 0 R >> >>",
                    i + 2
                );
                file.stream(&dict, b"/F Do /F Do");
            }
            file.one_page("/F Do", "/XObject << /F 1 0 R >>", "")
        }
        _ => {
            let mut file = file;
            let inner = packed(nest.as_bytes());
            file.stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", &inner);
            file.one_page("", "/Font 9 0 R", "")
        }
    }
}

pub fn bomb(n: &mut Numbers) -> Vec<u8> {
    let mut file = Builder::default();
    let size = (24 + n.next(3) * 24) << 20;
    match n.next(8) {
        // Packed once, twice, thrice; as content and as a form.
        0 => {
            let data = packed(&b"q Q ".repeat(size / 4));
            let part = file.stream("/Filter /FlateDecode", &data);
            file.one_page("", "", &format!("/Contents {part} 0 R"))
        }
        1 | 2 => {
            let mut data = packed(&vec![b' '; size]);
            let levels = 1 + n.next(3);
            for _ in 0..levels {
                data = packed(&data);
            }
            let filters = "/FlateDecode ".repeat(levels + 1);
            let part = file.stream(&format!("/Filter [{filters}]"), &data);
            file.one_page("", "", &format!("/Contents {part} 0 R"))
        }
        3 => {
            let filters = "/RunLengthDecode ".repeat(4 + n.next(5));
            let part = file.stream(&format!("/Filter [{filters}]"), b"\x81\x81\x81\x81\x80");
            file.one_page("", "", &format!("/Contents {part} 0 R"))
        }
        // One part named a thousand times.
        4 => {
            let part = file.stream("/Filter /FlateDecode", &packed(&vec![b' '; 1 << 20]));
            let parts = format!("{part} 0 R ").repeat(1_000);
            file.one_page("", "", &format!("/Contents [{parts}]"))
        }
        // Forms that draw ten forms that draw ten forms.
        5 => {
            let levels = 6 + n.next(12);
            for i in 0..levels {
                let dict = format!(
                    "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F {} 0 R >> >>",
                    i + 2
                );
                file.stream(&dict, b"/F Do ".repeat(10).as_slice());
            }
            file.stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9]", b"0 0 9 9 re f");
            file.one_page("/F Do", "/XObject << /F 1 0 R >>", "")
        }
        // A picture that is nothing but its size.
        6 => {
            let side = 1_000 * (1 + n.next(60));
            let dict = format!(
                "/Type /XObject /Subtype /Image /Width {side} /Height {side} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode"
            );
            let image = file.stream(&dict, &packed(&vec![0; size]));
            file.one_page("200 0 0 100 0 0 cm /I Do", &format!("/XObject << /I {image} 0 R >>"), "")
        }
        // Objects in a packed stream.
        _ => {
            let dict = "/Type /ObjStm /N 900000 /First 9 /Filter /FlateDecode";
            file.stream(dict, &packed(&b"1 0 ".repeat(size / 4)));
            file.one_page("", "", "")
        }
    }
}

/// A TrueType, CFF or Type 1 program that says more than it holds.
fn program(n: &mut Numbers) -> (&'static str, Vec<u8>) {
    let noise = 40 + n.next(800);
    let noise = n.bytes(noise);
    match n.next(4) {
        0 => {
            let mut font = b"\x00\x01\x00\x00\x00\x06\x00\x40\x00\x02\x00\x20".to_vec();
            for table in [b"head", b"maxp", b"loca", b"glyf", b"cmap", b"hmtx"] {
                font.extend_from_slice(table);
                font.extend_from_slice(&n.bytes(4));
                font.extend_from_slice(&(n.next(900) as u32).to_be_bytes());
                let long = [n.next(400) as u32, u32::MAX, 1 << 31][n.next(3)];
                font.extend_from_slice(&long.to_be_bytes());
            }
            font.extend_from_slice(&noise);
            ("FontFile2", font)
        }
        1 => {
            let mut font = b"\x01\x00\x04\x04\x00\x01\x01\x01\x02X\x00\x01\x01\x01".to_vec();
            font.extend_from_slice(&noise);
            ("FontFile3 /CFF", font)
        }
        2 => {
            let mut font = b"%!PS-AdobeFont-1.0: X\n/FontMatrix [0 0 0 0 0 0] def /Encoding 256 array currentfile eexec\n".to_vec();
            font.extend_from_slice(&noise);
            ("FontFile", font)
        }
        _ => ("FontFile2", noise),
    }
}

pub fn lying_font(n: &mut Numbers) -> Vec<u8> {
    let mut file = Builder::default();
    let (key, data) = program(n);
    let (key, subtype) = key.split_once(' ').unwrap_or((key, ""));
    let subtype = if subtype.is_empty() { "" } else { "/Subtype /CIDFontType0C" };
    let data = file.stream(&format!("{subtype} /Length1 {}", n.next(99_999)), &data);
    let descriptor = file.add(format!(
        "<< /Type /FontDescriptor /FontName /X /Flags {} /FontWeight {} /ItalicAngle {} /{key} {data} 0 R >>",
        n.of(&["4", "-1", "99999999999", "(x)"]),
        n.of(&["400", "1e30", "[1]"]),
        n.of(&["0", "-1e30", "/No"]),
    ));
    let widths = n.of(&[
        "[500]",
        "[1 1e30 -1e30]",
        "null",
        "[1 [500] 2 99999999 500]",
        "[0 [/a] 4294967295 0 1]",
        "[[[[1]]]]",
    ]);
    let encoding = n.of(&[
        "/Identity-H",
        "/WinAnsiEncoding",
        "/NoSuchCMap",
        "<< /Differences [0 /a 70000 /b -5 /c] >>",
        "<< /Differences [/a /b 1e9 /c] /BaseEncoding /MacRomanEncoding >>",
        "7 0 R",
    ]);
    let kind =
        n.of(&["/Type1", "/TrueType", "/Type0", "/MMType1", "/Type3", "/CIDFontType2", "/Oddity"]);
    let descendant = file.add(format!(
        "<< /Type /Font /Subtype {} /BaseFont /X /FontDescriptor {descriptor} 0 R /DW {} /W {widths}
           /CIDToGIDMap {} /CIDSystemInfo << /Registry (A) /Ordering (B) /Supplement -1 >> >>",
        n.of(&["/CIDFontType2", "/CIDFontType0", "/Type0"]),
        n.of(&["1000", "1e38", "-5"]),
        n.of(&["/Identity", "3 0 R", "1 0 R", "(x)"]),
    ));
    let font = file.add(format!(
        "<< /Type /Font /Subtype {kind} /BaseFont /X /Encoding {encoding} /FontDescriptor {descriptor} 0 R
           /FirstChar {} /LastChar {} /Widths {widths} /DescendantFonts [{descendant} 0 R {} 0 R]
           /FontMatrix [{}] /FontBBox [0 0 1e9 1e9] /CharProcs << /a {data} 0 R >> >>",
        n.of(&["0", "-5", "4294967295"]),
        n.of(&["255", "-9", "2147483647"]),
        descendant + 1,
        n.of(&["0 0 0 0 0 0", "0.001 0 0 0.001 0 0", "1e30 0 0 1e30 0 0"]),
    ));
    let content = "BT /F 12 Tf 10 20 Td (abc\\000\\377) Tj <0001FFFF00> Tj [(x) 1e30 (y)] TJ ET";
    file.one_page(content, &format!("/Font << /F {font} 0 R >>"), "")
}

pub fn lying_map(n: &mut Numbers) -> Vec<u8> {
    let mut map = String::from("1 begincodespacerange <00> <FFFFFFFFFF> endcodespacerange\n");
    for _ in 0..n.next(40) {
        let code = n.next(70_000);
        map += &match n.next(8) {
            0 => format!("1 beginbfrange <{code:04X}> <FFFFFFFF> <1780> endbfrange\n"),
            1 => format!("99999999 beginbfchar <{code:X}> <> endbfchar\n"),
            2 => format!("1 beginbfrange <FFFF> <0000> [{}] endbfrange\n", "<41>".repeat(500)),
            3 => format!("1 beginbfchar <{code:04X}> <{}> endbfchar\n", "D800".repeat(300)),
            4 => format!("1 begincidrange <0000> <FFFFFFFF> {code} endcidrange /X usecmap\n"),
            5 => "beginbfchar [[[[ <01 (((( %".to_owned(),
            6 => format!("beginbfrange <{code:04X}> <{code:04X}> /uniFFFFFFFF endbfrange\n"),
            _ => format!("1 beginbfchar <{code:04X}> <{:04X}> endbfchar\n", n.next(65_536)),
        };
    }
    let mut file = Builder::default();
    let stream = file.stream("/Type /CMap /CMapName /X /UseCMap 1 0 R", map.as_bytes());
    let descendant = file.add(
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /DW 500 /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
    );
    let encoding = if n.next(2) == 0 { "/Identity-H".to_owned() } else { format!("{stream} 0 R") };
    let font = file.add(format!(
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding {encoding} /DescendantFonts [{descendant} 0 R] /ToUnicode {stream} 0 R >>"
    ));
    let content = "BT /F 12 Tf 10 20 Td <0001000200FFFFFF12345678> Tj ET";
    file.one_page(content, &format!("/Font << /F {font} 0 R >>"), "")
}

pub fn lying_stream(n: &mut Numbers) -> Vec<u8> {
    let mut file = Builder::default();
    let filter = n.of(&[
        "/FlateDecode",
        "/LZWDecode",
        "/ASCII85Decode",
        "/ASCIIHexDecode",
        "/DCTDecode",
        "/JBIG2Decode",
        "/JPXDecode",
        "/CCITTFaxDecode",
        "/Crypt",
        "/NoFilter",
        "[/ASCII85Decode /LZWDecode]",
        "[/DCTDecode /FlateDecode]",
    ]);
    let parameters = n.of(&[
        "",
        "/DecodeParms << /Predictor 15 /Columns 2147483647 /Colors 99 /BitsPerComponent 32 >>",
        "/DecodeParms << /K -1 /Columns -5 /Rows 99999999 >>",
        "/DecodeParms [null null 1]",
        "/DecodeParms << /Predictor 2 /Columns 0 >>",
        "/DecodeParms << /EarlyChange 7 >>",
    ]);
    let long = n.next(3_000);
    let data = n.bytes(long);
    let dict = format!(
        "/Type /XObject /Subtype /Image /Width {} /Height {} /ColorSpace {} /BitsPerComponent {} /Filter {filter} {parameters} /Length {}",
        n.of(&["10", "-1", "2000000000", "0"]),
        n.of(&["10", "99999", "1e9"]),
        n.of(&["/DeviceGray", "[/Indexed /DeviceRGB 9999 (x)]", "[/ICCBased 1 0 R]", "/Pattern"]),
        n.of(&["1", "8", "16", "3", "-8"]),
        n.of(&["0", "99999999", "-1", "1 0 R"]),
    );
    let image = file.stream(&dict, &data);
    let content = file.stream(&format!("/Filter {filter} {parameters}"), &data);
    let resources = format!("/XObject << /I {image} 0 R /F {content} 0 R >>");
    file.one_page("200 0 0 100 0 0 cm /I Do /F Do", &resources, "")
}

pub fn lying_fields(n: &mut Numbers) -> Vec<u8> {
    let mut file = Builder::default();
    let mut all = String::new();
    for i in 0..1 + n.next(12) {
        let entry = format!(
            "<< /Type /Annot /Subtype {} /FT {} /V {} /DA {} /Rect {} /F {} /Ff {} /Parent {} 0 R /Opt {} /AP {} >>",
            n.of(&["/Widget", "/FreeText", "/Text", "(x)"]),
            n.of(&["/Tx", "/Ch", "/Btn", "/Sig", "9"]),
            n.of(&["(a)", "[(a) [(b)] 5]", "<FEFFD800>", "1 0 R", "<< /A 1 >>"]),
            n.of(&["(/H 1e99 Tf)", "(Tf Tf Tf)", "9", "(/H -5 Tf)"]),
            n.of(&["[0 0 50 20]", "[nan 0 1e39 9]", "[50 20 0 0]", "[1 2]", "[0 0 1e-30 1e30]"]),
            n.of(&["4", "-1", "99999999999", "(x)"]),
            n.of(&["0", "4096", "-1", "1e30"]),
            1 + n.next(12),
            n.of(&["[[(a) (A)]]", "[(a) [(b)] [[]]]", "1 0 R"]),
            n.of(&["null", "<< /N 1 0 R >>", "<< /N << /Off 2 0 R >> >>", "1 0 R"]),
        );
        file.add(entry);
        all += &format!("{} 0 R ", i + 1);
    }
    file.one_page("", "", &format!("/Annots [{all}]"))
}
