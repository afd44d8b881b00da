//! What bends a page between paper and picture: skew, perspective, curl.

use fastrand::Rng;

use super::sheet::Point;

/// A map from the picture back to the paper, smooth and close to the identity.
pub struct Warp {
    /// Row by row, picture to paper, projective.
    matrix: [f32; 9],
    /// Waves of vertical shift: strength, waves a width, phase, growth down the page.
    curls: Vec<[f32; 4]>,
    width: f32,
    height: f32,
}

impl Warp {
    /// No warp at all.
    #[must_use]
    pub fn none(width: f32, height: f32) -> Self {
        Self {
            matrix: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
            curls: Vec::new(),
            width,
            height,
        }
    }

    /// Whether the picture is the paper.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.curls.is_empty() && self.matrix == [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    }

    /// Skewed by some degrees, as scanners do.
    #[must_use]
    pub fn skew(width: f32, height: f32, degrees: f32) -> Self {
        let mut warp = Self::none(width, height);
        let (s, c) = degrees.to_radians().sin_cos();
        let (x, y) = (width * 0.5, height * 0.5);
        warp.matrix = [c, s, x - c * x - s * y, -s, c, y + s * x - c * y, 0.0, 0.0, 1.0];
        warp
    }

    /// As a phone sees a sheet or an open book: turned, tilted, bent.
    #[must_use]
    pub fn photo(width: f32, height: f32, rng: &mut Rng) -> Self {
        let mut signed = |x: f32| (rng.f32() * 2.0 - 1.0) * x;
        let mut warp = Self::skew(width, height, signed(4.0));
        let zoom = 1.0 + signed(0.06);
        for i in [0, 1, 3, 4] {
            warp.matrix[i] *= zoom;
        }
        warp.matrix[1] += signed(0.03);
        warp.matrix[3] += signed(0.03);
        warp.matrix[6] = signed(0.12) / width;
        warp.matrix[7] = signed(0.12) / height;
        // Keep the middle where it was.
        let (mx, my) = (width * 0.5, height * 0.5);
        let (x, y) = warp.project((mx, my));
        let w = warp.matrix[6] * mx + warp.matrix[7] * my + 1.0;
        warp.matrix[2] -= (x - mx) * w;
        warp.matrix[5] -= (y - my) * w;
        if rng.f32() < 0.6 {
            for _ in 0..rng.usize(1..3) {
                let mut signed = |x: f32| (rng.f32() * 2.0 - 1.0) * x;
                let strength = signed(0.016) * height;
                let phase = signed(std::f32::consts::PI);
                let growth = signed(0.8);
                warp.curls.push([strength, 0.3 + 1.2 * rng.f32(), phase, growth]);
            }
        }
        warp
    }

    fn project(&self, (x, y): Point) -> Point {
        let m = &self.matrix;
        let w = m[6] * x + m[7] * y + m[8];
        ((m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w)
    }

    /// The place on the paper that this place of the picture shows.
    #[must_use]
    pub fn paper(&self, at: Point) -> Point {
        let (x, mut y) = self.project(at);
        for [strength, waves, phase, growth] in &self.curls {
            let reach = 1.0 + growth * (y / self.height - 0.5);
            y += strength * reach * (x / self.width * waves * std::f32::consts::TAU + phase).sin();
        }
        (x, y)
    }

    /// The place in the picture where this place of the paper lies.
    #[must_use]
    pub fn picture(&self, at: Point) -> Point {
        let (mut x, mut y) = at;
        // The map is close to the identity, so stepping by what is missing converges.
        for _ in 0..12 {
            let (px, py) = self.paper((x, y));
            x += at.0 - px;
            y += at.1 - py;
        }
        (x, y)
    }

    /// Redraws a gray picture as warped. `scale` is its pixels a net pixel; `outside` gives what
    /// lies beyond the paper.
    #[must_use]
    pub fn redraw(
        &self,
        gray: &[u8],
        (columns, rows): (usize, usize),
        scale: f32,
        outside: impl Fn(f32, f32) -> u8,
    ) -> Vec<u8> {
        const STEP: usize = 16;
        let mut out = vec![0u8; gray.len()];
        let nodes = columns.div_ceil(STEP) + 1;
        let row_of = |y: usize| -> Vec<Point> {
            (0..nodes).map(|i| self.paper(((i * STEP) as f32 / scale, y as f32 / scale))).collect()
        };
        let mut above = row_of(0);
        for top in (0..rows).step_by(STEP) {
            let below = row_of(top + STEP);
            for y in top..(top + STEP).min(rows) {
                let v = (y - top) as f32 / STEP as f32;
                for x in 0..columns {
                    let (i, u) = (x / STEP, (x % STEP) as f32 / STEP as f32);
                    let mix = |f: fn(&Point) -> f32| {
                        let a = f(&above[i]) * (1.0 - u) + f(&above[i + 1]) * u;
                        let b = f(&below[i]) * (1.0 - u) + f(&below[i + 1]) * u;
                        (a * (1.0 - v) + b * v) * scale
                    };
                    let (sx, sy) = (mix(|p| p.0), mix(|p| p.1));
                    out[y * columns + x] = if sx < 0.0
                        || sy < 0.0
                        || sx >= (columns - 1) as f32
                        || sy >= (rows - 1) as f32
                    {
                        outside(sx / scale, sy / scale)
                    } else {
                        sample(gray, columns, sx, sy)
                    };
                }
            }
            above = below;
        }
        out
    }
}

/// The value between four pixels; the caller keeps one pixel from the far edges.
fn sample(gray: &[u8], columns: usize, x: f32, y: f32) -> u8 {
    let (ix, iy) = (x as usize, y as usize);
    let (u, v) = (x - ix as f32, y - iy as f32);
    let at = iy * columns + ix;
    let p = |i: usize| f32::from(gray[i]);
    let a = p(at) * (1.0 - u) + p(at + 1) * u;
    let b = p(at + columns) * (1.0 - u) + p(at + columns + 1) * u;
    (a * (1.0 - v) + b * v + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picture_undoes_paper() {
        let mut rng = Rng::with_seed(5);
        for _ in 0..20 {
            let warp = Warp::photo(736.0, 1024.0, &mut rng);
            for at in [(60.0, 80.0), (700.0, 90.0), (368.0, 512.0), (50.0, 990.0)] {
                let (x, y) = warp.paper(warp.picture(at));
                assert!((x - at.0).hypot(y - at.1) < 0.3, "{at:?} became {x} {y}");
            }
        }
    }
}
