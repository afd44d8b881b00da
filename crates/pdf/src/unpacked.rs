//! How much a file's packed streams unpack to, counted before the library under this crate unpacks
//! them whole into memory.
//!
//! Deflate packs a thousand bytes into one, and a stream may be packed more than once: a kilobyte
//! can stand for all the memory there is. Streams the library reads on opening are counted always,
//! others when they are long enough to matter; nothing is kept.

use std::io::Read;

/// Bytes that one packed byte can stand for in deflate's format.
const RATIO: u64 = 1_032;

/// How far before its data a stream's dictionary is looked for.
const DICTIONARY: usize = 4_096;

/// Whether the file's streams unpack to more than `limit` bytes: one of them alone, or those that
/// hold objects together.
pub(crate) fn is_too_much(bytes: &[u8], limit: u64) -> bool {
    let mut objects = 0u64;
    let mut at = 0;
    while let Some(found) = find(&bytes[at..], b"stream") {
        let keyword = at + found;
        at = keyword + 6;
        if keyword >= 3 && &bytes[keyword - 3..keyword] == b"end" {
            continue;
        }
        let Some(start) = data_start(bytes, at) else { continue };
        let end = find(&bytes[start..], b"endstream").map_or(bytes.len(), |e| start + e);
        let data = &bytes[start..end];
        let before = &bytes[keyword.saturating_sub(DICTIONARY)..keyword];
        let dictionary = &before[rfind(before, b" obj").unwrap_or(0)..];
        match packings(dictionary, bytes) {
            0 | 1 => {
                let holds_objects =
                    [&b"/ObjStm"[..], b"/XRef"].iter().any(|w| find(dictionary, w).is_some());
                if holds_objects || data.len() as u64 > limit / RATIO {
                    let size = inflated(data, limit);
                    objects += if holds_objects { size } else { 0 };
                    if size > limit || objects > limit {
                        return true;
                    }
                }
            }
            2 if twice_inflated(data, limit) <= limit => {}
            _ => return true,
        }
        at = end;
    }
    false
}

/// Bytes that deflated data unpack to, 0 when they are not that; counting stops above `limit`.
pub(crate) fn inflated(data: &[u8], limit: u64) -> u64 {
    if !is_zlib(data) {
        return 0;
    }
    count(flate2::read::ZlibDecoder::new(data), limit)
}

fn twice_inflated(data: &[u8], limit: u64) -> u64 {
    if !is_zlib(data) {
        // Other packings are never met twice; nobody needs to.
        return u64::MAX;
    }
    count(flate2::read::ZlibDecoder::new(flate2::read::ZlibDecoder::new(data)), limit)
}

fn count(mut source: impl Read, limit: u64) -> u64 {
    let mut room = vec![0; 64 << 10];
    let mut total = 0;
    while total <= limit {
        match source.read(&mut room) {
            Ok(0) | Err(_) => break,
            Ok(n) => total += n as u64,
        }
    }
    total
}

fn is_zlib(data: &[u8]) -> bool {
    matches!(data, [cmf, flg, ..] if cmf & 0x0F == 8 && (u16::from(*cmf) << 8 | u16::from(*flg)) % 31 == 0)
}

/// Where the data start behind the keyword at `at`; `None` when it is no keyword.
fn data_start(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..) {
        Some([b'\r', b'\n', ..]) => Some(at + 2),
        Some([b'\n' | b'\r', ..]) => Some(at + 1),
        _ => None,
    }
}

/// How often a stream with this dictionary is packed. Names may be written with escapes, and the
/// list of filters may stand elsewhere in the file.
fn packings(dictionary: &[u8], file: &[u8]) -> usize {
    let plain = unescaped(dictionary);
    let key =
        |word: &[u8]| find(&plain, word).map(|at| plain[at + word.len()..].trim_ascii_start());
    // The library takes the short key of inline pictures for a list as well.
    let short =
        [&b"/F["[..], b"/F ["].iter().find_map(|w| find(&plain, w)).map(|at| &plain[at + 2..]);
    let filters = match short.map(<[u8]>::trim_ascii_start).or_else(|| key(b"/Filter")) {
        None => return 0,
        Some(rest @ [b'[', ..]) => rest.to_vec(),
        Some([b'/', ..]) => return 1,
        Some(rest) => {
            let Some(end) = find(rest, b"R") else { return 1 };
            let object = [&rest[..end], b"obj"].concat();
            let Some(place) = find(file, &object) else { return 1 };
            let start = place + object.len();
            unescaped(&file[start..file.len().min(start + DICTIONARY)]).trim_ascii_start().to_vec()
        }
    };
    let end = find(&filters, b"]").unwrap_or(filters.len());
    let names = filters[..end].split(|b| *b == b'/').skip(1).map(<[u8]>::trim_ascii);
    let packs = |name: &&[u8]| {
        [&b"FlateDecode"[..], b"Fl", b"LZWDecode", b"LZW", b"RunLengthDecode", b"RL"].contains(name)
    };
    names.filter(packs).count()
}

/// A stretch of names with their `#XX` written out.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let digit = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            (b'#', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(next) = bytes.get(at..)?.iter().position(|b| *b == word[0]) {
        at += next;
        if bytes[at..].starts_with(word) {
            return Some(at);
        }
        at += 1;
    }
    None
}

fn rfind(bytes: &[u8], word: &[u8]) -> Option<usize> {
    (0..bytes.len()).rev().find(|at| bytes[*at..].starts_with(word))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(data: &[u8]) -> Vec<u8> {
        let mut encoder =
            flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn file(dictionary: &str, data: &[u8]) -> Vec<u8> {
        let head = format!("1 0 obj\n<< {dictionary} >>\nstream\n");
        [head.as_bytes(), data, b"\nendstream\nendobj\n"].concat()
    }

    #[test]
    fn streams_are_counted_and_not_believed() {
        let data = packed(&vec![0; 4 << 20]);
        let one = file("/Filter /FlateDecode /Length 5", &data);
        assert!(is_too_much(&one, 1 << 20));
        assert!(!is_too_much(&one, 8 << 20));
    }

    #[test]
    fn what_holds_objects_counts_together() {
        let one = file("/Type /ObjStm /Filter /FlateDecode", &packed(&vec![b' '; 100_000]));
        assert!(!is_too_much(&one.repeat(9), 1 << 20));
        assert!(is_too_much(&one.repeat(11), 1 << 20));
    }

    #[test]
    fn packed_twice_is_unpacked_twice_and_no_more() {
        let twice = packed(&packed(&vec![0; 64 << 20]));
        for filters in ["[/FlateDecode /FlateDecode]", "[ /Fl#61teDecode/Fl ]"] {
            let one = file(&format!("/Filter {filters}"), &twice);
            assert!(is_too_much(&one, 32 << 20), "{filters}");
            assert!(!is_too_much(&one, 128 << 20), "{filters}");
        }
        let elsewhere = file("/Filter 2 0 R", &twice);
        let elsewhere = [&elsewhere[..], b"2 0 obj\n[/FlateDecode /FlateDecode]\nendobj"].concat();
        assert!(is_too_much(&elsewhere, 32 << 20));
        let often = file("/Filter [/RL /RL /RL /RL /RL /RL]", b"\x81\x81\x80");
        assert!(is_too_much(&often, 1 << 40));
    }

    #[test]
    fn usual_filters_are_let_through() {
        for filters in ["[/ASCII85Decode /FlateDecode]", "[/FlateDecode /DCTDecode]", "/LZWDecode"]
        {
            assert!(!is_too_much(&file(&format!("/Filter {filters}"), b"x"), 1 << 20), "{filters}");
        }
    }
}
