//! ActualText of marked content.

use hayro::hayro_syntax::object::{Dict, String as PdfString};

use super::strings::text_string;

/// The open marked contents, and the text that the outermost of them to have one stands for.
#[derive(Debug, Default)]
pub(crate) struct Marked {
    depth: usize,
    text: Option<(usize, Option<String>)>,
}

/// What a glyph inside marked content gets.
#[derive(Debug, PartialEq)]
pub(crate) enum Given {
    /// No ActualText here: the glyph's own text counts.
    Own,
    /// It is the first glyph, and carries the text.
    Text(String),
    /// The text was carried by an earlier glyph.
    Nothing,
}

impl Marked {
    pub(crate) fn begin(&mut self, properties: Option<&Dict<'_>>) {
        self.depth += 1;
        if self.text.is_none()
            && let Some(text) = properties.and_then(|p| p.get::<PdfString<'_>>("ActualText"))
        {
            self.text = Some((self.depth, Some(text_string(text.as_bytes()))));
        }
    }

    pub(crate) fn end(&mut self) {
        if self.text.as_ref().is_some_and(|t| t.0 == self.depth) {
            self.text = None;
        }
        self.depth = self.depth.saturating_sub(1);
    }

    pub(crate) fn take(&mut self) -> Given {
        match &mut self.text {
            None => Given::Own,
            Some((_, text)) => text.take().map_or(Given::Nothing, Given::Text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_actual_text_glyphs_keep_their_own() {
        let mut marked = Marked::default();
        marked.begin(None);
        assert_eq!(marked.take(), Given::Own);
        marked.end();
        marked.end();
        assert_eq!(marked.take(), Given::Own);
    }
}
