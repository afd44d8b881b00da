#![forbid(unsafe_code)]
//! `khocr`: reads Khmer and English PDFs and pictures, on the command line and as a service.

mod admin;
mod cli;
mod convert;
mod eval;
mod logs;
mod out;
mod reader;
mod settings;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let fallback = match cli.command {
        Command::Serve(_) => "info",
        _ => "warn",
    };
    logs::start(cli.log.as_deref(), cli.log_json, fallback);
    match run(&cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Convert(args) => convert::run(args),
        Command::Eval(args) => eval::run(args),
        Command::Orgs { action } => on_runtime(admin::organisations(action)),
        Command::Keys { action } => on_runtime(admin::keys(action)),
        _ => anyhow::bail!("not yet"),
    }
}

/// Runs a future to its end.
fn on_runtime<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(future)
}
