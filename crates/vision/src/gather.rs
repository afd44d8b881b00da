//! Gather: from the finder's bands to the page's whole lines, and what parts them from each other.

use std::borrow::Cow;

use khocr_document::Rect;

use crate::assemble::{NEAR, ROOM, places};
use crate::bands::{Band, page_slope};
use crate::core::{Placed, place_all};
use crate::field::Field;
use crate::join::join;
use crate::lattice::{self, Lattice, lattices};
use crate::layout::{Grid, GridCell, Level};
use crate::look::Looked;
use crate::rules::{self, Rule, Rules};
use crate::{Gray, columns, erase, folios, rivers, strays, support, tables, ticks};

/// A table that rules draw takes up less than this share of one that the finder sees elsewhere.
const SHARED: f32 = 0.2;

/// Where the finder sees so many times the rows that rules draw, these draw no rows.
const MORE: f32 = 1.5;

/// So many rows that take up less than this share of a table's height are its head...
const HEAD: (usize, f32) = (2, 0.3);
/// ...where this share of them lies in it.
const WITHIN: f32 = 0.8;

/// Rules down beside a table no farther than this are its sides, in core heights...
const OUTER: f32 = 3.0;
/// ...and draw a column where they run along this share of its height...
const ALONG: f32 = 0.6;
/// ...with so many others at least, and in this share of the gutters that show in this share of its rows.
const WALLS: usize = 3;
const DRAWN: f32 = 0.8;
const SHOWS: f32 = 0.5;

/// What parts lines from each other.
pub(crate) struct Walls {
    /// Typical core height.
    pub(crate) core: f32,
    /// The rules drawn on the page.
    pub(crate) rules: Rules,
    /// The same, those down in pieces where the page leans, with the rivers between columns and the
    /// gutters of tables without rules.
    pub(crate) walls: Rules,
}

impl Walls {
    /// Those of a page that was looked at.
    pub(crate) fn of(looked: &Looked) -> Self {
        let core = looked.core().max(4.0);
        let level = Level::of_slope(page_slope(&looked.bands));
        let rules = rules::find(&looked.page, core, level.slope());
        let mut rules = rules.without_letters(&looked.page, &looked.bands, core);
        let field = Field::of(&looked.found, &level);
        if let Some(field) = &field {
            let stems = support::crossed(&level.rules(&rules).down, field, &looked.bands, &level);
            let mut stems = stems.into_iter();
            rules.down.retain(|_| !stems.next().unwrap_or(false));
        }
        let mut walls = rules.in_pieces(level.slope(), core);
        let page = erase::without_down(&looked.page, &rules);
        walls.down.extend(rivers::find(&page, &looked.bands));
        walls.down.extend(columns::gutters(&page, &looked.bands, &level, core));
        walls.down.extend(ticks::walls(&page, &looked.bands));
        let tables = tables(&looked.bands, &rules, field.as_ref(), &level, core);
        let grids = tables.seen.iter().map(|t| &t.grid).chain(&tables.ruled);
        walls.down.extend(lattice::walls(grids, &tables.worn_off, &level));
        Self { core, rules, walls }
    }

    /// The page without its rules down.
    pub(crate) fn page<'a>(&self, looked: &'a Looked) -> Cow<'a, Gray> {
        erase::without_down(&looked.page, &self.rules)
    }
}

/// The page's tables as far as they show before it is read, level pixels, top to bottom.
pub(crate) struct Tables {
    /// Those that rules draw.
    pub(crate) ruled: Vec<Grid>,
    /// Those that the finder sees elsewhere.
    pub(crate) seen: Vec<Lattice>,
    /// Rules down of the first that only the finder sees, a row each.
    worn_off: Vec<Rule>,
}

/// Those of a page with these bands and rules (page pixels), of which the finder sees what is in `field`.
pub(crate) fn tables(
    bands: &[Band],
    rules: &Rules,
    field: Option<&Field>,
    level: &Level,
    core: f32,
) -> Tables {
    let mut rules = level.rules(rules);
    let Some(field) = field else {
        let ruled = tables::ruled(&rules, core);
        return Tables { ruled, seen: Vec::new(), worn_off: Vec::new() };
    };
    rules = support::without_doubtful(rules, field, bands, level, core);
    let seen = lattices(field, core).into_iter();
    let mut seen: Vec<Lattice> = seen.map(|t| t.trimmed(bands, level, core)).collect();
    let mut ruled = tables::ruled(&rules, core);
    let worn_off = support::worn_off(&ruled, &seen, &rules, core);
    if !worn_off.is_empty() {
        rules.down.extend(&worn_off);
        ruled = tables::ruled(&rules, core);
    }
    let with_rows = |r: &Grid| {
        let more = |s: &&Lattice| s.grid.rows as f32 >= MORE * r.rows as f32;
        let table = seen.iter().filter(more).find(|s| s.is_one_with(&r.rect));
        table.map(|s| s.with_columns_of(r))
    };
    let rowed: Vec<Lattice> = ruled.iter().filter_map(with_rows).collect();
    let rows = support::worn_off_across(&ruled, &seen, &rules, bands, level, core);
    if !rows.is_empty() {
        rules.across.extend(rows);
        ruled = tables::ruled(&rules, core);
    }
    ruled.retain(|r| !rowed.iter().any(|t| t.is_one_with(&r.rect)));
    let area = |r: &Rect| r.width() * r.height();
    // Nor do those around the head alone.
    let is_head = |r: &Grid| {
        r.rows <= HEAD.0
            && seen.iter().any(|s| {
                let own = s.grid.rect;
                own.overlap(&r.rect) > WITHIN * area(&r.rect)
                    && r.rect.height() < HEAD.1 * own.height()
                    && s.grid.rows as f32 >= MORE * r.rows as f32
            })
    };
    ruled.retain(|r| !is_head(r));
    seen.retain(|s| {
        let shared =
            |r: &Grid| r.rect.overlap(&s.grid.rect) / area(&s.grid.rect).min(area(&r.rect));
        ruled.iter().chain(rowed.iter().map(|r| &r.grid)).all(|r| shared(r) < SHARED)
    });
    for table in &mut seen {
        if let Some(walls) = fenced(table, &rules.down, bands, level, core) {
            *table = table.with_columns_of(&walls);
        }
    }
    seen.extend(rowed);
    Tables { ruled, seen, worn_off }
}

/// The columns that rules down draw in a table which no rules across close: those that run along most of it, as
/// long as they stand in most of the gutters that the finder sees.
fn fenced(
    table: &Lattice,
    down: &[Rule],
    bands: &[Band],
    level: &Level,
    core: f32,
) -> Option<Grid> {
    let rect = table.grid.rect;
    let near = |r: &&Rule| {
        r.from < rect.y1
            && rect.y0 < r.to
            && (rect.x0 - OUTER * core..rect.x1 + OUTER * core).contains(&r.at)
    };
    let near: Vec<Rule> = down.iter().filter(near).copied().collect();
    let mut xs = places(&near, NEAR * core);
    xs.retain(|&x| support::drawn(&near, (x, x), &(rect.y0..rect.y1), core) > ALONG);
    let is_drawn =
        |((from, to), _): &((f32, f32), f32)| xs.iter().any(|x| *x > from - core && *x < to + core);
    let gutters = table.gutters(SHOWS);
    let drawn = gutters.iter().filter(|g| is_drawn(g)).count() as f32;
    if xs.len() < WALLS || drawn < DRAWN * gutters.len() as f32 {
        return None;
    }
    // Cells that span columns interrupt a wall.
    let others: Vec<f32> = gutters.iter().filter(|g| !is_drawn(g)).map(|g| g.1).collect();
    xs.extend(others);
    xs.sort_by(f32::total_cmp);
    // Its sides need no rules where something stands there.
    let holds = |from: f32, to: f32| {
        bands.iter().any(|b| {
            let middle = f32::midpoint(b.curve.from, b.curve.to);
            let (x, y) = level.level(middle, b.curve.at(middle));
            (from..to).contains(&x) && (rect.y0..rect.y1).contains(&y)
        })
    };
    let last = xs[xs.len() - 1];
    if xs[0] > rect.x0 + ROOM * core && holds(rect.x0, xs[0]) {
        xs.insert(0, rect.x0);
    }
    if last < rect.x1 - ROOM * core && holds(last, rect.x1) {
        xs.push(rect.x1);
    }
    let cell = |(column, x): (usize, &[f32])| GridCell {
        row: 0,
        column,
        row_span: 1,
        column_span: 1,
        rect: Rect { x0: x[0], x1: x[1], ..rect },
        lines: Vec::new(),
    };
    let cells: Vec<GridCell> = xs.windows(2).enumerate().map(cell).collect();
    let rect = Rect { x0: xs[0], x1: xs[xs.len() - 1], ..rect };
    Some(Grid { rect, rows: 1, columns: cells.len(), cells })
}

/// The finder's bands joined, their ends drawn in and out to their ink, and lone page numbers added.
pub(crate) fn whole_lines(looked: &Looked, page: &Gray, rules: &Rules, core: f32) -> Vec<Band> {
    let mut bands = join(looked.bands.clone(), rules);
    // What was parted and joined again is better known whole.
    for band in &mut bands {
        let (from, to) = (band.curve.from, band.curve.to);
        let middle = (from + to) / 2.0;
        let y = band.curve.at(middle);
        let same = |b: &&Band| {
            (b.curve.from - from).abs() < 1.0
                && (b.curve.to - to).abs() < 1.0
                && (b.curve.at(middle) - y).abs() < 0.4 * b.core
        };
        if let Some(whole) = looked.bands.iter().find(same) {
            *band = whole.clone();
        }
    }
    strays::draw_in(page, &mut bands, rules);
    strays::draw_out(page, &mut bands, rules);
    let numbers = folios::find(page, &bands, core);
    bands.extend(numbers);
    bands
}

/// The bands with their cores and the room of their crops.
pub(crate) fn placed(page: &Gray, bands: &[Band], rules: &Rules) -> Vec<Placed> {
    let mut out = place_all(page, bands);
    for (line, room) in out.iter_mut().zip(strays::rooms(bands, rules)) {
        line.room = room;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::{Found, Maps};

    /// What a finder sees of a table of eight rows and two columns, 40 to 360 px across and down.
    fn field() -> Field {
        let (width, height) = (100, 100);
        let mut maps = Maps { width, height, ..Maps::default() };
        maps.gutters = vec![0.0; width * height];
        maps.partings = vec![0.0; width * height];
        for y in 10..90 {
            for x in 10..90 {
                let at = y * width + x;
                maps.gutters[at] = if (48..52).contains(&x) { 0.9 } else { 0.0 };
                maps.partings[at] = if y % 10 > 7 && y < 88 { 0.9 } else { 0.0 };
            }
        }
        Field::of(&Found { maps, cell: 4.0 }, &Level::of_slope(0.0)).unwrap()
    }

    fn rule(from: f32, to: f32, at: f32) -> Rule {
        Rule { from, to, at, thick: 1.0 }
    }

    #[test]
    fn rules_down_alone_draw_columns_that_the_finder_does_not_see() {
        let line = |from: f32, to: f32| {
            let curve = crate::curve::Curve::straight(from, to, 100.0, 0.0);
            Band { curve, core: 10.0, score: 1.0, points: Vec::new() }
        };
        let seen = |xs: &[f32], to: f32| {
            let down = xs.iter().map(|x| rule(40.0, to, *x)).collect();
            let rules = Rules { across: Vec::new(), down };
            let (bands, level) = ([line(300.0, 350.0)], Level::of_slope(0.0));
            let found = tables(&bands, &rules, Some(&field()), &level, 10.0);
            found.seen.iter().map(|s| (s.grid.rows, s.grid.columns)).collect::<Vec<_>>()
        };
        assert_eq!(seen(&[40.0, 200.0, 280.0, 360.0], 360.0), [(8, 3)]);
        assert_eq!(seen(&[200.0, 240.0, 280.0], 360.0), [(8, 3)], "a side needs none");
        assert_eq!(seen(&[40.0, 200.0, 280.0, 360.0], 120.0), [(8, 2)], "short");
        assert_eq!(seen(&[40.0, 280.0, 360.0], 360.0), [(8, 2)], "none in the gutter");
    }

    #[test]
    fn rules_around_the_head_alone_leave_the_table_as_it_is_seen() {
        let (level, field) = (Level::of_slope(0.0), field());
        let rules = |foot: f32| Rules {
            across: [40.0, foot].map(|y| rule(40.0, 360.0, y)).to_vec(),
            down: [40.0, 200.0, 360.0].map(|x| rule(40.0, foot, x)).to_vec(),
        };
        let found = |foot: f32| {
            let found = tables(&[], &rules(foot), Some(&field), &level, 10.0);
            let rows = |g: &Grid| (g.rows, g.columns);
            let seen: Vec<_> = found.seen.iter().map(|s| rows(&s.grid)).collect();
            (found.ruled.iter().map(rows).collect::<Vec<_>>(), seen)
        };
        assert_eq!(found(76.0), (vec![], vec![(8, 2)]));
        assert_eq!(found(200.0), (vec![(4, 2)], vec![]), "half of the table");
    }
}
