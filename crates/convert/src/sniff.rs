//! What kind of file some bytes are, by the bytes alone.

/// A kind of file this crate reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A PDF.
    Pdf,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A TIFF with one or more pictures.
    Tiff,
}

/// Bytes of junk allowed before a PDF's header, as every viewer allows them (ISO 32000-1, H.3,
/// note 13).
const PDF_HEADER_WITHIN: usize = 1024;

/// The kind of file, or `None` when it is none that is read here. Looks at the first bytes only, so
/// `Some` does not mean that the rest is sound.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<FileKind> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(FileKind::Png);
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Some(FileKind::Jpeg);
    }
    let tiff: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];
    if tiff.iter().any(|magic| bytes.starts_with(magic)) {
        return Some(FileKind::Tiff);
    }
    let head = &bytes[..bytes.len().min(PDF_HEADER_WITHIN)];
    head.windows(5).any(|w| w == b"%PDF-").then_some(FileKind::Pdf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide() {
        assert_eq!(sniff(b"%PDF-1.7\n"), Some(FileKind::Pdf));
        assert_eq!(sniff(b"junk before\n%PDF-1.4"), Some(FileKind::Pdf));
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n\0\0"), Some(FileKind::Png));
        assert_eq!(sniff(b"\xff\xd8\xff\xe0"), Some(FileKind::Jpeg));
        assert_eq!(sniff(b"II*\0\x08\0\0\0"), Some(FileKind::Tiff));
        assert_eq!(sniff(b"MM\0*\0\0\0\x08"), Some(FileKind::Tiff));
    }

    #[test]
    fn other_files_are_refused() {
        assert_eq!(sniff(b""), None);
        assert_eq!(sniff(b"MZ\x90\0renamed.exe"), None);
        assert_eq!(sniff(b"%PD"), None);
        let mut far = vec![b' '; PDF_HEADER_WITHIN];
        far.extend_from_slice(b"%PDF-1.7");
        assert_eq!(sniff(&far), None);
    }
}
