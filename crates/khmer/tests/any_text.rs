//! Whatever text comes, nothing panics, positions are sound and texts come back canonical.

use khocr_khmer::clusters::{Kind, clusters, units, well_formed};
use khocr_khmer::legacy::{self, Encoding};
use khocr_khmer::{canonical, judge, lookalikes, reorder, words};
use proptest::prelude::*;

/// Text of all sorts, Khmer and hostile Khmer most of all.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[\u{1780}-\u{17FF}\u{17D2}\u{17D2}\u{200B} ]{0,40}",
        "[\u{1780}-\u{17A2}\u{17B6}-\u{17C8}\u{17D2}]{0,40}",
        "[ -~\u{A0}-\u{FF}]{0,40}",
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn pieces_cover_the_text(text in text()) {
        let mut at = 0;
        for piece in clusters(&text) {
            prop_assert_eq!(piece.start, at);
            at += piece.text.len();
            prop_assert_eq!(units(piece.text).map(str::len).sum::<usize>(), piece.text.len());
            if piece.kind == Kind::Cluster && well_formed(piece.text) {
                prop_assert_eq!(canonical(piece.text), piece.text);
            }
        }
        prop_assert_eq!(at, text.len());
    }

    #[test]
    fn breaks_ascend_on_characters(text in text()) {
        let breaks = words::breaks(&text);
        prop_assert!(breaks.windows(2).all(|w| w[0] < w[1]), "{:?}", breaks);
        prop_assert!(breaks.iter().all(|&at| at > 0 && at < text.len() && text.is_char_boundary(at)));
        prop_assert_eq!(words::with_breaks(&text).chars().count(), text.chars().count() + breaks.len());
    }

    #[test]
    fn coverage_is_a_share(text in text()) {
        let share = words::coverage(&text);
        prop_assert!((0.0..=1.0).contains(&share));
        prop_assert!(words::log_probability(&text) <= 0.0);
    }

    #[test]
    fn verdicts_come_for_anything(text in text()) {
        let judgement = judge::judge(&text);
        prop_assert!(judgement.evidence.malformed <= judgement.evidence.clusters);
        prop_assert!(judgement.evidence.log_probability <= 0.0);
    }

    #[test]
    fn what_comes_back_is_canonical(text in text(), ro in any::<bool>()) {
        for out in [lookalikes::resolve(&text), reorder::from_visual(&text, ro)] {
            prop_assert_eq!(canonical(&out), out.as_str());
        }
        if let Some(out) = reorder::repair(&text) {
            prop_assert_eq!(judge::judge(&out).verdict, judge::Verdict::Good);
        }
    }

    #[test]
    fn any_text_may_be_called_legacy(text in text()) {
        for encoding in Encoding::ALL {
            let out = encoding.to_unicode(&text);
            prop_assert_eq!(canonical(&out), out.as_str());
            let _ = encoding.to_legacy(&text);
        }
        let _ = legacy::guess(&text);
        let _ = Encoding::from_font_name(&text);
    }
}
