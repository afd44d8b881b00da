//! Connections and shutting down.

use std::time::Duration;

use khocr_store::JobFilter;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::app::Setup;
use crate::client::Form;

pub(crate) async fn requests_in_progress_are_finished_on_shutdown(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(1).await;
    let (address, store) = (app.address, app.store.clone());
    let waiting = tokio::spawn(app.get(&format!("/api/v1/jobs/{id}?wait=60")).send());
    // Half an upload.
    let mut stream = TcpStream::connect(address).await.unwrap();
    let body = Form::default().file(b"%PDF-1.7 pages=2").finish();
    let head = format!(
        "POST /api/v1/convert HTTP/1.1\r\nHost: x\r\nX-API-Key: {}\r\nContent-Length: {}\r\n\
         Content-Type: multipart/form-data; boundary=----khocr-test-5f3a\r\n\r\n",
        app.key,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body[..50]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;

    let stopping = tokio::spawn(app.shut_down());
    // Whoever waits for a job is told at once how it stands; far sooner than a minute.
    assert_eq!(waiting.await.unwrap().ok()["status"], "QUEUED");
    assert!(TcpStream::connect(address).await.is_err(), "no new connections");
    assert!(!stopping.is_finished());
    stream.write_all(&body[50..]).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    stopping.await.unwrap();
    let organisation = store.organisation_named("Ministry").await.unwrap().unwrap();
    assert_eq!(store.jobs(organisation.id, &JobFilter::default()).await.unwrap().jobs.len(), 2);
}

pub(crate) async fn connections_are_kept_alive_and_idle_ones_let_go(setup: Setup) {
    let app = setup.with(|c| c.header_time = Duration::from_millis(400)).start().await;
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let mut buffer = [0u8; 4096];
    for _ in 0..2 {
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let n = stream.read(&mut buffer).await.unwrap();
        assert!(buffer[..n].starts_with(b"HTTP/1.1 200"));
    }
    // Sends half a request, and then nothing.
    stream.write_all(b"GET /livez HTTP/1.1\r\nHos").await.unwrap();
    let end = tokio::time::timeout(Duration::from_secs(20), async {
        while stream.read(&mut buffer).await.unwrap_or(0) > 0 {}
    });
    end.await.expect("the connection was let go");
}
