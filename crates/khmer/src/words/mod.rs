//! Words: where they begin and end in text that does not part them, and how much of a text is known words.
//!
//! The model is a list of some forty thousand words with their frequencies, counted in corpora and
//! embedded in the crate (about 350 KB; `examples/build_words.rs` makes it). Words are looked up with
//! look-alikes folded, so a text is judged alike whichever way its coeng DA and coeng TA are spelled.

mod file;
mod segment;
mod trie;

use std::ops::Range;
use std::sync::OnceLock;

pub use file::{ModelError, encode};
use trie::Trie;

use crate::chars::Class;

/// A list of words with frequencies, ready for segmentation.
#[derive(Debug)]
pub struct Model {
    trie: Trie,
    /// The words in the order of the file, as they are usually spelled.
    spellings: Vec<Box<str>>,
}

/// One word of a text, or one stretch of letters between known words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// Its number in the model, None when it is not a known word.
    pub known: Option<u32>,
}

/// What a text's letters say about it being words.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Coverage {
    /// Letters and marks of Khmer in the text.
    pub letters: usize,
    /// Those that belong to known words.
    pub known: usize,
    /// Natural logarithm of the text's probability under the model, stretches between words included.
    pub log_probability: f64,
}

impl Coverage {
    /// Known letters of all, 0..=1; 0 without letters.
    pub fn share(&self) -> f32 {
        if self.letters == 0 { 0.0 } else { self.known as f32 / self.letters as f32 }
    }
}

impl Model {
    /// The model embedded in the crate.
    pub fn embedded() -> &'static Self {
        static MODEL: OnceLock<Model> = OnceLock::new();
        // a test sees to it that the embedded bytes are a model
        MODEL.get_or_init(|| {
            Self::from_bytes(include_bytes!("../../data/words.bin"))
                .unwrap_or_else(|_| Self::from_words([]))
        })
    }

    /// Reads a model file, as [`encode`] writes it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        Ok(Self::from_words(file::decode(bytes)?))
    }

    /// A model of these words and their costs.
    fn from_words(words: impl IntoIterator<Item = (String, u8)>) -> Self {
        let mut trie = Trie::default();
        let mut spellings: Vec<Box<str>> = Vec::new();
        for (word, cost) in words {
            let number = u32::try_from(spellings.len()).unwrap_or(u32::MAX);
            trie.insert(&word, number, cost);
            spellings.push(word.into_boxed_str());
        }
        Self { trie, spellings }
    }

    /// Number of words.
    pub fn len(&self) -> usize {
        self.spellings.len()
    }

    /// Is it a model of no words at all?
    pub fn is_empty(&self) -> bool {
        self.spellings.is_empty()
    }

    /// The usual spelling of a known word.
    pub fn spelling(&self, known: u32) -> &str {
        self.spellings.get(known as usize).map_or("", |s| s)
    }

    /// The number of a word, whichever of its look-alike spellings it has.
    pub fn find(&self, word: &str) -> Option<u32> {
        self.trie.find(word).map(|(number, _)| number)
    }

    /// Natural logarithm of a word's frequency, None when it is not known.
    pub fn log_frequency(&self, word: &str) -> Option<f32> {
        self.trie.find(word).map(|(_, cost)| -f32::from(cost) / file::UNITS_PER_NAT)
    }

    /// The words of a text, in order; what is no Khmer letter belongs to none of them.
    ///
    /// The likeliest way to part each stretch of letters into words (Viterbi, word frequencies alone).
    /// The text should be canonical. Neighbouring unknown clusters make one word.
    pub fn words(&self, text: &str) -> Vec<Word> {
        let mut words = Vec::new();
        segment::stretches(text, |stretch| {
            segment::words(&self.trie, stretch, &mut words);
        });
        words
    }

    /// Where a line may be broken, or a ZWSP set, inside stretches of Khmer: byte offsets, ascending.
    ///
    /// Between two words, between a word and a number, and after ៗ before a letter.
    pub fn breaks(&self, text: &str) -> Vec<usize> {
        let words = self.words(text);
        let mut breaks: Vec<usize> = Vec::new();
        for pair in words.windows(2) {
            let between = &text[pair[0].range.end..pair[1].range.start];
            if between.is_empty() {
                breaks.push(pair[0].range.end);
            } else if between.chars().all(|c| Class::of(c) == Class::Digit) {
                breaks.extend([pair[0].range.end, pair[1].range.start]);
            } else if between == "ៗ" {
                breaks.push(pair[1].range.start);
            }
        }
        breaks
    }

    /// The text with a ZWSP at each of [`Model::breaks`].
    pub fn with_breaks(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() * 5 / 4);
        let mut from = 0;
        for at in self.breaks(text) {
            out.push_str(&text[from..at]);
            out.push(crate::chars::ZWSP);
            from = at;
        }
        out.push_str(&text[from..]);
        out
    }

    /// How much of a text is known words. A bare consonant standing alone does not count as one.
    pub fn measure(&self, text: &str) -> Coverage {
        let mut words = Vec::new();
        let mut coverage = Coverage::default();
        segment::stretches(text, |stretch| {
            words.clear();
            let cost = segment::words(&self.trie, stretch, &mut words);
            coverage.log_probability -= f64::from(cost) / f64::from(file::UNITS_PER_NAT);
            for word in &words {
                let letters = text[word.range.clone()].chars().count();
                coverage.letters += letters;
                if word.known.is_some() && letters > 1 {
                    coverage.known += letters;
                }
            }
        });
        coverage
    }
}

/// Share of a text's Khmer letters that belong to known words, 0..=1.
pub fn coverage(text: &str) -> f32 {
    Model::embedded().measure(text).share()
}

/// Natural logarithm of a text's probability, its Khmer letters alone.
pub fn log_probability(text: &str) -> f64 {
    Model::embedded().measure(text).log_probability
}

/// Where words meet in a text: see [`Model::breaks`].
pub fn breaks(text: &str) -> Vec<usize> {
    Model::embedded().breaks(text)
}

/// The text with ZWSP between words: see [`Model::with_breaks`].
pub fn with_breaks(text: &str) -> String {
    Model::embedded().with_breaks(text)
}

#[cfg(test)]
mod tests;
