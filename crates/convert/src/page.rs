//! One page of a PDF, as the choice between its text layer and its picture sees it.

use std::cell::OnceCell;

use khocr_document::{Line, Page, Rect};
use khocr_pdf::Pdf;
use khocr_vision::{PageImage, ReadPage};

use crate::source::page_image;
use crate::ConvertError;

/// Dots per inch of a page that has to be drawn: what scanners and the reader's training use.
pub(crate) const RASTER_DPI: f32 = 200.0;

/// A page of an opened PDF, with the reader at hand.
pub(crate) struct PdfPage<'a> {
    /// The file.
    pub(crate) pdf: &'a Pdf,
    /// 0-based place in the file.
    pub(crate) index: u32,
    /// 1-based number, as the result states it.
    pub(crate) number: u32,
    reader: &'a dyn ReadPage,
    picture: OnceCell<PageImage>,
}

impl<'a> PdfPage<'a> {
    pub(crate) fn new(pdf: &'a Pdf, index: u32, reader: &'a dyn ReadPage) -> Self {
        Self { pdf, index, number: index + 1, reader, picture: OnceCell::new() }
    }

    /// The page's picture, read whole; boxes are in the PDF page's points.
    pub(crate) fn read(&self) -> Result<Page, ConvertError> {
        let picture = self.picture()?;
        let mut page = self.reader.read(picture, &|| false)?;
        page.number = self.number;
        let size = self.pdf.page_size(self.index)?;
        // A page that the reader turned by a quarter lies across the PDF's.
        let turned = page.rotation % 180 == 90;
        let (width, height) =
            if turned { (size.height, size.width) } else { (size.width, size.height) };
        fit(&mut page, width, height);
        page.rotation = (page.rotation + size.rotation) % 360;
        Ok(page)
    }

    /// Only the part of the picture inside `region` (upright page points), read; boxes are in page
    /// points. A region outside the page gives a page without blocks.
    pub(crate) fn read_region(&self, region: Rect) -> Result<Page, ConvertError> {
        let picture = self.picture()?;
        let size = self.pdf.page_size(self.index)?;
        let (sx, sy) =
            (picture.width as f32 / size.width, picture.height as f32 / size.height);
        let (part, x, y) = crop(picture, region, sx, sy);
        if part.pixels.is_empty() {
            let (width, height) = (size.width, size.height);
            return Ok(empty_page(self.number, width, height, None));
        }
        let (width, height) = (part.width as f32 / sx, part.height as f32 / sy);
        let mut page = self.reader.read(&part, &|| false)?;
        page.number = self.number;
        fit(&mut page, width, height);
        let (dx, dy) = (x as f32 / sx, y as f32 / sy);
        map_boxes(&mut page, &|r| Rect::new(r.x0 + dx, r.y0 + dy, r.x1 + dx, r.y1 + dy));
        (page.width, page.height) = (size.width, size.height);
        Ok(page)
    }

    /// The picture, made once.
    fn picture(&self) -> Result<&PageImage, ConvertError> {
        if let Some(picture) = self.picture.get() {
            return Ok(picture);
        }
        let picture = page_image(self.pdf.picture(self.index, RASTER_DPI)?);
        Ok(self.picture.get_or_init(|| picture))
    }
}

/// The part of a picture inside a region of points and where its top left pixel lies in it.
fn crop(picture: &PageImage, region: Rect, sx: f32, sy: f32) -> (PageImage, u32, u32) {
    let (w, h) = (picture.width as f32, picture.height as f32);
    let x0 = (region.x0 * sx).floor().clamp(0.0, w) as u32;
    let y0 = (region.y0 * sy).floor().clamp(0.0, h) as u32;
    let x1 = (region.x1 * sx).ceil().clamp(0.0, w) as u32;
    let y1 = (region.y1 * sy).ceil().clamp(0.0, h) as u32;
    let (width, height) = (x1.saturating_sub(x0), y1.saturating_sub(y0));
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    for y in y0..y0 + height {
        let at = (y as usize * picture.width as usize + x0 as usize) * 3;
        pixels.extend_from_slice(&picture.pixels[at..at + width as usize * 3]);
    }
    (PageImage { width, height, pixels, dpi: picture.dpi }, x0, y0)
}

/// Stretches a page and all boxes on it to a size in points; the first-line indents go along.
pub(crate) fn fit(page: &mut Page, width: f32, height: f32) {
    if page.width <= 0.0 || page.height <= 0.0 {
        (page.width, page.height) = (width, height);
        return;
    }
    let (sx, sy) = (width / page.width, height / page.height);
    map_boxes(page, &|r| Rect::new(r.x0 * sx, r.y0 * sy, r.x1 * sx, r.y1 * sy));
    for block in &mut page.blocks {
        block.indent *= sx;
    }
    for line in lines_mut(page) {
        if let Some(size) = &mut line.style.size {
            *size *= sy;
        }
    }
    (page.width, page.height) = (width, height);
}

/// Puts every box of a page through `map`.
fn map_boxes(page: &mut Page, map: &dyn Fn(Rect) -> Rect) {
    for block in &mut page.blocks {
        block.rect = map(block.rect);
        for cell in block.table.iter_mut().flat_map(|t| &mut t.cells) {
            cell.rect = map(cell.rect);
        }
    }
    for line in lines_mut(page) {
        line.rect = map(line.rect);
        for word in &mut line.words {
            word.rect = map(word.rect);
        }
    }
}

/// Every line of a page, those in table cells included.
fn lines_mut(page: &mut Page) -> impl Iterator<Item = &mut Line> {
    page.blocks.iter_mut().flat_map(|block| {
        let cells = block.table.iter_mut().flat_map(|t| &mut t.cells).flat_map(|c| &mut c.lines);
        block.lines.iter_mut().chain(cells)
    })
}

/// A page without blocks.
pub(crate) fn empty_page(number: u32, width: f32, height: f32, reason: Option<String>) -> Page {
    Page {
        number,
        width,
        height,
        rotation: 0,
        skew: 0.0,
        source: khocr_document::PageSource::Ocr,
        reason,
        confidence: None,
        blocks: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::converter::tests::page_with_line;

    #[test]
    fn a_page_is_stretched_with_all_its_boxes() {
        let mut page = page_with_line("ក", Rect::new(10.0, 10.0, 20.0, 30.0));
        (page.width, page.height) = (100.0, 100.0);
        fit(&mut page, 200.0, 50.0);
        assert_eq!((page.width, page.height), (200.0, 50.0));
        assert_eq!(page.blocks[0].rect, Rect::new(20.0, 5.0, 40.0, 15.0));
        assert_eq!(page.blocks[0].lines[0].rect, Rect::new(20.0, 5.0, 40.0, 15.0));
    }

    #[test]
    fn a_region_is_cut_out_and_clamped() {
        let pixels = (0..4 * 3 * 3).map(|v| v as u8).collect();
        let picture = PageImage { width: 4, height: 3, pixels, dpi: None };
        let (part, x, y) = crop(&picture, Rect::new(1.0, 1.0, 9.0, 2.0), 1.0, 1.0);
        assert_eq!((part.width, part.height, x, y), (3, 1, 1, 1));
        assert_eq!(part.pixels[0], 15);
        assert!(crop(&picture, Rect::new(9.0, 9.0, 12.0, 12.0), 1.0, 1.0).0.pixels.is_empty());
    }
}
