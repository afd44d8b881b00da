//! Making commits of SQLite survive a power cut, many with one flush.
//!
//! Waiting for the disk at every commit would make the one writer as slow as the disk is: a
//! hundred commits a second on a good day. So SQLite only writes (`synchronous = NORMAL`): after a
//! crash of the process everything is there, after a power cut a last stretch of commits may be
//! missing, but never one without those before it. What must not be lost, such as an accepted job,
//! then waits here until the write-ahead log is on the disk; all who wait share one flush.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

/// The write-ahead log of a database.
#[derive(Debug)]
pub(crate) struct Disk {
    log: PathBuf,
    /// Tickets drawn; whoever draws one has committed before.
    tickets: AtomicU64,
    /// All tickets up to this one are on the disk. Held while flushing.
    flushed: Mutex<u64>,
}

impl Disk {
    /// That of the database in this file.
    pub(super) fn of(database: &str) -> Arc<Self> {
        let log = PathBuf::from(format!("{database}-wal"));
        Arc::new(Self { log, tickets: AtomicU64::new(0), flushed: Mutex::new(0) })
    }

    /// Waits until everything committed before this call is on the disk.
    pub(super) async fn flush(&self) -> std::io::Result<()> {
        let mine = self.tickets.fetch_add(1, Ordering::SeqCst) + 1;
        let mut flushed = self.flushed.lock().await;
        if *flushed >= mine {
            return Ok(());
        }
        let all = self.tickets.load(Ordering::SeqCst);
        let log = self.log.clone();
        let done = tokio::task::spawn_blocking(move || match std::fs::File::open(log) {
            Ok(file) => file.sync_data(),
            // No log: it was merged into the database, which flushes both.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(e) => Err(e),
        });
        done.await.map_err(std::io::Error::other)??;
        *flushed = all;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_who_wait_are_flushed() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        std::fs::write(folder.path().join("a.db-wal"), b"x").unwrap();
        let disk = Disk::of(database.to_str().unwrap());
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let disk = Arc::clone(&disk);
            waiting.spawn(async move { disk.flush().await });
        }
        for done in waiting.join_all().await {
            done.unwrap();
        }
        assert_eq!(*disk.flushed.lock().await, 50);
        std::fs::remove_file(folder.path().join("a.db-wal")).unwrap();
        disk.flush().await.unwrap();
    }
}
