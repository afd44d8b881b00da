//! What was known where the rows of tables were told, beside what they are: `training/rows.py` fits what it says.

use std::fmt::Write;

use khocr_document::Rect;
use khocr_vision::Analysis;
use khocr_vision::trace::take;

use crate::judge::covered;
use crate::truth::Line;

/// Of each table of the page just analysed, a row `table PAGE` and for each of its lines the
/// drawn table and row of each item, `-` where it is of none; then for each row that may be its first line,
/// the one past its last, and what is known of it.
pub(crate) fn told(page: u64, truth: &[Line], found: &Analysis) -> String {
    let drawn = |rect: &Rect| {
        let at = found.items.iter().position(|i| i.rect == *rect)?;
        let line = &found.lines[at];
        let shares = truth.iter().filter(|t| t.judged).map(|t| (covered(t, &[line]), t));
        let best = shares.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|b| b.0 > 0.3)?;
        best.1.cell.map(|c| format!("{}:{}", c.table, c.row))
    };
    let item = |rect: &Rect| drawn(rect).unwrap_or_else(|| "-".to_owned());
    let mut out = String::new();
    for table in take() {
        let lines = table.lines.iter().map(|l| l.iter().map(item).collect::<Vec<_>>().join(","));
        let lines = lines.collect::<Vec<_>>().join(" ");
        let _ = writeln!(out, "table {page} {lines}");
        for (from, to, known) in &table.known {
            let known = known.iter().map(|v| format!("{v:.3}")).collect::<Vec<_>>().join(" ");
            let _ = writeln!(out, "{from} {to} {known}");
        }
    }
    out
}
