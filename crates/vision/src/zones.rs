//! Zones: rows that share a gutter, and how far down they do.

use khocr_document::Rect;

use crate::layout::{Item, Row, around, median};
use crate::order::base;
use crate::prose::is_prose;
use crate::rules::{Rule, Rules};

/// Narrowest gutter, in core heights.
const GUTTER: f32 = 1.5;

/// A gutter may narrow to this where a line runs into it.
const NARROW: f32 = 0.3;

/// Narrowest gutter between two columns of text that stand side by side for so many rows.
const CLOSE: (f32, usize) = (0.5, 6);

/// How far rows of text set normally are apart, in core heights, and how far at most.
const NORMAL: f32 = 2.3;
const JUMP: f32 = 5.0;

/// A one-sided row that follows within so many of these belongs to its column.
const FOLLOWS: f32 = 1.4;

/// Farther below, it belongs to its column where that is one of text and it takes up this share of its
/// width.
const FILLS: f32 = 0.7;

/// Farthest from a row to one beside it in the next column of text, in core heights.
const STAGGERED: f32 = 2.2;

/// A rule that goes so far beyond both sides of a gutter, in core heights, ends it below so many first rows: those
/// are a running head.
const ACROSS: f32 = 4.0;
const HEAD: usize = 2;

/// A gutter `x0..x1` shared by the rows `from..to`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Zone {
    /// Its first row.
    pub(crate) from: usize,
    /// The row past its last.
    pub(crate) to: usize,
    /// Its left side.
    pub(crate) x0: f32,
    /// Its right side.
    pub(crate) x1: f32,
    /// Rows with items on both sides of it.
    pub(crate) both: usize,
}

impl Zone {
    /// The middle of it.
    pub(crate) fn middle(&self) -> f32 {
        f32::midpoint(self.x0, self.x1)
    }
}

/// The longest zone that begins at row `at`, which must show the gutter itself, alone or with the
/// next row.
pub(crate) fn zone_from(items: &[Item], rows: &[Row], at: usize, rules: &Rules) -> Option<Zone> {
    let core = median(rows[at].iter().map(|&i| items[i].core).collect());
    let mut starts: Vec<(f32, f32, bool)> = inner_gaps(items, &rows[at])
        .into_iter()
        .map(|(a, b)| (a, b, b - a >= GUTTER * core))
        .collect();
    if let Some(next) = rows.get(at + 1) {
        let (a, b) = (around(items, rows[at].clone()), around(items, next.clone()));
        let (x0, x1) = if a.x0 < b.x0 { (a.x1, b.x0) } else { (b.x1, a.x0) };
        let below = base(items, next) - base(items, &rows[at]);
        if below < STAGGERED * core {
            starts.push((x0, x1, below < 1.3 * core && x1 - x0 >= GUTTER * core));
        }
    }
    starts
        .into_iter()
        .filter(|(x0, x1, _)| x1 - x0 >= CLOSE.0 * core)
        .map(|(x0, x1, wide)| {
            let zone = Zone { from: at, to: at + 1, x0, x1, both: 1 };
            (wide, extend(items, rows, zone, core, rules))
        })
        .filter(|(wide, z)| {
            // Columns that do not stand level have two rows where others have one.
            let long = z.both + (z.to - z.from) >= 2 * CLOSE.1;
            *wide || long && is_prose(items, &rows[z.from..z.to], z.middle())
        })
        .map(|(_, zone)| zone)
        .max_by_key(|z| (z.both, z.to))
}

fn extend(items: &[Item], rows: &[Row], start: Zone, core: f32, rules: &Rules) -> Zone {
    let mut zone = start;
    let mut cur = start;
    let near = FOLLOWS * pitch(items, &rows[start.from..], core);
    for (j, row) in rows.iter().enumerate().skip(start.from + 1) {
        let (above, below) = (base(items, &rows[j - 1]), base(items, row));
        let ends = |r: &Rule| above < r.at && r.at < below && crosses(r, cur.x0, cur.x1, core);
        if start.from == 0 && j <= HEAD && rules.across.iter().any(ends) {
            break;
        }
        let jump = below - above;
        let mut free = inner_gaps(items, row);
        let all = around(items, row.iter().copied());
        let inner = free.len();
        free.push((f32::MIN, all.x0));
        free.push((all.x1, f32::MAX));
        let best = free
            .iter()
            .enumerate()
            .map(|(k, g)| (k < inner, g.0.max(cur.x0), g.1.min(cur.x1)))
            .max_by(|a, b| (a.2 - a.1).total_cmp(&(b.2 - b.1)));
        let Some((both, x0, x1)) = best.filter(|b| b.2 - b.1 >= NARROW * core) else { break };
        cur = Zone { to: j + 1, x0, x1, both: cur.both + usize::from(both), ..cur };
        // A one-sided row ends the zone unless it follows its column closely.
        let beyond = zone.to < j;
        if !beyond && (both || jump < near) || goes_on(items, rows, &zone, row) {
            zone = cur;
        } else if !beyond && zone.both < CLOSE.1 {
            break;
        }
    }
    zone
}

/// Whether a row some way below two columns of text carries one of them on.
fn goes_on(items: &[Item], rows: &[Row], zone: &Zone, row: &[usize]) -> bool {
    let middle = zone.middle();
    let inside = &rows[zone.from..zone.to];
    if zone.both < CLOSE.1 || !is_prose(items, inside, middle) {
        return false;
    }
    let side = |row: &[usize], left: bool| {
        let own = row.iter().copied().filter(|&i| (centre(&items[i].rect) < middle) == left);
        around(items, own).width()
    };
    [true, false].into_iter().any(|left| {
        let widest = inside.iter().map(|r| side(r, left)).fold(0.0, f32::max);
        side(row, left) > FILLS * widest
    })
}

/// How far the rows of a column are set apart, at least that of text set normally.
fn pitch(items: &[Item], rows: &[Row], core: f32) -> f32 {
    let jumps = rows.windows(2).map(|w| base(items, &w[1]) - base(items, &w[0]));
    median(jumps.filter(|j| *j > 1.2 * core && *j < JUMP * core).collect()).max(NORMAL * core)
}

/// The gaps between a row's items.
fn inner_gaps(items: &[Item], row: &[usize]) -> Vec<(f32, f32)> {
    row.windows(2)
        .map(|w| (items[w[0]].rect.x1, items[w[1]].rect.x0))
        .filter(|g| g.1 > g.0)
        .collect()
}

/// Whether a rule runs far beyond both sides of a gutter `x0..x1`, as below a running head.
fn crosses(rule: &Rule, x0: f32, x1: f32, core: f32) -> bool {
    rule.from < x0 - ACROSS * core && rule.to > x1 + ACROSS * core
}

/// Whether a rule below the first few items, a running head, runs far beyond both sides of a gutter there.
pub(crate) fn is_ruled_across(items: &[Item], indices: &[usize], x: f32, rules: &Rules) -> bool {
    let inside = around(items, indices.iter().copied());
    let core = median(indices.iter().map(|&i| items[i].core).collect());
    let across = |r: &Rule| crosses(r, x, x, core);
    let above = |r: &Rule| indices.iter().filter(|&&i| items[i].base < r.at).count();
    rules.across.iter().any(|r| across(r) && r.at < inside.y1 && (1..=2 * HEAD).contains(&above(r)))
}

/// The middle of a box from left to right.
pub(crate) fn centre(rect: &Rect) -> f32 {
    f32::midpoint(rect.x0, rect.x1)
}
