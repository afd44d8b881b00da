//! Reads drawn lines, as the synthesiser streams them to a file, and says how wrong the reader is:
//! `read_lines READER.safetensors [--language FILE WEIGHT BONUS]… [--faces FACES] LINES…`. Errors are counted in
//! classes, over all lines, for the greedy decoder and for each language given; and words that hold Latin
//! letters or digits, which no language may mend, are counted where they are not read exactly. With what
//! `lines --faces` noted of the lines, also for each face, by the last decoder.

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use khocr_khmer::labels;
use khocr_vision::beam::Beam;
use khocr_vision::decode::{Decode, Greedy};
use khocr_vision::language::Language;
use khocr_vision::net::NetReader;

fn main() -> common::Outcome<()> {
    let mut args = std::env::args().skip(1).peekable();
    let usage = "usage: read_lines READER.safetensors [--language FILE WEIGHT BONUS]… [--faces FACES] LINES…";
    let reader = NetReader::load(&std::fs::read(args.next().ok_or(usage)?)?, 1)?;
    let mut decoders: Vec<(String, Box<dyn Decode>)> =
        vec![("greedy".to_owned(), Box::new(Greedy))];
    while args.next_if(|a| a == "--language").is_some() {
        let language = Language::read(std::fs::read(args.next().ok_or(usage)?)?)?;
        let mut beam = Beam::new(language);
        beam.weight = args.next().ok_or(usage)?.parse()?;
        beam.bonus = args.next().ok_or(usage)?.parse()?;
        decoders.push((format!("beam {} {}", beam.weight, beam.bonus), Box::new(beam)));
    }
    let faces = match args.next_if(|a| a == "--faces") {
        Some(_) => std::fs::read_to_string(args.next().ok_or(usage)?)?,
        None => String::new(),
    };
    for file in args {
        let lines = common::drawn::lines(Path::new(&file))?;
        let mut errors = vec![(0, 0, Duration::ZERO); decoders.len()];
        let mut signs = 0;
        let mut noted = faces.lines().map(|l| l.split('\t').next().unwrap_or(l));
        let mut by_face: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for line in &lines {
            let before = errors[decoders.len() - 1].0;
            let frames = line.read(&reader)?;
            for ((_, decoder), (wrong, exact, time)) in decoders.iter().zip(&mut errors) {
                let start = Instant::now();
                let read = decoder.decode(&frames.values, frames.classes);
                *time += start.elapsed();
                let read: Vec<usize> = read.iter().map(|s| s.class).collect();
                let (distance, found) = common::drawn::compare(&read, &line.truth);
                *wrong += distance;
                let signs: Vec<(usize, bool)> = line.truth.iter().copied().zip(found).collect();
                let words = signs.split(|(c, _)| labels::text(*c) == " ");
                *exact += words.filter(|w| is_exact(w) && !w.iter().all(|(_, r)| *r)).count();
            }
            signs += line.truth.len();
            if let Some(face) = noted.next() {
                let sums = by_face.entry(face).or_default();
                sums.0 += errors[decoders.len() - 1].0 - before;
                sums.1 += line.truth.len();
            }
        }
        for ((name, _), (wrong, exact, time)) in decoders.iter().zip(errors) {
            let rate = share(wrong, signs);
            let each = time / lines.len() as u32;
            eprintln!(
                "{file}: {name}: {wrong} of {signs} wrong, {rate:.3} %; {exact} words of letters and digits; {each:.0?} a line"
            );
        }
        for (face, (wrong, signs)) in by_face {
            eprintln!("{face}: {wrong} of {signs} wrong, {:.2} %", share(wrong, signs));
        }
    }
    Ok(())
}

/// A share in per cent.
fn share(part: usize, all: usize) -> f64 {
    100.0 * part as f64 / all.max(1) as f64
}

/// Whether a word holds Latin letters or digits.
fn is_exact(word: &[(usize, bool)]) -> bool {
    let mut chars = word.iter().flat_map(|(c, _)| labels::text(*c).chars());
    chars.any(|c| c.is_ascii_alphanumeric() || ('០'..='៩').contains(&c))
}
