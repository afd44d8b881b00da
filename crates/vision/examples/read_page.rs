//! Reads pages: `read_page FINDER.safetensors READER.safetensors [--language FILE WEIGHT BONUS] OUT PAGE…` writes `OUT/<page>.txt`, its lines with
//! confidence and size `OUT/<page>.tsv`, the overlay `OUT/<page>.png`, and the time of each stage to standard error. `-` for the
//! finder takes the one without a model. `read_page embedded OUT PAGE…` reads as the binary does.

mod common;

use std::path::PathBuf;

use khocr_vision::beam::Beam;
use khocr_vision::language::Language;
use khocr_vision::overlay::overlay;

fn main() -> common::Outcome<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let usage = "usage: read_page FINDER.safetensors READER.safetensors [--language FILE WEIGHT BONUS] OUT PAGE…";
    let finder = args.next().ok_or(usage)?;
    let mut reader = if finder.as_os_str() == "embedded" {
        khocr_vision::Reader::embedded()?
    } else {
        common::reader(&finder, Some(&args.next().ok_or(usage)?))?
    };
    let mut out = args.next().ok_or(usage)?;
    if out.as_os_str() == "--language" {
        let mut beam = Beam::new(Language::read(std::fs::read(args.next().ok_or(usage)?)?)?);
        let mut number = || args.next().and_then(|a| a.to_str()?.parse().ok()).ok_or(usage);
        (beam.weight, beam.bonus) = (number()?, number()?);
        reader = reader.with_decoder(Box::new(beam));
        out = args.next().ok_or(usage)?;
    }
    std::fs::create_dir_all(&out)?;
    for path in args {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let image = common::load(&path)?;
        let (page, times) = reader.read_timed(&image, &|| false)?;
        eprintln!("{name}: {} lines, {times:.1?}", page.lines().count());
        std::fs::write(out.join(format!("{name}.txt")), page.text())?;
        let lines: String = page
            .lines()
            .map(|l| format!("{:.3}\t{:?}\t{}\n", l.confidence, l.style.size, l.text))
            .collect();
        std::fs::write(out.join(format!("{name}.tsv")), lines)?;
        let (width, height, pixels) = overlay(&image, &page);
        common::save(&out.join(format!("{name}.png")), width as usize, height as usize, &pixels)?;
    }
    Ok(())
}
