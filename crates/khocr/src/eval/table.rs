//! The judge's table, with what others reach on the same pages, and the thresholds.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;

use super::{ALL, Report, Score};

/// A reader whose figures on the dev pages are known: CER and line, in per cent, by set.
struct Peer {
    name: &'static str,
    figures: &'static [(&'static str, f64, f64)],
}

/// Figures of stock programs on the same 41 pages with the same judge, as published beside them.
const PEERS: [Peer; 3] = [
    Peer {
        name: "tesseract khm+eng",
        figures: &[
            ("limon", 5.8, 5.2),
            ("scan", 20.5, 15.7),
            ("con2015", 23.0, 11.5),
            ("speech", 9.7, 8.2),
            ("wild", 6.8, 4.7),
            ("broken", 2.6, 1.8),
            (ALL, 8.8, 6.9),
        ],
    },
    Peer {
        name: "tesseract Khmer",
        figures: &[
            ("limon", 5.1, 4.4),
            ("scan", 17.9, 13.3),
            ("con2015", 24.9, 12.9),
            ("speech", 8.4, 7.1),
            ("wild", 7.4, 5.1),
            ("broken", 2.7, 2.1),
            (ALL, 8.0, 6.1),
        ],
    },
    // On 6 pages of limon and 1 of speech only.
    Peer {
        name: "smart-kh-ocr",
        figures: &[
            ("limon", 3.1, 2.7),
            ("scan", 9.2, 3.3),
            ("con2015", 2.4, 0.8),
            ("speech", 72.7, 51.6),
            ("wild", 21.6, 17.6),
            ("broken", 0.3, 0.3),
        ],
    },
];

/// One page's figures, in the judge's own form, with the time it took.
pub(super) fn page_row(id: &str, score: &Score, time: Duration) -> String {
    format!(
        "{id:28} n={:5}  CER {:6.2}  CERs {:6.2}  line {:6.2}  {:5.2} s",
        score.chars,
        score.cer(),
        score.cer_spaced(),
        score.line(),
        time.as_secs_f64()
    )
}

/// The figures by set, `CER (line)` of each peer beside them; the best figure in bold on a terminal.
pub(super) fn write(report: &Report, terminal: bool) -> String {
    let mut out = format!("{:9} {:>5}  {:>6} {:>6} {:>6}", "set", "pages", "CER", "CERs", "line");
    for peer in &PEERS {
        let _ = write!(out, "  {:>17}", peer.name);
    }
    out.push('\n');
    for (name, pages, score) in &report.sets {
        let peers: Vec<Option<(f64, f64)>> = PEERS.iter().map(|p| p.of(name)).collect();
        let best = peers.iter().flatten().all(|(_, line)| score.line() <= *line);
        let mut line = format!("{:6.2}", score.line());
        if best && terminal {
            line = format!("\u{1b}[1m{line}\u{1b}[0m");
        }
        let _ = write!(
            out,
            "{name:9} {pages:5}  {:6.2} {:6.2} {line}",
            score.cer(),
            score.cer_spaced()
        );
        for figures in peers {
            let cell =
                figures.map_or_else(String::new, |(cer, line)| format!("{cer:.1} ({line:.1})"));
            let _ = write!(out, "  {cell:>17}");
        }
        out.push('\n');
    }
    let pages = report.sets.last().map_or(0, |(_, pages, _)| *pages);
    let seconds = report.time.as_secs_f64();
    let _ = write!(
        out,
        "{pages} pages in {seconds:.1} s, {:.2} s a page",
        seconds / pages.max(1) as f64
    );
    out
}

impl Peer {
    fn of(&self, set: &str) -> Option<(f64, f64)> {
        let found = self.figures.iter().find(|(name, _, _)| *name == set);
        found.map(|(_, cer, line)| (*cer, *line))
    }
}

/// The figures by set as one JSON object.
pub(super) fn json(report: &Report) -> String {
    let round = |v: f64| (v * 1000.0).round() / 1000.0;
    let sets = report.sets.iter().map(|(name, pages, score)| {
        let figures = serde_json::json!({
            "pages": pages,
            "chars": score.chars,
            "CER": round(score.cer()),
            "CERs": round(score.cer_spaced()),
            "line": round(score.line()),
        });
        (name.clone(), figures)
    });
    let mut all: serde_json::Map<String, serde_json::Value> = sets.collect();
    all.insert("seconds".to_owned(), round(report.time.as_secs_f64()).into());
    serde_json::Value::Object(all).to_string()
}

/// The worst figures that are let pass, by set.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Thresholds {
    /// For pages read from their pictures.
    #[serde(default)]
    pictures: BTreeMap<String, Threshold>,
    /// For pages taken out of their PDFs.
    #[serde(default)]
    native: BTreeMap<String, Threshold>,
}

/// In per cent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Threshold {
    #[serde(rename = "CER")]
    cer: Option<f64>,
    line: Option<f64>,
}

impl Thresholds {
    pub(super) fn open(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} is no thresholds file", file.display()))
    }

    /// A line for each figure that is worse than allowed. A set that was not read is not judged.
    pub(super) fn missed(&self, report: &Report, native: bool) -> Vec<String> {
        let allowed = if native { &self.native } else { &self.pictures };
        let mut out = Vec::new();
        for (name, _, score) in &report.sets {
            let Some(threshold) = allowed.get(name) else { continue };
            let figures =
                [("CER", score.cer(), threshold.cer), ("line", score.line(), threshold.line)];
            for (figure, value, most) in figures {
                if let Some(most) = most.filter(|m| value > *m) {
                    out.push(format!("{name}: {figure} {value:.2}, at most {most:.2}"));
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(errors: usize) -> Report {
        let score = Score {
            chars: 1000,
            errors,
            spaced_chars: 1200,
            spaced_errors: errors,
            line_errors: errors,
        };
        Report {
            sets: vec![("limon".to_owned(), 2, score), (ALL.to_owned(), 2, score)],
            time: Duration::from_secs(3),
        }
    }

    #[test]
    fn the_table_has_the_peers_beside_our_figures() {
        let table = write(&report(6), false);
        assert!(
            table.contains("limon         2    0.60   0.50   0.60          5.8 (5.2)"),
            "{table}"
        );
        assert!(table.ends_with("2 pages in 3.0 s, 1.50 s a page"), "{table}");
    }

    #[test]
    fn a_figure_over_its_threshold_is_named() {
        let thresholds: Thresholds = serde_json::from_str(
            r#"{"pictures":{"limon":{"CER":1.0,"line":0.5},"gone":{"CER":0}}}"#,
        )
        .unwrap();
        assert_eq!(thresholds.missed(&report(6), false), ["limon: line 0.60, at most 0.50"]);
        assert!(thresholds.missed(&report(5), false).is_empty());
        assert!(thresholds.missed(&report(600), true).is_empty());
    }

    #[test]
    fn a_misspelt_threshold_is_refused() {
        assert!(serde_json::from_str::<Thresholds>(r#"{"pictures":{"limon":{"cer":1}}}"#).is_err());
    }
}
