//! `GET /api/v1/usage`.

use crate::app::Setup;

pub(crate) async fn usage_counts_pages_requests_and_jobs(setup: Setup) {
    let app = setup.start().await;
    app.submit(3).await;
    app.work().await;
    app.submit(5).await;
    let answer = app.get("/api/v1/usage").send().await;
    let usage = answer.ok();
    assert_eq!(usage["organisation"], "Ministry");
    assert_eq!(usage["plan"], "enterprise");
    let pages = serde_json::json!({ "limit": 50_000, "used": 3, "reserved": 5, "left": 49_992 });
    assert_eq!(usage["pages"], pages);
    assert_eq!(usage["requests"]["limit_per_minute"], 200);
    let left = usage["requests"]["left_this_minute"].to_string();
    assert_eq!(left, answer.header("ratelimit-remaining"));
    let reset = usage["requests"]["resets_in_seconds"].to_string();
    assert_eq!(reset, answer.header("ratelimit-reset"));
    assert!(usage["requests"]["used"].as_u64().unwrap() >= 2);
    let jobs = serde_json::json!({
        "queued": 1, "processing": 0, "completed": 1, "failed": 0, "cancelled": 0
    });
    assert_eq!(usage["jobs"], jobs);
    let today = usage["history"].as_array().unwrap().last().unwrap();
    assert_eq!((&today["pages"], &today["jobs"]), (&3.into(), &2.into()));
    let start: jiff::Timestamp = usage["period_start"].as_str().unwrap().parse().unwrap();
    let end: jiff::Timestamp = usage["resets_at"].as_str().unwrap().parse().unwrap();
    let now = jiff::Timestamp::now();
    assert!(start <= now && now < end);
}
