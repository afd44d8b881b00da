//! What stands on pages and is not to be read: emblems, stamps, signatures, photos, charts.

use std::f32::consts::TAU;

use tiny_skia::{PathBuilder, Transform};

use super::setting::Desk;
use super::sheet::{Ink, Point};

impl Desk<'_> {
    /// A wandering pen stroke through some places, as hands draw.
    fn squiggle(&mut self, places: &[Point], width: f32, ink: Ink) {
        let mut pen = PathBuilder::new();
        let Some(&(x, y)) = places.first() else { return };
        pen.move_to(x, y);
        for pair in places.windows(2) {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            let reach = ((bx - ax).abs() + (by - ay).abs()) * 0.6;
            let (cx, cy) = (ax + self.between(-reach, reach), ay + self.between(-reach, reach));
            let (dx, dy) = (bx + self.between(-reach, reach), by + self.between(-reach, reach));
            pen.cubic_to(cx, cy, dx, dy, bx, by);
        }
        if let Some(path) = pen.finish() {
            let b = path.bounds();
            self.sheet.stroke(&path, width, Transform::identity(), ink);
            let m = width;
            let tight = path.compute_tight_bounds().unwrap_or(b);
            self.sheet.figure([
                tight.left() - m,
                tight.top() - m,
                tight.right() + m,
                tight.bottom() + m,
            ]);
        }
    }

    /// A signature about `size` wide around a place.
    pub fn signature(&mut self, (x, y): Point, size: f32) {
        let gray = self.rng.u8(0..130);
        let ink = if self.chance(0.5) { Ink::solid(gray) } else { Ink::glaze(gray, 0.9) };
        let width = self.between(0.7, 2.2);
        let n = self.rng.usize(4..11);
        let rise = self.between(-0.3, 0.1);
        let places: Vec<Point> = (0..n)
            .map(|i| {
                let t = i as f32 / n as f32 - 0.5;
                let away = (self.rng.f32() - 0.5) * size * 0.35;
                (x + t * size + (self.rng.f32() - 0.5) * size * 0.2, y + t * rise * size + away)
            })
            .collect();
        self.squiggle(&places, width, ink);
        if self.chance(0.5) {
            let places = [
                (x - size * 0.5, y + size * 0.1),
                (x + size * self.between(0.3, 0.7), y - size * self.between(-0.1, 0.3)),
            ];
            self.squiggle(&places, width, ink);
        }
    }

    /// A row of handwriting that is no print: loops of a pen along a line.
    pub fn handwriting(&mut self, (x, y): Point, length: f32, size: f32) {
        let ink = Ink::solid(self.rng.u8(0..120));
        let width = self.between(0.6, 1.5);
        let mut at = x;
        while at < x + length {
            let run = size * self.between(1.5, 5.0);
            let step = size * self.between(0.3, 0.6);
            let mut places = Vec::new();
            let mut px = at;
            while px < at + run {
                places.push((
                    px,
                    y - size * self.rng.f32() * if self.rng.f32() < 0.2 { 1.6 } else { 0.9 },
                ));
                px += step * (0.5 + self.rng.f32());
            }
            self.squiggle(&places, width, ink);
            at += run + size * self.between(0.3, 1.0);
        }
    }

    /// Text round a circle, as on stamps; it belongs to the figure.
    fn ring_text(&mut self, (x, y): Point, radius: f32, size: f32, ink: Ink) {
        let style = self.head.resized(size / self.head.core());
        let words = self.kit.texts.stretch(&mut self.rng, 60);
        let mut angle = TAU * self.rng.f32();
        let end = angle + TAU * self.between(0.5, 0.95);
        for text in words.split(['\u{200B}', ' ']).filter(|t| !t.is_empty()) {
            let starts = crate::text::cluster_starts(text);
            for (i, &from) in starts.iter().enumerate() {
                let to = starts.get(i + 1).copied().unwrap_or(text.len());
                let Some(shaped) =
                    crate::shape::shape(&text[from..to], style.face, style.latin, &style.setting)
                else {
                    continue;
                };
                let wide = shaped.width / radius;
                if angle + wide > end {
                    return;
                }
                if let Some(path) = shaped.path {
                    let place = Transform::from_translate(-shaped.width * 0.5, 0.0)
                        .post_concat(Transform::from_rotate(
                            (angle + wide * 0.5).to_degrees() + 90.0,
                        ))
                        .post_translate(
                            x + radius * (angle + wide * 0.5).cos(),
                            y + radius * (angle + wide * 0.5).sin(),
                        );
                    self.sheet.fill(&path, place, ink);
                }
                angle += wide;
            }
        }
    }

    /// A round (sometimes square) stamp of this radius over whatever lies there.
    pub fn stamp(&mut self, (x, y): Point, radius: f32) {
        let gray = self.rng.u8(40..200);
        let ink = Ink::glaze(gray, self.between(0.5, 1.0));
        let thin = radius * self.between(0.012, 0.05);
        let flat = self.between(0.85, 1.0);
        if self.chance(0.12) {
            self.boxed_stamp((x, y), radius, ink);
            return;
        }
        let rings = self.rng.usize(1..4);
        let mut r = radius;
        for _ in 0..rings {
            self.oval((x, y), (r, r * flat), thin, ink);
            r *= self.between(0.88, 0.96);
        }
        if self.chance(0.85) {
            let size = radius * self.between(0.12, 0.2);
            self.ring_text((x, y), r - size * 1.6, size, ink);
            let inner = r - size * 2.6;
            if inner > 3.0 {
                self.oval((x, y), (inner, inner * flat), thin * 0.7, ink);
                if self.chance(0.8) {
                    self.rosette((x, y), inner * 0.8, ink);
                }
            }
        }
        self.sheet.disc((x, y), radius, radius * flat);
    }

    fn boxed_stamp(&mut self, (x, y): Point, radius: f32, ink: Ink) {
        let (w, h) = (radius * 1.5, radius * self.between(0.4, 0.8));
        let turn = self.between(-12.0, 12.0);
        let thick = radius * 0.05;
        if let Some(rect) = tiny_skia::Rect::from_ltrb(-w, -h, w, h) {
            let place = Transform::from_rotate(turn).post_translate(x, y);
            self.sheet.stroke(&PathBuilder::from_rect(rect), thick, place, ink);
            let style = self.head.resized(h * 0.45 / self.head.core());
            let text = self.kit.texts.word(&mut self.rng).to_owned();
            if let Some(shaped) =
                crate::shape::shape(&text, style.face, style.latin, &style.setting)
                && let Some(path) = shaped.path
            {
                let squeeze = (1.7 * w / shaped.width).min(1.0);
                let inside = Transform::from_scale(squeeze, 1.0)
                    .post_translate(-shaped.width * squeeze * 0.5, h * 0.2)
                    .post_concat(place);
                self.sheet.fill(&path, inside, ink);
            }
            let (s, c) = turn.to_radians().sin_cos();
            let corner = |u: f32, v: f32| (x + u * c - v * s, y + u * s + v * c);
            self.sheet.figures.push(vec![
                corner(-w, -h),
                corner(w, -h),
                corner(w, h),
                corner(-w, h),
            ]);
        }
    }

    fn oval(&mut self, (x, y): Point, (rx, ry): Point, thick: f32, ink: Ink) {
        if let Some(rect) = tiny_skia::Rect::from_ltrb(x - rx, y - ry, x + rx, y + ry)
            && let Some(path) = PathBuilder::from_oval(rect)
        {
            self.sheet.stroke(&path, thick.max(0.4), Transform::identity(), ink);
        }
    }

    /// An ornament of petals round a centre, with strokes inside.
    fn rosette(&mut self, (x, y): Point, radius: f32, ink: Ink) {
        for _ in 0..self.rng.usize(1..4) {
            let n = self.rng.usize(3..14);
            let outer = radius * self.between(0.4, 1.0);
            let inner = outer * self.between(0.3, 0.9);
            let mut pen = PathBuilder::new();
            let spin = TAU * self.rng.f32();
            for i in 0..n {
                let a = spin + TAU * i as f32 / n as f32;
                let b = a + TAU * 0.5 / n as f32;
                let c = a + TAU / n as f32;
                if i == 0 {
                    pen.move_to(x + inner * a.cos(), y + inner * a.sin());
                }
                let swell = if n > 6 { 1.0 } else { 0.8 };
                pen.quad_to(
                    x + outer * swell * b.cos(),
                    y + outer * swell * b.sin(),
                    x + inner * c.cos(),
                    y + inner * c.sin(),
                );
            }
            pen.close();
            if let Some(path) = pen.finish() {
                if self.chance(0.4) {
                    self.sheet.fill(&path, Transform::identity(), ink);
                } else {
                    let thick = (radius * 0.06).max(0.5);
                    self.sheet.stroke(&path, thick, Transform::identity(), ink);
                }
            }
        }
    }

    /// A coat of arms or ministry emblem within a radius: symmetrical, dense, no letters to read.
    pub fn emblem(&mut self, (x, y): Point, radius: f32) {
        let ink = Ink::solid(self.rng.u8(0..110));
        if self.chance(0.5) {
            self.oval((x, y), (radius, radius), radius * 0.05, ink);
        }
        let core = radius * self.between(0.5, 0.8);
        self.rosette((x, y), core, ink);
        for _ in 0..self.rng.usize(3..10) {
            let n = 3;
            let places: Vec<Point> = (0..n)
                .map(|_| {
                    (self.rng.f32() * radius * 0.95, (self.rng.f32() * 2.0 - 1.0) * radius * 0.9)
                })
                .collect();
            let mut pen = PathBuilder::new();
            for side in [-1.0, 1.0] {
                pen.move_to(x + side * places[0].0, y + places[0].1);
                pen.quad_to(
                    x + side * places[1].0,
                    y + places[1].1,
                    x + side * places[2].0,
                    y + places[2].1,
                );
            }
            if let Some(path) = pen.finish() {
                let thick = radius * self.between(0.03, 0.12);
                self.sheet.stroke(&path, thick, Transform::identity(), ink);
            }
        }
        if self.chance(0.2) {
            self.ring_text((x, y), radius * 0.85, radius * 0.12, ink);
        }
        self.sheet.disc((x, y), radius * 1.02, radius * 1.02);
    }

    /// A picture: soft blobs of gray, or a chart, or a code of squares.
    pub fn picture(&mut self, area: [f32; 4]) {
        match self.rng.u8(0..10) {
            0..=4 => self.photo(area),
            5..=7 => self.chart(area),
            8 => self.squares(area),
            _ => {
                let r = ((area[2] - area[0]).min(area[3] - area[1])) * 0.5;
                self.emblem(((area[0] + area[2]) * 0.5, (area[1] + area[3]) * 0.5), r);
                return;
            }
        }
        self.sheet.figure(area);
    }

    fn photo(&mut self, [l, t, r, b]: [f32; 4]) {
        let s = self.sheet.scale;
        let waves: Vec<[f32; 5]> = (0..6)
            .map(|i| {
                let f = 0.01 * 2f32.powi(i);
                [
                    self.between(-f, f) * 3.0,
                    self.between(-f, f) * 3.0,
                    TAU * self.rng.f32(),
                    self.between(8.0, 50.0) / (1.0 + 0.5 * i as f32),
                    0.0,
                ]
            })
            .collect();
        let level = self.between(70.0, 180.0);
        let grain = self.between(0.0, 20.0);
        let (x0, x1) = ((l * s).max(0.0) as usize, ((r * s) as usize).min(self.sheet.columns));
        let (y0, y1) =
            ((t * s).max(0.0) as usize, ((b * s).max(0.0) as usize).min(self.sheet.rows));
        for y in y0..y1 {
            for x in x0..x1 {
                let (u, v) = (x as f32 / s, y as f32 / s);
                let mut g = level;
                for w in &waves[..4] {
                    g += w[3] * (u * w[0] + v * w[1] + w[2]).sin();
                }
                g += (self.rng.f32() - 0.5) * grain;
                self.sheet.gray[y * self.sheet.columns + x] = g.clamp(0.0, 255.0) as u8;
            }
        }
        // Edges as things have them.
        for _ in 0..self.rng.usize(2..8) {
            let (w, h) = (r - l, b - t);
            let (cx, cy) = (l + w * self.between(0.2, 0.8), t + h * self.between(0.2, 0.8));
            let (rx, ry) = (w * self.between(0.05, 0.2), h * self.between(0.05, 0.2));
            let ink = Ink { gray: self.rng.u8(0..255), cover: 0.7, through: false };
            if let Some(rect) = tiny_skia::Rect::from_ltrb(cx - rx, cy - ry, cx + rx, cy + ry)
                && let Some(path) = PathBuilder::from_oval(rect)
            {
                self.sheet.fill(&path, Transform::identity(), ink);
            }
        }
    }

    fn chart(&mut self, [l, t, r, b]: [f32; 4]) {
        let ink = Ink::solid(self.rng.u8(0..140));
        let n = self.rng.usize(4..24);
        let step = (r - l) / (n as f32 + 1.0);
        let shade = self.rng.u8(60..220);
        let mut last: Option<Point> = None;
        let bars = self.chance(0.6);
        for i in 0..n {
            let x = l + step * (i as f32 + 0.7);
            let y = b - (b - t) * self.between(0.1, 0.95);
            if bars {
                self.sheet.fill_box([x, y, x + step * 0.6, b], Ink::solid(shade));
            }
            if let Some(from) = last.filter(|_| !bars || i % 2 == 0) {
                self.sheet.scratch(from, (x, y), 1.0, ink);
            }
            last = Some((x, y));
        }
        self.sheet.scratch((l, b), (r, b), 0.8, ink);
        self.sheet.scratch((l, t), (l, b), 0.8, ink);
        if self.chance(0.5) {
            for i in 1..5 {
                let y = t + (b - t) * i as f32 / 5.0;
                self.sheet.scratch((l, y), (r, y), 0.4, Ink::solid(190));
            }
        }
    }

    /// A two-dimensional code, or a bar code.
    fn squares(&mut self, [l, t, r, b]: [f32; 4]) {
        let n = self.rng.usize(15..35);
        let tall = if self.chance(0.7) { n } else { 1 };
        let (w, h) = ((r - l) / n as f32, (b - t) / tall as f32);
        for i in 0..n {
            for j in 0..tall {
                if self.rng.bool() {
                    let (x, y) = (l + w * i as f32, t + h * j as f32);
                    self.sheet.fill_box([x, y, x + w, y + h], Ink::solid(10));
                }
            }
        }
    }

    /// Marks of use anywhere on the page: ticks, strokes, scribbles, page curls of a pen.
    pub fn pen_marks(&mut self) {
        let (w, h) = (self.sheet.width, self.sheet.height);
        for _ in 0..self.rng.usize(1..4) {
            let at = (self.between(0.02, 0.95) * w, self.between(0.03, 0.97) * h);
            let size = self.between(10.0, 60.0);
            if self.chance(0.4) {
                self.handwriting(at, size * 2.0, self.body.core() * 1.3);
            } else {
                self.signature(at, size);
            }
        }
    }

    /// An ornamental frame round the page or a part of it.
    pub fn border(&mut self, [l, t, r, b]: [f32; 4]) {
        let ink = Ink::solid(self.rng.u8(0..120));
        let mut gap = 0.0;
        for _ in 0..self.rng.usize(1..4) {
            let thick = self.between(0.6, 3.5);
            let (l, t, r, b) = (l + gap, t + gap, r - gap, b - gap);
            self.sheet.rule((l, t), (r, t), thick, ink);
            self.sheet.rule((l, b), (r, b), thick, ink);
            self.sheet.rule((l, t), (l, b), thick, ink);
            self.sheet.rule((r, t), (r, b), thick, ink);
            gap += thick + self.between(1.5, 4.0);
        }
    }
}
