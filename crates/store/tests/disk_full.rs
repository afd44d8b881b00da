//! A full disk: clear errors, nothing half done, and all well again when there is room.
//!
//! Needs the right to mount a small file system; where that is refused it says so loudly and is
//! skipped.

#![allow(clippy::unwrap_used, reason = "a test may stop at what it does not expect")]

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use khocr_store::{
    Files, JobId, JobState, NewJob, Plan, Priority, Store, StoreError, StoreOptions, Submitted,
};

/// A file system of four megabytes.
struct Small(tempfile::TempDir);

impl Small {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
            .arg(folder.path())
            .output();
        done.is_ok_and(|o| o.status.success()).then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Leaves no byte free.
    fn fill(&self) {
        let done = std::fs::write(self.path().join("fill"), vec![0u8; 8 << 20]);
        assert!(done.is_err(), "it should be full");
    }

    fn make_room(&self) {
        std::fs::remove_file(self.path().join("fill")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

async fn submit(store: &Store, organisation_id: i64) -> Result<JobId, StoreError> {
    let id = JobId::generate()?;
    let new = NewJob {
        input_key: Files::input_key(&id),
        id,
        organisation_id,
        key_id: None,
        // Long, so that each job needs new pages of the database.
        file_name: "x".repeat(4_000),
        input_bytes: 1,
        pages: 1,
        output_format: "json".to_owned(),
        options: serde_json::Value::Null,
        priority: Priority::Normal,
        idempotency: None,
    };
    store.submit(new).await.map(Submitted::into_job).map(|job| job.id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_comes_back_when_there_is_room() {
    let Some(small) = Small::mount() else {
        eprintln!("\n!!! SKIPPED: no right to mount a file system; a full disk was NOT tried\n");
        return;
    };
    let database = format!("sqlite:{}", small.path().join("khocr.db").display());
    let store = Store::open(&StoreOptions::new(database)).await.unwrap();
    let files = Files::open(small.path().join("files").to_str().unwrap()).await.unwrap();
    let organisation = store.create_organisation("Ministry", Plan::Standard).await.unwrap().id;
    let first = submit(&store, organisation).await.unwrap();
    let hold = Duration::from_secs(60);
    let lease = store.lease("node#1", hold).await.unwrap().unwrap();

    small.fill();
    let mut accepted = 1u32;
    let mut refused = 0u32;
    for _ in 0..20 {
        match submit(&store, organisation).await {
            Ok(_) => accepted += 1,
            Err(_) => refused += 1,
        }
    }
    assert!(refused >= 15, "only {refused} refused");
    let key = Files::input_key(&first);
    let written = files.put(&key, Bytes::from(vec![1u8; 1 << 16])).await;
    assert!(matches!(written, Err(StoreError::Io(_))), "{written:?}");
    assert!(files.check().await.is_err());

    small.make_room();
    files.check().await.unwrap();
    let missing = files.get(&key).await;
    assert!(matches!(missing, Err(StoreError::NotFound)), "no half file");
    files.put(&key, Bytes::from_static(b"whole")).await.unwrap();
    submit(&store, organisation).await.unwrap();
    accepted += 1;
    store.complete(&lease, "result", 1).await.unwrap();
    let job = store.job(organisation, &first).await.unwrap().unwrap();
    assert_eq!(job.state, JobState::Completed);
    let usage = store.usage(organisation).await.unwrap();
    assert_eq!(u32::try_from(usage.jobs.queued).unwrap(), accepted - 1);
    assert_eq!((usage.pages_used, usage.pages_reserved), (1, accepted - 1));
    store.close().await;
}
