//! Long documents in parts: stretches of pages that any worker leases like a job, and the join of
//! their results.
//!
//! A part is a row of the queue that no owner ever sees (`deleted = 2`). It has the job's place
//! and priority, and attempts, a lease and a token of its own; the job's pages stay reserved by
//! the job alone. The job itself is processing, without a worker, until the last part is done;
//! whoever ends that one gets the lease on the job, to join the results. A part that fails for
//! good fails the job. Who touches a job and its parts in one transaction takes the job first.

use std::time::Duration;

use crate::clock::day_number;
use crate::db::{Sql, Tx, args};
use crate::lease::{lease, millis, requeue};
use crate::queue::{jobs, settle};
use crate::{Event, JobFailure, JobId, Lease, Store, StoreError};

/// What a lease is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// The whole document.
    Whole,
    /// Some of its pages. The lease's job stands for the part: its id is the part's, its pages
    /// are the part's; name, file and options are the document's.
    Part(Part),
    /// The results of all its parts, [`Store::part_results`], which are to be joined.
    Join,
}

/// A stretch of a document's pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The job it is a part of.
    pub of: JobId,
    /// 1-based number of its first page.
    pub first: u32,
    /// Of its last page.
    pub last: u32,
}

/// The result of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartResult {
    /// Where [`crate::Files`] keeps it.
    pub key: String,
    /// Pages in it.
    pub pages: u32,
}

const LOCK: Sql = Sql::each(
    "SELECT token, rank, created_at FROM jobs WHERE id = $1 AND state = 'PROCESSING'",
    "SELECT token, rank, created_at FROM jobs WHERE id = $1 AND state = 'PROCESSING' FOR UPDATE",
);

/// Milliseconds between the places of one part and the next in the queue.
const SPACING_MS: i64 = 2_000;

/// Pages done in a job's parts.
const DONE: &str =
    "SELECT CAST(COALESCE(SUM(pages_done), 0) AS BIGINT) FROM jobs WHERE parent = $1";

/// 1-based first and last pages of parts of at most `size` pages, as even as can be.
fn stretches(pages: u32, size: u32) -> Vec<(u32, u32)> {
    let count = u64::from(pages.div_ceil(size.max(1)).max(1));
    let end = |i: u64| u32::try_from(u64::from(pages) * i / count).unwrap_or(pages);
    (0..count).map(|i| (end(i) + 1, end(i + 1))).collect()
}

impl Store {
    /// Makes parts of at most `size` pages of a leased job and gives the lease up; how many parts.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], or a failing database.
    pub async fn split(&self, held: &Lease, size: u32) -> Result<usize, StoreError> {
        let id = &held.job.id;
        let lost = || StoreError::LeaseLost { job: id.clone() };
        let mut tx = self.inner.db.begin().await?;
        let job = tx.first(LOCK, args![id]).await?.ok_or_else(lost)?;
        let rank = job.int(1)?;
        let stretches = stretches(held.job.pages_total, size);
        // The attempt was none: nothing was tried yet.
        let sql = "UPDATE jobs SET worker = NULL, lease_until = NULL, attempts = attempts - 1,
                   token = token + 1, parts = $3, parts_left = $3
                   WHERE id = $1 AND token = $2 AND state = 'PROCESSING' AND parts = 0";
        let count = i64::try_from(stretches.len()).unwrap_or(i64::MAX);
        if tx.execute(sql, args![id, held.token, count]).await? == 0 {
            return Err(lost());
        }
        // Later parts come as if they had been submitted later, so that a small document need not
        // wait for a whole book; but by less than a priority.
        let latest = rank.saturating_add(self.inner.ageing_ms - 1);
        for (number, (first, last)) in (0i64..).zip(stretches) {
            let sql = "INSERT INTO jobs (id, organisation_id, key_id, state, priority, rank,
                       file_name, input_key, input_bytes, output_format, options, pages_total,
                       pages_reserved, quota_month, created_at, deleted, parent, part, first_page,
                       last_page)
                       SELECT $2, organisation_id, key_id, 'QUEUED', priority, $3, file_name,
                       input_key, input_bytes, output_format, options, $4, 0, quota_month,
                       created_at, 2, id, $5, $6, $7 FROM jobs WHERE id = $1";
            let rank = rank.saturating_add(number.saturating_mul(SPACING_MS)).min(latest);
            let part = JobId::generate()?;
            let values = args![id, &part, rank, last + 1 - first, number, first, last];
            tx.execute(sql, values).await?;
        }
        self.end(tx, id).await?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Ends a part with its result, whose JSON was stored under `result_key`; `pages` were read.
    /// When it was the last one, the lease on the job comes back: its results are to be joined.
    /// Saying the same twice is no error.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], or a failing database.
    pub async fn complete_part(
        &self,
        held: &Lease,
        part: &Part,
        result_key: &str,
        pages: u32,
        hold: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        let (now, id, job) = (self.millis(), &held.job.id, &part.of);
        let lost = || StoreError::LeaseLost { job: id.clone() };
        let worker = held.job.worker.as_deref().unwrap_or_default();
        let mut tx = self.inner.db.begin().await?;
        tx.first(LOCK, args![job]).await?.ok_or_else(lost)?;
        let sql = "UPDATE jobs SET state = 'COMPLETED', result_key = $3, pages_done = $4,
                   worker = NULL, lease_until = NULL
                   WHERE id = $1 AND token = $2 AND state = 'PROCESSING'";
        if tx.execute(sql, args![id, held.token, result_key, pages]).await? == 0 {
            // The first time may have been committed without our hearing of it.
            let sql = "SELECT seq FROM jobs WHERE id = $1 AND token = $2 AND state = 'COMPLETED'
                       AND result_key = $3";
            tx.first(sql, args![id, held.token, result_key]).await?.ok_or_else(lost)?;
            let sql = jobs!("WHERE id = $1 AND parts_left = 0 AND worker = $2");
            return tx.first(sql, args![job, worker]).await?.as_ref().map(lease).transpose();
        }
        let sql = "UPDATE jobs SET parts_left = parts_left - 1 WHERE id = $1 RETURNING parts_left";
        let left = tx.first(sql, args![job]).await?.ok_or_else(lost)?.int(0)?;
        let mut last = None;
        if left == 0 {
            let done = tx.first(DONE, args![job]).await?.ok_or_else(lost)?.int(0)?;
            let sql = "UPDATE jobs SET worker = $2, lease_until = $3, token = token + 1,
                       attempts = attempts + 1, pages_done = $4 WHERE id = $1";
            let until = now.saturating_add(millis(hold));
            tx.execute(sql, args![job, worker, until, done]).await?;
            let row = tx.first(jobs!("WHERE id = $1"), args![job]).await?.ok_or_else(lost)?;
            last = Some(lease(&row)?);
        }
        tx.notify(&Event::Changed(job.clone())).await?;
        tx.commit().await?;
        self.tell(Event::Changed(job.clone()));
        Ok(last)
    }

    /// The results of a job's parts, in the order of their pages.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn part_results(&self, job: &JobId) -> Result<Vec<PartResult>, StoreError> {
        let sql = "SELECT result_key, pages_done FROM jobs WHERE parent = $1 ORDER BY part";
        let rows = self.inner.db.all(sql, args![job]).await?;
        rows.iter().map(|r| Ok(PartResult { key: r.text(0)?, pages: r.small(1)? })).collect()
    }

    /// Fails the job of a part for good, within a transaction; whether the part's token was still
    /// good.
    pub(crate) async fn fail_part_in(
        &self,
        tx: &mut Tx,
        held: &crate::Job,
        part: &Part,
        token: i64,
        why: &JobFailure,
    ) -> Result<bool, StoreError> {
        let Some(job) = tx.first(LOCK, args![&part.of]).await? else { return Ok(false) };
        let sql = "UPDATE jobs SET token = token + 1
                   WHERE id = $1 AND token = $2 AND state = 'PROCESSING'";
        if tx.execute(sql, args![&held.id, token]).await? == 0 {
            return Ok(false);
        }
        let sql = "UPDATE jobs SET attempts = $2 WHERE id = $1";
        tx.execute(sql, args![&part.of, held.attempts]).await?;
        let (first, last) = (part.first, part.last);
        let why = JobFailure {
            code: why.code.clone(),
            message: format!("pages {first} to {last}: {}", why.message),
            message_km: format!("ទំព័រ {first} ដល់ {last}៖ {}", why.message_km),
        };
        self.fail_in(tx, &part.of, job.int(0)?, &why).await
    }

    /// Puts a part back into the queue within a transaction; whether its token was still good.
    pub(crate) async fn requeue_part_in(
        &self,
        tx: &mut Tx,
        held: &JobId,
        part: &Part,
        token: i64,
        attempts_back: i64,
    ) -> Result<bool, StoreError> {
        match tx.first(LOCK, args![&part.of]).await? {
            Some(_) => requeue(tx, held, token, attempts_back).await,
            None => Ok(false),
        }
    }
}

/// Drops a job's parts, within a transaction that ends the job: who works on one has lost it.
/// Pages done in them.
pub(crate) async fn disband(tx: &mut Tx, job: &JobId) -> Result<i64, StoreError> {
    let done = match tx.first(DONE, args![job]).await? {
        Some(row) => row.int(0)?,
        None => 0,
    };
    tx.execute("DELETE FROM jobs WHERE parent = $1", args![job]).await?;
    Ok(done)
}

/// Ends a job's reservation after its state was changed: drops its parts if it has any, and
/// charges what was read in them. `done` is what the job itself has done.
pub(crate) async fn settle_with_parts(
    tx: &mut Tx,
    job: &JobId,
    organisation: i64,
    (month, reserved, done): (i64, i64, i64),
    parts: i64,
    now: i64,
) -> Result<(), StoreError> {
    let mut read = done;
    if parts > 0 {
        read = disband(tx, job).await?.max(done);
        let sql = "UPDATE jobs SET pages_done = $2, parts_left = 0 WHERE id = $1";
        tx.execute(sql, args![job, read]).await?;
    }
    settle(tx, organisation, month, reserved, read, day_number(now)).await
}

#[cfg(test)]
mod tests {
    use super::stretches;

    #[test]
    fn every_page_is_in_one_part_and_parts_are_even() {
        for (pages, size) in [(1, 25), (25, 25), (26, 25), (400, 25), (401, 25), (7, 3), (5_000, 1)]
        {
            let all = stretches(pages, size);
            let mut next = 1;
            for (first, last) in &all {
                assert_eq!(*first, next);
                assert!((1..=size).contains(&(last + 1 - first)), "{pages} by {size}: {all:?}");
                next = last + 1;
            }
            assert_eq!(next, pages + 1);
            let sizes: Vec<u32> = all.iter().map(|(first, last)| last - first).collect();
            assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
        }
    }
}
