//! Scopes, ends and rotation of keys.

use std::time::Duration;

use khocr_store::{Identified, KeyPlan, Scope, Scopes, StoreError};

use crate::context::{Context, desk};

const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) async fn a_key_has_the_scopes_it_was_made_with(context: &Context) {
    let (store, organisation) = context.free().await;
    let usual = store.create_key(organisation.id, "").await.unwrap();
    assert_eq!((usual.key.scopes, usual.key.expires_at), (Scopes::default(), None));
    let caller = store.authenticate(&usual.text).await.unwrap().unwrap();
    assert!(caller.may(Scope::Convert) && caller.may(Scope::Read) && !caller.may(Scope::Admin));
    let plan = KeyPlan { scopes: "read admin".parse().unwrap(), ..KeyPlan::default() };
    let other = desk(&store).create_key(organisation.id, &plan).await.unwrap();
    let caller = store.authenticate(&other.text).await.unwrap().unwrap();
    assert!(!caller.may(Scope::Convert) && caller.may(Scope::Read) && caller.may(Scope::Admin));
    assert_eq!(store.key(other.key.id).await.unwrap(), Some(other.key));
    assert_eq!(store.key(99).await.unwrap(), None);
}

pub(crate) async fn a_key_ends_when_it_was_told_to(context: &Context) {
    let (store, organisation) = context.free().await;
    let plan = KeyPlan { expires_at: Some(store.now() + HOUR), ..KeyPlan::default() };
    let key = desk(&store).create_key(organisation.id, &plan).await.unwrap();
    context.clock.advance(HOUR - Duration::from_millis(1));
    assert!(store.authenticate(&key.text).await.unwrap().is_some());
    context.clock.advance(Duration::from_millis(1));
    assert!(store.authenticate(&key.text).await.unwrap().is_none());
    assert!(matches!(store.identify(&key.text).await.unwrap(), Identified::Expired));
    store.revoke_key(key.key.id).await.unwrap();
    assert!(matches!(store.identify(&key.text).await.unwrap(), Identified::Revoked));
    let stranger = khocr_store::KeyText::generate().unwrap();
    assert!(matches!(store.identify(&stranger).await.unwrap(), Identified::Unknown));
}

pub(crate) async fn a_rotated_key_works_for_its_grace(context: &Context) {
    let (store, organisation) = context.free().await;
    let plan =
        KeyPlan { label: "laptop".to_owned(), scopes: "read".parse().unwrap(), expires_at: None };
    let desk = desk(&store);
    let old = desk.create_key(organisation.id, &plan).await.unwrap();
    let new = desk.rotate_key(old.key.id, HOUR, None).await.unwrap();
    assert_eq!((new.key.label.as_str(), new.key.replaces), ("laptop", Some(old.key.id)));
    assert_eq!((new.key.scopes, new.key.expires_at), (plan.scopes, None));
    for key in [&old, &new] {
        assert!(store.authenticate(&key.text).await.unwrap().is_some());
    }
    // Rotated again with a longer grace, it still ends when it was first told to.
    desk.rotate_key(old.key.id, 10 * HOUR, None).await.unwrap();
    context.clock.advance(HOUR);
    assert!(matches!(store.identify(&old.text).await.unwrap(), Identified::Expired));
    assert!(store.authenticate(&new.text).await.unwrap().is_some());
    let ended = desk.rotate_key(old.key.id, HOUR, None).await;
    assert!(matches!(ended, Err(StoreError::KeyEnded(_))));
    let last = desk.rotate_key(new.key.id, Duration::ZERO, None).await.unwrap();
    assert!(store.authenticate(&new.text).await.unwrap().is_none());
    assert!(store.authenticate(&last.text).await.unwrap().is_some());
    let nobody = desk.rotate_key(99, HOUR, None).await;
    assert!(matches!(nobody, Err(StoreError::NotFound)));
}
