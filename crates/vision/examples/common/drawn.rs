//! Drawn lines with their labels, as the synthesiser streams them to a file.

use std::path::Path;

use khocr_vision::cut::HEIGHT;
use khocr_vision::recognise::{Frames, ReadLines};
use khocr_vision::{Gray, VisionError};

use super::Outcome;

/// A line and the classes on it.
pub(crate) struct Drawn {
    pub(crate) width: usize,
    pub(crate) pixels: Vec<u8>,
    pub(crate) truth: Vec<usize>,
}

/// The lines of a file.
pub(crate) fn lines(path: &Path) -> Outcome<Vec<Drawn>> {
    let bytes = std::fs::read(path)?;
    let mut at = 0;
    let mut out = Vec::new();
    while at + 4 <= bytes.len() {
        let short =
            |i: usize| bytes.get(i..i + 2).map(|b| usize::from(u16::from_le_bytes([b[0], b[1]])));
        let (width, count) = (short(at).ok_or("cut short")?, short(at + 2).ok_or("cut short")?);
        let truth = (0..count).map(|i| short(at + 4 + 2 * i)).collect::<Option<_>>();
        at += 4 + 2 * count;
        let pixels = bytes.get(at..at + HEIGHT * width).ok_or("cut short")?.to_vec();
        at += HEIGHT * width;
        out.push(Drawn { width, pixels, truth: truth.ok_or("cut short")? });
    }
    Ok(out)
}

impl Drawn {
    /// What the reader says about it.
    pub(crate) fn read(&self, reader: &dyn ReadLines) -> Result<Frames, VisionError> {
        let wide = self.width.next_multiple_of(8);
        let mut line = Gray::filled(wide, HEIGHT, 255);
        for (from, to) in
            self.pixels.chunks_exact(self.width).zip(line.pixels.chunks_exact_mut(wide))
        {
            to[..self.width].copy_from_slice(from);
        }
        reader.read(&line, 0)
    }
}

/// Edit distance, and for each of `read` whether it stands in the truth.
pub(crate) fn compare(truth: &[usize], read: &[usize]) -> (usize, Vec<bool>) {
    let columns = read.len() + 1;
    let mut table = vec![0usize; (truth.len() + 1) * columns];
    for i in 0..=truth.len() {
        for j in 0..=read.len() {
            table[i * columns + j] = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let same = usize::from(truth[i - 1] != read[j - 1]);
                    (table[(i - 1) * columns + j - 1] + same)
                        .min(table[(i - 1) * columns + j] + 1)
                        .min(table[i * columns + j - 1] + 1)
                }
            };
        }
    }
    let mut right = vec![false; read.len()];
    let (mut i, mut j) = (truth.len(), read.len());
    while i > 0 && j > 0 {
        let here = table[i * columns + j];
        if truth[i - 1] == read[j - 1] && here == table[(i - 1) * columns + j - 1] {
            right[j - 1] = true;
            (i, j) = (i - 1, j - 1);
        } else if here == table[(i - 1) * columns + j - 1] + 1 {
            (i, j) = (i - 1, j - 1);
        } else if here == table[(i - 1) * columns + j] + 1 {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    (table[truth.len() * columns + read.len()], right)
}
