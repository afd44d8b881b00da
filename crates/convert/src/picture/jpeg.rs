//! JPEG.

use khocr_vision::PageImage;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{Orientation, check_size, exif, plausible_dpi};
use crate::ConvertError;

/// Decodes to grey or RGB; the orientation is the camera's, from EXIF.
pub(super) fn decode(
    bytes: &[u8],
    max_pixels: u64,
) -> Result<(PageImage, Orientation), ConvertError> {
    let wrong = |reason: String| ConvertError::Picture { format: "JPEG", reason };
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX));
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|e| wrong(e.to_string()))?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    check_size("JPEG", width as u64, height as u64, max_pixels)?;
    let colors = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => ColorSpace::Luma,
        _ => ColorSpace::RGB,
    };
    decoder.set_options(decoder.options().jpeg_set_out_colorspace(colors));
    let pixels = decoder.decode().map_err(|e| wrong(e.to_string()))?;
    if pixels.len() != width * height * colors.num_components() {
        return Err(wrong("its pixels do not fill its size".to_owned()));
    }
    let (orientation, exif_dpi) = match decoder.exif() {
        Some(data) => exif::parse(data),
        None => (Orientation::UPRIGHT, None),
    };
    let dpi = exif_dpi.or_else(|| jfif_dpi(bytes)).and_then(plausible_dpi);
    let image = PageImage { width: width as u32, height: height as u32, pixels, dpi };
    Ok((image, orientation))
}

/// The resolution in the JFIF header, when that is the first segment and states one in a unit of
/// length (ITU-T T.871, 10.1).
fn jfif_dpi(bytes: &[u8]) -> Option<f32> {
    let header = bytes.get(2..18)?;
    if !header.starts_with(&[0xff, 0xe0]) || &header[4..9] != b"JFIF\0" {
        return None;
    }
    let density = f32::from(u16::from_be_bytes([header[12], header[13]]));
    match header[11] {
        1 => Some(density),
        2 => Some(density * 2.54),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jfif_header_states_the_resolution() {
        let mut head = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\x01\x01\x2c\x01\x2c\0\0".to_vec();
        assert_eq!(jfif_dpi(&head), Some(300.0));
        head[13] = 2;
        assert_eq!(jfif_dpi(&head), Some(762.0));
        head[13] = 0;
        assert_eq!(jfif_dpi(&head), None);
        assert_eq!(jfif_dpi(&head[..10]), None);
    }

    #[test]
    fn a_grey_picture_stays_grey() {
        // Eight by eight pixels of middling grey: one component, every difference 0.
        let codes = |table: u8| [&[0xff, 0xc4, 0, 20, table, 1][..], &[0; 16]].concat();
        let file = [
            b"\xff\xd8\xff\xdb\0\x43\0".to_vec(),
            vec![1; 64],
            b"\xff\xc0\0\x0b\x08\0\x08\0\x08\x01\x01\x11\0".to_vec(),
            codes(0),
            codes(0x10),
            b"\xff\xda\0\x08\x01\x01\0\0\x3f\0\x3f\xff\xd9".to_vec(),
        ];
        let (image, _) = decode(&file.concat(), 99).unwrap();
        assert_eq!((image.width, image.height, image.pixels), (8, 8, vec![128; 64]));
    }

    #[test]
    fn a_file_without_a_picture_is_an_error() {
        assert!(decode(b"\xff\xd8\xff\xe0\0\x10JFIF\0", 99).is_err());
        assert!(decode(b"\xff\xd8\xff\xd9", 99).is_err());
    }
}
