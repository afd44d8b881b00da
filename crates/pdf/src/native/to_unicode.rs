//! ToUnicode maps, read by us: lenient to the last byte.
//!
//! A map with one broken or empty entry still serves all its others, ranges are kept as ranges
//! (so a range over four billion codes costs nothing), and what cannot be read is passed over.

use std::collections::HashMap;

use super::strings::utf16;

/// Single entries kept; a map of more is a bomb, not a font.
const MAX_ENTRIES: usize = 100_000;

/// A font's map from character codes to text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ToUnicode {
    single: HashMap<u32, Box<str>>,
    /// First code, last code, text of the first; the last UTF-16 unit counts up. In the file's
    /// order; of overlapping ranges the later wins.
    ranges: Vec<(u32, u32, Vec<u16>)>,
}

impl ToUnicode {
    /// Reads the decoded stream.
    pub(crate) fn parse(data: &[u8]) -> Self {
        let mut map = Self::default();
        let mut tokens = Tokens { data, at: 0 };
        let mut section = Section::None;
        let mut pending: Vec<Token<'_>> = Vec::new();
        while let Some(token) = tokens.next() {
            match token {
                Token::Word(b"beginbfchar") => (section, pending) = (Section::Char, Vec::new()),
                Token::Word(b"beginbfrange") => (section, pending) = (Section::Range, Vec::new()),
                Token::Word(b"endbfchar" | b"endbfrange") => section = Section::None,
                Token::Word(_) => {}
                token => match section {
                    Section::None => {}
                    Section::Char => {
                        pending.push(token);
                        if let [Token::Hex(code), target] = &pending[..] {
                            map.add(number(code), target);
                            pending.clear();
                        } else if pending.len() >= 2 {
                            pending.clear();
                        }
                    }
                    Section::Range => {
                        pending.push(token);
                        if let [Token::Hex(first), Token::Hex(last), target] = &pending[..] {
                            map.add_range(number(first), number(last), target);
                            pending.clear();
                        } else if pending.len() >= 3 {
                            pending.clear();
                        }
                    }
                },
            }
        }
        map
    }

    /// Whether no code is mapped.
    pub(crate) fn is_empty(&self) -> bool {
        self.single.is_empty() && self.ranges.is_empty()
    }

    /// The text of a code. `Some("")` when the map says that the glyph adds none; `None` when the
    /// map does not know it, or maps it to U+0000, which stands for the same.
    pub(crate) fn get(&self, code: u32) -> Option<String> {
        let text = match self.single.get(&code) {
            Some(text) => text.to_string(),
            None => {
                let range = self.ranges.iter().rev().find(|r| r.0 <= code && code <= r.1)?;
                let mut units = range.2.clone();
                let last = units.last_mut()?;
                *last = last.wrapping_add(u16::try_from(code - range.0).ok()?);
                String::from_utf16_lossy(&units)
            }
        };
        (text.is_empty() || text.chars().any(|c| c != '\0')).then_some(text)
    }

    fn add(&mut self, code: u32, target: &Token<'_>) {
        let text = match target {
            Token::Hex(bytes) => target_text(bytes),
            Token::Name(name) => match glyph_name(name) {
                Some(c) => c.to_string(),
                None => return,
            },
            _ => return,
        };
        if self.single.len() < MAX_ENTRIES {
            self.single.insert(code, text.into_boxed_str());
        }
    }

    fn add_range(&mut self, first: u32, last: u32, target: &Token<'_>) {
        if last < first {
            return;
        }
        match target {
            Token::Hex(bytes) if first == last => self.add(first, &Token::Hex(bytes.clone())),
            Token::Hex(bytes) => {
                let units: Vec<u16> = target_text(bytes).encode_utf16().collect();
                if self.ranges.len() < MAX_ENTRIES && !units.is_empty() {
                    self.ranges.push((first, last, units));
                }
            }
            Token::List(items) => {
                for (code, item) in (first..=last).zip(items) {
                    self.add(code, item);
                }
            }
            _ => {}
        }
    }
}

#[derive(Clone, Copy)]
enum Section {
    None,
    Char,
    Range,
}

/// Target bytes as text: UTF-16, but a single byte stands for itself.
fn target_text(bytes: &[u8]) -> String {
    match bytes {
        [one] => char::from(*one).to_string(),
        _ => utf16(bytes, u16::from_be_bytes),
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0u32, |n, b| (n << 8) | u32::from(*b))
}

/// The few glyph names that maps give in place of a number: `uniXXXX`.
fn glyph_name(name: &[u8]) -> Option<char> {
    let digits = std::str::from_utf8(name).ok()?.strip_prefix("uni")?;
    char::from_u32(u32::from_str_radix(digits.get(..4)?, 16).ok()?)
}

#[derive(Clone, Debug, PartialEq)]
enum Token<'d> {
    Hex(Vec<u8>),
    Name(&'d [u8]),
    List(Vec<Token<'d>>),
    Word(&'d [u8]),
}

struct Tokens<'d> {
    data: &'d [u8],
    at: usize,
}

impl<'d> Tokens<'d> {
    fn next(&mut self) -> Option<Token<'d>> {
        loop {
            let byte = *self.data.get(self.at)?;
            match byte {
                b'%' => self.skip_to(b"\r\n"),
                b'<' if self.data.get(self.at + 1) == Some(&b'<') => self.at += 2,
                b'<' => return Some(Token::Hex(self.hex())),
                b'[' => return Some(self.list()),
                b'(' => {
                    self.at += 1;
                    self.skip_to(b")");
                }
                b'/' => {
                    self.at += 1;
                    return Some(Token::Name(self.word()));
                }
                b'>' | b']' | b')' | b'{' | b'}' => self.at += 1,
                _ if byte.is_ascii_whitespace() || byte == 0 => self.at += 1,
                _ => return Some(Token::Word(self.word())),
            }
        }
    }

    fn skip_to(&mut self, ends: &[u8]) {
        while self.data.get(self.at).is_some_and(|b| !ends.contains(b)) {
            self.at += 1;
        }
    }

    /// A hexadecimal string; a missing last digit counts as 0, other bytes are passed over.
    fn hex(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut digits = Vec::new();
        while let Some(byte) = self.data.get(self.at) {
            self.at += 1;
            match byte {
                b'>' => break,
                _ => digits.extend(char::from(*byte).to_digit(16).map(|d| d as u8)),
            }
        }
        digits.chunks(2).map(|p| (p[0] << 4) | p.get(1).copied().unwrap_or(0)).collect()
    }

    /// A list of strings and names; lists inside it are passed over, so that depth costs nothing.
    fn list(&mut self) -> Token<'d> {
        self.at += 1;
        let mut items = Vec::new();
        while let Some(byte) = self.data.get(self.at) {
            match byte {
                b']' => {
                    self.at += 1;
                    break;
                }
                b'<' => items.push(Token::Hex(self.hex())),
                b'/' => {
                    self.at += 1;
                    items.push(Token::Name(self.word()));
                }
                // A list that was never closed ends where the section does.
                b'e' => break,
                _ => self.at += 1,
            }
            if items.len() > MAX_ENTRIES {
                break;
            }
        }
        Token::List(items)
    }

    fn word(&mut self) -> &'d [u8] {
        let start = self.at;
        while let Some(byte) = self.data.get(self.at) {
            if byte.is_ascii_whitespace() || b"<>[](){}/%\0".contains(byte) {
                break;
            }
            self.at += 1;
        }
        &self.data[start..self.at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chars_ranges_and_lists() {
        let map = ToUnicode::parse(
            b"1 begincodespacerange <0000> <FFFF> endcodespacerange
              2 beginbfchar <0003> <0020> <0004> <178017D21781> endbfchar
              2 beginbfrange <0010> <0012> <1780> <0020> <0021> [<1790> <179117B6>] endbfrange",
        );
        assert_eq!(map.get(3).as_deref(), Some(" "));
        assert_eq!(map.get(4).as_deref(), Some("\u{1780}\u{17D2}\u{1781}"));
        assert_eq!(map.get(0x12).as_deref(), Some("\u{1782}"));
        assert_eq!(map.get(0x21).as_deref(), Some("\u{1791}\u{17B6}"));
        assert_eq!(map.get(0x22), None);
    }

    #[test]
    fn one_empty_target_does_not_lose_the_map() {
        let map = ToUnicode::parse(b"3 beginbfchar <01> <> <02> <1780> <03> <0000> endbfchar");
        assert_eq!(map.get(1).as_deref(), Some(""));
        assert_eq!(map.get(2).as_deref(), Some("\u{1780}"));
        assert_eq!(map.get(3), None);
    }

    #[test]
    fn a_huge_range_costs_nothing() {
        let map = ToUnicode::parse(b"beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange");
        assert_eq!(map.get(1).as_deref(), Some("B"));
        assert_eq!(map.get(0xFFFF_FFFF), None);
    }

    #[test]
    fn rubbish_ends_without_a_panic() {
        for data in [&b"beginbfchar <"[..], b"beginbfrange [[[[ <01", b"beginbfchar ( <</ >", b"[<"]
        {
            assert!(ToUnicode::parse(data).is_empty());
        }
    }

    #[test]
    fn surrogate_pairs_count_up_in_their_last_unit() {
        let map = ToUnicode::parse(b"beginbfrange <01> <02> <D83DDE00> endbfrange");
        assert_eq!(map.get(2).as_deref(), Some("\u{1F601}"));
    }
}
