//! The two things a scan's EXIF data tells that matter here: which way is up, and the resolution.

use khocr_vision::PageImage;

/// How stored rows and columns map to the upright picture: TIFF 6.0 tag 274, values 1 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Orientation(u8);

impl Orientation {
    /// Rows run down, columns run right.
    pub(crate) const UPRIGHT: Self = Self(1);

    /// The orientation with that tag value; what is no orientation counts as upright.
    pub(crate) fn from_tag(value: u32) -> Self {
        match value {
            1..=8 => Self(value as u8),
            _ => Self::UPRIGHT,
        }
    }

    /// The orientation of a picture that must be turned clockwise by that many degrees to stand
    /// upright; other than quarter turns count as none.
    pub(crate) fn turned_by(degrees: u16) -> Self {
        match degrees {
            90 => Self(6),
            180 => Self(3),
            270 => Self(8),
            _ => Self::UPRIGHT,
        }
    }

    /// The picture turned and mirrored so that it stands upright.
    pub(crate) fn apply(self, image: PageImage) -> PageImage {
        if self == Self::UPRIGHT {
            return image;
        }
        let (w, h) = (image.width as usize, image.height as usize);
        let swapped = self.0 >= 5;
        let (out_w, out_h) = if swapped { (h, w) } else { (w, h) };
        let each = image.channels();
        let mut pixels = Vec::with_capacity(image.pixels.len());
        for y in 0..out_h {
            for x in 0..out_w {
                let (sx, sy) = match self.0 {
                    2 => (w - 1 - x, y),
                    3 => (w - 1 - x, h - 1 - y),
                    4 => (x, h - 1 - y),
                    5 => (y, x),
                    6 => (y, h - 1 - x),
                    7 => (w - 1 - y, h - 1 - x),
                    8 => (w - 1 - y, x),
                    _ => (x, y),
                };
                let at = (sy * w + sx) * each;
                pixels.extend_from_slice(&image.pixels[at..at + each]);
            }
        }
        PageImage { width: out_w as u32, height: out_h as u32, pixels, dpi: image.dpi }
    }
}

/// Orientation and dots per inch of EXIF data that starts at its TIFF header. Damaged data gives
/// what could be read of it.
pub(super) fn parse(data: &[u8]) -> (Orientation, Option<f32>) {
    let mut orientation = Orientation::UPRIGHT;
    let (mut density, mut unit) = (None, 2);
    for (tag, kind, value) in entries(data).unwrap_or_default() {
        match (tag, kind) {
            (274, 3) => orientation = Orientation::from_tag(u32::from(value.short)),
            (282, 5) => density = value.rational,
            (296, 3) => unit = value.short,
            _ => {}
        }
    }
    let dpi = match unit {
        2 => density,
        3 => density.map(|d| d * 2.54),
        _ => None,
    };
    (orientation, dpi)
}

/// One entry's value, read as each of the two types that matter.
struct Value {
    short: u16,
    rational: Option<f32>,
}

/// Tag, type and value of each entry of the first directory (TIFF 6.0, section 2).
fn entries(data: &[u8]) -> Option<Vec<(u16, u16, Value)>> {
    let little = match data.get(..2)? {
        b"II" => true,
        b"MM" => false,
        _ => return None,
    };
    let u16_at = |at: usize| -> Option<u16> {
        let b: [u8; 2] = data.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(b) } else { u16::from_be_bytes(b) })
    };
    let u32_at = |at: usize| -> Option<u32> {
        let b: [u8; 4] = data.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if little { u32::from_le_bytes(b) } else { u32::from_be_bytes(b) })
    };
    let start = u32_at(4)? as usize;
    let count = usize::from(u16_at(start)?);
    let mut out = Vec::new();
    for i in 0..count {
        let at = start + 2 + i * 12;
        let (Some(tag), Some(kind), Some(short)) = (u16_at(at), u16_at(at + 2), u16_at(at + 8))
        else {
            break;
        };
        let place = u32_at(at + 8).map(|p| p as usize);
        let ratio = place.and_then(|p| Some((u32_at(p)?, u32_at(p.checked_add(4)?)?)));
        let rational = ratio.filter(|(_, d)| *d > 0).map(|(n, d)| n as f32 / d as f32);
        out.push((tag, kind, Value { short, rational }));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EXIF data, little endian, with an orientation and 300 dots per inch.
    fn exif(orientation: u16) -> Vec<u8> {
        let mut d = b"II*\0\x08\0\0\0\x02\0".to_vec();
        d.extend([274u16, 3].iter().flat_map(|v| v.to_le_bytes()));
        d.extend([1u32, u32::from(orientation)].iter().flat_map(|v| v.to_le_bytes()));
        d.extend([282u16, 5].iter().flat_map(|v| v.to_le_bytes()));
        d.extend([1u32, 38, 0, 300, 1].iter().flat_map(|v| v.to_le_bytes()));
        d
    }

    #[test]
    fn orientation_and_resolution_are_read() {
        assert_eq!(parse(&exif(6)), (Orientation(6), Some(300.0)));
        assert_eq!(parse(&exif(99)).0, Orientation::UPRIGHT);
    }

    #[test]
    fn damaged_data_is_harmless() {
        let data = exif(6);
        for end in 0..data.len() {
            parse(&data[..end]);
        }
        parse(b"II*\0\xff\xff\xff\xff");
    }

    #[test]
    fn each_orientation_brings_the_first_pixel_to_its_place() {
        // Two columns, three rows; the stored top left pixel is 1.
        let places = [(1, (0, 0)), (2, (1, 0)), (3, (1, 2)), (4, (0, 2))];
        let turned = [(5, (0, 0)), (6, (2, 0)), (7, (2, 1)), (8, (0, 1))];
        for (tag, (x, y)) in places.into_iter().chain(turned) {
            let mut pixels = vec![0; 18];
            pixels[..3].fill(1);
            let image = PageImage { width: 2, height: 3, pixels, dpi: None };
            let out = Orientation::from_tag(tag).apply(image);
            let at = ((y * out.width + x) * 3) as usize;
            assert_eq!(out.pixels[at], 1, "orientation {tag}");
            assert_eq!(out.pixels.iter().map(|p| u32::from(*p)).sum::<u32>(), 3);
            let pixels = vec![1, 0, 0, 0, 0, 0];
            let image = PageImage { width: 2, height: 3, pixels, dpi: None };
            let out = Orientation::from_tag(tag).apply(image);
            assert_eq!(out.pixels[(y * out.width + x) as usize], 1, "gray, orientation {tag}");
        }
    }
}
