//! Which files to convert, and where each result goes.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// Extensions taken from a folder. A file named on the command line is taken whatever its name.
const EXTENSIONS: [&str; 6] = ["pdf", "png", "jpg", "jpeg", "tif", "tiff"];

/// A file to convert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input {
    /// The file.
    pub(crate) file: PathBuf,
    /// Its result's path inside the output folder.
    pub(crate) result: PathBuf,
}

impl Input {
    /// The file's name without its extension.
    pub(crate) fn stem(&self) -> String {
        self.file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// The files named, and those in the folders named, in the order given and by name within a folder.
/// Folders inside a folder are gone through, and their names kept in the results' paths.
pub(crate) fn collect(named: &[PathBuf], extension: &str) -> anyhow::Result<Vec<Input>> {
    let mut found: Vec<(PathBuf, PathBuf)> = Vec::new();
    for path in named {
        let data = std::fs::metadata(path)
            .with_context(|| format!("{} cannot be found", path.display()))?;
        if data.is_dir() {
            let before = found.len();
            walk(path, Path::new(""), &mut found)?;
            if found.len() == before {
                bail!("{} holds no PDF or picture", path.display());
            }
        } else {
            let name = path.file_name().context("a file without a name")?;
            found.push((path.clone(), PathBuf::from(name)));
        }
    }
    let mut taken = HashSet::new();
    let mut out = Vec::new();
    for (file, place) in found {
        // `a.pdf` and `a.png` would give the same result; the later one keeps its own extension.
        let mut result = place.with_extension(extension);
        if taken.contains(&result) {
            result = append(&place, &format!(".{extension}"));
        }
        let mut number = 2;
        while !taken.insert(result.clone()) {
            result = append(&place, &format!(".{number}.{extension}"));
            number += 1;
        }
        out.push(Input { file, result });
    }
    Ok(out)
}

fn append(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn walk(folder: &Path, inside: &Path, out: &mut Vec<(PathBuf, PathBuf)>) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = entries.with_context(|| format!("{} cannot be read", folder.display()))?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, place) = (entry.path(), inside.join(entry.file_name()));
        // A link to a folder is not followed: it may lead back.
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            walk(&path, &place, out)?;
        } else if is_wanted(&path) && path.is_file() {
            out.push((path, place));
        }
    }
    Ok(())
}

fn is_wanted(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    EXTENSIONS.iter().any(|e| e.eq_ignore_ascii_case(extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(inputs: &[Input]) -> Vec<&str> {
        inputs.iter().map(|i| i.result.to_str().unwrap()).collect()
    }

    #[test]
    fn folders_are_gone_through_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir(root.join("sub")).unwrap();
        for name in ["b.PDF", "a.png", "notes.txt", "sub/a.pdf"] {
            std::fs::write(root.join(name), "").unwrap();
        }
        let inputs = collect(&[root.to_owned()], "txt").unwrap();
        assert_eq!(results(&inputs), ["a.txt", "b.txt", "sub/a.txt"]);
        let named = collect(&[root.join("notes.txt")], "json").unwrap();
        assert_eq!(results(&named), ["notes.json"]);
    }

    #[test]
    fn no_result_overwrites_another() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["a.pdf", "a.png"].map(|n| folder.path().join(n));
        files.iter().for_each(|f| std::fs::write(f, "").unwrap());
        let twice = [files[0].clone(), files[1].clone(), files[1].clone()];
        let inputs = collect(&twice, "txt").unwrap();
        assert_eq!(results(&inputs), ["a.txt", "a.png.txt", "a.png.2.txt"]);
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        assert!(collect(&[PathBuf::from("no/such/file")], "txt").is_err());
        let empty = tempfile::tempdir().unwrap();
        assert!(collect(&[empty.path().to_owned()], "txt").is_err());
    }
}
