//! Unicode to legacy codes: the glyphs that draw a text in a face of the Limon or ABC family.

use super::table::{Table, char_of};
use crate::chars::{COENG, Class, RO};
use crate::clusters::{Kind, clusters, units};

/// The codes that draw canonical `text`, or None when one piece of it has none.
pub(super) fn write(table: &Table, text: &str) -> Option<String> {
    let mut codes = Vec::with_capacity(text.len());
    for piece in clusters(text) {
        match piece.kind {
            Kind::Cluster
                if table.plain(piece.text).is_some() && piece.text.chars().count() > 1 =>
            {
                codes.extend_from_slice(table.plain(piece.text)?);
            }
            Kind::Cluster => cluster(table, piece.text, &mut codes)?,
            Kind::Orphan => return None,
            Kind::Other if piece.text == " " => codes.push(b' '),
            Kind::Other => codes.extend_from_slice(table.plain(piece.text)?),
        }
    }
    Some(codes.into_iter().map(char_of).collect())
}

/// A cluster taken apart for drawing.
#[derive(Default)]
struct Parts<'a> {
    ro: bool,
    subscripts: Vec<&'a str>,
    robat: bool,
    shifter: Option<&'a str>,
    vowel: Option<char>,
    rest: Vec<&'a str>,
}

/// The codes of one cluster: what is drawn left of the base, the base, what hangs below, what sits above.
fn cluster(table: &Table, text: &str, codes: &mut Vec<u8>) -> Option<()> {
    let mut all = units(text);
    let base = all.next()?;
    let mut parts = Parts::default();
    for unit in all {
        let first = unit.chars().next()?;
        match Class::of(first) {
            Class::Coeng if unit.ends_with(RO) => parts.ro = true,
            Class::Coeng if unit.len() > COENG.len_utf8() => parts.subscripts.push(unit),
            Class::Robat => parts.robat = true,
            Class::Shifter if parts.shifter.is_none() => parts.shifter = Some(unit),
            class if class.is_vowel() && parts.vowel.is_none() => parts.vowel = Some(first),
            Class::Nikahit | Class::Sign | Class::Final => parts.rest.push(unit),
            _ => return None,
        }
    }
    let deep = !parts.subscripts.is_empty();
    let mut put = |piece: &str, low: bool| -> Option<()> {
        codes.extend_from_slice(if low { table.low(piece)? } else { table.plain(piece)? });
        Some(())
    };
    // a vowel is one glyph, or E at the left and another half at the right
    let (left, right) = match parts.vowel {
        Some(v @ ('េ' | 'ែ' | 'ៃ')) => (Some(v), None),
        Some('ើ') => (Some('េ'), Some('ី')),
        Some('ោ') => (Some('េ'), Some('ា')),
        Some(v @ ('ឿ' | 'ៀ' | 'ៅ')) => (Some('េ'), Some(v)),
        v => (None, v),
    };
    if let Some(v) = left {
        put(v.encode_utf8(&mut [0; 4]), false)?;
    }
    if parts.ro {
        put("\u{17D2}\u{179A}", deep)?;
    }
    let tail = matches!(right, Some('ា' | 'ៅ'));
    let upper =
        matches!(right, Some('ិ' | 'ី' | 'ឹ' | 'ឺ' | 'ឿ' | 'ៀ')) || parts.rest.iter().any(|r| *r == "័");
    // BA before AA would look like HA, so the two have a glyph of their own
    let joined = (base == "ប" && tail && !deep).then(|| format!("ប{}", right.unwrap_or('ា')));
    let joined = joined.filter(|j| table.plain(j).is_some());
    match (&joined, base) {
        (Some(joined), _) if parts.shifter.is_none() => put(joined, false)?,
        (Some(joined), _) => {
            let code = table.plain(&format!("ប{}{}", parts.shifter?, right?));
            match code {
                Some(code) => codes.extend_from_slice(code),
                // a shifter stands between the two halves of a glyph of two codes
                None => {
                    let (head, aa) = table.plain(joined)?.split_at_checked(1)?;
                    codes.extend_from_slice(head);
                    codes.extend_from_slice(table.plain(parts.shifter?)?);
                    codes.extend_from_slice(aa);
                }
            }
        }
        // NYO over a subscript has no tail: PO + AA draw it
        (None, "ញ") if deep => {
            put("ព", false)?;
            put("ា", false)?;
        }
        (None, base) => put(base, false)?,
    }
    let mut put = |piece: &str, low: bool| -> Option<()> {
        codes.extend_from_slice(if low { table.low(piece)? } else { table.plain(piece)? });
        Some(())
    };
    if parts.robat {
        put("\u{17CC}", false)?;
    }
    for subscript in &parts.subscripts {
        put(subscript, base == "ញ")?;
    }
    let low = deep || base == "ញ";
    if let Some(shifter) = parts.shifter.filter(|_| joined.is_none()) {
        if upper {
            put("ុ", low)?;
        } else {
            put(shifter, false)?;
        }
    }
    if let Some(v) = right.filter(|_| joined.is_none()) {
        let low = match Class::of(v) {
            Class::BelowVowel => low,
            // the stroke at the right reaches below a subscript, and below the tail of RO
            _ if v == 'ឿ' => low || parts.ro,
            _ if v == 'ៀ' => low,
            _ => false,
        };
        let both = format!("{v}{}", parts.rest.concat());
        if let Some(code) = table.plain(&both).filter(|_| !parts.rest.is_empty()) {
            codes.extend_from_slice(code);
            return Some(());
        }
        put(v.encode_utf8(&mut [0; 4]), low)?;
    }
    for unit in parts.rest {
        put(unit, false)?;
    }
    Some(())
}
