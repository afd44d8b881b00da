//! Whole pages with known geometry, for the line finder.
//!
//! A page is laid out ([`layouts`], [`blocks`], [`tables`], [`figures`]) on a [`sheet`] whose unit
//! is the net pixel, drawn at the resolution of its imagined original, bent ([`warp`]), worn
//! ([`wear`]), and brought to the scale that the line finder sees. [`labels`] draws what the
//! finder is to answer.

pub mod blocks;
mod borders;
mod budgets;
pub mod figures;
pub mod labels;
pub mod layouts;
mod official;
mod public;
mod readable;
pub mod setting;
pub mod sheet;
pub mod tables;
mod unseen;
pub mod warp;
pub mod wear;

use fastrand::Rng;

use crate::fonts::{Face, FontSet, Tier};
use crate::shape::Setting;
use crate::text::Texts;
use labels::Band;
use layouts::{KINDS, Kind};
use setting::{Desk, Style};
use sheet::{Line, Point, Sheet};
use warp::Warp;

/// How the page came to be a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// Rendered from a document.
    Screen,
    /// Scanned in gray.
    Scan,
    /// Scanned in black and white.
    Bits,
    /// Photographed.
    Photo,
}

/// What pages are drawn with.
pub struct Kit {
    /// Faces.
    pub fonts: FontSet,
    /// Texts.
    pub texts: Texts,
    /// Whether its pages measure a reader, so that [`Page::readable`] is wanted.
    pub measures: bool,
    /// Share of tables that are set as budgets are.
    pub budgets: f32,
    /// Stretches without Khmer, for pages in English.
    english: Vec<String>,
}

/// A page as a picture, with what is known of it.
pub struct Page {
    /// Pixels a row, a multiple of 32.
    pub width: usize,
    /// Rows, a multiple of 32.
    pub height: usize,
    /// Gray values, row by row.
    pub gray: Vec<u8>,
    /// The same page at the resolution of its original, which a product would be given.
    pub original: Original,
    /// Core bands, full extents, rules, figures, what parts columns and what parts rows of tables:
    /// `width / 4 * height / 4` coverages each.
    pub maps: Vec<u8>,
    /// Lines in reading order, on the flat paper.
    pub lines: Vec<Line>,
    /// The lines' core bands in the picture, in the same order.
    pub bands: Vec<Band>,
    /// Whether a person can read each line after all that the page went through, in the same order;
    /// of all lines where the kit does not measure.
    pub readable: Vec<bool>,
    /// Bands of lines worn so far that nobody is asked to read them, and nobody blamed who does.
    pub faint: Vec<Band>,
    /// The ink boxes of the lines' words in the picture: four corners each, in the same order.
    pub words: Vec<Vec<[Point; 4]>>,
    /// Outlines of figures on the flat paper.
    pub figures: Vec<Vec<Point>>,
    /// Whether each table has rules across and rules down, by the tables' numbers.
    pub tables: Vec<(bool, bool)>,
    /// What kind of page it is.
    pub kind: Kind,
    /// How it came to be a picture.
    pub means: Means,
}

/// A page at the resolution of its original.
pub struct Original {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Gray values, row by row.
    pub gray: Vec<u8>,
}

/// The least core height of running text in pixels of the original: 10 points at 72 dpi.
const LOWEST: f32 = 6.8;
/// The same on pages made of dots.
const DOTTED: f32 = 12.0;

fn pick<T: Copy>(rng: &mut Rng, choices: &[(T, f32)]) -> T {
    let total: f32 = choices.iter().map(|c| c.1).sum();
    let mut at = rng.f32() * total;
    for &(choice, weight) in choices {
        at -= weight;
        if at < 0.0 {
            return choice;
        }
    }
    choices[choices.len() - 1].0
}

impl Kit {
    /// Faces and texts, ready to draw pages with.
    #[must_use]
    pub fn new(fonts: FontSet, texts: Texts) -> Self {
        let mut rng = Rng::with_seed(1);
        let mut english = Vec::new();
        for _ in 0..6000 {
            let text = texts.stretch(&mut rng, 120);
            let stretches = text.split(|c: char| !c.is_ascii()).map(str::trim);
            english.extend(stretches.filter(|s| s.len() > 12).map(str::to_owned));
        }
        if english.is_empty() {
            english.push("page".to_owned());
        }
        Self { fonts, texts, measures: false, budgets: 0.0, english }
    }

    /// A stretch of English.
    fn english(&self, rng: &mut Rng) -> &str {
        &self.english[rng.usize(..self.english.len())]
    }

    fn style(&self, rng: &mut Rng, core: f32, head: bool) -> Style<'_> {
        let moul: Vec<&Face> = self
            .fonts
            .khmer
            .iter()
            .filter(|f| f.name.contains("Moul") || f.name.contains("Muol"))
            .collect();
        let face = if head && !moul.is_empty() && rng.f32() < 0.5 {
            moul[rng.usize(..moul.len())]
        } else {
            loop {
                let face = self.fonts.pick(rng);
                let plain = face.tier == Tier::Gov || face.tier == Tier::Text;
                if head || plain || rng.f32() < 0.1 {
                    break face;
                }
            }
        };
        let latin = (!self.fonts.latin.is_empty() && (!face.has_latin || rng.f32() < 0.4))
            .then(|| &self.fonts.latin[rng.usize(..self.fonts.latin.len())]);
        let uniform = |rng: &mut Rng, a: f32, b: f32| a + (b - a) * rng.f32();
        let setting = Setting {
            core,
            latin_ratio: uniform(rng, 0.75, 1.15),
            stretch: if rng.f32() < 0.7 { 1.0 } else { uniform(rng, 0.85, 1.15) },
            spacing: if rng.f32() < 0.85 { 0.0 } else { uniform(rng, 0.0, 0.12) },
            gap: 1.0,
            slant: if rng.f32() < 0.03 { 0.2 } else { 0.0 },
        };
        // Tight typesetting lets subscripts touch the marks of the next line.
        let pitch = core
            * match rng.f32() {
                // Web documents and dense print go below the height of a full stack; the bands
                // must still leave a cell of the map between them.
                p if p < 0.12 && core > 6.5 => uniform(rng, 1.65, 2.0),
                p if p < 0.3 => uniform(rng, 2.0, 2.4),
                _ => uniform(rng, 2.3, 3.6),
            };
        let bold = if rng.f32() < if head { 0.4 } else { 0.08 } {
            core * uniform(rng, 0.03, 0.1)
        } else {
            0.0
        };
        Style {
            face,
            latin,
            setting,
            bold,
            ink: if rng.f32() < 0.7 { rng.u8(0..50) } else { rng.u8(0..130) },
            pitch,
            space: core * uniform(rng, 0.3, 0.8),
            underline: false,
        }
    }

    /// Draws the page of this seed: always the same for the same faces, texts and seed.
    #[must_use]
    pub fn page(&self, seed: u64) -> Page {
        let mut rng = Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66);
        let kind = pick(&mut rng, KINDS);
        let means = match kind {
            Kind::Gazette => {
                pick(&mut rng, &[(Means::Scan, 3.0), (Means::Bits, 6.0), (Means::Photo, 1.0)])
            }
            Kind::Card | Kind::Close => {
                pick(&mut rng, &[(Means::Screen, 1.0), (Means::Photo, 3.0)])
            }
            Kind::Web => {
                pick(&mut rng, &[(Means::Screen, 6.0), (Means::Scan, 2.0), (Means::Photo, 1.0)])
            }
            _ => pick(
                &mut rng,
                &[
                    (Means::Screen, 3.0),
                    (Means::Scan, 3.0),
                    (Means::Bits, 2.5),
                    (Means::Photo, 2.0),
                ],
            ),
        };
        let (width, height) = format(&mut rng, kind);
        let between = |rng: &mut Rng, a: f32, b: f32| a + (b - a) * rng.f32();
        let core = match kind {
            Kind::Close | Kind::Card => between(&mut rng, 9.0, 26.0),
            Kind::Poster => between(&mut rng, 8.0, 18.0),
            _ => 4.6 + 8.4 * (rng.f32() * 0.6 + rng.f32() * 0.4),
        };
        let mut body = self.style(&mut rng, core, false);
        let ratio = between(&mut rng, 0.95, 1.35);
        let mut head = self.style(&mut rng, core * ratio, true);
        // The resolution of the original, in pixels for each net pixel: 72 to 250 dpi on A4.
        let low = if core < 7.0 { 0.95 } else { 0.7 };
        let scale = match rng.u8(..10) {
            0..=1 => between(&mut rng, low, 1.0),
            2..=5 => between(&mut rng, 1.0, 1.5),
            _ => between(&mut rng, 1.5, 2.1),
        };
        let scale = if means == Means::Bits { scale.max(1.15) } else { scale };
        // Print whose bodies are lower than this in the original nobody could read.
        let scale = scale.max(LOWEST / core);
        // Some machines make dots of the paper's shade and of what shows through it, others cut;
        // among dots only larger print can be read.
        let dotted = means == Means::Bits && rng.f32() < 0.35;
        let scale = if dotted { scale.max(DOTTED / core) } else { scale };
        let paper = match means {
            Means::Bits => 255,
            _ if rng.f32() < 0.6 => 255,
            _ if rng.f32() < 0.85 => rng.u8(215..=254),
            _ => rng.u8(165..215),
        };
        // Ink stays well apart from the paper it is on and from the threshold it must pass.
        let palest = match means {
            Means::Bits => 45,
            Means::Photo => 80,
            _ => (paper - 110).min(130),
        };
        body.ink = body.ink.min(palest);
        head.ink = head.ink.min(palest);
        let sheet = Sheet::new(width as f32, height as f32, scale, paper);
        let english = rng.f32() < 0.05;
        let mut desk = Desk { kit: self, rng, sheet, body, head, english };
        if desk.chance(0.995) {
            desk.lay_out(kind);
        }
        let Desk { mut sheet, mut rng, .. } = desk;
        let (w, h) = (sheet.width, sheet.height);
        let warp = match means {
            Means::Screen => Warp::none(w, h),
            Means::Photo => Warp::photo(w, h, &mut rng),
            _ if rng.f32() < 0.35 => Warp::none(w, h),
            _ => {
                let most = if rng.f32() < 0.15 { 5.0 } else { 1.5 };
                Warp::skew(w, h, between(&mut rng, -most, most))
            }
        };
        let size = (sheet.columns, sheet.rows);
        let clean = self.measures.then(|| warp.redraw(&sheet.gray, size, sheet.scale, |_, _| 255));
        let (full, gray) = wear::wear(&mut sheet, &warp, (means, dotted), core * scale, &mut rng);
        let lines = std::mem::take(&mut sheet.lines).into_iter();
        let lines: Vec<Line> =
            lines.flat_map(|l| unseen::parted(l, &gray, (width, height), &warp)).collect();
        let seen = |line: &Line| unseen::visible(&gray, width, height, &labels::band(line, &warp));
        let (lines, faint): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(seen);
        sheet.lines = lines;
        let faint = faint.iter().map(|l| labels::band(l, &warp)).collect();
        let maps = labels::maps(&sheet, &warp);
        let bands: Vec<_> = sheet.lines.iter().map(|l| labels::band(l, &warp)).collect();
        let words: Vec<_> = sheet.lines.iter().map(|l| labels::words(l, &warp)).collect();
        let readable = |((line, band), words): ((&Line, &Band), &Vec<[Point; 4]>)| {
            let letters = line.words.iter().zip(words).filter(|(w, _)| !w.leader);
            let spans: Vec<(f32, f32)> = letters.map(|(_, b)| (b[0].0, b[1].0)).collect();
            clean
                .as_ref()
                .is_none_or(|c| readable::readable(c, &full, size, sheet.scale, band, &spans))
        };
        let mut readable: Vec<bool> =
            sheet.lines.iter().zip(&bands).zip(&words).map(readable).collect();
        readable::without_worn(&mut readable, &bands);
        Page {
            width,
            height,
            gray,
            original: Original { width: sheet.columns, height: sheet.rows, gray: full },
            maps,
            bands,
            readable,
            faint,
            words,
            tables: sheet.tables,
            lines: sheet.lines,
            figures: sheet.figures,
            kind,
            means,
        }
    }
}

/// Width and height of a page in net pixels, multiples of 32.
fn format(rng: &mut Rng, kind: Kind) -> (usize, usize) {
    let long = match rng.u8(..10) {
        0..=6 => 1024,
        7 => 896,
        8 => 960,
        _ => 1152,
    };
    let ratio = match kind {
        Kind::Card => 1.3 + 0.4 * rng.f32(),
        Kind::Close => 1.0 + rng.f32() * rng.f32() * 3.0,
        Kind::Law | Kind::Columns if rng.f32() < 0.3 => 1.29 + 0.4 * rng.f32(),
        _ if rng.f32() < 0.85 => 1.414,
        _ => 1.29,
    };
    let short = ((long as f32 / ratio / 32.0).round() as usize * 32).max(64);
    let lying = match kind {
        Kind::Card => 0.95,
        Kind::Close => 0.7,
        Kind::Web | Kind::Tables | Kind::Poster => 0.25,
        _ => 0.03,
    };
    if rng.f32() < lying { (long, short) } else { (short, long) }
}
