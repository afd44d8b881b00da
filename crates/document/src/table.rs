//! Tables.

use serde::{Deserialize, Serialize};

use crate::{Line, Rect};

/// A grid of cells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Number of rows.
    pub rows: u32,
    /// Number of columns.
    pub columns: u32,
    /// Cells row by row, left to right. A place covered by another cell's span has none.
    pub cells: Vec<Cell>,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// 0-based row of its top left place.
    pub row: u32,
    /// 0-based column of its top left place.
    pub column: u32,
    /// Rows it covers, at least 1.
    pub row_span: u32,
    /// Columns it covers, at least 1.
    pub column_span: u32,
    /// Its box.
    #[serde(rename = "box")]
    pub rect: Rect,
    /// Its lines, top to bottom.
    pub lines: Vec<Line>,
}
