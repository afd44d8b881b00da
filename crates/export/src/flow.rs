//! Lines of a block put back together into the paragraph they were broken from.

use khocr_document::{Alignment, Block, BlockKind, Line};

/// A line that leaves this share of its block's width free ends there on purpose.
const SHORT: f32 = 0.6;

/// The paragraph's text, in pieces that stand on lines of their own.
///
/// Khmer goes on without a space across a line's end, since Khmer spaces part phrases and not
/// words; anything else with one. A Latin word parted by a hyphen is made whole. Lines of centred
/// and right-aligned blocks stay lines, and so does one whose end was meant: it has a leader, or the
/// next line's first word would have fitted on it.
pub(crate) fn paragraph(block: &Block) -> Vec<String> {
    join(&block.lines, |line, next| ends_itself(block, line, next))
}

/// The text of a table cell's lines as one paragraph.
pub(crate) fn cell(lines: &[Line]) -> String {
    join(lines, |_, _| false).concat()
}

fn join(lines: &[Line], ends: impl Fn(&Line, &Line) -> bool) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut before: Option<&Line> = None;
    for line in lines {
        let text = line.text.trim();
        if text.is_empty() {
            continue;
        }
        match out.last_mut() {
            Some(last) if before.is_some_and(|b| !ends(b, line)) => append(last, text),
            _ => out.push(text.to_owned()),
        }
        before = Some(line);
    }
    out
}

/// Whether the line's end is meant.
fn ends_itself(block: &Block, line: &Line, next: &Line) -> bool {
    let set = matches!(block.alignment, Alignment::Center | Alignment::Right);
    let heading = matches!(block.kind, BlockKind::Heading { .. });
    let free = block.rect.x1 - line.rect.x1;
    set || heading
        || line.has_leader()
        || free > SHORT * block.rect.width().max(1.0)
        || free > 1.2 * first_word(next)
}

/// Width of the line's first word, the space after it included; without boxes of words, its share
/// of the line by characters.
fn first_word(line: &Line) -> f32 {
    if let [first, second, ..] = line.words.as_slice() {
        return second.rect.x0 - first.rect.x0;
    }
    let count = |text: &str| text.chars().count() as f32;
    let first = line.text.split(' ').next().unwrap_or_default();
    line.rect.width() * count(first) / count(&line.text).max(1.0)
}

/// Appends the next line to a paragraph.
fn append(paragraph: &mut String, next: &str) {
    let (Some(last), Some(first)) = (paragraph.chars().next_back(), next.chars().next()) else {
        paragraph.push_str(next);
        return;
    };
    if is_khmer_letter(last) && is_khmer_letter(first) {
        paragraph.push_str(next);
    } else if first.is_ascii_lowercase() && is_broken_word(paragraph) {
        paragraph.pop();
        paragraph.push_str(next);
    } else {
        paragraph.push(' ');
        paragraph.push_str(next);
    }
}

/// Whether the text ends in a hyphen after at least two letters, as a parted word does and a range
/// or a name with an initial does not.
fn is_broken_word(text: &str) -> bool {
    let mut back = text.chars().rev();
    let hyphen = matches!(back.next(), Some('-' | '\u{2010}'));
    hyphen && back.take(2).filter(char::is_ascii_lowercase).count() == 2
}

/// Letters and marks of Khmer; not its digits, punctuation and currency, which keep their spaces.
pub(crate) fn is_khmer_letter(c: char) -> bool {
    matches!(c, '\u{1780}'..='\u{17d3}' | '\u{17dc}' | '\u{17dd}')
}

/// Whether a character belongs to the Khmer script, digits and punctuation included.
pub(crate) fn is_khmer(c: char) -> bool {
    matches!(c, '\u{1780}'..='\u{17ff}' | '\u{19e0}'..='\u{19ff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{block, letter};
    use khocr_document::Rect;

    fn joined(alignment: Alignment, lines: &[&str]) -> Vec<String> {
        paragraph(&block(BlockKind::Paragraph, alignment, 0.0, lines))
    }

    #[test]
    fn khmer_goes_on_without_a_space_and_latin_with_one() {
        assert_eq!(joined(Alignment::Left, &["ភាសា", "ខ្មែរ"]), ["ភាសាខ្មែរ"]);
        assert_eq!(joined(Alignment::Left, &["one", "two"]), ["one two"]);
        assert_eq!(joined(Alignment::Left, &["ឆ្នាំ", "2024"]), ["ឆ្នាំ 2024"]);
        assert_eq!(joined(Alignment::Left, &["ចប់។", "បន្ត"]), ["ចប់។ បន្ត"]);
    }

    #[test]
    fn a_parted_word_is_made_whole() {
        assert_eq!(
            joined(Alignment::Justify, &["the informa-", "tion here"]),
            ["the information here"]
        );
        assert_eq!(joined(Alignment::Justify, &["pages 1-", "9"]), ["pages 1- 9"]);
    }

    #[test]
    fn meant_line_ends_stay() {
        assert_eq!(joined(Alignment::Center, &["ជាតិ", "សាសនា"]), ["ជាតិ", "សាសនា"]);
        let mut short = block(BlockKind::Paragraph, Alignment::Left, 0.0, &["ក", "ខ", "គ"]);
        short.lines[0].rect = Rect::new(72.0, 0.0, 200.0, 15.0);
        assert_eq!(paragraph(&short), ["ក", "ខគ"]);
        let mut ragged = block(BlockKind::Paragraph, Alignment::Left, 0.0, &["ក ខ", "គគគគ ឃ", "ង"]);
        ragged.lines[0].rect.x1 = 400.0;
        assert_eq!(paragraph(&ragged), ["ក ខគគគគ ឃង"], "the next word did not fit");
        ragged.lines[1].words[1].rect.x0 = 100.0;
        assert_eq!(paragraph(&ragged), ["ក ខ", "គគគគ ឃង"], "it would have fitted");
        let entries = ["ក ........... ១", "ខ ........... ២"];
        assert_eq!(joined(Alignment::Justify, &entries), entries);
    }

    #[test]
    fn the_sample_letter_flows() {
        let document = letter();
        let text = paragraph(&document.pages[0].blocks[1]);
        assert_eq!(text.len(), 1);
        assert!(text[0].contains("ភូមិទាំងអស់"), "{}", text[0]);
    }
}
