//! A file being uploaded: written as it arrives, gone when nobody holds it any more.

use std::path::{Path, PathBuf};

use khocr_store::{JobId, StoreError};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncWriteExt, BufWriter};

use crate::sniff::{self, FileKind};

/// Bytes gathered before they are written.
const BUFFER: usize = 256 * 1024;

/// An upload on disk. Its file is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Spool {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    head: Vec<u8>,
    bytes: u64,
    hash: Option<Sha256>,
}

/// Why a chunk was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpoolError {
    /// More bytes than allowed.
    #[error("too large")]
    TooLarge,
    /// Its beginning is that of no file we read.
    #[error("unsupported")]
    Unsupported,
    /// The disk failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// No name could be made for it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Spool {
    /// A new empty file in `folder`; `hashed` when its fingerprint will be asked for.
    pub(crate) async fn create(folder: &Path, hashed: bool) -> Result<Self, SpoolError> {
        let path = folder.join(format!("upload-{}", JobId::generate()?));
        let file = File::options().write(true).create_new(true).open(&path).await?;
        Ok(Self {
            path,
            file: Some(BufWriter::with_capacity(BUFFER, file)),
            head: Vec::with_capacity(sniff::ENOUGH),
            bytes: 0,
            hash: hashed.then(Sha256::new),
        })
    }

    /// Takes a chunk, unless it goes beyond `limit` bytes in all or the file is found to be of a
    /// kind that is not read: there is no use in receiving the rest of those.
    pub(crate) async fn write(&mut self, chunk: &[u8], limit: u64) -> Result<(), SpoolError> {
        self.bytes += chunk.len() as u64;
        if self.bytes > limit {
            return Err(SpoolError::TooLarge);
        }
        if self.head.len() < sniff::ENOUGH {
            let take = chunk.len().min(sniff::ENOUGH - self.head.len());
            self.head.extend_from_slice(&chunk[..take]);
            if self.head.len() == sniff::ENOUGH && sniff::kind(&self.head).is_none() {
                return Err(SpoolError::Unsupported);
            }
        }
        if let Some(hash) = &mut self.hash {
            hash.update(chunk);
        }
        if let Some(file) = &mut self.file {
            file.write_all(chunk).await?;
        }
        Ok(())
    }

    /// Ends the writing. The kind of file, or `Unsupported` when a short file is none.
    pub(crate) async fn finish(&mut self) -> Result<FileKind, SpoolError> {
        if let Some(mut file) = self.file.take() {
            file.flush().await?;
        }
        sniff::kind(&self.head).ok_or(SpoolError::Unsupported)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// SHA-256 of what was written so far, in hex; empty when it was not to be hashed.
    pub(crate) fn fingerprint(&self) -> String {
        use std::fmt::Write as _;
        let Some(hash) = &self.hash else { return String::new() };
        hash.clone().finalize().iter().fold(String::new(), |mut s, b| {
            let _ = write!(s, "{b:02x}");
            s
        })
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // A few microseconds; and there is no asynchronous drop.
        if let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "an upload's temporary file could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_spool_keeps_to_its_limit_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::create(dir.path(), true).await.unwrap();
        spool.write(b"%PDF-1.7", 10).await.unwrap();
        spool.write(b"ab", 10).await.unwrap();
        assert!(matches!(spool.write(b"c", 10).await, Err(SpoolError::TooLarge)));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        drop(spool);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn the_kind_is_known_after_the_first_kilobyte_or_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let mut exe = Spool::create(dir.path(), true).await.unwrap();
        let refused = exe.write(&[b'M'; 2_000], 10_000).await;
        assert!(matches!(refused, Err(SpoolError::Unsupported)));
        let mut short = Spool::create(dir.path(), true).await.unwrap();
        short.write(b"hello", 10_000).await.unwrap();
        assert!(matches!(short.finish().await, Err(SpoolError::Unsupported)));
        let mut pdf = Spool::create(dir.path(), true).await.unwrap();
        pdf.write(b"%PD", 10_000).await.unwrap();
        pdf.write(b"F-1.7", 10_000).await.unwrap();
        assert_eq!(pdf.finish().await.unwrap(), FileKind::Pdf);
        assert_eq!(std::fs::read(pdf.path()).unwrap(), b"%PDF-1.7");
    }
}
