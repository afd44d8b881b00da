//! Whether confidence is what it says: of the words read at 90 %, nine in ten should be right.

use std::fmt::Write as _;

use khocr_document::{Document, Line, PageSource};

use super::align::align;
use super::score::{normalise, without_space};

/// Lower ends of the bins of confidence; most readings crowd at the top.
const BINS: [f32; 8] = [0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.995];

/// What was said and what came true, by bin.
#[derive(Debug, Default)]
struct Bins([(usize, f64, f64); BINS.len()]);

impl Bins {
    fn add(&mut self, said: f32, right: f64) {
        let bin = BINS.partition_point(|&from| from <= said).clamp(1, BINS.len()) - 1;
        let (count, sum, true_sum) = &mut self.0[bin];
        (*count, *sum, *true_sum) = (*count + 1, *sum + f64::from(said), *true_sum + right);
    }

    /// Expected calibration error, 0 to 1: the gap of each bin, weighed by its cases (Guo et al. 2017).
    fn error(&self) -> f64 {
        let all: usize = self.0.iter().map(|b| b.0).sum();
        let gaps: f64 = self.0.iter().map(|b| (b.1 - b.2).abs()).sum();
        gaps / all.max(1) as f64
    }

    fn table(&self, name: &str) -> String {
        let mut out = format!("{name:>8}  confidence   right    said\n");
        for (i, &(count, said, right)) in self.0.iter().enumerate().filter(|(_, b)| b.0 > 0) {
            let to = BINS.get(i + 1).copied().unwrap_or(1.0);
            let n = count as f64;
            let _ = writeln!(
                out,
                "{count:8}  {:.3}-{to:.3}  {:5.1} %  {:5.1} %",
                BINS[i],
                100.0 * right / n,
                100.0 * said / n
            );
        }
        let _ = writeln!(out, "expected calibration error {:.2} %", 100.0 * self.error());
        out
    }
}

/// The confidence of words and lines against the truth of their pages.
#[derive(Debug, Default)]
pub(super) struct Reliability {
    words: Bins,
    lines: Bins,
}

impl Reliability {
    /// Counts the lines of `document` that were read, each against the closest stretch of `truth`.
    pub(super) fn add(&mut self, truth: &str, document: &Document) {
        let truth = solid(truth);
        let lines = document.pages.iter().flat_map(|p| &p.blocks).flat_map(|b| &b.lines);
        for line in lines.filter(|l| l.source == PageSource::Ocr) {
            self.add_line(&truth, line);
        }
    }

    fn add_line(&mut self, truth: &[char], line: &Line) {
        let words: Vec<Vec<char>> = line.words.iter().map(|w| solid(&w.text)).collect();
        let read: Vec<char> = words.concat();
        if read.is_empty() {
            return;
        }
        let right = matches(&read, truth);
        let share = right.iter().filter(|&&r| r).count() as f64 / read.len() as f64;
        self.lines.add(line.confidence, share);
        let mut at = 0;
        for (word, chars) in line.words.iter().zip(&words).filter(|(_, c)| !c.is_empty()) {
            let all = right[at..at + chars.len()].iter().all(|&r| r);
            self.words.add(word.confidence, f64::from(u8::from(all)));
            at += chars.len();
        }
    }

    /// Both tables: cases, bounds of the bin, share that was right, mean confidence.
    pub(super) fn table(&self) -> String {
        format!("{}\n{}", self.words.table("words"), self.lines.table("lines"))
    }
}

fn solid(text: &str) -> Vec<char> {
    without_space(&normalise(text))
}

/// For each sign of `read`, whether it stands in the stretch of `truth` closest to the whole. A
/// sign before one that was left out counts as wrong with it.
fn matches(read: &[char], truth: &[char]) -> Vec<bool> {
    let mut right = vec![false; read.len()];
    let mut lost = false;
    for pair in align(read, truth).into_iter().rev() {
        match pair {
            (Some(i), Some(j)) => right[i] = read[i] == truth[j] && !std::mem::take(&mut lost),
            (None, _) => lost = true,
            (Some(_), None) => {}
        }
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn signs_are_found_in_the_closest_stretch() {
        assert_eq!(matches(&chars("abXd"), &chars("zzabcdzz")), [true, true, false, true]);
        assert_eq!(matches(&chars("abXcd"), &chars("zabcdz")), [true, true, false, true, true]);
        let gap = matches(&chars("abd"), &chars("zzabcdzz"));
        assert_eq!(gap.iter().filter(|&&r| !r).count(), 1);
    }

    #[test]
    fn a_gap_between_word_and_truth_is_an_error() {
        let mut bins = Bins::default();
        (0..10).for_each(|i| bins.add(0.9, f64::from(u8::from(i < 8))));
        bins.add(1.0, 1.0);
        assert!((bins.error() - 1.0 / 11.0).abs() < 1e-6, "{}", bins.error());
        assert!(bins.table("words").contains(" 80.0 %"));
    }
}
