//! Legacy font encodings: Khmer typed before Unicode, one byte a glyph, in the order the eye sees.
//!
//! The tables under `data/legacy` hold, for each family of faces, what each code draws. Reading puts
//! the glyphs in the order of the spelling and makes it canonical; writing goes the other way, for
//! drawing known text in a legacy face.

mod guess;
mod read;
mod table;
mod write;

use table::Table;

/// A family of faces that share one encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Limon S, R and F; Chhay, which follows it.
    Limon,
    /// ABC-TEXT, ABC-FANCY, ABC-HEAD.
    Abc,
    /// ABC-TEXT-06 and ABC-TEXT-11.
    Abc2,
    /// ABC-TEXT-24.
    Abc3,
    /// ABC faces named …A, where the space is a word break and the full stop a space.
    AbcBreaks,
    /// Truth11.
    Truth,
    /// Baidok 3.
    Baidok,
    /// The Khek faces.
    Khek,
    /// FK1.
    Fk,
    /// Kaoh Kong.
    KaohKong,
    /// Rasmei Kampuchea.
    Rasmei,
    /// Tacteing: ornaments and borders, no text at all.
    Ornaments,
}

impl Encoding {
    /// Every encoding that holds text.
    pub const ALL: [Self; 11] = [
        Self::Limon,
        Self::Abc,
        Self::Abc2,
        Self::Abc3,
        Self::AbcBreaks,
        Self::Truth,
        Self::Baidok,
        Self::Khek,
        Self::Fk,
        Self::KaohKong,
        Self::Rasmei,
    ];

    /// A short name, as the command line takes it; [`Encoding::from_name`] reads it back.
    pub fn name(self) -> &'static str {
        match self {
            Self::Limon => "limon",
            Self::Abc => "abc",
            Self::Abc2 => "abc2",
            Self::Abc3 => "abc3",
            Self::AbcBreaks => "abc-zwsp",
            Self::Truth => "truth",
            Self::Baidok => "baidok",
            Self::Khek => "khek",
            Self::Fk => "fk",
            Self::KaohKong => "kaohkong",
            Self::Rasmei => "rasmei",
            Self::Ornaments => "ornaments",
        }
    }

    /// The encoding of that short name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().chain([Self::Ornaments]).find(|e| e.name().eq_ignore_ascii_case(name))
    }

    /// The encoding of a face by its name in a document: `Limon S1`, `ABCDEF+LimonR1,Bold`, `ABC-TEXT-16-Normal`.
    ///
    /// None for names that say nothing, Unicode faces among them.
    pub fn from_font_name(name: &str) -> Option<Self> {
        let name = match name.split_once('+') {
            Some((prefix, rest))
                if prefix.len() == 6 && prefix.bytes().all(|b| b.is_ascii_uppercase()) =>
            {
                rest
            }
            _ => name,
        };
        let name: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let starts = |names: &[&str]| names.iter().any(|n| name.starts_with(n));
        if starts(&["limon", "lmn", "chhay"]) {
            Some(Self::Limon)
        } else if starts(&["abctext", "abcfancy", "abchead"]) {
            Some(Self::abc_face(&name))
        } else if starts(&["tacteing"]) {
            Some(Self::Ornaments)
        } else if starts(&["truth11"]) {
            Some(Self::Truth)
        } else if starts(&["baidok"]) {
            Some(Self::Baidok)
        } else if starts(&[
            "khek",
            "anlongvillkhek",
            "battambangkhek",
            "moolkhek",
            "rielkhek",
            "sambotkhek",
            "samrethkhek",
        ]) {
            Some(Self::Khek)
        } else if starts(&["kaohkong", "kswkaohkong"]) {
            Some(Self::KaohKong)
        } else if starts(&["arasmei", "rasmei"]) {
            Some(Self::Rasmei)
        } else if name
            .strip_prefix("fk1")
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
        {
            Some(Self::Fk)
        } else {
            None
        }
    }

    /// Which of the ABC encodings a face has, by its number and the letter after it.
    fn abc_face(name: &str) -> Self {
        let tail = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let digits = tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, suffix) = tail.split_at(digits);
        let text = name.starts_with("abctext");
        // the letter A, and not the start of a style's name
        if suffix == "a"
            || suffix.starts_with("anormal")
            || suffix.starts_with("aregular")
            || suffix.starts_with("abold")
        {
            Self::AbcBreaks
        } else if text && matches!(number, "06" | "6" | "11") {
            Self::Abc2
        } else if text && number == "24" {
            Self::Abc3
        } else {
            Self::Abc
        }
    }

    /// Khmer Unicode, in canonical order, of a run in this encoding.
    ///
    /// `legacy` holds the run's codes as Latin-1 or Windows-1252 characters (or as a symbol font's
    /// U+F020..=U+F0FF); other characters, line breaks among them, come through as they are. A cluster
    /// must not be cut between two calls, so give whole runs of a line, not words. Ornaments give no text.
    pub fn to_unicode(self, legacy: &str) -> String {
        match Table::of(self) {
            Some(table) => read::read(self, table, legacy),
            None => legacy.chars().filter(|c| c.is_whitespace()).collect(),
        }
    }

    /// The run's codes, as Windows-1252 characters, that draw `unicode` in a face of this encoding.
    ///
    /// None when a character or cluster has no code, or when writing this encoding is not known:
    /// only Limon, Truth and the ABC family are. ឲ្យ must be spelled ឱ្យ for Limon, whose glyph it is.
    pub fn to_legacy(self, unicode: &str) -> Option<String> {
        let writable =
            matches!(self, Self::Limon | Self::Truth | Self::Abc | Self::Abc2 | Self::Abc3);
        write::write(Table::of(self).filter(|_| writable)?, &crate::canonical(unicode))
    }
}

pub use guess::guess;

/// The text of one line set in several faces: each run with its encoding, None for Unicode.
///
/// Neighbouring runs of one encoding are read as one: producers cut clusters in two where a document
/// holds two subsets of a face.
pub fn line<'a>(runs: impl IntoIterator<Item = (Option<Encoding>, &'a str)>) -> String {
    let mut out = String::new();
    let mut pending: Option<(Encoding, String)> = None;
    for (encoding, text) in runs {
        match (&mut pending, encoding) {
            (Some((before, codes)), Some(encoding)) if *before == encoding => codes.push_str(text),
            _ => {
                if let Some((before, codes)) = pending.take() {
                    out.push_str(&before.to_unicode(&codes));
                }
                match encoding {
                    Some(encoding) => pending = Some((encoding, text.to_owned())),
                    None => out.push_str(text),
                }
            }
        }
    }
    if let Some((before, codes)) = pending {
        out.push_str(&before.to_unicode(&codes));
    }
    out
}

#[cfg(test)]
mod tests;
