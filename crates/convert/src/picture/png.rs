//! PNG.

use std::io::Cursor;

use khocr_vision::PageImage;
use png::{Decoder, Limits, Transformations, Unit};

use super::{check_size, over_paper, plausible_dpi};
use crate::ConvertError;

/// Decodes the file's first frame, to grey or RGB.
pub(super) fn decode(bytes: &[u8], max_pixels: u64) -> Result<PageImage, ConvertError> {
    let wrong =
        |e: png::DecodingError| ConvertError::Picture { format: "PNG", reason: e.to_string() };
    // 8 bytes a pixel is the widest form a PNG has (RGBA of 16 bits).
    let limits = Limits { bytes: max_pixels.saturating_mul(8) as usize };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let info = decoder.read_header_info().map_err(wrong)?;
    let (width, height) = (info.width, info.height);
    check_size("PNG", u64::from(width), u64::from(height), max_pixels)?;

    let mut reader = decoder.read_info().map_err(wrong)?;
    let dpi = reader.info().pixel_dims.filter(|d| d.unit == Unit::Meter);
    let dpi = dpi.and_then(|d| plausible_dpi(d.xppu as f32 * 0.0254));
    let size = reader.output_buffer_size().unwrap_or_default();
    let mut samples = vec![0; size];
    let frame = reader.next_frame(&mut samples).map_err(wrong)?;
    samples.truncate(frame.buffer_size());
    let pixels = over_paper(samples, frame.color_type.samples());
    Ok(PageImage { width, height, pixels, dpi })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG of these samples.
    fn png(
        width: u32,
        height: u32,
        color: png::ColorType,
        data: &[u8],
        ppm: Option<u32>,
    ) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, width, height);
        encoder.set_color(color);
        if let Some(p) = ppm {
            encoder.set_pixel_dims(Some(png::PixelDimensions {
                xppu: p,
                yppu: p,
                unit: Unit::Meter,
            }));
        }
        encoder.write_header().unwrap().write_image_data(data).unwrap();
        out
    }

    #[test]
    fn grey_stays_grey_and_the_resolution_is_kept() {
        let image =
            decode(&png(2, 1, png::ColorType::Grayscale, &[0, 200], Some(11811)), 9).unwrap();
        assert_eq!((image.width, image.height), (2, 1));
        assert_eq!(image.pixels, [0, 200]);
        assert!((image.dpi.unwrap() - 300.0).abs() < 0.1);
    }

    #[test]
    fn seventy_two_dpi_is_not_believed() {
        let image = decode(&png(1, 1, png::ColorType::Rgb, &[1, 2, 3], Some(2835)), 9).unwrap();
        assert_eq!(image.dpi, None);
    }

    #[test]
    fn a_bomb_is_refused_by_its_header() {
        let mut bytes = png(1, 1, png::ColorType::Grayscale, &[0], None);
        // IHDR's width and height stand at bytes 16 to 23; its checksum, over type and data, follows.
        bytes[16..20].copy_from_slice(&60_000u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&60_000u32.to_be_bytes());
        let crc = crc32(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.to_be_bytes());
        assert!(matches!(decode(&bytes, 80_000_000), Err(ConvertError::TooManyPixels { .. })));
    }

    #[test]
    fn a_cut_file_is_an_error() {
        let bytes = png(8, 8, png::ColorType::Grayscale, &[9; 64], None);
        for end in 0..bytes.len() - 13 {
            assert!(decode(&bytes[..end], 99).is_err(), "cut at {end}");
        }
    }

    fn crc32(data: &[u8]) -> u32 {
        !data.iter().fold(!0u32, |crc, b| {
            (0..8)
                .fold(crc ^ u32::from(*b), |c, _| (c >> 1) ^ (0xEDB8_8320 & (c & 1).wrapping_neg()))
        })
    }
}
