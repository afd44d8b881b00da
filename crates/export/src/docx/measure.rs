//! The page's vertical measure, so that its text stands in Word where it stands on paper.

use std::io;

use khocr_document::{Block, BlockKind, Line, Page, Rect};

use super::body::{Layout, twips, type_size};
use super::xml::Xml;

/// Khmer lines closer than this many times their type's size would cut each other's marks.
const CLOSEST: f32 = 1.35;
/// The size of type taken for granted where it is not known.
const USUAL_SIZE: f32 = 11.0;
/// The widest gap kept, in points.
const WIDEST: f32 = 120.0;

/// Walks down a page.
pub(super) struct Measure {
    /// From line to line, in the page's points; `None` on a page without a paragraph of two lines.
    pitch: Option<f32>,
    /// Height of a line's ink.
    ink: f32,
    /// Bottom of the block before, in the page's points.
    bottom: Option<f32>,
}

/// Room above a paragraph and the distance of its lines, in points of the Word document.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Spacing {
    /// Above it.
    pub(super) before: f32,
    /// From line to line; the font's own when absent.
    pub(super) pitch: Option<f32>,
}

impl Measure {
    /// A page's measure, at its top.
    pub(super) fn of(page: &Page) -> Self {
        let steps = page.blocks.iter().flat_map(|b| steps(&b.lines)).collect();
        let heights = page.lines().map(|l| l.rect.height()).collect();
        Self { pitch: median(steps), ink: median(heights).unwrap_or(0.0), bottom: None }
    }

    /// The spacing of the next block down the page.
    pub(super) fn spacing(&mut self, block: &Block, layout: &Layout) -> Spacing {
        let heading = matches!(block.kind, BlockKind::Heading { .. });
        let pitch = median(steps(&block.lines)).or(self.pitch);
        let size = block.lines.first().and_then(type_size).unwrap_or(USUAL_SIZE);
        let Rect { y0, y1, .. } = block.rect;
        let before = match self.bottom {
            // A line's ink does not fill its pitch: what is left over stands between any two lines.
            Some(bottom) => {
                (y0 - bottom - (pitch.unwrap_or(0.0) - self.ink).max(0.0)) * layout.scale
            }
            None => y0 * layout.scale - layout.top,
        };
        self.bottom = Some(y1);
        Spacing {
            before: before.clamp(0.0, WIDEST),
            pitch: pitch.filter(|p| !heading && *p >= CLOSEST * size).map(|p| p * layout.scale),
        }
    }
}

impl Spacing {
    pub(super) fn write(&self, xml: &mut Xml) -> io::Result<()> {
        let before = twips(self.before);
        let line = self.pitch.map(twips);
        let mut attributes = vec![("w:before", before.as_str()), ("w:after", "0")];
        if let Some(line) = &line {
            attributes.extend([("w:line", line.as_str()), ("w:lineRule", "exact")]);
        }
        xml.empty("w:spacing", &attributes)
    }
}

/// From each line to the next one below it.
fn steps(lines: &[Line]) -> Vec<f32> {
    let middle = |l: &Line| (l.rect.y0 + l.rect.y1) / 2.0;
    let steps = lines.windows(2).map(|pair| middle(&pair[1]) - middle(&pair[0]));
    steps.filter(|s| *s > 1.0).collect()
}

fn median(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn gaps_beyond_the_usual_are_room_above() {
        let document = samples::letter();
        let page = &document.pages[0];
        let layout = Layout::default();
        let mut measure = Measure::of(page);
        let spacings: Vec<Spacing> =
            page.blocks.iter().map(|b| measure.spacing(b, &layout)).collect();
        // Lines stand 20 points apart and are 15 high; the heading begins 8 points under the margin.
        assert_eq!(spacings[0], Spacing { before: 8.0, pitch: None });
        assert_eq!(spacings[1], Spacing { before: 40.0, pitch: Some(20.0) });
        assert_eq!(spacings[3], Spacing { before: 2.0, pitch: Some(20.0) });
    }
}
