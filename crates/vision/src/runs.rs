//! Runs: rows and columns of ink pixels long enough to be part of a rule.

use crate::Gray;

/// Darker than this is ink of a rule.
const INK: u8 = 170;
/// Lighter than [`INK`] and up to this is ink of a thin rule that was blurred or printed in gray...
const PALE: u8 = 240;
/// ...where it is this much darker than both its sides.
const STANDS_OUT: u8 = 11;
/// Pixels that a worn rule may lack between two of its own.
const BREAK: usize = 2;
/// Least step in darkness at the edge of a tinted row.
const STEP: u8 = 20;

/// One run of ink: along `from..to`, in the row or column `at`.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) at: usize,
}

/// What counts as ink of rules.
pub(crate) struct Ink<'a> {
    pub(crate) page: &'a Gray,
    /// From a pale rule to the paper beside it.
    pub(crate) side: usize,
    /// Half the width of what is too thick for a rule.
    pub(crate) deep: usize,
}

impl Ink<'_> {
    /// Whether a pixel may belong to a rule, where `one` and `other` are the pixels on its sides:
    /// it is dark and no part of something thick, or darker than both.
    fn at(&self, x: usize, y: usize, value: u8, one: u8, other: u8, level: bool) -> bool {
        value < INK && !self.solid(x, y, level)
            || value < PALE && one.min(other) >= value.saturating_add(STANDS_OUT)
    }

    /// Whether all around, or all on one side of the rule, is ink too: in or at a dark band or
    /// picture, to which rules that touch it must not stick.
    fn solid(&self, x: usize, y: usize, level: bool) -> bool {
        let (w, h, d) = (self.page.width, self.page.height, self.deep);
        let dark = |dx: isize, dy: isize| {
            let x = x.saturating_add_signed(dx).min(w - 1);
            let y = y.saturating_add_signed(dy).min(h - 1);
            self.page.pixels[y * w + x] < INK
        };
        let d = d as isize;
        let side = |way: isize| {
            [d / 2, d].into_iter().all(|out| {
                [-d, 0, d].into_iter().all(|along| {
                    if level { dark(along, way * out) } else { dark(way * out, along) }
                })
            })
        };
        let corners = || dark(-d, -d) && dark(d, -d) && dark(-d, d) && dark(d, d);
        corners() || side(-1) || side(1)
    }
}

/// Runs of at least `least` pixels across, row by row.
pub(crate) fn runs_across(ink: &Ink<'_>, least: usize) -> Vec<Run> {
    let page = ink.page;
    let mut out = Vec::new();
    for y in 0..page.height {
        let row = page.row(y);
        let above = page.row(y.saturating_sub(ink.side));
        let below = page.row((y + ink.side).min(page.height - 1));
        let inked = |x: usize| row[x] < PALE && ink.at(x, y, row[x], above[x], below[x], true);
        along(y, page.width, least, inked, &mut out);
    }
    out
}

/// Adds the runs of at least `least` in a line of `length` pixels, in order: pixels of which
/// `inked` is true, with gaps of up to [`BREAK`] between them.
///
/// A run that long holds a multiple of `least`, so only what lies around those is looked at.
fn along(
    at: usize,
    length: usize,
    least: usize,
    inked: impl Fn(usize) -> bool,
    out: &mut Vec<Run>,
) {
    let mut done = 0;
    for middle in (0..length).step_by(least) {
        if middle < done {
            continue;
        }
        let near = (middle..(middle + BREAK + 1).min(length)).find(|&x| inked(x));
        let Some(near) = near else { continue };
        let (mut from, mut last) = (near, near);
        for x in (0..near).rev() {
            if inked(x) {
                from = x;
            } else if from - x > BREAK {
                break;
            }
        }
        for x in near + 1..length {
            if inked(x) {
                last = x;
            } else if x - last > BREAK {
                break;
            }
        }
        done = last + 1;
        if done - from >= least {
            out.push(Run { from, to: done, at });
        }
    }
}

/// Edges of tinted rows: long rows of pixels where one side is clearly darker than the other.
pub(crate) fn edges_across(page: &Gray, least: usize, core: f32) -> Vec<Run> {
    let side = if core < 12.0 { 1 } else { 2 };
    let mut out = Vec::new();
    for y in side..page.height.saturating_sub(side) {
        let (above, below) = (page.row(y - side), page.row(y + side));
        for (light, dark) in [(below, above), (above, below)] {
            let is_edge = |x: usize| light[x].saturating_sub(dark[x]) >= STEP && dark[x] > INK / 2;
            along(y, page.width, least, is_edge, &mut out);
        }
    }
    out
}

/// Runs of at least `least` pixels down, column by column.
pub(crate) fn runs_down(ink: &Ink<'_>, least: usize) -> Vec<Run> {
    let page = ink.page;
    let mut out = Vec::new();
    for x in 0..page.width {
        let (left, right) = (x.saturating_sub(ink.side), (x + ink.side).min(page.width - 1));
        let inked = |y: usize| {
            let row = page.row(y);
            row[x] < PALE && ink.at(x, y, row[x], row[left], row[right], false)
        };
        along(x, page.height, least, inked, &mut out);
    }
    out
}

/// The numbers of the runs that touch, group by group; groups may be empty. Runs come sorted by `at`.
pub(crate) fn touching(runs: &[Run]) -> Vec<Vec<usize>> {
    let mut parent: Vec<usize> = (0..runs.len()).collect();
    fn root(parent: &mut [usize], mut i: usize) -> usize {
        while parent[i] != i {
            parent[i] = parent[parent[i]];
            i = parent[i];
        }
        i
    }
    let mut first = 0;
    for i in 0..runs.len() {
        while runs[first].at + 2 < runs[i].at {
            first += 1;
        }
        for j in first..i {
            // Ends of a staircase's steps may just miss each other.
            if runs[j].from <= runs[i].to + 6 && runs[i].from <= runs[j].to + 6 {
                let (a, b) = (root(&mut parent, i), root(&mut parent, j));
                parent[a] = b;
            }
        }
    }
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); runs.len()];
    for i in 0..runs.len() {
        groups[root(&mut parent, i)].push(i);
    }
    groups
}
