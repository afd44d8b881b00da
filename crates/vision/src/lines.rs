//! Lines: a page's lines cut and read, and which of them are text.

use khocr_document::Rect;

use crate::again;
use crate::apart;
use crate::bands::{Band, page_slope};
use crate::calibrate;
use crate::core::Placed;
use crate::cut::{Crop, cut};
use crate::decode::{Decode, words};
use crate::evidence::{self, Evidence};
use crate::field::Field;
use crate::gather::{Tables, Walls, placed, tables as found_tables, whole_lines};
use crate::ghosts::{self, Print};
use crate::items::item;
use crate::lattice;
use crate::layout::{Grid, Item, Level, Part};
use crate::look::Looked;
use crate::marks::Marks;
use crate::order::order;
use crate::ordinals::{self, Gap, Wanted};
use crate::recognise::{ReadLines, Signs, recognise};
use crate::rules::Rules;
use crate::watch::Watch;
use crate::{Gray, Scaler, VisionError, cells, figures, tables, tails};

/// So many of a page's pale lines are read as a mirror shows them, at most.
const MIRRORED: usize = 24;

/// So many surely read lines tell how wide a page's text is.
const LINES: usize = 3;

/// What a leader's dot is worth, in letters.
const DOT: f32 = 0.25;

/// Lines read worse than this are doubted.
const DOUBTED: f32 = 0.7;

/// A line with what speaks for it and how its strokes stand out.
pub(crate) type Judged = (Placed, (Evidence, f32));

/// What was read, before layout.
pub(crate) struct Lines {
    /// What is text.
    pub(crate) items: Vec<Item>,
    /// Where each item was cut.
    pub(crate) placed: Vec<Judged>,
    /// What was cut and is no text.
    pub(crate) refused: Vec<Judged>,
    /// The page's rules, level.
    pub(crate) rules: Rules,
    /// The tables that show apart from what stands in them, level.
    pub(crate) grids: Vec<Grid>,
    /// What the finder sees of tables.
    field: Option<Field>,
    /// How it leans.
    pub(crate) level: Level,
    /// Its typical core height.
    pub(crate) core: f32,
    /// The contrast of its print, where the sheet's back shows through.
    pub(crate) over_back: Option<f32>,
}

impl Lines {
    /// Of lines that are text.
    fn of(cuts: Vec<Cut>, rules: Rules, grids: Vec<Grid>, level: Level, core: f32) -> Self {
        let (mut items, mut placed) = (Vec::new(), Vec::new());
        for Cut { line, item, why } in cuts {
            items.extend(item);
            placed.push((line, why));
        }
        let refused = Vec::new();
        Self { items, placed, refused, rules, grids, field: None, level, core, over_back: None }
    }

    /// The parts of the page in reading order.
    pub(crate) fn parts(&self) -> Vec<Part> {
        self.parts_by(self.field.as_ref())
    }

    /// The same, tables being what lines up and the finder sees; without it whatever lines up.
    fn parts_by(&self, field: Option<&Field>) -> Vec<Part> {
        let texts = self.items.len();
        order(&self.items, self.grids.clone(), Marks { rules: &self.rules, field, texts })
    }

    /// Parts an item before one of its words; what comes after becomes the last.
    fn part(&mut self, i: usize, word: usize) {
        let (left, right) = apart::parted(&self.items[i], word);
        let page = |x: f32| self.level.page(x, left.base).0;
        let (end, begin) = (page(left.rect.x1), page(right.rect.x0));
        let mut after = self.placed[i].clone();
        let curve = &after.0.curve;
        self.placed[i].0.curve = curve.stretched(curve.from, end);
        after.0.curve = curve.stretched(begin, curve.to);
        self.items[i] = left;
        self.items.push(right);
        self.placed.push(after);
    }

    /// Confidences as tables have them. Until here they are the net's own, which tell text from
    /// specks: the tables know drawn text only.
    pub(crate) fn calibrate(&mut self, tables: &calibrate::Tables) {
        for item in &mut self.items {
            item.confidence = tables.line.right(item.confidence);
            item.words.iter_mut().for_each(|w| w.confidence = tables.word.right(w.confidence));
        }
    }

    /// How many letters and digits are likely to be right, the dots of leaders counted as [`DOT`].
    pub(crate) fn worth(&self) -> f32 {
        let worth = |text: &str| {
            let of = |c: char| match c {
                '.' => DOT,
                '…' => 3.0 * DOT,
                c => f32::from(u8::from(c.is_alphanumeric())),
            };
            text.chars().map(of).sum::<f32>()
        };
        let words = self.items.iter().flat_map(|i| &i.words);
        words.map(|w| worth(&w.text) * w.confidence).sum()
    }

    /// Whether anything was cut that could hardly be read.
    pub(crate) fn leaves_doubts(&self) -> bool {
        let doubted = |l: &Judged| l.1.0.letters >= 2 && l.1.0.confidence < DOUBTED;
        self.placed.iter().chain(&self.refused).any(doubted)
    }

    /// How long the lines are together that were cut and hold letters, in core heights; without what shows
    /// through the paper.
    pub(crate) fn length(&self) -> f32 {
        let lines = self.placed.iter().chain(&self.refused);
        lines.filter(|l| l.1.0.letters > 0 && !l.1.0.ghost).map(|l| l.1.0.length).sum()
    }

    /// Mean confidence over the characters; 0 without any.
    pub(crate) fn confidence(&self) -> f32 {
        let (mut sum, mut count) = (0.0, 0.0f32);
        for item in &self.items {
            let n = item.text().chars().count() as f32;
            sum += item.confidence * n;
            count += n;
        }
        sum / count.max(1.0)
    }
}

/// A line as it was cut.
struct Cut {
    line: Placed,
    /// What it says, if anything.
    item: Option<Item>,
    /// What speaks for it, and how its strokes stand out.
    why: (Evidence, f32),
}

/// Cuts and reads the lines of a page that was looked at.
///
/// # Errors
/// When a line cannot be cut, the model fails, or the reading is to stop.
pub(crate) fn read_lines(
    net: &dyn ReadLines,
    decoder: &dyn Decode,
    looked: &Looked,
    watch: &mut Watch<'_>,
) -> Result<Lines, VisionError> {
    let found = Walls::of(looked);
    let page = found.page(looked);
    let (core, walls) = (found.core, &found.walls);
    let mut bands = whole_lines(looked, &page, walls, core);
    let level = Level::of_slope(page_slope(&bands));
    let rules = level.rules(&found.rules);
    let field = Field::of(&looked.found, &level);
    let Tables { ruled: mut grids, seen, .. } =
        found_tables(&looked.bands, &found.rules, field.as_ref(), &level, core);
    let mut all = grids.clone();
    all.extend(seen.iter().map(|t| t.grid.clone()));
    bands.extend(cells::missed(&page, &bands, &all, &level));
    let reading = Reading { net, decoder, looked, page: &page, walls, level, core };
    let mut cuts = reading.cuts(&bands, watch)?;
    let print = reading.print(&mut cuts, watch)?;
    set_aside(&mut cuts, core);
    let in_cell = |i: &Item| all.iter().any(|g| tables::cell_of(g, i).is_some());
    let is_text = |cut: &Cut| {
        let why = &cut.why.0;
        why.is_text() || cells::is_text(why) && cut.item.as_ref().is_some_and(in_cell)
    };
    let (kept, mut rest): (Vec<Cut>, Vec<Cut>) = cuts.drain(..).partition(is_text);
    let texts: Vec<Item> = kept.iter().filter_map(|c| c.item.clone()).collect();
    grids.extend(lattice::filled(&seen, &grids, &texts, &rules, core));
    grids.sort_by(|a, b| a.rect.y0.total_cmp(&b.rect.y0));
    let mut out = Lines::of(kept, rules, grids, level, core);
    (out.field, out.over_back) = (field, print.over_back());
    // Nor need a figure in a table that only shows once the page is read, or in a column of page numbers.
    let tables: Vec<Grid> = out
        .parts_by(None)
        .into_iter()
        .filter_map(|p| if let Part::Grid(g) = p { Some(g) } else { None })
        .collect();
    for (item, word) in apart::halves(&out.items, &tables) {
        out.part(item, word);
    }
    let missed = cells::missed(&page, &bands, &unruled(&tables, &out.grids), &level);
    if !missed.is_empty() {
        let mut more = reading.cuts(&missed, watch)?;
        print.set(&mut whys(&mut more));
        rest.extend(more);
    }
    let inside = |rect: &Rect| {
        let area = rect.width() * rect.height();
        tables.iter().any(|t| t.rect.overlap(rect) > 0.7 * area)
    };
    let (mut gaps, misread): (Vec<Gap>, Vec<Gap>) =
        ordinals::gaps(&tables, &out.items).into_iter().partition(|g| g.holds.is_none());
    for gap in misread {
        if let Some(at) = gap.holds
            && let Some(item) = reading.number(&out.placed[at].0, &gap, watch)?
        {
            out.items[at] = item;
        }
    }
    for cut in rest {
        let why = cut.why.0;
        if cells::may_be_print(&why)
            && let Some(item) = reading.ordinal(&cut.line, &mut gaps, watch)?
        {
            out.items.push(item);
            out.placed.push((cut.line, cut.why));
            continue;
        }
        // What a stamp covers of a line is text where the rest of the line is.
        let goes_on =
            |i: &Item| why.is_text_in_figure() && out.items.iter().any(|other| continues(other, i));
        match cut.item.filter(|i| cells::is_text(&why) && inside(&i.rect) || goes_on(i)) {
            Some(item) => {
                out.items.push(item);
                out.placed.push((cut.line, cut.why));
            }
            None => out.refused.push((cut.line, cut.why)),
        }
    }
    watch.lap(|t| &mut t.recognise);
    Ok(out)
}

/// The tables that are not among the ruled ones, their empty cells alone.
fn unruled(tables: &[Grid], ruled: &[Grid]) -> Vec<Grid> {
    let is_new = |t: &&Grid| !ruled.iter().any(|r| r.rect == t.rect);
    let empty = |t: &Grid| {
        let cells = t.cells.iter().filter(|c| c.lines.is_empty()).cloned().collect();
        Grid { cells, ..t.clone() }
    };
    tables.iter().filter(is_new).map(empty).collect()
}

/// What speaks for each.
fn whys(cuts: &mut [Cut]) -> Vec<&mut (Evidence, f32)> {
    cuts.iter_mut().map(|c| &mut c.why).collect()
}

/// Sets how far each line stands beside the page's surely read ones.
fn set_aside(cuts: &mut [Cut], core: f32) {
    let sure = || cuts.iter().filter(|c| c.why.0.is_sure());
    if sure().count() < LINES {
        return;
    }
    let left = sure().map(|c| c.line.curve.from).fold(f32::MAX, f32::min);
    let right = sure().map(|c| c.line.curve.to).fold(0.0, f32::max);
    for c in cuts {
        let middle = (c.line.curve.from + c.line.curve.to) / 2.0;
        c.why.0.aside = (left - middle).max(middle - right).max(0.0) / core;
    }
}

/// What lines of a page are read with.
struct Reading<'a> {
    net: &'a dyn ReadLines,
    decoder: &'a dyn Decode,
    looked: &'a Looked,
    /// The page without its rules down.
    page: &'a Gray,
    /// What parts its lines.
    walls: &'a Rules,
    level: Level,
    core: f32,
}

impl Reading<'_> {
    /// The bands cut and read.
    fn cuts(&self, bands: &[Band], watch: &mut Watch<'_>) -> Result<Vec<Cut>, VisionError> {
        let mut lines = placed(self.page, bands, self.walls);
        let items = self.items_at_core(&mut lines, watch)?;
        let cut = |((line, item), band): ((Placed, Option<Item>), &Band)| {
            let why = item.as_ref().map(|item| {
                let ink = evidence::contrast(self.page, &line);
                (Evidence::of(item, &line, band, self.looked, self.core), ink)
            });
            Cut { line, item, why: why.unwrap_or_default() }
        };
        Ok(lines.into_iter().zip(items).zip(bands).map(cut).collect())
    }

    /// What each line says, boxes level; `None` where it says nothing. What shows through the paper at
    /// its ends is cut off.
    fn items(
        &self,
        lines: &mut [Placed],
        watch: &mut Watch<'_>,
    ) -> Result<Vec<Option<Item>>, VisionError> {
        let (mut crops, mut signs) = self.read(lines, watch)?;
        let shorter = |i: usize| {
            tails::without(self.page, &lines[i], &crops[i], &signs[i]).map(|line| (i, line))
        };
        let (at, shorter): (Vec<usize>, Vec<Placed>) = (0..lines.len()).filter_map(shorter).unzip();
        let (cut, read) = self.read(&shorter, watch)?;
        for (((i, line), crop), read) in at.into_iter().zip(shorter).zip(cut).zip(read) {
            (lines[i], crops[i], signs[i]) = (line, crop, read);
        }
        let read = lines.iter().zip(&crops).zip(&signs);
        let items =
            read.map(|((line, crop), signs)| item(line, crop, signs, &self.level)).collect();
        watch.lap(|t| &mut t.recognise);
        Ok(items)
    }

    /// The lines cut, and what is read from each.
    fn read(
        &self,
        lines: &[Placed],
        watch: &mut Watch<'_>,
    ) -> Result<(Vec<Crop>, Vec<Signs>), VisionError> {
        let mut scaler = Scaler::default();
        let crops: Result<Vec<Crop>, _> =
            lines.iter().map(|l| cut(self.page, l, &mut scaler)).collect();
        let crops = crops?;
        watch.lap(|t| &mut t.cut);
        let mut signs = recognise(self.net, self.decoder, &crops, watch.control)?;
        signs.iter_mut().for_each(|s| figures::mend(&mut s.signs));
        watch.lap(|t| &mut t.recognise);
        Ok((crops, signs))
    }

    /// The number that a line is which stands where a row's number is missing; that gap is filled then.
    fn ordinal(
        &self,
        line: &Placed,
        gaps: &mut Vec<Gap>,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Item>, VisionError> {
        let x = f32::midpoint(line.curve.from, line.curve.to);
        let (x, y) = self.level.level(x, line.curve.at(x));
        let is_here = |g: &Gap| g.rect.x0 < x && x < g.rect.x1 && g.rect.y0 < y && y < g.rect.y1;
        let Some(at) = gaps.iter().position(is_here) else { return Ok(None) };
        let item = self.number(line, &gaps[at], watch)?;
        if item.is_some() {
            gaps.swap_remove(at);
        }
        Ok(item)
    }

    /// A line as the number that belongs in a gap, if it may be that.
    fn number(
        &self,
        line: &Placed,
        gap: &Gap,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Item>, VisionError> {
        let crops = [cut(self.page, line, &mut Scaler::default())?];
        let read = recognise(self.net, &Wanted(&gap.texts), &crops, watch.control)?;
        Ok(read.first().and_then(|signs| item(line, &crops[0], signs, &self.level)))
    }

    /// As [`Self::items`]; lines that may have been cut wrongly are cut again, and change where that
    /// reads more surely.
    fn items_at_core(
        &self,
        lines: &mut [Placed],
        watch: &mut Watch<'_>,
    ) -> Result<Vec<Option<Item>>, VisionError> {
        let sure = |item: &Option<Item>| item.as_ref().map_or(0.0, |i| i.confidence);
        let mut items = self.items(lines, watch)?;
        let (at, mut again): (Vec<usize>, Vec<Placed>) = (0..lines.len())
            .filter_map(|i| again::at_core(&lines[i], sure(&items[i]), self.core).map(|l| (i, l)))
            .unzip();
        let second = self.items(&mut again, watch)?;
        for ((i, line), item) in at.into_iter().zip(again).zip(second) {
            if sure(&item) > again::SURE {
                (lines[i], items[i]) = (line, item);
            }
        }
        let (at, mut again): (Vec<usize>, Vec<Placed>) =
            again::in_row(lines, &items, &self.level).into_iter().unzip();
        let second = self.items(&mut again, watch)?;
        for ((i, line), item) in at.into_iter().zip(again).zip(second) {
            if sure(&item) > sure(&items[i]) {
                (lines[i], items[i]) = (line, item);
            }
        }
        Ok(items)
    }

    /// How the page's print looks, and which of its pale lines show through the paper: those that
    /// may are read once more as a mirror shows them.
    fn print(&self, cuts: &mut [Cut], watch: &mut Watch<'_>) -> Result<Print, VisionError> {
        let mut print = Print::of(&mut whys(cuts));
        let mut pale: Vec<usize> =
            (0..cuts.len()).filter(|i| ghosts::is_telling(&cuts[*i].why.0)).collect();
        pale.sort_by_key(|i| std::cmp::Reverse(cuts[*i].why.0.letters));
        pale.truncate(MIRRORED);
        let mut scaler = Scaler::default();
        let mirrored = |i: &usize| {
            let crop = cut(self.page, &cuts[*i].line, &mut scaler)?;
            Ok(Crop { gray: crop.gray.mirrored(), ..crop })
        };
        let crops: Vec<Crop> = pale.iter().map(mirrored).collect::<Result<_, VisionError>>()?;
        let read = recognise(self.net, self.decoder, &crops, watch.control)?;
        for (i, signs) in pale.into_iter().zip(read) {
            cuts[i].why.0.mirrored = words(&signs.signs, signs.steps).1;
        }
        print.judge(&mut whys(cuts));
        Ok(print)
    }
}

/// Whether one item stands beside the other on the same line.
fn continues(a: &Item, b: &Item) -> bool {
    let core = a.core.max(b.core);
    let gap = (b.rect.x0 - a.rect.x1).max(a.rect.x0 - b.rect.x1);
    (a.base - b.base).abs() < 0.4 * core && core < 1.4 * a.core.min(b.core) && gap < 1.5 * core
}
