//! Judges the text layer of a PDF, page by page: `layer FILE.pdf [DIR]`. With a folder, the text of
//! each trusted page goes to `DIR/NNN.txt`.
#![allow(clippy::print_stdout)]

use std::time::Instant;

use khocr_convert::{NativeVerdict, native_page};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (file, dir) = (args.next().ok_or("no file")?, args.next());
    let pdf = khocr_pdf::Pdf::open(std::fs::read(&file)?, None, &khocr_pdf::Limits::default())?;
    let start = Instant::now();
    for index in 0..pdf.page_count() {
        let verdict = native_page(&pdf.native(index)?, index + 1);
        let (said, page) = match &verdict {
            NativeVerdict::Native(page) => ("native".to_owned(), Some(page)),
            NativeVerdict::Legacy(page) => ("legacy".to_owned(), Some(page)),
            NativeVerdict::Mixed { lines, reason } => {
                let texts: Vec<&str> = lines.iter().map(|l| l.text.as_str()).collect();
                (format!("mixed: {reason} {texts:?}"), None)
            }
            NativeVerdict::Read { reason } => (format!("read: {reason}"), None),
        };
        println!("{} {said}", index + 1);
        if let (Some(dir), Some(page)) = (&dir, page) {
            std::fs::write(format!("{dir}/{:03}.txt", index + 1), page.text())?;
        }
    }
    let pages = f64::from(pdf.page_count());
    println!("# {:.0} pages/s", pages / start.elapsed().as_secs_f64());
    Ok(())
}
