//! Unicode to legacy codes: the glyphs that draw a text in a face of the Limon or ABC family.

use super::table::{Table, char_of};
use crate::chars::{COENG, Class, RO};
use crate::clusters::{Kind, clusters, units};

/// The codes that draw canonical `text`, or None when one piece of it has none.
pub(super) fn write(table: &Table, text: &str) -> Option<String> {
    let mut pen = Pen { table, codes: Vec::with_capacity(text.len()) };
    for piece in clusters(text) {
        match piece.kind {
            // a few whole clusters are one glyph
            Kind::Cluster if piece.text.chars().nth(1).is_some() && pen.has(piece.text) => {
                pen.put(piece.text, false)?;
            }
            Kind::Cluster => pen.cluster(&Parts::of(piece.text)?)?,
            Kind::Orphan => return None,
            Kind::Other if piece.text == " " => pen.codes.push(b' '),
            Kind::Other => pen.put(piece.text, false)?,
        }
    }
    Some(pen.codes.into_iter().map(char_of).collect())
}

/// A cluster taken apart for drawing.
#[derive(Default)]
struct Parts<'a> {
    base: &'a str,
    ro: bool,
    subscripts: Vec<&'a str>,
    robat: bool,
    shifter: Option<&'a str>,
    /// The glyphs of the vowel left and right of the base.
    left: Option<&'a str>,
    right: Option<&'a str>,
    rest: Vec<&'a str>,
}

impl<'a> Parts<'a> {
    /// The parts of a well-formed cluster; None for others.
    fn of(cluster: &'a str) -> Option<Self> {
        let mut all = units(cluster);
        let mut parts = Self { base: all.next()?, ..Self::default() };
        for unit in all {
            match Class::of(unit.chars().next()?) {
                Class::Coeng if unit.ends_with(RO) => parts.ro = true,
                Class::Coeng if unit.len() > COENG.len_utf8() => parts.subscripts.push(unit),
                Class::Robat => parts.robat = true,
                Class::Shifter if parts.shifter.is_none() => parts.shifter = Some(unit),
                class if class.is_vowel() && parts.left.or(parts.right).is_none() => {
                    (parts.left, parts.right) = match unit {
                        "េ" | "ែ" | "ៃ" => (Some(unit), None),
                        "ើ" => (Some("េ"), Some("ី")),
                        "ោ" => (Some("េ"), Some("ា")),
                        "ឿ" | "ៀ" | "ៅ" => (Some("េ"), Some(unit)),
                        _ => (None, Some(unit)),
                    };
                }
                Class::Nikahit | Class::Sign | Class::Final => parts.rest.push(unit),
                _ => return None,
            }
        }
        Some(parts)
    }

    /// Does something hang below the base, so that what follows must go lower?
    fn is_deep(&self) -> bool {
        !self.subscripts.is_empty() || self.base == "ញ"
    }

    /// Does a vowel above push the shifter below the base, where it looks like U?
    fn has_upper_vowel(&self) -> bool {
        matches!(self.right, Some("ិ" | "ី" | "ឹ" | "ឺ" | "ឿ" | "ៀ")) || self.rest.contains(&"័")
    }
}

/// Writes codes from a table.
struct Pen<'a> {
    table: &'a Table,
    codes: Vec<u8>,
}

impl Pen<'_> {
    fn has(&self, piece: &str) -> bool {
        self.table.plain(piece).is_some()
    }

    /// Writes one piece, in the form it has under a subscript when `low`.
    fn put(&mut self, piece: &str, low: bool) -> Option<()> {
        let code = if low { self.table.low(piece)? } else { self.table.plain(piece)? };
        self.codes.extend_from_slice(code);
        Some(())
    }

    /// Writes one cluster: what is drawn left of the base, the base, what hangs below, what sits above.
    fn cluster(&mut self, parts: &Parts<'_>) -> Option<()> {
        if let Some(left) = parts.left {
            self.put(left, false)?;
        }
        if parts.ro {
            self.put("\u{17D2}\u{179A}", !parts.subscripts.is_empty())?;
        }
        // BA before AA would look like HA, so the two together have a glyph of their own
        let tail = parts.right.filter(|r| matches!(*r, "ា" | "ៅ"));
        if let Some(tail) = tail.filter(|_| parts.base == "ប" && parts.subscripts.is_empty()) {
            self.ba_with_tail(parts.shifter, tail)?;
        } else {
            self.base(parts)?;
            if let Some(right) = parts.right {
                return self.right(parts, right);
            }
        }
        parts.rest.iter().try_for_each(|unit| self.put(unit, false))
    }

    /// Writes BA with AA or AU, and a shifter between them.
    fn ba_with_tail(&mut self, shifter: Option<&str>, tail: &str) -> Option<()> {
        let Some(shifter) = shifter else { return self.put(&format!("ប{tail}"), false) };
        let whole = format!("ប{shifter}{tail}");
        if self.has(&whole) {
            return self.put(&whole, false);
        }
        // in a glyph of two codes the shifter stands between them
        let (head, last) = self.table.plain(&format!("ប{tail}"))?.split_at_checked(1)?;
        self.codes.extend_from_slice(head);
        self.put(shifter, false)?;
        self.codes.extend_from_slice(last);
        Some(())
    }

    /// Writes the base with robat, subscripts and shifter.
    fn base(&mut self, parts: &Parts<'_>) -> Option<()> {
        if parts.base == "ញ" && !parts.subscripts.is_empty() {
            // NYO over a subscript has no tail: PO + AA draw it
            self.put("ព", false)?;
            self.put("ា", false)?;
        } else {
            self.put(parts.base, false)?;
        }
        if parts.robat {
            self.put("\u{17CC}", false)?;
        }
        for subscript in &parts.subscripts {
            self.put(subscript, parts.base == "ញ")?;
        }
        match parts.shifter {
            Some(_) if parts.has_upper_vowel() => self.put("ុ", parts.is_deep()),
            Some(shifter) => self.put(shifter, false),
            None => Some(()),
        }
    }

    /// Writes what the vowel has above, below or right of the base, and the signs after it.
    fn right(&mut self, parts: &Parts<'_>, right: &str) -> Option<()> {
        let with_signs = format!("{right}{}", parts.rest.concat());
        if !parts.rest.is_empty() && self.has(&with_signs) {
            return self.put(&with_signs, false);
        }
        let low = match right {
            "ុ" | "ូ" | "ួ" | "ៀ" => parts.is_deep(),
            // its stroke at the right goes round the tail of RO as well
            "ឿ" => parts.is_deep() || parts.ro,
            _ => false,
        };
        self.put(right, low)?;
        parts.rest.iter().try_for_each(|unit| self.put(unit, false))
    }
}
