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

/// Least length of a rule that parts two columns, in core heights: the axis of a chart is shorter.
const LONG: f32 = 20.0;

/// So many rows further down tell which gap of a row is the gutter.
const AHEAD: usize = 4;

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

    /// Both as one, where they share enough of a gutter and the rows between them keep to its sides.
    pub(crate) fn with(
        &self,
        below: &Self,
        items: &[Item],
        rows: &[Row],
        core: f32,
    ) -> Option<Self> {
        let shared = (self.x0.max(below.x0), self.x1.min(below.x1));
        if shared.1 - shared.0 < NARROW * core {
            return None;
        }
        let mut between = rows[self.to..below.from].iter();
        let gutter = between.try_fold(shared, |g, row| widest(items, row, g, core))?;
        let both = self.both + below.both;
        Some(Self { from: self.from, to: below.to, x0: gutter.0, x1: gutter.1, both })
    }

    /// How many rows of one column stand beside another: where the two do not stand level, each line of
    /// either is a row of its own.
    fn standing(&self) -> usize {
        (self.both + self.to - self.from) / 2
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
            *wide || z.standing() >= CLOSE.1 && is_prose(items, &rows[z.from..z.to], z.middle())
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
        let ends = |r: &Rule| {
            let far = crosses(r, cur.x0, cur.x1, core) || spans(items, r, &rows[start.from], core);
            above < r.at && r.at < below && far
        };
        if start.from == 0 && j <= HEAD && rules.across.iter().any(ends) {
            break;
        }
        let jump = below - above;
        let next = &rows[j + 1..rows.len().min(j + 1 + AHEAD)];
        // The gutter itself goes on below; a wide gap within a line does not.
        let Some((both, x0, x1)) = narrowed(items, row, (cur.x0, cur.x1), core)
            .into_iter()
            .map(|gap| (lasts(items, next, (gap.1, gap.2), core), gap))
            .max_by(|(n, a), (m, b)| n.cmp(m).then(wider(a, b)))
            .map(|(_, gap)| gap)
        else {
            break;
        };
        cur = Zone { to: j + 1, x0, x1, both: cur.both + usize::from(both), ..cur };
        // A one-sided row ends the zone unless it follows its column closely, or a rule parts it from the other.
        let beyond = zone.to < j;
        let parts = |r: &Rule| {
            r.length() > LONG * core
                && (x0 - NARROW * core..x1 + NARROW * core).contains(&r.at)
                && r.from < above
                && below < r.to
        };
        let follows = both || jump < near || rules.down.iter().any(parts);
        if !beyond && follows || goes_on(items, rows, &zone, row) {
            zone = cur;
        } else if !beyond && zone.standing() < CLOSE.1 {
            break;
        }
    }
    zone
}

/// Whether a row has items on both sides of a gap, and from where to where that is.
type Gap = (bool, f32, f32);

fn wider(a: &Gap, b: &Gap) -> std::cmp::Ordering {
    (a.2 - a.1).total_cmp(&(b.2 - b.1))
}

/// What a row leaves free of a gutter.
fn narrowed(items: &[Item], row: &[usize], gutter: (f32, f32), core: f32) -> Vec<Gap> {
    let all = around(items, row.iter().copied());
    let inner = inner_gaps(items, row).into_iter().map(|g| (true, g.0, g.1));
    inner
        .chain([(false, f32::MIN, all.x0), (false, all.x1, f32::MAX)])
        .map(|(both, x0, x1)| (both, x0.max(gutter.0), x1.min(gutter.1)))
        .filter(|(_, x0, x1)| x1 - x0 >= NARROW * core)
        .collect()
}

/// The widest part of a gutter that a row leaves free.
fn widest(items: &[Item], row: &[usize], gutter: (f32, f32), core: f32) -> Option<(f32, f32)> {
    let gaps = narrowed(items, row, gutter, core);
    gaps.into_iter().max_by(wider).map(|(_, x0, x1)| (x0, x1))
}

/// Through how many of the next rows a gutter goes on.
fn lasts(items: &[Item], next: &[Row], gutter: (f32, f32), core: f32) -> usize {
    let through = next.iter().scan(gutter, |gutter, row| {
        *gutter = widest(items, row, *gutter, core)?;
        Some(())
    });
    through.count()
}

/// Whether a row some way below two columns of text carries one of them on.
fn goes_on(items: &[Item], rows: &[Row], zone: &Zone, row: &[usize]) -> bool {
    let middle = zone.middle();
    let inside = &rows[zone.from..zone.to];
    if zone.standing() < CLOSE.1 || !is_prose(items, inside, middle) {
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

/// Whether a rule is as wide as a row.
fn spans(items: &[Item], rule: &Rule, row: &[usize], core: f32) -> bool {
    let all = around(items, row.iter().copied());
    rule.from < all.x0 + core && rule.to > all.x1 - core
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;
    use crate::order::rows;

    fn zone(items: &[Item], at: usize, rules: &Rules) -> Option<(usize, usize)> {
        let rows = rows(items, (0..items.len()).collect());
        zone_from(items, &rows, at, rules).map(|z| (z.from, z.to))
    }

    #[test]
    fn a_wide_gap_within_a_line_is_not_the_gutter() {
        let mut items: Vec<Item> = (0..16).map(|i| item(0.0, 220.0, 25.0 * i as f32)).collect();
        // A list that stands in, then text whose first line has a gap as wide as the list stands in.
        items.extend((0..8).map(|i| item(310.0, 480.0, 25.0 * i as f32)));
        items.extend([item(245.0, 265.0, 200.0), item(305.0, 480.0, 200.0)]);
        items.extend((9..16).map(|i| item(245.0, 480.0, 25.0 * i as f32)));
        assert_eq!(zone(&items, 0, &Rules::default()), Some((0, 16)));
    }

    #[test]
    fn columns_go_on_below_a_gap_beside_a_rule_between_them() {
        let mut items = Vec::new();
        for i in 0..3 {
            items.push(item(0.0, 220.0, 25.0 * i as f32));
            items.push(item(260.0, 480.0, 25.0 * i as f32));
        }
        items.extend((0..8).map(|i| item(0.0, 220.0, 140.0 + 25.0 * i as f32)));
        let rule = |from: f32, to: f32| Rule { from, to, at: 240.0, thick: 2.0 };
        let rules = |r: Rule| Rules { across: Vec::new(), down: vec![r] };
        assert_eq!(zone(&items, 0, &Rules::default()), Some((0, 3)));
        assert_eq!(zone(&items, 0, &rules(rule(-20.0, 340.0))), Some((0, 11)));
        assert_eq!(zone(&items, 0, &rules(rule(40.0, 150.0))), Some((0, 3)), "the axis of a chart");
    }

    #[test]
    fn a_rule_as_wide_as_a_running_head_of_short_ends_parts_it_from_columns() {
        let mut items = vec![item(0.0, 25.0, 0.0), item(455.0, 480.0, 0.0)];
        for i in 0..8 {
            items.push(item(0.0, 220.0, 50.0 + 25.0 * i as f32));
            items.push(item(260.0, 480.0, 50.0 + 25.0 * i as f32));
        }
        let rule = |from: f32, to: f32| Rules {
            across: vec![Rule { from, to, at: 12.0, thick: 2.0 }],
            down: Vec::new(),
        };
        assert_eq!(zone(&items, 0, &Rules::default()), Some((0, 9)));
        assert_eq!(zone(&items, 0, &rule(0.0, 480.0)), Some((0, 1)));
        assert_eq!(zone(&items, 0, &rule(0.0, 200.0)), Some((0, 9)), "of one column alone");
    }

    #[test]
    fn columns_above_a_picture_are_those_below_it() {
        let mut items = Vec::new();
        for i in (0..4).chain(9..20) {
            items.push(item(0.0, 220.0, 25.0 * i as f32));
            items.push(item(260.0, 480.0, 25.0 * i as f32 + 8.0));
        }
        // Only the left one's next line follows the picture.
        items.push(item(0.0, 220.0, 200.0));
        let rows = rows(&items, (0..items.len()).collect());
        let zone = |at: usize| zone_from(&items, &rows, at, &Rules::default());
        let (above, below) = (zone(0).unwrap(), zone(9).unwrap());
        assert_eq!((above.to, below.from), (8, 9));
        let whole = above.with(&below, &items, &rows, 10.0).unwrap();
        assert_eq!((whole.from, whole.to), (0, rows.len()));
        let aside = Zone { x0: 100.0, x1: 120.0, ..below };
        assert!(above.with(&aside, &items, &rows, 10.0).is_none());
    }
}
