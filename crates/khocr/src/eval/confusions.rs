//! Which signs are read as which: the alignment behind the line error, counted.

use std::collections::HashMap;

use super::score::normalise;

/// Pieces of truth with what was read for them, and how often.
#[derive(Debug, Default)]
pub(super) struct Confusions(HashMap<(String, String), usize>);

impl Confusions {
    /// Counts the differences of one page: each line of the truth against the closest stretch of the
    /// guess, differences side by side as one.
    pub(super) fn add(&mut self, truth: &str, guess: &str) {
        let solid = |t: &str| t.chars().filter(|c| !c.is_whitespace()).collect::<Vec<char>>();
        let guess = solid(&normalise(guess));
        for line in normalise(truth).lines() {
            for pair in differences(&solid(line), &guess) {
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
    let columns = text.len() + 1;
    let mut table = vec![0u32; (pattern.len() + 1) * columns];
    for (i, x) in pattern.iter().enumerate() {
        table[(i + 1) * columns] = i as u32 + 1;
        for (j, y) in text.iter().enumerate() {
            let here = (table[i * columns + j] + u32::from(x != y))
                .min(table[i * columns + j + 1] + 1)
                .min(table[(i + 1) * columns + j] + 1);
            table[(i + 1) * columns + j + 1] = here;
        }
    }
    let last = &table[pattern.len() * columns..];
    // Of equals the last: a sign misread rather than one lost.
    let mut j = (0..columns).rev().min_by_key(|&j| last[j]).unwrap_or(0);
    let mut i = pattern.len();
    let mut out: Vec<(String, String)> = Vec::new();
    let mut open: Option<(Vec<char>, Vec<char>)> = None;
    while i > 0 {
        let here = table[i * columns + j];
        let same = j > 0 && pattern[i - 1] == text[j - 1];
        if same && table[(i - 1) * columns + j - 1] == here {
            close(&mut open, &mut out);
            (i, j) = (i - 1, j - 1);
            continue;
        }
        let pair = open.get_or_insert_default();
        if j > 0 && table[(i - 1) * columns + j - 1] + 1 == here {
            pair.0.push(pattern[i - 1]);
            pair.1.push(text[j - 1]);
            (i, j) = (i - 1, j - 1);
        } else if table[(i - 1) * columns + j] + 1 == here {
            pair.0.push(pattern[i - 1]);
            i -= 1;
        } else {
            pair.1.push(text[j - 1]);
            j -= 1;
        }
    }
    close(&mut open, &mut out);
    out.reverse();
    out
}

fn close(open: &mut Option<(Vec<char>, Vec<char>)>, out: &mut Vec<(String, String)>) {
    if let Some((truth, read)) = open.take() {
        out.push((truth.iter().rev().collect(), read.iter().rev().collect()));
    }
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
