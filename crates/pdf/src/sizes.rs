//! What pictures state about their size, before anything is decoded: in their dictionary, in their
//! filter's parameters, and in their own header. Memory is taken by the largest of them.

use hayro::hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use hayro::hayro_syntax::page::{Page, Resources};

/// Streams and resources looked at on one page.
const MAX_VISITS: usize = 20_000;

/// A width and a height in pixels.
pub(crate) type Size = (u32, u32);

/// The first picture that drawing a page may decode and that states more than `limit` pixels,
/// masks and pictures inside forms, patterns and glyphs included.
pub(crate) fn oversize(page: &Page<'_>, limit: u64) -> Option<Size> {
    let mut walk = Walk { seen: Vec::new(), open: vec![page.resources().clone()], limit };
    while let Some(resources) = walk.open.pop() {
        if let Some(found) = walk.visit(&resources) {
            return Some(found);
        }
    }
    None
}

struct Walk<'a> {
    seen: Vec<(usize, usize)>,
    open: Vec<Resources<'a>>,
    limit: u64,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, resources: &Resources<'a>) -> Option<Size> {
        for name in resources.x_objects.keys() {
            let Some(stream) = resources.x_objects.get::<Stream<'a>>(name) else { continue };
            if stream.dict().get::<Name<'_>>("Subtype").as_deref() == Some(b"Image") {
                if let Some(size) = too_large(&stream, self.limit) {
                    return Some(size);
                }
            } else {
                self.enter(stream.dict());
            }
        }
        for name in resources.patterns.keys() {
            if let Some(pattern) = resources.patterns.get::<Stream<'a>>(name) {
                self.enter(pattern.dict());
            }
        }
        for name in resources.ext_g_states.keys() {
            let state = resources.ext_g_states.get::<Dict<'a>>(name);
            let mask = state.and_then(|s| s.get::<Dict<'a>>("SMask"));
            if let Some(group) = mask.and_then(|m| m.get::<Stream<'a>>("G")) {
                self.enter(group.dict());
            }
        }
        for name in resources.fonts.keys() {
            if let Some(font) = resources.fonts.get::<Dict<'a>>(name) {
                self.enter(&font);
            }
        }
        None
    }

    /// Remembers to look into a dictionary's resources.
    fn enter(&mut self, dict: &Dict<'a>) {
        let place = (dict.data().as_ptr() as usize, dict.data().len());
        if self.seen.len() < MAX_VISITS && !self.seen.contains(&place) {
            self.seen.push(place);
            self.open.extend(dict.get::<Dict<'a>>("Resources").map(Resources::new));
        }
    }
}

/// The size of a picture, or of its mask, that states more than `limit` pixels anywhere.
pub(crate) fn too_large(picture: &Stream<'_>, limit: u64) -> Option<Size> {
    let dict = picture.dict();
    let masks = ["SMask", "Mask"].map(|k| dict.get::<Stream<'_>>(k));
    let all = std::iter::once(picture.clone()).chain(masks.into_iter().flatten());
    all.flat_map(|p| stated(&p)).find(|(w, h)| u64::from(*w) * u64::from(*h) > limit)
}

/// Every size a picture states.
fn stated(picture: &Stream<'_>) -> Vec<Size> {
    let dict = picture.dict();
    let number = |dict: &Dict<'_>, long: &str, short: &str| {
        dict.get::<u32>(long).or_else(|| dict.get::<u32>(short))
    };
    let width = number(dict, "Width", "W").unwrap_or(0);
    let height = number(dict, "Height", "H").unwrap_or(0);
    let mut sizes = vec![(width, height)];
    let parameters = dict.get::<Object<'_>>("DecodeParms").or_else(|| dict.get("DP"));
    let parameters: Vec<Dict<'_>> = match parameters {
        Some(Object::Dict(one)) => vec![one],
        Some(Object::Array(some)) => {
            some.iter::<Object<'_>>().take(8).filter_map(Object::into_dict).collect()
        }
        _ => Vec::new(),
    };
    for one in parameters {
        let columns = one.get::<u32>("Columns").unwrap_or(width);
        let rows = one.get::<u32>("Rows").filter(|r| *r > 0).unwrap_or(height);
        sizes.extend([(columns, rows), (columns, height)]);
    }
    let filter = dict
        .get::<Name<'_>>("Filter")
        .or_else(|| dict.get::<Name<'_>>("F"))
        .or_else(|| dict.get::<Array<'_>>("Filter")?.iter::<Name<'_>>().next());
    let data = picture.raw_data();
    sizes.extend(match filter.as_deref() {
        Some(b"DCTDecode" | b"DCT") => jpeg(&data),
        Some(b"JPXDecode") => jpeg2000(&data),
        Some(b"JBIG2Decode") => jbig2(&data),
        _ => None,
    });
    sizes
}

fn short(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16::from_be_bytes(data.get(at..at + 2)?.try_into().ok()?)))
}

fn long(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(data.get(at..at + 4)?.try_into().ok()?))
}

/// The frame header of a JPEG.
fn jpeg(data: &[u8]) -> Option<Size> {
    let mut at = 2;
    while let Some(marker) = data.get(at + 1) {
        if data[at] != 0xFF {
            at += 1;
            continue;
        }
        match marker {
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                return Some((short(data, at + 7)?, short(data, at + 5)?));
            }
            0xFF => at += 1,
            0x01 | 0xD0..=0xD8 => at += 2,
            _ => at += 2 + (short(data, at + 2)? as usize).max(2),
        }
    }
    None
}

/// The header of a JPEG 2000 code stream, in a file or bare.
fn jpeg2000(data: &[u8]) -> Option<Size> {
    let start = data.windows(4).position(|w| w == [0xFF, 0x4F, 0xFF, 0x51])?;
    Some((long(data, start + 8)?, long(data, start + 12)?))
}

/// The page information segment of a JBIG2 stream.
fn jbig2(data: &[u8]) -> Option<Size> {
    let mut at = 0;
    for _ in 0..64 {
        let flags = *data.get(at + 4)?;
        let referred = usize::from(*data.get(at + 5)? >> 5);
        let page = if flags & 0x40 != 0 { 4 } else { 1 };
        let head = at + 6 + referred.min(4) + page;
        if flags & 0x3F == 48 {
            return Some((long(data, head + 4)?, long(data, head + 8)?));
        }
        at = head.checked_add(4)?.checked_add(long(data, head)? as usize)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_tell_their_size() {
        let jpg = b"\xFF\xD8\xFF\xE0\x00\x04ab\xFF\xC2\x00\x0B\x08\x00\x20\x00\x40\x01";
        assert_eq!(jpeg(jpg), Some((64, 32)));
        let jpx = b"..\xFF\x4F\xFF\x51\x00\x29\x00\x00\x00\x00\x01\x00\x00\x00\x00\x80";
        assert_eq!(jpeg2000(jpx), Some((256, 128)));
        let jb2 = b"\0\0\0\0\x30\0\x01\0\0\0\x13\0\0\x04\0\0\0\x08\0\0";
        assert_eq!(jbig2(jb2), Some((1024, 2048)));
    }

    #[test]
    fn cut_headers_tell_nothing() {
        for data in
            [&b""[..], b"\xFF", b"\xFF\xD8\xFF\xC0\x00", b"\xFF\x4F\xFF\x51\0", b"\0\0\0\0\x30"]
        {
            assert_eq!((jpeg(data), jpeg2000(data), jbig2(data)), (None, None, None));
        }
    }
}
