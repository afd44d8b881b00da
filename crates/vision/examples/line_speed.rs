//! How long the line reader takes: `line_speed READER.safetensors [WIDTH…]`, a line of each width on one
//! thread.

mod common;

use std::time::Instant;

use khocr_vision::Gray;
use khocr_vision::cut::HEIGHT;
use khocr_vision::net::NetReader;
use khocr_vision::recognise::ReadLines;

fn main() -> common::Outcome<()> {
    let mut args = std::env::args().skip(1);
    let model = args.next().ok_or("usage: line_speed READER.safetensors [WIDTH…]")?;
    let mut widths: Vec<usize> = args.map(|w| w.parse()).collect::<Result<_, _>>()?;
    if widths.is_empty() {
        widths = vec![640];
    }
    let reader = NetReader::load(&std::fs::read(model)?, 1)?;
    for width in widths {
        let mut line = Gray::filled(width, HEIGHT, 255);
        line.pixels
            .iter_mut()
            .enumerate()
            .for_each(|(i, v)| *v = if i * 2654435761 % 97 < 20 { 0 } else { 255 });
        let mut times = Vec::new();
        let begun = Instant::now();
        while times.len() < 20 || (begun.elapsed().as_secs_f32() < 4.0 && times.len() < 200) {
            let start = cpu_ms();
            reader.read(&line, 0)?;
            times.push(cpu_ms() - start);
        }
        times.sort_by(f64::total_cmp);
        let (least, tenth, half) = (times[0], times[times.len() / 10], times[times.len() / 2]);
        eprintln!("48 x {width}: {least:.2} ms a line at best, {tenth:.2} tenth, {half:.2} half");
    }
    Ok(())
}

/// Processor time of all threads of this process: waiting for a core does not count.
fn cpu_ms() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanos = |t: std::fs::DirEntry| -> Option<f64> {
        let text = std::fs::read_to_string(t.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse().ok()
    };
    tasks.filter_map(nanos).sum::<f64>() / 1e6
}
