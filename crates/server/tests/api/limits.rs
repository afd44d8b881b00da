//! Requests a minute and pages a month.

use std::sync::Arc;

use khocr_store::Plan;

use crate::app::Setup;
use crate::client::{Answer, Form};

fn number(answer: &Answer, header: &str) -> u64 {
    answer.header(header).parse().unwrap_or_else(|_| panic!("{header}: {:?}", answer.headers))
}

pub(crate) async fn the_minute_is_limited_and_said_on_every_answer(setup: Setup) {
    let app = setup.start().await;
    for (plan, limit) in [(Plan::Free, 10), (Plan::Standard, 50)] {
        let key = app.stranger(plan).await;
        for i in 0..limit {
            // Errors count and say it too.
            let path = if i % 2 == 0 { "/api/v1/models" } else { "/api/v1/jobs/000000000000" };
            let answer = app.bare("GET", path).key(&key).send().await;
            assert_ne!(answer.status, 429, "request {i}");
            assert_eq!(number(&answer, "ratelimit-limit"), limit);
            assert!(number(&answer, "ratelimit-remaining") >= limit - i - 1);
            assert!((1..=60).contains(&number(&answer, "ratelimit-reset")));
            assert_eq!(answer.header("ratelimit-policy"), format!("\"requests\";q={limit};w=60"));
        }
        let mut refused = app.bare("GET", "/api/v1/models").key(&key).send().await;
        if refused.status == 200 {
            // The bucket refilled while a slow machine worked: spend that too.
            for _ in 0..200 {
                refused = app.bare("GET", "/api/v1/models").key(&key).send().await;
                if refused.status == 429 {
                    break;
                }
            }
        }
        refused.refused(429, "rate_limit_exceeded");
        assert!((1..=60).contains(&number(&refused, "retry-after")));
        assert_eq!(number(&refused, "ratelimit-remaining"), 0);
        assert_eq!(refused.json()["message_km"], "ការស្នើសុំច្រើនពេក");
    }
    app.get("/api/v1/models").send().await.ok();
}

pub(crate) async fn pages_of_the_month_are_limited(setup: Setup) {
    let app = setup.start().await;
    let key = app.stranger(Plan::Free).await;
    let send = async |pages: u32| {
        let pdf = format!("%PDF-1.7 pages={pages}");
        let form = Form::default().file(pdf.as_bytes());
        app.bare("POST", "/api/v1/convert").key(&key).form(form).send().await
    };
    send(90).await.ok();
    let refused = send(11).await;
    let detail = refused.refused(429, "page_quota_exceeded");
    assert!(detail.contains("11 pages") && detail.contains("10 of 100"), "{detail}");
    let wait = number(&refused, "retry-after");
    assert!((1..=31 * 86_400).contains(&wait), "{wait}");
    assert_eq!(number(&refused, "ratelimit-limit"), 10);
    send(10).await.ok();
    send(1).await.refused(429, "page_quota_exceeded");
    // A job that fails gives its pages back.
    app.fail().await;
    send(90).await.ok();
}

pub(crate) async fn racing_uploads_never_overdraw(setup: Setup) {
    let app = Arc::new(setup.start().await);
    let organisation = app.store.create_organisation("Racers", Plan::Enterprise).await.unwrap();
    app.store.set_plan(organisation.id, Plan::Enterprise, None, Some(10), None).await.unwrap();
    let key = app.store.create_key(organisation.id, "").await.unwrap().text.reveal().to_owned();
    let uploads: Vec<_> = (0..32)
        .map(|_| {
            let (app, key) = (Arc::clone(&app), key.clone());
            tokio::spawn(async move {
                let form = Form::default().file(b"%PDF-1.7 pages=3");
                app.bare("POST", "/api/v1/convert").key(&key).form(form).send().await.status
            })
        })
        .collect();
    let mut accepted = 0;
    for upload in uploads {
        match upload.await.unwrap() {
            200 => accepted += 1,
            status => assert_eq!(status, 429),
        }
    }
    assert_eq!(accepted, 3);
}

pub(crate) async fn guessing_at_keys_is_slowed_down(setup: Setup) {
    let app = setup.start().await;
    let guess = async || app.bare("GET", "/api/v1/usage").key("khocr_guess").send().await;
    for _ in 0..60 {
        let answer = guess().await;
        answer.refused(401, "malformed_api_key");
        assert_eq!(number(&answer, "ratelimit-limit"), 60);
    }
    let refused = guess().await;
    refused.refused(429, "rate_limit_exceeded");
    assert!((1..=60).contains(&number(&refused, "retry-after")));
    app.get("/api/v1/usage").send().await.ok();
    app.bare("GET", "/api/v1/health").send().await.ok();
}
