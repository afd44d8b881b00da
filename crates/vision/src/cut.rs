//! Cut: from a placed line to the picture the reader reads.

use std::ops::Range;

use crate::core::Placed;
use crate::strip::unroll;
use crate::{Gray, Part, Scaler, VisionError};

/// Height of a crop in pixels.
pub const HEIGHT: usize = 48;
/// Core height in a crop, in pixels.
pub const CORE: f32 = 16.0;
/// From the top of a crop to the top of the core, in pixels.
pub const ABOVE: f32 = 15.0;
/// Paper before and after the line, in crop pixels.
pub const SLACK: f32 = 12.0;
/// A crop's width is a multiple of this.
pub const MULTIPLE: usize = 8;
/// Widest crop, in pixels: about 250 core heights. A longer line is squeezed into it.
const WIDEST: usize = 4096;

/// One line as the reader wants it: dark ink on light paper, 48 pixels high, core 16 pixels.
#[derive(Clone, Debug)]
pub struct Crop {
    /// The pixels; the width is a multiple of 8.
    pub gray: Gray,
    /// Page x of the crop's left edge.
    pub left: f32,
    /// Page pixels a crop pixel covers, across.
    pub scale: f32,
    /// Whether the ink was lighter than its paper and was turned round.
    pub inverse: bool,
}

/// Cuts the line out of the page, unrolled, at the page's own resolution, and scales it.
///
/// # Errors
/// When resizing fails.
pub fn cut(page: &Gray, line: &Placed, scaler: &mut Scaler) -> Result<Crop, VisionError> {
    let scale = line.core / CORE;
    let above = (CORE / 2.0 + ABOVE) * scale;
    let below = (HEIGHT as f32 - CORE / 2.0 - ABOVE) * scale;
    let from = (line.curve.from - SLACK * scale).floor() as isize;
    let to = (line.curve.to + SLACK * scale).ceil() as isize;
    let width = (to - from).max(1) as usize;
    let mut strip = unroll(page, &line.curve, from, width, above, below);
    let inside = whiten_outside(&mut strip.gray, from, line.room);
    let half = line.core / 2.0;
    let core = (strip.middle - half).max(0.0) as usize..(strip.middle + half).max(0.0) as usize;
    // Dark print on a tint: what is lighter stands above and below, and is no print.
    if let Some(tint) = tint(&strip.gray, &inside, core) {
        strip.gray.pixels.iter_mut().for_each(|v| *v = (*v).min(tint));
    }
    let mut counts = Counts::of(std::iter::once(&strip.gray.pixels[..]));
    let inverse = counts.is_inverse();
    if inverse {
        strip.gray.pixels.iter_mut().for_each(|v| *v = 255 - *v);
        counts.counts.reverse();
    }
    stretch(&mut strip.gray, &counts);
    let target = ((width as f32 / scale).round() as usize).clamp(MULTIPLE, WIDEST);
    let part = Part {
        left: 0.0,
        top: (strip.middle - above).max(0.0),
        width: width as f32,
        height: above + below,
    };
    let scaled = scaler.scale(&strip.gray, Some(part), target, HEIGHT)?;
    let gray = padded(&scaled);
    Ok(Crop { gray, left: from as f32, scale: width as f32 / target as f32, inverse })
}

/// Whitens the columns outside the line's room and says which are inside; `from` is the page x of the
/// first column.
fn whiten_outside(gray: &mut Gray, from: isize, room: (f32, f32)) -> Range<usize> {
    let inside = |x: usize| {
        let x = (from + x as isize) as f32;
        x >= room.0 && x <= room.1
    };
    let left = (0..gray.width).take_while(|&x| !inside(x)).count();
    let right = (left..gray.width).take_while(|&x| inside(x)).count() + left;
    if left > 0 || right < gray.width {
        for row in gray.pixels.chunks_exact_mut(gray.width) {
            row[..left].fill(255);
            row[right..].fill(255);
        }
    }
    left..right
}

/// The picture with white at its right up to the next multiple of 8.
fn padded(gray: &Gray) -> Gray {
    let mut out = Gray::filled(gray.width.next_multiple_of(MULTIPLE), gray.height, 255);
    for y in 0..gray.height {
        out.pixels[y * out.width..y * out.width + gray.width].copy_from_slice(gray.row(y));
    }
    out
}

/// How often each gray occurs in some pixels.
struct Counts {
    counts: [usize; 256],
    total: usize,
}

impl Counts {
    fn of<'a>(rows: impl Iterator<Item = &'a [u8]>) -> Self {
        // Four counts of each gray: paper is one gray for long, and a count waits for the one before it.
        let mut parts = [[0u32; 256]; 4];
        let mut total = 0;
        for row in rows {
            total += row.len();
            let fours = row.chunks_exact(4);
            fours.remainder().iter().for_each(|&v| parts[0][usize::from(v)] += 1);
            for four in fours {
                for (counts, &v) in parts.iter_mut().zip(four) {
                    counts[usize::from(v)] += 1;
                }
            }
        }
        let counts = std::array::from_fn(|v| parts.iter().map(|p| p[v] as usize).sum());
        Self { counts, total }
    }

    /// Whether these are grays of light ink on dark paper. Paper is what most of the strip is.
    fn is_inverse(&self) -> bool {
        let dark = self.at(0.03).unwrap_or(0);
        let middle = self.at(0.5).unwrap_or(255);
        let light = self.at(0.97).unwrap_or(255);
        light >= dark + 60 && middle <= usize::midpoint(dark, light)
    }

    /// The gray that this share of the pixels is darker than; `None` without any.
    fn at(&self, share: f32) -> Option<usize> {
        let mut left = (self.total as f32 * share) as usize;
        self.counts.iter().position(|&n| {
            let found = n > left;
            left = left.saturating_sub(n);
            found
        })
    }
}

/// How much darker than the lightest of a strip the lightest of its core is that stands on a tint.
const TINTED: usize = 40;

/// The lightest gray of a strip's core, rows and columns, where the strip is lighter above or below it:
/// the core stands on a tint that ends there.
fn tint(gray: &Gray, columns: &Range<usize>, core: Range<usize>) -> Option<u8> {
    let of = |rows: Range<usize>| {
        let rows = rows.start.min(gray.height)..rows.end.min(gray.height);
        Counts::of(rows.map(|y| &gray.row(y)[columns.clone()]))
    };
    // Hardly any line stands on a tint.
    let own = of(core).at(0.97).filter(|own| own + TINTED < 255)?;
    let light = of(0..gray.height).at(0.97)?;
    (own + TINTED < light).then_some(own as u8)
}

/// Gives faint print the contrast of good print; good print stays as it is.
fn stretch(gray: &mut Gray, counts: &Counts) {
    let Counts { counts, total } = counts;
    let mut seen = 0;
    let (mut ink, mut paper) = (0usize, 255usize);
    for (v, n) in counts.iter().enumerate() {
        if seen <= total / 50 {
            ink = v;
        }
        if seen <= total * 7 / 10 {
            paper = v;
        }
        seen += n;
    }
    if paper < ink + 25 || (ink < 90 && paper > 225) {
        return;
    }
    let (ink, paper) = (ink as f32, paper as f32);
    let of = |v| (40.0 + (v as f32 - ink) / (paper - ink) * 210.0).clamp(0.0, 255.0) as u8;
    let all: [u8; 256] = std::array::from_fn(of);
    gray.pixels.iter_mut().for_each(|v| *v = all[usize::from(*v)]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ROOM;
    use crate::curve::Curve;

    fn page(paper: u8, ink: u8) -> Gray {
        let mut page = Gray::filled(400, 100, paper);
        for y in 40..60 {
            for x in 100..300 {
                if x % 10 < 3 {
                    page.pixels[y * 400 + x] = ink;
                }
            }
        }
        page
    }

    fn line() -> Placed {
        Placed {
            curve: Curve::straight(100.0, 300.0, 50.0, 0.0),
            core: 20.0,
            trust: 1.0,
            room: ROOM,
        }
    }

    #[test]
    fn the_core_lies_where_the_reader_expects_it() {
        let crop = cut(&page(255, 0), &line(), &mut Scaler::default()).unwrap();
        assert_eq!(crop.gray.height, 48);
        assert_eq!(crop.gray.width % 8, 0);
        let dark = |y: usize| crop.gray.row(y).iter().filter(|&&v| v < 128).count();
        assert!(dark(16) > 30 && dark(29) > 30);
        assert!(dark(13) == 0 && dark(32) == 0);
        assert!((crop.left + SLACK * crop.scale - 100.0).abs() < 1.5);
    }

    #[test]
    fn what_stands_beyond_the_room_is_not_shown() {
        let mut line = line();
        line.room = (0.0, 200.0);
        let crop = cut(&page(255, 0), &line, &mut Scaler::default()).unwrap();
        let at = |x: f32| crop.gray.row(20)[((x - crop.left) / crop.scale) as usize..].to_vec();
        assert!(at(205.0).iter().all(|&v| v > 200));
        assert!(at(150.0)[..30].iter().any(|&v| v < 128));
    }

    #[test]
    fn dark_print_on_a_tint_is_not_turned_round() {
        let mut page = page(255, 60);
        // The tint ends just above and below the line.
        for y in 24..66 {
            page.pixels[y * page.width..(y + 1) * page.width]
                .iter_mut()
                .for_each(|v| *v = (*v).min(150));
        }
        let crop = cut(&page, &line(), &mut Scaler::default()).unwrap();
        assert!(!crop.inverse);
        let paper = crop.gray.pixels.iter().filter(|v| **v > 200).count();
        assert!(paper * 2 > crop.gray.pixels.len(), "{paper}");
    }

    #[test]
    fn inverse_text_is_turned_round() {
        let crop = cut(&page(30, 250), &line(), &mut Scaler::default()).unwrap();
        assert!(crop.inverse);
        assert!(crop.gray.row(5)[40] > 200);
    }
}
