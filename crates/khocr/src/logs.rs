//! Logging to standard error, and traces to a collector.

use std::io::IsTerminal;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::traces::Traces;

/// Sets logging up. `filter` comes from the flag, else from `KHOCR_LOG`, else is `fallback`.
pub(crate) fn start(filter: Option<&str>, json: bool, fallback: &str, traces: Option<Traces>) {
    let asked = filter.map(str::to_owned).or_else(|| std::env::var("KHOCR_LOG").ok());
    let filter = EnvFilter::new(asked.as_deref().unwrap_or(fallback));
    let json = json || std::env::var_os("KHOCR_LOG_JSON").is_some_and(|v| v != "0");
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let lines = if json { lines.json().boxed() } else { lines.boxed() };
    // An error means that a subscriber is set already, which happens only under tests.
    let all = tracing_subscriber::registry().with(lines.with_filter(filter)).with(traces);
    let _ = all.try_init();
}
