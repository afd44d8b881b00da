//! Partition: which lines of a table without rules between its rows make one row.
//!
//! Where nothing is drawn, much tells a little: what the finder sees between two lines; wider white; a
//! line that ends though the next one's first word would have fitted; cells of a row that begin at one
//! height, end at one or have one middle; figures below figures. The rows taken are the likeliest by
//! all of it together: a semi-Markov conditional random field over the lines (Sarawagi and Cohen, 2004),
//! whose weights `training/rows.py` fits to drawn tables.

use crate::aligned::{Column, column_of, is_number};
use crate::blocks::is_list_item;
use crate::fill::{goes_on, room_taken};
use crate::layout::{Item, Row};
use crate::segments::{likeliest, log_odds, one_if};

/// Most lines, those between others included, in a row.
const MOST: usize = 24;
/// Lines of one cell are no farther apart than this, in the distance of lines set close...
const FAR: f32 = 1.35;
/// ...and pieces of one line nearer than this.
const PIECES: f32 = 0.5;
/// Heights this near, in the same distance, are the same.
const LEVEL: f32 = 0.3;
/// Lines nearer than this are no two rows' as a rule: one is set in the middle of a taller cell.
const CLOSE: f32 = 0.75;
/// A line that fills this share of the most columns that any does, of so many at least, is full.
const FULL: (f32, usize) = (0.8, 3);
/// A column's lines so far above and below a place tell how much white is there.
const NEAR: usize = 5;
/// A cell set otherwise than the others of its row fits so much better than one at no height of it.
const UNLIKE: f32 = 0.4;
/// Lines of the first column are numbered where this share of them begins with a number.
const NUMBERED: f32 = 0.5;
/// A line may be carried on from so many lines above.
const ABOVE: usize = 3;

/// How much is known of some lines as one row.
const KNOWN: usize = 20;

/// What is known of some lines as one row, in the order of [`WEIGHTS`]: one for the row itself; how many lines of
/// its cells are too far apart; end before they are full; cells that are set otherwise than the others, and at no
/// height of the row's; what was left free where lines end early, in lines; figures below figures; columns without
/// a cell, by how often they have one; columns with several lines; whether one column alone has a cell; full lines below each other; lines after
/// its first, and these by the share of the table's lines that fill several columns; where lines of the first column begin with
/// numbers, how many after its first do. And
/// where the row is not the first: how likely one begins there, as log odds; lines torn from those they
/// carry on; how much more white is above it than between lines set close, and how much less; whether
/// the first column begins there; whether the line before is hardly above it.
pub(crate) type Known = [f32; KNOWN];

/// What each of these says, in the logarithm of the odds: where something told how likely rows begin with
/// each line, and where nothing did.
const WEIGHTS: [Known; 2] = [
    [
        -1.17, -0.64, 0.15, -0.78, -0.46, -2.59, -1.76, -0.67, -0.41, 0.40, -0.08, 0.29, -3.87,
        -1.50, 1.17, -0.13, 2.05, -6.90, 0.25, -0.88,
    ],
    [
        -2.32, -1.27, 0.22, -1.42, -0.58, -3.68, -2.40, -0.62, -0.53, 1.06, -0.17, 1.26, -5.33,
        -1.50, 0.00, -0.16, 2.12, -7.46, 0.42, -1.06,
    ],
];

/// What the lines of a table are measured by.
pub(crate) struct Measures<'a> {
    /// What a line of each column has room for.
    pub(crate) room: &'a [f32],
    /// Core height.
    pub(crate) core: f32,
    /// From one line of a cell to the next.
    pub(crate) pitch: f32,
    /// Which space between two rules each line stands in.
    pub(crate) bands: &'a [usize],
    /// How likely a row begins with each line, if anything told it.
    pub(crate) chances: Option<&'a [f32]>,
}

/// The number of the table row that each line, top to bottom, belongs to.
pub(crate) fn partition(
    items: &[Item],
    rows: &[Row],
    columns: &[Column],
    measures: &Measures<'_>,
) -> Vec<usize> {
    let table = Table::of(items, rows, columns, measures);
    #[cfg(feature = "trace")]
    crate::trace::keep_rows(table.trace(rows));
    let weights = &WEIGHTS[usize::from(measures.chances.is_none())];
    let worth = |from, to| table.worth(from, to, weights);
    let ends = likeliest(rows.len(), |to| table.begins(to), worth);
    let number = |(number, ends): (usize, &[usize])| vec![number; ends[1] - ends[0]];
    ends.windows(2).enumerate().flat_map(number).collect()
}

/// The lines of a table by column.
struct Table<'a> {
    items: &'a [Item],
    measures: &'a Measures<'a>,
    /// The last item of each column in each line.
    lines: Vec<Vec<Option<usize>>>,
    /// Of each item in a column, what it is to the one above it there.
    below: Vec<Below>,
    /// How many columns each line fills.
    filled: Vec<usize>,
    /// The most of them.
    most: usize,
    /// Share of the lines that fill several columns.
    dense: f32,
    /// In what share of the fullest column's lines each column has something.
    shares: Vec<f32>,
    /// What each column says of rows that are torn: little where hardly any line ends early.
    says: Vec<f32>,
    /// Whether something in each line stands in the first column and begins with a number.
    numbered: Vec<bool>,
    /// The share of what stands there that does, if most.
    numbers: f32,
    /// From the line before to each.
    steps: Vec<f32>,
    /// What is known of rows that begin with each line.
    begun: Vec<[f32; 6]>,
}

/// What a line of a column is to the one above it.
#[derive(Clone, Copy, Default)]
struct Below {
    /// Whether it was carried over from it.
    carried: bool,
    /// Share of the column that the one above left free, though its first word would have fitted.
    short: f32,
    /// Whether both are figures.
    figures: bool,
}

impl<'a> Table<'a> {
    fn of(items: &'a [Item], rows: &[Row], columns: &[Column], measures: &'a Measures<'a>) -> Self {
        let line = |row: &Row| {
            let mut out = vec![None; columns.len()];
            for &i in row {
                if let Some(c) = column_of(columns, &items[i].rect) {
                    out[c] = Some(i);
                }
            }
            out
        };
        let lines: Vec<Vec<Option<usize>>> = rows.iter().map(line).collect();
        let filled: Vec<usize> = lines.iter().map(|l| l.iter().flatten().count()).collect();
        let most = filled.iter().copied().max().unwrap_or(0);
        let several = filled.iter().filter(|n| **n > 1).count();
        let dense = several as f32 / lines.len().max(1) as f32;
        let counts: Vec<usize> =
            (0..columns.len()).map(|c| lines.iter().filter(|l| l[c].is_some()).count()).collect();
        let fullest = counts.iter().copied().max().unwrap_or(0).max(1) as f32;
        let shares = counts.iter().map(|n| *n as f32 / fullest).collect();
        let numbered: Vec<bool> =
            lines.iter().map(|l| l[0].is_some_and(|i| begins_with_number(&items[i]))).collect();
        let share = numbered.iter().filter(|n| **n).count() as f32 / counts[0].max(1) as f32;
        let numbers = if share > NUMBERED { share } else { 0.0 };
        let below = vec![Below::default(); items.len()];
        let (says, steps, begun) = (Vec::new(), Vec::new(), Vec::new());
        let mut out = Self {
            items,
            measures,
            lines,
            below,
            filled,
            most,
            dense,
            shares,
            says,
            numbered,
            numbers,
            steps,
            begun,
        };
        for column in 0..columns.len() {
            let own: Vec<usize> = out.own(column, 0..rows.len()).collect();
            for pair in own.windows(2) {
                out.below[pair[1]] = out.is_below(column, pair[0], pair[1]);
            }
        }
        out.says = (0..columns.len()).map(|c| out.told_by(c)).collect();
        out.steps = (0..rows.len()).map(|l| out.step(l)).collect();
        out.begun = (0..rows.len()).map(|l| out.begin(l)).collect();
        out
    }

    /// What was known, for fitting what it says.
    #[cfg(feature = "trace")]
    fn trace(&self, rows: &[Row]) -> crate::trace::Parted {
        let line = |row: &Row| row.iter().map(|&i| self.items[i].rect).collect();
        let rows_to = |to: usize| self.begins(to).map(move |from| (from, to, self.known(from, to)));
        crate::trace::Parted {
            lines: rows.iter().map(line).collect(),
            known: (1..=rows.len()).flat_map(rows_to).collect(),
        }
    }

    /// What stands in a column in some lines.
    fn own(&self, column: usize, lines: std::ops::Range<usize>) -> impl Iterator<Item = usize> {
        self.lines[lines].iter().filter_map(move |l| l[column])
    }

    fn is_below(&self, column: usize, above: usize, below: usize) -> Below {
        let Measures { room, core, pitch, .. } = *self.measures;
        let text = |i: usize| self.items[i].text();
        let figures = is_number(&text(above)) && is_number(&text(below));
        let goes_on = goes_on(self.items, above, below, room[column], core, pitch);
        let taken = room_taken(self.items, above, below, core) / room[column];
        Below {
            carried: goes_on && !figures && !is_list_item(&text(below)),
            short: (1.0 - taken).clamp(0.0, 1.0),
            figures,
        }
    }

    /// Twice the share of a column's lines that end early, at most 1.
    fn told_by(&self, column: usize) -> f32 {
        let own: Vec<usize> = self.own(column, 0..self.lines.len()).collect();
        let pairs = own.windows(2).filter(|p| (PIECES..FAR).contains(&self.apart(p[0], p[1])));
        let (mut all, mut ended) = (0, 0);
        for pair in pairs {
            all += 1;
            ended += usize::from(!self.below[pair[1]].carried);
        }
        (2.0 * ended as f32 / all.max(1) as f32).min(1.0)
    }

    fn is_full(&self, line: usize) -> bool {
        self.most >= FULL.1 && self.filled[line] as f32 >= FULL.0 * self.most as f32
    }

    /// From the mean of the baselines of the line before to that of this one's, in the distance of lines set close;
    /// 0 where either has none, and for the first.
    fn step(&self, line: usize) -> f32 {
        if line == 0 {
            return 0.0;
        }
        let mean = |line: usize| {
            let bases = self.lines[line].iter().flatten().map(|&i| self.items[i].base);
            let count = self.filled[line];
            (count > 0).then(|| bases.sum::<f32>() / count as f32)
        };
        let step = mean(line - 1).zip(mean(line)).map_or(0.0, |(a, b)| b - a);
        step / self.measures.pitch
    }

    /// From the baseline of one item to that of another below it, in the distance of lines set close.
    fn apart(&self, above: usize, below: usize) -> f32 {
        (self.items[below].base - self.items[above].base) / self.measures.pitch
    }

    /// Where rows that end before the line `to` may begin, the shortest first: between the same rules.
    fn begins(&self, to: usize) -> impl Iterator<Item = usize> {
        let bands = self.measures.bands;
        let lines = (to.saturating_sub(MOST)..to).rev();
        lines.take_while(move |&from| bands[from] == bands[to - 1])
    }

    fn worth(&self, from: usize, to: usize, weights: &Known) -> f32 {
        self.known(from, to).iter().zip(weights).map(|(x, w)| x * w).sum()
    }

    /// What is known of the lines `from..to` as one row, in the order of [`Known`].
    fn known(&self, from: usize, to: usize) -> Known {
        let (mut broken, mut ended, mut short, mut figures) = (0.0, 0.0, 0.0, 0.0);
        let (mut tall, mut holes, mut heights) = (0.0, 0.0, Vec::new());
        for (column, share) in self.shares.iter().enumerate() {
            let own: Vec<usize> = self.own(column, from..to).collect();
            for pair in own.windows(2) {
                let (apart, below) = (self.apart(pair[0], pair[1]), self.below[pair[1]]);
                if apart > FAR {
                    broken += 1.0;
                } else if apart >= PIECES && !below.carried {
                    ended += 1.0;
                    short += below.short;
                    figures += one_if(below.figures);
                }
            }
            tall += one_if(own.windows(2).any(|p| self.apart(p[0], p[1]) >= PIECES));
            match (own.first(), own.last()) {
                (Some(&a), Some(&b)) => heights.push((self.items[a].base, self.items[b].base)),
                _ => holes += share,
            }
        }
        let (unlike, askew) = askew(&heights, LEVEL * self.measures.pitch);
        let single = one_if(heights.len() == 1);
        let after = || (from + 1..to).filter(|&l| self.steps[l] >= CLOSE);
        let full = after().filter(|&l| self.is_full(l) && self.is_full(l - 1)).count() as f32;
        let lines = after().count() as f32;
        let begun = self.numbered[from + 1..to].iter().filter(|n| **n).count();
        let numbers = self.numbers * begun as f32;
        let [seen, torn, wider, closer, first, near] = self.begun[from];
        [
            1.0,
            broken,
            ended,
            unlike,
            askew,
            short,
            figures,
            holes,
            tall,
            single,
            full,
            lines,
            lines * self.dense,
            numbers,
            seen,
            torn,
            wider,
            closer,
            first,
            near,
        ]
    }

    /// What is known of a row that begins with a line, the last six of [`Known`]; nothing of the first.
    fn begin(&self, at: usize) -> [f32; 6] {
        if at == 0 {
            return [0.0; 6];
        }
        let torn = |&column: &usize| {
            let above = self.own(column, at.saturating_sub(ABOVE)..at).next().is_some();
            above && self.lines[at][column].is_some_and(|i| self.below[i].carried)
        };
        let torn: f32 = (0..self.says.len()).filter(torn).map(|c| self.says[c]).sum();
        let white = |column: usize| {
            let above = self.own(column, at.saturating_sub(NEAR)..at).last()?;
            let below = self.own(column, at..self.lines.len().min(at + NEAR)).next()?;
            Some(self.apart(above, below) - 1.0)
        };
        let white = (0..self.says.len()).filter_map(white).min_by(f32::total_cmp).unwrap_or(0.0);
        let seen = self.measures.chances.map_or(0.0, |c| log_odds(c[at]));
        let first = one_if(self.lines[at].first().is_some_and(Option::is_some));
        let near = one_if(self.steps[at] < CLOSE);
        [seen, torn, white.clamp(0.0, 1.0), (-white).clamp(0.0, 0.5), first, near]
    }
}

fn begins_with_number(item: &Item) -> bool {
    item.words.first().is_some_and(|w| is_number(&w.text))
}

/// How many of the cells from the first to the last of these heights are set otherwise than the others, and how many
/// at no height of their row's: all at its top, all in its middle or all at its foot, whichever fits best.
fn askew(heights: &[(f32, f32)], near: f32) -> (f32, f32) {
    let top = heights.iter().map(|h| h.0).fold(f32::MAX, f32::min);
    let foot = heights.iter().map(|h| h.1).fold(f32::MIN, f32::max);
    let set = |h: &(f32, f32)| {
        let middle = (h.0 + h.1 - top - foot) / 2.0;
        [h.0 - top, middle, h.1 - foot].map(|away| away.abs() < near)
    };
    let way = |way: usize| {
        let others = || heights.iter().map(set).filter(move |s| !s[way]);
        let unlike = others().filter(|s| s.contains(&true)).count();
        (unlike as f32, (others().count() - unlike) as f32)
    };
    let fits = |w: &(f32, f32)| UNLIKE * w.0 + w.1;
    (0..3).map(way).min_by(|a, b| fits(a).total_cmp(&fits(b))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;
    use crate::order::rows as rows_of;

    /// Columns 200 px wide; lines 24 px apart with room for 180 px.
    fn places(items: &[Item], columns: usize) -> Vec<usize> {
        let rows = rows_of(items, (0..items.len()).collect());
        let column = |c: usize| {
            let x = 200.0 * c as f32;
            Column { x0: x, x1: x + 180.0, filled: 1 }
        };
        let columns: Vec<Column> = (0..columns).map(column).collect();
        let (room, bands) = (vec![180.0; columns.len()], vec![0; rows.len()]);
        let measures =
            Measures { room: &room, core: 10.0, pitch: 24.0, bands: &bands, chances: None };
        partition(items, &rows, &columns, &measures)
    }

    #[test]
    fn cells_in_the_middle_of_taller_ones_tell_the_rows() {
        // Rows of two, three and one lines, all as far apart as lines are.
        let mut items = Vec::new();
        let mut y = 0.0;
        for lines in [2, 3, 1] {
            let middle = y + 12.0 * (lines - 1) as f32;
            items.push(item(0.0, 40.0, middle));
            for n in 0..lines {
                let end = if n + 1 < lines { 375.0 } else { 290.0 };
                items.push(item(200.0, end, y + 24.0 * n as f32));
            }
            items.push(item(400.0, 460.0, middle));
            y += 24.0 * lines as f32;
        }
        assert_eq!(places(&items, 3), [0, 0, 0, 1, 1, 1, 2]);
    }

    #[test]
    fn lines_that_fill_the_columns_are_rows_though_none_ends_early() {
        let mut items = Vec::new();
        for n in 0..6 {
            for c in 0..4 {
                let x = 200.0 * c as f32;
                items.push(item(x, x + 175.0, 24.0 * n as f32));
            }
        }
        assert_eq!(places(&items, 4), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn numbers_before_the_lines_of_the_first_column_part_its_rows() {
        // Lines that have no room for another word; figures beside most.
        let rows = |numbered: &[usize]| {
            let line = |n: usize| {
                let mut out = item(0.0, 175.0, 24.0 * n as f32);
                let text = if numbered.contains(&n) { "៦៧៤" } else { "សាង" };
                let rect = out.rect;
                out.words = vec![khocr_document::Word { text: text.into(), rect, confidence: 1.0 }];
                out
            };
            let figure = |n: usize| item(200.0, 240.0, 24.0 * n as f32);
            let mut items: Vec<Item> = (0..8).map(line).collect();
            items.extend([0, 2, 3, 4, 6, 7].map(figure));
            places(&items, 2)
        };
        assert_eq!(rows(&[0, 1, 2, 3, 4, 5, 6, 7]), [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn rules_part_what_would_go_on() {
        let items = [item(0.0, 175.0, 0.0), item(0.0, 90.0, 24.0)];
        let rows = rows_of(&items, vec![0, 1]);
        let columns = [Column { x0: 0.0, x1: 180.0, filled: 2 }];
        let part = |bands: &[usize]| {
            let measures =
                Measures { room: &[180.0], core: 10.0, pitch: 24.0, bands, chances: None };
            partition(&items, &rows, &columns, &measures)
        };
        assert_eq!((part(&[0, 0]), part(&[0, 1])), (vec![0, 0], vec![0, 1]));
    }
}
