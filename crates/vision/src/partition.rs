//! Partition: which lines of a table without rules between its rows make one row.
//!
//! Where nothing is drawn and no wider white parts the rows, three things tell: a line that ends
//! though the next one's first word would have fitted ends its cell; the cells of a row begin at
//! one height, end at one or have one middle; and lines that fill the columns one after the other
//! are rows. Each costs something where it is broken, and the cheapest partition is taken (dynamic
//! programming over the lines, as in Knuth and Plass, "Breaking paragraphs into lines", 1981).

use crate::aligned::{Column, column_of, is_number};
use crate::blocks::is_list_item;
use crate::fill::goes_on;
use crate::layout::{Item, Row};

/// Most lines, those between others included, in a row.
const MOST: usize = 24;
/// Lines of one cell are no farther apart than this, in the distance of lines set close.
const FAR: f32 = 1.35;
/// Heights this near, in the same distance, are the same.
const LEVEL: f32 = 0.3;
/// Costs: lines of a cell that are too far apart...
const BROKEN: f32 = 3.0;
/// ...a line in a cell that ends before it is full...
const ENDED: f32 = 1.0;
/// ...two lines one after the other in one row that fill this share of the columns...
const ALIKE: f32 = 1.5;
const FULL: f32 = 0.4;
/// ...a cell at no height of its row's, and one set otherwise than the others...
const ASKEW: f32 = 1.0;
const UNLIKE: f32 = 0.4;
/// ...rows parted where a line was full and the next follows it...
const TORN: f32 = 0.6;
/// ...and each row.
const ROW: f32 = 0.3;
/// What is seen between lines counts so much.
const SEEN: f32 = 0.7;

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
    // The least cost of the first so many lines, and where their last row begins.
    let mut best: Vec<(f32, usize)> = vec![(0.0, 0)];
    for to in 1..=rows.len() {
        let first = to.saturating_sub(MOST);
        let least = (first..to)
            .rev()
            .take_while(|&from| measures.bands[from] == measures.bands[to - 1])
            .map(|from| (best[from].0 + table.cost(from, to) + table.parting(from), from))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        best.push(least.unwrap_or((f32::MAX, to - 1)));
    }
    let mut begins = vec![false; rows.len()];
    let mut to = rows.len();
    while to > 0 {
        to = best[to].1;
        begins[to] = true;
    }
    let mut place = 0;
    let number = |(line, begins): (usize, bool)| {
        place += usize::from(begins && line > 0);
        place
    };
    begins.into_iter().enumerate().map(number).collect()
}

/// The lines of a table by column.
struct Table<'a> {
    items: &'a [Item],
    measures: &'a Measures<'a>,
    /// The last item of each column in each line.
    lines: Vec<Vec<Option<usize>>>,
    /// The most columns that a line fills.
    most: usize,
    /// What each column says of rows that are torn: little where hardly any line ends early.
    says: Vec<f32>,
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
        let most = lines.iter().map(|l| l.iter().flatten().count()).max().unwrap_or(0);
        let mut out = Self { items, measures, lines, most, says: Vec::new() };
        out.says = (0..columns.len()).map(|c| out.told_by(c)).collect();
        out
    }

    /// Twice the share of a column's lines that end early, at most 1.
    fn told_by(&self, column: usize) -> f32 {
        let own: Vec<usize> = self.lines.iter().filter_map(|l| l[column]).collect();
        let pairs = own.windows(2).filter(|p| {
            (0.5..FAR).contains(&((self.base(p[1]) - self.base(p[0])) / self.measures.pitch))
        });
        let (mut all, mut ended) = (0, 0);
        for pair in pairs {
            all += 1;
            ended += usize::from(!self.carried(column, pair[0], pair[1]));
        }
        (2.0 * ended as f32 / all.max(1) as f32).min(1.0)
    }

    fn filled(&self, line: usize) -> usize {
        self.lines[line].iter().flatten().count()
    }

    /// The mean of a line's baselines.
    fn height(&self, line: usize) -> f32 {
        let bases = self.lines[line].iter().flatten().map(|&i| self.base(i));
        bases.sum::<f32>() / self.filled(line).max(1) as f32
    }

    fn base(&self, item: usize) -> f32 {
        self.items[item].base
    }

    /// Whether the lower of two lines of a column was carried over from the upper.
    fn carried(&self, column: usize, above: usize, below: usize) -> bool {
        let Measures { room, core, pitch, .. } = *self.measures;
        let begins = is_list_item(&self.items[below].text());
        let number = is_number(&self.items[above].text()) && is_number(&self.items[below].text());
        !begins && !number && goes_on(self.items, above, below, room[column], core, pitch)
    }

    /// What it costs that the lines `from..to` are one row.
    fn cost(&self, from: usize, to: usize) -> f32 {
        let pitch = self.measures.pitch;
        let mut cost = ROW;
        let mut heights: Vec<(f32, f32)> = Vec::new();
        for column in 0..self.measures.room.len() {
            let own: Vec<usize> = (from..to).filter_map(|l| self.lines[l][column]).collect();
            for pair in own.windows(2) {
                let apart = self.base(pair[1]) - self.base(pair[0]);
                // Pieces of one line.
                if apart < 0.5 * pitch {
                    continue;
                }
                if apart > FAR * pitch {
                    cost += BROKEN;
                } else if !self.carried(column, pair[0], pair[1]) {
                    cost += ENDED;
                }
            }
            if let (Some(&first), Some(&last)) = (own.first(), own.last()) {
                heights.push((self.base(first), self.base(last)));
            }
        }
        let full = |l: usize| {
            let n = self.filled(l);
            n >= 2 && n as f32 >= FULL * self.most as f32
        };
        for line in from + 1..to {
            let step = self.height(line) - self.height(line - 1);
            if step > 0.75 * pitch && full(line) && full(line - 1) {
                cost += ALIKE;
            }
        }
        cost + askew(&heights, LEVEL * pitch)
    }

    /// What it costs to begin a row with the line `at`.
    fn parting(&self, at: usize) -> f32 {
        if at == 0 {
            return 0.0;
        }
        let torn = |&column: &usize| {
            let below = self.lines[at][column];
            let above = (0..at).rev().take(3).find_map(|l| self.lines[l][column]);
            matches!((above, below), (Some(a), Some(b)) if self.carried(column, a, b))
        };
        let seen = self.measures.chances.map_or(0.0, |c| {
            let chance = c[at].clamp(0.02, 0.98);
            -SEEN * (chance / (1.0 - chance)).ln()
        });
        seen + TORN * (0..self.says.len()).filter(torn).map(|c| self.says[c]).sum::<f32>()
    }
}

/// What cells from the first to the last of these heights cost that are not set alike: all at the
/// top of the row, all in its middle or all at its foot.
fn askew(heights: &[(f32, f32)], near: f32) -> f32 {
    let top = heights.iter().map(|h| h.0).fold(f32::MAX, f32::min);
    let foot = heights.iter().map(|h| h.1).fold(f32::MIN, f32::max);
    let set = |h: &(f32, f32)| {
        let middle = (h.0 + h.1 - top - foot) / 2.0;
        [h.0 - top, middle, h.1 - foot].map(|away| away.abs() < near)
    };
    let way = |way: usize| -> f32 {
        heights
            .iter()
            .map(set)
            .map(|s| {
                if s[way] {
                    0.0
                } else if s.contains(&true) {
                    UNLIKE
                } else {
                    ASKEW
                }
            })
            .sum()
    };
    (0..3).map(way).fold(f32::MAX, f32::min).min(ASKEW * heights.len() as f32)
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
