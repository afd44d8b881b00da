//! Pictures of pages with what was found on them, to look at.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::Context;
use khocr_convert::Source;
use khocr_document::{BlockKind, Document, Page, Rect};
use khocr_vision::PageImage;

/// Digits 0 to 9, five rows of three pixels each, the leftmost the highest bit.
const DIGITS: [[u8; 5]; 10] = [
    [7, 5, 5, 5, 7],
    [2, 6, 2, 2, 7],
    [7, 1, 7, 4, 7],
    [7, 1, 7, 1, 7],
    [5, 5, 7, 1, 1],
    [7, 4, 7, 1, 7],
    [7, 4, 7, 5, 7],
    [7, 1, 2, 2, 2],
    [7, 5, 7, 5, 7],
    [7, 5, 7, 1, 7],
];

/// Pixels of the picture a pixel of a digit.
const DIGIT: i64 = 3;

const LINE: [u8; 3] = [220, 30, 30];
const CELL: [u8; 3] = [150, 60, 200];

/// Writes `STEM-PAGE.png` for each page: blocks in a colour for their kind with their number in the
/// reading order, lines in red, table cells in violet.
pub(super) fn write(
    source: &Source,
    document: &Document,
    folder: &Path,
    stem: &str,
) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).context("the overlay folder cannot be made")?;
    for page in &document.pages {
        let Ok(mut image) = source.upright_picture(page) else { continue };
        draw(&mut image, page);
        let path = folder.join(format!("{stem}-{:04}.png", page.number));
        save(&path, &image).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

fn save(path: &Path, image: &PageImage) -> anyhow::Result<()> {
    let file = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(file, image.width, image.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header()?.write_image_data(&image.pixels)?;
    Ok(())
}

fn draw(image: &mut PageImage, page: &Page) {
    let (sx, sy) = (image.width as f32 / page.width, image.height as f32 / page.height);
    let place = |r: Rect| [r.x0 * sx, r.y0 * sy, r.x1 * sx, r.y1 * sy].map(|v| v.round() as i64);
    for (number, block) in (1..).zip(&page.blocks) {
        let color = color(block.kind);
        let at = place(block.rect);
        frame(image, at.map(|v| v), 3, color);
        write_number(image, number, at[0], at[1] - 6 * DIGIT, color);
        for cell in block.table.iter().flat_map(|t| &t.cells) {
            frame(image, place(cell.rect), 1, CELL);
        }
        for line in block.all_lines() {
            frame(image, place(line.rect), 1, LINE);
        }
    }
}

fn color(kind: BlockKind) -> [u8; 3] {
    match kind {
        BlockKind::Paragraph => [30, 90, 220],
        BlockKind::Heading { .. } => [230, 120, 0],
        BlockKind::ListItem => [0, 150, 150],
        BlockKind::Table => [150, 0, 200],
        BlockKind::Figure => [120, 120, 120],
        BlockKind::Header | BlockKind::Footer | BlockKind::PageNumber => [160, 110, 60],
        BlockKind::Footnote => [0, 140, 50],
    }
}

/// The outline of a box `[x0, y0, x1, y1]`, `width` pixels wide, drawn outwards.
fn frame(image: &mut PageImage, [x0, y0, x1, y1]: [i64; 4], width: i64, color: [u8; 3]) {
    for d in 0..width {
        for x in x0 - d..=x1 + d {
            dot(image, x, y0 - d, color);
            dot(image, x, y1 + d, color);
        }
        for y in y0 - d..=y1 + d {
            dot(image, x0 - d, y, color);
            dot(image, x1 + d, y, color);
        }
    }
}

fn write_number(image: &mut PageImage, number: u32, x: i64, y: i64, color: [u8; 3]) {
    for (i, digit) in (0..).zip(number.to_string().bytes()) {
        for (row, bits) in (0..).zip(DIGITS[usize::from(digit - b'0')]) {
            for column in (0..3).filter(|c| bits & (4 >> c) != 0) {
                for (dx, dy) in (0..DIGIT).flat_map(|a| (0..DIGIT).map(move |b| (a, b))) {
                    let left = x + (i * 4 + column) * DIGIT;
                    dot(image, left + dx, y + row * DIGIT + dy, color);
                }
            }
        }
    }
}

/// Paints a pixel, if it is on the picture.
fn dot(image: &mut PageImage, x: i64, y: i64, color: [u8; 3]) {
    let (w, h) = (i64::from(image.width), i64::from(image.height));
    if (0..w).contains(&x) && (0..h).contains(&y) {
        let at = (y * w + x) as usize * 3;
        image.pixels[at..at + 3].copy_from_slice(&color);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_clipped_to_the_picture() {
        let mut image = PageImage { width: 4, height: 4, pixels: vec![255; 48], dpi: None };
        frame(&mut image, [1, 1, 9, 9], 1, [0; 3]);
        let black = |x: usize, y: usize| image.pixels[(y * 4 + x) * 3] == 0;
        assert!(black(1, 1) && black(3, 1) && black(1, 3));
        assert!(!black(0, 0) && !black(2, 2));
    }
}
