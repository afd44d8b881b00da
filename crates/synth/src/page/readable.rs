//! Readable: whether a person could still read a line of a worn page. What nobody can read measures
//! no reader.

use super::labels::Band;
use crate::legible::correlation;

/// The least correlation of a stretch's ink as drawn with its darkness on the worn page. Chosen by
/// looking: above it are letters that a threshold made fat or thin, below it crumbs of them.
const LEAST: f32 = 0.38;
/// The length of a stretch that is looked at, in core heights.
const STRETCH: f32 = 2.0;
/// The eye takes together what lies within this, in core heights: less than half of a stroke.
const BLUR: f32 = 0.1;
/// A line is read when this share of its stretches can be.
const MOST: f32 = 0.75;

/// Lines this much larger or smaller than another are of another size.
const SIZE: f32 = 1.25;

/// The core height of a line, in the band's pixels.
fn core(band: &Band) -> f32 {
    let heights = band.top.iter().zip(&band.foot).map(|(t, f)| f.1 - t.1);
    heights.sum::<f32>() / band.top.len().max(1) as f32
}

/// Takes out what was worn as most lines of its size on the page were, which nobody can read: a blurred
/// figure is as dark where it was drawn as a sharp one, and alone too short to show it.
pub(super) fn without_worn(readable: &mut [bool], bands: &[Band]) {
    let cores: Vec<f32> = bands.iter().map(core).collect();
    let all = readable.to_vec();
    for (own, line) in cores.iter().zip(readable) {
        let alike = |o: &&(&f32, &bool)| (1.0 / SIZE..SIZE).contains(&(o.0 / own));
        let peers: Vec<bool> = cores.iter().zip(&all).filter(|o| alike(&o)).map(|o| *o.1).collect();
        *line &= peers.iter().filter(|r| **r).count() * 2 >= peers.len();
    }
}

/// Whether most stretches of the line between its core's top and foot show in `worn` what `clean` was
/// drawn with: two gray pictures of `size`, `scale` pixels to one of the band's. What is between the
/// `words` (from, to) says nothing.
pub(super) fn readable(
    clean: &[u8],
    worn: &[u8],
    size: (usize, usize),
    scale: f32,
    band: &Band,
    words: &[(f32, f32)],
) -> bool {
    let core = scale * core(band);
    let step = (BLUR * core).round().max(1.0) as usize;
    let mean = |picture: &[u8], x: usize, y: usize| {
        let mut sum = 0u32;
        for row in y..y + step {
            let pixels = &picture[row * size.0 + x..row * size.0 + x + step];
            sum += pixels.iter().map(|p| u32::from(*p)).sum::<u32>();
        }
        sum as f32 / (step * step) as f32
    };
    let (mut stretches, mut lost) = (0, 0);
    let mut pairs: Vec<(f32, f32)> = Vec::new();
    let mut end = |pairs: &mut Vec<(f32, f32)>| {
        if let Some(alike) = correlation(pairs.drain(..)) {
            stretches += 1;
            lost += usize::from(alike < LEAST);
        }
    };
    let mut passed = 0.0;
    for (tops, feet) in band.top.windows(2).zip(band.foot.windows(2)) {
        let width = (tops[1].0 - tops[0].0) * scale;
        let count = (width / step as f32).ceil().max(1.0) as usize;
        for i in 0..count {
            let t = i as f32 / count as f32;
            let at = |pair: &[(f32, f32)], f: fn(&(f32, f32)) -> f32| {
                scale * (f(&pair[0]) + t * (f(&pair[1]) - f(&pair[0])))
            };
            let inked =
                words.iter().any(|w| (w.0 * scale..w.1 * scale).contains(&at(tops, |p| p.0)));
            let (x, top, foot) = (at(tops, |p| p.0), at(tops, |p| p.1), at(feet, |p| p.1));
            for y in (top.max(0.0) as usize..foot.max(0.0) as usize).step_by(step) {
                if inked && x >= 0.0 && x as usize + step <= size.0 && y + step <= size.1 {
                    let x = x as usize;
                    pairs.push((255.0 - mean(clean, x, y), -mean(worn, x, y)));
                }
            }
            passed += width / count as f32;
            if passed > STRETCH * core {
                end(&mut pairs);
                passed = 0.0;
            }
        }
    }
    end(&mut pairs);
    lost as f32 <= (1.0 - MOST) * stretches as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_among_lines_that_nobody_can_read_is_not_readable() {
        let band = |core: f32| Band { top: vec![(0.0, 0.0)], foot: vec![(0.0, core)] };
        let bands = [6.0, 6.5, 5.5, 12.0].map(band);
        let mut readable = [true, false, false, true];
        without_worn(&mut readable, &bands);
        assert_eq!(readable, [false, false, false, true]);
        let mut readable = [true, true, false, true];
        without_worn(&mut readable, &bands);
        assert_eq!(readable, [true, true, false, true]);
    }

    #[test]
    fn a_line_worn_to_dots_is_not_readable_and_a_pale_one_is() {
        let size = (200, 40);
        let clean: Vec<u8> = (0..200 * 40)
            .map(|i| if i % 200 % 8 < 3 && (10..30).contains(&(i / 200)) { 0 } else { 255 })
            .collect();
        let band = Band {
            top: (0..=10).map(|i| (10.0 + 18.0 * i as f32, 10.0)).collect(),
            foot: (0..=10).map(|i| (10.0 + 18.0 * i as f32, 30.0)).collect(),
        };
        let pale: Vec<u8> = clean.iter().map(|c| if *c == 0 { 190 } else { 240 }).collect();
        assert!(readable(&clean, &pale, size, 1.0, &band, &[(0.0, 200.0)]));
        let dots: Vec<u8> = (0..clean.len())
            .map(|i| if clean[i] == 0 && i * 7919 % 97 == 0 { 0 } else { 255 })
            .collect();
        assert!(!readable(&clean, &dots, size, 1.0, &band, &[(0.0, 200.0)]));
    }
}
