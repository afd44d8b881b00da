//! Decode: from the reader's frames to signs with places and confidences, and to words.

use khocr_khmer::{canonical, labels};
use khocr_nets::probability;

/// One sign as read: the text of one class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sign {
    /// Its class, never the blank.
    pub class: usize,
    /// First frame that shows it.
    pub first: usize,
    /// Last frame that shows it.
    pub last: usize,
    /// Highest probability among its frames, or by [`crate::calibrate`] the share right of those as
    /// probable.
    pub confidence: f32,
}

/// Turns one line's frames into signs.
pub trait Decode: Send + Sync {
    /// `values` holds `steps` rows of `classes` log-probabilities or logits.
    fn decode(&self, values: &[f32], classes: usize) -> Vec<Sign>;
}

/// The best class of each frame; repeats are one sign, blanks none (Graves et al. 2006).
#[derive(Clone, Copy, Debug, Default)]
pub struct Greedy;

impl Decode for Greedy {
    fn decode(&self, values: &[f32], classes: usize) -> Vec<Sign> {
        greedy(&seen(values, classes))
    }
}

/// What is likeliest in a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// The likeliest class, the first of several.
    pub(crate) class: usize,
    /// Its logit.
    pub(crate) best: f32,
    /// How likely it is; 0 of a blank, which nobody asks about.
    pub(crate) probability: f32,
}

/// What is likeliest in each frame.
pub(crate) fn seen(values: &[f32], classes: usize) -> Vec<Seen> {
    let of = |row: &[f32]| {
        let best = highest(row);
        let class = row.iter().position(|v| *v == best).unwrap_or(0);
        Seen { class, best, probability: if class == 0 { 0.0 } else { probability(row, best) } }
    };
    values.chunks_exact(classes).map(of).collect()
}

/// The signs that frames show by themselves.
pub(crate) fn greedy(seen: &[Seen]) -> Vec<Sign> {
    let mut out: Vec<Sign> = Vec::new();
    let mut previous = 0;
    for (frame, &Seen { class, probability, .. }) in seen.iter().enumerate() {
        if class != 0 {
            match out.last_mut() {
                Some(sign) if previous == class => {
                    sign.last = frame;
                    sign.confidence = sign.confidence.max(probability);
                }
                _ => out.push(Sign { class, first: frame, last: frame, confidence: probability }),
            }
        }
        previous = class;
    }
    out
}

/// The largest of some numbers.
fn highest(row: &[f32]) -> f32 {
    // Eight at a time: a chain of comparisons would wait for each.
    let mut best = [f32::NEG_INFINITY; 8];
    for part in row.chunks(8) {
        for (b, v) in best.iter_mut().zip(part) {
            *b = if *v > *b { *v } else { *b };
        }
    }
    best.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

/// A stretch between spaces.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadWord {
    /// Canonical text.
    pub text: String,
    /// That all of it is right: the product of its signs' confidences.
    pub confidence: f32,
    /// First frame, half way to the sign before.
    pub from: f32,
    /// Last frame, half way to the sign after.
    pub to: f32,
}

/// The words of a line, left to right, and the mean confidence of its signs, which is the share of
/// them expected to be right (0 when empty).
#[must_use]
pub fn words(signs: &[Sign], steps: usize) -> (Vec<ReadWord>, f32) {
    let mut out = Vec::new();
    let mut start = 0;
    while start < signs.len() {
        if is_space(signs[start]) {
            start += 1;
            continue;
        }
        let end = (start..signs.len()).find(|&i| is_space(signs[i])).unwrap_or(signs.len());
        let word = &signs[start..end];
        let text: String = word.iter().map(|s| labels::text(s.class)).collect();
        let from = if start == 0 { 0.0 } else { signs[start - 1].last as f32 + 0.5 };
        let to = signs.get(end).map_or(steps as f32, |s| s.first as f32 + 0.5);
        let confidence = word.iter().map(|s| s.confidence).product();
        out.push(ReadWord { text: canonical(&text).into_owned(), confidence, from, to });
        start = end;
    }
    let read: Vec<&Sign> = signs.iter().filter(|s| !is_space(**s)).collect();
    let mean = read.iter().map(|s| s.confidence).sum::<f32>() / read.len().max(1) as f32;
    (out, mean)
}

fn is_space(sign: Sign) -> bool {
    labels::text(sign.class) == " "
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(classes: &[u16], of: usize) -> Vec<f32> {
        let mut values = vec![-8.0; classes.len() * of];
        for (f, &c) in classes.iter().enumerate() {
            values[f * of + usize::from(c)] = 0.0;
        }
        values
    }

    #[test]
    fn repeats_are_one_sign_and_a_blank_parts_them() {
        let k = labels::encode("ក").unwrap()[0];
        let of = labels::count();
        let signs = Greedy.decode(&frames(&[0, k, k, 0, k, 0], of), of);
        assert_eq!(signs.len(), 2);
        assert_eq!((signs[0].first, signs[0].last, signs[1].first), (1, 2, 4));
        assert!(signs[0].confidence > 0.9);
    }

    #[test]
    fn words_part_at_spaces_and_come_in_canonical_order() {
        let classes = labels::encode("កា ខ្មរែ").unwrap();
        let spaced: Vec<u16> = classes.iter().flat_map(|&c| [c, 0]).collect();
        let of = labels::count();
        let signs = Greedy.decode(&frames(&spaced, of), of);
        let (words, confidence) = words(&signs, spaced.len());
        assert_eq!(words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>(), ["កា", "ខ្មរែ"]);
        assert!(words[0].to <= words[1].from && confidence > 0.9);
    }
}
