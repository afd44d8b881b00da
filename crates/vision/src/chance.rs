//! Chance: gaps of running text, and of lines set in the middle, that stand one under the other and
//! part nothing.

use khocr_document::Rect;

use crate::columns::{Gutter, Sides};
use crate::layout::{Item, Row, around, median};
use crate::zones::centre;

/// So many rows do not share a word space by chance.
const ROWS: usize = 8;
/// Running text has more word spaces than this in a row beside the gap in question...
const SPACES: f32 = 1.5;
/// ...and a gutter is so much wider than they are.
const WIDER: f32 = 1.5;
/// Lines are set about one middle when their own lies so near to it, in core heights...
const MIDDLE: f32 = 0.4;
/// ...and their widths differ by more than this.
const DIFFER: f32 = 4.0;

/// Whether the gap is a word space of running text: no wider than the others in its rows, those left
/// out that are gutters themselves.
pub(crate) fn is_space(
    gutter: &Gutter,
    all: &[Gutter],
    words: &[Item],
    rows: &[Row],
    core: f32,
) -> bool {
    let known = |row: usize, from: f32, to: f32| {
        all.iter().any(|g| g.rows.contains(&row) && g.x0 < to && g.x1 > from)
    };
    let mut spaces = Vec::new();
    for side in &gutter.sides {
        for pair in rows[side.row].windows(2) {
            let (from, to) = (words[pair[0]].rect.x1, words[pair[1]].rect.x0);
            if !known(side.row, from, to) {
                spaces.push((to - from) / core);
            }
        }
    }
    let count = gutter.sides.len();
    count < ROWS
        && spaces.len() as f32 > SPACES * count as f32
        && (gutter.x1 - gutter.x0) / core < WIDER * median(spaces)
}

/// Whether most rows with words on both sides of the gap are lines of many lengths set about one
/// middle, as headings below each other are.
pub(crate) fn is_centred(gutter: &Gutter, words: &[Item], rows: &[Row], core: f32) -> bool {
    let line = |s: &Sides| around(words, rows[s.row].iter().copied());
    let lines: Vec<Rect> = gutter.sides.iter().map(line).collect();
    let middle = median(lines.iter().map(centre).collect());
    let centred: Vec<f32> = lines
        .iter()
        .filter(|l| (centre(l) - middle).abs() < MIDDLE * core)
        .map(Rect::width)
        .collect();
    let widest = centred.iter().copied().fold(0.0, f32::max);
    let narrowest = centred.iter().copied().fold(f32::MAX, f32::min);
    centred.len() >= 3 && centred.len() * 10 > lines.len() * 6 && widest - narrowest > DIFFER * core
}
