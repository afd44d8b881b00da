//! Recognise: crops to signs, lines of like width together, one thread a worker.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::VisionError;
use crate::cut::{Crop, HEIGHT};
use crate::decode::{Decode, Sign};
use crate::net::level;

/// Crops of one width for the reader.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Number of crops.
    pub count: usize,
    /// Width of each, a multiple of 8.
    pub width: usize,
    /// `count * 48 * width` values from -1 (black) to 1 (white).
    pub pixels: Vec<f32>,
}

/// What the reader says about a batch.
#[derive(Clone, Debug)]
pub struct Frames {
    /// Number of crops.
    pub count: usize,
    /// Frames a crop.
    pub steps: usize,
    /// Classes, the blank (class 0) included.
    pub classes: usize,
    /// `count * steps * classes` log-probabilities or logits.
    pub values: Vec<f32>,
}

/// Reads crops of lines.
pub trait ReadLines: Send + Sync {
    /// How many batches may be read at once.
    fn workers(&self) -> usize;

    /// Frames for each crop of a batch; `worker` is below [`Self::workers`].
    ///
    /// # Errors
    /// When the model fails.
    fn read(&self, batch: Batch, worker: usize) -> Result<Frames, VisionError>;
}

/// The signs of one crop.
#[derive(Clone, Debug, Default)]
pub struct Signs {
    /// Left to right.
    pub signs: Vec<Sign>,
    /// Frames of the crop.
    pub steps: usize,
    /// Crop pixels a frame covers.
    pub frame: f32,
}

/// Indices of crops with their signs.
type Answers = Result<Vec<(usize, Signs)>, VisionError>;

/// Most columns of pixels in a batch of several crops. Short crops share what a run costs beside its
/// arithmetic; of long ones two no longer fit the processor's nearest memory and are slower than one
/// after the other.
const COLUMNS: usize = 512;

/// Reads all crops; the answer has their order.
///
/// # Errors
/// [`VisionError::Stopped`] when `control` answers true between batches (it is asked on
/// the caller's own thread only), or when the model fails.
pub fn recognise(
    reader: &dyn ReadLines,
    decoder: &dyn Decode,
    crops: &[Crop],
    control: &dyn Fn() -> bool,
) -> Result<Vec<Signs>, VisionError> {
    let batches = group(crops);
    let workers = reader.workers().min(batches.len()).max(1);
    let next = AtomicUsize::new(0);
    let stopped = AtomicBool::new(false);
    let work = |worker: usize, ask: &dyn Fn() -> bool| -> Answers {
        let mut out = Vec::new();
        while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
            if ask() || stopped.load(Ordering::Relaxed) {
                stopped.store(true, Ordering::Relaxed);
                return Err(VisionError::Stopped);
            }
            read_batch(reader, decoder, crops, batch, worker, &mut out)?;
        }
        Ok(out)
    };
    let mut all: Vec<Signs> = vec![Signs::default(); crops.len()];
    let results: Vec<Answers> = std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> =
            (1..workers).map(|w| scope.spawn(move || work(w, &|| false))).collect();
        let mut results = vec![work(0, control)];
        let failed = || Err(VisionError::Run { model: "reader", reason: "panicked".to_owned() });
        results.extend(threads.into_iter().map(|t| t.join().unwrap_or_else(|_| failed())));
        results
    });
    for result in results {
        for (i, signs) in result? {
            all[i] = signs;
        }
    }
    Ok(all)
}

/// Indices of crops in batches of one width, the widest first so that no worker is left with a
/// long one at the end.
fn group(crops: &[Crop]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..crops.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(crops[i].gray.width));
    let mut out: Vec<Vec<usize>> = Vec::new();
    for i in order {
        let width = crops[i].gray.width;
        match out.last_mut() {
            Some(b) if (b.len() + 1) * width <= COLUMNS && crops[b[0]].gray.width == width => {
                b.push(i);
            }
            _ => out.push(vec![i]),
        }
    }
    out
}

fn read_batch(
    reader: &dyn ReadLines,
    decoder: &dyn Decode,
    crops: &[Crop],
    batch: &[usize],
    worker: usize,
    out: &mut Vec<(usize, Signs)>,
) -> Result<(), VisionError> {
    let width = crops[batch[0]].gray.width;
    let mut pixels = Vec::with_capacity(batch.len() * HEIGHT * width);
    for &i in batch {
        pixels.extend(crops[i].gray.pixels.iter().map(|&v| level(v)));
    }
    let frames = reader.read(Batch { count: batch.len(), width, pixels }, worker)?;
    let size = frames.steps * frames.classes;
    for (k, &i) in batch.iter().enumerate() {
        let signs = decoder.decode(&frames.values[k * size..(k + 1) * size], frames.classes);
        let frame = width as f32 / frames.steps as f32;
        out.push((i, Signs { signs, steps: frames.steps, frame }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Gray;
    use crate::decode::Greedy;

    /// Answers with the class that the first pixel of the crop names.
    struct Fake;

    impl ReadLines for Fake {
        fn workers(&self) -> usize {
            2
        }

        fn read(&self, batch: Batch, _: usize) -> Result<Frames, VisionError> {
            let mut values = vec![0.0; batch.count * 2 * 300];
            for i in 0..batch.count {
                let first = batch.pixels[i * HEIGHT * batch.width];
                values[i * 600 + ((first + 1.0) * 127.5).round() as usize] = 9.0;
            }
            Ok(Frames { count: batch.count, steps: 2, classes: 300, values })
        }
    }

    fn crop(width: usize, value: u8) -> Crop {
        Crop { gray: Gray::filled(width, HEIGHT, value), left: 0.0, scale: 1.0, inverse: false }
    }

    #[test]
    fn answers_come_back_in_the_order_of_the_crops() {
        let crops: Vec<Crop> =
            (1..40).map(|i| crop(if i % 3 == 0 { 64 } else { 8 * (i % 5 + 1) }, i as u8)).collect();
        let read = recognise(&Fake, &Greedy, &crops, &|| false).unwrap();
        let classes: Vec<usize> = read.iter().map(|r| r.signs[0].class).collect();
        assert_eq!(classes, (1..40).collect::<Vec<_>>());
    }

    #[test]
    fn reading_stops_when_asked() {
        let crops = [crop(64, 5)];
        let stopped = recognise(&Fake, &Greedy, &crops, &|| true);
        assert!(matches!(stopped, Err(VisionError::Stopped)));
    }
}
