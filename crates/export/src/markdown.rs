//! Markdown, in GitHub's form.

use khocr_document::{Block, BlockKind, Document, Page, Table};

use crate::flow;

/// The whole document; pages are parted by a rule.
pub(crate) fn write(document: &Document) -> String {
    let pages: Vec<String> = document.pages.iter().map(page).collect();
    let mut out = pages.join("\n\n---\n\n");
    out.push('\n');
    out
}

fn page(page: &Page) -> String {
    let blocks: Vec<String> = page.blocks.iter().map(block).filter(|b| !b.is_empty()).collect();
    blocks.join("\n\n")
}

fn block(block: &Block) -> String {
    if let Some(grid) = &block.table {
        return table(grid);
    }
    let pieces: Vec<String> = flow::paragraph(block).iter().map(|p| escape(p)).collect();
    match block.kind {
        BlockKind::Heading { level } if !pieces.is_empty() => {
            format!("{} {}", "#".repeat(usize::from(level.clamp(1, 6))), pieces.join(" "))
        }
        // Two spaces before the end of a line make a break.
        _ => pieces.join("  \n"),
    }
}

/// A pipe table; its first row is the head, as the form demands. A place covered by a span is empty.
fn table(table: &Table) -> String {
    let row = |row: u32| {
        let cells = (0..table.columns).map(|column| {
            let cell = table.cells.iter().find(|c| c.row == row && c.column == column);
            let text = cell.map_or_else(String::new, |c| flow::cell(&c.lines));
            escape(&text).replace('|', "\\|")
        });
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    let mut rows: Vec<String> = (0..table.rows).map(row).collect();
    if !rows.is_empty() {
        rows.insert(1, format!("|{}", " --- |".repeat(table.columns as usize)));
    }
    rows.join("\n")
}

/// The text with what Markdown would take for markup escaped.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, c) in text.char_indices() {
        let at_start = i == 0 && matches!(c, '#' | '+' | '-' | '>' | '=');
        if at_start || matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    // `1.` and `1)` at the start would become a numbered list.
    let digits = out.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && matches!(out.as_bytes().get(digits), Some(b'.' | b')')) {
        out.insert(digits, '\\');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn headings_tables_and_pages() {
        let text = write(&samples::letter());
        assert!(text.starts_with("# សេចក្តីជូនដំណឹង លេខ ០១២\n\n"), "{text}");
        assert!(text.contains("| តារាងតម្លៃ |  |\n| --- | --- |\n| អង្ករ | ៤.៥០០ ៛ |"), "{text}");
        assert!(text.contains("| Total \\| sum | \\<9,000> |"), "{text}");
        assert!(text.contains("\n\n---\n\nអរគុណ។\n"), "{text}");
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escape("# a_b*"), "\\# a\\_b\\*");
        assert_eq!(escape("12. x"), "12\\. x");
        assert_eq!(escape("១. ក"), "១. ក");
        assert_eq!(escape("5 - 3"), "5 - 3");
    }
}
