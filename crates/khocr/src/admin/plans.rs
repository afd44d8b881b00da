//! `khocr plans`: what each plan allows.

use khocr_store::{PlanChange, PlanLimits};

use super::actions::PlansAction;
use super::{desk, open};
use crate::out;

/// `khocr plans …`.
pub(crate) async fn plans(action: &PlansAction) -> anyhow::Result<()> {
    match action {
        PlansAction::List { place } => {
            let store = open(place).await?;
            for limits in store.plans().await? {
                out::line(row(&limits))?;
            }
            store.close().await;
        }
        PlansAction::Set { plan, requests_per_minute, pages_per_month, place } => {
            let store = open(place).await?;
            let change = PlanChange {
                requests_per_minute: requests_per_minute.map(|l| l.0),
                pages_per_month: pages_per_month.map(|l| l.0),
            };
            out::line(row(&desk(&store).change_plan(*plan, change).await?))?;
            store.close().await;
        }
    }
    Ok(())
}

fn row(limits: &PlanLimits) -> String {
    let PlanLimits { plan, requests_per_minute, pages_per_month } = limits;
    format!("{plan}\t{requests_per_minute} requests/minute\t{pages_per_month} pages/month")
}
