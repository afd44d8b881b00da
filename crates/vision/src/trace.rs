//! Trace: what was known where the rows of tables were told, for fitting what it says; only with the feature
//! `trace`, which `examples/score_pages --rows` asks for.

use std::sync::{Mutex, PoisonError};

use khocr_document::Rect;

use crate::partition::Known;

/// Tables whose rows were told since these were last taken.
static KEPT: Mutex<Vec<Parted>> = Mutex::new(Vec::new());

/// A table whose rows were told.
#[derive(Clone, Debug)]
pub struct Parted {
    /// The boxes of each of its lines, top to bottom, level pixels.
    pub lines: Vec<Vec<Rect>>,
    /// Of each row that may be: its first line, the one past its last, and what is known of it.
    pub known: Vec<(usize, usize, Known)>,
}

pub(crate) fn keep(table: Parted) {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).push(table);
}

/// Those kept since the last call, in order, of all threads.
#[must_use]
pub fn take() -> Vec<Parted> {
    std::mem::take(&mut *KEPT.lock().unwrap_or_else(PoisonError::into_inner))
}
