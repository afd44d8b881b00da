//! Files of weights for tests.

use rten_simd::SimdOp;
use safetensors::tensor::{Dtype, TensorView};

/// Tensors as they come, the last of a name, then the file they make.
#[derive(Default)]
pub(crate) struct File(Vec<(String, Dtype, Vec<usize>, Vec<u8>)>);

impl File {
    pub(crate) fn reals(mut self, name: &str, shape: &[usize], values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.0.retain(|held| held.0 != name);
        self.0.push((name.to_owned(), Dtype::F32, shape.to_vec(), bytes));
        self
    }

    pub(crate) fn bytes(mut self, name: &str, shape: &[usize], values: &[i8]) -> Self {
        self.0.retain(|held| held.0 != name);
        self.0.push((
            name.to_owned(),
            Dtype::I8,
            shape.to_vec(),
            values.iter().map(|&v| v as u8).collect(),
        ));
        self
    }

    pub(crate) fn made(&self) -> Vec<u8> {
        let views = self.0.iter().map(|(name, kind, shape, bytes)| {
            (name.as_str(), TensorView::new(*kind, shape.clone(), bytes).unwrap())
        });
        safetensors::serialize(views, None).unwrap()
    }
}

/// Numbers between -1 and 1 that look like chance.
pub(crate) fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut chance = fastrand::Rng::with_seed(seed);
    (0..count).map(|_| chance.f32() * 2.0 - 1.0).collect()
}

impl File {
    /// A product of bytes: whole numbers by chance, and the grid of what goes in.
    pub(crate) fn product(self, name: &str, shape: &[usize], grid: [f32; 2], seed: u64) -> Self {
        let (count, outputs) = (shape.iter().product::<usize>(), shape[shape.len() - 1]);
        let inputs = (count / outputs) as f32;
        let values: Vec<i8> =
            numbers(count, seed).iter().map(|v| (v * 63.0).round() as i8).collect();
        self.bytes(&format!("{name}.weight"), shape, &values)
            .reals(&format!("{name}.step"), &[outputs], &vec![1.2 / 63.0 / inputs.sqrt(); outputs])
            .reals(&format!("{name}.bias"), &[outputs], &numbers(outputs, seed + 1))
            .reals(&format!("{name}.input"), &[2], &grid)
    }

    pub(crate) fn norm(self, name: &str, width: usize, seed: u64) -> Self {
        let gain: Vec<f32> = numbers(width, seed).iter().map(|v| 1.0 + v / 4.0).collect();
        self.reals(&format!("{name}.weight"), &[width], &gain).reals(
            &format!("{name}.bias"),
            &[width],
            &numbers(width, seed + 1),
        )
    }

    /// A block of the reader, of so many channels in groups of eight, feed-forwards twice as wide.
    pub(crate) fn block(self, name: &str, width: usize, seed: u64) -> Self {
        let part = |part: &str| format!("{name}.{part}");
        let (groups, signed) = (width / 8, [9.0 / 255.0, 128.0]);
        self.norm(&part("norm1"), width, seed)
            .norm(&part("norm2"), width, seed + 2)
            .norm(&part("norm3"), width, seed + 4)
            .reals(&part("conv.weight"), &[groups, 7, 8, 8], &numbers(groups * 7 * 64, seed + 6))
            .reals(&part("conv.bias"), &[width], &numbers(width, seed + 7))
            .product(&part("qkv"), &[width, 3 * width], signed, seed + 8)
            .product(&part("out"), &[width, width], signed, seed + 10)
            .product(&part("up"), &[width, 2 * width], signed, seed + 12)
            .product(&part("down"), &[2 * width, width], [12.0 / 255.0, 0.0], seed + 14)
    }
}

/// The kinds of vectors that an operation may run in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Vectors {
    /// Those of any processor.
    Plain,
    /// Of most of the last ten years; the widest where there are none.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// The widest here.
    Best,
}

impl Vectors {
    pub(crate) const ALL: &[Self] = &[
        Self::Plain,
        #[cfg(target_arch = "x86_64")]
        Self::Avx2,
        Self::Best,
    ];

    pub(crate) fn run<Op: SimdOp>(self, op: Op) -> Op::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => match rten_simd::isa::Avx2Isa::new() {
                Some(isa) => op.eval(isa),
                None => op.dispatch(),
            },
            Self::Plain => op.eval(rten_simd::isa::GenericIsa::new()),
            Self::Best => op.dispatch(),
        }
    }
}
