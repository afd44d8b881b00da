//! Rows to blocks: paragraphs, headings, list items, page numbers, by geometry and look.

use khocr_document::{Alignment, Block, BlockKind, Line, Rect};

use super::decode::TextLine;
use super::order::{Region, Row};

/// The text sizes and leading of a page, to compare lines with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure {
    /// Size of most characters, in points.
    pub(crate) size: f32,
    /// Distance of most baselines, in points.
    pub(crate) leading: f32,
    /// Height of the page in points.
    pub(crate) height: f32,
    /// Highest and lowest baseline of the page's lines.
    pub(crate) ends: (f32, f32),
}

impl Measure {
    /// Measures the regions of a page.
    pub(crate) fn of(regions: &[Region], height: f32) -> Self {
        let lines: Vec<&TextLine> = regions.iter().flat_map(|r| r.rows.iter().flatten()).collect();
        let size = median(lines.iter().map(|l| (l.size, l.text.chars().count()))).unwrap_or(12.0);
        let steps = regions.iter().flat_map(|r| {
            r.rows.windows(2).map(|w| (w[1][0].base - w[0][0].base, 1)).filter(|s| s.0 > 1.0)
        });
        let top = lines.iter().map(|l| l.base).fold(f32::INFINITY, f32::min);
        let bottom = lines.iter().map(|l| l.base).fold(f32::NEG_INFINITY, f32::max);
        let leading = median(steps).unwrap_or(size * 1.5);
        Self { size, leading, height, ends: (top, bottom) }
    }
}

/// The median of weighted values.
fn median(values: impl Iterator<Item = (f32, usize)>) -> Option<f32> {
    let mut all: Vec<(f32, usize)> = values.collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = all.iter().map(|v| v.1).sum::<usize>() / 2;
    let mut seen = 0;
    all.iter()
        .find(|v| {
            seen += v.1;
            seen > half
        })
        .map(|v| v.0)
}

/// The blocks of a page.
pub(crate) fn blocks(regions: Vec<Region>, height: f32) -> Vec<Block> {
    let measure = Measure::of(&regions, height);
    let mut found = Vec::new();
    for region in regions {
        let sides = region.sides();
        let ragged = is_ragged(&region, sides);
        let mut open: Vec<Row> = Vec::new();
        for row in region.rows {
            if open.last().is_some_and(|last| breaks(last, &open[0], &row, sides, ragged, &measure))
            {
                found.push(block(std::mem::take(&mut open), sides, &measure));
            }
            open.push(row);
        }
        if !open.is_empty() {
            found.push(block(open, sides, &measure));
        }
    }
    found
}

/// Whether most lines of a region end well before its right side.
fn is_ragged(region: &Region, (_, right): (f32, f32)) -> bool {
    let ends = region.rows.iter().filter_map(|r| r.last());
    let full = ends.filter(|l| right - l.rect.x1 < l.size).count();
    full * 5 < region.rows.len() * 2
}

/// How a row is set between the sides of its region.
fn setting(row: &Row, (left, right): (f32, f32), em: f32) -> Alignment {
    let x0 = row.first().map_or(left, |l| l.rect.x0);
    let x1 = row.last().map_or(right, |l| l.rect.x1);
    let (before, after) = (x0 - left, right - x1);
    if before > 1.5 * em && after > 1.5 * em && (before - after).abs() < 2.0 * em {
        Alignment::Center
    } else if before > 0.35 * (right - left) && after < 1.5 * em {
        Alignment::Right
    } else {
        Alignment::Left
    }
}

/// Whether `row` starts a block of its own after `last`.
fn breaks(
    last: &Row,
    first: &Row,
    row: &Row,
    sides: (f32, f32),
    ragged: bool,
    measure: &Measure,
) -> bool {
    let (Some(above), Some(head), Some(line)) = (last.last(), first.first(), row.first()) else {
        return true;
    };
    let em = line.size.max(1.0);
    let step = line.base - last[0].base;
    // Larger type has larger leading.
    let usual = measure.leading * (em / measure.size).max(1.0);
    let look = (above.size / em - 1.0).abs() > 0.12 || above.style.bold != line.style.bold;
    let set = setting(row, sides, em);
    if step > 1.45 * usual || look || (last.len() > 1) != (row.len() > 1) {
        return true;
    }
    if starts_item(&line.text) || is_page_number(&line.text) {
        return true;
    }
    match (setting(last, sides, em), set) {
        (Alignment::Left, Alignment::Left) => {
            let room = sides.1 - above.rect.x1;
            // In ragged text a line ends a paragraph when the next word would have fitted. Long
            // words are no measure: Khmer breaks inside them.
            let word = line.words.first().map_or(0.0, |w| w.rect.width().min(8.0 * em));
            let short = room > if ragged { word + em } else { 2.5 * em };
            let outdented = head.rect.x0 - line.rect.x0 > 0.8 * em && last != first;
            let indented = line.rect.x0 - above.rect.x0 > 0.8 * em && last != first;
            short || indented || (outdented && head.rect.x0 <= above.rect.x0 + 0.4 * em)
        }
        (a, b) => a != b,
    }
}

fn block(rows: Vec<Row>, sides: (f32, f32), measure: &Measure) -> Block {
    let em = rows[0][0].size.max(1.0);
    let lines: Vec<&TextLine> = rows.iter().flatten().collect();
    let rect = Rect::around(lines.iter().map(|l| l.rect)).unwrap_or_default();
    let first = &rows[0];
    let mut alignment = setting(first, sides, em);
    if rows.len() > 1 && rows.iter().any(|r| setting(r, sides, em) != alignment) {
        alignment = Alignment::Left;
    }
    let full = |r: &Row| r.last().is_some_and(|l| sides.1 - l.rect.x1 < 0.8 * em);
    if alignment == Alignment::Left && rows.len() > 2 && rows[..rows.len() - 1].iter().all(full) {
        alignment = Alignment::Justify;
    }
    let rest = rows[1..].iter().map(|r| r[0].rect.x0).fold(f32::INFINITY, f32::min);
    let indent = match alignment {
        Alignment::Left | Alignment::Justify => {
            let margin = if rest.is_finite() { rest } else { sides.0 };
            let indent = first[0].rect.x0 - margin;
            if indent.abs() < 0.3 * em { 0.0 } else { indent }
        }
        Alignment::Center | Alignment::Right => 0.0,
    };
    let kind = kind(&lines, alignment, measure);
    let lines = rows.into_iter().flatten().map(finished).collect();
    Block { kind, rect, alignment, indent, lines, table: None }
}

fn kind(lines: &[&TextLine], alignment: Alignment, measure: &Measure) -> BlockKind {
    let first = lines[0];
    let place = first.base / measure.height.max(1.0);
    let edge = !(0.09..=0.9).contains(&place);
    let outermost = first.base <= measure.ends.0 || first.base >= measure.ends.1;
    if (edge || outermost) && lines.len() == 1 && is_page_number(&first.text) {
        return BlockKind::PageNumber;
    }
    let ratio = first.size / measure.size.max(1.0);
    let bold = lines.iter().all(|l| l.style.bold);
    let short = lines.len() <= 3 && lines.iter().all(|l| l.text.chars().count() < 120);
    if short && (ratio >= 1.15 || bold && (ratio >= 0.95 || alignment == Alignment::Center)) {
        let level = match ratio {
            r if r >= 1.6 => 1,
            r if r >= 1.25 => 2,
            _ => 3,
        };
        return BlockKind::Heading { level };
    }
    if edge && ratio < 0.95 && lines.len() <= 2 {
        return if place < 0.5 { BlockKind::Header } else { BlockKind::Footer };
    }
    if place > 0.55 && ratio < 0.86 {
        return BlockKind::Footnote;
    }
    if starts_item(&first.text) { BlockKind::ListItem } else { BlockKind::Paragraph }
}

/// Whether a line begins with a bullet, a dash, or a short number or letter and a closing mark.
fn starts_item(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some('•' | '●' | '○' | '■' | '▪' | '◆' | '❖' | '➢' | '✓' | '\u{F0B7}') => {
            true
        }
        Some('-' | '–' | '—') => chars.next().is_some_and(|c| !c.is_ascii_digit()),
        Some(_) => {
            let head: String = text.chars().take_while(|c| !".)-".contains(*c)).take(4).collect();
            let length = head.chars().count();
            let number = head.chars().all(is_digit);
            let letter = length == 1 && head.chars().all(char::is_alphabetic);
            let mark = text.chars().nth(length);
            let after = text.chars().nth(length + 1);
            (1..=3).contains(&length)
                && (number || letter)
                && mark.is_some_and(|c| ".)-".contains(c))
                && after.is_some_and(|c| !is_digit(c))
        }
        None => false,
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('\u{17E0}'..='\u{17E9}').contains(&c)
}

/// Whether a line is nothing but a page's number.
pub(crate) fn is_page_number(text: &str) -> bool {
    let digits = text.chars().filter(|c| is_digit(*c)).count();
    (1..=4).contains(&digits)
        && text.chars().all(|c| is_digit(c) || c.is_whitespace() || "-–—/|.".contains(c))
}

/// A block of one line.
pub(crate) fn lone(line: TextLine) -> Block {
    let (kind, alignment) = (BlockKind::Paragraph, Alignment::Left);
    let rect = line.rect;
    Block { kind, rect, alignment, indent: 0.0, lines: vec![finished(line)], table: None }
}

/// A line in the document's form.
pub(crate) fn finished(line: TextLine) -> Line {
    let TextLine { text, rect, source, words, style, .. } = line;
    Line { text, rect, confidence: 1.0, source, words, style }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::order::regions;
    use crate::native::order::tests::line;

    fn made(lines: Vec<TextLine>) -> Vec<Block> {
        blocks(regions(lines), 800.0)
    }

    #[test]
    fn a_short_last_line_and_an_indent_part_paragraphs() {
        let lines = vec![
            line("one", 20.0, 400.0, 100.0),
            line("two", 0.0, 400.0, 115.0),
            line("end", 0.0, 150.0, 130.0),
            line("new", 20.0, 400.0, 145.0),
            line("and", 0.0, 400.0, 160.0),
            line("so on", 0.0, 400.0, 175.0),
        ];
        let found = made(lines);
        assert_eq!(found.iter().map(|b| b.lines.len()).collect::<Vec<_>>(), [3, 3]);
        assert_eq!(found[0].indent, 20.0);
    }

    #[test]
    fn a_larger_centred_line_is_a_heading() {
        let mut head = line("Head", 150.0, 250.0, 60.0);
        head.size = 16.0;
        let body = (0..4).map(|i| line("body of text", 0.0, 400.0, 100.0 + 15.0 * i as f32));
        let found = made(std::iter::once(head).chain(body).collect());
        assert_eq!(found[0].kind, BlockKind::Heading { level: 1 });
        assert_eq!(found[0].alignment, Alignment::Center);
        assert_eq!(found[1].lines.len(), 4);
    }

    #[test]
    fn page_numbers_and_items_are_told() {
        assert!(is_page_number("- ១២ -") && is_page_number("3/7") && !is_page_number("ទំព័រ ៣"));
        assert!(starts_item("១. ក") && starts_item("a) b") && starts_item("- x"));
        assert!(!starts_item("3.14 is") && !starts_item("-5") && !starts_item("ក ខ"));
    }
}
