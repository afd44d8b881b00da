//! The finder and the reader, as `khocr-nets` runs them, each on threads of its own.

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::find::{FindLines, Maps, STRIDE};
use crate::recognise::{Frames, ReadLines};
use crate::{Gray, VisionError};

fn pool(model: &'static str, threads: usize) -> Result<ThreadPool, VisionError> {
    let pool = ThreadPoolBuilder::new().num_threads(threads.max(1)).build();
    pool.map_err(|e| VisionError::Load { model, reason: e.to_string() })
}

/// The line finder: probabilities at a quarter of the page's size; map 0 holds the core bands, map 1 the
/// full extents, map 2 rules (found better from the page itself), map 3 figures, map 4 what parts columns
/// and map 5 what parts rows of tables.
#[derive(Debug)]
pub struct NetFinder {
    net: khocr_nets::Finder,
    pool: ThreadPool,
}

impl NetFinder {
    /// From a file of weights, run on so many threads: pages are found one at a time, so the threads that
    /// read lines afterwards are free.
    ///
    /// # Errors
    /// [`VisionError::Load`].
    pub fn load(weights: &[u8], threads: usize) -> Result<Self, VisionError> {
        let net = khocr_nets::Finder::read(weights)
            .map_err(|e| VisionError::Load { model: "finder", reason: e.to_string() })?;
        Ok(Self { net, pool: pool("finder", threads)? })
    }
}

impl FindLines for NetFinder {
    fn find(&self, picture: &Gray) -> Result<Maps, VisionError> {
        let found = self.pool.install(|| self.net.run(&picture.pixels, picture.width));
        let mut values =
            found.map_err(|e| VisionError::Run { model: "finder", reason: e.to_string() })?;
        let (width, height) = (picture.width / STRIDE, picture.height / STRIDE);
        let size = width * height;
        let map =
            |i: usize| values.get(i * size..(i + 1) * size).map_or(Vec::new(), <[f32]>::to_vec);
        let [extent, figures, gutters, partings] = [1, 3, 4, 5].map(map);
        values.truncate(size);
        Ok(Maps { width, height, core: values, extent, figures, gutters, partings })
    }
}

/// The line reader: several lines may be read at once, each worker's on a thread of its own.
#[derive(Debug)]
pub struct NetReader {
    net: khocr_nets::Reader,
    pools: Vec<ThreadPool>,
}

impl NetReader {
    /// From a file of weights, for so many workers.
    ///
    /// # Errors
    /// [`VisionError::Load`].
    pub fn load(weights: &[u8], workers: usize) -> Result<Self, VisionError> {
        let net = khocr_nets::Reader::read(weights)
            .map_err(|e| VisionError::Load { model: "reader", reason: e.to_string() })?;
        let pools = (0..workers.max(1)).map(|_| pool("reader", 1)).collect::<Result<_, _>>()?;
        Ok(Self { net, pools })
    }
}

impl ReadLines for NetReader {
    fn workers(&self) -> usize {
        self.pools.len()
    }

    fn read(&self, line: &Gray, worker: usize) -> Result<Frames, VisionError> {
        let run = || self.net.run(&line.pixels, line.width);
        let values = self.pools[worker % self.pools.len()].install(run);
        let values =
            values.map_err(|e| VisionError::Run { model: "reader", reason: e.to_string() })?;
        let classes = self.net.classes();
        Ok(Frames { steps: values.len() / classes, classes, values })
    }
}
