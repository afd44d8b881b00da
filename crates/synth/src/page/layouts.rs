//! Whole pages: which pieces stand where.

use super::setting::{Align, Desk, Frame};
use super::sheet::Ink;

/// Kinds of page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A ministry's letter: two heading blocks, date, body, signature, stamp.
    Letter,
    /// A law or a book in one column.
    Law,
    /// Text in two or three columns.
    Columns,
    /// The royal gazette: head line with a rule, emblem, centred titles, stamps.
    Gazette,
    /// A form to fill in.
    Form,
    /// A page that is mostly tables.
    Tables,
    /// A list of contents.
    Contents,
    /// A poster or a title page.
    Poster,
    /// An identity card or a visiting card.
    Card,
    /// A web document or a slide: lists, banners, pictures.
    Web,
    /// A part of a page, seen close.
    Close,
}

/// Kinds and how often they are drawn.
pub const KINDS: &[(Kind, f32)] = &[
    (Kind::Letter, 12.0),
    (Kind::Law, 18.0),
    (Kind::Columns, 9.0),
    (Kind::Gazette, 14.0),
    (Kind::Form, 8.0),
    (Kind::Tables, 16.0),
    (Kind::Contents, 5.0),
    (Kind::Poster, 4.0),
    (Kind::Card, 4.0),
    (Kind::Web, 7.0),
    (Kind::Close, 7.0),
];

impl Desk<'_> {
    /// Draws a page of this kind.
    pub fn lay_out(&mut self, kind: Kind) {
        let (w, h) = (self.sheet.width, self.sheet.height);
        let side = self.between(0.04, 0.14) * w;
        let mut frame = Frame {
            left: side,
            right: w - side * self.between(0.6, 1.2),
            y: h * self.between(0.025, 0.08),
            bottom: h * self.between(0.9, 0.97),
        };
        if self.chance(0.55) && !matches!(kind, Kind::Card | Kind::Close | Kind::Poster) {
            let baseline = (frame.bottom + h * 0.015).min(h - 6.0);
            let before = self.sheet.lines.len();
            self.page_number(frame.left, frame.right, baseline);
            // Read last, so moved behind everything else when the page is done.
            let number: Vec<_> = self.sheet.lines.drain(before..).collect();
            frame.bottom -= self.body.pitch * 0.8;
            self.lay_body(kind, &mut frame);
            self.sheet.lines.extend(number);
        } else {
            self.lay_body(kind, &mut frame);
        }
        if self.chance(0.05) {
            let m = self.between(4.0, side.max(8.0) * 0.6);
            self.border([m, m, w - m, h - m]);
        }
        if self.chance(if kind == Kind::Gazette { 0.45 } else { 0.12 }) {
            let r = h * self.between(0.03, 0.075);
            let at = (self.between(0.05, 0.95) * w, self.between(0.1, 0.97) * h);
            self.stamp(at, r);
        }
        if self.chance(0.15) {
            self.pen_marks();
        }
        if self.chance(0.03) {
            self.watermark();
        }
    }

    /// Large faint letters across the page, not to be read.
    fn watermark(&mut self) {
        let (w, h) = (self.sheet.width, self.sheet.height);
        let ratio = self.between(0.05, 0.13) * w / self.head.core();
        let style = self.head.resized(ratio);
        let text = self.kit.texts.word(&mut self.rng).to_owned();
        let Some(shaped) = crate::shape::shape(&text, style.face, style.latin, &style.setting)
        else {
            return;
        };
        if let Some(path) = shaped.path {
            let turn = self.between(-60.0, 60.0);
            let place = tiny_skia::Transform::from_translate(-shaped.width * 0.5, 0.0)
                .post_concat(tiny_skia::Transform::from_rotate(turn))
                .post_translate(w * 0.5, h * self.between(0.3, 0.7));
            let gray = self.rng.u8(190..240);
            self.sheet.fill(&path, place, Ink::glaze(gray, 1.0));
        }
    }

    fn lay_body(&mut self, kind: Kind, frame: &mut Frame) {
        match kind {
            Kind::Letter => self.letter(frame),
            Kind::Law => self.law(frame),
            Kind::Columns => self.columns(frame),
            Kind::Gazette => self.gazette(frame),
            Kind::Form => self.form_page(frame),
            Kind::Tables => self.tables(frame),
            Kind::Contents => {
                if self.chance(0.7) {
                    self.heading(frame, 1.2, Align::Centre);
                }
                self.contents(frame);
            }
            Kind::Poster => self.poster(frame),
            Kind::Card => self.card(frame),
            Kind::Web => self.web(frame),
            Kind::Close => self.close(frame),
        }
    }

    fn align(&mut self) -> Align {
        if self.chance(0.65) { Align::Both } else { Align::Left }
    }

    fn indent(&mut self) -> f32 {
        if self.chance(0.7) { self.between(1.5, 8.0) * self.body.core() } else { 0.0 }
    }

    /// Text blocks down a frame until it is full.
    pub(super) fn fill_up(&mut self, frame: &mut Frame, tables: f32) {
        let (align, indent) = (self.align(), self.indent());
        let loose = self.between(0.0, 0.9) * self.body.pitch;
        let stop = if self.chance(0.2) {
            frame.y + (frame.bottom - frame.y) * self.rng.f32()
        } else {
            frame.bottom
        };
        while frame.y + self.body.pitch * 1.5 < stop {
            let clusters = self.rng.usize(8..260);
            match self.rng.f32() {
                p if p < 0.50 => self.paragraph(frame, clusters, align, indent),
                p if p < 0.66 => self.article(frame, align),
                p if p < 0.78 => self.list(frame),
                p if p < 0.86 => {
                    let ratio = self.between(0.95, 1.4);
                    let align = if self.chance(0.6) { Align::Centre } else { Align::Left };
                    self.heading(frame, ratio, align);
                }
                p if p < 0.88 => self.banner(frame),
                p if p < 0.90 => self.form(frame, 3),
                p if p < 0.90 + tables => self.table(frame, 8),
                p if p < 0.93 + tables => self.illustration(frame),
                _ => self.paragraph(frame, clusters, Align::Left, indent),
            }
            frame.y += loose * self.rng.f32();
        }
    }

    pub(super) fn illustration(&mut self, frame: &mut Frame) {
        let height = self.between(0.15, 0.5) * frame.width();
        if frame.y + height + 2.0 * self.body.pitch > frame.bottom {
            frame.y += self.body.pitch;
            return;
        }
        let width = frame.width() * self.between(0.25, 1.0);
        let left = frame.left + (frame.width() - width) * [0.0, 0.5, 1.0][self.rng.usize(..3)];
        self.picture([left, frame.y, left + width, frame.y + height]);
        frame.y += height + 4.0;
        if self.chance(0.5) {
            let style = self.body.resized(0.85);
            let baseline = self.baseline(frame.y, &style);
            self.block();
            let clusters = self.rng.usize(6..40);
            self.text_at(&style, clusters, (frame.left, frame.right), baseline, Align::Centre);
            frame.y += style.pitch * 1.2;
        }
    }

    fn law(&mut self, frame: &mut Frame) {
        if self.chance(0.4) {
            self.running_head(frame);
        }
        let before = self.sheet.lines.len();
        if self.chance(0.2) {
            self.footnotes(frame);
        }
        // Read after the text above them.
        let notes: Vec<_> = self.sheet.lines.drain(before..).collect();
        if self.chance(0.3) {
            let ratio = self.between(1.0, 1.6);
            self.heading(frame, ratio, Align::Centre);
        }
        if self.chance(0.08) {
            self.marginal_notes(frame);
        }
        self.fill_up(frame, 0.02);
        self.sheet.lines.extend(notes);
    }

    /// Narrow notes or line numbers beside the text.
    fn marginal_notes(&mut self, frame: &mut Frame) {
        let width = frame.width() * self.between(0.12, 0.2);
        let style = self.body.resized(0.75);
        let mut y = frame.y + self.body.pitch;
        while y < frame.bottom - 6.0 * style.pitch {
            let mut note = Frame {
                left: frame.left,
                right: frame.left + width,
                y,
                bottom: y + 4.2 * style.pitch,
            };
            self.block();
            let words = self.words(25, &style);
            self.flow(&mut note, &style, &words, Align::Left, (0.0, 0.0));
            y = note.y + self.between(2.0, 12.0) * style.pitch;
        }
        frame.left += width + 2.0 * self.body.core();
    }

    fn columns(&mut self, frame: &mut Frame) {
        if self.chance(0.5) {
            self.running_head(frame);
        }
        if self.chance(0.5) {
            let ratio = self.between(1.2, 2.4);
            self.heading(frame, ratio, Align::Centre);
        }
        let n = if self.chance(0.75) { 2 } else { 3 };
        let gap = self.body.core() * self.between(0.9, 4.5);
        let width = (frame.width() - gap * (n as f32 - 1.0)) / n as f32;
        let small = self.body.resized(if n == 3 { 0.8 } else { 0.92 });
        let body = std::mem::replace(&mut self.body, small);
        let ruled = self.chance(0.25);
        let bottom = frame.bottom;
        for i in 0..n {
            let left = frame.left + (width + gap) * i as f32;
            let mut column = Frame { left, right: left + width, y: frame.y, bottom };
            if ruled && i > 0 {
                let x = left - gap * 0.5;
                self.sheet.rule((x, frame.y), (x, bottom), 0.6, Ink::solid(60));
            }
            self.fill_up(&mut column, 0.01);
        }
        self.body = body;
    }

    fn tables(&mut self, frame: &mut Frame) {
        if self.chance(0.3) {
            self.running_head(frame);
        }
        if self.chance(0.6) {
            let ratio = self.between(1.0, 1.4);
            self.heading(frame, ratio, Align::Centre);
        }
        if self.chance(0.3) {
            self.paragraph(frame, 90, Align::Both, 0.0);
        }
        while frame.y + 6.0 * self.body.pitch < frame.bottom {
            let most = self.rng.usize(4..40);
            self.table(frame, most);
            if self.chance(0.5) {
                let clusters = self.rng.usize(10..120);
                self.paragraph(frame, clusters, Align::Left, 0.0);
            }
        }
    }
}
