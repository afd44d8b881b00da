//! Counts text into the decoder's language model: `zstd -dc CORPUS… | build_language OUT [SEQUENCES]`, one
//! sentence a line. Counts only go into the file, and only of the sequences that tell most.

mod common;

use std::collections::HashMap;
use std::io::BufRead;

use khocr_khmer::labels;
use khocr_vision::language::{BITS, Entry, Language, ORDER, UNKNOWN, kind};

/// Sequences kept unless said otherwise.
const SEQUENCES: usize = 2_600_000;
/// Taken from each count for what was not seen.
const DISCOUNT: f64 = 0.75;
/// Sequences of fewer counts are not looked at.
const LEAST: u32 = 2;
/// Share of the table's slots that are filled.
const FILLED: f64 = 0.75;

/// Sequences of one length, packed oldest first and ascending, with their counts.
type Counts = Vec<(u64, u32)>;

fn main() -> common::Outcome<()> {
    let mut args = std::env::args().skip(1);
    let out = args.next().ok_or("usage: build_language OUT [SEQUENCES] < TEXT")?;
    let keep = args.next().map_or(Ok(SEQUENCES), |a| a.parse())?;
    let text = signs(std::io::stdin().lock());
    eprintln!("{} signs", text.len());
    let mut counts: Vec<Counts> = (1..=ORDER).map(|n| count(&text, n)).collect();
    let totals: Vec<HashMap<u64, f64>> = counts.iter().map(totals).collect();
    for c in &mut counts[1..] {
        c.retain(|(_, n)| *n >= LEAST);
    }
    eprintln!("sequences: {:?}", counts.iter().map(Vec::len).collect::<Vec<_>>());
    let whole = Model::of(&counts, &totals);
    let kept = whole.telling(&counts, keep);
    eprintln!("kept: {:?}", kept.iter().map(Vec::len).collect::<Vec<_>>());
    std::fs::write(out, Model::of(&kept, &totals).table().write())?;
    Ok(())
}

/// The signs of all lines, 0 after each.
fn signs(lines: impl BufRead) -> Vec<u16> {
    let mut text: Vec<u16> = Vec::new();
    for line in lines.lines() {
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
    text
}

fn count(text: &[u16], n: usize) -> Counts {
    let pack = |w: &[u16]| w.iter().fold(0u64, |s, &c| s << BITS | u64::from(c));
    let mut all: Vec<u64> = text.windows(n).filter(|w| !w.contains(&0)).map(pack).collect();
    all.sort_unstable();
    all.chunk_by(|a, b| a == b).map(|c| (c[0], c.len() as u32)).collect()
}

/// How often each history comes.
fn totals(counts: &Counts) -> HashMap<u64, f64> {
    let of = |c: &[(u64, u32)]| (c[0].0 >> BITS, c.iter().map(|c| f64::from(c.1)).sum());
    counts.chunk_by(|a, b| a.0 >> BITS == b.0 >> BITS).map(of).collect()
}

/// The last `n` signs of a sequence.
fn last(sequence: u64, n: usize) -> u64 {
    sequence & ((1 << (BITS * n as u32)) - 1)
}

/// Logarithms by sequence, for each length from one sign on.
struct Model {
    /// Of the last sign after those before it.
    probability: Vec<Vec<(u64, f64)>>,
    /// Of what is left after a history of that many signs.
    rest: Vec<Vec<(u64, f64)>>,
}

impl Model {
    /// Absolute discounting, what is left shared out as the shorter history says (Ney, Essen and Kneser 1994).
    fn of(counts: &[Counts], totals: &[HashMap<u64, f64>]) -> Self {
        let mut model = Self { probability: Vec::new(), rest: vec![Vec::new()] };
        for (i, sequences) in counts.iter().enumerate() {
            let (mut probability, mut rest) = (Vec::new(), Vec::new());
            for after in sequences.chunk_by(|a, b| a.0 >> BITS == b.0 >> BITS) {
                let history = after[0].0 >> BITS;
                let total = totals[i][&history];
                let discount = if i == 0 { 0.0 } else { DISCOUNT };
                let seen: f64 = after.iter().map(|(_, c)| f64::from(*c) - discount).sum();
                let left = (1.0 - seen / total).max(1e-6);
                for &(sequence, c) in after {
                    let own = (f64::from(c) - discount) / total;
                    let shorter =
                        if i == 0 { 0.0 } else { left * model.log(last(sequence, i), i).exp() };
                    probability.push((sequence, (own + shorter).ln()));
                }
                rest.push((history, left.ln()));
            }
            model.probability.push(probability);
            if i > 0 {
                model.rest.push(rest);
            }
        }
        model
    }

    /// Of the last sign of a sequence of `n`, as the known lengths say.
    fn log(&self, sequence: u64, n: usize) -> f64 {
        let mut rest = 0.0;
        for n in (1..=n).rev() {
            let s = last(sequence, n);
            if let Some(log) = find(&self.probability[n - 1], s) {
                return rest + log;
            }
            if n > 1 {
                rest += find(&self.rest[n - 1], s >> BITS).unwrap_or(0.0);
            }
        }
        rest + f64::from(UNKNOWN)
    }

    /// The so many sequences without which the text would be least likely, single signs always: how often
    /// each comes, times how wrong the shorter one is about it (Seymore and Rosenfeld 1996).
    fn telling(&self, counts: &[Counts], keep: usize) -> Vec<Counts> {
        let counted = |i: usize, s: u64| find(&counts[i], s).unwrap_or(0);
        let mut worth: Vec<(f32, usize, (u64, u32))> = Vec::new();
        for (i, sequences) in counts.iter().enumerate() {
            for (k, &(s, c)) in sequences.iter().enumerate() {
                let gain = match i {
                    0 => f64::INFINITY,
                    _ => {
                        let rest = find(&self.rest[i], s >> BITS).unwrap_or(0.0);
                        let shorter = rest + self.log(last(s, i), i);
                        f64::from(c) * (self.probability[i][k].1 - shorter).abs()
                    }
                };
                worth.push((gain as f32, i, (s, c)));
            }
        }
        worth.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        // What comes before a kept sign is kept too: what is left after it stands there.
        let mut kept: Vec<HashMap<u64, u32>> = vec![HashMap::new(); ORDER];
        let mut entries = 0;
        for (_, i, (s, c)) in worth {
            if entries >= keep {
                break;
            }
            let before = (1..=i).map(|k| (i - k, s >> (BITS * k as u32)));
            for (i, s, c) in
                std::iter::once((i, s, c)).chain(before.map(|(i, s)| (i, s, counted(i, s))))
            {
                entries += usize::from(kept[i].insert(s, c).is_none());
            }
        }
        let sorted = |k: HashMap<u64, u32>| {
            let mut k: Counts = k.into_iter().collect();
            k.sort_unstable();
            k
        };
        kept.into_iter().map(sorted).collect()
    }

    fn table(&self) -> Language {
        let entries: usize = self.probability.iter().map(Vec::len).sum();
        let mut table = Language::with_slots((entries as f64 / FILLED) as usize);
        for (i, sequences) in self.probability.iter().enumerate() {
            for &(s, log) in sequences {
                let rests = self.rest.get(i + 1);
                let rest = rests.and_then(|r| find(r, s)).map(|r| r as f32);
                table.insert(s, i + 1, Entry { probability: log as f32, rest });
            }
        }
        table
    }
}

/// What stands beside a sequence in an ascending list.
fn find<T: Copy>(of: &[(u64, T)], sequence: u64) -> Option<T> {
    of.binary_search_by_key(&sequence, |e| e.0).ok().map(|i| of[i].1)
}
