//! `GET /api/v1/jobs/{job_id}/events`.

use std::time::Duration;

use khocr_store::Plan;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::app::{Setup, TestApp};

/// An open stream, read as it comes.
struct Stream {
    socket: TcpStream,
    text: String,
}

impl Stream {
    async fn open(app: &TestApp, id: &str, more: &str) -> Self {
        let mut socket = TcpStream::connect(app.address).await.unwrap();
        let head = format!(
            "GET /api/v1/jobs/{id}/events HTTP/1.1\r\nHost: x\r\nX-API-Key: {}\r\n\
             Accept: text/event-stream\r\n{more}\r\n",
            app.key
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        Self { socket, text: String::new() }
    }

    /// Reads until that text has come.
    async fn until(&mut self, wanted: &str) -> &mut Self {
        let reading = async {
            let mut buffer = [0u8; 4_096];
            while !self.text.contains(wanted) {
                let n = self.socket.read(&mut buffer).await.unwrap();
                assert!(n > 0, "closed before {wanted}: {}", self.text);
                self.text.push_str(std::str::from_utf8(&buffer[..n]).unwrap());
            }
        };
        tokio::time::timeout(Duration::from_secs(20), reading).await.expect("it came");
        self
    }
}

/// The last chunk of a body.
const END: &str = "\r\n0\r\n\r\n";

pub(crate) async fn a_stream_shows_each_step_and_closes_at_the_end(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(4).await;
    let mut stream = Stream::open(&app, &id, "").await;
    stream.until("\"status\":\"QUEUED\"").await;
    assert!(stream.text.starts_with("HTTP/1.1 200"), "{}", stream.text);
    assert!(stream.text.contains("content-type: text/event-stream"), "{}", stream.text);
    assert!(stream.text.contains("cache-control: no-"), "{}", stream.text);
    let lease = app.lease().await;
    stream.until("id: PROCESSING.1.0").await;
    app.pages_done(&lease, 3).await;
    stream.until("\"pages_done\":3").await;
    assert!(stream.text.contains("\"progress\":75.0"), "{}", stream.text);
    app.complete(&lease).await;
    stream.until(END).await;
    let events: Vec<_> = stream.text.lines().filter(|l| l.starts_with("event: ")).collect();
    assert_eq!(events, ["event: progress", "event: progress", "event: progress", "event: end"]);
    assert!(stream.text.contains("id: COMPLETED.1.4"), "{}", stream.text);
}

pub(crate) async fn a_client_that_comes_back_goes_on_where_it_was(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(4).await;
    let lease = app.lease().await;
    app.pages_done(&lease, 1).await;
    let mut stream = Stream::open(&app, &id, "Last-Event-ID: PROCESSING.1.1\r\n").await;
    app.pages_done(&lease, 2).await;
    stream.until("\"pages_done\":2").await;
    assert!(!stream.text.contains("\"pages_done\":1"), "{}", stream.text);
    app.complete(&lease).await;
    // One that missed everything sees the end; one that saw it is told not to come back.
    Stream::open(&app, &id, "Last-Event-ID: PROCESSING.1.1\r\n").await.until("event: end").await;
    let path = format!("/api/v1/jobs/{id}/events");
    let seen = app.get(&path).header("Last-Event-ID", "COMPLETED.1.4").send().await;
    assert_eq!((seen.status, seen.body.len()), (204, 0));
}

pub(crate) async fn a_stream_ends_with_its_job_or_the_server(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(4).await;
    let mut stream = Stream::open(&app, &id, "").await;
    stream.until("QUEUED").await;
    app.delete(&format!("/api/v1/jobs/{id}")).send().await.ok();
    stream.until(END).await;
    assert!(stream.text.contains("\"status\":\"CANCELLED\""), "{}", stream.text);
    let id = app.submit(4).await;
    let mut stream = Stream::open(&app, &id, "").await;
    stream.until("QUEUED").await;
    let stopping = tokio::spawn(app.shut_down());
    stream.until(END).await;
    stopping.await.unwrap();
}

pub(crate) async fn streams_are_limited_and_private(setup: Setup) {
    let app = setup
        .with(|c| {
            c.streams_each = 2;
            c.stream_time = Duration::from_secs(2);
        })
        .start()
        .await;
    let id = app.submit(4).await;
    let path = format!("/api/v1/jobs/{id}/events");
    let mut first = Stream::open(&app, &id, "").await;
    first.until("QUEUED").await;
    let mut second = Stream::open(&app, &id, "").await;
    second.until("QUEUED").await;
    let refused = app.get(&path).send().await;
    refused.refused(429, "too_many_streams");
    assert!(!refused.header("retry-after").is_empty());
    let key = app.stranger(Plan::Free).await;
    app.bare("GET", &path).key(&key).send().await.refused(404, "job_not_found");
    app.get("/api/v1/jobs/x/events").send().await.refused(404, "job_not_found");
    // A stream ends after its time, and then there is room again.
    first.until(END).await;
    second.until(END).await;
    Stream::open(&app, &id, "").await.until("QUEUED").await;
}
