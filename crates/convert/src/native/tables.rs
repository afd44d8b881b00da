//! Ruled tables: grids of rules, and the words that stand in their cells.

use khocr_document::{Alignment, Block, BlockKind, Cell, Rect, Table};

use super::blocks::finished;
use super::decode::TextLine;

/// Rules nearer than this, in points, are one, and ends nearer than this meet.
const NEAR: f32 = 3.0;

/// Rules looked at; a page with more is a drawing.
const MAX_RULES: usize = 3_000;

/// Share of a cell's side that a rule must run along to part it from its neighbour.
const PARTED: f32 = 0.6;

/// A rule: where it stands across its direction, and from where to where it runs.
#[derive(Clone, Copy, Debug)]
struct Rule {
    at: f32,
    from: f32,
    to: f32,
}

/// A grid of rules on the page.
#[derive(Debug)]
pub(crate) struct Grid {
    /// Its box in page points.
    pub(crate) rect: Rect,
    xs: Vec<f32>,
    ys: Vec<f32>,
    across: Vec<Rule>,
    down: Vec<Rule>,
}

/// The grids that rules form, top to bottom: two columns or two rows at least.
pub(crate) fn grids(rules: &[[f32; 4]]) -> Vec<Grid> {
    if rules.len() > MAX_RULES {
        return Vec::new();
    }
    let flat = |r: &&[f32; 4]| r[2] - r[0] >= r[3] - r[1];
    let across = rules.iter().filter(flat);
    let down = rules.iter().filter(|r| !flat(r));
    let across =
        joined(across.map(|r| Rule { at: (r[1] + r[3]) / 2.0, from: r[0], to: r[2] }).collect());
    let down =
        joined(down.map(|r| Rule { at: (r[0] + r[2]) / 2.0, from: r[1], to: r[3] }).collect());
    let mut found: Vec<Grid> =
        groups(&across, &down).into_iter().filter_map(|(a, d)| grid(a, d)).collect();
    found.sort_by(|a, b| a.rect.y0.total_cmp(&b.rect.y0));
    found
}

/// Joins rules that run on from each other.
fn joined(mut rules: Vec<Rule>) -> Vec<Rule> {
    rules.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.from.total_cmp(&b.from)));
    let mut out: Vec<Rule> = Vec::new();
    for rule in rules {
        let on = out.iter_mut().rev().take(64).find(|o| {
            (o.at - rule.at).abs() < NEAR / 2.0
                && rule.from <= o.to + NEAR
                && rule.to >= o.from - NEAR
        });
        match on {
            Some(o) => (o.from, o.to) = (o.from.min(rule.from), o.to.max(rule.to)),
            None => out.push(rule),
        }
    }
    out
}

/// Rules that hang together by crossing or touching.
fn groups(across: &[Rule], down: &[Rule]) -> Vec<(Vec<Rule>, Vec<Rule>)> {
    let mut owner: Vec<usize> = (0..across.len() + down.len()).collect();
    fn root(owner: &[usize], mut i: usize) -> usize {
        while owner[i] != i {
            i = owner[i];
        }
        i
    }
    for (i, a) in across.iter().enumerate() {
        for (j, d) in down.iter().enumerate() {
            let meets = d.at >= a.from - NEAR
                && d.at <= a.to + NEAR
                && a.at >= d.from - NEAR
                && a.at <= d.to + NEAR;
            if meets {
                let (x, y) = (root(&owner, i), root(&owner, across.len() + j));
                owner[x] = y;
            }
        }
    }
    let mut groups: Vec<(usize, Vec<Rule>, Vec<Rule>)> = Vec::new();
    for i in 0..owner.len() {
        let at = root(&owner, i);
        if !groups.iter().any(|g| g.0 == at) {
            groups.push((at, Vec::new(), Vec::new()));
        }
        let Some(group) = groups.iter_mut().find(|g| g.0 == at) else { continue };
        match i.checked_sub(across.len()) {
            None => group.1.push(across[i]),
            Some(j) => group.2.push(down[j]),
        }
    }
    groups.into_iter().map(|g| (g.1, g.2)).collect()
}

fn grid(across: Vec<Rule>, down: Vec<Rule>) -> Option<Grid> {
    let places = |rules: &[Rule]| {
        let mut all: Vec<f32> = rules.iter().map(|r| r.at).collect();
        all.sort_by(f32::total_cmp);
        all.dedup_by(|a, b| *a - *b < NEAR);
        all
    };
    let (xs, ys) = (places(&down), places(&across));
    if xs.len() < 2 || ys.len() < 2 || xs.len() + ys.len() < 5 {
        return None;
    }
    let rect = Rect::new(xs[0], ys[0], xs[xs.len() - 1], ys[ys.len() - 1]);
    Some(Grid { rect, xs, ys, across, down })
}

impl Grid {
    /// Takes the words inside the grid out of `lines` and makes a table of them; `None`, and the
    /// lines as they were, when fewer than two cells would hold any.
    pub(crate) fn fill(&self, lines: &mut Vec<TextLine>) -> Option<Block> {
        let (inside, outside): (Vec<TextLine>, Vec<TextLine>) =
            lines.drain(..).partition(|l| self.holds(l.rect));
        let mut cells = self.cells();
        for line in &inside {
            for part in self.parts(line) {
                let (x, y) = middle(part.rect);
                if let Some(cell) = cells.iter_mut().find(|c| contains(c.rect, x, y)) {
                    cell.lines.push(finished(part));
                }
            }
        }
        let filled = cells.iter().filter(|c| !c.lines.is_empty()).count();
        let placed: usize = cells.iter().map(|c| c.lines.len()).sum();
        *lines = outside;
        if filled < 2 || placed < inside.len() {
            lines.extend(inside);
            return None;
        }
        for cell in &mut cells {
            cell.lines.sort_by(|a, b| a.rect.y0.total_cmp(&b.rect.y0));
        }
        let (rows, columns) = (self.ys.len() as u32 - 1, self.xs.len() as u32 - 1);
        Some(Block {
            kind: BlockKind::Table,
            rect: self.rect,
            alignment: Alignment::Left,
            indent: 0.0,
            lines: Vec::new(),
            table: Some(Table { rows, columns, cells }),
        })
    }

    fn holds(&self, rect: Rect) -> bool {
        let (_, y) = middle(rect);
        let grown = Rect::new(self.rect.x0 - NEAR, self.rect.y0, self.rect.x1 + NEAR, self.rect.y1);
        y >= grown.y0 && y <= grown.y1 && rect.x0 >= grown.x0 && rect.x1 <= grown.x1
    }

    /// A line, cut where its words stand in different columns.
    fn parts(&self, line: &TextLine) -> Vec<TextLine> {
        let column = |x: f32| self.xs.iter().filter(|at| **at <= x).count();
        let mut parts: Vec<(usize, TextLine)> = Vec::new();
        let (_, y) = middle(line.rect);
        for word in &line.words {
            let (x, _) = middle(word.rect);
            // A rule that does not run here parts nothing.
            let place = (1..=column(x)).rev().find(|c| self.parted(self.xs[c - 1], y)).unwrap_or(0);
            match parts.last_mut().filter(|p| p.0 == place) {
                Some((_, part)) => {
                    part.text.push(' ');
                    part.text.push_str(&word.text);
                    part.rect = part.rect.union(&word.rect);
                    part.words.push(word.clone());
                }
                None => {
                    let (text, rect) = (word.text.clone(), word.rect);
                    let words = vec![word.clone()];
                    parts.push((place, TextLine { text, rect, words, ..line.clone() }));
                }
            }
        }
        parts.into_iter().map(|p| p.1).collect()
    }

    /// Whether a rule runs down at `x` beside height `y`.
    fn parted(&self, x: f32, y: f32) -> bool {
        self.down.iter().any(|d| (d.at - x).abs() < NEAR && d.from <= y && y <= d.to)
    }

    /// The cells, row by row; places that no rule parts are one cell.
    fn cells(&self) -> Vec<Cell> {
        let (rows, columns) = (self.ys.len() - 1, self.xs.len() - 1);
        let mut taken = vec![false; rows * columns];
        let mut cells = Vec::new();
        for row in 0..rows {
            for column in 0..columns {
                if taken[row * columns + column] {
                    continue;
                }
                let mut right = column + 1;
                while right < columns
                    && !taken[row * columns + right]
                    && !runs(&self.down, self.xs[right], self.ys[row], self.ys[row + 1])
                {
                    right += 1;
                }
                let mut below = row + 1;
                let open = |y: usize| {
                    (column..right).all(|c| {
                        !runs(&self.across, self.ys[y], self.xs[c], self.xs[c + 1])
                            && !taken[y * columns + c]
                    })
                };
                while below < rows && open(below) {
                    below += 1;
                }
                for r in row..below {
                    for c in column..right {
                        taken[r * columns + c] = true;
                    }
                }
                cells.push(Cell {
                    row: row as u32,
                    column: column as u32,
                    row_span: (below - row) as u32,
                    column_span: (right - column) as u32,
                    rect: Rect::new(self.xs[column], self.ys[row], self.xs[right], self.ys[below]),
                    lines: Vec::new(),
                });
            }
        }
        cells
    }
}

/// Whether one of the rules at `at` runs along most of the stretch.
fn runs(rules: &[Rule], at: f32, from: f32, to: f32) -> bool {
    let along = rules.iter().filter(|r| (r.at - at).abs() < NEAR);
    let covered: f32 = along.map(|r| (r.to.min(to) - r.from.max(from)).max(0.0)).sum();
    covered >= PARTED * (to - from)
}

fn middle(rect: Rect) -> (f32, f32) {
    ((rect.x0 + rect.x1) / 2.0, (rect.y0 + rect.y1) / 2.0)
}

fn contains(rect: Rect, x: f32, y: f32) -> bool {
    x >= rect.x0 - NEAR && x <= rect.x1 + NEAR && y >= rect.y0 && y <= rect.y1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::order::tests::line;
    use khocr_document::Word;

    /// The rules of a grid of two rows and two columns from (0, 0) to (200, 40).
    fn rules() -> Vec<[f32; 4]> {
        let mut all: Vec<[f32; 4]> =
            [0.0, 20.0, 40.0].map(|y| [0.0, y - 0.2, 200.0, y + 0.2]).to_vec();
        all.extend([0.0, 100.0, 200.0].map(|x| [x - 0.2, 0.0, x + 0.2, 40.0]));
        all
    }

    fn words(text: &str, at: &[(f32, f32)], base: f32) -> TextLine {
        let mut made = line(text, at[0].0, at[at.len() - 1].1, base);
        let boxes = at.iter().map(|(x0, x1)| Rect::new(*x0, base - 8.0, *x1, base + 2.0));
        made.words = text
            .split(' ')
            .zip(boxes)
            .map(|(t, rect)| Word { text: t.to_owned(), rect, confidence: 1.0 })
            .collect();
        made
    }

    #[test]
    fn a_line_across_two_cells_is_cut_between_them() {
        let grids = grids(&rules());
        assert_eq!(grids.len(), 1);
        let mut lines = vec![
            words("a b", &[(10.0, 30.0), (120.0, 150.0)], 14.0),
            words("c", &[(110.0, 130.0)], 34.0),
            words("under", &[(0.0, 90.0)], 80.0),
        ];
        let block = grids[0].fill(&mut lines).unwrap();
        assert_eq!(block.text(), "a\tb\n\tc");
        assert_eq!(lines.len(), 1);
    }

    #[test]
    fn places_without_a_rule_between_them_are_one_cell() {
        let mut rules = rules();
        // The middle rule begins below the first row.
        rules[4][1] = 20.0;
        let grid = &grids(&rules)[0];
        let cells = grid.cells();
        assert_eq!((cells.len(), cells[0].column_span), (3, 2));
        let mut lines = vec![
            words("a b", &[(10.0, 30.0), (120.0, 150.0)], 14.0),
            words("c d", &[(10.0, 30.0), (120.0, 150.0)], 34.0),
        ];
        assert_eq!(grid.fill(&mut lines).unwrap().text(), "a b\nc\td");
    }

    #[test]
    fn an_underline_and_a_frame_are_no_tables() {
        assert!(grids(&[[0.0, 10.0, 100.0, 10.5]]).is_empty());
        let frame = [
            [0.0, 0.0, 9.0, 0.0],
            [0.0, 9.0, 9.0, 9.0],
            [0.0, 0.0, 0.0, 9.0],
            [9.0, 0.0, 9.0, 9.0],
        ];
        assert!(grids(&frame).is_empty());
    }
}
