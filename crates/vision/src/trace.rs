//! Trace: what was known where the rows and columns of tables were told, for fitting what it says; only with the feature
//! `trace`, which `examples/score_pages --rows` and `--columns` ask for.

use std::sync::{Mutex, PoisonError};

use khocr_document::Rect;

use crate::{divide, partition};

/// Tables whose rows were told since these were last taken.
static ROWS: Mutex<Vec<Parted>> = Mutex::new(Vec::new());
/// Tables whose columns were told since these were last taken.
static COLUMNS: Mutex<Vec<Divided>> = Mutex::new(Vec::new());

/// A table whose rows were told.
#[derive(Clone, Debug)]
pub struct Parted {
    /// The boxes of each of its lines, top to bottom, level pixels.
    pub lines: Vec<Vec<Rect>>,
    /// Of each row that may be: its first line, the one past its last, and what is known of it.
    pub known: Vec<(usize, usize, partition::Known)>,
}

/// A table whose columns were told.
#[derive(Clone, Debug)]
pub struct Divided {
    /// The boxes of each of its lines, top to bottom, level pixels.
    pub lines: Vec<Vec<Rect>>,
    /// The places that may part its columns, left to right, level pixels.
    pub places: Vec<f32>,
    /// Of each column that may be: the number of the place where it begins (0 is the table's side), of the one where it ends, and what is known
    /// of it.
    pub known: Vec<(usize, usize, divide::Known)>,
}

pub(crate) fn keep_rows(table: Parted) {
    ROWS.lock().unwrap_or_else(PoisonError::into_inner).push(table);
}

pub(crate) fn keep_columns(table: Divided) {
    COLUMNS.lock().unwrap_or_else(PoisonError::into_inner).push(table);
}

/// Those whose rows were told since the last call, in order, of all threads.
#[must_use]
pub fn take_rows() -> Vec<Parted> {
    std::mem::take(&mut *ROWS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The same for columns.
#[must_use]
pub fn take_columns() -> Vec<Divided> {
    std::mem::take(&mut *COLUMNS.lock().unwrap_or_else(PoisonError::into_inner))
}
