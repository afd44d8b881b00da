//! Looks far along the row and the column of each place, a channel at a time, then mixes the channels;
//! beside a shortcut.

use rayon::prelude::*;
use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp};

use crate::NetError;
use crate::finish::Relu;
use crate::product::{Dense, Matrix, Nums};
use crate::weights::{Weights, alike};

/// Rows that one thread takes at once.
const ROWS: usize = 4;

/// See the module.
pub(crate) struct Cross {
    /// [reach, channels] each.
    across: Vec<f32>,
    down: Vec<f32>,
    /// [2 * channels, channels].
    mix: Dense,
    channels: usize,
}

impl Cross {
    /// The one named `name`.
    ///
    /// # Errors
    /// [`NetError::File`].
    pub(crate) fn of(weights: &Weights<'_>, name: &str) -> Result<Self, NetError> {
        let (shape, across) = weights.reals(&format!("{name}.across.weight"), &[1, 0, 1, 0])?;
        let (reach, channels) = (shape[1], shape[3]);
        let (_, down) = weights.reals(&format!("{name}.down.weight"), &[reach, 1, 1, channels])?;
        let mix = Dense::at(weights, &format!("{name}.mix"))?;
        alike(name, &[mix.width(), channels])?;
        Ok(Self { across, down, mix, channels })
    }

    /// Runs over `x`, [rows, width, channels]; what comes out has that shape.
    ///
    /// # Errors
    /// [`NetError::Run`].
    pub(crate) fn run(
        &self,
        nums: &Nums,
        x: &[f32],
        (width, channels): (usize, usize),
    ) -> Result<Vec<f32>, NetError> {
        alike("a look", &[self.channels, channels])?;
        let row = width * self.channels;
        let rows = x.len() / row;
        let mut out = vec![0.0; x.len()];
        let room = || (vec![0.0; 2 * row], Vec::new());
        out.par_chunks_mut(ROWS * row).enumerate().try_for_each_init(
            room,
            |(seen, mixed), (part, out)| {
                for (y, out) in (part * ROWS..rows).zip(out.chunks_exact_mut(row)) {
                    Look { cross: self, x, width, y, seen }.dispatch();
                    let numbers = self.mix.sums(nums, seen, width, mixed)?;
                    let beside = Some(&x[y * row..(y + 1) * row]);
                    Relu { numbers, add: &self.mix.add, beside, out }.dispatch();
                }
                Ok(())
            },
        )?;
        Ok(out)
    }
}

/// What each place of a row sees along it and along its column: [width, 2 * channels].
struct Look<'a> {
    cross: &'a Cross,
    x: &'a [f32],
    width: usize,
    y: usize,
    seen: &'a mut [f32],
}

impl SimdOp for Look<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let lanes = ops.len();
        let (c, width) = (self.cross.channels, self.width);
        let (row, rows) = (width * c, self.x.len() / (width * c));
        let reach = self.cross.across.len() / c;
        let half = reach / 2;
        let whole = c / lanes * lanes;
        for place in 0..width {
            let seen = &mut self.seen[place * 2 * c..(place + 1) * 2 * c];
            let (across, down) = seen.split_at_mut(c);
            let taps = [
                (across, &self.cross.across, place, width, c, self.y * row),
                (down, &self.cross.down, self.y, rows, row, place * c),
            ];
            for (seen, kernel, at, length, stride, base) in taps {
                let first = half.saturating_sub(at);
                let last = reach.min(length + half - at);
                let start = |tap: usize| base + (at + tap - half) * stride;
                for channel in (0..whole).step_by(lanes) {
                    let mut sum = ops.zero();
                    let mut from = start(first) + channel;
                    for tap in first..last {
                        let weight = ops.load(&kernel[tap * c + channel..]);
                        sum = ops.mul_add(ops.load(&self.x[from..]), weight, sum);
                        from += stride;
                    }
                    ops.store(sum, &mut seen[channel..]);
                }
                for channel in whole..c {
                    seen[channel] = (first..last)
                        .map(|tap| self.x[start(tap) + channel] * kernel[tap * c + channel])
                        .sum();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{File, numbers};

    #[test]
    fn each_place_sees_its_row_and_its_column() {
        let (rows, width, channels, reach) = (9, 7, 18, 5);
        let (across, down) = (numbers(reach * channels, 1), numbers(reach * channels, 2));
        let (mix, bias) = (numbers(2 * channels * channels, 3), numbers(channels, 4));
        let file = File::default()
            .reals("x.across.weight", &[1, reach, 1, channels], &across)
            .reals("x.down.weight", &[reach, 1, 1, channels], &down)
            .reals("x.mix.weight", &[1, 1, 2 * channels, channels], &mix)
            .reals("x.mix.bias", &[channels], &bias)
            .made();
        let cross = Cross::of(&Weights::read(&file).unwrap(), "x").unwrap();
        let x = numbers(rows * width * channels, 5);
        let found = cross.run(&Nums::default(), &x, (width, channels)).unwrap();
        let at = |row: usize, column: usize, channel: usize| {
            if row < rows && column < width {
                x[(row * width + column) * channels + channel]
            } else {
                0.0
            }
        };
        for (i, found) in found.iter().enumerate() {
            let (row, column, channel) = (i / channels / width, i / channels % width, i % channels);
            let mut sum = bias[channel];
            for c in 0..channels {
                for tap in 0..reach {
                    let off = |place: usize| (place + tap).wrapping_sub(reach / 2);
                    let (a, d) = (across[tap * channels + c], down[tap * channels + c]);
                    sum += a * at(row, off(column), c) * mix[c * channels + channel];
                    sum += d * at(off(row), column, c) * mix[(channels + c) * channels + channel];
                }
            }
            assert!((found - x[i] - sum.max(0.0)).abs() < 1e-4, "{found}");
        }
    }
}
