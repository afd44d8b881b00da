//! What was wrong on a page, drawn over it.

use khocr_vision::Analysis;
use khocr_vision::curve::Curve;

use crate::cells;
use crate::judge::Judged;
use crate::truth::Line;

/// The page faded, as RGB: found lines green, wrong ones red, refused ones gray, lost lines blue,
/// pairs out of order joined in orange, cells out of place violet, cut ink pink, cells found
/// turquoise (level, so a little off on a leaning page).
pub(crate) fn draw(found: &Analysis, truth: &[Line], judged: &Judged) -> Vec<u8> {
    let page = &found.page;
    let pixels = page.pixels.iter().flat_map(|&v| [v / 2 + 127; 3]).collect();
    let mut canvas = Canvas { width: page.width, height: page.height, pixels };
    for grid in cells::grids(found) {
        for r in grid.cells.iter().map(|c| c.rect) {
            canvas.frame(&[r.x0 + 2.0, r.y0 + 2.0, r.x1 - 2.0, r.y1 - 2.0], [0, 190, 200]);
        }
    }
    for line in &found.refused {
        canvas.outline(&line.curve, line.core, [140, 140, 140]);
    }
    for (j, line) in found.lines.iter().enumerate() {
        let wrong = judged.wrong.contains(&j);
        canvas.outline(&line.curve, line.core, if wrong { [225, 0, 0] } else { [60, 190, 90] });
    }
    for &i in &judged.misplaced {
        for w in &truth[i].words {
            canvas.frame(w, [150, 60, 200]);
        }
    }
    for &i in &judged.lost {
        for d in [-1.0, 0.0, 1.0] {
            for p in truth[i].middle.windows(2) {
                canvas.stroke((p[0].0, p[0].1 + d), (p[1].0, p[1].1 + d), [20, 60, 240]);
            }
        }
    }
    for &(a, b, _) in &judged.jumps {
        let from = truth[a].middle[truth[a].middle.len() - 1];
        canvas.stroke(from, truth[b].middle[0], [240, 140, 0]);
    }
    for cut in &judged.cut {
        canvas.frame(cut, [255, 0, 200]);
    }
    canvas.pixels
}

struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    fn dot(&mut self, x: f32, y: f32, colour: [u8; 3]) {
        if x >= 0.0 && y >= 0.0 && (x as usize) < self.width && (y as usize) < self.height {
            let at = (y as usize * self.width + x as usize) * 3;
            self.pixels[at..at + 3].copy_from_slice(&colour);
        }
    }

    fn stroke(&mut self, a: (f32, f32), b: (f32, f32), colour: [u8; 3]) {
        let steps = (b.0 - a.0).hypot(b.1 - a.1).ceil().max(1.0) as usize;
        for i in 0..=steps {
            let t = i as f32 / steps as f32;
            self.dot(a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t, colour);
        }
    }

    fn frame(&mut self, &[l, t, r, b]: &[f32; 4], colour: [u8; 3]) {
        for (from, to) in [((l, t), (r, t)), ((r, t), (r, b)), ((r, b), (l, b)), ((l, b), (l, t))] {
            self.stroke(from, to, colour);
        }
    }

    fn outline(&mut self, curve: &Curve, core: f32, colour: [u8; 3]) {
        let half = core / 2.0;
        let steps = ((curve.to - curve.from) / 4.0).ceil().max(1.0) as usize;
        let x = |i: usize| curve.from + (curve.to - curve.from) * i as f32 / steps as f32;
        for i in 0..steps {
            for dy in [-half, half] {
                let (a, b) = (x(i), x(i + 1));
                self.stroke((a, curve.at(a) + dy), (b, curve.at(b) + dy), colour);
            }
        }
        for end in [curve.from, curve.to] {
            let y = curve.at(end);
            self.stroke((end, y - half), (end, y + half), colour);
        }
    }
}
