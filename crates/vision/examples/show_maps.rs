//! Writes the finder's map of line cores for each page: `show_maps FINDER.safetensors OUT PAGE…`.

mod common;

use std::path::PathBuf;

use khocr_vision::find::{find, first_scale};
use khocr_vision::prepare;

fn main() -> common::Outcome<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let usage = "usage: show_maps FINDER.safetensors OUT PAGE…";
    let finder = common::finder(&args.next().ok_or(usage)?)?;
    let out = args.next().ok_or(usage)?;
    std::fs::create_dir_all(&out)?;
    for path in args {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let page = prepare(&common::load(&path)?)?;
        let maps = find(&*finder, &page, first_scale(&page))?.maps;
        let core: Vec<u8> = maps.core.iter().map(|v| (v * 255.0) as u8).collect();
        common::save(&out.join(format!("{name}_core.png")), maps.width, maps.height, &core)?;
    }
    Ok(())
}
