//! Schema, reopening, purging.

use std::time::Duration;

use bytes::Bytes;
use khocr_store::{Files, JobState, NewJob, Plan, StoreError};

use crate::context::{Context, lease, new_job, submit};

const DAY: Duration = Duration::from_secs(86_400);

pub(crate) async fn nodes_that_start_together_agree_on_the_schema(context: &Context) {
    let nodes = tokio::join!(context.node(), context.node(), context.node(), context.node());
    nodes.0.create_organisation("A", Plan::Free).await.unwrap();
    nodes.1.create_organisation("B", Plan::Free).await.unwrap();
    assert_eq!(nodes.2.organisations().await.unwrap().len(), 2);
    nodes.3.check().await.unwrap();
}

pub(crate) async fn what_was_stored_is_there_after_reopening(context: &Context) {
    let (store, organisation) = context.free().await;
    let key = store.create_key(organisation.id, "").await.unwrap();
    let caller = store.authenticate(&key.text).await.unwrap().unwrap();
    let job = submit(&store, &organisation, 5).await;
    store.count_request(&caller);
    store.close().await;
    let again = context.node().await;
    assert!(again.authenticate(&key.text).await.unwrap().is_some());
    assert_eq!(again.job(organisation.id, &job.id).await.unwrap(), Some(job));
    assert_eq!(again.usage(organisation.id).await.unwrap().requests, 1);
}

pub(crate) async fn old_jobs_are_purged_with_their_files(context: &Context) {
    let (store, organisation) = context.free().await;
    let patient = store.create_organisation("Archive", Plan::Free).await.unwrap();
    store.set_plan(patient.id, Plan::Free, None, None, Some(365)).await.unwrap();
    let files = context.files();
    let old = submit(&store, &organisation, 5).await;
    files.put(&old.input_key, Bytes::from_static(b"%PDF")).await.unwrap();
    let kept = submit(&store, &patient, 5).await;
    for _ in 0..2 {
        let held = lease(&store).await.unwrap();
        store.complete(&held, "r", 5).await.unwrap();
    }
    let waiting = submit(&store, &organisation, 5).await;
    assert_eq!(store.purge(&files, 30 * DAY).await.unwrap().jobs, 0);
    context.clock.advance(31 * DAY);
    assert_eq!(store.purge(&files, 30 * DAY).await.unwrap().jobs, 1);
    assert!(store.job(organisation.id, &old.id).await.unwrap().is_none());
    assert!(matches!(files.get(&old.input_key).await, Err(StoreError::NotFound)));
    assert!(store.job(organisation.id, &waiting.id).await.unwrap().is_some());
    assert!(store.job(patient.id, &kept.id).await.unwrap().is_some());
}

pub(crate) async fn files_without_a_job_are_swept(context: &Context) {
    let (store, organisation) = context.free().await;
    let files = context.files();
    let kept = submit(&store, &organisation, 5).await;
    files.put(&kept.input_key, Bytes::from_static(b"%PDF")).await.unwrap();
    let orphan = khocr_store::JobId::generate().unwrap();
    files.put(&Files::input_key(&orphan), Bytes::from_static(b"%PDF")).await.unwrap();
    assert_eq!(store.sweep_orphans(&files, DAY).await.unwrap(), 0, "it may be on its way");
    assert_eq!(store.sweep_orphans(&files, Duration::ZERO).await.unwrap(), 1);
    assert!(files.get(&kept.input_key).await.is_ok());
    assert!(matches!(files.get(&Files::input_key(&orphan)).await, Err(StoreError::NotFound)));
}

pub(crate) async fn a_deleted_job_is_gone_with_its_files(context: &Context) {
    let (store, organisation) = context.free().await;
    let other = store.create_organisation("Bank", Plan::Free).await.unwrap();
    let files = context.files();
    let new =
        NewJob { idempotency: Some(("w".to_owned(), "f".to_owned())), ..new_job(&organisation, 5) };
    let job = store.submit(new.clone()).await.unwrap().into_job();
    let running = store.delete_job(&files, organisation.id, &job.id).await;
    assert!(matches!(running, Err(StoreError::NotFound)), "it has not ended");
    let held = lease(&store).await.unwrap();
    let key = Files::result_key(&job.id, held.token, "json");
    files.put(&key, Bytes::from_static(b"{}")).await.unwrap();
    store.complete(&held, &key, 5).await.unwrap();
    let foreign = store.delete_job(&files, other.id, &job.id).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)));
    store.delete_job(&files, organisation.id, &job.id).await.unwrap();
    assert!(store.job(organisation.id, &job.id).await.unwrap().is_none());
    assert!(matches!(files.get(&key).await, Err(StoreError::NotFound)));
    // Its idempotency key is free again, and its pages stay used.
    let again = NewJob { id: khocr_store::JobId::generate().unwrap(), ..new };
    assert_eq!(store.submit(again).await.unwrap().into_job().state, JobState::Queued);
    assert_eq!(store.usage(organisation.id).await.unwrap().pages_used, 5);
}

pub(crate) async fn words_with_quotes_and_khmer_survive(context: &Context) {
    let store = context.node().await;
    let name = "ក្រសួង 'x\"; DROP TABLE jobs; -- 😀";
    let organisation = store.create_organisation(name, Plan::Free).await.unwrap();
    assert_eq!(organisation.name, name);
    let file_name = "a'b\"c\\ ខ្មែរ.pdf".to_owned();
    let options = serde_json::json!({"password": "'\"\\", "pages": [1, 2]});
    let new = NewJob {
        file_name: file_name.clone(),
        options: options.clone(),
        ..new_job(&organisation, 1)
    };
    let id = store.submit(new).await.unwrap().into_job().id;
    let job = store.job(organisation.id, &id).await.unwrap().unwrap();
    assert_eq!((job.file_name, job.options), (file_name, options));
}
