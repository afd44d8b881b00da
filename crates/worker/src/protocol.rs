//! What parent and child say to each other.
//!
//! The parent writes one line of JSON, a [`Task`], to the child's standard input and keeps that
//! open: its end tells the child that the parent is gone. The child writes one line of JSON, a
//! [`Message`], to its standard output for each thing that happens.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Refusal;

/// What the child is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    /// The file to convert.
    pub input: PathBuf,
    /// Where the result JSON goes. Must not exist.
    pub output: PathBuf,
    /// [`khocr_store::Job::options`] as they were submitted.
    pub options: serde_json::Value,
    /// Only these pages: 1-based first and last.
    #[serde(default)]
    pub part: Option<(u32, u32)>,
    /// Results to be joined in this order, in place of an input to be converted.
    #[serde(default)]
    pub join: Vec<PathBuf>,
    /// What the child may use.
    pub limits: TaskLimits,
}

/// What a child may use; it sets these on itself before it looks at the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskLimits {
    /// Bytes of address space.
    pub memory: u64,
    /// Seconds of processor time, over all threads.
    pub cpu_seconds: u64,
    /// Bytes of the largest file it may write.
    pub file_size: u64,
    /// By how much it gives way to other processes, 0 to 19.
    pub nice: i32,
    /// Whether it shuts itself off from other files, the network and other programs.
    pub sandbox: bool,
}

/// What came out of a conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    /// The result JSON.
    pub json: Vec<u8>,
    /// Pages that were converted.
    pub pages: u32,
}

/// One line of the child's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Message {
    /// Pages done, of all to do.
    Progress { done: u32, total: u32 },
    /// The result is written; so many pages were converted.
    Done { pages: u32 },
    /// There will be no result.
    Refused(Refusal),
}
