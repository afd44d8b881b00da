//! `khocr keys`: API keys of organisations.

use std::time::Duration;

use anyhow::bail;
use jiff::Timestamp;
use khocr_store::{ApiKey, KeyPlan, Organisation, OrganisationChange, Plan, Store};

use super::actions::KeysAction;
use super::{desk, named, open};
use crate::out;

/// `khocr keys …`.
pub(crate) async fn keys(action: &KeysAction) -> anyhow::Result<()> {
    match action {
        KeysAction::Create { org, plan, label, scopes, expires_in_days, place } => {
            let store = open(place).await?;
            let organisation = organisation_for(&store, org, *plan).await?;
            let plan = KeyPlan {
                label: label.clone(),
                scopes: *scopes,
                expires_at: end(&store, *expires_in_days),
            };
            let key = desk(&store).create_key(organisation.id, &plan).await?;
            out::line(key.text.reveal())?;
            store.close().await;
        }
        KeysAction::List { org, place } => {
            let store = open(place).await?;
            let organisations = match org {
                Some(name) => vec![named(&store, name).await?],
                None => store.organisations().await?,
            };
            for organisation in organisations {
                for key in store.keys(organisation.id).await? {
                    out::line(row(&key, &organisation.name, store.now()))?;
                }
            }
            store.close().await;
        }
        KeysAction::Rotate { key, grace_hours, expires_in_days, place } => {
            let store = open(place).await?;
            let id = key_id(&store, key).await?;
            let grace = Duration::from_secs(u64::from(*grace_hours) * 3_600);
            let end = end(&store, *expires_in_days);
            let made = desk(&store).rotate_key(id, grace, end).await?;
            out::line(made.text.reveal())?;
            store.close().await;
        }
        KeysAction::Revoke { key, place } => {
            let store = open(place).await?;
            let id = key_id(&store, key).await?;
            desk(&store).revoke_key(id).await?;
            out::line(format!("key {id} revoked"))?;
            store.close().await;
        }
    }
    Ok(())
}

/// When a key made now ends.
fn end(store: &Store, days: Option<u32>) -> Option<Timestamp> {
    days.map(|days| store.now() + Duration::from_secs(u64::from(days.min(36_500)) * 86_400))
}

fn row(key: &ApiKey, organisation: &str, now: Timestamp) -> String {
    let state = match (key.revoked_at, key.is_live(now)) {
        (Some(_), _) => "revoked",
        (None, false) => "expired",
        (None, true) => "live",
    };
    let columns = [
        key.id.to_string(),
        format!("{}…", key.prefix),
        organisation.to_owned(),
        state.to_owned(),
        key.created_at.to_string(),
        key.last_used_at.map_or_else(|| "never used".to_owned(), |t| t.to_string()),
        key.scopes.to_string(),
        key.expires_at.map_or_else(|| "no end".to_owned(), |t| format!("until {t}")),
        key.label.clone(),
    ];
    columns.join("\t").trim_end().to_owned()
}

/// The organisation of that name, made if there is none, on that plan if one is given.
async fn organisation_for(
    store: &Store,
    name: &str,
    plan: Option<Plan>,
) -> anyhow::Result<Organisation> {
    match (store.organisation_named(name).await?, plan) {
        (None, plan) => {
            Ok(desk(store).create_organisation(name, plan.unwrap_or(Plan::Free)).await?)
        }
        (Some(found), Some(plan)) if found.plan != plan => {
            // What was agreed was agreed beside the old plan.
            let change = OrganisationChange {
                plan: Some(plan),
                requests_per_minute: Some(None),
                pages_per_month: Some(None),
                ..OrganisationChange::default()
            };
            Ok(desk(store).change_organisation(found.id, &change).await?)
        }
        (Some(found), _) => Ok(found),
    }
}

/// The number of the key with that number or beginning.
async fn key_id(store: &Store, key: &str) -> anyhow::Result<i64> {
    if let Ok(id) = key.parse() {
        return Ok(id);
    }
    let prefix = key.trim_end_matches('…');
    if prefix.is_empty() {
        bail!("give a key's number or its first characters");
    }
    let mut found = Vec::new();
    for organisation in store.organisations().await? {
        let keys = store.keys(organisation.id).await?;
        // A whole key works as well as the part that is listed.
        let same = |k: &str| k.starts_with(prefix) || prefix.starts_with(k);
        found.extend(keys.into_iter().filter(|k| same(&k.prefix)).map(|k| k.id));
    }
    match found[..] {
        [id] => Ok(id),
        [] => bail!("no key begins with {prefix}"),
        _ => bail!("more than one key begins with {prefix}: give its number"),
    }
}

#[cfg(test)]
mod tests {
    use khocr_store::StoreOptions;

    use super::*;

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("t.db").display());
        let store = Store::open(&StoreOptions::new(url)).await.unwrap();
        (folder, store)
    }

    #[tokio::test]
    async fn an_organisation_is_made_once_and_its_plan_changed() {
        let (_folder, store) = store().await;
        let made = organisation_for(&store, "A", Some(Plan::Standard)).await.unwrap();
        let again = organisation_for(&store, "A", None).await.unwrap();
        assert_eq!((made.id, again.plan), (again.id, Plan::Standard));
        let raised = organisation_for(&store, "A", Some(Plan::Enterprise)).await.unwrap();
        assert_eq!(raised.pages_per_month, 50_000);
    }

    #[tokio::test]
    async fn a_key_is_found_by_number_and_by_beginning() {
        let (_folder, store) = store().await;
        let organisation = organisation_for(&store, "A", None).await.unwrap();
        let key = store.create_key(organisation.id, "").await.unwrap();
        let id = key.key.id;
        assert_eq!(key_id(&store, &id.to_string()).await.unwrap(), id);
        assert_eq!(key_id(&store, key.text.prefix()).await.unwrap(), id);
        assert_eq!(key_id(&store, key.text.reveal()).await.unwrap(), id);
        assert!(key_id(&store, "khocr_nothing").await.is_err());
    }
}
