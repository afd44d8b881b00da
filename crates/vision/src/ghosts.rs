//! Ghosts: print of the sheet's back that shows through the paper.
//!
//! It is paler than the page's own print, and mirrored. Letters tell the two apart where the line is
//! read again as a mirror shows it; dots of leaders and dashes look the same from both sides, and
//! are what most of the page's pale lines are.

use crate::evidence::Evidence;

/// Ink below this, in that of the page's sure lines, is pale.
const PALE: f32 = 0.52;
/// Pale lines read no better than this are ghosts, unless the page's own print is pale.
const UNREAD: f32 = 0.6;
/// Share of a page's lines above which pale ones are its print, and the sure ones its headings.
const MOSTLY: f32 = 0.55;
/// So many pale lines that can be read, and a fifth as many as cannot, say that the others are print.
const READ: usize = 3;
/// A pale line with so many letters tells, read both ways, which side it was printed on.
const TELLING: usize = 3;
/// So many letters of such lines, twice as many as say otherwise, say that pale ones are the page's.
const SAYING: usize = 30;
/// By so much must it be read more surely one way than the other.
const CLEARLY: f32 = 0.03;
/// Ghosts are at most so much darker than the darkest that was known as one.
const DARKER: f32 = 1.25;

/// How a page's print looks: what its pale lines are held against.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Print {
    /// Contrast of its surely read lines; 0 where there are too few of them.
    ink: f32,
    /// Whose the pale lines are.
    pale: Pale,
}

/// Whose the pale lines of a page are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Pale {
    /// The page's, as far as they can be read.
    #[default]
    AsRead,
    /// The page's.
    Own,
    /// The sheet's back, where they are no darker than this.
    Back(f32),
}

impl Print {
    /// That of a page with these lines, each with its strokes' contrast, and sets their ink.
    pub(crate) fn of(lines: &mut [&mut (Evidence, f32)]) -> Self {
        let mut sure: Vec<f32> = lines.iter().filter(|l| l.0.is_sure()).map(|l| l.1).collect();
        sure.sort_by(f32::total_cmp);
        let ink = if sure.len() < 3 { 0.0 } else { sure[sure.len() / 2] };
        let print = Self { ink, pale: Pale::AsRead };
        print.set(lines);
        print
    }

    /// Learns from how surely the telling ones among the pale lines are read as they are and as a
    /// mirror shows them, and judges all lines.
    pub(crate) fn judge(&mut self, lines: &mut [&mut (Evidence, f32)]) {
        let (mut for_own, mut for_back, mut darkest) = (0, 0, 0.0f32);
        for e in lines.iter().map(|l| &l.0).filter(|e| is_telling(e)) {
            if e.confidence > e.mirrored + CLEARLY {
                for_own += e.letters;
            } else if e.mirrored > e.confidence + CLEARLY {
                for_back += e.letters;
                darkest = darkest.max(e.ink);
            }
        }
        let long = || lines.iter().map(|l| &l.0).filter(|l| l.found && l.signs >= 5);
        let unread = long().filter(|l| is_pale(l) && l.confidence < UNREAD).count();
        let read = long().filter(|l| is_pale(l)).count() - unread;
        let mostly = unread as f32 > MOSTLY * long().count() as f32;
        let own = mostly || read >= READ && read * 5 >= unread;
        self.pale = match () {
            () if for_back > 2 * for_own => Pale::Back(DARKER * darkest),
            () if own || for_own > 2 * for_back && for_own >= SAYING => Pale::Own,
            () => Pale::AsRead,
        };
        self.set(lines);
    }

    /// Contrast of the page's surely read lines, where pale ones are known as the sheet's back.
    pub(crate) fn over_back(&self) -> Option<f32> {
        matches!(self.pale, Pale::Back(_)).then_some(self.ink)
    }

    /// Sets the ink of lines in the page's, and which of them are ghosts.
    pub(crate) fn set(&self, lines: &mut [&mut (Evidence, f32)]) {
        for (e, contrast) in lines.iter_mut().map(|l| (&mut l.0, l.1)) {
            e.ink = if self.ink > 0.0 { contrast / self.ink } else { 1.0 };
            let surely_own = e.confidence > e.mirrored.max(UNREAD) + CLEARLY && is_telling(e);
            e.ghost = match self.pale {
                _ if !is_pale(e) => false,
                Pale::AsRead => e.confidence < UNREAD,
                Pale::Own => false,
                Pale::Back(darkest) => e.ink < darkest && !surely_own,
            };
            if self.pale == Pale::Own {
                e.ink = 1.0;
            }
        }
    }
}

/// Whether a line is so pale that it may show through the paper.
pub(crate) fn is_pale(e: &Evidence) -> bool {
    e.ink < PALE
}

/// Whether a pale line tells, read both ways, whose it is.
pub(crate) fn is_telling(e: &Evidence) -> bool {
    is_pale(e) && e.found && e.letters >= TELLING && e.letters * 2 > e.signs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(confidence: f32, mirrored: f32) -> Evidence {
        Evidence {
            confidence,
            mirrored,
            signs: 30,
            letters: 28,
            size: 1.0,
            length: 20.0,
            band: 0.9,
            trust: 1.5,
            found: true,
            ink: 1.0,
            ..Evidence::default()
        }
    }

    /// Which of these are ghosts, each given with its contrast.
    fn ghosts(mut lines: Vec<(Evidence, f32)>) -> Vec<bool> {
        let mut all: Vec<&mut (Evidence, f32)> = lines.iter_mut().collect();
        let mut print = Print::of(&mut all);
        print.judge(&mut all);
        lines.iter().map(|l| l.0.ghost).collect()
    }

    #[test]
    fn pale_print_is_the_pages_when_it_can_be_read() {
        let print = || vec![(line(0.95, 0.0), 0.8); 6];
        let with =
            |pale: &[(Evidence, f32)]| ghosts(print().into_iter().chain(pale.to_vec()).collect());
        assert_eq!(with(&[(line(0.5, 0.0), 0.3)])[5..], [false, true]);
        assert_eq!(with(&[(line(0.9, 0.0), 0.3)])[6..], [false]);
        assert!(!with(&[(line(0.5, 0.0), 0.6)])[6], "not pale");
        // Unread ones by the dozen under six headings are the page's own, and so are some among others
        // that can be read.
        assert!(!with(&[(line(0.5, 0.0), 0.3); 12]).contains(&true));
        let read = (line(0.7, 0.0), 0.3);
        assert!(!with(&[read, read, read, (line(0.5, 0.0), 0.3)]).contains(&true));
    }

    #[test]
    fn what_a_mirror_reads_better_is_the_back() {
        let mut lines = vec![(line(0.95, 0.0), 0.8); 6];
        lines.extend([(line(0.7, 0.85), 0.1); 4]);
        // Dots of leaders look the same from both sides.
        let dots = Evidence { letters: 0, ..line(0.9, 0.0) };
        lines.push((dots, 0.1));
        lines.push((dots, 0.3));
        // The page's own pale print is read better as it is.
        lines.push((line(0.95, 0.4), 0.1));
        let found = ghosts(lines);
        assert!(!found[..6].contains(&true));
        assert_eq!(found[6..], [true, true, true, true, true, false, false]);
    }

    #[test]
    fn without_sure_lines_nothing_is_pale() {
        assert_eq!(ghosts(vec![(line(0.5, 0.9), 0.1); 3]), [false; 3]);
    }
}
