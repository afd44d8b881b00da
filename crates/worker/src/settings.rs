//! How a pool of workers behaves.

use std::path::PathBuf;
use std::time::Duration;

use crate::TaskLimits;

/// How a pool of workers behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// This node's name: the same after a restart, different from all others that run. What its
    /// workers held when it died is taken back when it starts again.
    pub node: String,
    /// Jobs at once.
    pub workers: usize,
    /// Threads each job's child may compute with.
    pub threads: usize,
    /// The program to start for a job; this very program when absent.
    pub program: Option<PathBuf>,
    /// Bytes of address space a job may use.
    pub memory: u64,
    /// Bytes a job's result may have.
    pub result_size: u64,
    /// By how much a job gives way to other processes, 0 to 19.
    pub nice: i32,
    /// Whether a job is shut off from other files, the network and other programs (Landlock and
    /// seccomp, as far as the kernel has them).
    pub sandbox: bool,
    /// The longest a job may go without finishing a page.
    pub page_time: Duration,
    /// The longest a job may take beyond its pages' own time, which is a quarter of `page_time`
    /// for each page.
    pub base_time: Duration,
    /// Pages of a part, at most: a document of more than twice as many is worked on in parts, by
    /// all workers of all nodes.
    pub part_pages: u32,
    /// How long a lease holds without a heartbeat.
    pub hold: Duration,
    /// How often an idle worker looks by itself.
    pub poll: Duration,
    /// How long running jobs may go on when the pool is told to stop; then they are given back.
    pub drain: Duration,
}

impl Settings {
    /// As many workers as there are processors, 3 GiB a job, three minutes a page.
    #[must_use]
    pub fn new(node: impl Into<String>) -> Self {
        Self {
            node: node.into(),
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            threads: 1,
            program: None,
            memory: 3 << 30,
            result_size: 512 << 20,
            nice: 10,
            sandbox: true,
            page_time: Duration::from_secs(180),
            base_time: Duration::from_secs(180),
            part_pages: 25,
            hold: Duration::from_secs(30),
            poll: Duration::from_secs(2),
            drain: Duration::from_secs(10),
        }
    }

    /// A name for this machine: its host name.
    #[must_use]
    pub fn host_name() -> String {
        rustix::system::uname().nodename().to_string_lossy().into_owned()
    }

    /// The longest a job of so many pages may take.
    pub(crate) fn job_time(&self, pages: u32) -> Duration {
        self.base_time.saturating_add((self.page_time / 4).saturating_mul(pages))
    }

    pub(crate) fn limits(&self, pages: u32) -> TaskLimits {
        let threads = u64::try_from(self.threads.max(1)).unwrap_or(1);
        TaskLimits {
            memory: self.memory,
            // The wall clock is the limit that counts; this one holds even when the parent died.
            cpu_seconds: self.job_time(pages).as_secs().saturating_mul(threads).max(1),
            file_size: self.result_size,
            nice: self.nice,
            sandbox: self.sandbox,
        }
    }
}
