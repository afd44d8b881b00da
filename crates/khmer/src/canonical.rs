//! One spelling for what prints the same: the canonical order of a cluster.
//!
//! Order: base, robat, coeng + letter with coeng RO last, shifter, vowel, signs, final.
//! Split vowels are joined, marks typed twice stand once, invisible characters go.

use std::borrow::Cow;

use crate::chars::{COENG, Class, RO};

/// What happens to characters that draw nothing (ZWSP, ZWNJ, directional marks, inherent vowels).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Invisible {
    /// All of them go.
    #[default]
    Drop,
    /// ZWSP between clusters stays, as a word break; all others, and any inside a cluster, go.
    KeepBreaks,
    /// Those between clusters stay as they are; those inside a cluster go.
    Keep,
}

impl Invisible {
    fn keeps(self, c: char) -> bool {
        match self {
            Self::Drop => false,
            Self::KeepBreaks => c == crate::chars::ZWSP,
            Self::Keep => true,
        }
    }
}

/// The canonical spelling of a text, all invisible characters taken out.
///
/// Idempotent; borrows when the text is canonical already. Text outside clusters is not touched,
/// marks without a base are left as they stand.
pub fn canonical(text: &str) -> Cow<'_, str> {
    canonical_with(text, Invisible::Drop)
}

/// As [`canonical`], with a choice of what happens to invisible characters.
pub fn canonical_with(text: &str, invisible: Invisible) -> Cow<'_, str> {
    // `out` stays empty, and `same` true, for as long as the output equals the input read so far.
    let mut out = Output { text, same: text.len(), out: None };
    let mut units: Vec<Unit> = Vec::new();
    let mut buffer = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let at = text.len() - rest.len();
        let (base, class) = (modern(c), Class::of(c));
        if class.is_base() {
            units.clear();
            let len = c.len_utf8() + read_units(&rest[c.len_utf8()..], &mut units);
            if c == '\u{17A4}' {
                units.insert(0, Unit { rank: Class::Aa.rank(), first: '\u{17B6}', letter: None });
            }
            order(&mut units);
            buffer.clear();
            buffer.push(base);
            for unit in &units {
                buffer.push(unit.first);
                buffer.extend(unit.letter);
            }
            out.piece(at, &rest[..len], &buffer);
            rest = &rest[len..];
        } else {
            let piece = &rest[..c.len_utf8()];
            let drop = class == Class::Invisible && !invisible.keeps(c);
            out.piece(at, piece, if drop { "" } else { piece });
            rest = &rest[c.len_utf8()..];
        }
    }
    match out.out {
        Some(out) => Cow::Owned(out),
        None => Cow::Borrowed(text),
    }
}

/// Output that is only allocated at the first difference from the input.
struct Output<'a> {
    text: &'a str,
    same: usize,
    out: Option<String>,
}

impl Output<'_> {
    fn piece(&mut self, at: usize, old: &str, new: &str) {
        match &mut self.out {
            Some(out) => out.push_str(new),
            None if old == new => {}
            None => {
                let mut out = String::with_capacity(self.same);
                out.push_str(&self.text[..at]);
                out.push_str(new);
                self.out = Some(out);
            }
        }
    }
}

/// A mark, or a COENG with its letter.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Unit {
    rank: u8,
    first: char,
    letter: Option<char>,
}

/// Letters that Unicode has withdrawn, in their modern form.
fn modern(c: char) -> char {
    match c {
        '\u{17A3}' | '\u{17A4}' => '\u{17A2}',
        c => c,
    }
}

/// Reads the marks and subscripts at the head of `rest`, across invisible characters; returns the bytes they take.
fn read_units(rest: &str, units: &mut Vec<Unit>) -> usize {
    let visible = |c: &(usize, char)| Class::of(c.1) != Class::Invisible;
    let mut chars = rest.char_indices().filter(visible);
    let mut len = 0;
    while let Some((at, c)) = chars.next() {
        let class = Class::of(c);
        if class.is_mark() {
            units.push(Unit { rank: class.rank(), first: c, letter: None });
            len = at + c.len_utf8();
        } else if class == Class::Coeng {
            match chars.next() {
                Some((at, letter)) if Class::of(letter).is_base() => {
                    let rank = if letter == RO { 3 } else { class.rank() };
                    units.push(Unit { rank, first: COENG, letter: Some(modern(letter)) });
                    len = at + letter.len_utf8();
                }
                _ => break,
            }
        } else {
            break;
        }
    }
    len
}

/// Sorts the units of one cluster, takes out what stands twice and joins split vowels.
fn order(units: &mut Vec<Unit>) {
    // stable: two subscripts, or two signs, keep the order in which they were typed
    units.sort_by_key(|u| u.rank);
    once(units);
    if let Some(e) = units.iter().position(|u| u.first == '\u{17C1}') {
        let mut next = e + 1;
        if units.get(next).is_some_and(|u| Class::of(u.first) == Class::BelowVowel) {
            next += 1;
        }
        let joined = match units.get(next).map(|u| u.first) {
            Some('\u{17B8}') => '\u{17BE}',
            Some('\u{17B6}') => '\u{17C4}',
            _ => return,
        };
        units.remove(next);
        units[e].first = joined;
        once(units);
    }
}

/// Keeps the first of marks that stand twice: they print on one spot. A doubled subscript prints below itself, so it stays.
fn once(units: &mut Vec<Unit>) {
    let mut kept = 0;
    for i in 0..units.len() {
        let unit = units[i];
        if unit.letter.is_some() || !units[..kept].contains(&unit) {
            units[kept] = unit;
            kept += 1;
        }
    }
    units.truncate(kept);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clusters;

    #[test]
    fn typing_orders_become_one() {
        for (typed, right) in [
            ("ស្រ្តី", "ស្ត្រី"),
            ("ស៊ី", "ស៊ី"),
            ("សី៊", "ស៊ី"),
            ("ចំា", "ចាំ"),
            ("នេីង", "នើង"),
            ("នេាង", "នោង"),
            ("ម៉្លេះ", "ម្ល៉េះ"),
            ("ធម្ម៌", "ធម៌្ម"),
            ("កា\u{200B}រ", "ការ"),
            ("ក\u{200B}ា", "កា"),
            ("ក្\u{200D}រ", "ក្រ"),
            ("កាា", "កា"),
            ("\u{17A3}ង", "អង"),
            ("\u{17A4}ង", "អាង"),
        ] {
            assert_eq!(canonical(typed), right, "{typed}");
        }
    }

    #[test]
    fn canonical_text_is_borrowed() {
        assert!(matches!(canonical("ស្ត្រីខ្មែរ ABC ១២៣។"), Cow::Borrowed(_)));
    }

    #[test]
    fn breaks_stay_when_wanted() {
        let text = "ការ\u{200B}ងារ\u{200C}ក\u{200B}ា";
        assert_eq!(canonical_with(text, Invisible::KeepBreaks), "ការ\u{200B}ងារកា");
        assert_eq!(canonical_with(text, Invisible::Keep), "ការ\u{200B}ងារ\u{200C}កា");
    }

    /// The parts of one well-formed cluster: base, then its units in canonical order.
    fn cluster() -> impl Strategy<Value = Vec<String>> {
        let letter = proptest::char::range('\u{1780}', '\u{17A2}');
        let not_ro = proptest::char::range('\u{1780}', '\u{17A2}').prop_filter("RO", |&c| c != RO);
        let one =
            |set: &'static [&'static str]| proptest::option::of(proptest::sample::select(set));
        (
            letter,
            proptest::bool::weighted(0.1),
            (proptest::option::of(not_ro), any::<bool>()),
            one(&["\u{17C9}", "\u{17CA}"]),
            one(&["ា", "ិ", "ី", "ឹ", "ឺ", "ុ", "ូ", "ួ", "ើ", "ឿ", "ៀ", "េ", "ែ", "ៃ", "ោ", "ៅ"]),
            one(&["ំ", "់", "៍", "៎", "៏", "័"]),
            one(&["ះ", "ៈ"]),
        )
            .prop_map(|(base, robat, (subscript, ro), shifter, vowel, sign, last)| {
                let mut parts = vec![base.to_string()];
                parts.extend(robat.then(|| "\u{17CC}".to_owned()));
                parts.extend(subscript.map(|c| format!("\u{17D2}{c}")));
                parts.extend(ro.then(|| "\u{17D2}\u{179A}".to_owned()));
                parts.extend([shifter, vowel, sign, last].into_iter().flatten().map(str::to_owned));
                parts
            })
            .prop_filter("well-formed", |parts| clusters::well_formed(&parts.concat()))
    }

    /// A cluster, and the same typed in some other order, its split vowels apart, with marks doubled.
    fn typed() -> impl Strategy<Value = (String, String)> {
        cluster().prop_flat_map(|parts| {
            let right = parts.concat();
            let mut marks: Vec<String> = Vec::new();
            for part in &parts[1..] {
                match part.as_str() {
                    "ើ" => marks.extend(["េ".to_owned(), "ី".to_owned()]),
                    "ោ" => marks.extend(["េ".to_owned(), "ា".to_owned()]),
                    _ => marks.push(part.clone()),
                }
            }
            let base = parts[0].clone();
            (Just(marks).prop_shuffle(), any::<prop::sample::Index>(), any::<bool>()).prop_map(
                move |(mut marks, index, double)| {
                    if double && !marks.is_empty() {
                        let mark = marks[index.index(marks.len())].clone();
                        marks.extend((!mark.starts_with(COENG)).then_some(mark));
                    }
                    (right.clone(), format!("{base}{}", marks.concat()))
                },
            )
        })
    }

    proptest! {
        #[test]
        fn any_typing_order_comes_back(word in proptest::collection::vec(typed(), 1..6)) {
            let right: String = word.iter().map(|w| w.0.as_str()).collect();
            let typed: String = word.iter().map(|w| w.1.as_str()).collect();
            prop_assert_eq!(canonical(&typed), right.as_str());
            prop_assert_eq!(canonical(&right), right.as_str());
        }

        #[test]
        fn idempotent_on_anything(text in "[\u{1780}-\u{17DD}\u{17C1}\u{17D2}\u{179A}\u{200B}\u{17B8} a]{0,24}") {
            for mode in [Invisible::Drop, Invisible::KeepBreaks, Invisible::Keep] {
                let once = canonical_with(&text, mode).into_owned();
                let twice = canonical_with(&once, mode).into_owned();
                prop_assert_eq!(twice, once);
            }
        }

        #[test]
        fn nothing_else_is_touched(text in "[ -~\u{17D4}-\u{17DB}\u{17E0}-\u{17E9}]{0,24}") {
            prop_assert_eq!(canonical(&text), text.as_str());
        }
    }
}
