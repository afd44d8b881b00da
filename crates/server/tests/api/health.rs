//! `GET /api/v1/health`, `/livez`, `/readyz`.

use std::sync::atomic::Ordering;

use crate::app::Setup;

pub(crate) async fn health_needs_no_key(setup: Setup) {
    let app = setup.start().await;
    let answer = app.bare("GET", "/api/v1/health").send().await;
    let health = answer.ok();
    assert_eq!(health["status"], "ok");
    let checks = serde_json::json!({ "database": "ok", "files": "ok", "models": "ok" });
    assert_eq!(health["checks"], checks);
    assert!(!answer.header("ratelimit-limit").is_empty());
    assert_eq!(app.bare("GET", "/livez").send().await.status, 200);
    assert_eq!(app.bare("GET", "/readyz").send().await.status, 200);
}

pub(crate) async fn a_failing_part_is_named(setup: Setup) {
    let app = setup.start().await;
    app.models.broken.store(true, Ordering::Relaxed);
    let answer = app.bare("GET", "/api/v1/health").send().await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["status"], "failing");
    assert_eq!(answer.json()["checks"]["models"], "failing");
    assert_eq!(answer.json()["checks"]["database"], "ok");
    assert!(!answer.text().contains("weights"), "the reason is for the log");
    assert_eq!(app.bare("GET", "/readyz").send().await.status, 503);
    assert_eq!(app.bare("GET", "/livez").send().await.status, 200);
}
