//! News of jobs, so that waiting workers and clients need not ask all the time.

use crate::JobId;

/// What nodes tell each other when keys, organisations or plans have changed: no event for anyone
/// outside.
pub(crate) const ACCOUNTS: &str = "accounts";

/// Something happened to a job. Events may be lost (a full channel, a dropped connection):
/// whoever listens also asks now and then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A job waits for a worker.
    Queued,
    /// A job's state or progress changed.
    Changed(JobId),
}

impl Event {
    pub(crate) fn to_wire(&self) -> String {
        match self {
            Self::Queued => "queued".to_owned(),
            Self::Changed(id) => id.as_str().to_owned(),
        }
    }

    pub(crate) fn from_wire(text: &str) -> Option<Self> {
        match text {
            "queued" => Some(Self::Queued),
            id => id.parse().ok().map(Self::Changed),
        }
    }
}
