//! Look: find the lines of a page at the scale that suits its text, turn the page upright and flatten
//! it.

use crate::bands::{Band, bands, page_slope};
use crate::bend::Bend;
use crate::find::{FindLines, Found, STRIDE, find, first_scale};
use crate::layout::median;
use crate::prepare::Prepared;
use crate::{Gray, VisionError, pale};

/// Core heights, in finder pixels, at which the finder sees lines well.
const COMFORT: std::ops::Range<f32> = 6.5..24.0;
/// What a second look aims at.
const AIM: f32 = 11.0;
/// Longest side of a finder picture.
const LONGEST: f32 = 2048.0;
/// A page whose lines rise or fall more than this (2 degrees) is turned before it is read.
const LEANING: f32 = 0.035;

/// A page with its lines found.
#[derive(Debug)]
pub struct Looked {
    /// The page upright: quarter turns and a strong skew taken out.
    pub page: Gray,
    /// The maps of the last look.
    pub found: Found,
    /// Its bands.
    pub bands: Vec<Band>,
    /// Quarter turns clockwise that were made.
    pub quarters: u8,
    /// Slope (y over x) that was taken out of the picture itself; what is left is in the bands.
    pub slope: f32,
    /// What was taken out after that, where the page was bent.
    pub bend: Option<Bend>,
}

impl Looked {
    /// Typical core height in page pixels, weighted by length; 0 without bands.
    #[must_use]
    pub fn core(&self) -> f32 {
        typical_core(&self.bands)
    }
}

/// Typical core height in page pixels, weighted by length; 0 without bands.
#[must_use]
pub fn typical_core(bands: &[Band]) -> f32 {
    by_length(bands.iter(), |b| b.core)
}

/// The median of what is said of each band, weighted by length; 0 without bands.
pub(crate) fn by_length<'a>(
    bands: impl Iterator<Item = &'a Band>,
    value: impl Fn(&Band) -> f32,
) -> f32 {
    let times = |b: &Band| (b.length() / b.core / 3.0).ceil() as usize;
    median(bands.flat_map(|b| vec![value(b); times(b)]).collect())
}

/// Finds the lines, trying a quarter turn when the page shows hardly any, and makes the page level and
/// flat.
///
/// # Errors
/// When resizing or the model fails.
pub(crate) fn look(finder: &dyn FindLines, page: Prepared) -> Result<Looked, VisionError> {
    let upright = first(finder, page)?;
    let best = if is_plain(&upright) {
        upright
    } else {
        let sideways = at_scale(finder, upright.page.turned(1), 1)?;
        if evidence(&sideways.bands) > 1.3 * evidence(&upright.bands) { sideways } else { upright }
    };
    level(finder, best)
}

/// The page as it was given, its lines found, made level and flat: what [`look`] turned by a quarter
/// may have stood upright after all.
///
/// # Errors
/// When resizing or the model fails.
pub(crate) fn unturned(finder: &dyn FindLines, page: Prepared) -> Result<Looked, VisionError> {
    level(finder, first(finder, page)?)
}

/// The same page turned by half a turn, with its lines found.
///
/// # Errors
/// When resizing or the model fails.
pub fn upside_down(finder: &dyn FindLines, looked: &Looked) -> Result<Looked, VisionError> {
    let mut turned = at_scale(finder, looked.page.turned(2), (looked.quarters + 2) % 4)?;
    turned.slope = looked.slope;
    turned.bend = looked.bend.as_ref().map(Bend::upside_down);
    Ok(turned)
}

/// Another picture of the same page, with its lines found.
///
/// # Errors
/// When resizing or the model fails.
pub fn in_place(
    finder: &dyn FindLines,
    looked: &Looked,
    page: Gray,
) -> Result<Looked, VisionError> {
    let mut again = at_scale(finder, page, looked.quarters)?;
    (again.slope, again.bend) = (looked.slope, looked.bend.clone());
    Ok(again)
}

/// The page as it was given, its pale print made black, with its lines found.
fn first(finder: &dyn FindLines, page: Prepared) -> Result<Looked, VisionError> {
    let looked = at_scale(finder, page.gray, 0)?;
    let strong = page.shaded.then(|| pale::strengthened(&looked.page, &looked.bands)).flatten();
    strong.map_or(Ok(looked), |page| at_scale(finder, page, 0))
}

fn at_scale(finder: &dyn FindLines, page: Gray, quarters: u8) -> Result<Looked, VisionError> {
    let scale = first_scale(&page);
    let mut found = find(finder, &page, scale)?;
    let mut lines = bands(&found);
    let core = typical_core(&lines) / found.cell * STRIDE as f32;
    if core > 0.0 && !COMFORT.contains(&core) {
        let longer = page.width.max(page.height) as f32;
        let again = (scale * AIM / core).clamp(320.0 / longer, LONGEST / longer).min(3.0);
        if (again / scale).ln().abs() > 0.2 {
            let second = find(finder, &page, again)?;
            let seen = bands(&second);
            if evidence(&seen) > 0.5 * evidence(&lines) {
                (found, lines) = (second, seen);
            }
        }
    }
    Ok(Looked { page, found, bands: lines, quarters, slope: 0.0, bend: None })
}

/// Length of long bands, weighted by how sure they are, in page pixels.
fn evidence(bands: &[Band]) -> f32 {
    bands.iter().filter(|b| b.length() > 5.0 * b.core).map(|b| b.length() * b.score).sum()
}

/// Whether the page shows enough sure lines as it stands.
fn is_plain(looked: &Looked) -> bool {
    let long: Vec<&Band> = looked.bands.iter().filter(|b| b.length() > 7.0 * b.core).collect();
    let sure = long.iter().map(|b| b.score).sum::<f32>() / long.len().max(1) as f32;
    let total: f32 = long.iter().map(|b| b.length()).sum();
    let width = looked.page.width as f32;
    total > 4.0 * width || sure > 0.85 && total > 1.2 * width
}

/// Turns a strongly leaning page level and looks again.
fn level(finder: &dyn FindLines, looked: Looked) -> Result<Looked, VisionError> {
    let slope = page_slope(&looked.bands);
    if slope.abs() < LEANING {
        return flatten(finder, looked);
    }
    let page = turned_by(&looked.page, slope);
    let mut again = at_scale(finder, page, looked.quarters)?;
    again.slope = slope;
    flatten(finder, again)
}

/// Cells of the maps between columns that make it likely that a page holds tables.
const TABLES: usize = 100;

/// Makes a bent page flat and looks again.
fn flatten(finder: &dyn FindLines, looked: Looked) -> Result<Looked, VisionError> {
    let (width, height) = (looked.page.width, looked.page.height);
    let sure = looked.found.maps.gutters.iter().filter(|g| **g > 0.5).count();
    let tables = looked.found.maps.gutters.is_empty() || sure >= TABLES;
    let bend = Bend::of(&looked.bands, width, height);
    let mut bend = bend.unwrap_or_else(|| Bend::none(width, height));
    let Some(page) = bend.flatten(&looked.page, &looked.bands, looked.core(), tables) else {
        return Ok(looked);
    };
    let mut flat = at_scale(finder, page, looked.quarters)?;
    if evidence(&flat.bands) < 0.9 * evidence(&looked.bands) {
        return Ok(looked);
    }
    (flat.slope, flat.bend) = (looked.slope, Some(bend));
    Ok(flat)
}

/// The picture turned about its middle so that lines of this slope become level; white comes in at
/// the corners.
fn turned_by(page: &Gray, slope: f32) -> Gray {
    let angle = slope.atan();
    let (sin, cos) = (angle.sin(), angle.cos());
    let (cx, cy) = (page.width as f32 / 2.0, page.height as f32 / 2.0);
    let mut out = Gray::filled(page.width, page.height, 255);
    for y in 0..page.height {
        let v = y as f32 + 0.5 - cy;
        for x in 0..page.width {
            let u = x as f32 + 0.5 - cx;
            let (sx, sy) = (cx + u * cos - v * sin - 0.5, cy + v * cos + u * sin - 0.5);
            out.pixels[y * page.width + x] = (page.sample(sx, sy, 255) + 0.5) as u8;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classical::InkFinder;
    use crate::find::Maps;

    fn shaded(gray: Gray) -> Prepared {
        Prepared { gray, shaded: true }
    }

    /// Rows of letter-like strokes that lean by `slope`.
    fn text_page(slope: f32) -> Gray {
        let mut page = Gray::filled(800, 1000, 255);
        for line in 0..20 {
            for x in (80..720).filter(|x| x % 8 < 4) {
                let y0 = 100.0 + line as f32 * 40.0 + slope * x as f32;
                for y in y0 as usize..y0 as usize + 12 {
                    page.pixels[y * 800 + x] = 0;
                }
            }
        }
        page
    }

    #[test]
    fn a_leaning_page_is_levelled() {
        let looked = look(&InkFinder, shaded(text_page(0.06))).unwrap();
        assert!((looked.slope - 0.06).abs() < 0.01, "{}", looked.slope);
        assert!(page_slope(&looked.bands).abs() < 0.01);
        assert_eq!((looked.quarters, looked.bands.len()), (0, 20));
    }

    /// Sees lines only in a page whose top left corner is black.
    struct Upright;

    impl FindLines for Upright {
        fn find(&self, picture: &Gray) -> Result<Maps, VisionError> {
            let (width, height) = (picture.width / STRIDE, picture.height / STRIDE);
            let row = |y: usize| picture.pixels[0] < 128 && y % 10 < 3 && y > 3;
            let core = (0..width * height).map(|i| f32::from(u8::from(row(i / width)))).collect();
            Ok(Maps { width, height, core, ..Maps::default() })
        }
    }

    #[test]
    fn a_page_on_its_side_is_turned() {
        let mut page = Gray::filled(640, 960, 255);
        for y in 0..40 {
            page.pixels[y * 640..y * 640 + 40].fill(0);
        }
        assert_eq!(look(&Upright, shaded(page.clone())).unwrap().quarters, 0);
        let looked = look(&Upright, shaded(page.turned(3))).unwrap();
        assert_eq!(looked.quarters, 1);
        assert_eq!((looked.page.width, looked.page.height), (640, 960));
    }
}
