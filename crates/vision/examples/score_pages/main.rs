//! Measures page analysis on drawn pages that no net was trained on.
//!
//! `score_pages [--shared ../shared] [--pages 300] [--seed 500000] [--kind Tables|Photo] [--budgets 0.5] [--only SEED,SEED…] [--worst DIR]
//! [--finder FINDER.safetensors] [--each true]
//! [--evidence FILE.tsv] [--rows FILE] [--columns FILE] [--refused DIR] [--floors recall=94,cells=60,…]` draws pages of those seeds in faces held back from training, reads them
//! with the embedded models, and prints for each kind of page: line recall and precision, ink cut,
//! order, cells of tables, tables invented; with `--each true`, for each page too. `--budgets` is the share of tables set as budgets are. [`judge`] says what each figure counts. With `--worst`, pictures of the
//! worst 24 pages are written, and a line is printed about each table that is not right and each pair out of order; with `--refused`,
//! the crops of drawn lines that were not taken for text and pictures of all lines that were lost
//! or that nobody could read, and are not judged, and a line is printed about each that was lost. With `--rows` or `--columns` (built with the feature `trace`), what was known
//! of the rows or the columns of tables is written. With `--floors`, a figure over all pages below its floor ends it with an error.

#![allow(clippy::print_stdout, reason = "its figures are its answer")]

mod cells;
#[path = "../common/mod.rs"]
mod common;
mod draw;
mod floors;
mod ink;
mod judge;
#[cfg(feature = "trace")]
mod told;
mod truth;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use judge::Counts;
use khocr_synth::fonts::{FontSet, Split};
use khocr_synth::page::layouts::Kind;
use khocr_synth::page::{Kit, Original, Page};
use khocr_synth::text::Texts;
use khocr_vision::core::Placed;
use khocr_vision::cut::cut;
use khocr_vision::{Analysis, PageImage, Reader, Scaler, erase, rules};

struct Args {
    shared: PathBuf,
    latin: PathBuf,
    pages: u64,
    seed: u64,
    kind: Option<String>,
    budgets: f32,
    only: Vec<u64>,
    each: bool,
    worst: Option<PathBuf>,
    finder: Option<PathBuf>,
    evidence: Option<PathBuf>,
    #[cfg(feature = "trace")]
    rows: Option<std::fs::File>,
    #[cfg(feature = "trace")]
    columns: Option<std::fs::File>,
    refused: Option<PathBuf>,
    floors: Vec<floors::Floor>,
}

fn args() -> common::Outcome<Args> {
    let mut out = Args {
        shared: "../shared".into(),
        latin: "/usr/share/fonts/truetype".into(),
        pages: 300,
        seed: 500_000,
        kind: None,
        budgets: 0.0,
        only: Vec::new(),
        each: false,
        worst: None,
        finder: None,
        evidence: None,
        #[cfg(feature = "trace")]
        rows: None,
        #[cfg(feature = "trace")]
        columns: None,
        refused: None,
        floors: Vec::new(),
    };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let value = given.next().ok_or_else(|| format!("{name} lacks its value"))?;
        match name.as_str() {
            "--shared" => out.shared = value.into(),
            "--latin" => out.latin = value.into(),
            "--pages" => out.pages = value.parse()?,
            "--seed" => out.seed = value.parse()?,
            "--only" => out.only = value.split(',').map(str::parse).collect::<Result<_, _>>()?,
            "--each" => out.each = value.parse()?,
            "--budgets" => out.budgets = value.parse()?,
            "--kind" => out.kind = Some(value),
            "--worst" => out.worst = Some(value.into()),
            "--evidence" => out.evidence = Some(value.into()),
            #[cfg(feature = "trace")]
            "--rows" => out.rows = Some(std::fs::File::create(value)?),
            #[cfg(feature = "trace")]
            "--columns" => out.columns = Some(std::fs::File::create(value)?),
            "--refused" => out.refused = Some(value.into()),
            "--floors" => out.floors = floors::parse(&value)?,
            "--finder" => out.finder = Some(value.into()),
            _ => return Err(format!("{name} is not known").into()),
        }
    }
    Ok(out)
}

fn main() -> common::Outcome<()> {
    let args = args()?;
    let fonts = FontSet::load(&args.shared.join("fonts"), &args.latin, Split::Held)?;
    let mut kit = Kit::new(fonts, Texts::load(&args.shared.join("corpus"))?);
    kit.measures = true;
    kit.budgets = args.budgets;
    let mut reader = Reader::embedded()?;
    if let Some(finder) = &args.finder {
        reader = reader.with_finder(common::finder(finder)?);
    }
    let mut kinds: BTreeMap<String, Counts> = BTreeMap::new();
    let mut worst: Vec<(usize, String, Picture)> = Vec::new();
    let mut seed = args.seed;
    let mut drawn = 0;
    let mut rows = String::new();
    let mut only = args.only.iter();
    while drawn < args.pages {
        if !args.only.is_empty() {
            let Some(next) = only.next() else { break };
            seed = *next;
        }
        let page = kit.page(seed);
        seed += 1;
        let kind = format!("{:?}", page.kind);
        let means = format!("{:?}", page.means);
        if args.kind.as_ref().is_some_and(|k| *k != kind && *k != means) {
            continue;
        }
        drawn += 1;
        let found = reader.analyse(&picture(&page.original))?;
        let truth = truth::lines(&page, &found);
        let judged = judge::judge(&truth, &found, &page.tables);
        let mut rows_of = vec![kind.clone(), format!("~{means}"), "ALL".to_owned()];
        if args.each {
            rows_of.push(format!("~{means}.{kind}.{}", seed - 1));
        }
        for name in rows_of {
            kinds.entry(name).or_default().add(&judged.counts);
        }
        if args.evidence.is_some() {
            rows += &evidence(&page.kind, &truth, &found);
        }
        #[cfg(feature = "trace")]
        if let Some(mut file) = args.rows.as_ref() {
            std::io::Write::write_all(&mut file, told::rows(seed - 1, &truth, &found).as_bytes())?;
        }
        #[cfg(feature = "trace")]
        if let Some(mut file) = args.columns.as_ref() {
            std::io::Write::write_all(
                &mut file,
                told::columns(seed - 1, &truth, &found).as_bytes(),
            )?;
        }
        if let Some(folder) = &args.refused {
            print_lost(seed - 1, &page, &truth, &judged, &found);
            save_refused(folder, seed - 1, &truth, &found)?;
            save_lines(folder, &format!("lost_{}", seed - 1), &truth, &judged.lost, &found)?;
            let worn: Vec<usize> = (0..page.lines.len()).filter(|i| !page.readable[*i]).collect();
            save_lines(folder, &format!("worn_{}", seed - 1), &truth, &worn, &found)?;
        }
        let mistakes = judged.counts.mistakes();
        if args.worst.is_some() {
            judged.reports.iter().for_each(|r| println!("{} {:?}: {r}", seed - 1, page.means));
            print_jumps(seed - 1, &page, &judged);
        }
        if args.worst.is_some() && mistakes > 0 {
            let pixels = draw::draw(&found, &truth, &judged);
            let name = format!("{mistakes:04}_{kind}_{:?}_{}.png", page.means, seed - 1);
            worst.push((mistakes, name, (found.page.width, found.page.height, pixels)));
            worst.sort_by_key(|w| std::cmp::Reverse(w.0));
            worst.truncate(24);
        }
    }
    print(&kinds);
    if let Some(file) = &args.evidence {
        std::fs::write(file, rows)?;
    }
    if let Some(folder) = &args.worst {
        save(folder, &worst)?;
    }
    let all = kinds.get("ALL").copied().unwrap_or_default();
    Ok(floors::check(&args.floors, &all)?)
}

/// A line about each pair of drawn lines out of order, and what was read after the first instead.
fn print_jumps(seed: u64, page: &Page, judged: &judge::Judged) {
    let text = |i: usize| page.lines[i].text.chars().take(24).collect::<String>();
    for &(a, b, read) in &judged.jumps {
        let read = read.map_or("nothing".to_owned(), text);
        println!("{seed} {:?}: order: {} | {}, but read | {read}", page.means, text(a), text(b));
    }
}

/// For each line cut, a row: page kind, whether it was kept, whether it lies on drawn lines, and its
/// evidence; for fitting the verdict.
fn evidence(kind: &Kind, truth: &[truth::Line], found: &Analysis) -> String {
    let kept = found.lines.iter().zip(&found.evidence).map(|(l, e)| (1, l, e));
    let refused = found.refused.iter().zip(&found.refused_for).map(|(l, e)| (0, l, e));
    kept.chain(refused)
        .map(|(kept, line, e)| {
            let on = judge::on_lines(truth, line);
            format!(
                "{kind:?}\t{kept}\t{on:.2}\t{:.4}\t{}\t{:.3}\t{:.2}\t{:.3}\t{:.3}\t{:.3}\t{}\t{}\t{:.3}\t{}\t{:.2}\t{:.0}\t{:.0}\n",
                e.confidence,
                e.signs,
                e.size,
                e.length,
                e.figure,
                e.band,
                e.trust,
                u8::from(e.number),
                u8::from(e.found),
                e.ink,
                e.letters,
                e.aside,
                line.curve.from,
                line.curve.at(line.curve.from),
            )
        })
        .collect()
}

/// A line about each drawn line that was lost: why, how large it is and where, what it says, and
/// what was known of what was cut there and refused.
fn print_lost(
    seed: u64,
    page: &Page,
    truth: &[truth::Line],
    judged: &judge::Judged,
    found: &Analysis,
) {
    for (&i, why) in judged.lost.iter().zip(&judged.why) {
        let line = &truth[i];
        let (Some(from), Some(to)) = (line.middle.first(), line.middle.last()) else { continue };
        let here = |l: &Placed| {
            let x = f32::midpoint(l.curve.from, l.curve.to);
            line.at(x).is_some_and(|y| (y - l.curve.at(x)).abs() < 0.6 * line.core)
        };
        let refused = found.refused.iter().zip(&found.refused_for).filter(|(l, _)| here(l));
        let known: Vec<String> = refused.map(|(_, e)| format!("{e:?}")).collect();
        println!(
            "{seed} {:?} {:?}: {why}: core {:.1}, at {:.0}, {:.0}, {:.1} cores long: {} {}",
            page.kind,
            page.means,
            line.core,
            from.0,
            from.1,
            (to.0 - from.0) / line.core,
            page.lines[i].text,
            known.join(" "),
        );
    }
}

/// Crops of what was refused though it lies on drawn lines.
fn save_refused(
    folder: &Path,
    seed: u64,
    truth: &[truth::Line],
    found: &Analysis,
) -> common::Outcome<()> {
    std::fs::create_dir_all(folder)?;
    let mut scaler = Scaler::default();
    let mut cores: Vec<f32> = found.lines.iter().map(|l| l.core).collect();
    cores.sort_by(f32::total_cmp);
    let core = cores.get(cores.len() / 2).copied().unwrap_or(16.0);
    let page = erase::without_down(&found.page, &rules::find(&found.page, core, 0.0));
    let lines = found.refused.iter().zip(&found.refused_for);
    for (i, (line, why)) in lines.enumerate() {
        if judge::on_lines(truth, line) <= 0.5 {
            continue;
        }
        let crop = cut(&page, line, &mut scaler)?.gray;
        let name = format!("{seed}_{i:03}_{}_{:.2}.png", why.signs, why.confidence);
        common::save(&folder.join(name), crop.width, crop.height, &crop.pixels)?;
    }
    Ok(())
}

/// Pictures of drawn lines.
fn save_lines(
    folder: &Path,
    name: &str,
    truth: &[truth::Line],
    lines: &[usize],
    found: &Analysis,
) -> common::Outcome<()> {
    let page = &found.page;
    for &i in lines {
        let (line, room) = (&truth[i], 1.5 * truth[i].core);
        let edge = |at: usize, low: f32, limit: usize| {
            let all = line.words.iter().map(|w| w[at]);
            let v = if low < 0.0 { all.fold(f32::MAX, f32::min) } else { all.fold(0.0, f32::max) };
            ((v + low * room).max(0.0) as usize).min(limit)
        };
        let (x0, x1) = (edge(0, -1.0, page.width), edge(2, 1.0, page.width));
        let (y0, y1) = (edge(1, -1.0, page.height), edge(3, 1.0, page.height));
        if x0 >= x1 || y0 >= y1 {
            continue;
        }
        let pixels: Vec<u8> = (y0..y1).flat_map(|y| page.row(y)[x0..x1].to_vec()).collect();
        common::save(&folder.join(format!("{name}_{i:03}.png")), x1 - x0, y1 - y0, &pixels)?;
    }
    Ok(())
}

/// Width, height and RGB.
type Picture = (usize, usize, Vec<u8>);

fn save(folder: &Path, worst: &[(usize, String, Picture)]) -> common::Outcome<()> {
    std::fs::create_dir_all(folder)?;
    for (_, name, (width, height, pixels)) in worst {
        common::save(&folder.join(name), *width, *height, pixels)?;
    }
    Ok(())
}

fn picture(page: &Original) -> PageImage {
    PageImage {
        width: page.width as u32,
        height: page.height as u32,
        pixels: page.gray.iter().flat_map(|&v| [v; 3]).collect(),
        dpi: None,
    }
}

fn print(kinds: &BTreeMap<String, Counts>) {
    let percent = |[all, good]: [usize; 2]| match all {
        0 => "     -".to_owned(),
        _ => format!("{:6.2}", 100.0 * good as f32 / all as f32),
    };
    println!(
        "{:9} {:>5} {:>6} {:>6} {:>6} {:>6} {:>6}  {:>20}  {:>20}  lost: refused joined unseen; ink gone; tables invented",
        "pages",
        "count",
        "lines",
        "recall",
        "prec.",
        "cut",
        "order",
        "cells full/half/none",
        "tables full/half/none",
    );
    for (kind, c) in kinds {
        let ink = [c.ink.pieces, c.ink.cut];
        let three = |t: &[[usize; 2]; 3]| t.map(percent).join(" ");
        println!(
            "{kind:9} {:5} {:6} {} {} {} {}  {}  {}  {:4} {:4} {:4}; {:4}; {:4}",
            c.pages,
            c.lines[0],
            percent(c.lines),
            percent(c.found),
            percent(ink),
            percent(c.pairs),
            three(&c.cells),
            three(&c.tables),
            c.lost[0],
            c.lost[1],
            c.lost[2],
            c.ink.gone,
            c.grids[0] - c.grids[1],
        );
    }
}
