//! SQLite: one file, one writer, any number of readers.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqlitePool};

use crate::StoreError;

/// Opens (or makes) the file: a pool of readers and a pool of one writer.
pub(super) async fn open(path: &str) -> Result<(SqlitePool, SqlitePool), StoreError> {
    if path.is_empty() || path == ":memory:" {
        // Each connection would see a database of its own.
        let why = "an SQLite database needs a file".to_owned();
        return Err(StoreError::Configuration(why));
    }
    if let Some(folder) = Path::new(path).parent().filter(|p| !p.as_os_str().is_empty()) {
        tokio::fs::create_dir_all(folder).await?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What must survive a power cut waits for the disk itself, see `disk`.
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_secs(20))
        .foreign_keys(true)
        .pragma("wal_autocheckpoint", "4000")
        .pragma("journal_size_limit", "67108864");
    // The writer first: it makes the file and turns WAL on.
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        .idle_timeout(None)
        .max_lifetime(None)
        // A file does not hang up: asking before each use would double the turns at its thread.
        .test_before_acquire(false)
        // When a commit fails, for want of room say, SQLite rolls back by itself; sqlx then fails
        // to roll back what is not there and takes the connection to be in a transaction for ever.
        .before_acquire(|connection, _| {
            Box::pin(async move { Ok(!connection.is_in_transaction()) })
        })
        .connect_with(options.clone())
        .await?;
    let read = SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(30))
        .test_before_acquire(false)
        .connect_with(options.read_only(true).create_if_missing(false))
        .await?;
    Ok((read, write))
}
