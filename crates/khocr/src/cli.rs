//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use khocr_convert::PageRanges;
use khocr_export::Format;

use crate::admin::{AuditArgs, KeysAction, OrgsAction, PlansAction, WebhooksAction};

/// Reads Khmer and English PDFs and pictures: text, JSON, Word, searchable PDF.
#[derive(Debug, Parser)]
#[command(name = "khocr", version)]
pub(crate) struct Cli {
    /// Log filter, such as `info` or `khocr_worker=debug`; also KHOCR_LOG.
    #[arg(long, global = true, value_name = "FILTER")]
    pub(crate) log: Option<String>,
    /// Log as JSON lines; also KHOCR_LOG_JSON.
    #[arg(long, global = true)]
    pub(crate) log_json: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read files on this machine.
    Convert(ConvertArgs),
    /// Run the service: the API, its documentation page and the workers.
    Serve(crate::settings::ServeArgs),
    /// Run workers alone; the same as `serve --role worker`.
    Worker(crate::settings::ServeArgs),
    /// Organisations: the customers of the service.
    Orgs {
        #[command(subcommand)]
        action: OrgsAction,
    },
    /// API keys of organisations.
    Keys {
        #[command(subcommand)]
        action: KeysAction,
    },
    /// Plans: what each allows.
    Plans {
        #[command(subcommand)]
        action: PlansAction,
    },
    /// Webhooks of organisations: addresses that are told when jobs end.
    Webhooks {
        #[command(subcommand)]
        action: WebhooksAction,
    },
    /// Who changed what, when and from where; newest first.
    Audit(AuditArgs),
    /// Turn plain text typed for a legacy Khmer font into Unicode.
    Legacy(LegacyArgs),
    /// Measure accuracy on pages with known text.
    Eval(EvalArgs),
    /// Measure speed on this machine.
    Bench(BenchArgs),
    /// Check a set-up and say what is wrong.
    Doctor(crate::settings::PlaceArgs),
    /// List the reading models in this binary.
    Models {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// What a worker starts for each job.
    #[command(hide = true)]
    ChildConvert,
}

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// PDFs, pictures (PNG, JPEG, TIFF) and folders of them.
    #[arg(required = true, value_name = "IN")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Where results go: that of `a.pdf` is `DIR/a.txt` and so on. Standard output without it.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// text, json, docx, pdf, markdown or hocr.
    #[arg(short, long, default_value = "text")]
    pub(crate) format: Format,
    /// Read the picture of every page, whatever its text layer holds.
    #[arg(long)]
    pub(crate) force_ocr: bool,
    /// Only these pages, such as 1-3,7 or 5-.
    #[arg(long, value_name = "RANGES")]
    pub(crate) pages: Option<PageRanges>,
    /// Opens encrypted PDFs.
    #[arg(long, value_name = "TEXT")]
    pub(crate) password: Option<String>,
    /// Draw each page with the boxes found on it as a PNG in this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) debug_overlay: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct LegacyArgs {
    /// The encoding (limon, abc, khek …) or the font's own name.
    #[arg(long, value_name = "NAME")]
    pub(crate) font: String,
    /// The text; standard input without it.
    pub(crate) input: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct EvalArgs {
    /// Folder of a `manifest.jsonl`, or the manifest itself.
    #[arg(default_value = "../shared/eval/dev")]
    pub(crate) manifest: PathBuf,
    /// Take the pages out of their PDFs, text layer and all, instead of reading their pictures.
    #[arg(long)]
    pub(crate) native: bool,
    /// Only pages whose id or set contains this.
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    /// Also write what was read, as DIR/ID.txt.
    #[arg(long, value_name = "DIR")]
    pub(crate) guesses: Option<PathBuf>,
    /// Score the texts of this folder, DIR/ID.txt, instead of reading.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["native", "guesses"])]
    pub(crate) score: Option<PathBuf>,
    /// Fail when a set is worse than this file allows.
    #[arg(long, value_name = "FILE")]
    pub(crate) thresholds: Option<PathBuf>,
    /// Also print the 50 commonest misreadings.
    #[arg(long, conflicts_with = "json")]
    pub(crate) confusions: bool,
    /// Also print how often words and lines are right at the confidence they are given.
    #[arg(long, conflicts_with_all = ["json", "score"])]
    pub(crate) reliability: bool,
    /// Print the figures as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// PDFs or pictures to read.
    #[arg(required_unless_present = "line", value_name = "IN")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Measure the line reader alone, on one thread, on lines of some widths.
    #[arg(long)]
    pub(crate) line: bool,
    /// Read the picture of every page.
    #[arg(long)]
    pub(crate) force_ocr: bool,
    /// The most pages to take of each file.
    #[arg(long, default_value_t = 20)]
    pub(crate) pages: u32,
    /// Threads that khocr may take; Tesseract has one.
    #[arg(long, default_value_t = 1)]
    pub(crate) threads: usize,
    /// Do not compare with Tesseract, even if it is installed.
    #[arg(long)]
    pub(crate) no_tesseract: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn commands_others_rely_on() {
        for line in [
            "khocr serve",
            "khocr serve --listen 127.0.0.1:8080 --data ./khocr-data",
            "khocr orgs create --name A --plan enterprise --data d",
            "khocr orgs list --data d",
            "khocr orgs revoke --name A --data d",
            "khocr orgs set --name A --plan standard --pages-per-month 9000 --retention-days default",
            "khocr orgs show --name A --data d",
            "khocr keys create --org operator --scopes admin --expires-in-days 90",
            "khocr keys rotate khocr_abcdefgh --grace-hours 48 --data DIR",
            "khocr plans list",
            "khocr plans set free --pages-per-month 200",
            "khocr webhooks create --org A --url https://example.org/ --events job.failed",
            "khocr webhooks enable 0f1e --org A",
            "khocr audit --org A --action key.created --limit 200 --json",
            "khocr serve --private-webhooks",
            "khocr keys create --org NAME --plan standard --data DIR",
            "khocr keys list --data DIR",
            "khocr keys revoke khocr_abcdefgh --data DIR",
            "khocr convert a.pdf b.png folder -o DIR --format json --force-ocr --pages 1-3,7",
            "khocr convert a.pdf --format text --password x --debug-overlay o",
            "khocr worker --database postgres://h/d --files s3://b --workers 4",
            "khocr legacy --font limon old.txt",
            "khocr child-convert",
        ] {
            let parsed = Cli::try_parse_from(line.split(' '));
            assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
        }
    }
}
