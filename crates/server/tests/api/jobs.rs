//! `GET /api/v1/jobs`.

use khocr_store::Plan;

use crate::app::Setup;

pub(crate) async fn the_list_is_paged_and_private(setup: Setup) {
    let app = setup.start().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(app.submit(1).await);
    }
    ids.reverse();
    let mut seen = Vec::new();
    let mut path = "/api/v1/jobs?limit=2".to_owned();
    loop {
        let page = app.get(&path).send().await.ok();
        let jobs = page["jobs"].as_array().unwrap();
        assert!((1..=2).contains(&jobs.len()));
        seen.extend(jobs.iter().map(|j| j["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => path = format!("/api/v1/jobs?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ids, "newest first, each once");
    let key = app.stranger(Plan::Free).await;
    let theirs = app.bare("GET", "/api/v1/jobs").key(&key).send().await.ok();
    assert_eq!(theirs, serde_json::json!({ "jobs": [], "next": null }));
}

pub(crate) async fn the_list_can_be_filtered(setup: Setup) {
    let app = setup.start().await;
    let done = app.submit(1).await;
    app.work().await;
    let waiting = app.submit(1).await;
    let only = async |status: &str| {
        let list = app.get(&format!("/api/v1/jobs?status={status}")).send().await.ok();
        let jobs = list["jobs"].as_array().unwrap().clone();
        jobs.iter().map(|j| j["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(only("COMPLETED").await, [done]);
    assert_eq!(only("queued").await, [waiting]);
    assert!(only("FAILED").await.is_empty());
}

pub(crate) async fn bad_parameters_are_refused(setup: Setup) {
    let app = setup.start().await;
    for query in ["limit=0", "limit=201", "limit=x", "status=DONE", "cursor=yesterday", "cursor=-1"]
    {
        let answer = app.get(&format!("/api/v1/jobs?{query}")).send().await;
        answer.refused(400, "invalid_parameter");
    }
    app.get("/api/v1/jobs?limit=1&limit=2").send().await.refused(400, "bad_request");
}
