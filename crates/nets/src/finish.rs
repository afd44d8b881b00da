//! What becomes of a product's sums: scaled, a bias added, cut at nothing, made bytes again. One
//! pass each, in the processor's widest vectors.
//!
//! `mul` and `add` go round and round over the sums: their length divides that of the sums. A byte is
//! cut off towards nothing, so whoever wants it rounded has a half in `add`, and cut at 0 and 255,
//! which is the ReLU of a grid whose zero is 0.

use rten_simd::ops::{BitOps, FloatOps, NarrowSaturate, NumOps, ToFloat};
use rten_simd::{Isa, SimdOp};

/// Four vectors of numbers as one of bytes.
#[inline(always)]
pub(crate) fn narrow<I: Isa>(isa: I, v: [I::F32; 4]) -> I::U8 {
    let (real, wide, mid) = (isa.f32(), isa.i32(), isa.i16());
    let low = wide.narrow_saturate(real.to_int_trunc(v[0]), real.to_int_trunc(v[1]));
    let high = wide.narrow_saturate(real.to_int_trunc(v[2]), real.to_int_trunc(v[3]));
    mid.narrow_saturate(low, high)
}

/// What a pass leaves behind: bytes, or numbers.
pub(crate) trait Filled: Sized {
    /// So many vectors of numbers make one of these.
    const VECTORS: usize;

    /// Stores at the head of `out` what `vector` makes of so many vectors from a place on.
    fn store<I: Isa>(isa: I, out: &mut [Self], vector: impl Fn(usize) -> I::F32);

    /// A number alone.
    fn of(number: f32) -> Self;

    /// Fills `out` with what `vector` makes from a place on; at its end, where that would be too much, with
    /// what `single` makes of a place.
    #[inline(always)]
    fn fill<I: Isa>(
        isa: I,
        out: &mut [Self],
        vector: impl Fn(usize) -> I::F32,
        single: impl Fn(usize) -> f32,
    ) {
        let step = Self::VECTORS * isa.f32().len();
        let mut at = 0;
        while at + step <= out.len() {
            Self::store(
                isa,
                &mut out[at..],
                #[inline(always)]
                |i| vector(at + i),
            );
            at += step;
        }
        for (i, out) in out.iter_mut().enumerate().skip(at) {
            *out = Self::of(single(i));
        }
    }
}

impl Filled for u8 {
    const VECTORS: usize = 4;

    #[inline(always)]
    fn store<I: Isa>(isa: I, out: &mut [Self], vector: impl Fn(usize) -> I::F32) {
        let lanes = isa.f32().len();
        let v = [vector(0), vector(lanes), vector(2 * lanes), vector(3 * lanes)];
        isa.u8().store(narrow(isa, v), out);
    }

    #[inline(always)]
    fn of(number: f32) -> Self {
        number as u8
    }
}

impl Filled for f32 {
    const VECTORS: usize = 1;

    #[inline(always)]
    fn store<I: Isa>(isa: I, out: &mut [Self], vector: impl Fn(usize) -> I::F32) {
        isa.f32().store(vector(0), out);
    }

    #[inline(always)]
    fn of(number: f32) -> Self {
        number
    }
}

/// `sums * mul + add`, as bytes.
pub(crate) struct Bytes<'a> {
    pub(crate) sums: &'a [i32],
    pub(crate) mul: &'a [f32],
    pub(crate) add: &'a [f32],
    pub(crate) out: &'a mut [u8],
}

impl SimdOp for Bytes<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (real, wide, n) = (isa.f32(), isa.i32(), self.mul.len());
        for (sums, out) in self.sums.chunks_exact(n).zip(self.out.chunks_exact_mut(n)) {
            u8::fill(
                isa,
                out,
                #[inline(always)]
                |i| {
                    let x = wide.to_float(wide.load(&sums[i..]));
                    real.mul_add(x, real.load(&self.mul[i..]), real.load(&self.add[i..]))
                },
                #[inline(always)]
                |i| sums[i] as f32 * self.mul[i] + self.add[i],
            );
        }
    }
}

/// `sums * mul + add`.
pub(crate) struct Reals<'a> {
    pub(crate) sums: &'a [i32],
    pub(crate) mul: &'a [f32],
    pub(crate) add: &'a [f32],
    pub(crate) out: &'a mut [f32],
    /// Whether what stands in `out` is added to.
    pub(crate) onto: bool,
}

impl SimdOp for Reals<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (real, wide) = (isa.f32(), isa.i32());
        let (n, lanes) = (self.mul.len(), real.len());
        for (sums, out) in self.sums.chunks_exact(n).zip(self.out.chunks_exact_mut(n)) {
            let mut at = 0;
            while at + lanes <= n {
                let x = wide.to_float(wide.load(&sums[at..]));
                let mut y = real.mul_add(x, real.load(&self.mul[at..]), real.load(&self.add[at..]));
                if self.onto {
                    y = real.add(y, real.load(&out[at..]));
                }
                real.store(y, &mut out[at..]);
                at += lanes;
            }
            for i in at..n {
                let y = sums[i] as f32 * self.mul[i] + self.add[i];
                out[i] = if self.onto { out[i] + y } else { y };
            }
        }
    }
}

/// The ReLU of `sums * mul + add`, and of that times `inverse`, rounded, as bytes. Where `beside`,
/// what stands in `kept` is added before the ReLU, and stays.
pub(crate) struct Kept<'a> {
    pub(crate) sums: &'a [i32],
    pub(crate) mul: &'a [f32],
    pub(crate) add: &'a [f32],
    pub(crate) inverse: f32,
    pub(crate) kept: &'a mut [f32],
    pub(crate) out: &'a mut [u8],
    pub(crate) beside: bool,
}

impl SimdOp for Kept<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (real, wide, small) = (isa.f32(), isa.i32(), isa.u8());
        let (n, lanes) = (self.mul.len(), real.len());
        let (zero, half, inverse) = (real.zero(), real.splat(0.5), real.splat(self.inverse));
        let rows = self
            .sums
            .chunks_exact(n)
            .zip(self.out.chunks_exact_mut(n))
            .zip(self.kept.chunks_exact_mut(n));
        for ((sums, out), kept) in rows {
            let mut at = 0;
            while at + 4 * lanes <= n {
                let mut v = [zero; 4];
                for (k, v) in v.iter_mut().enumerate() {
                    let i = at + k * lanes;
                    let x = wide.to_float(wide.load(&sums[i..]));
                    let mut y =
                        real.mul_add(x, real.load(&self.mul[i..]), real.load(&self.add[i..]));
                    if self.beside {
                        y = real.max(real.add(y, real.load(&kept[i..])), zero);
                    } else {
                        y = real.max(y, zero);
                        real.store(y, &mut kept[i..]);
                    }
                    *v = real.mul_add(y, inverse, half);
                }
                small.store(narrow(isa, v), &mut out[at..]);
                at += 4 * lanes;
            }
            for i in at..n {
                let mut y = sums[i] as f32 * self.mul[i] + self.add[i];
                if self.beside {
                    y = (y + kept[i]).max(0.0);
                } else {
                    y = y.max(0.0);
                    kept[i] = y;
                }
                out[i] = (y * self.inverse + 0.5) as u8;
            }
        }
    }
}

/// `(numbers + add) * by`, rounded, as bytes.
pub(crate) struct Rounded<'a> {
    pub(crate) numbers: &'a [f32],
    pub(crate) add: &'a [f32],
    pub(crate) by: f32,
    pub(crate) out: &'a mut [u8],
}

impl SimdOp for Rounded<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (real, n) = (isa.f32(), self.add.len());
        let (by, half) = (real.splat(self.by), real.splat(0.5));
        for (numbers, out) in self.numbers.chunks_exact(n).zip(self.out.chunks_exact_mut(n)) {
            u8::fill(
                isa,
                out,
                #[inline(always)]
                |i| {
                    let y = real.add(real.load(&numbers[i..]), real.load(&self.add[i..]));
                    real.mul_add(y, by, half)
                },
                #[inline(always)]
                |i| (numbers[i] + self.add[i]) * self.by + 0.5,
            );
        }
    }
}

/// `numbers * mul + add`, as bytes.
pub(crate) struct Scaled<'a> {
    pub(crate) numbers: &'a [f32],
    pub(crate) mul: &'a [f32],
    pub(crate) add: &'a [f32],
    pub(crate) out: &'a mut [u8],
}

impl SimdOp for Scaled<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (real, n) = (isa.f32(), self.mul.len());
        for (numbers, out) in self.numbers.chunks_exact(n).zip(self.out.chunks_exact_mut(n)) {
            u8::fill(
                isa,
                out,
                #[inline(always)]
                |i| {
                    let x = real.load(&numbers[i..]);
                    real.mul_add(x, real.load(&self.mul[i..]), real.load(&self.add[i..]))
                },
                #[inline(always)]
                |i| numbers[i] * self.mul[i] + self.add[i],
            );
        }
    }
}

/// The ReLU of `numbers + add`, and what stands in `beside` added.
pub(crate) struct Relu<'a> {
    pub(crate) numbers: &'a [f32],
    pub(crate) add: &'a [f32],
    pub(crate) beside: Option<&'a [f32]>,
    pub(crate) out: &'a mut [f32],
}

impl SimdOp for Relu<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (real, n) = (isa.f32(), self.add.len());
        for (row, out) in self.out.chunks_exact_mut(n).enumerate() {
            let numbers = &self.numbers[row * n..(row + 1) * n];
            let beside = self.beside.map(|b| &b[row * n..(row + 1) * n]);
            f32::fill(
                isa,
                out,
                #[inline(always)]
                |i| {
                    let y = real.add(real.load(&numbers[i..]), real.load(&self.add[i..]));
                    let y = real.max(y, real.zero());
                    match beside {
                        Some(beside) => real.add(y, real.load(&beside[i..])),
                        None => y,
                    }
                },
                #[inline(always)]
                |i| (numbers[i] + self.add[i]).max(0.0) + beside.map_or(0.0, |b| b[i]),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Vectors, numbers};

    /// Widths that fill the vectors of a processor, leave some over, or do not fill one.
    const WIDTHS: [usize; 4] = [64, 192, 87, 5];

    fn all() -> impl Iterator<Item = (usize, Vectors)> {
        WIDTHS.into_iter().flat_map(|n| Vectors::ALL.iter().map(move |v| (n, *v)))
    }

    fn sums(n: usize) -> Vec<i32> {
        numbers(3 * n, 7).iter().map(|v| (v * 9000.0) as i32).collect()
    }

    #[test]
    fn bytes_are_cut_off_at_both_ends() {
        for (n, vectors) in all() {
            let (sums, mul, add) = (sums(n), vec![0.05; n], numbers(n, 8));
            let mut out = vec![0; 3 * n];
            vectors.run(Bytes { sums: &sums, mul: &mul, add: &add, out: &mut out });
            for (i, found) in out.iter().enumerate() {
                let exact = sums[i] as f32 * 0.05 + add[i % n];
                assert!((f32::from(*found) - exact.clamp(0.0, 255.0).floor()).abs() <= 1.0);
                assert!(exact > 0.0 || *found == 0);
                assert!(exact < 256.0 || *found == 255);
            }
        }
    }

    #[test]
    fn what_is_kept_is_what_the_bytes_stand_for_and_comes_beside() {
        for (n, vectors) in all() {
            let (sums, mul, add) = (sums(n), vec![0.001; n], numbers(n, 8));
            let real = |i: usize| sums[i] as f32 * 0.001 + add[i % n];
            let (mut kept, mut out) = (vec![7.0; 3 * n], vec![0; 3 * n]);
            let (sums, mul, add) = (&sums[..], &mul[..], &add[..]);
            vectors.run(Kept {
                sums,
                mul,
                add,
                inverse: 20.0,
                kept: &mut kept,
                out: &mut out,
                beside: false,
            });
            for i in 0..3 * n {
                assert!((kept[i] - real(i).max(0.0)).abs() < 1e-4);
                assert!((f32::from(out[i]) - (kept[i] * 20.0).min(255.0)).abs() <= 0.51);
            }
            vectors.run(Kept {
                sums,
                mul,
                add,
                inverse: 10.0,
                kept: &mut kept,
                out: &mut out,
                beside: true,
            });
            for (i, found) in out.iter().enumerate() {
                let sum = (real(i) + real(i).max(0.0)).max(0.0) * 10.0;
                assert!((f32::from(*found) - sum.min(255.0)).abs() <= 0.51);
            }
        }
    }

    #[test]
    fn numbers_are_written_or_added() {
        for (n, vectors) in all() {
            let (sums, mul, add) = (sums(n), numbers(n, 9), numbers(n, 8));
            let mut out = vec![1.0; 3 * n];
            for (onto, times) in [(false, 1.0), (true, 2.0)] {
                vectors.run(Reals { sums: &sums, mul: &mul, add: &add, out: &mut out, onto });
                for (i, found) in out.iter().enumerate() {
                    let wanted = times * (sums[i] as f32 * mul[i % n] + add[i % n]);
                    assert!(
                        (found - wanted).abs() <= 1e-3 * wanted.abs().max(1.0),
                        "{found} {wanted}"
                    );
                }
            }
        }
    }

    #[test]
    fn numbers_are_rounded_to_bytes_and_cut_at_nothing() {
        for (n, vectors) in all() {
            let (values, add) = (numbers(3 * n, 10), numbers(n, 11));
            let mut out = vec![0; 3 * n];
            vectors.run(Scaled {
                numbers: &values,
                mul: &vec![50.0; n],
                add: &vec![99.5; n],
                out: &mut out,
            });
            for i in 0..3 * n {
                assert!((f32::from(out[i]) - values[i] * 50.0 - 99.0).abs() <= 0.51);
            }
            vectors.run(Rounded { numbers: &values, add: &add, by: 100.0, out: &mut out });
            let mut real = vec![0.0; 3 * n];
            vectors.run(Relu {
                numbers: &values,
                add: &add,
                beside: Some(&values),
                out: &mut real,
            });
            for i in 0..3 * n {
                let sum = (values[i] + add[i % n]).max(0.0);
                assert!((f32::from(out[i]) - sum * 100.0).abs() <= 0.51);
                assert!((real[i] - sum - values[i]).abs() < 1e-5);
            }
        }
    }
}
