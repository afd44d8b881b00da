//! Halftone: gray tones as black dots, as scanners make of shaded paper and presses of tints.

use fastrand::Rng;

use crate::degrade::{clouds, uniform};
use crate::draw::Ink;

/// One bit a pixel from tones (0 paper, 1 ink) by error diffusion (Floyd and Steinberg, 1976), the
/// threshold shaken by `noise`. Returns 0 for black and 255 for white, as many values as `tones`.
#[must_use]
pub fn diffuse(mut tones: Vec<f32>, width: usize, noise: f32, rng: &mut Rng) -> Vec<f32> {
    let count = tones.len();
    for i in 0..count {
        let black = tones[i] + noise * (rng.f32() - 0.5) > 0.5;
        let rest = tones[i] - f32::from(u8::from(black));
        tones[i] = if black { 0.0 } else { 255.0 };
        let (left, right) = (i % width == 0, (i + 1) % width == 0);
        let mut pass = |to: usize, share: f32, outside: bool| {
            if !outside && to < count {
                tones[to] += rest * share;
            }
        };
        pass(i + 1, 7.0 / 16.0, right);
        pass((i + width).saturating_sub(1), 3.0 / 16.0, left);
        pass(i + width, 5.0 / 16.0, false);
        pass(i + width + 1, 1.0 / 16.0, right);
    }
    tones
}

/// A copier's one-bit picture of shaded paper: the ink, the paper's shade and what shows through
/// as dots. Values as of [`diffuse`].
#[must_use]
pub fn shaded(ink: &Ink, rng: &mut Rng) -> Vec<f32> {
    let shade = uniform(rng, -0.1, 0.32);
    let uneven = uniform(rng, 0.0, 0.22);
    let grain = uniform(rng, 20.0, 250.0);
    let gain = uniform(rng, 1.1, 1.9);
    let paper = clouds(rng, ink.width, ink.height, grain);
    let tones = ink.data.iter().zip(paper).map(|(i, p)| {
        let paper = (shade + uneven * p).clamp(0.0, 0.45);
        paper + (1.0 - paper) * (i * gain).min(1.0)
    });
    let noise = uniform(rng, 0.0, 0.5);
    diffuse(tones.collect(), ink.width, noise, rng)
}

/// Lays a printed tint under the ink: a grid of round dots at 45 degrees, as behind the head of a
/// table. `core` is the text's core height in pixels.
pub fn tint(ink: &mut Ink, rng: &mut Rng, core: f32) {
    let pitch = (uniform(rng, 0.09, 0.3) * core).max(2.0);
    let radius = pitch * uniform(rng, 0.12, 0.34);
    let strength = uniform(rng, 0.3, 0.9);
    let turn = std::f32::consts::FRAC_1_SQRT_2 / pitch;
    for y in 0..ink.height {
        for x in 0..ink.width {
            let (u, v) = ((x as f32 + y as f32) * turn, (x as f32 - y as f32) * turn);
            let (du, dv) = (u - u.round(), v - v.round());
            // Soft by a pixel at the rim.
            let inside = (radius - pitch * du.hypot(dv) + 0.5).clamp(0.0, 1.0);
            let d = &mut ink.data[y * ink.width + x];
            *d = d.max(inside * strength);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_as_dark_as_the_tone() {
        let mut rng = Rng::with_seed(4);
        for tone in [0.1, 0.3, 0.5] {
            let dots = diffuse(vec![tone; 100 * 80], 100, 0.2, &mut rng);
            assert!(dots.iter().all(|&d| d == 0.0 || d == 255.0));
            let black = dots.iter().filter(|&&d| d == 0.0).count() as f32 / 8000.0;
            assert!((black - tone).abs() < 0.03, "{black} for {tone}");
        }
    }

    #[test]
    fn a_tint_leaves_paper_between_its_dots_and_all_of_the_ink() {
        let mut ink = Ink::blank(60, 60);
        ink.data[60 * 30..60 * 31].fill(1.0);
        tint(&mut ink, &mut Rng::with_seed(1), 20.0);
        assert!(ink.data[60 * 30..60 * 31].iter().all(|&d| d == 1.0));
        let paper = ink.data.iter().filter(|&&d| d == 0.0).count();
        assert!((400..3500).contains(&paper), "{paper}");
    }
}
