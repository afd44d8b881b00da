#![forbid(unsafe_code)]
//! Streams drawn lines to the trainer, or draws a contact sheet to look at.
//!
//! `lines --shared DIR [--latin DIR] [--seed N] [--count N] [--split train|held] [--harsh F]
//! [--legacy F] [--clean F] [--widest N] [--written true] [--tiers gov,text,display,decorative]
//! [--faces FILE.tsv] [--sheet FILE.pgm]`
//!
//! `lines --classes` prints the text of each class, one a row, and nothing else.
//!
//! The stream on standard output: per line a little-endian u16 width, u16 number of labels, the
//! labels as u16, and the pixels, 48 rows of `width` bytes. `--count 0` never ends. `--faces` notes
//! the Khmer face and its Latin companion of each line, a row a line.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use khocr_khmer::labels;
use khocr_synth::fonts::{FontSet, Split, Tier};
use khocr_synth::line::{self, HEIGHT, Recipe};
use khocr_synth::text::Texts;

fn main() -> Result<()> {
    let mut shared = PathBuf::from("../shared");
    let mut latin = PathBuf::from("/usr/share/fonts/truetype");
    let (mut seed, mut count) = (1u64, 0usize);
    let (mut split, mut sheet, mut faces) = (Split::Train, None, None);
    let mut recipe = Recipe::default();
    let mut tiers = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--classes" {
            let rows: String =
                (0..labels::count()).map(|c| format!("{}\n", labels::text(c))).collect();
            return Ok(std::io::stdout().write_all(rows.as_bytes())?);
        }
        let value = args.next().with_context(|| format!("{arg} needs a value"))?;
        match arg.as_str() {
            "--shared" => shared = value.into(),
            "--latin" => latin = value.into(),
            "--seed" => seed = value.parse()?,
            "--count" => count = value.parse()?,
            "--split" => {
                split = match value.as_str() {
                    "train" => Split::Train,
                    "held" => Split::Held,
                    _ => Split::All,
                }
            }
            "--harsh" => recipe.harsh = value.parse()?,
            "--legacy" => recipe.legacy = value.parse()?,
            "--clean" => recipe.clean = value.parse()?,
            "--widest" => recipe.widest = value.parse()?,
            "--written" => recipe.written = value.parse()?,
            "--tiers" => {
                for name in value.split(',') {
                    tiers.push(match name {
                        "gov" => Tier::Gov,
                        "text" => Tier::Text,
                        "display" => Tier::Display,
                        "decorative" => Tier::Decorative,
                        _ => bail!("no tier {name}"),
                    });
                }
            }
            "--faces" => faces = Some(std::fs::File::create(value)?),
            "--sheet" => sheet = Some(PathBuf::from(value)),
            other => bail!("unknown option {other}"),
        }
    }
    let mut fonts = FontSet::load(&shared.join("fonts"), &latin, split)?;
    let texts = Texts::load(&shared.join("corpus"))?;
    if !tiers.is_empty() {
        fonts.keep(&tiers);
        anyhow::ensure!(!fonts.khmer.is_empty(), "no face of these tiers");
    }
    eprintln!(
        "{} Khmer faces, {} Limon, {} Latin",
        fonts.khmer.len(),
        fonts.legacy.len(),
        fonts.latin.len()
    );
    let mut rng = fastrand::Rng::with_seed(seed);
    if let Some(path) = sheet {
        return contact_sheet(&mut rng, &fonts, &texts, &recipe, count.max(1), &path);
    }
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    let mut sent = 0;
    while count == 0 || sent < count {
        let s = line::draw(&mut rng, &fonts, &texts, &recipe);
        out.write_all(&(s.width as u16).to_le_bytes())?;
        out.write_all(&(s.labels.len() as u16).to_le_bytes())?;
        for label in &s.labels {
            out.write_all(&label.to_le_bytes())?;
        }
        out.write_all(&s.pixels)?;
        if let Some(faces) = &mut faces {
            writeln!(faces, "{}\t{}", s.face, s.companion.unwrap_or_default())?;
        }
        sent += 1;
    }
    out.flush()?;
    Ok(())
}

/// Lines below each other in one gray picture (PGM), and their texts on standard error.
fn contact_sheet(
    rng: &mut fastrand::Rng,
    fonts: &FontSet,
    texts: &Texts,
    recipe: &Recipe,
    count: usize,
    path: &std::path::Path,
) -> Result<()> {
    let width = recipe.widest;
    let mut sheet = vec![128u8; width * count * (HEIGHT + 4)];
    for i in 0..count {
        let s = line::draw(rng, fonts, texts, recipe);
        eprintln!("{i:3} {:28} {}", s.face, s.text);
        for (y, row) in s.pixels.chunks(s.width).enumerate() {
            let at = (i * (HEIGHT + 4) + y) * width;
            let n = s.width.min(width);
            sheet[at..at + n].copy_from_slice(&row[..n]);
        }
    }
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    write!(file, "P5\n{width} {}\n255\n", count * (HEIGHT + 4))?;
    file.write_all(&sheet)?;
    Ok(())
}
