//! Lattice: tables as the finder sees them, ruled or not, from its maps of what parts columns and
//! what parts rows.

use std::ops::Range;

use khocr_document::Rect;

use crate::aligned::{Column, join_unshared};
use crate::bands::Band;
use crate::divide::Profile;
use crate::field::Field;
use crate::fill::{divided, grid};
use crate::layout::{Grid, GridCell, Item, Level, Row};
use crate::order::{base, rows};
use crate::outer;
use crate::rules::{Rule, Rules};
use crate::tables::cell_of;

/// Share of a table's width along which a parting shows.
const ROW: f32 = 0.4;
/// Share of its rows in which a gutter shows.
const COLUMN: f32 = 0.3;
/// Share of a row's height along which it does.
const WALL: f32 = 0.5;
/// A rule across where a parting is less likely than this parts no rows.
const DRAWN: f32 = 0.25;
/// Share of a ruled table's width and height that the finder sees.
const WHOLE: f32 = 0.6;
/// How far a table reaches beyond the feet of its last and the heads of its first row, in core
/// heights.
const EDGE: f32 = 0.7;

/// A line crosses a gutter that it goes on beyond by so much on both sides, in core heights...
const BEYOND: f32 = 0.8;
/// ...and lines stand level that are nearer than this.
const SAME: f32 = 0.7;
/// Text of the first and the last column may reach so far beyond what the finder saw, in core heights.
const OUTER: f32 = 2.0;
/// Fewer rows of lines are no table.
const LINES: usize = 3;

/// Where a line lies, level: the height of its middle, and its ends.
struct Place {
    y: f32,
    from: f32,
    to: f32,
}

impl Place {
    fn of(band: &Band, level: &Level) -> Self {
        let at = |x: f32| level.level(x, band.curve.at(x));
        let middle = f32::midpoint(band.curve.from, band.curve.to);
        Self { y: at(middle).1, from: at(band.curve.from).0, to: at(band.curve.to).0 }
    }
}

/// A table that the finder sees.
#[derive(Clone, Debug)]
pub(crate) struct Lattice {
    /// Its cells as far as the maps tell, level pixels.
    pub(crate) grid: Grid,
    /// Whether rules draw its columns, empty ones too.
    drawn: bool,
    /// From where to where each gutter shows, left to right.
    strips: Vec<(f32, f32)>,
    /// From where to where each parting shows, top to bottom.
    lanes: Vec<(f32, f32)>,
    /// How likely a parting runs along each step from the table's top down.
    partings: Vec<f32>,
    /// Level place of the first step, and its height.
    steps: (f32, f32),
    /// How surely a gutter shows along it.
    profile: Profile,
}

impl Field {
    /// The table that such a piece parts, if it has two rows and two columns.
    fn lattice(&self, xs: &Range<usize>, ys: &Range<usize>, core: f32) -> Option<Lattice> {
        let parts: Vec<f32> =
            ys.clone().map(|y| self.share(&self.partings, xs.clone(), y..y + 1)).collect();
        let lanes = runs(&parts, ROW);
        let partings: Vec<f32> =
            lanes.iter().map(|r| middle(&parts, r) + ys.start as f32).collect();
        let mut ends = vec![ys.start as f32];
        ends.extend(&partings);
        ends.push(ys.end as f32);
        let rows: Vec<Range<usize>> = ends
            .windows(2)
            .map(|w| w[0].round() as usize..(w[1].round() as usize).max(w[0].round() as usize + 1))
            .collect();
        let wall = |row: &Range<usize>, x: usize| {
            self.share(&self.gutters, x..x + 1, row.start..row.end.min(self.height)) >= WALL
        };
        let walls: Vec<Vec<bool>> =
            rows.iter().map(|r| xs.clone().map(|x| wall(r, x)).collect()).collect();
        let often: Vec<f32> = (0..xs.len())
            .map(|x| walls.iter().filter(|w| w[x]).count() as f32 / rows.len() as f32)
            .collect();
        let gutters = runs(&often, COLUMN);
        if rows.len() < 2 || gutters.is_empty() {
            return None;
        }
        let edge = EDGE * core;
        let mut at_x = vec![self.x(xs.start as f32) - edge];
        at_x.extend(gutters.iter().map(|g| self.x(middle(&often, g) + xs.start as f32)));
        at_x.push(self.x(xs.end as f32) + edge);
        let mut at_y: Vec<f32> = ends.iter().map(|y| self.y(*y)).collect();
        at_y[0] -= edge;
        at_y[rows.len()] += edge;
        let columns = gutters.len() + 1;
        let mut cells = Vec::new();
        for (row, walls) in walls.iter().enumerate() {
            let mut column = 0;
            while column < columns {
                let open = |g: &&Range<usize>| !walls[(*g).clone()].iter().any(|w| *w);
                let end = column + 1 + gutters[column..].iter().take_while(open).count();
                cells.push(GridCell {
                    row,
                    column,
                    row_span: 1,
                    column_span: end - column,
                    rect: Rect::new(at_x[column], at_y[row], at_x[end], at_y[row + 1]),
                    lines: Vec::new(),
                });
                column = end;
            }
        }
        let rect = Rect::new(at_x[0], at_y[0], at_x[columns], at_y[rows.len()]);
        let grid = Grid { rect, rows: rows.len(), columns, cells };
        let side = |x: usize| self.x((x + xs.start) as f32);
        let strips = gutters.iter().map(|g| (side(g.start), side(g.end))).collect();
        let height = |y: usize| self.y((y + ys.start) as f32);
        let lanes = lanes.iter().map(|l| (height(l.start), height(l.end))).collect();
        let steps = (height(0), self.cell);
        let profile = Profile::of(self, xs, ys);
        Some(Lattice { grid, drawn: false, strips, lanes, partings: parts, steps, profile })
    }
}

/// The stretches of values that are at least so much.
fn runs(values: &[f32], least: f32) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for (i, value) in values.iter().enumerate() {
        match out.last_mut() {
            _ if *value < least => {}
            Some(last) if last.end == i => last.end += 1,
            _ => out.push(i..i + 1),
        }
    }
    out
}

/// The middle of a stretch's weight.
fn middle(values: &[f32], run: &Range<usize>) -> f32 {
    let (mut sum, mut moment) = (0.0, 0.0);
    for i in run.clone() {
        sum += values[i];
        moment += values[i] * (i as f32 + 0.5);
    }
    moment / sum.max(1e-6)
}

/// Whether `own` takes up most of the width and of the height of `other`.
fn takes_up(own: &Rect, other: &Rect) -> bool {
    let along = |a: f32, b: f32, c: f32, d: f32| (b.min(d) - a.max(c)) / (b - a);
    along(other.x0, other.x1, own.x0, own.x1) >= WHOLE
        && along(other.y0, other.y1, own.y0, own.y1) >= WHOLE
}

/// The tables that the maps show, cells without text yet.
pub(crate) fn lattices(field: &Field, core: f32) -> Vec<Lattice> {
    let pieces = field.pieces();
    pieces.iter().filter_map(|(xs, ys)| field.lattice(xs, ys, core)).collect()
}

/// Those of the tables that are some once it is known what stands in them, with what stands beside them
/// in columns; of the items, none that are in `ruled` tables.
pub(crate) fn filled(
    seen: &[Lattice],
    ruled: &[Grid],
    items: &[Item],
    rules: &Rules,
    core: f32,
) -> Vec<Grid> {
    let tables: Vec<&Lattice> =
        seen.iter().filter(|t| t.filled(items, &[], rules, core).is_some()).collect();
    let is_free = |i: &usize| {
        let mut all = ruled.iter().chain(tables.iter().map(|t| &t.grid));
        all.all(|g| cell_of(g, &items[*i]).is_none())
    };
    let free: Vec<usize> = (0..items.len()).filter(is_free).collect();
    tables.iter().filter_map(|t| t.filled(items, &free, rules, core)).collect()
}

impl Lattice {
    /// Whether it takes up most of such a table's width and height.
    pub(crate) fn covers(&self, rect: &Rect) -> bool {
        takes_up(&self.grid.rect, rect)
    }

    /// Whether either takes up most of the other.
    pub(crate) fn is_one_with(&self, rect: &Rect) -> bool {
        takes_up(&self.grid.rect, rect) && takes_up(rect, &self.grid.rect)
    }

    /// This table with the columns that rules draw: those of `ruled`, which shows too few rows.
    pub(crate) fn with_columns_of(&self, ruled: &Grid) -> Self {
        let xs = ruled.column_edges();
        let columns = xs.len() - 1;
        let rows: Vec<&GridCell> = self.grid.cells.iter().filter(|c| c.column == 0).collect();
        let cell = |row: &GridCell, column: usize| GridCell {
            column,
            column_span: 1,
            rect: Rect { x0: xs[column], x1: xs[column + 1], ..row.rect },
            ..row.clone()
        };
        let cells = rows.iter().flat_map(|r| (0..columns).map(|c| cell(r, c))).collect();
        let rect = Rect { x0: xs[0], x1: xs[columns], ..self.grid.rect };
        let grid = Grid { rect, rows: self.grid.rows, columns, cells };
        let strips = xs[1..columns].iter().map(|x| (*x, *x)).collect();
        Self { grid, drawn: true, strips, ..self.clone() }
    }

    /// The table without the lines of text just above and below it: lone ones that go on across a gutter.
    pub(crate) fn trimmed(mut self, bands: &[Band], level: &Level, core: f32) -> Self {
        let rect = self.grid.rect;
        let mut lines: Vec<Place> = bands.iter().map(|b| Place::of(b, level)).collect();
        lines.retain(|l| l.y > rect.y0 && l.y < rect.y1 && l.to > rect.x0 && l.from < rect.x1);
        lines.sort_by(|a, b| a.y.total_cmp(&b.y));
        let mut rows: Vec<&[Place]> = lines.chunk_by(|a, b| b.y - a.y < SAME * core).collect();
        let crosses = |row: &[Place]| {
            let beyond = BEYOND * core;
            let over = |s: &(f32, f32)| row[0].from < s.0 - beyond && row[0].to > s.1 + beyond;
            row.len() == 1 && self.strips.iter().any(over)
        };
        let (mut top, mut foot) = (rect.y0, rect.y1);
        while let [first, next, ..] = rows[..]
            && rows.len() > LINES
            && crosses(first)
        {
            top = f32::midpoint(first[0].y, next[0].y);
            rows.remove(0);
        }
        while let [.., before, last] = rows[..]
            && rows.len() > LINES
            && crosses(last)
        {
            foot = f32::midpoint(before[0].y, last[0].y);
            rows.pop();
        }
        self.clip(top, foot);
        self
    }

    /// Leaves what lies between two heights.
    fn clip(&mut self, top: f32, foot: f32) {
        let grid = &mut self.grid;
        if (top, foot) == (grid.rect.y0, grid.rect.y1) {
            return;
        }
        let gone = grid.cells.iter().filter(|c| c.rect.y1 <= top).map(|c| c.row + 1).max();
        let before = gone.unwrap_or(0);
        grid.cells.retain(|c| c.rect.y1 > top && c.rect.y0 < foot);
        for cell in &mut grid.cells {
            cell.row -= before;
            cell.rect.y0 = cell.rect.y0.max(top);
            cell.rect.y1 = cell.rect.y1.min(foot);
        }
        (grid.rect.y0, grid.rect.y1) = (top, foot);
        grid.rows = grid.cells.iter().map(|c| c.row + 1).max().unwrap_or(0);
        self.lanes.retain(|l| l.1 > top && l.0 < foot);
    }

    /// How likely a parting runs between two heights.
    fn chance(&self, from: f32, to: f32) -> f32 {
        let step = |y: f32| ((y - self.steps.0) / self.steps.1).max(0.0) as usize;
        let last = step(to).min(self.partings.len().saturating_sub(1));
        (step(from)..=last).map(|i| self.partings[i]).fold(0.0, f32::max)
    }

    /// Its gutters that show in this share of its rows: from where to where, and the middle.
    pub(crate) fn gutters(&self, share: f32) -> Vec<((f32, f32), f32)> {
        let begins = |c: usize| self.grid.cells.iter().filter(move |g| g.column == c);
        (1..self.grid.columns)
            .filter(|&c| begins(c).count() as f32 >= share * self.grid.rows as f32)
            .filter_map(|c| begins(c).next().map(|g| (self.strips[c - 1], g.rect.x0)))
            .collect()
    }

    /// Its partings that show along this share of its width: from where to where.
    pub(crate) fn lanes(&self, share: f32) -> impl Iterator<Item = (f32, f32)> {
        self.lanes.iter().copied().filter(move |l| self.chance(l.0, l.1) >= share)
    }

    /// The gutter there as rules down, a row each.
    pub(crate) fn pieces(&self, x: f32) -> impl Iterator<Item = Rule> {
        let beside = self.grid.cells.iter().filter(move |c| (c.rect.x0 - x).abs() < 0.1);
        beside.map(move |c| Rule { from: c.rect.y0, to: c.rect.y1, at: x, thick: 1.0 })
    }

    /// The table once it is known what stands in it, `None` where that is no table: without columns
    /// in which nothing stands, its lines put together into rows by all that tells.
    /// Columns may stand beside it of items that are `free`.
    fn filled(&self, items: &[Item], free: &[usize], rules: &Rules, core: f32) -> Option<Grid> {
        let mut inside: Vec<usize> =
            (0..items.len()).filter(|&i| cell_of(&self.grid, &items[i]).is_some()).collect();
        let beside =
            outer::columns(items, &rows(items, inside.clone()), free, &self.grid.rect, core);
        inside.extend(beside.iter().flat_map(|(_, own)| own));
        let mut rows = rows(items, inside);
        let xs = self.grid.column_edges();
        let mut columns: Vec<Column> = Vec::new();
        for (c, side) in xs.windows(2).enumerate() {
            // What the finder saw may end within the first and the last column: a little, or where most of
            // their lines say so.
            let within = |i: usize, beyond: f32| {
                let rect = &items[i].rect;
                let slack = |outer: bool| if outer { beyond } else { 0.5 * core };
                let (left, right) = (slack(c == 0), slack(c + 2 == xs.len()));
                let overlaps = rect.x1 > side[0] && rect.x0 < side[1];
                overlaps && rect.x0 > side[0] - left && rect.x1 < side[1] + right
            };
            let lines = rows.iter().flat_map(|r| r.iter().map(move |&i| (i, r.len() > 1)));
            let all: Vec<(usize, bool)> = lines.filter(|l| within(l.0, f32::MAX)).collect();
            let near = all.iter().filter(|l| within(l.0, OUTER * core)).count();
            // Lines with nothing beside them are text above or below.
            let beside = all.iter().filter(|l| l.1).count();
            let most = near * 2 < all.len() && beside * 4 > all.len() * 3;
            let own = all.iter().filter(|l| most || within(l.0, OUTER * core));
            let own: Row = own.map(|l| l.0).collect();
            if !self.drawn && outer::is_stray(items, &rows, &own, core) {
                continue;
            }
            if self.drawn {
                columns.push(Column { x0: side[0], x1: side[1], filled: own.len() });
            } else if let Some(all) = Rect::around(own.iter().map(|&i| items[i].rect)) {
                columns.push(Column { x0: all.x0, x1: all.x1, filled: own.len() });
            }
        }
        columns.extend(beside.iter().map(|(column, _)| *column));
        columns.sort_by(|a, b| a.x0.total_cmp(&b.x0));
        if !self.drawn {
            join_unshared(items, &rows, &mut columns, core);
        }
        if rows.len() < 2 || columns.len() < 2 {
            return None;
        }
        let mut chances = vec![1.0];
        chances.extend(rows.windows(2).map(|w| {
            let (above, below) = (base(items, &w[0]), base(items, &w[1]));
            self.chance(above - 0.5 * core, below - 0.5 * core)
        }));
        let head = outer::head(items, &rows, &columns, free, &self.grid.rect, core);
        if !head.is_empty() {
            rows.insert(0, head);
            chances.insert(0, 1.0);
        }
        // Edges of tints and lines of letters part no rows.
        let parts = |r: &&Rule| self.chance(r.at - 0.7 * core, r.at + 0.7 * core) >= DRAWN;
        let across = rules.across.iter().filter(parts).copied().collect();
        let rules = Rules { across, down: rules.down.clone() };
        let grid = if self.drawn {
            grid(items, &rows, &columns, &rules, core, Some(&chances))
        } else {
            divided(items, &rows, &columns, &rules, core, Some((&chances, &self.profile)))
        };
        (grid.rows > 1).then_some(grid)
    }
}

/// What parts the columns of these tables as rules down, a row each, and `more` such (level); page pixels.
pub(crate) fn walls<'a>(
    tables: impl Iterator<Item = &'a Grid>,
    more: &[Rule],
    level: &Level,
) -> Vec<Rule> {
    let inner = tables.flat_map(|t| t.cells.iter().filter(|c| c.column > 0));
    let own = inner.map(|c| (c.rect.x0, c.rect.y0, c.rect.y1));
    own.chain(more.iter().map(|r| (r.at, r.from, r.to)))
        .map(|(x, from, to)| {
            let (x, y) = level.page(x, f32::midpoint(from, to));
            let half = (to - from) / 2.0;
            Rule { from: y - half, to: y + half, at: x, thick: 1.0 }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::{Found, Maps};

    /// Maps of a table of three columns and four rows, cells of 4 px: the head's first two columns
    /// are one cell.
    fn found() -> Found {
        let (width, height) = (100, 60);
        let mut maps = Maps { width, height, ..Maps::default() };
        maps.gutters = vec![0.0; width * height];
        maps.partings = vec![0.0; width * height];
        for y in 10..50 {
            for x in 10..90 {
                let at = y * width + x;
                let first = (28..32).contains(&x) && y > 18;
                maps.gutters[at] = if first || (58..62).contains(&x) { 0.9 } else { 0.1 };
                maps.partings[at] = if y % 10 > 7 && y < 48 { 0.8 } else { 0.0 };
            }
        }
        Found { maps, cell: 4.0 }
    }

    #[test]
    fn strips_between_cells_are_a_table_and_its_walls() {
        let level = Level::of_slope(0.0);
        let grids = lattices(&Field::of(&found(), &level).unwrap(), 10.0);
        assert_eq!(grids.len(), 1);
        let grid = &grids[0].grid;
        assert_eq!((grid.rows, grid.columns, grid.cells.len()), (4, 3, 11));
        assert_eq!((grid.cells[0].column_span, grid.cells[1].column), (2, 2));
        assert!((grid.cells[2].rect.x1 - 120.0).abs() < 4.0, "{:?}", grid.cells[2].rect);
        assert!((grid.cells[2].rect.y0 - 76.0).abs() < 4.0, "{:?}", grid.cells[2].rect);
        let walls = walls(grids.iter().map(|t| &t.grid), &[], &level);
        assert_eq!(walls.len(), 7, "one between the head's cells, two in every row below");
        assert!(walls.iter().all(|w| (w.at - 120.0).abs() < 4.0 || (w.at - 240.0).abs() < 4.0));
    }

    #[test]
    fn columns_that_are_drawn_go_with_rows_that_are_seen() {
        let field = Field::of(&found(), &Level::of_slope(0.0)).unwrap();
        let seen = &lattices(&field, 10.0)[0];
        // Rules down draw four columns; those across, a head only.
        let cell = |row: usize, column: usize| GridCell {
            row,
            column,
            row_span: 1,
            column_span: 1,
            rect: Rect::new(
                [30.0, 120.0, 240.0, 300.0][column],
                [30.0, 70.0][row],
                [120.0, 240.0, 300.0, 370.0][column],
                [70.0, 200.0][row],
            ),
            lines: Vec::new(),
        };
        let cells = (0..8).map(|i| cell(i / 4, i % 4)).collect();
        let rect = Rect::new(30.0, 30.0, 370.0, 200.0);
        let ruled = Grid { rect, rows: 2, columns: 4, cells };
        assert!(seen.is_one_with(&ruled.rect));
        let both = seen.with_columns_of(&ruled);
        assert_eq!((both.grid.rows, both.grid.columns, both.grid.cells.len()), (4, 4, 16));
        // Nothing stands in the third column; a stroke between no rows is no rule.
        let at = |column: usize, row: usize| {
            let x = [40.0, 140.0, 0.0, 310.0][column];
            crate::layout::item(x, x + 40.0, 66.0 + 40.0 * row as f32)
        };
        let items: Vec<Item> =
            (0..4).flat_map(|row| [0, 1, 3].map(|column| at(column, row))).collect();
        let across = vec![Rule { from: 30.0, to: 370.0, at: 130.0, thick: 1.0 }];
        let filled = both.filled(&items, &[], &Rules { across, down: Vec::new() }, 10.0).unwrap();
        assert_eq!((filled.rows, filled.columns), (4, 4));
        let stacked = Rect::new(30.0, 30.0, 370.0, 80.0);
        assert!(seen.covers(&stacked) && !seen.is_one_with(&stacked), "one of two tables");
    }

    #[test]
    fn lines_that_begin_before_what_the_finder_saw_are_its_first_column() {
        let field = Field::of(&found(), &Level::of_slope(0.0)).unwrap();
        let seen = &lattices(&field, 10.0)[0];
        let columns = |beside: usize| {
            let line = |row: usize| {
                let y = 66.0 + 40.0 * row as f32;
                let cell = |x: f32, to: f32| crate::layout::item(x, to, y);
                let first = vec![cell(-20.0, 110.0)];
                let rest = vec![cell(130.0, 220.0), cell(260.0, 340.0)];
                if row < beside { [first, rest].concat() } else { first }
            };
            let items: Vec<Item> = (0..4).flat_map(line).collect();
            let grid = seen.filled(&items, &[], &Rules::default(), 10.0)?;
            Some((grid.columns, grid.rect.x0))
        };
        assert_eq!(columns(4), Some((3, -20.0)));
        assert_eq!(columns(2), Some((3, -20.0)), "some with nothing beside them");
    }

    #[test]
    fn a_leaning_table_is_found_level() {
        let level = Level::of_slope(0.03);
        let (mut leaning, straight) = (found(), found());
        let (w, h) = (leaning.maps.width, leaning.maps.height);
        for at in 0..w * h {
            let (x, y) = level.level((at % w) as f32 * 4.0 + 2.0, (at / w) as f32 * 4.0 + 2.0);
            let from = ((y / 4.0).max(0.0) as usize).min(h - 1) * w
                + ((x / 4.0).max(0.0) as usize).min(w - 1);
            leaning.maps.gutters[at] = straight.maps.gutters[from];
            leaning.maps.partings[at] = straight.maps.partings[from];
        }
        let grids = lattices(&Field::of(&leaning, &level).unwrap(), 10.0);
        assert_eq!((grids.len(), grids[0].grid.rows, grids[0].grid.columns), (1, 4, 3));
    }
}
