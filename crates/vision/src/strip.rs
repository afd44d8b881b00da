//! Strips: the page along a curve, unrolled so that the curve lies level.

use crate::Gray;
use crate::curve::Curve;

/// A level picture of the page along a curve.
#[derive(Clone, Debug)]
pub(crate) struct Strip {
    /// The pixels, at the page's own resolution.
    pub(crate) gray: Gray,
    /// Row (between pixels) on which the curve lies.
    pub(crate) middle: f32,
}

/// Unrolls the page between `above` and `below` pixels of the curve and from `from` to `from +
/// width` across. Level curves are copied, others sampled column by column; outside is white.
#[must_use]
pub(crate) fn unroll(
    page: &Gray,
    curve: &Curve,
    from: isize,
    width: usize,
    above: f32,
    below: f32,
) -> Strip {
    let rows = (above + below).ceil() as usize + 2;
    let mut gray = Gray::filled(width, rows, 255);
    let start = curve.at(from as f32);
    let end = curve.at((from + width as isize) as f32);
    let (low, high) = curve.bounds();
    let rise = high.max(start).max(end) - low.min(start).min(end);
    if rise < 0.6 {
        let middle = (low + high) / 2.0;
        let top = (middle - above).floor() as isize;
        for r in 0..rows {
            let y = top + r as isize;
            if y < 0 || y >= page.height as isize {
                continue;
            }
            let x0 = from.max(0);
            let x1 = (from + width as isize).min(page.width as isize);
            if x1 > x0 {
                let source = &page.row(y as usize)[x0 as usize..x1 as usize];
                let at = r * width + (x0 - from) as usize;
                gray.pixels[at..at + source.len()].copy_from_slice(source);
            }
        }
        return Strip { gray, middle: middle - top as f32 };
    }
    let first = (-from).max(0) as usize;
    let last = (page.width as isize - from).clamp(0, width as isize) as usize;
    let tops: Vec<f32> =
        (first..last).map(|c| curve.at((from + c as isize) as f32 + 0.5) - above).collect();
    let white = vec![255; page.width];
    let row = |y: isize| {
        if y < 0 || y >= page.height as isize { &white[..] } else { page.row(y as usize) }
    };
    let mut done = 0;
    // Columns that lie in the same rows of the page are made together, row by row.
    while done < tops.len() {
        let whole = tops[done].floor();
        let count = tops[done..].iter().take_while(|t| t.floor() == whole).count();
        let parts = Parts::of(tops[done..done + count].iter().map(|t| t - whole));
        let c = first + done;
        let x = (from + c as isize) as usize;
        for r in 0..rows {
            let y = whole as isize + r as isize;
            let near = [y - 1, y, y + 1, y + 2].map(|y| &row(y)[x..x + count]);
            parts.between(near, &mut gray.pixels[r * width + c..][..count]);
        }
        done += count;
    }
    Strip { gray, middle: above }
}

/// How much of each of four neighbours goes into the pixels of a stretch: the cubic of
/// [`crate::image::between`].
struct Parts([Vec<f32>; 4]);

impl Parts {
    fn of(parts: impl Iterator<Item = f32>) -> Self {
        let mut out: [Vec<f32>; 4] = Default::default();
        for p in parts {
            let (square, cube) = (p * p, p * p * p);
            out[0].push(square - 0.5 * (p + cube));
            out[1].push(1.0 - 2.5 * square + 1.5 * cube);
            out[2].push(0.5 * p + 2.0 * square - 1.5 * cube);
            out[3].push(0.5 * (cube - square));
        }
        Self(out)
    }

    fn between(&self, near: [&[u8]; 4], out: &mut [u8]) {
        let n = out.len();
        let [p, q, r, s] = [0, 1, 2, 3].map(|i| &self.0[i][..n]);
        let [a, b, c, d] = near.map(|row| &row[..n]);
        for i in 0..n {
            let value = f32::from(a[i]) * p[i]
                + f32::from(b[i]) * q[i]
                + f32::from(c[i]) * r[i]
                + f32::from(d[i]) * s[i];
            out[i] = (value + 0.5).clamp(0.0, 255.0) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaning_line_comes_out_level() {
        let mut page = Gray::filled(200, 60, 255);
        for x in 0..200 {
            let y = 20 + x / 10;
            page.pixels[y * 200 + x] = 0;
            page.pixels[(y + 1) * 200 + x] = 0;
        }
        let curve = Curve::straight(0.0, 200.0, 30.5, 0.1);
        let strip = unroll(&page, &curve, 0, 200, 6.0, 6.0);
        let dark = |r: usize| strip.gray.row(r).iter().filter(|&&v| v < 140).count();
        assert!(dark(6) > 150, "{}", dark(6));
        assert_eq!(dark(2), 0);
        assert_eq!(dark(10), 0);
    }

    #[test]
    fn outside_the_page_is_white() {
        let page = Gray::filled(20, 20, 0);
        let strip = unroll(&page, &Curve::straight(0.0, 20.0, 3.0, 0.0), -5, 30, 6.0, 4.0);
        assert_eq!(strip.gray.row(0)[10], 255);
        assert_eq!(strip.gray.row(8)[2], 255);
        assert_eq!(strip.gray.row(8)[10], 0);
    }
}
