#![forbid(unsafe_code)]
//! The HTTP side of khocr: the `/api/v1` contract and the documentation page.
//!
//! [`App`] holds the house together, [`serve()`] answers on a socket, [`router()`] is the same without
//! one. What lies outside HTTP comes in through three small traits in this crate: [`Intake`] opens
//! uploads, [`Render`] writes results in other formats, [`Models`] knows the reading models.
//!
//! A request's way: `serve` accepts it, `request_id` names it, `body` watches over its body,
//! `auth` finds its caller and takes one of the minute's requests, one file in `routes` answers,
//! and `error` gives every refusal the one shape.

mod auth;
mod body;
mod config;
mod disposition;
mod docs;
mod error;
mod fields;
mod follow;
mod format;
mod gauges;
mod hooks;
mod json;
mod metrics;
mod openapi;
mod patient;
mod rate;
mod request_id;
mod router;
mod routes;
mod seams;
mod serve;
mod sniff;
mod spool;
mod state;
mod status;
mod trace;
mod upload;

pub use config::{Config, Contact};
pub use error::{ApiError, Code, ErrorBody, ProblemBody, Status};
pub use format::{Format, UnknownFormat};
pub use hooks::{refused_address, send_webhooks};
pub use router::{openapi_document, router};
pub use seams::{Accuracy, Inspection, Intake, IntakeError, ModelInfo, Models, Render};
pub use serve::{serve, serve_status};
pub use sniff::FileKind;
pub use state::App;
pub use trace::span_id;
