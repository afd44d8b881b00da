//! Whether a person could still read a degraded line. What nobody can read must not be trained on:
//! it teaches a reader to make text up; nor does it measure one.

use crate::draw::Ink;

/// The least correlation of the ink as drawn with the darkness as scanned, over a stretch of two
/// core heights. Chosen by looking: below it letters can no longer be told apart.
const LEAST: f32 = 0.5;

/// Whether every stretch of the line between `baseline - core` and `baseline` still shows in `gray`
/// (0 black, as large as `clean`) what `clean` was drawn with. Stretches without ink say nothing.
#[must_use]
pub fn legible(clean: &Ink, gray: &[f32], core: f32, baseline: f32) -> bool {
    let top = (baseline - core).max(0.0) as usize;
    let bottom = (baseline.ceil() as usize).min(clean.height);
    let reach = (2.0 * core).ceil() as usize;
    (0..clean.width).step_by(reach.max(1)).all(|from| {
        let to = (from + reach).min(clean.width);
        let pixels = (top..bottom).flat_map(|y| (from..to).map(move |x| y * clean.width + x));
        correlation(pixels.map(|i| (clean.data[i], -gray[i]))).is_none_or(|c| c >= LEAST)
    })
}

/// Pearson's correlation; `None` where there is hardly any ink to compare.
pub(crate) fn correlation(pairs: impl Iterator<Item = (f32, f32)>) -> Option<f32> {
    let (mut n, mut a, mut b, mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (x, y) in pairs {
        let (x, y) = (f64::from(x), f64::from(y));
        (n, a, b) = (n + 1.0, a + x, b + y);
        (aa, bb, ab) = (aa + x * x, bb + y * y, ab + x * y);
    }
    if a < 0.03 * n || n < 1.0 {
        return None;
    }
    let spread = (aa - a * a / n).max(0.0) * (bb - b * b / n).max(0.0);
    Some(((ab - a * b / n) / spread.sqrt().max(1e-9)) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripes(width: usize) -> Ink {
        let mut ink = Ink::blank(width, 20);
        for (i, d) in ink.data.iter_mut().enumerate() {
            *d = f32::from(u8::from(i % width % 6 < 2));
        }
        ink
    }

    #[test]
    fn pale_ink_is_read_and_lost_ink_is_not() {
        let ink = stripes(120);
        let pale: Vec<f32> = ink.data.iter().map(|d| 240.0 - 60.0 * d).collect();
        assert!(legible(&ink, &pale, 10.0, 15.0));
        let mut gone = pale.clone();
        for (i, g) in gone.iter_mut().enumerate() {
            // One stretch of the line has faded.
            if (60..90).contains(&(i % 120)) {
                *g = 240.0 - (i % 7) as f32;
            }
        }
        assert!(!legible(&ink, &gone, 10.0, 15.0));
    }

    #[test]
    fn a_blank_stretch_says_nothing() {
        assert!(legible(&Ink::blank(50, 20), &[250.0; 1000], 10.0, 15.0));
    }
}
