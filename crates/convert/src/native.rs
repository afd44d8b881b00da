//! Decides where a PDF page's text comes from.
//!
//! A text layer is a witness, not the truth. It is decoded (legacy fonts included), its evidence is
//! weighed, and only a layer that nothing speaks against becomes the page. Layers that nobody sees
//! on paper, such as those other tools lay under scans, are never trusted.

mod blocks;
mod compare;
mod decode;
mod figures;
mod mixed;
mod order;
mod tables;
mod verdict;

use khocr_document::{Page, PageSource};
use khocr_khmer::judge::weigh;
use khocr_pdf::NativePage;

use crate::ConvertError;
use crate::page::PdfPage;
use decode::{Decoded, Evidence, TextLine};
use verdict::Judgement;

/// What a page's text layer is worth.
#[derive(Clone, Debug, PartialEq)]
pub enum NativeVerdict {
    /// The layer is right: this is the page.
    Native(Page),
    /// The layer is right once its legacy encoding is turned into Unicode: this is the page.
    Legacy(Page),
    /// The page must be read, but these lines of the layer are right: a page number, a footer.
    Mixed {
        /// The lines to keep, in content order.
        lines: Vec<khocr_document::Line>,
        /// Why the rest must be read.
        reason: &'static str,
    },
    /// The page must be read.
    Read {
        /// Why, as a short stable phrase.
        reason: &'static str,
    },
}

/// Judges the text layer of page `number` (from 1) by itself.
#[must_use]
pub fn native_page(native: &NativePage, number: u32) -> NativeVerdict {
    judge(native, number, Evidence::default)
}

/// Judges a layer; `around` tells what the pages around it say, and is asked when it says too
/// little itself.
fn judge(native: &NativePage, number: u32, around: impl FnOnce() -> Evidence) -> NativeVerdict {
    let mut decoded = decode::decode(native);
    let judgement = match verdict::judge(native, &mut decoded) {
        Judgement::Short => verdict::settle_short(&decoded.total, &around()),
        judgement => judgement,
    };
    match judgement {
        Judgement::Trust(source) => {
            decoded.lines.iter_mut().for_each(verdict::polish);
            let page = lay_out(native, decoded, number, source);
            match source {
                PageSource::Legacy => NativeVerdict::Legacy(page),
                _ => NativeVerdict::Native(page),
            }
        }
        Judgement::Short => NativeVerdict::Read { reason: "the layer says too little" },
        Judgement::Read(reason) => {
            let lines = kept(native, decoded);
            if lines.is_empty() {
                NativeVerdict::Read { reason }
            } else {
                NativeVerdict::Mixed { lines, reason }
            }
        }
    }
}

/// What the layers of the pages next to `index` say together: up to two before and two after.
fn neighbours(page: &PdfPage<'_>) -> Evidence {
    let last = page.pdf.page_count().saturating_sub(1);
    let near = page.index.saturating_sub(2)..=page.index.saturating_add(2).min(last);
    near.filter(|i| *i != page.index)
        .filter_map(|i| page.pdf.native(i).ok())
        .map(|native| decode::decode(&native).total)
        .fold(Evidence::default(), Evidence::with)
}

/// The lines of a layer that are right on their own: page numbers printed over a scan, and what is
/// filled into a form's fields, which no picture shows.
fn kept(native: &NativePage, decoded: Decoded) -> Vec<khocr_document::Line> {
    let scan = native.image_cover >= verdict::PART.0;
    let numbers = |l: &TextLine| verdict::line_is_sound(l) && blocks::is_page_number(&l.text);
    let lines = decoded.lines.into_iter().filter(|l| l.is_field || (scan && numbers(l)));
    lines.map(blocks::finished).collect()
}

/// The page that a trusted layer makes.
fn lay_out(native: &NativePage, decoded: Decoded, number: u32, source: PageSource) -> Page {
    let (upright, turned): (Vec<_>, Vec<_>) = decoded.lines.into_iter().partition(|l| l.angle == 0);
    let mut blocks = Vec::new();
    let mut rest = upright;
    for grid in tables::grids(&native.rules) {
        let Some(table) = grid.fill(&mut rest) else { continue };
        // What stands above the table comes before it.
        let (before, after): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|l| (l.rect.y0 + l.rect.y1) / 2.0 < grid.rect.y0);
        rest = after;
        blocks.extend(blocks::blocks(order::regions(before), native.height));
        blocks.push(table);
    }
    blocks.extend(blocks::blocks(order::regions(rest), native.height));
    // Text that stands askew follows in the file's order.
    blocks.extend(turned.into_iter().map(blocks::lone));
    Page {
        number,
        width: native.width,
        height: native.height,
        rotation: 0,
        skew: 0.0,
        source,
        reason: Some(match source {
            PageSource::Legacy => "the layer is right, in a legacy encoding".to_owned(),
            _ => "the layer is right".to_owned(),
        }),
        confidence: None,
        blocks,
    }
}

/// A page whose layer nothing speaks against, compared with its picture where its words leave a
/// doubt, and with the text of its pictures added.
fn settled(page: &PdfPage<'_>, native: &NativePage, mut made: Page) -> Result<Page, ConvertError> {
    if made.source == PageSource::Native {
        let found = weigh(&made.text());
        if compare::is_doubtful(&found) && !compare::agrees(page, &made) {
            let mut read = page.read()?;
            read.reason = Some("the layer does not say what is printed".to_owned());
            return Ok(read);
        }
    }
    let pictures = figures::unread(native, &made);
    figures::read(page, &mut made, &pictures);
    Ok(made)
}

/// The page, from its text layer where that is right, else read.
pub(crate) fn choose(page: &PdfPage<'_>) -> Result<Page, ConvertError> {
    let native = match page.pdf.native(page.index) {
        Ok(native) => native,
        Err(error) if error.is_fatal() => return Err(error.into()),
        Err(error) => {
            tracing::debug!(page = page.number, %error, "the text layer cannot be had");
            let mut read = page.read()?;
            read.reason = Some("the layer cannot be had".to_owned());
            return Ok(read);
        }
    };
    match judge(&native, page.number, || neighbours(page)) {
        NativeVerdict::Native(made) | NativeVerdict::Legacy(made) => settled(page, &native, made),
        NativeVerdict::Mixed { lines, reason } => {
            let mut read = page.read()?;
            read.reason = Some(reason.to_owned());
            mixed::lay_in(&mut read, lines);
            Ok(read)
        }
        NativeVerdict::Read { reason } => {
            let mut read = page.read()?;
            read.reason = Some(reason.to_owned());
            Ok(read)
        }
    }
}

#[cfg(test)]
mod tests;
