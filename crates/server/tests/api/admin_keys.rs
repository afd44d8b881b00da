//! `/api/v1/admin/organisations/{organisation_id}/keys` and `/api/v1/admin/keys/{key_id}`.

use serde_json::{Value, json};

use crate::app::Setup;

pub(crate) async fn keys_are_made_rotated_and_revoked(setup: Setup) {
    let app = setup.start().await;
    let operator = app.operator().await;
    let bank = app.store.create_organisation("Bank", khocr_store::Plan::Free).await.unwrap();
    let keys = format!("/api/v1/admin/organisations/{}/keys", bank.id);
    let order = json!({ "label": "laptop", "scopes": ["read"] });
    let made = app.bare("POST", &keys).key(&operator).json(&order).send().await.ok();
    assert_eq!((&made["scopes"], &made["state"]), (&json!(["read"]), &json!("live")));
    let first = made["key"].as_str().unwrap().to_owned();
    let works = async |key: &str| app.bare("GET", "/api/v1/usage").key(key).send().await.status;
    assert_eq!(works(&first).await, 200);
    // By default the old key has a day left; both work until then.
    let rotate = format!("/api/v1/admin/keys/{}/rotate", made["id"]);
    let next = app.bare("POST", &rotate).key(&operator).send().await.ok();
    let second = next["key"].as_str().unwrap().to_owned();
    assert_eq!((&next["replaces"], &next["label"]), (&made["id"], &json!("laptop")));
    assert_eq!((works(&first).await, works(&second).await), (200, 200));
    let at_once = json!({ "grace_seconds": 0 });
    app.bare("POST", &rotate).key(&operator).json(&at_once).send().await.ok();
    assert_eq!((works(&first).await, works(&second).await), (401, 200));
    app.bare("POST", &rotate).key(&operator).send().await.refused(400, "invalid_parameter");
    let one = format!("/api/v1/admin/keys/{}", next["id"]);
    let revoked = app.bare("DELETE", &one).key(&operator).send().await.ok();
    assert_eq!(revoked["state"], "revoked");
    assert_eq!(works(&second).await, 401);
    let list = app.bare("GET", &keys).key(&operator).send().await;
    let states: Vec<Value> =
        list.ok()["keys"].as_array().unwrap().iter().map(|k| k["state"].clone()).collect();
    assert_eq!(states, ["expired", "revoked", "live"]);
    assert!(!list.text().contains(&first) && !list.text().contains("hash"), "{}", list.text());
}

pub(crate) async fn orders_that_make_no_key_are_refused(setup: Setup) {
    let app = setup.start().await;
    let operator = app.operator().await;
    let send = async |method: &str, path: &str, body: Value| {
        app.bare(method, path).key(&operator).json(&body).send().await
    };
    let keys = "/api/v1/admin/organisations/1/keys";
    for body in [
        json!({ "scopes": [] }),
        json!({ "scopes": ["write"] }),
        json!({ "expires_at": "2020-01-01T00:00:00Z" }),
        json!({ "label": "a\nb" }),
    ] {
        send("POST", keys, body).await.refused(400, "invalid_parameter");
    }
    send("POST", keys, json!({ "expires_at": "soon" })).await.refused(400, "malformed_json");
    let nobody = "/api/v1/admin/organisations/99/keys";
    send("POST", nobody, json!({})).await.refused(404, "organisation_not_found");
    send("GET", nobody, json!({})).await.refused(404, "organisation_not_found");
    for id in ["99", "x"] {
        let path = format!("/api/v1/admin/keys/{id}");
        send("DELETE", &path, json!({})).await.refused(404, "key_not_found");
        send("POST", &format!("{path}/rotate"), json!({})).await.refused(404, "key_not_found");
    }
    let grace = json!({ "grace_seconds": 1_000_000_000 });
    send("POST", "/api/v1/admin/keys/1/rotate", grace).await.refused(400, "invalid_parameter");
}
