//! Page pictures as PDF images.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use pdf_writer::{Filter, Finish, Pdf, Ref};

use super::deflate;
use crate::ExportError;

/// JPEG quality, of 100, for pictures with tones: letters stay clean, and a page of A4 at 200 dpi
/// takes a few hundred kilobytes.
const QUALITY: u8 = 75;

/// How far a colour's channels may differ for the picture to count as grey.
const GREY: u8 = 12;

/// The picture of an upright page.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// RGB, 8 bits each, row by row from the top left.
    pub pixels: Vec<u8>,
}

/// Writes a picture: black and white without loss, one bit a pixel; what has tones as JPEG, grey
/// when it has no colour.
pub(super) fn write(
    pdf: &mut Pdf,
    id: Ref,
    picture: &Picture,
    page: u32,
) -> Result<(), ExportError> {
    let refused = |reason: String| ExportError::Picture { page, reason };
    let (width, height) = (picture.width as usize, picture.height as usize);
    if picture.pixels.is_empty()
        || width.saturating_mul(height).saturating_mul(3) != picture.pixels.len()
    {
        return Err(refused("its pixels do not fill its size".to_owned()));
    }
    let pixels = picture.pixels.as_chunks::<3>().0;
    let (data, filter, bits, grey) = if pixels.iter().all(|p| *p == [0; 3] || *p == [255; 3]) {
        (deflate(&bits(pixels, width))?, Filter::FlateDecode, 1, true)
    } else {
        let grey = pixels.iter().all(|[r, g, b]| r.abs_diff(*g) <= GREY && g.abs_diff(*b) <= GREY);
        let samples: Vec<u8>;
        let (samples, color) = if grey {
            samples = pixels.iter().map(|p| p[1]).collect();
            (&samples, ExtendedColorType::L8)
        } else {
            (&picture.pixels, ExtendedColorType::Rgb8)
        };
        let mut data = Vec::new();
        JpegEncoder::new_with_quality(&mut data, QUALITY)
            .write_image(samples, picture.width, picture.height, color)
            .map_err(|e| refused(e.to_string()))?;
        (data, Filter::DctDecode, 8, grey)
    };
    let mut image = pdf.image_xobject(id, &data);
    image.filter(filter);
    image.width(picture.width as i32);
    image.height(picture.height as i32);
    image.bits_per_component(bits);
    if grey {
        image.color_space().device_gray()
    } else {
        image.color_space().device_rgb()
    };
    image.finish();
    Ok(())
}

/// One bit a pixel, white set, each row from a byte of its own.
fn bits(pixels: &[[u8; 3]], width: usize) -> Vec<u8> {
    let pack = |byte: &[[u8; 3]]| {
        let set = (0..).zip(byte).filter(|(_, p)| p[0] != 0);
        set.fold(0u8, |out, (i, _)| out | (0x80 >> i))
    };
    pixels.chunks(width).flat_map(|row| row.chunks(8).map(pack)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(width: u32, height: u32, pixels: Vec<u8>) -> String {
        let mut pdf = Pdf::new();
        write(&mut pdf, Ref::new(1), &Picture { width, height, pixels }, 1).unwrap();
        String::from_utf8_lossy(&pdf.finish()).into_owned()
    }

    #[test]
    fn black_and_white_takes_a_bit_a_pixel() {
        let text = written(2, 1, vec![0, 0, 0, 255, 255, 255]);
        assert!(text.contains("/BitsPerComponent 1") && text.contains("/FlateDecode"));
        assert_eq!(bits(&[[255; 3], [0; 3], [255; 3]], 3), [0b1010_0000]);
        assert_eq!(bits(&[[255; 3]; 18], 9), [255, 128, 255, 128]);
    }

    #[test]
    fn tones_become_jpeg_and_grey_stays_grey() {
        assert!(written(1, 1, vec![90, 91, 92]).contains("/DeviceGray"));
        let color = written(1, 1, vec![200, 10, 10]);
        assert!(color.contains("/DeviceRGB") && color.contains("/DCTDecode"));
    }
}
