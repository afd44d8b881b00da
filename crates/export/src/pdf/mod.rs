//! Searchable PDFs: the page's picture with its text over it, invisible.
//!
//! Text is shown in rendering mode 3 (ISO 32000-1, 9.3.6), one code for each Khmer cluster with the
//! space after it. Each code's ToUnicode entry is the whole cluster, so that viewers copy Khmer in
//! the order it is spelt, whatever the order it is drawn in. The font has one glyph, a box: some
//! viewers drop glyphs without an outline from what they select.

mod codes;
mod font;
mod layer;
mod picture;

use khocr_document::Document;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use self::codes::Codes;
pub use self::picture::Picture;
use crate::ExportError;

const ORDERING: SystemInfo<'_> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// Hands out the numbers of the file's objects.
struct Refs(i32);

impl Refs {
    fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }
}

/// The document as a PDF; see [`crate::write_with_pictures`].
pub(crate) fn write(
    document: &Document,
    picture_of: &mut dyn FnMut(u32) -> Option<Picture>,
) -> Result<Vec<u8>, ExportError> {
    let mut pdf = Pdf::new();
    pdf.set_version(1, 7);
    let mut refs = Refs(0);
    let (catalog, tree, info) = (refs.next(), refs.next(), refs.next());
    let mut codes = Codes::new();
    // Which fonts a document needs is known only after its last page, so pages share one dictionary
    // of resources for fonts, written at the end.
    let fonts = refs.next();
    let mut kids = Vec::new();
    for page in &document.pages {
        let (id, content_id) = (refs.next(), refs.next());
        let (width, height) = (page.width.clamp(3.0, 14_400.0), page.height.clamp(3.0, 14_400.0));
        let image = match picture_of(page.number) {
            Some(picture) => {
                let image = refs.next();
                picture::write(&mut pdf, image, &picture, page.number)?;
                Some(image)
            }
            None => None,
        };
        let content = layer::content(page, width, height, image.is_some(), &mut codes);
        let packed = deflate(&content)?;
        pdf.stream(content_id, &packed).filter(Filter::FlateDecode);
        let mut written = pdf.page(id);
        written.parent(tree).media_box(Rect::new(0.0, 0.0, width, height)).contents(content_id);
        let mut resources = written.resources();
        resources.pair(Name(b"Font"), fonts);
        if let Some(image) = image {
            resources.x_objects().pair(layer::IMAGE, image);
        }
        resources.finish();
        written.finish();
        kids.push(id);
    }
    write_fonts(&mut pdf, fonts, &codes, &mut refs)?;
    pdf.pages(tree).count(kids.len() as i32).kids(kids);
    pdf.catalog(catalog).pages(tree).lang(TextStr("km-KH"));
    pdf.document_info(info).producer(TextStr("khocr"));
    Ok(pdf.finish())
}

/// The fonts the codes need, with the dictionary that names them.
fn write_fonts(
    pdf: &mut Pdf,
    dictionary: Ref,
    codes: &Codes,
    refs: &mut Refs,
) -> Result<(), ExportError> {
    let ids: Vec<Ref> = codes.fonts().map(|_| refs.next()).collect();
    let mut names = pdf.indirect(dictionary).dict();
    for (i, id) in ids.iter().enumerate() {
        names.pair(Name(layer::font_name(i).as_bytes()), *id);
    }
    names.finish();
    let (file, glyph_map) = (refs.next(), refs.next());
    if ids.is_empty() {
        return Ok(());
    }
    let bytes = font::file();
    pdf.stream(file, &deflate(&bytes)?)
        .filter(Filter::FlateDecode)
        .pair(Name(b"Length1"), bytes.len() as i32);
    // Every code is drawn with glyph 1, the box.
    let longest = codes.fonts().map(<[String]>::len).max().unwrap_or(0);
    pdf.stream(glyph_map, &deflate(&[0u8, 1].repeat(longest))?).filter(Filter::FlateDecode);

    for (id, texts) in ids.into_iter().zip(codes.fonts()) {
        let (descendant, descriptor, unicode) = (refs.next(), refs.next(), refs.next());
        pdf.type0_font(id)
            .base_font(font::NAME)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(descendant)
            .to_unicode(unicode);
        pdf.cid_font(descendant)
            .subtype(CidFontType::Type2)
            .base_font(font::NAME)
            .system_info(ORDERING)
            .font_descriptor(descriptor)
            .default_width(1000.0)
            .cid_to_gid_map_stream(glyph_map);
        pdf.font_descriptor(descriptor)
            .name(font::NAME)
            .flags(FontFlags::SYMBOLIC | FontFlags::FIXED_PITCH)
            .bbox(Rect::new(0.0, -250.0, 1000.0, 750.0))
            .italic_angle(0.0)
            .ascent(750.0)
            .descent(-250.0)
            .cap_height(750.0)
            .stem_v(80.0)
            .font_file2(file);
        let mut map = UnicodeCmap::new(Name(b"khocr-clusters"), ORDERING);
        for (code, text) in (0u16..).zip(texts) {
            map.pair_with_multiple(code, text.chars());
        }
        pdf.stream(unicode, &deflate(&map.finish())?).filter(Filter::FlateDecode);
    }
    Ok(())
}

/// The bytes in zlib's form.
fn deflate(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_page_without_a_picture_has_text_alone() {
        let bytes = write(&samples::letter(), &mut |_| None).unwrap();
        assert!(bytes.starts_with(b"%PDF-1.7"));
        assert!(!bytes.windows(6).any(|w| w == b"/Image"));
    }

    #[test]
    fn pictures_are_asked_for_once_a_page_in_order() {
        let mut asked = Vec::new();
        let bytes = write(&samples::letter(), &mut |number| {
            asked.push(number);
            Some(Picture { width: 2, height: 1, pixels: vec![0, 0, 0, 255, 255, 255] })
        })
        .unwrap();
        assert_eq!(asked, [1, 2]);
        assert_eq!(bytes.windows(6).filter(|w| w == b"/Image").count(), 2);
    }

    #[test]
    fn a_picture_short_of_pixels_is_an_error() {
        let picture = |_| Some(Picture { width: 2, height: 2, pixels: vec![0; 11] });
        let result = write(&samples::letter(), &mut { picture });
        assert!(matches!(result, Err(ExportError::Picture { page: 1, .. })));
    }
}
