//! Two API processes on one database, spoken to over HTTP.

#![allow(clippy::unwrap_used, reason = "a test may stop at what it does not expect")]

#[path = "../../store/tests/conformance/postgres.rs"]
mod postgres;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use khocr_store::{Plan, Store, StoreOptions};

/// A `khocr serve --role api` that is killed when dropped.
struct Api {
    child: Child,
    address: String,
}

impl Api {
    fn start(database: &str, files: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_khocr"))
            .args(["--log", "warn", "serve", "--role", "api", "--listen", "127.0.0.1:0"])
            .args(["--database", database, "--files", files])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines
            .map_while(Result::ok)
            .find_map(|l| l.strip_prefix("http://").map(str::to_owned))
            .expect("an address");
        Self { child, address }
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A black TIFF of so many pages.
fn tiff(pages: u32) -> Vec<u8> {
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    for page in 1..=pages {
        let here = out.len() as u32;
        // Nine entries of twelve bytes, the next folder's place, then two bytes of picture.
        let picture = here + 2 + 9 * 12 + 4;
        let next = if page == pages { 0 } else { picture + 2 };
        out.extend(9u16.to_le_bytes());
        let entries = [
            (256u16, 3u16, 8u32),
            (257, 3, 2),
            (258, 3, 1),
            (259, 3, 1),
            (262, 3, 0),
            (273, 4, picture),
            (277, 3, 1),
            (278, 3, 2),
            (279, 4, 2),
        ];
        for (tag, kind, value) in entries {
            out.extend(tag.to_le_bytes());
            out.extend(kind.to_le_bytes());
            out.extend(1u32.to_le_bytes());
            out.extend(value.to_le_bytes());
        }
        out.extend(next.to_le_bytes());
        out.extend([0xff, 0xff]);
    }
    out
}

/// The status of the answer to an upload.
fn upload(address: &str, key: &str, file: &[u8]) -> (u16, String) {
    let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.tif\"\r\n\r\n";
    let length = head.len() + file.len() + "\r\n--b--\r\n".len();
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "POST /api/v1/convert HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-API-Key: {key}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n{head}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    stream.write_all(file).unwrap();
    stream.write_all(b"\r\n--b--\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (answer[9..12].parse().unwrap(), answer)
}

/// Ten pages left, 64 uploads at once on two nodes: exactly ten pages are accepted.
async fn race(database: &str) {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("files").display().to_string();
    let nodes = [Api::start(database, &files), Api::start(database, &files)];
    let store = Store::open(&StoreOptions::new(database)).await.unwrap();
    let organisation = store.create_organisation("Ministry", Plan::Enterprise).await.unwrap();
    let plan = store.set_plan(organisation.id, Plan::Enterprise, Some(10_000), Some(10), None);
    plan.await.unwrap();
    let key = store.create_key(organisation.id, "").await.unwrap().text.reveal().to_owned();
    let uploads: Vec<_> = (0..64u32)
        .map(|i| {
            let (address, key) = (nodes[i as usize % 2].address.clone(), key.clone());
            let pages = 1 + i % 3;
            std::thread::spawn(move || (pages, upload(&address, &key, &tiff(pages))))
        })
        .collect();
    let (mut accepted, mut refused) = (0, 0);
    for upload in uploads {
        match upload.join().unwrap() {
            (pages, (200, _)) => accepted += pages,
            (_, (_, answer)) if answer.contains("quota") => refused += 1,
            (_, (status, answer)) => panic!("{status}: {answer}"),
        }
    }
    assert_eq!(accepted, 10, "every page is sold, none twice; {refused} were refused");
    let usage = store.usage(organisation.id).await.unwrap();
    assert_eq!((usage.pages_reserved, usage.pages_used, usage.pages_left), (10, 0, 0));
    // Nothing of the refused ones is kept.
    let kept = walk(&folder.path().join("files"));
    assert_eq!(kept, usage.jobs.queued as usize, "one file a job");
    store.close().await;
}

/// Files below a folder.
fn walk(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.map(|p| if p.is_dir() { walk(&p) } else { 1 }).sum()
}

#[tokio::test]
async fn parallel_uploads_share_the_last_pages_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    race(&format!("sqlite:{}", folder.path().join("khocr.db").display())).await;
}

#[tokio::test]
async fn parallel_uploads_share_the_last_pages_on_postgres() {
    match postgres::Server::start() {
        Some(server) => race(&server.new_database("race").await).await,
        None => eprintln!("\n!!! SKIPPED: no PostgreSQL under /usr/lib/postgresql\n"),
    }
}
