//! Read: the whole way from a page's picture to its [`Page`].

use khocr_document::{Page, PageSource};

use crate::analysis::Analysis;
use crate::beam::Beam;
use crate::blocks::Context;
use crate::calibrate::Tables;
use crate::cut::{Crop, cut};
use crate::decode::{Decode, Greedy};
use crate::find::FindLines;
use crate::gather::{Walls, placed, whole_lines};
use crate::language::Language;
use crate::lines::{Judged, Lines, read_lines};
use crate::look::{Looked, in_place, look, unturned, upside_down};
use crate::net::{NetFinder, NetReader};
use crate::place::Place;
use crate::prepare::{Prepared, prepared, without_crumbs};
use crate::recognise::ReadLines;
use crate::watch::{Timings, Watch};
use crate::wipe::wiped;
use crate::{PageImage, Scaler, VisionError};

include!(concat!(env!("OUT_DIR"), "/models.rs"));

/// Reads a page's picture.
pub trait ReadPage: Send + Sync {
    /// The page, in points (`pixels * 72 / dpi`, the dpi as given where it is plausible, else as
    /// measured by the height of the text), page number 1. `control` is asked now and then whether
    /// to stop.
    ///
    /// # Errors
    /// [`VisionError::Stopped`] when `control` answers true; else when the picture is not what it
    /// says or a model fails.
    fn read(&self, image: &PageImage, control: &dyn Fn() -> bool) -> Result<Page, VisionError>;
}

/// The page reader: a line finder, a line reader, a decoder, and all that stands between.
pub struct Reader {
    finder: Box<dyn FindLines>,
    lines: Box<dyn ReadLines>,
    decoder: Box<dyn Decode>,
    tables: Tables,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader({} workers)", self.lines.workers())
    }
}

/// The decoder of this binary: with the language it carries.
fn embedded_decoder() -> Result<Box<dyn Decode>, VisionError> {
    let decoder: Box<dyn Decode> = match LANGUAGE {
        Some(language) => Box::new(Beam::new(Language::read(language)?)),
        None => Box::new(Greedy),
    };
    Ok(decoder)
}

/// Below this mean confidence a page may stand on its head. Measured by `examples/turned`: of 62 real
/// pages none is read below 0.94 upright, none above 0.71 upside down.
const DOUBTFUL: f32 = 0.85;

/// Where a page is cleaned it may lose this share of the letters likely to be right, or so many: some of
/// what does not belong to it looks like a figure.
const LOST: f32 = 0.02;
const FEW: f32 = 6.0;

/// Where this share of the lines' length goes, what was cleaned off was print, however badly it reads,
/// unless so many times the letters are likely to be right.
const MOST: f32 = 0.6;
const MORE: f32 = 1.25;

impl Reader {
    /// A reader with the models of this binary, on one thread.
    ///
    /// # Errors
    /// [`VisionError::Load`] when the binary has no models or they do not load.
    pub fn embedded() -> Result<Self, VisionError> {
        Self::embedded_with(1)
    }

    /// A reader with the models of this binary that reads so many lines at once, and finds them on
    /// as many threads.
    ///
    /// # Errors
    /// [`VisionError::Load`] when the binary has no models or they do not load.
    pub fn embedded_with(workers: usize) -> Result<Self, VisionError> {
        let none = |model| VisionError::Load { model, reason: "not in this binary".to_owned() };
        let finder = NetFinder::load(FINDER.ok_or_else(|| none("finder"))?, workers)?;
        let reader = NetReader::load(READER.ok_or_else(|| none("reader"))?, workers)?;
        let mut out = Self::new(Box::new(finder), Box::new(reader));
        out.decoder = embedded_decoder()?;
        if let Some(tables) = CALIBRATION {
            out.tables = Tables::read(&String::from_utf8_lossy(tables))?;
        }
        Ok(out)
    }

    /// A reader of these parts, decoding greedily.
    #[must_use]
    pub fn new(finder: Box<dyn FindLines>, lines: Box<dyn ReadLines>) -> Self {
        Self { finder, lines, decoder: Box::new(Greedy), tables: Tables::default() }
    }

    /// The same reader with another decoder.
    #[must_use]
    pub fn with_decoder(mut self, decoder: Box<dyn Decode>) -> Self {
        self.decoder = decoder;
        self
    }

    /// The same reader with another finder.
    #[must_use]
    pub fn with_finder(mut self, finder: Box<dyn FindLines>) -> Self {
        self.finder = finder;
        self
    }

    /// What reads its lines, for measuring it alone.
    #[must_use]
    pub fn lines(&self) -> &dyn ReadLines {
        &*self.lines
    }

    /// As [`ReadPage::read`], with the time each stage took.
    ///
    /// # Errors
    /// As [`ReadPage::read`].
    pub fn read_timed(
        &self,
        image: &PageImage,
        control: &dyn Fn() -> bool,
    ) -> Result<(Page, Timings), VisionError> {
        let mut watch = Watch::new(control);
        let page = prepared(image)?;
        watch.lap(|t| &mut t.prepare);
        watch.stop()?;
        let (looked, mut read) = self.upright(image, page, &mut watch)?;
        read.calibrate(&self.tables);
        let page = self.lay_out(image, &looked, &read);
        watch.lap(|t| &mut t.layout);
        Ok((page, watch.times))
    }

    /// Where the page's lines are and in what order and tables they stand, before blocks are made
    /// of them: what page analysis is measured by.
    ///
    /// # Errors
    /// As [`ReadPage::read`].
    pub fn analyse(&self, image: &PageImage) -> Result<Analysis, VisionError> {
        let (looked, read) = self.upright(image, prepared(image)?, &mut Watch::new(&|| false))?;
        let parts = read.parts();
        let apart = |lines: Vec<Judged>| lines.into_iter().map(|(l, why)| (l, why.0)).unzip();
        let (lines, evidence) = apart(read.placed);
        let (refused, refused_for) = apart(read.refused);
        Ok(Analysis {
            page: looked.page,
            quarters: looked.quarters,
            slope: looked.slope,
            bend: looked.bend,
            lines,
            evidence,
            refused,
            refused_for,
            items: read.items,
            parts,
        })
    }

    /// The page upright, its lines read.
    fn upright(
        &self,
        image: &PageImage,
        page: Prepared,
        watch: &mut Watch<'_>,
    ) -> Result<(Looked, Lines), VisionError> {
        let given = page.clone();
        let looked = look(&*self.finder, page)?;
        watch.lap(|t| &mut t.find);
        watch.stop()?;
        let read = read_lines(&*self.lines, &*self.decoder, &looked, watch)?;
        let doubtful = |read: &Lines| read.confidence() < DOUBTFUL && !read.items.is_empty();
        let mut best = (looked, read);
        if doubtful(&best.1) {
            let turned = upside_down(&*self.finder, &best.0)?;
            best = self.better_of(best, turned, surer, watch)?;
        }
        // A table of figures on end looks like lines too.
        if best.0.quarters % 2 == 1 && (doubtful(&best.1) || best.1.items.is_empty()) {
            let unturned = unturned(&*self.finder, given)?;
            best = self.better_of(best, unturned, surer, watch)?;
        }
        let clean = best.1.leaves_doubts().then(|| without_crumbs(image)).flatten();
        watch.lap(|t| &mut t.prepare);
        if let Some(clean) = clean {
            let clean = look(&*self.finder, clean)?;
            best = self.better_of(best, clean, cleaner, watch)?;
        }
        if let Some(ink) = best.1.over_back {
            let page = wiped(&best.0.page, best.1.core, ink);
            let clean = in_place(&*self.finder, &best.0, page)?;
            best = self.better_of(best, clean, cleaner, watch)?;
        }
        Ok(best)
    }

    /// Reads the page as it was looked at another way, and takes that where it is `better` than the first
    /// reading.
    fn better_of(
        &self,
        (looked, read): (Looked, Lines),
        other: Looked,
        better: fn(&Lines, &Lines) -> bool,
        watch: &mut Watch<'_>,
    ) -> Result<(Looked, Lines), VisionError> {
        watch.lap(|t| &mut t.find);
        let again = read_lines(&*self.lines, &*self.decoder, &other, watch)?;
        Ok(if better(&read, &again) { (other, again) } else { (looked, read) })
    }

    /// The crops of the page's lines, as the reader gets them, top to bottom.
    ///
    /// # Errors
    /// When the picture is not what it says, or the finder fails.
    pub fn crops(&self, image: &PageImage) -> Result<Vec<Crop>, VisionError> {
        let looked = look(&*self.finder, prepared(image)?)?;
        let mut scaler = Scaler::default();
        let found = Walls::of(&looked);
        let page = found.page(&looked);
        let bands = whole_lines(&looked, &page, &found.walls, found.core);
        let mut lines = placed(&page, &bands, &found.walls);
        lines.sort_by(|a, b| a.curve.at(a.curve.from).total_cmp(&b.curve.at(b.curve.from)));
        lines.iter().map(|l| cut(&page, l, &mut scaler)).collect()
    }

    fn lay_out(&self, image: &PageImage, looked: &Looked, read: &Lines) -> Page {
        let size = (looked.page.width as f32, looked.page.height as f32);
        let points = 72.0 / dpi(image, read);
        let parts = read.parts();
        let context = Context::new(&read.items, &read.rules, size, points);
        let mut blocks = context.blocks(&parts);
        let place = Place {
            level: read.level,
            slope: looked.slope,
            bend: looked.bend.as_ref(),
            size,
            points,
        };
        blocks.iter_mut().for_each(|b| place.block(b));
        let slope = looked.slope + read.level.slope();
        Page {
            number: 1,
            width: size.0 * points,
            height: size.1 * points,
            rotation: u16::from(looked.quarters) * 90,
            skew: slope.atan().to_degrees(),
            source: PageSource::Ocr,
            reason: None,
            confidence: Some(read.confidence()),
            blocks,
        }
    }
}

/// Whether a page turned another way reads more surely.
fn surer(read: &Lines, again: &Lines) -> bool {
    again.confidence() > read.confidence() + 0.1
}

/// Whether a page cleaned of what may not be its print reads more surely, and hardly anything that is
/// likely to be right is lost.
fn cleaner(read: &Lines, again: &Lines) -> bool {
    let (before, after) = (read.worth(), again.worth());
    again.confidence() > read.confidence()
        && before - after <= FEW.max(LOST * before)
        && (again.length() > (1.0 - MOST) * read.length() || after > MORE * before)
}

impl ReadPage for Reader {
    fn read(&self, image: &PageImage, control: &dyn Fn() -> bool) -> Result<Page, VisionError> {
        self.read_timed(image, control).map(|(page, _)| page)
    }
}

/// The given dpi when it makes the text 5 to 30 points high, else what makes it 11 points. A
/// picture of unknown dpi and no text counts as 200.
fn dpi(image: &PageImage, read: &Lines) -> f32 {
    let size = read.core / crate::blocks::CORE_EM;
    let plausible = |dpi: &f32| {
        let points = size * 72.0 / dpi;
        *dpi > 30.0 && *dpi < 2400.0 && (read.items.is_empty() || (5.0..30.0).contains(&points))
    };
    match image.dpi.filter(plausible) {
        Some(dpi) => dpi,
        None if read.items.is_empty() => 200.0,
        None => (size * 72.0 / 11.0).round().max(30.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Gray;
    use crate::classical::InkFinder;
    use crate::find::{Maps, STRIDE};
    use crate::recognise::Frames;

    /// Sees long lines on a page on end, and words on one that lies, as of a table of figures.
    struct Misled;

    impl FindLines for Misled {
        fn find(&self, picture: &Gray) -> Result<Maps, VisionError> {
            if picture.width > picture.height {
                return InkFinder.find(picture);
            }
            let (width, height) = (picture.width / STRIDE, picture.height / STRIDE);
            let row = |i: usize| i / width % 10 < 3;
            let core = (0..width * height).map(|i| f32::from(u8::from(row(i))));
            Ok(Maps { width, height, core: core.collect(), ..Maps::default() })
        }
    }

    /// Is sure of crops whose strokes stand upright.
    struct Strokes;

    impl ReadLines for Strokes {
        fn workers(&self) -> usize {
            1
        }

        fn read(&self, line: &Gray, _: usize) -> Result<Frames, VisionError> {
            let (classes, steps, width) = (300, line.width / 2, line.width);
            let dark = |x: usize| line.pixels[24 * width + x] < 128;
            let across = (1..width).filter(|&x| dark(x) != dark(x - 1)).count();
            let sure = if across * 12 > width { 15.0 } else { 1.0 };
            let mut values = vec![0.0; steps * classes];
            for step in 0..steps {
                let class = if step % 4 == 1 { 20 } else { 0 };
                values[step * classes + class] = sure;
            }
            Ok(Frames { steps, classes, values })
        }
    }

    #[test]
    fn a_page_turned_for_nothing_is_read_as_given() {
        let (width, height) = (1000, 700);
        let mut page = Gray::filled(width, height, 255);
        for top in (20..640).step_by(40) {
            for y in top..top + 12 {
                for x in (40..960).filter(|x| x % 8 < 3 && x % 120 < 36) {
                    page.pixels[y * width + x] = 0;
                }
            }
        }
        let pixels = page.pixels.iter().flat_map(|&v| [v; 3]).collect();
        let page = Prepared { gray: page, shaded: true };
        let looked = look(&Misled, page.clone()).unwrap();
        assert_eq!(looked.quarters, 1, "the finder was not misled");
        let reader = Reader::new(Box::new(Misled), Box::new(Strokes));
        let (across, down) = (width as u32, height as u32);
        let image = PageImage { width: across, height: down, pixels, dpi: None };
        let (looked, read) = reader.upright(&image, page, &mut Watch::new(&|| false)).unwrap();
        assert_eq!(looked.quarters, 0);
        assert!(read.confidence() > 0.5, "{}", read.confidence());
    }
}
