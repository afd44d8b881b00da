//! Organisations, keys and request limits.

use std::time::Duration;

use khocr_store::{Engine, KeyText, Plan, Store, StoreError};

use crate::context::{Context, desk};

pub(crate) async fn organisations_have_unique_names_and_changeable_plans(context: &Context) {
    let (store, free) = context.free().await;
    assert_eq!((free.requests_per_minute, free.pages_per_month), (10, 100));
    let again = store.create_organisation(" Ministry ", Plan::Standard).await;
    assert!(matches!(again, Err(StoreError::NameTaken(_))));
    for bad in ["", "  ", "a\nb"] {
        let refused = store.create_organisation(bad, Plan::Free).await;
        assert!(matches!(refused, Err(StoreError::BadName(_))), "{bad:?}");
    }
    let set = store.set_plan(free.id, Plan::Enterprise, Some(7), None, Some(3)).await.unwrap();
    assert_eq!((set.requests_per_minute, set.pages_per_month), (7, 50_000));
    assert_eq!(set.retention_days, Some(3));
    assert_eq!(store.organisations().await.unwrap(), [set]);
    assert!(store.organisation_named("Bank").await.unwrap().is_none());
    let nobody = store.set_plan(99, Plan::Free, None, None, None).await;
    assert!(matches!(nobody, Err(StoreError::NotFound)));
}

pub(crate) async fn several_keys_live_until_revoked(context: &Context) {
    let (store, organisation) = context.free().await;
    let a = store.create_key(organisation.id, "laptop").await.unwrap();
    let b = store.create_key(organisation.id, "").await.unwrap();
    for key in [&a, &b] {
        let caller = store.authenticate(&key.text).await.unwrap().unwrap();
        assert_eq!((caller.organisation.id, caller.key_id), (organisation.id, key.key.id));
    }
    let unknown = KeyText::generate().unwrap();
    assert!(store.authenticate(&unknown).await.unwrap().is_none());
    let found = store.keys_by_prefix(&a.key.prefix).await.unwrap();
    assert_eq!(found.len(), 1);
    store.revoke_key(found[0].id).await.unwrap();
    store.revoke_key(found[0].id).await.unwrap();
    assert!(store.authenticate(&a.text).await.unwrap().is_none());
    assert!(store.authenticate(&b.text).await.unwrap().is_some());
    let keys = store.keys(organisation.id).await.unwrap();
    assert_eq!(keys.len(), 2);
    assert_eq!((keys[0].label.as_str(), keys[0].revoked_at), ("laptop", Some(store.now())));
    assert_eq!(keys[1].revoked_at, None);
    assert!(matches!(store.create_key(99, "").await, Err(StoreError::NotFound)));
    assert!(matches!(store.revoke_key(99).await, Err(StoreError::NotFound)));
}

pub(crate) async fn requests_are_counted_and_keys_remember_their_use(context: &Context) {
    let (store, organisation) = context.free().await;
    let key = store.create_key(organisation.id, "").await.unwrap();
    let caller = store.authenticate(&key.text).await.unwrap().unwrap();
    for _ in 0..5 {
        store.count_request(&caller);
    }
    // Counted before they are written, and not twice after.
    assert_eq!(store.usage(organisation.id).await.unwrap().requests, 5);
    store.flush().await.unwrap();
    store.count_request(&caller);
    let usage = store.usage(organisation.id).await.unwrap();
    assert_eq!(usage.requests, 6);
    assert_eq!(usage.days.iter().map(|d| d.requests).collect::<Vec<_>>(), [6]);
    let keys = store.keys(organisation.id).await.unwrap();
    assert_eq!(keys[0].last_used_at, Some(store.now()));
}

pub(crate) async fn the_request_limit_holds_and_refills(context: &Context) {
    let (store, organisation) = context.free().await;
    let other = store.create_organisation("Bank", Plan::Standard).await.unwrap();
    // On PostgreSQL the limit is one for all nodes; with SQLite there is one node.
    let second = match store.engine() {
        Engine::Postgres => context.node().await,
        Engine::Sqlite => store.clone(),
    };
    let mut passed = 0;
    for i in 0..12 {
        let node = if i % 2 == 0 { &store } else { &second };
        passed += u32::from(node.take_request(&organisation).await.unwrap().allowed);
    }
    assert_eq!(passed, 10);
    let refused = second.take_request(&organisation).await.unwrap();
    assert_eq!((refused.limit, refused.remaining), (10, 0));
    assert_eq!(refused.retry_after, Duration::from_secs(6));
    assert!(store.take_request(&other).await.unwrap().allowed);
    context.clock.advance(Duration::from_secs(6));
    assert!(store.take_request(&organisation).await.unwrap().allowed);
    assert!(!store.take_request(&organisation).await.unwrap().allowed);
    context.clock.advance(Duration::from_secs(120));
    let fresh = store.take_request(&organisation).await.unwrap();
    assert_eq!((fresh.allowed, fresh.remaining), (true, 9));
}

/// Another node where there may be one.
async fn second(context: &Context, store: &Store) -> Store {
    match store.engine() {
        Engine::Postgres => context.node().await,
        Engine::Sqlite => store.clone(),
    }
}

/// Waits for that, well below the time after which a node asks again by itself.
async fn heard(done: impl AsyncFn() -> bool) {
    for _ in 0..60 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the other node heard nothing");
}

pub(crate) async fn changes_are_heard_of_on_every_node(context: &Context) {
    let (store, organisation) = context.free().await;
    let other = second(context, &store).await;
    let key = store.create_key(organisation.id, "").await.unwrap();
    let limit = async |node: &Store| {
        let caller = node.authenticate(&key.text).await.unwrap().unwrap();
        caller.organisation.requests_per_minute
    };
    // Both nodes have looked it up and may remember it.
    for node in [&store, &other, &store, &other] {
        assert_eq!(limit(node).await, 10);
    }
    store.set_plan(organisation.id, Plan::Free, Some(20), None, None).await.unwrap();
    assert_eq!(limit(&store).await, 20, "at once where it was changed");
    heard(async || limit(&other).await == 20).await;
    // Remembered again, then revoked on the other node.
    assert!(store.authenticate(&key.text).await.unwrap().is_some());
    desk(&other).revoke_key(key.key.id).await.unwrap();
    assert!(other.authenticate(&key.text).await.unwrap().is_none(), "at once");
    heard(async || store.authenticate(&key.text).await.unwrap().is_none()).await;
}

pub(crate) async fn a_large_limit_holds_across_nodes(context: &Context) {
    const LIMIT: u32 = 6_000;
    let (store, free) = context.free().await;
    let set = store.set_plan(free.id, Plan::Enterprise, Some(LIMIT), None, None);
    let organisation = set.await.unwrap();
    let nodes = [store.clone(), second(context, &store).await];
    let mut passed = [0, 0];
    let mut asking = tokio::task::JoinSet::new();
    for i in 0..2 * LIMIT as usize {
        let (node, organisation) = (nodes[i % 2].clone(), organisation.clone());
        asking.spawn(async move { (i % 2, node.take_request(&organisation).await.unwrap()) });
    }
    for (node, decision) in asking.join_all().await {
        passed[node] += u32::from(decision.allowed);
        assert_eq!(decision.limit, LIMIT);
    }
    // The clock stands still, so not one may pass above the limit; and of what each node had in
    // hand, a hundredth of the limit at most was left over when the other one was refused.
    let all = passed[0] + passed[1];
    assert!((LIMIT - LIMIT / 50..=LIMIT).contains(&all), "{passed:?}");
    // Half a minute later half of it is there again, however it is shared out.
    context.clock.advance(Duration::from_secs(30));
    let mut again = 0;
    for i in 0..LIMIT as usize {
        let decision = nodes[i % 2].take_request(&organisation).await.unwrap();
        again += u32::from(decision.allowed);
    }
    let left = LIMIT - all;
    assert!((LIMIT / 2 - LIMIT / 50..=LIMIT / 2 + left).contains(&again), "{again}");
}
