//! The audit trail, plans, and changes of organisations.

use khocr_store::{
    AuditFilter, KeyPlan, OrganisationChange, Plan, PlanChange, PlanLimits, StoreError,
};
use serde_json::json;

use crate::context::{Context, desk};

pub(crate) async fn what_operators_do_is_written_down(context: &Context) {
    let store = context.node().await;
    let desk = desk(&store);
    let bank = desk.create_organisation("Bank", Plan::Free).await.unwrap();
    let other = desk.create_organisation("Ministry", Plan::Free).await.unwrap();
    let key = desk.create_key(bank.id, &KeyPlan::default()).await.unwrap();
    let second = desk.rotate_key(key.key.id, std::time::Duration::ZERO, None).await.unwrap().key.id;
    desk.revoke_key(second).await.unwrap();
    desk.revoke_key(second).await.unwrap();
    let change = OrganisationChange { name: Some("B".to_owned()), ..OrganisationChange::default() };
    desk.change_organisation(bank.id, &change).await.unwrap();
    assert!(desk.create_organisation("B", Plan::Free).await.is_err());
    desk.note("job.deleted", Some(other.id), "job:a1", json!({})).await.unwrap();
    let all = store.audit(&AuditFilter::default()).await.unwrap();
    let actions: Vec<_> = all.entries.iter().map(|e| e.action.as_str()).collect();
    let expected = [
        "job.deleted",
        "organisation.changed",
        "key.revoked",
        "key.rotated",
        "key.created",
        "organisation.created",
        "organisation.created",
    ];
    assert_eq!(actions, expected, "once each, and nothing of what was refused");
    assert_eq!(all.next, None);
    let made = &all.entries[4];
    assert_eq!((made.who.as_str(), made.origin.as_str()), ("cli:tester", "host"));
    assert_eq!((made.organisation_id, made.at), (Some(bank.id), store.now()));
    assert_eq!(made.target, format!("key:{}", key.key.id));
    let text = serde_json::to_string(&all.entries).unwrap();
    for secret in ["Bank", "Ministry", &key.key.prefix, key.text.reveal()] {
        assert!(!text.contains(secret), "{text}");
    }
    let about = AuditFilter { organisation: Some(other.id), ..AuditFilter::default() };
    assert_eq!(store.audit(&about).await.unwrap().entries.len(), 2);
    let kind = AuditFilter { action: Some("key.created".to_owned()), ..AuditFilter::default() };
    assert_eq!(store.audit(&kind).await.unwrap().entries, std::slice::from_ref(made));
    // Page by page the same entries come.
    let (mut after, mut paged) = (None, Vec::new());
    loop {
        let filter = AuditFilter { after, limit: 3, ..AuditFilter::default() };
        let page = store.audit(&filter).await.unwrap();
        paged.extend(page.entries);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(paged, all.entries);
}

pub(crate) async fn the_database_refuses_to_change_the_trail(context: &Context) {
    let store = context.node().await;
    desk(&store).note("a", None, "t", json!({})).await.unwrap();
    desk(&store).note("b", None, "t", json!({})).await.unwrap();
    let before = store.audit(&AuditFilter::default()).await.unwrap().entries;
    let mut attempts = vec![
        "UPDATE audit SET who = 'nobody'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE id = 1",
    ];
    attempts.push(match context.address.starts_with("postgres") {
        true => "TRUNCATE audit",
        false => {
            "INSERT OR REPLACE INTO audit (id, at, who, origin, action, target, detail)
             VALUES (1, 0, '', '', '', '', '{}')"
        }
    });
    for attempt in attempts {
        let refused = context.raw(attempt).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{attempt}: {refused}");
    }
    assert_eq!(store.audit(&AuditFilter::default()).await.unwrap().entries, before);
}

pub(crate) async fn limits_change_without_a_restart(context: &Context) {
    let (store, free) = context.free().await;
    let node = context.node().await;
    let desk = desk(&store);
    assert_eq!(store.plans().await.unwrap(), Plan::ALL.map(PlanLimits::usual));
    let change = PlanChange { pages_per_month: Some(Some(150)), ..PlanChange::default() };
    let limits = desk.change_plan(Plan::Free, change).await.unwrap();
    assert_eq!((limits.requests_per_minute, limits.pages_per_month), (10, 150));
    assert_eq!(node.plans().await.unwrap()[0], limits);
    let seen = node.organisation(free.id).await.unwrap().unwrap();
    assert_eq!((seen.pages_per_month, seen.agreed_pages_per_month), (150, None));
    // What was agreed with one organisation wins over its plan.
    let agreed = OrganisationChange {
        pages_per_month: Some(Some(7)),
        retention_days: Some(Some(2)),
        ..OrganisationChange::default()
    };
    let changed = desk.change_organisation(free.id, &agreed).await.unwrap();
    assert_eq!((changed.pages_per_month, changed.retention_days), (7, Some(2)));
    assert_eq!(node.usage(free.id).await.unwrap().pages_left, 7);
    let key = store.create_key(free.id, "").await.unwrap();
    let caller = node.authenticate(&key.text).await.unwrap().unwrap();
    assert_eq!(caller.organisation, changed);
    let back = OrganisationChange {
        pages_per_month: Some(None),
        plan: Some(Plan::Free),
        ..OrganisationChange::default()
    };
    let changed = desk.change_organisation(free.id, &back).await.unwrap();
    assert_eq!((changed.pages_per_month, changed.retention_days), (150, Some(2)));
    let usual = PlanChange { pages_per_month: Some(None), ..PlanChange::default() };
    assert_eq!(desk.change_plan(Plan::Free, usual).await.unwrap().pages_per_month, 100);
    desk.create_organisation("Bank", Plan::Free).await.unwrap();
    let taken =
        OrganisationChange { name: Some("Bank".to_owned()), ..OrganisationChange::default() };
    let refused = desk.change_organisation(free.id, &taken).await;
    assert!(matches!(refused, Err(StoreError::NameTaken(_))));
    let nobody = desk.change_organisation(99, &taken).await;
    assert!(matches!(nobody, Err(StoreError::NotFound)));
    let after = store.organisations_after(free.id, 10).await.unwrap();
    assert_eq!(after.iter().map(|o| o.name.as_str()).collect::<Vec<_>>(), ["Bank"]);
}
