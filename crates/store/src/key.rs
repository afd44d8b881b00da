//! The text of an API key: `khocr_`, 32 random base-62 characters, six of checksum.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::StoreError;

const START: &str = "khocr_";
const RANDOM: usize = 32;
const CHECK: usize = 6;
const LENGTH: usize = START.len() + RANDOM + CHECK;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A well-formed key. `Debug` shows only its first characters; [`KeyText::reveal`] all of it.
#[derive(Clone)]
pub struct KeyText(String);

/// Why a text is no key, before any look into the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyTextError {
    /// It does not look like a key at all.
    #[error("an API key has the form khocr_ and 38 letters or digits")]
    Malformed,
    /// It has the form, but a character is wrong: a typing or copying mistake.
    #[error("the API key has a typing mistake: its checksum does not match")]
    Checksum,
}

impl KeyText {
    /// A new random key, 190 bits.
    ///
    /// # Errors
    /// [`StoreError::Random`] when the operating system gives no random numbers.
    pub fn generate() -> Result<Self, StoreError> {
        let mut text = String::with_capacity(LENGTH);
        text.push_str(START);
        let mut bytes = [0u8; 64];
        while text.len() < START.len() + RANDOM {
            getrandom::fill(&mut bytes).map_err(|e| StoreError::Random(e.to_string()))?;
            // 248 is the greatest multiple of 62 in a byte: bytes above it would favour some digits.
            for b in bytes.iter().filter(|b| **b < 248) {
                if text.len() < START.len() + RANDOM {
                    text.push(char::from(DIGITS[usize::from(b % 62)]));
                }
            }
        }
        let check = checksum(&text);
        text.push_str(&check);
        Ok(Self(text))
    }

    /// Reads a key as a caller sent it.
    ///
    /// # Errors
    /// [`KeyTextError`] tells a text of another shape from a key with a typing mistake.
    pub fn parse(text: &str) -> Result<Self, KeyTextError> {
        let text = text.trim();
        let rest = text.strip_prefix(START).ok_or(KeyTextError::Malformed)?;
        if text.len() != LENGTH || !rest.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(KeyTextError::Malformed);
        }
        let (body, check) = text.split_at(START.len() + RANDOM);
        if checksum(body) == check {
            Ok(Self(text.to_owned()))
        } else {
            Err(KeyTextError::Checksum)
        }
    }

    /// The whole key. To be shown once to its owner and never logged.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// `khocr_` and eight characters: by it a key is looked up and told apart.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.0[..START.len() + 8]
    }

    /// SHA-256 of the whole key, in hex: what is stored. A plain hash suffices because the key
    /// is 190 random bits; nobody guesses those, however fast the hash.
    pub(crate) fn hash(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }

    /// Whether this key has that stored hash, in time that does not depend on where they differ.
    pub(crate) fn matches(&self, stored: &str) -> bool {
        self.hash().as_bytes().ct_eq(stored.as_bytes()).into()
    }
}

impl std::fmt::Debug for KeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}…", self.prefix())
    }
}

/// Six base-62 digits of the text's SHA-256: tells a typo, proves nothing.
fn checksum(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let mut n = digest.iter().take(7).fold(0u64, |n, b| n << 8 | u64::from(*b));
    let mut out = String::with_capacity(CHECK);
    for _ in 0..CHECK {
        out.push(char::from(DIGITS[(n % 62) as usize]));
        n /= 62;
    }
    out
}

/// Lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_is_read_back_and_two_differ() {
        let a = KeyText::generate().unwrap();
        let b = KeyText::generate().unwrap();
        assert_ne!(a.reveal(), b.reveal());
        assert_eq!(KeyText::parse(&format!(" {}\n", a.reveal())).unwrap().reveal(), a.reveal());
        assert!(a.matches(&a.hash()));
        assert!(!a.matches(&b.hash()));
        assert!(!format!("{a:?}").contains(&a.reveal()[20..]));
    }

    #[test]
    fn every_single_typo_is_told_from_an_unknown_key() {
        let key = KeyText::generate().unwrap();
        for i in START.len()..LENGTH {
            let mut bytes = key.reveal().as_bytes().to_vec();
            bytes[i] = if bytes[i] == b'x' { b'y' } else { b'x' };
            let typo = String::from_utf8(bytes).unwrap();
            assert_eq!(KeyText::parse(&typo).unwrap_err(), KeyTextError::Checksum, "at {i}");
        }
    }

    #[test]
    fn other_texts_are_malformed() {
        let long = format!("{}x", KeyText::generate().unwrap().reveal());
        for text in ["", "khocr_", "sk-123", "khocr_ខ្មែរ", &long, &long[1..]] {
            assert_eq!(KeyText::parse(text).unwrap_err(), KeyTextError::Malformed, "{text}");
        }
    }
}
