//! What paper, scanners, phones and file formats do to a whole page.

use fastrand::Rng;

use super::Means;
use super::sheet::Sheet;
use super::warp::Warp;
use crate::degrade::{blur, clouds, normal, uniform};
use crate::{jpeg, screen};

/// Takes the drawn sheet to two gray pictures: at its own resolution, `columns * rows` values, and
/// in net pixels, `width * height` values. `dotted` makes a black and
/// white page of dots rather than by a threshold. `core` is the core height of its text in pixels of
/// its own: what blurs it stays below what would make it unreadable.
pub fn wear(
    sheet: &mut Sheet,
    warp: &Warp,
    (means, dotted): (Means, bool),
    core: f32,
    rng: &mut Rng,
) -> (Vec<u8>, Vec<u8>) {
    let (columns, rows, scale) = (sheet.columns, sheet.rows, sheet.scale);
    let mut gray = std::mem::take(&mut sheet.gray);
    let worn = means != Means::Screen;
    let threshold = uniform(rng, 135.0, 210.0);
    if worn && rng.f32() < if dotted { 0.6 } else { 0.3 } {
        // In black and white a ghost lies just above the threshold, so that grain leaves crumbs
        // of it; a darker one would be print.
        let strength = match means {
            Means::Bits if dotted => uniform(rng, 0.08, 0.3),
            Means::Bits => (1.0 - (threshold + uniform(rng, 5.0, 40.0)) / 255.0).clamp(0.02, 0.4),
            _ => uniform(rng, 0.03, 0.25),
        };
        show_through(&mut gray, columns, rows, strength, rng);
    }
    if worn && rng.f32() < 0.35 {
        dust(&mut gray, columns, rows, scale, rng);
    }
    if !warp.is_none() {
        let level = if means == Means::Photo {
            rng.u8(0..200)
        } else if rng.f32() < 0.5 {
            255
        } else {
            rng.u8(0..255)
        };
        let ripple = uniform(rng, 0.0, 25.0);
        let (fx, fy) = (uniform(rng, 0.005, 0.2), uniform(rng, 0.005, 0.08));
        let outside = |x: f32, y: f32| {
            let wave = (x * fx).sin() * (y * fy + x * 0.01).cos();
            (f32::from(level) + ripple * wave).clamp(0.0, 255.0) as u8
        };
        gray = warp.redraw(&gray, (columns, rows), scale, outside);
    }
    if worn && rng.f32() < 0.3 {
        edges(&mut gray, columns, rows, rng);
    }
    if worn && rng.f32() < 0.25 {
        debris(&mut gray, columns, rows, scale, rng);
    }
    let mut data: Vec<f32> = gray.iter().map(|&g| f32::from(g)).collect();
    match means {
        Means::Screen => {}
        Means::Scan => scan(&mut data, columns, rows, core, rng),
        Means::Bits if dotted => dots(&mut data, columns, rows, rng),
        Means::Bits => bits(&mut data, columns, rows, threshold, rng),
        Means::Photo => photo(&mut data, columns, rows, core, rng),
    }
    if means != Means::Bits && rng.f32() < if means == Means::Photo { 0.8 } else { 0.3 } {
        let low = if rng.f32() < 0.3 { 12 } else { 35 };
        jpeg::recode(&mut data, columns, rows, rng.u32(low..90));
    }
    let net = (sheet.width.round() as usize, sheet.height.round() as usize);
    let small = resample(&data, (columns, rows), net);
    (data.into_iter().map(|v| (v + 0.5).clamp(0.0, 255.0) as u8).collect(), small)
}

/// The other side of thin paper: the page mirrored, blurred, faint.
fn show_through(gray: &mut [u8], columns: usize, rows: usize, strength: f32, rng: &mut Rng) {
    let shift = rng.usize(0..rows / 8 + 1);
    let mut back = vec![0.0f32; gray.len()];
    for y in 0..rows {
        let from = (y + shift).min(rows - 1) * columns;
        for x in 0..columns {
            back[y * columns + x] = 255.0 - f32::from(gray[from + columns - 1 - x]);
        }
    }
    blur(&mut back, columns, rows, uniform(rng, 0.6, 2.0));
    for (g, b) in gray.iter_mut().zip(&back) {
        *g = (f32::from(*g) - b * strength).max(0.0) as u8;
    }
}

/// Specks, hairs and smears.
fn dust(gray: &mut [u8], columns: usize, rows: usize, scale: f32, rng: &mut Rng) {
    let crowd = uniform(rng, 0.0, 1.0).powi(3);
    for _ in 0..(crowd * 1500.0) as usize + 10 {
        let (cx, cy) = (rng.usize(0..columns), rng.usize(0..rows));
        let r = scale * uniform(rng, 0.1, 1.0).powi(2) * 1.6;
        let shade = if rng.f32() < 0.85 { rng.u8(0..150) } else { 255 };
        let reach = r.ceil() as usize;
        for y in cy.saturating_sub(reach)..(cy + reach + 1).min(rows) {
            for x in cx.saturating_sub(reach)..(cx + reach + 1).min(columns) {
                let away = (x as f32 - cx as f32).hypot(y as f32 - cy as f32);
                if away <= r {
                    gray[y * columns + x] = shade;
                }
            }
        }
    }
    for _ in 0..rng.usize(0..3) {
        let (mut x, mut y) = (rng.f32() * columns as f32, rng.f32() * rows as f32);
        let mut angle = rng.f32() * std::f32::consts::TAU;
        for _ in 0..rng.usize(20..200) {
            angle += normal(rng) * 0.1;
            x += angle.cos() * scale;
            y += angle.sin() * scale;
            if x >= 0.0 && y >= 0.0 && (x as usize) < columns && (y as usize) < rows {
                gray[y as usize * columns + x as usize] = 90;
            }
        }
    }
}

/// Black bars, torn borders and punch holes along the edges.
fn edges(gray: &mut [u8], columns: usize, rows: usize, rng: &mut Rng) {
    for side in 0..4 {
        if rng.f32() > 0.35 {
            continue;
        }
        let along = if side < 2 { columns } else { rows };
        let depth = (along.min(columns.min(rows)) as f32 * uniform(rng, 0.002, 0.035)).max(2.0);
        let rough = uniform(rng, 0.0, 0.5);
        let tilt = uniform(rng, -1.0, 1.0) * depth;
        let shade = if rng.f32() < 0.8 { rng.u8(0..60) } else { rng.u8(60..230) };
        let mut wander = 0.0f32;
        for i in 0..along {
            wander = (wander + normal(rng) * rough).clamp(-depth, depth);
            let deep = (depth + wander + tilt * (i as f32 / along as f32)).max(0.0) as usize;
            for d in 0..deep {
                let (x, y) = match side {
                    0 => (i, d),
                    1 => (i, rows - 1 - d.min(rows - 1)),
                    2 => (d, i),
                    _ => (columns - 1 - d.min(columns - 1), i),
                };
                if x < columns && y < rows {
                    gray[y * columns + x] = shade;
                }
            }
        }
    }
    if rng.f32() < 0.3 {
        let r = columns as f32 * uniform(rng, 0.006, 0.014);
        let x = columns as f32 * uniform(rng, 0.02, 0.05);
        for i in 0..rng.usize(2..5) {
            let y = rows as f32 * (0.2 + 0.2 * i as f32);
            for py in (y - r) as usize..(((y + r) as usize).min(rows)) {
                for px in (x - r).max(0.0) as usize..(((x + r) as usize).min(columns)) {
                    if (px as f32 - x).hypot(py as f32 - y) < r {
                        gray[py * columns + px] = 15;
                    }
                }
            }
        }
    }
}

/// Blots and crumbs strung along one side, as a copier's glass leaves them.
fn debris(gray: &mut [u8], columns: usize, rows: usize, scale: f32, rng: &mut Rng) {
    let near = columns as f32 * uniform(rng, 0.0, 0.05);
    let left = rng.bool();
    let spread = scale * uniform(rng, 1.0, 9.0);
    for _ in 0..rng.usize(10..150) {
        let (mut x, mut y) = (near + normal(rng) * spread, rng.f32() * rows as f32);
        // A blot is a short random walk of a round pen.
        let r = scale * uniform(rng, 0.2, 1.6);
        for _ in 0..rng.usize(1..12) {
            x += normal(rng) * r;
            y += normal(rng) * r;
            let reach = r.ceil() as isize;
            for dy in -reach..=reach {
                for dx in -reach..=reach {
                    let (px, py) = (x as isize + dx, y as isize + dy);
                    let inside =
                        px >= 0 && py >= 0 && (px as usize) < columns && (py as usize) < rows;
                    if inside && ((dx * dx + dy * dy) as f32) <= r * r {
                        let px = if left { px as usize } else { columns - 1 - px as usize };
                        gray[py as usize * columns + px] = 20;
                    }
                }
            }
        }
    }
}

/// The strongest blur in core heights: half of a stroke's width.
const SHARP: f32 = 0.1;

/// A gray scan: soft, with a little grain and contrast of its own.
fn scan(data: &mut [f32], columns: usize, rows: usize, core: f32, rng: &mut Rng) {
    blur(data, columns, rows, uniform(rng, 0.2, 1.1).min(SHARP * core));
    let black = uniform(rng, 0.0, 60.0);
    let gain = uniform(rng, 0.8, 1.3);
    let grain = uniform(rng, 0.0, 9.0);
    for d in data.iter_mut() {
        *d = (black + (*d - 128.0) * gain + 128.0 - black * *d / 255.0 + cheap(rng) * grain)
            .clamp(0.0, 255.0);
    }
}

/// Black and white: a threshold that moves with the ink's spread.
fn bits(data: &mut [f32], columns: usize, rows: usize, threshold: f32, rng: &mut Rng) {
    blur(data, columns, rows, uniform(rng, 0.2, 0.9));
    let grain = 3.0 + 32.0 * rng.f32() * rng.f32();
    for d in data.iter_mut() {
        *d = if *d + cheap(rng) * grain < threshold { 0.0 } else { 255.0 };
    }
}

/// Black and white by error diffusion: shaded paper becomes a grain of dots.
fn dots(data: &mut [f32], columns: usize, rows: usize, rng: &mut Rng) {
    blur(data, columns, rows, uniform(rng, 0.2, 0.7));
    let (shade, uneven) = (uniform(rng, -0.1, 0.25), uniform(rng, 0.0, 0.25));
    let gain = uniform(rng, 1.1, 1.7);
    let grain = columns as f32 * uniform(rng, 0.05, 0.6);
    let paper = clouds(rng, columns, rows, grain);
    let tones = data.iter().zip(paper).map(|(d, p)| {
        let paper = (shade + uneven * p).clamp(0.0, 0.4);
        let ink = (1.0 - d / 255.0) * gain;
        paper + (1.0 - paper) * ink.min(1.0)
    });
    let noise = uniform(rng, 0.0, 0.5);
    data.copy_from_slice(&screen::diffuse(tones.collect(), columns, noise, rng));
}

/// A phone's picture: uneven light, shadow, blur, noise.
fn photo(data: &mut [f32], columns: usize, rows: usize, core: f32, rng: &mut Rng) {
    let sigma = uniform(rng, 0.3, 1.5).min(SHARP * core);
    blur(data, columns, rows, sigma);
    let light = uniform(rng, 0.45, 1.05);
    let (lx, ly) = (uniform(rng, -0.35, 0.35), uniform(rng, -0.35, 0.35));
    let black = uniform(rng, 5.0, 70.0);
    let grain = uniform(rng, 0.0, 14.0f32.min(1.3 * core));
    // Soft patches of light, kept at an eighth of the size and blended back.
    let (cloud_width, cloud_height) = (columns / 8 + 2, rows / 8 + 2);
    let cloud = clouds(rng, cloud_width, cloud_height, cloud_width as f32 / 4.0);
    let deep = uniform(rng, 0.0, 0.3);
    let shadow = (rng.f32() < 0.35).then(|| {
        let a = rng.f32() * std::f32::consts::TAU;
        (a.cos(), a.sin(), uniform(rng, -0.3, 0.3), uniform(rng, 0.02, 0.2), uniform(rng, 0.4, 0.9))
    });
    for y in 0..rows {
        let v = y as f32 / rows as f32 - 0.5;
        for x in 0..columns {
            let u = x as f32 / columns as f32 - 0.5;
            let mut here =
                light + lx * u + ly * v - deep * (0.5 + 0.5 * cloud[(y / 8) * cloud_width + x / 8]);
            if let Some((c, s, at, soft, dark)) = shadow {
                let t = ((u * c + v * s - at) / soft).clamp(-1.0, 1.0) * 0.5 + 0.5;
                here *= 1.0 - t * (1.0 - dark);
            }
            let d = &mut data[y * columns + x];
            *d = (black + (*d) * (1.0 - black / 255.0)) * here.max(0.15) + cheap(rng) * grain;
            *d = d.clamp(0.0, 255.0);
        }
    }
}

/// Roughly normal noise of unit spread, cheaply.
fn cheap(rng: &mut Rng) -> f32 {
    let bits = rng.u32(..);
    let sum: u32 = (0..4).map(|i| (bits >> (8 * i)) & 0xFF).sum();
    (sum as f32 - 510.0) / 148.0
}

/// Averages areas when shrinking, blends neighbours when growing.
#[must_use]
pub fn resample(
    data: &[f32],
    (columns, rows): (usize, usize),
    (width, height): (usize, usize),
) -> Vec<u8> {
    let across = spans(columns, width);
    let down = spans(rows, height);
    let mut middle = vec![0.0f32; width * rows];
    for y in 0..rows {
        let line = &data[y * columns..(y + 1) * columns];
        for (x, (from, weights)) in across.iter().enumerate() {
            middle[y * width + x] =
                weights.iter().enumerate().map(|(i, w)| w * line[from + i]).sum();
        }
    }
    let mut out = vec![0u8; width * height];
    let mut sums = vec![0.0f32; width];
    for (y, (from, weights)) in down.iter().enumerate() {
        sums.fill(0.0);
        for (i, w) in weights.iter().enumerate() {
            let line = &middle[(from + i) * width..(from + i + 1) * width];
            for (s, v) in sums.iter_mut().zip(line) {
                *s += w * v;
            }
        }
        for (o, s) in out[y * width..].iter_mut().zip(&sums) {
            *o = (s + 0.5).clamp(0.0, 255.0) as u8;
        }
    }
    out
}

/// For each target pixel the first source pixel and the weights from it on: a triangle as wide as
/// the step, never narrower than one source pixel.
fn spans(from: usize, to: usize) -> Vec<(usize, Vec<f32>)> {
    let step = from as f32 / to as f32;
    let reach = step.max(1.0);
    (0..to)
        .map(|i| {
            let centre = (i as f32 + 0.5) * step - 0.5;
            let first = (centre - reach).ceil().max(0.0) as usize;
            let last = ((centre + reach).floor() as usize).min(from - 1);
            let mut weights: Vec<f32> = (first..=last)
                .map(|s| (1.0 - (s as f32 - centre).abs() / reach).max(0.0))
                .collect();
            let sum: f32 = weights.iter().sum();
            for w in &mut weights {
                *w /= sum.max(1e-6);
            }
            (first, weights)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resampling_keeps_flat_gray_and_places() {
        let flat = vec![77.0; 90 * 60];
        assert!(resample(&flat, (90, 60), (40, 30)).iter().all(|&g| g == 77));
        let mut half = vec![255.0; 100 * 10];
        for y in 0..10 {
            half[y * 100..y * 100 + 50].fill(0.0);
        }
        let small = resample(&half, (100, 10), (20, 2));
        assert_eq!((small[8], small[11]), (0, 255));
    }
}
