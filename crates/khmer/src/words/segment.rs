//! Parting a stretch of letters into words: Viterbi over clusters.

use super::Word;
use super::trie::{Trie, fold};
use crate::clusters::{Kind, clusters};

/// What an unknown cluster costs: more than the rarest word, so that words win wherever they fit.
const UNKNOWN: u32 = 260;

/// Neighbouring clusters of a text.
#[derive(Debug, Default)]
pub(super) struct Stretch {
    /// Folded letters.
    letters: Vec<u8>,
    /// For each cluster, its first letter; and one past the last letter.
    starts: Vec<usize>,
    /// For each of `starts`, the byte in the text.
    bytes: Vec<usize>,
}

/// Calls `each` with every stretch of clusters in the text, in order.
pub(super) fn stretches(text: &str, mut each: impl FnMut(&Stretch)) {
    let mut stretch = Stretch::default();
    let mut before = 0;
    let mut pieces = clusters(text).peekable();
    while let Some(piece) = pieces.next() {
        if piece.kind == Kind::Other {
            continue;
        }
        stretch.starts.push(stretch.letters.len());
        stretch.bytes.push(piece.start);
        for c in piece.text.chars() {
            before = fold(c, before);
            stretch.letters.push(before);
        }
        if pieces.peek().is_none_or(|next| next.kind == Kind::Other) {
            stretch.starts.push(stretch.letters.len());
            stretch.bytes.push(piece.start + piece.text.len());
            each(&stretch);
            stretch = Stretch {
                letters: cleared(stretch.letters),
                starts: cleared(stretch.starts),
                bytes: cleared(stretch.bytes),
            };
            before = 0;
        }
    }
}

fn cleared<T>(mut vec: Vec<T>) -> Vec<T> {
    vec.clear();
    vec
}

/// Appends the likeliest words of a stretch; returns their cost.
pub(super) fn words(trie: &Trie, stretch: &Stretch, out: &mut Vec<Word>) -> u32 {
    let count = stretch.starts.len().saturating_sub(1);
    // best[i]: cost of the first i clusters, where the last of their words begins, and which it is
    let mut best: Vec<(u32, usize, Option<u32>)> = vec![(u32::MAX, 0, None); count + 1];
    best[0].0 = 0;
    for from in 0..count {
        let cost = best[from].0;
        let unknown = cost.saturating_add(UNKNOWN);
        if unknown < best[from + 1].0 {
            best[from + 1] = (unknown, from, None);
        }
        let mut node = 0;
        let mut cluster = from;
        for at in stretch.starts[from]..stretch.letters.len() {
            let Some(next) = trie.step(node, stretch.letters[at]) else { break };
            node = next;
            if at + 1 == stretch.starts[cluster + 1] {
                cluster += 1;
                if let Some((number, word)) = trie.word(node) {
                    let total = cost.saturating_add(u32::from(word));
                    if total < best[cluster].0 {
                        best[cluster] = (total, from, Some(number));
                    }
                }
            }
        }
    }
    let first = out.len();
    let mut to = count;
    while to > 0 {
        let (_, from, known) = best[to];
        let range = stretch.bytes[from]..stretch.bytes[to];
        match out.last_mut() {
            // found from the end: what follows is there already
            Some(next)
                if known.is_none() && next.known.is_none() && next.range.start == range.end =>
            {
                next.range.start = range.start;
            }
            _ => out.push(Word { range, known }),
        }
        to = from;
    }
    out[first..].reverse();
    best[count].0
}
