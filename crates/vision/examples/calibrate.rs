//! Measures how far the reader's confidences can be believed, and fits the table that sets them
//! right: `calibrate READER.safetensors LANGUAGE.bin OUT.tsv LINES…`, `-` for no language. The table is
//! fitted on every other drawn line, the figures are of the rest.

#![allow(clippy::print_stdout, reason = "its figures are its answer")]

mod common;

use std::path::Path;

use khocr_khmer::labels;
use khocr_vision::beam::Beam;
use khocr_vision::calibrate::{Calibration, Tables, calibration_error};
use khocr_vision::decode::{Decode, Greedy, Sign};
use khocr_vision::language::Language;
use khocr_vision::net::NetReader;

fn main() -> common::Outcome<()> {
    let mut args = std::env::args().skip(1);
    let usage = "usage: calibrate READER.safetensors LANGUAGE.bin OUT.tsv LINES…";
    let reader = NetReader::load(&std::fs::read(args.next().ok_or(usage)?)?, 1)?;
    let language = args.next().ok_or(usage)?;
    let decoder: Box<dyn Decode> = match language.as_str() {
        "-" => Box::new(Greedy),
        file => Box::new(Beam::new(Language::read(std::fs::read(file)?)?)),
    };
    let out = args.next().ok_or(usage)?;
    let (mut fit, mut rest) = (Vec::new(), Vec::new());
    for file in args {
        for (i, line) in common::drawn::lines(Path::new(&file))?.iter().enumerate() {
            let frames = line.read(&reader)?;
            let signs = decoder.decode(&frames.values, frames.classes);
            let read: Vec<usize> = signs.iter().map(|s| s.class).collect();
            let (_, right) = common::drawn::compare(&line.truth, &read);
            let judged: Vec<(Sign, bool)> = signs.into_iter().zip(right).collect();
            if i % 2 == 0 { fit.push(judged) } else { rest.push(judged) }
        }
    }
    let tables = Tables {
        sign: Calibration::fit(signs(&fit)),
        word: Calibration::fit(words(&fit)),
        // The mean of a line's signs is as near as some hundred lines can tell.
        line: Calibration::default(),
    };
    println!("fitted on {} lines, measured on {}", fit.len(), rest.len());
    println!("calibration error, as the net says and by the table:");
    let kinds = [
        ("sign", signs as Judge, &tables.sign),
        ("word", words, &tables.word),
        ("line", means, &tables.line),
    ];
    for (what, judge, table) in kinds {
        let raw = judge(&rest);
        let set: Vec<(f32, f32)> = raw.iter().map(|(c, r)| (table.right(*c), *r)).collect();
        let (raw, set) = (calibration_error(&raw) * 100.0, calibration_error(&set) * 100.0);
        println!("  {what}: {raw:.2} % {set:.2} %");
    }
    let head = "# Of drawn lines: logarithm of the odds of the net's confidence, share right.\n";
    std::fs::write(out, head.to_owned() + &tables.write())?;
    Ok(())
}

type Line = Vec<(Sign, bool)>;
type Judge = fn(&[Line]) -> Vec<(f32, f32)>;

fn truth(right: bool) -> f32 {
    f32::from(u8::from(right))
}

/// Each sign, and whether it is right.
fn signs(lines: &[Line]) -> Vec<(f32, f32)> {
    lines.iter().flatten().map(|(s, r)| (s.confidence, truth(*r))).collect()
}

/// Each word, and whether all of it is right.
fn words(lines: &[Line]) -> Vec<(f32, f32)> {
    let parts = lines.iter().flat_map(|l| l.split(|(s, _)| labels::text(s.class) == " "));
    let sure = |w: &[(Sign, bool)]| w.iter().map(|(s, _)| s.confidence).product();
    let full = parts.filter(|w| !w.is_empty());
    full.map(|w| (sure(w), truth(w.iter().all(|(_, r)| *r)))).collect()
}

/// Each line's mean, and the share of its signs that are right.
fn means(lines: &[Line]) -> Vec<(f32, f32)> {
    let mean =
        |l: &Line, f: &dyn Fn(&(Sign, bool)) -> f32| l.iter().map(f).sum::<f32>() / l.len() as f32;
    let full = lines.iter().filter(|l| !l.is_empty());
    full.map(|l| (mean(l, &|(s, _)| s.confidence), mean(l, &|(_, r)| truth(*r)))).collect()
}
