//! `/api/v1/admin/organisations`.

use serde_json::{Value, json};

use crate::app::Setup;

const PATH: &str = "/api/v1/admin/organisations";

pub(crate) async fn an_organisation_is_made_seen_and_changed(setup: Setup) {
    let app = setup.start().await;
    let key = app.operator().await;
    let new = json!({ "name": "ធនាគារ", "plan": "standard", "retention_days": 7 });
    let made = app.bare("POST", PATH).key(&key).json(&new).send().await.ok();
    assert_eq!((&made["name"], &made["plan"]), (&json!("ធនាគារ"), &json!("standard")));
    assert_eq!((&made["pages_per_month"], &made["retention_days"]), (&json!(5_000), &json!(7)));
    let one = format!("{PATH}/{}", made["id"]);
    let seen = app.bare("GET", &one).key(&key).send().await.ok();
    assert_eq!((&seen["id"], &seen["pages_left"]), (&made["id"], &json!(5_000)));
    // What is absent stays, null takes back.
    let change = async |body: Value| app.bare("PATCH", &one).key(&key).json(&body).send().await;
    let changed = change(json!({ "pages_per_month": 12, "requests_per_minute": 3 })).await.ok();
    assert_eq!(changed["agreed_pages_per_month"], 12);
    assert_eq!(changed["retention_days"], 7);
    let changed = change(json!({ "pages_per_month": null, "retention_days": null })).await.ok();
    let limits = (&changed["pages_per_month"], &changed["requests_per_minute"]);
    assert_eq!(limits, (&json!(5_000), &json!(3)));
    assert_eq!(changed["retention_days"], Value::Null);
    let untouched = change(json!({})).await.ok();
    assert_eq!(untouched, changed);
    change(json!({ "name": "Ministry" })).await.refused(400, "invalid_parameter");
}

pub(crate) async fn what_makes_no_organisation_is_refused(setup: Setup) {
    let app = setup.start().await;
    let key = app.operator().await;
    let bad = [
        (json!({ "name": "" }), "invalid_parameter"),
        (json!({ "name": "Ministry" }), "invalid_parameter"),
        (json!({ "name": "A", "plan": "gold" }), "invalid_parameter"),
        (json!({ "name": "A", "requests_per_minute": 4_000_000_000u32 }), "invalid_parameter"),
        (json!({ "name": "A", "retention_days": -1 }), "malformed_json"),
        (json!({ "name": "A", "plam": "free" }), "malformed_json"),
        (json!({}), "malformed_json"),
        (json!([]), "malformed_json"),
    ];
    for (body, code) in bad {
        let answer = app.bare("POST", PATH).key(&key).json(&body).send().await;
        answer.refused(400, code);
    }
    let long = vec![b' '; 100_000];
    app.bare("POST", PATH).key(&key).body(long).send().await.refused(400, "malformed_json");
    let list = app.bare("GET", PATH).key(&key).send().await.ok();
    assert_eq!(list["organisations"].as_array().unwrap().len(), 1, "none was made");
    for id in ["99", "0", "x", "-1", "9999999999999999999999"] {
        let path = format!("{PATH}/{id}");
        let answer = app.bare("GET", &path).key(&key).send().await;
        answer.refused(404, "organisation_not_found");
        let answer = app.bare("PATCH", &path).key(&key).json(&json!({})).send().await;
        answer.refused(404, "organisation_not_found");
    }
}

pub(crate) async fn organisations_are_paged(setup: Setup) {
    let app = setup.start().await;
    let key = app.operator().await;
    for name in ["A", "B", "C"] {
        let new = json!({ "name": name });
        app.bare("POST", PATH).key(&key).json(&new).send().await.ok();
    }
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("{PATH}?limit=3{cursor}");
        let page = app.bare("GET", &path).key(&key).send().await.ok();
        let organisations = page["organisations"].as_array().unwrap().clone();
        names.extend(organisations.iter().map(|o| o["name"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(names, ["Ministry", "A", "B", "C"]);
    let bad = app.bare("GET", &format!("{PATH}?cursor=x")).key(&key).send().await;
    bad.refused(400, "invalid_parameter");
}
