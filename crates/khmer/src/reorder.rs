//! From the order of the eye to the order of the spelling.
//!
//! Legacy faces, and the text layers of some PDF producers, hold glyphs from left to right: the vowels
//! េ ែ ៃ, and often COENG RO, stand before the base they belong to.

use crate::canonical;
use crate::chars::{COENG, Class, RO};
use crate::judge::{Verdict, decide, weigh};

/// Sets what is drawn left of its base after it: េ ែ ៃ and, where `ro` says so, COENG RO.
///
/// The result is not canonical yet. What waits for a base that never comes stays where it was.
pub fn spelling_order(letters: &[char], ro: bool) -> String {
    let mut out = String::with_capacity(letters.len() * 3);
    let mut waiting: Vec<char> = Vec::new();
    let mut spaces = 0;
    let mut at = 0;
    while let Some(&c) = letters.get(at) {
        let class = Class::of(c);
        if ro && c == COENG && letters.get(at + 1) == Some(&RO) {
            waiting.extend([COENG, RO]);
            at += 2;
        } else if matches!(c, 'េ' | 'ែ' | 'ៃ') {
            waiting.push(c);
            at += 1;
        } else if class.is_base() && (at == 0 || letters[at - 1] != COENG) {
            // no word ends in what waits for a base, so the spaces between were the extractor's
            spaces = 0;
            out.push(c);
            out.extend(waiting.drain(..));
            at += 1;
        } else if c == ' ' && !waiting.is_empty() {
            spaces += 1;
            at += 1;
        } else {
            if !waiting.is_empty() && !class.is_mark() && class != Class::Coeng {
                out.extend(waiting.drain(..));
                out.extend(std::iter::repeat_n(' ', std::mem::take(&mut spaces)));
            }
            out.push(c);
            at += 1;
        }
    }
    out.extend(waiting);
    out.extend(std::iter::repeat_n(' ', spaces));
    out
}

/// E and the right half of OA, IE or AU, each of which stands for the whole vowel, made one.
pub fn join_right_halves(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, 'ឿ' | 'ៀ' | 'ៅ') && out.ends_with('េ') {
            out.pop();
        }
        out.push(c);
    }
    out
}

/// Unicode text in the order of the eye, set in the order of the spelling; canonical.
pub fn from_visual(text: &str, ro: bool) -> String {
    let letters: Vec<char> = text.chars().collect();
    let ordered = spelling_order(&letters, ro);
    join_right_halves(&canonical(&ordered))
}

/// Repairs a text whose letters are right and whose order is not.
///
/// None when the text is good, too short to tell, or stays broken in either order; so what comes back
/// has passed [`crate::judge`]. Give it a region or page rather than a line.
pub fn repair(text: &str) -> Option<String> {
    let before = weigh(text);
    if !matches!(decide(&before), Verdict::Broken(_)) {
        return None;
    }
    [true, false]
        .into_iter()
        .map(|ro| from_visual(text, ro))
        .map(|repaired| (weigh(&repaired), repaired))
        .filter(|(evidence, _)| decide(evidence) == Verdict::Good)
        .max_by(|a, b| a.0.log_probability.total_cmp(&b.0.log_probability))
        .map(|(_, repaired)| repaired)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vowels_and_ro_go_behind_their_base() {
        assert_eq!(from_visual("េក", false), "កេ");
        assert_eq!(from_visual("េ្រកា", true), "ក្រោ");
        assert_eq!(from_visual("ែខ្ម រ", true), "ខ្មែ រ");
        assert_eq!(from_visual("េនៅ", true), "នៅ");
        assert_eq!(from_visual("ក េ", true), "ក េ");
    }

    #[test]
    fn visual_order_is_repaired() {
        let text = "លោកអ្នកត្រូវបានទទួលនៅកន្លែងធ្វើការ ដើម្បីជ្រើសរើសក្រុមប្រឹក្សា និងរៀបចំផែនការ";
        // as a producer that maps glyphs in drawing order writes it
        let mut visual = String::new();
        for piece in crate::clusters::clusters(text) {
            let (mut left, mut rest) = (String::new(), String::new());
            for unit in crate::clusters::units(piece.text) {
                match unit {
                    "្រ" | "េ" | "ែ" => left.insert_str(0, unit),
                    "ោ" | "ើ" | "ៅ" | "ៀ" => {
                        left.insert(0, 'េ');
                        rest.push_str(match unit {
                            "ោ" => "ា",
                            "ើ" => "ី",
                            whole => whole,
                        });
                    }
                    unit => rest.push_str(unit),
                }
            }
            visual += &left;
            visual += &rest;
        }
        assert_ne!(visual, text);
        assert_eq!(repair(&visual).as_deref(), Some(text));
        assert_eq!(repair(text), None);
    }
}
