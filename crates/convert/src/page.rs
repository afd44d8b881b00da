//! One page of a PDF, as the choice between its text layer and its picture sees it.

use std::cell::OnceCell;

use khocr_document::{Line, Page, Rect};
use khocr_pdf::Pdf;
use khocr_vision::{PageImage, ReadPage};

use crate::ConvertError;
use crate::source::page_image;

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
    picture: OnceCell<(PageImage, Place)>,
}

impl<'a> PdfPage<'a> {
    pub(crate) fn new(pdf: &'a Pdf, index: u32, reader: &'a dyn ReadPage) -> Self {
        Self { pdf, index, number: index + 1, reader, picture: OnceCell::new() }
    }

    /// The page's picture, read whole; boxes are in the PDF page's points.
    pub(crate) fn read(&self) -> Result<Page, ConvertError> {
        let (picture, place) = self.picture()?;
        let mut page = self.reader.read(picture, &|| false)?;
        let size = self.pdf.page_size(self.index)?;
        // A page that the reader turned lies across the PDF's; the picture's margins, if it has
        // any, are then left out of account.
        let (width, height) = match page.rotation {
            0 => {
                let (w, h) = (picture.width as f32, picture.height as f32);
                stretch(&mut page, w, h);
                map_boxes(&mut page, &|r| place.to_points(r));
                scale_lengths(&mut page, place.sx, place.sy);
                (size.width, size.height)
            }
            turn => {
                let across = turn % 180 == 90;
                let (w, h) =
                    if across { (size.height, size.width) } else { (size.width, size.height) };
                stretch(&mut page, w, h);
                (w, h)
            }
        };
        (page.number, page.width, page.height) = (self.number, width, height);
        page.rotation = (page.rotation + size.rotation) % 360;
        Ok(page)
    }

    /// Only the part of the picture inside `region` (upright page points), read; boxes are in page
    /// points. A region outside the picture gives a page without blocks.
    pub(crate) fn read_region(&self, region: Rect) -> Result<Page, ConvertError> {
        let (picture, place) = self.picture()?;
        let size = self.pdf.page_size(self.index)?;
        let (part, x, y) = crop(picture, place.to_pixels(region));
        if part.pixels.is_empty() {
            return Ok(empty_page(self.number, size.width, size.height, None));
        }
        let mut page = self.reader.read(&part, &|| false)?;
        stretch(&mut page, part.width as f32, part.height as f32);
        let (dx, dy) = (x as f32, y as f32);
        map_boxes(&mut page, &|r| {
            place.to_points(Rect::new(r.x0 + dx, r.y0 + dy, r.x1 + dx, r.y1 + dy))
        });
        scale_lengths(&mut page, place.sx, place.sy);
        (page.number, page.width, page.height) = (self.number, size.width, size.height);
        Ok(page)
    }

    /// The picture, made once, and where it lies on the page.
    fn picture(&self) -> Result<&(PageImage, Place), ConvertError> {
        if let Some(picture) = self.picture.get() {
            return Ok(picture);
        }
        let picture = self.pdf.picture(self.index, RASTER_DPI)?;
        let [sx, _, _, sy, dx, dy] = picture.matrix;
        let made = (page_image(picture), Place { sx, sy, dx, dy });
        Ok(self.picture.get_or_init(|| made))
    }
}

/// Where a picture lies on its page: points a pixel, and the points of its top left corner.
#[derive(Clone, Copy, Debug)]
struct Place {
    sx: f32,
    sy: f32,
    dx: f32,
    dy: f32,
}

impl Place {
    fn to_points(self, r: Rect) -> Rect {
        let (x, y) = (|v: f32| v * self.sx + self.dx, |v: f32| v * self.sy + self.dy);
        Rect::new(x(r.x0), y(r.y0), x(r.x1), y(r.y1))
    }

    fn to_pixels(self, r: Rect) -> Rect {
        let (x, y) = (|v: f32| (v - self.dx) / self.sx, |v: f32| (v - self.dy) / self.sy);
        Rect::new(x(r.x0), y(r.y0), x(r.x1), y(r.y1))
    }
}

/// The part of a picture inside a region of pixels and where its top left pixel lies in it.
fn crop(picture: &PageImage, region: Rect) -> (PageImage, u32, u32) {
    let (w, h) = (picture.width as f32, picture.height as f32);
    let x0 = region.x0.floor().clamp(0.0, w) as u32;
    let y0 = region.y0.floor().clamp(0.0, h) as u32;
    let x1 = region.x1.ceil().clamp(0.0, w) as u32;
    let y1 = region.y1.ceil().clamp(0.0, h) as u32;
    let (width, height) = (x1.saturating_sub(x0), y1.saturating_sub(y0));
    let each = picture.channels();
    let mut pixels = Vec::with_capacity(width as usize * height as usize * each);
    for y in y0..y0 + height {
        let at = (y as usize * picture.width as usize + x0 as usize) * each;
        pixels.extend_from_slice(&picture.pixels[at..at + width as usize * each]);
    }
    (PageImage { width, height, pixels, dpi: picture.dpi }, x0, y0)
}

/// Stretches a page and everything on it to another size.
fn stretch(page: &mut Page, width: f32, height: f32) {
    if page.width > 0.0 && page.height > 0.0 {
        let (sx, sy) = (width / page.width, height / page.height);
        map_boxes(page, &|r| Rect::new(r.x0 * sx, r.y0 * sy, r.x1 * sx, r.y1 * sy));
        scale_lengths(page, sx, sy);
    }
    (page.width, page.height) = (width, height);
}

/// Scales what is a length and no box: first-line indents and font sizes.
fn scale_lengths(page: &mut Page, sx: f32, sy: f32) {
    for block in &mut page.blocks {
        block.indent *= sx;
    }
    for line in lines_mut(page) {
        if let Some(size) = &mut line.style.size {
            *size *= sy;
        }
    }
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
        stretch(&mut page, 200.0, 50.0);
        assert_eq!((page.width, page.height), (200.0, 50.0));
        assert_eq!(page.blocks[0].rect, Rect::new(20.0, 5.0, 40.0, 15.0));
        assert_eq!(page.blocks[0].lines[0].rect, Rect::new(20.0, 5.0, 40.0, 15.0));
    }

    #[test]
    fn a_region_is_cut_out_and_clamped() {
        let pixels = (0..4 * 3 * 3).map(|v| v as u8).collect();
        let picture = PageImage { width: 4, height: 3, pixels, dpi: None };
        let (part, x, y) = crop(&picture, Rect::new(1.0, 1.0, 9.0, 2.0));
        assert_eq!((part.width, part.height, x, y), (3, 1, 1, 1));
        assert_eq!(part.pixels[0], 15);
        assert!(crop(&picture, Rect::new(9.0, 9.0, 12.0, 12.0)).0.pixels.is_empty());
    }

    #[test]
    fn a_scan_off_the_origin_keeps_its_place() {
        let place = Place { sx: 0.5, sy: 0.25, dx: 10.0, dy: 20.0 };
        let points = place.to_points(Rect::new(0.0, 0.0, 100.0, 100.0));
        assert_eq!(points, Rect::new(10.0, 20.0, 60.0, 45.0));
        assert_eq!(place.to_pixels(points), Rect::new(0.0, 0.0, 100.0, 100.0));
    }
}
