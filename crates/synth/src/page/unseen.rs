//! Unseen: what the page went through took away, so that nobody is asked to find it.

use super::labels::Band;
use super::sheet::Line;
use super::warp::Warp;

/// Whether ink can still be seen in a band after all that the page went through.
pub(super) fn visible(gray: &[u8], width: usize, height: usize, band: &Band) -> bool {
    let (mut values, mut outside) = (Vec::new(), 0);
    for (top, foot) in band.top.iter().zip(&band.foot) {
        for t in 0..8 {
            for dx in [-4.5f32, -3.0, -1.5, 0.0, 1.5, 3.0, 4.5] {
                let (x, y) = (top.0 + dx, top.1 + (foot.1 - top.1) * t as f32 / 8.0);
                if x >= 0.0 && y >= 0.0 && x < width as f32 && y < height as f32 {
                    values.push(gray[y as usize * width + x as usize]);
                } else {
                    outside += 1;
                }
            }
        }
    }
    values.sort_unstable();
    // A line that hangs over the edge has little of itself to show and is kept by that little.
    let n = values.len();
    n > outside / 20 && n > 0 && values[n * 49 / 50] - values[n / 50] > 30
}

/// How much darker than the paper above it, in gray values on average, a leader must be to be seen.
const SEEN: f32 = 9.0;

/// The line in the pieces that its leaders hold together: where a leader cannot be seen in the
/// picture any more, the words on both sides of it are lines of their own.
pub(super) fn parted(line: Line, gray: &[u8], size: (usize, usize), warp: &Warp) -> Vec<Line> {
    let lost = |at: usize| {
        let word = &line.words[at];
        word.leader && !leader_seen(&line, word.bounds, gray, size, warp)
    };
    let lost: Vec<bool> = (0..line.words.len()).map(lost).collect();
    if !lost.contains(&true) {
        return vec![line];
    }
    let mut out: Vec<Line> = Vec::new();
    let (mut from, mut open) = (0, false);
    for (word, lost) in line.words.iter().zip(lost) {
        if !lost {
            if !open {
                out.push(Line { text: String::new(), words: Vec::new(), ..line.clone() });
            }
            if let Some(piece) = out.last_mut() {
                piece.text += &line.text[from..word.end];
                let mut word = word.clone();
                word.end = piece.text.len();
                piece.words.push(word);
            }
        }
        (from, open) = (word.end, !lost);
    }
    for piece in &mut out {
        piece.text = piece.text.trim().to_owned();
        piece.left = piece.words.iter().map(|w| w.bounds[0]).fold(f32::MAX, f32::min);
        piece.right = piece.words.iter().map(|w| w.bounds[2]).fold(f32::MIN, f32::max);
    }
    out
}

/// Whether the leader between these bounds stands out from the paper above it.
fn leader_seen(
    line: &Line,
    [left, top, right, foot]: [f32; 4],
    gray: &[u8],
    (width, height): (usize, usize),
    warp: &Warp,
) -> bool {
    let steps = ((right - left) / 2.0).ceil().max(1.0) as usize;
    let mean = |y: f32| {
        let (mut sum, mut n) = (0.0, 0.0f32);
        for i in 0..=steps {
            let (x, y) = warp.picture((left + (right - left) * i as f32 / steps as f32, y));
            if x >= 0.0 && y >= 0.0 && x < width as f32 && y < height as f32 {
                sum += f32::from(gray[y as usize * width + x as usize]);
                n += 1.0;
            }
        }
        sum / n.max(1.0)
    };
    let middle = (top + foot) * 0.5;
    let darkest = [-0.5, 0.0, 0.5, 1.0].map(|d| mean(middle + d)).into_iter().fold(255.0, f32::min);
    let paper = (mean(top - 0.35 * line.core - 1.0) + mean(foot + 0.2 * line.core + 1.0)) * 0.5;
    paper - darkest > SEEN
}

#[cfg(test)]
mod tests {
    use super::super::sheet::Inked;
    use super::*;

    /// Label, leader, value; the leader `ink` darker than the paper.
    fn pieces(ink: u8) -> Vec<Line> {
        let word = |l: f32, r: f32, end, leader| Inked {
            bounds: if leader { [l, 38.0, r, 40.0] } else { [l, 30.0, r, 40.0] },
            end,
            leader,
        };
        let line = Line {
            text: "ឈ្មោះ … សុខ".to_owned(),
            left: 10.0,
            right: 190.0,
            baseline: 40.0,
            core: 10.0,
            words: vec![
                word(10.0, 50.0, "ឈ្មោះ".len(), false),
                word(52.0, 150.0, "ឈ្មោះ …".len(), true),
                word(152.0, 190.0, "ឈ្មោះ … សុខ".len(), false),
            ],
            block: 1,
            cell: None,
        };
        let mut gray = vec![230u8; 200 * 64];
        for y in 38..40 {
            gray[y * 200 + 52..y * 200 + 150].fill(230 - ink);
        }
        parted(line, &gray, (200, 64), &Warp::none(200.0, 64.0))
    }

    #[test]
    fn a_leader_that_is_gone_parts_the_line() {
        assert_eq!(pieces(80).len(), 1);
        let parted = pieces(3);
        let said: Vec<&str> = parted.iter().map(|l| l.text.as_str()).collect();
        assert_eq!(said, ["ឈ្មោះ", "សុខ"]);
        assert_eq!((parted[0].right, parted[1].left), (50.0, 152.0));
    }
}
