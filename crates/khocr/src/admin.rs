//! `khocr orgs` and `khocr keys`: the service's customers.

use anyhow::{Context, bail};
use khocr_store::{Organisation, Plan, Store, StoreOptions};

use crate::cli::{KeysAction, OrgsAction};
use crate::out;
use crate::settings::{PlaceArgs, Settings};

/// The database of that place.
async fn open(place: &PlaceArgs) -> anyhow::Result<Store> {
    let settings = Settings::load(place)?;
    settings.prepare()?;
    Ok(Store::open(&StoreOptions::new(settings.database_url())).await?)
}

/// `khocr orgs …`.
pub(crate) async fn organisations(action: &OrgsAction) -> anyhow::Result<()> {
    match action {
        OrgsAction::Create { name, plan, place } => {
            let store = open(place).await?;
            let made = store.create_organisation(name, *plan).await?;
            out::line(row(&made))?;
            store.close().await;
        }
        OrgsAction::List { place } => {
            let store = open(place).await?;
            for organisation in store.organisations().await? {
                out::line(row(&organisation))?;
            }
            store.close().await;
        }
        OrgsAction::Revoke { name, place } => {
            let store = open(place).await?;
            let organisation = named(&store, name).await?;
            let mut revoked = 0;
            for key in store.keys(organisation.id).await? {
                if key.revoked_at.is_none() {
                    store.revoke_key(key.id).await?;
                    revoked += 1;
                }
            }
            out::line(format!("{revoked} key(s) of {name} revoked"))?;
            store.close().await;
        }
    }
    Ok(())
}

/// `khocr keys …`.
pub(crate) async fn keys(action: &KeysAction) -> anyhow::Result<()> {
    match action {
        KeysAction::Create { org, plan, label, place } => {
            let store = open(place).await?;
            let organisation = organisation_for(&store, org, *plan).await?;
            let key = store.create_key(organisation.id, label).await?;
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
                    let state = if key.revoked_at.is_some() { "revoked" } else { "live" };
                    let columns = [
                        key.id.to_string(),
                        format!("{}…", key.prefix),
                        organisation.name.clone(),
                        state.to_owned(),
                        key.created_at.to_string(),
                        key.last_used_at.map_or_else(|| "never used".to_owned(), |t| t.to_string()),
                        key.label,
                    ];
                    out::line(columns.join("\t").trim_end())?;
                }
            }
            store.close().await;
        }
        KeysAction::Revoke { key, place } => {
            let store = open(place).await?;
            let id = key_id(&store, key).await?;
            store.revoke_key(id).await?;
            out::line(format!("key {id} revoked"))?;
            store.close().await;
        }
    }
    Ok(())
}

/// The organisation of that name, made if there is none, on that plan if one is given.
pub(crate) async fn organisation_for(
    store: &Store,
    name: &str,
    plan: Option<Plan>,
) -> anyhow::Result<Organisation> {
    match (store.organisation_named(name).await?, plan) {
        (None, plan) => Ok(store.create_organisation(name, plan.unwrap_or(Plan::Free)).await?),
        (Some(found), Some(plan)) if found.plan != plan => {
            Ok(store.set_plan(found.id, plan, None, None, found.retention_days).await?)
        }
        (Some(found), _) => Ok(found),
    }
}

async fn named(store: &Store, name: &str) -> anyhow::Result<Organisation> {
    let found = store.organisation_named(name).await?;
    found.with_context(|| format!("there is no organisation named {name}"))
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

fn row(organisation: &Organisation) -> String {
    let o = organisation;
    format!(
        "{}\t{}\t{}\t{} requests/minute\t{} pages/month\t{}",
        o.id, o.name, o.plan, o.requests_per_minute, o.pages_per_month, o.created_at
    )
}

#[cfg(test)]
mod tests {
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
