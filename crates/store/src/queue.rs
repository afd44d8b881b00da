//! The queue as its owners see it: submitting, watching, listing, cancelling, deleting.

use crate::clock::{day_number, timestamp};
use crate::db::{Row, Tx, Value, args};
use crate::outbox::job_ended;
use crate::parts::settle_with_parts;
use crate::{
    Engine, Event, Job, JobFailure, JobFilter, JobId, JobPage, JobState, Month, NewJob, Priority,
    Store, StoreError, Submitted,
};

/// The columns [`job`] reads, with what stands behind `FROM jobs`.
macro_rules! jobs {
    ($rest:literal) => {
        concat!(
            "SELECT id, organisation_id, state, priority, file_name, input_key, input_bytes, ",
            "output_format, options, result_key, pages_total, ",
            // While its parts are worked on, a job has done what they have.
            "CASE WHEN parts_left > 0 THEN (SELECT CAST(COALESCE(SUM(p.pages_done), 0) AS BIGINT) ",
            "FROM jobs p WHERE p.parent = jobs.id) ELSE pages_done END, attempts, worker, ",
            "failure_code, failure, failure_km, created_at, started_at, finished_at, token, ",
            "lease_until, seq, parent, first_page, last_page, parts FROM jobs ",
            $rest
        )
    };
}
pub(crate) use jobs;

/// Column of the fencing token in [`jobs`].
pub(crate) const TOKEN: usize = 20;
/// Column of the lease's end.
pub(crate) const LEASE_UNTIL: usize = 21;
const SEQ: usize = 22;
/// Column of the job that a part belongs to, then its first and its last page.
pub(crate) const PARENT: usize = 23;
/// Column of the number of parts a job was split into.
pub(crate) const PARTS: usize = 26;

pub(crate) fn job(row: &Row) -> Result<Job, StoreError> {
    let corrupt = |e: &dyn std::fmt::Display| StoreError::Corrupt(e.to_string());
    let failure = row.opt_text(14)?.map(|code| -> Result<_, StoreError> {
        Ok(JobFailure {
            code,
            message: row.opt_text(15)?.unwrap_or_default(),
            message_km: row.opt_text(16)?.unwrap_or_default(),
        })
    });
    Ok(Job {
        id: row.text(0)?.parse().map_err(|e| corrupt(&e))?,
        organisation_id: row.int(1)?,
        state: row.text(2)?.parse().map_err(|e| corrupt(&e))?,
        priority: Priority::from_class(row.int(3)?),
        file_name: row.text(4)?,
        input_key: row.text(5)?,
        input_bytes: row.count(6)?,
        output_format: row.text(7)?,
        options: serde_json::from_str(&row.text(8)?).map_err(|e| corrupt(&e))?,
        result_key: row.opt_text(9)?,
        pages_total: row.small(10)?,
        pages_done: row.small(11)?,
        attempts: row.small(12)?,
        worker: row.opt_text(13)?,
        failure: failure.transpose()?,
        created_at: timestamp(row.int(17)?),
        started_at: row.opt_int(18)?.map(timestamp),
        finished_at: row.opt_int(19)?.map(timestamp),
    })
}

/// A job as it was just queued.
fn fresh(new: NewJob, now: i64) -> Job {
    Job {
        id: new.id,
        organisation_id: new.organisation_id,
        state: JobState::Queued,
        priority: new.priority,
        file_name: new.file_name,
        input_key: new.input_key,
        input_bytes: new.input_bytes,
        output_format: new.output_format,
        options: new.options,
        result_key: None,
        pages_total: new.pages,
        pages_done: 0,
        attempts: 0,
        worker: None,
        failure: None,
        created_at: timestamp(now),
        started_at: None,
        finished_at: None,
    }
}

/// Ends a job's reservation: `read` pages were read and are used, the rest is given back.
pub(crate) async fn settle(
    tx: &mut Tx,
    organisation: i64,
    month: i64,
    reserved: i64,
    read: i64,
    day: i64,
) -> Result<(), StoreError> {
    let read = read.clamp(0, reserved);
    let sql = "UPDATE usage_months SET pages_reserved = pages_reserved - $3,
               pages_used = pages_used + $4 WHERE organisation_id = $1 AND month = $2";
    tx.execute(sql, args![organisation, month, reserved, read]).await?;
    if read > 0 {
        let sql = "INSERT INTO usage_days (organisation_id, day, pages) VALUES ($1, $2, $3)
                   ON CONFLICT (organisation_id, day)
                   DO UPDATE SET pages = usage_days.pages + excluded.pages";
        tx.execute(sql, args![organisation, day, read]).await?;
    }
    Ok(())
}

impl Store {
    /// Reserves the job's pages and queues it, both or neither.
    ///
    /// # Errors
    /// [`StoreError::QuotaExceeded`] when the month's pages do not suffice,
    /// [`StoreError::IdempotencyMismatch`] when its idempotency key was used with another
    /// request, [`StoreError::NotFound`] when there is no such organisation.
    pub async fn submit(&self, new: NewJob) -> Result<Submitted, StoreError> {
        let now = self.millis();
        let month = Month::of(timestamp(now));
        let owner = self.organisation(new.organisation_id).await?.ok_or(StoreError::NotFound)?;
        let limit = owner.pages_per_month;
        let mut tx = self.inner.db.begin().await?;
        if let Some((word, fingerprint)) = &new.idempotency {
            // The month's row is locked from here to the commit, so submissions with such a word
            // go one by one: no two of them can be the first.
            let sql = "INSERT INTO usage_months (organisation_id, month) VALUES ($1, $2)
                       ON CONFLICT (organisation_id, month)
                       DO UPDATE SET pages_reserved = usage_months.pages_reserved";
            tx.execute(sql, args![new.organisation_id, i64::from(month.0)]).await?;
            let sql = "SELECT id, fingerprint FROM jobs
                       WHERE organisation_id = $1 AND idempotency_key = $2 AND deleted = 0";
            if let Some(row) = tx.first(sql, args![new.organisation_id, word]).await? {
                if row.opt_text(1)?.as_deref() != Some(fingerprint) {
                    return Err(StoreError::IdempotencyMismatch);
                }
                let first = tx.first(jobs!("WHERE id = $1"), args![&row.text(0)?]).await?;
                return Ok(Submitted::Repeated(job(&first.ok_or(StoreError::NotFound)?)?));
            }
        }
        self.insert(&mut tx, &new, now, month).await?;
        tx.notify(&Event::Queued).await?;
        // Last of all, since others wait for these two rows: the pages, in one step with the look
        // whether there are as many, so that no two submissions can win the last ones.
        let sql = "INSERT INTO usage_months (organisation_id, month, pages_reserved)
                   SELECT $1, $2, $3 WHERE $3 <= $4 ON CONFLICT (organisation_id, month)
                   DO UPDATE SET pages_reserved = usage_months.pages_reserved + $3
                   WHERE usage_months.pages_used + usage_months.pages_reserved + $3 <= $4";
        let values = args![new.organisation_id, i64::from(month.0), new.pages, limit];
        if tx.execute(sql, values).await? == 0 {
            let sql = "SELECT pages_used + pages_reserved FROM usage_months
                       WHERE organisation_id = $1 AND month = $2";
            let values = args![new.organisation_id, i64::from(month.0)];
            let taken = tx.first(sql, values).await?.map_or(Ok(0), |row| row.int(0))?;
            return Err(StoreError::QuotaExceeded {
                limit,
                left: limit.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX)),
                asked: new.pages,
                resets_at: month.end(),
            });
        }
        let sql = "INSERT INTO usage_days (organisation_id, day, jobs) VALUES ($1, $2, 1)
                   ON CONFLICT (organisation_id, day) DO UPDATE SET jobs = usage_days.jobs + 1";
        tx.execute(sql, args![new.organisation_id, day_number(now)]).await?;
        tx.commit().await?;
        self.tell(Event::Queued);
        // Only what is on the disk is accepted.
        self.inner.db.settled().await?;
        Ok(Submitted::Accepted(fresh(new, now)))
    }

    async fn insert(
        &self,
        tx: &mut Tx,
        new: &NewJob,
        now: i64,
        month: Month,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO jobs (id, organisation_id, key_id, state, priority, rank, file_name,
                   input_key, input_bytes, output_format, options, pages_total, pages_reserved,
                   quota_month, idempotency_key, fingerprint, created_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15, $16)";
        let class = new.priority.class();
        let (word, fingerprint) = match &new.idempotency {
            Some((word, fingerprint)) => (Some(word.as_str()), Some(fingerprint.as_str())),
            None => (None, None),
        };
        let bytes = i64::try_from(new.input_bytes).unwrap_or(i64::MAX);
        // A lower priority is the same as having come later: so age makes up for priority, and
        // the order of waiting jobs can be kept in an index.
        let rank = now.saturating_add(class.saturating_mul(self.inner.ageing_ms));
        let values: &[Value] = args![
            &new.id,
            new.organisation_id,
            new.key_id,
            JobState::Queued,
            class,
            rank,
            &new.file_name,
            &new.input_key,
            bytes,
            &new.output_format,
            &new.options.to_string(),
            new.pages,
            i64::from(month.0),
            word,
            fingerprint,
            now
        ];
        tx.execute(sql, values).await?;
        Ok(())
    }

    /// A job of an organisation; `None` when there is none of that id, or it is another's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn job(&self, organisation: i64, id: &JobId) -> Result<Option<Job>, StoreError> {
        if self.engine() == Engine::Postgres
            && let Some(found) = self.look_with_others(id).await
        {
            return Ok(found.filter(|job| job.organisation_id == organisation));
        }
        let sql = jobs!("WHERE id = $1 AND organisation_id = $2 AND deleted = 0");
        let row = self.inner.db.first(sql, args![id, organisation]).await?;
        row.as_ref().map(job).transpose()
    }

    /// An organisation's jobs, newest first.
    ///
    /// # Errors
    /// When the database fails. A cursor that makes no sense begins at the newest.
    pub async fn jobs(&self, organisation: i64, filter: &JobFilter) -> Result<JobPage, StoreError> {
        let limit = if filter.limit == 0 { 50 } else { filter.limit.min(200) };
        let before = filter.after.as_deref().and_then(|c| c.parse().ok()).unwrap_or(i64::MAX);
        let state = filter.state.map(JobState::name);
        let sql = jobs!(
            "WHERE organisation_id = $1 AND seq < $2 AND deleted = 0
             AND (CAST($3 AS TEXT) IS NULL OR state = $3) ORDER BY seq DESC LIMIT $4"
        );
        let rows = self.inner.db.all(sql, args![organisation, before, state, limit + 1]).await?;
        let size = limit as usize;
        let next = match rows.len() > size {
            true => Some(rows[size - 1].int(SEQ)?.to_string()),
            false => None,
        };
        let jobs = rows.iter().take(size).map(job).collect::<Result<_, _>>()?;
        Ok(JobPage { jobs, next })
    }

    /// Cancels a job that waits or runs; its worker stops within a second. Pages not read yet
    /// are given back. A job that has ended stays as it is. The job as it is afterwards.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none of that id, or it is another's.
    pub async fn cancel(&self, organisation: i64, id: &JobId) -> Result<Job, StoreError> {
        let now = self.millis();
        let mut tx = self.inner.db.begin().await?;
        let sql = "UPDATE jobs SET state = $3, finished_at = $4, worker = NULL, lease_until = NULL,
                   token = token + 1
                   WHERE id = $1 AND organisation_id = $2 AND deleted = 0
                   AND state IN ('QUEUED', 'PROCESSING')
                   RETURNING quota_month, pages_reserved, pages_done, parts";
        let values = args![id, organisation, JobState::Cancelled, now];
        if let Some(row) = tx.first(sql, values).await? {
            let pages = (row.int(0)?, row.int(1)?, row.int(2)?);
            settle_with_parts(&mut tx, id, organisation, pages, row.int(3)?, now).await?;
            job_ended(&mut tx, id, now).await?;
            tx.notify(&Event::Changed(id.clone())).await?;
            tx.commit().await?;
            self.tell(Event::Changed(id.clone()));
        }
        self.job(organisation, id).await?.ok_or(StoreError::NotFound)
    }
}
