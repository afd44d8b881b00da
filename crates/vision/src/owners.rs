//! Owners: which line each piece of ink belongs to, so that a crop can leave its neighbours' out.
//!
//! Lines may stand so close that the subscripts of one hang between the marks of the next. The
//! page's connected ink is labelled once. A piece that lies in the core of one line is that line's;
//! one that lies in the cores of two is parted where it is thinnest between them; a mark or a
//! subscript between two lines hangs on what it is nearest to, and where that is not clear it
//! belongs to both and stays in either's crop.

use crate::core::Placed;
use crate::pieces::{Piece, Run, label, root};
use crate::{Gray, layout::median};

/// Darker than this is ink.
const INK: u8 = 160;
/// Lighter than this is the soft edge of ink.
const FAINT: u8 = 240;
/// Page pixels that share one list of the lines above each other.
const BUCKET: usize = 16;
/// Share of a core at its top and foot that a neighbour's sign may reach into.
const SHALLOW: f32 = 0.2;
/// Share of a piece in a core that makes it that line's.
const MOST: f32 = 0.45;
/// Share of a piece in a second core that makes it two lines'.
const ALSO: f32 = 0.15;
/// Farthest that a sign hangs off what it belongs to, in core heights.
const HANGS: f32 = 0.8;
/// Distances nearer to each other than this, in core heights, leave a sign to both lines.
const CLEAR: f32 = 0.06;
/// A sign is taken from a line only if it stands nearer to the other by this much of a core.
const NEARER: f32 = 0.12;
/// How far a line's marks and subscripts reach from its core, in core heights.
const SIGNS: f32 = 0.6;
/// A neighbour's letter that comes nearer to a core than this, in core heights, may hold its sign.
const CLOSE: f32 = 0.25;
/// Lines farther from each other than this many cores stay as they are: the reader knows them so.
pub const TIGHT: f32 = 2.1;
/// Lines nearer than this many cores pitch share a row.
const LEVEL: f32 = 0.7;

/// Nobody's ink, or everybody's.
const FREE: u16 = u16::MAX;

/// Whose each run of ink on a page is.
#[derive(Debug)]
pub struct Owners {
    runs: Vec<Run>,
    /// Where the runs of each row begin; one more than there are rows.
    rows: Vec<u32>,
    /// The line of each run, or [`FREE`].
    lines: Vec<u16>,
    /// The pieces, and which of them lie in one line's core.
    pieces: Vec<Piece>,
    firm: Vec<bool>,
    paper: u8,
}

/// The lines that stand above each other at some x: `(top, foot, line)` of their cores, downwards.
struct Stacks(Vec<Vec<(f32, f32, u16)>>);

impl Stacks {
    fn new(width: usize, lines: &[Placed]) -> Self {
        let mut stacks = vec![Vec::new(); width / BUCKET + 1];
        for (i, line) in lines.iter().enumerate().take(usize::from(FREE)) {
            let reach = 0.3 * line.core;
            let first = ((line.curve.from - reach).max(0.0) as usize / BUCKET).min(stacks.len());
            let last = ((line.curve.to + reach).max(0.0) as usize / BUCKET + 1).min(stacks.len());
            for (b, stack) in stacks.iter_mut().enumerate().take(last).skip(first) {
                let y = line.curve.at((b * BUCKET + BUCKET / 2) as f32);
                stack.push((y - line.core / 2.0, y + line.core / 2.0, i as u16));
            }
        }
        for stack in &mut stacks {
            stack.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        Self(stacks)
    }

    fn at(&self, x: usize) -> &[(f32, f32, u16)] {
        &self.0[(x / BUCKET).min(self.0.len() - 1)]
    }

    /// Whether a sign between two cores stands clearly nearer to this line's than to the other's.
    fn agrees(&self, piece: &Piece, line: u16) -> bool {
        let (top, foot) = (f32::from(piece.top), f32::from(piece.foot));
        let stack = self.at(usize::midpoint(piece.left.into(), piece.right.into()));
        let after = stack.partition_point(|s| (s.0 + s.1) / 2.0 <= f32::midpoint(top, foot));
        let (Some(upper), Some(lower)) = (after.checked_sub(1).map(|i| stack[i]), stack.get(after))
        else {
            return true;
        };
        let (from_upper, from_lower) = (top - upper.1, lower.0 - foot);
        let margin = NEARER * (upper.1 - upper.0).min(lower.1 - lower.0);
        line == upper.2 && from_upper + margin < from_lower
            || line == lower.2 && from_lower + margin < from_upper
    }

    /// The line whose core holds the place, and how deep in it, 0 at its edges to 0.5.
    fn inside(&self, x: usize, y: f32) -> Option<(u16, f32)> {
        let stack = self.at(x);
        let after = stack.partition_point(|s| s.0 <= y);
        let &(top, foot, line) = stack.get(after.checked_sub(1)?)?;
        (y < foot).then(|| (line, (y - top).min(foot - y) / (foot - top).max(1.0)))
    }
}

/// How a piece lies in the cores of two lines at most.
#[derive(Clone, Copy, Default)]
struct Shares {
    first: Option<(u16, u32, u32)>,
    second: Option<(u16, u32, u32)>,
    more: bool,
}

impl Shares {
    fn add(&mut self, line: u16, area: u32, deep: bool) {
        for slot in [&mut self.first, &mut self.second] {
            let (l, all, inner) = slot.get_or_insert((line, 0, 0));
            if *l == line {
                *all += area;
                *inner += if deep { area } else { 0 };
                return;
            }
        }
        self.more = true;
    }
}

impl Owners {
    /// Labels the ink of a page for its lines.
    #[must_use]
    pub fn new(page: &Gray, lines: &[Placed]) -> Self {
        let (runs, rows, pieces) = label(page, INK);
        let stacks = Stacks::new(page.width, lines);
        let mut shares = vec![Shares::default(); pieces.len()];
        for run in &runs {
            let middle = usize::midpoint(run.from as usize, run.to as usize);
            if let Some((line, depth)) = stacks.inside(middle, f32::from(run.y) + 0.5) {
                shares[run.piece as usize].add(line, u32::from(run.to - run.from), depth > SHALLOW);
            }
        }
        let core = median(lines.iter().map(|l| l.core).collect());
        let mut owners = vec![FREE; pieces.len()];
        let mut loose = vec![false; pieces.len()];
        let mut bridges = vec![false; pieces.len()];
        for (i, (piece, share)) in pieces.iter().zip(&shares).enumerate() {
            let of = |n: u32| n as f32 / piece.area.max(1) as f32;
            match (share.first, share.second) {
                _ if share.more || is_ground(piece, core) => {}
                (None, _) => loose[i] = true,
                (Some((line, all, deep)), None) => {
                    if of(all) > MOST || of(deep) > ALSO {
                        owners[i] = line;
                    } else {
                        loose[i] = true;
                    }
                }
                (Some(a), Some(b)) => {
                    let (a, b) = if a.1 >= b.1 { (a, b) } else { (b, a) };
                    if of(b.1) > ALSO && b.2 > 0 && a.2 > 0 {
                        bridges[i] = true;
                    } else if of(a.1) > MOST || of(a.2) > ALSO {
                        owners[i] = a.0;
                    } else {
                        loose[i] = true;
                    }
                }
            }
        }
        let mut out = Self {
            lines: Vec::new(),
            runs,
            rows,
            firm: (0..pieces.len()).map(|i| owners[i] != FREE).collect(),
            pieces: Vec::new(),
            paper: paper(page),
        };
        out.hang(&pieces, &mut owners, &loose, core);
        for (i, piece) in pieces.iter().enumerate() {
            if loose[i] && owners[i] != FREE && !stacks.agrees(piece, owners[i]) {
                owners[i] = FREE;
            }
        }
        out.lines = out.runs.iter().map(|r| owners[r.piece as usize]).collect();
        out.part(&bridges, &stacks);
        out.pieces = pieces;
        out
    }

    /// The runs of a row that end after `from`, and the index of the first.
    fn row(&self, y: usize, from: usize) -> (usize, &[Run]) {
        let (a, b) = (self.rows[y] as usize, self.rows[y + 1] as usize);
        let row = &self.runs[a..b];
        let skip = row.partition_point(|r| usize::from(r.to) <= from);
        (a + skip, &row[skip..])
    }

    /// Gives each loose piece to the line that it hangs on, over others where need be.
    fn hang(&self, pieces: &[Piece], owners: &mut [u16], loose: &[bool], core: f32) {
        let mut links: Vec<(f32, u32, u32)> = Vec::new();
        let reach = (HANGS * core).ceil() as usize;
        for (i, piece) in pieces.iter().enumerate().filter(|(i, _)| loose[*i]) {
            let (from, to) = (usize::from(piece.left), usize::from(piece.right));
            let rows = self.rows.len() - 1;
            let (top, foot) = (usize::from(piece.top), usize::from(piece.foot));
            let above = (top.saturating_sub(reach)..=top.min(rows - 1)).rev();
            let below = foot.saturating_sub(1)..(foot + reach).min(rows);
            for (ys, edge) in [
                (above.collect::<Vec<_>>(), top as f32),
                (below.collect::<Vec<_>>(), foot as f32 - 1.0),
            ] {
                let hit = ys.into_iter().find_map(|y| {
                    let (_, row) = self.row(y, from);
                    row.iter()
                        .take_while(|r| usize::from(r.from) < to)
                        .find(|r| {
                            let other = r.piece as usize;
                            other != i && (loose[other] || owners[other] != FREE)
                        })
                        .map(|r| ((y as f32 - edge).abs() / core.max(1.0), r.piece))
                });
                if let Some((gap, other)) = hit {
                    links.push((gap, i as u32, other));
                }
            }
        }
        links.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut tree: Vec<u32> = (0..pieces.len() as u32).collect();
        let mut hung = vec![0.0f32; pieces.len()];
        let mut unclear = Vec::new();
        for (gap, a, b) in links {
            let (ra, rb) = (root(&mut tree, a), root(&mut tree, b));
            let (oa, ob) = (owners[ra as usize], owners[rb as usize]);
            if ra == rb {
                continue;
            }
            if oa != FREE && ob != FREE {
                if oa != ob && gap - hung[a as usize] < CLEAR {
                    unclear.push(a);
                }
                continue;
            }
            let (keep, give) = if oa == FREE { (rb, ra) } else { (ra, rb) };
            tree[give as usize] = keep;
            hung[a as usize] = gap;
        }
        for i in 0..pieces.len() as u32 {
            if loose[i as usize] {
                let at = root(&mut tree, i);
                owners[i as usize] = owners[at as usize];
            }
        }
        for i in unclear {
            owners[i as usize] = FREE;
        }
    }

    /// Parts the pieces that lie in the cores of two lines, between them.
    fn part(&mut self, bridges: &[bool], stacks: &Stacks) {
        for i in 0..self.runs.len() {
            let run = self.runs[i];
            if !bridges[run.piece as usize] {
                continue;
            }
            let x = usize::midpoint(run.from as usize, run.to as usize);
            let (stack, y) = (stacks.at(x), f32::from(run.y) + 0.5);
            let after = stack.partition_point(|s| s.0 <= y);
            let upper = after.checked_sub(1).map(|i| stack[i]);
            let lower = stack.get(after);
            self.lines[i] = match (upper, lower) {
                (Some(u), _) if y < u.1 + 0.08 * (u.1 - u.0) => u.2,
                (Some(u), Some(l)) => {
                    let valley = self.valley(run, u.1, l.0);
                    match valley {
                        Some(v) if y > v => l.2,
                        Some(_) => u.2,
                        // It does not reach across: it is whose edge it is on.
                        None if y - u.1 < l.0 - y => u.2,
                        None => l.2,
                    }
                }
                (Some(u), None) => u.2,
                (None, Some(l)) => l.2,
                (None, None) => FREE,
            };
        }
    }

    /// Where a stroke through `run` is thinnest between two heights; `None` when it ends between.
    fn valley(&self, run: Run, from: f32, to: f32) -> Option<f32> {
        let middle = f32::midpoint(from, to);
        // Of places alike the one nearest to half way, so that all runs of a stroke agree.
        let mut best: Option<(u16, f32)> = None;
        for up in [true, false] {
            let (mut at, mut y) = (run, run.y);
            loop {
                let (wide, here) = (at.to - at.from, f32::from(y) + 0.5);
                let away = |y: f32| (y - middle).abs();
                if best.is_none_or(|b| wide < b.0 || wide == b.0 && away(here) < away(b.1)) {
                    best = Some((wide, here));
                }
                if up && f32::from(y) <= from || !up && f32::from(y) + 1.0 >= to {
                    break;
                }
                y = if up { y.checked_sub(1)? } else { y + 1 };
                if usize::from(y) + 1 >= self.rows.len() {
                    return None;
                }
                let (_, row) = self.row(usize::from(y), usize::from(at.from));
                at = *row.iter().find(|r| r.piece == run.piece && r.from < at.to)?;
            }
        }
        best.map(|b| b.1)
    }

    /// Whether the run lies where the line's own marks or subscripts are, in a letter of another
    /// line that reaches down or up to it: a sign of this line may be stuck to that letter.
    fn may_hold_a_sign_of(&self, own: &Placed, run: &Run) -> bool {
        if !self.firm[run.piece as usize] {
            return false;
        }
        let piece = self.pieces[run.piece as usize];
        let x = f32::midpoint(run.from.into(), run.to.into());
        let (middle, half, y) = (own.curve.at(x), own.core / 2.0, f32::from(run.y) + 0.5);
        let (head, base) = (middle - half, middle + half);
        let (zone, close) = (SIGNS * own.core, CLOSE * own.core);
        y > head - zone && y < head && f32::from(piece.foot) > head - close
            || y < base + zone && y > base && f32::from(piece.top) < base + close
    }

    /// Paints what belongs to the lines above and below `own` with paper, in `part`: the page's
    /// rows and columns from `left` and `top` on.
    pub fn clear(&self, part: &mut Gray, left: isize, top: isize, own: usize, lines: &[Placed]) {
        let others: Vec<bool> = lines
            .iter()
            .enumerate()
            .map(|(i, l)| i != own && above_or_below(&lines[own], l))
            .collect();
        let (from, to) = (left.max(0) as usize, (left + part.width as isize).max(0) as usize);
        for r in 0..part.height {
            let y = top + r as isize;
            if y < 0 || y as usize + 1 >= self.rows.len() {
                continue;
            }
            let (first, row) = self.row(y as usize, from);
            for (i, run) in row.iter().enumerate().take_while(|(_, u)| usize::from(u.from) < to) {
                let line = self.lines[first + i];
                if line == FREE || !others[usize::from(line)] {
                    continue;
                }
                if self.may_hold_a_sign_of(&lines[own], run) {
                    continue;
                }
                let at = |x: u16| (x as isize - left).clamp(0, part.width as isize) as usize;
                wipe(part, r, at(run.from), at(run.to), self.paper);
            }
        }
    }
}

/// Paints a run and the soft edge around it, never ink.
fn wipe(part: &mut Gray, row: usize, from: usize, to: usize, paper: u8) {
    let w = part.width;
    part.pixels[row * w + from..row * w + to].fill(paper);
    let (left, right) = (from.saturating_sub(2), (to + 2).min(w));
    for y in row.saturating_sub(2)..(row + 3).min(part.height) {
        for v in &mut part.pixels[y * w + left..y * w + right] {
            if (INK..FAINT).contains(v) {
                *v = paper;
            }
        }
    }
}

/// Whether a piece is the ground of inverse text, or a picture.
fn is_ground(piece: &Piece, core: f32) -> bool {
    let (w, h) = (f32::from(piece.right - piece.left), f32::from(piece.foot - piece.top));
    h > 1.3 * core && w > core && piece.area as f32 > 0.6 * w * h
}

/// Whether the lines stand above each other, closely.
#[must_use]
pub fn above_or_below(own: &Placed, other: &Placed) -> bool {
    let from = own.curve.from.max(other.curve.from);
    let to = own.curve.to.min(other.curve.to);
    let x = (from + to) / 2.0;
    let pitch = (own.curve.at(x) - other.curve.at(x)).abs() / own.core.min(other.core);
    from < to && pitch > LEVEL && pitch < TIGHT
}

/// What most of the page is.
fn paper(page: &Gray) -> u8 {
    let mut counts = [0u32; 256];
    page.pixels.iter().step_by(37).for_each(|&v| counts[v as usize] += 1);
    (150..=255u8).max_by_key(|&v| counts[v as usize]).unwrap_or(255)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ROOM;
    use crate::curve::Curve;

    fn block(page: &mut Gray, x0: usize, x1: usize, y0: usize, y1: usize) {
        for y in y0..y1 {
            page.pixels[y * page.width + x0..y * page.width + x1].fill(0);
        }
    }

    /// Two lines 1.7 cores apart: an upper one with a subscript, a lower one with a mark, and a
    /// stroke that runs through both.
    fn page() -> (Gray, Vec<Placed>) {
        let mut page = Gray::filled(300, 120, 255);
        for x in (20..180).step_by(20) {
            block(&mut page, x, x + 12, 30, 50);
            block(&mut page, x, x + 12, 64, 84);
        }
        block(&mut page, 20, 32, 52, 59);
        block(&mut page, 60, 72, 55, 62);
        block(&mut page, 104, 108, 50, 64);
        let line = |y: f32| Placed {
            curve: Curve::straight(20.0, 180.0, y, 0.0),
            core: 20.0,
            trust: 1.0,
            room: ROOM,
        };
        // The subscript stands free of the letter below it.
        for y in 64..68 {
            page.pixels[y * 300 + 18..y * 300 + 34].fill(255);
        }
        (page, vec![line(40.0), line(74.0)])
    }

    #[test]
    fn each_line_keeps_what_hangs_on_it_and_loses_its_neighbours() {
        let (page, lines) = page();
        let owners = Owners::new(&page, &lines);
        let (mut upper, mut lower) = (page.clone(), page.clone());
        owners.clear(&mut upper, 0, 0, 0, &lines);
        owners.clear(&mut lower, 0, 0, 1, &lines);
        let at = |g: &Gray, x: usize, y: usize| g.pixels[y * 300 + x] == 0;
        assert!(at(&upper, 25, 57) && !at(&lower, 25, 57), "the subscript");
        assert!(!at(&upper, 65, 59) && at(&lower, 65, 59), "the mark");
        assert!(at(&upper, 45, 40) && !at(&lower, 45, 40), "a letter");
        assert!(at(&upper, 106, 51) && !at(&upper, 106, 63), "the bridge, above");
        assert!(at(&lower, 106, 63) && !at(&lower, 106, 51), "the bridge, below");
        assert!(!at(&upper, 106, 80));
    }
}
