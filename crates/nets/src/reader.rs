//! The line reader: a convolution stem, blocks of convolution, attention and feed-forward, classes.

use rten_simd::SimdOp;

use crate::NetError;
use crate::block::{Block, Room};
use crate::conv::{Conv, Way, Work};
use crate::finish::{Kept, Rounded};
use crate::planes::Planes;
use crate::product::{Dense, Grid, Ints, Nums, Product};
use crate::rows::Norm;
use crate::weights::{Weights, alike};

/// Rows of a line's picture.
pub const HEIGHT: usize = 48;
/// Rows, and columns to a step, after the stem: a step is so many pixels wide, and gives two outputs.
const STEP: usize = 4;

/// A convolution whose answer is kept, and one beside it.
struct Stage {
    down: Conv<Product>,
    beside: Conv<Product>,
    /// One by the scale of the bytes that go into `beside`, and into what comes after.
    inverse: [f32; 2],
}

impl Stage {
    fn of(
        weights: &Weights<'_>,
        names: [&str; 2],
        next: &str,
        stride: (usize, usize),
        groups: [usize; 2],
    ) -> Result<Self, NetError> {
        let way = |stride, group| Way { stride, group };
        let inverse = |layer: &str| Grid::of(weights, layer).map(|g| 1.0 / g.scale);
        let down = Conv::<Product>::of(weights, names[0], way(stride, groups[0]))?;
        let beside = Conv::<Product>::of(weights, names[1], way((1, 1), groups[1]))?;
        alike(names[1], &[down.outputs, beside.outputs])?;
        Ok(Self { down, beside, inverse: [inverse(names[1])?, inverse(next)?] })
    }

    fn run(
        &self,
        ints: &Ints,
        input: &Planes<u8>,
        border: (usize, usize),
        work: &mut Work<Product>,
        kept: &mut Vec<f32>,
    ) -> Result<Planes<u8>, NetError> {
        let mut half = |conv: &Conv<Product>, input: &Planes<u8>, border, inverse, beside| {
            let size = conv.size(input);
            let row = size.1 * conv.outputs;
            kept.resize(size.0 * row, 0.0);
            let mut out = Planes::new(size, conv.outputs, border, 0);
            let (mul, add) = (&conv.product.mul, &conv.product.add);
            conv.run(ints, input, 0..size.0, work, |place, sums| {
                let kept = &mut kept[place * row..(place + 1) * row];
                Kept { sums, mul, add, inverse, kept, out: out.row_mut(place), beside }.dispatch();
            })?;
            Ok(out)
        };
        let middle = half(&self.down, input, (1, 1), self.inverse[0], false)?;
        half(&self.beside, &middle, border, self.inverse[1], true)
    }
}

/// What a line says, column by column.
pub struct Reader {
    /// In numbers: of all layers it is the one whose weights suffer most by being made whole, and it costs little.
    first: Conv<Dense>,
    /// One by the scale of the bytes that come out of it.
    inverse: f32,
    stages: [Stage; 3],
    join: Product,
    blocks: Vec<Block>,
    norm: Norm,
    head: Product,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader({} blocks, {} classes)", self.blocks.len(), self.classes())
    }
}

impl Reader {
    /// From a file of weights, as `training/reader/export.py` writes it.
    ///
    /// # Errors
    /// [`NetError::File`] where it is no such file.
    pub fn read(file: &[u8]) -> Result<Self, NetError> {
        let weights = Weights::read(file)?;
        let stage = |names, next, stride, groups| Stage::of(&weights, names, next, stride, groups);
        let (shape, _) = weights.reals("norm.weight", &[0])?;
        let width = shape[0];
        let (_, heads) = weights.reals("heads", &[1])?;
        let block =
            |i: usize| Block::of(&weights, &format!("blocks.{i}"), width, heads[0] as usize);
        let blocks =
            (0..).take_while(|i| weights.has(&format!("blocks.{i}.qkv.weight"))).map(block);
        Ok(Self {
            first: Conv::<Dense>::of(&weights, "stem.0", Way { stride: (2, 2), group: 4 })?,
            inverse: 1.0 / Grid::of(&weights, "stem.1")?.scale,
            stages: [
                stage(["stem.1", "stem.2"], "stem.3", (2, 2), [4, 4])?,
                stage(["stem.3", "stem.4"], "stem.5", (1, 2), [2, 2])?,
                stage(["stem.5", "stem.6"], "join", (1, 2), [1, 1])?,
            ],
            join: Product::of(&weights, "join", [0, width], None)?,
            blocks: blocks.collect::<Result<_, _>>()?,
            norm: Norm::of(&weights, "norm", Some(Grid::of(&weights, "head")?))?,
            head: Product::of(&weights, "head", [width, 0], None)?,
        })
    }

    /// How many classes it tells apart, the blank among them.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.head.width() / 2
    }

    /// The first convolution: of columns of pixels, from -1, ink, to 1, paper.
    fn pixels(&self, nums: &Nums, picture: &[u8], width: usize) -> Result<Planes<u8>, NetError> {
        let mut columns = Planes::new((width, HEIGHT), 1, (1, 1), 0.0_f32);
        for x in 0..width {
            for (to, row) in columns.row_mut(x).iter_mut().zip(picture.chunks_exact(width)) {
                *to = f32::from(row[x]) / 127.5 - 1.0;
            }
        }
        let size = self.first.size(&columns);
        let mut out = Planes::new(size, self.first.outputs, (1, 1), 0);
        let add = &self.first.product.add;
        self.first.run(nums, &columns, 0..size.0, &mut Work::default(), |place, numbers| {
            Rounded { numbers, add, by: self.inverse, out: out.row_mut(place) }.dispatch();
        })?;
        Ok(out)
    }

    /// Logits [width / 2, classes] of a picture [48, width] in row-major order, 0 ink and 255 paper; `width`
    /// is a multiple of 8. Class 0 is the blank.
    ///
    /// # Errors
    /// [`NetError::Run`] where the picture is of another shape.
    pub fn run(&self, picture: &[u8], width: usize) -> Result<Vec<f32>, NetError> {
        if width == 0 || !width.is_multiple_of(8) || picture.len() != HEIGHT * width {
            return Err(NetError::Run(format!("{} pixels in lines of {width}", picture.len())));
        }
        let (ints, nums) = (Ints::default(), Nums::default());
        let (mut work, mut room, mut kept) = (Work::default(), Room::default(), Vec::new());
        let mut map = self.pixels(&nums, picture, width)?;
        let borders = [(1, 1), (1, 1), (0, 0)];
        for (stage, border) in self.stages.iter().zip(borders) {
            map = stage.run(&ints, &map, border, &mut work, &mut kept)?;
        }
        let mut x = vec![0.0; width / STEP * self.join.width()];
        self.join.reals(&ints, map.padded(), &mut work.sums, &mut x, false)?;
        for block in &self.blocks {
            block.run(&ints, &nums, &mut x, &mut room)?;
        }
        room.bytes.resize(x.len(), 0);
        self.norm.run(&x, &mut room.bytes);
        let mut classes = vec![0.0; width / STEP * self.head.width()];
        self.head.reals(&ints, &room.bytes, &mut work.sums, &mut classes, false)?;
        Ok(classes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{File, numbers};

    /// A small reader of seven classes that learnt nothing.
    fn file() -> File {
        let grid = [4.0 / 255.0, 0.0];
        let mut file = File::default()
            .reals("heads", &[1], &[2.0])
            .reals("stem.0.weight", &[3, 3, 1, 8], &numbers(72, 1))
            .reals("stem.0.bias", &[8], &numbers(8, 2));
        for (i, (from, to)) in
            [(8, 8), (8, 8), (8, 16), (16, 16), (16, 16), (16, 16)].into_iter().enumerate()
        {
            file = file.product(&format!("stem.{}", i + 1), &[3, 3, from, to], grid, 10 + i as u64);
        }
        file.product("join", &[48, 16], grid, 20)
            .block("blocks.0", 16, 30)
            .block("blocks.1", 16, 60)
            .norm("norm", 16, 90)
            .product("head", &[16, 14], [6.0 / 255.0, 128.0], 92)
    }

    fn picture(width: usize) -> Vec<u8> {
        numbers(HEIGHT * width, 5).iter().map(|v| if *v > 0.5 { 0 } else { 255 }).collect()
    }

    #[test]
    fn two_outputs_come_of_every_step() {
        let reader = Reader::read(&file().made()).unwrap();
        assert_eq!(reader.classes(), 7);
        for width in [8, 64, 200] {
            let read = reader.run(&picture(width), width).unwrap();
            assert_eq!(read.len(), width / 2 * 7);
            assert!(read.iter().all(|v| v.is_finite()));
            assert_eq!(read, reader.run(&picture(width), width).unwrap());
        }
    }

    #[test]
    fn a_picture_of_another_shape_is_refused() {
        let reader = Reader::read(&file().made()).unwrap();
        for (picture, width) in [(picture(12), 12), (picture(16), 8), (Vec::new(), 0)] {
            assert!(matches!(reader.run(&picture, width), Err(NetError::Run(_))));
        }
    }

    #[test]
    fn a_file_that_is_cut_short_or_lacks_a_layer_is_refused() {
        let made = file().made();
        for length in [0, 7, 100, made.len() / 2, made.len() - 1] {
            assert!(matches!(Reader::read(&made[..length]), Err(NetError::File(_))));
        }
        let other = file().product("stem.2", &[3, 3, 8, 16], [1.0, 0.0], 1).made();
        assert!(matches!(Reader::read(&other), Err(NetError::File(_))));
        let lacking = File::default().reals("heads", &[1], &[2.0]).norm("norm", 16, 1).made();
        assert!(matches!(Reader::read(&lacking), Err(NetError::File(_))));
    }
}
