//! Scopes and ends of keys, over all routes.

use khocr_store::{Actor, KeyPlan};

use crate::app::Setup;

/// A request of each route with the scope it needs.
const ROUTES: [(&str, &str, &str); 26] = [
    ("POST", "/api/v1/convert", "convert"),
    ("DELETE", "/api/v1/jobs/ID", "convert"),
    ("GET", "/api/v1/jobs", "read"),
    ("GET", "/api/v1/jobs/ID", "read"),
    ("GET", "/api/v1/jobs/ID/result", "read"),
    ("GET", "/api/v1/jobs/ID/events", "read"),
    ("GET", "/api/v1/webhooks", "read"),
    ("POST", "/api/v1/webhooks", "convert"),
    ("GET", "/api/v1/webhooks/ID", "read"),
    ("PATCH", "/api/v1/webhooks/ID", "convert"),
    ("DELETE", "/api/v1/webhooks/ID", "convert"),
    ("GET", "/api/v1/usage", "read"),
    ("GET", "/api/v1/admin/organisations", "admin"),
    ("POST", "/api/v1/admin/organisations", "admin"),
    ("GET", "/api/v1/admin/organisations/1", "admin"),
    ("PATCH", "/api/v1/admin/organisations/1", "admin"),
    ("GET", "/api/v1/admin/organisations/1/keys", "admin"),
    ("POST", "/api/v1/admin/organisations/1/keys", "admin"),
    ("POST", "/api/v1/admin/keys/1/rotate", "admin"),
    ("DELETE", "/api/v1/admin/keys/1", "admin"),
    ("GET", "/api/v1/admin/plans", "admin"),
    ("PATCH", "/api/v1/admin/plans/free", "admin"),
    ("GET", "/api/v1/admin/audit", "admin"),
    ("GET", "/api/v1/admin/organisations/99", "admin"),
    ("GET", "/api/v1/admin/organisations/x", "admin"),
    ("DELETE", "/api/v1/admin/keys/99", "admin"),
];

pub(crate) async fn a_key_does_what_its_scopes_allow(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(1).await;
    for scope in ["convert", "read", "admin"] {
        let key = app.key_that_may(scope).await;
        for (method, path, needed) in ROUTES.iter().filter(|r| r.2 != scope) {
            let path = path.replace("ID", &id);
            let answer = app.bare(method, &path).key(&key).send().await;
            let detail = answer.refused(403, "forbidden");
            assert!(detail.contains(&format!("`{needed}`")), "{method} {path}: {detail}");
            assert_eq!(answer.json()["message_km"], "សិទ្ធិមិនគ្រប់គ្រាន់");
        }
        app.bare("GET", "/api/v1/models").key(&key).send().await.ok();
    }
    // Nothing was done by those that were refused.
    assert_eq!(app.job(&id).await.ok()["status"], "QUEUED");
    let reader = app.key_that_may("read").await;
    app.bare("GET", &format!("/api/v1/jobs/{id}")).key(&reader).send().await.ok();
    let converter = app.key_that_may("convert").await;
    app.bare("DELETE", &format!("/api/v1/jobs/{id}")).key(&converter).send().await.ok();
}

pub(crate) async fn an_expired_key_is_told_so(setup: Setup) {
    let app = setup.start().await;
    let organisation = app.store.organisation_named("Ministry").await.unwrap().unwrap();
    let plan = KeyPlan { expires_at: Some(app.store.now()), ..KeyPlan::default() };
    let made = app.store.by(Actor::system()).create_key(organisation.id, &plan).await.unwrap();
    let ask = |key: &str| app.bare("GET", "/api/v1/usage").key(key).send();
    ask(made.text.reveal()).await.refused(401, "expired_api_key");
    app.store.revoke_key(made.key.id).await.unwrap();
    ask(made.text.reveal()).await.refused(401, "invalid_api_key");
}
