//! Wears a real page as drawn ones are worn: `wear_page IN.pgm OUT.pgm Scan|Bits|Photo SEED CORE`
//! reads an 8-bit binary PGM, prints it, scans it in gray or in black and white or photographs it, and
//! writes the picture. CORE is the core height of its text in pixels.

use std::error::Error;
use std::io::Write;

use fastrand::Rng;
use khocr_synth::page::Means;
use khocr_synth::page::sheet::Sheet;
use khocr_synth::page::warp::Warp;
use khocr_synth::page::wear::wear;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, means, seed, core] = args.as_slice() else {
        return Err("usage: wear_page IN.pgm OUT.pgm Scan|Bits|Photo SEED CORE".into());
    };
    let means = match means.as_str() {
        "Scan" => Means::Scan,
        "Bits" => Means::Bits,
        "Photo" => Means::Photo,
        _ => return Err("Scan, Bits or Photo".into()),
    };
    let core: f32 = core.parse()?;
    let mut rng = Rng::with_seed(seed.parse()?);
    let (columns, rows, gray) = pgm(&std::fs::read(from)?).ok_or("no 8-bit binary PGM")?;
    // Net pixels are those of a page of 1,024.
    let scale = columns.max(rows) as f32 / 1024.0;
    let mut sheet = Sheet::new(columns as f32 / scale, rows as f32 / scale, scale, 255);
    if gray.len() != sheet.gray.len() {
        return Err("the picture is too small".into());
    }
    sheet.gray = gray;
    let (w, h) = (sheet.width, sheet.height);
    let warp = match means {
        Means::Photo => Warp::photo(w, h, &mut rng),
        _ => Warp::skew(w, h, 3.0 * rng.f32() - 1.5),
    };
    let dotted = means == Means::Bits && core > 12.0 && rng.f32() < 0.35;
    let (worn, _) = wear(&mut sheet, &warp, (means, dotted), core, &mut rng);
    let mut out = std::fs::File::create(to)?;
    write!(out, "P5\n{} {}\n255\n", sheet.columns, sheet.rows)?;
    out.write_all(&worn)?;
    Ok(())
}

/// Width, height and pixels.
fn pgm(bytes: &[u8]) -> Option<(usize, usize, Vec<u8>)> {
    let mut at = 0;
    let mut word = || {
        let start = at + bytes[at..].iter().position(|b| !b.is_ascii_whitespace())?;
        at = start + bytes[start..].iter().position(u8::is_ascii_whitespace)?;
        std::str::from_utf8(&bytes[start..at]).ok()
    };
    if word()? != "P5" {
        return None;
    }
    let (width, height, most): (usize, usize, usize) =
        (word()?.parse().ok()?, word()?.parse().ok()?, word()?.parse().ok()?);
    let pixels = bytes.get(at + 1..at + 1 + width * height)?;
    (most == 255).then(|| (width, height, pixels.to_vec()))
}
