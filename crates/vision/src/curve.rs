//! Curves: the middle of a line of text as a polynomial over x.

/// `y` as a polynomial of `x` on `from..=to`, page pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Left end.
    pub from: f32,
    /// Right end, above `from`.
    pub to: f32,
    /// Coefficients, constant first, of `u`, which runs from -1 to 1 along the curve.
    coefficients: Vec<f64>,
}

impl Curve {
    /// A straight curve through `(x, y)` with a slope.
    #[must_use]
    pub fn straight(from: f32, to: f32, middle: f32, slope: f32) -> Self {
        let half = f64::from(to - from) / 2.0;
        Self { from, to, coefficients: vec![f64::from(middle), f64::from(slope) * half] }
    }

    /// The least-squares polynomial of `degree` through `(x, y, weight)` points; fewer degrees when
    /// there are too few points.
    #[must_use]
    pub fn fit(points: &[(f32, f32, f32)], from: f32, to: f32, degree: usize) -> Self {
        let n = degree.min(points.len().saturating_sub(1)) + 1;
        let (mid, half) = (f64::from(from + to) / 2.0, f64::from((to - from).max(1e-3)) / 2.0);
        let mut rows = vec![vec![0.0f64; n + 1]; n];
        for &(x, y, weight) in points {
            let u = (f64::from(x) - mid) / half;
            let mut powers = Vec::with_capacity(2 * n);
            let mut p = f64::from(weight);
            for _ in 0..2 * n {
                powers.push(p);
                p *= u;
            }
            for (r, row) in rows.iter_mut().enumerate() {
                for c in 0..n {
                    row[c] += powers[r + c];
                }
                row[n] += powers[r] * f64::from(y);
            }
        }
        let scale = rows[0][0].max(1e-9);
        for (r, row) in rows.iter_mut().enumerate() {
            row[r] += 1e-6 * scale;
        }
        Self { from, to, coefficients: solve(rows) }
    }

    /// The lowest-degree curve, up to `most`, that stays within `tolerance` (root mean square) of
    /// the points.
    #[must_use]
    pub fn fit_within(
        points: &[(f32, f32, f32)],
        from: f32,
        to: f32,
        most: usize,
        tolerance: f32,
    ) -> Self {
        let mut curve = Self::fit(points, from, to, 1);
        for degree in 2..=most {
            if curve.residual(points) <= tolerance {
                break;
            }
            let next = Self::fit(points, from, to, degree);
            if next.residual(points) < 0.8 * curve.residual(points) {
                curve = next;
            }
        }
        curve
    }

    fn residual(&self, points: &[(f32, f32, f32)]) -> f32 {
        let (mut sum, mut n) = (0.0, 1e-6);
        for &(x, y, weight) in points {
            sum += weight * (self.at(x) - y).powi(2);
            n += weight;
        }
        (sum / n).sqrt()
    }

    /// `y` at `x`; beyond the ends it goes on straight, along the chord.
    #[must_use]
    pub fn at(&self, x: f32) -> f32 {
        if x < self.from || x > self.to {
            let end = if x < self.from { self.from } else { self.to };
            return self.inside(end) + self.slope() * (x - end);
        }
        self.inside(x)
    }

    fn inside(&self, x: f32) -> f32 {
        let half = f64::from((self.to - self.from).max(1e-3)) / 2.0;
        let u = (f64::from(x) - f64::from(self.from + self.to) / 2.0) / half;
        self.coefficients.iter().rev().fold(0.0, |y, c| y * u + c) as f32
    }

    /// Slope of the chord between the ends, downwards to the right positive.
    #[must_use]
    pub fn slope(&self) -> f32 {
        let run = self.to - self.from;
        if run < 1.0 { 0.0 } else { (self.inside(self.to) - self.inside(self.from)) / run }
    }

    /// The most that the curve rises or falls anywhere along it, in pixels.
    #[must_use]
    pub fn span(&self) -> f32 {
        let (low, high) = self.bounds();
        high - low
    }

    /// Least and greatest `y`.
    #[must_use]
    pub fn bounds(&self) -> (f32, f32) {
        let steps = 16;
        (0..=steps)
            .map(|i| self.inside(self.from + (self.to - self.from) * i as f32 / steps as f32))
            .fold((f32::MAX, f32::MIN), |(low, high), y| (low.min(y), high.max(y)))
    }

    /// The same curve over other ends; beyond its own it goes on along the chord.
    #[must_use]
    pub fn stretched(&self, from: f32, to: f32) -> Self {
        let n = 4 * self.coefficients.len();
        let step = (to - from) / n as f32;
        let points: Vec<_> =
            (0..=n).map(|i| from + i as f32 * step).map(|x| (x, self.at(x), 1.0)).collect();
        Self::fit(&points, from, to, self.coefficients.len() - 1)
    }

    /// The curve moved down by `dy`.
    #[must_use]
    pub fn moved(&self, dy: f32) -> Self {
        let mut out = self.clone();
        out.coefficients[0] += f64::from(dy);
        out
    }
}

/// Gaussian elimination with pivoting of `n` rows of `n + 1`; a singular column becomes 0.
pub(crate) fn solve(mut rows: Vec<Vec<f64>>) -> Vec<f64> {
    let n = rows.len();
    for c in 0..n {
        let pivot =
            (c..n).max_by(|&a, &b| rows[a][c].abs().total_cmp(&rows[b][c].abs())).unwrap_or(c);
        rows.swap(c, pivot);
        if rows[c][c].abs() < 1e-12 {
            continue;
        }
        let pivot = rows[c].clone();
        for (r, row) in rows.iter_mut().enumerate() {
            if r != c {
                let factor = row[c] / pivot[c];
                row.iter_mut().zip(&pivot).for_each(|(v, p)| *v -= factor * p);
            }
        }
    }
    (0..n).map(|r| if rows[r][r].abs() < 1e-12 { 0.0 } else { rows[r][n] / rows[r][r] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bow_is_followed_and_a_level_line_stays_straight() {
        let bow: Vec<_> =
            (0..50).map(|i| (i as f32, 0.02 * (i as f32 - 25.0).powi(2), 1.0)).collect();
        let curve = Curve::fit_within(&bow, 0.0, 49.0, 4, 0.1);
        assert!((curve.at(25.0)).abs() < 0.1 && (curve.at(0.0) - 12.5).abs() < 0.1);
        let level: Vec<_> = (0..50).map(|i| (i as f32, 7.0 + 0.01 * (i % 2) as f32, 1.0)).collect();
        let straight = Curve::fit_within(&level, 0.0, 49.0, 4, 0.1);
        assert_eq!(straight.coefficients.len(), 2);
        assert!((straight.at(60.0) - 7.0).abs() < 0.1);
    }
}
