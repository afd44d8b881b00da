//! Nets: the finder and the reader as ONNX models run by rten, each run on one thread.

use std::sync::Arc;

use rten::{Model, ModelOptions, RunOptions, ThreadPool, Value};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};

use crate::cut::HEIGHT;
use crate::find::{FindLines, Maps, STRIDE};
use crate::recognise::{Batch, Frames, ReadLines};
use crate::{Gray, VisionError};

/// A model, and a pool of threads for each worker that may run it.
struct Net {
    name: &'static str,
    model: Model,
    pools: Vec<Arc<ThreadPool>>,
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Net({})", self.name)
    }
}

impl Net {
    fn new(
        name: &'static str,
        model: Result<Model, rten::LoadError>,
        workers: usize,
        threads: usize,
    ) -> Result<Self, VisionError> {
        let model = model.map_err(|e| VisionError::Load { model: name, reason: e.to_string() })?;
        let pool = |_| Arc::new(ThreadPool::with_num_threads(threads.max(1)));
        let pools = (0..workers.max(1)).map(pool).collect();
        Ok(Self { name, model, pools })
    }

    /// The first output for one input, as f32, with its shape.
    fn run(
        &self,
        input: NdTensor<f32, 4>,
        worker: usize,
    ) -> Result<(Vec<usize>, Vec<f32>), VisionError> {
        let fail = |reason: String| VisionError::Run { model: self.name, reason };
        let pool = self.pools[worker % self.pools.len()].clone();
        let options = RunOptions::default().with_thread_pool(Some(pool));
        let value: Value =
            self.model.run_one(input.into(), Some(options)).map_err(|e| fail(e.to_string()))?;
        let tensor: Tensor<f32> = value.try_into().map_err(|_| fail("no f32 answer".to_owned()))?;
        Ok((tensor.shape().to_vec(), tensor.into_data()))
    }

    fn wrong_shape(&self, shape: &[usize]) -> VisionError {
        VisionError::Run { model: self.name, reason: format!("unexpected shape {shape:?}") }
    }
}

/// Weights laid out once, as the matrix product wants them, rather than at each run.
fn options() -> ModelOptions {
    let mut options = ModelOptions::with_all_ops();
    options.prepack_weights(true);
    options
}

/// A gray value as the nets take it: -1 black, 1 white.
pub(crate) fn level(value: u8) -> f32 {
    f32::from(value) / 127.5 - 1.0
}

/// The line finder: `[1, 1, H, W]` to `[1, K, H/4, W/4]` probabilities; map 0 holds the core bands,
/// map 1 the full extents, map 2 rules (found better from the page itself), map 3 figures, map 4 what
/// parts columns and map 5 what parts rows of tables.
#[derive(Debug)]
pub struct NetFinder(Net);

impl NetFinder {
    /// From an embedded ONNX file, run on so many threads: pages are found one at a time, so the
    /// threads that read lines afterwards are free.
    ///
    /// # Errors
    /// [`VisionError::Load`].
    pub fn embedded(onnx: &'static [u8], threads: usize) -> Result<Self, VisionError> {
        Ok(Self(Net::new("finder", options().load_static_slice(onnx), 1, threads)?))
    }

    /// From an ONNX file read at run time, on one thread.
    ///
    /// # Errors
    /// [`VisionError::Load`].
    pub fn load(onnx: Vec<u8>) -> Result<Self, VisionError> {
        Ok(Self(Net::new("finder", options().load(onnx), 1, 1)?))
    }
}

impl FindLines for NetFinder {
    fn find(&self, picture: &Gray) -> Result<Maps, VisionError> {
        let (w, h) = (picture.width, picture.height);
        let input: Vec<f32> = picture.pixels.iter().map(|&v| level(v)).collect();
        let (shape, mut values) = self.0.run(NdTensor::from_data([1, 1, h, w], input), 0)?;
        let (width, height) = (w / STRIDE, h / STRIDE);
        let size = width * height;
        if shape.len() != 4 || shape[1] == 0 || shape[2..] != [height, width] {
            return Err(self.0.wrong_shape(&shape));
        }
        let map = |i: usize, values: &[f32]| {
            values.get(i * size..(i + 1) * size).map_or(Vec::new(), <[f32]>::to_vec)
        };
        let [extent, figures, gutters, partings] = [1, 3, 4, 5].map(|i| map(i, &values));
        values.truncate(size);
        Ok(Maps { width, height, core: values, extent, figures, gutters, partings })
    }
}

/// The line reader: `[N, 1, 48, W]` to `[N, T, C]`, class 0 the blank. Several copies may run at
/// once, each worker on a thread of its own.
#[derive(Debug)]
pub struct NetReader(Net);

impl NetReader {
    /// From an embedded ONNX file, for so many workers.
    ///
    /// # Errors
    /// [`VisionError::Load`].
    pub fn embedded(onnx: &'static [u8], workers: usize) -> Result<Self, VisionError> {
        Ok(Self(Net::new("reader", options().load_static_slice(onnx), workers, 1)?))
    }

    /// From an ONNX file read at run time.
    ///
    /// # Errors
    /// [`VisionError::Load`].
    pub fn load(onnx: Vec<u8>, workers: usize) -> Result<Self, VisionError> {
        Ok(Self(Net::new("reader", options().load(onnx), workers, 1)?))
    }
}

impl ReadLines for NetReader {
    fn workers(&self) -> usize {
        self.0.pools.len()
    }

    fn read(&self, batch: Batch, worker: usize) -> Result<Frames, VisionError> {
        let count = batch.count;
        let input = NdTensor::from_data([count, 1, HEIGHT, batch.width], batch.pixels);
        let (shape, values) = self.0.run(input, worker)?;
        if shape.len() != 3 || shape[0] != count || shape[1] == 0 || shape[2] < 2 {
            return Err(self.0.wrong_shape(&shape));
        }
        Ok(Frames { count, steps: shape[1], classes: shape[2], values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `training/reader/graph.py` builds on: ONNX leaves a cast out of range open.
    #[test]
    fn a_cast_to_bytes_cuts_off_at_both_ends() {
        let onnx = include_bytes!("../tests/data/cast.onnx");
        let net = Net::new("cast", options().load_static_slice(onnx), 1, 1).unwrap();
        let given = vec![-7.3, -0.4, 0.0, 0.6, 1.5, 254.9, 255.9, 256.0, 1e9];
        let (_, read) = net.run(NdTensor::from_data([1, 1, 1, given.len()], given), 0).unwrap();
        assert_eq!(read, [0.0, 0.0, 0.0, 0.0, 1.0, 254.0, 255.0, 255.0, 255.0]);
    }
}
