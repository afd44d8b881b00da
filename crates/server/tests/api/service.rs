//! Connections and shutting down.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::app::Setup;

pub(crate) async fn requests_in_progress_are_finished_on_shutdown(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(1).await;
    let address = app.address;
    let waiting = tokio::spawn(app.get(&format!("/api/v1/jobs/{id}?wait=30")).send());
    tokio::time::sleep(Duration::from_millis(200)).await;
    let (lease, store) = (app.lease().await, app.store.clone());
    let stopping = tokio::spawn(app.shut_down());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(TcpStream::connect(address).await.is_err(), "no new connections");
    assert!(!waiting.is_finished());
    store.complete(&lease, "nowhere.json", 1).await.unwrap();
    assert_eq!(waiting.await.unwrap().ok()["status"], "COMPLETED");
    stopping.await.unwrap();
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
