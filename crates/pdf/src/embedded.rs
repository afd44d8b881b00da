//! The scan inside the file, taken as it is stored.
//!
//! A page qualifies when all it shows is pictures of one resolution, upright or turned by
//! quarters: one scan, or the strips many scanners cut it into. Decoding beats drawing about
//! three times over, and no resampling touches the pixels.

use hayro::hayro_interpret::font::GlyphRun;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps,
    LumaData, Paint, SoftMask, TransformExt, interpret_page,
};
use hayro::kurbo::{Affine, BezPath, Point, Rect};

use crate::desk::Desk;
use crate::picture::true_dpi;
use crate::survey::{Placed, Survey};
use crate::{PagePicture, PdfError, PictureOrigin};

/// Share of the page the pictures must cover to be "the page".
const COVERED: f64 = 0.6;

/// Share of the page that other ink may cover, and still nothing is lost.
const SPECKS: f64 = 0.000_2;

/// Long side from which a scan is averaged down, in pixels: reading wants no more.
const LONGEST: u32 = 4_800;

/// Which pictures make up the page, and on what grid.
#[derive(Debug)]
pub(crate) struct Plan {
    images: Vec<Placed>,
    /// Pixels a point along x and y.
    density: (f64, f64),
    /// The part of the page they cover, in points.
    covers: Rect,
}

/// Looks whether the page is nothing but its scan.
pub(crate) fn plan(survey: &Survey) -> Option<Plan> {
    let area = survey.page.area();
    if survey.glyphs > 0 || survey.shapes + survey.whited > SPECKS * area {
        return None;
    }
    let first = survey.images.first()?;
    let density = first.density()?;
    let alike = |a: f64, b: f64| (a / b - 1.0).abs() < 0.006;
    // Reading wants square pixels; a fax page of 204 x 98 dpi is better drawn.
    if !(0.97..1.03).contains(&(density.0 / density.1)) {
        return None;
    }
    for image in &survey.images {
        let (x, y) = image.density()?;
        if !image.plain || !alike(x, density.0) || !alike(y, density.1) {
            return None;
        }
    }
    let covers = survey.images.iter().map(|i| i.shows).reduce(|a, b| a.union(b))?;
    // Strips lie side by side: together they fill what they span.
    let filled: f64 = survey.images.iter().map(|i| i.shows.area()).sum();
    let enough = covers.area() >= COVERED * area && filled >= 0.9 * covers.area();
    enough.then(|| Plan { images: survey.images.clone(), density, covers })
}

/// Decodes the pictures of a plan and puts them together; `None` when one does not decode.
///
/// # Errors
/// [`PdfError::NoSuchPage`].
pub(crate) fn take(
    desk: &Desk<'_>,
    index: u32,
    survey: &Survey,
    plan: &Plan,
) -> Result<Option<PagePicture>, PdfError> {
    let page = desk.page(index)?;
    let (dx, dy) = plan.density;
    let width = (plan.covers.width() * dx).round().max(1.0);
    let height = (plan.covers.height() * dy).round().max(1.0);
    if width * height > desk.limits.max_pixels as f64 {
        return Ok(None);
    }
    let mut sheet = Sheet {
        plan,
        width: width as usize,
        height: height as usize,
        to_points: Affine::translate((plan.covers.x0, plan.covers.y0))
            * Affine::scale_non_uniform(1.0 / dx, 1.0 / dy),
        channels: 1,
        pixels: vec![255; width as usize * height as usize],
        drawn: 0,
        failed: false,
    };
    let upright = page.initial_transform(true).to_kurbo();
    let settings = desk.settings.clone();
    let mut context = Context::new(upright, survey.page, &desk.cache, page.xref(), settings);
    interpret_page(page, &mut context, &mut sheet);
    if sheet.failed {
        return Ok(None);
    }
    let long = survey.page.width().max(survey.page.height());
    let picture = PagePicture {
        width: sheet.width as u32,
        height: sheet.height as u32,
        pixels: sheet.pixels,
        dpi: true_dpi(dx, long),
        origin: PictureOrigin::Embedded,
        matrix: [
            (1.0 / dx) as f32,
            0.0,
            0.0,
            (1.0 / dy) as f32,
            plan.covers.x0 as f32,
            plan.covers.y0 as f32,
        ],
    };
    Ok(Some(lowered(picture)))
}

/// Averages squares of pixels so that the long side stays under [`LONGEST`].
fn lowered(picture: PagePicture) -> PagePicture {
    let factor = (picture.width.max(picture.height) / (LONGEST / 2)).max(1);
    if factor < 2 {
        return picture;
    }
    let (width, height) = (picture.width / factor, picture.height / factor);
    let each = picture.channels();
    let (f, row) = (factor as usize, picture.width as usize * each);
    let mut pixels = Vec::with_capacity(width as usize * height as usize * each);
    let mut sums = vec![0u32; width as usize * each];
    for y in 0..height as usize {
        sums.fill(0);
        for line in picture.pixels[y * f * row..].chunks_exact(row).take(f) {
            for (x, sum) in sums.chunks_exact_mut(each).enumerate() {
                for p in line[x * f * each..(x + 1) * f * each].chunks_exact(each) {
                    sum.iter_mut().zip(p).for_each(|(s, v)| *s += u32::from(*v));
                }
            }
        }
        pixels.extend(sums.iter().map(|s| (s / (factor * factor)) as u8));
    }
    let mut matrix = picture.matrix;
    matrix[0] *= factor as f32;
    matrix[3] *= factor as f32;
    PagePicture { width, height, pixels, matrix, dpi: picture.dpi / factor as f32, ..picture }
}

/// The sheet the pictures are pasted on.
struct Sheet<'p> {
    plan: &'p Plan,
    width: usize,
    height: usize,
    to_points: Affine,
    /// Bytes a pixel: 1 until something that is not gray is pasted, then 3.
    channels: usize,
    pixels: Vec<u8>,
    drawn: usize,
    failed: bool,
}

/// Pixels of a picture, one or three bytes each.
struct Source<'s> {
    data: &'s [u8],
    width: usize,
    height: usize,
    channels: usize,
}

impl Sheet<'_> {
    /// Makes room for colours.
    fn color(&mut self) {
        if self.channels == 1 {
            self.channels = 3;
            self.pixels = self.pixels.iter().flat_map(|&v| [v; 3]).collect();
        }
    }

    /// Calls `put` with every sheet pixel the picture shows on, and the picture's pixel there; or with
    /// rows of both where the picture stands as the sheet does.
    fn each(
        &mut self,
        placed: &Placed,
        source: &Source<'_>,
        mut put: impl FnMut(&mut [u8], &[u8]),
    ) {
        // The decoded picture may be of another size than stated; it still fills the same place.
        let stretch = Affine::scale_non_uniform(
            f64::from(placed.width) / source.width as f64,
            f64::from(placed.height) / source.height as f64,
        );
        let back = (placed.transform * stretch).inverse() * self.to_points;
        let [a, b, ..] = back.as_coeffs();
        let lies = b.abs() > a.abs();
        let at = |x: usize, y: usize| back * Point::new(x as f64 + 0.5, y as f64 + 0.5);
        let index = |v: f64, n: usize| (v >= 0.0 && v < n as f64).then_some(v as usize);
        let shows = self.to_points.inverse().transform_rect_bbox(placed.shows);
        let (x0, x1) =
            (shows.x0.round().max(0.0) as usize, (shows.x1.round() as usize).min(self.width));
        let (y0, y1) =
            (shows.y0.round().max(0.0) as usize, (shows.y1.round() as usize).min(self.height));
        // Standing pictures take their column from x and their row from y; lying ones swap them.
        let step = source.channels;
        let columns: Vec<Option<usize>> = (x0..x1)
            .map(|x| {
                let p = at(x, y0);
                if lies {
                    index(p.y, source.height).map(|v| v * source.width * step)
                } else {
                    index(p.x, source.width).map(|v| v * step)
                }
            })
            .collect();
        let next = |c: &[Option<usize>]| c[0].is_some() && c[1] == c[0].map(|c| c + step);
        let straight = columns.windows(2).all(next);
        let run = if straight { columns.len() } else { 1 };
        for y in y0..y1 {
            let p = at(x0, y);
            let row = if lies {
                index(p.x, source.width).map(|v| v * step)
            } else {
                index(p.y, source.height).map(|v| v * source.width * step)
            };
            let Some(row) = row else { continue };
            let start = (y * self.width + x0) * self.channels;
            let target = &mut self.pixels[start..start + (x1 - x0) * self.channels];
            let runs = target.chunks_exact_mut(run.max(1) * self.channels);
            for (out, column) in runs.zip(columns.chunks(run.max(1))) {
                let there = |c| source.data.get(row + c..row + c + run * step);
                if let Some(from) = column[0].and_then(there) {
                    put(out, from);
                }
            }
        }
    }

    fn paste(&mut self, placed: &Placed, image: &ImageData) {
        let (data, channels) = match image {
            ImageData::Rgb(rgb) => (&rgb.data, 3),
            ImageData::Luma(luma) => (&luma.data, 1),
        };
        if channels == 3 {
            self.color();
        }
        let (width, height) = (image.width() as usize, image.height() as usize);
        self.each(placed, &Source { data, width, height, channels }, |out, from| {
            if out.len() == from.len() {
                out.copy_from_slice(from);
            } else {
                out.chunks_exact_mut(3).zip(from).for_each(|(rgb, grey)| rgb.fill(*grey));
            }
        });
    }

    fn stamp(&mut self, placed: &Placed, mask: &LumaData, paint: &Paint<'_>) {
        let Paint::Color(color) = paint else {
            self.failed = true;
            return;
        };
        let [r, g, b, alpha] = color.to_rgba().to_rgba8();
        if r != g || g != b {
            self.color();
        }
        let (width, height) = (mask.width as usize, mask.height as usize);
        let source = Source { data: &mask.data, width, height, channels: 1 };
        self.each(placed, &source, |out, from| {
            let each = out.len() / from.len();
            for (out, from) in out.chunks_exact_mut(each).zip(from) {
                let cover = u32::from(*from) * u32::from(alpha) / 255;
                for (o, c) in out.iter_mut().zip([r, g, b]) {
                    *o = ((u32::from(*o) * (255 - cover) + u32::from(c) * cover) / 255) as u8;
                }
            }
        });
    }
}

impl<'a> Device<'a> for Sheet<'_> {
    fn draw_image(&mut self, image: Image<'a, '_>, _: ImageDrawProps<'a>) {
        let order = self.drawn;
        self.drawn += 1;
        let plan = self.plan;
        let Some(placed) = plan.images.iter().find(|i| i.order == order) else { return };
        let mut decoded = false;
        match &image {
            Image::Raster(raster) => raster.with_rgba(
                |data, alpha| {
                    decoded = alpha.is_none();
                    self.paste(placed, &data);
                },
                None,
            ),
            Image::Stencil(stencil) => stencil.with_stencil(
                |mask, paint| {
                    decoded = true;
                    self.stamp(placed, &mask, paint);
                },
                None,
            ),
        }
        self.failed |= !decoded;
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn draw_rect(&mut self, _: &Rect, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_clip_rect(&mut self, _: &Rect) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
