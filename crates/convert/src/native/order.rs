//! Lines in reading order: columns of prose one after the other, everything else row by row.

use super::decode::TextLine;

/// Lines each side of a gutter must have to be a column.
const COLUMN_LINES: usize = 4;

/// Share of its column that the lines of prose fill on average.
const PROSE: f32 = 0.55;

/// How deep columns are looked for inside columns.
const DEPTH: usize = 3;

/// Lines that stand side by side on one baseline, left to right.
pub(crate) type Row = Vec<TextLine>;

/// A part of the page that is read to its end before the next one begins.
#[derive(Debug)]
pub(crate) struct Region {
    /// Rows, top to bottom.
    pub(crate) rows: Vec<Row>,
}

impl Region {
    /// Left and right edge of its text.
    pub(crate) fn sides(&self) -> (f32, f32) {
        let lines = || self.rows.iter().flatten();
        let left = lines().map(|l| l.rect.x0).fold(f32::INFINITY, f32::min);
        let right = lines().map(|l| l.rect.x1).fold(f32::NEG_INFINITY, f32::max);
        (left, right)
    }
}

/// The regions of a page in reading order.
pub(crate) fn regions(lines: Vec<TextLine>) -> Vec<Region> {
    let mut found = Vec::new();
    split(rows(lines), DEPTH, &mut found);
    found
}

/// Rows of lines, top to bottom.
fn rows(mut lines: Vec<TextLine>) -> Vec<Row> {
    // Stable: lines drawn at one height keep the file's order until they are sorted by x.
    lines.sort_by(|a, b| a.base.total_cmp(&b.base));
    let mut rows: Vec<Row> = Vec::new();
    for line in lines {
        let fits = rows.last().is_some_and(|row| {
            let head = &row[0];
            let near = (line.base - head.base).abs() <= 0.35 * line.size.min(head.size).max(1.0);
            // Two lines over each other are not one row, however close their baselines.
            let apart =
                |l: &TextLine| line.rect.x0 >= l.rect.x1 - 2.0 || line.rect.x1 <= l.rect.x0 + 2.0;
            near && row.iter().all(apart)
        });
        match rows.last_mut().filter(|_| fits) {
            Some(row) => row.push(line),
            None => rows.push(vec![line]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| a.rect.x0.total_cmp(&b.rect.x0));
    }
    rows
}

fn split(rows: Vec<Row>, depth: usize, found: &mut Vec<Region>) {
    if rows.is_empty() {
        return;
    }
    let Some((gutter, from, to)) = (depth > 0).then(|| gutter(&rows)).flatten() else {
        found.push(Region { rows });
        return;
    };
    let mut above = rows;
    let below = above.split_off(to);
    let columns = above.split_off(from);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for row in columns {
        let (l, r): (Row, Row) = row.into_iter().partition(|l| l.rect.x1 <= gutter);
        left.extend(l);
        right.extend(r);
    }
    split(above, depth - 1, found);
    split(self::rows(left), depth - 1, found);
    split(self::rows(right), depth - 1, found);
    split(below, depth - 1, found);
}

/// The gutter between two columns of prose and the rows it parts, if there is one.
fn gutter(rows: &[Row]) -> Option<(f32, usize, usize)> {
    let lines = || rows.iter().flatten();
    let left = lines().map(|l| l.rect.x0).fold(f32::INFINITY, f32::min);
    let right = lines().map(|l| l.rect.x1).fold(f32::NEG_INFINITY, f32::max);
    let width = right - left;
    let mut edges: Vec<f32> = lines()
        .map(|l| l.rect.x1 + 1.0)
        .filter(|x| (0.2..0.8).contains(&((x - left) / width.max(1.0))))
        .collect();
    edges.sort_by(f32::total_cmp);
    edges.dedup_by(|a, b| (*a - *b).abs() < 2.0);
    let mut best: Option<(usize, f32, usize, usize)> = None;
    for x in edges.into_iter().rev().take(200) {
        let crosses = |row: &Row| row.iter().any(|l| l.rect.x0 < x && x < l.rect.x1);
        let mut from = 0;
        while from < rows.len() {
            let run = rows[from..].iter().take_while(|r| !crosses(r)).count();
            if let Some(count) = prose_both_sides(&rows[from..from + run], x, left, right)
                && best.is_none_or(|b| count > b.0)
            {
                best = Some((count, x, from, from + run));
            }
            from += run + 1;
        }
    }
    best.map(|(_, x, from, to)| (x, from, to))
}

/// Lines on both sides of a gutter, when both are columns of prose.
fn prose_both_sides(rows: &[Row], x: f32, left: f32, right: f32) -> Option<usize> {
    let (mut sides, mut filled) = ([0usize; 2], [0.0f32; 2]);
    let mut near = [f32::NEG_INFINITY, f32::INFINITY];
    for line in rows.iter().flatten() {
        let side = usize::from(line.rect.x0 >= x);
        sides[side] += 1;
        filled[side] += line.rect.width();
        if side == 0 {
            near[0] = near[0].max(line.rect.x1);
        } else {
            near[1] = near[1].min(line.rect.x0);
        }
    }
    let wide = [near[0] - left, right - near[1]];
    let prose = (0..2).all(|s| {
        sides[s] >= COLUMN_LINES && filled[s] / sides[s] as f32 >= PROSE * wide[s].max(1.0)
    });
    let gap = near[1] - near[0];
    (prose && gap >= 6.0).then(|| sides[0] + sides[1])
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::native::decode::Evidence;
    use khocr_document::{PageSource, Rect, Style};

    /// A line of 10 points on a baseline at `base`.
    pub(crate) fn line(text: &str, x0: f32, x1: f32, base: f32) -> TextLine {
        TextLine {
            is_field: false,
            text: text.to_owned(),
            rect: Rect::new(x0, base - 8.0, x1, base + 2.0),
            base,
            size: 10.0,
            angle: 0,
            source: PageSource::Native,
            words: Vec::new(),
            style: Style { size: Some(10.0), ..Style::default() },
            evidence: Evidence::default(),
        }
    }

    fn order(lines: Vec<TextLine>) -> String {
        let regions = regions(lines);
        let lines = regions.iter().flat_map(|r| r.rows.iter().flatten());
        lines.map(|l| l.text.as_str()).collect()
    }

    #[test]
    fn two_columns_of_prose_are_read_one_after_the_other() {
        let mut lines = vec![line("T", 50.0, 350.0, 20.0)];
        for i in 0..5 {
            let base = 50.0 + 15.0 * i as f32;
            lines.push(line("r", 210.0, 390.0, base));
            lines.push(line("l", 0.0, 190.0, base));
        }
        assert_eq!(order(lines), "Tlllllrrrrr");
    }

    #[test]
    fn two_short_heads_side_by_side_are_read_row_by_row() {
        let lines = vec![
            line("a", 0.0, 80.0, 20.0),
            line("b", 250.0, 390.0, 21.0),
            line("c", 0.0, 60.0, 40.0),
            line("d", 260.0, 380.0, 40.0),
        ];
        assert_eq!(order(lines), "abcd");
    }
}
