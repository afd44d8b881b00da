//! What must be done now and then: jobs of dead workers, counts to write, old jobs to purge.

use std::time::Duration;

use crate::clock::{Month, day_number, timestamp};
use crate::db::{Row, Sql, Value, args};
use crate::lease::work;
use crate::queue::{TOKEN, job, jobs};
use crate::{Caller, Files, JobFailure, JobId, JobState, MAX_ATTEMPTS, Store, StoreError, Work};

/// A job taken from a worker that went silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// The job.
    pub job: JobId,
    /// The worker that had it.
    pub worker: String,
    /// [`JobState::Queued`], or [`JobState::Failed`] after too many attempts.
    pub state: JobState,
}

/// What a purge did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Jobs removed together with their files.
    pub jobs: u32,
}

impl Store {
    /// Takes jobs from workers whose leases have expired. Each waits again, or fails for good
    /// after [`MAX_ATTEMPTS`]. Any node may call this at any time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expire_leases(&self) -> Result<Vec<Expired>, StoreError> {
        let sql = jobs!("WHERE state = 'PROCESSING' AND lease_until < $1 ORDER BY seq LIMIT 500");
        let rows = self.inner.db.all(sql, args![self.millis()]).await?;
        self.take_back(rows).await
    }

    /// Takes back at once what the workers of a node hold, whose names are the node's or begin
    /// with it and `#`: for when the node starts anew, so that its former self is surely dead.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recover_node(&self, node: &str) -> Result<Vec<Expired>, StoreError> {
        let sql = jobs!(
            "WHERE state = 'PROCESSING' AND (worker = $1 OR substr(worker, 1, CAST($3 AS INTEGER)) = $2) ORDER BY seq"
        );
        let start = format!("{node}#");
        let length = start.chars().count() as i64;
        let rows = self.inner.db.all(sql, args![node, &start, length]).await?;
        self.take_back(rows).await
    }

    async fn take_back(&self, rows: Vec<Row>) -> Result<Vec<Expired>, StoreError> {
        let mut out = Vec::new();
        for row in rows {
            let (held, token, work) = (job(&row)?, row.int(TOKEN)?, work(&row)?);
            let mut tx = self.inner.db.begin().await?;
            let failed = held.attempts >= MAX_ATTEMPTS;
            let done = if failed {
                let why = worker_lost(held.attempts);
                self.fail_work_in(&mut tx, &held, &work, token, &why).await?
            } else {
                self.requeue_in(&mut tx, &held.id, &work, token, 0).await?
            };
            if !done {
                continue;
            }
            let owned = match work {
                Work::Part(part) => part.of,
                Work::Whole | Work::Join => held.id.clone(),
            };
            self.end(tx, &owned).await?;
            let state = if failed { JobState::Failed } else { JobState::Queued };
            out.push(Expired { job: held.id, worker: held.worker.unwrap_or_default(), state });
        }
        Ok(out)
    }

    /// Counts one request of a caller. Kept in memory until [`Store::flush`].
    pub fn count_request(&self, caller: &Caller) {
        let now = self.millis();
        let mut pending = self.pending();
        *pending.requests.entry((caller.organisation.id, day_number(now))).or_default() += 1;
        pending.keys.insert(caller.key_id, now);
    }

    /// Writes the counts of [`Store::count_request`] to the database. To be called every second
    /// or so, and by [`Store::close`].
    ///
    /// # Errors
    /// When the database fails; the counts are then kept for the next time.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let (requests, keys) = {
            let mut pending = self.pending();
            (std::mem::take(&mut pending.requests), std::mem::take(&mut pending.keys))
        };
        if requests.is_empty() && keys.is_empty() {
            return Ok(());
        }
        let written = self.write_counts(&requests, &keys).await;
        if written.is_err() {
            let mut pending = self.pending();
            for (at, n) in requests {
                *pending.requests.entry(at).or_default() += n;
            }
            for (key, at) in keys {
                pending.keys.entry(key).or_insert(at);
            }
        }
        written
    }

    async fn write_counts(
        &self,
        requests: &std::collections::HashMap<(i64, i64), u64>,
        keys: &std::collections::HashMap<i64, i64>,
    ) -> Result<(), StoreError> {
        // In one order on every node, so that two nodes' transactions cannot wait for each other.
        let mut requests: Vec<_> = requests.iter().collect();
        requests.sort_unstable();
        let mut keys: Vec<_> = keys.iter().collect();
        keys.sort_unstable();
        let mut tx = self.inner.db.begin().await?;
        for ((organisation, day), count) in requests {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            let month = Month::of(timestamp(day.saturating_mul(86_400_000)));
            let sql = "INSERT INTO usage_months (organisation_id, month, requests)
                       VALUES ($1, $2, $3) ON CONFLICT (organisation_id, month)
                       DO UPDATE SET requests = usage_months.requests + excluded.requests";
            tx.execute(sql, args![*organisation, i64::from(month.0), count]).await?;
            let sql = "INSERT INTO usage_days (organisation_id, day, requests)
                       VALUES ($1, $2, $3) ON CONFLICT (organisation_id, day)
                       DO UPDATE SET requests = usage_days.requests + excluded.requests";
            tx.execute(sql, args![*organisation, *day, count]).await?;
        }
        for (key, at) in keys {
            let sql = "UPDATE api_keys SET last_used_at = $2
                       WHERE id = $1 AND COALESCE(last_used_at, 0) < $2 - 60000";
            tx.execute(sql, args![*key, *at]).await?;
        }
        tx.commit().await
    }

    /// Hides a finished job for ever and removes it with its files.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none of that id that has ended, or it is another's.
    /// When removing the files fails the job is hidden already, and a later purge goes on.
    pub async fn delete_job(
        &self,
        files: &Files,
        organisation: i64,
        id: &JobId,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE jobs SET deleted = 1, idempotency_key = NULL
                   WHERE id = $1 AND organisation_id = $2 AND deleted = 0
                   AND state IN ('COMPLETED', 'FAILED', 'CANCELLED')";
        if self.inner.db.execute(sql, args![id, organisation]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        self.remove_hidden(files, id).await
    }

    /// Removes jobs that ended longer ago than their organisation's retention (or `default`),
    /// with their files; and goes on with removals that were interrupted. At most 1,000 a call.
    ///
    /// # Errors
    /// When the database or the file store fails; what was removed until then stays removed.
    pub async fn purge(&self, files: &Files, default: Duration) -> Result<Purged, StoreError> {
        let now = self.millis();
        let default = i64::try_from(default.as_millis()).unwrap_or(i64::MAX);
        // First hidden, then the files, then the row: an interruption leaves a hidden row, by
        // which the next purge finds the files; never a visible job without its files.
        let due: Sql = "UPDATE jobs SET deleted = 1, idempotency_key = NULL WHERE seq IN (
                SELECT j.seq FROM jobs j JOIN organisations o ON o.id = j.organisation_id
                WHERE j.finished_at IS NOT NULL AND j.deleted = 0 AND j.finished_at
                    < $1 - COALESCE(o.retention_days * 86400000, $2)
                ORDER BY j.finished_at LIMIT 1000)"
            .into();
        let values: &[Value] = args![now, default];
        self.inner.db.execute(due, values).await?;
        let rows = self.inner.db.all("SELECT id FROM jobs WHERE deleted = 1 LIMIT 1000", args![]);
        let mut purged = Purged::default();
        for row in rows.await? {
            let text = row.text(0)?;
            let id: JobId = text.parse().map_err(|e| StoreError::Corrupt(format!("{e}")))?;
            self.remove_hidden(files, &id).await?;
            purged.jobs += 1;
        }
        Ok(purged)
    }

    /// Removes files that belong to no job and are older than `age`: left by a node that died
    /// between storing an upload and queueing its job. How many jobs' files were removed.
    ///
    /// # Errors
    /// When the database or the file store fails.
    pub async fn sweep_orphans(&self, files: &Files, age: Duration) -> Result<u32, StoreError> {
        let mut swept = 0;
        for id in files.jobs_older_than(age).await? {
            let sql = "SELECT seq FROM jobs WHERE id = $1";
            if self.inner.db.first(sql, args![&id]).await?.is_none() {
                files.delete_job(&id).await?;
                swept += 1;
            }
        }
        Ok(swept)
    }

    async fn remove_hidden(&self, files: &Files, id: &JobId) -> Result<(), StoreError> {
        files.delete_job(id).await?;
        self.inner.db.execute("DELETE FROM jobs WHERE id = $1 AND deleted = 1", args![id]).await?;
        Ok(())
    }

    /// Does all of this at its time until it is dropped or aborted: counts every second, silent
    /// workers every five, the purge every ten minutes, what interrupted work left behind every
    /// day. Failures are logged and tried again.
    pub async fn keep_house(&self, files: Files, retention: Duration) {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut ticks = 0u64;
        loop {
            second.tick().await;
            if let Err(error) = self.flush().await {
                tracing::warn!(%error, "request counts could not be written");
            }
            if ticks.is_multiple_of(5) {
                match self.expire_leases().await {
                    Ok(expired) => {
                        for e in expired {
                            tracing::warn!(job = %e.job, worker = e.worker, state = %e.state, "a worker went silent");
                        }
                    }
                    Err(error) => tracing::warn!(%error, "looking for silent workers failed"),
                }
            }
            if ticks % 60 == 30
                && let Err(error) = self.measure_skew().await
            {
                tracing::warn!(%error, "the database's clock could not be asked");
            }
            if ticks % 600 == 60 {
                match self.purge(&files, retention).await {
                    Ok(purged) if purged.jobs > 0 => {
                        tracing::info!(jobs = purged.jobs, "old jobs removed");
                    }
                    Ok(_) => {}
                    Err(error) => tracing::warn!(%error, "the purge failed"),
                }
            }
            if ticks % 86_400 == 300 {
                self.sweep(&files).await;
            }
            ticks += 1;
        }
    }

    async fn sweep(&self, files: &Files) {
        const DAY: Duration = Duration::from_secs(86_400);
        let orphans = self.sweep_orphans(files, DAY).await;
        let staged = files.sweep_staging(DAY).await;
        match (orphans, staged) {
            (Ok(0), Ok(0)) => {}
            (Ok(jobs), Ok(staged)) => tracing::info!(jobs, staged, "left-over files removed"),
            (Err(error), _) | (_, Err(error)) => tracing::warn!(%error, "the sweep failed"),
        }
    }
}

/// The reason of a job whose workers died silently.
fn worker_lost(attempts: u32) -> JobFailure {
    JobFailure {
        code: "worker_lost".to_owned(),
        message: format!("the worker died {attempts} times while it had this document"),
        message_km: format!("កម្មវិធីបម្លែងបានឈប់ដំណើរការ {attempts} ដងពេលកំពុងដំណើរការឯកសារនេះ"),
    }
}
