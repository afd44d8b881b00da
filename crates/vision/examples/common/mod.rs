//! Reading and writing of pictures for the examples.
#![allow(dead_code)]

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use khocr_vision::PageImage;

pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Reads a PNG or JPEG.
pub fn load(path: &Path) -> Outcome<PageImage> {
    if path.extension().is_some_and(|e| e == "png") { load_png(path) } else { load_jpeg(path) }
}

fn load_png(path: &Path) -> Outcome<PageImage> {
    let mut decoder = png::Decoder::new(BufReader::new(File::open(path)?));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let mut data = vec![0; reader.output_buffer_size().ok_or("too large")?];
    let info = reader.next_frame(&mut data)?;
    let channels = info.color_type.samples();
    let pixels = data[..info.buffer_size()]
        .chunks_exact(channels)
        .flat_map(|p| if channels < 3 { [p[0]; 3] } else { [p[0], p[1], p[2]] })
        .collect();
    Ok(PageImage { width: info.width, height: info.height, pixels, dpi: None })
}

fn load_jpeg(path: &Path) -> Outcome<PageImage> {
    use zune_jpeg::zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder =
        zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(std::fs::read(path)?), options);
    let pixels = decoder.decode().map_err(|e| format!("{e:?}"))?;
    let (width, height) = decoder.dimensions().ok_or("no size")?;
    Ok(PageImage { width: width as u32, height: height as u32, pixels, dpi: None })
}

/// Writes a PNG; 1 or 3 bytes a pixel.
pub fn save(path: &Path, width: usize, height: usize, pixels: &[u8]) -> Outcome<()> {
    let file = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(file, width as u32, height as u32);
    encoder.set_depth(png::BitDepth::Eight);
    let gray = pixels.len() == width * height;
    encoder.set_color(if gray { png::ColorType::Grayscale } else { png::ColorType::Rgb });
    encoder.write_header()?.write_image_data(pixels)?;
    Ok(())
}
