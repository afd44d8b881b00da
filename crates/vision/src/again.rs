//! Again: short lines read badly are cut once more at the page's own core height.
//!
//! Of a figure between two dashes the finder may mark a thin band, and a few strokes show no clear
//! headline: the crop is then too large. What is read more surely tells which cut was right.

use crate::core::Placed;

/// Longest line that is cut again, in the page's core heights...
const SHORT: f32 = 8.0;
/// ...when its core is no larger than this in the page's...
const SMALL: f32 = 0.8;
/// ...and it was read less surely than this. The second reading must be as sure: specks are not.
pub(crate) const SURE: f32 = 0.9;

/// The line at the page's `core`, on the same middle: dashes stand there. `None` for a line that
/// needs no second look.
#[must_use]
pub(crate) fn at_core(line: &Placed, confidence: f32, core: f32) -> Option<Placed> {
    let short = line.curve.to - line.curve.from < SHORT * core;
    let doubtful = confidence < SURE && line.core < SMALL * core;
    (short && doubtful).then(|| Placed { core, ..line.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ROOM;
    use crate::curve::Curve;

    #[test]
    fn short_small_doubtful_lines_are_looked_at_again() {
        let line = |to: f32, core: f32| Placed {
            curve: Curve::straight(100.0, to, 50.0, 0.0),
            core,
            trust: 1.0,
            room: ROOM,
        };
        let again = at_core(&line(160.0, 8.0), 0.5, 20.0);
        assert_eq!(again.map(|l| l.core), Some(20.0));
        assert!(at_core(&line(160.0, 8.0), 0.95, 20.0).is_none(), "read surely");
        assert!(at_core(&line(160.0, 18.0), 0.5, 20.0).is_none(), "of the page's size");
        assert!(at_core(&line(500.0, 8.0), 0.5, 20.0).is_none(), "long enough to tell");
    }
}
