//! Jobs as the queue keeps them.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// A word that is none of the expected ones.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {what}: {expected}")]
pub struct ParseWordError {
    what: &'static str,
    text: String,
    expected: &'static str,
}

impl ParseWordError {
    pub(crate) fn new(what: &'static str, text: &str, expected: &'static str) -> Self {
        Self { what, text: text.chars().take(40).collect(), expected }
    }
}

/// 24 lower-case hex digits, 96 random bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct JobId(String);

impl JobId {
    /// A new random id.
    ///
    /// # Errors
    /// [`StoreError::Random`] when the operating system gives no random numbers.
    pub fn generate() -> Result<Self, StoreError> {
        let mut bytes = [0u8; 12];
        getrandom::fill(&mut bytes).map_err(|e| StoreError::Random(e.to_string()))?;
        Ok(Self(crate::key::hex(&bytes)))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for JobId {
    type Err = ParseWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if (12..=64).contains(&text.len()) && text.bytes().all(hex) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseWordError::new("job id", text, "12 or more lower-case hex digits"))
        }
    }
}

/// Where a job is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum JobState {
    /// Waiting for a worker.
    Queued,
    /// A worker has it.
    Processing,
    /// The result is there.
    Completed,
    /// It failed for good; the job says why.
    Failed,
    /// Its owner took it back.
    Cancelled,
}

impl JobState {
    /// All states.
    pub const ALL: [Self; 5] =
        [Self::Queued, Self::Processing, Self::Completed, Self::Failed, Self::Cancelled];

    /// The upper-case word of the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Processing => "PROCESSING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// Whether nothing will change any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Processing)
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for JobState {
    type Err = ParseWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|s| s.name().eq_ignore_ascii_case(text)).ok_or_else(|| {
            let expected = "QUEUED, PROCESSING, COMPLETED, FAILED or CANCELLED";
            ParseWordError::new("job state", text, expected)
        })
    }
}

/// How soon a job should be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Before all others.
    High,
    /// The usual.
    #[default]
    Normal,
    /// When nothing else waits, or when it has waited long.
    Low,
}

impl Priority {
    /// All priorities, first served first.
    pub const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];

    /// The lower-case word of the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }

    /// 0 for high, 1 for normal, 2 for low.
    pub(crate) fn class(self) -> i64 {
        match self {
            Self::High => 0,
            Self::Normal => 1,
            Self::Low => 2,
        }
    }

    pub(crate) fn from_class(class: i64) -> Self {
        match class {
            ..=0 => Self::High,
            1 => Self::Normal,
            _ => Self::Low,
        }
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Priority {
    type Err = ParseWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|p| p.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| ParseWordError::new("priority", text, "high, normal or low"))
    }
}

/// Why a job failed, for a program, an English and a Khmer reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFailure {
    /// A stable machine code, such as `out_of_memory`.
    pub code: String,
    /// In English.
    pub message: String,
    /// In Khmer.
    pub message_km: String,
}

/// What [`crate::Store::submit`] is given. The file must have been stored already.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// The id, made by [`JobId::generate`] so that the file could be stored under it.
    pub id: JobId,
    /// Whose job it is.
    pub organisation_id: i64,
    /// The key it came with, if it came with one.
    pub key_id: Option<i64>,
    /// The uploaded file's name, as sent.
    pub file_name: String,
    /// Where [`crate::Files`] keeps the upload, see [`crate::Files::input_key`].
    pub input_key: String,
    /// Size of the upload in bytes.
    pub input_bytes: u64,
    /// Pages that will be converted: this many are reserved.
    pub pages: u32,
    /// `json`, `text` or `docx`: opaque to the store.
    pub output_format: String,
    /// How the converter shall work: JSON, opaque to the store.
    pub options: serde_json::Value,
    /// How soon.
    pub priority: Priority,
    /// The caller's own word for this request, and a fingerprint of the request: a second
    /// submission with the same word and fingerprint yields the first job. Kept as long as the job.
    pub idempotency: Option<(String, String)>,
}

/// What came of a submission.
#[derive(Clone, Debug)]
pub enum Submitted {
    /// A new job is queued.
    Accepted(Job),
    /// The same request was accepted before, as this job; nothing was reserved and the newly
    /// stored file is not needed.
    Repeated(Job),
}

impl Submitted {
    /// The job, new or old.
    #[must_use]
    pub fn into_job(self) -> Job {
        match self {
            Self::Accepted(job) | Self::Repeated(job) => job,
        }
    }
}

/// A job.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub organisation_id: i64,
    /// Where it stands.
    pub state: JobState,
    /// How soon it was wanted.
    pub priority: Priority,
    /// The uploaded file's name, as sent.
    pub file_name: String,
    /// Where [`crate::Files`] keeps the upload.
    pub input_key: String,
    /// Size of the upload in bytes.
    pub input_bytes: u64,
    /// `json`, `text` or `docx`.
    pub output_format: String,
    /// How the converter shall work.
    pub options: serde_json::Value,
    /// Where [`crate::Files`] keeps the result JSON, once completed.
    pub result_key: Option<String>,
    /// Pages to convert.
    pub pages_total: u32,
    /// Pages converted so far, in this attempt.
    pub pages_done: u32,
    /// How many times a worker has taken it, given-back times left out.
    pub attempts: u32,
    /// The worker that has it.
    pub worker: Option<String>,
    /// Why it failed.
    pub failure: Option<JobFailure>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When a worker last took it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl Job {
    /// Progress in per cent: pages done of total; 100 only when completed.
    #[must_use]
    pub fn progress(&self) -> f64 {
        match self.state {
            JobState::Completed => 100.0,
            JobState::Queued => 0.0,
            _ => {
                let share = f64::from(self.pages_done) / f64::from(self.pages_total.max(1));
                (share * 1_000.0).floor().min(999.0) / 10.0
            }
        }
    }

    /// Seconds from when a worker took it until its end or `now`; 0 while it waits.
    #[must_use]
    pub fn elapsed_seconds(&self, now: Timestamp) -> f64 {
        self.started_at.map_or(0.0, |start| {
            let end = self.finished_at.unwrap_or(now);
            (end.as_millisecond() - start.as_millisecond()).max(0) as f64 / 1_000.0
        })
    }
}

/// Which jobs a list shall hold.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Only those in this state.
    pub state: Option<JobState>,
    /// Only those after this cursor: [`JobPage::next`] of the page before.
    pub after: Option<String>,
    /// At most this many, 1 to 200; 0 means 50.
    pub limit: u32,
}

/// A stretch of an organisation's jobs, newest first.
#[derive(Clone, Debug)]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// Where the next page begins, when there is one.
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_24_hex_digits_and_read_back() {
        let id = JobId::generate().unwrap();
        assert_eq!(id.as_str().len(), 24);
        assert_eq!(id.as_str().parse::<JobId>().unwrap(), id);
        for bad in ["", "a1b2c3", "A1B2C3D4E5F6", "../../../etc/passwd", "a1b2c3d4e5f60'"] {
            assert!(bad.parse::<JobId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn words_read_back() {
        for state in JobState::ALL {
            assert_eq!(state.name().parse::<JobState>().unwrap(), state);
        }
        for priority in Priority::ALL {
            assert_eq!(priority.name().parse::<Priority>().unwrap(), priority);
            assert_eq!(Priority::from_class(priority.class()), priority);
        }
    }
}
