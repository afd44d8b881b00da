//! `khocr orgs`: the service's customers.

use khocr_store::{Organisation, OrganisationChange};

use super::actions::{Limits, OrgsAction};
use super::{desk, named, open};
use crate::out;

/// `khocr orgs …`.
pub(crate) async fn organisations(action: &OrgsAction) -> anyhow::Result<()> {
    match action {
        OrgsAction::Create { name, plan, limits, place } => {
            let store = open(place).await?;
            let change = wanted(limits);
            change.check()?;
            let mut made = desk(&store).create_organisation(name, *plan).await?;
            if change != OrganisationChange::default() {
                made = desk(&store).change_organisation(made.id, &change).await?;
            }
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
        OrgsAction::Show { name, place } => {
            let store = open(place).await?;
            let organisation = named(&store, name).await?;
            let usage = store.usage(organisation.id).await?;
            out::line(row(&organisation))?;
            out::line(format!(
                "{} pages used\t{} reserved\t{} left\t{} requests this month",
                usage.pages_used, usage.pages_reserved, usage.pages_left, usage.requests
            ))?;
            store.close().await;
        }
        OrgsAction::Set { name, rename, plan, limits, place } => {
            let store = open(place).await?;
            let organisation = named(&store, name).await?;
            let change = OrganisationChange { name: rename.clone(), plan: *plan, ..wanted(limits) };
            let changed = desk(&store).change_organisation(organisation.id, &change).await?;
            out::line(row(&changed))?;
            store.close().await;
        }
        OrgsAction::Revoke { name, place } => {
            let store = open(place).await?;
            let organisation = named(&store, name).await?;
            let mut revoked = 0;
            for key in store.keys(organisation.id).await? {
                if key.revoked_at.is_none() {
                    desk(&store).revoke_key(key.id).await?;
                    revoked += 1;
                }
            }
            out::line(format!("{revoked} key(s) of {name} revoked"))?;
            store.close().await;
        }
    }
    Ok(())
}

fn wanted(limits: &Limits) -> OrganisationChange {
    OrganisationChange {
        requests_per_minute: limits.requests_per_minute.map(|l| l.0),
        pages_per_month: limits.pages_per_month.map(|l| l.0),
        retention_days: limits.retention_days.map(|l| l.0),
        ..OrganisationChange::default()
    }
}

fn row(organisation: &Organisation) -> String {
    let o = organisation;
    let kept = o.retention_days.map_or_else(String::new, |d| format!("\tkept {d} days"));
    format!(
        "{}\t{}\t{}\t{} requests/minute\t{} pages/month\t{}{kept}",
        o.id, o.name, o.plan, o.requests_per_minute, o.pages_per_month, o.created_at
    )
}
