//! Text to outlines: itemised by script, shaped, laid on a baseline.

use harfrust::{Buffer, Direction, Script, ShapeOptions};
use tiny_skia::{Path, PathBuilder, Transform};

use crate::fonts::{Face, Tier};

/// How a line is set.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Height of the Khmer core in pixels.
    pub core: f32,
    /// Height of Latin capitals relative to the Khmer core.
    pub latin_ratio: f32,
    /// Horizontal stretch, 1 as designed.
    pub stretch: f32,
    /// Extra space after each cluster, in core heights.
    pub spacing: f32,
    /// Width of a word space relative to the face's own.
    pub gap: f32,
    /// Slant: shift to the right per unit upwards.
    pub slant: f32,
}

impl Default for Setting {
    fn default() -> Self {
        Self { core: 20.0, latin_ratio: 1.0, stretch: 1.0, spacing: 0.0, gap: 1.0, slant: 0.0 }
    }
}

/// A shaped line: outlines in pixels, baseline at y = 0, y downwards, starting at x = 0.
pub struct Shaped {
    /// All glyphs in one path; `None` when nothing has ink.
    pub path: Option<Path>,
    /// Advance in pixels.
    pub width: f32,
}

/// A stretch of text in one face.
struct Run<'a> {
    face: &'a Face,
    khmer: bool,
    text: String,
}

/// Shapes `text` with its Khmer in `khmer` and the rest in `latin` where given, else in the Khmer
/// face itself. `None` when a character is in neither face.
#[must_use]
pub fn shape(text: &str, khmer: &Face, latin: Option<&Face>, setting: &Setting) -> Option<Shaped> {
    let mut pen = PathBuilder::new();
    let mut x = 0.0;
    for run in itemise(text, khmer, latin)? {
        x = lay(&run, x, setting, &mut pen);
    }
    Some(Shaped { path: pen.finish(), width: x })
}

/// Shapes a string of legacy font codes as they are.
#[must_use]
pub fn shape_codes(codes: &str, face: &Face, setting: &Setting) -> Option<Shaped> {
    if !codes.chars().all(|c| c == ' ' || face.draws(c)) {
        return None;
    }
    let mut pen = PathBuilder::new();
    let x = lay(&Run { face, khmer: true, text: codes.to_owned() }, 0.0, setting, &mut pen);
    Some(Shaped { path: pen.finish(), width: x })
}

/// The face that draws `c`: signs of other scripts in the companion where there is one.
fn face_of<'a>(c: char, khmer: &'a Face, latin: Option<&'a Face>) -> Option<&'a Face> {
    let own = khmer.draws(c).then_some(khmer);
    if ('\u{1780}'..='\u{17FF}').contains(&c) {
        return own;
    }
    let companion = latin.filter(|l| l.draws(c));
    if khmer.has_latin && latin.is_none() { own.or(companion) } else { companion.or(own) }
}

/// How high the ink of `c` will be, in core heights.
#[must_use]
pub fn ink_height(c: char, khmer: &Face, latin: Option<&Face>, setting: &Setting) -> Option<f32> {
    let face = face_of(c, khmer, latin)?;
    let ratio = if face.tier == Tier::Latin { setting.latin_ratio } else { 1.0 };
    Some(face.height(c)? / face.core * ratio)
}

fn itemise<'a>(text: &str, khmer: &'a Face, latin: Option<&'a Face>) -> Option<Vec<Run<'a>>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    for c in text.chars() {
        let script = ('\u{1780}'..='\u{17FF}').contains(&c);
        if c == ' '
            && let Some(last) = runs.last_mut()
        {
            last.text.push(c);
            continue;
        }
        let face = face_of(c, khmer, latin)?;
        match runs.last_mut() {
            Some(last) if std::ptr::eq(last.face, face) && last.khmer == script => {
                last.text.push(c)
            }
            _ => runs.push(Run { face, khmer: script, text: c.to_string() }),
        }
    }
    Some(runs)
}

/// Lays one run from `x` on and returns where it ends.
fn lay(run: &Run<'_>, mut x: f32, setting: &Setting, pen: &mut PathBuilder) -> f32 {
    let mut buffer = Buffer::new();
    buffer.push_str(&run.text);
    buffer.set_direction(Direction::LeftToRight);
    let legacy = run.face.tier == Tier::Legacy;
    buffer.set_script(Some(if run.khmer && !legacy { Script::KHMER } else { Script::LATIN }));
    if harfrust::shape(&run.face.shaper(), &mut buffer, ShapeOptions::new()).is_err() {
        return x;
    }
    let companion = run.face.tier == Tier::Latin;
    let scale = setting.core / run.face.core * if companion { setting.latin_ratio } else { 1.0 };
    let bytes = run.text.as_bytes();
    let infos = buffer.glyph_infos();
    for (i, (info, pos)) in infos.iter().zip(buffer.glyph_positions()).enumerate() {
        let space = bytes.get(info.cluster as usize) == Some(&b' ');
        let sx = scale * setting.stretch;
        if let Some(path) = run.face.glyph(info.glyph_id) {
            let dx = x + pos.x_offset as f32 * sx;
            let dy = -(pos.y_offset as f32) * scale;
            // Font units upwards become pixels downwards; the slant shears about the baseline.
            let place = Transform::from_row(sx, 0.0, setting.slant * scale, -scale, dx, dy);
            if let Some(path) = (*path).clone().transform(place) {
                pen.push_path(&path);
            }
        }
        x += pos.x_advance as f32 * sx * if space { setting.gap } else { 1.0 };
        // Legacy marks are glyphs of their own without advance, and stay with their base.
        let mark = legacy && buffer.glyph_positions().get(i + 1).is_some_and(|p| p.x_advance <= 0);
        let last_of_cluster = infos.get(i + 1).is_none_or(|n| n.cluster != info.cluster) && !mark;
        if last_of_cluster {
            x += setting.spacing * setting.core;
        }
    }
    x
}
