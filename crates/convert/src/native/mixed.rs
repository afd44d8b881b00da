//! Lines of the layer laid into a page that was read.

use khocr_document::{Alignment, Block, BlockKind, Line, Page, PageSource};

use super::blocks::is_page_number;

/// Share of a read line's box that a layer line must cover to take its place.
const SAME: f32 = 0.5;

/// Puts the layer's page numbers in the place of the read lines they cover; a line that was not
/// read, such as what is filled into a form, becomes a block of its own, placed by its height.
pub(crate) fn lay_in(page: &mut Page, lines: Vec<Line>) {
    let mut laid = false;
    for line in lines {
        laid = true;
        let mut read = page.blocks.iter_mut().flat_map(|b| &mut b.lines);
        let own = read.find(|r| {
            let smaller = area(&line).min(area(r)).max(1.0);
            is_page_number(&line.text)
                && r.rect.overlap(&line.rect) >= SAME * smaller
                && r.rect.width() < 3.0 * line.rect.width().max(1.0)
        });
        match own {
            Some(own) => *own = line,
            None => insert(page, lone(line)),
        }
    }
    if laid && page.lines().any(|l| l.source == PageSource::Ocr) {
        page.source = PageSource::Mixed;
    }
}

fn area(line: &Line) -> f32 {
    line.rect.width() * line.rect.height()
}

fn lone(line: Line) -> Block {
    let (kind, alignment) = if is_page_number(&line.text) {
        (BlockKind::PageNumber, Alignment::Center)
    } else {
        (BlockKind::Paragraph, Alignment::Left)
    };
    Block { kind, rect: line.rect, alignment, indent: 0.0, lines: vec![line], table: None }
}

/// Puts a block into a page by its height: before the first block from which on everything is
/// lower.
pub(crate) fn insert(page: &mut Page, block: Block) {
    let below = |b: &Block| b.rect.y0 > block.rect.y1;
    let place = page.blocks.iter().rposition(|b| !below(b)).map_or(0, |i| i + 1);
    page.blocks.insert(place, block);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::converter::tests::page_with_line;
    use khocr_document::Rect;

    fn native(text: &str, rect: Rect) -> Line {
        let mut page = page_with_line(text, rect);
        let mut line = page.blocks.remove(0).lines.remove(0);
        line.source = PageSource::Native;
        line
    }

    #[test]
    fn a_layer_line_replaces_its_reading_or_is_added() {
        let mut page = page_with_line("8", Rect::new(45.0, 90.0, 55.0, 95.0));
        let body = page_with_line("ក", Rect::new(10.0, 10.0, 90.0, 20.0));
        page.blocks.insert(0, body.blocks[0].clone());
        lay_in(&mut page, vec![native("៨", Rect::new(46.0, 90.0, 54.0, 95.0))]);
        assert_eq!((page.blocks[1].lines[0].text.as_str(), page.source), ("៨", PageSource::Mixed));
        lay_in(&mut page, vec![native("I", Rect::new(46.0, 1.0, 54.0, 5.0))]);
        assert_eq!(page.blocks[0].lines[0].text, "I");
        // What is filled in stands on the dots that were read.
        lay_in(&mut page, vec![native("សុខា", Rect::new(10.0, 10.0, 60.0, 20.0))]);
        let texts: Vec<&str> = page.lines().map(|l| l.text.as_str()).collect();
        assert_eq!(texts, ["I", "ក", "សុខា", "៨"]);
    }
}
