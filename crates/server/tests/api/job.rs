//! `GET /api/v1/jobs/{job_id}`.

use std::time::Duration;

use khocr_store::Plan;

use crate::app::Setup;

pub(crate) async fn a_job_is_followed_page_by_page(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(20).await;
    let queued = app.job(&id).await.ok();
    assert_eq!(queued["id"], *id);
    assert_eq!(queued["status"], "QUEUED");
    assert_eq!(queued["progress"], 0.0);
    assert_eq!(queued["task_type"], "convert");
    assert_eq!(queued["elapsed_seconds"], 0.0);
    assert_eq!(queued["started_at"], serde_json::Value::Null);

    let lease = app.lease().await;
    app.pages_done(&lease, 9).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    let running = app.job(&id).await.ok();
    assert_eq!(running["status"], "PROCESSING");
    assert_eq!(running["progress"], 45.0);
    assert_eq!((&running["pages_done"], &running["pages_total"]), (&9.into(), &20.into()));
    assert!(running["elapsed_seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(running["priority"], "normal");
    assert_eq!(running["output_format"], "json");
    assert_eq!(running["force_ocr"], false);
    assert_eq!(running["file_name"], "letter.pdf");

    app.complete(&lease).await;
    let done = app.job(&id).await.ok();
    assert_eq!((&done["status"], &done["progress"]), (&"COMPLETED".into(), &100.0.into()));
    assert_eq!(done["error"], serde_json::Value::Null);
    let ended: jiff::Timestamp = done["finished_at"].as_str().unwrap().parse().unwrap();
    let began: jiff::Timestamp = done["created_at"].as_str().unwrap().parse().unwrap();
    assert!(ended >= began);
}

pub(crate) async fn waiting_ends_with_the_job(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(1).await;
    let now = app.get(&format!("/api/v1/jobs/{id}?wait=0")).send().await.ok();
    assert_eq!(now["status"], "QUEUED");
    // Would take a minute if it did not end with the job; the client gives up before.
    let waiting = app.get(&format!("/api/v1/jobs/{id}?wait=60")).send();
    let working = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        app.work().await;
    };
    let (answer, ()) = tokio::join!(waiting, working);
    assert_eq!(answer.ok()["status"], "COMPLETED");
    for bad in ["61", "-1", "x", ""] {
        let answer = app.get(&format!("/api/v1/jobs/{id}?wait={bad}")).send().await;
        answer.refused(400, "invalid_parameter");
    }
}

pub(crate) async fn a_failed_job_says_why(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(5).await;
    app.fail().await;
    let failed = app.job(&id).await.ok();
    assert_eq!(failed["status"], "FAILED");
    assert_eq!(failed["error"]["code"], "out_of_memory");
    assert!(failed["error"]["message"].as_str().unwrap().contains("page 3"));
    assert!(failed["error"]["message_km"].as_str().unwrap().contains("ទំព័រទី ៣"));
}

pub(crate) async fn another_organisations_job_is_not_found(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(1).await;
    let key = app.stranger(Plan::Free).await;
    let path = format!("/api/v1/jobs/{id}");
    let theirs = app.bare("GET", &path).key(&key).send().await;
    let nobodys = app.bare("GET", "/api/v1/jobs/000000000000").key(&key).send().await;
    let detail = theirs.refused(404, "job_not_found");
    assert_eq!(detail, nobodys.refused(404, "job_not_found"), "no difference to be seen");
}

pub(crate) async fn ids_that_can_be_none_are_not_found(setup: Setup) {
    let app = setup.start().await;
    for id in ["1", "A1B2C3D4E5F6", "..%2f..%2fetc", "a1b2c3d4e5f6%00", "%F0%9F%98%80"] {
        app.job(id).await.refused(404, "job_not_found");
    }
}
