//! A process killed with -9 between delivering a webhook's message and writing that down.

#![allow(clippy::unwrap_used, reason = "a test may stop at what it does not expect")]

#[path = "../../store/tests/conformance/postgres.rs"]
mod postgres;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use khocr_store::{
    Actor, Files, JobId, NewJob, NewWebhook, Plan, Priority, Store, StoreOptions, WebhookEvent,
};

/// A node without workers, which sends webhooks; killed when dropped.
struct Node(Child);

impl Node {
    fn start(database: &str, files: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_khocr"))
            .args(["--log", "warn", "serve", "--role", "api", "--listen", "127.0.0.1:0"])
            .args(["--private-webhooks", "--database", database, "--files", files])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().starts_with("http://")));
        Self(child)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The next request to the receiver, and where to answer it.
fn next(receiver: &TcpListener) -> (String, TcpStream) {
    receiver.set_nonblocking(true).unwrap();
    let start = Instant::now();
    let mut socket = loop {
        match receiver.accept() {
            Ok((socket, _)) => break socket,
            Err(_) => assert!(start.elapsed() < Duration::from_secs(90), "nothing came"),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    socket.set_nonblocking(false).unwrap();
    let (mut text, mut buffer) = (String::new(), [0u8; 4_096]);
    while !text.ends_with('}') {
        let n = socket.read(&mut buffer).unwrap();
        assert!(n > 0, "{text}");
        text.push_str(std::str::from_utf8(&buffer[..n]).unwrap());
    }
    (text, socket)
}

fn id_of(request: &str) -> &str {
    request.lines().find_map(|line| line.strip_prefix("webhook-id: ")).unwrap()
}

async fn case(database: &str) {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("files").display().to_string();
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let store = Store::open(&StoreOptions::new(database)).await.unwrap();
    let owner = store.create_organisation("Ministry", Plan::Enterprise).await.unwrap().id;
    let new = NewWebhook {
        url: format!("http://{}/", receiver.local_addr().unwrap()),
        events: WebhookEvent::ALL.to_vec(),
        every_job: true,
    };
    let (hook, _) = store.by(Actor::system()).create_webhook(owner, &new).await.unwrap();
    let id = JobId::generate().unwrap();
    let job = NewJob {
        input_key: Files::input_key(&id),
        id,
        organisation_id: owner,
        key_id: None,
        file_name: "a.pdf".to_owned(),
        input_bytes: 1,
        pages: 1,
        output_format: "json".to_owned(),
        options: serde_json::json!({}),
        priority: Priority::Normal,
        idempotency: None,
    };
    store.submit(job).await.unwrap();
    let lease = store.lease("test#1", Duration::from_secs(60)).await.unwrap().unwrap();
    store.complete(&lease, "r", 1).await.unwrap();

    let first = Node::start(database, &files);
    let (one, mut socket) = next(&receiver);
    drop(first);
    // It was taken; but whoever sent it does not hear so.
    let _ = socket.write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(store.deliveries(&hook.id, 1).await.unwrap()[0].state, "WAITING");
    let _second = Node::start(database, &files);
    let (two, mut socket) = next(&receiver);
    assert_eq!(id_of(&one), id_of(&two), "the receiver knows it by its id");
    socket.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
    let start = Instant::now();
    while store.deliveries(&hook.id, 1).await.unwrap()[0].state != "DELIVERED" {
        assert!(start.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(store.deliveries(&hook.id, 1).await.unwrap()[0].attempts, 2);
    store.close().await;
}

#[tokio::test]
async fn a_killed_process_loses_no_webhook_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    case(&format!("sqlite:{}", folder.path().join("khocr.db").display())).await;
}

#[tokio::test]
async fn a_killed_process_loses_no_webhook_on_postgres() {
    match postgres::Server::start() {
        Some(server) => case(&server.new_database("killed").await).await,
        None => eprintln!("\n!!! SKIPPED: no PostgreSQL under /usr/lib/postgresql\n"),
    }
}
