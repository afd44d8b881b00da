//! Register shifters that stand under a vowel above and so look like U.

use std::borrow::Cow;

use crate::chars::Class;
use crate::clusters::{Kind, clusters};

/// U below a base that also bears a vowel above is a register shifter: it takes that shape there.
///
/// Which of the two shifters it is depends on the base, by how each is spelled in practice.
pub fn restore_shifters(text: &str) -> Cow<'_, str> {
    let disguised = |cluster: &str| {
        let mut below = false;
        cluster.chars().any(|c| {
            below |= c == 'ុ';
            below && c != 'ុ' && draws_above(c)
        }) || cluster.contains("ើុ")
            || cluster.contains("ឿុ")
            || cluster.contains("ៀុ")
    };
    if !text.contains('ុ') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for piece in clusters(text) {
        let shifter = piece.text.chars().next().and_then(shifter_of);
        match shifter {
            Some(shifter) if piece.kind == Kind::Cluster && disguised(piece.text) => {
                let mut done = false;
                for c in piece.text.chars() {
                    if !done && Class::of(c).is_vowel() {
                        out.push(shifter);
                        done = true;
                    }
                    if c != 'ុ' {
                        out.push(c);
                    }
                }
            }
            _ => out.push_str(piece.text),
        }
    }
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

/// The cluster with its other shifter, where a vowel above makes the two look alike.
pub(super) fn other_shifter(cluster: &str) -> Option<String> {
    let (shown, other) = match cluster.chars().find(|&c| Class::of(c) == Class::Shifter)? {
        '\u{17C9}' => ('\u{17C9}', "\u{17CA}"),
        shown => (shown, "\u{17C9}"),
    };
    cluster.chars().any(draws_above).then(|| cluster.replace(shown, other))
}

/// Vowels and signs whose upper part pushes a shifter below the base.
fn draws_above(c: char) -> bool {
    Class::of(c) == Class::AboveVowel || matches!(c, 'ើ' | 'ឿ' | 'ៀ' | '័')
}

/// The register shifter that a base takes.
fn shifter_of(base: char) -> Option<char> {
    match base {
        'ស' | 'ហ' | 'អ' | 'ប' | 'ង' | 'ឝ' => Some('\u{17CA}'),
        'ម' | 'រ' | 'វ' | 'ញ' | 'យ' | 'ន' | 'ល' => Some('\u{17C9}'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifters_come_back() {
        assert_eq!(restore_shifters("សុី"), "ស៊ី");
        assert_eq!(restore_shifters("សុើប"), "ស៊ើប");
        assert_eq!(restore_shifters("មុឺង"), "ម៉ឺង");
        assert_eq!(restore_shifters("សុំ"), "សុំ");
        assert_eq!(restore_shifters("កុិ"), "កុិ");
        assert_eq!(restore_shifters("ស្បុី"), "ស្ប៊ី");
    }
}
