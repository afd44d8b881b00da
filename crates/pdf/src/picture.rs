//! The picture of a page, taken from the file or drawn.

use crate::desk::Desk;
use crate::survey::Survey;
use crate::{PdfError, embedded, raster};

/// Where a picture comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureOrigin {
    /// The scan inside the file, pixel for pixel (or averaged down by a whole factor).
    Embedded,
    /// The page, drawn.
    Rendered,
}

/// The picture of an upright page.
#[derive(Clone, Debug, PartialEq)]
pub struct PagePicture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Gray or RGB, 8 bits each, row by row from the top left: a byte a pixel, or three.
    pub pixels: Vec<u8>,
    /// Pixels an inch of paper, as near as can be told. Where the file's page size is plainly in
    /// pixels this is worked out from an A4 page and not from the file's points.
    pub dpi: f32,
    /// Where it comes from.
    pub origin: PictureOrigin,
    /// Pixels to the file's page points, y down: `x = m[0] * px + m[4]`, `y = m[3] * py + m[5]`;
    /// `m[1]` and `m[2]` are 0. A scan that does not fill its page starts off the origin.
    pub matrix: [f32; 6],
}

impl PagePicture {
    /// Bytes a pixel: 1 where the picture is gray, else 3.
    #[must_use]
    pub fn channels(&self) -> usize {
        if self.pixels.len() == self.width as usize * self.height as usize { 1 } else { 3 }
    }
}

/// Points of an A4 page's long side.
const A4_LONG: f64 = 841.9;

/// The picture of page `index`; see [`crate::Pdf::picture`].
pub(crate) fn of_page(desk: &Desk<'_>, index: u32, dpi: f32) -> Result<PagePicture, PdfError> {
    let survey = Survey::of(desk, index)?;
    if let Some(plan) = embedded::plan(&survey)
        && let Some(picture) = embedded::take(desk, index, &survey, &plan)?
    {
        return Ok(picture);
    }
    raster::draw(desk, index, &survey, dpi)
}

/// Pixels an inch of paper for a picture of `pixels_a_point` on a page whose long side is `long`
/// points. No office scans paper longer than A3 at 72 dpi: such a "point" is a pixel.
pub(crate) fn true_dpi(pixels_a_point: f64, long: f64) -> f32 {
    let stated = pixels_a_point * 72.0;
    if stated < 100.0 && long > 1_300.0 {
        (pixels_a_point * long * 72.0 / A4_LONG) as f32
    } else {
        stated as f32
    }
}
