//! Writes the pictures of a PDF's pages as PPM: `picture FILE.pdf DIR [dpi]`.
#![allow(clippy::print_stdout)]

use std::io::Write;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (file, dir) = (args.next().ok_or("no file")?, args.next());
    let dpi = args.next().map_or(Ok(200.0), |v| v.parse())?;
    let pdf = khocr_pdf::Pdf::open(std::fs::read(&file)?, None, &khocr_pdf::Limits::default())?;
    for index in 0..pdf.page_count() {
        let start = Instant::now();
        match pdf.picture(index, dpi) {
            Ok(p) => {
                let (w, h, time) = (p.width, p.height, start.elapsed());
                println!(
                    "{file} {} {w}x{h} {:.0} dpi {:?} {:?} {time:?}",
                    index + 1,
                    p.dpi,
                    p.origin,
                    p.matrix
                );
                if let Some(dir) = &dir {
                    let mut out = std::fs::File::create(format!("{dir}/{:03}.ppm", index + 1))?;
                    writeln!(out, "P6 {w} {h} 255")?;
                    out.write_all(&p.pixels)?;
                }
            }
            Err(error) => println!("{file} {} {error}", index + 1),
        }
    }
    Ok(())
}
