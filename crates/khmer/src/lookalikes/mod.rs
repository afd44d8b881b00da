//! What prints alike and is spelled differently: folding it for comparing, deciding it by context.

mod resolve;
mod shifters;

pub use resolve::resolve;
pub(crate) use resolve::resolve_glyphs;
pub use shifters::restore_shifters;

/// Signs that print alike, or so nearly that a reader of pictures takes one for the other.
pub const PAIRS: &[(&str, &str)] = &[
    ("\u{17D2}\u{178A}", "\u{17D2}\u{178F}"), // coeng DA, coeng TA
    ("ឲ", "ឱ"),
    ("ៈ", "៖"),
    ("៖", ":"),
    ("៖", "÷"),
    ("ះ", ":"),
    ("ះ", "ៈ"),
    ("ុ", "៊"), // under a vowel above
    ("ុ", "៉"),
    ("០", "0"),
    ("០", "o"),
    ("ៗ", "១"),
    ("ទ្ប", "ឡ"),
];

/// The text with look-alikes made one, for comparing readings; never for showing.
///
/// Coeng DA becomes coeng TA, the two QOO one, ៖ ៈ ÷ a colon, dashes, quotes and dots their ASCII forms.
/// Put both sides through [`crate::canonical()`] first.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{178A}' if out.ends_with('\u{17D2}') => out.push('\u{178F}'),
            'ឲ' => out.push('ឱ'),
            '៖' | 'ៈ' | '÷' | '\u{FF1A}' => out.push(':'),
            '\u{17A3}' => out.push('\u{17A2}'),
            '–' | '—' | '‐' | '−' | '~' | '•' => out.push('-'),
            '“' | '”' | '„' | '«' | '»' => out.push('"'),
            '‘' | '’' | '`' => out.push('\''),
            '…' => out.push_str("..."),
            '\u{A0}' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_makes_pairs_equal() {
        assert_eq!(fold("កណ្ដាល ឲ្យ គណៈ៖"), fold("កណ្តាល ឱ្យ គណ::"));
        assert_eq!(fold("ដា"), "ដា");
        assert_eq!(fold("«ក»…–"), "\"ក\"...-");
    }
}
