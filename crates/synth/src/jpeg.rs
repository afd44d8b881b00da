//! What JPEG does to a gray picture: 8 x 8 blocks, cosine transform, coarse steps.

/// The luminance steps of ITU-T T.81, table K.1.
const STEPS: [f32; 64] = [
    16., 11., 10., 16., 24., 40., 51., 61., 12., 12., 14., 19., 26., 58., 60., 55., 14., 13., 16.,
    24., 40., 57., 69., 56., 14., 17., 22., 29., 51., 87., 80., 62., 18., 22., 37., 56., 68., 109.,
    103., 77., 24., 35., 55., 64., 81., 104., 113., 92., 49., 64., 78., 87., 103., 121., 120.,
    101., 72., 92., 95., 98., 112., 100., 103., 99.,
];

/// Codes and decodes `data` (gray, 0..=255, row by row) at `quality` 1..=100, in place.
pub fn recode(data: &mut [f32], width: usize, height: usize, quality: u32) {
    let quality = quality.clamp(1, 100) as f32;
    let scale = if quality < 50.0 { 50.0 / quality } else { 2.0 - quality / 50.0 };
    let steps = STEPS.map(|s| (s * scale).max(1.0));
    let basis = basis();
    for by in (0..height).step_by(8) {
        for bx in (0..width).step_by(8) {
            let mut block = [0.0f32; 64];
            for y in 0..8 {
                for x in 0..8 {
                    let (px, py) = ((bx + x).min(width - 1), (by + y).min(height - 1));
                    block[y * 8 + x] = data[py * width + px] - 128.0;
                }
            }
            let mut coded = transform(&transform(&block, &basis, false), &basis, false);
            for (c, s) in coded.iter_mut().zip(&steps) {
                *c = (*c / s).round() * s;
            }
            let block = transform(&transform(&coded, &basis, true), &basis, true);
            for y in 0..8.min(height - by) {
                for x in 0..8.min(width - bx) {
                    data[(by + y) * width + bx + x] = (block[y * 8 + x] + 128.0).clamp(0.0, 255.0);
                }
            }
        }
    }
}

fn basis() -> [f32; 64] {
    std::array::from_fn(|i| {
        let (k, n) = ((i / 8) as f32, (i % 8) as f32);
        let norm = if i < 8 { (1.0f32 / 8.0).sqrt() } else { 0.5 };
        norm * (std::f32::consts::PI * (n + 0.5) * k / 8.0).cos()
    })
}

/// One pass over the rows, transposed: two of them make the two-dimensional transform.
fn transform(block: &[f32; 64], basis: &[f32; 64], inverse: bool) -> [f32; 64] {
    let mut out = [0.0; 64];
    for y in 0..8 {
        for k in 0..8 {
            let mut sum = 0.0;
            for n in 0..8 {
                let b = if inverse { basis[n * 8 + k] } else { basis[k * 8 + n] };
                sum += b * block[y * 8 + n];
            }
            out[k * 8 + y] = sum;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fine_steps_keep_the_picture_and_coarse_ones_do_not() {
        let start: Vec<f32> = (0..20 * 12).map(|i| ((i * 37) % 256) as f32).collect();
        let error = |quality| {
            let mut data = start.clone();
            recode(&mut data, 20, 12, quality);
            data.iter().zip(&start).map(|(a, b)| (a - b).abs()).sum::<f32>() / 240.0
        };
        assert!(error(100) < 1.0);
        assert!(error(5) > 10.0);
    }
}
