//! What was known where the rows and columns of tables were told, beside what they are: `training/rows.py` and
//! `training/columns.py` fit what it says.

use std::fmt::Write;

use khocr_document::Rect;
use khocr_synth::page::sheet::Cell;
use khocr_vision::Analysis;
use khocr_vision::trace::{take_columns, take_rows};

use crate::cells::grids;
use crate::judge::covered;
use crate::truth::Line;

/// Of each table of the page just analysed whose rows were told, a row `table PAGE` and for each of its lines the
/// drawn table and row of each item, `-` where it is of none; then for each row that may be its first line,
/// the one past its last, and what is known of it.
pub(crate) fn rows(page: u64, truth: &[Line], found: &Analysis) -> String {
    let item = |rect: &Rect| {
        drawn(truth, found, rect).map_or("-".to_owned(), |c| format!("{}:{}", c.table, c.row))
    };
    let mut out = String::new();
    for table in take_rows().into_iter().filter(|t| is_kept(&t.lines, found)) {
        let lines = table.lines.iter().map(|l| l.iter().map(item).collect::<Vec<_>>().join(","));
        let lines = lines.collect::<Vec<_>>().join(" ");
        let _ = writeln!(out, "table {page} {lines}");
        append(&mut out, &table.known);
    }
    out
}

/// Of each table of the page just analysed whose columns were told, a row `table PAGE` and the places that may part
/// columns, a row `items` and of each item its drawn table, row and column, its line and its sides; then for each column that may be the
/// places where it begins and ends, and what is known of it.
pub(crate) fn columns(page: u64, truth: &[Line], found: &Analysis) -> String {
    let mut out = String::new();
    for table in take_columns().into_iter().filter(|t| is_kept(&t.lines, found)) {
        let places: Vec<String> = table.places.iter().map(|x| format!("{x:.1}")).collect();
        let _ = write!(out, "table {page} {}\nitems", places.join(" "));
        let all = table.lines.iter().enumerate().flat_map(|(n, l)| l.iter().map(move |r| (n, r)));
        for (line, rect) in all {
            let place = drawn(truth, found, rect);
            let place =
                place.map_or("-:-:-".to_owned(), |c| format!("{}:{}:{}", c.table, c.row, c.column));
            let _ = write!(out, " {place}:{line}:{:.1}:{:.1}", rect.x0, rect.x1);
        }
        out.push('\n');
        append(&mut out, &table.known);
    }
    out
}

/// Whether what stands in these lines makes one of the page's tables in the end: many are weighed.
fn is_kept(lines: &[Vec<Rect>], found: &Analysis) -> bool {
    let number = |rect: &Rect| found.items.iter().position(|i| i.rect == *rect);
    let mut own: Vec<usize> = lines.iter().flatten().filter_map(number).collect();
    own.sort_unstable();
    grids(found).iter().any(|grid| {
        let mut all: Vec<usize> = grid.cells.iter().flat_map(|c| c.lines.concat()).collect();
        all.sort_unstable();
        all == own
    })
}

/// The drawn cell that most of an item lies on.
fn drawn(truth: &[Line], found: &Analysis, rect: &Rect) -> Option<Cell> {
    let at = found.items.iter().position(|i| i.rect == *rect)?;
    let line = &found.lines[at];
    let shares = truth.iter().filter(|t| t.judged).map(|t| (covered(t, &[line]), t));
    let best = shares.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|b| b.0 > 0.3)?;
    best.1.cell
}

fn append<const N: usize>(out: &mut String, known: &[(usize, usize, [f32; N])]) {
    for (from, to, known) in known {
        let known = known.iter().map(|v| format!("{v:.3}")).collect::<Vec<_>>().join(" ");
        let _ = writeln!(out, "{from} {to} {known}");
    }
}
