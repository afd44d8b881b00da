//! Which way every page of the evaluation PDFs goes, held against what its manifest says of their
//! text layers: `routes FOLDER`, the folder of a `manifest.jsonl`.
//!
//! Pages go through the converter with a reader that reads nothing, so that hundreds of scans cost
//! no reading; the sample that is read of doubtful layers is therefore left out.
#![allow(clippy::print_stdout)]

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use khocr_convert::{Converter, Options};
use khocr_document::{Page, PageSource};
use khocr_vision::{PageImage, ReadPage, VisionError};

type Error = Box<dyn std::error::Error>;

/// Reads nothing on any picture.
struct Blank;

impl ReadPage for Blank {
    fn read(&self, image: &PageImage, _: &dyn Fn() -> bool) -> Result<Page, VisionError> {
        Ok(Page {
            number: 1,
            width: image.width as f32,
            height: image.height as f32,
            rotation: 0,
            skew: 0.0,
            source: PageSource::Ocr,
            reason: None,
            confidence: None,
            blocks: Vec::new(),
        })
    }
}

/// Pages that are not what the manifest says of their file, by eye: a page blank but for its number
/// in Limon among scans, and a title whose publisher's address is in broken Unicode.
const OWN: [(&str, u32, PageSource); 2] = [
    ("1994__Law_on_Immigration_1994.pdf", 2, PageSource::Legacy),
    ("criminal_code.pdf", 1, PageSource::Ocr),
];

/// Whether a page of a file with such a layer may go this way.
fn is_right(path: &str, number: u32, layer: &str, source: PageSource) -> bool {
    if let Some(own) = OWN.iter().find(|o| path.ends_with(o.0) && o.1 == number) {
        return source == own.2;
    }
    match layer {
        "legacy-limon" => source == PageSource::Legacy,
        "unicode-ok" => source == PageSource::Native,
        // Scans, whatever lies over them, and layers that are wrong.
        _ => matches!(source, PageSource::Ocr | PageSource::Mixed),
    }
}

fn main() -> Result<(), Error> {
    let folder = std::env::args().nth(1).ok_or("no folder")?;
    let manifest = std::fs::read_to_string(Path::new(&folder).join("manifest.jsonl"))?;
    let converter = Converter::new(Arc::new(Blank));
    let (mut pages, mut odd) = (0, 0);
    for row in manifest.lines() {
        let row: serde_json::Value = serde_json::from_str(row)?;
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        if text("kind") != "pdf" {
            continue;
        }
        let (path, layer) = (text("path"), text("text_layer"));
        let bytes = std::fs::read(Path::new(&folder).join(path))?;
        let go = &mut |_| ControlFlow::Continue(());
        let document = converter.convert(bytes, &Options::default(), go)?;
        println!("{path}: {layer}");
        let mut stretches: Vec<(u32, u32, String, bool)> = Vec::new();
        for page in &document.pages {
            let right = is_right(path, page.number, layer, page.source);
            pages += 1;
            odd += u32::from(!right);
            let reason = page.reason.as_deref().unwrap_or_default();
            let said = format!("{:?}: {reason}", page.source).to_lowercase();
            match stretches.last_mut().filter(|s| s.2 == said) {
                Some(stretch) => stretch.1 = page.number,
                None => stretches.push((page.number, page.number, said, right)),
            }
        }
        for (from, to, said, right) in stretches {
            println!("  {from:>3}-{to:<3} {} {said}", if right { " " } else { "?" });
        }
    }
    println!("{pages} pages, {odd} of them the wrong way");
    if odd == 0 { Ok(()) } else { Err("pages go the wrong way".into()) }
}
