//! Read: the whole way from a page's picture to its [`Page`].

use std::time::{Duration, Instant};

use khocr_document::{Page, PageSource, Rect};

use crate::again;
use crate::analysis::Analysis;
use crate::bands::page_slope;
use crate::beam::Beam;
use crate::blocks::Context;
use crate::calibrate::Tables;
use crate::core::Placed;
use crate::cut::{Crop, cut};
use crate::decode::{Decode, Greedy};
use crate::evidence::Evidence;
use crate::find::FindLines;
use crate::gather::{Walls, placed, whole_lines};
use crate::items::item;
use crate::language::Language;
use crate::layout::{Item, Level, Part};
use crate::look::{Looked, look, unturned, upside_down};
use crate::net::{NetFinder, NetReader};
use crate::order::order;
use crate::place::Place;
use crate::recognise::{ReadLines, recognise};
use crate::rules::Rules;
use crate::{Gray, PageImage, Scaler, VisionError, cells, evidence, prepare, tables};

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
        let finder = NetFinder::embedded(FINDER.ok_or_else(|| none("finder"))?, workers)?;
        let reader = NetReader::embedded(READER.ok_or_else(|| none("reader"))?, workers)?;
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
        let gray = prepare(image)?;
        watch.lap(|t| &mut t.prepare);
        watch.stop()?;
        let (looked, mut read) = self.upright(gray, &mut watch)?;
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
        let (looked, read) = self.upright(prepare(image)?, &mut Watch::new(&|| false))?;
        let parts = order(&read.items, tables::ruled(&read.rules, read.core), &read.rules);
        let (lines, evidence) = read.placed.into_iter().unzip();
        let (refused, refused_for) = read.refused.into_iter().unzip();
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
    fn upright(&self, gray: Gray, watch: &mut Watch<'_>) -> Result<(Looked, Lines), VisionError> {
        let given = gray.clone();
        let looked = look(&*self.finder, gray)?;
        watch.lap(|t| &mut t.find);
        watch.stop()?;
        let read = self.read_lines(&looked, watch)?;
        let doubtful = |read: &Lines| read.confidence() < DOUBTFUL && !read.items.is_empty();
        let mut best = (looked, read);
        if doubtful(&best.1) {
            let turned = upside_down(&*self.finder, &best.0)?;
            best = self.surer(best, turned, watch)?;
        }
        // A table of figures on end looks like lines too.
        if best.0.quarters % 2 == 1 && (doubtful(&best.1) || best.1.items.is_empty()) {
            let unturned = unturned(&*self.finder, given)?;
            best = self.surer(best, unturned, watch)?;
        }
        Ok(best)
    }

    /// Reads the page as it was looked at another way, and takes that where it reads more surely.
    fn surer(
        &self,
        (looked, read): (Looked, Lines),
        other: Looked,
        watch: &mut Watch<'_>,
    ) -> Result<(Looked, Lines), VisionError> {
        watch.lap(|t| &mut t.find);
        let again = self.read_lines(&other, watch)?;
        let surer = again.confidence() > read.confidence() + 0.1;
        Ok(if surer { (other, again) } else { (looked, read) })
    }

    /// The crops of the page's lines, as the reader gets them, top to bottom.
    ///
    /// # Errors
    /// When the picture is not what it says, or the finder fails.
    pub fn crops(&self, image: &PageImage) -> Result<Vec<Crop>, VisionError> {
        let looked = look(&*self.finder, prepare(image)?)?;
        let mut scaler = Scaler::default();
        let found = Walls::of(&looked);
        let page = found.page(&looked);
        let bands = whole_lines(&looked, &page, &found.walls, found.core);
        let mut lines = placed(&page, &bands, &found.walls);
        lines.sort_by(|a, b| a.curve.at(a.curve.from).total_cmp(&b.curve.at(b.curve.from)));
        lines.iter().map(|l| cut(&page, l, &mut scaler)).collect()
    }

    /// What each line says, boxes level; `None` where it says nothing.
    fn items(
        &self,
        page: &Gray,
        lines: &[Placed],
        level: &Level,
        watch: &mut Watch<'_>,
    ) -> Result<Vec<Option<Item>>, VisionError> {
        let mut scaler = Scaler::default();
        let crops: Result<Vec<Crop>, _> = lines.iter().map(|l| cut(page, l, &mut scaler)).collect();
        let crops = crops?;
        watch.lap(|t| &mut t.cut);
        let signs = recognise(&*self.lines, &*self.decoder, &crops, watch.control)?;
        let read = lines.iter().zip(&crops).zip(&signs);
        let items = read.map(|((line, crop), signs)| item(line, crop, signs, level)).collect();
        watch.lap(|t| &mut t.recognise);
        Ok(items)
    }

    /// As [`Self::items`]; lines that may have been cut wrongly are cut again, and change where that
    /// reads more surely.
    fn items_at_core(
        &self,
        page: &Gray,
        lines: &mut [Placed],
        level: &Level,
        core: f32,
        watch: &mut Watch<'_>,
    ) -> Result<Vec<Option<Item>>, VisionError> {
        let sure = |item: &Option<Item>| item.as_ref().map_or(0.0, |i| i.confidence);
        let mut items = self.items(page, lines, level, watch)?;
        let (at, again): (Vec<usize>, Vec<Placed>) = (0..lines.len())
            .filter_map(|i| again::at_core(&lines[i], sure(&items[i]), core).map(|l| (i, l)))
            .unzip();
        let second = self.items(page, &again, level, watch)?;
        for ((i, line), item) in at.into_iter().zip(again).zip(second) {
            if sure(&item) > again::SURE {
                (lines[i], items[i]) = (line, item);
            }
        }
        Ok(items)
    }

    fn read_lines(&self, looked: &Looked, watch: &mut Watch<'_>) -> Result<Lines, VisionError> {
        let found = Walls::of(looked);
        let page = found.page(looked);
        let (core, rules, walls) = (found.core, &found.rules, &found.walls);
        let mut bands = whole_lines(looked, &page, walls, core);
        let level = Level::of_slope(page_slope(&bands));
        let grids = tables::ruled(&level.rules(rules), core);
        bands.extend(cells::missed(&page, &bands, &grids, &level));
        let mut placed = placed(&page, &bands, walls);
        let read = self.items_at_core(&page, &mut placed, &level, core, watch)?;
        let mut items = Vec::with_capacity(placed.len());
        let (mut kept, mut refused) = (Vec::with_capacity(placed.len()), Vec::new());
        let (mut said, mut judged) = (Vec::new(), Vec::new());
        for ((line, item), band) in placed.iter().zip(read).zip(&bands) {
            let Some(item) = item else {
                refused.push((line.clone(), Evidence::default(), None));
                continue;
            };
            let ink = evidence::contrast(&page, line);
            judged.push((Evidence::of(&item, line, band, looked, core), ink));
            said.push((item, line));
        }
        evidence::compare(&mut judged);
        for ((item, line), (why, _)) in said.into_iter().zip(judged) {
            let cell = || grids.iter().any(|g| tables::cell_of(g, &item).is_some());
            if why.is_text() || cells::is_text(&why) && cell() {
                items.push(item);
                kept.push((line.clone(), why));
            } else {
                refused.push((line.clone(), why, Some(item)));
            }
        }
        // Nor need a figure in a table that only shows once the page is read.
        let rules = level.rules(rules);
        let parts = order(&items, grids, &rules);
        let tables: Vec<Rect> = parts
            .iter()
            .filter_map(|p| if let Part::Grid(g) = p { Some(g.rect) } else { None })
            .collect();
        let inside = |rect: &Rect| {
            let area = rect.width() * rect.height();
            tables.iter().any(|t| t.overlap(rect) > 0.7 * area)
        };
        let mut doubtful = Vec::new();
        for (line, why, item) in refused {
            // What a stamp covers of a line is text where the rest of the line is.
            let goes_on =
                |i: &Item| why.is_text_in_figure() && items.iter().any(|other| continues(other, i));
            match item.filter(|i| cells::is_text(&why) && inside(&i.rect) || goes_on(i)) {
                Some(item) => {
                    items.push(item);
                    kept.push((line, why));
                }
                None => doubtful.push((line, why)),
            }
        }
        watch.lap(|t| &mut t.recognise);
        Ok(Lines { items, placed: kept, refused: doubtful, rules, level, core })
    }

    fn lay_out(&self, image: &PageImage, looked: &Looked, read: &Lines) -> Page {
        let size = (looked.page.width as f32, looked.page.height as f32);
        let points = 72.0 / dpi(image, read);
        let grids = tables::ruled(&read.rules, read.core);
        let parts = order(&read.items, grids, &read.rules);
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

impl ReadPage for Reader {
    fn read(&self, image: &PageImage, control: &dyn Fn() -> bool) -> Result<Page, VisionError> {
        self.read_timed(image, control).map(|(page, _)| page)
    }
}

/// What was read, before layout.
struct Lines {
    items: Vec<Item>,
    /// Where each item was cut.
    placed: Vec<(Placed, Evidence)>,
    /// What was cut and is no text.
    refused: Vec<(Placed, Evidence)>,
    rules: Rules,
    level: Level,
    core: f32,
}

impl Lines {
    /// Confidences as tables have them. Until here they are the net's own, which tell text from
    /// specks: the tables know drawn text only.
    fn calibrate(&mut self, tables: &Tables) {
        for item in &mut self.items {
            item.confidence = tables.line.right(item.confidence);
            item.words.iter_mut().for_each(|w| w.confidence = tables.word.right(w.confidence));
        }
    }

    /// Mean confidence over the characters; 0 without any.
    fn confidence(&self) -> f32 {
        let (mut sum, mut count) = (0.0, 0.0f32);
        for item in &self.items {
            let n = item.text().chars().count() as f32;
            sum += item.confidence * n;
            count += n;
        }
        sum / count.max(1.0)
    }
}

/// Whether one item stands beside the other on the same line.
fn continues(a: &Item, b: &Item) -> bool {
    let core = a.core.max(b.core);
    let gap = (b.rect.x0 - a.rect.x1).max(a.rect.x0 - b.rect.x1);
    (a.base - b.base).abs() < 0.4 * core && core < 1.4 * a.core.min(b.core) && gap < 1.5 * core
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

/// Measures a reading's stages, and asks between them whether to stop.
struct Watch<'a> {
    control: &'a dyn Fn() -> bool,
    times: Timings,
    last: Instant,
}

impl<'a> Watch<'a> {
    fn new(control: &'a dyn Fn() -> bool) -> Self {
        Self { control, times: Timings::default(), last: Instant::now() }
    }

    /// Adds the time since the last lap to a stage's.
    fn lap(&mut self, stage: fn(&mut Timings) -> &mut Duration) {
        let now = Instant::now();
        *stage(&mut self.times) += now - self.last;
        self.last = now;
    }

    fn stop(&self) -> Result<(), VisionError> {
        if (self.control)() { Err(VisionError::Stopped) } else { Ok(()) }
    }
}
