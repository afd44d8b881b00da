//! The model file: a front-coded word list.
//!
//! `KHW1`, the number of words (u32, little-endian), then for each word, in ascending order: letters
//! shared with the word before, letters that follow, those letters (each one byte, its place in the
//! Khmer block), and the word's cost.

use thiserror::Error;

/// Cost units in one nat: a cost of 12 is a probability of 1/e.
pub(super) const UNITS_PER_NAT: f32 = 12.0;

const MAGIC: &[u8; 4] = b"KHW1";
const BLOCK: u32 = 0x1780;

/// Why bytes are no word model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ModelError {
    /// They do not begin as one.
    #[error("not a word model")]
    NotAModel,
    /// They end too early, or shared letters are not there.
    #[error("the word model is damaged")]
    Damaged,
}

/// A letter as one byte: its place in the Khmer block.
pub(super) fn letter(c: char) -> Option<u8> {
    u32::from(c).checked_sub(BLOCK).and_then(|n| u8::try_from(n).ok()).filter(|&n| n < 0x80)
}

/// Writes a model of words with their counts. Words with characters outside the Khmer block, or longer
/// than 255 letters, are left out; a word given twice is kept once.
pub fn encode(words: &[(String, u64)]) -> Vec<u8> {
    let total: u64 = words.iter().map(|w| w.1).sum::<u64>().max(1);
    let mut rows: Vec<(Vec<u8>, u8)> = words
        .iter()
        .filter_map(|(word, count)| {
            let letters: Vec<u8> = word.chars().map(letter).collect::<Option<_>>()?;
            let nats = (total as f64 / (*count).max(1) as f64).ln();
            let cost = (nats * f64::from(UNITS_PER_NAT)).round().clamp(0.0, 255.0) as u8;
            (!letters.is_empty() && letters.len() < 256).then_some((letters, cost))
        })
        .collect();
    rows.sort();
    rows.dedup_by(|a, b| a.0 == b.0);
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&u32::try_from(rows.len()).unwrap_or(u32::MAX).to_le_bytes());
    let mut before: &[u8] = &[];
    for (letters, cost) in &rows {
        let shared = before.iter().zip(letters).take_while(|(a, b)| a == b).count();
        out.push(shared as u8);
        out.push((letters.len() - shared) as u8);
        out.extend_from_slice(&letters[shared..]);
        out.push(*cost);
        before = letters;
    }
    out
}

/// Reads a model file: words and costs, in ascending order.
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<(String, u8)>, ModelError> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(ModelError::NotAModel)?;
    let (count, mut rest) = rest.split_first_chunk::<4>().ok_or(ModelError::NotAModel)?;
    let count = u32::from_le_bytes(*count) as usize;
    let mut words = Vec::with_capacity(count.min(bytes.len()));
    let mut letters: Vec<u8> = Vec::new();
    for _ in 0..count {
        let [shared, more, tail @ ..] = rest else { return Err(ModelError::Damaged) };
        let (added, tail) = tail.split_at_checked(usize::from(*more)).ok_or(ModelError::Damaged)?;
        let (cost, tail) = tail.split_first().ok_or(ModelError::Damaged)?;
        if usize::from(*shared) > letters.len() {
            return Err(ModelError::Damaged);
        }
        letters.truncate(usize::from(*shared));
        letters.extend_from_slice(added);
        let word: Option<String> =
            letters.iter().map(|&l| char::from_u32(BLOCK + u32::from(l))).collect();
        words.push((word.ok_or(ModelError::Damaged)?, *cost));
        rest = tail;
    }
    Ok(words)
}
