//! What an organisation has used.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::clock::{day_number, day_of, timestamp};
use crate::db::args;
use crate::{JobState, Month, Priority, Store, StoreError};

/// An organisation's use of this month, and its last days.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Usage {
    /// Pages a month it may use.
    pub pages_limit: u32,
    /// Pages read this month.
    pub pages_used: u32,
    /// Pages of accepted jobs that are not done yet.
    pub pages_reserved: u32,
    /// Pages neither used nor reserved.
    pub pages_left: u32,
    /// Requests this month.
    pub requests: u64,
    /// When the month began.
    pub period_start: Timestamp,
    /// When the next one begins and the pages are whole again.
    pub resets_at: Timestamp,
    /// Its jobs by state, all that are kept.
    pub jobs: JobCounts,
    /// The last days on which anything was used, oldest first, at most 31.
    pub days: Vec<DayUsage>,
}

/// Jobs by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JobCounts {
    /// Waiting.
    pub queued: u64,
    /// With a worker.
    pub processing: u64,
    /// Done.
    pub completed: u64,
    /// Failed for good.
    pub failed: u64,
    /// Taken back.
    pub cancelled: u64,
}

impl JobCounts {
    pub(crate) fn slot(&mut self, state: JobState) -> &mut u64 {
        match state {
            JobState::Queued => &mut self.queued,
            JobState::Processing => &mut self.processing,
            JobState::Completed => &mut self.completed,
            JobState::Failed => &mut self.failed,
            JobState::Cancelled => &mut self.cancelled,
        }
    }
}

/// How many jobs of one priority wait, over all organisations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct QueueDepth {
    /// The priority.
    pub priority: Priority,
    /// Jobs that wait.
    pub waiting: u64,
    /// When the one that waits longest was accepted.
    pub oldest: Option<Timestamp>,
}

/// One UTC day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayUsage {
    /// The day.
    pub date: Date,
    /// Pages read.
    pub pages: u64,
    /// Requests made.
    pub requests: u64,
    /// Jobs accepted.
    pub jobs: u64,
}

impl Store {
    /// An organisation's use of this month, its jobs and its last days.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such organisation, or a failing database.
    pub async fn usage(&self, organisation: i64) -> Result<Usage, StoreError> {
        let who = self.organisation(organisation).await?.ok_or(StoreError::NotFound)?;
        let now = self.millis();
        let month = Month::of(timestamp(now));
        let today = day_number(now);
        let db = &self.inner.db;
        let sql = "SELECT pages_used, pages_reserved, requests FROM usage_months
                   WHERE organisation_id = $1 AND month = $2";
        let (used, reserved, requests) =
            match db.first(sql, args![organisation, i64::from(month.0)]).await? {
                Some(row) => (row.small(0)?, row.small(1)?, row.count(2)?),
                None => (0, 0, 0),
            };
        let mut jobs = JobCounts::default();
        let sql = "SELECT state, COUNT(*) FROM jobs WHERE organisation_id = $1 AND deleted = 0
                   GROUP BY state";
        for row in db.all(sql, args![organisation]).await? {
            let state = row.text(0)?.parse::<JobState>();
            *jobs.slot(state.map_err(|e| StoreError::Corrupt(e.to_string()))?) = row.count(1)?;
        }
        let sql = "SELECT day, pages, requests, jobs FROM usage_days
                   WHERE organisation_id = $1 AND day > $2 ORDER BY day";
        let mut days = Vec::new();
        for row in db.all(sql, args![organisation, today - 31]).await? {
            days.push(DayUsage {
                date: day_of(timestamp(row.int(0)?.saturating_mul(86_400_000))),
                pages: row.count(1)?,
                requests: row.count(2)?,
                jobs: row.count(3)?,
            });
        }
        let pending = self.pending_requests(organisation, today);
        if pending > 0 {
            let date = day_of(timestamp(now));
            match days.last_mut().filter(|d| d.date == date) {
                Some(day) => day.requests += pending,
                None => days.push(DayUsage { date, pages: 0, requests: pending, jobs: 0 }),
            }
        }
        let limit = who.pages_per_month;
        Ok(Usage {
            pages_limit: limit,
            pages_used: used,
            pages_reserved: reserved,
            pages_left: limit.saturating_sub(used).saturating_sub(reserved),
            requests: requests + pending,
            period_start: month.start(),
            resets_at: month.end(),
            jobs,
            days,
        })
    }

    /// The queue's depth for each priority, high first; for metrics and autoscaling.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn queue_depth(&self) -> Result<[QueueDepth; 3], StoreError> {
        let sql = "SELECT priority, COUNT(*), MIN(created_at) FROM jobs WHERE state = 'QUEUED'
                   GROUP BY priority";
        let mut depths =
            Priority::ALL.map(|priority| QueueDepth { priority, waiting: 0, oldest: None });
        for row in self.inner.db.all(sql, args![]).await? {
            let priority = Priority::from_class(row.int(0)?);
            if let Some(depth) = depths.iter_mut().find(|d| d.priority == priority) {
                depth.waiting = row.count(1)?;
                depth.oldest = row.opt_int(2)?.map(timestamp);
            }
        }
        Ok(depths)
    }

    /// Requests counted in this process that are not in the database yet.
    fn pending_requests(&self, organisation: i64, day: i64) -> u64 {
        self.pending().requests.get(&(organisation, day)).copied().unwrap_or(0)
    }
}
