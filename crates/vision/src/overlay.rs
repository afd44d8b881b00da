//! Overlay: a page's blocks, lines, words and their order drawn over its picture, for the eye.

use khocr_document::{Block, BlockKind, Page, Rect};

use crate::{Gray, PageImage};

/// The page's picture (turned upright, faded) with blocks, lines and words outlined and lines
/// numbered in reading order: RGB, and its width and height.
///
/// Blocks are blue (headings red, list items green, tables purple, margins gray), lines orange,
/// words thin and light.
#[must_use]
pub fn overlay(image: &PageImage, page: &Page) -> (u32, u32, Vec<u8>) {
    let gray = Gray {
        width: image.width as usize,
        height: image.height as usize,
        pixels: image
            .pixels
            .chunks_exact(image.channels())
            .map(|p| p[p.len() / 2] / 2 + 127)
            .collect(),
    };
    let gray = gray.turned((page.rotation / 90) as u8);
    let scale = gray.width as f32 / page.width.max(1.0);
    let mut canvas = Canvas {
        width: gray.width,
        height: gray.height,
        pixels: gray.pixels.iter().flat_map(|&v| [v; 3]).collect(),
        scale,
    };
    let mut number = 0;
    for block in &page.blocks {
        canvas.frame(&block.rect, colour(block), 3, 4);
        let cells = block.table.iter().flat_map(|t| &t.cells);
        cells.for_each(|c| canvas.frame(&c.rect, [150, 60, 200], 1, -2));
        for line in block.all_lines() {
            number += 1;
            line.words.iter().for_each(|w| canvas.frame(&w.rect, [150, 200, 230], 1, 0));
            canvas.frame(&line.rect, [240, 140, 20], 1, 2);
            canvas.number(number, &line.rect);
        }
    }
    (gray.width as u32, gray.height as u32, canvas.pixels)
}

fn colour(block: &Block) -> [u8; 3] {
    match block.kind {
        BlockKind::Heading { .. } => [220, 30, 30],
        BlockKind::ListItem => [20, 150, 60],
        BlockKind::Table => [150, 60, 200],
        BlockKind::Paragraph => [40, 80, 230],
        BlockKind::Footnote => [0, 150, 150],
        _ => [110, 110, 110],
    }
}

struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
    scale: f32,
}

impl Canvas {
    fn dot(&mut self, x: i32, y: i32, colour: [u8; 3]) {
        if x >= 0 && y >= 0 && (x as usize) < self.width && (y as usize) < self.height {
            let at = (y as usize * self.width + x as usize) * 3;
            self.pixels[at..at + 3].copy_from_slice(&colour);
        }
    }

    /// The outline of a box in points, `thick` pixels, `out` pixels outside it.
    fn frame(&mut self, rect: &Rect, colour: [u8; 3], thick: i32, out: i32) {
        let [x0, y0, x1, y1] =
            [rect.x0, rect.y0, rect.x1, rect.y1].map(|v| (v * self.scale).round() as i32);
        let (x0, y0, x1, y1) = (x0 - out, y0 - out, x1 + out, y1 + out);
        for t in 0..thick {
            for x in x0..=x1 {
                self.dot(x, y0 - t, colour);
                self.dot(x, y1 + t, colour);
            }
            for y in y0..=y1 {
                self.dot(x0 - t, y, colour);
                self.dot(x1 + t, y, colour);
            }
        }
    }

    /// A number left of a box, in digits of 3 x 5 squares.
    fn number(&mut self, number: usize, rect: &Rect) {
        const DIGITS: [u16; 10] =
            [0x7b6f, 0x2c97, 0x73e7, 0x73cf, 0x5bc9, 0x79cf, 0x79ef, 0x7249, 0x7bef, 0x7bcf];
        let size = (self.width as i32 / 500).max(2);
        let digits: Vec<usize> =
            number.to_string().bytes().map(|b| usize::from(b - b'0')).collect();
        let left = (rect.x0 * self.scale) as i32 - digits.len() as i32 * 4 * size - 6;
        let top = (rect.y0 * self.scale) as i32;
        for (i, &d) in digits.iter().enumerate() {
            for bit in 0..15 {
                if DIGITS[d] >> (14 - bit) & 1 == 0 {
                    continue;
                }
                let x = left.max(0) + (i as i32 * 4 + bit % 3) * size;
                let y = top + bit / 3 * size;
                for dy in 0..size {
                    (0..size).for_each(|dx| self.dot(x + dx, y + dy, [200, 0, 120]));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use khocr_document::PageSource;

    #[test]
    fn boxes_are_drawn_where_they_are() {
        let image = PageImage { width: 100, height: 50, pixels: vec![255; 15000], dpi: None };
        let block = Block {
            kind: BlockKind::Paragraph,
            rect: Rect::new(10.0, 10.0, 40.0, 20.0),
            alignment: Default::default(),
            indent: 0.0,
            lines: Vec::new(),
            table: None,
        };
        let page = Page {
            number: 1,
            width: 50.0,
            height: 25.0,
            rotation: 0,
            skew: 0.0,
            source: PageSource::Ocr,
            reason: None,
            confidence: None,
            blocks: vec![block],
        };
        let (width, height, pixels) = overlay(&image, &page);
        assert_eq!((width, height), (100, 50));
        assert_eq!(&pixels[(16 * 100 + 50) * 3..][..3], [40, 80, 230]);
        assert_eq!(&pixels[(30 * 100 + 50) * 3..][..3], [254, 254, 254]);
    }
}
