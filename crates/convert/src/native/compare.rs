//! A sample of a layer's lines, read from the picture and compared: for layers that look right and
//! might not be, such as maps that give wrong letters.

use khocr_document::{Page, Rect};
use khocr_khmer::judge::Evidence;

use crate::page::PdfPage;

/// Share of letters in known words from which a layer needs no second witness.
const SURE: f32 = 0.93;

/// Lines compared.
const LINES: usize = 2;

/// Characters a line must have to be compared.
const LONG: usize = 12;

/// Edits a character beyond which a line and its reading are two different texts. Of 86 long lines
/// of right layers of six producers the reader had a median of 0.01 and a worst of 0.064; a map that
/// exchanges a few common letters is beyond this.
const FOREIGN: f32 = 0.15;

/// Whether a layer with this evidence should be compared with the picture.
pub(crate) fn is_doubtful(found: &Evidence) -> bool {
    found.khmer_letters >= 60 && found.coverage < SURE
}

/// Whether the layer's page says what is printed, by the longest of its lines; a page that cannot
/// be read does not speak against it.
pub(crate) fn agrees(page: &PdfPage<'_>, layer: &Page) -> bool {
    let mut lines: Vec<_> = layer.lines().filter(|l| plain(&l.text).len() >= LONG).collect();
    lines.sort_by_key(|l| std::cmp::Reverse(l.text.len()));
    let (mut wrong, mut compared) = (0, 0);
    for line in lines.into_iter().take(LINES) {
        let Ok(read) = page.read_region(grown(line.rect)) else { continue };
        let text: String = read.lines().map(|l| l.text.as_str()).collect();
        if text.is_empty() {
            continue;
        }
        compared += 1;
        wrong += usize::from(are_foreign(&line.text, &text));
    }
    compared == 0 || wrong < compared
}

/// Whether a line and its reading are two different texts.
fn are_foreign(line: &str, reading: &str) -> bool {
    let (own, other) = (plain(line), plain(reading));
    distance(&own, &other) as f32 > FOREIGN * own.len() as f32
}

/// A little more than a line's ink, so that the reader sees its edges.
fn grown(rect: Rect) -> Rect {
    Rect::new(rect.x0 - 4.0, rect.y0 - 3.0, rect.x1 + 4.0, rect.y1 + 3.0)
}

/// The characters of a text, those that print alike made the same.
fn plain(text: &str) -> Vec<char> {
    let text = khocr_khmer::lookalikes::fold(&khocr_khmer::canonical(text));
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Edits between two texts.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let kept = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = kept.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        let chars = |t: &str| t.chars().collect::<Vec<_>>();
        assert_eq!(distance(&chars("kitten"), &chars("sitting")), 3);
        assert_eq!(distance(&chars(""), &chars("abc")), 3);
    }

    #[test]
    fn slips_of_the_reader_are_forgiven_and_exchanged_letters_are_not() {
        let line = "នៅពេលថ្ងៃត្រង់ ពួកគេញ៉ាំបាយក្រោមដើមស្វាយធំមួយ ហើយនិយាយរឿងព្រេង";
        let slips = line.replace("ញ៉ាំ", "ញាំ").replace("ព្រេង", "ព្រែង").replace(' ', "");
        assert!(!are_foreign(line, &slips));
        // Two common letters in each other's place: a map that lies.
        let swap = |c| match c {
            'រ' => 'យ',
            'យ' => 'រ',
            'ម' => 'ន',
            'ន' => 'ម',
            c => c,
        };
        assert!(are_foreign(&line.chars().map(swap).collect::<String>(), line));
    }

    #[test]
    fn only_unsure_pages_of_some_length_are_doubtful() {
        let found =
            |khmer_letters, coverage| Evidence { khmer_letters, coverage, ..Evidence::default() };
        assert!(is_doubtful(&found(500, 0.85)));
        assert!(!is_doubtful(&found(500, 0.97)) && !is_doubtful(&found(20, 0.5)));
    }
}
