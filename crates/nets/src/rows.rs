//! Norms and exponentials of the rows of a matrix of numbers, in the processor's widest vectors.

use rten_simd::ops::{BitOps, FloatOps, IntOps, NumOps, ToFloat};
use rten_simd::{Isa, Simd, SimdOp};

use crate::NetError;
use crate::finish::Filled;
use crate::product::Grid;
use crate::weights::Weights;

const EPSILON: f32 = 1e-5;
/// Above this e^x is more than a number holds.
const MOST: f32 = 87.0;

/// A layer norm: each row less its mean, by its deviation, times `gain`, plus `bias`.
pub(crate) struct Norm {
    gain: Vec<f32>,
    bias: Vec<f32>,
}

impl Norm {
    /// `grid`: that of the bytes that are to come out, if bytes are.
    ///
    /// # Errors
    /// [`NetError::File`].
    pub(crate) fn of(
        weights: &Weights<'_>,
        name: &str,
        grid: Option<Grid>,
    ) -> Result<Self, NetError> {
        let (shape, gain) = weights.reals(&format!("{name}.weight"), &[0])?;
        let (_, bias) = weights.reals(&format!("{name}.bias"), &shape)?;
        let (scale, shift) = grid.map_or((1.0, 0.0), |g| (g.scale, g.zero + 0.5));
        let gain = gain.iter().map(|v| v / scale).collect();
        let bias = bias.iter().map(|v| v / scale + shift).collect();
        Ok(Self { gain, bias })
    }

    /// The norm of each row, as numbers or as bytes; these are rounded where it was made for a grid.
    pub(crate) fn run<T: Filled>(&self, rows: &[f32], out: &mut [T]) {
        Normed { norm: self, rows, out }.dispatch();
    }
}

/// Mean, and one by the deviation.
#[inline(always)]
fn moments<I: Isa>(isa: I, row: &[f32]) -> (f32, f32) {
    let ops = isa.f32();
    let lanes = ops.len();
    let whole = row.len() / lanes * lanes;
    let count = row.len() as f32;
    let mut sum = ops.zero();
    for at in (0..whole).step_by(lanes) {
        sum = ops.add(sum, ops.load(&row[at..]));
    }
    let mean = (ops.sum(sum) + row[whole..].iter().sum::<f32>()) / count;
    let (mut squares, middle) = (ops.zero(), ops.splat(mean));
    for at in (0..whole).step_by(lanes) {
        let off = ops.sub(ops.load(&row[at..]), middle);
        squares = ops.mul_add(off, off, squares);
    }
    let rest: f32 = row[whole..].iter().map(|v| (v - mean) * (v - mean)).sum();
    (mean, 1.0 / ((ops.sum(squares) + rest) / count + EPSILON).sqrt())
}

struct Normed<'a, T> {
    norm: &'a Norm,
    rows: &'a [f32],
    out: &'a mut [T],
}

impl<T: Filled> SimdOp for Normed<'_, T> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (real, Norm { gain, bias }) = (isa.f32(), self.norm);
        let n = gain.len();
        for (row, out) in self.rows.chunks_exact(n).zip(self.out.chunks_exact_mut(n)) {
            let (mean, by) = moments(isa, row);
            let (middle, inverse) = (real.splat(mean), real.splat(by));
            T::fill(
                isa,
                out,
                #[inline(always)]
                |i| {
                    let x = real.mul(real.sub(real.load(&row[i..]), middle), inverse);
                    real.mul_add(x, real.load(&gain[i..]), real.load(&bias[i..]))
                },
                #[inline(always)]
                |i| (row[i] - mean) * by * gain[i] + bias[i],
            );
        }
    }
}

/// e^x of what is not above [`MOST`], to five digits; next to nothing below -87. Two to a whole power times a polynomial of
/// the rest, which lies between -ln 2 / 2 and ln 2 / 2 (Taylor's, the last term to fit).
#[inline(always)]
pub(crate) fn power<I: Isa>(isa: I, x: I::F32) -> I::F32 {
    let (ops, ints) = (isa.f32(), isa.i32());
    let x = ops.max(x, ops.splat(-MOST));
    let turns = ops.mul(x, ops.splat(std::f32::consts::LOG2_E));
    let whole = ops.to_int_round(turns);
    let rest = ops.sub(turns, isa.i32().to_float(whole));
    let r = ops.mul(rest, ops.splat(std::f32::consts::LN_2));
    let mut y = ops.mul_add(r, ops.splat(1.0 / 120.0), ops.splat(1.0 / 24.0));
    y = ops.mul_add(y, r, ops.splat(1.0 / 6.0));
    y = ops.mul_add(y, r, ops.splat(0.5));
    y = ops.mul_add(y, r, ops.one());
    y = ops.mul_add(y, r, ops.one());
    let power: I::F32 = ints.shift_left::<23>(ints.add(whole, ints.splat(127))).reinterpret_cast();
    ops.mul(y, power)
}

/// How likely a class is that has the logit `own` among those of `row`, of which it is one: its share of
/// their exponentials, to five digits.
#[must_use]
pub fn probability(row: &[f32], own: f32) -> f32 {
    Share { row, own }.dispatch()
}

struct Share<'a> {
    row: &'a [f32],
    own: f32,
}

impl SimdOp for Share<'_> {
    type Output = f32;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> f32 {
        let ops = isa.f32();
        let (own, most) = (ops.splat(self.own), ops.splat(MOST));
        let mut sum = ops.zero();
        for part in self.row.chunks(ops.len()) {
            let (logits, there) = ops.load_pad(part);
            let e = power(isa, ops.min(ops.sub(logits, own), most));
            sum = ops.add(sum, ops.select(e, ops.zero(), there));
        }
        1.0 / ops.sum(sum)
    }
}

/// The logistic function of each number, to five digits.
pub(crate) struct Sigmoid<'a> {
    pub(crate) values: &'a mut [f32],
}

impl SimdOp for Sigmoid<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let lanes = ops.len();
        for part in self.values.chunks_mut(lanes) {
            let (x, _) = ops.load_pad(part);
            let e = power(isa, ops.neg(ops.abs(x)));
            let below = ops.div(e, ops.add(ops.one(), e));
            let y = ops.select(ops.sub(ops.one(), below), below, ops.ge(x, ops.zero()));
            part.iter_mut().zip(y.to_array()).for_each(|(to, from)| *to = from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{File, Vectors, numbers};

    fn all<T: Copy>(cases: [T; 3]) -> impl Iterator<Item = (T, Vectors)> {
        cases.into_iter().flat_map(|case| Vectors::ALL.iter().map(move |v| (case, *v)))
    }

    #[test]
    fn a_norm_has_the_mean_and_deviation_it_says() {
        for (n, vectors) in all([64, 192, 21]) {
            let (gain, bias, rows) = (numbers(n, 1), numbers(n, 2), numbers(2 * n, 3));
            let file =
                File::default().reals("n.weight", &[n], &gain).reals("n.bias", &[n], &bias).made();
            let weights = Weights::read(&file).unwrap();
            let grid = Grid { scale: 0.03, zero: 120.0 };
            let (mut out, mut bytes) = (vec![0.0; 2 * n], vec![0; 2 * n]);
            let norms = [None, Some(grid)].map(|grid| Norm::of(&weights, "n", grid).unwrap());
            vectors.run(Normed { norm: &norms[0], rows: &rows, out: &mut out });
            vectors.run(Normed { norm: &norms[1], rows: &rows, out: &mut bytes });
            for (row, (out, bytes)) in rows.chunks(n).zip(out.chunks(n).zip(bytes.chunks(n))) {
                let mean = row.iter().sum::<f32>() / n as f32;
                let var = row.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n as f32;
                for i in 0..n {
                    let wanted = (row[i] - mean) / (var + EPSILON).sqrt() * gain[i] + bias[i];
                    assert!((out[i] - wanted).abs() < 1e-4);
                    assert!(
                        ((f32::from(bytes[i]) - grid.zero) * grid.scale - wanted).abs() < 0.016
                    );
                }
            }
        }
    }

    #[test]
    fn a_probability_is_a_share_of_the_exponentials() {
        for (n, vectors) in all([1, 64, 287]) {
            let row: Vec<f32> = numbers(n, 7).iter().map(|v| v * 20.0).collect();
            for own in [row[0], row[n - 1], row[n / 2]] {
                let wanted = 1.0 / row.iter().map(|v| (v - own).exp()).sum::<f32>();
                let found = vectors.run(Share { row: &row, own });
                assert!((found - wanted).abs() < 1e-5 * wanted, "{found} {wanted}");
            }
        }
        assert!(probability(&[0.0, 200.0], 0.0) < 1e-30);
    }

    #[test]
    fn the_logistic_function_is_that_of_the_libraries() {
        let values: Vec<f32> = numbers(333, 5).iter().map(|v| v * 50.0).collect();
        for vectors in Vectors::ALL {
            let mut out = values.clone();
            vectors.run(Sigmoid { values: &mut out });
            for (v, found) in values.iter().zip(out) {
                assert!((found - 1.0 / (1.0 + (-v).exp())).abs() < 1e-5);
            }
        }
    }
}
