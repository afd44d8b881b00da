//! Is this real Khmer? What a text layer says of itself, before anything is read from the picture.
//!
//! Four witnesses: characters that no text holds, clusters that no spelling allows, the share of COENG
//! (about one Khmer character in ten, near none where a font's map lost it), and words. The thresholds
//! were set on 840,000 good lines and on the layers of broken PDFs: good running text has 0.004 % of
//! malformed clusters and -1.6 nats a letter under the word model, broken layers 5 to 10 % and -4 to -10.

use std::fmt;

use crate::chars::{Class, is_impossible, is_khmer};
use crate::clusters::{Kind, clusters};
use crate::words::Model;
use crate::{canonical, lookalikes};

/// Letters below which a text is too short to be judged by its words.
const FEW_LETTERS: usize = 12;

/// What was counted in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Characters that are no space.
    pub characters: usize,
    /// Those of them that no true text holds: unassigned, private, replacement, control.
    pub impossible: usize,
    /// Letters and marks of Khmer.
    pub khmer_letters: usize,
    /// Letters of other scripts.
    pub other_letters: usize,
    /// Clusters of Khmer, orphaned marks included.
    pub clusters: usize,
    /// Clusters that no spelling allows.
    pub malformed: usize,
    /// COENG signs.
    pub coengs: usize,
    /// Share of the Khmer letters that belong to known words, 0..=1.
    pub coverage: f32,
    /// Natural logarithm of the text's probability, a Khmer letter; 0 without letters.
    pub log_probability: f32,
}

/// Why a text is not taken for real.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// Characters that no text holds; their share.
    Impossible(f32),
    /// Clusters that no spelling allows; their share.
    Malformed(f32),
    /// Hardly a COENG; its share of the Khmer letters.
    NoSubscripts(f32),
    /// Too few known words; the share of letters in known ones.
    UnknownWords(f32),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (share, what) = match *self {
            Self::Impossible(share) => (share, "of the characters are impossible"),
            Self::Malformed(share) => (share, "of the clusters are malformed"),
            Self::NoSubscripts(share) => {
                (share, "of the letters are subscript signs, where a tenth is usual")
            }
            Self::UnknownWords(share) => (share, "of the letters are in known words"),
        };
        write!(f, "{:.1} % {what}", 100.0 * share)
    }
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// Khmer that makes sense.
    Good,
    /// Khmer characters that make no sense.
    Broken(Reason),
    /// Text without Khmer, be it another language, a legacy encoding or noise.
    NotKhmer,
    /// Too few letters to tell.
    TooShort,
}

/// A verdict and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// What the text is.
    pub verdict: Verdict,
    /// What was counted.
    pub evidence: Evidence,
}

/// Counts what can be counted in a text of any length: a line, a region, a page.
pub fn weigh(text: &str) -> Evidence {
    let mut evidence = Evidence::default();
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        evidence.characters += 1;
        evidence.impossible += usize::from(is_impossible(c));
        match Class::of(c) {
            class if class.is_base() || class.is_mark() => evidence.khmer_letters += 1,
            Class::Coeng => {
                evidence.khmer_letters += 1;
                evidence.coengs += 1;
            }
            _ if !is_khmer(c) && c.is_alphabetic() => evidence.other_letters += 1,
            _ => {}
        }
    }
    if evidence.khmer_letters == 0 {
        return evidence;
    }
    // the order of marks is repaired on the way, so it is no fault here
    let text = canonical(text);
    let text = lookalikes::restore_shifters(&text);
    for piece in clusters(&text).filter(|p| p.kind != Kind::Other) {
        evidence.clusters += 1;
        evidence.malformed += usize::from(!piece.is_well_formed());
    }
    let coverage = Model::embedded().measure(&text);
    evidence.coverage = coverage.share();
    evidence.log_probability = (coverage.log_probability / coverage.letters.max(1) as f64) as f32;
    evidence
}

/// Judges a text of any length.
pub fn judge(text: &str) -> Judgement {
    let evidence = weigh(text);
    Judgement { verdict: decide(&evidence), evidence }
}

/// The verdict that counts lead to; add up the counts of lines to judge a page.
pub fn decide(e: &Evidence) -> Verdict {
    let share = |part: usize, whole: usize| part as f32 / whole.max(1) as f32;
    let impossible = share(e.impossible, e.characters);
    if impossible > 0.005 {
        return Verdict::Broken(Reason::Impossible(impossible));
    }
    if e.khmer_letters < FEW_LETTERS {
        return if e.other_letters >= FEW_LETTERS { Verdict::NotKhmer } else { Verdict::TooShort };
    }
    // one slip of the typist is no verdict on a line
    let malformed = share(e.malformed, e.clusters);
    if malformed > 0.05 || (e.malformed >= 2 && malformed > 0.01) {
        return Verdict::Broken(Reason::Malformed(malformed));
    }
    // the shorter the text, the wider a good one strays
    let strays = 1.0 / (e.khmer_letters as f32).sqrt();
    let coengs = share(e.coengs, e.khmer_letters);
    if e.khmer_letters >= 30 && coengs < 0.02 && e.log_probability < -2.0 - 4.0 * strays {
        return Verdict::Broken(Reason::NoSubscripts(coengs));
    }
    if e.coverage < 0.9 - 1.3 * strays || e.log_probability < -3.0 - 6.0 * strays {
        return Verdict::Broken(Reason::UnknownWords(e.coverage));
    }
    Verdict::Good
}

impl Evidence {
    /// The counts of two texts together, the shares weighted by their letters.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let (a, b) = (self.khmer_letters as f32, other.khmer_letters as f32);
        let mean = |x: f32, y: f32| if a + b > 0.0 { (x * a + y * b) / (a + b) } else { 0.0 };
        Self {
            characters: self.characters + other.characters,
            impossible: self.impossible + other.impossible,
            khmer_letters: self.khmer_letters + other.khmer_letters,
            other_letters: self.other_letters + other.other_letters,
            clusters: self.clusters + other.clusters,
            malformed: self.malformed + other.malformed,
            coengs: self.coengs + other.coengs,
            coverage: mean(self.coverage, other.coverage),
            log_probability: mean(self.log_probability, other.log_probability),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "យើងខ្ញុំសូមជម្រាបជូនលោកអ្នកថា សំណើរបស់លោកអ្នកត្រូវបានទទួលរួចហើយ";

    #[test]
    fn real_khmer_is_good() {
        assert_eq!(judge(GOOD).verdict, Verdict::Good);
        assert_eq!(judge("ព្រះរាជាណាចក្រកម្ពុជា").verdict, Verdict::Good);
        // order is no fault
        assert_eq!(judge("ក្រសួងអប់រំ យុវជន និងកីឡា ស្រី្ត").verdict, Verdict::Good);
    }

    #[test]
    fn lost_subscripts_are_found() {
        let lost = GOOD.replace('\u{17D2}', "");
        assert!(matches!(judge(&lost).verdict, Verdict::Broken(Reason::NoSubscripts(_))));
        assert!(matches!(judge(&lost.repeat(3)).verdict, Verdict::Broken(_)));
    }

    #[test]
    fn impossible_and_malformed_are_found() {
        let private = GOOD.replace('ា', "\u{F0B6}");
        assert!(matches!(judge(&private).verdict, Verdict::Broken(Reason::Impossible(_))));
        let scrambled: String = GOOD.chars().map(|c| if c == 'ន' { 'ា' } else { c }).collect();
        assert!(matches!(judge(&scrambled).verdict, Verdict::Broken(Reason::Malformed(_))));
    }

    #[test]
    fn what_is_no_khmer_is_not_judged_by_it() {
        assert_eq!(judge("The quick brown fox").verdict, Verdict::NotKhmer);
        assert_eq!(judge("១២").verdict, Verdict::TooShort);
        assert_eq!(judge("").verdict, Verdict::TooShort);
        assert_eq!(judge("RBHraCaNacRkkm<úCa CatisasnaRBHmhakSRt").verdict, Verdict::NotKhmer);
    }

    #[test]
    fn lines_add_up_to_a_page() {
        let lines = [GOOD, "ទំព័រ ១", "english words"];
        let page = lines.iter().map(|l| weigh(l)).fold(Evidence::default(), Evidence::with);
        assert_eq!(decide(&page), Verdict::Good);
        assert_eq!(page.characters, lines.concat().chars().filter(|c| *c != ' ').count());
    }

    #[test]
    fn reasons_read_well() {
        assert_eq!(Reason::Malformed(0.071).to_string(), "7.1 % of the clusters are malformed");
    }
}
