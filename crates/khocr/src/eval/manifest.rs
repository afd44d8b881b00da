//! The list of pages with known text.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;

/// A row of `manifest.jsonl`; kinds other than pages and lines are passed over.
#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    kind: String,
    path: String,
    #[serde(default)]
    set: String,
    gt: Option<String>,
    source_pdf: Option<String>,
    page: Option<u32>,
}

/// A page to read and score.
#[derive(Debug)]
pub(super) struct Page {
    /// Its name.
    pub(super) id: String,
    /// The set it belongs to.
    pub(super) set: String,
    /// The file to read.
    pub(super) file: PathBuf,
    /// The page of that file; all of it when absent.
    pub(super) number: Option<u32>,
    /// The file with the true text.
    pub(super) truth: PathBuf,
}

/// An opened manifest.
pub(super) struct Manifest {
    root: PathBuf,
    rows: Vec<Row>,
}

impl Manifest {
    /// Opens a manifest, or the one in a folder.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let file = if path.is_dir() { path.join("manifest.jsonl") } else { path.to_owned() };
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let rows = (1..)
            .zip(text.lines())
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(number, line)| {
                serde_json::from_str(line)
                    .with_context(|| format!("{} line {number} is no row", file.display()))
            })
            .collect::<anyhow::Result<Vec<Row>>>()?;
        let root = file.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { root, rows })
    }

    /// The pages, read from their pictures, or with `native` from the PDFs they were taken from as
    /// far as those are in the folder `pdf`.
    pub(super) fn pages(&self, native: bool) -> anyhow::Result<Vec<Page>> {
        let mut out = Vec::new();
        for row in self.rows.iter().filter(|r| matches!(r.kind.as_str(), "page" | "line")) {
            let Some(truth) = &row.gt else { bail!("{} has no true text", row.id) };
            let (file, number) = if native {
                let (Some(pdf), Some(page)) = (&row.source_pdf, row.page) else { continue };
                let file = self.root.join("pdf").join(pdf);
                if !file.exists() {
                    continue;
                }
                (file, Some(page))
            } else {
                (self.root.join(&row.path), None)
            };
            let (id, set, truth) = (row.id.clone(), row.set.clone(), self.root.join(truth));
            out.push(Page { id, set, file, number, truth });
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_come_from_pictures_or_from_their_pdfs() {
        let folder = tempfile::tempdir().unwrap();
        let rows = [
            r#"{"id":"a","kind":"page","set":"s","path":"pages/a.png","gt":"a.txt","source_pdf":"a.pdf","page":4}"#,
            r#"{"id":"b","kind":"page","set":"s","path":"pages/b.png","gt":"b.txt","source_pdf":"none.pdf","page":1}"#,
            r#"{"id":"c","kind":"pdf","path":"pdf/a.pdf","pages":9}"#,
        ];
        std::fs::write(folder.path().join("manifest.jsonl"), rows.join("\n")).unwrap();
        std::fs::create_dir(folder.path().join("pdf")).unwrap();
        std::fs::write(folder.path().join("pdf/a.pdf"), "").unwrap();
        let manifest = Manifest::open(folder.path()).unwrap();
        let pictures = manifest.pages(false).unwrap();
        assert_eq!(pictures.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        let native = manifest.pages(true).unwrap();
        assert_eq!(native.len(), 1);
        assert!(native[0].file.ends_with("pdf/a.pdf"));
        assert_eq!(native[0].number, Some(4));
    }

    #[test]
    fn a_row_that_is_none_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("m.jsonl");
        std::fs::write(&file, "{}\n").unwrap();
        let error = Manifest::open(&file).err().unwrap();
        assert!(format!("{error:#}").contains("line 1"), "{error:#}");
    }
}
