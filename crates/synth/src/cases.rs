//! Cases: faces that draw small letters as capitals. What the eye sees is a capital, and a label that
//! says otherwise teaches a reader to guess.

use tiny_skia::{FillRule, Mask, Path, Transform};

use crate::fonts::Face;

/// How a face draws small Latin letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// As small letters.
    Small,
    /// As capitals, all of one height.
    Capital,
    /// As lower capitals: nobody can say what was typed.
    Lower,
}

/// Small letters that look like their capitals in no other face.
const LETTERS: &str = "abdeghnqrt";
/// Side of the square that letters are compared in.
const SIDE: u32 = 24;
/// Letters look alike when their ink correlates more than this...
const ALIKE: f32 = 0.65;
/// ...and so many of a face's must.
const MOST: usize = 8;
/// Least height of a small letter drawn as a full capital, in that of its capital.
const FULL: f32 = 0.95;

/// How the face draws small Latin letters; [`Case::Small`] where it has none.
#[must_use]
pub(crate) fn case(face: &Face) -> Case {
    case_of(LETTERS.chars().filter_map(|c| {
        let (small, capital) = (face.outline(c)?, face.outline(c.to_ascii_uppercase())?);
        Some((Path::clone(&small), Path::clone(&capital)))
    }))
}

/// The same of pairs of a small letter's outline and its capital's.
fn case_of(pairs: impl Iterator<Item = (Path, Path)>) -> Case {
    let (mut alike, mut full) = (0, 0);
    for (small, capital) in pairs {
        if correlation(&squared(&small), &squared(&capital)) > ALIKE {
            alike += 1;
            full += usize::from(small.bounds().height() > FULL * capital.bounds().height());
        }
    }
    match () {
        () if alike < MOST => Case::Small,
        () if full * 2 > alike => Case::Capital,
        () => Case::Lower,
    }
}

/// The outline's ink, its box stretched to a square.
fn squared(path: &Path) -> Vec<u8> {
    let (b, side) = (path.bounds(), SIDE as f32);
    let (sx, sy) = (side / b.width().max(1.0), side / b.height().max(1.0));
    let to = Transform::from_row(sx, 0.0, 0.0, sy, -b.left() * sx, -b.top() * sy);
    let Some(mut mask) = Mask::new(SIDE, SIDE) else { return Vec::new() };
    mask.fill_path(path, FillRule::Winding, true, to);
    mask.take()
}

fn correlation(a: &[u8], b: &[u8]) -> f32 {
    let n = a.len().max(1) as f32;
    let mean = |v: &[u8]| v.iter().map(|x| f32::from(*x)).sum::<f32>() / n;
    let (ma, mb) = (mean(a), mean(b));
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (f32::from(*x) - ma, f32::from(*y) - mb);
        (aa, bb, ab) = (aa + x * x, bb + y * y, ab + x * y);
    }
    ab / (aa * bb).sqrt().max(1e-9)
}

#[cfg(test)]
mod tests {
    use tiny_skia::PathBuilder;

    use super::*;

    /// A letter of two bars, so high, in a box of this size.
    fn letter(width: f32, height: f32, bars: [f32; 2]) -> Path {
        let mut pen = PathBuilder::new();
        for (x, top) in [0.0, 0.7].into_iter().zip(bars) {
            let bar = tiny_skia::Rect::from_ltrb(x * width, 0.0, (x + 0.3) * width, top * height);
            pen.push_rect(bar.unwrap());
        }
        pen.finish().unwrap()
    }

    fn of(height: f32, alike: bool) -> Case {
        let pairs = (1..11).map(|i| {
            let bars = [1.0, 0.05 * i as f32];
            let small = if alike { bars } else { [bars[1], bars[0]] };
            (letter(400.0, height, small), letter(500.0, 700.0, bars))
        });
        case_of(pairs)
    }

    #[test]
    fn capitals_for_small_letters_are_told_by_shape_and_height() {
        assert_eq!(of(700.0, true), Case::Capital);
        assert_eq!(of(520.0, true), Case::Lower);
        assert_eq!(of(520.0, false), Case::Small);
        assert_eq!(case_of(std::iter::empty()), Case::Small, "a face without Latin");
    }
}
