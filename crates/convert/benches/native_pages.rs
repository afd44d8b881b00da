//! How many native pages a second one core judges: `cargo bench -p khocr-convert --bench
//! native_pages -- FILE.pdf… [--least N]`.
//!
//! Each file is opened anew and all its pages that end as native or legacy are extracted, decoded,
//! judged and laid out, until two seconds of processor time are spent. Counted is processor time of
//! the whole process, so that a busy machine does not falsify the figure; opening is part of it.
//! With `--least` a file below that figure makes the run fail.
#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use khocr_convert::{NativeVerdict, native_page};
use khocr_pdf::{Limits, Pdf};

type Error = Box<dyn std::error::Error>;

/// Processor time spent on each file.
const ENOUGH: Duration = Duration::from_secs(2);

fn main() -> Result<(), Error> {
    let mut files = Vec::new();
    let mut least = 0.0;
    let mut args = std::env::args().skip(1).filter(|a| a != "--bench");
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--least" => least = args.next().ok_or("--least wants a number")?.parse()?,
            _ => files.push(arg),
        }
    }
    if files.is_empty() {
        println!("no files: give PDFs whose text layers are right");
        return Ok(());
    }
    let mut below = Vec::new();
    println!("{:>9} {:>9} {:>6}  file", "pages/s", "ms/page", "pages");
    for file in files {
        let bytes = std::fs::read(&file)?;
        let right = right_pages(&bytes)?;
        if right.is_empty() {
            println!("{:>9} {:>9} {:>6}  {file}", "-", "-", 0);
            continue;
        }
        let (mut passes, start, wall) = (0u32, processor_time()?, Instant::now());
        while processor_time()? - start < ENOUGH && wall.elapsed() < 20 * ENOUGH {
            pass(&bytes, &right)?;
            passes += 1;
        }
        let each = (processor_time()? - start).as_secs_f64() / f64::from(passes);
        let each = each / right.len() as f64;
        println!("{:>9.0} {:>9.2} {:>6}  {file}", 1.0 / each, each * 1e3, right.len());
        if 1.0 / each < least {
            below.push(file);
        }
    }
    if below.is_empty() { Ok(()) } else { Err(format!("slower than {least}: {below:?}").into()) }
}

/// The pages whose layer is the page.
fn right_pages(bytes: &[u8]) -> Result<Vec<u32>, Error> {
    let pdf = Pdf::open(bytes.to_vec(), None, &Limits::default())?;
    let right = |i: &u32| {
        let verdict = pdf.native(*i).map(|n| native_page(&n, i + 1));
        matches!(verdict, Ok(NativeVerdict::Native(_) | NativeVerdict::Legacy(_)))
    };
    Ok((0..pdf.page_count()).filter(right).collect())
}

fn pass(bytes: &[u8], pages: &[u32]) -> Result<(), Error> {
    let pdf = Pdf::open(bytes.to_vec(), None, &Limits::default())?;
    for page in pages {
        std::hint::black_box(native_page(&pdf.native(*page)?, page + 1));
    }
    Ok(())
}

/// Processor time of all threads of this process, to a hundredth of a second.
fn processor_time() -> Result<Duration, Error> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().ok_or("no fields")?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}
