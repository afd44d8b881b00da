//! What an upload is, by its first bytes; its name and content type are not trusted.

use std::io::{Read, Seek, SeekFrom};

/// A kind of file that can be converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// TIFF, possibly of many pages.
    Tiff,
}

/// Bytes that suffice to decide: a PDF's header may have that much junk before it.
pub(crate) const ENOUGH: usize = 1_024;

/// The kind of file that begins with these bytes; `None` for any other. Final once [`ENOUGH`]
/// bytes or the whole file are given.
#[must_use]
pub(crate) fn kind(head: &[u8]) -> Option<FileKind> {
    let starts = |magic: &[u8]| head.starts_with(magic);
    if starts(b"\x89PNG\r\n\x1a\n") {
        Some(FileKind::Png)
    } else if starts(b"\xff\xd8\xff") {
        Some(FileKind::Jpeg)
    } else if [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|m| starts(*m)) {
        Some(FileKind::Tiff)
    } else {
        let head = &head[..head.len().min(ENOUGH)];
        head.windows(5).any(|w| w == b"%PDF-").then_some(FileKind::Pdf)
    }
}

/// Width and height that the header of a PNG or JPEG states; `None` for other kinds and for
/// headers that make no sense. Nothing is decoded, so a picture that would not fit into memory is
/// found out for the price of reading a few bytes.
pub(crate) fn pixel_size(file: &mut (impl Read + Seek), kind: FileKind) -> Option<(u64, u64)> {
    file.seek(SeekFrom::Start(0)).ok()?;
    match kind {
        FileKind::Png => {
            let mut head = [0u8; 24];
            file.read_exact(&mut head).ok()?;
            let word = |at: usize| {
                head.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes)
            };
            Some((u64::from(word(16)?), u64::from(word(20)?)))
        }
        FileKind::Jpeg => jpeg_size(file),
        FileKind::Pdf | FileKind::Tiff => None,
    }
}

/// Walks a JPEG's segments up to its frame header (ITU T.81, B.2.2).
fn jpeg_size(file: &mut (impl Read + Seek)) -> Option<(u64, u64)> {
    file.seek(SeekFrom::Start(2)).ok()?;
    // No honest JPEG has more segments before its frame; each step moves forward.
    for _ in 0..4_096 {
        let mut marker = [0u8; 2];
        file.read_exact(&mut marker).ok()?;
        while marker[1] == 0xff {
            file.read_exact(&mut marker[1..]).ok()?;
        }
        let mut length = [0u8; 2];
        file.read_exact(&mut length).ok()?;
        let length = u16::from_be_bytes(length).checked_sub(2)?;
        let is_frame = matches!(marker[1], 0xc0..=0xcf) && ![0xc4, 0xc8, 0xcc].contains(&marker[1]);
        if is_frame {
            let mut frame = [0u8; 5];
            file.read_exact(&mut frame).ok()?;
            let word = |a: u8, b: u8| u64::from(u16::from_be_bytes([a, b]));
            return Some((word(frame[3], frame[4]), word(frame[1], frame[2])));
        }
        file.seek_relative(i64::from(length)).ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn content_decides() {
        assert_eq!(kind(b"%PDF-1.7"), Some(FileKind::Pdf));
        assert_eq!(kind(b"junk\n%PDF-1.7"), Some(FileKind::Pdf));
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n...."), Some(FileKind::Png));
        assert_eq!(kind(b"\xff\xd8\xff\xe0"), Some(FileKind::Jpeg));
        assert_eq!(kind(b"MM\0*"), Some(FileKind::Tiff));
        assert_eq!(kind(b"MZ\x90\0"), None);
        let mut late = vec![b' '; ENOUGH];
        late.extend_from_slice(b"%PDF-1.7");
        assert_eq!(kind(&late), None);
    }

    #[test]
    fn sizes_are_read_from_headers() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend_from_slice(&60_000u32.to_be_bytes());
        png.extend_from_slice(&50_000u32.to_be_bytes());
        assert_eq!(pixel_size(&mut Cursor::new(&png), FileKind::Png), Some((60_000, 50_000)));

        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc0\0\x0b\x08\xea\x60\x03\x20\x01";
        assert_eq!(pixel_size(&mut Cursor::new(jpeg), FileKind::Jpeg), Some((800, 60_000)));
        assert_eq!(pixel_size(&mut Cursor::new(&jpeg[..12]), FileKind::Jpeg), None);
    }
}
