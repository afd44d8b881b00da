//! The glyphs of a page in content order, with all that is needed to tell whether they show.

use std::collections::HashMap;
use std::rc::Rc;

use hayro::hayro_interpret::font::{Glyph, GlyphRun, PositionedGlyph};
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint,
    SoftMask, TransformExt, interpret_page,
};
use hayro::hayro_syntax::object::Dict;
use hayro::kurbo::{Affine, BezPath, PathEl, Point, Rect, Shape, Vec2};

use super::actual::{Given, Marked};
use super::fonts::{LoadedFont, unicode};
use super::{TextSource, Visibility, rules};
use crate::PdfError;
use crate::clip::Clips;
use crate::desk::Desk;
use crate::survey::is_white;

/// Glyphs taken from one page; the densest real page has some 20,000.
const MAX_GLYPHS: usize = 400_000;

/// Rules and shapes kept.
const MAX_SHAPES: usize = 20_000;

/// A glyph as it was drawn.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Index into the page's fonts.
    pub(crate) font: Option<usize>,
    pub(crate) code: u32,
    pub(crate) latin: Option<char>,
    pub(crate) text: Rc<str>,
    pub(crate) source: TextSource,
    /// Height of the em on the page, in points.
    pub(crate) size: f64,
    /// Where the pen stands before and after it.
    pub(crate) from: Point,
    pub(crate) to: Point,
    /// Direction of the baseline, a unit vector.
    pub(crate) along: Vec2,
    /// The box of its ink; without ink, a flat box along the baseline.
    pub(crate) ink: Rect,
    pub(crate) color: [u8; 3],
    pub(crate) bold: bool,
    pub(crate) italic: bool,
    pub(crate) visibility: Visibility,
    /// Which drawing operation it belongs to.
    pub(crate) order: u32,
}

/// A filled area that hides what was drawn before it, or makes white text readable.
#[derive(Clone, Debug)]
pub(crate) struct Patch {
    pub(crate) rect: Rect,
    pub(crate) order: u32,
    /// Whether white text shows on it.
    pub(crate) dark: bool,
}

/// What was collected from a page.
#[derive(Debug)]
pub(crate) struct Collected<'a> {
    pub(crate) fonts: Vec<Rc<LoadedFont<'a>>>,
    pub(crate) glyphs: Vec<Seen>,
    pub(crate) patches: Vec<Patch>,
    pub(crate) images: Vec<Rect>,
    pub(crate) rules: Vec<Rect>,
    pub(crate) outlines: u32,
}

/// Interprets a page for its text.
///
/// # Errors
/// [`PdfError::NoSuchPage`].
pub(crate) fn collect<'a>(desk: &mut Desk<'a>, index: u32) -> Result<Collected<'a>, PdfError> {
    let page = desk.page(index)?;
    let (width, height) = page.render_dimensions();
    let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let fonts = desk.fonts.of_page(page, &desk.settings);
    let mut collector = Collector {
        seen: Collected {
            fonts,
            glyphs: Vec::new(),
            patches: Vec::new(),
            images: Vec::new(),
            rules: Vec::new(),
            outlines: 0,
        },
        clips: Clips::new(area),
        marked: Marked::default(),
        order: 0,
        last_font: 0,
        inks: std::mem::take(&mut desk.inks),
    };
    let upright = page.initial_transform(true).to_kurbo();
    let settings = desk.settings.clone();
    let mut context = Context::new(upright, area, &desk.cache, page.xref(), settings);
    interpret_page(page, &mut context, &mut collector);
    desk.inks = collector.inks;
    let mut seen = collector.seen;
    super::visible::settle(&mut seen);
    Ok(seen)
}

struct Collector<'a> {
    seen: Collected<'a>,
    clips: Clips,
    marked: Marked,
    order: u32,
    last_font: usize,
    /// Bounds of outlines met before, in the units of the glyph's own space.
    inks: HashMap<u128, Rect>,
}

impl<'a> Collector<'a> {
    /// Which of the page's fonts drew these glyphs.
    fn font(&mut self, glyphs: &[PositionedGlyph<'a>]) -> Option<usize> {
        let fonts = &self.seen.fonts;
        let all = |font: &LoadedFont<'_>| glyphs.iter().take(24).all(|g| font.drew(g));
        if fonts.get(self.last_font).is_some_and(|f| all(f)) {
            return Some(self.last_font);
        }
        let found = fonts.iter().position(|f| all(f))?;
        self.last_font = found;
        Some(found)
    }

    fn ink(&mut self, glyph: &Glyph<'_>, place: Affine, advance: f64) -> Rect {
        let flat = Rect::new(0.0, 0.0, advance, 0.0);
        let bounds = match glyph {
            Glyph::Outline(outline) => {
                let key = outline.identifier().cache_key();
                *self.inks.entry(key).or_insert_with(|| {
                    let path = outline.outline();
                    if path.elements().is_empty() { Rect::ZERO } else { path.bounding_box() }
                })
            }
            Glyph::Type3(_) => Rect::new(0.0, -200.0, advance.max(1.0), 800.0),
        };
        let bounds = if bounds.area() > 0.0 { bounds } else { flat };
        place.transform_rect_bbox(bounds)
    }

    fn patch(
        &mut self,
        bounds: Rect,
        path: Option<&BezPath>,
        props: &DrawProps<'a>,
        mode: &DrawMode,
    ) {
        if matches!(mode, DrawMode::Invisible) {
            return;
        }
        let shown = self.clips.visible().intersect(bounds);
        let (w, h) = (bounds.width(), bounds.height());
        let solid = match &props.paint {
            Paint::Color(color) => color.to_rgba().components()[3] * self.clips.opacity() > 0.9,
            Paint::Pattern(_) => true,
        };
        let white = is_white(&props.paint);
        if !white {
            let stroked = matches!(mode, DrawMode::Stroke(_) | DrawMode::FillAndStroke(..));
            let room = MAX_SHAPES.saturating_sub(self.seen.rules.len());
            let clip = self.clips.visible();
            let found = match path {
                Some(path) => rules::of_path(path, props.transform, stroked),
                None => rules::of_rect(bounds, stroked),
            };
            let found = found.into_iter().map(|r| clip.intersect(r));
            self.seen.rules.extend(found.filter(|r| r.width() + r.height() > 0.0).take(room));
        }
        if w.min(h) < 2.5 && w.max(h) > 8.0 {
            return;
        }
        let filled = matches!(mode, DrawMode::Fill(_) | DrawMode::FillAndStroke(..));
        let curved = path.is_some_and(|p| {
            p.elements().iter().any(|e| matches!(e, PathEl::CurveTo(..) | PathEl::QuadTo(..)))
        });
        if filled && !white && curved && (2.0..60.0).contains(&h) && w < 400.0 && shown.area() > 0.0
        {
            self.seen.outlines += 1;
        }
        let upright = path.is_none_or(|p| p.elements().len() <= 7 && !curved);
        if filled && solid && upright && shown.area() > 4.0 && self.seen.patches.len() < MAX_SHAPES
        {
            let dark = !white;
            self.seen.patches.push(Patch { rect: shown, order: self.order, dark });
        }
    }
}

impl<'a> Device<'a> for Collector<'a> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, draw_mode: &DrawMode) {
        self.order += 1;
        let bounds = props.transform.transform_rect_bbox(path.control_box());
        self.patch(bounds, Some(path), &props, draw_mode);
    }

    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'a>, draw_mode: &DrawMode) {
        self.order += 1;
        let bounds = props.transform.transform_rect_bbox(rect.abs());
        self.patch(bounds, None, &props, draw_mode);
    }

    fn draw_glyph_run(
        &mut self,
        glyph_run: &GlyphRun<'_, 'a>,
        props: DrawProps<'a>,
        draw_mode: &DrawMode,
    ) {
        self.order += 1;
        let glyphs = glyph_run.glyphs();
        if self.seen.glyphs.len() + glyphs.len() > MAX_GLYPHS {
            return;
        }
        let index = self.font(glyphs);
        let font = index.map(|i| Rc::clone(&self.seen.fonts[i]));
        let (color, alpha) = match &props.paint {
            Paint::Color(color) => {
                let [r, g, b, a] = color.to_rgba().to_rgba8();
                ([r, g, b], f32::from(a) / 255.0)
            }
            Paint::Pattern(_) => ([0, 0, 0], 1.0),
        };
        let hidden =
            matches!(draw_mode, DrawMode::Invisible) || alpha * self.clips.opacity() < 0.05;
        let stroked = matches!(draw_mode, DrawMode::Stroke(_) | DrawMode::FillAndStroke(..));
        let white = is_white(&props.paint);
        for glyph in glyphs {
            let place = props.transform * glyph.transform();
            let [a, b, c, d, ..] = place.as_coeffs();
            let right = Vec2::new(a, b);
            let up = Vec2::new(c, d);
            let (long, tall) = (right.hypot(), up.hypot());
            let size = tall * 1_000.0;
            let finite = place.as_coeffs().iter().all(|v| v.is_finite());
            if !finite || long <= 1e-9 || tall <= 1e-9 {
                continue;
            }
            let along = right / long;
            // The em's height seen across the baseline; what is left of `up` is slant.
            let slant = (along.dot(up) / tall).abs();
            let advance = match &**glyph {
                Glyph::Outline(outline) => outline.advance_width().unwrap_or(0.0),
                Glyph::Type3(glyph) => glyph.advance_width().unwrap_or(0.0),
            };
            let from = place * Point::ZERO;
            let to = place * Point::new(f64::from(advance), 0.0);
            let ink = self.ink(glyph, place, f64::from(advance));
            let (mut text, mut source, latin) = match &font {
                Some(font) => font.text(glyph),
                None => match unicode(glyph) {
                    Some(text) => (text.into(), TextSource::Encoding, None),
                    None => ("".into(), TextSource::Unknown, None),
                },
            };
            match self.marked.take() {
                Given::Own => {}
                Given::Text(given) => (text, source) = (given.into(), TextSource::Actual),
                Given::Nothing => (text, source) = ("".into(), TextSource::Actual),
            }
            let clip = self.clips.visible();
            let visibility = if hidden || size < 0.5 {
                Visibility::Invisible
            } else if clip.intersect(ink.inflate(0.05, 0.05)).area() <= 0.0 {
                Visibility::Clipped
            } else if white {
                Visibility::White
            } else {
                Visibility::Shown
            };
            let facts = font.as_ref().map(|f| &f.facts);
            self.seen.glyphs.push(Seen {
                font: index,
                code: glyph.char_code(),
                latin,
                text,
                source,
                size,
                from,
                to,
                along,
                ink,
                color,
                bold: stroked || facts.is_some_and(|f| f.bold),
                italic: slant > 0.08 || facts.is_some_and(|f| f.italic),
                visibility,
                order: self.order,
            });
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.order += 1;
        let corners = Rect::new(0.0, 0.0, f64::from(image.width()), f64::from(image.height()));
        let box_ = props.transform.transform_rect_bbox(corners);
        let shows = box_.intersect(self.clips.visible());
        if shows.width() <= 0.0 || shows.height() <= 0.0 {
            return;
        }
        if self.seen.images.len() < MAX_SHAPES {
            self.seen.images.push(shows);
        }
        if let Image::Raster(raster) = &image {
            let dict = raster.stream().dict();
            let masked = ["SMask", "Mask", "SMaskInData"].iter().any(|k| dict.contains_key(k));
            if !masked && self.clips.is_plain() && self.seen.patches.len() < MAX_SHAPES {
                let order = self.order;
                self.seen.patches.push(Patch { rect: shows, order, dark: true });
            }
        }
    }

    fn push_clip_path(&mut self, clip_path: &ClipPath) {
        self.clips.push_path(clip_path);
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        self.clips.push_rect(rect, true);
    }

    fn push_transparency_group(
        &mut self,
        opacity: f32,
        mask: Option<SoftMask<'a>>,
        blend_mode: BlendMode,
    ) {
        self.clips.push_group(opacity, mask.is_some(), blend_mode);
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn pop_transparency_group(&mut self) {
        self.clips.pop_group();
    }

    fn begin_marked_content(&mut self, _: &[u8], properties: Option<&Dict<'_>>) {
        self.marked.begin(properties);
    }

    fn end_marked_content(&mut self) {
        self.marked.end();
    }
}
