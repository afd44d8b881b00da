//! Builds `data/words.bin` from text: `build_words OUT MAX LIST.txt TEXT.txt...`
//!
//! LIST has one known word a line. TEXT is plain text, one line a row, some of it with ZWSP between
//! words. Words are counted where ZWSP parts them; the lines without ZWSP are then parted by the model
//! of those counts, twice over. The MAX most frequent words are kept. See `training/words.sh`.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fs;

use khocr_khmer::chars::{Class, ZWSP};
use khocr_khmer::clusters::{Kind, clusters};
use khocr_khmer::words::{Model, encode};
use khocr_khmer::{Invisible, canonical_with};

/// Words longer than this, in clusters, are phrases that somebody forgot to part.
const LONGEST: usize = 9;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [out, max, list, texts @ ..] = args.as_slice() else {
        return Err("usage: build_words OUT MAX LIST.txt TEXT.txt...".into());
    };
    let max: usize = max.parse()?;
    let listed: HashSet<String> =
        fs::read_to_string(list)?.lines().map(clean).filter(|w| is_word(w)).collect();
    let mut lines = Vec::new();
    for path in texts {
        lines.extend(fs::read_to_string(path)?.lines().map(clean));
    }
    let mut counts = count(lines.iter().filter(|l| l.contains(ZWSP)), None, &listed);
    for round in 0..2 {
        let model = Model::from_bytes(&encode(&keep(&counts, &listed, max)))?;
        eprintln!("round {round}: {} words", model.len());
        counts = count(lines.iter(), Some(&model), &listed);
    }
    let words = keep(&counts, &listed, max);
    let bytes = encode(&words);
    eprintln!("{} words, {} bytes, rarest {:?}", words.len(), bytes.len(), words.last());
    fs::write(out, bytes)?;
    Ok(())
}

fn clean(line: &str) -> String {
    canonical_with(line, Invisible::KeepBreaks).into_owned()
}

/// Is it a word as the model wants it: well-formed clusters, not too many?
fn is_word(word: &str) -> bool {
    let mut n = 0;
    let sound = clusters(word).all(|p| {
        n += 1;
        p.kind == Kind::Cluster && p.is_well_formed()
    });
    // one bare letter is a list item or a typing error more often than a word
    sound && (1..=LONGEST).contains(&n) && word.chars().count() > 1
}

/// Counts the words of lines; a line without ZWSP is parted by the model, or else left out.
fn count<'a>(
    lines: impl Iterator<Item = &'a String>,
    model: Option<&Model>,
    listed: &HashSet<String>,
) -> HashMap<String, u64> {
    let mut counts: HashMap<String, u64> = listed.iter().map(|w| (w.clone(), 1)).collect();
    let mut add = |word: &str| {
        if is_word(word) {
            *counts.entry(word.to_owned()).or_default() += 1;
        }
    };
    for line in lines {
        if line.contains(ZWSP) {
            let parts = line.split(|c| {
                c == ZWSP
                    || matches!(Class::of(c), Class::Other | Class::Digit | Class::Punctuation)
            });
            parts.for_each(&mut add);
        } else if let Some(model) = model {
            model
                .words(line)
                .into_iter()
                .filter(|w| w.known.is_some())
                .for_each(|w| add(&line[w.range]));
        }
    }
    counts
}

/// The most frequent words. A word never listed must be seen more often than one that is.
fn keep(counts: &HashMap<String, u64>, listed: &HashSet<String>, max: usize) -> Vec<(String, u64)> {
    let mut words: Vec<(String, u64)> = counts
        .iter()
        .filter(|&(w, &n)| n >= if listed.contains(w) { 2 } else { 4 })
        .map(|(w, n)| (w.clone(), *n))
        .collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    words.truncate(max);
    words
}
