//! The fonts a page can use, and which of them drew a glyph.
//!
//! The interpreter hands over glyphs without the font they belong to. But a glyph carries the
//! identity of its outline and its code, and a font maps codes to outlines: the font that maps
//! this code to this very outline, at this very width, is the one.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::font::{Glyph, GlyphIdentifier};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use hayro::hayro_syntax::page::{Page, Resources};
use hayro_font::{Font, FontCache, FontGlyph};

use super::strings::windows_1252;
use super::to_unicode::ToUnicode;
use super::{NativeFont, TextSource};

/// How deep forms inside forms are searched for fonts.
const DEPTH: usize = 12;

/// Fonts looked at on one page.
const MAX_FONTS: usize = 512;

/// What a font tells of a code: its text, where that comes from, and the code in Windows-1252.
type Told = (Rc<str>, TextSource, Option<char>);

/// A font, loaded.
pub(crate) struct LoadedFont<'a> {
    /// What the page tells about it.
    pub(crate) facts: NativeFont,
    font: Font<'a>,
    map: ToUnicode,
    type3: bool,
    /// Codes whose glyph the font's own Differences rename.
    renamed: HashMap<u32, ()>,
    /// Whether plain codes mean Windows-1252.
    windows: bool,
    texts: RefCell<HashMap<u32, Told>>,
    glyphs: RefCell<HashMap<u32, Option<GlyphIdentifier>>>,
}

impl std::fmt::Debug for LoadedFont<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoadedFont").field("facts", &self.facts).finish_non_exhaustive()
    }
}

/// Fonts of the document, loaded once.
#[derive(Default)]
pub(crate) struct FontShelf<'a> {
    cache: FontCache<'a>,
    /// By where the font's dictionary lies in memory, which is fixed while the file is open.
    loaded: HashMap<(usize, usize), Option<Rc<LoadedFont<'a>>>>,
}

impl<'a> FontShelf<'a> {
    /// Every font that a page, its forms and its annotations can name.
    pub(crate) fn of_page(
        &mut self,
        page: &Page<'a>,
        settings: &InterpreterSettings,
    ) -> Vec<Rc<LoadedFont<'a>>> {
        let mut dicts = Vec::new();
        let mut seen = Vec::new();
        gather(page.resources(), &mut dicts, &mut seen, DEPTH);
        if let Some(annotations) = page.raw().get::<Array<'a>>("Annots") {
            for annotation in annotations.iter::<Dict<'a>>().take(MAX_FONTS) {
                appearance(&annotation, &mut dicts, &mut seen);
            }
        }
        let mut fonts: Vec<Rc<LoadedFont<'a>>> = Vec::new();
        for dict in dicts {
            if let Some(font) = self.load(&dict, settings)
                && !fonts.iter().any(|f| Rc::ptr_eq(f, &font))
            {
                fonts.push(font);
            }
        }
        fonts
    }

    fn load(
        &mut self,
        dict: &Dict<'a>,
        settings: &InterpreterSettings,
    ) -> Option<Rc<LoadedFont<'a>>> {
        let data = dict.data();
        let place = (data.as_ptr() as usize, data.len());
        if let Some(known) = self.loaded.get(&place) {
            return known.clone();
        }
        let font = self.cache.font(dict, &settings.font_resolver, &settings.cmap_resolver);
        let loaded = font.map(|font| Rc::new(LoadedFont::new(dict, font)));
        self.loaded.insert(place, loaded.clone());
        loaded
    }
}

/// Collects the font dictionaries of resources and of the forms they name.
fn gather<'a>(
    resources: &Resources<'a>,
    dicts: &mut Vec<Dict<'a>>,
    seen: &mut Vec<(usize, usize)>,
    depth: usize,
) {
    let place = |dict: &Dict<'a>| (dict.data().as_ptr() as usize, dict.data().len());
    for name in resources.fonts.keys() {
        if let Some(dict) = resources.fonts.get::<Dict<'a>>(name)
            && dicts.len() < MAX_FONTS
        {
            dicts.push(dict);
        }
    }
    for state in resources.ext_g_states.keys().take(MAX_FONTS) {
        let font = resources
            .ext_g_states
            .get::<Dict<'a>>(state)
            .and_then(|s| s.get::<Array<'a>>("Font"))
            .and_then(|a| a.iter::<Object<'a>>().next()?.into_dict());
        dicts.extend(font);
    }
    if depth == 0 {
        return;
    }
    for name in resources.x_objects.keys() {
        let Some(form) = resources.x_objects.get::<Stream<'a>>(name) else { continue };
        let dict = form.dict();
        if dict.get::<Name<'_>>("Subtype").as_deref() != Some(b"Form") {
            continue;
        }
        if seen.contains(&place(dict)) || seen.len() >= MAX_FONTS {
            continue;
        }
        seen.push(place(dict));
        if let Some(inner) = dict.get::<Dict<'a>>("Resources") {
            gather(&Resources::new(inner), dicts, seen, depth - 1);
        }
    }
}

/// Collects the fonts of an annotation's appearances.
fn appearance<'a>(
    annotation: &Dict<'a>,
    dicts: &mut Vec<Dict<'a>>,
    seen: &mut Vec<(usize, usize)>,
) {
    let Some(normal) = annotation.get::<Dict<'a>>("AP").and_then(|ap| ap.get::<Object<'a>>("N"))
    else {
        return;
    };
    let streams: Vec<Stream<'a>> = match normal {
        Object::Stream(stream) => vec![stream],
        Object::Dict(states) => {
            states.keys().take(16).filter_map(|k| states.get::<Stream<'a>>(k)).collect()
        }
        _ => Vec::new(),
    };
    for stream in streams {
        if let Some(inner) = stream.dict().get::<Dict<'a>>("Resources") {
            gather(&Resources::new(inner), dicts, seen, DEPTH / 2);
        }
    }
}

impl<'a> LoadedFont<'a> {
    fn new(dict: &Dict<'a>, font: Font<'a>) -> Self {
        let subtype = dict.get::<Name<'_>>("Subtype");
        let composite = subtype.as_deref() == Some(b"Type0");
        let type3 = subtype.as_deref() == Some(b"Type3");
        let descendant =
            dict.get::<Array<'a>>("DescendantFonts").and_then(|a| a.iter::<Dict<'a>>().next());
        let descriptor = descendant
            .as_ref()
            .unwrap_or(dict)
            .get::<Dict<'a>>("FontDescriptor")
            .unwrap_or_default();
        let map = dict
            .get::<Stream<'a>>("ToUnicode")
            .and_then(|s| s.decoded_data().ok().map(|d| ToUnicode::parse(&d)))
            .unwrap_or_default();
        let name = dict
            .get::<Name<'_>>("BaseFont")
            .or_else(|| descriptor.get::<Name<'_>>("FontName"))
            .or_else(|| dict.get::<Name<'_>>("Name"))
            .map(|n| without_prefix(&String::from_utf8_lossy(&n)).to_owned())
            .unwrap_or_default();
        let flags = descriptor.get::<u32>("Flags").unwrap_or(0);
        let weight = descriptor.get::<f32>("FontWeight").unwrap_or(400.0);
        let angle = descriptor.get::<f32>("ItalicAngle").unwrap_or(0.0);
        let embedded = type3
            || ["FontFile", "FontFile2", "FontFile3"].iter().any(|k| descriptor.contains_key(k));
        let facts = NativeFont {
            bold: bold_name(&name) || weight >= 600.0 || flags & (1 << 18) != 0,
            italic: slanted_name(&name) || angle.abs() >= 4.0 || flags & (1 << 6) != 0,
            to_unicode: !map.is_empty(),
            embedded,
            simple: !composite,
            name,
        };
        let (windows, renamed) = encoding(dict);
        let windows = windows && !composite;
        let (texts, glyphs) = (RefCell::default(), RefCell::default());
        Self { facts, font, map, type3, renamed, windows, texts, glyphs }
    }

    /// Whether this font maps the glyph's code to the glyph's outline, at its width.
    pub(crate) fn drew(&self, glyph: &Glyph<'_>) -> bool {
        let code = glyph.char_code();
        if self.facts.simple && code > 0xFF {
            return false;
        }
        match glyph {
            Glyph::Outline(outline) => {
                if self.type3 {
                    return false;
                }
                let mut glyphs = self.glyphs.borrow_mut();
                let own = glyphs.entry(code).or_insert_with(|| {
                    match self.font.glyph(self.font.map_code(code), code) {
                        FontGlyph::Outline(own) => Some(own.identifier()),
                        FontGlyph::Type3(_) => None,
                    }
                });
                let width = self.font.code_advance(code).x as f32;
                own.as_ref() == Some(&outline.identifier())
                    && outline
                        .advance_width()
                        .is_none_or(|w| (w - width).abs() < 0.5 || width == 0.0)
            }
            Glyph::Type3(glyph) => {
                let width = self.font.code_advance(code).x as f32;
                self.type3 && glyph.advance_width().is_none_or(|w| (w - width).abs() < 0.5)
            }
        }
    }

    /// The text of a glyph that this font drew, where it comes from, and what the code is in
    /// Windows-1252.
    pub(crate) fn text(&self, glyph: &Glyph<'_>) -> Told {
        let code = glyph.char_code();
        if let Some(known) = self.texts.borrow().get(&code) {
            return known.clone();
        }
        let mapped = self.map.get(code);
        let named = if mapped.is_some() && self.windows { None } else { unicode(glyph) };
        let latin = self.latin(code, mapped.as_deref(), named.as_deref());
        let found: Told = match (mapped, named) {
            (Some(text), _) => (text.into(), TextSource::ToUnicode, latin),
            (None, Some(text)) => (text.into(), TextSource::Encoding, latin),
            (None, None) => ("".into(), TextSource::Unknown, latin),
        };
        self.texts.borrow_mut().insert(code, found.clone());
        found
    }

    /// What a code would be in a Windows-1252 text.
    fn latin(&self, code: u32, mapped: Option<&str>, named: Option<&str>) -> Option<char> {
        let byte = u8::try_from(code).ok().filter(|_| self.facts.simple);
        if let Some(byte) = byte
            && self.windows
            && !self.renamed.contains_key(&code)
        {
            return Some(windows_1252(byte));
        }
        let told = mapped.or(named).and_then(|text| {
            let mut chars = text.chars();
            chars.next().filter(|_| chars.next().is_none())
        });
        match told {
            // Symbol fonts put their bytes into the private use area.
            Some(c @ '\u{F020}'..='\u{F0FF}') => Some(windows_1252((c as u32 - 0xF000) as u8)),
            Some(c) => Some(c),
            None => byte.map(windows_1252),
        }
    }
}

/// Whether a simple font's codes are Windows-1252 (or left to a font program, where legacy fonts
/// keep the same order), and which codes its Differences rename.
fn encoding(dict: &Dict<'_>) -> (bool, HashMap<u32, ()>) {
    let mut renamed = HashMap::new();
    match dict.get::<Object<'_>>("Encoding") {
        None => (true, renamed),
        Some(Object::Name(name)) => (name.as_str() == "WinAnsiEncoding", renamed),
        Some(Object::Dict(encoding)) => {
            let base = encoding.get::<Name<'_>>("BaseEncoding");
            let windows = base.is_none_or(|n| n.as_str() == "WinAnsiEncoding");
            if let Some(differences) = encoding.get::<Array<'_>>("Differences") {
                let mut code = 0u32;
                for item in differences.iter::<Object<'_>>().take(4_096) {
                    match item {
                        Object::Number(n) => code = n.as_f64().clamp(0.0, 65_535.0) as u32,
                        Object::Name(_) => {
                            renamed.insert(code, ());
                            code += 1;
                        }
                        _ => {}
                    }
                }
            }
            (windows, renamed)
        }
        Some(_) => (false, renamed),
    }
}

/// What the interpreter makes of a glyph: glyph names, mostly.
pub(crate) fn unicode(glyph: &Glyph<'_>) -> Option<String> {
    let text = match glyph.as_unicode()? {
        BfString::Char(c) => c.to_string(),
        BfString::String(s) => s,
    };
    (!text.is_empty() && text != "\0").then_some(text)
}

/// A font name without the six capitals and the plus sign of a subset.
fn without_prefix(name: &str) -> &str {
    match name.split_once('+') {
        Some((tag, rest)) if tag.len() == 6 && tag.bytes().all(|b| b.is_ascii_uppercase()) => rest,
        _ => name,
    }
}

/// Whether a name says that the face is bold. Moul (also written Muol) is bold by nature, and so
/// are Limon's R faces.
fn bold_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace([' ', '-'], "");
    ["bold", "black", "heavy", "moul", "muol", "limonr"].iter().any(|w| name.contains(w))
}

fn slanted_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["italic", "oblique", "slanted", "chrieng"].iter().any(|w| name.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subset_tags_go_and_other_pluses_stay() {
        assert_eq!(without_prefix("ABCDEF+LimonS1"), "LimonS1");
        assert_eq!(without_prefix("Abcdef+X"), "Abcdef+X");
        assert_eq!(without_prefix("A+B"), "A+B");
    }

    #[test]
    fn moul_is_bold_by_nature() {
        assert!(
            bold_name("KhmerOSMuolLight") && bold_name("Moul-Regular") && !bold_name("Battambang")
        );
    }
}
