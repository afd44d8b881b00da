//! Files in an S3-compatible store.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, WriteMultipart};
use tokio::io::AsyncReadExt;

use super::Files;
use crate::{JobId, StoreError};

/// Bytes of a part when a file goes to an S3 store; smaller ones go in one piece.
const PART: usize = 8 << 20;

#[cfg(feature = "s3")]
pub(super) fn open(address: &str, more: &BTreeMap<String, String>) -> Result<Files, StoreError> {
    use std::sync::Arc;
    use std::time::Duration;

    use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
    use object_store::{BackoffConfig, RetryConfig};

    // The HTTP client is built without a choice of its own for TLS: one provider a process,
    // the one the database uses. An error says that somebody has chosen already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = AmazonS3Builder::from_env().with_url(address).with_retry(RetryConfig {
        // Someone waits for the answer; a worker tries again by itself.
        max_retries: 4,
        retry_timeout: Duration::from_secs(20),
        backoff: BackoffConfig::default(),
    });
    for (name, value) in more {
        let key: AmazonS3ConfigKey = format!("aws_{}", name.to_lowercase())
            .parse()
            .map_err(|_| StoreError::Configuration(format!("s3: there is no setting {name:?}")))?;
        builder = builder.with_config(key, value);
    }
    let unconditional = builder
        .get_config_value(&AmazonS3ConfigKey::ConditionalPut)
        .is_some_and(|value| value == "disabled");
    if !unconditional {
        builder = builder.with_http_connector(super::once::Once);
    }
    let prefix = address["s3://".len()..].split_once('/').map_or("", |(_, p)| p);
    let store = object_store::prefix::PrefixStore::new(builder.build()?, prefix);
    Ok(Files { store: Arc::new(store), folder: None, staging: staging()?.into() })
}

#[cfg(not(feature = "s3"))]
pub(super) fn open(address: &str, _: &BTreeMap<String, String>) -> Result<Files, StoreError> {
    let why = format!("{address}: this khocr was built without S3 (feature `s3`)");
    Err(StoreError::Configuration(why))
}

/// A folder among the temporary ones that nobody else can look into: uploads pass through it.
#[cfg(feature = "s3")]
fn staging() -> Result<std::path::PathBuf, StoreError> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};

    let user = rustix::process::geteuid().as_raw();
    let folder = std::env::temp_dir().join(format!("khocr-{user}"));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let meta = std::fs::symlink_metadata(&folder)?;
    if !meta.is_dir() || meta.uid() != user || meta.mode() & 0o077 != 0 {
        let why = format!("{}: others may look into it; set TMPDIR", folder.display());
        return Err(StoreError::Configuration(why));
    }
    Ok(folder)
}

impl Files {
    /// Sends a local file to a store elsewhere.
    pub(super) async fn upload(&self, key: &str, from: &Path) -> Result<(), StoreError> {
        let mut file = tokio::fs::File::open(from).await?;
        if file.metadata().await?.len() <= PART as u64 {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).await?;
            return self.send(key, bytes.into()).await;
        }
        // Saves sending all of it for nothing; what decides is the last request, see `once`.
        self.must_be_new(key).await?;
        let upload = self.store.put_multipart(&Key::from(key)).await?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PART);
        let mut buffer = vec![0u8; 1 << 20];
        loop {
            let n = match file.read(&mut buffer).await {
                Ok(n) => n,
                Err(e) => {
                    upload.abort().await?;
                    return Err(e.into());
                }
            };
            if n == 0 {
                break;
            }
            upload.wait_for_capacity(4).await?;
            upload.write(&buffer[..n]);
        }
        match upload.finish().await {
            Err(object_store::Error::Precondition { .. }) => {
                Err(StoreError::FileExists(key.to_owned()))
            }
            done => Ok(done.map(drop)?),
        }
    }

    /// Sends bytes to a store elsewhere, in one piece.
    pub(super) async fn send(&self, key: &str, bytes: Bytes) -> Result<(), StoreError> {
        let place = Key::from(key);
        let once = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.store.put_opts(&place, PutPayload::from(bytes.clone()), once).await {
            // Some stores know no conditional writes. Keys are never used twice anyway.
            Err(object_store::Error::NotImplemented { .. }) => {
                self.must_be_new(key).await?;
                self.store.put(&place, PutPayload::from(bytes)).await?;
                Ok(())
            }
            done => Ok(done.map(drop)?),
        }
    }

    async fn must_be_new(&self, key: &str) -> Result<(), StoreError> {
        match self.store.head(&Key::from(key)).await {
            Ok(_) => Err(StoreError::FileExists(key.to_owned())),
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// Writes a small file, reads it, lists it, tries to write it again and removes it: everything
    /// the service will ask of the place. For `khocr doctor`.
    ///
    /// # Errors
    /// The first thing that does not work, in words.
    pub async fn try_out(&self) -> Result<(), StoreError> {
        let id = JobId::generate()?;
        let key = Self::input_key(&id);
        let tried = self.try_with(&id, &key).await;
        let removed = self.delete_job(&id).await.map_err(|e| doing("removing", &e));
        tried.and(removed)?;
        match self.get(&key).await {
            Err(StoreError::NotFound) => Ok(()),
            Ok(_) => Err(broken("a file that was removed is still there")),
            Err(e) => Err(doing("reading", &e)),
        }
    }

    async fn try_with(&self, id: &JobId, key: &str) -> Result<(), StoreError> {
        let content = Bytes::from_static(b"khocr doctor");
        self.put(key, content.clone()).await.map_err(|e| doing("writing", &e))?;
        if self.get(key).await.map_err(|e| doing("reading", &e))? != content {
            return Err(broken("a file came back changed"));
        }
        let folder = Key::from(Self::job_prefix(id));
        let listed: Vec<_> = self
            .store
            .list(Some(&folder))
            .try_collect()
            .await
            .map_err(|e| doing("listing", &e.into()))?;
        if listed.len() != 1 {
            return Err(broken("a file that was written is not listed"));
        }
        match self.put(key, content).await {
            Err(StoreError::FileExists(_)) => Ok(()),
            Ok(()) => Err(broken("a file could be written twice (conditional writes are ignored)")),
            Err(e) => Err(doing("writing again", &e)),
        }
    }
}

fn doing(what: &str, error: &StoreError) -> StoreError {
    StoreError::Configuration(format!("{what} failed: {error}"))
}

fn broken(why: &str) -> StoreError {
    StoreError::Configuration(why.to_owned())
}
