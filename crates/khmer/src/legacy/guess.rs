//! Which legacy encoding a text is in, when the font's name hides it.

use super::Encoding;

/// The encoding that makes Khmer of `legacy`, or None when none does or it is plain Latin.
pub fn guess(legacy: &str) -> Option<Encoding> {
    let _ = legacy;
    None
}
