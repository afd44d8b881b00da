#![forbid(unsafe_code)]
//! What khocr remembers: organisations with their plans and API keys, the queue of jobs, page
//! quotas and usage, and the files.
//!
//! [`Store`] is the one door. It runs on two engines with one behaviour: SQLite for one machine
//! and PostgreSQL for a fleet. [`Files`] keeps uploads and results in a folder or, with the `s3`
//! feature, in an S3-compatible store. Neither knows HTTP.
//!
//! A job's life: [`Store::submit`] reserves its pages and queues it; a worker takes it with
//! [`Store::lease`], reports with [`Store::heartbeat`] and ends it with [`Store::complete`],
//! [`Store::fail`], [`Store::crash`] or [`Store::release`]. Each of those writes carries the
//! lease's fencing token, so a worker that was thought dead cannot overwrite its successor.
//! [`Store::expire_leases`], called now and then by anyone, takes jobs from workers that went
//! silent. A worker may [`Store::split`] a long document into parts that any worker leases like
//! jobs, and end each with [`Store::complete_part`].

mod accounts;
mod audit;
mod clock;
mod db;
mod error;
mod events;
mod files;
mod hands;
mod housekeeping;
mod job;
mod key;
mod keys;
mod known;
mod lease;
mod organisation;
mod outbox;
mod parts;
mod plans;
mod queue;
mod rate;
mod scope;
mod secret;
mod store;
mod tally;
mod usage;
mod watch;
mod webhook;

pub use audit::{Actor, AuditEntry, AuditFilter, AuditPage, Desk};
pub use clock::{Clock, Month};
pub use error::StoreError;
pub use events::Event;
pub use files::Files;
pub use housekeeping::{Expired, Purged};
pub use job::{
    Job, JobFailure, JobFilter, JobId, JobPage, JobState, NewJob, ParseWordError, Priority,
    Submitted,
};
pub use key::{KeyText, KeyTextError};
pub use lease::{Heartbeat, Lease};
pub use organisation::{
    ApiKey, Caller, Identified, KeyPlan, NewKey, Organisation, OrganisationChange, Plan,
};
pub use outbox::{Attempt, Delivery, DeliveryView, OutboxDepth};
pub use parts::{Part, PartResult, Work};
pub use plans::{PlanChange, PlanLimits};
pub use rate::RateDecision;
pub use scope::{Scope, Scopes};
pub use secret::WebhookSecret;
pub use store::{Engine, Store, StoreOptions};
pub use tally::Sum;
pub use usage::{DayUsage, JobCounts, QueueDepth, Usage};
pub use webhook::{NewWebhook, Webhook, WebhookChange, WebhookEvent};

/// How many times a job may take its worker down before it is failed for good.
pub const MAX_ATTEMPTS: u32 = 3;
