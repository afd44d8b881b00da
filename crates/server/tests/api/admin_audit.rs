//! `GET /api/v1/admin/audit`.

use serde_json::json;

use crate::app::Setup;

pub(crate) async fn what_was_done_is_read_page_by_page(setup: Setup) {
    let app = setup.start().await;
    let operator = app.operator().await;
    let new = json!({ "name": "Bank of Secrets" });
    let path = "/api/v1/admin/organisations";
    let made = app.bare("POST", path).key(&operator).json(&new).send().await.ok();
    let keys = format!("{path}/{}/keys", made["id"]);
    let key = app.bare("POST", &keys).key(&operator).json(&json!({})).send().await.ok();
    let id = app.submit(1).await;
    app.work().await;
    app.delete(&format!("/api/v1/jobs/{id}")).send().await.ok();
    let ask = async |query: &str| {
        app.bare("GET", &format!("/api/v1/admin/audit{query}")).key(&operator).send().await
    };
    let answer = ask("").await;
    let entries = answer.ok()["entries"].as_array().unwrap().clone();
    assert_eq!(entries[0]["action"], "job.deleted");
    assert_eq!(entries[0]["target"], format!("job:{id}"));
    assert_eq!(entries[1]["action"], "key.created");
    assert_eq!(entries[1]["target"], format!("key:{}", key["id"]));
    assert_eq!(entries[1]["origin"], "127.0.0.1");
    assert!(entries[1]["who"].as_str().unwrap().starts_with("key:"));
    let text = answer.text();
    for secret in ["Secrets", "Ministry", "khocr_", "letter.pdf"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let about = ask(&format!("?organisation={}", made["id"])).await.ok();
    assert_eq!(about["entries"].as_array().unwrap().len(), 2);
    let first = ask("?limit=2").await.ok();
    assert_eq!(first["entries"][1], entries[1]);
    let second = ask(&format!("?limit=2&cursor={}", first["next"].as_str().unwrap())).await.ok();
    assert_eq!(second["entries"][0], entries[2]);
    assert_eq!(ask("?action=job.deleted").await.ok()["entries"].as_array().unwrap().len(), 1);
    ask("?limit=0").await.refused(400, "invalid_parameter");
    ask("?action=%00").await.refused(400, "invalid_parameter");
    ask("?organisation=x").await.refused(400, "invalid_parameter");
}
