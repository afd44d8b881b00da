//! The judge's figures: how far a recognised text is from the true one.
//!
//! The same normalisation and the same three distances as the project's `score.py`, so that figures
//! can be compared; `tests` holds values that script gave.

use unicode_normalization::UnicodeNormalization;

/// Lengths and errors of one or more pages; they add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Score {
    /// Characters of the truth, spaces left out.
    pub(crate) chars: usize,
    /// Edit distance over the page in reading order, spaces left out.
    pub(crate) errors: usize,
    /// Characters of the truth, each run of white space one.
    pub(crate) spaced_chars: usize,
    /// Edit distance with those spaces.
    pub(crate) spaced_errors: usize,
    /// Each line of the truth against the closest stretch of the guess.
    pub(crate) line_errors: usize,
}

impl Score {
    /// Scores one page.
    pub(crate) fn of(truth: &str, guess: &str) -> Self {
        let (truth, guess) = (normalise(truth), normalise(guess));
        let (spaced, guess_spaced) = (one_space(&truth), one_space(&guess));
        let (solid, guess_solid) = (without_space(&spaced), without_space(&guess_spaced));
        let ends = |c: char| matches!(c, '\n'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}');
        let lines = truth.split(ends).map(|l| closest(&without_space(l), &guess_solid));
        Self {
            chars: solid.len(),
            errors: distance(&solid, &guess_solid),
            spaced_chars: spaced.chars().count(),
            spaced_errors: distance(&chars(&spaced), &chars(&guess_spaced)),
            line_errors: lines.sum(),
        }
    }

    /// Character error rate in per cent.
    pub(crate) fn cer(&self) -> f64 {
        percent(self.errors, self.chars)
    }

    /// Character error rate with spaces, in per cent.
    pub(crate) fn cer_spaced(&self) -> f64 {
        percent(self.spaced_errors, self.spaced_chars)
    }

    /// Line error rate in per cent: reading order left out.
    pub(crate) fn line(&self) -> f64 {
        percent(self.line_errors, self.chars)
    }
}

impl std::ops::AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        self.chars += other.chars;
        self.errors += other.errors;
        self.spaced_chars += other.spaced_chars;
        self.spaced_errors += other.spaced_errors;
        self.line_errors += other.line_errors;
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn one_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The signs of a text, white space left out.
pub(crate) fn without_space(text: &str) -> Vec<char> {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

const COENG: char = '\u{17d2}';

fn is_base(c: char) -> bool {
    matches!(c, '\u{1780}'..='\u{17a2}' | '\u{17a5}'..='\u{17b3}')
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{17b6}'..='\u{17d1}' | '\u{17dd}')
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200b}'..='\u{200f}'
            | '\u{2060}'..='\u{2064}'
            | '\u{feff}'
            | '\u{ad}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{34f}'
            | '\u{17b4}'
            | '\u{17b5}'
    )
}

/// Text as it is compared: canonical cluster order, nothing invisible, and what prints alike the
/// same.
pub(crate) fn normalise(text: &str) -> String {
    let visible: Vec<char> = text.nfc().filter(|c| !is_invisible(*c)).collect();
    let mut ordered = String::with_capacity(text.len());
    let mut at = 0;
    while at < visible.len() {
        let end = if is_base(visible[at]) { at + 1 + marks_after(&visible[at + 1..]) } else { at };
        if end > at + 1 {
            ordered.push(visible[at]);
            cluster(&visible[at + 1..end], &mut ordered);
            at = end;
        } else {
            ordered.push(visible[at]);
            at += 1;
        }
    }
    // Coeng DA and coeng TA draw the same.
    let ordered = ordered.replace("\u{17d2}\u{178a}", "\u{17d2}\u{178f}");
    let mut folded = String::with_capacity(ordered.len());
    ordered.chars().for_each(|c| fold(c, &mut folded));
    short_leaders(&folded)
}

/// How many of the characters hang on the base before them.
fn marks_after(rest: &[char]) -> usize {
    let mut n = 0;
    while let Some(&c) = rest.get(n) {
        if c == COENG && rest.get(n + 1).is_some_and(|c| is_base(*c)) {
            n += 2;
        } else if is_mark(c) {
            n += 1;
        } else {
            break;
        }
    }
    n
}

/// The marks of one cluster in canonical order, with the vowels typed in two halves made whole.
fn cluster(marks: &[char], out: &mut String) {
    let mut units: Vec<(u8, String)> = Vec::new();
    let mut at = 0;
    while at < marks.len() {
        let len = if marks[at] == COENG && at + 1 < marks.len() { 2 } else { 1 };
        let unit = &marks[at..at + len];
        units.push((rank(unit), unit.iter().collect()));
        at += len;
    }
    units.sort_by_key(|(rank, _)| *rank);
    let text: Vec<char> = units.iter().flat_map(|(_, unit)| unit.chars()).collect();
    let text = merge(&text, '\u{17b8}', '\u{17be}');
    out.extend(merge(&text, '\u{17b6}', '\u{17c4}'));
}

/// Replaces E followed by `half`, with at most one U-like vowel between, by `whole` and that vowel.
fn merge(text: &[char], half: char, whole: char) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let between = text.get(at + 1).filter(|c| matches!(c, '\u{17bb}'..='\u{17bd}'));
        let skip = usize::from(between.is_some());
        if text[at] == '\u{17c1}' && text.get(at + 1 + skip) == Some(&half) {
            out.push(whole);
            out.extend(between);
            at += 2 + skip;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

/// Place of a unit in a cluster: robat, coeng, coeng RO, shifter, vowels, signs, final.
fn rank(unit: &[char]) -> u8 {
    if unit.len() == 2 {
        return if unit[1] == '\u{179a}' { 3 } else { 2 };
    }
    match unit[0] {
        '\u{17cc}' => 1,
        '\u{17c9}' | '\u{17ca}' => 5,
        '\u{17be}'..='\u{17c5}' => 6,
        '\u{17bb}'..='\u{17bd}' => 7,
        '\u{17b7}'..='\u{17ba}' => 8,
        '\u{17b6}' => 9,
        '\u{17c7}' | '\u{17c8}' => 11,
        _ => 10,
    }
}

fn fold(c: char, out: &mut String) {
    match c {
        '\u{17b2}' => out.push('\u{17b1}'),
        '\u{17d6}' | '\u{17c8}' | '\u{f7}' | '\u{ff1a}' => out.push(':'),
        '\u{17a3}' => out.push('\u{17a2}'),
        '–' | '—' | '‐' | '−' | '~' | '•' => out.push('-'),
        '“' | '”' | '„' | '«' | '»' => out.push('"'),
        '‘' | '’' | '`' => out.push('\''),
        '…' => out.push_str("..."),
        '\u{a0}' => out.push(' '),
        other => out.push(other),
    }
}

/// A dot leader of any length becomes three dots.
fn short_leaders(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(['.', '_']) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let len = rest.bytes().take_while(|b| matches!(b, b'.' | b'_')).count();
        out.push_str(if len >= 3 { "..." } else { &rest[..len] });
        rest = &rest[len..];
    }
    out.push_str(rest);
    out
}

/// Levenshtein distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let last = rows(a, b, |j| j);
    last[b.len()]
}

/// Smallest distance between the pattern and any stretch of the text (Sellers 1980).
fn closest(pattern: &[char], text: &[char]) -> usize {
    rows(pattern, text, |_| 0).into_iter().min().unwrap_or(0)
}

/// The last row of the table of distances between `a` and the beginnings of `b`, or the stretches
/// of `b` that end at each place, as the first row says.
fn rows(a: &[char], b: &[char], first: impl Fn(usize) -> usize) -> Vec<usize> {
    let mut row: Vec<usize> = (0..=b.len()).map(first).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_order_does_not_count() {
        // Shifter and vowel the wrong way round, a vowel in two halves, coeng RO before another coeng.
        assert_eq!(normalise("ប\u{17b8}\u{17ca}"), "ប\u{17ca}\u{17b8}");
        assert_eq!(normalise("ក\u{17c1}\u{17b8}ត"), "ក\u{17be}ត");
        assert_eq!(normalise("ក\u{17c1}\u{17bb}\u{17b6}"), "ក\u{17c4}\u{17bb}");
        assert_eq!(
            normalise("ស\u{17d2}\u{179a}\u{17d2}ត\u{17b8}"),
            "ស\u{17d2}ត\u{17d2}\u{179a}\u{17b8}"
        );
        assert_eq!(normalise("\u{17d2}ដ"), "\u{17d2}ត");
    }

    #[test]
    fn what_prints_alike_is_the_same() {
        assert_eq!(normalise("ក\u{17d6} «ខ» …… 1—2"), "ក: \"ខ\" ... 1-2");
        assert_eq!(normalise("ក\u{200b}ខ"), "កខ");
        assert_eq!(normalise("a..b____c"), "a..b...c");
    }

    #[test]
    fn distances() {
        let d = |a: &str, b: &str| distance(&chars(a), &chars(b));
        assert_eq!(d("kitten", "sitting"), 3);
        assert_eq!(d("", "abc"), 3);
        assert_eq!(d("abc", ""), 3);
        assert_eq!(closest(&chars("bcd"), &chars("xxabxdyy")), 1);
        assert_eq!(closest(&[], &chars("abc")), 0);
        assert_eq!(closest(&chars("abc"), &[]), 3);
    }

    #[test]
    fn order_counts_for_the_page_and_not_for_the_line() {
        let score = Score::of("one two\nthree", "three\none two");
        assert_eq!((score.chars, score.line_errors), (11, 0));
        assert!(score.errors > 0);
        let spaces = Score::of("ab cd", "abcd");
        assert_eq!((spaces.errors, spaces.spaced_errors, spaces.spaced_chars), (0, 1, 5));
    }

    /// Checked against score.py: the pair was given to it on the command line.
    #[test]
    fn the_script_gives_the_same() {
        let truth = "១. សេចក្តីថ្លែងការណ៍ស្ដីពីទឹក\nលេខ ០១២ …… e-mail: a@b.kh";
        let guess = "១. សេចក្ដីថែ្លងការណ៍ ស្តីពទឹក\nលេខ០១២ ......... email: a@b.kh។";
        let s = Score::of(truth, guess);
        assert_eq!([s.chars, s.errors, s.spaced_chars, s.spaced_errors, s.line_errors], EXPECTED);
    }

    const EXPECTED: [usize; 5] = [50, 3, 56, 5, 2];
}
