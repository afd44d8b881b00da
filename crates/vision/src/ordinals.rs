//! Ordinals: the running numbers of a table's rows.
//!
//! A lone figure shows no headline and no neighbour, and in some faces it is read badly. Where the
//! other rows of its column are numbered one by one, what it must be is known: it is taken where the
//! reader does not deny it.

use khocr_document::Rect;
use khocr_khmer::{digits, labels};

use crate::beam::align;
use crate::decode::{Decode, Sign};
use crate::layout::{Grid, GridCell, Item};

/// So many rows that bear out a column's count tell of the others...
const FEWEST: usize = 4;
/// ...where they are this share of those with anything in them.
const SHARE: f32 = 0.7;
/// The number may be less likely than the likeliest reading by so much, as a logarithm.
const DENIED: f32 = 6.0;

/// A sign or two read less surely than this may be a number after all.
const SURE: f32 = 0.9;
const SHORT: usize = 2;

/// A cell that a number belongs in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gap {
    /// The cell.
    pub(crate) rect: Rect,
    /// The item that it holds, which was read as something else.
    pub(crate) holds: Option<usize>,
    /// The number, in the script of most others first.
    pub(crate) texts: [String; 2],
}

/// The cells of these tables that hold no number though the rows around them are numbered. `items` are what
/// their cells hold.
pub(crate) fn gaps(tables: &[Grid], items: &[Item]) -> Vec<Gap> {
    tables.iter().flat_map(|t| (0..t.columns).flat_map(|c| gaps_of(t, c, items))).collect()
}

fn gaps_of(table: &Grid, column: usize, items: &[Item]) -> Vec<Gap> {
    let own = || table.cells.iter().filter(|c| c.column == column && c.column_span == 1);
    let held = own().filter(|c| !c.lines.is_empty());
    let numbered: Vec<(usize, Option<(usize, bool)>)> = held
        .map(|c| match &c.lines.concat()[..] {
            [one] => (c.row, number(&items[*one].text())),
            _ => (c.row, None),
        })
        .collect();
    // How far a number is from its row, by most.
    let away = |(row, n): &(usize, Option<(usize, bool)>)| n.map(|n| n.0 as isize - *row as isize);
    let mut all: Vec<isize> = numbered.iter().filter_map(away).collect();
    all.sort_unstable();
    let Some(most) = all.chunk_by(|a, b| a == b).max_by_key(|c| c.len()) else {
        return Vec::new();
    };
    // The head's cell has no number.
    let filled = numbered.iter().filter(|n| n.0 > 0 || n.1.is_some()).count();
    if most.len() < FEWEST || (most.len() as f32) < SHARE * filled as f32 {
        return Vec::new();
    }
    let khmer = numbered.iter().filter(|n| n.1.is_some_and(|n| n.1)).count() * 2 > numbered.len();
    let gap = |c: &GridCell| {
        let holds = match &c.lines.concat()[..] {
            [] => None,
            [one] if is_doubtful(&items[*one]) => Some(*one),
            _ => return None,
        };
        let n = usize::try_from(c.row as isize + most[0]).ok().filter(|n| *n > 0)?.to_string();
        let texts =
            if khmer { [digits::to_khmer(&n), n] } else { [n.clone(), digits::to_khmer(&n)] };
        Some(Gap { rect: c.rect, holds, texts })
    };
    own().filter(|c| c.row_span == 1).filter_map(gap).collect()
}

/// Whether what was read may be a number after all.
fn is_doubtful(item: &Item) -> bool {
    let text = item.text();
    item.confidence < SURE && text.chars().count() <= SHORT && number(&text).is_none()
}

/// The number that a text is, and whether in Khmer digits.
fn number(text: &str) -> Option<(usize, bool)> {
    let text = text.trim_end_matches(['.', ')', '-', ' ']);
    let arabic = digits::to_arabic(text);
    let plain = !arabic.is_empty() && arabic.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| arabic.parse().ok().map(|n| (n, arabic != text))).flatten()
}

/// Decodes to one of these texts, the likeliest, or to nothing where what is seen denies them all.
pub(crate) struct Wanted<'a>(pub(crate) &'a [String]);

impl Decode for Wanted<'_> {
    fn decode(&self, values: &[f32], classes: usize) -> Vec<Sign> {
        let best: f32 = values
            .chunks_exact(classes)
            .map(|row| row.iter().copied().fold(f32::NEG_INFINITY, f32::max))
            .sum();
        let read = self.0.iter().filter_map(|text| {
            let signs: Vec<usize> = labels::encode(text)?.into_iter().map(usize::from).collect();
            align(&signs, values, classes)
        });
        let likeliest = read.max_by(|a, b| a.1.total_cmp(&b.1));
        likeliest.filter(|(_, score)| best - score < DENIED).map_or_else(Vec::new, |r| r.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::item;

    /// A column of cells that say so, nothing where the text is empty.
    fn table(texts: &[&str]) -> (Vec<Grid>, Vec<Item>) {
        let mut items = Vec::new();
        let mut cells = Vec::new();
        for (row, text) in texts.iter().enumerate() {
            let y = 40.0 * row as f32;
            let mut lines = Vec::new();
            if !text.is_empty() {
                let mut one = item(10.0, 30.0, y + 30.0);
                let (text, rect) = ((*text).to_owned(), one.rect);
                one.words.push(khocr_document::Word { text, rect, confidence: 1.0 });
                lines.push(vec![items.len()]);
                items.push(one);
            }
            let rect = Rect::new(0.0, y, 50.0, y + 40.0);
            cells.push(GridCell { row, column: 0, row_span: 1, column_span: 1, rect, lines });
        }
        let rect = Rect::new(0.0, 0.0, 50.0, 40.0 * texts.len() as f32);
        (vec![Grid { rect, rows: texts.len(), columns: 1, cells }], items)
    }

    fn found(texts: &[&str]) -> Vec<String> {
        let (tables, items) = table(texts);
        gaps(&tables, &items).into_iter().map(|g| g.texts[0].clone()).collect()
    }

    #[test]
    fn what_is_missing_among_running_numbers_is_known() {
        assert_eq!(found(&["ល.រ", "១", "២", "", "៤", "៥", "", "៧"]), ["៣", "៦"]);
        assert_eq!(found(&["No", "5.", "6.", "", "8.", "9."]), ["7"]);
        assert_eq!(found(&["", "1", "2", "3", "4"]), [""; 0]);
        // A sign read badly is asked about too.
        let (tables, mut items) = table(&["1", "2", "G", "4", "5", "long", "7"]);
        assert!(gaps(&tables, &items).is_empty());
        items.iter_mut().for_each(|i| i.confidence = 0.5);
        let gaps = gaps(&tables, &items);
        let told: Vec<_> = gaps.iter().map(|g| (g.texts[0].as_str(), g.holds)).collect();
        assert_eq!(told, [("3", Some(2))]);
    }

    #[test]
    fn other_columns_tell_nothing() {
        assert_eq!(found(&["No", "12", "", "7", "31", "2"]), [""; 0]);
        assert_eq!(found(&["No", "1", "", "3"]), [""; 0], "too few");
        assert_eq!(found(&["a", "1", "b", "3", "c", "5", "d", "7", "e", ""]), [""; 0]);
    }

    #[test]
    fn a_number_is_taken_unless_it_is_denied() {
        let of = labels::count();
        let class = |t: &str| usize::from(labels::encode(t).unwrap()[0]);
        let frames = |seen: &[(&str, f32)]| {
            let mut values = vec![-20.0; 3 * of];
            (0..3).for_each(|t| values[t * of] = if t == 1 { -3.0 } else { 0.0 });
            seen.iter().for_each(|(t, log)| values[of + class(t)] = *log);
            values
        };
        let wanted = ["4".to_owned(), "៤".to_owned()];
        let read = |values: &[f32]| {
            let signs = Wanted(&wanted).decode(values, of);
            signs.iter().map(|s| labels::text(s.class)).collect::<String>()
        };
        assert_eq!(read(&frames(&[("ន", 0.0), ("4", -2.0)])), "4");
        assert_eq!(read(&frames(&[("ន", 0.0), ("៤", -3.0), ("4", -5.0)])), "៤");
        assert_eq!(read(&frames(&[("ន", 0.0), ("4", -9.0)])), "");
    }
}
