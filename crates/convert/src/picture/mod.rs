//! PNG, JPEG and TIFF files to upright pictures, gray or RGB.
//!
//! The header is read first and the number of pixels is held against the limit before anything of
//! that size is allocated.

mod exif;
mod jpeg;
mod png;
mod tiff;

use khocr_vision::PageImage;

pub(crate) use self::exif::Orientation;
pub(crate) use self::tiff::count as count_tiff;
use crate::{ConvertError, FileKind};

/// Picture `index` (0-based) of a file of that kind, upright, transparent parts on white. Only a
/// TIFF has more than one. A picture of more than `max_pixels` is refused unseen.
pub(crate) fn decode(
    bytes: &[u8],
    kind: FileKind,
    index: u32,
    max_pixels: u64,
) -> Result<PageImage, ConvertError> {
    let (raw, orientation) = match kind {
        FileKind::Png => (png::decode(bytes, max_pixels)?, Orientation::UPRIGHT),
        FileKind::Jpeg => jpeg::decode(bytes, max_pixels)?,
        FileKind::Tiff => tiff::decode(bytes, index, max_pixels)?,
        FileKind::Pdf => return Err(ConvertError::UnknownFormat),
    };
    Ok(orientation.apply(raw))
}

/// Refuses a picture with no pixels or too many.
fn check_size(
    format: &'static str,
    width: u64,
    height: u64,
    limit: u64,
) -> Result<(), ConvertError> {
    if width == 0 || height == 0 {
        return Err(ConvertError::Picture { format, reason: "it has no pixels".to_owned() });
    }
    match width.checked_mul(height) {
        Some(pixels) if pixels <= limit => Ok(()),
        _ => Err(ConvertError::TooManyPixels { width, height, limit }),
    }
}

/// A resolution worth believing, in dots per inch; what cannot be a scan's is dropped, and so is 72,
/// which programs write when they know nothing.
fn plausible_dpi(dpi: f32) -> Option<f32> {
    ((50.0..=2400.0).contains(&dpi) && (dpi - 72.0).abs() > 0.6).then_some(dpi)
}

/// One sample laid over white by its alpha.
fn over_white(sample: u8, alpha: u8) -> u8 {
    let (s, a) = (u32::from(sample), u32::from(alpha));
    ((s * a + 255 * (255 - a) + 127) / 255) as u8
}

/// Grey from samples of 1 (grey) or 2 (grey, alpha), RGB from those of 3 (RGB) or 4 (RGB, alpha) channels of
/// 8 bits.
fn over_paper(samples: Vec<u8>, channels: usize) -> Vec<u8> {
    match channels {
        2 => samples.chunks_exact(2).map(|p| over_white(p[0], p[1])).collect(),
        4 => {
            let rgb = |p: &[u8]| [p[0], p[1], p[2]].map(|s| over_white(s, p[3]));
            samples.chunks_exact(4).flat_map(rgb).collect()
        }
        _ => samples,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_is_checked_before_decoding() {
        assert!(check_size("PNG", 10_000, 8_000, 80_000_000).is_ok());
        assert!(matches!(
            check_size("PNG", 60_000, 60_000, 80_000_000),
            Err(ConvertError::TooManyPixels { .. })
        ));
        assert!(check_size("PNG", u64::MAX, 2, u64::MAX).is_err());
        assert!(check_size("PNG", 0, 5, 9).is_err());
    }

    #[test]
    fn alpha_is_laid_on_white() {
        assert_eq!(over_paper(vec![0, 0, 0, 0], 4), [255; 3]);
        assert_eq!(over_paper(vec![10, 255, 7, 0], 2), [10, 255]);
        assert_eq!(over_paper(vec![7], 1), [7]);
    }
}
