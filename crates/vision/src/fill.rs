//! Fill: puts the lines of a table whose columns are known into its rows and cells.

use khocr_document::Rect;

use crate::aligned::{Column, base, column_of, filled, is_number, items_in};
use crate::layout::{Grid, GridCell, Item, Row, around, median};
use crate::order::rows as rows_of;
use crate::partition::{Measures, partition};
use crate::rules::{Rule, Rules};

/// The white between a table's rows is so many times what is between the lines of its cells.
const WHITER: f32 = 1.2;
/// What is between lines of a cell is less than this, in the distance of lines set close.
const LEADING: f32 = 1.25;
/// Lines of a cell are set no farther apart than this, in core heights: what all is farther apart are
/// rows of one line each...
const SPACED: f32 = 4.0;
/// ...and where lines of two columns are farther apart than this, rules between them are missing.
const FAR: f32 = 5.4;
/// Rows of one line are as far apart as this share of what others are.
const ROWS: f32 = 0.8;
/// So many of each are needed to tell.
const FEWEST: usize = 3;

/// The table of these rows of items. `chances` says how likely a row of the table begins with each, if
/// anything told it.
pub(crate) fn grid(
    items: &[Item],
    rows: &[Row],
    columns: &[Column],
    rules: &Rules,
    core: f32,
    chances: Option<&[f32]>,
) -> Grid {
    let mut places = table_rows(items, rows, columns, rules, chances);
    // Numbers without holes.
    let mut names = places.clone();
    names.sort_unstable();
    names.dedup();
    for p in &mut places {
        *p = names.binary_search(p).unwrap_or(0);
    }
    let rect = around(items, rows.iter().flatten().copied());
    let count = names.len();
    let height = |n: usize| {
        let inside = (0..rows.len()).filter(|&r| places[r] == n).flat_map(|r| rows[r].iter());
        let around = around(items, inside.copied());
        (around.y0, around.y1)
    };
    let mut ys = vec![rect.y0 - 0.2 * core];
    ys.extend((1..count).map(|n| f32::midpoint(height(n - 1).1, height(n).0)));
    ys.push(rect.y1 + 0.2 * core);
    let mut xs = vec![rect.x0.min(columns[0].x0) - 0.2 * core];
    xs.extend(columns.windows(2).map(|w| f32::midpoint(w[0].x1, w[1].x0)));
    xs.push(rect.x1 + 0.2 * core);
    let mut inside: Vec<Vec<usize>> = vec![Vec::new(); count * columns.len()];
    let mut spans = vec![1; inside.len()];
    for (row, &place) in rows.iter().zip(&places) {
        for &i in row {
            let item = &items[i].rect;
            let first = xs[1..columns.len()].iter().filter(|x| **x < item.x0 + 0.3 * core).count();
            let last = xs[1..columns.len()].iter().filter(|x| **x < item.x1 - 0.3 * core).count();
            let at = place * columns.len() + first;
            inside[at].push(i);
            spans[at] = spans[at].max(last.saturating_sub(first) + 1);
        }
    }
    let mut cells = Vec::new();
    for row in 0..count {
        let mut column = 0;
        while column < columns.len() {
            let at = row * columns.len() + column;
            let free = (1..spans[at]).take_while(|d| inside[at + d].is_empty()).count();
            let end = column + 1 + free;
            cells.push(GridCell {
                row,
                column,
                row_span: 1,
                column_span: end - column,
                rect: Rect::new(xs[column], ys[row], xs[end], ys[row + 1]),
                lines: rows_of(items, std::mem::take(&mut inside[at])),
            });
            column = end;
        }
    }
    Grid { rect, rows: count, columns: columns.len(), cells }
}

/// Which of the table's rows each row of items belongs to: rules across say it, or wider white, or
/// [`partition`].
fn table_rows(
    items: &[Item],
    rows: &[Row],
    columns: &[Column],
    rules: &Rules,
    chances: Option<&[f32]>,
) -> Vec<usize> {
    let bases: Vec<f32> = rows.iter().map(|r| base(items, r)).collect();
    let ends = (columns[0].x0, columns[columns.len() - 1].x1);
    let lines = dividers(rules, bases[0], bases[bases.len() - 1], ends);
    let counts: Vec<usize> = rows.iter().map(|r| filled(items, r, columns)).collect();
    let bands: Vec<usize> =
        bases.iter().map(|y| lines.iter().filter(|l| **l < *y).count()).collect();
    let anchors = counts.iter().filter(|n| **n >= 2).count();
    // Rules under every row say it all; one under the head says little.
    let core = median(rows.iter().flatten().map(|&i| items[i].core).collect());
    let ruled = lines.len() >= 2 && (lines.len() + 1) * 5 >= anchors * 2;
    if ruled && !parted_far(items, rows, columns, &bands, FAR * core) {
        return with_worn_off(items, rows, columns, &bands);
    }
    let jumps = jumps(items, rows, columns, core);
    if let Some(places) = parted_by_white(&bases, &jumps)
        && !holds_rows(items, rows, columns, &places)
    {
        return places;
    }
    let pitch = jumps.get(jumps.len() / 5).copied().unwrap_or(2.5 * core).min(SPACED * core);
    // What a line of each column has room for: as the longest one has, or up to the next column.
    let room: Vec<f32> = (0..columns.len())
        .map(|c| {
            let inside = items_in(items, rows, columns, &columns[c]);
            let left = inside.iter().map(|i| i.rect.x0).fold(f32::MAX, f32::min);
            let next = columns.get(c + 1).map_or(columns[c].x1, |n| n.x0);
            let within = inside.iter().filter(|i| i.rect.x1 <= next);
            let widest = within.map(|i| i.rect.width()).fold(0.0, f32::max);
            widest.max(next - left - 1.5 * core)
        })
        .collect();
    partition(items, rows, columns, &Measures { room: &room, core, pitch, bands: &bands, chances })
}

/// From each line to the next in its column, the nearest first.
fn jumps(items: &[Item], rows: &[Row], columns: &[Column], core: f32) -> Vec<f32> {
    let mut out: Vec<f32> = Vec::new();
    for column in columns {
        let bases: Vec<f32> =
            items_in(items, rows, columns, column).iter().map(|i| i.base).collect();
        out.extend(bases.windows(2).map(|w| w[1] - w[0]).filter(|j| *j > 1.6 * core));
    }
    out.sort_by(f32::total_cmp);
    out
}

/// Which of the table's rows each row of items belongs to where more white parts these than parts the
/// lines of a cell: `None` where what lies between lines is all alike.
fn parted_by_white(bases: &[f32], jumps: &[f32]) -> Option<Vec<usize>> {
    let close = *jumps.get(jumps.len() / 10)?;
    let mut steps: Vec<f32> = bases.windows(2).map(|w| w[1] - w[0]).collect();
    // What is set in the middle of a taller cell stands between its lines.
    let mut kinds: Vec<f32> = steps.iter().copied().filter(|s| *s > 0.8 * close).collect();
    kinds.sort_by(f32::total_cmp);
    let wider = |w: &&[f32]| w[1] / w[0];
    let pair = kinds.windows(2).max_by(|a, b| wider(a).total_cmp(&wider(b)))?;
    let above = kinds.iter().filter(|k| **k > pair[0]).count();
    let alike = wider(&pair) < WHITER || pair[0] > LEADING * close;
    if alike || above + 1 < FEWEST || kinds.len() - above < FEWEST {
        return None;
    }
    let edge = f32::midpoint(pair[0], pair[1]);
    let mut place = 0;
    let mut out = vec![0];
    for step in steps.drain(..) {
        place += usize::from(step > edge);
        out.push(place);
    }
    Some(out)
}

/// Whether two columns or more have lines in one place that are farther apart than lines of a cell.
fn parted_far(
    items: &[Item],
    rows: &[Row],
    columns: &[Column],
    places: &[usize],
    far: f32,
) -> bool {
    let parted = |&c: &usize| {
        let own = |i: &&usize| column_of(columns, &items[**i].rect) == Some(c);
        let of_row = |(row, place): (&'_ Row, &usize)| {
            row.iter().filter(own).map(|&i| (*place, items[i].base)).collect::<Vec<_>>()
        };
        let lines: Vec<(usize, f32)> = rows.iter().zip(places).flat_map(of_row).collect();
        lines.windows(2).any(|w| w[0].0 == w[1].0 && w[1].1 - w[0].1 > far)
    };
    (0..columns.len()).filter(parted).count() >= 2
}

/// Which row each line belongs to where rules part rows but some of these are worn off: lines of one place
/// are rows of their own that are as far apart as rows of one line are, with figures below figures.
fn with_worn_off(items: &[Item], rows: &[Row], columns: &[Column], places: &[usize]) -> Vec<usize> {
    let step = |line: usize| base(items, &rows[line]) - base(items, &rows[line - 1]);
    let alone = |line: usize| places.iter().filter(|p| **p == places[line]).count() == 1;
    let steps: Vec<f32> = (1..rows.len()).filter(|&l| alone(l) && alone(l - 1)).map(step).collect();
    let enough = steps.len() >= FEWEST;
    let pitch = median(steps);
    let in_column = |line: usize, c: usize| {
        let own = |i: &&usize| column_of(columns, &items[**i].rect) == Some(c);
        rows[line].iter().find(own).map(|&i| is_number(&items[i].text()))
    };
    let apart = |line: usize| {
        let pairs =
            (0..columns.len()).filter_map(|c| in_column(line, c).zip(in_column(line - 1, c)));
        let pairs: Vec<bool> = pairs.map(|(below, above)| below && above).collect();
        enough && step(line) > ROWS * pitch && pairs.len() >= 2 && pairs.contains(&true)
    };
    let mut more = 0;
    (0..rows.len())
        .map(|line| {
            let same = line > 0 && places[line] == places[line - 1];
            more += usize::from(same && apart(line));
            places[line] + more
        })
        .collect()
}

/// Whether what white parts are blocks of rows: in a third of their lines figures stand below figures.
fn holds_rows(items: &[Item], rows: &[Row], columns: &[Column], places: &[usize]) -> bool {
    let figures = |row: &Row| {
        let number = |c: usize| {
            let own = |i: &&usize| column_of(columns, &items[**i].rect) == Some(c);
            row.iter().find(own).is_some_and(|&i| is_number(&items[i].text()))
        };
        (0..columns.len()).map(number).collect::<Vec<bool>>()
    };
    let figures: Vec<Vec<bool>> = rows.iter().map(figures).collect();
    let below = |line: usize| {
        figures[line].iter().zip(&figures[line - 1]).filter(|(a, b)| **a && **b).count() >= 2
    };
    let inside: Vec<usize> = (1..rows.len()).filter(|&l| places[l] == places[l - 1]).collect();
    let stacked = inside.iter().filter(|&&l| below(l)).count();
    stacked >= FEWEST && stacked * 3 >= inside.len()
}

/// Whether the next line in a column carries on from the one above: this had no room for its first
/// word.
pub(crate) fn goes_on(
    items: &[Item],
    above: usize,
    below: usize,
    room: f32,
    core: f32,
    pitch: f32,
) -> bool {
    let (a, b) = (&items[above], &items[below]);
    let word = b.words.first().map_or(b.rect.width(), |w| w.rect.width()).min(5.0 * core);
    b.base - a.base < 1.35 * pitch && a.rect.width() + word + 0.3 * core > 0.92 * room
}

/// Heights of the rules across the table between two baselines.
pub(crate) fn dividers(rules: &Rules, top: f32, foot: f32, (x0, x1): (f32, f32)) -> Vec<f32> {
    let crosses =
        |r: &&Rule| r.at > top && r.at < foot && r.to.min(x1) - r.from.max(x0) > 0.6 * (x1 - x0);
    let mut out: Vec<f32> = rules.across.iter().filter(crosses).map(|r| r.at).collect();
    out.sort_by(f32::total_cmp);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;

    fn figure(x: f32, y: f32) -> Item {
        let mut item = item(x, x + 60.0, y);
        let (text, rect) = ("450".to_owned(), item.rect);
        item.words.push(khocr_document::Word { text, rect, confidence: 1.0 });
        item
    }

    #[test]
    fn blocks_of_figures_are_no_rows() {
        // Three blocks of three lines, more white between them, in three columns.
        let heights = [0.0, 24.0, 48.0, 90.0, 114.0, 138.0, 180.0, 204.0, 228.0];
        let columns = [0.0, 100.0, 200.0].map(|x0| Column { x0, x1: x0 + 60.0, filled: 9 });
        let table = |cell: &dyn Fn(f32, f32) -> Item| {
            let items: Vec<Item> = heights
                .iter()
                .flat_map(|&y| [cell(0.0, y), cell(100.0, y), cell(200.0, y)])
                .collect();
            let rows = rows_of(&items, (0..items.len()).collect());
            table_rows(&items, &rows, &columns, &Rules::default(), None)
        };
        assert_eq!(table(&figure), (0..9).collect::<Vec<_>>());
        assert_eq!(table(&|x, y| item(x, x + 60.0, y)), [0, 0, 0, 1, 1, 1, 2, 2, 2]);
    }

    #[test]
    fn a_rule_that_is_worn_off_still_parts_rows_of_figures() {
        let columns = [0.0, 100.0].map(|x0| Column { x0, x1: x0 + 60.0, filled: 8 });
        let table = |cell: &dyn Fn(f32, f32) -> Item| {
            let heights = (0..8).map(|i| 40.0 * i as f32);
            let items: Vec<Item> = heights.flat_map(|y| [cell(0.0, y), cell(100.0, y)]).collect();
            let rows = rows_of(&items, (0..items.len()).collect());
            with_worn_off(&items, &rows, &columns, &[0, 1, 2, 3, 4, 5, 5, 6])
        };
        assert_eq!(table(&figure), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(table(&|x, y| item(x, x + 60.0, y)), [0, 1, 2, 3, 4, 5, 5, 6]);
    }

    #[test]
    fn more_white_between_rows_than_between_lines() {
        // Rows of three lines, of one and of two; cells in the middle stand between lines.
        let bases = [0.0, 24.0, 36.0, 48.0, 84.0, 120.0, 144.0, 180.0, 204.0, 228.0, 264.0];
        let jumps = [24.0, 24.0, 24.0, 24.0, 24.0, 36.0, 36.0, 36.0, 72.0];
        let places = parted_by_white(&bases, &jumps);
        assert_eq!(places, Some(vec![0, 0, 0, 0, 1, 2, 2, 3, 3, 3, 4]));
        let even: Vec<f32> = (0..10).map(|i| 24.0 * i as f32 + (i % 3) as f32).collect();
        assert_eq!(parted_by_white(&even, &[24.0; 9]), None);
    }
}
