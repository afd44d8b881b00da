#![forbid(unsafe_code)]
//! `khocr`: reads Khmer and English PDFs and pictures, on the command line and as a service.

mod admin;
mod bench;
mod cli;
mod convert;
mod doctor;
mod eval;
mod house;
mod legacy;
mod logs;
mod models;
mod out;
mod reader;
mod serve;
mod settings;
mod traces;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::ChildConvert) {
        // The child's standard error is its parent's way to learn why it died.
        logs::start(None, false, "error", None);
        return khocr_worker::child::main(|| Ok(reader::converter()));
    }
    let fallback = match cli.command {
        Command::Serve(_) | Command::Worker(_) => "info",
        _ => "warn",
    };
    let traces = match &cli.command {
        Command::Serve(args) | Command::Worker(args) => traces::of(args),
        _ => Ok(None),
    };
    let (traces, trouble) = match traces {
        Ok(traces) => (traces, None),
        Err(error) => (None, Some(error)),
    };
    logs::start(cli.log.as_deref(), cli.log_json, fallback, traces);
    match trouble.map_or_else(|| run(cli.command), Err) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Convert(args) => convert::run(&args),
        Command::Serve(args) => on_runtime(serve::run(&args)),
        Command::Worker(mut args) => {
            args.role = Some(settings::Role::Worker);
            on_runtime(serve::run(&args))
        }
        Command::Orgs { action } => on_runtime(admin::organisations(&action)),
        Command::Keys { action } => on_runtime(admin::keys(&action)),
        Command::Plans { action } => on_runtime(admin::plans(&action)),
        Command::Webhooks { action } => on_runtime(admin::webhooks(&action)),
        Command::Audit(args) => on_runtime(admin::audit(&args)),
        Command::Legacy(args) => legacy::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Doctor(args) => on_runtime(doctor::run(&args)),
        Command::Models { json } => models::run(json),
        Command::ChildConvert => Ok(()),
    }
}

/// Runs a future to its end.
fn on_runtime<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(future)
}
