//! The line finder: a small U over a page, whose maps say where lines are, and beside it a head of its
//! own for what parts the cells of tables.
//!
//! In numbers, all of it. In bytes it took 33 ms a page instead of 48, but where lines end and cells part
//! hangs on small differences: of 300 drawn pages it lost a third more lines.

use rayon::prelude::*;
use rten_simd::SimdOp;

use crate::NetError;
use crate::conv::{Conv, Way, Work};
use crate::cross::Cross;
use crate::finish::Relu;
use crate::planes::Planes;
use crate::product::{Dense, Matrix, Nums};
use crate::rows::Sigmoid;
use crate::weights::{Weights, alike};

/// The sides of a page are multiples of this.
const UNIT: usize = 32;
/// Rows of a map that one thread takes at once.
const ROWS: usize = 8;

/// Numbers with their shape: [rows, width, channels].
struct Map {
    width: usize,
    channels: usize,
    values: Vec<f32>,
}

/// A step down: half as large, then a convolution beside a shortcut.
struct Down {
    half: Conv<Dense>,
    beside: Conv<Dense>,
}

/// A step up: the coarser map twice as large, beside it what this level saw, mixed.
struct Up {
    side: Dense,
    mix: Conv<Dense>,
}

/// What parts a page's lines and a table's cells.
pub struct Finder {
    stem: Conv<Dense>,
    downs: [Down; 4],
    /// Of the coarsest level.
    top: Dense,
    ups: Vec<Up>,
    head: Dense,
    sides: Vec<Dense>,
    looks: Vec<[Cross; 2]>,
    cells: Dense,
}

impl std::fmt::Debug for Finder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Finder({} levels)", self.downs.len())
    }
}

/// The ReLU of a convolution, and `beside` added, into the rows of `out`, on as many threads as there are.
fn relu(
    conv: &Conv<Dense>,
    nums: &Nums,
    input: &Planes<f32>,
    beside: Option<&Planes<f32>>,
    mut out: Vec<&mut [f32]>,
) -> Result<(), NetError> {
    let add = &conv.product.add;
    out.par_chunks_mut(ROWS).enumerate().try_for_each_init(Work::default, |work, (part, rows)| {
        let from = part * ROWS;
        conv.run(nums, input, from..from + rows.len(), work, |place, numbers| {
            let beside = beside.map(|b| b.row(place));
            Relu { numbers, add, beside, out: rows[place - from] }.dispatch();
        })
    })
}

/// The same in a border of nothing.
fn bordered(
    conv: &Conv<Dense>,
    nums: &Nums,
    input: &Planes<f32>,
    beside: Option<&Planes<f32>>,
) -> Result<Planes<f32>, NetError> {
    let mut out = Planes::new(conv.size(input), conv.outputs, (1, 1), 0.0);
    relu(conv, nums, input, beside, out.rows_mut())?;
    Ok(out)
}

/// What a matrix makes of each place of a map, and, where there is a coarser map, that twice as large added, into the rows of `out`.
fn at_each(
    matrix: &Dense,
    nums: &Nums,
    input: &Planes<f32>,
    coarse: Option<&Map>,
    out: Vec<&mut [f32]>,
) -> Result<(), NetError> {
    let channels = matrix.width();
    if let Some(map) = coarse {
        alike("a step up", &[map.channels, channels])?;
    }
    out.into_par_iter().enumerate().try_for_each_init(Vec::new, |sums, (y, out)| {
        let sums = matrix.sums(nums, input.row(y), input.inner, sums)?;
        for (x, (to, from)) in
            out.chunks_exact_mut(channels).zip(sums.chunks_exact(channels)).enumerate()
        {
            to.iter_mut().zip(from).zip(&matrix.add).for_each(|((to, from), add)| *to = from + add);
            if let Some(map) = coarse {
                let above = &map.values[(y / 2 * map.width + x / 2) * channels..][..channels];
                to.iter_mut().zip(above).for_each(|(to, above)| *to += above);
            }
        }
        Ok(())
    })
}

/// The ReLU of `second` of the ReLU of `first`, in a border of nothing. What `first` says is never held as a whole: it is the
/// largest map by far, and slower to write and to read than to make.
fn both(
    first: &Conv<Dense>,
    second: &Conv<Dense>,
    nums: &Nums,
    input: &Planes<f32>,
) -> Result<Planes<f32>, NetError> {
    let (height, width) = first.size(input);
    let mut out = Planes::new((height / 2, width / 2), second.outputs, (1, 1), 0.0);
    let room = || (Work::default(), Work::default());
    out.rows_mut().par_chunks_mut(ROWS).enumerate().try_for_each_init(
        room,
        |(one, two), (part, rows)| {
            // The rows that these look at, those beyond the edges nothing.
            let top = 2 * part * ROWS;
            let mut band = Planes::new((2 * rows.len() + 1, width), first.outputs, (0, 1), 0.0);
            let seen = top.saturating_sub(1)..(top + 2 * rows.len()).min(height);
            let add = &first.product.add;
            first.run(nums, input, seen, one, |place, numbers| {
                Relu { numbers, add, beside: None, out: band.row_mut(place + 1 - top) }.dispatch();
            })?;
            let add = &second.product.add;
            second.run(nums, &band, 0..rows.len(), two, |place, numbers| {
                Relu { numbers, add, beside: None, out: rows[place] }.dispatch();
            })
        },
    )?;
    Ok(out)
}

impl Down {
    fn of(weights: &Weights<'_>, level: usize, group: usize) -> Result<Self, NetError> {
        let conv = |part: usize, stride: usize| {
            Conv::<Dense>::of(
                weights,
                &format!("down{level}.{part}"),
                Way { stride: (stride, stride), group },
            )
        };
        let (half, beside) = (conv(0, 2)?, conv(1, 1)?);
        alike(&format!("down{level}"), &[half.outputs, beside.outputs])?;
        Ok(Self { half, beside })
    }

    fn run(&self, nums: &Nums, input: &Planes<f32>) -> Result<Planes<f32>, NetError> {
        self.rest(nums, &bordered(&self.half, nums, input, None)?)
    }

    /// What comes of a map half as large already.
    fn rest(&self, nums: &Nums, half: &Planes<f32>) -> Result<Planes<f32>, NetError> {
        bordered(&self.beside, nums, half, Some(half))
    }
}

impl Up {
    fn of(weights: &Weights<'_>, side: usize, mix: &str, group: usize) -> Result<Self, NetError> {
        Ok(Self {
            side: Dense::at(weights, &format!("sides.{side}"))?,
            mix: Conv::<Dense>::of(weights, mix, Way { stride: (1, 1), group })?,
        })
    }

    fn run(&self, nums: &Nums, seen: &Planes<f32>, coarse: &Map) -> Result<Map, NetError> {
        let mut sum = Planes::new((seen.outer, seen.inner), coarse.channels, (1, 1), 0.0);
        at_each(&self.side, nums, seen, Some(coarse), sum.rows_mut())?;
        let mut out = Map::new(seen, self.mix.outputs);
        relu(&self.mix, nums, &sum, None, out.rows_mut())?;
        Ok(out)
    }
}

impl Map {
    /// As large as `like`, of so many channels.
    fn new(like: &Planes<f32>, channels: usize) -> Self {
        Self { width: like.inner, channels, values: vec![0.0; like.outer * like.inner * channels] }
    }

    fn rows_mut(&mut self) -> Vec<&mut [f32]> {
        self.values.chunks_exact_mut(self.width * self.channels).collect()
    }

    /// Probabilities, [rows, width, outputs].
    fn probabilities(&self, nums: &Nums, head: &Dense) -> Result<Self, NetError> {
        let (channels, mut values) = (head.width(), Vec::new());
        head.sums(nums, &self.values, self.values.len() / self.channels, &mut values)?;
        for place in values.chunks_exact_mut(channels) {
            place.iter_mut().zip(&head.add).for_each(|(v, add)| *v += add);
        }
        Sigmoid { values: &mut values }.dispatch();
        Ok(Self { width: self.width, channels, values })
    }
}

impl Finder {
    /// From a file of weights, as `training/finder/export.py` writes it.
    ///
    /// # Errors
    /// [`NetError::File`] where it is no such file.
    pub fn read(file: &[u8]) -> Result<Self, NetError> {
        let w = Weights::read(file)?;
        let cross = |i: usize, j: usize| Cross::of(&w, &format!("cells.looks.{i}.{j}"));
        Ok(Self {
            stem: Conv::<Dense>::of(&w, "stem", Way { stride: (2, 2), group: 4 })?,
            downs: [
                Down::of(&w, 2, 1)?,
                Down::of(&w, 3, 2)?,
                Down::of(&w, 4, 1)?,
                Down::of(&w, 5, 1)?,
            ],
            top: Dense::at(&w, "sides.3")?,
            ups: vec![
                Up::of(&w, 2, "mix4", 1)?,
                Up::of(&w, 1, "mix3", 1)?,
                Up::of(&w, 0, "mix2", 2)?,
            ],
            head: Dense::at(&w, "head")?,
            sides: (0..3)
                .map(|i| Dense::at(&w, &format!("cells.sides.{i}")))
                .collect::<Result<_, _>>()?,
            looks: (0..3)
                .map(|i| Ok([cross(i, 0)?, cross(i, 1)?]))
                .collect::<Result<_, NetError>>()?,
            cells: Dense::at(&w, "cells.head")?,
        })
    }

    /// Probabilities [6, height / 4, width / 4] of a page [height, width] in row-major order, 0 ink and 255
    /// paper, its sides multiples of 32: core bands, full extents, rules, figures, what parts the columns and
    /// what parts the rows of tables. On as many threads as the pool it is called in has.
    ///
    /// # Errors
    /// [`NetError::Run`] where the page is of another shape.
    pub fn run(&self, page: &[u8], width: usize) -> Result<Vec<f32>, NetError> {
        let height = page.len() / width.max(1);
        if page.is_empty()
            || !width.is_multiple_of(UNIT)
            || !height.is_multiple_of(UNIT)
            || page.len() != width * height
        {
            return Err(NetError::Run(format!("a page of {} pixels, {width} across", page.len())));
        }
        let nums = Nums::default();
        let mut pixels = Planes::new((height, width), 1, (2, 2), 0.0_f32);
        for (to, from) in pixels.rows_mut().into_iter().zip(page.chunks_exact(width)) {
            to.iter_mut().zip(from).for_each(|(to, from)| *to = f32::from(*from) / 127.5 - 1.0);
        }
        // At a quarter of the page's size, an eighth and so on.
        let [first, downs @ ..] = &self.downs;
        let mut levels = vec![first.rest(&nums, &both(&self.stem, &first.half, &nums, &pixels)?)?];
        for down in downs {
            let next = down.run(&nums, &levels[levels.len() - 1])?;
            levels.push(next);
        }
        let mut map = Map::new(&levels[3], self.top.width());
        at_each(&self.top, &nums, &levels[3], None, map.rows_mut())?;
        for (up, level) in self.ups.iter().zip([2, 1, 0]) {
            map = up.run(&nums, &levels[level], &map)?;
        }
        let lines = map.probabilities(&nums, &self.head)?;
        let mut cells: Option<Map> = None;
        for level in [2, 1, 0] {
            let (seen, side) = (&levels[level + 1], &self.sides[level]);
            let mut map = Map::new(seen, side.width());
            at_each(side, &nums, seen, cells.as_ref(), map.rows_mut())?;
            for cross in &self.looks[level] {
                map.values = cross.run(&nums, &map.values, (map.width, map.channels))?;
            }
            cells = Some(map);
        }
        let cells = cells.ok_or_else(|| NetError::Run("no levels".to_owned()))?;
        Ok(together(&lines, &cells.probabilities(&nums, &self.cells)?))
    }
}

/// The maps of lines, and those of cells, which are half as large but hold four places each, one map after the other.
fn together(lines: &Map, cells: &Map) -> Vec<f32> {
    let (width, each) = (lines.width, lines.channels);
    let size = lines.values.len() / each;
    let mut out = vec![0.0; size * (each + cells.channels / 4)];
    for (i, place) in lines.values.chunks_exact(each).enumerate() {
        place.iter().enumerate().for_each(|(k, v)| out[k * size + i] = *v);
    }
    for (i, place) in cells.values.chunks_exact(cells.channels).enumerate() {
        let at = i / cells.width * 2 * width + i % cells.width * 2;
        for (k, v) in place.iter().enumerate() {
            out[(each + k / 4) * size + at + k % 4 / 2 * width + k % 2] = *v;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{File, numbers};

    fn conv(file: File, name: &str, shape: [usize; 4], seed: u64) -> File {
        let count = shape.iter().product();
        let root = (shape[0] * shape[1] * shape[2]) as f32;
        let kernel: Vec<f32> = numbers(count, seed).iter().map(|v| v * 2.0 / root.sqrt()).collect();
        file.reals(&format!("{name}.weight"), &shape, &kernel).reals(
            &format!("{name}.bias"),
            &[shape[3]],
            &numbers(shape[3], seed + 1),
        )
    }

    /// A small finder that learnt nothing.
    fn file() -> Vec<u8> {
        let mut file = conv(File::default(), "stem", [5, 5, 1, 4], 1);
        for level in 2..6 {
            file = conv(file, &format!("down{level}.0"), [3, 3, 4, 4], 10 * level as u64);
            file = conv(file, &format!("down{level}.1"), [3, 3, 4, 4], 10 * level as u64 + 2);
            file = conv(file, &format!("sides.{}", level - 2), [1, 1, 4, 6], 10 * level as u64 + 4);
        }
        for (name, outputs) in [("mix4", 6), ("mix3", 6), ("mix2", 4)] {
            file = conv(file, name, [3, 3, 6, outputs], outputs as u64);
        }
        for (level, reach) in [11, 15, 15].into_iter().enumerate() {
            file = conv(file, &format!("cells.sides.{level}"), [1, 1, 4, 6], 70 + level as u64);
            for j in 0..2 {
                let name = format!("cells.looks.{level}.{j}");
                file = conv(file, &format!("{name}.across"), [1, reach, 1, 6], 80);
                file = conv(file, &format!("{name}.down"), [reach, 1, 1, 6], 82);
                file = conv(file, &format!("{name}.mix"), [1, 1, 12, 6], 84);
            }
        }
        conv(conv(file, "head", [1, 1, 4, 4], 90), "cells.head", [1, 1, 6, 8], 92).made()
    }

    fn page(width: usize, height: usize) -> Vec<u8> {
        numbers(width * height, 5).iter().map(|v| (v * 127.0 + 128.0) as u8).collect()
    }

    #[test]
    fn six_maps_come_of_a_page_on_any_number_of_threads() {
        let finder = Finder::read(&file()).unwrap();
        let runs = [1, 3].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| finder.run(&page(96, 160), 96)).unwrap()
        });
        assert_eq!(runs[0].len(), 6 * 24 * 40);
        assert!(runs[0].iter().all(|v| (0.0..=1.0).contains(v)));
        assert_eq!(runs[0], runs[1]);
    }

    #[test]
    fn maps_of_cells_are_put_together_from_quarters() {
        let lines = Map { width: 4, channels: 1, values: vec![0.5; 8] };
        let cells = Map { width: 2, channels: 4, values: (0..8).map(|v| v as f32).collect() };
        let out = together(&lines, &cells);
        assert_eq!(out[..8], [0.5; 8]);
        assert_eq!(out[8..], [0.0, 1.0, 4.0, 5.0, 2.0, 3.0, 6.0, 7.0]);
    }

    #[test]
    fn a_page_whose_sides_do_not_fit_is_refused() {
        let finder = Finder::read(&file()).unwrap();
        for (page, width) in
            [(page(96, 100), 96), (page(90, 96), 90), (Vec::new(), 32), (page(32, 32), 0)]
        {
            assert!(matches!(finder.run(&page, width), Err(NetError::Run(_))));
        }
    }
}
