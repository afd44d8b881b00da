//! Refusals: one shape, seven statuses.

use std::sync::atomic::Ordering;

use khocr_store::KeyText;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::app::Setup;

pub(crate) async fn keys_are_asked_for_and_told_apart(setup: Setup) {
    let app = setup.start().await;
    for path in ["/api/v1/usage", "/api/v1/jobs", "/api/v1/models", "/api/v1/jobs/a1b2c3d4e5f6"] {
        app.bare("GET", path).send().await.refused(401, "missing_api_key");
    }
    app.bare("POST", "/api/v1/convert").send().await.refused(401, "missing_api_key");
    let with = async |key: &str| app.bare("GET", "/api/v1/usage").key(key).send().await;
    with("").await.refused(401, "missing_api_key");
    with("sk-123").await.refused(401, "malformed_api_key");
    // One character off.
    let mut typo = app.key.clone().into_bytes();
    typo[20] = if typo[20] == b'x' { b'y' } else { b'x' };
    let detail = with(std::str::from_utf8(&typo).unwrap()).await.refused(401, "malformed_api_key");
    assert!(detail.contains("mistyped"), "{detail}");
    let unknown = KeyText::generate().unwrap();
    with(unknown.reveal()).await.refused(401, "invalid_api_key");
    with(&app.key).await.ok();
    let organisation = app.store.organisation_named("Ministry").await.unwrap().unwrap();
    let keys = app.store.keys(organisation.id).await.unwrap();
    app.store.revoke_key(keys[0].id).await.unwrap();
    with(&app.key).await.refused(401, "invalid_api_key");
}

pub(crate) async fn a_key_may_come_in_the_query(setup: Setup) {
    let app = setup.start().await;
    app.bare("GET", &format!("/api/v1/usage?api_key={}", app.key)).send().await.ok();
    let id = app.submit(1).await;
    let path = format!("/api/v1/jobs/{id}?wait=0&api_key={}", app.key);
    app.bare("GET", &path).send().await.ok();
    app.bare("GET", "/api/v1/usage?api_key=").send().await.refused(401, "missing_api_key");
}

pub(crate) async fn errors_have_one_shape_in_both_languages(setup: Setup) {
    let app = setup.start().await;
    let answer = app.bare("GET", "/api/v1/usage").send().await;
    assert_eq!(answer.header("content-type"), "application/json");
    let body = answer.json();
    assert_eq!(
        body,
        serde_json::json!({
            "code": "missing_api_key",
            "message": "Invalid or missing API key",
            "message_km": "កូដ API មិនត្រឹមត្រូវ",
            "detail": "Send your API key in the header X-API-Key or the query parameter api_key.",
            "detail_km": body["detail_km"],
            "request_id": answer.header("x-request-id"),
        })
    );
    let missing = app.get("/api/v1/nothing").send().await;
    missing.refused(404, "not_found");
    assert_eq!(missing.json()["message_km"], "រកមិនឃើញ");
}

pub(crate) async fn problem_json_is_sent_when_asked_for(setup: Setup) {
    let app = setup.start().await;
    let answer = app
        .get("/api/v1/jobs/000000000000?wait=1")
        .header("Accept", "application/problem+json")
        .send()
        .await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let body = answer.json();
    assert_eq!(body["type"], "/docs#job_not_found");
    assert_eq!(body["title"], "Not found");
    assert_eq!(body["status"], 404);
    assert_eq!(body["instance"], "/api/v1/jobs/000000000000");
    assert_eq!(body["code"], "job_not_found");
    assert_eq!(body["message_km"], "រកមិនឃើញ");
    assert_eq!(body["request_id"], answer.header("x-request-id"));
}

pub(crate) async fn only_seven_statuses_leave_the_server(setup: Setup) {
    let app = setup.start().await;
    let wrong = app.bare("PUT", "/api/v1/usage").key(&app.key).send().await;
    wrong.refused(400, "method_not_allowed");
    assert!(wrong.header("allow").contains("GET"), "{:?}", wrong.headers);
    app.bare("DELETE", "/api/v1/health").send().await.refused(400, "method_not_allowed");
    app.bare("BREW", "/api/v1/jobs").key(&app.key).send().await.refused(400, "method_not_allowed");
    app.get("/api/v1").send().await.refused(404, "not_found");
    app.get("/api/v2/convert").send().await.refused(404, "not_found");
    app.get("/../../etc/passwd").send().await.refused(404, "not_found");
    app.get("/api/v1/jobs?limit=%").send().await.refused(400, "invalid_parameter");
    app.get("/api/v1/jobs/%FF").send().await.refused(400, "bad_request");
    // What never reaches a handler.
    for request in ["GET / HTTP/9.9\r\n\r\n", "nonsense\r\n\r\n", "GET /a b HTTP/1.1\r\n\r\n"] {
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400") || answer.is_empty(), "{request}: {answer}");
    }
}

pub(crate) async fn request_ids_are_given_and_taken(setup: Setup) {
    let app = setup.start().await;
    let own = app.bare("GET", "/livez").send().await;
    assert!(own.header("x-request-id").len() >= 8);
    let mine = app.bare("GET", "/livez").header("X-Request-Id", "trace-42").send().await;
    assert_eq!(mine.header("x-request-id"), "trace-42");
    let bad = app.bare("GET", "/livez").header("X-Request-Id", "a b<script>").send().await;
    assert_ne!(bad.header("x-request-id"), "a b<script>");
}

pub(crate) async fn a_panic_is_a_500(setup: Setup) {
    let app = setup.start().await;
    app.models.panics.store(true, Ordering::Relaxed);
    let answer = app.get("/api/v1/models").send().await;
    answer.refused(500, "internal_error");
    assert_eq!(answer.json()["message_km"], "កំហុសម៉ាស៊ីនមេ");
    assert!(!answer.text().contains("secret"), "{}", answer.text());
    app.models.panics.store(false, Ordering::Relaxed);
    app.get("/api/v1/models").send().await.ok();
}
