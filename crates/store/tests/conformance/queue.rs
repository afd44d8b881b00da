//! Order, fairness, idempotency, lists, events.

use std::time::Duration;

use khocr_store::{
    Event, JobFilter, JobState, NewJob, Plan, Priority, Store, StoreError, Submitted,
};

use crate::context::{Context, lease, new_job, pages, submit, submit_as};

async fn turn(store: &Store) -> Vec<khocr_store::JobId> {
    let mut order = Vec::new();
    while let Some(lease) = lease(store).await {
        order.push(lease.job.id);
    }
    order
}

pub(crate) async fn high_before_normal_before_low_oldest_first(context: &Context) {
    let (store, organisation) = context.free().await;
    let mut made = Vec::new();
    for priority in [Priority::Low, Priority::Normal, Priority::High, Priority::Low, Priority::High]
    {
        made.push(submit_as(&store, &organisation, 1, priority).await.id);
        context.clock.advance(Duration::from_secs(1));
    }
    let depth = store.queue_depth().await.unwrap().map(|d| d.waiting);
    assert_eq!(depth, [2, 1, 2]);
    // Two in the same millisecond keep the order they came in.
    made.push(submit_as(&store, &organisation, 1, Priority::Normal).await.id);
    made.push(submit_as(&store, &organisation, 1, Priority::Normal).await.id);
    let expected: Vec<_> = [2, 4, 1, 5, 6, 0, 3].map(|i: usize| made[i].clone()).into();
    assert_eq!(turn(&store).await, expected);
}

pub(crate) async fn low_does_not_starve(context: &Context) {
    let (store, organisation) = context.free().await;
    let low = submit_as(&store, &organisation, 1, Priority::Low).await;
    // A high job arrives before every lease, for longer than two ageings of ten minutes.
    for minute in 0..30 {
        submit_as(&store, &organisation, 1, Priority::High).await;
        let next = lease(&store).await.unwrap().job;
        if next.id == low.id {
            assert!(minute >= 20, "aged too soon: {minute}");
            return;
        }
        context.clock.advance(Duration::from_secs(60));
    }
    panic!("the low job starved");
}

pub(crate) async fn a_single_page_does_not_wait_behind_a_thousand_jobs(context: &Context) {
    let store = context.node().await;
    let bank = store.create_organisation("Bank", Plan::Enterprise).await.unwrap();
    let school = store.create_organisation("School", Plan::Free).await.unwrap();
    for _ in 0..50 {
        submit(&store, &bank, 10).await;
        context.clock.advance(Duration::from_millis(10));
    }
    assert_eq!(lease(&store).await.unwrap().job.organisation_id, bank.id);
    context.clock.advance(Duration::from_secs(60));
    let page = submit(&store, &school, 1).await;
    assert_eq!(lease(&store).await.unwrap().job.id, page.id);
    // While both have work they take turns.
    for _ in 0..3 {
        submit(&store, &school, 1).await;
    }
    let mut turns = Vec::new();
    for _ in 0..6 {
        context.clock.advance(Duration::from_millis(10));
        turns.push(lease(&store).await.unwrap().job.organisation_id == bank.id);
    }
    assert_eq!(turns, [true, false, true, false, true, false]);
    // Priority still goes before turns.
    let urgent = submit_as(&store, &bank, 1, Priority::High).await;
    submit(&store, &school, 1).await;
    assert_eq!(lease(&store).await.unwrap().job.id, urgent.id);
}

pub(crate) async fn idempotent_submissions_make_one_job(context: &Context) {
    let (store, organisation) = context.free().await;
    let other = store.create_organisation("Bank", Plan::Free).await.unwrap();
    let word = |fingerprint: &str| Some(("order-17".to_owned(), fingerprint.to_owned()));
    let nodes = [store.clone(), context.node().await];
    let mut uploads = tokio::task::JoinSet::new();
    for i in 0..8 {
        let new = NewJob { idempotency: word("same"), ..new_job(&organisation, 3) };
        let node = nodes[i % 2].clone();
        uploads.spawn(async move { node.submit(new).await });
    }
    let outcomes = uploads.join_all().await;
    let accepted = outcomes.iter().filter(|o| matches!(o, Ok(Submitted::Accepted(_)))).count();
    let repeated = outcomes.iter().filter(|o| matches!(o, Ok(Submitted::Repeated(_)))).count();
    assert_eq!((accepted, repeated), (1, 7));
    assert_eq!(pages(&store, &organisation).await, (0, 3, 97));
    let new = NewJob { idempotency: word("different"), ..new_job(&organisation, 3) };
    assert!(matches!(store.submit(new).await, Err(StoreError::IdempotencyMismatch)));
    let new = NewJob { idempotency: word("different"), ..new_job(&other, 3) };
    assert!(matches!(store.submit(new).await, Ok(Submitted::Accepted(_))));
}

pub(crate) async fn lists_are_paged_and_private(context: &Context) {
    let (store, organisation) = context.free().await;
    let other = store.create_organisation("Bank", Plan::Free).await.unwrap();
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(submit(&store, &organisation, 1).await);
    }
    submit(&store, &other, 1).await;
    let filter = JobFilter { limit: 2, ..JobFilter::default() };
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page =
            store.jobs(organisation.id, &JobFilter { after, ..filter.clone() }).await.unwrap();
        seen.extend(page.jobs);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    made.reverse();
    assert_eq!(seen, made);
    store.cancel(organisation.id, &made[1].id).await.unwrap();
    let filter = JobFilter { state: Some(JobState::Cancelled), ..JobFilter::default() };
    let cancelled = store.jobs(organisation.id, &filter).await.unwrap().jobs;
    assert_eq!(cancelled.iter().map(|j| &j.id).collect::<Vec<_>>(), [&made[1].id]);
    assert!(store.job(other.id, &made[0].id).await.unwrap().is_none());
    assert!(matches!(store.cancel(other.id, &made[0].id).await, Err(StoreError::NotFound)));
    let untouched = store.job(organisation.id, &made[0].id).await.unwrap().unwrap();
    assert_eq!(untouched.state, JobState::Queued);
}

pub(crate) async fn waiting_workers_hear_of_new_jobs(context: &Context) {
    let (store, organisation) = context.free().await;
    // On PostgreSQL another node hears it; with SQLite the same process.
    let listener = match store.engine() {
        khocr_store::Engine::Postgres => context.node().await,
        khocr_store::Engine::Sqlite => store.clone(),
    };
    let mut events = listener.events();
    let heard = async { while !matches!(events.recv().await, Ok(Event::Queued)) {} };
    let told = async {
        // The listening connection needs a moment to stand: tell again until it is heard.
        loop {
            submit(&store, &organisation, 1).await;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    };
    tokio::select! {
        () = heard => {}
        () = told => {}
        () = tokio::time::sleep(Duration::from_secs(15)) => panic!("nothing was heard"),
    }
}

pub(crate) async fn those_who_ask_at_once_see_their_own_jobs(context: &Context) {
    let (store, ours) = context.free().await;
    let theirs = store.create_organisation("Bank", Plan::Free).await.unwrap();
    let mut jobs = Vec::new();
    for i in 0..20 {
        let owner = if i % 2 == 0 { &ours } else { &theirs };
        jobs.push(submit(&store, owner, 1).await);
    }
    let mut asking = tokio::task::JoinSet::new();
    for i in 0..400 {
        let (store, job) = (store.clone(), jobs[i % 20].clone());
        let asker = if i < 200 { ours.id } else { theirs.id };
        asking.spawn(async move {
            let found = store.job(asker, &job.id).await.unwrap();
            assert_eq!(found, (asker == job.organisation_id).then_some(job));
        });
    }
    asking.join_all().await;
    // What is asked after a change shows it.
    for job in &jobs {
        store.cancel(job.organisation_id, &job.id).await.unwrap();
        let seen = store.job(job.organisation_id, &job.id).await.unwrap().unwrap();
        assert_eq!(seen.state, JobState::Cancelled);
    }
}
