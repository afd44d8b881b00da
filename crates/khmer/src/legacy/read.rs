//! Legacy codes to Unicode: glyphs in the order of the eye to letters in the order of the spelling.

use super::Encoding;
use super::table::{Table, byte_of};
use crate::chars::{COENG, Class, RO};
use crate::reorder::{join_right_halves, spelling_order};
use crate::{canonical, lookalikes};

/// A run in `encoding` as canonical Unicode.
pub(super) fn read(encoding: Encoding, table: &Table, legacy: &str) -> String {
    let letters = join_nyo(without_slips(letters(encoding, table, legacy)));
    let ordered = spelling_order(&letters, true);
    let text = canonical(&ordered);
    // what the eye cannot tell apart was typed either way: one vowel from two glyphs, shifters drawn as U
    let text = join_right_halves(&text);
    lookalikes::resolve_glyphs(&first_qai(&text))
}

/// What the codes draw, in the order in which they stand.
fn letters(encoding: Encoding, table: &Table, legacy: &str) -> Vec<char> {
    let chars: Vec<char> = legacy.chars().collect();
    // codes, with 0 (which no table holds) for what is none
    let bytes: Vec<u8> = chars.iter().map(|&c| byte_of(c).unwrap_or(0)).collect();
    let mut out = Vec::with_capacity(chars.len() * 2);
    let mut at = 0;
    while at < chars.len() {
        match table.longest(&bytes[at..]) {
            _ if encoding == Encoding::Limon && is_arabic_zero(&bytes, at) => {
                out.push('0');
                at += 1;
            }
            Some((len, text)) => {
                out.extend(text.chars());
                at += len;
            }
            None => {
                out.push(if chars[at] == '\u{A0}' { ' ' } else { chars[at] });
                at += 1;
            }
        }
    }
    out
}

/// Without what typists did and the eye does not see: a subscript typed twice, one over the other,
/// and a narrow space before a sign that is drawn back over the letter before it.
fn without_slips(letters: Vec<char>) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(letters.len());
    let mut at = 0;
    while let Some(&c) = letters.get(at) {
        at += 1;
        if c == COENG
            && let Some(&under) = letters.get(at)
            && out.ends_with(&[COENG, under])
        {
            at += 1;
            continue;
        }
        let hangs = match Class::of(c) {
            // RO's subscript and these vowels stand before their letter, and begin words.
            Class::Coeng => letters.get(at).is_some_and(|u| *u != RO),
            class => class.is_mark() && !matches!(c, 'េ' | 'ែ' | 'ៃ' | 'ោ' | 'ៅ' | 'ើ' | 'ឿ' | 'ៀ'),
        };
        if hangs {
            let written = out.iter().rposition(|c| *c != ' ').map_or(0, |at| at + 1);
            if written > 0 && out.len() <= written + 2 && ('ក'..='ឳ').contains(&out[written - 1])
            {
                out.truncate(written);
            }
        }
        out.push(c);
    }
    out
}

/// In Limon, Khmer and Arabic zero are one glyph; its neighbours tell which it is.
fn is_arabic_zero(bytes: &[u8], at: usize) -> bool {
    let is = |i: usize, set: &[u8]| bytes.get(i).is_some_and(|b| set.contains(b));
    let arabic = b"!@#$%^&*(";
    if bytes[at] != b'0' {
        return false;
    }
    // the nearest digit that is no zero, to the left and then to the right
    let left = bytes[..at].iter().rposition(|&b| b != b'0');
    let right = (at..bytes.len()).find(|&i| bytes[i] != b'0').unwrap_or(bytes.len());
    left.is_some_and(|i| is(i, arabic))
        || (!left.is_some_and(|i| bytes[i].is_ascii_digit()) && is(right, arabic))
}

/// NYO loses its tail over a subscript, and is then typed as PO + AA around or before what hangs below.
///
/// A subscript after AA is never typed otherwise. PO + subscript + AA could be PO, but with these
/// subscripts Khmer has NYO hundreds of times for each PO.
fn join_nyo(mut letters: Vec<char>) -> Vec<char> {
    let mut at = 0;
    while let Some(i) = letters[at..].iter().position(|&c| c == 'ព').map(|i| at + i) {
        at = i + 1;
        if i > 0 && letters[i - 1] == COENG {
            continue;
        }
        let (mut aa, mut under_nyo, mut after_aa) = (None, false, false);
        let mut j = i + 1;
        while let Some(&c) = letters.get(j) {
            let class = Class::of(c);
            if class == Class::Coeng {
                let letter = letters.get(j + 1).copied();
                if letter == Some(RO) {
                    break;
                }
                under_nyo |= matches!(letter, Some('ច' | 'ឆ' | 'ជ' | 'ឈ' | 'ញ' | 'ហ'));
                after_aa |= aa == Some(i + 1);
                j += 2;
            } else if class.is_mark() && !matches!(c, 'េ' | 'ែ' | 'ៃ') {
                if c == 'ា' && aa.is_none() {
                    aa = Some(j);
                }
                j += 1;
            } else {
                break;
            }
        }
        if let Some(aa) = aa.filter(|_| under_nyo || after_aa) {
            letters.remove(aa);
            letters[i] = 'ញ';
        }
    }
    letters
}

/// QAI is typed as PO + coeng THO. Where no syllable can begin with that pair, it is the vowel.
fn first_qai(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("ព្ធ") {
        let (before, tail) = rest.split_at(at);
        let after = &tail["ព្ធ".len()..];
        out.push_str(before);
        let begins = out.chars().next_back().is_none_or(char::is_whitespace);
        out.push_str(if after.starts_with("ដ៏") || (begins && after.starts_with('រ')) {
            "ឰ"
        } else {
            "ព្ធ"
        });
        rest = after;
    }
    out.push_str(rest);
    out
}
