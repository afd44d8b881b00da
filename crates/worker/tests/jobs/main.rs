//! The pool with a converter that misbehaves on request.
//!
//! This test binary starts itself as the child process, as the real binary does, so it has its
//! own `main` instead of the test harness. A name on the command line runs only the cases that
//! contain it.

#![allow(clippy::unwrap_used, reason = "a test may stop at what it does not expect")]

mod cases;
mod chaos;
mod fake;
mod house;
mod parts;
#[path = "../../../store/tests/conformance/postgres.rs"]
mod postgres;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("child-convert") => return khocr_worker::child::main(|| Ok(fake::Fake)),
        Some("pool") => return house::pool_process(&arguments[1..]),
        Some("submit") => return chaos::submit_process(&arguments[1..]),
        _ => {}
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let only = arguments.iter().find(|a| !a.starts_with('-')).map_or("", String::as_str);
    runtime.block_on(cases::run(only));
    ExitCode::SUCCESS
}
