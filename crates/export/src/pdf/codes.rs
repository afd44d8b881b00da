//! One code for each different cluster of a document.

use std::collections::HashMap;

/// Codes of one font; a code is two bytes.
const PER_FONT: usize = 65_535;

/// The clusters met so far, each with its code. A document with more than a font's worth of
/// different clusters takes more fonts.
pub(super) struct Codes {
    known: HashMap<String, (usize, u16)>,
    fonts: Vec<Vec<String>>,
    per_font: usize,
}

impl Codes {
    pub(super) fn new() -> Self {
        Self { known: HashMap::new(), fonts: Vec::new(), per_font: PER_FONT }
    }

    /// Font number and code of a cluster.
    pub(super) fn of(&mut self, cluster: &str) -> (usize, u16) {
        if let Some(&known) = self.known.get(cluster) {
            return known;
        }
        if self.fonts.last().is_none_or(|f| f.len() >= self.per_font) {
            self.fonts.push(Vec::new());
        }
        let font = self.fonts.len() - 1;
        let code = self.fonts[font].len() as u16;
        self.fonts[font].push(cluster.to_owned());
        self.known.insert(cluster.to_owned(), (font, code));
        (font, code)
    }

    /// The clusters of each font in the order of their codes.
    pub(super) fn fonts(&self) -> impl Iterator<Item = &[String]> {
        self.fonts.iter().map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_font_is_followed_by_another() {
        let mut codes = Codes { per_font: 2, ..Codes::new() };
        assert_eq!(codes.of("ក"), (0, 0));
        assert_eq!(codes.of("ខ"), (0, 1));
        assert_eq!(codes.of("ក"), (0, 0));
        assert_eq!(codes.of("គ "), (1, 0));
        assert_eq!(codes.fonts().map(<[String]>::len).collect::<Vec<_>>(), [2, 1]);
    }
}
