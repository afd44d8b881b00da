//! TIFF, with one picture or many.

use std::io::Cursor;

use khocr_vision::PageImage;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use super::{Orientation, check_size, over_paper, plausible_dpi};
use crate::ConvertError;

/// The most pictures looked for in one file; a directory chain longer than that is no document.
const MAX_PICTURES: u32 = 20_000;

fn wrong(e: TiffError) -> ConvertError {
    refused(e.to_string())
}

fn refused(reason: String) -> ConvertError {
    ConvertError::Picture { format: "TIFF", reason }
}

fn open(bytes: &[u8]) -> Result<Decoder<Cursor<&[u8]>>, ConvertError> {
    Decoder::new(Cursor::new(bytes)).map_err(wrong)
}

/// The number of pictures in the file.
pub(crate) fn count(bytes: &[u8]) -> Result<u32, ConvertError> {
    let mut decoder = open(bytes)?;
    let mut pictures = 1;
    while decoder.more_images() && pictures < MAX_PICTURES {
        decoder.next_image().map_err(wrong)?;
        pictures += 1;
    }
    Ok(pictures)
}

/// Decodes picture `index` (0-based) to grey or RGB.
pub(super) fn decode(
    bytes: &[u8],
    index: u32,
    max_pixels: u64,
) -> Result<(PageImage, Orientation), ConvertError> {
    let mut limits = Limits::default();
    // 8 bytes a pixel hold RGBA of 16 bits; compressed strips and tables take some besides.
    limits.decoding_buffer_size = max_pixels.saturating_mul(8).saturating_add(1 << 20) as usize;
    limits.intermediate_buffer_size = limits.decoding_buffer_size;
    let mut decoder = open(bytes)?.with_limits(limits);
    decoder.seek_to_image(index as usize).map_err(wrong)?;
    let (width, height) = decoder.dimensions().map_err(wrong)?;
    check_size("TIFF", u64::from(width), u64::from(height), max_pixels)?;
    let color = decoder.colortype().map_err(wrong)?;
    let tag = |d: &mut Decoder<_>, tag| d.find_tag_unsigned::<u32>(tag).ok().flatten();
    let orientation =
        tag(&mut decoder, Tag::Orientation).map_or(Orientation::UPRIGHT, Orientation::from_tag);
    let density = decoder.get_tag_f32(Tag::XResolution).ok();
    let dpi = match tag(&mut decoder, Tag::ResolutionUnit) {
        Some(3) => density.map(|d| d * 2.54),
        Some(1) => None,
        _ => density,
    };
    let dpi = dpi.and_then(plausible_dpi);
    let palette = match color {
        ColorType::Palette(_) => decoder.get_tag_u16_vec(Tag::ColorMap).map_err(wrong)?,
        _ => Vec::new(),
    };
    let samples = match decoder.read_image().map_err(wrong)? {
        DecodingResult::U8(samples) => samples,
        DecodingResult::U16(samples) => samples.iter().map(|s| (s >> 8) as u8).collect(),
        _ => return Err(refused("its samples are not of 1 to 16 bits".to_owned())),
    };
    let pixels = colors(samples, color, width as usize, height as usize, &palette)?;
    let each = if matches!(color, ColorType::Gray(_) | ColorType::GrayA(_)) { 1 } else { 3 };
    if pixels.len() != width as usize * height as usize * each {
        return Err(refused("its pixels do not fill its size".to_owned()));
    }
    Ok((PageImage { width, height, pixels, dpi }, orientation))
}

/// Grey or RGB from the decoder's samples; those under 8 bits are packed, each row from a byte of its own.
fn colors(
    samples: Vec<u8>,
    color: ColorType,
    width: usize,
    height: usize,
    palette: &[u16],
) -> Result<Vec<u8>, ConvertError> {
    Ok(match color {
        ColorType::Gray(bits @ (1 | 2 | 4)) => {
            let scale = 255 / ((1u16 << bits) - 1) as u8;
            unpack(&samples, bits, width, height).map(|v| v * scale).collect()
        }
        ColorType::Palette(bits @ (1 | 2 | 4 | 8)) => {
            // The map holds all reds, then all greens, then all blues, of 16 bits each.
            let size = palette.len() / 3;
            let look = |v: u8, c: usize| {
                palette.get(c * size + usize::from(v)).map_or(0, |p| (p >> 8) as u8)
            };
            unpack(&samples, bits, width, height)
                .flat_map(|v| [look(v, 0), look(v, 1), look(v, 2)])
                .collect()
        }
        ColorType::GrayA(8 | 16) => over_paper(samples, 2),
        ColorType::Gray(8 | 16) | ColorType::RGB(8 | 16) => samples,
        ColorType::RGBA(8 | 16) => over_paper(samples, 4),
        ColorType::CMYK(8 | 16) => samples.chunks_exact(4).flat_map(from_cmyk).collect(),
        ColorType::YCbCr(8) => samples.chunks_exact(3).flat_map(from_ycbcr).collect(),
        other => return Err(refused(format!("its colours ({other:?}) are not supported"))),
    })
}

/// Values of `bits` bits each, most significant first, rows padded to whole bytes.
fn unpack(packed: &[u8], bits: u8, width: usize, height: usize) -> impl Iterator<Item = u8> {
    let bits = usize::from(bits);
    let stride = (width * bits).div_ceil(8);
    let mask = ((1u16 << bits) - 1) as u8;
    (0..height).flat_map(move |y| {
        (0..width).map(move |x| {
            let at = x * bits;
            let byte = packed.get(y * stride + at / 8).copied().unwrap_or(0);
            (byte >> (8 - bits - at % 8)) & mask
        })
    })
}

fn from_cmyk(p: &[u8]) -> [u8; 3] {
    let k = 255 - u32::from(p[3]);
    [p[0], p[1], p[2]].map(|c| ((255 - u32::from(c)) * k / 255) as u8)
}

/// ITU-R BT.601 in full range, as TIFF 6.0 section 21 has it by default.
fn from_ycbcr(p: &[u8]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(p[0]), f32::from(p[1]) - 128.0, f32::from(p[2]) - 128.0);
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb]
        .map(|v| v.round().clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiff::encoder::{TiffEncoder, colortype};

    fn two_pages() -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut out).unwrap();
        encoder.write_image::<colortype::Gray8>(2, 1, &[0, 255]).unwrap();
        encoder.write_image::<colortype::RGB8>(1, 1, &[1, 2, 3]).unwrap();
        out.into_inner()
    }

    #[test]
    fn every_picture_of_a_file_is_counted_and_read() {
        let bytes = two_pages();
        assert_eq!(count(&bytes).unwrap(), 2);
        assert_eq!(decode(&bytes, 0, 9).unwrap().0.pixels, [0, 255]);
        assert_eq!(decode(&bytes, 1, 9).unwrap().0.pixels, [1, 2, 3]);
        assert!(decode(&bytes, 2, 9).is_err());
    }

    #[test]
    fn a_cut_file_is_an_error() {
        let bytes = two_pages();
        for end in 0..bytes.len() {
            let _ = count(&bytes[..end]);
            let _ = decode(&bytes[..end], 1, 9);
        }
        assert!(count(&bytes[..6]).is_err());
    }

    #[test]
    fn packed_bits_start_each_row_at_a_byte() {
        let got: Vec<u8> = unpack(&[0b1010_0000, 0b0110_0000], 1, 3, 2).collect();
        assert_eq!(got, [1, 0, 1, 0, 1, 1]);
        let got: Vec<u8> = unpack(&[0x1f, 0x20], 4, 3, 1).collect();
        assert_eq!(got, [1, 15, 2]);
    }
}
