//! Which sign stands for which: the alignment behind the line error.

/// A sign of the pattern and the one of the text that stands for it, as places; `None` where the
/// other has nothing.
pub(super) type Pair = (Option<usize>, Option<usize>);

/// The pattern laid beside the stretch of the text that is closest to it, from left to right
/// (Sellers 1980). Of stretches alike the last that ends: a sign misread rather than one lost.
pub(super) fn align(pattern: &[char], text: &[char]) -> Vec<Pair> {
    let columns = text.len() + 1;
    let mut table = vec![0u32; (pattern.len() + 1) * columns];
    for (i, x) in pattern.iter().enumerate() {
        table[(i + 1) * columns] = i as u32 + 1;
        for (j, y) in text.iter().enumerate() {
            table[(i + 1) * columns + j + 1] = (table[i * columns + j] + u32::from(x != y))
                .min(table[i * columns + j + 1] + 1)
                .min(table[(i + 1) * columns + j] + 1);
        }
    }
    let last = &table[pattern.len() * columns..];
    let mut j = (0..columns).rev().min_by_key(|&j| last[j]).unwrap_or(0);
    let mut i = pattern.len();
    let mut out = Vec::new();
    while i > 0 {
        let here = table[i * columns + j];
        let through = |same: bool| table[(i - 1) * columns + j - 1] + u32::from(!same) == here;
        if j > 0 && through(pattern[i - 1] == text[j - 1]) {
            (i, j) = (i - 1, j - 1);
            out.push((Some(i), Some(j)));
        } else if table[(i - 1) * columns + j] + 1 == here {
            i -= 1;
            out.push((Some(i), None));
        } else {
            j -= 1;
            out.push((None, Some(j)));
        }
    }
    out.reverse();
    out
}
