//! One file a route.

pub(crate) mod admin;
pub(crate) mod convert;
pub(crate) mod delete;
pub(crate) mod documents;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod job;
pub(crate) mod jobs;
pub(crate) mod messages;
pub(crate) mod models;
pub(crate) mod result;
pub(crate) mod secret;
pub(crate) mod usage;
pub(crate) mod webhooks;
