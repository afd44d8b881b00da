//! Recognise: crops to signs, one line at a time on each worker's thread: two lines no longer fit the
//! processor's nearest memory and are slower together than one after the other.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::Gray;
use crate::VisionError;
use crate::cut::Crop;
use crate::decode::{Decode, Sign};

/// What the reader says about a line.
#[derive(Clone, Debug)]
pub struct Frames {
    /// Frames along the line.
    pub steps: usize,
    /// Classes, the blank (class 0) included.
    pub classes: usize,
    /// `steps * classes` log-probabilities or logits.
    pub values: Vec<f32>,
}

/// Reads crops of lines.
pub trait ReadLines: Send + Sync {
    /// How many lines may be read at once.
    fn workers(&self) -> usize;

    /// Frames of a line: a picture 48 pixels high, a multiple of 8 wide, dark on light; `worker` is below
    /// [`Self::workers`].
    ///
    /// # Errors
    /// When the model fails.
    fn read(&self, line: &Gray, worker: usize) -> Result<Frames, VisionError>;
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

/// Reads all crops; the answer has their order.
///
/// # Errors
/// [`VisionError::Stopped`] when `control` answers true between lines (it is asked on
/// the caller's own thread only), or when the model fails.
pub fn recognise(
    reader: &dyn ReadLines,
    decoder: &dyn Decode,
    crops: &[Crop],
    control: &dyn Fn() -> bool,
) -> Result<Vec<Signs>, VisionError> {
    // The widest first, so that no worker is left with a long one at the end.
    let mut order: Vec<usize> = (0..crops.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(crops[i].gray.width));
    let workers = reader.workers().min(order.len()).max(1);
    let next = AtomicUsize::new(0);
    let stopped = AtomicBool::new(false);
    let work = |worker: usize, ask: &dyn Fn() -> bool| -> Answers {
        let mut out = Vec::new();
        while let Some(&i) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            if ask() || stopped.load(Ordering::Relaxed) {
                stopped.store(true, Ordering::Relaxed);
                return Err(VisionError::Stopped);
            }
            let line = &crops[i].gray;
            let frames = reader.read(line, worker)?;
            let signs = decoder.decode(&frames.values, frames.classes);
            let frame = line.width as f32 / frames.steps as f32;
            out.push((i, Signs { signs, steps: frames.steps, frame }));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cut::HEIGHT;
    use crate::decode::Greedy;

    /// Answers with the class that the first pixel of the crop names.
    struct Fake;

    impl ReadLines for Fake {
        fn workers(&self) -> usize {
            2
        }

        fn read(&self, line: &Gray, _: usize) -> Result<Frames, VisionError> {
            let mut values = vec![0.0; 2 * 300];
            values[usize::from(line.pixels[0])] = 9.0;
            Ok(Frames { steps: 2, classes: 300, values })
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
