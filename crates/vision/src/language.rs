//! Language: how likely a sign is after the signs before it, from counts over the corpora.
//!
//! A backed-off model of up to seven signs (absolute discounting; Ney, Essen and Kneser 1994), the most telling
//! sequences only, in a hash table of three bytes a slot: a fingerprint of 12 bits and two logarithms of 6.
//! It knows the kinds of digits, never which digit: a number is as likely as any other of its shape, so the
//! model cannot mend one into another. A capital letter and its small one are one sign; which it is is told by the
//! two signs before it.

use std::borrow::Cow;
use std::sync::OnceLock;

use khocr_khmer::labels;

use crate::VisionError;

/// Longest sequence the model knows.
pub const ORDER: usize = 7;
/// Bits of a sign in a sequence.
pub const BITS: u32 = 9;
/// Logarithm of the probability of a sign that the model does not hold.
pub const UNKNOWN: f32 = -12.0;
/// What stands for a logarithm that is not known.
const NONE: u32 = 63;
const MAGIC: &[u8; 8] = b"khocrlm2";

/// The signs read so far, the last [`ORDER`]` - 1` of them, as [`kind`] tells them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct History(u64, [Case; 2]);

impl History {
    /// This history and one more sign.
    #[must_use]
    pub fn and(self, class: usize) -> Self {
        let all = (self.0 << BITS) | u64::from(kind(class).0);
        Self(all & ((1 << (BITS * (ORDER as u32 - 1))) - 1), [self.1[1], Case::of(class)])
    }

    /// The last `n` signs; `None` when there are not so many.
    fn last(self, n: usize) -> Option<u64> {
        let low = self.0 & ((1 << (BITS * n as u32)) - 1);
        (n == 0 || low >> (BITS * (n as u32 - 1)) != 0).then_some(low)
    }
}

/// Whether a sign is a small letter or a capital one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Case {
    #[default]
    None,
    Small,
    Capital,
}

impl Case {
    fn of(class: usize) -> Self {
        match labels::text(class).as_bytes() {
            [b'a'..=b'z'] => Self::Small,
            [b'A'..=b'Z'] => Self::Capital,
            _ => Self::None,
        }
    }

    /// How often a letter after two signs of these cases is a capital one, counted over the corpora.
    fn capital(before: [Self; 2]) -> f32 {
        const SHARES: [[f32; 3]; 3] =
            [[0.864, 0.034, 0.206], [0.765, 0.009, 0.190], [0.853, 0.005, 0.976]];
        SHARES[before[0] as usize][before[1] as usize]
    }
}

/// A history with what the model holds of it, so that signs after it are looked up at little cost.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    history: History,
    /// Most signs of the history that the model knows something after.
    known: usize,
    /// What is left for signs not stored after the last `n` signs, by `n`; logarithms.
    rest: [f32; ORDER],
}

/// What is stored of a sequence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Logarithm of the probability of the last sign after those before it.
    pub probability: f32,
    /// Logarithm of what is left for the signs not stored after the sequence, where any is.
    pub rest: Option<f32>,
}

/// The model.
#[derive(Clone, Debug)]
pub struct Language {
    /// Three bytes a slot, the lowest first; all 0 where empty.
    slots: Cow<'static, [u8]>,
}

impl Language {
    /// From a file that [`Language::write`] made.
    ///
    /// # Errors
    /// [`VisionError::Load`] when it is not such a file.
    pub fn read(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, VisionError> {
        let wrong = || VisionError::Load { model: "language", reason: "damaged".to_owned() };
        let slots = match bytes.into() {
            Cow::Borrowed(b) => Cow::Borrowed(b.strip_prefix(MAGIC).ok_or_else(wrong)?),
            Cow::Owned(b) => Cow::Owned(b.strip_prefix(MAGIC).ok_or_else(wrong)?.to_vec()),
        };
        if slots.is_empty() || !slots.len().is_multiple_of(3) {
            return Err(wrong());
        }
        Ok(Self { slots })
    }

    /// An empty model with so many slots.
    #[must_use]
    pub fn with_slots(slots: usize) -> Self {
        Self { slots: vec![0; 3 * slots].into() }
    }

    /// Stores what is known of a sequence of `length` signs, packed oldest first; a full table stays as it is.
    pub fn insert(&mut self, sequence: u64, length: usize, entry: Entry) {
        let Some((at, mark)) = self.seek(sequence, length) else { return };
        let rest = entry.rest.map_or(NONE, |r| packed(r).min(NONE - 1));
        let slot = mark << 12 | packed(entry.probability) << 6 | rest;
        self.slots.to_mut()[3 * at..3 * at + 3].copy_from_slice(&slot.to_le_bytes()[..3]);
    }

    /// The model as a file.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        [MAGIC.as_slice(), &self.slots].concat()
    }

    fn len(&self) -> usize {
        self.slots.len() / 3
    }

    fn slot(&self, at: usize) -> u32 {
        let s = &self.slots[3 * at..3 * at + 3];
        u32::from_le_bytes([s[0], s[1], s[2], 0])
    }

    /// Where to look for a sequence, and its fingerprint, never 0.
    fn place(&self, sequence: u64, length: usize) -> (usize, u32) {
        let mut h = sequence ^ (length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        h ^= h >> 31;
        ((h >> 24) as usize % self.len(), (h as u32 & 0xfff).max(1))
    }

    /// The slot that holds a sequence, or the empty one where it would be stored, and its fingerprint.
    fn seek(&self, sequence: u64, length: usize) -> Option<(usize, u32)> {
        let (start, mark) = self.place(sequence, length);
        let fits = |at: &usize| self.slot(*at) == 0 || self.slot(*at) >> 12 == mark;
        (start..self.len()).chain(0..start).find(fits).map(|at| (at, mark))
    }

    /// What is stored of a sequence of `length` signs, packed oldest first.
    #[must_use]
    pub fn get(&self, sequence: u64, length: usize) -> Option<Entry> {
        let slot = self.slot(self.seek(sequence, length)?.0);
        let rest = slot & 63;
        let rest = (rest != NONE).then(|| unpacked(rest));
        (slot != 0).then(|| Entry { probability: unpacked(slot >> 6 & 63), rest })
    }

    /// What the model holds of a history.
    #[must_use]
    pub fn context(&self, history: History) -> Context {
        let mut context = Context { history, known: 0, rest: [0.0; ORDER] };
        for n in 1..ORDER {
            let entry = history.last(n).and_then(|s| self.get(s, n));
            if let Some(rest) = entry.and_then(|e| e.rest) {
                context.known = n;
                context.rest[n] = rest;
            }
        }
        context
    }

    /// Natural logarithm of the probability of a class after a history.
    #[must_use]
    pub fn log_probability(&self, context: &Context, class: usize) -> f32 {
        let (sign, share) = kind(class);
        let mut rest = match Case::of(class) {
            Case::None => 0.0,
            Case::Small => (1.0 - Case::capital(context.history.1)).ln(),
            Case::Capital => Case::capital(context.history.1).ln(),
        };
        for n in (0..=context.known).rev() {
            let before = context.history.last(n).unwrap_or(0);
            if let Some(entry) = self.get(before << BITS | u64::from(sign), n + 1) {
                return rest + entry.probability - share;
            }
            rest += context.rest[n];
        }
        rest + UNKNOWN
    }
}

/// A logarithm, 0 or less, in 6 bits: finest where it is nearly 0.
fn packed(log: f32) -> u32 {
    ((-log).max(0.0).sqrt() * 16.0).round().min(63.0) as u32
}

fn unpacked(bits: u32) -> f32 {
    let root = bits as f32 / 16.0;
    -root * root
}

/// A class with all of its kind under one number, and the logarithm of how many they are: digits are
/// one kind each in Arabic and in Khmer; a capital letter and its small one are one; so are a dash and a hyphen,
/// since how long it is only the picture knows.
#[must_use]
pub fn kind(class: usize) -> (u16, f32) {
    static KINDS: OnceLock<Vec<(u16, f32)>> = OnceLock::new();
    let kinds = KINDS.get_or_init(|| {
        let of = |text: &str| labels::encode(text).map_or(0, |c| c[0]);
        let (digit, khmer) = (of("0"), of("០"));
        let one = |class: usize| match labels::text(class).chars().next() {
            Some('0'..='9') => (digit, 10f32.ln()),
            Some('០'..='៩') => (khmer, 10f32.ln()),
            Some('–' | '—') => (of("-"), 0.0),
            Some(c @ 'A'..='Z') => (of(c.to_ascii_lowercase().encode_utf8(&mut [0; 4])), 0.0),
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
        model.insert(pair, 2, Entry { probability: -0.5, rest: None });
        model.insert(a as u64, 1, Entry { probability: -4.0, rest: Some(-2.0) });
        model.insert(c as u64, 1, Entry { probability: -3.0, rest: None });
        let model = Language::read(model.write()).unwrap();
        let after = |h: History, class| model.log_probability(&model.context(h), class);
        let after_a = History::default().and(b).and(a);
        assert!((after(after_a, b) + 0.5).abs() < 0.1);
        assert!((after(after_a, c) + 5.0).abs() < 0.2);
        assert!((after(History::default(), c) + 3.0).abs() < 0.1);
        assert!(after(after_a, class("ឃ")) < -10.0, "never stored");
    }

    #[test]
    fn one_digit_is_as_likely_as_another_and_letters_are_not() {
        let mut model = Language::with_slots(100);
        for (text, log) in [("7", -1.0), ("q", -1.0), ("z", -5.0)] {
            let sign = u64::from(kind(class(text)).0);
            model.insert(sign, 1, Entry { probability: log, rest: None });
        }
        let p = |h, t| model.log_probability(&model.context(h), class(t));
        let begin = History::default();
        assert_eq!(p(begin, "3"), p(begin, "8"));
        assert!(p(begin, "q") > p(begin, "z"));
        assert!(p(begin, "Q") > p(begin, "q"), "words begin with capitals more often");
        let inside = begin.and(class("t")).and(class("h"));
        assert!(p(inside, "Q") < p(inside, "q"), "and seldom have one inside");
    }

    #[test]
    fn logarithms_keep_to_a_twentieth_where_it_matters() {
        for log in [0.0, -0.01, -0.3, -1.0, -2.5, -6.0] {
            assert!((unpacked(packed(log)) - log).abs() <= 0.05 - 0.03 * log, "{log}");
        }
        assert!(unpacked(packed(-99.0)) < -15.0);
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let read = |bytes: &[u8]| Language::read(bytes.to_vec());
        assert!(read(b"khocrlm2").is_err());
        assert!(read(b"something else").is_err());
        let full = read(&[b"khocrlm2".as_slice(), &[1; 30]].concat()).unwrap();
        assert_eq!(full.get(5, 1), None, "a table without an empty slot is searched once");
        assert!(read(&[b"khocrlm2".as_slice(), &[0; 31]].concat()).is_err(), "half a slot");
    }
}
