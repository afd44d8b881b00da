//! Reads drawn lines, as the synthesiser streams them to a file, and says how wrong the reader is:
//! `read_lines READER.onnx LINES…`. Errors are counted in classes, over all lines.

mod common;

use khocr_vision::cut::HEIGHT;
use khocr_vision::decode::{Decode, Greedy};
use khocr_vision::net::NetReader;
use khocr_vision::recognise::{Batch, ReadLines};

fn main() -> common::Outcome<()> {
    let mut args = std::env::args().skip(1);
    let model = args.next().ok_or("usage: read_lines READER.onnx LINES…")?;
    let reader = NetReader::load(std::fs::read(model)?, 1)?;
    for file in args {
        let bytes = std::fs::read(&file)?;
        let (mut at, mut errors, mut signs, mut lines) = (0, 0, 0, 0);
        while at + 4 <= bytes.len() {
            let short = |i: usize| usize::from(u16::from_le_bytes([bytes[i], bytes[i + 1]]));
            let (width, count) = (short(at), short(at + 2));
            let truth: Vec<usize> = (0..count).map(|i| short(at + 4 + 2 * i)).collect();
            at += 4 + 2 * count;
            let pixels = bytes.get(at..at + HEIGHT * width).ok_or("cut short")?;
            at += HEIGHT * width;
            let wide = width.next_multiple_of(8);
            let mut values = vec![1.0; HEIGHT * wide];
            for (from, to) in pixels.chunks_exact(width).zip(values.chunks_exact_mut(wide)) {
                for (p, v) in from.iter().zip(to) {
                    *v = f32::from(*p) / 127.5 - 1.0;
                }
            }
            let frames = reader.read(Batch { count: 1, width: wide, pixels: values }, 0)?;
            let read: Vec<usize> =
                Greedy.decode(&frames.values, frames.classes).iter().map(|s| s.class).collect();
            errors += distance(&truth, &read);
            signs += count;
            lines += 1;
        }
        let rate = 100.0 * errors as f64 / signs as f64;
        eprintln!("{file}: {lines} lines, {signs} signs, {errors} wrong, {rate:.3} %");
    }
    Ok(())
}

fn distance(a: &[usize], b: &[usize]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut last = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let here = (last + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            last = row[j + 1];
            row[j + 1] = here;
        }
    }
    row[b.len()]
}
