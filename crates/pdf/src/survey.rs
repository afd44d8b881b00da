//! A look at a page without drawing it: which pictures lie where, and what else leaves ink.

use hayro::hayro_interpret::font::GlyphRun;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint,
    SoftMask, TransformExt, interpret_page,
};
use hayro::kurbo::{Affine, BezPath, PathEl, Rect};

use crate::clip::Clips;
use crate::desk::Desk;
use crate::{PdfError, sizes};

/// Dashes one path may fall into.
const MAX_DASHES: f64 = 200_000.0;

/// A picture as it is placed on the page.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    /// Which of the page's pictures, counted as they are drawn.
    pub(crate) order: usize,
    /// Pixels to upright page points.
    pub(crate) transform: Affine,
    /// Width in pixels, as the file states it.
    pub(crate) width: u32,
    /// Height in pixels, as the file states it.
    pub(crate) height: u32,
    /// The part of the page where it shows, in points.
    pub(crate) shows: Rect,
    /// Whether it lands as it is: a solid colour or opaque pixels, no mask over it, no blending,
    /// no curved clip.
    pub(crate) plain: bool,
}

impl Placed {
    /// Pixels a point, whichever way the picture stands.
    pub(crate) fn fineness(&self) -> f64 {
        let [a, b, c, d, ..] = self.transform.as_coeffs();
        let points = a.hypot(b).min(c.hypot(d));
        if points > 1e-9 { 1.0 / points } else { 0.0 }
    }

    /// Pixels a point, along the page's x and y; `None` when the picture stands askew.
    pub(crate) fn density(&self) -> Option<(f64, f64)> {
        let [a, b, c, d, ..] = self.transform.as_coeffs();
        let (along, across) = (a.hypot(b), c.hypot(d));
        let askew = |x: f64, y: f64| x.abs().min(y.abs()) > 0.002 * x.abs().max(y.abs());
        if along <= 1e-9 || across <= 1e-9 || askew(a, b) || askew(c, d) {
            return None;
        }
        let lies = b.abs() > a.abs();
        if lies != (c.abs() > d.abs()) {
            return None;
        }
        Some(if lies { (1.0 / across, 1.0 / along) } else { (1.0 / along, 1.0 / across) })
    }
}

/// What was seen.
#[derive(Debug)]
pub(crate) struct Survey {
    /// The page's box in points: `0, 0, width, height`.
    pub(crate) page: Rect,
    /// Pictures in drawing order.
    pub(crate) images: Vec<Placed>,
    /// Glyphs that show.
    pub(crate) glyphs: usize,
    /// Square points under shapes that show and are not white.
    pub(crate) shapes: f64,
    /// Square points under white shapes drawn after the first picture.
    pub(crate) whited: f64,
    /// Whether a line falls into more dashes than anyone can see.
    pub(crate) too_fine: bool,
    /// A picture over the limit, as width and height in pixels.
    pub(crate) oversize: Option<(u32, u32)>,
    clips: Clips,
    drawn: usize,
    max_pixels: u64,
}

impl Survey {
    /// Surveys a page.
    ///
    /// # Errors
    /// [`PdfError::ImageTooLarge`], [`PdfError::NoSuchPage`].
    pub(crate) fn of(desk: &Desk<'_>, index: u32) -> Result<Self, PdfError> {
        let page = desk.page(index)?;
        let limit = desk.limits.max_pixels;
        if let Some((width, height)) = sizes::oversize(page, limit) {
            return Err(PdfError::ImageTooLarge { index, width, height, limit });
        }
        let (width, height) = page.render_dimensions();
        let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let mut survey = Self {
            page: area,
            images: Vec::new(),
            glyphs: 0,
            shapes: 0.0,
            whited: 0.0,
            too_fine: false,
            oversize: None,
            clips: Clips::new(area),
            drawn: 0,
            max_pixels: desk.limits.max_pixels,
        };
        let upright = page.initial_transform(true).to_kurbo();
        let settings = desk.settings.clone();
        let mut context = Context::new(upright, area, &desk.cache, page.xref(), settings);
        interpret_page(page, &mut context, &mut survey);
        if survey.too_fine {
            return Err(PdfError::TooComplex { index });
        }
        match survey.oversize {
            Some((width, height)) => {
                let limit = survey.max_pixels;
                Err(PdfError::ImageTooLarge { index, width, height, limit })
            }
            None => Ok(survey),
        }
    }

    fn shape(&mut self, bounds: Rect, paint: &Paint<'_>, mode: &DrawMode) {
        let grown = match mode {
            DrawMode::Invisible => return,
            DrawMode::Fill(_) => bounds,
            // A rule has no area of its own; a point's width stands for its pen.
            DrawMode::Stroke(_) | DrawMode::FillAndStroke(..) => bounds.inflate(0.5, 0.5),
        };
        let area = self.clips.visible().intersect(grown).area();
        match whiteness(paint) {
            Some(alpha) if alpha < 0.02 => {}
            Some(_) if is_white(paint) => {
                if !self.images.is_empty() {
                    self.whited += area;
                }
            }
            _ => self.shapes += area,
        }
    }
}

/// Dashes that a path falls into; its control polygon is no shorter than itself.
fn dashes(path: &BezPath, mode: &DrawMode) -> f64 {
    let (DrawMode::Stroke(pen) | DrawMode::FillAndStroke(_, pen)) = mode else { return 0.0 };
    let period: f64 = pen.dash_array.iter().map(|d| f64::from(d.abs())).sum();
    if pen.dash_array.is_empty() {
        return 0.0;
    }
    let points = path.elements().iter().flat_map(|e| match *e {
        PathEl::MoveTo(p) | PathEl::LineTo(p) => vec![p],
        PathEl::QuadTo(a, p) => vec![a, p],
        PathEl::CurveTo(a, b, p) => vec![a, b, p],
        PathEl::ClosePath => Vec::new(),
    });
    let points: Vec<_> = points.collect();
    let length: f64 = points.windows(2).map(|w| (w[1] - w[0]).hypot()).sum();
    if length > 0.0 { length * 2.0 / period.max(f64::MIN_POSITIVE) } else { 0.0 }
}

/// The opacity of a solid paint; `None` for a pattern.
fn whiteness(paint: &Paint<'_>) -> Option<f32> {
    match paint {
        Paint::Color(color) => Some(color.to_rgba().components()[3]),
        Paint::Pattern(_) => None,
    }
}

/// Whether a paint is as good as white paper.
pub(crate) fn is_white(paint: &Paint<'_>) -> bool {
    match paint {
        Paint::Color(color) => color.to_rgba().components()[..3].iter().all(|c| *c > 0.97),
        Paint::Pattern(_) => false,
    }
}

impl<'a> Device<'a> for Survey {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, draw_mode: &DrawMode) {
        self.too_fine |= dashes(path, draw_mode) > MAX_DASHES;
        let bounds = props.transform.transform_rect_bbox(path.control_box());
        self.shape(bounds, &props.paint, draw_mode);
    }

    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'a>, draw_mode: &DrawMode) {
        let bounds = props.transform.transform_rect_bbox(rect.abs());
        self.shape(bounds, &props.paint, draw_mode);
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

    fn draw_glyph_run(
        &mut self,
        glyph_run: &GlyphRun<'_, 'a>,
        props: DrawProps<'a>,
        draw_mode: &DrawMode,
    ) {
        if matches!(draw_mode, DrawMode::Invisible) || is_white(&props.paint) {
            return;
        }
        let shown = self.clips.visible();
        for glyph in glyph_run.glyphs() {
            let origin = (props.transform * glyph.transform()).translation().to_point();
            // A space is a glyph too, but an honest scan has no visible spaces over it.
            if shown.inflate(2.0, 2.0).contains(origin) {
                self.glyphs += 1;
            }
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let (width, height) = (image.width(), image.height());
        // Inline pictures are met here first.
        let large = match &image {
            Image::Stencil(stencil) => sizes::too_large(stencil.stream(), self.max_pixels),
            Image::Raster(raster) => sizes::too_large(raster.stream(), self.max_pixels),
        };
        self.oversize = self.oversize.or(large);
        let corners = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let shows = props.transform.transform_rect_bbox(corners).intersect(self.clips.visible());
        let solid = match &image {
            Image::Stencil(_) => true,
            Image::Raster(raster) => {
                let dict = raster.stream().dict();
                let masked = ["SMask", "Mask", "SMaskInData"];
                !masked.iter().any(|key| dict.contains_key(key))
            }
        };
        let plain = solid
            && self.clips.is_plain()
            && self.clips.is_exact()
            && props.soft_mask.is_none()
            && props.blend_mode == BlendMode::Normal;
        let transform = props.transform;
        let order = self.drawn;
        self.drawn += 1;
        if shows.width() > 0.0 && shows.height() > 0.0 {
            self.images.push(Placed { order, transform, width, height, shows, plain });
        }
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn pop_transparency_group(&mut self) {
        self.clips.pop_group();
    }
}
