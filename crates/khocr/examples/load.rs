//! Load on a real server: `load BINARY [--seconds 120] [--minutes 0] [--polls 1000] [--uploads 20]
//! [--size 1000000] [--workers 2] [--every 10] [--database URL]`.
//!
//! `--database own` starts a PostgreSQL of its own in a temporary folder, which waits for the disk
//! at each commit as one that is to be relied on does.
//!
//! Starts `BINARY serve` on a folder of its own, submits some jobs, then asks for their state so
//! many times a second and uploads documents of that size beside it, at fixed moments: an answer's
//! time counts from the moment its request was due, so that a server that stalls is not measured
//! only when it is awake. Prints the times and the server's memory every ten seconds, or as told by
//! `--every`. The bars are p99 of 25 ms for polls and of 100 ms for uploads. Run it with `taskset -c 0,1` on larger machines.

#[allow(clippy::unwrap_used, reason = "it is the tests'")]
#[path = "../../store/tests/conformance/postgres.rs"]
mod postgres;

use std::io;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use khocr_store::{Plan, Store, StoreOptions};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

struct Arguments {
    binary: String,
    seconds: u64,
    every: u64,
    polls: u64,
    uploads: u64,
    size: usize,
    workers: u64,
    database: Option<String>,
}

fn arguments() -> anyhow::Result<Arguments> {
    let mut all = std::env::args().skip(1);
    let binary = all.next().context("the binary comes first")?;
    let mut found = Arguments {
        binary,
        seconds: 120,
        every: 10,
        polls: 1_000,
        uploads: 20,
        size: 1_000_000,
        workers: 2,
        database: None,
    };
    while let Some(name) = all.next() {
        let value = all.next().with_context(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--seconds" => found.seconds = value.parse()?,
            "--minutes" => found.seconds = value.parse::<u64>()? * 60,
            "--every" => found.every = value.parse::<u64>()?.max(1),
            "--polls" => found.polls = value.parse()?,
            "--uploads" => found.uploads = value.parse()?,
            "--size" => found.size = value.parse()?,
            "--workers" => found.workers = value.parse()?,
            "--database" => found.database = Some(value),
            other => bail!("there is no {other}"),
        }
    }
    Ok(found)
}

/// A connection that is kept; one request at a time.
struct Line {
    address: String,
    stream: Option<BufReader<TcpStream>>,
}

impl Line {
    fn new(address: &str) -> Self {
        Self { address: address.to_owned(), stream: None }
    }

    /// Status and body.
    async fn ask(&mut self, request: &[u8]) -> io::Result<(u16, Vec<u8>)> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(&self.address).await?;
                stream.set_nodelay(true)?;
                BufReader::new(stream)
            }
        };
        stream.get_mut().write_all(request).await?;
        let (mut status, mut length, mut line) = (0, 0, String::new());
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let text = line.trim_end().to_ascii_lowercase();
            if text.is_empty() {
                break;
            } else if let Some(rest) = text.strip_prefix("http/1.1 ") {
                status = rest.get(..3).and_then(|s| s.parse().ok()).unwrap_or(0);
            } else if let Some(rest) = text.strip_prefix("content-length:") {
                length = rest.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        self.stream = Some(stream);
        Ok((status, body))
    }
}

/// A PDF of one page and that many bytes, most of them a comment in the page's content.
fn document(size: usize) -> Vec<u8> {
    let text = "BT /F 12 Tf 72 700 Td (khocr under load) Tj ET\n";
    let filling = format!("%{}\n", "x".repeat(size.saturating_sub(700)));
    let content = format!("{text}{filling}");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}endstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let (mut out, mut places) = ("%PDF-1.4\n".to_owned(), Vec::new());
    for (number, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let start = out.len();
    out.push_str("xref\n0 6\n0000000000 65535 f \n");
    for place in places {
        out.push_str(&format!("{place:010} 00000 n \n"));
    }
    out.push_str(&format!("trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"));
    out.into_bytes()
}

fn upload(key: &str, document: &[u8]) -> Vec<u8> {
    let head =
        "--mark\r\nContent-Disposition: form-data; name=\"file\"; filename=\"load.pdf\"\r\n\r\n";
    let tail = "\r\n--mark--\r\n";
    let length = head.len() + document.len() + tail.len();
    let mut request = format!(
        "POST /api/v1/convert HTTP/1.1\r\nHost: load\r\nX-API-Key: {key}\r\nContent-Type: \
         multipart/form-data; boundary=mark\r\nContent-Length: {length}\r\n\r\n{head}"
    )
    .into_bytes();
    request.extend_from_slice(document);
    request.extend_from_slice(tail.as_bytes());
    request
}

/// Milliseconds of one kind of request.
#[derive(Default)]
struct Times(Mutex<Vec<f64>>);

impl Times {
    /// How many since the last time, then p50, p99 and the worst.
    async fn take(&self, keep: &mut Vec<f64>) -> (usize, f64, f64, f64) {
        let mut all = std::mem::take(&mut *self.0.lock().await);
        keep.extend_from_slice(&all);
        summary(&mut all)
    }
}

fn summary(all: &mut [f64]) -> (usize, f64, f64, f64) {
    all.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| {
        all.get((all.len().saturating_sub(1) as f64 * share) as usize).copied().unwrap_or(0.0)
    };
    (all.len(), at(0.5), at(0.99), at(1.0))
}

/// Sends `request(n)` at fixed moments, over so many connections.
#[expect(clippy::too_many_arguments, reason = "it is a loop's body")]
fn drive(
    address: &str,
    rate: u64,
    connections: u64,
    end: Instant,
    request: Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>,
    times: Arc<Times>,
    wrong: Arc<AtomicUsize>,
    tasks: &mut tokio::task::JoinSet<()>,
) {
    let start = Instant::now();
    for number in 0..connections.min(rate) {
        let (mut line, request) = (Line::new(address), request.clone());
        let (times, wrong) = (times.clone(), wrong.clone());
        tasks.spawn(async move {
            let mut turn = number;
            loop {
                let due = start + Duration::from_secs_f64(turn as f64 / rate as f64);
                if due >= end {
                    return;
                }
                let request = request(turn);
                sleep_until(due).await;
                match line.ask(&request).await {
                    Ok((200, _)) => {}
                    Ok((status, body)) => {
                        if wrong.fetch_add(1, Ordering::Relaxed) < 3 {
                            eprintln!("{status}: {}", String::from_utf8_lossy(&body));
                        }
                    }
                    Err(error) => {
                        if wrong.fetch_add(1, Ordering::Relaxed) < 3 {
                            eprintln!("{error}");
                        }
                    }
                }
                times.0.lock().await.push(due.elapsed().as_secs_f64() * 1_000.0);
                turn += connections.min(rate);
            }
        });
    }
}

/// Resident megabytes of a process, its children not counted.
fn memory(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap_or("0");
    let kb: f64 = line.trim().trim_end_matches(" kB").parse().unwrap_or(0.0);
    kb / 1_024.0
}

fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// The server, which ends with the measurement, however that ends.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "printing is what it is for")]
async fn main() -> anyhow::Result<()> {
    let arguments = arguments()?;
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data").display().to_string();
    let workers = arguments.workers.to_string();
    let role = if arguments.workers == 0 { "api" } else { "all" };
    let mut command = Command::new(&arguments.binary);
    command.args(["--log", "warn", "serve", "--listen", "127.0.0.1:0", "--data", &data]);
    command.args(["--role", role, "--workers", &workers]);
    let mut own = None;
    let database = match arguments.database.as_deref() {
        None => format!("sqlite:{data}/khocr.db"),
        Some("own") => {
            let server = postgres::Server::start_with("-c max_connections=100");
            own.insert(server.context("no PostgreSQL under /usr/lib/postgresql")?)
                .new_database("load")
                .await
        }
        Some(address) => address.to_owned(),
    };
    command.args(["--database", &database]);
    println!("load average before: {}", load());
    let mut server = Serving(command.stdout(Stdio::piped()).spawn()?);
    let out = server.0.stdout.take().context("no output")?;
    let address = tokio::task::spawn_blocking(move || {
        use std::io::BufRead;
        let lines = std::io::BufReader::new(out).lines().map_while(Result::ok);
        lines.filter_map(|l| l.strip_prefix("http://").map(str::to_owned)).next()
    })
    .await?
    .context("the server does not start")?;

    let store = Store::open(&StoreOptions::new(&database)).await?;
    let name = format!("load {}", std::process::id());
    let organisation = store.create_organisation(&name, Plan::Enterprise).await?;
    let (requests, pages) = (Some(1_000_000), Some(10_000_000));
    store.set_plan(organisation.id, Plan::Enterprise, requests, pages, None).await?;
    let key = store.create_key(organisation.id, "load").await?.text.reveal().to_owned();
    store.close().await;

    let form = Arc::new(upload(&key, &document(arguments.size)));
    let (mut line, mut jobs) = (Line::new(&address), Vec::new());
    for _ in 0..20 {
        let (status, body) = line.ask(&form).await?;
        let answer: serde_json::Value = serde_json::from_slice(&body)?;
        let id = answer["job_id"].as_str().with_context(|| format!("{status}: {answer}"))?;
        jobs.push(id.to_owned());
    }
    let poll = move |turn: u64| {
        let id = &jobs[turn as usize % jobs.len()];
        format!("GET /api/v1/jobs/{id} HTTP/1.1\r\nHost: load\r\nX-API-Key: {key}\r\n\r\n")
            .into_bytes()
    };

    let end = Instant::now() + Duration::from_secs(arguments.seconds);
    let (polls, uploads) = (Arc::new(Times::default()), Arc::new(Times::default()));
    let wrong = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    let send = move |_| form.to_vec();
    drive(
        &address,
        arguments.polls,
        50,
        end,
        Arc::new(poll),
        polls.clone(),
        wrong.clone(),
        &mut tasks,
    );
    drive(
        &address,
        arguments.uploads,
        10,
        end,
        Arc::new(send),
        uploads.clone(),
        wrong.clone(),
        &mut tasks,
    );
    let (mut all_polls, mut all_uploads) = (Vec::new(), Vec::new());
    println!("   s |  polls   p50   p99   max ms | uploads  p50   p99   max ms |  MB | load");
    let start = Instant::now();
    while Instant::now() < end {
        sleep_until(end.min(Instant::now() + Duration::from_secs(arguments.every))).await;
        let (n, p50, p99, max) = polls.take(&mut all_polls).await;
        print!("{:4} | {n:6} {p50:5.1} {p99:5.1} {max:5.0}    |", start.elapsed().as_secs());
        let (n, p50, p99, max) = uploads.take(&mut all_uploads).await;
        println!(
            " {n:6} {p50:5.1} {p99:5.1} {max:5.0}    | {:3.0} | {}",
            memory(server.0.id()),
            load()
        );
    }
    while tasks.join_next().await.is_some() {}
    let (n, p50, p99, max) = summary(&mut all_polls);
    println!("polls: {n}, p50 {p50:.1} ms, p99 {p99:.1} ms, max {max:.0} ms (bar: p99 25 ms)");
    let (n, p50, p99, max) = summary(&mut all_uploads);
    println!("uploads: {n}, p50 {p50:.1} ms, p99 {p99:.1} ms, max {max:.0} ms (bar: p99 100 ms)");
    println!("not answered with 200: {}", wrong.load(Ordering::Relaxed));
    drop(server);
    drop(own);
    Ok(())
}
