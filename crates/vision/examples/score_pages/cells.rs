//! Whether the cells of drawn tables stand in their rows and columns.
//!
//! A column that holds nothing to read and has no rules down is not to be seen, and neither is such
//! a row without rules across: the drawn rows and columns are counted without them.

use std::collections::HashMap;

use khocr_document::Rect;
use khocr_vision::Analysis;
use khocr_vision::layout::{Grid, Part};

use crate::judge::Judged;
use crate::truth::Line;

/// Where a found line stands in a grid: the grid's number, the row, the column.
type Place = (usize, i64, i64);
/// A table's cells by row and column: the numbers of their lines.
type Drawn = HashMap<(i64, i64), Vec<usize>>;

/// Counts cells and tables, and those right. `tables` says of each drawn table whether it has rules
/// across and down.
pub(crate) fn judge(
    truth: &[Line],
    found: &Analysis,
    share: &[Vec<f32>],
    tables: &[(bool, bool)],
    out: &mut Judged,
) {
    let grids = grids(found);
    let places = places(&grids);
    invented(truth, &grids, share, out);
    let best = |i: usize| {
        let best = (0..found.lines.len()).max_by(|&a, &b| share[i][a].total_cmp(&share[i][b]));
        best.filter(|&j| share[i][j] > 0.3)
    };
    let place = |i: usize| best(i).and_then(|j| places.get(&j).copied());
    for (table, cells) in drawn(truth, tables) {
        let count = |f: fn(&(i64, i64)) -> i64| distinct(cells.keys().map(f)).len();
        let (rows, columns) = (count(|c| c.0), count(|c| c.1));
        if rows < 2 || columns < 2 {
            continue;
        }
        let (across, down) = tables.get(table as usize).copied().unwrap_or_default();
        let kind = usize::from(!across) + usize::from(!down);
        // The grid and offset that most lines agree on.
        let mut votes: HashMap<Place, usize> = HashMap::new();
        for (&(r, c), lines) in &cells {
            for (g, row, column) in lines.iter().filter_map(|&i| place(i)) {
                *votes.entry((g, row - r, column - c)).or_default() += 1;
            }
        }
        let chosen = votes.into_iter().max_by_key(|v| (v.1, v.0)).map(|v| v.0);
        let (mut right_cells, mut lost, mut outside, mut rowed, mut elsewhere) = (0, 0, 0, 0, 0);
        for (&(r, c), lines) in &cells {
            let goal = chosen.map(|(g, dr, dc)| (g, r + dr, c + dc));
            let right = goal.is_some() && lines.iter().all(|&i| place(i) == goal);
            right_cells += usize::from(right);
            if right {
                continue;
            }
            out.misplaced.extend(lines);
            let all: Vec<Option<Place>> = lines.iter().map(|&i| place(i)).collect();
            match () {
                () if lines.iter().any(|&i| best(i).is_none()) => lost += 1,
                () if all.contains(&None) => outside += 1,
                () if all.iter().flatten().all(|p| goal.is_some_and(|g| g.2 == p.2)) => rowed += 1,
                () => elsewhere += 1,
            }
        }
        out.counts.cells[kind][0] += cells.len();
        out.counts.cells[kind][1] += right_cells;
        let size = chosen.map(|(g, ..)| (grids[g].rows, grids[g].columns));
        out.counts.tables[kind][0] += 1;
        let fits = size.is_some_and(|s| s.0 >= rows && s.1 >= columns);
        let all_right = right_cells == cells.len();
        out.counts.tables[kind][1] += usize::from(all_right && fits);
        if !all_right {
            let (r, c) = size.unwrap_or_default();
            let style = match (across, down) {
                (true, true) => "grid",
                (true, false) => "across only",
                (false, true) => "down only",
                _ => "unruled",
            };
            out.reports.push(format!(
                "{style}: {rows}x{columns} drawn, {r}x{c} found; {right_cells} of {} cells right; \
                 lost {lost}, outside {outside}, in another row {rowed}, column {elsewhere}",
                cells.len()
            ));
        }
    }
}

/// Counts grids, and those that stand where a table is drawn.
fn invented(truth: &[Line], grids: &[&Grid], share: &[Vec<f32>], out: &mut Judged) {
    for grid in grids {
        let inside: Vec<usize> = grid.cells.iter().flat_map(|c| c.lines.concat()).collect();
        let on = |line: &Line, shares: &Vec<f32>, cell: bool| {
            line.cell.is_some() == cell && inside.iter().any(|&j| shares[j] > 0.3)
        };
        let count = |cell| truth.iter().zip(share).filter(|(t, s)| on(t, s, cell)).count();
        let (own, other) = (count(true), count(false));
        out.counts.grids[0] += 1;
        out.counts.grids[1] += usize::from(other <= own);
        if other > own {
            let (rows, columns) = (grid.rows, grid.columns);
            let Rect { x0, y0, .. } = grid.rect;
            out.reports
                .push(format!("invented: {rows}x{columns} at {x0:.0}, {y0:.0}, {other} lines"));
        }
    }
}

/// The grids found.
pub(crate) fn grids(found: &Analysis) -> Vec<&Grid> {
    let parts = found.parts.iter();
    parts.filter_map(|p| if let Part::Grid(g) = p { Some(g) } else { None }).collect()
}

/// The place of each found line that stands in a grid.
fn places(grids: &[&Grid]) -> HashMap<usize, Place> {
    let mut out = HashMap::new();
    for (g, grid) in grids.iter().enumerate() {
        for cell in &grid.cells {
            for &j in cell.lines.iter().flatten() {
                out.insert(j, (g, cell.row as i64, cell.column as i64));
            }
        }
    }
    out
}

/// The drawn tables: what is asked for of each.
fn drawn(truth: &[Line], tables: &[(bool, bool)]) -> Vec<(u32, Drawn)> {
    let mut all: HashMap<u32, Drawn> = HashMap::new();
    for (i, line) in truth.iter().enumerate() {
        if let Some(c) = line.cell.filter(|_| line.judged) {
            let at = (i64::from(c.row), i64::from(c.column));
            all.entry(c.table).or_default().entry(at).or_default().push(i);
        }
    }
    let mut out: Vec<(u32, Drawn)> = all.into_iter().collect();
    out.sort_by_key(|t| t.0);
    for (table, cells) in &mut out {
        let (across, down) = tables.get(*table as usize).copied().unwrap_or_default();
        let rows = distinct(cells.keys().map(|c| c.0));
        let columns = distinct(cells.keys().map(|c| c.1));
        let rank = |all: &[i64], at: i64| all.partition_point(|&v| v < at) as i64;
        let seen = |(r, c): (i64, i64)| {
            (if across { r } else { rank(&rows, r) }, if down { c } else { rank(&columns, c) })
        };
        *cells = cells.drain().map(|(at, lines)| (seen(at), lines)).collect();
    }
    out
}

fn distinct(values: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut out: Vec<i64> = values.collect();
    out.sort_unstable();
    out.dedup();
    out
}
