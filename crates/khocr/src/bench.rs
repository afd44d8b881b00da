//! `khocr bench`: how fast this machine reads, and how fast Tesseract does where it is installed.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use khocr_convert::{Converter, Options, Source};
use khocr_document::PageSource;
use khocr_vision::{Gray, PageImage, Reader, Timings};

use crate::cli::BenchArgs;
use crate::convert::collect;
use crate::out;

/// Dots per inch of drawn pages, as the converter has it.
const DPI: f32 = 200.0;

/// What was measured over all pages.
#[derive(Default)]
struct Totals {
    pages: u32,
    read: u32,
    whole: Duration,
    picture: Duration,
    stages: Timings,
    lines: usize,
    tesseract: Duration,
    tesseract_pages: u32,
}

/// Measures and prints.
pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<()> {
    let threads = args.threads.max(1);
    let reader = Arc::new(Reader::embedded_with(threads)?);
    if args.line {
        lines(&reader)?;
    }
    if args.inputs.is_empty() {
        return Ok(());
    }
    let inputs = collect(&args.inputs, "txt")?;
    let converter = Converter::new(reader.clone());
    let folder = std::env::temp_dir().join(format!("khocr-bench-{}", std::process::id()));
    let tesseract = (!args.no_tesseract).then(tesseract_languages).flatten();
    let mut totals = Totals::default();
    for input in &inputs {
        let bytes = std::fs::read(&input.file)
            .with_context(|| format!("{} cannot be read", input.file.display()))?;
        let options = Options {
            force_ocr: args.force_ocr,
            pages: Some(format!("1-{}", args.pages.max(1)).parse()?),
            ..Options::default()
        };
        let source = Source::open(bytes, None, &options.limits)
            .with_context(|| input.file.display().to_string())?;
        let read = whole(&converter, &source, &options, &mut totals)?;
        for index in read {
            let start = Instant::now();
            let picture = source.picture(index, DPI)?;
            totals.picture += start.elapsed();
            let (page, stages) = reader.read_timed(&picture, &|| false)?;
            add(&mut totals.stages, &stages);
            totals.lines += page.lines().count();
            totals.read += 1;
            if let Some(languages) = &tesseract {
                totals.tesseract += run_tesseract(&picture, languages, &folder)?;
                totals.tesseract_pages += 1;
            }
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
    if totals.pages == 0 {
        bail!("there was no page to read");
    }
    report(&totals, threads, tesseract.as_deref())
}

/// How long one line takes on one thread, the least and the middle of some runs: the least is what
/// the machine can do when nothing else runs on it.
fn lines(reader: &Reader) -> anyhow::Result<()> {
    const HEIGHT: usize = 48;
    for width in [320, 640, 1280] {
        // A pattern of strokes; how long a line takes does not depend on what it says.
        let mut line = Gray::filled(width, HEIGHT, 255);
        line.pixels
            .iter_mut()
            .enumerate()
            .filter(|(i, _)| i % width % 13 < 3)
            .for_each(|(_, v)| *v = 0);
        let mut times = Vec::new();
        for _ in 0..60 {
            let start = Instant::now();
            reader.lines().read(&line, 0)?;
            times.push(start.elapsed().as_secs_f64() * 1000.0);
        }
        times.sort_by(f64::total_cmp);
        out::line(format!(
            "line {HEIGHT} x {width:<5} {:.2} ms at best, {:.2} ms in the middle of {} runs",
            times[0],
            times[times.len() / 2],
            times.len()
        ))?;
    }
    Ok(())
}

/// Converts a file as a user would; the indexes of the pages that were read come back.
fn whole(
    converter: &Converter,
    source: &Source,
    options: &Options,
    totals: &mut Totals,
) -> anyhow::Result<Vec<u32>> {
    let start = Instant::now();
    let go = &mut |_| ControlFlow::Continue(());
    let document = converter.convert_source(source, options, go)?;
    totals.whole += start.elapsed();
    totals.pages += document.pages.len() as u32;
    let read = document.pages.iter().filter(|p| p.source == PageSource::Ocr);
    Ok(read.map(|p| p.number - 1).collect())
}

fn add(sum: &mut Timings, other: &Timings) {
    sum.prepare += other.prepare;
    sum.find += other.find;
    sum.cut += other.cut;
    sum.recognise += other.recognise;
    sum.layout += other.layout;
}

fn report(totals: &Totals, threads: usize, languages: Option<&str>) -> anyhow::Result<()> {
    let seconds = totals.whole.as_secs_f64();
    let pages = f64::from(totals.pages);
    out::line(format!(
        "khocr      {} pages in {seconds:.2} s: {:.2} pages/s, {:.3} s a page, on {threads} thread{} ({} of them read, {} from their text layer)",
        totals.pages,
        pages / seconds.max(1e-9),
        seconds / pages,
        if threads == 1 { "" } else { "s" },
        totals.read,
        totals.pages - totals.read
    ))?;
    if totals.read > 0 {
        let each = |d: Duration| d.as_secs_f64() * 1000.0 / f64::from(totals.read);
        let s = &totals.stages;
        out::line(format!(
            "a read page, {:.0} lines on average: picture {:.0} ms, prepare {:.0}, find {:.0}, cut {:.0}, recognise {:.0}, layout {:.0}",
            totals.lines as f64 / f64::from(totals.read),
            each(totals.picture),
            each(s.prepare),
            each(s.find),
            each(s.cut),
            each(s.recognise),
            each(s.layout)
        ))?;
    }
    match languages {
        Some(languages) if totals.tesseract_pages > 0 => {
            let each = totals.tesseract.as_secs_f64() / f64::from(totals.tesseract_pages);
            out::line(format!(
                "tesseract  {} pages ({languages}): {:.2} pages/s, {each:.3} s a page, on one thread",
                totals.tesseract_pages,
                1.0 / each.max(1e-9)
            ))
        }
        _ => out::line("tesseract  not compared"),
    }
}

/// The languages for Tesseract, when it and its Khmer data are installed.
fn tesseract_languages() -> Option<String> {
    let listed = Command::new("tesseract").arg("--list-langs").output().ok()?;
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    let has = |name: &str| text.lines().any(|l| l.trim() == name);
    match (has("khm"), has("eng"), has("script/Khmer")) {
        (true, true, _) => Some("khm+eng".to_owned()),
        (true, false, _) => Some("khm".to_owned()),
        (false, _, true) => Some("script/Khmer".to_owned()),
        (false, _, false) => None,
    }
}

/// How long Tesseract takes for the same picture, its start included, as our models' is not.
fn run_tesseract(picture: &PageImage, languages: &str, folder: &Path) -> anyhow::Result<Duration> {
    let file = write_ppm(picture, folder)?;
    let start = Instant::now();
    let status = Command::new("tesseract")
        .args([file.as_os_str(), "-".as_ref(), "-l".as_ref(), languages.as_ref()])
        .env("OMP_THREAD_LIMIT", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if !status.success() {
        bail!("tesseract failed on a page");
    }
    Ok(start.elapsed())
}

/// The picture in the simplest form Tesseract reads.
fn write_ppm(picture: &PageImage, folder: &Path) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let file = folder.join("page.ppm");
    let kind = if picture.channels() == 1 { 5 } else { 6 };
    let mut bytes = format!("P{kind}\n{} {}\n255\n", picture.width, picture.height).into_bytes();
    bytes.extend_from_slice(&picture.pixels);
    std::fs::write(&file, bytes)?;
    Ok(file)
}
