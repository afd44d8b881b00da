//! Cuts every line of the given pages and writes the crops, as the reader gets them, to a folder:
//! `cut_lines FINDER.safetensors OUT PAGE…` writes `OUT/<page>_<line>.png`. With `-` for the model, lines
//! are found without one.

mod common;

use std::path::PathBuf;

fn main() -> common::Outcome<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let usage = "usage: cut_lines FINDER.safetensors OUT PAGE…";
    let reader = common::reader(&args.next().ok_or(usage)?, None)?;
    let out = args.next().ok_or(usage)?;
    std::fs::create_dir_all(&out)?;
    for path in args {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let crops = reader.crops(&common::load(&path)?)?;
        eprintln!("{name}: {} lines", crops.len());
        for (i, crop) in crops.iter().enumerate() {
            let file = out.join(format!("{name}_{i:03}.png"));
            common::save(&file, crop.gray.width, crop.gray.height, &crop.gray.pixels)?;
        }
    }
    Ok(())
}
