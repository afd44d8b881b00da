//! `khocr convert`: files to results, without a server.

mod inputs;
mod overlay;

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use khocr_convert::{Converter, Options, Source};
use khocr_document::Document;
use khocr_export::{Format, Picture};

use self::inputs::Input;
use crate::cli::ConvertArgs;
use crate::{out, reader};

pub(crate) use self::inputs::collect;

/// Converts every file; an error when any of them failed.
pub(crate) fn run(args: &ConvertArgs) -> anyhow::Result<()> {
    let inputs = inputs::collect(&args.inputs, args.format.extension())?;
    if args.output.is_none() {
        if matches!(args.format, Format::Docx | Format::Pdf) && std::io::stdout().is_terminal() {
            bail!("a {} file is not for a terminal: give a folder with -o", args.format);
        }
        if args.format != Format::Text && inputs.len() > 1 {
            bail!("several {} results need a folder: give one with -o", args.format);
        }
    }
    let converter = reader::converter();
    let mut failed = 0usize;
    for input in &inputs {
        if let Err(error) = one(&converter, input, args) {
            failed += 1;
            tracing::error!("{}: {error:#}", input.file.display());
        }
    }
    match failed {
        0 => Ok(()),
        n => bail!("{n} of {} file(s) could not be converted", inputs.len()),
    }
}

/// Converts one file and writes what was asked for.
fn one(converter: &Converter, input: &Input, args: &ConvertArgs) -> anyhow::Result<()> {
    let bytes = std::fs::read(&input.file).context("cannot be read")?;
    let options = Options {
        force_ocr: args.force_ocr,
        pages: args.pages.clone(),
        password: args.password.clone(),
        ..Options::default()
    };
    let source = Source::open(bytes, options.password.as_deref(), &options.limits)?;
    let bar = bar(&input.file);
    let document = converter.convert_source(&source, &options, &mut |progress| {
        bar.set_length(u64::from(progress.total));
        bar.set_position(u64::from(progress.done));
        if let Some(reason) = progress.failed {
            bar.suspend(|| {
                tracing::warn!("{}, page {}: {reason}", input.file.display(), progress.number);
            });
        }
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    let document = document?;
    if let Some(folder) = &args.debug_overlay {
        overlay::write(&source, &document, folder, &input.stem())?;
    }
    let result = export(&source, &document, args.format)?;
    match &args.output {
        Some(folder) => save(&folder.join(&input.result), &result),
        None => {
            out::bytes(&result)?;
            if args.format == Format::Text && !result.ends_with(b"\n") {
                out::line("")?;
            }
            Ok(())
        }
    }
}

/// The result in a format; a PDF gets the pictures of its pages.
fn export(source: &Source, document: &Document, format: Format) -> anyhow::Result<Vec<u8>> {
    let picture = &mut |number: u32| {
        let page = document.pages.iter().find(|p| p.number == number)?;
        let image = source.upright_picture(page).ok()?;
        Some(Picture { width: image.width, height: image.height, pixels: image.pixels })
    };
    Ok(khocr_export::write_with_pictures(document, format, picture)?)
}

/// Writes a file whole: beside its place first, so that an interruption leaves no half result.
fn save(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        std::fs::write(&beside, bytes)?;
        std::fs::rename(&beside, path)
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}

/// A progress bar on standard error, unseen when that is no terminal.
fn bar(file: &Path) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} pages {eta}") {
        bar.set_style(style);
    }
    bar.with_message(name)
}
