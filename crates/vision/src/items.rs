//! Items: from signs and their frames to words with boxes, and the look of a line.

use khocr_document::{Rect, Word};

use crate::core::Placed;
use crate::cut::{ABOVE, CORE, Crop, HEIGHT};
use crate::decode::words;
use crate::layout::{Item, Level};
use crate::recognise::Signs;

/// Darker than this is ink in a crop.
const INK: u8 = 140;
/// Blank rows inside one stack of signs at most.
const LEAP: usize = 2;

/// The item of a line as read, in level pixels; `None` when no word was read.
#[must_use]
pub fn item(line: &Placed, crop: &Crop, read: &Signs, level: &Level) -> Option<Item> {
    let (words, confidence) = words(&read.signs, read.steps);
    let boxed: Vec<Word> = words
        .into_iter()
        .map(|w| {
            let from = (w.from * read.frame).max(0.0) as usize;
            let to = ((w.to * read.frame).ceil() as usize).min(crop.gray.width);
            let ink = ink_box(crop, from, to.max(from + 1));
            Word { text: w.text, rect: page_box(line, crop, ink, level), confidence: w.confidence }
        })
        .collect();
    let rect = Rect::around(boxed.iter().map(|w| w.rect))?;
    let middle = (line.curve.from + line.curve.to) / 2.0;
    let (_, base) = level.level(middle, line.curve.at(middle) + line.core / 2.0);
    Some(Item { rect, base, core: line.core, words: boxed, confidence, stroke: stroke(crop) })
}

/// `[left, top, right, bottom]` of the ink between two columns, in crop pixels: from the core
/// outwards until the paper shows, so that a neighbouring line's marks stay out.
fn ink_box(crop: &Crop, from: usize, to: usize) -> [f32; 4] {
    let inked = |y: usize| crop.gray.row(y)[from..to].iter().any(|&v| v < INK);
    let (core_top, core_bottom) = (ABOVE as usize, (ABOVE + CORE) as usize);
    let (mut top, mut bottom) = (core_top, core_bottom);
    let mut blank = 0;
    for y in (0..core_top).rev() {
        if inked(y) {
            top = y;
            blank = 0;
        } else {
            blank += 1;
            if blank > LEAP {
                break;
            }
        }
    }
    blank = 0;
    for y in core_bottom..HEIGHT {
        if inked(y) {
            bottom = y + 1;
            blank = 0;
        } else {
            blank += 1;
            if blank > LEAP {
                break;
            }
        }
    }
    let column = |x: &usize| (top..bottom).any(|y| crop.gray.pixels[y * crop.gray.width + x] < INK);
    let left = (from..to).find(column).unwrap_or(from);
    let right = (from..to).rev().find(column).unwrap_or(to - 1) + 1;
    [left as f32, top as f32, right as f32, bottom as f32]
}

fn page_box(line: &Placed, crop: &Crop, ink: [f32; 4], level: &Level) -> Rect {
    let x = |c: f32| crop.left + c * crop.scale;
    let down = line.core / CORE;
    let (x0, x1) = (x(ink[0]), x(ink[2]));
    let middle = (x0 + x1) / 2.0;
    let axis = line.curve.at(middle);
    let y = |r: f32| axis + (r - ABOVE - CORE / 2.0) * down;
    let (cx, cy) = level.level(middle, (y(ink[1]) + y(ink[3])) / 2.0);
    let (w, h) = ((x1 - x0) / 2.0, (y(ink[3]) - y(ink[1])) / 2.0);
    Rect::new(cx - w, cy - h, cx + w, cy + h)
}

/// Mean length of the runs of ink across the core, in crop pixels: thicker in bold faces.
fn stroke(crop: &Crop) -> f32 {
    let (mut ink, mut runs) = (0.0, 0.0f32);
    for y in ABOVE as usize + 2..(ABOVE + CORE) as usize - 2 {
        let mut before = 255;
        for &v in crop.gray.row(y) {
            ink += (f32::from(255 - v) / 255.0 - 0.15).max(0.0);
            runs += f32::from(u8::from(v < INK && before >= INK));
            before = v;
        }
    }
    ink / runs.max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Gray;
    use crate::curve::Curve;
    use crate::decode::Sign;

    #[test]
    fn a_word_is_boxed_by_its_ink() {
        let mut gray = Gray::filled(160, HEIGHT, 255);
        for y in 15..35 {
            for x in (20..60).chain(90..140) {
                gray.pixels[y * 160 + x] = 0;
            }
        }
        // A neighbour's subscript at the top of the crop.
        gray.pixels[2 * 160 + 30] = 0;
        let crop = Crop { gray, left: 100.0, scale: 2.0, inverse: false };
        let line = Placed {
            curve: Curve::straight(124.0, 380.0, 500.0, 0.0),
            core: 32.0,
            trust: 1.0,
            room: crate::core::ROOM,
        };
        let k = usize::from(khocr_khmer::labels::encode("ក").unwrap()[0]);
        let space = usize::from(khocr_khmer::labels::encode(" ").unwrap()[0]);
        let sign = |class, first| Sign { class, first, last: first, confidence: 0.9 };
        let signs = vec![sign(k, 20), sign(space, 37), sign(k, 55)];
        let read = Signs { signs, steps: 80, frame: 2.0 };
        let item = item(&line, &crop, &read, &Level::of_slope(0.0)).unwrap();
        assert_eq!(item.text(), "ក ក");
        assert_eq!(item.words[0].rect, Rect::new(140.0, 484.0, 220.0, 524.0));
        assert_eq!(item.words[1].rect.x0, 280.0);
        assert_eq!(item.base, 516.0);
    }
}
