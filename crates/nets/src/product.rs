//! Products of bytes with whole numbers of seven bits, and the grids that bytes stand for.
//!
//! Activations are bytes with one scale a layer, weights whole numbers with one scale an output. Seven
//! bits, because processors without VNNI add up pairs of products in 16 bits.

use rten_gemm::{
    GemmExecutor, GemmInT, GemmInputA, GemmInputB, GemmOptions, GemmOutT, PackedBMatrix,
};
use rten_simd::SimdOp;
use rten_tensor::NdTensorView;

use crate::NetError;
use crate::finish::{Bytes, Reals};
use crate::weights::Weights;

/// Multiplies bytes.
pub(crate) type Ints = GemmExecutor<u8, i8, i32>;
/// Multiplies numbers.
pub(crate) type Nums = GemmExecutor<f32, f32, f32>;

/// What a byte stands for: `(byte - zero) * scale`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    pub(crate) scale: f32,
    pub(crate) zero: f32,
}

impl Grid {
    /// That of what goes into a layer: `NAME.input`, the scale and the zero.
    ///
    /// # Errors
    /// [`NetError::File`].
    pub(crate) fn of(weights: &Weights<'_>, layer: &str) -> Result<Self, NetError> {
        let (_, v) = weights.reals(&format!("{layer}.input"), &[2])?;
        Ok(Self { scale: v[0], zero: v[1] })
    }
}

/// A layer's weights as whole numbers, outputs last, with what one is worth in each output.
pub(crate) struct Whole {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<i8>,
    pub(crate) step: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

impl Whole {
    /// `NAME.weight`, `NAME.step` and `NAME.bias`.
    ///
    /// # Errors
    /// [`NetError::File`].
    pub(crate) fn of(
        weights: &Weights<'_>,
        layer: &str,
        shape: &[usize],
    ) -> Result<Self, NetError> {
        let (shape, values) = weights.bytes(&format!("{layer}.weight"), shape)?;
        let outputs = shape.last().copied().unwrap_or(0);
        let (_, step) = weights.reals(&format!("{layer}.step"), &[outputs])?;
        let (_, bias) = weights.reals(&format!("{layer}.bias"), &[outputs])?;
        Ok(Self { shape, values, step, bias })
    }
}

/// A matrix that rows are multiplied with.
pub(crate) trait Matrix {
    /// What goes in.
    type In: GemmInT;
    /// What it is multiplied with.
    type Weight: GemmInT;
    /// What comes out.
    type Sum: GemmOutT;

    /// The matrix, [inputs, outputs].
    fn matrix(&self) -> &PackedBMatrix<Self::Weight>;

    /// The products of so many rows that stand one behind the other, nothing added yet.
    ///
    /// # Errors
    /// [`NetError::Run`] where `input` is not so many rows.
    fn sums<'s>(
        &self,
        gemm: &GemmExecutor<Self::In, Self::Weight, Self::Sum>,
        input: &[Self::In],
        rows: usize,
        sums: &'s mut Vec<Self::Sum>,
    ) -> Result<&'s [Self::Sum], NetError> {
        let matrix = self.matrix();
        let input = NdTensorView::try_from_data([rows, matrix.rows()], input)
            .map_err(|e| NetError::Run(e.to_string()))?;
        let length = rows * matrix.cols();
        if sums.len() < length {
            sums.resize(length, Self::Sum::default());
        }
        let sums = &mut sums[..length];
        multiply(gemm, input, GemmInputB::Packed(matrix), sums, GemmOptions::default())?;
        Ok(sums)
    }
}

/// Rows that stand so far apart, or lie over one another.
///
/// # Errors
/// [`NetError::Run`] where `data` is too short for them.
pub(crate) fn view<T>(
    shape: [usize; 2],
    data: &[T],
    stride: usize,
) -> Result<NdTensorView<'_, T, 2>, NetError> {
    NdTensorView::from_slice_with_strides(shape, data, [stride, 1])
        .map_err(|e| NetError::Run(e.to_string()))
}

/// The product of `a` and `b` into `out`.
///
/// # Errors
/// [`NetError::Run`] where their shapes do not meet.
pub(crate) fn multiply<A: GemmInT, B: GemmInT, C: GemmOutT>(
    gemm: &GemmExecutor<A, B, C>,
    a: NdTensorView<'_, A, 2>,
    b: GemmInputB<'_, B>,
    out: &mut [C],
    options: GemmOptions<'_, A, B, C>,
) -> Result<(), NetError> {
    gemm.gemm(out, GemmInputA::Unpacked(a), b, options).map_err(|e| NetError::Run(e.to_string()))
}

/// A matrix of numbers, and what is added to each product.
pub(crate) struct Dense {
    matrix: PackedBMatrix<f32>,
    pub(crate) add: Vec<f32>,
}

impl Dense {
    /// From a matrix of as many columns as `add` in row-major order.
    pub(crate) fn new(matrix: &[f32], add: Vec<f32>) -> Self {
        let depth = matrix.len() / add.len().max(1);
        let view = NdTensorView::from_data([depth, add.len()], matrix);
        Self { matrix: Nums::default().prepack_b(view), add }
    }

    /// A convolution that looks at one place: `NAME.weight` [1, 1, inputs, outputs].
    ///
    /// # Errors
    /// [`NetError::File`].
    pub(crate) fn at(weights: &Weights<'_>, layer: &str) -> Result<Self, NetError> {
        let (shape, values) = weights.reals(&format!("{layer}.weight"), &[1, 1, 0, 0])?;
        let (_, bias) = weights.reals(&format!("{layer}.bias"), &[shape[3]])?;
        Ok(Self::new(&values, bias))
    }

    /// How many numbers come out.
    pub(crate) fn width(&self) -> usize {
        self.add.len()
    }
}

impl Matrix for Dense {
    type In = f32;
    type Weight = f32;
    type Sum = f32;

    fn matrix(&self) -> &PackedBMatrix<f32> {
        &self.matrix
    }
}

/// A product ready to be run.
pub(crate) struct Product {
    matrix: PackedBMatrix<i8>,
    /// Of each sum: what it is times, and plus.
    pub(crate) mul: Vec<f32>,
    pub(crate) add: Vec<f32>,
}

impl Product {
    /// From a matrix of `depth` rows in row-major order. `input`: the grid of what goes in. `output`:
    /// the grid that bytes coming out stand on, or none where numbers are to come out.
    pub(crate) fn new(
        matrix: &[i8],
        step: &[f32],
        bias: &[f32],
        input: Grid,
        output: Option<Grid>,
    ) -> Self {
        let columns = step.len();
        let depth = matrix.len() / columns;
        let mut total = vec![0i32; columns];
        for row in matrix.chunks_exact(columns) {
            total.iter_mut().zip(row).for_each(|(t, &v)| *t += i32::from(v));
        }
        let out = output.map_or(1.0, |grid| grid.scale);
        let shift = output.map_or(0.0, |grid| grid.zero + 0.5);
        let mul: Vec<f32> = step.iter().map(|s| s * input.scale / out).collect();
        let add = (0..columns)
            .map(|i| bias[i] / out + shift - mul[i] * input.zero * total[i] as f32)
            .collect();
        let view = NdTensorView::from_data([depth, columns], matrix);
        Self { matrix: Ints::default().prepack_b(view), mul, add }
    }

    /// A layer that is a product and nothing else.
    ///
    /// # Errors
    /// [`NetError::File`].
    pub(crate) fn of(
        weights: &Weights<'_>,
        layer: &str,
        shape: [usize; 2],
        output: Option<Grid>,
    ) -> Result<Self, NetError> {
        let whole = Whole::of(weights, layer, &shape)?;
        Ok(Self::new(&whole.values, &whole.step, &whole.bias, Grid::of(weights, layer)?, output))
    }

    /// How many numbers come out.
    pub(crate) fn width(&self) -> usize {
        self.mul.len()
    }

    /// Bytes to bytes on the grid given to [`Product::new`].
    ///
    /// # Errors
    /// [`NetError::Run`].
    pub(crate) fn bytes(
        &self,
        ints: &Ints,
        input: &[u8],
        sums: &mut Vec<i32>,
        out: &mut [u8],
    ) -> Result<(), NetError> {
        let sums = self.sums(ints, input, input.len() / self.matrix.rows(), sums)?;
        Bytes { sums, mul: &self.mul, add: &self.add, out }.dispatch();
        Ok(())
    }

    /// Bytes to numbers, or, where `onto`, added to those that stand there.
    ///
    /// # Errors
    /// [`NetError::Run`].
    pub(crate) fn reals(
        &self,
        ints: &Ints,
        input: &[u8],
        sums: &mut Vec<i32>,
        out: &mut [f32],
        onto: bool,
    ) -> Result<(), NetError> {
        let sums = self.sums(ints, input, input.len() / self.matrix.rows(), sums)?;
        Reals { sums, mul: &self.mul, add: &self.add, out, onto }.dispatch();
        Ok(())
    }
}

impl Matrix for Product {
    type In = u8;
    type Weight = i8;
    type Sum = i32;

    fn matrix(&self) -> &PackedBMatrix<i8> {
        &self.matrix
    }
}
