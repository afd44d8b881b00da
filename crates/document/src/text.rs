//! Plain text of pages and blocks.

use crate::{Block, Cell, Line, Page};

impl Page {
    /// Every line in reading order, those in table cells included.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.blocks.iter().flat_map(Block::all_lines)
    }

    /// The page's text: lines parted by a line feed, blocks by an empty line.
    #[must_use]
    pub fn text(&self) -> String {
        let blocks: Vec<String> =
            self.blocks.iter().map(Block::text).filter(|t| !t.is_empty()).collect();
        blocks.join("\n\n")
    }
}

impl Block {
    /// Every line, those in table cells included, row by row.
    pub fn all_lines(&self) -> impl Iterator<Item = &Line> {
        let cells = self.table.iter().flat_map(|t| t.cells.iter().flat_map(|c| &c.lines));
        self.lines.iter().chain(cells)
    }

    /// The block's text. A table row is one line, its cells parted by tabs; the lines inside a
    /// cell are parted by spaces, and a place covered by a span is left empty.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out: Vec<String> = self.lines.iter().map(|l| l.text.clone()).collect();
        if let Some(table) = &self.table {
            for row in 0..table.rows {
                let cells: Vec<String> = (0..table.columns)
                    .map(|column| {
                        let cell = table.cells.iter().find(|c| c.row == row && c.column == column);
                        cell.map_or_else(String::new, Cell::text)
                    })
                    .collect();
                let line = cells.join("\t");
                if !line.trim().is_empty() {
                    out.push(line.trim_end().to_owned());
                }
            }
        }
        out.join("\n")
    }
}

impl Line {
    /// Whether a leader runs through it, four dots or dashes at least, with a short end after it at
    /// most: an entry of a table of contents, or a line of a form. Such a line ends where it ends.
    #[must_use]
    pub fn has_leader(&self) -> bool {
        let (mut run, mut tail) = (0, None);
        for c in self.text.chars().filter(|c| !c.is_whitespace()) {
            if matches!(c, '.' | '…' | '-' | '–' | '_' | '·') {
                run += if c == '…' { 3 } else { 1 };
            } else {
                run = 0;
            }
            tail = if run >= 4 { Some(0) } else { tail.map(|n| n + 1) };
        }
        tail.is_some_and(|n| n <= 24)
    }
}

impl Cell {
    /// The cell's text on one line.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.iter().map(|l| l.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use crate::*;

    fn line(text: &str) -> Line {
        Line {
            text: text.to_owned(),
            rect: Rect::default(),
            confidence: 1.0,
            source: PageSource::Native,
            words: Vec::new(),
            style: Style::default(),
        }
    }

    fn cell(row: u32, column: u32, text: &str) -> Cell {
        let (row_span, column_span) = (1, 1);
        Cell { row, column, row_span, column_span, rect: Rect::default(), lines: vec![line(text)] }
    }

    #[test]
    fn entries_have_leaders_and_prose_has_dots() {
        for yes in ["មាត្រា ៦៣.- ការចាត់ចែង ---------- - ១៩ -", "ឈ្មោះ..........", "១. ទូទៅ … … ៣"]
        {
            assert!(line(yes).has_leader(), "{yes}");
        }
        for no in
            ["១.២៣៤.៥៦៧ រៀល", "និយាយថា... ហើយ", "- ១២ -", "ថ្ងៃទី.......ដែលគេបានយកទៅដាក់នៅទីនោះហើយបាត់"]
        {
            assert!(!line(no).has_leader(), "{no}");
        }
    }

    #[test]
    fn table_rows_are_lines_with_tabs() {
        let block = Block {
            kind: BlockKind::Table,
            rect: Rect::default(),
            alignment: Alignment::Left,
            indent: 0.0,
            lines: Vec::new(),
            table: Some(Table {
                rows: 2,
                columns: 2,
                cells: vec![cell(0, 0, "ក"), cell(0, 1, "ខ"), cell(1, 1, "គ")],
            }),
        };
        assert_eq!(block.text(), "ក\tខ\n\tគ");
    }

    #[test]
    fn block_kind_is_a_flat_type_tag() {
        let json = serde_json::to_value(BlockKind::Heading { level: 2 }).unwrap();
        assert_eq!(json, serde_json::json!({"type": "heading", "level": 2}));
    }
}
