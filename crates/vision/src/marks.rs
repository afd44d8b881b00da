//! Marks: what tells a table from columns of text, besides where its items stand.

use khocr_document::Rect;

use crate::field::Field;
use crate::rules::Rules;

/// What lines up is a table only where the finder sees at least so much of what parts the cells of one.
/// On 160 drawn pages it saw no more than 0.09 in prose that lined up, and 0.3 in tables.
const SEEN: f32 = 0.12;

/// What tells tables from columns of text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marks<'a> {
    /// The page's rules, level.
    pub(crate) rules: &'a Rules,
    /// What the finder sees of tables, if it looks for them.
    pub(crate) field: Option<&'a Field>,
    /// How many of the items are text; any after them stand for tables.
    pub(crate) texts: usize,
}

impl Marks<'_> {
    /// Whether what lines up in a box may be a table.
    pub(crate) fn allow(&self, rect: &Rect) -> bool {
        let seen = |f: &Field| f.table_in(rect.x0, rect.x1, rect.y0, rect.y1) >= SEEN;
        self.field.is_none_or(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::{Found, Maps};
    use crate::layout::{Level, Part, item};
    use crate::order::order;
    use crate::order::tests::flat;

    /// What a finder sees that finds gutters and partings this likely everywhere.
    fn field(likely: f32) -> Field {
        let (width, height) = (220, 160);
        let maps = vec![likely; width * height];
        let maps = Maps { width, height, gutters: maps.clone(), partings: maps, ..Maps::default() };
        Field::of(&Found { maps, cell: 4.0 }, &Level::of_slope(0.0)).unwrap()
    }

    #[test]
    fn columns_of_text_begin_below_rows_that_are_no_table() {
        // A running head, and three columns that stand level for some lines.
        let mut items = vec![item(600.0, 690.0, 0.0)];
        for column in 0..3 {
            for i in 0..20 {
                let short = if i < 6 { 130.0 - (i * 37 % 40) as f32 } else { 3.0 };
                let lag = if i < 6 { 0.0 } else { 8.0 * column as f32 };
                let x = 240.0 * column as f32;
                items.push(item(x, x + 215.0 - short, 40.0 + 25.0 * i as f32 + lag));
            }
        }
        let rules = Rules::default();
        let field = field(0.02);
        let marks = Marks { rules: &rules, field: Some(&field), texts: items.len() };
        let got = flat(&order(&items, Vec::new(), marks));
        assert_eq!(got, (0..61).collect::<Vec<_>>());
    }

    #[test]
    fn what_lines_up_where_the_finder_sees_no_table_is_none() {
        let mut items = Vec::new();
        for r in 0..25 {
            for c in 0..10 {
                let x = c as f32 * 80.0 + (r * 7 % 11) as f32;
                items.push(item(x, x + 30.0 + (r * c % 13) as f32, r as f32 * 24.0));
            }
        }
        let rules = Rules::default();
        let grids = |field: Option<&Field>| {
            let parts =
                order(&items, Vec::new(), Marks { rules: &rules, field, texts: items.len() });
            assert_eq!(flat(&parts), (0..250).collect::<Vec<_>>(), "row by row");
            parts.iter().filter(|p| matches!(p, Part::Grid(_))).count()
        };
        assert_eq!(grids(None), 1, "a finder that does not look for tables");
        assert_eq!([0.02, 0.3].map(|g| grids(Some(&field(g)))), [0, 1]);
    }
}
