//! Which signs are read as which: the alignment behind the line error, counted.

use std::collections::HashMap;

use super::align::align;
use super::score::{normalise, without_space};

/// Pieces of truth with what was read for them, and how often.
#[derive(Debug, Default)]
pub(super) struct Confusions(HashMap<(String, String), usize>);

impl Confusions {
    /// Counts the differences of one page: each line of the truth against the closest stretch of the
    /// guess, differences side by side as one.
    pub(super) fn add(&mut self, truth: &str, guess: &str) {
        let guess = without_space(&normalise(guess));
        for line in normalise(truth).lines() {
            for pair in differences(&without_space(line), &guess) {
                *self.0.entry(pair).or_default() += 1;
            }
        }
    }

    /// The `most` commonest, one a line: count, truth, read.
    pub(super) fn table(&self, most: usize) -> String {
        let mut rows: Vec<_> = self.0.iter().collect();
        rows.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let shown = |text: &str| if text.is_empty() { "nothing".to_owned() } else { spaced(text) };
        let rows = rows.into_iter().take(most);
        rows.map(|((truth, read), n)| format!("{n:5}  {} → {}\n", shown(truth), shown(read)))
            .collect()
    }
}

/// Marks stand on a dotted circle, so that they can be seen.
fn spaced(text: &str) -> String {
    let mark = |c: char| matches!(c, '\u{17b6}'..='\u{17d3}' | '\u{17dd}');
    if text.starts_with(mark) { format!("◌{text}") } else { text.to_owned() }
}

/// The differing pieces of a pattern and the stretch of the text that is closest to it.
fn differences(pattern: &[char], text: &[char]) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for (i, j) in align(pattern, text) {
        let (truth, read) = (i.map(|i| pattern[i]), j.map(|j| text[j]));
        if truth == read {
            open = false;
            continue;
        }
        if !open {
            out.push(<(String, String)>::default());
            open = true;
        }
        if let Some(last) = out.last_mut() {
            last.0.extend(truth);
            last.1.extend(read);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_side_by_side_are_one() {
        let chars = |t: &str| t.chars().collect::<Vec<char>>();
        let found = differences(&chars("abcdef"), &chars("xxabXYefxx"));
        assert_eq!(found, [("cd".to_owned(), "XY".to_owned())]);
        let found = differences(&chars("abcd"), &chars("zzacdzz"));
        assert_eq!(found, [("b".to_owned(), String::new())]);
        assert!(differences(&chars("abc"), &chars("xabcx")).is_empty());
    }

    #[test]
    fn the_commonest_come_first() {
        let mut confusions = Confusions::default();
        confusions.add("ក0ខ\nគ0ឃ\nabc", "កOខ\nគOឃ\nabd");
        assert_eq!(confusions.table(9), "    2  0 → O\n    1  c → d\n");
    }
}
