//! `khocr audit`: who changed what, when, from where.

use khocr_store::{AuditEntry, AuditFilter};

use super::actions::AuditArgs;
use super::{named, open};
use crate::out;

/// Prints a page of the trail, newest first.
pub(crate) async fn audit(args: &AuditArgs) -> anyhow::Result<()> {
    let store = open(&args.place).await?;
    let organisation = match &args.org {
        Some(name) => Some(named(&store, name).await?.id),
        None => None,
    };
    let filter = AuditFilter {
        organisation,
        action: args.action.clone(),
        after: args.after.clone(),
        limit: args.limit,
    };
    let page = store.audit(&filter).await?;
    for entry in &page.entries {
        match args.json {
            true => out::line(serde_json::to_string(entry)?)?,
            false => out::line(row(entry))?,
        }
    }
    if let Some(next) = page.next {
        tracing::warn!("there is more: go on with --after {next}");
    }
    store.close().await;
    Ok(())
}

fn row(entry: &AuditEntry) -> String {
    let AuditEntry { id, at, who, origin, action, target, detail, .. } = entry;
    format!("{id}\t{at}\t{who}\t{origin}\t{action}\t{target}\t{detail}")
}
