//! Pieces: the connected ink of a page, as runs of its rows.

use crate::Gray;

/// A run of ink in a row.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Its row.
    pub y: u16,
    /// Its first column.
    pub from: u16,
    /// The column after its last.
    pub to: u16,
    /// The piece it is part of.
    pub piece: u32,
}

/// A piece of connected ink: its box (right and foot beyond it) and its pixels.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// Leftmost column.
    pub left: u16,
    /// Topmost row.
    pub top: u16,
    /// The column after the rightmost.
    pub right: u16,
    /// The row after the lowest.
    pub foot: u16,
    /// Pixels of ink.
    pub area: u32,
}

/// The runs of values below `ink`, row by row; where each row's runs begin (one more than rows);
/// and the pieces they make, touching corners included. A page larger than 65,535 pixels either
/// way has none beyond that.
#[must_use]
pub fn label(page: &Gray, ink: u8) -> (Vec<Run>, Vec<u32>, Vec<Piece>) {
    let (w, h) = (page.width.min(65_535), page.height.min(65_535));
    let mut runs: Vec<Run> = Vec::new();
    let mut rows = Vec::with_capacity(h + 1);
    let mut tree: Vec<u32> = Vec::new();
    let mut before = 0..0;
    for y in 0..h {
        let start = runs.len();
        rows.push(start as u32);
        let row = &page.row(y)[..w];
        let mut above = before.start;
        let mut x = 0;
        while let Some(skip) = row[x..].iter().position(|&v| v < ink) {
            let from = x + skip;
            let to = row[from..].iter().position(|&v| v >= ink).map_or(w, |n| from + n);
            let me = runs.len();
            tree.push(me as u32);
            while above < before.end && usize::from(runs[above].to) < from {
                above += 1;
            }
            let mut touched = above;
            while touched < before.end && usize::from(runs[touched].from) <= to {
                let (a, b) = (root(&mut tree, touched as u32), root(&mut tree, me as u32));
                tree[a.max(b) as usize] = a.min(b);
                touched += 1;
            }
            runs.push(Run { y: y as u16, from: from as u16, to: to as u16, piece: 0 });
            x = to;
            if x >= w {
                break;
            }
        }
        before = start..runs.len();
    }
    rows.push(runs.len() as u32);
    let mut numbers = vec![u32::MAX; runs.len()];
    let mut pieces: Vec<Piece> = Vec::new();
    for (i, run) in runs.iter_mut().enumerate() {
        let at = root(&mut tree, i as u32) as usize;
        if numbers[at] == u32::MAX {
            numbers[at] = pieces.len() as u32;
            pieces.push(Piece {
                left: run.from,
                top: run.y,
                right: run.to,
                foot: run.y + 1,
                area: 0,
            });
        }
        run.piece = numbers[at];
        let piece = &mut pieces[run.piece as usize];
        piece.left = piece.left.min(run.from);
        piece.right = piece.right.max(run.to);
        piece.foot = piece.foot.max(run.y + 1);
        piece.area += u32::from(run.to - run.from);
    }
    (runs, rows, pieces)
}

/// The root of a union-find tree, its path halved.
pub(crate) fn root(tree: &mut [u32], mut at: u32) -> u32 {
    while tree[at as usize] != at {
        tree[at as usize] = tree[tree[at as usize] as usize];
        at = tree[at as usize];
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touching_runs_are_one_piece() {
        let rows = ["#..#.", "#..#.", "##.##", ".#...", "...#."];
        let pixels =
            rows.iter().flat_map(|r| r.bytes().map(|b| if b == b'#' { 0 } else { 255 })).collect();
        let page = Gray { width: 5, height: 5, pixels };
        let (runs, rows, pieces) = label(&page, 128);
        assert_eq!(rows, [0, 2, 4, 6, 7, 8]);
        assert_eq!(pieces.len(), 3);
        assert_eq!((pieces[0].area, pieces[1].area, pieces[2].area), (5, 4, 1));
        assert_eq!((pieces[0].right, pieces[0].foot), (2, 4));
        assert_eq!(runs[6].piece, pieces.len() as u32 - 3);
    }
}
