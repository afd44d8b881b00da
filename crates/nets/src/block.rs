//! One of the reader's blocks: a convolution along the line in groups, attention, a feed-forward, each
//! beside a shortcut, a norm before each.

use rten_gemm::{GemmInputB, GemmOptions, PackedBMatrix};
use rten_tensor::NdTensorView;

use crate::NetError;
use crate::attention::{Desk, attend};
use crate::product::{Grid, Ints, Nums, Product, multiply, view};
use crate::rows::Norm;
use crate::weights::Weights;

/// Rows of the feed-forward that go through at once.
const ROWS: usize = 120;

/// A convolution along the line, each group of channels by itself.
struct Along {
    /// Of each group: [taps * inputs, outputs].
    groups: Vec<PackedBMatrix<f32>>,
    bias: Vec<f32>,
    taps: usize,
    /// Channels of a group.
    width: usize,
}

impl Along {
    /// `NAME.weight`: [groups, taps, inputs, outputs]; `NAME.bias`.
    fn of(weights: &Weights<'_>, name: &str) -> Result<Self, NetError> {
        let (shape, values) = weights.reals(&format!("{name}.weight"), &[0; 4])?;
        let [groups, taps, inputs, width] = shape[..] else {
            return Err(NetError::File(name.to_owned()));
        };
        if inputs != width || taps % 2 == 0 {
            return Err(NetError::File(format!("{name}: {shape:?}")));
        }
        let (_, bias) = weights.reals(&format!("{name}.bias"), &[groups * width])?;
        let nums = Nums::default();
        let pack = |v: &[f32]| nums.prepack_b(NdTensorView::from_data([taps * inputs, width], v));
        let groups = values.chunks_exact(taps * inputs * width).map(pack).collect();
        Ok(Self { groups, bias, taps, width })
    }
}

/// See the module.
pub(crate) struct Block {
    norms: [Norm; 3],
    along: Along,
    heads: usize,
    qkv: Product,
    out: Product,
    out_grid: Grid,
    up: Product,
    down: Product,
}

/// Memory that is used again and again.
#[derive(Default)]
pub(crate) struct Room {
    pub(crate) sums: Vec<i32>,
    pub(crate) bytes: Vec<u8>,
    wide: Vec<u8>,
    normed: Vec<f32>,
    spread: Vec<f32>,
    qkv: Vec<f32>,
    desk: Desk,
    seen: Vec<f32>,
}

impl Block {
    /// The block named `name`, of `width` channels.
    ///
    /// # Errors
    /// [`NetError::File`].
    pub(crate) fn of(
        weights: &Weights<'_>,
        name: &str,
        width: usize,
        heads: usize,
    ) -> Result<Self, NetError> {
        let layer = |part: &str| format!("{name}.{part}");
        let grid = |part: &str| Grid::of(weights, &layer(part));
        let up = Product::of(weights, &layer("up"), [width, 0], Some(grid("down")?))?;
        let block = Self {
            norms: [
                Norm::of(weights, &layer("norm1"), None)?,
                Norm::of(weights, &layer("norm2"), Some(grid("qkv")?))?,
                Norm::of(weights, &layer("norm3"), Some(grid("up")?))?,
            ],
            along: Along::of(weights, &layer("conv"))?,
            heads,
            qkv: Product::of(weights, &layer("qkv"), [width, 3 * width], None)?,
            out: Product::of(weights, &layer("out"), [width, width], None)?,
            out_grid: grid("out")?,
            down: Product::of(weights, &layer("down"), [up.width(), width], None)?,
            up,
        };
        let along = &block.along;
        if along.groups.len() * along.width != width || heads == 0 || !width.is_multiple_of(heads) {
            return Err(NetError::File(format!(
                "{name}: {width} channels in groups of {}",
                along.width
            )));
        }
        Ok(block)
    }

    /// Runs over `x`, [steps, width], which becomes what comes out.
    ///
    /// # Errors
    /// [`NetError::Run`].
    pub(crate) fn run(
        &self,
        ints: &Ints,
        nums: &Nums,
        x: &mut [f32],
        room: &mut Room,
    ) -> Result<(), NetError> {
        self.along(nums, x, room)?;
        self.attend(ints, x, room)?;
        let width = self.out.width();
        for x in x.chunks_mut(ROWS * width) {
            let (bytes, wide) = (&mut room.bytes[..x.len()], &mut room.wide);
            self.norms[2].run(x, bytes);
            wide.resize(ROWS * self.up.width(), 0);
            let wide = &mut wide[..x.len() / width * self.up.width()];
            self.up.bytes(ints, bytes, &mut room.sums, wide)?;
            self.down.reals(ints, wide, &mut room.sums, x, true)?;
        }
        Ok(())
    }

    fn along(&self, nums: &Nums, x: &mut [f32], room: &mut Room) -> Result<(), NetError> {
        let (along, all) = (&self.along, self.out.width());
        let (steps, width, reach) = (x.len() / all, along.width, along.taps / 2);
        room.normed.resize(x.len(), 0.0);
        self.norms[0].run(x, &mut room.normed);
        room.spread.clear();
        room.spread.resize((steps + 2 * reach) * width, 0.0);
        room.seen.resize(steps * width, 0.0);
        for (group, matrix) in along.groups.iter().enumerate() {
            let first = group * width;
            let inside = room.spread[reach * width..].chunks_exact_mut(width);
            for (to, from) in inside.zip(room.normed.chunks_exact(all)) {
                to.copy_from_slice(&from[first..first + width]);
            }
            // Each step sees the steps beside it: rows that lie over one another.
            let seen = view([steps, along.taps * width], &room.spread, width)?;
            multiply(
                nums,
                seen,
                GemmInputB::Packed(matrix),
                &mut room.seen,
                GemmOptions::default(),
            )?;
            let bias = &along.bias[first..first + width];
            for (x, y) in x.chunks_exact_mut(all).zip(room.seen.chunks_exact(width)) {
                for ((x, y), b) in x[first..first + width].iter_mut().zip(y).zip(bias) {
                    *x += (y + b).max(0.0);
                }
            }
        }
        Ok(())
    }

    fn attend(&self, ints: &Ints, x: &mut [f32], room: &mut Room) -> Result<(), NetError> {
        let width = self.out.width();
        room.bytes.resize(x.len(), 0);
        room.qkv.resize(3 * x.len(), 0.0);
        self.norms[1].run(x, &mut room.bytes);
        self.qkv.reals(ints, &room.bytes, &mut room.sums, &mut room.qkv, false)?;
        attend(
            ints,
            &room.qkv,
            (width, self.heads),
            self.out_grid,
            &mut room.desk,
            &mut room.bytes,
        )?;
        self.out.reals(ints, &room.bytes, &mut room.sums, x, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{File, numbers};

    const WIDTH: usize = 32;
    const STEPS: usize = 37;
    const HEADS: usize = 4;

    /// A file's numbers by name, whole ones as what they stand for.
    fn held(weights: &Weights<'_>, name: &str) -> Vec<f32> {
        let Ok((_, values)) = weights.bytes(name, &[0, 0]) else {
            return weights.reals(name, &[0]).or_else(|_| weights.reals(name, &[0; 4])).unwrap().1;
        };
        let (_, step) = weights.reals(&name.replace(".weight", ".step"), &[0]).unwrap();
        values.iter().zip(step.iter().cycle()).map(|(&v, s)| f32::from(v) * s).collect()
    }

    fn normed(weights: &Weights<'_>, name: &str, x: &[f32]) -> Vec<f32> {
        let (gain, bias) =
            (held(weights, &format!("{name}.weight")), held(weights, &format!("{name}.bias")));
        let row = |row: &[f32]| {
            let mean = row.iter().sum::<f32>() / row.len() as f32;
            let var = row.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / row.len() as f32;
            let norm = |(i, v): (usize, &f32)| (v - mean) / (var + 1e-5).sqrt() * gain[i] + bias[i];
            row.iter().enumerate().map(norm).collect::<Vec<_>>()
        };
        x.chunks(WIDTH).flat_map(row).collect()
    }

    fn product(weights: &Weights<'_>, name: &str, x: &[f32]) -> Vec<f32> {
        let (matrix, bias) =
            (held(weights, &format!("{name}.weight")), held(weights, &format!("{name}.bias")));
        let inputs = matrix.len() / bias.len();
        let at = |row: &[f32], k: usize| {
            bias[k] + (0..inputs).map(|i| row[i] * matrix[i * bias.len() + k]).sum::<f32>()
        };
        x.chunks(inputs)
            .flat_map(|row| (0..bias.len()).map(|k| at(row, k)).collect::<Vec<_>>())
            .collect()
    }

    /// A block by its definition, in numbers.
    fn plain(weights: &Weights<'_>, x: &mut [f32]) {
        let y = normed(weights, "b.norm1", x);
        let (kernel, bias) = (held(weights, "b.conv.weight"), held(weights, "b.conv.bias"));
        for step in 0..STEPS {
            for channel in 0..WIDTH {
                let (group, output) = (channel / 8, channel % 8);
                let mut sum = bias[channel];
                for tap in (0..7).filter(|tap| (3..STEPS + 3).contains(&(step + tap))) {
                    for input in 0..8 {
                        let weight = kernel[((group * 7 + tap) * 8 + input) * 8 + output];
                        sum += weight * y[(step + tap - 3) * WIDTH + group * 8 + input];
                    }
                }
                x[step * WIDTH + channel] += sum.max(0.0);
            }
        }
        let qkv = product(weights, "b.qkv", &normed(weights, "b.norm2", x));
        let mut seen = vec![0.0; x.len()];
        let size = WIDTH / HEADS;
        for head in 0..HEADS {
            let part =
                |step: usize, k: usize| &qkv[step * 3 * WIDTH + k * WIDTH + head * size..][..size];
            for step in 0..STEPS {
                let score = |other: usize| {
                    part(step, 0).iter().zip(part(other, 1)).map(|(a, b)| a * b).sum::<f32>()
                };
                let scores: Vec<f32> = (0..STEPS).map(|other| score(other).exp()).collect();
                let total: f32 = scores.iter().sum();
                for (i, to) in seen[step * WIDTH + head * size..][..size].iter_mut().enumerate() {
                    *to = (0..STEPS).map(|other| scores[other] / total * part(other, 2)[i]).sum();
                }
            }
        }
        let add = |x: &mut [f32], y: Vec<f32>| x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
        add(x, product(weights, "b.out", &seen));
        let mut up = product(weights, "b.up", &normed(weights, "b.norm3", x));
        up.iter_mut().for_each(|v| *v = v.max(0.0));
        add(x, product(weights, "b.down", &up));
    }

    #[test]
    fn a_block_does_what_it_is_by_definition() {
        let file = File::default().block("b", WIDTH, 1).made();
        let weights = Weights::read(&file).unwrap();
        let block = Block::of(&weights, "b", WIDTH, HEADS).unwrap();
        let mut found = numbers(STEPS * WIDTH, 50);
        let mut wanted = found.clone();
        // Twice through the same memory: nothing is left over from a longer line.
        let mut room = Room::default();
        block
            .run(&Ints::default(), &Nums::default(), &mut numbers(3 * STEPS * WIDTH, 51), &mut room)
            .unwrap();
        block.run(&Ints::default(), &Nums::default(), &mut found, &mut room).unwrap();
        plain(&weights, &mut wanted);
        let size = wanted.iter().map(|v| v.abs()).sum::<f32>() / wanted.len() as f32;
        let off = found.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).sum::<f32>()
            / wanted.len() as f32;
        assert!(off < 0.03 * size, "{off} of {size}");
    }

    #[test]
    fn heads_that_do_not_share_the_channels_are_refused() {
        let file = File::default().block("b", WIDTH, 1).made();
        let refused = Block::of(&Weights::read(&file).unwrap(), "b", WIDTH, 5);
        assert!(matches!(refused, Err(NetError::File(_))));
    }
}
