//! Cuts every line of the given pages and writes the crops, as the reader gets them, to a folder:
//! `cut_lines OUT PAGE…` writes `OUT/<page>_<line>.png`.

mod common;

use std::path::{Path, PathBuf};

use khocr_vision::bands::bands;
use khocr_vision::classical::InkFinder;
use khocr_vision::{Scaler, core, cut, find, prepare};

fn main() -> common::Outcome<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let out = args.next().ok_or("usage: cut_lines OUT PAGE…")?;
    std::fs::create_dir_all(&out)?;
    for page in args {
        let name = page.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let lines = cut_page(&page, &out, &name)?;
        eprintln!("{name}: {lines} lines");
    }
    Ok(())
}

fn cut_page(path: &Path, out: &Path, name: &str) -> common::Outcome<usize> {
    let page = prepare(&common::load(path)?)?;
    let found = find::find(&InkFinder, &page, find::first_scale(&page))?;
    let mut bands = bands(&found);
    bands.sort_by(|a, b| a.curve.at(a.curve.from).total_cmp(&b.curve.at(b.curve.from)));
    let mut scaler = Scaler::default();
    for (i, band) in bands.iter().enumerate() {
        let crop = cut::cut(&page, &core::place(&page, band), &mut scaler)?;
        let file = out.join(format!("{name}_{i:03}.png"));
        common::save(&file, crop.gray.width, crop.gray.height, &crop.gray.pixels)?;
    }
    Ok(bands.len())
}
