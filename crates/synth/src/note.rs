//! The raised figure of a footnote, after a word or at the head of the note itself.

use fastrand::Rng;
use khocr_khmer::digits;
use tiny_skia::{PathBuilder, Transform};

use crate::degrade::uniform;
use crate::fonts::Face;
use crate::shape::{self, Setting, Shaped};

/// `text` set with a raised figure somewhere in it, and what the line then says. `None` when a
/// sign is in neither face.
#[must_use]
pub fn shape(
    rng: &mut Rng,
    text: &str,
    khmer: &Face,
    latin: Option<&Face>,
    setting: &Setting,
) -> Option<(Shaped, String)> {
    let ends: Vec<usize> = text.match_indices([' ', '។', '៖', ',']).map(|(i, _)| i).collect();
    let at = match rng.u8(..4) {
        0 => 0,
        1 => text.len(),
        _ if ends.is_empty() => text.len(),
        _ => ends[rng.usize(..ends.len())],
    };
    let number = rng.u8(1..30);
    let number = match number {
        _ if rng.f32() < 0.6 => digits::to_khmer(&number.to_string()),
        // A lone raised 2 or 3 is the power ² or ³, signs of their own.
        2 | 3 => (number + 10).to_string(),
        _ => number.to_string(),
    };
    let (before, after) = text.split_at(at);
    let small = Setting { core: setting.core * uniform(rng, 0.55, 0.75), ..setting.clone() };
    let rise = setting.core * uniform(rng, 0.4, 1.0);
    let mut pen = PathBuilder::new();
    let mut x = 0.0;
    for (part, setting, rise) in
        [(before, setting, 0.0), (number.as_str(), &small, rise), (after, setting, 0.0)]
    {
        let shaped = shape::shape(part, khmer, latin, setting)?;
        let path = shaped.path.and_then(|p| p.transform(Transform::from_translate(x, -rise)));
        if let Some(path) = path {
            pen.push_path(&path);
        }
        x += shaped.width;
    }
    Some((Shaped { path: pen.finish(), width: x }, format!("{before}{number}{after}")))
}
