//! What the drawn lines say: stretches of the corpora, shaken cluster strings, generated items.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use fastrand::Rng;
use khocr_khmer::clusters::{Kind, clusters, well_formed};
use khocr_khmer::{canonical, labels};

use crate::generate;

/// A corpus of lines and how often it is drawn from.
struct Source {
    weight: f32,
    lines: Vec<String>,
}

/// Where texts are drawn from.
pub struct Texts {
    sources: Vec<Source>,
    total: f32,
    words: Vec<String>,
    clusters: Vec<String>,
    latin: Vec<String>,
}

/// How often each corpus is drawn from: official and legal text first.
const WEIGHTS: &[(&str, f32)] = &[
    ("law_constitution.txt", 3.0),
    ("rdlab_sentences.txt", 5.0),
    ("oscar_gov.zwsp.txt", 5.0),
    ("oscar_num.zwsp.txt", 3.0),
    ("oscar_mixed.zwsp.txt", 2.0),
    ("oscar_web.zwsp.txt", 1.5),
    ("oscar_religion.zwsp.txt", 1.0),
    ("news_khdata1000.zwsp.txt", 1.5),
    ("news_accident.txt", 0.5),
    ("news_sports_donut.txt", 0.5),
    ("folktales_wiki.txt", 1.0),
    ("wiki_5k.txt", 1.0),
    ("flores_ntrex.txt", 1.0),
    ("addresses.txt", 0.7),
    ("tech_ms_beginners.txt", 0.7),
    ("ui_libreoffice_help.txt", 0.5),
    ("ui_debian.txt", 0.5),
    ("dict_rac2022.txt", 1.5),
    ("dict_chuonnath.zwsp.txt", 1.0),
    ("udhr_tesslangdata.txt", 0.5),
    ("edu_answers.txt", 0.5),
];

impl Texts {
    /// Reads the corpora of a folder (`NAME.zst`, one line a row).
    ///
    /// # Errors
    /// When no corpus can be read.
    pub fn load(dir: &Path) -> Result<Self> {
        let mut sources = Vec::new();
        let mut latin = Vec::new();
        for &(name, weight) in WEIGHTS {
            let Ok(text) = read(&dir.join(format!("{name}.zst"))) else { continue };
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            for line in &lines {
                let stretch = line.split(|c: char| !c.is_ascii());
                latin.extend(stretch.map(str::trim).filter(|s| s.len() > 24).map(str::to_owned));
            }
            sources.push(Source { weight, lines });
        }
        anyhow::ensure!(!sources.is_empty(), "no corpus in {}", dir.display());
        let total = sources.iter().map(|s| s.weight).sum();
        let words = read(&dir.join("words.txt.zst"))?.lines().map(str::to_owned).collect();
        let clusters = read(&dir.join("clusters.tsv.zst"))?
            .lines()
            .filter_map(|l| l.split('\t').next())
            .filter(|c| labels::encode(c).is_some_and(|l| !l.is_empty()))
            .map(str::to_owned)
            .collect();
        Ok(Self { sources, total, words, clusters, latin })
    }

    /// A text of about `length` clusters that the label table can spell, white space single.
    #[must_use]
    pub fn pick(&self, rng: &mut Rng, length: usize) -> String {
        loop {
            let text = match rng.f32() {
                p if p < 0.52 => self.stretch(rng, length),
                p if p < 0.60 => generate::cell(rng, self),
                p if p < 0.75 => generate::item(rng, self, length),
                p if p < 0.80 => self.loose_words(rng, length),
                p if p < 0.84 => self.loose_clusters(rng, length),
                p if p < 0.89 => self.mixed(rng, length),
                _ => self.english(rng, length),
            };
            let text = if rng.f32() < 0.12 { confuse(rng, &text) } else { text };
            let text = tidy(&text);
            if !text.is_empty() && labels::encode(&text).is_some() {
                return text;
            }
        }
    }

    /// As [`Self::pick`], but only what people write: no words or clusters without sense, and no sign
    /// taken for another.
    #[must_use]
    pub fn written(&self, rng: &mut Rng, length: usize) -> String {
        loop {
            let text = match rng.f32() {
                p if p < 0.60 => self.stretch(rng, length),
                p if p < 0.68 => generate::cell(rng, self),
                p if p < 0.84 => generate::item(rng, self, length),
                p if p < 0.90 => self.mixed(rng, length),
                _ => self.english(rng, length),
            };
            let text = tidy(&text);
            if !text.is_empty() && labels::encode(&text).is_some() {
                return text;
            }
        }
    }

    /// A random word of the word lists.
    #[must_use]
    pub fn word(&self, rng: &mut Rng) -> &str {
        &self.words[rng.usize(..self.words.len())]
    }

    /// A stretch of running text from the corpora, cut between words where they are marked.
    #[must_use]
    pub fn stretch(&self, rng: &mut Rng, length: usize) -> String {
        let mut at = rng.f32() * self.total;
        let source = self.sources.iter().find(|s| {
            at -= s.weight;
            at < 0.0
        });
        let source = source.unwrap_or(&self.sources[0]);
        let line = &source.lines[rng.usize(..source.lines.len())];
        let starts: Vec<usize> = cluster_starts(line);
        if starts.len() <= length {
            return line.clone();
        }
        let breaks: Vec<usize> = starts
            .iter()
            .copied()
            .filter(|&i| {
                i == 0
                    || line[..i].ends_with([' ', '\u{200B}'])
                    || line[i..].starts_with('\u{200B}')
            })
            .collect();
        let first = if rng.f32() < 0.25 { 0 } else { breaks[rng.usize(..breaks.len())] };
        let from = starts.partition_point(|&s| s < first);
        let to = (from + length).min(starts.len());
        let end = starts.get(to).copied().unwrap_or(line.len());
        line[first..end].to_owned()
    }

    fn loose_words(&self, rng: &mut Rng, length: usize) -> String {
        let mut out = String::new();
        let mut n = 0;
        while n < length {
            let word = self.word(rng);
            n += cluster_starts(word).len();
            out.push_str(word);
            if rng.f32() < 0.3 {
                out.push(' ');
            }
        }
        out
    }

    /// Clusters without sense, rare ones nearly as often as common ones: the reader must not lean
    /// on what words usually are.
    fn loose_clusters(&self, rng: &mut Rng, length: usize) -> String {
        let mut out = String::new();
        let n = self.clusters.len() as f32;
        for _ in 0..length {
            let rank = (rng.f32().powi(3) * n * 0.5) as usize;
            out.push_str(&self.clusters[rank.min(self.clusters.len() - 1)]);
            if rng.f32() < 0.12 {
                out.push(' ');
            }
        }
        out
    }

    fn english(&self, rng: &mut Rng, length: usize) -> String {
        let text = &self.latin[rng.usize(..self.latin.len())];
        let mut words: Vec<&str> = text.split_whitespace().collect();
        if words.len() > 3 {
            words.drain(..rng.usize(..words.len() - 2));
        }
        let mut out = String::new();
        for word in words {
            if out.len() > length * 2 {
                break;
            }
            out.push_str(word);
            out.push(' ');
        }
        match rng.u8(..6) {
            0 => out.to_uppercase(),
            1 => out.to_lowercase(),
            _ => out,
        }
    }

    /// Khmer with an English stretch in it.
    fn mixed(&self, rng: &mut Rng, length: usize) -> String {
        let half = length / 2 + 1;
        let part = length / 3 + 2;
        let (open, close) =
            [(" ", " "), (" (", ") "), ("(", ")"), (" «", "» "), (" / ", " ")][rng.usize(..5)];
        let english = self.english(rng, part);
        format!(
            "{}{open}{}{close}{}",
            self.stretch(rng, half),
            english.trim(),
            self.stretch(rng, half)
        )
    }
}

/// Signs that print nearly alike.
const ALIKE: &[&str] = &[
    "ុូួ",
    "ិីឹឺ",
    "ំ៏៍័៌់",
    "៉៊ំ",
    "គតឥក",
    "ដជធ",
    "ភកត",
    "ឆធជ",
    "វរ",
    "េែៃ",
    "ចជ",
    "ពញ",
    "ពភ",
    "សន",
    "លឃ",
    "1lI|",
    "0Oo",
    "HMN",
    "VW",
    "rn",
];

/// The text with some of its signs taken for others that print nearly alike, so that a reader
/// must look and not go by what words usually are. Clusters stay well formed.
fn confuse(rng: &mut Rng, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in clusters(text) {
        let other: String = piece.text.chars().map(|c| near(rng, c)).collect();
        let other = canonical(&other);
        let kept = piece.kind == Kind::Cluster && !well_formed(&other);
        out.push_str(if kept { piece.text } else { &other });
    }
    out
}

/// Mostly `c`, else a sign that prints nearly alike.
fn near(rng: &mut Rng, c: char) -> char {
    let sets: Vec<&str> = ALIKE.iter().copied().filter(|set| set.contains(c)).collect();
    if sets.is_empty() || rng.f32() > 0.2 {
        return c;
    }
    let signs: Vec<char> = sets[rng.usize(..sets.len())].chars().collect();
    signs[rng.usize(..signs.len())]
}

/// Byte places where a cluster, or any other character, begins.
#[must_use]
pub fn cluster_starts(text: &str) -> Vec<usize> {
    let mut out = Vec::new();
    let mut coeng = false;
    for (i, c) in text.char_indices() {
        let mark = ('\u{17B4}'..='\u{17D3}').contains(&c) || c == '\u{17DD}' || c == '\u{200B}';
        if !mark && !coeng {
            out.push(i);
        }
        coeng = c == '\u{17D2}';
    }
    out
}

/// The text as its label reads: invisible signs out, white space single and none at the ends, and
/// a leader of dots or low lines as one sign, however long.
#[must_use]
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut dots = 0;
    for c in text.chars() {
        match c {
            '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}' => continue,
            '.' | '_' | '…' => dots += if c == '…' { 3 } else { 1 },
            _ => dots = 0,
        }
        if dots >= 3 {
            if !out.ends_with('…') {
                while out.ends_with(['.', '_']) {
                    out.pop();
                }
                out.push('…');
            }
        } else if c.is_whitespace() {
            if !out.ends_with(' ') && !out.is_empty() {
                out.push(' ');
            }
        } else {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn read(path: &Path) -> Result<String> {
    let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
    let mut text = String::new();
    zstd::Decoder::new(file)?.read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leader_is_one_sign() {
        assert_eq!(tidy("ឈ្មោះ ......... ភេទ____"), "ឈ្មោះ … ភេទ…");
        assert_eq!(tidy("ល.វ.  "), "ល.វ.");
    }

    #[test]
    fn stacks_are_one_cluster() {
        assert_eq!(cluster_starts("ស្ត្រីក").len(), 2);
    }
}
