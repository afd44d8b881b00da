//! Whether a page's text layer is the truth.

use khocr_document::PageSource;
use khocr_khmer::judge::{Reason, Verdict, decide, weigh};
use khocr_khmer::{lookalikes, reorder};
use khocr_pdf::NativePage;

use super::decode::{Decoded, Evidence, TextLine};

/// Share of the page that pictures cover from which the page is taken for a scan.
const SCAN: f32 = 0.4;

/// Characters of visible text that a scan's page number, running head or stamp may have.
const LITTLE: usize = 250;

/// Share that pictures cover, and characters beside them, of a page that is a picture's caption.
pub(crate) const PART: (f32, usize) = (0.08, 60);

/// Letter-like outlines that are more than an ornament.
const OUTLINES: u32 = 150;

/// Share of clusters that decoding a legacy text may leave malformed: its typists had no speller,
/// and its codes are certain all the same.
const LEGACY_SLIPS: f32 = 0.06;

/// What is to be done with the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// The layer is the text.
    Trust(PageSource),
    /// Nothing speaks against the layer, but it is too short to say much: its neighbours must.
    Short,
    /// The page must be read; the layer is good for some lines at most.
    Read(&'static str),
}

/// Judges a decoded layer. Text in visual order is set in order on the way, if that makes it right.
pub(crate) fn judge(page: &NativePage, decoded: &mut Decoded) -> Judgement {
    let total = decoded.total;
    let seen = total.text.characters;
    if seen == 0 {
        return Judgement::Read(match (total.hidden, total.unknown) {
            (0, 0) => "no text layer",
            (0, _) => "the layer does not tell its characters",
            _ => "the layer is hidden",
        });
    }
    if (page.image_cover >= SCAN && seen < LITTLE) || (page.image_cover >= PART.0 && seen < PART.1)
    {
        return Judgement::Read("a scan with a little text");
    }
    if page.outlines >= OUTLINES && page.outlines as usize * 2 > seen {
        return Judgement::Read("text drawn as outlines");
    }
    if total.hidden > seen {
        return Judgement::Read("the layer is hidden");
    }
    if total.unknown * 50 > seen + total.unknown {
        return Judgement::Read("the layer does not tell its characters");
    }
    if total.is_legacy() {
        return legacy(&total);
    }
    match decide(&total.text) {
        Verdict::Good => Judgement::Trust(PageSource::Native),
        Verdict::TooShort => Judgement::Short,
        Verdict::NotKhmer if is_language(decoded) => Judgement::Trust(PageSource::Native),
        Verdict::NotKhmer => Judgement::Read("the layer is in no known language"),
        Verdict::Broken(reason) => {
            if set_in_order(decoded) {
                return Judgement::Trust(PageSource::Native);
            }
            Judgement::Read(match reason {
                Reason::Impossible(_) => "the layer holds characters that cannot be",
                Reason::Malformed(_) => "the layer's clusters are malformed",
                Reason::NoSubscripts(_) => "the layer has lost its subscripts",
                Reason::UnknownWords(_) => "the layer's words are unknown",
            })
        }
    }
}

fn legacy(total: &Evidence) -> Judgement {
    let text = &total.text;
    let slips = text.malformed as f32 / text.clusters.max(1) as f32;
    match decide(text) {
        Verdict::Broken(Reason::Malformed(_)) if slips <= LEGACY_SLIPS => {}
        Verdict::Broken(Reason::Malformed(_)) => {
            return Judgement::Read("the layer's clusters are malformed");
        }
        Verdict::Broken(Reason::Impossible(_)) => {
            return Judgement::Read("the layer holds characters that cannot be");
        }
        Verdict::Broken(_) => return Judgement::Read("the layer's words are unknown"),
        _ => {}
    }
    Judgement::Trust(PageSource::Legacy)
}

/// Judges what a short page says together with its neighbours.
pub(crate) fn settle_short(own: &Evidence, around: &Evidence) -> Judgement {
    match decide(&own.with(*around).text) {
        Verdict::Good | Verdict::NotKhmer => Judgement::Trust(PageSource::Native),
        // A file of a title and a page number: nothing speaks against it but its brevity.
        Verdict::TooShort if own.text.impossible == 0 && own.text.malformed == 0 => {
            Judgement::Trust(PageSource::Native)
        }
        _ => Judgement::Read("the layers of the pages around it are wrong"),
    }
}

/// Sets lines that are in the order of the eye in the order of the spelling, when that makes the
/// page right; says whether it did.
fn set_in_order(decoded: &mut Decoded) -> bool {
    let native = |l: &TextLine| l.source == PageSource::Native;
    let attempt = |ro: bool| {
        let texts: Vec<String> = decoded
            .lines
            .iter()
            .filter(|l| native(l))
            .map(|l| reorder::from_visual(&l.text, ro))
            .collect();
        let sum = texts.iter().map(|t| weigh(t)).reduce(|a, b| a.with(b)).unwrap_or_default();
        (sum, texts)
    };
    let right = [attempt(true), attempt(false)]
        .into_iter()
        .filter(|(sum, _)| decide(sum) == Verdict::Good)
        .max_by(|a, b| a.0.log_probability.total_cmp(&b.0.log_probability));
    let Some((_, texts)) = right else { return false };
    for (line, text) in decoded.lines.iter_mut().filter(|l| native(l)).zip(texts) {
        line.set_text(text);
    }
    true
}

/// Whether text without Khmer reads like a language written in Latin letters: words of letters,
/// capitals at their heads or throughout. Legacy codes in an unknown encoding do not.
fn is_language(decoded: &Decoded) -> bool {
    let (mut sound, mut odd) = (0usize, 0usize);
    for word in decoded.lines.iter().flat_map(|l| l.text.split_whitespace()) {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        if letters < 3 {
            continue;
        }
        let vowel = |c: char| "aeiouyàâéèêëîïôùûäöüAEIOUY".contains(c);
        let plain = word.chars().all(|c| c.is_alphabetic() || "'’-./@_".contains(c));
        let capitals = word.chars().skip(1).filter(|c| c.is_uppercase()).count();
        let cased = capitals == 0 || capitals + 1 >= letters;
        if plain && cased && word.chars().any(vowel) { sound += 1 } else { odd += 1 }
    }
    sound > 2 * odd || sound + odd < 4
}

/// Whether one line can stand on its own merits beside text that is read.
pub(crate) fn line_is_sound(line: &TextLine) -> bool {
    let found = &line.evidence;
    found.unknown == 0 && found.text.impossible == 0 && found.text.malformed == 0
}

/// Sets look-alikes right by context in a trusted line, where its producer mixed them up.
pub(crate) fn polish(line: &mut TextLine) {
    if line.source == PageSource::Native && line.evidence.text.khmer_letters > 0 {
        let restored = lookalikes::restore_shifters(&line.text).into_owned();
        if restored != line.text {
            line.set_text(restored);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::order::tests::line;

    const GOOD: &str = "ក្មេងៗនាំគ្នាទៅរៀននៅសាលាក្បែរវត្ត ហើយត្រឡប់មកផ្ទះវិញពេលល្ងាច";

    fn judged(texts: &[&str], page: &NativePage) -> (Judgement, Decoded) {
        let mut decoded = Decoded::default();
        for text in texts {
            let mut line = line(text, 0.0, 100.0, 50.0);
            line.evidence.text = weigh(text);
            decoded.total = decoded.total.with(line.evidence);
            decoded.lines.push(line);
        }
        (judge(page, &mut decoded), decoded)
    }

    #[test]
    fn good_text_is_trusted_and_broken_text_is_not() {
        let page = NativePage::default();
        assert_eq!(judged(&[GOOD], &page).0, Judgement::Trust(PageSource::Native));
        let lost = GOOD.replace('\u{17D2}', "");
        assert!(matches!(judged(&[&lost, &lost], &page).0, Judgement::Read(_)));
    }

    #[test]
    fn little_text_over_a_scan_is_read() {
        let page = NativePage { image_cover: 0.9, ..NativePage::default() };
        assert_eq!(judged(&[GOOD], &page).0, Judgement::Read("a scan with a little text"));
    }

    #[test]
    fn english_is_a_language_and_limon_codes_are_not() {
        let page = NativePage::default();
        let english = "The committee adopted its report in October";
        assert_eq!(judged(&[english], &page).0, Judgement::Trust(PageSource::Native));
        let codes = "EdlsnñibatenH )anRbarBÞeFVIenAÉTI®kughav:aNa RbeTsKuy)a cab;BIéf¶TI";
        assert_eq!(judged(&[codes], &page).0, Judgement::Read("the layer is in no known language"));
    }

    #[test]
    fn text_in_the_order_of_the_eye_is_set_right() {
        let visual = "េលាកអ្នកនាំេគេទៅេធ្វីការេនៅកែន្លងេនាះ េហីយេគេសីចេលងេពញមួយៃថ្ង";
        let (said, decoded) = judged(&[visual], &NativePage::default());
        assert_eq!(said, Judgement::Trust(PageSource::Native));
        assert!(decoded.lines[0].text.starts_with("លោក"), "{}", decoded.lines[0].text);
    }

    #[test]
    fn a_short_page_is_judged_by_its_neighbours() {
        let own = Evidence { text: weigh("ទំព័រ ១"), ..Evidence::default() };
        let good = Evidence { text: weigh(&GOOD.repeat(3)), ..Evidence::default() };
        let bad = Evidence { text: weigh(&GOOD.repeat(3).replace('\u{17D2}', "")), ..good };
        assert_eq!(settle_short(&own, &good), Judgement::Trust(PageSource::Native));
        assert!(matches!(settle_short(&own, &bad), Judgement::Read(_)));
    }
}
