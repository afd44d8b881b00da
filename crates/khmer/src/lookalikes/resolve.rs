//! Look-alikes decided by context, as a reader of print decides them: by the word they make.

use super::shifters::{other_shifter, restore_shifters};
use crate::canonical;
use crate::chars::Class;
use crate::clusters::{Kind, clusters};
use crate::words::Model;

/// Words that ៗ often follows, and the digit one hardly ever.
const REPEATED: &[&str] = &[
    "ផ្សេង",
    "ភ្លាម",
    "អ្វី",
    "សំខាន់",
    "នីមួយ",
    "រឿយ",
    "ឆាប់",
    "ក្មេង",
    "រៀង",
    "ខ្លាំង",
    "ខ្លះ",
    "ចាស់",
    "បន្តិច",
    "ដដែល",
    "ខុស",
    "តិច",
    "ប្លែក",
    "និមួយ",
    "ខ្ពស់",
    "ល្អិត",
    "យូរ",
    "ស្ងាត់",
    "យឺត",
    "បណ្តើរ",
    "បណ្ដើរ",
    "សន្សឹម",
    "ស្រស់",
    "ច្រើន",
    "ដទៃ",
    "សប្បាយ",
    "ញាប់",
];

/// The text with look-alikes as the words around them want them. Comes back canonical.
///
/// For text read from pictures or from legacy fonts, where the eye saw one sign for two. Native Unicode
/// text says what its author typed and is better left alone. What no known word decides stays as it is.
pub fn resolve(text: &str) -> String {
    let model = Model::embedded();
    let text = canonical(text);
    let text = restore_shifters(&text);
    let text = shifters(model, &text);
    let text = finals(model, &text, &['ះ', 'ៈ', '៖', ':', '÷']);
    let text = digits(model, &text);
    // a sign that became part of a cluster may have a place in it
    canonical(&spellings(model, &text)).into_owned()
}

/// As [`resolve`], for text from a legacy face: only what one glyph of the face stands for is in doubt.
pub(crate) fn resolve_glyphs(text: &str) -> String {
    let model = Model::embedded();
    let text = restore_shifters(text);
    let text = shifters(model, &text);
    let text = finals(model, &text, &['ៈ', '៖']);
    canonical(&spellings(model, &text)).into_owned()
}

/// Natural logarithm of the probability of a stretch of clusters.
fn likelihood(model: &Model, text: &str) -> f64 {
    model.measure(text).log_probability
}

/// Bytes where the stretch of clusters that ends at `end` begins.
fn stretch_start(text: &str, end: usize) -> usize {
    let letter = |c: char| {
        let class = Class::of(c);
        class.is_base() || class.is_mark() || class == Class::Coeng
    };
    text[..end]
        .char_indices()
        .rev()
        .take_while(|&(_, c)| letter(c))
        .last()
        .map_or(end, |(at, _)| at)
}

/// Bytes where the stretch of clusters that begins at `start` ends.
fn stretch_end(text: &str, start: usize) -> usize {
    let mut end = start;
    for piece in clusters(&text[start..]) {
        if piece.kind != Kind::Cluster {
            break;
        }
        end = start + piece.start + piece.text.len();
    }
    end
}

/// Which of the two shifters stands under a vowel above: the one that makes a word.
fn shifters(model: &Model, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in clusters(text) {
        let other = match piece.kind {
            Kind::Cluster => other_shifter(piece.text),
            _ => None,
        };
        let Some(other) = other else {
            out.push_str(piece.text);
            continue;
        };
        let end = piece.start + piece.text.len();
        let before = &text[stretch_start(text, piece.start)..piece.start];
        let after = &text[end..stretch_end(text, end)];
        let as_is = likelihood(model, &format!("{before}{}{after}", piece.text));
        let swapped = likelihood(model, &format!("{before}{other}{after}"));
        out.push_str(if swapped > as_is + 0.7 { &other } else { piece.text });
    }
    out
}

/// ះ ៈ ៖ : and ÷: a sign of the syllable before it where that makes a word, else a sign between words.
///
/// Only the signs `in_doubt` are looked at.
fn finals(model: &Model, text: &str, in_doubt: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if !in_doubt.contains(&c) {
            out.push(c);
            continue;
        }
        let next = text[at + c.len_utf8()..].chars().next();
        out.push(final_sign(model, &out, c, next));
    }
    out
}

/// What the sign `c` is after the text `before` and in front of `next`.
fn final_sign(model: &Model, before: &str, c: char, next: Option<char>) -> char {
    let is_digit =
        |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || Class::of(c) == Class::Digit);
    let last = before.chars().next_back();
    if is_digit(last) && is_digit(next) {
        return if c == '÷' { c } else { ':' };
    }
    // the sign between words: what was read, if it can be that, or else ៖
    let apart =
        if c == ':' || (c == '÷' && (is_digit(last) || is_digit(next))) { c } else { '៖' };
    let last = last.map_or(Class::Other, Class::of);
    let stretch = &before[stretch_start(before, before.len())..];
    if stretch.is_empty() || last == Class::Final {
        return apart;
    }
    let plain = likelihood(model, stretch);
    let gain = |sign: char| likelihood(model, &format!("{stretch}{sign}")) - plain;
    let (short, full) = (gain('ៈ'), gain('ះ'));
    // a letter right behind the sign speaks against a colon, a space for it
    let joined = next.is_some_and(|c| Class::of(c).is_base());
    let bare = last.is_base();
    // and ៖ is seldom taken for the two others
    let reach = if c == '៖' { -3.0 } else { -6.0 };
    match c {
        // the two circles are the plainest of the five: only words that cannot be speak against them
        'ះ' if bare && short > full + 6.0 && short > -2.0 => 'ៈ',
        'ះ' if full < -12.0 && !joined => apart,
        'ះ' => c,
        _ if bare && short >= full && short > if joined { reach } else { -2.0 } => 'ៈ',
        ':' if full > if joined { -4.0 } else { 4.0 } => 'ះ',
        _ => apart,
    }
}

/// Zero and the letter O among digits, ៗ and the digit one.
fn digits(model: &Model, text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        let khmer = |i: usize| chars.get(i).is_some_and(|&c| Class::of(c) == Class::Digit);
        if numeric(c) {
            let end = chars[at..].iter().position(|&c| !numeric(c)).map_or(chars.len(), |n| at + n);
            let latin = |c: Option<&char>| c.is_some_and(char::is_ascii_alphabetic);
            let run = &chars[at..end];
            if c == '១' && run.len() == 1 && repeats(model, &out) {
                out.push('ៗ');
            } else if latin(chars.get(end)) || (at > 0 && latin(chars.get(at - 1))) {
                out.extend(run);
            } else {
                out.extend(one_script(run));
            }
            at = end;
        } else {
            let inside = c == 'ៗ' && at > 0 && khmer(at - 1) && khmer(at + 1);
            out.push(if inside { '១' } else { c });
            at += 1;
        }
    }
    out
}

/// Digits and what looks like zero.
fn numeric(c: char) -> bool {
    c.is_ascii_digit() || Class::of(c) == Class::Digit || matches!(c, 'o' | 'O')
}

/// A number whose zeros follow the script of its other digits.
fn one_script(run: &[char]) -> Vec<char> {
    let zero = |c: char| matches!(c, '0' | 'o' | 'O' | '០');
    let others = || run.iter().filter(|&&c| !zero(c));
    let khmer = others().filter(|&&c| Class::of(c) == Class::Digit).count();
    let arabic = others().count() - khmer;
    let written = if khmer > 0 && arabic == 0 {
        '០'
    } else if arabic > 0 && khmer == 0 {
        '0'
    } else {
        return run.to_vec();
    };
    run.iter().map(|&c| if zero(c) { written } else { c }).collect()
}

/// Does the text end in a word that is often said twice?
fn repeats(model: &Model, text: &str) -> bool {
    let stretch = &text[stretch_start(text, text.len())..];
    REPEATED.iter().any(|w| stretch.ends_with(w))
        && model
            .words(stretch)
            .last()
            .is_some_and(|w| REPEATED.contains(&&stretch[w.range.clone()]))
}

/// Known words in their usual spelling, where they differ in coeng DA and TA or in the two QOO.
fn spellings(model: &Model, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for word in model.words(text) {
        let Some(known) = word.known else { continue };
        let read = &text[word.range.clone()];
        let usual = model.spelling(known);
        // to give has two spellings, both in daily use, and fonts that tell them apart
        if read != usual && !read.contains("្យ") {
            out.push_str(&text[from..word.range.start]);
            out.push_str(usual);
            from = word.range.end;
        }
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coeng_da_and_ta_follow_the_word() {
        assert_eq!(resolve("ស្តាប់"), resolve("ស្ដាប់"));
        assert_eq!(resolve("មន្ដ្រី"), "មន្ត្រី");
        assert_eq!(resolve("ប៉ុន្ដែ"), "ប៉ុន្តែ");
    }

    #[test]
    fn finals_follow_the_word() {
        assert_eq!(resolve("គណ:កម្មការ"), "គណៈកម្មការ");
        assert_eq!(resolve("សាធារណ៖"), "សាធារណៈ");
        assert_eq!(resolve("រយ:ពេល"), "រយៈពេល");
        assert_eq!(resolve("ដូចខាងក្រោមៈ"), "ដូចខាងក្រោម៖");
        assert_eq!(resolve("ដូចតទៅ÷"), "ដូចតទៅ៖");
        assert_eq!(resolve("ព្រ:រាជា"), "ព្រះរាជា");
        assert_eq!(resolve("នេះ:"), "នេះ:");
        assert_eq!(resolve("ឈ្មោះ"), "ឈ្មោះ");
        assert_eq!(resolve("១០:៣០"), "១០:៣០");
        assert_eq!(resolve("លេខ:"), "លេខ:");
        assert_eq!(resolve("៤÷២"), "៤÷២");
    }

    #[test]
    fn digits_keep_to_one_script() {
        assert_eq!(resolve("២o១0"), "២០១០");
        assert_eq!(resolve("2០24"), "2024");
        assert_eq!(resolve("2៣"), "2៣");
        assert_eq!(resolve("ផ្សេង១"), "ផ្សេងៗ");
        assert_eq!(resolve("ទី១"), "ទី១");
        assert_eq!(resolve("Room 0"), "Room 0");
        assert_eq!(resolve("២ៗ៥"), "២១៥");
    }

    #[test]
    fn shifters_follow_the_word() {
        assert_eq!(resolve("សុីវិល"), "ស៊ីវិល");
        assert_eq!(resolve("ចំប៊ី"), "ចំប៉ី");
        assert_eq!(resolve("អ៉ីតាលី"), "អ៊ីតាលី");
    }

    proptest::proptest! {
        #[test]
        fn anything_comes_back_canonical(text in "[\u{1780}-\u{17DD}\u{17C7}\u{17D6}\u{17E0}-\u{17E9}:0oO÷ a]{0,24}") {
            let resolved = resolve(&text);
            proptest::prop_assert_eq!(canonical(&resolved), resolved.as_str());
        }
    }

    #[test]
    fn good_text_stays() {
        for text in ["ក្រុមប្រឹក្សាឃុំ សង្កាត់នីមួយៗ ត្រូវរៀបចំផែនការ។", "ខ្ញុំឲ្យ ឱ្យ", "e-mail: a@b.co 010 200 300"]
        {
            assert_eq!(resolve(text), text);
        }
    }
}
