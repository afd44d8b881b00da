//! Strays: ink of a line that the finder's band missed.
//!
//! A dash after a page number or a full stop far from its word is too little for the finder to call
//! it text. Ends of bands are drawn out to such ink.

use crate::bands::Band;
use crate::rules::Rules;
use crate::strip::unroll;
use crate::{Gray, folios, ink};

/// Darker than this is ink.
const INK: u8 = 150;
/// Farthest gap, in core heights, between a line's end and more of its ink.
const REACH: f32 = 2.2;
/// Farthest that an end moves, in core heights.
const FARTHEST: f32 = 9.0;
/// Ends this near to a wall, in pixels, were cut off there; those with more white than this are drawn in,
/// in core heights...
const AT: f32 = 1.0;
const BARE: f32 = 2.0;
/// ...up to so far from their ink...
const EDGE: f32 = 0.3;
/// ...of which a column has so many pixels at least.
const STROKE: usize = 2;
/// How far above and below its middle a line's ink is looked for, in core heights: quotation marks
/// stand higher than letters.
const ABOVE: f32 = 0.8;
const BELOW: f32 = 0.55;
/// Least ink of a piece, in square core heights: a full stop has about 0.02.
const LEAST: f32 = 0.015;

/// Draws the ends of bands out to ink that stands in their core's height nearby, as far as no
/// rule or other band is in the way.
pub fn draw_out(page: &Gray, bands: &mut [Band], rules: &Rules) {
    for i in 0..bands.len() {
        for right in [false, true] {
            let limit = free_reach(page, bands, i, rules, right);
            let band = &bands[i];
            if limit < 0.4 * band.core {
                continue;
            }
            // The dashes of a pale page number are paler still.
            let dark = if folios::may_be(page, bands, i) { ink::of(page, band) } else { INK };
            let moved = more_ink(page, band, limit, right, dark);
            let curve = &mut bands[i].curve;
            if moved > 0.0 {
                *curve = curve.stretched(
                    curve.from - if right { 0.0 } else { moved },
                    curve.to + if right { moved } else { 0.0 },
                );
            }
        }
    }
}

/// Draws the ends of bands in to their ink where a wall cut them off far beyond it.
pub fn draw_in(page: &Gray, bands: &mut [Band], walls: &Rules) {
    for band in bands {
        let (core, curve) = (band.core, &band.curve);
        let cut_off = |x: f32| {
            let y = curve.at(x);
            walls.down.iter().any(|w| (w.at - x).abs() < AT && w.from < y && y < w.to)
        };
        let (left, right) = (cut_off(curve.from), cut_off(curve.to));
        if !left && !right {
            continue;
        }
        let from = curve.from.max(0.0) as usize;
        let width = (curve.to.max(0.0) as usize).min(page.width).saturating_sub(from);
        let strip = unroll(page, curve, from as isize, width, ABOVE * core, BELOW * core);
        let dark = ink::of(page, band);
        let rows = strip.gray.height;
        let inked = |c: &usize| {
            (0..rows).filter(|r| strip.gray.pixels[r * width + c] < dark).count() >= STROKE
        };
        let (Some(first), Some(last)) = ((0..width).find(inked), (0..width).rev().find(inked))
        else {
            continue;
        };
        let ends = ((from + first) as f32 - EDGE * core, (from + last + 1) as f32 + EDGE * core);
        let left = if left && ends.0 - curve.from > BARE * core { ends.0 } else { curve.from };
        let right = if right && curve.to - ends.1 > BARE * core { ends.1 } else { curve.to };
        if (left, right) != (curve.from, curve.to) && left < right {
            band.curve = curve.stretched(left, right);
        }
    }
}

/// For each band, the page x between which nothing but itself stands: up to rules, and half way to
/// the bands beside it.
#[must_use]
pub fn rooms(bands: &[Band], rules: &Rules) -> Vec<(f32, f32)> {
    let room = |own: usize| {
        let band = &bands[own];
        let (core, from, to) = (band.core, band.curve.from, band.curve.to);
        let (mut left, mut right) = (f32::MIN, f32::MAX);
        for rule in &rules.down {
            let y = band.curve.at(rule.at);
            if rule.from > y || rule.to < y {
                continue;
            }
            if rule.at < from + 0.4 * core {
                left = left.max(rule.at);
            } else if rule.at > to - 0.4 * core {
                right = right.min(rule.at);
            }
        }
        for (i, other) in bands.iter().enumerate() {
            let (near_left, near_right) = (other.curve.to, other.curve.from);
            let level =
                |x: f32| (other.curve.at(x) - band.curve.at(x)).abs() < 0.6 * (core + other.core);
            if i == own {
                continue;
            }
            if near_left < from + 0.3 * core && level(near_left) {
                left = left.max(((near_left + from) / 2.0).min(from));
            } else if near_right > to - 0.3 * core && level(near_right) {
                right = right.min(((near_right + to) / 2.0).max(to));
            }
        }
        (left, right)
    };
    (0..bands.len()).map(room).collect()
}

/// How far an end may move, in pixels.
fn free_reach(page: &Gray, bands: &[Band], own: usize, rules: &Rules, right: bool) -> f32 {
    let band = &bands[own];
    let core = band.core;
    let end = if right { band.curve.to } else { band.curve.from };
    let y = band.curve.at(end);
    let edge = if right { page.width as f32 - end } else { end };
    let mut reach = (FARTHEST * core).min(edge - 0.3 * core);
    let mut hit = |x: f32, keep: f32| {
        let away = if right { x - end } else { end - x };
        if away > -0.5 * core {
            reach = reach.min(away - keep);
        }
    };
    for (i, other) in bands.iter().enumerate() {
        let near = if right { other.curve.from } else { other.curve.to };
        if i != own && (other.curve.at(near) - y).abs() < 0.5 * (core + other.core) + 0.5 * core {
            hit(near, 0.6 * core);
        }
    }
    for rule in &rules.down {
        if rule.from < y + 0.5 * core && rule.to > y - 0.5 * core {
            hit(rule.at, 0.5 * core);
        }
    }
    reach
}

/// How far ink of the line goes on beyond the end, in pixels.
fn more_ink(page: &Gray, band: &Band, limit: f32, right: bool, dark: u8) -> f32 {
    let core = band.core;
    let width = limit.floor() as usize;
    let from = if right { band.curve.to as isize } else { (band.curve.from - limit) as isize };
    let strip = unroll(page, &band.curve, from, width, ABOVE * core, BELOW * core);
    let rows = strip.gray.height;
    let columns: Vec<usize> = (0..width)
        .map(|c| (0..rows).filter(|r| strip.gray.pixels[r * width + c] < dark).count())
        .collect();
    let at = |i: usize| if right { columns[i] } else { columns[width - 1 - i] };
    let (mut end, mut piece, mut blank) = (0, 0, 0.0);
    for i in 0..width {
        // A column full of ink is a rule, a margin or a picture.
        if at(i) * 10 > rows * 9 {
            break;
        }
        if at(i) > 0 {
            piece += at(i);
            blank = 0.0;
        } else {
            if piece as f32 > LEAST * core * core {
                end = i;
            }
            piece = 0;
            blank += 1.0;
            if blank > REACH * core {
                break;
            }
        }
    }
    end as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Curve;
    use crate::rules::Rule;

    fn page() -> Gray {
        let mut page = Gray::filled(800, 1000, 255);
        let mut block = |x0: usize, x1: usize, y0: usize, y1: usize| {
            for y in y0..y1 {
                page.pixels[y * 800 + x0..y * 800 + x1].fill(0);
            }
        };
        for x in (100..400).step_by(10) {
            block(x, x + 4, 500, 520);
        }
        block(425, 433, 509, 511);
        page
    }

    fn band() -> Band {
        let curve = Curve::straight(100.0, 396.0, 510.0, 0.0);
        Band { curve, core: 20.0, score: 1.0, points: Vec::new() }
    }

    #[test]
    fn a_line_cut_off_in_the_white_ends_with_its_ink() {
        let mut page = Gray::filled(400, 100, 255);
        for y in 42..58 {
            for x in (50..150).filter(|x| x % 6 < 2) {
                page.pixels[y * 400 + x] = 0;
            }
        }
        let curve = Curve::straight(45.0, 300.0, 50.0, 0.0);
        let mut bands = [Band { curve, core: 16.0, score: 1.0, points: Vec::new() }];
        draw_in(&page, &mut bands, &Rules::default());
        assert!((bands[0].curve.to - 300.0).abs() < 0.1, "no wall");
        let down = vec![Rule { from: 20.0, to: 80.0, at: 300.0, thick: 1.0 }];
        draw_in(&page, &mut bands, &Rules { across: Vec::new(), down });
        assert!((bands[0].curve.to - 154.0).abs() < 4.0, "{}", bands[0].curve.to);
        assert!((bands[0].curve.from - 45.0).abs() < 0.1);
    }

    #[test]
    fn an_end_is_drawn_out_to_a_dash_but_not_over_a_rule() {
        let mut bands = vec![band()];
        draw_out(&page(), &mut bands, &Rules::default());
        assert!((bands[0].curve.to - 433.0).abs() <= 2.0, "{}", bands[0].curve.to);
        assert_eq!(bands[0].curve.from, 100.0);
        let down = vec![Rule { from: 400.0, to: 600.0, at: 412.0, thick: 2.0 }];
        let mut bands = vec![band()];
        draw_out(&page(), &mut bands, &Rules { across: Vec::new(), down });
        assert!(bands[0].curve.to < 412.0);
    }

    #[test]
    fn a_cell_has_room_up_to_its_rules_and_half_way_to_its_neighbour() {
        let mut right = band();
        right.curve = Curve::straight(420.0, 600.0, 510.0, 0.0);
        let down = vec![Rule { from: 400.0, to: 600.0, at: 90.0, thick: 2.0 }];
        let rules = Rules { across: Vec::new(), down };
        let rooms = rooms(&[band(), right], &rules);
        assert_eq!(rooms[0], (90.0, 408.0));
        assert_eq!(rooms[1], (408.0, f32::MAX));
    }
}
