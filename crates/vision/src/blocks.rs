//! Blocks: rows to paragraphs, headings, list items, page numbers, running heads and footnotes.

use khocr_document::{Alignment, Block, BlockKind, Cell, Line, PageSource, Rect, Style, Table};

use crate::layout::{Grid, Item, Part, Row, around, median};
use crate::rules::Rules;

/// Khmer core height in ems of its font: the median over the text faces in use.
pub const CORE_EM: f32 = 0.69;
/// A line whose strokes are this much thicker than the page's is bold.
const BOLD: f32 = 1.35;
/// A centred line beside a bold centred line is bold from here on: the lines of a heading are set
/// in one face, and wear makes their strokes differ by a fifth.
const BOLD_BESIDE: f32 = 1.15;

/// What the block stage knows of the page, level pixels.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// All items.
    pub items: &'a [Item],
    /// The rules.
    pub rules: &'a Rules,
    /// Page width and height.
    pub size: (f32, f32),
    /// Points a pixel.
    pub points: f32,
    /// Typical core height.
    pub core: f32,
    /// Typical stroke.
    pub stroke: f32,
}

/// A row with its figures.
struct Printed {
    rect: Rect,
    base: f32,
    core: f32,
    /// Its strokes over the page's.
    weight: f32,
    bold: bool,
    text: String,
    line: Line,
}

impl<'a> Context<'a> {
    /// Typical core and stroke, weighted by length, from the items themselves.
    #[must_use]
    pub fn new(items: &'a [Item], rules: &'a Rules, size: (f32, f32), points: f32) -> Self {
        let spread = |value: fn(&Item) -> f32| {
            let times = |i: &Item| (i.rect.width() / i.core.max(1.0) / 4.0).ceil() as usize;
            median(items.iter().flat_map(|i| vec![value(i); times(i)]).collect())
        };
        let (core, stroke) = (spread(|i| i.core), spread(|i| i.stroke));
        Self { items, rules, size, points, core, stroke }
    }

    /// The blocks of all parts, in order, boxes in level pixels.
    #[must_use]
    pub fn blocks(&self, parts: &[Part]) -> Vec<Block> {
        let mut out = Vec::new();
        for part in parts {
            match part {
                Part::Flow(rows) => out.extend(self.flow(rows)),
                Part::Grid(grid) => out.push(self.table(grid)),
            }
        }
        self.mark_margins(&mut out);
        out
    }

    fn printed(&self, row: &Row) -> Printed {
        let items: Vec<&Item> = row.iter().map(|&i| &self.items[i]).collect();
        let rect = around(self.items, row.iter().copied());
        let length: f32 = items.iter().map(|i| i.rect.width()).sum::<f32>().max(1.0);
        let mean = |value: fn(&Item) -> f32| {
            items.iter().map(|i| value(i) * i.rect.width()).sum::<f32>() / length
        };
        let (core, base, stroke) = (mean(|i| i.core), mean(|i| i.base), mean(|i| i.stroke));
        let weight = stroke / self.stroke;
        let bold = weight > BOLD;
        let text = items.iter().map(|i| i.text()).collect::<Vec<_>>().join(" ");
        let size = core * self.points / CORE_EM;
        let line = Line {
            text: text.clone(),
            rect,
            confidence: mean(|i| i.confidence),
            source: PageSource::Ocr,
            words: items.iter().flat_map(|i| i.words.iter().cloned()).collect(),
            style: Style { size: Some((size * 2.0).round() / 2.0), bold, ..Style::default() },
        };
        Printed { rect, base, core, weight, bold, text, line }
    }

    fn table(&self, grid: &Grid) -> Block {
        let cells = grid
            .cells
            .iter()
            .map(|c| Cell {
                row: c.row as u32,
                column: c.column as u32,
                row_span: c.row_span as u32,
                column_span: c.column_span as u32,
                rect: c.rect,
                lines: c.lines.iter().map(|r| self.printed(r).line).collect(),
            })
            .collect();
        let table = Table { rows: grid.rows as u32, columns: grid.columns as u32, cells };
        Block {
            kind: BlockKind::Table,
            rect: grid.rect,
            alignment: Alignment::Left,
            indent: 0.0,
            lines: Vec::new(),
            table: Some(table),
        }
    }

    fn flow(&self, rows: &[Row]) -> Vec<Block> {
        let mut lines: Vec<Printed> = rows.iter().map(|r| self.printed(r)).collect();
        let column = column_of(&lines);
        spread_bold(&mut lines, &column);
        let pitches: Vec<f32> =
            lines.windows(2).map(|w| (w[1].base - w[0].base) / w[1].core.max(w[0].core)).collect();
        let pitch = median(pitches.iter().copied().filter(|p| *p < 5.0).collect());
        let mut out: Vec<Block> = Vec::new();
        let mut open: Vec<Printed> = Vec::new();
        for (i, line) in lines.into_iter().enumerate() {
            let parted = open.last().is_none_or(|last| {
                pitches[i - 1] > 1.3 * pitch.max(1.6) || self.parts(last, &open, &line, &column)
            });
            if parted && !open.is_empty() {
                out.push(self.block(std::mem::take(&mut open), &column));
            }
            open.push(line);
        }
        if !open.is_empty() {
            out.push(self.block(open, &column));
        }
        out
    }

    /// Whether a new block begins at `next`, judged by its look and where it starts.
    fn parts(&self, last: &Printed, open: &[Printed], next: &Printed, column: &Rect) -> bool {
        let core = next.core;
        if (next.core / last.core).ln().abs() > 0.22 || next.bold != last.bold {
            return true;
        }
        if is_list_item(&next.text) || last.line.has_leader() && is_list_item(&open[0].text) {
            return true;
        }
        if centred(&next.rect, column, core) != centred(&last.rect, column, core) {
            return true;
        }
        if centred(&next.rect, column, core) {
            return false;
        }
        let left = open.iter().skip(1).map(|l| l.rect.x0).fold(f32::MAX, f32::min);
        let left = if open.len() > 1 { left } else { open[0].rect.x0.min(column.x0 + 4.0 * core) };
        let indented = next.rect.x0 > left + 1.5 * core;
        let short = last.rect.x1 < column.x1 - 5.0 * core;
        indented && (short || open.len() > 1) || (short && next.rect.x0 > last.rect.x0 - core)
    }

    fn block(&self, lines: Vec<Printed>, column: &Rect) -> Block {
        let rect = Rect::around(lines.iter().map(|l| l.rect)).unwrap_or_default();
        let core = median(lines.iter().map(|l| l.core).collect());
        let all_centred = lines.iter().all(|l| centred(&l.rect, column, core));
        let bold = lines.iter().all(|l| l.bold);
        let larger = core / self.core;
        let alignment = self.alignment(&lines, column, core, all_centred);
        let heading = lines.len() <= 3
            && lines.iter().all(|l| l.text.chars().count() < 120)
            && (larger > 1.25 || bold && (all_centred || lines.len() == 1));
        let kind = if heading {
            let level = match () {
                () if larger > 1.5 => 1,
                () if larger > 1.15 || all_centred => 2,
                () => 3,
            };
            BlockKind::Heading { level }
        } else if is_list_item(&lines[0].text) {
            BlockKind::ListItem
        } else {
            BlockKind::Paragraph
        };
        let rest = lines.iter().skip(1).map(|l| l.rect.x0).fold(f32::MAX, f32::min);
        let indent = if lines.len() < 2 || alignment == Alignment::Center {
            0.0
        } else {
            lines[0].rect.x0 - rest
        };
        let lines = lines.into_iter().map(|l| l.line).collect();
        Block { kind, rect, alignment, indent, lines, table: None }
    }

    fn alignment(&self, lines: &[Printed], column: &Rect, core: f32, centre: bool) -> Alignment {
        if centre {
            return Alignment::Center;
        }
        let full: Vec<&Printed> = lines.iter().take(lines.len().saturating_sub(1)).collect();
        let even = |x: fn(&Rect) -> f32| {
            let edge = median(full.iter().map(|l| x(&l.rect)).collect());
            full.iter().all(|l| (x(&l.rect) - edge).abs() < 1.2 * core)
        };
        if full.len() >= 2 && even(|r| r.x1) {
            return Alignment::Justify;
        }
        let rect = Rect::around(lines.iter().map(|l| l.rect)).unwrap_or_default();
        let far = rect.x0 - column.x0 > 0.5 * column.width();
        if far && column.x1 - rect.x1 < 2.0 * core { Alignment::Right } else { Alignment::Left }
    }

    /// Page numbers, running heads, feet and footnotes, by where they stand.
    fn mark_margins(&self, blocks: &mut [Block]) {
        let (_, height) = self.size;
        let count = blocks.len();
        for (i, block) in blocks.iter_mut().enumerate() {
            if block.table.is_some() || block.lines.len() > 2 {
                continue;
            }
            let text = block.lines.iter().map(|l| l.text.as_str()).collect::<Vec<_>>().join(" ");
            let low = block.rect.y0 > 0.85 * height;
            let high = block.rect.y1 < 0.12 * height;
            if (low || high) && is_page_number(&text) {
                block.kind = BlockKind::PageNumber;
            } else if high && i < 3 && self.ruled_below(&block.rect) {
                block.kind = BlockKind::Header;
            } else if low && i + 2 >= count && self.ruled_above(&block.rect) {
                block.kind = BlockKind::Footer;
            }
        }
        self.mark_footnotes(blocks);
    }

    /// Smaller text under a short rule at the left, in the lower half.
    fn mark_footnotes(&self, blocks: &mut [Block]) {
        let (width, height) = self.size;
        let rule = self
            .rules
            .across
            .iter()
            .find(|r| r.at > 0.5 * height && r.length() < 0.5 * width && r.from < 0.35 * width);
        let Some(rule) = rule else { return };
        for block in blocks {
            let plain = matches!(block.kind, BlockKind::Paragraph | BlockKind::ListItem);
            let size = block.lines.first().and_then(|l| l.style.size).unwrap_or(99.0);
            let typical = self.core * self.points / CORE_EM;
            if plain && block.rect.y0 > rule.at - 2.0 && size < 0.93 * typical {
                block.kind = BlockKind::Footnote;
            }
        }
    }

    fn ruled_below(&self, rect: &Rect) -> bool {
        self.rules.across.iter().any(|r| {
            r.length() > 0.4 * self.size.0 && r.at > rect.y0 && r.at < rect.y1 + 3.0 * self.core
        })
    }

    fn ruled_above(&self, rect: &Rect) -> bool {
        self.rules.across.iter().any(|r| {
            r.length() > 0.4 * self.size.0 && r.at < rect.y1 && r.at > rect.y0 - 3.0 * self.core
        })
    }
}

/// The column that lines stand in: between the margins of most long ones, as a running head or a line
/// that sticks out says nothing about the rest.
fn column_of(lines: &[Printed]) -> Rect {
    let all = Rect::around(lines.iter().map(|l| l.rect)).unwrap_or_default();
    let long: Vec<Rect> =
        lines.iter().map(|l| l.rect).filter(|r| r.width() > 0.5 * all.width()).collect();
    if long.len() < 4 {
        return all;
    }
    let at = |of: fn(&Rect) -> f32, share: usize| {
        let mut values: Vec<f32> = long.iter().map(of).collect();
        values.sort_by(f32::total_cmp);
        values[(values.len() - 1) * share / 4]
    };
    Rect { x0: at(|r| r.x0, 1), x1: at(|r| r.x1, 3), ..all }
}

/// Whether a line stands in the middle of its column with room on both sides.
fn centred(rect: &Rect, column: &Rect, core: f32) -> bool {
    let (left, right) = (rect.x0 - column.x0, column.x1 - rect.x1);
    left > 2.5 * core && right > 2.5 * core && (left - right).abs() < 0.15 * (left + right) + core
}

pub(crate) fn is_page_number(text: &str) -> bool {
    let digits = text.chars().filter(|c| c.is_ascii_digit() || ('០'..='៩').contains(c)).count();
    let other = text.chars().filter(|c| c.is_alphabetic() && !('០'..='៩').contains(c)).count();
    (1..=4).contains(&digits) && (other == 0 || text.starts_with("ទំព័រ"))
}

/// Makes all lines of a centred heading bold where some are: downwards, then upwards.
fn spread_bold(lines: &mut [Printed], column: &Rect) {
    let follows = |a: &Printed, b: &Printed| {
        a.bold && b.weight > BOLD_BESIDE && [a, b].iter().all(|l| centred(&l.rect, column, l.core))
    };
    let count = lines.len();
    let down = (1..count).map(|i| (i - 1, i));
    let up = (1..count).rev().map(|i| (i, i - 1));
    for (from, to) in down.chain(up) {
        if follows(&lines[from], &lines[to]) {
            lines[to].bold = true;
            lines[to].line.style.bold = true;
        }
    }
}

/// Whether a line begins with a dash, a plus, a bullet, or a number or letter with its sign (`១.` `ក-`
/// `(a)`).
pub(crate) fn is_list_item(text: &str) -> bool {
    let text = text.trim_start();
    if is_page_number(text) {
        return false;
    }
    if let Some(rest) = text.strip_prefix("+ ") {
        return rest.starts_with(char::is_alphabetic);
    }
    if let Some(rest) = text.strip_prefix(['-', '–', '•', '·', '*', '●', '■', '▪', '○', '□', '◦'])
    {
        return rest.chars().any(char::is_alphanumeric) && rest.chars().count() > 3;
    }
    let opened = text.strip_prefix('(');
    let body = opened.unwrap_or(text);
    let head: String = body
        .chars()
        .take_while(|c| {
            c.is_ascii_alphanumeric() || ('ក'..='អ').contains(c) || ('០'..='៩').contains(c)
        })
        .collect();
    let rest = &body[head.len()..];
    let number = head.chars().all(|c| c.is_ascii_digit() || ('០'..='៩').contains(&c));
    let short = if number { head.chars().count() <= 3 } else { head.chars().count() == 1 };
    let sign = match opened {
        Some(_) => rest.starts_with(')'),
        None => {
            rest.starts_with(['.', ')', '/', '-', '–', '៖', '៘'])
                && !rest
                    .chars()
                    .nth(1)
                    .is_some_and(|c| c.is_ascii_digit() || ('០'..='៩').contains(&c))
        }
    };
    !head.is_empty() && short && sign
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_items_begin_with_a_sign() {
        for yes in [
            "- ទទួលបាន",
            "១. លក្ខណៈ",
            "ក- ប្រការ",
            "(ខ) ត្រូវ",
            "a) one",
            "• ឯកឧត្តម",
            "+ ចំណូលសារពើពន្ធ",
            "■ អង្គការ",
        ] {
            assert!(is_list_item(yes), "{yes}");
        }
        for no in ["+ 6 000", "ការងារ", "២០២៥", "- ១ -", "3.14", "ក្រុម"]
        {
            assert!(!is_list_item(no), "{no}");
        }
    }

    #[test]
    fn page_numbers_are_digits_with_dashes() {
        assert!(is_page_number("- ១២ -") && is_page_number("ទំព័រ ៣") && is_page_number("2"));
        assert!(!is_page_number("ឆ្នាំ ២០០៤") && !is_page_number("-"));
    }

    fn printed(x0: f32, x1: f32, weight: f32) -> Printed {
        Printed {
            rect: Rect::new(x0, 0.0, x1, 30.0),
            base: 0.0,
            core: 20.0,
            weight,
            bold: weight > BOLD,
            text: String::new(),
            line: Line {
                text: String::new(),
                rect: Rect::default(),
                confidence: 1.0,
                source: PageSource::Ocr,
                words: Vec::new(),
                style: Style::default(),
            },
        }
    }

    #[test]
    fn a_line_that_sticks_out_does_not_widen_the_column() {
        let mut lines: Vec<Printed> = (0..8).map(|_| printed(100.0, 900.0, 1.0)).collect();
        lines.push(printed(180.0, 900.0, 1.0));
        lines.push(printed(20.0, 980.0, 1.0));
        lines.push(printed(100.0, 400.0, 1.0));
        let column = column_of(&lines);
        assert_eq!((column.x0, column.x1), (100.0, 900.0));
        let few = column_of(&lines[7..]);
        assert_eq!((few.x0, few.x1), (20.0, 980.0), "too few to tell");
    }

    #[test]
    fn a_heading_is_bold_throughout_and_the_text_below_it_is_not() {
        let column = Rect::new(0.0, 0.0, 1000.0, 1000.0);
        let mut lines = [
            printed(400.0, 600.0, 1.23),
            printed(300.0, 700.0, 1.18),
            printed(250.0, 750.0, 1.39),
            printed(350.0, 650.0, 1.31),
            printed(400.0, 600.0, 1.02),
            printed(0.0, 1000.0, 1.22),
        ];
        spread_bold(&mut lines, &column);
        assert_eq!(lines.each_ref().map(|l| l.bold), [true, true, true, true, false, false]);
        assert!(lines[0].line.style.bold && !lines[5].line.style.bold);
    }
}
