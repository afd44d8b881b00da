//! Uploads and results: a folder, or an S3-compatible store.
//!
//! A file is written once, whole or not at all, and never changed. In a folder it is written
//! beside its place and then linked into it, so that a crash or a full disk leaves no half file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::{JobId, StoreError};

#[cfg(feature = "s3")]
mod once;
mod remote;

/// Where files are kept. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    /// The root, when it is a folder of this machine.
    folder: Option<Arc<Path>>,
    /// Where files may be written before they have their place.
    staging: Arc<Path>,
}

impl Files {
    /// Opens a folder (made if need be), or `s3://bucket/prefix` with the credentials and the
    /// endpoint in the usual `AWS_…` environment variables.
    ///
    /// # Errors
    /// When the address makes no sense, the folder cannot be made, or khocr was built without
    /// the `s3` feature.
    pub async fn open(address: &str) -> Result<Self, StoreError> {
        Self::open_with(address, &BTreeMap::new()).await
    }

    /// As [`Files::open`]; `s3` outranks the environment. Its names are those of the variables,
    /// small and without `AWS_`: `endpoint`, `region`, `access_key_id`, `secret_access_key`,
    /// `allow_http`, …
    ///
    /// # Errors
    /// As [`Files::open`], and for a name that is none.
    pub async fn open_with(
        address: &str,
        s3: &BTreeMap<String, String>,
    ) -> Result<Self, StoreError> {
        if address.starts_with("s3://") {
            return remote::open(address, s3);
        }
        let folder = PathBuf::from(address.strip_prefix("file://").unwrap_or(address));
        let staging = folder.join("tmp");
        tokio::fs::create_dir_all(&staging).await?;
        let folder = tokio::fs::canonicalize(folder).await?;
        let store = object_store::local::LocalFileSystem::new_with_prefix(&folder)?;
        Ok(Self {
            store: Arc::new(store),
            staging: folder.join("tmp").into(),
            folder: Some(folder.into()),
        })
    }

    /// The key of a job's upload.
    #[must_use]
    pub fn input_key(job: &JobId) -> String {
        format!("{}/input", Self::job_prefix(job))
    }

    /// The key of a job's result in a format (`json`, `docx`, …), made under the lease of that
    /// token: a worker thought dead writes to another key than its successor.
    #[must_use]
    pub fn result_key(job: &JobId, token: i64, format: &str) -> String {
        format!("{}/result-{token}.{format}", Self::job_prefix(job))
    }

    /// The key of the result of the part of a job that begins with that page.
    #[must_use]
    pub fn part_key(job: &JobId, first_page: u32, token: i64) -> String {
        format!("{}/part-{first_page}-{token}.json", Self::job_prefix(job))
    }

    fn job_prefix(job: &JobId) -> String {
        let id = job.as_str();
        format!("jobs/{}/{id}", &id[..2])
    }

    /// A folder for files that are still being written, such as an upload. On the file system
    /// of the files where that is a folder, so that [`Files::import`] need not copy.
    #[must_use]
    pub fn staging(&self) -> &Path {
        &self.staging
    }

    /// Takes in a finished local file. The local file stays; whoever made it removes it. Its
    /// contents must not be changed any more: it may be linked, not copied.
    ///
    /// # Errors
    /// [`StoreError::FileExists`], or a failing file store; then nothing is left behind.
    pub async fn import(&self, key: &str, from: &Path) -> Result<(), StoreError> {
        let Some(folder) = &self.folder else { return self.upload(key, from).await };
        let to = folder.join(key);
        if let Some(parent) = to.parent() {
            tokio::fs::create_dir_all(parent).await?;
        }
        let file = tokio::fs::File::open(from).await?;
        file.sync_all().await?;
        match tokio::fs::hard_link(from, &to).await {
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(StoreError::FileExists(key.to_owned()))
            }
            Err(e) if is_other_file_system(&e) => {
                let beside = self.staging.join(format!("import-{}", JobId::generate()?));
                let copied = copy_and_link(from, &beside, &to).await;
                let _ = tokio::fs::remove_file(&beside).await;
                copied
            }
            done => Ok(done?),
        }
    }

    /// Writes a small file.
    ///
    /// # Errors
    /// [`StoreError::FileExists`], or a failing file store; then nothing is left behind.
    pub async fn put(&self, key: &str, bytes: Bytes) -> Result<(), StoreError> {
        if self.folder.is_some() {
            let beside = self.staging.join(format!("put-{}", JobId::generate()?));
            let written = tokio::fs::write(&beside, &bytes).await;
            let done = match written {
                Ok(()) => self.import(key, &beside).await,
                Err(e) => Err(e.into()),
            };
            let _ = tokio::fs::remove_file(&beside).await;
            return done;
        }
        self.send(key, bytes).await
    }

    /// The whole file.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or a failing file store.
    pub async fn get(&self, key: &str) -> Result<Bytes, StoreError> {
        Ok(self.store.get(&Key::from(key)).await?.bytes().await?)
    }

    /// The file's size and its bytes, bit by bit.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or a failing file store.
    pub async fn stream(
        &self,
        key: &str,
    ) -> Result<(u64, BoxStream<'static, Result<Bytes, StoreError>>), StoreError> {
        let found = self.store.get(&Key::from(key)).await?;
        let size = found.meta.size;
        Ok((size, found.into_stream().map_err(StoreError::from).boxed()))
    }

    /// A path on this machine at which the file can be read: its own place where that is a
    /// folder, else `scratch`, to which it is brought. Not to be written to.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], a failing file store, or a full disk.
    pub async fn local(&self, key: &str, scratch: &Path) -> Result<PathBuf, StoreError> {
        if let Some(folder) = &self.folder {
            let path = folder.join(key);
            return match tokio::fs::try_exists(&path).await? {
                true => Ok(path),
                false => Err(StoreError::NotFound),
            };
        }
        let (_, mut bytes) = self.stream(key).await?;
        let mut file = tokio::fs::File::create(scratch).await?;
        while let Some(bytes) = bytes.try_next().await? {
            tokio::io::AsyncWriteExt::write_all(&mut file, &bytes).await?;
        }
        tokio::io::AsyncWriteExt::flush(&mut file).await?;
        Ok(scratch.to_owned())
    }

    /// Removes one file. One that is not there is no error.
    ///
    /// # Errors
    /// When the file store fails.
    pub async fn delete(&self, key: &str) -> Result<(), StoreError> {
        match self.store.delete(&Key::from(key)).await.map_err(StoreError::from) {
            Err(StoreError::NotFound) => Ok(()),
            done => done,
        }
    }

    /// Removes all files of a job. Files that are not there are no error.
    ///
    /// # Errors
    /// When the file store fails.
    pub async fn delete_job(&self, job: &JobId) -> Result<(), StoreError> {
        let prefix = Self::job_prefix(job);
        if let Some(folder) = &self.folder {
            return match tokio::fs::remove_dir_all(folder.join(prefix)).await {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
                _ => Ok(()),
            };
        }
        let found = self.store.list(Some(&Key::from(prefix))).map_ok(|m| m.location).boxed();
        self.store.delete_stream(found).try_for_each(|_| async { Ok(()) }).await?;
        Ok(())
    }

    /// The jobs that have files, none of them younger than `age`.
    ///
    /// # Errors
    /// When the file store fails.
    pub(crate) async fn jobs_older_than(&self, age: Duration) -> Result<Vec<JobId>, StoreError> {
        let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
        let youngest = jiff::Timestamp::now().as_second().saturating_sub(age);
        let mut jobs = BTreeMap::new();
        let mut all = self.store.list(Some(&Key::from("jobs")));
        while let Some(file) = all.try_next().await? {
            let id = file.location.parts().nth(2).and_then(|part| part.as_ref().parse().ok());
            if let Some(id) = id {
                *jobs.entry(id).or_insert(true) &= file.last_modified.timestamp() <= youngest;
            }
        }
        Ok(jobs.into_iter().filter_map(|(id, old)| old.then_some(id)).collect())
    }

    /// Removes what interrupted uploads and jobs left in the staging folder longer ago than `age`.
    /// For when a node starts.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn sweep_staging(&self, age: Duration) -> Result<u32, StoreError> {
        let mut swept = 0;
        let mut entries = tokio::fs::read_dir(&*self.staging).await?;
        while let Some(entry) = entries.next_entry().await? {
            let Ok(meta) = entry.metadata().await else { continue };
            let old = meta.modified()?.elapsed().is_ok_and(|e| e >= age);
            let gone = match (old, meta.is_dir()) {
                (false, _) => false,
                (true, true) => tokio::fs::remove_dir_all(entry.path()).await.is_ok(),
                (true, false) => tokio::fs::remove_file(entry.path()).await.is_ok(),
            };
            swept += u32::from(gone);
        }
        Ok(swept)
    }

    /// Whether files can be written and read. In a store elsewhere only whether it answers: this
    /// is asked by every health check; [`Files::try_out`] does more.
    ///
    /// # Errors
    /// What is wrong.
    pub async fn check(&self) -> Result<(), StoreError> {
        if self.folder.is_some() {
            let probe = self.staging.join(format!("check-{}", JobId::generate()?));
            let written = tokio::fs::write(&probe, b"khocr").await;
            let _ = tokio::fs::remove_file(&probe).await;
            return Ok(written?);
        }
        match self.store.head(&Key::from("health")).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }
}

fn is_other_file_system(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{CrossesDevices, PermissionDenied, Unsupported};
    // Some network and FUSE file systems know no hard links at all.
    matches!(error.kind(), CrossesDevices | PermissionDenied | Unsupported)
}

async fn copy_and_link(from: &Path, beside: &Path, to: &Path) -> Result<(), StoreError> {
    tokio::fs::copy(from, beside).await?;
    tokio::fs::File::open(beside).await?.sync_all().await?;
    match tokio::fs::hard_link(beside, to).await {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(StoreError::FileExists(to.display().to_string()))
        }
        // Without hard links a rename is the next best: whole or not, if not write-once.
        Err(e) if is_other_file_system(&e) => Ok(tokio::fs::rename(beside, to).await?),
        done => Ok(done?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn folder() -> (tempfile::TempDir, Files) {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::open(dir.path().join("files").to_str().unwrap()).await.unwrap();
        (dir, files)
    }

    #[tokio::test]
    async fn the_staging_folder_is_swept_of_old_files_only() {
        let (_dir, files) = folder().await;
        std::fs::write(files.staging().join("upload-1"), b"x").unwrap();
        assert_eq!(files.sweep_staging(Duration::from_secs(60)).await.unwrap(), 0);
        assert_eq!(files.sweep_staging(Duration::ZERO).await.unwrap(), 1);
        files.check().await.unwrap();
    }
}
