//! Reading and writing of pictures for the examples.
#![allow(dead_code)]

pub(crate) mod drawn;

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use khocr_vision::classical::InkFinder;
use khocr_vision::find::FindLines;
use khocr_vision::net::{NetFinder, NetReader};
use khocr_vision::recognise::{Frames, ReadLines};
use khocr_vision::{Gray, PageImage, Reader, VisionError};

pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Reads a PNG or JPEG.
pub(crate) fn load(path: &Path) -> Outcome<PageImage> {
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
    use zune_jpeg::zune_core::{
        bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions,
    };
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder =
        zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(std::fs::read(path)?), options);
    let pixels = decoder.decode().map_err(|e| format!("{e:?}"))?;
    let (width, height) = decoder.dimensions().ok_or("no size")?;
    Ok(PageImage { width: width as u32, height: height as u32, pixels, dpi: None })
}

/// Writes a PNG; 1 or 3 bytes a pixel.
pub(crate) fn save(path: &Path, width: usize, height: usize, pixels: &[u8]) -> Outcome<()> {
    let file = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(file, width as u32, height as u32);
    encoder.set_depth(png::BitDepth::Eight);
    let gray = pixels.len() == width * height;
    encoder.set_color(if gray { png::ColorType::Grayscale } else { png::ColorType::Rgb });
    encoder.write_header()?.write_image_data(pixels)?;
    Ok(())
}

/// A finder of this model; `-` for the one without a model.
pub(crate) fn finder(path: &Path) -> Outcome<Box<dyn FindLines>> {
    if path == Path::new("-") {
        return Ok(Box::new(InkFinder));
    }
    Ok(Box::new(NetFinder::load(&std::fs::read(path)?, 1)?))
}

/// A reader of these models, on one thread; without a reader's model it reads nothing.
pub(crate) fn reader(finder_path: &Path, reader: Option<&Path>) -> Outcome<Reader> {
    let finder = finder(finder_path)?;
    let reader: Box<dyn ReadLines> = match reader {
        None => Box::new(Mute),
        Some(path) => Box::new(NetReader::load(&std::fs::read(path)?, 1)?),
    };
    Ok(Reader::new(finder, reader))
}

/// Reads nothing.
struct Mute;

impl ReadLines for Mute {
    fn workers(&self) -> usize {
        1
    }

    fn read(&self, _: &Gray, _: usize) -> Result<Frames, VisionError> {
        Ok(Frames { steps: 1, classes: 2, values: vec![1.0, 0.0] })
    }
}
