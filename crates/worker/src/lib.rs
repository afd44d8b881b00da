#![forbid(unsafe_code)]
//! Takes jobs from the queue and has each done by a child process of its own.
//!
//! [`run`] is the pool: it leases jobs ([`khocr_store::Store::lease`]), starts the same program
//! again as `khocr child-convert` for each, passes its progress on to the queue, and ends the
//! child when the job is cancelled, takes too long, or the pool is told to stop. The child's side
//! is [`child::main`]. A file that makes the converter crash, hang or eat memory takes down that
//! child only: its job fails with a reason, and the rest goes on.
//!
//! A long document is split into parts by the first worker that takes it; every worker of the fleet
//! takes parts as it takes jobs, and the one that ends the last part joins the results.

pub mod child;
mod convert;
mod job;
mod join;
mod limits;
mod pool;
mod process;
mod protocol;
mod reasons;
mod sandbox;
mod settings;
mod task;
mod verdict;

pub use convert::Convert;
pub use pool::run;
pub use protocol::{Converted, Task, TaskLimits};
pub use reasons::Refusal;
pub use settings::Settings;
