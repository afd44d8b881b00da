//! What presses, scanners, copiers and phones do to ink.

use fastrand::Rng;

use crate::draw::Ink;
use crate::{jpeg, screen};

/// A draw from the normal distribution with standard deviation 1 (sum of twelve uniforms).
#[must_use]
pub fn normal(rng: &mut Rng) -> f32 {
    (0..12).map(|_| rng.f32()).sum::<f32>() - 6.0
}

/// A uniform draw.
#[must_use]
pub fn uniform(rng: &mut Rng, from: f32, to: f32) -> f32 {
    from + (to - from) * rng.f32()
}

/// Blurs by a Gaussian of `sigma` pixels, in place.
pub fn blur(data: &mut [f32], width: usize, height: usize, sigma: f32) {
    if sigma < 0.2 {
        return;
    }
    let radius = (sigma * 2.5).ceil() as isize;
    let mut kernel: Vec<f32> =
        (-radius..=radius).map(|i| (-(i * i) as f32 / (2.0 * sigma * sigma)).exp()).collect();
    let sum: f32 = kernel.iter().sum();
    kernel.iter_mut().for_each(|k| *k /= sum);
    // Each row is widened by its end values, so that the inner loop has no bounds to mind.
    let reach = radius as usize;
    let mut line = vec![0.0; width + 2 * reach];
    for row in data.chunks_mut(width) {
        line[..reach].fill(row[0]);
        line[reach..reach + width].copy_from_slice(row);
        line[reach + width..].fill(row[width - 1]);
        row.fill(0.0);
        for (shift, k) in kernel.iter().enumerate() {
            for (out, v) in row.iter_mut().zip(&line[shift..shift + width]) {
                *out += k * v;
            }
        }
    }
    // Columns, a whole row at a time so that the inner loop runs along memory.
    let source = data.to_vec();
    data.fill(0.0);
    for y in 0..height {
        for (d, k) in (-radius..=radius).zip(&kernel) {
            let from = (y as isize + d).clamp(0, height as isize - 1) as usize * width;
            let out = &mut data[y * width..(y + 1) * width];
            for (o, s) in out.iter_mut().zip(&source[from..from + width]) {
                *o += k * s;
            }
        }
    }
}

/// Smooth noise, about -1..=1, that changes over `grain` pixels.
#[must_use]
pub fn clouds(rng: &mut Rng, width: usize, height: usize, grain: f32) -> Vec<f32> {
    let grain = grain.max(1.0);
    let (gw, gh) = ((width as f32 / grain) as usize + 3, (height as f32 / grain) as usize + 3);
    let grid: Vec<f32> = (0..gw * gh).map(|_| uniform(rng, -1.0, 1.0)).collect();
    // Along a row first, once for each row of the grid; then between two such rows.
    let rows: Vec<Vec<f32>> = grid
        .chunks(gw)
        .map(|row| {
            let place = |x: usize| (x as f32 / grain, (x as f32 / grain) as usize);
            (0..width)
                .map(|x| {
                    let (at, i) = place(x);
                    row[i] + (row[i + 1] - row[i]) * (at - i as f32)
                })
                .collect()
        })
        .collect();
    let mut out = Vec::with_capacity(width * height);
    for y in 0..height {
        let at = y as f32 / grain;
        let t = at.fract();
        let (above, below) = (&rows[at as usize], &rows[at as usize + 1]);
        out.extend(above.iter().zip(below).map(|(a, b)| a + (b - a) * t));
    }
    out
}

/// Ink that spread or wore off: blurred, shaken by smooth noise, cut again.
pub fn press(ink: &mut Ink, rng: &mut Rng, core: f32) {
    let spread = uniform(rng, 0.02, 0.055) * core;
    blur(&mut ink.data, ink.width, ink.height, spread.max(0.35));
    // Copies of copies: thin strokes gone, in some places more than in others.
    let worn = rng.f32() < 0.2;
    let bias = if worn { uniform(rng, -0.34, -0.1) } else { uniform(rng, -0.28, 0.2) };
    let grain = uniform(rng, 0.04, 0.25) * core;
    let rough = uniform(rng, 0.0, if worn { 0.5 } else { 0.33 });
    let mut noise = clouds(rng, ink.width, ink.height, grain);
    if worn {
        let (grain, depth) = (uniform(rng, 0.5, 5.0) * core, uniform(rng, 0.0, 0.4));
        for (n, patch) in noise.iter_mut().zip(clouds(rng, ink.width, ink.height, grain)) {
            *n += depth * patch;
        }
    }
    let slope = uniform(rng, 2.0, 7.0);
    for (d, n) in ink.data.iter_mut().zip(noise) {
        if *d > 0.01 {
            *d = ((*d - 0.5 + bias + rough * n * 0.7) * slope + 0.5).clamp(0.0, 1.0);
        }
    }
}

/// Specks and blots on the paper, holes in the ink.
pub fn specks(ink: &mut Ink, rng: &mut Rng, core: f32) {
    let area = (ink.width * ink.height) as f32 / (core * core);
    let count = (area * uniform(rng, 0.0, 0.35).powi(2) * 3.0) as usize;
    for _ in 0..count {
        let (cx, cy) = (rng.f32() * ink.width as f32, rng.f32() * ink.height as f32);
        let size = uniform(rng, 0.02, 0.09) * core * if rng.u8(..12) == 0 { 2.0 } else { 1.0 };
        let value = if rng.f32() < 0.8 { uniform(rng, 0.4, 1.0) } else { 0.0 };
        let r = size.ceil() as isize + 1;
        for dy in -r..=r {
            for dx in -r..=r {
                let (x, y) = (cx as isize + dx, cy as isize + dy);
                if x < 0 || y < 0 || x >= ink.width as isize || y >= ink.height as isize {
                    continue;
                }
                if ((dx * dx + dy * dy) as f32) <= size * size + 0.2 {
                    ink.data[y as usize * ink.width + x as usize] = value;
                }
            }
        }
    }
}

/// Ink to gray: the tones of ink and paper, light that falls off, noise of the sensor, JPEG, or
/// one bit a pixel. Gray runs from 0 (black) to 255.
#[must_use]
pub fn scan(ink: &Ink, rng: &mut Rng, harsh: f32) -> Vec<f32> {
    let (w, h) = (ink.width, ink.height);
    let mut ink = ink.clone();
    if rng.f32() < 0.75 * harsh + 0.1 {
        let sigma = uniform(rng, 0.2, 0.45 + 0.75 * harsh);
        blur(&mut ink.data, w, h, sigma);
    }
    if rng.f32() < 0.25 * harsh {
        return if rng.f32() < 0.35 { screen::shaded(&ink, rng) } else { one_bit(&ink, rng) };
    }
    let dark = if rng.f32() < 0.6 { uniform(rng, 0.0, 60.0) } else { uniform(rng, 30.0, 130.0) };
    let light =
        if rng.f32() < 0.5 { uniform(rng, 245.0, 255.0) } else { uniform(rng, 170.0, 255.0) };
    let light = light.max(dark + 70.0);
    let uneven = if rng.f32() < 0.4 * harsh { uniform(rng, 0.0, 38.0) } else { 0.0 };
    let grain = uniform(rng, 30.0, 300.0);
    let shade = clouds(rng, w, h, grain);
    let noise = if rng.f32() < 0.6 { uniform(rng, 0.0, 16.0) * harsh } else { 0.0 };
    let mut out: Vec<f32> = ink
        .data
        .iter()
        .zip(&shade)
        .map(|(i, s)| {
            let base = light + s * uneven + (dark - light) * i;
            if noise < 0.5 {
                return base;
            }
            // Four bytes of one draw make a bell, close enough to a sensor's noise and cheap.
            let sum: u32 = rng.u32(..).to_le_bytes().iter().map(|&b| u32::from(b)).sum();
            base + noise * (sum as f32 - 510.0) / 150.0
        })
        .map(|v| v.clamp(0.0, 255.0))
        .collect();
    if rng.f32() < 0.4 * harsh + 0.1 {
        let quality = rng.u32(18..90);
        jpeg::recode(&mut out, w, h, quality);
    }
    out
}

fn one_bit(ink: &Ink, rng: &mut Rng) -> Vec<f32> {
    let cut = uniform(rng, 0.28, 0.68);
    let noise = uniform(rng, 0.0, 0.3);
    ink.data.iter().map(|i| if i + noise * (rng.f32() - 0.5) > cut { 0.0 } else { 255.0 }).collect()
}
