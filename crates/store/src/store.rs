//! The store itself: opening, closing, time and events.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::broadcast;

use crate::clock::{Clock, timestamp};
use crate::db::{Db, args, listen};
use crate::hands::Hands;
use crate::known::Known;
use crate::rate::Buckets;
use crate::watch::Looks;
use crate::{Event, StoreError};

/// How to open a store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// `sqlite:PATH` (or just a path) or `postgres://user:password@host/database`.
    pub database: String,
    /// Where the time comes from.
    pub clock: Clock,
    /// How long a job waits until it counts as one priority higher.
    pub ageing: Duration,
}

impl StoreOptions {
    /// The usual options for that database.
    #[must_use]
    pub fn new(database: impl Into<String>) -> Self {
        Self {
            database: database.into(),
            clock: Clock::System,
            ageing: Duration::from_secs(15 * 60),
        }
    }
}

/// The database engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite: one machine.
    Sqlite,
    /// PostgreSQL: any number.
    Postgres,
}

/// Organisations, keys, jobs and usage. Cheap to clone: clones share everything.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) db: Db,
    clock: Clock,
    /// Milliseconds the database's clock is ahead of ours.
    skew: AtomicI64,
    pub(crate) ageing_ms: i64,
    pub(crate) events: broadcast::Sender<Event>,
    pub(crate) buckets: Mutex<Buckets>,
    pub(crate) pending: Mutex<Pending>,
    pub(crate) tally: Mutex<crate::tally::Tally>,
    pub(crate) hands: Mutex<Hands>,
    pub(crate) known: Known,
    pub(crate) looks: Mutex<Looks>,
}

/// What was counted in this process and is not in the database yet.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// Requests by organisation and day number.
    pub(crate) requests: HashMap<(i64, i64), u64>,
    /// When keys were last used.
    pub(crate) keys: HashMap<i64, i64>,
}

impl Store {
    /// Opens the database, makes it if it is a new SQLite file, and brings its schema up to
    /// date. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the address is wrong, the database cannot be reached, or was made by a newer khocr.
    pub async fn open(options: &StoreOptions) -> Result<Self, StoreError> {
        let db = Db::open(&options.database).await?;
        let (events, _) = broadcast::channel(1_024);
        let store = Self {
            inner: Arc::new(Inner {
                db,
                clock: options.clock.clone(),
                skew: AtomicI64::new(0),
                ageing_ms: i64::try_from(options.ageing.as_millis()).unwrap_or(i64::MAX).max(1),
                events,
                buckets: Mutex::default(),
                pending: Mutex::default(),
                tally: Mutex::default(),
                hands: Mutex::default(),
                known: Known::default(),
                looks: Mutex::default(),
            }),
        };
        if let Db::Postgres(pool) = &store.inner.db {
            tokio::spawn(listen(pool.clone(), Arc::downgrade(&store.inner)));
        }
        store.measure_skew().await?;
        Ok(store)
    }

    /// Which engine is behind it.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.inner.db {
            Db::Sqlite { .. } => Engine::Sqlite,
            Db::Postgres(_) => Engine::Postgres,
        }
    }

    /// The time all nodes agree on.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        timestamp(self.millis())
    }

    pub(crate) fn millis(&self) -> i64 {
        self.inner.clock.millis() + self.inner.skew.load(Ordering::Relaxed)
    }

    /// Asks the database for its time; the answer is taken to be from the middle of the round trip.
    pub(crate) async fn measure_skew(&self) -> Result<(), StoreError> {
        if !matches!((&self.inner.db, &self.inner.clock), (Db::Postgres(_), Clock::System)) {
            return Ok(());
        }
        let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
        let start = Instant::now();
        let row = self.inner.db.first(sql, args![]).await?.ok_or(StoreError::NotFound)?;
        let half = i64::try_from(start.elapsed().as_millis() / 2).unwrap_or(0);
        let skew = row.int(0)? + half - self.inner.clock.millis();
        self.inner.skew.store(skew, Ordering::Relaxed);
        Ok(())
    }

    /// News of jobs, from this process and, on PostgreSQL, from all others. A slow receiver
    /// misses some.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.inner.events.subscribe()
    }

    /// Tells this process; others are told by the transaction.
    pub(crate) fn tell(&self, event: Event) {
        // No receiver is no error: nobody waits just now. PostgreSQL's own notification comes
        // back to this process too, a moment later; hearing it twice does no harm.
        let _ = self.inner.events.send(event);
    }

    /// Whether the database answers and its schema is there.
    ///
    /// # Errors
    /// What is wrong.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.inner.db.first("SELECT version FROM schema_version", args![]).await?;
        Ok(())
    }

    /// Writes what is pending and closes every connection.
    pub async fn close(&self) {
        if let Err(error) = self.flush().await {
            tracing::warn!(%error, "the last request counts could not be written");
        }
        self.inner.db.close().await;
    }

    pub(crate) fn pending(&self) -> std::sync::MutexGuard<'_, Pending> {
        self.inner.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
