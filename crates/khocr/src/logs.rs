//! Logging to standard error.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Sets logging up. `filter` comes from the flag, else from `KHOCR_LOG`, else is `fallback`.
pub(crate) fn start(filter: Option<&str>, json: bool, fallback: &str) {
    let asked = filter.map(str::to_owned).or_else(|| std::env::var("KHOCR_LOG").ok());
    let filter = EnvFilter::new(asked.as_deref().unwrap_or(fallback));
    let json = json || std::env::var_os("KHOCR_LOG_JSON").is_some_and(|v| v != "0");
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // An error means that a subscriber is set already, which happens only under tests.
    let _ = if json { builder.json().try_init() } else { builder.try_init() };
}
