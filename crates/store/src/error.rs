//! The one error type of the crate.

use jiff::Timestamp;

/// Why the store refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No such thing, or it belongs to another organisation.
    #[error("not found")]
    NotFound,
    /// The organisation's pages of this month do not suffice for the document.
    #[error("{asked} pages asked for, {left} of {limit} left this month")]
    QuotaExceeded {
        /// Pages a month the organisation has.
        limit: u32,
        /// Pages neither used nor reserved.
        left: u32,
        /// Pages the document has.
        asked: u32,
        /// When the next month begins.
        resets_at: Timestamp,
    },
    /// The lease ended: the job was cancelled, or it expired and was given to another worker.
    #[error("the lease on job {job} is lost")]
    LeaseLost {
        /// The job.
        job: crate::JobId,
    },
    /// An idempotency key was used before with another request.
    #[error("this idempotency key was used with a different request")]
    IdempotencyMismatch,
    /// There is an organisation of that name already.
    #[error("the name {0:?} is taken")]
    NameTaken(String),
    /// An empty, over-long or unprintable name.
    #[error("{0:?} is not a usable name: 1 to 200 printable characters")]
    BadName(String),
    /// A limit beyond all use.
    #[error("{what} may be {most} at most")]
    BadLimit {
        /// Which limit.
        what: &'static str,
        /// How much it may be.
        most: u32,
    },
    /// A key that is revoked or has expired cannot be rotated.
    #[error("key {0} has ended")]
    KeyEnded(i64),
    /// An organisation may have only so many of those.
    #[error("there are {limit} {what} already, which is the most")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        limit: u32,
    },
    /// The address of the database or of the files makes no sense.
    #[error("{0}")]
    Configuration(String),
    /// The database was made by a newer khocr.
    #[error("the database has schema version {found}, this program knows {known}")]
    NewerSchema {
        /// Version found in the database.
        found: i64,
        /// Newest version this program has.
        known: i64,
    },
    /// A file of that key exists already; files are written once.
    #[error("the file {0} exists already")]
    FileExists(String),
    /// A row of the database cannot be understood.
    #[error("the database holds a value that cannot be read: {0}")]
    Corrupt(String),
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The file store failed.
    #[error("the file store failed: {0}")]
    Files(#[source] object_store::Error),
    /// The file system failed.
    #[error("input or output failed: {0}")]
    Io(#[from] std::io::Error),
    /// The operating system gave no random numbers.
    #[error("no random numbers: {0}")]
    Random(String),
}

impl StoreError {
    /// Whether the database or the files cannot be reached just now, so that the same may go well
    /// in a moment: a server that is being restarted, connections used up, a lock held for too
    /// long. Nothing was changed, or it is not known what was.
    #[must_use]
    pub fn is_away(&self) -> bool {
        use std::io::ErrorKind;
        match self {
            Self::Database(error) => match error {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => true,
                // PostgreSQL: the connection (08), its resources (53, but for a full disk), an
                // operator's doing (57P). SQLite: busy (5), locked (6), and their finer kinds.
                sqlx::Error::Database(error) => error.code().is_some_and(|code| {
                    let own = match code.len() {
                        5 => code.starts_with("08") || code.starts_with("53"),
                        _ => code.parse::<u32>().is_ok_and(|n| matches!(n & 0xff, 5 | 6)),
                    };
                    own && code != "53100" || code.starts_with("57P")
                }),
                _ => false,
            },
            // A bucket that does not answer after several attempts of the client's own.
            Self::Files(error) => {
                let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
                while let Some(error) = next {
                    if let Some(io) = error.downcast_ref::<std::io::Error>() {
                        return matches!(
                            io.kind(),
                            ErrorKind::ConnectionRefused
                                | ErrorKind::ConnectionReset
                                | ErrorKind::ConnectionAborted
                                | ErrorKind::NotConnected
                                | ErrorKind::TimedOut
                                | ErrorKind::HostUnreachable
                                | ErrorKind::NetworkUnreachable
                                | ErrorKind::NetworkDown
                        );
                    }
                    next = error.source();
                }
                false
            }
            _ => false,
        }
    }

    /// Whether the database says that its disk is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        error.code().is_some_and(|code| code == "53100" || code == "13")
    }
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotFound,
            object_store::Error::AlreadyExists { path, .. } => Self::FileExists(path),
            other => Self::Files(other),
        }
    }
}
