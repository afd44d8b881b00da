//! One training line: a text drawn, degraded and cut as the line finder will cut it.

use fastrand::Rng;
use khocr_khmer::{labels, legacy};
use tiny_skia::{Path, PathBuilder};

use crate::cases::Case;
use crate::degrade::{self, normal, uniform};
use crate::draw::{self, Ink};
use crate::fonts::{Face, FontSet};
use crate::legible::legible;
use crate::note;
use crate::screen;
use crate::shape::{self, Setting, Shaped};
use crate::text::{Texts, tidy};

/// Rows of a crop.
pub const HEIGHT: usize = 48;
/// Height of the Khmer core in a crop, in pixels.
pub const CORE: f32 = 16.0;
/// Pixels above the core.
pub const ABOVE: f32 = 15.0;
/// Widest crop that is drawn.
pub const WIDEST: usize = 1200;
/// Lines of fewer signs say so little about their core that they are cut less surely.
const SHORT: usize = 5;
/// Share of Unicode lines with the raised figure of a footnote.
const NOTED: f32 = 0.03;

/// A crop and what it says.
pub struct Sample {
    /// Pixels a row.
    pub width: usize,
    /// Gray, 0 black, `width * HEIGHT` values, row by row.
    pub pixels: Vec<u8>,
    /// Classes of [`labels`].
    pub labels: Vec<u16>,
    /// The text.
    pub text: String,
    /// The Khmer face.
    pub face: String,
    /// The Latin companion, where there is one.
    pub companion: Option<String>,
}

/// How a stream of lines is made.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// 0 for clean prints, 1 for everything that scanners do.
    pub harsh: f32,
    /// Share of lines in Limon faces.
    pub legacy: f32,
    /// Share of the lines that are drawn clean all the same.
    pub clean: f32,
    /// Widest crop in pixels.
    pub widest: usize,
    /// Only what people write, nothing without sense.
    pub written: bool,
}

impl Default for Recipe {
    fn default() -> Self {
        Self { harsh: 1.0, legacy: 0.25, clean: 0.3, widest: WIDEST, written: false }
    }
}

/// Draws the next line.
pub fn draw(rng: &mut Rng, fonts: &FontSet, texts: &Texts, recipe: &Recipe) -> Sample {
    loop {
        if let Some(sample) = attempt(rng, fonts, texts, recipe) {
            return sample;
        }
    }
}

fn setting(rng: &mut Rng, harsh: f32) -> Setting {
    let core = if rng.f32() < 0.75 { uniform(rng, 13.0, 26.0) } else { uniform(rng, 8.5, 36.0) };
    let core = if harsh < 0.05 { core.max(15.0) } else { core };
    Setting {
        core,
        latin_ratio: uniform(rng, 0.72, 1.3),
        stretch: if rng.f32() < 0.3 { uniform(rng, 0.82, 1.2) } else { 1.0 },
        spacing: match rng.u8(..12) {
            0 => uniform(rng, 0.05, 0.5),
            1..=3 => uniform(rng, -0.06, 0.1),
            _ => 0.0,
        },
        gap: if rng.f32() < 0.35 { uniform(rng, 0.8, 4.5) } else { uniform(rng, 0.7, 1.4) },
        // Word processors shear a face without an italic by a third and more.
        slant: if rng.f32() < 0.14 { uniform(rng, 0.08, 0.4) } else { 0.0 },
    }
}

/// A face, its companion and the shaped text.
fn typeset(
    rng: &mut Rng,
    fonts: &FontSet,
    text: &str,
    setting: &Setting,
    legacy_share: f32,
) -> Option<Set> {
    // A line in Limon needs a Latin companion for whatever is not Khmer.
    let limon = !fonts.legacy.is_empty() && !fonts.latin.is_empty();
    if rng.f32() < legacy_share && limon {
        // The text faces S and R are met far more often than the fancy F.
        let mut face = &fonts.legacy[rng.usize(..fonts.legacy.len())];
        while face.name.starts_with("LimonF") && rng.f32() < 0.8 {
            face = &fonts.legacy[rng.usize(..fonts.legacy.len())];
        }
        return typeset_legacy(rng, fonts, text, face, setting);
    }
    let face = fonts.pick(rng);
    let companion = (!fonts.latin.is_empty() && (!face.has_latin || rng.f32() < 0.6))
        .then(|| companion(rng, fonts, text));
    let (shaped, text) = if rng.f32() < NOTED {
        note::shape(rng, text, face, companion, setting)?
    } else {
        (shape::shape(text, face, companion, setting)?, text.to_owned())
    };
    let large_disc = large_disc(face, companion, setting, &text);
    let latin = companion.map(|c| c.name.clone());
    let capitals = face.case == Case::Capital && companion.is_none();
    let text = if capitals { text.to_ascii_uppercase() } else { text };
    Some(Set { shaped, face: face.name.clone(), companion: latin, text, large_disc })
}

/// Whether a list mark in `text` is so large that it reads as ● and not as •: the eye has nothing
/// else to tell them by.
fn large_disc(face: &Face, latin: Option<&Face>, setting: &Setting, text: &str) -> bool {
    let disc = text.chars().find(|c| "•●".contains(*c));
    disc.and_then(|c| shape::ink_height(c, face, latin, setting)).is_some_and(|h| h > 0.46)
}

/// A line set in type.
struct Set {
    shaped: Shaped,
    face: String,
    companion: Option<String>,
    /// What it says: the text asked for, with a footnote's figure where one was set.
    text: String,
    large_disc: bool,
}

/// A Latin companion, where one is soon found one that draws all of the text's rarer signs.
fn companion<'a>(rng: &mut Rng, fonts: &'a FontSet, text: &str) -> &'a Face {
    let rare = |c: char| !c.is_ascii() && !('\u{1780}'..='\u{17FF}').contains(&c);
    let mut face = &fonts.latin[rng.usize(..fonts.latin.len())];
    for _ in 0..20 {
        if text.chars().all(|c| !rare(c) || face.draws(c)) {
            break;
        }
        face = &fonts.latin[rng.usize(..fonts.latin.len())];
    }
    face
}

/// Khmer stretches go through the legacy encoding, the rest into a Latin companion, as people
/// typed them.
fn typeset_legacy(
    rng: &mut Rng,
    fonts: &FontSet,
    text: &str,
    face: &Face,
    setting: &Setting,
) -> Option<Set> {
    let latin = companion(rng, fonts, text);
    let early = rng.bool();
    let mut pen = PathBuilder::new();
    let mut x = 0.0;
    for stretch in by_script(text) {
        let khmer = stretch.chars().any(|c| ('\u{1780}'..='\u{17FF}').contains(&c));
        let shaped = if khmer {
            let codes = legacy::Encoding::Limon.to_legacy(&stretch.replace('ឲ', "ឱ"))?;
            let codes = if early { marks_early(&codes) } else { codes };
            shape::shape_codes(&codes, face, setting)?
        } else {
            shape::shape(&stretch, latin, Some(latin), setting)?
        };
        if let Some(path) =
            shaped.path.and_then(|p| p.transform(tiny_skia::Transform::from_translate(x, 0.0)))
        {
            pen.push_path(&path);
        }
        x += shaped.width;
    }
    Some(Set {
        shaped: Shaped { path: pen.finish(), width: x },
        face: face.name.clone(),
        companion: Some(latin.name.clone()),
        text: text.to_owned(),
        large_disc: large_disc(latin, Some(latin), setting, text),
    })
}

/// The other order that typists have for Limon: what sits above the base before a subscript that
/// takes room at the right, and the right half of NYO after all that hangs on its left half. The
/// marks then stand elsewhere.
fn marks_early(codes: &str) -> String {
    let mut c: Vec<char> = codes.chars().collect();
    for i in 1..c.len() {
        if "S,ü".contains(c[i - 1]) && "iIwW½:;M’".contains(c[i]) {
            c.swap(i - 1, i);
        }
    }
    for i in 0..c.len().saturating_sub(2) {
        if c[i] == 'B' && c[i + 1] == 'a' {
            let mut j = i + 1;
            while c.get(j + 1).is_some_and(|&n| "©¢äÄðiIwWMUÚuúYÜ".contains(n)) {
                c.swap(j, j + 1);
                j += 1;
            }
        }
    }
    c.into_iter().collect()
}

/// Parts Khmer from letters and digits of other scripts; signs and spaces stay with what is before.
fn by_script(text: &str) -> Vec<String> {
    let mut out: Vec<(bool, String)> = Vec::new();
    for c in text.chars() {
        let khmer = ('\u{1780}'..='\u{17FF}').contains(&c);
        let neutral = " .,()-/«»“”%?!…:;".contains(c);
        match out.last_mut() {
            Some((_, s)) if neutral => s.push(c),
            Some((k, s)) if *k == khmer => s.push(c),
            _ => out.push((khmer || neutral, c.to_string())),
        }
    }
    out.into_iter().map(|(_, s)| s).collect()
}

fn attempt(rng: &mut Rng, fonts: &FontSet, texts: &Texts, recipe: &Recipe) -> Option<Sample> {
    let harsh = if rng.f32() < recipe.clean { 0.0 } else { recipe.harsh * uniform(rng, 0.3, 1.0) };
    let target = match rng.u8(..10) {
        0 => rng.usize(1..5),
        1 | 2 => rng.usize(4..16),
        3..=6 => rng.usize(12..38),
        _ => rng.usize(30..72),
    };
    let text = if recipe.written { texts.written(rng, target) } else { texts.pick(rng, target) };
    let set = setting(rng, harsh);
    let Set { shaped, face, companion, text, large_disc } =
        typeset(rng, fonts, &text, &set, recipe.legacy)?;
    // Limon has one shape for both signs.
    let text = if face.starts_with("Limon") { text.replace('ឲ', "ឱ") } else { text };
    let text = if large_disc { text.replace('•', "●") } else { text.replace('●', "•") };
    let labels = labels::encode(&text)?;
    let scale = CORE / set.core;
    if shaped.width * scale > recipe.widest as f32 - 40.0 || shaped.path.is_none() {
        return None;
    }

    // A canvas with room for the neighbouring lines' marks and for the jitter of the cut.
    let pad = uniform(rng, 0.5, 1.3) * set.core;
    let width = (shaped.width + 2.0 * pad).ceil() as usize;
    let (above, below) = (1.5 * set.core, 1.6 * set.core);
    let height = (above + set.core + below).ceil() as usize;
    let baseline = above + set.core;
    let mut ink = Ink::blank(width, height);
    let bold = match rng.u8(..10) {
        0 | 1 => uniform(rng, 0.03, 0.11) * set.core,
        _ => 0.0,
    };
    let mut mask = draw::canvas(width, height);
    if let Some(path) = &shaped.path {
        draw::fill(&mut mask, path, pad, baseline, bold);
    }
    neighbours(rng, fonts, texts, recipe, &set, &mut mask, (pad, baseline, bold));
    ink.lay(&mask, 1.0);
    let clean = ink.clone();

    if harsh > 0.0 {
        if rng.f32() < 0.6 {
            degrade::press(&mut ink, rng, set.core);
        }
        foreign(rng, &mut ink, &set, pad, baseline, harsh);
        if rng.f32() < 0.5 * harsh {
            degrade::specks(&mut ink, rng, set.core);
        }
        if rng.f32() < 0.12 * harsh {
            show_through(rng, &mut ink);
        }
    } else if rng.f32() < 0.12 {
        rules(rng, &mut ink, &set, pad, baseline);
    }
    let gray = degrade::scan(&ink, rng, harsh);
    if !legible(&clean, &gray, set.core, baseline) {
        return None;
    }
    let short = labels.len() < SHORT;
    let (width, pixels) = cut(rng, &gray, &ink, &set, above, harsh, short)?;
    // The reader gives one class every two pixels and needs a blank between equal ones.
    let repeats = labels.windows(2).filter(|w| w[0] == w[1]).count();
    if labels.len() + repeats > width / 2 {
        return None;
    }
    Some(Sample { width, pixels, labels, text, face, companion })
}

/// Lines above and below whose marks reach into the crop.
fn neighbours(
    rng: &mut Rng,
    fonts: &FontSet,
    texts: &Texts,
    recipe: &Recipe,
    set: &Setting,
    mask: &mut tiny_skia::Mask,
    (pad, baseline, bold): (f32, f32, f32),
) {
    if rng.f32() < 0.4 {
        return;
    }
    // Word processors set some faces as tight as 1.7 cores a line.
    let tight = rng.f32() < 0.4;
    let pitch = if tight { uniform(rng, 1.6, 2.0) } else { uniform(rng, 1.75, 3.1) } * set.core;
    for side in [-1.0, 1.0] {
        if rng.f32() < 0.25 {
            continue;
        }
        let length = rng.usize(4..60);
        let text = tidy(&texts.stretch(rng, length));
        let Some(other) = typeset(rng, fonts, &text, set, recipe.legacy) else { continue };
        if let Some(path) = other.shaped.path {
            let x = pad - if rng.bool() { 0.0 } else { uniform(rng, -8.0, 8.0) * set.core };
            draw::fill(mask, &path, x, baseline + side * pitch, bold);
        }
    }
}

/// Underlines and table rules.
fn rules(rng: &mut Rng, ink: &mut Ink, set: &Setting, pad: f32, baseline: f32) {
    let mut mask = draw::canvas(ink.width, ink.height);
    let pen = uniform(rng, 0.05, 0.14) * set.core;
    let (w, h) = (ink.width as f32, ink.height as f32);
    let line = |mask: &mut tiny_skia::Mask, a: (f32, f32), b: (f32, f32)| {
        let mut path = PathBuilder::new();
        path.move_to(a.0, a.1);
        path.line_to(b.0, b.1);
        if let Some(path) = path.finish() {
            draw::stroke(mask, &path, 0.0, 0.0, pen.max(0.7));
        }
    };
    match rng.u8(..5) {
        0 | 1 => {
            let y = baseline + uniform(rng, 0.12, 0.75) * set.core;
            line(&mut mask, (pad, y), (w - pad, y));
        }
        2 | 3 => {
            let top = baseline - uniform(rng, 1.55, 2.3) * set.core;
            let bottom = baseline + uniform(rng, 0.5, 1.3) * set.core;
            for x in [uniform(rng, 0.0, 0.75) * pad, w - uniform(rng, 0.0, 0.75) * pad] {
                if rng.f32() < 0.8 {
                    line(&mut mask, (x, 0.0), (x, h));
                }
            }
            for y in [top, bottom] {
                if rng.f32() < 0.7 {
                    line(&mut mask, (0.0, y), (w, y));
                }
            }
        }
        _ => {
            let y = baseline - uniform(rng, 1.4, 2.2) * set.core;
            line(&mut mask, (0.0, y), (w, y));
        }
    }
    ink.lay(&mask, uniform(rng, 0.6, 1.0));
}

/// Rules, stamps and pen strokes across the line.
fn foreign(rng: &mut Rng, ink: &mut Ink, set: &Setting, pad: f32, baseline: f32, harsh: f32) {
    if rng.f32() < 0.16 {
        rules(rng, ink, set, pad, baseline);
    }
    let (w, h) = (ink.width as f32, ink.height as f32);
    if rng.f32() < 0.05 * harsh {
        screen::tint(ink, rng, set.core);
    }
    if rng.f32() < 0.07 * harsh {
        let (cx, cy) = (uniform(rng, 0.0, w), uniform(rng, -3.0, 4.0) * h);
        let radius = uniform(rng, 2.0, 6.0) * set.core;
        let mut mask = draw::canvas(ink.width, ink.height);
        for r in [radius, radius * uniform(rng, 0.6, 0.9)] {
            if let Some(path) = PathBuilder::from_circle(cx, cy, r) {
                draw::stroke(&mut mask, &path, 0.0, 0.0, uniform(rng, 0.06, 0.3) * set.core);
            }
        }
        ink.lay(&mask, uniform(rng, 0.2, 0.65));
    }
    if rng.f32() < 0.06 * harsh
        && let Some(path) = scribble(rng, w, h, set.core)
    {
        let mut mask = draw::canvas(ink.width, ink.height);
        draw::stroke(&mut mask, &path, 0.0, 0.0, uniform(rng, 0.05, 0.16) * set.core);
        ink.lay(&mask, uniform(rng, 0.4, 0.9));
    }
}

fn scribble(rng: &mut Rng, w: f32, h: f32, core: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (mut x, mut y) = (rng.f32() * w, rng.f32() * h);
    path.move_to(x, y);
    for _ in 0..rng.usize(1..5) {
        let mut step = || (normal(rng) * 1.6 * core, normal(rng) * core);
        let (a, b, c) = (step(), step(), step());
        path.cubic_to(x + a.0, y + a.1, x + b.0, y + b.1, x + c.0, y + c.1);
        (x, y) = (x + c.0, y + c.1);
    }
    path.finish()
}

/// The other side of the sheet: the line itself mirrored and moved, faint.
fn show_through(rng: &mut Rng, ink: &mut Ink) {
    let strength = uniform(rng, 0.06, 0.26);
    let (dx, dy) = (rng.usize(..ink.width), rng.usize(..ink.height));
    let front = ink.clone();
    for y in 0..ink.height {
        for x in 0..ink.width {
            let from = (y + dy) % ink.height * ink.width + (ink.width - 1 - (x + dx) % ink.width);
            let d = &mut ink.data[y * ink.width + x];
            *d = d.max(front.data[from] * strength);
        }
    }
}

/// Cuts the crop: scaled by the core height, with the errors of a line finder in place and scale,
/// a slope and a bow.
fn cut(
    rng: &mut Rng,
    gray: &[f32],
    ink: &Ink,
    set: &Setting,
    above: f32,
    harsh: f32,
    short: bool,
) -> Option<(usize, Vec<u8>)> {
    let shake = if harsh > 0.0 { 1.0 } else { 0.6 } * if short { 1.8 } else { 1.0 };
    let zoom = 1.0 + normal(rng).clamp(-2.2, 2.2) * 0.055 * shake;
    let shift = normal(rng).clamp(-2.2, 2.2) * 0.07 * shake * set.core;
    let slope = if rng.f32() < 0.5 { normal(rng) * 0.004 * shake } else { 0.0 };
    let bow = if rng.f32() < 0.2 { normal(rng) * 0.12 * shake * set.core } else { 0.0 };
    // Source pixels a crop pixel.
    let step = set.core / CORE / zoom;
    let squeeze = 1.0 + if rng.f32() < 0.3 { normal(rng) * 0.03 } else { 0.0 };
    let step_x = step * squeeze;
    let slack = uniform(rng, 0.0, 0.5) * set.core;
    let left = uniform(rng, -0.2, 0.9) * slack;
    let width = ((ink.width as f32 - left - slack * 0.5) / step_x).round() as usize;
    if !(12..=WIDEST).contains(&width) {
        return None;
    }
    let soft = resample_source(gray, ink.width, ink.height, step);
    let mut out = Vec::with_capacity(width * HEIGHT);
    let middle = ink.width as f32 / 2.0;
    for row in 0..HEIGHT {
        let v = above + set.core / 2.0 + shift + (row as f32 + 0.5 - ABOVE - CORE / 2.0) * step;
        for column in 0..width {
            let x = left + (column as f32 + 0.5) * step_x;
            let t = (x - middle) / middle;
            let y = v + slope * (x - middle) + bow * (t * t - 0.33);
            out.push(bilinear(&soft, ink.width, ink.height, x - 0.5, y - 0.5).round() as u8);
        }
    }
    Some((width, out))
}

/// Smooths before shrinking, so that no stroke falls between the samples.
fn resample_source(gray: &[f32], width: usize, height: usize, step: f32) -> Vec<f32> {
    let mut out = gray.to_vec();
    if step > 1.05 {
        degrade::blur(&mut out, width, height, 0.42 * (step * step - 1.0).sqrt());
    }
    out
}

/// A value between pixels; places outside take the nearest pixel.
fn bilinear(data: &[f32], width: usize, height: usize, x: f32, y: f32) -> f32 {
    let x = x.clamp(0.0, width as f32 - 1.001);
    let y = y.clamp(0.0, height as f32 - 1.001);
    let (ix, iy) = (x as usize, y as usize);
    let (fx, fy) = (x - ix as f32, y - iy as f32);
    let (a, b) = (&data[iy * width + ix..][..2], &data[(iy + 1) * width + ix..][..2]);
    let top = a[0] * (1.0 - fx) + a[1] * fx;
    let bottom = b[0] * (1.0 - fx) + b[1] * fx;
    (top * (1.0 - fy) + bottom * fy).clamp(0.0, 255.0)
}
