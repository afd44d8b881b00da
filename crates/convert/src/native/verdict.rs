//! Whether a page's text layer is the truth.

use khocr_document::PageSource;
use khocr_pdf::NativePage;

use super::decode::{Decoded, Evidence, TextLine};

/// Share of the page that pictures cover from which the page is taken for a scan.
pub(crate) const SCAN: f32 = 0.4;

/// Characters of visible text that a scan's page number, running head or stamp may have.
const LITTLE: usize = 250;

/// Letter-like outlines that are more than an ornament.
const OUTLINES: u32 = 150;

/// Khmer characters from which shares mean something.
const ENOUGH: usize = 40;

/// What is to be done with the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// The layer is the text.
    Trust(PageSource),
    /// The page must be read; the layer is good for some lines at most.
    Read(&'static str),
}

/// Judges a decoded layer.
pub(crate) fn judge(page: &NativePage, decoded: &Decoded) -> Judgement {
    let total = &decoded.total;
    let seen: usize = decoded.lines.iter().map(|l| l.evidence.chars).sum();
    if seen == 0 {
        return Judgement::Read(match (total.hidden, total.unknown) {
            (0, 0) => "no text layer",
            (0, _) => "the layer does not tell its characters",
            _ => "the layer is hidden",
        });
    }
    if page.image_cover >= SCAN && seen < LITTLE {
        return Judgement::Read("a scan with a little text");
    }
    if page.outlines >= OUTLINES && (page.outlines as usize) * 2 > seen {
        return Judgement::Read("text drawn as outlines");
    }
    if total.hidden > seen {
        return Judgement::Read("the layer is hidden");
    }
    if let Some(reason) = fault(total) {
        return Judgement::Read(reason);
    }
    let legacy = total.legacy * 2 > total.chars.max(1);
    Judgement::Trust(if legacy { PageSource::Legacy } else { PageSource::Native })
}

/// What is wrong with a text, if anything.
fn fault(found: &Evidence) -> Option<&'static str> {
    let share = |part: usize, of: usize| part as f32 / of.max(1) as f32;
    if share(found.unknown, found.chars + found.unknown) > 0.02 {
        return Some("the layer does not tell its characters");
    }
    if share(found.impossible, found.chars) > 0.003 {
        return Some("the layer holds characters that cannot be");
    }
    if found.khmer < ENOUGH {
        return None;
    }
    if share(found.malformed, found.clusters) > 0.012 {
        return Some("the layer's clusters are malformed");
    }
    // Right Khmer has about one coeng in ten characters; lists of names and figures have fewer.
    let floor = if found.khmer > 300 { 0.045 } else { 0.015 };
    if share(found.coengs, found.khmer) < floor {
        return Some("the layer has lost its subscripts");
    }
    None
}

/// Whether one line can stand on its own merits beside text that is read.
pub(crate) fn line_is_sound(line: &TextLine) -> bool {
    let found = &line.evidence;
    found.unknown == 0 && found.impossible == 0 && found.malformed == 0 && found.chars > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(khmer: usize, malformed: usize, coengs: usize) -> Evidence {
        let clusters = khmer / 2;
        Evidence { chars: khmer, khmer, clusters, malformed, coengs, ..Evidence::default() }
    }

    #[test]
    fn good_khmer_has_no_fault() {
        assert_eq!(fault(&found(1_000, 1, 100)), None);
    }

    #[test]
    fn lost_subscripts_and_broken_clusters_are_faults() {
        assert_eq!(fault(&found(1_000, 0, 3)), Some("the layer has lost its subscripts"));
        assert_eq!(fault(&found(1_000, 30, 100)), Some("the layer's clusters are malformed"));
    }

    #[test]
    fn a_short_line_is_not_condemned_by_shares() {
        assert_eq!(fault(&found(20, 0, 0)), None);
    }
}
