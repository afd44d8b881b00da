//! Watch: how long the stages of a reading take, and whether it is to stop.

use std::time::{Duration, Instant};

use crate::VisionError;

/// How long each stage took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timings {
    /// Gray and even paper.
    pub prepare: Duration,
    /// Finding lines, turns and second looks included.
    pub find: Duration,
    /// Rules, joining, cores and crops.
    pub cut: Duration,
    /// The reader, the decoder, and what of it is text.
    pub recognise: Duration,
    /// Order, tables and blocks.
    pub layout: Duration,
}

/// Measures a reading's stages, and asks between them whether to stop.
pub(crate) struct Watch<'a> {
    /// Answers true when the reading is to stop.
    pub(crate) control: &'a dyn Fn() -> bool,
    /// What the stages took so far.
    pub(crate) times: Timings,
    last: Instant,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(control: &'a dyn Fn() -> bool) -> Self {
        Self { control, times: Timings::default(), last: Instant::now() }
    }

    /// Adds the time since the last lap to a stage's.
    pub(crate) fn lap(&mut self, stage: fn(&mut Timings) -> &mut Duration) {
        let now = Instant::now();
        *stage(&mut self.times) += now - self.last;
        self.last = now;
    }

    /// Whether to go on.
    pub(crate) fn stop(&self) -> Result<(), VisionError> {
        if (self.control)() { Err(VisionError::Stopped) } else { Ok(()) }
    }
}
