//! Tables with their spans.

use std::io;

use khocr_document::{Cell, Table};

use super::body::{Layout, Look, SMALLEST, runs, twips};
use super::xml::Xml;
use crate::flow;

/// A column that no cell measures is this wide, in points.
const UNKNOWN_WIDTH: f32 = 60.0;

/// The table, followed by an empty paragraph: Word joins tables that touch.
pub(super) fn write(xml: &mut Xml, table: &Table, layout: &Layout) -> io::Result<()> {
    if table.rows == 0 || table.columns == 0 {
        return Ok(());
    }
    let widths: Vec<f32> = widths(table).iter().map(|w| w * layout.scale).collect();
    xml.element("w:tbl", &[], |x| {
        x.element("w:tblPr", &[], |x| {
            x.value("w:tblStyle", "TableGrid")?;
            let whole = twips(widths.iter().sum());
            x.empty("w:tblW", &[("w:w", &whole), ("w:type", "dxa")])?;
            x.empty("w:tblLayout", &[("w:type", "fixed")])
        })?;
        x.element("w:tblGrid", &[], |x| {
            widths.iter().try_for_each(|w| x.empty("w:gridCol", &[("w:w", &twips(*w))]))
        })?;
        (0..table.rows).try_for_each(|row| write_row(x, table, row, &widths, layout))
    })?;
    xml.element("w:p", &[], |x| x.element("w:pPr", &[], |x| x.empty("w:spacing", &SMALLEST)))
}

fn write_row(
    xml: &mut Xml,
    table: &Table,
    row: u32,
    widths: &[f32],
    layout: &Layout,
) -> io::Result<()> {
    xml.element("w:tr", &[], |x| {
        let mut column = 0;
        while column < table.columns {
            let cell = at(table, row, column);
            let span = cell.map_or(1, |c| c.column_span.clamp(1, table.columns - column));
            let width = widths[column as usize..(column + span) as usize].iter().sum();
            write_cell(x, cell, row, span, width, layout)?;
            column += span;
        }
        Ok(())
    })
}

fn write_cell(
    xml: &mut Xml,
    cell: Option<&Cell>,
    row: u32,
    span: u32,
    width: f32,
    layout: &Layout,
) -> io::Result<()> {
    let starts = cell.filter(|c| c.row == row);
    xml.element("w:tc", &[], |x| {
        x.element("w:tcPr", &[], |x| {
            x.empty("w:tcW", &[("w:w", &twips(width)), ("w:type", "dxa")])?;
            if span > 1 {
                x.value("w:gridSpan", &span.to_string())?;
            }
            match cell {
                Some(c) if c.row_span > 1 && c.row == row => x.value("w:vMerge", "restart"),
                Some(c) if c.row < row => x.empty("w:vMerge", &[]),
                _ => Ok(()),
            }
        })?;
        x.element("w:p", &[], |x| {
            let Some(cell) = starts else { return Ok(()) };
            let look = Look::of(cell.lines.first(), layout.scale, true);
            runs(x, &flow::cell(&cell.lines), &look)
        })
    })
}

/// The cell that covers a place, or whose left edge of a lower row it is.
fn at(table: &Table, row: u32, column: u32) -> Option<&Cell> {
    table.cells.iter().find(|c| {
        c.column == column && c.row <= row && row < c.row.saturating_add(c.row_span.max(1))
    })
}

/// Width of each column in points, from the cells that span that column alone; columns that only
/// spanning cells cover share what those leave.
fn widths(table: &Table) -> Vec<f32> {
    let mut known: Vec<Option<f32>> = vec![None; table.columns as usize];
    for cell in table.cells.iter().filter(|c| c.column_span <= 1) {
        if let Some(width) = known.get_mut(cell.column as usize) {
            let own = cell.rect.width();
            *width = Some(width.map_or(own, |w: f32| w.max(own)));
        }
    }
    for cell in table.cells.iter().filter(|c| c.column_span > 1) {
        let end = cell.column.saturating_add(cell.column_span).min(table.columns) as usize;
        let Some(part) = known.get_mut(cell.column as usize..end) else { continue };
        let missing = part.iter().filter(|w| w.is_none()).count();
        if missing > 0 {
            let taken: f32 = part.iter().flatten().sum();
            let share = ((cell.rect.width() - taken) / missing as f32).max(0.0);
            part.iter_mut().filter(|w| w.is_none()).for_each(|w| *w = Some(share));
        }
    }
    known.into_iter().map(|w| w.filter(|w| *w >= 4.0).unwrap_or(UNKNOWN_WIDTH)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use khocr_document::Rect;

    fn grid() -> Table {
        samples::table(0.0).table.unwrap()
    }

    fn xml(table: &Table) -> String {
        let mut xml = Xml::new().unwrap();
        write(&mut xml, table, &Layout::default()).unwrap();
        String::from_utf8(xml.finish()).unwrap()
    }

    #[test]
    fn columns_are_as_wide_as_their_cells() {
        assert_eq!(widths(&grid()), [200.0, 200.0]);
        let mut one = grid();
        one.cells.truncate(1);
        assert_eq!(widths(&one), [200.0, 200.0]);
    }

    #[test]
    fn spans_cover_their_places() {
        let mut table = grid();
        table.cells[1].row_span = 2;
        table.cells.remove(3);
        let xml = xml(&table);
        assert_eq!(xml.matches("<w:tr>").count(), 3);
        assert_eq!(xml.matches("<w:tc>").count(), 5);
        assert_eq!(xml.matches(r#"<w:gridSpan w:val="2"/>"#).count(), 1);
        assert_eq!(xml.matches(r#"<w:vMerge w:val="restart"/>"#).count(), 1);
        assert_eq!(xml.matches("<w:vMerge/>").count(), 1);
    }

    #[test]
    fn spans_that_lie_do_no_harm() {
        let mut table = grid();
        table.cells[0].column_span = u32::MAX;
        table.cells[1].row_span = u32::MAX;
        table.cells[2].column = 77;
        table.cells[4].rect = Rect::default();
        assert_eq!(xml(&table).matches("<w:tr>").count(), 3);
    }
}
