//! Convolutions as products: several neighbouring outputs at once, so that what they look at is copied
//! in long stretches and the product has many columns.

use std::ops::Range;

use rten_gemm::GemmExecutor;

use crate::NetError;
use crate::planes::Planes;
use crate::product::{Dense, Grid, Matrix, Product, Whole};
use crate::weights::Weights;

/// About so many rows go into one product: enough to keep its kernel busy, few enough for the
/// processor's nearest memories.
const ROWS: usize = 96;

/// How a convolution goes over its input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    /// Step along `outer` and along `inner`.
    pub(crate) stride: (usize, usize),
    /// So many neighbours along `inner` are made at once.
    pub(crate) group: usize,
}

/// A convolution of `size` by `size`, padded by half its size, of bytes ([`Product`]) or numbers ([`Dense`]).
pub(crate) struct Conv<M> {
    size: usize,
    way: Way,
    /// Places along `inner` that a group looks at.
    span: usize,
    channels: usize,
    pub(crate) outputs: usize,
    pub(crate) product: M,
}

impl Conv<Product> {
    /// `NAME.weight`: [along outer, along inner, channels, outputs].
    ///
    /// # Errors
    /// [`NetError::File`].
    pub(crate) fn of(weights: &Weights<'_>, layer: &str, way: Way) -> Result<Self, NetError> {
        let whole = Whole::of(weights, layer, &[0; 4])?;
        let matrix = spread(&whole.values, &whole.shape, way).ok_or_else(|| not_square(layer))?;
        let all = |v: &[f32]| v.repeat(way.group);
        let input = Grid::of(weights, layer)?;
        Ok(Self::with(
            &whole.shape,
            way,
            Product::new(&matrix, &all(&whole.step), &all(&whole.bias), input, None),
        ))
    }
}

impl Conv<Dense> {
    /// As that of bytes.
    ///
    /// # Errors
    /// [`NetError::File`].
    pub(crate) fn of(weights: &Weights<'_>, layer: &str, way: Way) -> Result<Self, NetError> {
        let (shape, values) = weights.reals(&format!("{layer}.weight"), &[0; 4])?;
        let (_, bias) = weights.reals(&format!("{layer}.bias"), &[shape[3]])?;
        let matrix = spread(&values, &shape, way).ok_or_else(|| not_square(layer))?;
        Ok(Self::with(&shape, way, Dense::new(&matrix, bias.repeat(way.group))))
    }
}

fn not_square(layer: &str) -> NetError {
    NetError::File(format!("{layer}: not square"))
}

/// Places along `inner` that a group looks at.
fn span(size: usize, way: Way) -> usize {
    (way.group - 1) * way.stride.1 + size
}

/// The matrix from all that a group looks at to all its outputs; `None` where the kernel is not square.
fn spread<T: Copy + Default>(kernel: &[T], shape: &[usize], way: Way) -> Option<Vec<T>> {
    let (size, channels, outputs) = (shape[0], shape[2], shape[3]);
    if shape[1] != size {
        return None;
    }
    let span = span(size, way);
    let mut matrix = vec![T::default(); size * span * channels * way.group * outputs];
    for (tap, kernel) in kernel.chunks_exact(channels * outputs).enumerate() {
        for place in 0..way.group {
            let seen = tap / size * span + place * way.stride.1 + tap % size;
            for (channel, values) in kernel.chunks_exact(outputs).enumerate() {
                let to = ((seen * channels + channel) * way.group + place) * outputs;
                matrix[to..to + outputs].copy_from_slice(values);
            }
        }
    }
    Some(matrix)
}

impl<M: Matrix> Conv<M> {
    fn with(shape: &[usize], way: Way, product: M) -> Self {
        Self {
            size: shape[0],
            way,
            span: span(shape[0], way),
            channels: shape[2],
            outputs: shape[3],
            product,
        }
    }

    /// How large what comes out is.
    pub(crate) fn size(&self, input: &Planes<M::In>) -> (usize, usize) {
        (input.outer / self.way.stride.0, input.inner / self.way.stride.1)
    }

    /// Calls `each` with a place of `outer` and the sums there, `[inner, outputs]`, for all places of a range.
    ///
    /// # Errors
    /// [`NetError::Run`], also where the input is not what this was made for.
    pub(crate) fn run(
        &self,
        gemm: &GemmExecutor<M::In, M::Weight, M::Sum>,
        input: &Planes<M::In>,
        outer: Range<usize>,
        work: &mut Work<M>,
        mut each: impl FnMut(usize, &[M::Sum]),
    ) -> Result<(), NetError> {
        let (_, inner) = self.size(input);
        let groups = inner / self.way.group;
        if input.channels != self.channels || !inner.is_multiple_of(self.way.group) || groups == 0 {
            return Err(NetError::Run(format!("{inner} places in groups of {}", self.way.group)));
        }
        let length = self.span * self.channels;
        let step = self.way.group * self.way.stride.1 * self.channels;
        let at_once = ROWS.div_ceil(groups);
        let mut from = outer.start;
        while from < outer.end {
            let to = (from + at_once).min(outer.end);
            work.patches.clear();
            for place in from..to {
                for group in 0..groups {
                    for along in 0..self.size {
                        let start =
                            (place * self.way.stride.0 + along) * input.stride() + group * step;
                        work.patches.extend_from_slice(&input.padded()[start..start + length]);
                    }
                }
            }
            let sums =
                self.product.sums(gemm, &work.patches, (to - from) * groups, &mut work.sums)?;
            for (place, sums) in (from..to).zip(sums.chunks_exact(inner * self.outputs)) {
                each(place, sums);
            }
            from = to;
        }
        Ok(())
    }
}

/// Memory that is used again and again.
pub(crate) struct Work<M: Matrix> {
    patches: Vec<M::In>,
    pub(crate) sums: Vec<M::Sum>,
}

impl<M: Matrix> Default for Work<M> {
    fn default() -> Self {
        Self { patches: Vec::new(), sums: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::{Ints, Nums};
    use crate::testing::{File, numbers};

    const SIZE: (usize, usize) = (6, 8);
    const CHANNELS: usize = 3;
    const OUTPUTS: usize = 5;

    /// What a convolution is by its definition: [outer, inner, outputs].
    fn plain(
        input: &[f32],
        kernel: &[f32],
        bias: &[f32],
        size: usize,
        stride: (usize, usize),
    ) -> Vec<f32> {
        let mut out = Vec::new();
        for o in (0..SIZE.0).step_by(stride.0) {
            for i in (0..SIZE.1).step_by(stride.1) {
                for k in 0..OUTPUTS {
                    let mut sum = bias[k];
                    for tap in 0..size * size {
                        let (y, x) = (
                            (o + tap / size).wrapping_sub(size / 2),
                            (i + tap % size).wrapping_sub(size / 2),
                        );
                        for c in 0..CHANNELS {
                            if y < SIZE.0 && x < SIZE.1 {
                                let weight = kernel[(tap * CHANNELS + c) * OUTPUTS + k];
                                sum += input[(y * SIZE.1 + x) * CHANNELS + c] * weight;
                            }
                        }
                    }
                    out.push(sum);
                }
            }
        }
        out
    }

    fn planes<T: Copy>(values: &[T], border: usize, fill: T) -> Planes<T> {
        let mut out = Planes::new(SIZE, CHANNELS, (border, border), fill);
        for (to, from) in out.rows_mut().into_iter().zip(values.chunks_exact(SIZE.1 * CHANNELS)) {
            to.copy_from_slice(from);
        }
        out
    }

    #[test]
    fn numbers_come_out_as_by_the_definition() {
        for (size, stride, group) in
            [(3, (1, 1), 4), (3, (2, 2), 2), (5, (2, 2), 4), (3, (1, 2), 1)]
        {
            let input = numbers(SIZE.0 * SIZE.1 * CHANNELS, 1);
            let kernel = numbers(size * size * CHANNELS * OUTPUTS, 2);
            let bias = numbers(OUTPUTS, 3);
            let file = File::default()
                .reals("c.weight", &[size, size, CHANNELS, OUTPUTS], &kernel)
                .reals("c.bias", &[OUTPUTS], &bias)
                .made();
            let weights = Weights::read(&file).unwrap();
            let conv = Conv::<Dense>::of(&weights, "c", Way { stride, group }).unwrap();
            let input_planes = planes(&input, size / 2, 0.0);
            let (outer, _) = conv.size(&input_planes);
            let mut out = Vec::new();
            let each = |_: usize, sums: &[f32]| out.extend_from_slice(sums);
            conv.run(&Nums::default(), &input_planes, 0..outer, &mut Work::default(), each)
                .unwrap();
            let mul_add = out.iter().zip(conv.product.add.iter().cycle()).map(|(v, add)| v + add);
            let wanted = plain(&input, &kernel, &bias, size, stride);
            assert_eq!(out.len(), wanted.len());
            for (found, wanted) in mul_add.zip(wanted) {
                assert!((found - wanted).abs() < 1e-4, "{found} {wanted}");
            }
        }
    }

    #[test]
    fn bytes_come_out_as_the_numbers_that_they_stand_for() {
        let (scale, zero) = (0.02, 100.0);
        let input: Vec<u8> = numbers(SIZE.0 * SIZE.1 * CHANNELS, 4)
            .iter()
            .map(|v| (v * 90.0 + zero) as u8)
            .collect();
        let kernel: Vec<i8> =
            numbers(9 * CHANNELS * OUTPUTS, 5).iter().map(|v| (v * 63.0) as i8).collect();
        let (step, bias) = (vec![0.01, 0.02, 0.03, 0.04, 0.05], numbers(OUTPUTS, 6));
        let file = File::default()
            .bytes("c.weight", &[3, 3, CHANNELS, OUTPUTS], &kernel)
            .reals("c.step", &[OUTPUTS], &step)
            .reals("c.bias", &[OUTPUTS], &bias)
            .reals("c.input", &[2], &[scale, zero])
            .made();
        let weights = Weights::read(&file).unwrap();
        let conv = Conv::<Product>::of(&weights, "c", Way { stride: (1, 1), group: 2 }).unwrap();
        let mut found = Vec::new();
        let (mul, add) = (&conv.product.mul, &conv.product.add);
        let each = |_: usize, sums: &[i32]| {
            let numbers = sums
                .iter()
                .zip(mul.iter().zip(add).cycle())
                .map(|(s, (mul, add))| *s as f32 * mul + add);
            found.extend(numbers);
        };
        let input_planes = planes(&input, 1, zero as u8);
        conv.run(&Ints::default(), &input_planes, 0..SIZE.0, &mut Work::default(), each).unwrap();
        let real: Vec<f32> = input.iter().map(|&v| (f32::from(v) - zero) * scale).collect();
        let real_kernel: Vec<f32> =
            kernel.iter().zip(step.iter().cycle()).map(|(&v, s)| f32::from(v) * s).collect();
        for (found, wanted) in found.iter().zip(plain(&real, &real_kernel, &bias, 3, (1, 1))) {
            assert!((found - wanted).abs() < 1e-3, "{found} {wanted}");
        }
    }

    #[test]
    fn a_picture_that_does_not_part_into_groups_is_refused() {
        let file = File::default()
            .reals("c.weight", &[3, 3, CHANNELS, OUTPUTS], &numbers(9 * CHANNELS * OUTPUTS, 2))
            .reals("c.bias", &[OUTPUTS], &numbers(OUTPUTS, 3))
            .made();
        let weights = Weights::read(&file).unwrap();
        let conv = Conv::<Dense>::of(&weights, "c", Way { stride: (1, 1), group: 3 }).unwrap();
        let input = planes(&numbers(SIZE.0 * SIZE.1 * CHANNELS, 1), 1, 0.0);
        let run = conv.run(&Nums::default(), &input, 0..1, &mut Work::default(), |_, _| ());
        assert!(matches!(run, Err(NetError::Run(_))));
    }
}
