//! Pages a month.

use std::time::Duration;

use khocr_store::{JobCounts, StoreError};

use crate::context::{Context, HOLD, failure, lease, new_job, pages, submit};

pub(crate) async fn pages_are_reserved_used_and_given_back(context: &Context) {
    let (store, organisation) = context.free().await;
    assert_eq!(pages(&store, &organisation).await, (0, 0, 100));
    submit(&store, &organisation, 30).await;
    submit(&store, &organisation, 60).await;
    assert_eq!(pages(&store, &organisation).await, (0, 90, 10));
    match store.submit(new_job(&organisation, 11)).await {
        Err(StoreError::QuotaExceeded { limit, left, asked, resets_at }) => {
            assert_eq!((limit, left, asked), (100, 10, 11));
            assert_eq!(resets_at, "2026-04-01T00:00:00Z".parse().unwrap());
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(pages(&store, &organisation).await, (0, 90, 10), "a refusal reserves nothing");

    let first = lease(&store).await.unwrap();
    store.complete(&first, "jobs/x/result", 30).await.unwrap();
    assert_eq!(pages(&store, &organisation).await, (30, 60, 10));

    let second = lease(&store).await.unwrap();
    store.heartbeat(&second, Some(12), HOLD).await.unwrap();
    store.fail(&second, &failure("out_of_memory")).await.unwrap();
    assert_eq!(pages(&store, &organisation).await, (42, 0, 58), "48 pages were never read");

    let third = submit(&store, &organisation, 58).await;
    assert_eq!(pages(&store, &organisation).await, (42, 58, 0));
    store.cancel(organisation.id, &third.id).await.unwrap();
    store.cancel(organisation.id, &third.id).await.unwrap();
    assert_eq!(pages(&store, &organisation).await, (42, 0, 58), "given back once");
}

pub(crate) async fn racing_uploads_never_overdraw(context: &Context) {
    let (store, organisation) = context.free().await;
    submit(&store, &organisation, 90).await;
    let nodes = [store.clone(), context.node().await];
    let mut uploads = tokio::task::JoinSet::new();
    for i in 0..64 {
        let (node, new) = (nodes[i % 2].clone(), new_job(&organisation, 1 + (i % 3) as u32));
        uploads.spawn(async move { node.submit(new).await });
    }
    let mut won = 0;
    for outcome in uploads.join_all().await {
        match outcome {
            Ok(job) => won += job.into_job().pages_total,
            Err(StoreError::QuotaExceeded { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(won, 10, "every page is sold, none twice");
    assert_eq!(pages(&store, &organisation).await, (0, 100, 0));
}

pub(crate) async fn a_new_month_begins_whole(context: &Context) {
    let (store, organisation) = context.free().await;
    submit(&store, &organisation, 100).await;
    let held = store.lease("node#1", Duration::from_secs(10 * 86_400)).await.unwrap().unwrap();
    context.clock.advance(Duration::from_secs(3 * 86_400));
    assert_eq!(pages(&store, &organisation).await, (0, 0, 100));
    submit(&store, &organisation, 40).await;
    store.complete(&held, "r", 100).await.unwrap();
    // The old job is settled in the month it was accepted in.
    assert_eq!(pages(&store, &organisation).await, (0, 40, 60));
}

pub(crate) async fn usage_counts_jobs_and_days(context: &Context) {
    let (store, organisation) = context.free().await;
    for _ in 0..4 {
        submit(&store, &organisation, 5).await;
    }
    let done = lease(&store).await.unwrap();
    store.complete(&done, "r", 5).await.unwrap();
    context.clock.advance(Duration::from_secs(86_400));
    submit(&store, &organisation, 1).await;
    let failed = lease(&store).await.unwrap();
    store.fail(&failed, &failure("encrypted")).await.unwrap();
    let done = lease(&store).await.unwrap();
    store.complete(&done, "r", 4).await.unwrap();
    lease(&store).await.unwrap();
    let usage = store.usage(organisation.id).await.unwrap();
    let jobs = JobCounts { queued: 1, processing: 1, completed: 2, failed: 1, cancelled: 0 };
    assert_eq!(usage.jobs, jobs);
    let days: Vec<_> = usage.days.iter().map(|d| (d.date.to_string(), d.pages, d.jobs)).collect();
    assert_eq!(days, [("2026-03-30".to_owned(), 5, 4), ("2026-03-31".to_owned(), 4, 1)]);
    assert!(matches!(store.usage(99).await, Err(StoreError::NotFound)));
}
