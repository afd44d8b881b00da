//! Evidence: whether what was read is text rather than specks, stamps or pictures.

use crate::bands::Band;
use crate::blocks::is_page_number;
use crate::core::Placed;
use crate::layout::Item;
use crate::look::Looked;

/// Least logarithm of the odds: two in three.
const LEAST: f32 = 0.7;

/// What speaks for and against a line's being text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence {
    /// Mean confidence of its signs, as the net says.
    pub confidence: f32,
    /// Signs read.
    pub signs: usize,
    /// Its core height in the page's typical one.
    pub size: f32,
    /// Length in its own core heights.
    pub length: f32,
    /// Mean of the finder's figure map along it.
    pub figure: f32,
    /// Mean of the finder's core map over its band.
    pub band: f32,
    /// How sharply its ink showed headline and baseline, as [`Placed::trust`].
    pub trust: f32,
    /// Whether it reads as a page number.
    pub number: bool,
    /// Whether the finder saw it, or only stray ink did.
    pub found: bool,
}

impl Evidence {
    /// Of a line as read; `core` is the page's typical core height.
    #[must_use]
    pub fn of(item: &Item, line: &Placed, band: &Band, looked: &Looked, core: f32) -> Self {
        Self {
            confidence: item.confidence,
            signs: item.words.iter().map(|w| w.text.chars().count()).sum(),
            size: item.core / core,
            length: band.length() / item.core,
            figure: share_of_figure(looked, band),
            band: band.score,
            trust: line.trust,
            number: is_page_number(&item.text()),
            found: !band.points.is_empty(),
        }
    }

    /// The verdict. One without the finder's word must be the page number it was taken for.
    #[must_use]
    pub fn is_text(&self) -> bool {
        if self.signs == 0 {
            return false;
        }
        if self.number && self.confidence > 0.5 && self.figure <= 0.5 {
            return true;
        }
        if !self.found {
            return false;
        }
        // Real scans have specks that drawn ones lack: few signs must also be read surely.
        let odd = !(0.5..2.0).contains(&self.size) || self.signs < 5;
        self.odds() > LEAST && (!odd || self.number || self.confidence > 0.72)
    }

    /// Logarithm of the odds that it is text, fitted (logistic regression) to the lines of drawn
    /// pages that `examples/score_pages --evidence` writes. The band's score says most.
    fn odds(&self) -> f32 {
        let signs = (1.0 + self.signs as f32).ln();
        -13.0 + 0.4 * self.confidence + 1.15 * signs + 1.9 * self.confidence * signs
            - 0.5 * self.size.max(0.05).ln().abs()
            - 1.25 * (1.0 + self.length).ln()
            - 6.3 * self.figure
            + 16.0 * self.band
            + 0.6 * self.trust
            + 1.6 * f32::from(u8::from(self.number))
    }
}

/// Mean of the finder's figure map along a band.
fn share_of_figure(looked: &Looked, band: &Band) -> f32 {
    let (maps, cell) = (&looked.found.maps, looked.found.cell);
    let (mut sum, mut n) = (0.0, 0.0f32);
    let mut x = band.curve.from;
    while x < band.curve.to {
        let (c, r) = ((x / cell) as usize, (band.curve.at(x).max(0.0) / cell) as usize);
        if c < maps.width
            && let Some(v) = maps.figures.get(r * maps.width + c)
        {
            sum += v;
            n += 1.0;
        }
        x += cell;
    }
    sum / n.max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Evidence {
        Evidence {
            confidence: 0.9,
            signs: 30,
            size: 1.0,
            length: 20.0,
            figure: 0.0,
            band: 0.9,
            trust: 1.5,
            number: false,
            found: true,
        }
    }

    #[test]
    fn text_is_taken_and_specks_are_not() {
        assert!(line().is_text());
        let speck =
            Evidence { confidence: 0.3, signs: 2, length: 3.0, band: 0.6, trust: 0.3, ..line() };
        assert!(!speck.is_text());
        let worn = Evidence { confidence: 0.45, ..line() };
        assert!(worn.is_text(), "a worn line that the finder is sure of is read");
    }

    #[test]
    fn stray_ink_must_be_a_page_number() {
        let stray = Evidence { found: false, signs: 2, length: 1.0, band: 0.5, ..line() };
        assert!(!stray.is_text());
        assert!(Evidence { number: true, ..stray }.is_text());
    }
}
