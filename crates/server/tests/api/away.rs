//! A database that is stopped and started again under the server, or falls silent.

use std::time::{Duration, Instant};

use crate::app::{Setup, TestApp};
use crate::client::{Answer, Form};
use crate::postgres::Server;

/// 503 with when to come back, in both languages.
fn is_away(answer: &Answer) {
    answer.refused(503, "service_unavailable");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let body = answer.json();
    assert_eq!(body["message"], "Service unavailable");
    assert!(body["message_km"].as_str().unwrap().contains("សេវា"), "{body}");
    assert!(body["detail_km"].as_str().unwrap().contains("Retry-After"), "{body}");
}

async fn convert(app: &TestApp) -> Answer {
    app.convert(Form::default().file(b"%PDF-1.7 pages=3")).send().await
}

/// Asks until it goes well, for half a minute at most.
async fn comes_back(app: &TestApp, path: &str) {
    let start = Instant::now();
    loop {
        let answer = app.get(path).send().await;
        if answer.status == 200 {
            return;
        }
        assert_eq!(answer.status, 503, "{path}: {}", answer.text());
        assert!(start.elapsed() < Duration::from_secs(30), "{path}: {}", answer.text());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

pub(crate) async fn said_and_over(server: &Server, setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(2).await;
    let job = format!("/api/v1/jobs/{id}");
    app.get(&job).send().await.ok();
    for round in 0..2 {
        if round == 0 {
            server.stop();
        } else {
            // Every connection of the pool lies there cut off.
            server.restart();
            server.stop();
        }
        for path in [&job, "/api/v1/jobs", "/api/v1/usage", "/api/v1/webhooks"] {
            is_away(&app.get(path).send().await);
        }
        is_away(&convert(&app).await);
        is_away(&app.delete(&job).send().await);
        // Guesses cost nothing more than an answer, and a key that nobody knows is no 401 now.
        let unknown = khocr_store::KeyText::generate().unwrap();
        is_away(&app.bare("GET", "/api/v1/usage").key(unknown.reveal()).send().await);
        app.bare("GET", "/api/v1/usage").key("sk-1").send().await.refused(401, "malformed_api_key");
        tokio::time::sleep(Duration::from_millis(2_100)).await;
        for path in ["/readyz", "/api/v1/health"] {
            let answer = app.bare("GET", path).send().await;
            assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
            assert_eq!(answer.json()["checks"]["database"], "failing");
            assert_eq!(answer.json()["checks"]["files"], "ok");
        }
        assert_eq!(app.bare("GET", "/livez").send().await.status, 200);
        server.launch();
        comes_back(&app, &job).await;
        comes_back(&app, "/readyz").await;
        convert(&app).await.ok();
    }
    // Nothing of what was refused was kept.
    let usage = app.get("/api/v1/usage").send().await.ok();
    assert_eq!(usage["jobs"]["queued"], 3);
    assert_eq!(usage["pages"]["reserved"], 2 + 3 + 3);
}

/// A database that takes what it is sent and says nothing.
pub(crate) async fn silence_is_said_too(server: &Server, setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(1).await;
    server.freeze(true);
    // Nobody knows this key yet, so the database must be asked.
    let unknown = khocr_store::KeyText::generate().unwrap();
    let asked = Instant::now();
    let answer = app.bare("GET", "/api/v1/usage").key(unknown.reveal()).send().await;
    let waited = asked.elapsed();
    server.freeze(false);
    is_away(&answer);
    assert!(waited < Duration::from_secs(20), "{waited:?}");
    comes_back(&app, &format!("/api/v1/jobs/{id}")).await;
}
