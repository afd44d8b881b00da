//! Attention in bytes: scores and weights are products of whole numbers too, on grids of their own for each head of each line. It reads
//! held lines as attention in numbers does, and saves a twelfth of a line's time.

use rten_gemm::{GemmInputB, GemmOptions, QuantParams};
use rten_simd::ops::{BitOps, FloatOps, NumOps, ToFloat};
use rten_simd::{Isa, SimdOp};

use crate::NetError;
use crate::finish::{Filled, Scaled};
use crate::product::{Grid, Ints, multiply, view};
use crate::rows::power;

/// The byte that stands for nothing in what asks.
const NOTHING: u8 = 128;
/// The greatest that asks, and the greatest that is asked or told: seven bits, as of weights.
const ASKS: f32 = 127.0;
const TELLS: f32 = 63.0;
/// What weighs most.
const FULL: f32 = 255.0;

/// Memory that is used again and again.
#[derive(Default)]
pub(crate) struct Desk {
    bytes: Vec<u8>,
    told: Vec<i8>,
    nothing: Vec<u8>,
    sums: Vec<i32>,
    weights: Vec<u8>,
    by: Vec<f32>,
    row: Vec<f32>,
}

/// What each step is told by all steps, as bytes on `grid`, into `out`, [steps, width]. `qkv`: [steps, 3 * width], what each asks, is asked and
/// tells; the scores need no scale any more.
///
/// # Errors
/// [`NetError::Run`].
pub(crate) fn attend(
    ints: &Ints,
    qkv: &[f32],
    (width, heads): (usize, usize),
    grid: Grid,
    desk: &mut Desk,
    out: &mut [u8],
) -> Result<(), NetError> {
    let (all, size, steps) = (3 * width, width / heads, out.len() / width);
    // What one whole number is worth, for each head of each part, and how that makes bytes.
    let mut peaks = vec![0.0; all];
    Peaks { rows: qkv, peaks: &mut peaks }.dispatch();
    let most = |part: usize| if part == 0 { ASKS } else { TELLS };
    let worth: Vec<f32> = peaks
        .chunks_exact(size)
        .enumerate()
        .map(|(i, peaks)| peaks.iter().copied().fold(1e-9, f32::max) / most(i / heads))
        .collect();
    let mul: Vec<f32> = (0..all).map(|i| 1.0 / worth[i / size]).collect();
    // Whole numbers with a sign are shifted up to be bytes for once.
    let zero = |part: usize| if part == 0 { f32::from(NOTHING) } else { TELLS + 1.0 };
    let add: Vec<f32> = (0..all).map(|i| zero(i / width) + 0.5).collect();
    desk.bytes.resize(steps * all, 0);
    Scaled { numbers: qkv, mul: &mul, add: &add, out: &mut desk.bytes }.dispatch();
    desk.told.resize(steps * 2 * width, 0);
    for (to, from) in desk.told.chunks_exact_mut(2 * width).zip(desk.bytes.chunks_exact(all)) {
        to.iter_mut()
            .zip(&from[width..])
            .for_each(|(to, from)| *to = *from as i8 - (TELLS as i8 + 1));
    }

    let wide = steps.next_multiple_of(64);
    desk.nothing.resize(steps, NOTHING);
    desk.sums.resize(steps * steps.max(size), 0);
    desk.weights.resize(steps * wide, 0);
    desk.by.resize(steps, 0.0);
    desk.row.resize(wide, 0.0);
    for head in 0..heads {
        let asks = view([steps, size], &desk.bytes[head * size..], all)?;
        let asked = view([steps, size], &desk.told[head * size..], 2 * width)?;
        let tells = view([steps, size], &desk.told[width + head * size..], 2 * width)?;
        let options = GemmOptions {
            a_quant: Some(QuantParams { zero_point: &desk.nothing[..steps] }),
            ..GemmOptions::default()
        };
        let sums = &mut desk.sums[..steps * steps];
        multiply(ints, asks, GemmInputB::Unpacked(asked.transposed()), sums, options)?;
        let scale = worth[head] * worth[heads + head];
        let (out_rows, by, row) = (&mut desk.weights[..], &mut desk.by[..steps], &mut desk.row[..]);
        Weighed { sums, scale, row, out: out_rows, by }.dispatch();

        let weights = view([steps, steps], &desk.weights, wide)?;
        let sums = &mut desk.sums[..steps * size];
        multiply(ints, weights, GemmInputB::Unpacked(tells), sums, GemmOptions::default())?;
        let each = worth[2 * heads + head] / FULL / grid.scale;
        for ((out, sums), by) in
            out.chunks_exact_mut(width).zip(sums.chunks_exact(size)).zip(&desk.by)
        {
            let by = by * each;
            for (to, from) in out[head * size..][..size].iter_mut().zip(sums) {
                *to = byte(*from as f32 * by + grid.zero);
            }
        }
    }
    Ok(())
}

/// The nearest byte. In the sum the whole number stands in the last bits; a cast would not become vector code.
fn byte(x: f32) -> u8 {
    (x.clamp(0.0, 255.0) + 8_388_608.0).to_bits() as u8
}

/// The greatest of each column, signs left out.
struct Peaks<'a> {
    rows: &'a [f32],
    peaks: &'a mut [f32],
}

impl SimdOp for Peaks<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let (n, lanes) = (self.peaks.len(), ops.len());
        let whole = n / lanes * lanes;
        for row in self.rows.chunks_exact(n) {
            for at in (0..whole).step_by(lanes) {
                let most = ops.max(ops.load(&self.peaks[at..]), ops.abs(ops.load(&row[at..])));
                ops.store(most, &mut self.peaks[at..]);
            }
            for (peak, v) in self.peaks[whole..].iter_mut().zip(&row[whole..]) {
                *peak = peak.max(v.abs());
            }
        }
    }
}

/// Of each row of scores the exponentials, the greatest 255, in rows of a multiple of 64 bytes, and in `by` one by their sum as a share of
/// the greatest.
struct Weighed<'a> {
    sums: &'a [i32],
    scale: f32,
    /// A row as numbers.
    row: &'a mut [f32],
    out: &'a mut [u8],
    by: &'a mut [f32],
}

impl SimdOp for Weighed<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (real, wide) = (isa.f32(), isa.i32());
        let (n, lanes) = (self.sums.len() / self.by.len(), real.len());
        let (scale, full, half) = (real.splat(self.scale), real.splat(FULL), real.splat(0.5));
        let whole = n / lanes * lanes;
        let rows = self.sums.chunks_exact(n).zip(self.out.chunks_exact_mut(self.row.len()));
        for ((sums, out), by) in rows.zip(self.by) {
            // What is left at the row's end, as a vector whose other places count for nothing.
            let (rest, there) = wide.load_pad(&sums[whole..]);
            let rest = wide.select(rest, wide.splat(i32::MIN / 2), there);
            let mut most = rest;
            for at in (0..whole).step_by(lanes) {
                most = wide.max(most, wide.load(&sums[at..]));
            }
            let top = wide.fold_splat(most, i32::MIN, i32::max);
            let mut total = real.zero();
            for at in (0..whole).step_by(lanes) {
                let off = wide.to_float(wide.sub(wide.load(&sums[at..]), top));
                let e = power(isa, real.mul(off, scale));
                total = real.add(total, e);
                real.store(e, &mut self.row[at..]);
            }
            if whole < n {
                let e = power(isa, real.mul(wide.to_float(wide.sub(rest, top)), scale));
                let e = real.select(e, real.zero(), there);
                total = real.add(total, e);
                real.store(e, &mut self.row[whole..]);
            }
            *by = 1.0 / real.sum(total);
            let row = &self.row[..];
            u8::fill(
                isa,
                out,
                #[inline(always)]
                |i| real.mul_add(real.load(&row[i..]), full, half),
                #[inline(always)]
                |i| row[i] * FULL + 0.5,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Vectors, numbers};

    #[test]
    fn weights_are_the_exponentials_shares_however_far_apart() {
        for (n, spread) in [(280, 1e3), (37, 4e4), (3, 7e5), (64, 0.0)] {
            for vectors in Vectors::ALL {
                let sums: Vec<i32> =
                    numbers(2 * n, 4).iter().map(|v| (v * spread) as i32).collect();
                let wide = n.next_multiple_of(64);
                let (mut row, mut out, mut by) = (vec![7.0; wide], vec![9; 2 * wide], vec![0.0; 2]);
                vectors.run(Weighed {
                    sums: &sums,
                    scale: 1e-3,
                    row: &mut row,
                    out: &mut out,
                    by: &mut by,
                });
                for ((sums, out), by) in sums.chunks(n).zip(out.chunks(wide)).zip(by) {
                    let most = sums.iter().copied().max().unwrap();
                    let e: Vec<f32> =
                        sums.iter().map(|s| ((s - most) as f32 * 1e-3).exp()).collect();
                    assert!((by * e.iter().sum::<f32>() - 1.0).abs() < 1e-4);
                    for (found, e) in out.iter().zip(e) {
                        assert!((f32::from(*found) - e * FULL).abs() <= 0.51);
                    }
                }
            }
        }
    }

    #[test]
    fn peaks_leave_signs_out() {
        for vectors in Vectors::ALL {
            let rows = numbers(5 * 37, 8);
            let mut peaks = vec![0.0; 37];
            vectors.run(Peaks { rows: &rows, peaks: &mut peaks });
            for (i, peak) in peaks.iter().enumerate() {
                let wanted = (0..5).map(|row| rows[row * 37 + i].abs()).fold(0.0, f32::max);
                assert_eq!(*peak, wanted);
            }
        }
    }

    #[test]
    fn steps_that_are_asked_alike_tell_their_mean() {
        // All scores are the same, so every step is told the mean of what all tell.
        let (steps, width, heads) = (21, 16, 2);
        let mut qkv = numbers(steps * 3 * width, 9);
        qkv.chunks_mut(3 * width).for_each(|row| row[..width].fill(0.0));
        let (grid, mut out) = (Grid { scale: 0.01, zero: 128.0 }, vec![0; steps * width]);
        attend(&Ints::default(), &qkv, (width, heads), grid, &mut Desk::default(), &mut out)
            .unwrap();
        for (i, found) in out.iter().enumerate() {
            let told = qkv.chunks(3 * width).map(|row| row[2 * width + i % width]);
            let mean = told.sum::<f32>() / steps as f32;
            assert!(
                ((f32::from(*found) - grid.zero) * grid.scale - mean).abs() < 0.02,
                "{found} {mean}"
            );
        }
    }
}
