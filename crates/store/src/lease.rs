//! The queue as workers see it: leasing, heartbeats, endings.
//!
//! Every write names the lease's fencing token and changes nothing when another lease was given
//! since, or the job was cancelled.

use std::time::Duration;

use jiff::Timestamp;

use crate::clock::{day_number, timestamp};
use crate::db::{Row, Sql, Tx, args};
use crate::outbox::job_ended;
use crate::parts::{disband, settle_with_parts};
use crate::queue::{LEASE_UNTIL, PARENT, PARTS, TOKEN, job, jobs, settle};
use crate::{Event, Job, JobFailure, JobId, JobState, MAX_ATTEMPTS, Part, Store, StoreError, Work};

/// A worker's hold on a job, for a while. Each [`Store::heartbeat`] lengthens it.
#[derive(Clone, Debug)]
pub struct Lease {
    /// The job as it was when taken.
    pub job: Job,
    /// The fencing token: greater with each lease of the job. Writes with an old one are refused.
    pub token: i64,
    /// When it ends unless a heartbeat comes.
    pub until: Timestamp,
    /// What is to be done.
    pub work: Work,
}

impl Lease {
    /// The job as its owner knows it: the one a part belongs to, else the lease's own.
    #[must_use]
    pub fn owned(&self) -> &JobId {
        match &self.work {
            Work::Part(part) => &part.of,
            Work::Whole | Work::Join => &self.job.id,
        }
    }
}

/// The answer to a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heartbeat {
    /// Go on; the lease now ends then.
    Alive(Timestamp),
    /// Stop and drop the job: it was cancelled, or it was given to another.
    Lost,
}

/// Heads of the organisations' queues: number, rank of the first job, when last served. It steps
/// through the index from one organisation to the next, so its cost grows with the organisations
/// that wait, not with their jobs.
const HEADS: &str = "
    WITH RECURSIVE waiting (id) AS (
        SELECT MIN(organisation_id) FROM jobs WHERE state = 'QUEUED'
        UNION ALL
        SELECT (SELECT MIN(j.organisation_id) FROM jobs j
                WHERE j.state = 'QUEUED' AND j.organisation_id > waiting.id)
        FROM waiting WHERE waiting.id IS NOT NULL
    )
    SELECT o.id, (SELECT MIN(j.rank) FROM jobs j
                  WHERE j.organisation_id = o.id AND j.state = 'QUEUED'), o.served_at
    FROM waiting JOIN organisations o ON o.id = waiting.id";

/// The first job of one organisation; on PostgreSQL one that no other worker is just taking.
const FIRST: Sql = Sql::each(
    "SELECT id FROM jobs WHERE organisation_id = $1 AND state = 'QUEUED'
     ORDER BY rank, seq LIMIT 1",
    "SELECT id FROM jobs WHERE organisation_id = $1 AND state = 'QUEUED'
     ORDER BY rank, seq LIMIT 1 FOR UPDATE SKIP LOCKED",
);

/// The organisations in the order their first jobs should be tried: by priority with age made
/// up for, then whoever was served longest ago, then the oldest job.
fn order(heads: &mut [(i64, i64, i64)], now: i64, ageing: i64) {
    heads.sort_by_key(|(organisation, rank, served)| {
        // A job's rank is its arrival plus its class times the ageing, so this is its class
        // less the ageings it has waited: 0 for high or long-waiting, 2 for a fresh low one.
        let behind = rank.saturating_sub(now);
        let class = (behind + ageing - 1).div_euclid(ageing).max(0);
        (class, *served, *rank, *organisation)
    });
}

impl Store {
    /// Takes the next job for that worker, or `None` when nothing waits. Whoever leases must send
    /// heartbeats well within `hold`, and end the lease with [`Store::complete`],
    /// [`Store::fail`], [`Store::crash`] or [`Store::release`].
    ///
    /// High comes before normal before low, oldest first; a job counts as one priority higher for
    /// each [`crate::StoreOptions::ageing`] it waits. Among organisations whose first jobs are of
    /// one priority, the one served longest ago comes first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lease(&self, worker: &str, hold: Duration) -> Result<Option<Lease>, StoreError> {
        let now = self.millis();
        // A look without the writer's lock first: most polls find nothing.
        let mut heads = Vec::new();
        for row in self.inner.db.all(HEADS, args![]).await? {
            if let Some(rank) = row.opt_int(1)? {
                heads.push((row.int(0)?, rank, row.int(2)?));
            }
        }
        order(&mut heads, now, self.inner.ageing_ms);
        for (organisation, _, _) in heads {
            let mut tx = self.inner.db.begin().await?;
            let Some(row) = tx.first(FIRST, args![organisation]).await? else { continue };
            let id = row.text(0)?;
            let sql = "UPDATE jobs SET state = 'PROCESSING', worker = $2, token = token + 1,
                       lease_until = $3, attempts = attempts + 1, started_at = $4, pages_done = 0
                       WHERE id = $1 AND state = 'QUEUED'";
            let until = now.saturating_add(millis(hold));
            if tx.execute(sql, args![&id, worker, until, now]).await? == 0 {
                continue;
            }
            let sql = "UPDATE organisations SET served_at = $2 WHERE id = $1";
            tx.execute(sql, args![organisation, now]).await?;
            let row = tx.first(jobs!("WHERE id = $1"), args![&id]).await?;
            let row = row.ok_or(StoreError::NotFound)?;
            let lease = lease(&row)?;
            tx.notify(&Event::Changed(lease.owned().clone())).await?;
            tx.commit().await?;
            self.tell(Event::Changed(lease.owned().clone()));
            return Ok(Some(lease));
        }
        Ok(None)
    }

    /// Says that the worker lives, and how many pages are done if that changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn heartbeat(
        &self,
        lease: &Lease,
        pages_done: Option<u32>,
        hold: Duration,
    ) -> Result<Heartbeat, StoreError> {
        let until = self.millis().saturating_add(millis(hold));
        let sql = "UPDATE jobs SET lease_until = $3, pages_done = COALESCE($4, pages_done)
                   WHERE id = $1 AND token = $2 AND state = 'PROCESSING'";
        let done = pages_done.map(i64::from);
        let values = args![&lease.job.id, lease.token, until, done];
        if self.inner.db.execute(sql, values).await? == 0 {
            return Ok(Heartbeat::Lost);
        }
        if done.is_some() {
            self.tell(Event::Changed(lease.owned().clone()));
        }
        Ok(Heartbeat::Alive(timestamp(until)))
    }

    /// Whether the lease still stands; only reads.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn holds(&self, lease: &Lease) -> Result<bool, StoreError> {
        let sql = "SELECT seq FROM jobs WHERE id = $1 AND token = $2 AND state = 'PROCESSING'";
        Ok(self.inner.db.first(sql, args![&lease.job.id, lease.token]).await?.is_some())
    }

    /// Ends the job with its result, whose JSON was stored under `result_key`; `pages` were read.
    /// Saying the same twice is no error.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], or a failing database.
    pub async fn complete(
        &self,
        lease: &Lease,
        result_key: &str,
        pages: u32,
    ) -> Result<(), StoreError> {
        let now = self.millis();
        let mut tx = self.inner.db.begin().await?;
        let sql = "UPDATE jobs SET state = 'COMPLETED', result_key = $3, pages_done = $4,
                   pages_total = $4, finished_at = $5, worker = NULL, lease_until = NULL
                   WHERE id = $1 AND token = $2 AND state = 'PROCESSING'
                   RETURNING organisation_id, quota_month, pages_reserved";
        let id = &lease.job.id;
        let Some(row) = tx.first(sql, args![id, lease.token, result_key, pages, now]).await? else {
            // The first time may have been committed without our hearing of it.
            let sql = "SELECT seq FROM jobs WHERE id = $1 AND token = $2 AND state = 'COMPLETED'
                       AND result_key = $3";
            return match tx.first(sql, args![id, lease.token, result_key]).await? {
                Some(_) => Ok(()),
                None => Err(StoreError::LeaseLost { job: id.clone() }),
            };
        };
        let (organisation, month, reserved) = (row.int(0)?, row.int(1)?, row.int(2)?);
        if lease.work == Work::Join {
            disband(&mut tx, id).await?;
        }
        settle(&mut tx, organisation, month, reserved, pages.into(), day_number(now)).await?;
        self.end(tx, id).await
    }

    /// Fails the job for good: trying again would not help. Pages not read are given back.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], or a failing database.
    pub async fn fail(&self, lease: &Lease, why: &JobFailure) -> Result<(), StoreError> {
        let mut tx = self.inner.db.begin().await?;
        if !self.fail_work_in(&mut tx, &lease.job, &lease.work, lease.token, why).await? {
            return Err(StoreError::LeaseLost { job: lease.job.id.clone() });
        }
        self.end(tx, lease.owned()).await
    }

    /// The attempt failed in a way that may not happen again. The job waits again, or, after
    /// [`MAX_ATTEMPTS`], fails for good with this reason. The state it is in afterwards.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], or a failing database.
    pub async fn crash(&self, lease: &Lease, why: &JobFailure) -> Result<JobState, StoreError> {
        let mut tx = self.inner.db.begin().await?;
        let id = &lease.job.id;
        let state = if lease.job.attempts >= MAX_ATTEMPTS {
            match self.fail_work_in(&mut tx, &lease.job, &lease.work, lease.token, why).await? {
                true => Some(JobState::Failed),
                false => None,
            }
        } else {
            let again = self.requeue_in(&mut tx, id, &lease.work, lease.token, 0).await?;
            again.then_some(JobState::Queued)
        };
        let state = state.ok_or_else(|| StoreError::LeaseLost { job: id.clone() })?;
        self.end(tx, lease.owned()).await?;
        Ok(state)
    }

    /// Gives the job back unharmed, as when the worker is told to stop: it waits again, and the
    /// attempt does not count.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], or a failing database.
    pub async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let mut tx = self.inner.db.begin().await?;
        if !self.requeue_in(&mut tx, &lease.job.id, &lease.work, lease.token, 1).await? {
            return Err(StoreError::LeaseLost { job: lease.job.id.clone() });
        }
        self.end(tx, lease.owned()).await
    }

    /// Fails what a lease was for, within a transaction; whether the token was still good.
    pub(crate) async fn fail_work_in(
        &self,
        tx: &mut Tx,
        held: &Job,
        work: &Work,
        token: i64,
        why: &JobFailure,
    ) -> Result<bool, StoreError> {
        match work {
            Work::Part(part) => self.fail_part_in(tx, held, part, token, why).await,
            Work::Whole | Work::Join => self.fail_in(tx, &held.id, token, why).await,
        }
    }

    /// Puts what a lease was for back into the queue, within a transaction; whether the token
    /// was still good.
    pub(crate) async fn requeue_in(
        &self,
        tx: &mut Tx,
        id: &JobId,
        work: &Work,
        token: i64,
        attempts_back: i64,
    ) -> Result<bool, StoreError> {
        match work {
            Work::Part(part) => self.requeue_part_in(tx, id, part, token, attempts_back).await,
            Work::Whole | Work::Join => requeue(tx, id, token, attempts_back).await,
        }
    }

    /// Fails a job within a transaction; whether the token was still good.
    pub(crate) async fn fail_in(
        &self,
        tx: &mut Tx,
        id: &JobId,
        token: i64,
        why: &JobFailure,
    ) -> Result<bool, StoreError> {
        let now = self.millis();
        let sql = "UPDATE jobs SET state = 'FAILED', failure_code = $3, failure = $4,
                   failure_km = $5, finished_at = $6, worker = NULL, lease_until = NULL
                   WHERE id = $1 AND token = $2 AND state = 'PROCESSING'
                   RETURNING organisation_id, quota_month, pages_reserved, pages_done, parts";
        let values = args![id, token, &why.code, &why.message, &why.message_km, now];
        let Some(row) = tx.first(sql, values).await? else { return Ok(false) };
        let pages = (row.int(1)?, row.int(2)?, row.int(3)?);
        settle_with_parts(tx, id, row.int(0)?, pages, row.int(4)?, now).await?;
        Ok(true)
    }

    /// Writes down which webhooks to tell if the job has ended, commits, and tells who waits.
    pub(crate) async fn end(&self, mut tx: Tx, id: &JobId) -> Result<(), StoreError> {
        job_ended(&mut tx, id, self.millis()).await?;
        tx.notify(&Event::Changed(id.clone())).await?;
        tx.notify(&Event::Queued).await?;
        tx.commit().await?;
        self.tell(Event::Changed(id.clone()));
        self.tell(Event::Queued);
        Ok(())
    }
}

/// Puts a job back into the queue, at its old place; whether the token was still good.
pub(crate) async fn requeue(
    tx: &mut Tx,
    id: &JobId,
    token: i64,
    attempts_back: i64,
) -> Result<bool, StoreError> {
    let sql = "UPDATE jobs SET state = 'QUEUED', worker = NULL, lease_until = NULL,
               started_at = NULL, pages_done = 0, attempts = attempts - $3
               WHERE id = $1 AND token = $2 AND state = 'PROCESSING'";
    Ok(tx.execute(sql, args![id, token, attempts_back]).await? > 0)
}

pub(crate) fn lease(row: &Row) -> Result<Lease, StoreError> {
    let until = timestamp(row.opt_int(LEASE_UNTIL)?.unwrap_or(0));
    Ok(Lease { job: job(row)?, token: row.int(TOKEN)?, until, work: work(row)? })
}

/// What there is to do about a row.
pub(crate) fn work(row: &Row) -> Result<Work, StoreError> {
    Ok(match row.opt_text(PARENT)? {
        Some(of) => Work::Part(Part {
            of: of.parse().map_err(|e| StoreError::Corrupt(format!("{e}")))?,
            first: row.small(PARENT + 1)?,
            last: row.small(PARENT + 2)?,
        }),
        None if row.int(PARTS)? > 0 => Work::Join,
        None => Work::Whole,
    })
}

pub(crate) fn millis(d: Duration) -> i64 {
    i64::try_from(d.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn priority_then_turn_then_age_and_waiting_lifts() {
        let (now, ageing) = (1_000_000, 1_000);
        // organisation, rank, served: a fresh high, a fresh normal, a low that waited 1.5 ageings.
        let mut heads = vec![
            (1, now + ageing - 10, 0),
            (2, now - 5, 99),
            (3, now - 1_500 + 2 * ageing, 5),
            (4, now - 3_000 + 2 * ageing, 50),
        ];
        order(&mut heads, now, ageing);
        let turn: Vec<_> = heads.iter().map(|h| h.0).collect();
        // 4 waited three ageings: it counts as high, and was served before 2.
        // 3 counts as normal now, and 1 was never served.
        assert_eq!(turn, [4, 2, 1, 3]);
    }
}
