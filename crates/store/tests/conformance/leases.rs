//! Leases, fencing, crashes, cancelling.

use std::collections::HashSet;
use std::time::Duration;

use khocr_store::{Heartbeat, JobState, MAX_ATTEMPTS, Plan};

use crate::context::{Context, HOLD, failure, is_lost, lease, pages, submit};

pub(crate) async fn parallel_workers_never_share_a_job(context: &Context) {
    let store = context.node().await;
    let organisation = store.create_organisation("Bank", Plan::Enterprise).await.unwrap();
    let other = store.create_organisation("School", Plan::Enterprise).await.unwrap();
    for i in 0..60 {
        submit(&store, if i % 3 == 0 { &other } else { &organisation }, 2).await;
    }
    let nodes = [store.clone(), context.node().await];
    let mut workers = tokio::task::JoinSet::new();
    for i in 0..8 {
        let node = nodes[i % 2].clone();
        workers.spawn(async move {
            let mut mine = Vec::new();
            let mut idle = 0;
            // On PostgreSQL a worker may pass over a row another is just taking: look thrice.
            while idle < 3 {
                match node.lease(&format!("node#{i}"), HOLD).await.unwrap() {
                    Some(lease) => {
                        node.complete(&lease, "r", 2).await.unwrap();
                        mine.push(lease.job.id);
                    }
                    None => idle += 1,
                }
            }
            mine
        });
    }
    let all: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
    assert_eq!(all.len(), 60, "none lost, none twice");
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 60);
    assert_eq!(pages(&store, &organisation).await, (80, 0, 49_920));
    assert_eq!(pages(&store, &other).await, (40, 0, 49_960));
}

pub(crate) async fn an_expired_lease_is_fenced_off(context: &Context) {
    let (store, organisation) = context.free().await;
    let job = submit(&store, &organisation, 10).await;
    let old = lease(&store).await.unwrap();
    assert!(lease(&store).await.is_none());
    context.clock.advance(Duration::from_secs(20));
    let alive = store.heartbeat(&old, Some(4), HOLD).await.unwrap();
    assert!(matches!(alive, Heartbeat::Alive(_)));
    let seen = store.job(organisation.id, &job.id).await.unwrap().unwrap();
    assert_eq!((seen.state, seen.pages_done, seen.progress()), (JobState::Processing, 4, 40.0));
    context.clock.advance(Duration::from_secs(20));
    assert!(store.expire_leases().await.unwrap().is_empty(), "the heartbeat lengthened it");
    context.clock.advance(Duration::from_secs(11));
    let expired = store.expire_leases().await.unwrap();
    assert_eq!((expired.len(), expired[0].state), (1, JobState::Queued));
    let new = store.lease("node#2", HOLD).await.unwrap().unwrap();
    assert!(new.token > old.token);
    assert_eq!((new.job.attempts, new.job.pages_done), (2, 0));

    // The old worker comes back to life and is refused everything.
    assert_eq!(store.heartbeat(&old, Some(9), HOLD).await.unwrap(), Heartbeat::Lost);
    assert!(!store.holds(&old).await.unwrap());
    assert!(is_lost(&store.complete(&old, "old", 10).await));
    assert!(is_lost(&store.fail(&old, &failure("x")).await));
    assert!(is_lost(&store.release(&old).await));
    assert!(is_lost(&store.crash(&old, &failure("x")).await.map(drop)));
    assert!(store.holds(&new).await.unwrap());
    store.complete(&new, "new", 10).await.unwrap();
    let done = store.job(organisation.id, &job.id).await.unwrap().unwrap();
    assert_eq!((done.state, done.result_key.as_deref()), (JobState::Completed, Some("new")));
    assert_eq!((done.progress(), done.worker), (100.0, None));
    assert!(is_lost(&store.complete(&old, "old", 10).await));
    assert_eq!(pages(&store, &organisation).await, (10, 0, 90));
}

pub(crate) async fn three_crashes_fail_for_good(context: &Context) {
    let (store, organisation) = context.free().await;
    let job = submit(&store, &organisation, 10).await;
    for attempt in 1..=MAX_ATTEMPTS {
        let held = lease(&store).await.unwrap();
        assert_eq!(held.job.attempts, attempt);
        let state = store.crash(&held, &failure("crashed")).await.unwrap();
        let last = attempt == MAX_ATTEMPTS;
        assert_eq!(state, if last { JobState::Failed } else { JobState::Queued });
    }
    assert!(lease(&store).await.is_none());
    let dead = store.job(organisation.id, &job.id).await.unwrap().unwrap();
    assert_eq!(dead.failure, Some(failure("crashed")));
    assert!(dead.finished_at.is_some());
    assert_eq!(pages(&store, &organisation).await, (0, 0, 100));
}

pub(crate) async fn three_silent_deaths_fail_for_good(context: &Context) {
    let (store, organisation) = context.free().await;
    let job = submit(&store, &organisation, 10).await;
    for _ in 0..MAX_ATTEMPTS {
        lease(&store).await.unwrap();
        context.clock.advance(Duration::from_secs(31));
        store.expire_leases().await.unwrap();
    }
    let dead = store.job(organisation.id, &job.id).await.unwrap().unwrap();
    assert_eq!(dead.state, JobState::Failed);
    assert_eq!(dead.failure.unwrap().code, "worker_lost");
    assert_eq!(pages(&store, &organisation).await, (0, 0, 100));
}

pub(crate) async fn a_released_job_waits_again_uncounted(context: &Context) {
    let (store, organisation) = context.free().await;
    let job = submit(&store, &organisation, 10).await;
    for _ in 0..2 * MAX_ATTEMPTS {
        let held = lease(&store).await.unwrap();
        assert_eq!((held.job.id.clone(), held.job.attempts), (job.id.clone(), 1));
        store.release(&held).await.unwrap();
    }
    assert_eq!(pages(&store, &organisation).await, (0, 10, 90));
}

pub(crate) async fn cancelling_stops_a_running_job(context: &Context) {
    let (store, organisation) = context.free().await;
    let job = submit(&store, &organisation, 10).await;
    let held = lease(&store).await.unwrap();
    store.heartbeat(&held, Some(3), HOLD).await.unwrap();
    let cancelled = store.cancel(organisation.id, &job.id).await.unwrap();
    assert_eq!(cancelled.state, JobState::Cancelled);
    assert_eq!(store.heartbeat(&held, None, HOLD).await.unwrap(), Heartbeat::Lost);
    assert!(!store.holds(&held).await.unwrap());
    assert!(is_lost(&store.complete(&held, "r", 10).await));
    assert_eq!(pages(&store, &organisation).await, (3, 0, 97));
    assert!(lease(&store).await.is_none());
}

pub(crate) async fn a_restarted_node_takes_its_jobs_back(context: &Context) {
    let (store, organisation) = context.free().await;
    for _ in 0..3 {
        submit(&store, &organisation, 1).await;
    }
    for worker in ["node_a#1", "node_a#2", "nodeXa#1"] {
        store.lease(worker, HOLD).await.unwrap().unwrap();
    }
    let again = context.node().await;
    let back = again.recover_node("node_a").await.unwrap();
    let workers: Vec<_> = back.iter().map(|e| e.worker.as_str()).collect();
    assert_eq!(workers, ["node_a#1", "node_a#2"]);
    assert_eq!(again.lease("node_a#1", HOLD).await.unwrap().unwrap().job.attempts, 2);
}

pub(crate) async fn completing_twice_is_no_error(context: &Context) {
    let (store, organisation) = context.free().await;
    submit(&store, &organisation, 10).await;
    let held = lease(&store).await.unwrap();
    store.complete(&held, "r", 10).await.unwrap();
    store.complete(&held, "r", 10).await.unwrap();
    assert!(is_lost(&store.complete(&held, "other", 10).await));
    assert_eq!(pages(&store, &organisation).await, (10, 0, 90), "used once");
}
