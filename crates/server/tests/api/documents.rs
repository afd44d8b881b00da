//! The page, the OpenAPI document, and headers on all of them.

use serde_json::Value;

use crate::app::Setup;

/// Compares with a committed JSON file; `KHOCR_UPDATE_SNAPSHOTS=1` writes it instead.
#[track_caller]
pub(crate) fn snapshot(path: &str, value: &Value) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = serde_json::to_string_pretty(value).unwrap() + "\n";
    if std::env::var_os("KHOCR_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == text,
        "{path} is not what the program says any more. If the change is meant, run the test again \
         with KHOCR_UPDATE_SNAPSHOTS=1 and commit the file. Now it is:\n{text}"
    );
}

pub(crate) async fn the_page_is_served_in_both_languages(setup: Setup) {
    let app = setup.start().await;
    for path in ["/", "/docs"] {
        let page = app.bare("GET", path).send().await;
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        let html = page.text();
        assert!(html.contains("<html lang=\"en\">") && html.contains("Test House"));
        assert!(html.contains("help@example.org"));
        for words in ["From a PDF to Khmer text", "ពី PDF ទៅជាអត្ថបទខ្មែរ", "5,000", "50,000"]
        {
            assert!(html.contains(words), "{words}");
        }
    }
    let khmer = app.bare("GET", "/docs?lang=km").send().await;
    assert!(khmer.text().contains("<html lang=\"km\">"));
    let browser = app.bare("GET", "/").header("Accept-Language", "km,en;q=0.5").send().await;
    assert!(browser.text().contains("<html lang=\"km\">"));
    let sample = app.bare("GET", "/docs/sample.pdf").send().await;
    assert!(sample.status == 200 && sample.body.starts_with(b"%PDF-"));
}

pub(crate) async fn the_page_shows_the_address_it_is_seen_at(setup: Setup) {
    let app = setup.start().await;
    let page = app.bare("GET", "/").send().await;
    assert!(page.text().contains(&format!("<code>http://{}/api/v1</code>", app.address)));
    // A host that is none must not get into examples that people paste into shells.
    let mut stream = tokio::net::TcpStream::connect(app.address).await.unwrap();
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let request = "GET / HTTP/1.1\r\nHost: x$(reboot)\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(!answer.contains("reboot"));
}

pub(crate) async fn the_openapi_document_is_the_committed_one(setup: Setup) {
    let app = setup.start().await;
    let document = app.bare("GET", "/api/v1/openapi.json").send().await.ok();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["paths"].as_object().unwrap().len(), 20);
    snapshot("openapi.json", &document);
}

pub(crate) async fn answers_carry_security_headers(setup: Setup) {
    let app = setup.start().await;
    for path in ["/", "/api/v1/health", "/api/v1/usage", "/nothing"] {
        let answer = app.bare("GET", path).send().await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
        for header in ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "x-request-id"]
        {
            assert!(!answer.header(header).is_empty(), "{path}: {header}");
        }
    }
    let policy = app.bare("GET", "/").send().await;
    let policy = policy.header("content-security-policy");
    assert!(policy.contains("script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
}

pub(crate) async fn other_pages_may_use_the_api(setup: Setup) {
    let app = setup.start().await;
    let asked = app
        .bare("OPTIONS", "/api/v1/convert")
        .header("Origin", "https://example.org")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "x-api-key")
        .send()
        .await;
    assert_eq!(asked.status, 200);
    assert_eq!(asked.header("access-control-allow-origin"), "*");
    assert!(asked.header("access-control-allow-headers").contains("x-api-key"));
    let answer = app.get("/api/v1/usage").header("Origin", "https://example.org").send().await;
    assert!(answer.header("access-control-expose-headers").contains("ratelimit-remaining"));
}
