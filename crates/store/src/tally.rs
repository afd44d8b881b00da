//! Sums for the operator's metrics, counted in this process and lost with it.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use crate::Store;

/// What is summed up. Each has one label, whose values are few.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sum {
    /// Seconds that workers spent, by stage: `fetch`, `convert`, `join` or `store`.
    WorkSeconds,
    /// Pages that workers have converted, by the kind of work: `whole` or `part`.
    Pages,
    /// Jobs and parts that ended with a worker, by outcome: `completed`, `released`, `lost`, or a
    /// failure's code.
    Work,
    /// Attempts to deliver a webhook's message, by outcome: `delivered`, `failed` (tried again
    /// later), `given_up` or `gone`.
    Webhooks,
}

impl Sum {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::WorkSeconds, Self::Pages, Self::Work, Self::Webhooks];

    /// The metric's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WorkSeconds => "khocr_worker_seconds_total",
            Self::Pages => "khocr_worker_pages_total",
            Self::Work => "khocr_worker_jobs_total",
            Self::Webhooks => "khocr_webhook_deliveries_total",
        }
    }

    /// The label's name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::WorkSeconds => "stage",
            Self::Pages => "work",
            Self::Work | Self::Webhooks => "outcome",
        }
    }

    /// What it is, in a sentence.
    #[must_use]
    pub fn help(self) -> &'static str {
        match self {
            Self::WorkSeconds => "Seconds that this process's workers spent, by stage.",
            Self::Pages => "Pages that this process's workers have converted.",
            Self::Work => "Jobs and parts of jobs that ended here, by outcome or failure code.",
            Self::Webhooks => "Attempts of this process to deliver webhooks' messages, by outcome.",
        }
    }
}

/// The sums of one process.
pub(crate) type Tally = BTreeMap<(Sum, String), f64>;

impl Store {
    /// Adds to a sum. `label` is one of a few words in small letters; anything else is `other`.
    pub fn add(&self, sum: Sum, label: &str, amount: f64) {
        // A child that a file has taken over may say anything.
        let word = |b: u8| b.is_ascii_lowercase() || b == b'_';
        let fine = (1..=40).contains(&label.len()) && label.bytes().all(word);
        let mut tally = self.inner.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let label = if fine && tally.len() < 100 { label } else { "other" };
        *tally.entry((sum, label.to_owned())).or_default() += amount;
    }

    /// All sums that are not nothing: which, the label's value, how much.
    #[must_use]
    pub fn sums(&self) -> Vec<(Sum, String, f64)> {
        let tally = self.inner.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.iter().map(|((sum, label), amount)| (*sum, label.clone(), *amount)).collect()
    }
}
