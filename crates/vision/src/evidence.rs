//! Evidence: whether what was read is text rather than specks, stamps or pictures.

use crate::bands::Band;
use crate::blocks::is_page_number;
use crate::core::Placed;
use crate::layout::Item;
use crate::look::Looked;

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

    /// The verdict. Of few signs, of a size unlike the page's, or inside a figure, a line must be
    /// surer; one without the finder's word must be the page number it was taken for.
    #[must_use]
    pub fn is_text(&self) -> bool {
        let odd = !(0.5..2.0).contains(&self.size) || self.signs < 5;
        let least = match () {
            () if self.figure > 0.5 => 0.8,
            () if odd && !self.number => 0.72,
            () => 0.5,
        };
        self.confidence > least && (self.found || self.number)
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
