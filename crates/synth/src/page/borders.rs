//! Borders of a table's cells as the line finder is to see them, drawn or not.

use std::ops::Range;

use super::sheet::{Line, Sheet};

/// A cell as it was set: its columns and which of the sheet's lines stand in it.
pub struct Laid {
    /// First column.
    pub from: usize,
    /// The column after its last.
    pub to: usize,
    /// Its lines.
    pub lines: Range<usize>,
}

/// Narrowest strip in net pixels: narrower ones would vanish between the map's cells.
const LEAST: f32 = 5.0;

impl Sheet {
    /// Notes what parts the columns and the rows of a table, from the ink of its cells: a gutter
    /// wherever no cell runs across it, a parting between any two rows that hold something.
    pub fn mark_borders(&mut self, rows: &[Vec<Laid>]) {
        let lines = &self.lines;
        let of = |cells: &[Laid]| -> Vec<Line> {
            cells.iter().flat_map(|c| lines[c.lines.clone()].iter().cloned()).collect()
        };
        let held: Vec<(usize, Vec<Line>)> =
            rows.iter().map(|r| of(r)).enumerate().filter(|(_, l)| !l.is_empty()).collect();
        let top = |l: &[Line]| l.iter().map(|l| l.baseline - l.core).fold(f32::MAX, f32::min);
        let foot = |l: &[Line]| l.iter().map(|l| l.baseline).fold(f32::MIN, f32::max);
        let all = || held.iter().flat_map(|(_, l)| l);
        let left = all().map(|l| l.left).fold(f32::MAX, f32::min);
        let right = all().map(|l| l.right).fold(f32::MIN, f32::max);
        let mut partings = Vec::new();
        for pair in held.windows(2) {
            let (above, below) = (foot(&pair[0].1), top(&pair[1].1));
            partings.push([left, above, right, below.max(above + LEAST)]);
        }
        let mut gutters = Vec::new();
        let last = rows.iter().flatten().map(|c| c.to).max().unwrap_or(0);
        for border in 1..last {
            let cells = || rows.iter().flatten();
            let ends = cells().filter(|c| c.to == border).flat_map(|c| c.lines.clone());
            let begins = cells().filter(|c| c.from == border).flat_map(|c| c.lines.clone());
            let from = ends.map(|i| lines[i].right).fold(f32::MIN, f32::max);
            let to = begins.map(|i| lines[i].left).fold(f32::MAX, f32::min);
            // A column in which nothing stands is none that can be seen.
            if from == f32::MIN || to == f32::MAX {
                continue;
            }
            let spare = (LEAST - (to - from)).max(0.0) / 2.0;
            let free = |(r, _): &&(usize, Vec<Line>)| {
                !rows[*r].iter().any(|c| c.from < border && border < c.to)
            };
            let mut at = 0;
            while at < held.len() {
                let run = held[at..].iter().take_while(free).count();
                if run > 0 {
                    let (y0, y1) = (top(&held[at].1), foot(&held[at + run - 1].1));
                    gutters.push([from - spare, y0, to + spare, y1]);
                }
                at += run.max(1);
            }
        }
        self.gutters.append(&mut gutters);
        self.partings.append(&mut partings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line from `left` to `right` whose core is 8 high.
    fn line(left: f32, right: f32, baseline: f32) -> Line {
        Line {
            text: "ក".into(),
            left,
            right,
            baseline,
            core: 8.0,
            words: Vec::new(),
            block: 0,
            cell: None,
        }
    }

    #[test]
    fn a_gutter_ends_where_a_cell_runs_across_it() {
        let mut sheet = Sheet::new(200.0, 200.0, 1.0, 255);
        // A head over both columns, then two rows; the third row is empty.
        let lines =
            [(10.0, 120.0, 20.0), (10.0, 40.0, 50.0), (80.0, 100.0, 50.0), (10.0, 60.0, 80.0)];
        sheet.lines = lines.map(|(l, r, b)| line(l, r, b)).to_vec();
        let laid = |from, to, lines| Laid { from, to, lines };
        sheet.mark_borders(&[
            vec![laid(0, 2, 0..1)],
            vec![laid(0, 1, 1..2), laid(1, 2, 2..3)],
            vec![laid(0, 1, 3..3), laid(1, 2, 3..3)],
            vec![laid(0, 1, 3..4), laid(1, 2, 4..4)],
        ]);
        assert_eq!(sheet.gutters, [[60.0, 42.0, 80.0, 80.0]]);
        assert_eq!(sheet.partings, [[10.0, 20.0, 120.0, 42.0], [10.0, 50.0, 120.0, 72.0]]);
    }
}
