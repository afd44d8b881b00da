//! Pages of the state: letters of ministries and the royal gazette.

use super::setting::{Align, Desk, Frame};
use super::sheet::Ink;

impl Desk<'_> {
    pub(super) fn gazette(&mut self, frame: &mut Frame) {
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
            let mut copies = Frame {
                left: frame.left,
                right: mid - style.core(),
                y: top + style.pitch,
                bottom: frame.bottom,
            };
            let ratio = self.between(0.62, 0.85).max(4.2 / style.core()).min(1.0);
            let body = std::mem::replace(&mut self.body, style.resized(ratio));
            self.list(&mut copies);
            self.body = body;
        }
    }

    pub(super) fn letter(&mut self, frame: &mut Frame) {
        let mid = frame.left + frame.width() * self.between(0.4, 0.5);
        let head = self.head.clone();
        let top = frame.y;
        let mut right = Frame { left: mid, y: top, ..*frame };
        let mut left = Frame {
            right: mid - head.core(),
            y: top + head.pitch * self.between(0.0, 2.5),
            ..*frame
        };
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
}
