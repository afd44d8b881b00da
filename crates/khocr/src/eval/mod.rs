//! `khocr eval`: pages with known text through the product, and the judge's table.

mod align;
mod confusions;
mod manifest;
mod reliability;
mod score;
mod table;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use khocr_convert::{Converter, Options};
use khocr_document::Document;

use self::confusions::Confusions;
use self::manifest::{Manifest, Page};
use self::reliability::Reliability;
use self::score::Score;
use self::table::Thresholds;
use crate::cli::EvalArgs;
use crate::{out, reader};

/// The name of the row that sums up all sets.
const ALL: &str = "ALL";

/// Scores by set, in the manifest's order, all of them last.
pub(crate) struct Report {
    /// Name, pages and score of each set.
    sets: Vec<(String, usize, Score)>,
    /// Time spent reading.
    time: Duration,
}

/// Reads and scores the pages; an error when a threshold is missed.
pub(crate) fn run(args: &EvalArgs) -> anyhow::Result<()> {
    let manifest = Manifest::open(&args.manifest)?;
    let mut pages = manifest.pages(args.native)?;
    if let Some(only) = &args.only {
        pages.retain(|p| p.id.contains(only) || p.set.contains(only));
    }
    if pages.is_empty() {
        bail!("{} has no page to score", args.manifest.display());
    }
    if let Some(folder) = &args.guesses {
        std::fs::create_dir_all(folder).context("the folder for guesses cannot be made")?;
    }
    let converter = match args.score {
        Some(_) => None,
        None => Some(reader::converter()),
    };

    let mut time = Duration::ZERO;
    let mut by_set: BTreeMap<String, (usize, Score)> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    let mut confusions = Confusions::default();
    let mut reliability = Reliability::default();
    for page in &pages {
        let truth = std::fs::read_to_string(&page.truth)
            .with_context(|| format!("{} cannot be read", page.truth.display()))?;
        let start = Instant::now();
        let guess = match (&converter, &args.score) {
            (Some(converter), _) => match read(converter, page) {
                Ok(document) => {
                    if args.reliability {
                        reliability.add(&truth, &document);
                    }
                    document.text
                }
                Err(error) => {
                    // A page that is lost counts as an empty guess, as the judge has it.
                    tracing::error!("{}: {error:#}", page.id);
                    String::new()
                }
            },
            (None, Some(folder)) => guess_of(folder, &page.id),
            (None, None) => String::new(),
        };
        let took = start.elapsed();
        time += took;
        if let Some(folder) = &args.guesses {
            std::fs::write(folder.join(format!("{}.txt", page.id)), &guess)?;
        }
        if args.confusions {
            confusions.add(&truth, &guess);
        }
        let score = Score::of(&truth, &guess);
        if !args.json {
            out::line(table::page_row(&page.id, &score, took))?;
        }
        for set in [page.set.as_str(), ALL] {
            if !by_set.contains_key(set) && set != ALL {
                order.push(set.to_owned());
            }
            let entry = by_set.entry(set.to_owned()).or_default();
            entry.0 += 1;
            entry.1 += score;
        }
    }
    order.push(ALL.to_owned());
    let sets = order.into_iter().map(|name| {
        let (count, score) = by_set.get(&name).copied().unwrap_or_default();
        (name, count, score)
    });
    let report = Report { sets: sets.collect(), time };
    if args.json {
        out::line(table::json(&report))?;
    } else {
        out::line("")?;
        out::line(table::write(&report, std::io::stdout().is_terminal()))?;
        if args.confusions {
            out::line(format!("\ncount  truth → read\n{}", confusions.table(50)))?;
        }
        if args.reliability {
            out::line(format!("\n{}", reliability.table()))?;
        }
    }
    match &args.thresholds {
        Some(file) => check(file, &report, args.native),
        None => Ok(()),
    }
}

/// A page as the product gives it.
fn read(converter: &Converter, page: &Page) -> anyhow::Result<Document> {
    let bytes = std::fs::read(&page.file)
        .with_context(|| format!("{} cannot be read", page.file.display()))?;
    let pages = page.number.map(|n| n.to_string().parse()).transpose()?;
    let options = Options { pages, ..Options::default() };
    Ok(converter.convert(bytes, &options, &mut |_| ControlFlow::Continue(()))?)
}

/// A text made by another reader; empty when it made none.
fn guess_of(folder: &Path, id: &str) -> String {
    let bytes = std::fs::read(folder.join(format!("{id}.txt"))).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Holds the figures against the file of thresholds.
fn check(file: &Path, report: &Report, native: bool) -> anyhow::Result<()> {
    let thresholds = Thresholds::open(file)?;
    let missed = thresholds.missed(report, native);
    if missed.is_empty() {
        out::line(format!("every set is within {}", file.display()))
    } else {
        bail!("worse than {} allows:\n{}", file.display(), missed.join("\n"));
    }
}
