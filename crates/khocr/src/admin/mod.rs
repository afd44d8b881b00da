//! `khocr orgs`, `keys`, `plans`, `webhooks` and `audit`: what the operator does at the command
//! line. Each change goes into the audit trail with the user's and the machine's name.

mod actions;
mod audit;
mod keys;
mod orgs;
mod plans;
mod webhooks;

use anyhow::Context;
use khocr_store::{Actor, Desk, Organisation, Store, StoreOptions};

pub(crate) use actions::{AuditArgs, KeysAction, OrgsAction, PlansAction, WebhooksAction};
pub(crate) use audit::audit;
pub(crate) use keys::keys;
pub(crate) use orgs::organisations;
pub(crate) use plans::plans;
pub(crate) use webhooks::webhooks;

use crate::settings::{PlaceArgs, Settings};

/// The database of that place.
async fn open(place: &PlaceArgs) -> anyhow::Result<Store> {
    let settings = Settings::load(place)?;
    settings.prepare()?;
    Ok(Store::open(&StoreOptions::new(settings.database_url())).await?)
}

/// The store in the hands of whoever types.
fn desk(store: &Store) -> Desk {
    let user = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|n| std::env::var(n).ok());
    let user = user.unwrap_or_else(|| "unknown".to_owned());
    store.by(Actor::command_line(&user, &khocr_worker::Settings::host_name()))
}

async fn named(store: &Store, name: &str) -> anyhow::Result<Organisation> {
    let found = store.organisation_named(name).await?;
    found.with_context(|| format!("there is no organisation named {name}"))
}
