//! Find: from the page to maps that say where lines are.
//!
//! The maps come from a network ([`crate::net::NetFinder`]) or, without one, from the plain
//! statistics of ink ([`crate::classical::InkFinder`]). Either way the next stage reads lines off
//! them, so nothing after this stage knows which it was.

use crate::blank::patches;
use crate::{Gray, Scaler, VisionError};

/// Finder pixels a map cell covers, across and down.
pub const STRIDE: usize = 4;
/// Both sides of the finder's picture are multiples of this.
const MULTIPLE: usize = 32;
/// Longer side of the finder's picture on the first look, in pixels.
pub const LONGER_SIDE: f32 = 1024.0;

/// What a finder says about a picture: probabilities in `0.0..=1.0`, row by row.
#[derive(Clone, Debug, Default)]
pub struct Maps {
    /// Cells across.
    pub width: usize,
    /// Cells down.
    pub height: usize,
    /// Whether a cell lies in the core band of a line.
    pub core: Vec<f32>,
    /// Whether a cell lies in the full extent of a line, marks and subscripts included. May be
    /// empty.
    pub extent: Vec<f32>,
    /// Whether a cell lies in a figure, stamp, signature or other thing not to be read. May be
    /// empty.
    pub figures: Vec<f32>,
    /// Whether a cell lies between two columns of a table. May be empty.
    pub gutters: Vec<f32>,
    /// Whether a cell lies between two rows of a table. May be empty.
    pub partings: Vec<f32>,
}

/// Finds lines in a picture with dark ink on light paper whose sides are multiples of 32.
pub trait FindLines: Send + Sync {
    /// Maps of a quarter of the picture's size.
    ///
    /// # Errors
    /// When a model fails.
    fn find(&self, picture: &Gray) -> Result<Maps, VisionError>;
}

/// Maps together with where they lie on the page.
#[derive(Clone, Debug)]
pub struct Found {
    /// The maps.
    pub maps: Maps,
    /// Page pixels a map cell covers.
    pub cell: f32,
}

/// Scales the page by `scale`, pads it with white at the right and bottom, and runs the finder.
///
/// # Errors
/// When resizing or the model fails.
pub fn find(finder: &dyn FindLines, page: &Gray, scale: f32) -> Result<Found, VisionError> {
    let width = ((page.width as f32 * scale).round() as usize).max(1);
    let height = ((page.height as f32 * scale).round() as usize).max(1);
    let small = Scaler::default().scale(page, None, width, height)?;
    let mut padded =
        Gray::filled(width.next_multiple_of(MULTIPLE), height.next_multiple_of(MULTIPLE), 255);
    for y in 0..height {
        padded.pixels[y * padded.width..y * padded.width + width].copy_from_slice(small.row(y));
    }
    Ok(Found { maps: find_patches(finder, &padded)?, cell: STRIDE as f32 / scale })
}

/// The maps of a picture, from those of the patches that hold anything; nothing elsewhere.
fn find_patches(finder: &dyn FindLines, picture: &Gray) -> Result<Maps, VisionError> {
    let (width, height) = (picture.width / STRIDE, picture.height / STRIDE);
    let mut whole = Maps { width, height, ..Maps::default() };
    whole.core = vec![0.0; width * height];
    for patch in patches(picture) {
        let maps = finder.find(&patch.of(picture))?;
        let (x, y) = (patch.across.start / STRIDE, patch.down.start / STRIDE);
        let paste = |from: &[f32], to: &mut Vec<f32>| {
            if from.is_empty() {
                return;
            }
            to.resize(width * height, 0.0);
            for (row, values) in from.chunks_exact(maps.width).enumerate() {
                let at = (y + row) * width + x;
                to[at..at + maps.width].copy_from_slice(values);
            }
        };
        paste(&maps.core, &mut whole.core);
        paste(&maps.extent, &mut whole.extent);
        paste(&maps.figures, &mut whole.figures);
        paste(&maps.gutters, &mut whole.gutters);
        paste(&maps.partings, &mut whole.partings);
    }
    Ok(whole)
}

/// The scale for the first look: the longer side becomes 1,024 pixels, but small pictures (a cut
/// out line, a photo of a label) are enlarged little, since their text is large already.
#[must_use]
pub fn first_scale(page: &Gray) -> f32 {
    let longer = page.width.max(page.height) as f32;
    (LONGER_SIDE / longer).min(1.25)
}
