//! Columns: gutters of tables without rules, before pieces of lines are joined.
//!
//! A gap that row after row leaves free, with words along it on both sides that line up, parts two
//! columns. The finder's bands may run on over it, so it is looked for between the words' ink.

use khocr_document::Rect;

use crate::Gray;
use crate::bands::Band;
use crate::chance;
use crate::ink;
use crate::layout::{Item, Level, Row, around, median};
use crate::order::rows;
use crate::rules::Rule;

/// Narrowest blank between two words, in core heights.
const SPACE: f32 = 0.5;
/// Narrowest gap in a row that may be a gutter, in core heights.
const GAP: f32 = 0.8;
/// What all rows must leave of it, in core heights.
const SHARED: f32 = 0.7;
/// What needs no words that line up, in core heights.
const WIDE: f32 = 2.0;
/// Farthest from one row of a table to the next, in core heights.
const JUMP: f32 = 6.0;
/// How far, in core heights, an edge may lie from the others and still line up.
const IN_LINE: f32 = 0.4;
/// Longest number or label before the items of a list, in core heights.
const LABEL: f32 = 5.0;
/// Least length of such an item, in core heights.
const LONG: f32 = 15.0;
/// Narrowest gap that may end such an item, in core heights.
const ITEM_GAP: f32 = 1.6;
/// Least height of a word's ink, in core heights: dots and dashes of leaders have less.
const TALL: f32 = 0.4;
/// Least length of a leader, in core heights.
const LEADER: f32 = 2.5;
/// Share of a gutter's rows that may have leaders up to it.
const LEADERS: f32 = 0.25;

/// A gap that rows share, level pixels.
pub(crate) struct Gutter {
    pub(crate) x0: f32,
    pub(crate) x1: f32,
    /// The rows that leave it free, in order.
    pub(crate) rows: Vec<usize>,
    /// Rows with words on both sides.
    pub(crate) sides: Vec<Sides>,
}

/// What stands at a gutter in one row.
#[derive(Clone, Copy)]
pub(crate) struct Sides {
    /// Which row.
    pub(crate) row: usize,
    /// Where the word at the left ends.
    left: f32,
    /// Where the word at the right begins.
    right: f32,
    /// From the last wide gap to the end of the left word.
    label: f32,
    /// Whether one of them is a dash or a row of dots.
    leader: bool,
    /// From the right word to the next wide gap.
    item: f32,
}

impl Sides {
    /// Between the words `at - 1` and `at` of a row.
    fn of(words: &[Item], rows: &[Row], row: usize, at: usize, core: f32) -> Self {
        let (number, row) = (row, &rows[row]);
        let rect = |i: usize| &words[row[i]].rect;
        let near = |i: &usize| rect(i + 1).x0 - rect(*i).x1 < ITEM_GAP * core;
        let last = at + (at..row.len() - 1).take_while(near).count();
        let first = at - 1 - (0..at - 1).rev().take_while(near).count();
        Self {
            row: number,
            left: rect(at - 1).x1,
            right: rect(at).x0,
            label: rect(at - 1).x1 - rect(first).x0,
            leader: rect(at - 1).height().min(rect(at).height()) < TALL * core,
            item: rect(last).x1 - rect(at).x0,
        }
    }
}

/// The gutters as rules down that are not drawn, each only as high as the rows that leave it free;
/// page pixels, in short pieces where the page leans.
#[must_use]
pub(crate) fn gutters(page: &Gray, bands: &[Band], level: &Level, core: f32) -> Vec<Rule> {
    let mut words = words(page, bands, level);
    let mut rows = rows(&words, (0..words.len()).collect());
    // A line of a table of contents is none of a table.
    for row in &mut rows {
        if has_leader(&words, row, core) {
            let end = around(&words, row.iter().copied()).x1;
            row.truncate(1);
            words[row[0]].rect.x1 = end;
        }
    }
    let gutters = accepted(shared_gaps(&words, &rows, core), core);
    let chance = |g: &&Gutter| {
        chance::is_space(g, &gutters, &words, &rows, core)
            || chance::is_centred(g, &words, &rows, core)
    };
    let base = |r: usize| median(rows[r].iter().map(|&i| words[i].base).collect());
    let mut out = Vec::new();
    for gutter in gutters.iter().filter(|g| !chance(g)) {
        let x = f32::midpoint(gutter.x0, gutter.x1);
        for (i, &r) in gutter.rows.iter().enumerate() {
            let y = base(r);
            // From row to row without a break, unless a row between runs across.
            let next = gutter.rows.get(i + 1).filter(|n| **n == r + 1).map(|n| base(*n));
            let foot = next.map_or(y + 1.1 * core, |n| n.min(y + JUMP * core));
            let (px, py) = level.page(x, f32::midpoint(y - 1.1 * core, foot));
            let half = (foot - y + 1.1 * core) / 2.0;
            out.push(Rule { from: py - half, to: py + half, at: px, thick: 1.0 });
        }
    }
    out
}

/// Whether a stretch of a row's words is a leader: low ink, its dashes a word each where they stand apart.
fn has_leader(words: &[Item], row: &Row, core: f32) -> bool {
    let mut from = None;
    let mut last = f32::MIN;
    for rect in row.iter().map(|&i| &words[i].rect) {
        let low = rect.height() < TALL * core;
        from = match from {
            Some(x) if low && rect.x0 - last < GAP * core => Some(x),
            _ => low.then_some(rect.x0),
        };
        last = rect.x1;
        if from.is_some_and(|x| last - x > LEADER * core) {
            return true;
        }
    }
    false
}

/// The words of all bands by their ink: boxes without marks, level pixels.
fn words(page: &Gray, bands: &[Band], level: &Level) -> Vec<Item> {
    let mut out = Vec::new();
    for band in bands {
        let core = band.core;
        let from = band.curve.from.max(0.0) as usize;
        let to = (band.curve.to.max(0.0) as usize).min(page.width);
        let mut word: Option<Word> = None;
        let ink = ink::of(page, band);
        for x in from..=to {
            let y = band.curve.at(x as f32);
            let top = (y - 0.6 * core).max(0.0) as usize;
            let foot = ((y + 0.6 * core).max(0.0) as usize).min(page.height);
            let dark = |y: &usize| x < to && page.pixels[y * page.width + x] < ink;
            // Heights from the line's middle, which may bow.
            let height = |h: usize| h as f32 + 0.5 - y;
            let ink = (top..foot).find(dark).zip((top..foot).rfind(dark));
            let ink = ink.map(|(a, b)| (height(a) - 0.5, height(b) + 0.5));
            match (&mut word, ink) {
                (Some(w), Some((a, b))) if ((x - w.to) as f32) < SPACE * core => {
                    *w = Word { to: x, top: w.top.min(a), foot: w.foot.max(b), ..*w };
                }
                (Some(w), _) if ink.is_some() || x == to => {
                    out.push(w.item(band, level));
                    word = ink.map(|(top, foot)| Word { from: x, to: x, top, foot });
                }
                (None, Some((top, foot))) => word = Some(Word { from: x, to: x, top, foot }),
                _ => {}
            }
        }
    }
    out
}

/// A word as it grows along a band: its first and last column of ink, and the heights of its ink
/// about the band's middle.
#[derive(Clone, Copy)]
struct Word {
    from: usize,
    to: usize,
    top: f32,
    foot: f32,
}

impl Word {
    fn item(&self, band: &Band, level: &Level) -> Item {
        let (from, to) = (self.from as f32, self.to as f32 + 1.0);
        let (half, middle) = ((to - from) / 2.0, f32::midpoint(from, to));
        let (x, y) = level.level(middle, band.curve.at(middle));
        Item {
            rect: Rect::new(x - half, y + self.top, x + half, y + self.foot),
            base: y,
            core: band.core,
            words: Vec::new(),
            confidence: 1.0,
            stroke: 0.0,
        }
    }
}

/// Gaps followed down the rows from where they begin.
fn shared_gaps(words: &[Item], rows: &[Row], core: f32) -> Vec<Gutter> {
    let mut out: Vec<Gutter> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        for next in 1..row.len() {
            let (left, right) = (&words[row[next - 1]].rect, &words[row[next]].rect);
            let known = out.iter().any(|g| {
                g.rows.contains(&at) && g.x1.min(right.x0) - g.x0.max(left.x1) > 0.5 * SHARED * core
            });
            if known || right.x0 - left.x1 < GAP * core {
                continue;
            }
            let seed = Gutter {
                x0: left.x1,
                x1: right.x0,
                rows: vec![at],
                sides: vec![Sides::of(words, rows, at, next, core)],
            };
            out.push(followed(words, rows, seed, core));
        }
    }
    out
}

fn followed(words: &[Item], rows: &[Row], seed: Gutter, core: f32) -> Gutter {
    let base = |r: usize| median(rows[r].iter().map(|&i| words[i].base).collect());
    let mut out = seed;
    let (mut last, mut missed, mut end) = (out.rows[0], 0, 1);
    for (at, row) in rows.iter().enumerate().skip(last + 1) {
        if base(at) - base(last) > JUMP * core || missed > 1 {
            break;
        }
        let edges = |i: usize| &words[row[i]].rect;
        // Between which words of the row: before the first, after the last, or two of them.
        let best = (0..=row.len())
            .map(|i| {
                let from = if i == 0 { f32::MIN } else { edges(i - 1).x1 };
                let to = if i == row.len() { f32::MAX } else { edges(i).x0 };
                (from.max(out.x0), to.min(out.x1), i)
            })
            .max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)));
        let Some((x0, x1, i)) = best.filter(|b| b.1 - b.0 >= SHARED * core) else {
            missed += 1;
            continue;
        };
        (out.x0, out.x1, last, missed) = (x0, x1, at, 0);
        out.rows.push(at);
        if i > 0 && i < row.len() {
            out.sides.push(Sides::of(words, rows, at, i, core));
            end = out.rows.len();
        }
    }
    out.rows.truncate(end);
    out
}

/// Those that are gutters rather than word spaces that happen to stand one under the other.
fn accepted(gutters: Vec<Gutter>, core: f32) -> Vec<Gutter> {
    let in_line = |values: Vec<f32>| {
        let middle = median(values.clone());
        let near = values.iter().filter(|v| (**v - middle).abs() < IN_LINE * core).count();
        near as f32 / values.len().max(1) as f32
    };
    let good = |g: &Gutter| {
        let rows = g.sides.len();
        let lined_up = in_line(g.sides.iter().map(|s| s.left).collect())
            .max(in_line(g.sides.iter().map(|s| s.right).collect()));
        let wide = g.x1 - g.x0;
        let leaders = g.sides.iter().filter(|s| s.leader).count() as f32;
        leaders <= LEADERS * rows as f32
            && (rows >= 4 && (lined_up > 0.6 || wide > WIDE * core)
                || rows == 3 && wide > 1.2 * core && (lined_up > 0.9 || wide > WIDE * core)
                || rows >= 7 && wide > 1.2 * core)
    };
    let mut out: Vec<Gutter> = gutters.into_iter().filter(good).collect();
    // Numbers before the items of a list stand in a column too, but in no table.
    let labels = |g: &Gutter| {
        let short = g.sides.iter().filter(|s| s.label < LABEL * core).count();
        short * 10 > g.sides.len() * 7
    };
    let items = |g: &Gutter| median(g.sides.iter().map(|s| s.item).collect()) > LONG * core;
    let beside = |g: &Gutter, o: &Gutter| {
        let shared = o.rows.iter().filter(|r| g.rows.contains(r)).count();
        (o.x1 < g.x0 || o.x0 > g.x1) && shared * 2 >= g.rows.len()
    };
    let list = |g: &Gutter| {
        labels(g)
            && (items(g) || out.iter().any(|o| beside(g, o) && labels(o) && items(o)))
            && !out.iter().any(|o| !labels(o) && beside(g, o))
    };
    let keep: Vec<bool> = out.iter().map(|g| !list(g)).collect();
    let mut keep = keep.into_iter();
    out.retain(|_| keep.next().unwrap_or(true));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Curve;

    /// Rows 50 px apart of words 20 px high with a band along each whole row.
    fn page(rows: &[&[(usize, usize)]]) -> (Gray, Vec<Band>) {
        let mut page = Gray::filled(1000, 100 + 50 * rows.len(), 255);
        let mut bands = Vec::new();
        for (i, words) in rows.iter().enumerate() {
            for &(from, to) in *words {
                for y in 50 + i * 50..70 + i * 50 {
                    page.pixels[y * 1000 + from..y * 1000 + to].fill(0);
                }
            }
            let (from, to) = (words[0].0 as f32, words[words.len() - 1].1 as f32);
            let curve = Curve::straight(from, to, 60.0 + 50.0 * i as f32, 0.0);
            bands.push(Band { curve, core: 20.0, score: 1.0, points: Vec::new() });
        }
        (page, bands)
    }

    fn places(rows: &[&[(usize, usize)]]) -> Vec<f32> {
        let (page, bands) = page(rows);
        let mut out: Vec<f32> =
            gutters(&page, &bands, &Level::of_slope(0.0), 20.0).iter().map(|r| r.at).collect();
        out.sort_by(f32::total_cmp);
        out.dedup();
        out
    }

    #[test]
    fn pale_print_has_gutters_and_is_no_leader() {
        let rows: [&[(usize, usize)]; 4] = [
            &[(100, 260), (420, 600)],
            &[(100, 300), (420, 560)],
            &[(100, 220), (420, 640)],
            &[(100, 280), (420, 600)],
        ];
        let (mut page, bands) = page(&rows);
        // Strokes in the middle of the letters are all that is darker than the threshold.
        let row = |i: usize| (i / 1000 + 1000 - 50) % 50;
        for (i, v) in page.pixels.iter_mut().enumerate() {
            if *v == 0 {
                *v = if (9..13).contains(&row(i)) { 150 } else { 175 };
            }
        }
        assert!(!gutters(&page, &bands, &Level::of_slope(0.0), 20.0).is_empty());
    }

    #[test]
    fn columns_of_a_table_have_gutters() {
        // Counts, words ragged at the right, numbers ragged at the left; one cell empty.
        let rows: [&[(usize, usize)]; 5] = [
            &[(100, 120), (150, 300), (520, 600)],
            &[(100, 120), (150, 420), (560, 600)],
            &[(100, 120), (150, 260), (275, 330), (500, 600)],
            &[(100, 120), (150, 380)],
            &[(100, 120), (150, 200), (540, 600)],
        ];
        let places = places(&rows);
        assert_eq!(places.len(), 2);
        assert!((120.0..150.0).contains(&places[0]) && (420.0..500.0).contains(&places[1]));
    }

    #[test]
    fn word_spaces_and_bullets_are_no_gutters() {
        let prose: [&[(usize, usize)]; 5] = [
            &[(100, 300), (322, 600), (640, 900)],
            &[(100, 420), (450, 700), (725, 900)],
            &[(100, 250), (275, 520), (545, 900)],
            &[(100, 380), (410, 640), (660, 900)],
            &[(100, 330), (360, 580), (602, 900)],
        ];
        assert!(places(&prose).is_empty());
        let list: [&[(usize, usize)]; 5] = [
            &[(100, 120), (150, 900)],
            &[(100, 120), (150, 700)],
            &[(100, 120), (150, 820)],
            &[(100, 120), (150, 600)],
            &[(100, 120), (150, 760)],
        ];
        assert!(places(&list).is_empty());
    }

    #[test]
    fn spaces_and_headings_that_happen_to_line_up_are_no_gutters() {
        let prose: [&[(usize, usize)]; 4] = [
            &[(160, 280), (304, 440), (461, 700), (722, 900)],
            &[(100, 282), (305, 520), (542, 640), (662, 900)],
            &[(100, 190), (210, 284), (304, 600), (626, 900)],
            &[(100, 284), (305, 420), (440, 560), (580, 900)],
        ];
        assert!(places(&prose).is_empty());
        let headings: [&[(usize, usize)]; 4] = [
            &[(460, 490), (510, 540)],
            &[(400, 490), (510, 600)],
            &[(445, 490), (510, 555)],
            &[(360, 490), (510, 640)],
        ];
        assert!(places(&headings).is_empty());
    }

    #[test]
    fn leaders_before_page_numbers_are_no_column() {
        let rows: [&[(usize, usize)]; 5] = [
            &[(100, 300), (820, 860)],
            &[(100, 420), (820, 860)],
            &[(100, 260), (820, 860)],
            &[(100, 380), (820, 860)],
            &[(100, 500), (820, 860)],
        ];
        let (mut page, bands) = page(&rows);
        assert!(!gutters(&page, &bands, &Level::of_slope(0.0), 20.0).is_empty());
        let drawn = page.clone();
        // Dots that run together, and dashes that stand a little apart.
        for (period, dark) in [(14, 6), (24, 12)] {
            page = drawn.clone();
            for (i, row) in rows.iter().enumerate() {
                for x in (row[0].1 + 20..790).filter(|x| x % period < dark) {
                    for y in 58..61 {
                        page.pixels[(y + 50 * i) * 1000 + x] = 0;
                    }
                }
            }
            assert!(gutters(&page, &bands, &Level::of_slope(0.0), 20.0).is_empty(), "{period}");
        }
    }
}
