//! The line reader's label table: what each output class of the network stands for.
//!
//! Class 0 is the CTC blank. Every other class is a short piece of canonical text: one code point,
//! or one coeng with the consonant it subjoins. A pair is one class because it is one shape, and
//! because stacks then need half the frames. Coeng DA and coeng TA print alike, so they share the
//! class that reads as coeng TA; [`crate::lookalikes`] decides between them by context.
//!
//! The order of the table is part of every trained model: append, never insert.

use std::collections::HashMap;
use std::sync::OnceLock;

/// Printable signs outside ASCII and Khmer that office documents use.
const SIGNS: &str = "«»“”‘’–…•·×÷°€±é✓→©è";

/// Signs that came later: list marks, and letters of French and Vietnamese names.
const MORE_SIGNS: &str = "●■□▪◆➢☐☑★½²³®™£¥←àáâäçêëîïíóôöùúûüñÉ";

/// Number of classes, the blank included.
#[must_use]
pub fn count() -> usize {
    table().pieces.len()
}

/// The text of a class, empty for the blank and for classes out of range.
#[must_use]
pub fn text(class: usize) -> &'static str {
    table().pieces.get(class).map_or("", String::as_str)
}

/// Splits canonical text into classes, in order; `None` when it holds a sign the table lacks.
/// White space of any kind is the space's class, and invisible characters are skipped.
#[must_use]
pub fn encode(text: &str) -> Option<Vec<u16>> {
    let table = table();
    let mut out = Vec::with_capacity(text.len() / 3);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == COENG {
            let c = chars.next()?;
            let c = if c == '\u{178A}' { '\u{178F}' } else { c };
            out.push(*table.pairs.get(&c)?);
            continue;
        }
        let c = match c {
            '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}' => continue,
            c if c.is_whitespace() => ' ',
            '—' | '‐' | '‑' | '−' => '–',
            '\u{17A3}' => '\u{17A2}',
            '„' => '“',
            '\u{B4}' => '\'',
            c => c,
        };
        out.push(*table.singles.get(&c)?);
    }
    Some(out)
}

/// Joins the pieces of `classes`; blanks add nothing.
#[must_use]
pub fn decode(classes: &[u16]) -> String {
    classes.iter().map(|&c| text(usize::from(c))).collect()
}

const COENG: char = '\u{17D2}';

struct Table {
    pieces: Vec<String>,
    singles: HashMap<char, u16>,
    pairs: HashMap<char, u16>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let khmer = ('\u{1780}'..='\u{17A2}')
            .chain('\u{17A5}'..='\u{17A7}')
            .chain('\u{17A9}'..='\u{17B3}')
            .chain('\u{17B6}'..='\u{17D1}')
            .chain('\u{17D4}'..='\u{17DD}')
            .chain('\u{17E0}'..='\u{17E9}');
        let singles = (' '..='~').chain(khmer).chain(SIGNS.chars());
        // Coeng DA is folded into coeng TA.
        let subjoined =
            ('\u{1780}'..='\u{17A2}').filter(|&c| c != '\u{178A}').chain("ឧឫឬឯ".chars());

        let mut table =
            Table { pieces: vec![String::new()], singles: HashMap::new(), pairs: HashMap::new() };
        for c in singles {
            table.singles.insert(c, table.pieces.len() as u16);
            table.pieces.push(c.to_string());
        }
        for c in subjoined {
            table.pairs.insert(c, table.pieces.len() as u16);
            table.pieces.push(format!("{COENG}{c}"));
        }
        for c in MORE_SIGNS.chars() {
            table.singles.insert(c, table.pieces.len() as u16);
            table.pieces.push(c.to_string());
        }
        table
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_base_pair_pair_vowel() {
        let classes = encode("ស្ត្រី").unwrap();
        assert_eq!(classes.len(), 4);
        assert_eq!(decode(&classes), "ស្ត្រី");
    }

    #[test]
    fn coeng_da_reads_as_coeng_ta() {
        assert_eq!(decode(&encode("បណ្ដា").unwrap()), "បណ្តា");
    }

    #[test]
    fn unknown_signs_and_dangling_coengs_have_no_classes() {
        assert_eq!(encode("漢"), None);
        assert_eq!(encode("ក\u{17D2}"), None);
    }

    #[test]
    fn the_table_is_the_size_the_models_were_trained_on() {
        assert_eq!(count(), 287);
        assert_eq!(text(0), "");
    }
}
