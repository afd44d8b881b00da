//! Drawing a page.

use hayro::hayro_interpret::TransformExt;
use hayro::kurbo::Affine;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderSettings, render_into};

use crate::desk::Desk;
use crate::picture::true_dpi;
use crate::survey::{Placed, Survey};
use crate::{PagePicture, PdfError, PictureOrigin};

/// Pixels the long side of a drawn page may have.
const LONGEST: f64 = 3_500.0;

/// Share of the page from which a picture on it decides the resolution.
const LARGE: f64 = 0.25;

/// Draws a page on white at about `dpi`.
pub(crate) fn draw(
    desk: &Desk<'_>,
    index: u32,
    survey: &Survey,
    dpi: f32,
) -> Result<PagePicture, PdfError> {
    let page = desk.page(index)?;
    let (w, h) = (survey.page.width(), survey.page.height());
    let wanted = pixels_a_point(survey, f64::from(dpi));
    let room = (desk.limits.max_pixels as f64 / (w * h).max(1.0)).sqrt();
    let scale = wanted.min(room).max(1.0 / w.max(h));
    let width = (w * scale).round().clamp(1.0, f64::from(u16::MAX)) as u16;
    let height = (h * scale).round().clamp(1.0, f64::from(u16::MAX)) as u16;

    let mut context = RenderContext::new(width, height);
    let upright = Affine::scale(scale) * page.initial_transform(true).to_kurbo();
    let style = RenderSettings { hinting: false, ..RenderSettings::default() };
    render_into(page, &desk.render, &desk.settings, &style, &mut context, upright);
    context.flush();
    let mut pixmap = Pixmap::new(width, height);
    let target = RasterizerSettings { target_init: TargetInit::Clear(WHITE), ..Default::default() };
    context.render_with(&mut pixmap, &mut Resources::default(), target);

    let rgba = pixmap.data_as_u8_slice();
    let pixels = rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
    let step = (1.0 / scale) as f32;
    Ok(PagePicture {
        width: width.into(),
        height: height.into(),
        pixels,
        dpi: true_dpi(scale, w.max(h)),
        origin: PictureOrigin::Rendered,
        matrix: [step, 0.0, 0.0, step, 0.0, 0.0],
    })
}

/// The resolution to draw at: that of the large pictures on the page, so that they are neither
/// blurred nor blown up; else the one asked for.
fn pixels_a_point(survey: &Survey, dpi: f64) -> f64 {
    let long = survey.page.width().max(survey.page.height()).max(1.0);
    let area = survey.page.area().max(1.0);
    let large = survey.images.iter().filter(|i| i.shows.area() >= LARGE * area);
    let stored = large.map(Placed::fineness).fold(0.0, f64::max);
    let asked = if dpi.is_finite() && dpi > 0.0 { dpi / 72.0 } else { 200.0 / 72.0 };
    // A page of many small strips still says its resolution; text over a coarse background does
    // not want it, so a stored resolution never lowers the one asked for below a plain page's.
    let floor = asked.min(1_600.0 / long);
    let wanted = if stored > 0.0 { stored.max(floor) } else { asked };
    wanted.min(LONGEST / long)
}
