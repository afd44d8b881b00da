//! Blank: the parts of the finder's picture that hold anything, so that margins and the empty
//! lower half of a letter cost nothing.

use std::ops::Range;

use crate::Gray;

/// Side of a tile, in pixels of the finder's picture.
const TILE: usize = 16;
/// A tile whose lightest and darkest pixels differ by less than this holds nothing.
const CONTRAST: u8 = 24;
/// Tiles kept around what is there: the finder sees that it stands on blank paper.
const AROUND: usize = 2;
/// Blank rows of tiles that part two patches.
const GAP: usize = 8;

/// A patch of a picture: pixels across and down, multiples of 32.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Patch {
    /// Columns of pixels.
    pub(crate) across: Range<usize>,
    /// Rows of pixels.
    pub(crate) down: Range<usize>,
}

impl Patch {
    /// The patch as a picture of its own.
    pub(crate) fn of(&self, picture: &Gray) -> Gray {
        let rows = self.down.clone().map(|y| &picture.row(y)[self.across.clone()]);
        Gray {
            width: self.across.len(),
            height: self.down.len(),
            pixels: rows.flatten().copied().collect(),
        }
    }
}

/// The patches of a picture (both sides multiples of 32) that hold anything, from the top, one below
/// the other; none on a blank picture.
pub(crate) fn patches(picture: &Gray) -> Vec<Patch> {
    let (columns, rows) = (picture.width / TILE, picture.height / TILE);
    // First and last live tile of each row of tiles.
    let spans: Vec<Option<(usize, usize)>> = (0..rows)
        .map(|row| {
            let live = live_tiles(picture, row, columns);
            Some((live.iter().position(|&l| l)?, live.iter().rposition(|&l| l)?))
        })
        .collect();
    let mut patches: Vec<Patch> = Vec::new();
    let mut row = 0;
    while row < rows {
        let Some((mut left, mut right)) = spans[row] else {
            row += 1;
            continue;
        };
        let (top, mut bottom) = (row, row);
        row += 1;
        while row < rows && row - bottom <= GAP {
            if let Some((l, r)) = spans[row] {
                (left, right, bottom) = (left.min(l), right.max(r), row);
            }
            row += 1;
        }
        patches.push(Patch {
            across: widened(left, right, columns),
            down: widened(top, bottom, rows),
        });
    }
    patches
}

/// Which tiles of a row of tiles hold anything.
fn live_tiles(picture: &Gray, row: usize, columns: usize) -> Vec<bool> {
    let mut ranges = vec![(u8::MAX, u8::MIN); columns];
    for y in row * TILE..(row + 1) * TILE {
        for (range, tile) in ranges.iter_mut().zip(picture.row(y).chunks_exact(TILE)) {
            for &v in tile {
                *range = (range.0.min(v), range.1.max(v));
            }
        }
    }
    ranges.into_iter().map(|(low, high)| high.saturating_sub(low) >= CONTRAST).collect()
}

/// Pixels from the first to the last tile and some around, on multiples of two tiles.
fn widened(first: usize, last: usize, tiles: usize) -> Range<usize> {
    let from = first.saturating_sub(AROUND) / 2 * 2;
    let to = (last + 1 + AROUND).next_multiple_of(2).min(tiles);
    from * TILE..to * TILE
}
