//! Touching: lines that run together in the finder's maps, parted.
//!
//! Where print is set tight, blurred or torn, cells between two lines look like core as well, and one of
//! them is enough to make two lines one component. Such a component holds columns with two stretches
//! of core above each other, or parts into pieces above each other where more is asked of a cell.

/// What a cell must show instead, tried one after the other.
const STRICTER: [f32; 5] = [0.6, 0.7, 0.8, 0.88, 0.94];
/// A stretch of a column this much taller than a line is thick holds two lines.
const TALL: f32 = 1.6;
/// Middles of two lines are at least so far apart, in a line's thickness. Rows of subscripts are
/// nearer.
const APART: f32 = 1.35;
/// Mean of the cells of lines; what shows through the paper and grain have less.
const SURE: f32 = 0.8;
/// Pieces above each other share so much of the row, in a line's thickness.
const SHARED: f32 = 2.0;
/// What joins lines is less long, in a line's thickness.
const LONG: f32 = 4.0;

/// The map of cores.
#[derive(Clone, Copy)]
pub(crate) struct Cores<'a> {
    /// Probabilities, row by row.
    pub(crate) values: &'a [f32],
    /// Cells a row.
    pub(crate) width: usize,
}

impl Cores<'_> {
    /// A cell and the up to eight around it, row by row.
    fn around(&self, cell: u32) -> impl Iterator<Item = u32> + use<> {
        let (width, height) = (self.width, self.values.len() / self.width);
        let (x, y) = (cell as usize % width, cell as usize / width);
        let columns = x.saturating_sub(1)..(x + 2).min(width);
        let rows = y.saturating_sub(1)..(y + 2).min(height);
        rows.flat_map(move |y| columns.clone().map(move |x| (y * width + x) as u32))
    }
}

/// A component: its cells, and their stretches.
struct Component {
    cells: Vec<u32>,
    columns: Columns,
}

impl Component {
    fn of(cells: Vec<u32>, width: usize) -> Self {
        let columns = Columns::of(&cells, width);
        Self { cells, columns }
    }
}

/// Components (cells, each connected) with those that hold lines above each other parted.
pub(crate) fn parted(components: Vec<Vec<u32>>, cores: Cores<'_>) -> Vec<Vec<u32>> {
    let with_columns = |c: Vec<u32>| Component::of(c, cores.width);
    let components: Vec<Component> = components.into_iter().map(with_columns).collect();
    let Some(thick) = thickness(&components) else {
        return components.into_iter().map(|c| c.cells).collect();
    };
    let mut out = Vec::with_capacity(components.len());
    let mut todo: Vec<(Component, usize)> = components.into_iter().map(|c| (c, 0)).collect();
    while let Some((component, from)) = todo.pop() {
        match part(&component, cores, thick, from) {
            Some((pieces, next)) => {
                todo.extend(pieces.into_iter().map(|p| (with_columns(p), next)))
            }
            None => out.push(component.cells),
        }
    }
    out
}

/// How thick a line is, in cells: in the middle of all columns of components that are long.
fn thickness(components: &[Component]) -> Option<f32> {
    let long = components.iter().map(|c| &c.columns.runs).filter(|runs| runs.len() >= 12);
    let mut spans: Vec<usize> = long.flatten().flatten().map(|r| r.1 - r.0).collect();
    let middle = spans.len() / 2;
    (!spans.is_empty()).then(|| *spans.select_nth_unstable(middle).1 as f32)
}

/// The pieces of a component that holds lines above each other, and from which of [`STRICTER`] on to
/// look at them again.
fn part(
    Component { cells, columns }: &Component,
    cores: Cores<'_>,
    thick: f32,
    from: usize,
) -> Option<(Vec<Vec<u32>>, usize)> {
    let sum: f32 = cells.iter().map(|c| cores.values[*c as usize]).sum();
    let sure = sum > SURE * cells.len() as f32;
    if !sure || (columns.runs.len() as f32) < SHARED * thick || !columns.may_hold_two(thick) {
        return None;
    }
    for (i, least) in STRICTER.iter().enumerate().skip(from) {
        let sure = cells.iter().copied().filter(|c| cores.values[*c as usize] >= *least);
        if let Some(pieces) = above_each_other(sure.collect(), cores, thick) {
            return Some((grown(pieces, cells, cores), i));
        }
    }
    if columns.doubled() < SHARED * thick {
        return None;
    }
    // What joins them is as sure as they are: the columns that it fills belong to neither, but to
    // larger print if there are many.
    let (narrow, tall) = columns.by_height(thick, cores.width);
    let mut pieces = above_each_other(narrow, cores, thick)?;
    let larger = connected(tall, cores).into_iter();
    pieces.extend(larger.filter(|p| Columns::of(p, cores.width).runs.len() as f32 >= LONG * thick));
    Some((pieces, STRICTER.len()))
}

/// The stretches of cells of each column, from and up to a row.
struct Columns {
    first: usize,
    runs: Vec<Vec<(usize, usize)>>,
}

impl Columns {
    fn of(cells: &[u32], width: usize) -> Self {
        let column = |c: &u32| *c as usize % width;
        let first = cells.iter().map(column).min().unwrap_or(0);
        let last = cells.iter().map(column).max().unwrap_or(0);
        let mut sorted: Vec<u32> = cells.to_vec();
        sorted.sort_unstable();
        let mut runs: Vec<Vec<(usize, usize)>> = vec![Vec::new(); last + 1 - first];
        for c in sorted {
            let (x, y) = (c as usize % width - first, c as usize / width);
            match runs[x].last_mut() {
                Some(run) if run.1 == y => run.1 = y + 1,
                _ => runs[x].push((y, y + 1)),
            }
        }
        Self { first, runs }
    }

    /// Columns of two stretches and more.
    fn doubled(&self) -> f32 {
        self.runs.iter().filter(|r| r.len() > 1).count() as f32
    }

    /// Whether enough columns are tall or doubled for another line.
    fn may_hold_two(&self, thick: f32) -> bool {
        let reach = |r: &&Vec<(usize, usize)>| {
            let (top, foot) = (r.first().map_or(0, |r| r.0), r.last().map_or(0, |r| r.1));
            (foot - top) as f32 > TALL * thick
        };
        self.runs.iter().filter(reach).count() as f32 >= SHARED * thick
    }

    /// The cells of stretches that one line fills, and those of taller ones.
    fn by_height(&self, thick: f32, width: usize) -> (Vec<u32>, Vec<u32>) {
        let (mut narrow, mut tall) = (Vec::new(), Vec::new());
        for (x, runs) in self.runs.iter().enumerate() {
            for &(from, to) in runs {
                let is_tall = (to - from) as f32 > TALL * thick;
                let cells = (from..to).map(|y| (y * width + self.first + x) as u32);
                if is_tall { tall.extend(cells) } else { narrow.extend(cells) }
            }
        }
        (narrow, tall)
    }
}

/// The connected pieces of these cells, where two of them lie above each other; crumbs are dropped.
fn above_each_other(cells: Vec<u32>, cores: Cores<'_>, thick: f32) -> Option<Vec<Vec<u32>>> {
    let mut pieces = connected(cells, cores);
    pieces.retain(|p| p.len() as f32 > 0.5 * thick * thick);
    let shapes: Vec<(usize, usize, Vec<f32>)> =
        pieces.iter().map(|p| shape(p, cores.width)).collect();
    let apart = |(a, (a0, a1, above)): (usize, &(usize, usize, Vec<f32>))| {
        shapes[..a].iter().any(|(b0, b1, below)| {
            let (from, to) = (*a0.max(b0), *a1.min(b1));
            let shared = (from..to.max(from))
                .filter(|x| (above[x - a0] - below[x - b0]).abs() > APART * thick)
                .count();
            shared as f32 >= SHARED * thick
        })
    };
    shapes.iter().enumerate().any(apart).then_some(pieces)
}

/// First column, the one after the last, and the mean row in each; infinite where there is none.
fn shape(cells: &[u32], width: usize) -> (usize, usize, Vec<f32>) {
    let columns = Columns::of(cells, width);
    let middle = |runs: &Vec<(usize, usize)>| match (runs.first(), runs.last()) {
        (Some(top), Some(foot)) => (top.0 + foot.1) as f32 / 2.0,
        _ => f32::INFINITY,
    };
    let rows: Vec<f32> = columns.runs.iter().map(middle).collect();
    (columns.first, columns.first + rows.len(), rows)
}

/// The connected pieces of some cells of the map, corners counting.
pub(crate) fn connected(mut cells: Vec<u32>, cores: Cores<'_>) -> Vec<Vec<u32>> {
    cells.sort_unstable();
    let mut open = vec![false; cores.values.len()];
    cells.iter().for_each(|c| open[*c as usize] = true);
    let mut out: Vec<Vec<u32>> = Vec::new();
    for start in cells {
        if !std::mem::take(&mut open[start as usize]) {
            continue;
        }
        let (mut stack, mut piece) = (vec![start], Vec::new());
        while let Some(at) = stack.pop() {
            piece.push(at);
            stack.extend(cores.around(at).filter(|c| std::mem::take(&mut open[*c as usize])));
        }
        out.push(piece);
    }
    out
}

/// Pieces that take up the rest of their component again, each what lies nearest.
fn grown(pieces: Vec<Vec<u32>>, cells: &[u32], cores: Cores<'_>) -> Vec<Vec<u32>> {
    let mut open = vec![false; cores.values.len()];
    cells.iter().for_each(|c| open[*c as usize] = true);
    pieces.iter().flatten().for_each(|c| open[*c as usize] = false);
    let mut out = pieces;
    let mut edge: Vec<(usize, u32)> = Vec::new();
    for (own, piece) in out.iter().enumerate() {
        edge.extend(piece.iter().map(|c| (own, *c)));
    }
    while !edge.is_empty() {
        let mut next = Vec::new();
        for (own, at) in edge {
            for cell in cores.around(at).filter(|c| std::mem::take(&mut open[*c as usize])) {
                out[own].push(cell);
                next.push((own, cell));
            }
        }
        edge = next;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 60;

    /// A map with two lines of three rows, what joins them, and two lines below.
    fn map(bridge: impl Fn(usize, usize) -> f32) -> Vec<f32> {
        let line = |y: usize| [4, 10, 20, 26].iter().any(|from| (*from..from + 3).contains(&y));
        (0..30 * WIDTH)
            .map(|i| (i % WIDTH, i / WIDTH))
            .map(|(x, y)| if line(y) && (3..57).contains(&x) { 0.97 } else { bridge(x, y) })
            .collect()
    }

    fn parts(values: &[f32]) -> Vec<usize> {
        let cells = (0..values.len() as u32).filter(|c| values[*c as usize] > 0.5).collect();
        let cores = Cores { values, width: WIDTH };
        let mut parts = parted(connected(cells, cores), cores);
        parts.retain(|p| p.iter().all(|c| (*c as usize) < 18 * WIDTH));
        parts.sort_by_key(Vec::len);
        parts.iter().map(Vec::len).collect()
    }

    #[test]
    fn lines_that_touch_are_parted() {
        let between = |x: usize, y: usize| (7..10).contains(&y) && (3..57).contains(&x);
        let doubtful = map(|x, y| if between(x, y) { 0.65 } else { 0.0 });
        let pieces = parts(&doubtful);
        assert_eq!((pieces.len(), pieces.iter().sum::<usize>()), (2, 54 * 9));
        let sure = map(|x, y| if between(x, y) && (20..22).contains(&x) { 0.97 } else { 0.0 });
        let pieces = parts(&sure);
        assert!(pieces.len() == 4 && pieces.iter().all(|p| p % 3 == 0), "{pieces:?}");
    }

    #[test]
    fn what_is_one_line_stays_whole() {
        let one = map(|_, _| 0.0);
        assert_eq!(parts(&one), [162, 162]);
        // Print of two lines' height beside them.
        let large =
            map(|x, y| if (3..15).contains(&y) && (30..57).contains(&x) { 0.97 } else { 0.0 });
        assert_eq!(parts(&large), [27 * 3, 27 * 3, 27 * 12]);
        let subscripts = map(|x, y| if (6..10).contains(&y) && x % 9 < 4 { 0.97 } else { 0.0 });
        assert!(parts(&subscripts).len() <= 2);
    }
}
