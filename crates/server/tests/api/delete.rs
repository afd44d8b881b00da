//! `DELETE /api/v1/jobs/{job_id}`.

use khocr_store::{Heartbeat, Plan, StoreError};

use crate::app::{Setup, TestApp};

async fn pages_left(app: &TestApp) -> u64 {
    app.get("/api/v1/usage").send().await.ok()["pages"]["left"].as_u64().unwrap()
}

pub(crate) async fn a_waiting_job_is_cancelled_and_gives_its_pages_back(setup: Setup) {
    let app = setup.start().await;
    let before = pages_left(&app).await;
    let id = app.submit(7).await;
    assert_eq!(pages_left(&app).await, before - 7);
    let path = format!("/api/v1/jobs/{id}");
    let answer = app.delete(&path).send().await.ok();
    assert_eq!((&answer["id"], &answer["status"]), (&id.as_str().into(), &"CANCELLED".into()));
    assert_eq!(app.job(&id).await.ok()["status"], "CANCELLED");
    assert_eq!(pages_left(&app).await, before);
    // The second time it has ended, and is deleted.
    assert_eq!(app.delete(&path).send().await.ok()["status"], "DELETED");
    app.delete(&path).send().await.refused(404, "job_not_found");
}

pub(crate) async fn a_running_job_is_cancelled(setup: Setup) {
    let app = setup.start().await;
    let before = pages_left(&app).await;
    let id = app.submit(10).await;
    let lease = app.lease().await;
    app.pages_done(&lease, 4).await;
    app.delete(&format!("/api/v1/jobs/{id}")).send().await.ok();
    assert_eq!(pages_left(&app).await, before - 4, "pages that were read stay used");
    let beat = app.store.heartbeat(&lease, Some(5), std::time::Duration::from_secs(9)).await;
    assert_eq!(beat.unwrap(), Heartbeat::Lost);
}

pub(crate) async fn a_finished_job_is_deleted_with_its_files(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(1).await;
    let lease = app.lease().await;
    app.complete(&lease).await;
    let path = format!("/api/v1/jobs/{id}");
    app.get(&format!("{path}/result?format=docx")).send().await;
    let answer = app.delete(&path).send().await.ok();
    assert_eq!(answer["status"], "DELETED");
    app.job(&id).await.refused(404, "job_not_found");
    app.get(&format!("{path}/result")).send().await.refused(404, "job_not_found");
    let input = app.files.get(&lease.job.input_key).await;
    assert!(matches!(input, Err(StoreError::NotFound)));
    assert!(app.get("/api/v1/jobs").send().await.ok()["jobs"].as_array().unwrap().is_empty());
}

pub(crate) async fn another_organisations_job_cannot_be_deleted(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(1).await;
    let key = app.stranger(Plan::Free).await;
    let path = format!("/api/v1/jobs/{id}");
    app.bare("DELETE", &path).key(&key).send().await.refused(404, "job_not_found");
    assert_eq!(app.job(&id).await.ok()["status"], "QUEUED");
}
