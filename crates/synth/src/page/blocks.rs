//! The pieces that pages are made of: paragraphs, headings, lists, forms, notes.

use super::setting::{Align, Desk, Frame};
use super::sheet::Ink;

impl Desk<'_> {
    /// A paragraph of about `clusters`, first line indented as the page does.
    pub fn paragraph(&mut self, frame: &mut Frame, clusters: usize, align: Align, indent: f32) {
        self.block();
        let mut style = self.body.clone();
        if self.chance(0.04) {
            style.bold += style.core() * 0.06;
        }
        if self.chance(0.02) {
            style.setting.slant = 0.2;
        }
        let words = self.words(clusters, &style);
        self.flow(frame, &style, &words, align, (indent, 0.0));
    }

    /// A heading of one or two lines.
    pub fn heading(&mut self, frame: &mut Frame, ratio: f32, align: Align) {
        self.block();
        let mut style = self.head.resized(ratio);
        style.underline = self.chance(0.08);
        frame.y += style.pitch * self.between(0.0, 0.4);
        let clusters = self.rng.usize(2..32);
        let words = self.words(clusters, &style);
        self.flow(frame, &style, &words, align, (0.0, 0.0));
        frame.y += style.pitch * self.between(0.0, 0.3);
    }

    /// The head of an article: a bold label, then text on the same line or beneath it.
    pub fn article(&mut self, frame: &mut Frame, align: Align) {
        self.block();
        let label = {
            let style = self.head.resized(self.body.core() / self.head.core());
            let n = self.rng.u32(1..400);
            let number = if self.chance(0.8) {
                crate::generate::khmer_digits(&n.to_string())
            } else {
                n.to_string()
            };
            let sign = ["៖", " ៖", ".-", " -", "."][self.rng.usize(..5)];
            let text =
                format!("{} {number}{sign}", ["មាត្រា", "ប្រការ", "ចំណុច", "ជំពូក"][self.rng.usize(..4)]);
            let mut words = Vec::new();
            self.shape_words(&text, &style, &mut words);
            words
        };
        let style = self.body.clone();
        if self.chance(0.4) {
            let align = if self.chance(0.5) { Align::Centre } else { Align::Left };
            self.flow(frame, &style, &label, align, (0.0, 0.0));
            self.block();
            let clusters = self.rng.usize(20..220);
            let words = self.words(clusters, &style);
            let indent = self.between(0.0, 5.0) * style.core();
            self.flow(frame, &style, &words, Align::Both, (indent, 0.0));
            return;
        }
        let mut words = label;
        if let Some(last) = words.last_mut() {
            last.space_after(self.rng.f32() * 3.0 * style.core());
        }
        let clusters = self.rng.usize(20..220);
        words.extend(self.words(clusters, &style));
        let hang = if self.chance(0.3) { self.between(2.0, 9.0) * style.core() } else { 0.0 };
        self.flow(frame, &style, &words, align, (0.0, hang));
    }

    /// Items with numbers, letters, dashes or dots before them.
    pub fn list(&mut self, frame: &mut Frame) {
        let kind = self.rng.u8(..6);
        let style = self.body.clone();
        let core = style.core();
        let left = self.between(0.0, 5.0) * core;
        let hang = if self.chance(0.6) { self.between(1.5, 4.0) * core } else { 0.0 };
        let letters: Vec<char> = "កខគឃងចឆជឈញដឋឌឍណ".chars().collect();
        let short = self.chance(0.4);
        let count = self.rng.usize(2..9);
        for (i, letter) in letters.iter().enumerate().take(count) {
            if frame.y + style.pitch > frame.bottom {
                return;
            }
            self.block();
            let number = (i + 1).to_string();
            let mark = match kind {
                0 => format!("{}.", crate::generate::khmer_digits(&number)),
                1 => format!("{number}."),
                2 => format!("{letter}-"),
                3 => "-".to_owned(),
                4 => format!("({number})"),
                _ => format!("{letter}."),
            };
            let mut words = Vec::new();
            self.shape_words(&mark, &style, &mut words);
            let used = self.measure(&words, &style);
            if let Some(last) = words.last_mut() {
                last.space_after((hang - used).max(core * 0.3));
            }
            let clusters = if short { self.rng.usize(3..25) } else { self.rng.usize(10..120) };
            words.extend(self.words(clusters, &style));
            self.flow(frame, &style, &words, Align::Left, (left, left + hang));
        }
    }

    /// Lines to be filled in: labels with leaders after them, one or more a line.
    pub fn form(&mut self, frame: &mut Frame, lines: usize) {
        let mut style = self.body.clone();
        style.pitch *= self.between(1.0, 1.4);
        let scribbled = self.chance(0.3);
        for _ in 0..lines {
            if frame.y + style.pitch > frame.bottom {
                return;
            }
            self.block();
            let baseline = self.baseline(frame.y, &style);
            let mut room = frame.width() - self.between(0.0, 0.2) * frame.width();
            let mut words = Vec::new();
            for _ in 0..self.rng.usize(1..4) {
                let clusters = self.rng.usize(2..9);
                let mut label = self.words(clusters, &style);
                label.truncate(4);
                let need = self.measure(&label, &style) + style.space;
                let gap = self.between(4.0, 30.0) * style.core();
                if need + gap > room {
                    break;
                }
                room -= need + gap;
                words.extend(label);
                words.push(self.leader(gap, &style));
            }
            let extra = room.max(0.0);
            if extra > 3.0 * style.core() && !words.is_empty() {
                let length = extra * self.rng.f32();
                words.push(self.leader(length, &style));
            }
            let ends =
                self.set_line(&words, &style, (frame.left, frame.right), baseline, Align::Left);
            if let Some((l, r)) = ends.filter(|_| scribbled) {
                let x = self.between(l, r);
                let reach = (r - x).min(12.0 * style.core());
                let size = style.core() * self.between(0.8, 1.4);
                self.handwriting((x, baseline - 1.0), reach, size);
            }
            frame.y += style.pitch;
        }
    }

    /// A list of contents: title, leader, page number; each entry is one line.
    pub fn contents(&mut self, frame: &mut Frame) {
        let style = self.body.clone();
        let indent = self.between(0.0, 3.0) * style.core();
        let dotted = self.chance(0.85);
        let tight = self.between(0.05, 0.4) * style.core();
        while frame.y + style.pitch * 2.0 < frame.bottom {
            self.block();
            let level = self.rng.usize(0..3) as f32;
            let left = frame.left + level * indent;
            let style = if level == 0.0 && self.chance(0.4) {
                self.head.resized(style.core() / self.head.core())
            } else {
                style.clone()
            };
            let clusters = self.rng.usize(4..60);
            let number = self.rng.u32(1..600).to_string();
            let number =
                if self.chance(0.7) { crate::generate::khmer_digits(&number) } else { number };
            let mut tail = Vec::new();
            self.shape_words(&number, &style, &mut tail);
            let tail_width = self.measure(&tail, &style);
            let mut words = self.words(clusters, &style);
            let room = frame.right - left - tail_width - 4.0 * style.core();
            let mut head = Vec::new();
            // A long title takes several lines; only its last one carries the leader.
            while self.measure(&words, &style) > room {
                let mut width = 0.0;
                let cut = words.iter().position(|w| {
                    width += w.width() + style.space;
                    width > room
                });
                head = words;
                words = head.split_off(cut.unwrap_or(1).max(1));
                let baseline = self.baseline(frame.y, &style);
                self.set_line(&head, &style, (left, frame.right), baseline, Align::Left);
                frame.y += style.pitch;
                if frame.y + style.pitch * 2.0 > frame.bottom {
                    return;
                }
            }
            drop(head);
            let gap = frame.right - left - tail_width - self.measure(&words, &style) - 2.0 * tight;
            let baseline = self.baseline(frame.y, &style);
            if dotted && gap > 2.0 * style.core() {
                if let Some(last) = words.last_mut() {
                    last.space_after(tight);
                }
                let mut leader = self.leader(gap, &style);
                leader.space_after(tight);
                words.push(leader);
                words.extend(tail);
                self.set_line(&words, &style, (left, frame.right), baseline, Align::Left);
            } else {
                self.set_line(&words, &style, (left, frame.right), baseline, Align::Left);
                self.set_line(&tail, &style, (left, frame.right), baseline, Align::Right);
            }
            frame.y += style.pitch * self.between(0.98, 1.3);
        }
    }

    /// Small notes under a short rule at the foot of a frame; the frame ends above them.
    pub fn footnotes(&mut self, frame: &mut Frame) {
        let style = self.body.resized(0.8);
        let lines = self.rng.usize(1..6) as f32;
        let top = frame.bottom - lines * style.pitch - 6.0;
        if top < frame.y + self.body.pitch * 4.0 {
            return;
        }
        let reach = frame.width() * self.between(0.2, 0.4);
        self.sheet.rule((frame.left, top), (frame.left + reach, top), 0.7, Ink::solid(style.ink));
        let mut notes = Frame { y: top + 5.0, ..*frame };
        let clusters = (lines * frame.width() / style.core() * 0.6) as usize;
        self.block();
        let words = self.words(clusters, &style);
        self.flow(&mut notes, &style, &words, Align::Left, (0.0, 0.0));
        frame.bottom = top - 3.0;
    }

    /// Text in one to three parts across the page's head, often with a rule beneath.
    pub fn running_head(&mut self, frame: &mut Frame) {
        let style = self.body.resized(self.rng.f32() * 0.3 + 0.75);
        let baseline = self.baseline(frame.y, &style);
        let parts = self.rng.usize(1..5);
        self.block();
        let width = frame.width() / parts as f32;
        for i in 0..parts {
            let align = match (i, parts) {
                (0, 1) => [Align::Left, Align::Centre, Align::Right][self.rng.usize(..3)],
                (0, _) => Align::Left,
                (i, n) if i + 1 == n => Align::Right,
                _ => Align::Centre,
            };
            let clusters = self.rng.usize(2..14);
            let left = frame.left + width * i as f32 + style.core();
            self.text_at(
                &style,
                clusters,
                (left, left + width - 2.0 * style.core()),
                baseline,
                align,
            );
        }
        frame.y += style.pitch;
        if self.chance(0.6) {
            let y = frame.y + self.between(-1.0, 3.0);
            let ink = Ink::solid(style.ink);
            let thick = self.between(0.5, 2.0);
            self.sheet.rule((frame.left, y), (frame.right, y), thick, ink);
            if self.chance(0.3) {
                self.sheet.rule((frame.left, y + 2.5), (frame.right, y + 2.5), 0.6, ink);
            }
        }
        frame.y += style.pitch * self.between(0.3, 1.2);
    }

    /// A page number at the foot.
    pub fn page_number(&mut self, left: f32, right: f32, baseline: f32) {
        self.block();
        let n = self.rng.u32(1..400).to_string();
        let n = if self.chance(0.6) { crate::generate::khmer_digits(&n) } else { n };
        let text = match self.rng.u8(..5) {
            0 => format!("- {n} -"),
            1 => format!("ទំព័រ {n}"),
            2 => format!("{n}/{}", self.rng.u32(2..300)),
            _ => n,
        };
        let style = self.body.resized(self.rng.f32() * 0.35 + 0.75);
        let align = [Align::Centre, Align::Right, Align::Centre, Align::Left][self.rng.usize(..4)];
        self.say(&style, &text, (left, right), baseline, align);
    }

    /// A dark band with light letters, or a tinted box with dark ones.
    pub fn banner(&mut self, frame: &mut Frame) {
        self.block();
        let ratio = self.between(0.9, 1.8);
        let mut style = self.head.resized(ratio);
        let height = style.pitch * self.between(1.0, 1.7);
        if frame.y + height > frame.bottom {
            return;
        }
        let dark = self.chance(0.6);
        let tint = if dark { self.rng.u8(0..130) } else { self.rng.u8(170..240) };
        style.ink = if dark { self.rng.u8(225..=255) } else { self.rng.u8(0..60) };
        self.sheet.fill_box([frame.left, frame.y, frame.right, frame.y + height], Ink::solid(tint));
        let baseline = frame.y + height * 0.5 + style.core() * 0.5;
        let clusters = self.rng.usize(4..26);
        let align = if self.chance(0.6) { Align::Centre } else { Align::Left };
        let inset = style.core();
        self.text_at(&style, clusters, (frame.left + inset, frame.right - inset), baseline, align);
        frame.y += height + style.pitch * 0.3;
    }
}
