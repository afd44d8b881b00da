//! Word documents (ECMA-376, transitional), written so that Word and LibreOffice take Khmer for
//! Khmer: every Khmer run is marked as complex script (`w:cs`), has a complex-script font and size,
//! and the document's complex-script language is `km-KH`.

mod body;
mod measure;
mod styles;
mod table;
mod xml;

use std::io::{Cursor, Write};

use khocr_document::Document;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::ExportError;

/// Parts that are the same in every document.
const FIXED: [(&str, &str); 5] = [
    ("[Content_Types].xml", include_str!("parts/content_types.xml")),
    ("_rels/.rels", include_str!("parts/rels.xml")),
    ("docProps/app.xml", include_str!("parts/app.xml")),
    ("word/_rels/document.xml.rels", include_str!("parts/document_rels.xml")),
    ("word/settings.xml", include_str!("parts/settings.xml")),
];

/// The whole document as a `.docx` archive. The same document gives the same bytes.
pub(crate) fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str, content: &[u8]| -> Result<(), ExportError> {
        zip.start_file(name, options)?;
        zip.write_all(content)?;
        Ok(())
    };
    for (name, content) in FIXED {
        part(name, content.as_bytes())?;
    }
    part("word/styles.xml", &styles::write()?)?;
    part("word/document.xml", &body::write(document)?)?;
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::samples;

    /// A part of the archive as text.
    pub(super) fn part(docx: &[u8], name: &str) -> String {
        let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn every_part_is_well_formed_xml() {
        let docx = write(&samples::letter()).unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(&docx)).unwrap();
        let names: Vec<String> = archive.file_names().map(|n| n.unwrap().into_owned()).collect();
        assert_eq!(names.len(), 7);
        for name in names {
            let mut text = String::new();
            archive.by_name(&name).unwrap().read_to_string(&mut text).unwrap();
            let mut reader = quick_xml::Reader::from_str(&text);
            reader.config_mut().check_end_names = true;
            while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
        }
    }

    #[test]
    fn the_same_document_gives_the_same_bytes() {
        let document = samples::letter();
        assert_eq!(write(&document).unwrap(), write(&document).unwrap());
    }

    #[test]
    fn khmer_is_complex_script_in_khmer() {
        let docx = write(&samples::letter()).unwrap();
        let body = part(&docx, "word/document.xml");
        let styles = part(&docx, "word/styles.xml");
        assert!(styles.contains(r#"w:bidi="km-KH""#));
        assert!(styles.contains(r#"w:cs="Khmer OS Battambang""#));
        assert!(styles.contains("<w:szCs"));
        assert!(styles.contains("<w:bCs/>"));
        assert!(body.contains("<w:rPr><w:cs/></w:rPr><w:t xml:space=\"preserve\">ទឹកស្អាត"), "{body}");
        assert!(!body.contains("w:rtl") && !styles.contains("w:rtl"));
    }
}
