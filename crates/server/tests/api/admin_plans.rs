//! `/api/v1/admin/plans`.

use khocr_store::Plan;
use serde_json::json;

use crate::app::Setup;

pub(crate) async fn a_plan_changes_for_all_on_it(setup: Setup) {
    let app = setup.start().await;
    let operator = app.operator().await;
    let customer = app.stranger(Plan::Free).await;
    let path = "/api/v1/admin/plans";
    let plans = app.bare("GET", path).key(&operator).send().await.ok();
    let free = json!({ "plan": "free", "requests_per_minute": 10, "pages_per_month": 100 });
    assert_eq!(plans["plans"][0], free);
    let change = json!({ "requests_per_minute": 30, "pages_per_month": 4_321 });
    let one = format!("{path}/free");
    let changed = app.bare("PATCH", &one).key(&operator).json(&change).send().await.ok();
    assert_eq!(changed["pages_per_month"], 4_321);
    // The next request has it, and so does the page.
    let answer = app.bare("GET", "/api/v1/usage").key(&customer).send().await;
    assert_eq!(answer.ok()["pages"]["limit"], 4_321);
    assert_eq!(answer.header("ratelimit-limit"), "30");
    assert!(app.bare("GET", "/docs").send().await.text().contains("4,321"));
    let back = json!({ "requests_per_minute": null, "pages_per_month": null });
    assert_eq!(app.bare("PATCH", &one).key(&operator).json(&back).send().await.ok(), free);
    let gold = app.bare("PATCH", &format!("{path}/gold")).key(&operator).json(&change).send();
    gold.await.refused(400, "invalid_parameter");
    let much = json!({ "requests_per_minute": 4_000_000_000u32 });
    let answer = app.bare("PATCH", &one).key(&operator).json(&much).send().await;
    answer.refused(400, "invalid_parameter");
}
