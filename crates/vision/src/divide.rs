//! Divide: which places part the columns of a table whose rules down are not drawn.
//!
//! What found a table tells its columns by one thing alone: white along all lines, or what the finder
//! sees. Here all that tells is weighed: white, how many lines run across it, how the cells of a column
//! are set, figures among figures, heads without anything below them. The columns taken are the
//! likeliest by all of it together, as rows are in `partition.rs`; `training/columns.py` fits the weights
//! to drawn tables.

use std::ops::Range;

use khocr_document::Rect;

use crate::aligned::{Column, base, is_number};
use crate::field::Field;
use crate::layout::{Item, Row};
use crate::rules::Rules;
use crate::segments::{likeliest, log_odds, one_if};
use crate::zones::centre;

/// A box reaches so much less far to each side, in core heights: ink boxes are a little too wide.
const SLACK: f32 = 0.3;
/// A place that this share of the lines runs across parts nothing.
const MOST: f32 = 0.5;
/// Most places looked at.
const PLACES: usize = 48;
/// Edges this near, in core heights, line up.
const IN_LINE: f32 = 0.5;
/// A column narrower than this, in core heights, is told by how much narrower it is.
const NARROW: f32 = 2.0;
/// Lines nearer than this, in core heights, stand almost level: neighbours in a cell are farther apart.
const LEVEL: f32 = 1.6;
/// A gutter shows where it is as likely as this.
const SHOWS: f32 = 0.5;
/// A gap between two words of a line, in core heights.
const SPACE: f32 = 0.4;

/// How much is known of a column.
const KNOWN: usize = 24;

/// What is known of what stands between two places as one column, in the order of [`WEIGHTS`]: one for the column itself; lines
/// that hold several pieces of it, in the logarithm and by the number of lines; the share of lines that fill it; whether nothing stands in it;
/// or in one line only; whether the head has nothing there, or nothing but the head has; how its edges are out of
/// line; how figures and words are mixed in it; the logarithm of its width in core heights; how few rows fill it and how narrow it is, in the logarithm. And of the
/// place at its left, unless the table begins there: how many lines run across it, in the logarithm and by the number of lines; how
/// much white is there, and in the line that has least; how many lines have something close to both sides of it, in the
/// logarithm, and how many would by chance where none has; what the finder sees there, as log odds, and along what share of the table's height; whether it was told to part
/// columns; along how much of the table a rule runs there; how many of the lines across it have a space there.
pub(crate) type Known = [f32; KNOWN];

/// What each of these says, in the logarithm of the odds: where the finder saw the table, and where it did not.
const WEIGHTS: [Known; 2] = [
    [
        0.54, -1.71, -3.04, 1.48, -1.83, -0.24, 0.29, -0.37, -0.55, -0.10, -1.75, -0.67, -3.07,
        -1.17, -0.30, 0.50, 0.63, -0.08, -2.16, 0.43, 0.65, 0.79, 1.10, -0.02,
    ],
    [
        0.72, -1.74, -2.31, 2.18, -1.77, -0.23, 0.26, -0.47, -0.39, -0.08, -1.67, -0.62, -3.15,
        -1.84, -0.52, 1.02, 0.40, -0.04, -2.25, 0.00, 0.00, 0.95, 1.85, 0.08,
    ],
];

/// How surely the finder sees a gutter along a table, from its left side to its right.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    /// Where it begins, level pixels.
    pub(crate) from: f32,
    /// Level pixels from one share to the next.
    pub(crate) step: f32,
    /// How surely a gutter shows along the table's height in the mean, and along what share of it one shows.
    pub(crate) shares: Vec<(f32, f32)>,
}

impl Profile {
    /// Of a table that takes up these columns and rows of the finder's maps.
    pub(crate) fn of(field: &Field, xs: &Range<usize>, ys: &Range<usize>) -> Self {
        let along = |x: usize| {
            let shows = |y: &usize| field.gutters[y * field.width + x] >= SHOWS;
            let share = ys.clone().filter(shows).count() as f32 / ys.len() as f32;
            (field.share(&field.gutters, x..x + 1, ys.clone()), share)
        };
        let shares = xs.clone().map(along).collect();
        Self { from: field.x(xs.start as f32), step: field.cell, shares }
    }

    /// The most between two places: how surely, as log odds, and along what share.
    fn between(&self, from: f32, to: f32) -> (f32, f32) {
        let at = |x: f32| ((x - self.from) / self.step).max(0.0) as usize;
        let shares = self.shares.iter().take(at(to) + 1).skip(at(from));
        let most = shares.fold((0.0f32, 0.0f32), |m, s| (m.0.max(s.0), m.1.max(s.1)));
        (log_odds(most.0), most.1)
    }
}

/// The columns of a table of these rows, whose columns were told to be `told`; `profile` is what the finder saw of
/// them, if it saw the table. As they were told where all that stands in it would be one column.
pub(crate) fn divide(
    items: &[Item],
    rows: &[Row],
    told: &[Column],
    rules: &Rules,
    core: f32,
    profile: Option<&Profile>,
) -> Vec<Column> {
    let table = Table::of(items, rows, told, rules, core, profile);
    #[cfg(feature = "trace")]
    crate::trace::keep_columns(table.trace(rows));
    let weights = &WEIGHTS[usize::from(profile.is_none())];
    let ends = likeliest(
        table.places.len() + 1,
        |to| 0..to,
        |from, to| table.known(from, to).iter().zip(weights).map(|(x, w)| x * w).sum(),
    );
    let column = |w: &[usize]| table.column(w[0], w[1]);
    let columns: Vec<Column> = ends.windows(2).map(column).collect();
    if columns.len() < 2 { told.to_vec() } else { columns }
}

/// A stretch of a line.
struct Stretch {
    line: usize,
    /// Lines that stand almost level are of one row: cells in the middle beside cells of two lines.
    row: usize,
    rect: Rect,
    figures: bool,
    /// From where to where there is space between its words.
    spaces: Vec<(f32, f32)>,
}

/// A place that may part columns.
struct Place {
    /// From where to where nothing begins or ends, but what runs across.
    from: f32,
    to: f32,
    /// What is known of it, the last eleven of [`Known`].
    known: [f32; 11],
}

impl Place {
    fn middle(&self) -> f32 {
        f32::midpoint(self.from, self.to)
    }
}

struct Table {
    stretches: Vec<Stretch>,
    places: Vec<Place>,
    rect: Rect,
    core: f32,
    /// How many lines hold something, and how many rows of lines that stand almost level.
    lines: f32,
    rows: f32,
    /// The first row of several stretches.
    head: usize,
}

impl Table {
    fn of(
        items: &[Item],
        rows: &[Row],
        told: &[Column],
        rules: &Rules,
        core: f32,
        profile: Option<&Profile>,
    ) -> Self {
        let numbers = level_rows(items, rows, core);
        let stretch = |(line, i): (usize, usize)| {
            let words = items[i].words.windows(2).map(|w| (w[0].rect.x1, w[1].rect.x0));
            let spaces = words.filter(|w| w.1 - w.0 > SPACE * core).collect();
            let figures = is_number(&items[i].text());
            Stretch { line, row: numbers[line], rect: items[i].rect, figures, spaces }
        };
        let all = rows.iter().enumerate().flat_map(|(r, row)| row.iter().map(move |&i| (r, i)));
        let stretches: Vec<Stretch> = all.map(stretch).collect();
        let rect = Rect::around(stretches.iter().map(|s| s.rect)).unwrap_or_default();
        let lines = rows.iter().filter(|r| !r.is_empty()).count() as f32;
        let head = rows.iter().position(|r| r.len() > 1).map_or(0, |r| numbers[r]);
        let rows = numbers.last().map_or(1, |n| n + 1) as f32;
        let mut out = Self { stretches, places: Vec::new(), rect, core, lines, rows, head };
        let spans = out.spans();
        let parts = |w: &[Column]| nearest(&spans, f32::midpoint(w[0].x1, w[1].x0));
        let told: Vec<usize> = told.windows(2).map(parts).collect();
        let mut known: Vec<[f32; 11]> = Vec::new();
        for (n, &(from, to)) in spans.iter().enumerate() {
            let before = if n == 0 { f32::MIN } else { mid(spans[n - 1]) };
            let after = spans.get(n + 1).map_or(f32::MAX, |s| mid(*s));
            let seen = profile.map_or((0.0, 0.0), |p| p.between(from, to));
            let down = rules.down.iter().filter(|r| r.at > from - core && r.at < to + core);
            let along: f32 = down.map(|r| (r.to.min(rect.y1) - r.from.max(rect.y0)).max(0.0)).sum();
            let drawn = (along / rect.height().max(1.0)).min(1.0);
            known.push(out.place(
                (before, from, to, after),
                seen,
                one_if(told.contains(&n)),
                drawn,
            ));
        }
        let places = spans.into_iter().zip(known);
        out.places = places.map(|((from, to), known)| Place { from, to, known }).collect();
        out
    }

    /// A stretch without what its box is too wide by.
    fn narrowed(&self, s: &Stretch) -> (f32, f32) {
        let slack = (SLACK * self.core).min(0.45 * s.rect.width());
        (s.rect.x0 + slack, s.rect.x1 - slack)
    }

    /// Where fewer stretches run across than to the left and to the right, left to right.
    fn spans(&self) -> Vec<(f32, f32)> {
        let mut edges: Vec<(f32, bool)> = Vec::new();
        for s in &self.stretches {
            let (from, to) = self.narrowed(s);
            edges.extend([(from, true), (to, false)]);
        }
        // What ends where another begins leaves a place between them.
        edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (mut over, mut out) = (0usize, Vec::new());
        for w in edges.windows(2) {
            over = if w[0].1 { over + 1 } else { over - 1 };
            if !w[0].1 && w[1].1 && over as f32 <= MOST * self.lines {
                out.push((over, w[0].0, w[1].0));
            }
        }
        while out.len() > PLACES {
            let most = (0..out.len()).max_by_key(|&i| out[i].0).unwrap_or(0);
            out.remove(most);
        }
        out.into_iter().map(|(_, from, to)| (from, to)).collect()
    }

    /// What is known of a place; `sides` are the middle of the one before, its own sides, and the middle of the one
    /// after.
    fn place(
        &self,
        sides: (f32, f32, f32, f32),
        seen: (f32, f32),
        told: f32,
        drawn: f32,
    ) -> [f32; 11] {
        let (before, from, to, after) = sides;
        let x = f32::midpoint(from, to);
        let lines = self.lines.max(1.0);
        let (mut across, mut spaced) = (0.0f32, 0.0f32);
        // Of each line, where what stands at the left ends, and where what stands at the right begins.
        let mut beside: std::collections::BTreeMap<usize, (f32, f32)> =
            std::collections::BTreeMap::new();
        let (mut left, mut right) = (0.0f32, 0.0f32);
        for s in &self.stretches {
            let (x0, x1) = self.narrowed(s);
            if x0 < x && x1 > x {
                across += 1.0;
                spaced += one_if(s.spaces.iter().any(|w| w.0 < to && w.1 > from));
                continue;
            }
            let middle = f32::midpoint(x0, x1);
            let own = beside.entry(s.row).or_insert((f32::MIN, f32::MAX));
            if middle < x {
                own.0 = own.0.max(s.rect.x1);
                left += one_if(middle > before);
            } else {
                own.1 = own.1.min(s.rect.x0);
                right += one_if(middle < after);
            }
        }
        let gaps = beside.values().filter(|b| b.0 > f32::MIN && b.1 < f32::MAX);
        let narrowest = gaps.map(|b| b.1 - b.0).fold(f32::MAX, f32::min);
        let narrowest = if narrowest == f32::MAX { 0.0 } else { narrowest / self.core };
        let both = beside
            .values()
            .filter(|b| b.0 > before && b.1 < after && b.0 > f32::MIN && b.1 < f32::MAX);
        let both = both.count() as f32;
        let chance = if both == 0.0 { (1.0 + left * right / self.rows).ln() } else { 0.0 };
        [
            (1.0 + across).ln(),
            across / lines,
            (1.0 + (to - from) / self.core).ln(),
            (1.0 + narrowest.max(0.0)).ln(),
            (1.0 + both).ln(),
            chance,
            seen.0,
            seen.1,
            told,
            drawn,
            spaced / lines,
        ]
    }

    /// Where a column begins, if not with the table.
    fn begins(&self, at: usize) -> f32 {
        if at == 0 { f32::MIN } else { self.places[at - 1].middle() }
    }

    /// Where a column ends, if not with the table.
    fn ends(&self, at: usize) -> f32 {
        self.places.get(at.wrapping_sub(1)).map_or(f32::MAX, Place::middle)
    }

    /// What stands wholly between two places.
    fn inside(&self, from: usize, to: usize) -> impl Iterator<Item = &Stretch> {
        let (x0, x1) = (self.begins(from), self.ends(to));
        self.stretches.iter().filter(move |s| {
            let own = self.narrowed(s);
            own.0 >= x0 && own.1 <= x1
        })
    }

    fn column(&self, from: usize, to: usize) -> Column {
        let inside: Vec<Rect> = self.inside(from, to).map(|s| s.rect).collect();
        let filled = inside.len();
        match Rect::around(inside) {
            Some(rect) => Column { x0: rect.x0, x1: rect.x1, filled },
            None => {
                let (x0, x1) =
                    (self.begins(from).max(self.rect.x0), self.ends(to).min(self.rect.x1));
                Column { x0, x1, filled }
            }
        }
    }

    /// What is known of what stands between two places as one column, in the order of [`Known`].
    fn known(&self, from: usize, to: usize) -> Known {
        let inside: Vec<&Stretch> = self.inside(from, to).collect();
        let n = inside.len() as f32;
        let distinct = |number: fn(&&Stretch) -> usize| {
            let mut all: Vec<usize> = inside.iter().map(number).collect();
            all.dedup();
            all
        };
        let filled = distinct(|s| s.row);
        let rows = filled.len() as f32;
        let doubles = n - distinct(|s| s.line).len() as f32;
        let lined_up = |edge: fn(&Rect) -> f32| {
            let mut at: Vec<f32> = inside.iter().map(|s| edge(&s.rect)).collect();
            at.sort_by(f32::total_cmp);
            // The most within so little.
            let near =
                |i: usize| at[i..].iter().take_while(|x| **x - at[i] < IN_LINE * self.core).count();
            (0..at.len()).map(near).max().unwrap_or(0) as f32
        };
        let best = lined_up(|r| r.x0).max(lined_up(|r| r.x1)).max(lined_up(centre));
        let figures = inside.iter().filter(|s| s.figures).count() as f32;
        let some = n.max(1.0);
        let (has_head, lines) = (filled.contains(&self.head), self.lines.max(1.0));
        let width = self.ends(to).min(self.rect.x1) - self.begins(from).max(self.rect.x0);
        let own = [
            1.0,
            (1.0 + doubles).ln(),
            doubles / lines,
            rows / self.rows,
            one_if(inside.is_empty()),
            one_if(rows == 1.0),
            one_if(!inside.is_empty() && !has_head),
            one_if(rows == 1.0 && has_head),
            if n > 1.0 { 1.0 - best / some } else { 0.0 },
            figures.min(n - figures) / some,
            (width / self.core).max(0.2).ln(),
            if rows > 0.0 { (self.rows / rows).ln() } else { 0.0 },
            (NARROW * self.core / width.max(1.0)).ln().max(0.0),
        ];
        let place = if from == 0 { [0.0; 11] } else { self.places[from - 1].known };
        let mut out = [0.0; KNOWN];
        out[..13].copy_from_slice(&own);
        out[13..].copy_from_slice(&place);
        out
    }

    /// What was known, for fitting what it says.
    #[cfg(feature = "trace")]
    fn trace(&self, rows: &[Row]) -> crate::trace::Divided {
        let lines = |r: usize| self.stretches.iter().filter(move |s| s.row == r).map(|s| s.rect);
        let n = self.places.len() + 1;
        let known = |to: usize| (0..to).map(move |from| (from, to, self.known(from, to)));
        crate::trace::Divided {
            lines: (0..rows.len()).map(|r| lines(r).collect()).collect(),
            places: self.places.iter().map(Place::middle).collect(),
            known: (1..=n).flat_map(known).collect(),
        }
    }
}

/// The number of each line's row, where lines that stand almost level make one.
fn level_rows(items: &[Item], rows: &[Row], core: f32) -> Vec<usize> {
    let mut out: Vec<usize> = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        let below = n > 0 && base(items, row) - base(items, &rows[n - 1]) >= LEVEL * core;
        out.push(out.last().map_or(0, |last| last + usize::from(below)));
    }
    out
}

fn mid(span: (f32, f32)) -> f32 {
    f32::midpoint(span.0, span.1)
}

/// The number of the span nearest to a place.
fn nearest(spans: &[(f32, f32)], x: f32) -> usize {
    let away = |s: &(f32, f32)| (s.0 - x).max(x - s.1).max(0.0) + 1e-3 * (mid(*s) - x).abs();
    let all = (0..spans.len()).min_by(|&a, &b| away(&spans[a]).total_cmp(&away(&spans[b])));
    all.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;
    use crate::order::rows as rows_of;

    /// Where the columns of a table begin that were told to stand between these places.
    fn begins(items: &[Item], told: &[(f32, f32)]) -> Vec<f32> {
        let rows = rows_of(items, (0..items.len()).collect());
        let told: Vec<Column> = told.iter().map(|&(x0, x1)| Column { x0, x1, filled: 1 }).collect();
        let columns = divide(items, &rows, &told, &Rules::default(), 10.0, None);
        columns.iter().map(|c| c.x0).collect()
    }

    #[test]
    fn a_head_beside_what_stands_below_it_is_of_one_column_with_it() {
        // Words at the left, figures set right, the head of these in the middle of their column.
        let mut items = vec![item(0.0, 60.0, 0.0), item(240.0, 300.0, 0.0)];
        for n in 1..9 {
            let y = 30.0 * n as f32;
            items.extend([item(0.0, 70.0 + 9.0 * n as f32, y), item(330.0 - n as f32, 370.0, y)]);
        }
        assert_eq!(begins(&items, &[(0.0, 150.0), (240.0, 300.0), (322.0, 370.0)]), [0.0, 240.0]);
    }

    #[test]
    fn words_set_left_and_in_the_middle_are_one_column() {
        let mut items = Vec::new();
        for n in 0..10 {
            let y = 30.0 * n as f32;
            let x = if n % 3 == 0 { 260.0 } else { 200.0 };
            items.extend([item(0.0, 90.0, y), item(x, x + 50.0, y), item(400.0, 450.0, y)]);
        }
        let told = [(0.0, 90.0), (200.0, 250.0), (260.0, 310.0), (400.0, 450.0)];
        assert_eq!(begins(&items, &told), [0.0, 200.0, 400.0]);
    }

    #[test]
    fn figures_close_before_words_are_a_column() {
        let mut items = Vec::new();
        for n in 0..8 {
            let y = 30.0 * n as f32;
            let (from, to) = (100.0 - 9.0 * (n % 4) as f32, 200.0 + 25.0 * (n % 3) as f32);
            items.extend([item(0.0, 40.0, y), item(from, 120.0, y), item(130.0, to, y)]);
        }
        let told = [(0.0, 40.0), (73.0, 250.0)];
        assert_eq!(begins(&items, &told), [0.0, 73.0, 130.0]);
    }

    #[test]
    fn what_would_be_one_column_stays_as_it_was_told() {
        let items: Vec<Item> = (0..4).map(|n| item(0.0, 100.0, 30.0 * n as f32)).collect();
        assert_eq!(begins(&items, &[(0.0, 40.0), (60.0, 100.0)]), [0.0, 60.0]);
    }

    #[test]
    fn what_the_finder_sees_is_the_most_between_two_places() {
        let shares = vec![(0.1, 0.0), (0.9, 0.8), (0.2, 0.1)];
        let profile = Profile { from: 100.0, step: 10.0, shares };
        let (seen, shows) = profile.between(105.0, 115.0);
        assert!(seen > 2.0 && shows == 0.8);
        assert!(profile.between(120.0, 129.0).0 < 0.0);
        assert!(profile.between(300.0, 320.0).1 == 0.0);
    }
}
