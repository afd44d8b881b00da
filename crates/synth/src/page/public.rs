//! Pages for the public: forms, posters, cards, web documents, pictures of a part of a page.

use super::setting::{Align, Desk, Frame};
use super::sheet::Ink;

impl Desk<'_> {
    pub(super) fn form_page(&mut self, frame: &mut Frame) {
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
                    self.sheet.stroke(
                        &path,
                        0.8,
                        tiny_skia::Transform::identity(),
                        Ink::solid(style.ink),
                    );
                    self.sheet.figure([x, baseline - side, x + side, baseline]);
                }
                self.block();
                let clusters = self.rng.usize(3..10);
                self.text_at(&style, clusters, (x + side * 1.6, x + step), baseline, Align::Left);
            }
            frame.y += style.pitch;
        }
    }

    pub(super) fn poster(&mut self, frame: &mut Frame) {
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

    pub(super) fn card(&mut self, frame: &mut Frame) {
        let photo = self.chance(0.7);
        if self.chance(0.8) {
            self.heading(frame, 1.1, Align::Centre);
        }
        if photo {
            let w = frame.width() * self.between(0.18, 0.3);
            let area = [frame.left, frame.y, frame.left + w, frame.y + w * 1.25];
            self.picture(area);
            frame.left += w + 2.0 * self.body.core();
        }
        let style = self.body.clone();
        while frame.y + style.pitch < frame.bottom {
            self.block();
            let baseline = self.baseline(frame.y, &style);
            let clusters = self.rng.usize(5..30);
            let ends =
                self.text_at(&style, clusters, (frame.left, frame.right), baseline, Align::Left);
            if let Some((_, r)) = ends.filter(|&(_, r)| r < frame.left + frame.width() * 0.5)
                && self.chance(0.3)
            {
                let left = r.max(frame.left + frame.width() * 0.5) + 5.0 * style.core();
                self.text_at(&style, 10, (left, frame.right), baseline, Align::Left);
            }
            frame.y += style.pitch * self.between(1.0, 1.3);
        }
    }

    pub(super) fn web(&mut self, frame: &mut Frame) {
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
                    let bottom =
                        (frame.y + self.between(5.0, 14.0) * self.body.pitch).min(frame.bottom);
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
    pub(super) fn close(&mut self, frame: &mut Frame) {
        let (w, h) = (self.sheet.width, self.sheet.height);
        let mut reach =
            |p: f32, over: f32| if self.rng.f32() < p { -over * self.rng.f32() } else { 12.0 };
        let (l, r, t, b) = (reach(0.3, 60.0), reach(0.3, 60.0), reach(0.6, 40.0), reach(0.6, 40.0));
        *frame = Frame { left: l, right: w - r, y: t, bottom: h - b };
        self.fill_up(frame, 0.01);
    }
}
