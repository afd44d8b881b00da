//! Evidence: whether what was read is text rather than specks, stamps or pictures.

use crate::Gray;
use crate::bands::Band;
use crate::blocks::is_page_number;
use crate::core::Placed;
use crate::layout::Item;
use crate::look::Looked;

/// Lines of fewer signs are hard to tell from specks.
const FEW: usize = 5;
/// Least logarithm of the odds of a line that looks like text: even.
const LEAST: f32 = 0.1;
/// The same for lines of few signs or of another size than the page's.
const ODD: f32 = 0.5;
/// What all that is known must say too, of lines of few signs and of others.
const LEAST_OF_ALL: (f32, f32) = (0.8, 0.9);
/// What it must say of lines that do not look like text but are read so surely outside of figures.
const SURELY: (f32, f32) = (1.0, 0.9);
/// Surest that small specks are read.
const SMALL: f32 = 0.85;
/// Longest that a few signs are, in core heights: so much, and so much for each.
const APART: (f32, f32) = (3.0, 2.5);
/// A lone sign farther beside the page's text than the first is dirt of the margin unless it is read
/// as surely as the second.
const FAR: (f32, f32) = (5.0, 0.97);
/// Points and dashes read less surely than this are specks.
const MARKS: f32 = 0.75;

/// What speaks for and against a line's being text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence {
    /// Mean confidence of its signs, as the net says.
    pub confidence: f32,
    /// Signs read.
    pub signs: usize,
    /// Letters and digits among them.
    pub letters: usize,
    /// Dots of leaders among them.
    pub dots: usize,
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
    /// How strong its strokes are, as [`contrast`], in the page's surely read lines'; 1 where
    /// there are none.
    pub ink: f32,
    /// Mean confidence of its signs read as a mirror shows it, where that was asked; else 0.
    pub mirrored: f32,
    /// Whether it looks like print of the sheet's back that shows through.
    pub ghost: bool,
    /// How far its middle stands beside the page's surely read lines, in the page's core heights; 0
    /// where it stands above, among or below them.
    pub aside: f32,
}

impl Evidence {
    /// Of a line as read; `core` is the page's typical core height.
    #[must_use]
    pub fn of(item: &Item, line: &Placed, band: &Band, looked: &Looked, core: f32) -> Self {
        let signs = || item.words.iter().flat_map(|w| w.text.chars());
        Self {
            confidence: item.confidence,
            signs: signs().count(),
            letters: signs().filter(|c| c.is_alphanumeric()).count(),
            dots: signs().filter(|c| matches!(c, '.' | '…' | '_')).count(),
            size: item.core / core,
            length: band.length() / item.core,
            figure: share_of_figure(looked, band),
            band: band.score,
            trust: line.trust,
            number: is_page_number(&item.text()),
            found: !band.points.is_empty(),
            ink: 1.0,
            mirrored: 0.0,
            ghost: false,
            aside: 0.0,
        }
    }

    /// Whether it was read so surely that its ink tells how the page's print looks.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.found && self.confidence > 0.8 && self.letters >= 6 && self.figure < 0.2
    }

    /// The verdict. One without the finder's word must be the page number it was taken for.
    #[must_use]
    pub fn is_text(&self) -> bool {
        let far = self.signs < 2 && self.aside > FAR.0 && self.confidence < FAR.1;
        if self.signs == 0 || self.is_specks() || self.ghost || far {
            return false;
        }
        if !self.found {
            return self.is_number();
        }
        let least = if self.signs < FEW { LEAST_OF_ALL.0 } else { LEAST_OF_ALL.1 };
        let odds = self.odds();
        let sure = self.confidence > SURELY.1 && self.letters > 0;
        let surely = sure && self.figure < 0.15 && odds > SURELY.0;
        self.looks_like_text() && odds > least || surely
    }

    /// Whether it reads as a page number outside of a figure.
    fn is_number(&self) -> bool {
        let specks = self.size < 0.5 && self.signs < FEW && self.confidence < SMALL;
        self.number && self.confidence > 0.5 && self.figure <= 0.5 && !specks
    }

    /// Whether its band, its size and what it reads speak for text.
    fn looks_like_text(&self) -> bool {
        let few = self.signs < FEW;
        // A few signs half as high as the page's text are specks.
        if few && self.size < 0.5 && self.confidence < SMALL {
            return false;
        }
        let sized = (0.5..2.0).contains(&self.size);
        // A figure alone in its cell, where the finder is sure of it.
        let figure = few && sized && self.figure < 0.2;
        if self.is_number() || figure && self.band > 0.75 && self.confidence > 0.4 {
            return true;
        }
        // Real scans have specks that drawn ones lack: for few signs more must speak, or they must be
        // read surely.
        let odd = !sized || few;
        let odds = self.odds_of_band();
        odds > LEAST && (!odd || self.number || self.confidence > 0.72 || odds > ODD)
    }

    /// Whether it looks like specks: a few signs far apart, or hardly a letter among them and not
    /// read surely.
    #[must_use]
    pub fn is_specks(&self) -> bool {
        let apart = self.letters < 3 && self.length > APART.0 + APART.1 * self.signs as f32;
        let leader = self.dots > 5 && self.dots * 5 > self.signs * 4;
        !leader && (apart || self.is_marks() && self.confidence < MARKS)
    }

    /// Whether what was read is points, dashes and quotation marks, with hardly a letter among them.
    fn is_marks(&self) -> bool {
        self.letters < if self.signs < 6 { 1 } else { 3 }
    }

    /// Whether only the stamp or figure that it lies in speaks against it.
    #[must_use]
    pub fn is_text_in_figure(&self) -> bool {
        self.figure > 0.3
            && self.confidence > 0.5
            && self.signs >= 3
            && Self { figure: 0.0, ..*self }.is_text()
    }

    /// Logarithm of the odds that it is text, as an earlier fit had it: the band's score says most, and
    /// figures count against it.
    fn odds_of_band(&self) -> f32 {
        let signs = (1.0 + self.signs as f32).ln();
        -13.0 + 0.4 * self.confidence + 1.15 * signs + 1.9 * self.confidence * signs
            - 0.5 * self.size.max(0.05).ln().abs()
            - 1.25 * (1.0 + self.length).ln()
            - 6.3 * self.figure
            + 16.0 * self.band
            + 0.6 * self.trust
            + 1.6 * f32::from(u8::from(self.number))
    }

    /// Logarithm of the odds that it is text, by all that is known of it. Drawn pages are kinder than
    /// real ones to what is read badly, so this alone takes too much.
    fn odds(&self) -> f32 {
        let signs = self.signs.max(1) as f32;
        let known = [
            self.confidence,
            signs.ln_1p(),
            self.confidence * signs.ln_1p(),
            self.letters as f32 / signs,
            self.size.max(0.05).ln().abs(),
            self.length.ln_1p(),
            self.figure,
            self.band,
            self.trust,
            f32::from(u8::from(self.number)),
            (self.ink - 1.1).clamp(0.0, 1.5),
            (0.7 - self.ink).max(0.0),
            self.aside.min(4.0),
            1.0,
        ];
        let weights = if self.signs < FEW { &OF_FEW } else { &OF_MANY };
        known.iter().zip(weights).map(|(x, w)| x * w).sum()
    }
}

/// What each of the things in [`Evidence::odds`] says, in its order, of lines of few signs and of
/// others: fitted by `training/evidence.py` (logistic regression) to the lines of drawn pages that
/// `examples/score_pages --evidence` writes.
const OF_FEW: [f32; 14] =
    [0.56, 0.10, 1.35, 1.21, -2.59, -0.90, -2.82, 8.79, 0.95, 0.12, -2.62, -5.47, -0.49, -5.52];
const OF_MANY: [f32; 14] =
    [0.56, 0.69, 1.12, 3.63, -3.07, -1.03, -0.94, 11.37, 0.54, 0.57, -0.65, -11.21, -0.22, -9.67];

/// How far a line's strokes stand out from what is between them, `0.0..=1.0`: its core in tiles of
/// an eighth of its height, the strongest thirtieth against the middle one. Grain and the crumbs
/// of print that shows through the paper do not fill a tile.
#[must_use]
pub fn contrast(page: &Gray, line: &Placed) -> f32 {
    let side = (line.core / 8.0).max(1.0);
    let across = ((line.curve.to - line.curve.from) / side).max(1.0) as usize;
    let mut tiles = Vec::with_capacity(across * 8);
    for i in 0..across {
        let x = line.curve.from + i as f32 * side;
        let top = line.curve.at(x) - line.core / 2.0;
        for j in 0..8 {
            tiles.extend(page.mean((x, top + j as f32 * side), side));
        }
    }
    if tiles.is_empty() {
        return 0.0;
    }
    tiles.sort_by(f32::total_cmp);
    let (dark, light) = (tiles[tiles.len() / 30], tiles[tiles.len() - 1 - tiles.len() / 30]);
    let middle = tiles[tiles.len() / 2];
    (middle - dark).max(light - middle) / 255.0
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
            letters: 28,
            dots: 0,
            size: 1.0,
            length: 20.0,
            figure: 0.0,
            band: 0.9,
            trust: 1.5,
            number: false,
            found: true,
            ink: 1.0,
            mirrored: 0.0,
            ghost: false,
            aside: 0.0,
        }
    }

    #[test]
    fn text_is_taken_and_specks_are_not() {
        assert!(line().is_text());
        let speck =
            Evidence { confidence: 0.3, signs: 2, length: 3.0, band: 0.6, trust: 0.3, ..line() };
        let small = Evidence { size: 0.4, number: true, confidence: 0.7, signs: 2, ..line() };
        assert!(!small.is_text());
        let apart = Evidence { signs: 3, letters: 2, length: 14.0, ..line() };
        let marks = Evidence { confidence: 0.7, signs: 12, letters: 1, ..line() };
        assert!(!apart.is_text() && !marks.is_text());
        assert!(Evidence { dots: 11, ..marks }.is_text(), "dots to be filled in are read");
        assert!(!speck.is_text());
        let dirt = Evidence { signs: 1, letters: 1, length: 0.6, aside: 9.0, ..line() };
        assert!(!dirt.is_text() && Evidence { aside: 2.0, ..dirt }.is_text());
        let figure = Evidence { confidence: 0.5, signs: 1, length: 0.6, ..line() };
        assert!(figure.is_text(), "a lone figure that the finder is sure of is read");
        let worn = Evidence { confidence: 0.45, ..line() };
        assert!(worn.is_text(), "a worn line that the finder is sure of is read");
    }

    #[test]
    fn what_a_stamp_covers_is_doubtful() {
        let covered = Evidence { figure: 0.97, confidence: 0.59, signs: 11, band: 0.78, ..line() };
        assert!(!covered.is_text() && covered.is_text_in_figure());
        assert!(!Evidence { confidence: 0.3, ..covered }.is_text_in_figure());
    }

    #[test]
    fn stray_ink_must_be_a_page_number() {
        let stray = Evidence { found: false, signs: 2, length: 1.0, band: 0.5, ..line() };
        assert!(!stray.is_text());
        assert!(Evidence { number: true, ..stray }.is_text());
    }

    /// A page with three lines of print and, between them, crumbs of what shows through.
    #[test]
    fn crumbs_have_less_contrast_than_strokes() {
        let mut page = Gray::filled(400, 200, 255);
        let mut rng = 12345u32;
        for y in 0..200 {
            for x in 20..380 {
                rng = rng.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let stroke = x % 16 < 6;
                let print = y % 50 < 16 && stroke;
                let crumb = (28..44).contains(&(y % 50)) && stroke && rng >> 28 < 4;
                if print || crumb {
                    page.pixels[y * 400 + x] = 0;
                }
            }
        }
        let placed = |y: f32| Placed {
            curve: crate::curve::Curve::straight(20.0, 380.0, y, 0.0),
            core: 16.0,
            trust: 1.0,
            room: crate::core::ROOM,
        };
        let contrasts = [8.0, 58.0, 108.0, 36.0].map(|y| contrast(&page, &placed(y)));
        assert!(contrasts[..3].iter().all(|c| *c > 0.9), "{contrasts:?}");
        assert!(contrasts[3] < 0.6 * contrasts[0], "{contrasts:?}");
    }
}
