//! Budgets: tables as a state's budget or a list of communes is set. Rows of one line follow each other closely,
//! are numbered on several levels, lack many cells, and stand in sections, whose headings have rows of their own.

use super::setting::Desk;
use super::tables::Kind;

/// How such a table is set.
pub(super) struct Budget {
    /// How many of the first columns number the rows, one of them in each row.
    levels: usize,
    /// Share of rows that are headings of sections.
    headed: f32,
    /// Share of rows without figures.
    bare: f32,
    /// Share of figures that are missing in the others.
    holes: f32,
}

impl Budget {
    /// What its columns hold: numbers, titles, and figures or a few words.
    pub(super) fn kinds(&self, columns: usize, desk: &mut Desk<'_>) -> Vec<Kind> {
        let kind = |c: usize| match c {
            c if c < self.levels => Kind::Count,
            c if c == self.levels => Kind::Long,
            _ if desk.chance(0.85) => Kind::Number,
            _ => Kind::Short,
        };
        (0..columns).map(kind).collect()
    }

    /// Which cells of a row hold something.
    pub(super) fn row(&self, columns: usize, desk: &mut Desk<'_>) -> Vec<bool> {
        let is_heading = desk.chance(self.headed);
        let bare = is_heading || desk.chance(self.bare);
        // A heading may have a number as well.
        let level = if self.levels == 0 || is_heading && desk.chance(0.7) {
            None
        } else {
            Some(desk.rng.usize(0..self.levels))
        };
        let holds = |c: usize| match c {
            c if c < self.levels => level == Some(c),
            c if c == self.levels => true,
            _ => !bare && !desk.chance(self.holes),
        };
        (0..columns).map(holds).collect()
    }
}

impl Desk<'_> {
    /// Whether and how a table of so many columns is set as a budget.
    pub(super) fn budget(&mut self, columns: usize) -> Option<Budget> {
        let share = self.kit.budgets;
        if share <= 0.0 || columns < 2 || !self.chance(share) {
            return None;
        }
        Some(Budget {
            levels: self.rng.usize(0..(columns - 1).clamp(1, 5)),
            headed: self.between(0.0, 0.3),
            bare: self.between(0.0, 0.3),
            holes: self.between(0.0, 0.5),
        })
    }
}
