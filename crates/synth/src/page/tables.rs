//! Tables: ruled, half ruled, unruled; spans, numbers, cells of several lines.

use super::borders::Laid;
use super::setting::{Align, Desk, Frame, Word};
use super::sheet::{Cell, Ink};

/// What a column holds.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Count,
    Number,
    Short,
    Long,
}

impl Desk<'_> {
    /// A table of up to `most` rows across a frame.
    pub fn table(&mut self, frame: &mut Frame, most: usize) {
        let mut style = self.body.resized(1.0);
        // Smaller than the text, but never too small to read.
        let least = (6.0 / (style.core() * self.sheet.scale)).min(1.0);
        let shrink = self.between(0.7, 1.0).max(least);
        style = style.resized(shrink);
        style.pitch = style.core() * self.between(2.1, 3.2);
        let core = style.core();
        let columns = self.rng.usize(
            2..match frame.width() / core {
                w if w > 90.0 => 13,
                w if w > 45.0 => 10,
                _ => 4,
            },
        );
        let budget = self.budget(columns);
        let any = |i: usize| match (i, self.rng.u8(..10)) {
            (0, 0..=5) => Kind::Count,
            (_, 0..=3) => Kind::Number,
            (_, 4..=7) => Kind::Short,
            _ => Kind::Long,
        };
        let kinds: Vec<Kind> = match &budget {
            Some(budget) => budget.kinds(columns, self),
            None => (0..columns).map(any).collect(),
        };
        let weights: Vec<f32> = kinds
            .iter()
            .map(|k| match k {
                Kind::Count => 0.35,
                Kind::Number => self.between(0.6, 1.0),
                Kind::Short => self.between(0.8, 1.6),
                Kind::Long => self.between(1.5, 3.5),
            })
            .collect();
        let total: f32 = weights.iter().sum();
        let width = frame.width() * if self.chance(0.7) { 1.0 } else { self.between(0.6, 1.0) };
        let left = frame.left + (frame.width() - width) * self.rng.f32();
        let mut edges = vec![left];
        for w in &weights {
            edges.push(edges[edges.len() - 1] + width * w / total);
        }

        let (across, down) = match self.rng.u8(..10) {
            // Budgets are seldom ruled between all rows.
            2..=5 if budget.is_some() => (false, true),
            0..=5 => (true, true),
            6 => (true, false),
            7 => (false, true),
            _ => (false, false),
        };
        let thick = self.between(0.4, 1.8);
        let ink = Ink::solid(self.rng.u8(0..150));
        let striped = self.chance(0.12);
        let tinted_head = self.chance(0.35);
        // Text often touches the rules; unruled columns need air between them.
        let pad = if down { self.between(0.12, 0.8) } else { self.between(0.9, 2.0) } * core;
        let close = if budget.is_some() { 0.3 } else { 1.0 };
        let air = self.between(0.0, 0.7) * close * core;
        let wrap = self.chance(0.6 * close);
        let number_align = if self.chance(0.7) { Align::Right } else { Align::Centre };
        let table = self.sheet.tables.len() as u32;
        self.sheet.tables.push((across, down));
        if across {
            self.sheet.rule((left, frame.y), (left + width, frame.y), thick, ink);
        }
        let top = frame.y;
        let rows = self.rng.usize(2..most.max(3));
        let mut walls: Vec<(f32, f32, f32)> = Vec::new();
        let mut laid: Vec<Vec<Laid>> = Vec::new();
        for row in 0..rows {
            let head = row == 0 && self.chance(0.85);
            let mut cell_style = if head && self.chance(0.7) {
                self.head.resized(core / self.head.core())
            } else {
                style.clone()
            };
            cell_style.pitch = style.pitch;
            // A cell may span several columns.
            let mut spans = Vec::new();
            let mut c = 0;
            while c < columns {
                let n = if self.chance(0.03) { self.rng.usize(2..4).min(columns - c) } else { 1 };
                spans.push((c, c + n));
                c += n;
            }
            let holds = budget.as_ref().filter(|_| row > 0).map(|b| b.row(columns, self));
            let mut cells: Vec<(usize, usize, Vec<Vec<Word>>, Align)> = Vec::new();
            let mut most_lines = 1;
            for &(from, to) in &spans {
                let room = edges[to] - edges[from] - 2.0 * pad;
                let (mut words, align) = self.cell_words(kinds[from], head, row, &cell_style);
                if holds.as_ref().is_some_and(|h| !h[from]) {
                    words.clear();
                }
                let align = match kinds[from] {
                    Kind::Number if !head => number_align,
                    _ => align,
                };
                let mut lines = Vec::new();
                while !words.is_empty() && lines.len() < if wrap { 4 } else { 1 } {
                    let mut used = 0.0;
                    let cut = words.iter().position(|w| {
                        used += w.width();
                        let over = used > room;
                        used += if w.is_spaced() { cell_style.space } else { 0.0 };
                        over
                    });
                    let rest = match cut {
                        Some(0) => break,
                        Some(n) => words.split_off(n),
                        None => Vec::new(),
                    };
                    lines.push(words);
                    words = rest;
                }
                most_lines = most_lines.max(lines.len());
                cells.push((from, to, lines, align));
            }
            let height = cell_style.pitch * most_lines as f32 + 2.0 * air;
            if frame.y + height > frame.bottom {
                break;
            }
            if (head && tinted_head) || (striped && row % 2 == 1) {
                let tint = if head { self.rng.u8(120..235) } else { 225 };
                self.sheet.fill_box(
                    [left, frame.y, left + width, frame.y + height],
                    Ink::glaze(tint, 1.0),
                );
            }
            let middle = self.chance(0.5);
            laid.push(Vec::new());
            for (from, to, lines, align) in cells {
                self.block();
                let first = self.sheet.lines.len();
                self.sheet.cell = Some(Cell { table, row: row as u32, column: from as u32 });
                let spare = if middle {
                    (most_lines - lines.len().min(most_lines)) as f32 * 0.5
                } else {
                    0.0
                };
                for (i, words) in lines.iter().enumerate() {
                    let y = frame.y + air + cell_style.pitch * (i as f32 + spare);
                    let baseline = self.baseline(y, &cell_style);
                    self.set_line(
                        words,
                        &cell_style,
                        (edges[from] + pad, edges[to] - pad),
                        baseline,
                        align,
                    );
                }
                walls.push((edges[to], frame.y, frame.y + height));
                laid[row].push(Laid { from, to, lines: first..self.sheet.lines.len() });
                self.sheet.cell = None;
            }
            frame.y += height;
            if across || (row == 0 && self.chance(0.4)) {
                self.sheet.rule((left, frame.y), (left + width, frame.y), thick, ink);
            }
        }
        if down {
            self.sheet.rule((left, top), (left, frame.y), thick, ink);
            for (x, from, to) in walls {
                self.sheet.rule((x, from), (x, to), thick, ink);
            }
        }
        self.sheet.mark_borders(&laid);
        frame.y += style.pitch * self.between(0.3, 1.2);
        self.block();
    }

    fn cell_words(
        &mut self,
        kind: Kind,
        head: bool,
        row: usize,
        style: &super::setting::Style<'_>,
    ) -> (Vec<Word>, Align) {
        if !head && self.chance(0.06) {
            return (Vec::new(), Align::Left);
        }
        let mut words = Vec::new();
        if head {
            let clusters = self.rng.usize(2..14);
            return (self.words(clusters, style), Align::Centre);
        }
        match kind {
            Kind::Count => {
                let n = row.max(1).to_string();
                let n = if self.chance(0.6) { crate::generate::khmer_digits(&n) } else { n };
                self.shape_words(&n, style, &mut words);
                (words, Align::Centre)
            }
            Kind::Number => {
                let digits = self.rng.u32(1..9);
                let n = self.rng.u64(0..10u64.pow(digits));
                let text = match self.rng.u8(..5) {
                    0 => format!("{n}"),
                    1 => format!("{}.{}", n % 1000, n % 97),
                    2 => format!("{}%", n % 100),
                    3 => crate::generate::khmer_digits(&n.to_string()),
                    _ => {
                        let digits = n.to_string();
                        let mut out = String::new();
                        for (i, c) in digits.chars().enumerate() {
                            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                                out.push(',');
                            }
                            out.push(c);
                        }
                        out
                    }
                };
                self.shape_words(&text, style, &mut words);
                (words, Align::Right)
            }
            Kind::Short => {
                let text = self.kit.texts.word(&mut self.rng).to_owned();
                self.shape_words(&text, style, &mut words);
                let align = if self.chance(0.2) { Align::Centre } else { Align::Left };
                (words, align)
            }
            Kind::Long => {
                let clusters = self.rng.usize(3..40);
                (self.words(clusters, style), Align::Left)
            }
        }
    }
}
