//! Cluster segmentation: a base with everything written on it, the unit of Khmer spelling.
//!
//! The grammar of a well-formed cluster, in canonical order:
//! `base robat? (coeng base){0,2} shifter? vowel? (nikahit | sign)? final?`,
//! with the pairs that never meet left out (a bantoc closes a syllable that has no vowel sign, and so on).

use crate::chars::{COENG, Class, RO};

/// What a piece of segmented text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A base and what follows it.
    Cluster,
    /// Marks or a COENG with no base before them.
    Orphan,
    /// One character that is no letter or mark of Khmer: digit, punctuation, space, Latin.
    Other,
}

/// One piece of a text. The pieces follow each other without gaps and cover the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The piece as it stands in the text.
    pub text: &'a str,
    /// Its first byte in the text.
    pub start: usize,
    /// What it is.
    pub kind: Kind,
}

impl Piece<'_> {
    /// Does the piece keep the grammar of a well-formed cluster? True for everything that is not Khmer letters.
    pub fn is_well_formed(&self) -> bool {
        match self.kind {
            Kind::Cluster => well_formed(self.text),
            Kind::Orphan => false,
            Kind::Other => true,
        }
    }
}

/// Iterator over the pieces of a text, in order.
#[derive(Clone, Debug)]
pub struct Clusters<'a> {
    text: &'a str,
    at: usize,
}

/// Splits a text into clusters and single other characters.
///
/// A COENG with no letter after it closes its cluster and is an orphan of its own. Invisible
/// characters are pieces of their own, so take them out first (see [`crate::canonical()`]).
pub fn clusters(text: &str) -> Clusters<'_> {
    Clusters { text, at: 0 }
}

impl<'a> Iterator for Clusters<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let start = self.at;
        let rest = self.text.get(start..)?;
        let mut chars = rest.chars();
        let first = chars.next()?;
        let class = Class::of(first);
        let mut end = first.len_utf8();
        let kind = if class.is_base() {
            end += marks_len(chars.as_str());
            Kind::Cluster
        } else if class.is_mark() {
            end += marks_len(chars.as_str());
            Kind::Orphan
        } else if class == Class::Coeng {
            if let Some(next) = chars.next().filter(|&c| Class::of(c).is_base()) {
                end += next.len_utf8();
                end += marks_len(chars.as_str());
            }
            Kind::Orphan
        } else {
            Kind::Other
        };
        self.at = start + end;
        Some(Piece { text: &rest[..end], start, kind })
    }
}

/// Bytes of the subscripts and marks at the head of `rest`.
fn marks_len(rest: &str) -> usize {
    let mut len = 0;
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        let class = Class::of(c);
        if class.is_mark() {
            len += c.len_utf8();
        } else if class == Class::Coeng {
            match chars.next() {
                Some(next) if Class::of(next).is_base() => len += c.len_utf8() + next.len_utf8(),
                _ => break,
            }
        } else {
            break;
        }
    }
    len
}

/// Is `cluster` one whole cluster in canonical order that Khmer spelling allows?
pub fn well_formed(cluster: &str) -> bool {
    let mut chars = cluster.chars().peekable();
    let Some(base) = chars.next().map(Class::of) else { return false };
    // two letters that Unicode has withdrawn have other letters in canonical text
    if !base.is_base() || cluster.contains(['\u{17A3}', '\u{17A4}']) {
        return false;
    }
    let mut take = |wanted: fn(Class) -> bool| chars.next_if(|&c| wanted(Class::of(c)));
    take(|c| c == Class::Robat);
    let (mut subscripts, mut ro) = (0, false);
    while take(|c| c == Class::Coeng).is_some() {
        let Some(letter) = take(Class::is_base) else { return false };
        if ro {
            return false;
        }
        ro = letter == RO;
        subscripts += 1;
    }
    let shifter = take(|c| c == Class::Shifter);
    let vowel = take(Class::is_vowel);
    let sign = take(|c| matches!(c, Class::Nikahit | Class::Sign));
    take(|c| c == Class::Final);
    if chars.next().is_some() || subscripts > 2 {
        return false;
    }
    if base == Class::Independent && (vowel.is_some() || shifter.is_some() && subscripts > 0) {
        return false;
    }
    match (vowel, sign) {
        // NIKAHIT stands alone or closes AA and U
        (Some(v), Some('\u{17C6}')) => matches!(v, '\u{17B6}' | '\u{17BB}'),
        // BANTOC and SAMYOK SANNYA are vowels of their own
        (Some(_), Some('\u{17CB}' | '\u{17D0}')) => false,
        _ => true,
    }
}

/// The units of a cluster: the base, each mark, and each COENG with its letter as one.
pub fn units(cluster: &str) -> impl Iterator<Item = &str> {
    let mut rest = cluster;
    std::iter::from_fn(move || {
        let mut chars = rest.char_indices();
        let (_, first) = chars.next()?;
        let mut end = first.len_utf8();
        if first == COENG
            && let Some((at, next)) = chars.next()
            && Class::of(next).is_base()
        {
            end = at + next.len_utf8();
        }
        let (unit, tail) = rest.split_at(end);
        rest = tail;
        Some(unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<(&str, Kind)> {
        clusters(text).map(|p| (p.text, p.kind)).collect()
    }

    #[test]
    fn text_is_cut_into_clusters() {
        assert_eq!(
            pieces("ស្ត្រី ១a"),
            [("ស្ត្រី", Kind::Cluster), (" ", Kind::Other), ("១", Kind::Other), ("a", Kind::Other)]
        );
        assert_eq!(
            pieces("ឲ្យធម៌"),
            [("ឲ្យ", Kind::Cluster), ("ធ", Kind::Cluster), ("ម៌", Kind::Cluster)]
        );
    }

    #[test]
    fn marks_without_a_base_are_orphans() {
        assert_eq!(pieces("ាក"), [("ា", Kind::Orphan), ("ក", Kind::Cluster)]);
        assert_eq!(
            pieces("ក្ ខ"),
            [("ក", Kind::Cluster), ("្", Kind::Orphan), (" ", Kind::Other), ("ខ", Kind::Cluster)]
        );
        assert_eq!(pieces(" ្កា"), [(" ", Kind::Other), ("្កា", Kind::Orphan)]);
    }

    #[test]
    fn pieces_cover_the_text() {
        let text = "្្ាក្្រ៍x\u{200B}ំ";
        let mut at = 0;
        for piece in clusters(text) {
            assert_eq!(piece.start, at);
            at += piece.text.len();
        }
        assert_eq!(at, text.len());
    }

    #[test]
    fn grammar() {
        for good in [
            "ក",
            "ស្ត្រី",
            "យ៉ាំ",
            "ធម៌".trim_start_matches('ធ'),
            "ឲ្យ",
            "នុ៎ះ",
            "តិ៍",
            "ក៏",
            "ម៉្លេះ".replace("៉្ល", "្ល៉").as_str(),
        ] {
            assert!(well_formed(good), "{good}");
        }
        for bad in ["", "ា", "ក្", "ក្រ្ក", "កាា", "កោ់", "ឧិ", "\u{17A3}", "កេី", "ក៉្រ", "កំា", "កខ", "ក្ក្ខ្គ"]
        {
            assert!(!well_formed(bad), "{bad}");
        }
    }

    #[test]
    fn units_keep_subscripts_whole() {
        assert_eq!(units("ស្ត្រី").collect::<Vec<_>>(), ["ស", "្ត", "្រ", "ី"]);
    }
}
