//! Counts text into the decoder's language model: `zstd -dc CORPUS… | build_language OUT`, one
//! sentence a line. Counts only go into the file, and only of sequences seen often.

mod common;

use std::collections::HashMap;
use std::io::BufRead;

use khocr_khmer::labels;
use khocr_vision::language::{Entry, History, Language, ORDER, kind};

/// Slots of the table, three bytes each: under a megabyte.
const SLOTS: usize = 333_000;
/// Sequences kept: three quarters of the slots hold them and what is left after their contexts.
const ENTRIES: usize = 250_000;
/// Taken from each count for what was not seen.
const DISCOUNT: f64 = 0.75;
/// Sequences of fewer counts are not looked at.
const LEAST: u32 = 4;
const BITS: u32 = 9;

fn main() -> common::Outcome<()> {
    let out = std::env::args().nth(1).ok_or("usage: build_language OUT < TEXT")?;
    let mut text: Vec<u16> = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { continue };
        // A sign without a class ends what can be learnt of the line so far.
        for part in line.split(|c: char| {
            labels::encode(c.encode_utf8(&mut [0; 4])).is_none() && c != '\u{17d2}'
        }) {
            if let Some(classes) = labels::encode(part) {
                text.extend(classes.iter().map(|&c| kind(usize::from(c)).0));
                text.push(0);
            }
        }
    }
    eprintln!("{} signs", text.len());

    let counts: Vec<Vec<(u64, u32)>> = (1..=ORDER).map(|n| count(&text, n)).collect();
    eprintln!("sequences: {:?}", counts.iter().map(Vec::len).collect::<Vec<_>>());
    // What a sequence is worth: how often it comes, times how wrong the shorter one is about it.
    let before: Vec<HashMap<u64, f64>> = counts
        .iter()
        .map(|c| {
            let mut sums = HashMap::new();
            for (s, n) in c {
                *sums.entry(s >> BITS).or_insert(0.0) += f64::from(*n);
            }
            sums
        })
        .collect();
    let probability =
        |n: usize, s: u64, c: u32| (f64::from(c) - DISCOUNT) / before[n - 1][&(s >> BITS)];
    let mut known: HashMap<u64, f64> = HashMap::new();
    let mut worth: Vec<(f64, usize, u64, f64)> = Vec::new();
    for n in 1..=ORDER {
        let mut here = HashMap::new();
        for &(s, c) in counts[n - 1].iter().filter(|(_, c)| *c >= LEAST || n == 1) {
            let p = probability(n, s, c);
            here.insert(s, p);
            let shorter = s & ((1 << (BITS * (n as u32 - 1))) - 1);
            let gain = match n {
                1 => f64::INFINITY,
                _ => f64::from(c) * (p / known.get(&shorter).copied().unwrap_or(1e-6)).ln().abs(),
            };
            worth.push((gain, n, s, p));
        }
        known = here;
    }
    worth.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut contexts: std::collections::HashSet<(usize, u64)> = Default::default();
    let mut kept: Vec<Vec<(u64, f64)>> = vec![Vec::new(); ORDER];
    let mut entries = 0;
    for (_, n, s, p) in worth {
        let context = n > 1 && contexts.insert((n - 1, s >> BITS));
        entries += 1 + usize::from(context);
        if entries > ENTRIES {
            break;
        }
        kept[n - 1].push((s, p));
    }
    eprintln!("kept: {:?}", kept.iter().map(Vec::len).collect::<Vec<_>>());

    let mut model = Language::with_slots(SLOTS);
    for (n, sequences) in kept.iter().enumerate() {
        // What is left after a context goes to the signs not stored after it, as the shorter says.
        let mut left: HashMap<u64, (f64, f64)> = HashMap::new();
        for &(s, p) in sequences {
            let (context, sign) = (s >> BITS, (s & ((1 << BITS) - 1)) as usize);
            if n > 0 {
                let mut history = History::default();
                for i in (0..n - 1).rev() {
                    history =
                        history.and(((context >> (BITS * i as u32)) & ((1 << BITS) - 1)) as usize);
                }
                let shorter = f64::from(model.log_probability(history, sign) + kind(sign).1).exp();
                let (high, low) = left.entry(context).or_insert((1.0, 1.0));
                *high -= p;
                *low -= shorter;
            }
        }
        for &(s, p) in sequences {
            model.insert(Entry::Probability(s, n + 1), p.ln() as f32);
        }
        for (context, (high, low)) in left {
            let rest = (high.max(1e-6) / low.max(1e-3)).min(1.0);
            model.insert(Entry::Rest(context, n), rest.ln() as f32);
        }
    }
    std::fs::write(out, model.write())?;
    Ok(())
}

/// Sequences of `n` signs, packed oldest first, with their counts.
fn count(text: &[u16], n: usize) -> Vec<(u64, u32)> {
    let pack = |w: &[u16]| w.iter().fold(0u64, |s, &c| s << BITS | u64::from(c));
    let mut all: Vec<u64> = text.windows(n).filter(|w| !w.contains(&0)).map(pack).collect();
    all.sort_unstable();
    all.chunk_by(|a, b| a == b).map(|c| (c[0], c.len() as u32)).collect()
}
