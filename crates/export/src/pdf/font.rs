//! A TrueType font of two glyphs, an empty one and a box, made from nothing.
//!
//! Only the tables that ISO 32000-1, 9.9 asks of an embedded TrueType font for CIDs are there:
//! glyf, head, hhea, hmtx, loca and maxp.

use pdf_writer::Name;

/// The font's name, with a subset's prefix.
pub(super) const NAME: Name<'_> = Name(b"KHOCRA+ClusterBox");

/// Units an em.
const EM: i16 = 1000;
/// The box: left, bottom, right, top.
const BOX: [i16; 4] = [100, 0, 900, 700];

/// The bytes of the font file.
pub(super) fn file() -> Vec<u8> {
    let glyph = box_glyph();
    // Glyph 0 is empty: both its offsets are 0. Offsets are counted in pairs of bytes.
    let loca = words(&[0, 0, (glyph.len() / 2) as i16]);
    let hmtx = words(&[EM, 0, EM, BOX[0]]);
    let mut maxp = longs(&[0x0001_0000]);
    maxp.extend(words(&[2, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]));
    let tables: [(&[u8; 4], Vec<u8>); 6] = [
        (b"glyf", glyph),
        (b"head", head()),
        (b"hhea", hhea()),
        (b"hmtx", hmtx),
        (b"loca", loca),
        (b"maxp", maxp),
    ];

    let mut out = longs(&[0x0001_0000]);
    // Number of tables, and the search hints that follow from it: 4 is the power of two below 6.
    out.extend(words(&[6, 64, 2, 32]));
    let mut offset = (12 + 16 * tables.len()) as u32;
    for (tag, data) in &tables {
        out.extend_from_slice(*tag);
        out.extend(longs(&[checksum(data), offset, data.len() as u32]));
        offset += data.len().next_multiple_of(4) as u32;
    }
    let head_at = out.len() + tables[0].1.len().next_multiple_of(4);
    for (_, data) in &tables {
        out.extend_from_slice(data);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    let adjustment = 0xB1B0_AFBAu32.wrapping_sub(checksum(&out));
    out[head_at + 8..head_at + 12].copy_from_slice(&adjustment.to_be_bytes());
    out
}

/// One contour of four points, clockwise.
fn box_glyph() -> Vec<u8> {
    let [x0, y0, x1, y1] = BOX;
    let mut out = words(&[1, x0, y0, x1, y1]);
    // The last point of the contour, no instructions, then each point's flag: on the curve, with
    // coordinates of two bytes, as differences.
    out.extend(words(&[3, 0]));
    out.extend([1u8; 4]);
    out.extend(words(&[x0, 0, x1 - x0, 0]));
    out.extend(words(&[y0, y1 - y0, 0, y0 - y1]));
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

fn head() -> Vec<u8> {
    let [x0, y0, x1, y1] = BOX;
    let mut out = longs(&[0x0001_0000, 0x0001_0000, 0, 0x5F0F_3CF5]);
    out.extend(words(&[0, EM]));
    // Made and changed: at the epoch, so that the file is always the same.
    out.extend(longs(&[0, 0, 0, 0]));
    out.extend(words(&[x0, y0, x1, y1, 0, 8, 2, 0, 0]));
    out
}

fn hhea() -> Vec<u8> {
    let mut out = longs(&[0x0001_0000]);
    out.extend(words(&[750, -250, 0, EM, BOX[0], EM - BOX[2], BOX[2], 1, 0, 0, 0, 0, 0, 0, 0, 2]));
    out
}

fn words(values: &[i16]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_be_bytes()).collect()
}

fn longs(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_be_bytes()).collect()
}

/// Sum of the table's long words, as the table directory wants it.
fn checksum(data: &[u8]) -> u32 {
    data.chunks(4).fold(0u32, |sum, chunk| {
        let mut long = [0; 4];
        long[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(long))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(font: &[u8], tag: &[u8; 4]) -> Vec<u8> {
        let entry = font[12..12 + 16 * 6].chunks(16).find(|e| &e[..4] == tag).unwrap();
        let long = |at: usize| u32::from_be_bytes(entry[at..at + 4].try_into().unwrap()) as usize;
        font[long(8)..long(8) + long(12)].to_vec()
    }

    #[test]
    fn tables_have_the_sizes_the_format_fixes() {
        let font = file();
        assert!(font.len() < 700, "{}", font.len());
        assert_eq!(table(&font, b"head").len(), 54);
        assert_eq!(table(&font, b"hhea").len(), 36);
        assert_eq!(table(&font, b"maxp").len(), 32);
        assert_eq!(table(&font, b"hmtx").len(), 8);
    }

    #[test]
    fn the_whole_file_sums_to_the_magic_number() {
        assert_eq!(checksum(&file()), 0xB1B0_AFBA);
    }
}
