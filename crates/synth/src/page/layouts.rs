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
        let Some(shaped) = crate::shape::shape(&text, style.face, style.latin, &style.setting) else { return };
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
    fn fill_up(&mut self, frame: &mut Frame, tables: f32) {
        let (align, indent) = (self.align(), self.indent());
        let loose = self.between(0.0, 0.9) * self.body.pitch;
        let stop = if self.chance(0.2) { frame.y + (frame.bottom - frame.y) * self.rng.f32() } else { frame.bottom };
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

    fn illustration(&mut self, frame: &mut Frame) {
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
        if self.chance(0.2) {
            self.footnotes(frame);
        }
        if self.chance(0.3) {
            let ratio = self.between(1.0, 1.6);
            self.heading(frame, ratio, Align::Centre);
        }
        if self.chance(0.08) {
            self.marginal_notes(frame);
        }
        self.fill_up(frame, 0.02);
    }

    /// Narrow notes or line numbers beside the text.
    fn marginal_notes(&mut self, frame: &mut Frame) {
        let width = frame.width() * self.between(0.12, 0.2);
        let style = self.body.resized(0.75);
        let mut y = frame.y + self.body.pitch;
        while y < frame.bottom - 6.0 * style.pitch {
            let mut note = Frame { left: frame.left, right: frame.left + width, y, bottom: y + 4.2 * style.pitch };
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
        let gap = self.body.core() * self.between(1.2, 4.5);
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

    fn gazette(&mut self, frame: &mut Frame) {
        frame.y = self.sheet.height * self.between(0.015, 0.05);
        self.running_head(frame);
        if self.chance(0.5) {
            let r = self.sheet.width * self.between(0.03, 0.07);
            let x = (frame.left + frame.right) * 0.5;
            if self.chance(0.4) {
                let style = self.body.resized(0.75);
                let baseline = frame.y + 2.0 * r;
                self.block();
                self.text_at(&style, 14, (frame.left, x - r * 1.5), baseline, Align::Left);
            }
            self.emblem((x, frame.y + r * 1.1), r);
            frame.y += r * 2.4;
            for _ in 0..self.rng.usize(2..6) {
                let ratio = self.between(0.9, 1.8);
                self.heading(frame, ratio, Align::Centre);
            }
            if self.chance(0.6) {
                self.list(frame);
            }
        }
        let bottom = frame.bottom;
        if self.chance(0.4) {
            frame.bottom -= self.sheet.height * 0.22;
        }
        self.fill_up(frame, 0.03);
        frame.bottom = bottom;
        if frame.bottom - frame.y > 8.0 * self.body.pitch {
            self.signing(frame);
        }
    }

    /// Place and date, office, signature, stamp, name; copies listed at the left.
    fn signing(&mut self, frame: &mut Frame) {
        let style = self.body.clone();
        let mid = frame.left + frame.width() * self.between(0.4, 0.6);
        let (left, right) = (mid, frame.right);
        let top = frame.y;
        self.block();
        for _ in 0..self.rng.usize(1..4) {
            let baseline = self.baseline(frame.y, &style);
            let clusters = self.rng.usize(8..24);
            self.text_at(&style, clusters, (left, right), baseline, Align::Centre);
            frame.y += style.pitch;
        }
        let centre = (left + right) * 0.5;
        let r = self.sheet.height * self.between(0.035, 0.07);
        let room = r * self.between(0.9, 2.0);
        if self.chance(0.8) {
            let x = centre + r * self.between(-1.2, 0.4);
            let y = frame.y + room * self.between(0.2, 0.8);
            self.stamp((x, y), r);
        }
        if self.chance(0.85) {
            let x = centre + r * self.between(-0.5, 0.8);
            let size = r * self.between(1.2, 2.8);
            self.signature((x, frame.y + room * 0.5), size);
        }
        frame.y += room;
        let head = self.head.resized(self.body.core() / self.head.core());
        if frame.y + head.pitch < self.sheet.height {
            self.block();
            let baseline = self.baseline(frame.y, &head);
            self.text_at(&head, 8, (left, right), baseline, Align::Centre);
            frame.y += head.pitch;
        }
        if self.chance(0.4) {
            let mut copies = Frame { left: frame.left, right: mid - style.core(), y: top + style.pitch, bottom: frame.bottom };
            let ratio = self.between(0.62, 0.85).max(4.2 / style.core()).min(1.0);
            let body = std::mem::replace(&mut self.body, style.resized(ratio));
            self.list(&mut copies);
            self.body = body;
        }
    }

    fn letter(&mut self, frame: &mut Frame) {
        let mid = frame.left + frame.width() * self.between(0.4, 0.5);
        let head = self.head.clone();
        let top = frame.y;
        let mut right = Frame { left: mid, y: top, ..*frame };
        let mut left = Frame { right: mid - head.core(), y: top + head.pitch * self.between(0.0, 2.5), ..*frame };
        let r = self.sheet.width * self.between(0.03, 0.07);
        let centred = self.chance(0.4);
        if centred {
            right.left = frame.left;
        }
        if self.chance(0.7) {
            self.emblem((left.left + r * 1.5, left.y + r), r);
            left.y += r * 2.2;
        }
        // The motto first, then the office.
        self.block();
        for _ in 0..2 {
            let baseline = self.baseline(right.y, &head);
            let clusters = self.rng.usize(8..15);
            self.text_at(&head, clusters, (right.left, right.right), baseline, Align::Centre);
            right.y += head.pitch;
        }
        let x = (right.left + right.right) * 0.5;
        let reach = r * self.between(0.5, 1.2);
        self.flourish(x, right.y + 3.0, reach);
        right.y += head.pitch * 0.8;
        if centred {
            left.y = left.y.max(right.y);
        }
        self.block();
        let align = if self.chance(0.5) { Align::Centre } else { Align::Left };
        let office = head.resized(self.rng.f32() * 0.25 + 0.8);
        for _ in 0..self.rng.usize(1..4) {
            let baseline = self.baseline(left.y, &office);
            let clusters = self.rng.usize(5..18);
            self.text_at(&office, clusters, (left.left, left.right), baseline, align);
            left.y += office.pitch;
        }
        frame.y = left.y.max(right.y) + self.body.pitch * self.between(0.2, 1.0);
        if self.chance(0.5) {
            let baseline = self.baseline(frame.y, &self.body.clone());
            let style = self.body.clone();
            self.block();
            self.text_at(&style, 20, (mid, frame.right), baseline, Align::Right);
            frame.y += style.pitch;
        }
        for _ in 0..self.rng.usize(1..4) {
            let ratio = self.between(0.95, 1.4);
            self.heading(frame, ratio, Align::Centre);
        }
        let bottom = frame.bottom;
        frame.bottom -= self.sheet.height * self.between(0.18, 0.3);
        self.fill_up(frame, 0.02);
        frame.bottom = bottom;
        self.signing(frame);
    }

    /// The short ornament under a motto.
    fn flourish(&mut self, x: f32, y: f32, reach: f32) {
        let ink = Ink::solid(self.head.ink);
        if self.chance(0.5) {
            self.sheet.rule((x - reach, y), (x + reach, y), 0.9, ink);
        } else {
            for i in -2..=2 {
                let d = 2.0 - (i as f32).abs() * 0.5;
                let cx = x + reach * 0.4 * i as f32;
                self.sheet.fill_box([cx - d * 1.6, y - d * 0.5, cx + d * 1.6, y + d * 0.5], ink);
            }
            self.sheet.figure([x - reach, y - 2.5, x + reach, y + 2.5]);
        }
    }

    fn form_page(&mut self, frame: &mut Frame) {
        if self.chance(0.6) {
            let ratio = self.between(1.0, 1.5);
            self.heading(frame, ratio, Align::Centre);
        }
        if self.chance(0.4) {
            let (w, h) = (frame.width() * 0.13, frame.width() * 0.17);
            let area = [frame.right - w, frame.y, frame.right, frame.y + h];
            if self.chance(0.6) {
                self.picture(area);
            } else {
                self.border(area);
            }
            frame.right -= w + 8.0;
            self.form(frame, 5);
            frame.right += w + 8.0;
            frame.y = frame.y.max(area[3]) + 4.0;
        }
        while frame.y + 3.0 * self.body.pitch < frame.bottom {
            let n = self.rng.usize(3..12);
            match self.rng.u8(..6) {
                0..=2 => self.form(frame, n),
                3 => self.table(frame, 6),
                4 => self.boxes(frame),
                _ => self.paragraph(frame, 60, Align::Left, 0.0),
            }
            frame.y += self.body.pitch * 0.4;
        }
    }

    /// Tick boxes with short labels.
    fn boxes(&mut self, frame: &mut Frame) {
        let style = self.body.clone();
        let n = self.rng.usize(2..5);
        let step = frame.width() / n as f32;
        let side = style.core() * 1.1;
        for _ in 0..self.rng.usize(1..4) {
            if frame.y + style.pitch > frame.bottom {
                return;
            }
            let baseline = self.baseline(frame.y, &style);
            for i in 0..n {
                let x = frame.left + step * i as f32;
                if let Some(rect) = tiny_skia::Rect::from_xywh(x, baseline - side, side, side) {
                    let path = tiny_skia::PathBuilder::from_rect(rect);
                    self.sheet.stroke(&path, 0.8, tiny_skia::Transform::identity(), Ink::solid(style.ink));
                    self.sheet.figure([x, baseline - side, x + side, baseline]);
                }
                self.block();
                let clusters = self.rng.usize(3..10);
                self.text_at(&style, clusters, (x + side * 1.6, x + step), baseline, Align::Left);
            }
            frame.y += style.pitch;
        }
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

    fn poster(&mut self, frame: &mut Frame) {
        if self.chance(0.3) {
            let (w, h) = (self.sheet.width, self.sheet.height);
            let tint = self.rng.u8(60..250);
            self.sheet.fill_box([0.0, 0.0, w, h], Ink::solid(tint));
            let light = tint < 140;
            self.body.ink = if light { 245 } else { 15 };
            self.head.ink = self.body.ink;
        }
        frame.y += self.sheet.height * self.rng.f32() * 0.25;
        while frame.y + 4.0 * self.head.pitch < frame.bottom {
            match self.rng.u8(..8) {
                0..=3 => {
                    let ratio = self.between(1.2, 3.2);
                    self.heading(frame, ratio, Align::Centre);
                }
                4 => self.banner(frame),
                5 => self.paragraph(frame, 50, Align::Centre, 0.0),
                6 => self.illustration(frame),
                _ => frame.y += self.sheet.height * self.rng.f32() * 0.12,
            }
            frame.y += self.head.pitch * self.rng.f32();
        }
    }

    fn card(&mut self, frame: &mut Frame) {
        let photo = self.chance(0.7);
        if self.chance(0.8) {
            self.heading(frame, 1.1, Align::Centre);
        }
        if photo {
            let w = frame.width() * self.between(0.18, 0.3);
            let area = [frame.left, frame.y, frame.left + w, frame.y + w * 1.25];
            self.photo_on_card(area);
            frame.left += w + 2.0 * self.body.core();
        }
        let style = self.body.clone();
        while frame.y + style.pitch < frame.bottom {
            self.block();
            let baseline = self.baseline(frame.y, &style);
            let clusters = self.rng.usize(5..30);
            let ends = self.text_at(&style, clusters, (frame.left, frame.right), baseline, Align::Left);
            if let Some((_, r)) = ends.filter(|&(_, r)| r < frame.left + frame.width() * 0.5)
                && self.chance(0.3)
            {
                let left = r.max(frame.left + frame.width() * 0.5) + 5.0 * style.core();
                self.text_at(&style, 10, (left, frame.right), baseline, Align::Left);
            }
            frame.y += style.pitch * self.between(1.0, 1.3);
        }
    }

    fn photo_on_card(&mut self, area: [f32; 4]) {
        self.picture(area);
    }

    fn web(&mut self, frame: &mut Frame) {
        if self.chance(0.5) {
            self.banner(frame);
        }
        let cards = self.chance(0.4);
        while frame.y + 4.0 * self.body.pitch < frame.bottom {
            match self.rng.u8(..8) {
                0 => {
                    let ratio = self.between(1.1, 1.8);
                    self.heading(frame, ratio, Align::Left);
                }
                1 | 2 => self.list(frame),
                3 => self.illustration(frame),
                4 if cards => {
                    let gap = self.body.core() * 2.0;
                    let width = (frame.width() - gap) * 0.5;
                    let bottom = (frame.y + self.between(5.0, 14.0) * self.body.pitch).min(frame.bottom);
                    for left in [frame.left, frame.left + width + gap] {
                        let mut card = Frame { left, right: left + width, y: frame.y, bottom };
                        self.fill_up(&mut card, 0.0);
                    }
                    frame.y = bottom + self.body.pitch;
                }
                4 => self.banner(frame),
                _ => {
                    let clusters = self.rng.usize(10..200);
                    self.paragraph(frame, clusters, Align::Left, 0.0);
                }
            }
            frame.y += self.body.pitch * self.rng.f32();
        }
    }

    /// Text running off every side, as in a close picture of a page.
    fn close(&mut self, frame: &mut Frame) {
        let (w, h) = (self.sheet.width, self.sheet.height);
        let mut reach = |p: f32, over: f32| if self.rng.f32() < p { -over * self.rng.f32() } else { 12.0 };
        let (l, r, t, b) = (reach(0.3, 60.0), reach(0.3, 60.0), reach(0.6, 40.0), reach(0.6, 40.0));
        *frame = Frame { left: l, right: w - r, y: t, bottom: h - b };
        self.fill_up(frame, 0.01);
    }
}
