//! Language: how likely a sign is after the signs before it, from counts over the corpora.
//!
//! A backed-off model of up to five signs (Katz 1987, absolute discounting), kept in under a megabyte: the
//! most telling sequences only, in a hash table of 16-bit fingerprints and 8-bit logarithms.
//! It knows the kinds of Latin letters and digits, never which letter or digit: a number, a name or
//! an address is as likely as any other of its shape, so the model cannot mend one into another.

use std::sync::OnceLock;

use khocr_khmer::labels;

use crate::VisionError;

/// Longest sequence the model knows.
pub const ORDER: usize = 5;
/// Bits of a sign in a sequence.
const BITS: u32 = 9;
/// Steps of a stored value in a natural logarithm.
const STEPS: f32 = 16.0;
const MAGIC: &[u8; 8] = b"khocrlm1";

/// The signs read so far, the last [`ORDER`]` - 1` of them, kinds for letters and digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct History(u64);

impl History {
    /// This history and one more sign.
    #[must_use]
    pub fn and(self, class: usize) -> Self {
        let all = (self.0 << BITS) | u64::from(kind(class).0);
        Self(all & ((1 << (BITS * (ORDER as u32 - 1))) - 1))
    }

    /// The last `n` signs; `None` when there are not so many.
    fn last(self, n: usize) -> Option<u64> {
        let low = self.0 & ((1 << (BITS * n as u32)) - 1);
        (n == 0 || low >> (BITS * (n as u32 - 1)) != 0).then_some(low)
    }
}

/// What a sequence of signs, packed oldest first, is stored under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Minus the logarithm of the probability of the last sign after those before it.
    Probability(u64, usize),
    /// Minus the logarithm of what is left for the signs not stored after this sequence.
    Rest(u64, usize),
}

impl Entry {
    fn hash(self) -> u64 {
        let (sequence, length, rest) = match self {
            Self::Probability(s, n) => (s, n, 0),
            Self::Rest(s, n) => (s, n, 1),
        };
        let mut h = sequence | (length as u64) << 48 | rest << 52;
        h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        h ^ (h >> 31)
    }
}

/// The model.
#[derive(Clone, Debug)]
pub struct Language {
    marks: Vec<u16>,
    values: Vec<u8>,
}

impl Language {
    /// From a file that [`Language::write`] made.
    ///
    /// # Errors
    /// [`VisionError::Load`] when it is not such a file.
    pub fn read(bytes: &[u8]) -> Result<Self, VisionError> {
        let wrong = || VisionError::Load { model: "language", reason: "damaged".to_owned() };
        let body = bytes.strip_prefix(MAGIC).filter(|b| b.len() % 3 == 0).ok_or_else(wrong)?;
        let slots = body.len() / 3;
        let (marks, values) = body.split_at(slots * 2);
        let marks: Vec<u16> =
            marks.chunks_exact(2).map(|m| u16::from_le_bytes([m[0], m[1]])).collect();
        // A search ends at an empty slot, so there must be some.
        if marks.iter().filter(|m| **m == 0).count() < slots / 10 + 1 {
            return Err(wrong());
        }
        Ok(Self { marks, values: values.to_vec() })
    }

    /// An empty model with so many slots.
    #[must_use]
    pub fn with_slots(slots: usize) -> Self {
        Self { marks: vec![0; slots], values: vec![0; slots] }
    }

    /// Stores a logarithm (0 or less).
    pub fn insert(&mut self, entry: Entry, log: f32) {
        let (mut at, mark) = self.place(entry);
        while self.marks[at] != 0 && self.marks[at] != mark {
            at = (at + 1) % self.marks.len();
        }
        self.marks[at] = mark;
        self.values[at] = (-log * STEPS).round().clamp(0.0, 255.0) as u8;
    }

    /// The model as a file.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(self.marks.iter().flat_map(|m| m.to_le_bytes()));
        out.extend(&self.values);
        out
    }

    fn place(&self, entry: Entry) -> (usize, u16) {
        let h = entry.hash();
        ((h >> 24) as usize % self.marks.len(), (h as u16) | 1)
    }

    /// The logarithm stored for an entry.
    #[must_use]
    pub fn get(&self, entry: Entry) -> Option<f32> {
        let (mut at, mark) = self.place(entry);
        while self.marks[at] != 0 {
            if self.marks[at] == mark {
                return Some(-f32::from(self.values[at]) / STEPS);
            }
            at = (at + 1) % self.marks.len();
        }
        None
    }

    /// Natural logarithm of the probability of a class after a history.
    #[must_use]
    pub fn log_probability(&self, history: History, class: usize) -> f32 {
        let (sign, share) = kind(class);
        let sign = u64::from(sign);
        let mut rest = 0.0;
        for n in (0..ORDER).rev() {
            let Some(before) = history.last(n) else { continue };
            if let Some(log) = self.get(Entry::Probability(before << BITS | sign, n + 1)) {
                return rest + log - share;
            }
            if n > 0 {
                rest += self.get(Entry::Rest(before, n)).unwrap_or(0.0);
            }
        }
        rest - 12.0
    }
}

/// A class with all of its kind under one number, and the logarithm of how many they are.
#[must_use]
pub fn kind(class: usize) -> (u16, f32) {
    static KINDS: OnceLock<Vec<(u16, f32)>> = OnceLock::new();
    let kinds = KINDS.get_or_init(|| {
        let of = |text: &str| labels::encode(text).map_or(0, |c| c[0]);
        let (digit, khmer, small, large) = (of("0"), of("០"), of("a"), of("A"));
        let one = |class: usize| match labels::text(class).chars().next() {
            Some('0'..='9') => (digit, 10f32.ln()),
            Some('០'..='៩') => (khmer, 10f32.ln()),
            Some(c) if c.is_ascii_uppercase() => (large, 26f32.ln()),
            Some(c) if c.is_alphabetic() && c < '\u{1780}' => (small, 26f32.ln()),
            _ => (class as u16, 0.0),
        };
        (0..labels::count()).map(one).collect()
    });
    kinds.get(class).copied().unwrap_or((0, 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(text: &str) -> usize {
        usize::from(labels::encode(text).unwrap()[0])
    }

    #[test]
    fn what_was_stored_is_found_and_the_rest_is_backed_off() {
        let mut model = Language::with_slots(100);
        let (a, b, c) = (class("ក"), class("ខ"), class("គ"));
        let pair = (a as u64) << BITS | b as u64;
        model.insert(Entry::Probability(pair, 2), -0.5);
        model.insert(Entry::Rest(a as u64, 1), -2.0);
        model.insert(Entry::Probability(c as u64, 1), -3.0);
        let model = Language::read(&model.write()).unwrap();
        let after_a = History::default().and(b).and(a);
        assert!((model.log_probability(after_a, b) + 0.5).abs() < 0.1);
        assert!((model.log_probability(after_a, c) + 5.0).abs() < 0.1);
        assert!((model.log_probability(History::default(), c) + 3.0).abs() < 0.1);
    }

    #[test]
    fn one_digit_or_letter_is_as_likely_as_another() {
        let mut model = Language::with_slots(100);
        model.insert(Entry::Probability(u64::from(kind(class("7")).0), 1), -1.0);
        model.insert(Entry::Probability(u64::from(kind(class("q")).0), 1), -1.0);
        let p = |t| model.log_probability(History::default(), class(t));
        assert_eq!(p("3"), p("8"));
        assert_eq!(p("b"), p("z"));
        assert!(p("3") > p("b"), "one of ten, one of twenty-six");
    }

    #[test]
    fn a_damaged_file_is_refused() {
        assert!(Language::read(b"khocrlm1").is_err());
        assert!(Language::read(b"something else").is_err());
        assert!(Language::read(&[b"khocrlm1".as_slice(), &[1; 30]].concat()).is_err());
    }
}
