//! Ink: what is dark enough to be a line's.

use crate::Gray;
use crate::bands::Band;

/// Darker than this is ink; of pale print what is darker than half of its strokes, up to the second.
const INK: (u8, u8) = (160, 205);
/// One pixel in so many of a line's core is as dark as its strokes.
const STROKES: usize = 12;

/// Darker than this is ink of the band.
#[must_use]
pub(crate) fn of(page: &Gray, band: &Band) -> u8 {
    u8::midpoint(strokes(page, band), 255).clamp(INK.0, INK.1)
}

/// How dark the band's strokes are.
#[must_use]
pub(crate) fn strokes(page: &Gray, band: &Band) -> u8 {
    let columns = band.curve.from.max(0.0) as usize..(band.curve.to as usize).min(page.width);
    let mut counts = [0usize; 256];
    for x in columns {
        let y = band.curve.at(x as f32);
        let rows = (y - 0.5 * band.core).max(0.0) as usize..(y + 0.5 * band.core).max(0.0) as usize;
        for y in rows.start..rows.end.min(page.height) {
            counts[usize::from(page.pixels[y * page.width + x])] += 1;
        }
    }
    let all: usize = counts.iter().sum();
    let mut seen = 0;
    let stroke = counts.iter().position(|n| {
        seen += n;
        seen * STROKES >= all
    });
    stroke.unwrap_or(0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Curve;

    #[test]
    fn of_pale_print_lighter_dots_are_ink_too() {
        let band = |y: f32| Band {
            curve: Curve::straight(10.0, 190.0, y, 0.0),
            core: 10.0,
            score: 1.0,
            points: Vec::new(),
        };
        let mut page = Gray::filled(200, 100, 255);
        for (y, value) in [(20, 0), (70, 130)] {
            for x in (10..190).filter(|x| x % 5 < 2) {
                (y..y + 10).for_each(|y| page.pixels[y * 200 + x] = value);
            }
        }
        assert_eq!(of(&page, &band(25.0)), 160);
        assert_eq!(of(&page, &band(75.0)), 192);
        assert_eq!(of(&page, &band(50.0)), 205, "blank");
    }
}
