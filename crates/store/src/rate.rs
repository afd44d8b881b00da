//! Requests a minute: a token bucket for each organisation.
//!
//! A bucket holds a minute's requests and refills steadily. It is kept as one number, the moment
//! at which it will be full again; each request moves that moment on by a minute divided by the
//! limit. With SQLite there is one process, and the buckets are in its memory; with PostgreSQL
//! they are rows, so that the limit holds across nodes, and a busy node takes several requests out
//! at a time (see [`crate::hands`]).

use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::Duration;

use crate::db::{Db, args};
use crate::hands::Spend;
use crate::{Organisation, Store, StoreError};

/// A minute, in the microseconds buckets count in.
pub(crate) const MINUTE: i64 = 60_000_000;

/// Microseconds from one request to the next.
pub(crate) fn interval(limit: u32) -> i64 {
    MINUTE / i64::from(limit.max(1))
}

/// When the bucket of each organisation will be full, in microseconds since 1970.
#[derive(Debug, Default)]
pub(crate) struct Buckets(HashMap<i64, i64>);

/// Whether a request may pass, and what to tell the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateDecision {
    /// Whether it may.
    pub allowed: bool,
    /// Requests a minute.
    pub limit: u32,
    /// Requests that could follow at once.
    pub remaining: u32,
    /// How long until one request may pass; zero when one may now.
    pub retry_after: Duration,
    /// How long until the bucket is full.
    pub reset_after: Duration,
}

impl RateDecision {
    /// `full_at` is the bucket after the decision.
    pub(crate) fn new(allowed: bool, limit: u32, full_at: i64, now: i64) -> Self {
        let interval = interval(limit);
        let missing = (full_at - now).max(0);
        let room = MINUTE - missing;
        let micros = |n: i64| Duration::from_micros(u64::try_from(n.max(0)).unwrap_or(0));
        Self {
            allowed,
            limit,
            remaining: u32::try_from(room.max(0) / interval).unwrap_or(u32::MAX).min(limit),
            retry_after: if limit == 0 { micros(MINUTE) } else { micros(interval - room) },
            reset_after: micros(missing),
        }
    }
}

impl Buckets {
    fn take(&mut self, organisation: i64, limit: u32, now: i64) -> RateDecision {
        let interval = interval(limit);
        let full_at = self.0.get(&organisation).copied().unwrap_or(now).max(now);
        if limit == 0 || full_at + interval - now > MINUTE {
            return RateDecision::new(false, limit, full_at, now);
        }
        if self.0.len() > 10_000 {
            // Full buckets need no memory.
            self.0.retain(|_, full_at| *full_at > now);
        }
        self.0.insert(organisation, full_at + interval);
        RateDecision::new(true, limit, full_at + interval, now)
    }
}

/// Takes as many requests out as `$3` microseconds are, all or none.
const TAKE: &str = "
    INSERT INTO rate_buckets (organisation_id, full_at) VALUES ($1, $2 + $3)
    ON CONFLICT (organisation_id) DO UPDATE
        SET full_at = GREATEST(rate_buckets.full_at, $2) + $3
        WHERE GREATEST(rate_buckets.full_at, $2) + $3 - $2 <= 60000000
    RETURNING full_at";

impl Store {
    /// Takes one request out of the organisation's bucket, if one is left. On PostgreSQL the limit
    /// holds across all nodes: exactly below 200 a minute, above to within a hundredth for each
    /// node.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_request(&self, who: &Organisation) -> Result<RateDecision, StoreError> {
        let (now, limit) = (self.micros(), who.requests_per_minute);
        if matches!(self.inner.db, Db::Sqlite { .. }) || limit == 0 {
            let mut buckets = self.inner.buckets.lock().unwrap_or_else(PoisonError::into_inner);
            return Ok(buckets.take(who.id, limit, now));
        }
        let spent = self.hands().spend(who.id, limit, now);
        let door = match spent {
            Spend::Done(decision) => return Ok(decision),
            Spend::Refill(decision, batch) => {
                let (store, id) = (self.clone(), who.id);
                tokio::spawn(async move {
                    if let Err(error) = store.fetch(id, limit, batch).await {
                        tracing::debug!(%error, "no requests could be fetched beforehand");
                        store.hands().short(id, limit, store.micros());
                    }
                });
                return Ok(decision);
            }
            Spend::Ask(door) => door,
        };
        let _held = door.lock().await;
        // Whoever held the door before may have fetched for us too.
        let now = self.micros();
        let spent = self.hands().spend(who.id, limit, now);
        if let Spend::Done(decision) | Spend::Refill(decision, _) = spent {
            return Ok(decision);
        }
        let batch = self.hands().batch(who.id, limit, now);
        if !self.fetch(who.id, limit, batch).await? && batch > 1 {
            self.fetch(who.id, limit, 1).await?;
        }
        match self.hands().spend(who.id, limit, now) {
            Spend::Done(decision) | Spend::Refill(decision, _) => return Ok(decision),
            Spend::Ask(_) => {}
        }
        let sql = "SELECT full_at FROM rate_buckets WHERE organisation_id = $1";
        let full_at = match self.inner.db.first(sql, args![who.id]).await? {
            Some(row) => row.int(0)?,
            None => now,
        };
        self.hands().refused(who.id, limit, now, full_at);
        Ok(RateDecision::new(false, limit, full_at, now))
    }

    /// Takes so many requests out of the bucket and into this node's hand; whether there were as
    /// many.
    async fn fetch(&self, organisation: i64, limit: u32, n: u32) -> Result<bool, StoreError> {
        let now = self.micros();
        let worth = interval(limit) * i64::from(n);
        let row = self.inner.db.first(TAKE, args![organisation, now, worth]).await?;
        match row {
            Some(row) => self.hands().taken(organisation, limit, now, n, row.int(0)?),
            None => {
                self.hands().short(organisation, limit, now);
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn micros(&self) -> i64 {
        self.millis().saturating_mul(1_000)
    }

    fn hands(&self) -> std::sync::MutexGuard<'_, crate::hands::Hands> {
        self.inner.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_bucket_gives_the_limit_and_then_one_an_interval() {
        let mut buckets = Buckets::default();
        for left in (0..10).rev() {
            let d = buckets.take(1, 10, 0);
            assert!(d.allowed);
            assert_eq!(d.remaining, left);
        }
        let d = buckets.take(1, 10, 0);
        assert!(!d.allowed);
        assert_eq!(d.remaining, 0);
        assert_eq!(d.retry_after, Duration::from_secs(6));
        assert_eq!(d.reset_after, Duration::from_secs(60));
        assert!(buckets.take(2, 10, 0).allowed, "another organisation has its own");
        assert!(!buckets.take(1, 10, 5_999_999).allowed);
        assert!(buckets.take(1, 10, 6_000_000).allowed);
        assert!(!buckets.take(1, 10, 6_000_000).allowed);
    }

    #[test]
    fn a_limit_of_zero_lets_nothing_through() {
        let d = Buckets::default().take(1, 0, 0);
        assert!(!d.allowed);
        assert_eq!(d.retry_after, Duration::from_secs(60));
    }
}
