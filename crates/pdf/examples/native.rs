//! Prints the text layer of a PDF's pages: `native FILE.pdf [page]`.
#![allow(clippy::print_stdout)]

use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let file = args.next().ok_or("no file")?;
    let only: Option<u32> = args.next().map(|v| v.parse()).transpose()?;
    let pdf = khocr_pdf::Pdf::open(std::fs::read(&file)?, None, &khocr_pdf::Limits::default())?;
    for index in 0..pdf.page_count() {
        if only.is_some_and(|n| n != index + 1) {
            continue;
        }
        let start = Instant::now();
        let page = pdf.native(index)?;
        let time = start.elapsed();
        let glyphs: usize = page.runs().map(|r| r.glyphs.len()).sum();
        println!(
            "# page {} {glyphs} glyphs, images {:.2}, {} rules, {} outlines, {time:?}",
            index + 1,
            page.image_cover,
            page.rules.len(),
            page.outlines
        );
        if only.is_none() {
            continue;
        }
        for font in &page.fonts {
            println!("# font {font:?}");
        }
        for line in &page.lines {
            println!("## {:?} {}", line.rect, line.angle);
            for run in &line.runs {
                let latin: String = run.glyphs.iter().filter_map(|g| g.latin).collect();
                println!(
                    "  {} {:.1} {:?}{}{} | {} | {latin}",
                    page.font_name(run),
                    run.size,
                    run.visibility,
                    if run.bold { " b" } else { "" },
                    if run.italic { " i" } else { "" },
                    run.text
                );
            }
        }
    }
    Ok(())
}
