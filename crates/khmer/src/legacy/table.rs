//! The tables of `data/legacy`, parsed once.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::Encoding;

/// What the codes of one encoding draw, and the codes that draw each piece of text.
#[derive(Debug)]
pub(super) struct Table {
    /// Codes of one to three bytes, and what they stand for.
    read: HashMap<Vec<u8>, String>,
    /// Plain form of each piece.
    plain: HashMap<String, Vec<u8>>,
    /// Form used under a subscript.
    low: HashMap<String, Vec<u8>>,
}

/// Longest code, in bytes, and longest piece, in characters.
const LONGEST_CODE: usize = 3;

impl Table {
    /// The table of an encoding; none for ornaments.
    pub(super) fn of(encoding: Encoding) -> Option<&'static Self> {
        macro_rules! table {
            ($name:literal) => {{
                static TABLE: OnceLock<Table> = OnceLock::new();
                TABLE.get_or_init(|| {
                    Table::parse(include_str!(concat!("../../data/legacy/", $name, ".txt")))
                })
            }};
        }
        Some(match encoding {
            Encoding::Limon => table!("limon"),
            Encoding::Abc => table!("abc"),
            Encoding::Abc2 => table!("abc2"),
            Encoding::Abc3 => table!("abc3"),
            Encoding::AbcBreaks => table!("abc-zwsp"),
            Encoding::Truth => table!("truth"),
            Encoding::Baidok => table!("baidok"),
            Encoding::Khek => table!("khek"),
            Encoding::Fk => table!("fk"),
            Encoding::KaohKong => table!("kaohkong"),
            Encoding::Rasmei => table!("rasmei"),
            Encoding::Ornaments => return None,
        })
    }

    /// Parses `code text [flag]` lines; lines it cannot read are skipped, and a test sees to it that there are none.
    fn parse(source: &str) -> Self {
        let mut table = Self { read: HashMap::new(), plain: HashMap::new(), low: HashMap::new() };
        for line in source.lines().filter(|l| !l.starts_with('#')) {
            if let Some((code, text, flag)) = parse_line(line) {
                match flag {
                    "" => _ = table.plain.insert(text.clone(), code.clone()),
                    "low" => _ = table.low.insert(text.clone(), code.clone()),
                    _ => {}
                }
                table.read.insert(code, text);
            }
        }
        table
    }

    /// The longest code at the head of `bytes`: its length and what it stands for.
    pub(super) fn longest(&self, bytes: &[u8]) -> Option<(usize, &str)> {
        (1..=LONGEST_CODE.min(bytes.len()))
            .rev()
            .find_map(|n| self.read.get(&bytes[..n]).map(|text| (n, text.as_str())))
    }

    /// The code of a piece in its plain form, or else in the only form there is.
    pub(super) fn plain(&self, piece: &str) -> Option<&[u8]> {
        let find = |piece| self.plain.get(piece).or_else(|| self.low.get(piece)).map(Vec::as_slice);
        find(piece).or_else(|| find(twin(piece)?))
    }

    /// The code of a piece under a subscript, or else its plain form.
    pub(super) fn low(&self, piece: &str) -> Option<&[u8]> {
        self.low.get(piece).map(Vec::as_slice).or_else(|| self.plain(piece))
    }
}

/// The piece that the same glyph draws in faces that have one glyph for two.
fn twin(piece: &str) -> Option<&'static str> {
    match piece {
        "\u{17D2}\u{178A}" => Some("\u{17D2}\u{178F}"),
        "\u{17C8}" => Some("\u{17D6}"),
        "\u{17D6}" => Some("\u{17C8}"),
        "0" => Some("\u{17E0}"),
        _ => None,
    }
}

/// One line of a table: code, text, flag.
fn parse_line(line: &str) -> Option<(Vec<u8>, String, &str)> {
    let mut fields = line.split(' ');
    let code: Vec<u8> = fields
        .next()?
        .split('+')
        .map(|h| u8::from_str_radix(h, 16))
        .collect::<Result<_, _>>()
        .ok()?;
    let text = match fields.next()? {
        "NONE" => String::new(),
        text => text.replace("ZWSP", "\u{200B}").replace("SP", " "),
    };
    let flag = fields.next().unwrap_or("");
    (!code.is_empty() && code.len() <= LONGEST_CODE).then_some((code, text, flag))
}

/// Windows-1252 characters of the bytes 0x80..=0x9F; 0 where the code page has none.
const CP1252: [u16; 32] = [
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
    0x0152, 0, 0x017D, 0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC,
    0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
];

/// The code that a character of a legacy run stands for.
pub(super) fn byte_of(c: char) -> Option<u8> {
    match u32::from(c) {
        n @ 0x20..=0xFF => u8::try_from(n).ok(),
        // symbol fonts
        n @ 0xF020..=0xF0FF => u8::try_from(n - 0xF000).ok(),
        // extractors turn MICRO SIGN into its compatibility twin
        0x03BC => Some(0xB5),
        n => CP1252
            .iter()
            .position(|&u| u != 0 && u32::from(u) == n)
            .and_then(|i| u8::try_from(0x80 + i).ok()),
    }
}

/// The Windows-1252 character of a code.
pub(super) fn char_of(byte: u8) -> char {
    match byte {
        0x80..=0x9F => match CP1252[usize::from(byte - 0x80)] {
            0 => char::from(byte),
            unicode => char::from_u32(u32::from(unicode)).unwrap_or(char::from(byte)),
        },
        byte => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_table_parses() {
        for encoding in Encoding::ALL {
            let name = encoding.name();
            let path = format!("{}/data/legacy/{name}.txt", env!("CARGO_MANIFEST_DIR"));
            let source = std::fs::read_to_string(path).unwrap();
            for line in source.lines().filter(|l| !l.starts_with('#')) {
                let (_, text, flag) = parse_line(line).unwrap_or_else(|| panic!("{name}: {line}"));
                assert!(matches!(flag, "" | "low" | "<"), "{name}: {line}");
                assert!(text.chars().all(|c| !crate::chars::is_impossible(c)), "{name}: {line}");
            }
            assert!(Table::of(encoding).unwrap().read.len() > 140);
        }
        assert!(Table::of(Encoding::Ornaments).is_none());
    }

    #[test]
    fn code_page_is_its_own_inverse() {
        for byte in 0x20..=0xFF {
            assert_eq!(byte_of(char_of(byte)), Some(byte));
        }
    }
}
