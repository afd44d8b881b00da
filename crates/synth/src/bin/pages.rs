//! Streams drawn pages to standard output for the training of the line finder.
//!
//! `pages FONTS LATIN CORPUS SEED COUNT [train|hard|tables|held]`: `COUNT` pages of the seeds from `SEED`
//! on. A page is width and height (two little-endian u32), the gray pixels, then six label maps of
//! a quarter of each side (core bands, full extents, rules, figures, gutters of tables, partings of
//! their rows), one byte a cell. With `tables` three pages of four that hold no table are left out;
//! with `hard` two of three that hold none and were not photographed, and with both a fifth of the tables are set
//! as budgets are; with `held` the faces are
//! those kept back from training, and a JSON line of the lines' bands follows each page after its
//! length (u32).

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use khocr_synth::fonts::{FontSet, Split};
use khocr_synth::page::{Kit, Means, Page};
use khocr_synth::text::Texts;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let arg = |i: usize| {
        args.get(i)
            .with_context(|| format!("argument {i} is missing: FONTS LATIN CORPUS SEED COUNT"))
    };
    let held = args.get(5).is_some_and(|a| a == "held");
    let tables = args.get(5).is_some_and(|a| a == "tables");
    let hard = args.get(5).is_some_and(|a| a == "hard");
    let split = if held { Split::Held } else { Split::Train };
    let fonts = FontSet::load(Path::new(arg(0)?), Path::new(arg(1)?), split)?;
    let mut kit = Kit::new(fonts, Texts::load(Path::new(arg(2)?))?);
    kit.budgets = if tables || hard { 0.2 } else { 0.0 };
    let seed: u64 = arg(3)?.parse()?;
    let count: u64 = arg(4)?.parse()?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for seed in seed..seed.saturating_add(count) {
        let page = kit.page(seed);
        let rare = !page.tables.is_empty() || (hard && page.means == Means::Photo);
        let every = if tables { 4 } else { 3 };
        if (tables || hard) && !rare && !seed.is_multiple_of(every) {
            continue;
        }
        out.write_all(&(page.width as u32).to_le_bytes())?;
        out.write_all(&(page.height as u32).to_le_bytes())?;
        out.write_all(&page.gray)?;
        out.write_all(&page.maps)?;
        if held {
            let truth = truth(&page);
            out.write_all(&(truth.len() as u32).to_le_bytes())?;
            out.write_all(truth.as_bytes())?;
        }
    }
    out.flush()?;
    Ok(())
}

/// The lines of a page as JSON: text, block, table cell, and the band's top and foot in pixels.
fn truth(page: &Page) -> String {
    let lines: Vec<serde_json::Value> = page
        .lines
        .iter()
        .zip(&page.bands)
        .map(|(line, band)| {
            serde_json::json!({
                "text": line.text,
                "block": line.block,
                "cell": line.cell.map(|c| [c.table, c.row, c.column]),
                "top": band.top,
                "foot": band.foot,
            })
        })
        .collect();
    serde_json::json!({ "kind": format!("{:?}", page.kind), "means": format!("{:?}", page.means), "lines": lines }).to_string()
}
