//! How right an analysis is, line by line.
//!
//! A found line covers a place of a drawn line when the place lies between its ends and its curve
//! runs there through the middle half of the drawn core. A drawn line is *found* when lines of
//! about its core height cover 80 % of it, its leaders left out, and none of them joins it to another block or cell
//! beside it. A found line is *right* when 70 % of it lies on drawn lines and it joins no two
//! blocks or cells. Two drawn lines that follow each other are in the *right order* when, of the
//! lines that were found, the second is read directly after the first. A table's cell is *right*
//! when all its lines stand in one grid at its row and column, the grid's own corner left free. A
//! grid is *invented* when most of the drawn lines in it belong to no table.

use khocr_vision::Analysis;
use khocr_vision::core::Placed;
use khocr_vision::layout::Part;

use crate::cells;
use crate::ink::{self, Ink};
use crate::truth::Line;

/// Counts of a page, or of many.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) pages: usize,
    /// Drawn lines, and those found.
    pub(crate) lines: [usize; 2],
    /// Of the lines lost: cut but refused as no text; joined to what stands beside; never cut.
    pub(crate) lost: [usize; 3],
    /// Found lines, and those right.
    pub(crate) found: [usize; 2],
    /// Pieces of ink of lines found, and those cut or left out.
    pub(crate) ink: Ink,
    /// Neighbouring pairs of lines, and those in order.
    pub(crate) pairs: [usize; 2],
    /// Cells of tables, and those right: ruled both ways, one way, unruled.
    pub(crate) cells: [[usize; 2]; 3],
    /// Tables, and those with as many rows and columns as drawn: as above.
    pub(crate) tables: [[usize; 2]; 3],
    /// Grids found, and those not invented.
    pub(crate) grids: [usize; 2],
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Self) {
        fn sum<const N: usize>(a: &mut [usize; N], b: &[usize; N]) {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        }
        self.pages += other.pages;
        sum(&mut self.lines, &other.lines);
        sum(&mut self.lost, &other.lost);
        sum(&mut self.found, &other.found);
        self.ink.add(&other.ink);
        sum(&mut self.pairs, &other.pairs);
        sum(&mut self.grids, &other.grids);
        for i in 0..3 {
            sum(&mut self.cells[i], &other.cells[i]);
            sum(&mut self.tables[i], &other.tables[i]);
        }
    }

    /// Mistakes of all kinds.
    pub(crate) fn mistakes(&self) -> usize {
        let miss = |c: &[usize; 2]| c[0] - c[1];
        miss(&self.lines)
            + miss(&self.found)
            + miss(&self.pairs)
            + miss(&self.grids)
            + self.ink.cut.min(20)
            + self.cells.iter().map(miss).sum::<usize>() / 2
    }
}

/// A page's counts, and what was wrong where.
#[derive(Default)]
pub(crate) struct Judged {
    pub(crate) counts: Counts,
    /// Drawn lines that were not found.
    pub(crate) lost: Vec<usize>,
    /// Why, in the same order.
    pub(crate) why: Vec<&'static str>,
    /// Found lines that are not right.
    pub(crate) wrong: Vec<usize>,
    /// Pairs of drawn lines out of order, and what was read after the first instead.
    pub(crate) jumps: Vec<(usize, usize, Option<usize>)>,
    /// Drawn lines of cells in the wrong place.
    pub(crate) misplaced: Vec<usize>,
    /// Boxes of ink cut: left, top, right, bottom.
    pub(crate) cut: Vec<[f32; 4]>,
    /// A line about each table that is not right in every cell.
    pub(crate) reports: Vec<String>,
}

/// Judges a page. `tables` says of each drawn table whether it has rules across and down.
pub(crate) fn judge(truth: &[Line], found: &Analysis, tables: &[(bool, bool)]) -> Judged {
    let share: Vec<Vec<f32>> =
        truth.iter().map(|t| found.lines.iter().map(|f| covered(t, &[f])).collect()).collect();
    let mut out = Judged::default();
    out.counts.pages = 1;
    let joins = |j: usize| {
        let asked = |&(i, t): &(usize, &Line)| t.judged && share[i][j] > 0.3;
        let mut on = truth.iter().enumerate().filter(asked);
        let Some((_, first)) = on.next() else { return false };
        on.any(|(_, t)| (t.block, t.cell) != (first.block, first.cell))
    };
    let joined: Vec<bool> = (0..found.lines.len()).map(joins).collect();
    let mut is_found = vec![false; truth.len()];
    for (i, line) in truth.iter().enumerate().filter(|(_, t)| t.judged) {
        let all: Vec<&Placed> = found.lines.iter().collect();
        let merged = (0..all.len()).any(|j| joined[j] && share[i][j] > 0.3);
        is_found[i] = covered(line, &all) >= 0.8 && !merged;
        out.counts.lines[0] += 1;
        out.counts.lines[1] += usize::from(is_found[i]);
        if !is_found[i] {
            let with_refused: Vec<&Placed> = all.into_iter().chain(&found.refused).collect();
            let why = match () {
                () if merged => 1,
                () if covered(line, &with_refused) >= 0.8 => 0,
                () => 2,
            };
            out.counts.lost[why] += 1;
            out.lost.push(i);
            out.why.push(["refused", "joined", "unseen"][why]);
        }
    }
    for (j, line) in found.lines.iter().enumerate() {
        let right = on_lines(truth, line) >= 0.7 && !joined[j];
        out.counts.found[0] += 1;
        out.counts.found[1] += usize::from(right);
        if !right {
            out.wrong.push(j);
        }
    }
    order(truth, found, &share, &is_found, &mut out);
    cells::judge(truth, found, &share, tables, &mut out);
    let (ink, cut) = ink::measure(truth, found, &share, &is_found);
    (out.counts.ink, out.cut) = (ink, cut);
    out
}

/// Share of a drawn line that found lines of about its core height cover.
pub(crate) fn covered(line: &Line, found: &[&Placed]) -> f32 {
    let near: Vec<&&Placed> = found
        .iter()
        .filter(|f| (0.55..1.8).contains(&(f.core / line.core)))
        .filter(|f| {
            let margin = 0.3 * line.core;
            line.middle.last().is_some_and(|p| p.0 > f.curve.from - margin)
                && line.middle[0].0 < f.curve.to + margin
        })
        .collect();
    // Leaders say nothing, and may be worn away.
    let asked: Vec<&(f32, f32)> = line.middle.iter().filter(|(x, _)| line.says(*x)).collect();
    let hit = asked.iter().filter(|(x, y)| {
        near.iter().any(|f| {
            let inside = *x > f.curve.from - 0.3 * line.core && *x < f.curve.to + 0.3 * line.core;
            inside && (f.curve.at(*x) - y).abs() < 0.5 * line.core
        })
    });
    hit.count() as f32 / asked.len().max(1) as f32
}

/// Share of a found line that lies on drawn lines.
pub(crate) fn on_lines(truth: &[Line], line: &Placed) -> f32 {
    let count = ((line.curve.to - line.curve.from) / line.core * 2.0).ceil().max(3.0) as usize;
    let at = |i: usize| {
        line.curve.from + (line.curve.to - line.curve.from) * (i as f32 + 0.5) / count as f32
    };
    let hit = (0..count).map(at).filter(|&x| {
        truth.iter().any(|t| {
            t.at(x).is_some_and(|y| (line.curve.at(x) - y).abs() < 0.5 * t.core.max(line.core))
        })
    });
    hit.count() as f32 / count as f32
}

/// Found lines in reading order.
fn reading(found: &Analysis) -> Vec<usize> {
    let mut out = Vec::new();
    for part in &found.parts {
        match part {
            Part::Flow(rows) => out.extend(rows.iter().flatten()),
            Part::Grid(g) => out.extend(g.cells.iter().flat_map(|c| c.lines.iter().flatten())),
        }
    }
    out
}

fn order(
    truth: &[Line],
    found: &Analysis,
    share: &[Vec<f32>],
    is_found: &[bool],
    out: &mut Judged,
) {
    let mut read: Vec<usize> = Vec::new();
    for j in reading(found) {
        let mut on: Vec<usize> =
            (0..truth.len()).filter(|&i| is_found[i] && share[i][j] > 0.1).collect();
        on.sort_by(|&a, &b| truth[a].middle[0].0.total_cmp(&truth[b].middle[0].0));
        for i in on {
            if read.last() != Some(&i) {
                read.push(i);
            }
        }
    }
    let next = |i: usize| read.windows(2).filter(move |w| w[0] == i).map(|w| w[1]);
    for i in 1..truth.len() {
        if is_found[i - 1] && is_found[i] {
            out.counts.pairs[0] += 1;
            if next(i - 1).any(|n| n == i) {
                out.counts.pairs[1] += 1;
            } else {
                out.jumps.push((i - 1, i, next(i - 1).next()));
            }
        }
    }
}
