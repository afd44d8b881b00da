//! A small document for the tests of this crate.

use khocr_document::{
    Alignment, Block, BlockKind, Cell, Document, Line, Page, PageSource, Rect, SourceKind, Style,
    Table, Word,
};

/// A line whose words share its box evenly.
pub(crate) fn line(text: &str, rect: Rect) -> Line {
    let texts: Vec<&str> = text.split(' ').collect();
    let step = rect.width() / texts.len() as f32;
    let words = texts.iter().enumerate().map(|(i, word)| {
        let x = rect.x0 + step * i as f32;
        let rect = Rect::new(x, rect.y0, x + step * 0.9, rect.y1);
        Word { text: (*word).to_owned(), rect, confidence: 0.98 }
    });
    Line {
        text: text.to_owned(),
        rect,
        confidence: 0.98,
        source: PageSource::Ocr,
        words: words.collect(),
        style: Style::default(),
    }
}

/// A block of lines, 20 points apart, from `top` down.
pub(crate) fn block(kind: BlockKind, alignment: Alignment, top: f32, lines: &[&str]) -> Block {
    let lines: Vec<Line> = (0u8..)
        .zip(lines)
        .map(|(i, text)| {
            let y = top + 20.0 * f32::from(i);
            line(text, Rect::new(72.0, y, 520.0, y + 15.0))
        })
        .collect();
    let rect = Rect::around(lines.iter().map(|l| l.rect)).unwrap_or_default();
    Block { kind, rect, alignment, indent: 0.0, lines, table: None }
}

/// A table of two columns whose first row is one cell.
pub(crate) fn table(top: f32) -> Block {
    let cell = |row: u32, column: u32, span: u32, text: &str| {
        let x = 72.0 + 200.0 * column as f32;
        let y = top + 24.0 * row as f32;
        let rect = Rect::new(x, y, x + 200.0 * span as f32, y + 24.0);
        Cell { row, column, row_span: 1, column_span: span, rect, lines: vec![line(text, rect)] }
    };
    let cells = vec![
        cell(0, 0, 2, "តារាងតម្លៃ"),
        cell(1, 0, 1, "អង្ករ"),
        cell(1, 1, 1, "៤.៥០០ ៛"),
        cell(2, 0, 1, "Total | sum"),
        cell(2, 1, 1, "<9,000>"),
    ];
    let rect = Rect::new(72.0, top, 472.0, top + 72.0);
    Block {
        kind: BlockKind::Table,
        rect,
        alignment: Alignment::Left,
        indent: 0.0,
        lines: Vec::new(),
        table: Some(Table { rows: 3, columns: 2, cells }),
    }
}

fn page(number: u32, blocks: Vec<Block>) -> Page {
    Page {
        number,
        width: 595.0,
        height: 842.0,
        rotation: 0,
        skew: 0.0,
        source: PageSource::Ocr,
        reason: None,
        confidence: Some(0.98),
        blocks,
    }
}

/// Two pages: a heading, a paragraph, a list and a table, then one more paragraph.
pub(crate) fn letter() -> Document {
    let mut paragraph = block(
        BlockKind::Paragraph,
        Alignment::Justify,
        160.0,
        &["ទឹកស្អាតជាធនធានសំខាន់សម្រាប់ភូមិ", "ទាំងអស់ e-mail: info@example.org and", "text & <more> words"],
    );
    paragraph.indent = 24.0;
    let first = vec![
        block(BlockKind::Heading { level: 1 }, Alignment::Center, 80.0, &["សេចក្តីជូនដំណឹង", "លេខ ០១២"]),
        paragraph,
        block(BlockKind::ListItem, Alignment::Left, 240.0, &["១. ផឹកទឹកដាំពុះ"]),
        block(BlockKind::ListItem, Alignment::Left, 262.0, &["២. លាងដៃ"]),
        table(300.0),
        block(BlockKind::PageNumber, Alignment::Center, 790.0, &["១"]),
    ];
    let second = vec![block(BlockKind::Paragraph, Alignment::Left, 80.0, &["អរគុណ។"])];
    Document::new(SourceKind::Pdf, 2, vec![page(1, first), page(2, second)])
}
