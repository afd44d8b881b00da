//! Which legacy encoding a text is in, when the font's name hides it.

use super::Encoding;
use crate::judge::{Verdict, decide, weigh};

/// Characters looked at; more do not change the answer.
const SAMPLE: usize = 2_000;
/// Khmer letters below which nothing is guessed.
const FEW_LETTERS: usize = 20;

/// The encoding that makes sensible Khmer of `legacy`, or None when none does.
///
/// Each encoding is tried on the first 2,000 characters and judged by its words, so a line or two is
/// enough, and English or noise is left alone. The families share most letters; the likeliest wins.
pub fn guess(legacy: &str) -> Option<Encoding> {
    let end = legacy.char_indices().nth(SAMPLE).map_or(legacy.len(), |(at, _)| at);
    let sample = &legacy[..end];
    // Khmer Unicode is no legacy text
    if sample.chars().any(crate::chars::is_khmer) {
        return None;
    }
    let mut best: Option<(f32, Encoding)> = None;
    for encoding in Encoding::ALL {
        let evidence = weigh(&encoding.to_unicode(sample));
        let sensible = evidence.khmer_letters >= FEW_LETTERS
            && evidence.coverage > 0.85
            && decide(&evidence) == Verdict::Good;
        // strictly better, so that the first, the commonest, wins where two read alike
        if sensible && best.is_none_or(|(score, _)| evidence.log_probability > score + 0.01) {
            best = Some((evidence.log_probability, encoding));
        }
    }
    best.map(|(_, encoding)| encoding)
}
