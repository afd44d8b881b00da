//! Long documents in parts.

use std::collections::HashSet;
use std::time::Duration;

use khocr_store::{
    Heartbeat, JobFilter, JobId, JobState, Lease, MAX_ATTEMPTS, Organisation, Part, Plan, Store,
    Work,
};

use crate::context::{Context, HOLD, failure, is_lost, lease, pages, submit};

/// Splits a new document of so many pages.
async fn split(store: &Store, organisation: &Organisation, pages: u32, size: u32) -> JobId {
    let job = submit(store, organisation, pages).await;
    let held = lease(store).await.unwrap();
    assert_eq!((&held.job.id, &held.work), (&job.id, &Work::Whole));
    store.split(&held, size).await.unwrap();
    assert!(is_lost(&store.split(&held, size).await.map(drop)), "once");
    assert!(!store.holds(&held).await.unwrap());
    job.id
}

fn part(lease: &Lease) -> &Part {
    match &lease.work {
        Work::Part(part) => part,
        other => panic!("{other:?}"),
    }
}

/// Ends a part as a worker would.
async fn done(store: &Store, held: &Lease) -> Option<Lease> {
    let part = part(held);
    let key = format!("part-{}", part.first);
    let pages = part.last + 1 - part.first;
    store.complete_part(held, part, &key, pages, HOLD).await.unwrap()
}

pub(crate) async fn a_long_document_is_worked_on_in_parts_and_joined_in_order(context: &Context) {
    let (store, organisation) = context.free().await;
    let id = split(&store, &organisation, 90, 25).await;
    let mut held = Vec::new();
    for worker in ["a#1", "b#1", "c#1", "d#1"] {
        held.push(store.lease(worker, HOLD).await.unwrap().unwrap());
    }
    assert!(lease(&store).await.is_none(), "the job itself is nobody's");
    let stretches: Vec<_> = held.iter().map(|l| (part(l).first, part(l).last)).collect();
    assert_eq!(stretches, [(1, 22), (23, 45), (46, 67), (68, 90)]);
    assert!(held.iter().all(|l| part(l).of == id && l.job.attempts == 1));

    // Progress is that of all parts; owners see one job.
    store.heartbeat(&held[1], Some(9), HOLD).await.unwrap();
    store.heartbeat(&held[3], Some(9), HOLD).await.unwrap();
    let seen = store.job(organisation.id, &id).await.unwrap().unwrap();
    assert_eq!((seen.state, seen.pages_done, seen.progress()), (JobState::Processing, 18, 20.0));
    let list = store.jobs(organisation.id, &JobFilter::default()).await.unwrap().jobs;
    assert_eq!(list.len(), 1);
    assert_eq!(store.job(organisation.id, &held[0].job.id).await.unwrap(), None);
    let usage = store.usage(organisation.id).await.unwrap();
    assert_eq!((usage.jobs.processing, usage.jobs.queued), (1, 0));
    assert_eq!(pages(&store, &organisation).await, (0, 90, 10));

    // Ended in any order; the last one gets the job.
    for i in [2, 0, 3] {
        assert!(done(&store, &held[i]).await.is_none());
    }
    let join = done(&store, &held[1]).await.unwrap();
    let again = done(&store, &held[1]).await.unwrap();
    assert_eq!((join.token, join.work, join.job.id), (again.token, Work::Join, id.clone()));
    assert_eq!(again.job.worker.as_deref(), Some("b#1"));
    let results = store.part_results(&id).await.unwrap();
    let keys: Vec<_> = results.iter().map(|r| (r.key.as_str(), r.pages)).collect();
    assert_eq!(keys, [("part-1", 22), ("part-23", 23), ("part-46", 22), ("part-68", 23)]);
    store.complete(&again, "whole", 90).await.unwrap();
    store.complete(&again, "whole", 90).await.unwrap();
    let end = store.job(organisation.id, &id).await.unwrap().unwrap();
    assert_eq!((end.state, end.pages_done, end.attempts), (JobState::Completed, 90, 1));
    assert_eq!(pages(&store, &organisation).await, (90, 0, 10), "charged once");
    assert!(store.part_results(&id).await.unwrap().is_empty());
    assert!(lease(&store).await.is_none());
}

pub(crate) async fn parts_are_fenced_and_tried_again_one_by_one(context: &Context) {
    let (store, organisation) = context.free().await;
    let id = split(&store, &organisation, 40, 20).await;
    let (old, other) = (lease(&store).await.unwrap(), lease(&store).await.unwrap());
    assert!(done(&store, &other).await.is_none());
    context.clock.advance(Duration::from_secs(31));
    let expired = store.expire_leases().await.unwrap();
    assert_eq!((expired.len(), expired[0].state), (1, JobState::Queued));
    let new = lease(&store).await.unwrap();
    assert_eq!((part(&new), new.job.attempts), (part(&old), 2));
    assert_eq!(store.heartbeat(&old, Some(3), HOLD).await.unwrap(), Heartbeat::Lost);
    let late = store.complete_part(&old, part(&old), "old", 20, HOLD).await;
    assert!(is_lost(&late.map(drop)));
    assert!(is_lost(&store.release(&old).await));
    store.release(&new).await.unwrap();
    let new = lease(&store).await.unwrap();
    assert_eq!(new.job.attempts, 2, "a part given back is not counted");

    // Whoever gets the job and dies leaves it to be joined by another.
    let join = done(&store, &new).await.unwrap();
    context.clock.advance(Duration::from_secs(31));
    assert_eq!(store.expire_leases().await.unwrap().len(), 1);
    assert!(is_lost(&store.complete(&join, "late", 40).await));
    let again = store.lease("node#2", HOLD).await.unwrap().unwrap();
    assert_eq!((again.job.id.clone(), again.work.clone(), again.job.attempts), (id, Work::Join, 2));
    assert_eq!(store.part_results(&again.job.id).await.unwrap().len(), 2);
    store.complete(&again, "whole", 40).await.unwrap();
    assert_eq!(pages(&store, &organisation).await, (40, 0, 60));
}

pub(crate) async fn a_part_that_fails_for_good_fails_the_document(context: &Context) {
    let (store, organisation) = context.free().await;
    let id = split(&store, &organisation, 60, 20).await;
    let (first, second) = (lease(&store).await.unwrap(), lease(&store).await.unwrap());
    store.heartbeat(&first, Some(5), HOLD).await.unwrap();
    for attempt in 1..=MAX_ATTEMPTS {
        let held = match attempt {
            1 => second.clone(),
            _ => lease(&store).await.unwrap(),
        };
        assert_eq!((part(&held).first, held.job.attempts), (21, attempt));
        store.crash(&held, &failure("crashed")).await.unwrap();
    }
    let dead = store.job(organisation.id, &id).await.unwrap().unwrap();
    assert_eq!((dead.state, dead.attempts, dead.pages_done), (JobState::Failed, 3, 5));
    let why = dead.failure.unwrap();
    assert_eq!(why.code, "crashed");
    assert_eq!(why.message, "pages 21 to 40: it went wrong");
    assert!(why.message_km.contains("21") && why.message_km.contains("40"));
    // The others have lost their parts, and nothing is left of them.
    assert_eq!(store.heartbeat(&first, None, HOLD).await.unwrap(), Heartbeat::Lost);
    assert!(is_lost(&store.fail(&first, &failure("x")).await));
    assert!(lease(&store).await.is_none());
    assert_eq!(pages(&store, &organisation).await, (5, 0, 95));
}

pub(crate) async fn cancelling_takes_every_part_back(context: &Context) {
    let (store, organisation) = context.free().await;
    let id = split(&store, &organisation, 60, 20).await;
    let (first, second) = (lease(&store).await.unwrap(), lease(&store).await.unwrap());
    assert!(done(&store, &first).await.is_none());
    store.heartbeat(&second, Some(2), HOLD).await.unwrap();
    let cancelled = store.cancel(organisation.id, &id).await.unwrap();
    assert_eq!((cancelled.state, cancelled.pages_done), (JobState::Cancelled, 22));
    assert_eq!(store.heartbeat(&second, None, HOLD).await.unwrap(), Heartbeat::Lost);
    assert!(is_lost(&store.complete_part(&second, part(&second), "p", 20, HOLD).await.map(drop)));
    assert!(lease(&store).await.is_none());
    assert_eq!(pages(&store, &organisation).await, (22, 0, 78), "given back once");
}

pub(crate) async fn a_book_leaves_room_for_others(context: &Context) {
    let (store, organisation) = context.free().await;
    let other = store.create_organisation("Bank", Plan::Free).await.unwrap();
    split(&store, &organisation, 90, 10).await;
    // Another organisation's page takes its turn, and so does one of the same that comes while
    // the book is worked on.
    let foreign = submit(&store, &other, 1).await;
    context.clock.advance(Duration::from_secs(7));
    let small = submit(&store, &organisation, 1).await;
    let mut turns = Vec::new();
    while let Some(held) = lease(&store).await {
        context.clock.advance(Duration::from_millis(10));
        turns.push(held.job.id);
    }
    let turn = |id: &JobId| turns.iter().position(|t| t == id).unwrap();
    assert_eq!(turns.len(), 11);
    assert!(turn(&foreign.id) <= 1, "{}", turn(&foreign.id));
    assert!((3..=8).contains(&turn(&small.id)), "{}", turn(&small.id));
    assert_eq!(turns.iter().collect::<HashSet<_>>().len(), 11);
}

pub(crate) async fn parallel_workers_do_every_part_once(context: &Context) {
    let store = context.node().await;
    let organisation = store.create_organisation("Bank", Plan::Enterprise).await.unwrap();
    let mut held = Vec::new();
    for _ in 0..3 {
        submit(&store, &organisation, 200).await;
        held.push(lease(&store).await.unwrap());
    }
    for held in &held {
        assert_eq!(store.split(held, 10).await.unwrap(), 20);
    }
    let ids: Vec<_> = held.into_iter().map(|h| h.job.id).collect();
    let nodes = [store.clone(), context.node().await];
    let mut workers = tokio::task::JoinSet::new();
    for i in 0..8 {
        let node = nodes[i % 2].clone();
        let (organisation, cancelled) = (organisation.id, ids[2].clone());
        workers.spawn(async move {
            let (mut joined, mut idle) = (0, 0);
            while idle < 5 {
                let Some(held) = node.lease(&format!("node#{i}"), HOLD).await.unwrap() else {
                    idle += 1;
                    continue;
                };
                node.heartbeat(&held, Some(1), HOLD).await.unwrap();
                let Work::Part(part) = &held.work else { panic!("{:?}", held.work) };
                if part.of == cancelled && part.first > 100 {
                    node.cancel(organisation, &part.of).await.unwrap();
                }
                let pages = part.last + 1 - part.first;
                match node.complete_part(&held, part, "p", pages, HOLD).await {
                    Ok(Some(join)) => {
                        node.complete(&join, "whole", 200).await.unwrap();
                        joined += 1;
                    }
                    Ok(None) => {}
                    Err(e) => assert!(is_lost(&Err(e)) && part.of == cancelled),
                }
            }
            joined
        });
    }
    assert_eq!(workers.join_all().await.into_iter().sum::<i32>(), 2);
    let usage = store.usage(organisation.id).await.unwrap();
    assert_eq!((usage.jobs.completed, usage.jobs.cancelled), (2, 1));
    let cancelled = store.job(organisation.id, &ids[2]).await.unwrap().unwrap();
    assert_eq!(usage.pages_used, 400 + cancelled.pages_done);
    assert_eq!(usage.pages_reserved, 0);
}
