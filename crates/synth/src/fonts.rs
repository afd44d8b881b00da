//! The faces that text is drawn in.

use std::collections::{HashMap, HashSet};
use std::path::Path as FilePath;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use harfrust::ShaperFont;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use tiny_skia::{Path, PathBuilder};

use crate::cases::{Case, case};

/// How often a face is met in print: government faces often, decorative ones rarely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tier {
    /// Faces of ministries and the gazette: Khmer OS, MEF, MPTC.
    Gov,
    /// Other faces for running text.
    Text,
    /// Headings and posters.
    Display,
    /// Rarely met and hard to read.
    Decorative,
    /// Limon: drawn from the legacy encoding's codes, read as Unicode.
    Legacy,
    /// Latin companions without Khmer.
    Latin,
}

/// One face, ready to shape and draw.
pub struct Face {
    /// File name without its folder.
    pub name: String,
    /// How often it is met.
    pub tier: Tier,
    /// Units of an em.
    pub upem: f32,
    /// Height of a base consonant's body (baseline to headline) in font units; for a Latin
    /// companion the height of a capital.
    pub core: f32,
    /// Whether it draws Latin letters, and so that one can say which.
    pub has_latin: bool,
    /// How it draws small Latin letters.
    pub case: Case,
    bad: HashSet<char>,
    data: &'static [u8],
    font: skrifa::Font,
    paths: Mutex<HashMap<u32, Option<Arc<Path>>>>,
}

impl Face {
    /// Reads a font file. `None` where it is no font or lacks the letters that its height is
    /// measured by.
    fn load(path: &FilePath, tier: Tier, has_latin: bool, bad: HashSet<char>) -> Option<Self> {
        // Faces live as long as the process, and the shaper borrows their bytes.
        let data: &'static [u8] = Box::leak(std::fs::read(path).ok()?.into_boxed_slice());
        let font = skrifa::Font::new(data, 0)?;
        let mut face = Self {
            name: path.file_name()?.to_string_lossy().into_owned(),
            tier,
            upem: f32::from(font.units_per_em()),
            core: 0.0,
            has_latin,
            case: Case::Small,
            bad,
            data,
            font,
            paths: Mutex::new(HashMap::new()),
        };
        let letters = match tier {
            Tier::Latin => "EHIKLNT",
            // Limon keeps these consonants at these codes.
            Tier::Legacy => "kKtnmybv",
            _ => "កគតនមយបវ",
        };
        let mut tops: Vec<f32> = letters
            .chars()
            .filter_map(|c| face.font.charmap().map_unicode(c))
            .filter_map(|g| face.glyph(g.to_u32()))
            .map(|p| p.bounds().bottom())
            .collect();
        if tops.len() < 4 {
            return None;
        }
        tops.sort_by(f32::total_cmp);
        face.core = tops[tops.len() / 2];
        face.case = case(&face);
        face.has_latin &= face.case != Case::Lower;
        (face.core > 0.1 * face.upem && face.core < 1.5 * face.upem).then_some(face)
    }

    /// Whether the face has this character and draws it right.
    #[must_use]
    pub fn draws(&self, c: char) -> bool {
        !self.bad.contains(&c)
            && self.font.charmap().map_unicode(c).is_some_and(|g| g.to_u32() != 0)
    }

    /// Height of a character's ink in font units; none where it has no ink.
    #[must_use]
    pub fn height(&self, c: char) -> Option<f32> {
        Some(self.outline(c)?.bounds().height())
    }

    /// A character's outline in font units, y upwards; none where it has no ink.
    #[must_use]
    pub(crate) fn outline(&self, c: char) -> Option<Arc<Path>> {
        self.glyph(self.font.charmap().map_unicode(c)?.to_u32())
    }

    /// The shaper's view of the face.
    #[must_use]
    pub fn shaper(&self) -> ShaperFont<'_, 'static> {
        ShaperFont::new(&self.font)
    }

    /// A glyph's outline in font units, y upwards; `None` for an empty glyph.
    #[must_use]
    pub fn glyph(&self, id: u32) -> Option<Arc<Path>> {
        let mut paths = self.paths.lock().ok()?;
        paths
            .entry(id)
            .or_insert_with(|| {
                let font = FontRef::new(self.data).ok()?;
                let outline = font.outline_glyphs().get(GlyphId::new(id))?;
                let mut pen = Pen(PathBuilder::new());
                let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
                outline.draw(settings, &mut pen).ok()?;
                pen.0.finish().map(Arc::new)
            })
            .clone()
    }
}

struct Pen(PathBuilder);

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.0.quad_to(cx, cy, x, y);
    }
    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.0.cubic_to(ax, ay, bx, by, x, y);
    }
    fn close(&mut self) {
        self.0.close();
    }
}

/// The faces to draw with.
pub struct FontSet {
    /// Khmer faces in Unicode.
    pub khmer: Vec<Face>,
    /// Limon faces.
    pub legacy: Vec<Face>,
    /// Latin companions.
    pub latin: Vec<Face>,
}

/// Which faces to take: those trained on, or those kept back to measure with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// All but those kept back.
    Train,
    /// Those kept back: about one in fifteen of every tier.
    Held,
    /// Every face.
    All,
}

impl Split {
    fn takes(self, name: &str) -> bool {
        let hash = name.bytes().fold(5381u32, |h, b| h.wrapping_mul(33) ^ u32::from(b));
        match self {
            Self::All => true,
            Self::Held => hash.is_multiple_of(15),
            Self::Train => !hash.is_multiple_of(15),
        }
    }
}

impl FontSet {
    /// Loads the faces of a fonts folder (`manifest.tsv`, `unicode/`, `legacy/`), and the Latin
    /// companions found under `latin_dir`.
    ///
    /// # Errors
    /// When the manifest cannot be read or no usable face is left.
    pub fn load(dir: &FilePath, latin_dir: &FilePath, split: Split) -> Result<Self> {
        let manifest =
            std::fs::read_to_string(dir.join("manifest.tsv")).context("fonts manifest")?;
        let mut khmer = Vec::new();
        for row in manifest.lines().skip(1) {
            let f: Vec<&str> = row.split('\t').collect();
            if f.len() < 11 || !split.takes(f[0]) {
                continue;
            }
            let tier = match f[7] {
                "gov" => Tier::Gov,
                "text" => Tier::Text,
                "display" => Tier::Display,
                _ => Tier::Decorative,
            };
            let bad = f[8].chars().chain(f[9].chars().filter(|c| !c.is_ascii())).collect();
            let path = dir.join("unicode").join(f[0]);
            khmer.extend(Face::load(&path, tier, f[6] == "yes", bad));
        }
        anyhow::ensure!(!khmer.is_empty(), "no Khmer face could be read");
        let mut legacy = Vec::new();
        for path in files(&dir.join("legacy")) {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
            if name.is_some_and(|n| n.starts_with("Limon") && split.takes(&n)) {
                legacy.extend(Face::load(&path, Tier::Legacy, false, HashSet::new()));
            }
        }
        let mut latin = Vec::new();
        for path in files(latin_dir) {
            latin.extend(Face::load(&path, Tier::Latin, true, HashSet::new()));
        }
        latin.retain(|f| f.case == Case::Small && ('!'..='~').all(|c| f.draws(c)));
        Ok(Self { khmer, legacy, latin })
    }

    /// Leaves only the Khmer faces of these tiers.
    pub fn keep(&mut self, tiers: &[Tier]) {
        self.khmer.retain(|f| tiers.contains(&f.tier));
    }

    /// Picks a Khmer face by how often its tier is met.
    #[must_use]
    pub fn pick<'a>(&'a self, rng: &mut fastrand::Rng) -> &'a Face {
        loop {
            let face = &self.khmer[rng.usize(..self.khmer.len())];
            // Relative to their numbers (23, 185, 75, 32): about 35, 47, 14 and 2 per cent.
            let keep = match face.tier {
                Tier::Gov => 1.0,
                Tier::Text => 0.17,
                Tier::Display => 0.13,
                _ => 0.05,
            };
            if rng.f32() < keep {
                return face;
            }
        }
    }
}

/// Font files under a folder and its subfolders, in a stable order.
fn files(dir: &FilePath) -> Vec<std::path::PathBuf> {
    let mut out = Vec::new();
    let mut todo = vec![dir.to_path_buf()];
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(&dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("ttf")) {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}
