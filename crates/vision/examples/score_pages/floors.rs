//! Figures that a change may not push down.

use crate::judge::Counts;

/// The least that a figure over all pages may be.
pub(crate) struct Floor {
    name: String,
    percent: f32,
}

/// Reads `NAME=PERCENT,…`; the names are those [`check`] knows.
pub(crate) fn parse(text: &str) -> Result<Vec<Floor>, String> {
    let one = |part: &str| {
        let (name, percent) =
            part.split_once('=').ok_or(format!("{part}: NAME=PERCENT is asked"))?;
        let percent = percent.parse().map_err(|e| format!("{part}: {e}"))?;
        figure(&Counts::default(), name).ok_or(format!("{name}: no such figure"))?;
        Ok(Floor { name: name.to_owned(), percent })
    };
    text.split(',').map(one).collect()
}

/// An error that names each figure below its floor. A figure without anything to count is below
/// every floor: then the pages are not the ones that the floors were set for.
pub(crate) fn check(floors: &[Floor], all: &Counts) -> Result<(), String> {
    let low: Vec<String> = floors
        .iter()
        .filter_map(|f| {
            let [of, good] = figure(all, &f.name)?;
            let percent = 100.0 * good as f32 / of.max(1) as f32;
            (percent < f.percent)
                .then(|| format!("{} {percent:.2} is below its floor, {:.2}", f.name, f.percent))
        })
        .collect();
    if low.is_empty() { Ok(()) } else { Err(low.join("; ")) }
}

/// How many were counted, and how many of them were right. `kept` is ink: components not cut;
/// `grids` is tables found that are not invented.
fn figure(c: &Counts, name: &str) -> Option<[usize; 2]> {
    let sum =
        |three: &[[usize; 2]; 3]| three.iter().fold([0; 2], |a, b| [a[0] + b[0], a[1] + b[1]]);
    Some(match name {
        "recall" => c.lines,
        "precision" => c.found,
        "kept" => [c.ink.pieces, c.ink.pieces - c.ink.cut],
        "order" => c.pairs,
        "ruled" => c.cells[0],
        "grids" => c.grids,
        "cells" => sum(&c.cells),
        _ => return None,
    })
}
