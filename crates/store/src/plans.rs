//! Plans as this service has them: the contract's, or what the operator made of them.

use serde::Serialize;
use serde_json::json;

use crate::accounts::sane;
use crate::audit::Deed;
use crate::db::args;
use crate::{Desk, Plan, Store, StoreError};

/// A plan and its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PlanLimits {
    /// The plan.
    pub plan: Plan,
    /// Requests a minute.
    pub requests_per_minute: u32,
    /// Pages a month.
    pub pages_per_month: u32,
}

impl PlanLimits {
    /// The limits the contract gives a plan.
    #[must_use]
    pub fn usual(plan: Plan) -> Self {
        Self {
            plan,
            requests_per_minute: plan.requests_per_minute(),
            pages_per_month: plan.pages_per_month(),
        }
    }
}

/// What shall change of a plan: `None` leaves a limit, `Some(None)` sets it back to the
/// contract's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanChange {
    /// Requests a minute.
    pub requests_per_minute: Option<Option<u32>>,
    /// Pages a month.
    pub pages_per_month: Option<Option<u32>>,
}

impl Store {
    /// All plans with their limits as they are now, smallest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plans(&self) -> Result<[PlanLimits; 3], StoreError> {
        let mut plans = Plan::ALL.map(PlanLimits::usual);
        let sql = "SELECT name, requests_per_minute, pages_per_month FROM plans";
        for row in self.inner.db.all(sql, args![]).await? {
            let name = row.text(0)?;
            let Some(limits) = plans.iter_mut().find(|p| p.plan.name() == name) else { continue };
            let set = |slot: &mut u32, value: Option<i64>| {
                if let Some(v) = value.and_then(|v| u32::try_from(v).ok()) {
                    *slot = v;
                }
            };
            set(&mut limits.requests_per_minute, row.opt_int(1)?);
            set(&mut limits.pages_per_month, row.opt_int(2)?);
        }
        Ok(plans)
    }
}

impl Desk {
    /// Changes a plan's limits, for every organisation on it that has no agreed ones. Effective
    /// with the next request. The limits afterwards.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_plan(
        &self,
        plan: Plan,
        change: PlanChange,
    ) -> Result<PlanLimits, StoreError> {
        sane("requests_per_minute", change.requests_per_minute, 1_000_000)?;
        sane("pages_per_month", change.pages_per_month, 1_000_000_000)?;
        let mut tx = self.store.inner.db.begin().await?;
        let sql = "INSERT INTO plans (name) VALUES ($1) ON CONFLICT (name) DO NOTHING";
        tx.execute(sql, args![plan.name()]).await?;
        let int = |v: Option<u32>| v.map(i64::from);
        if let Some(limit) = change.requests_per_minute {
            let sql = "UPDATE plans SET requests_per_minute = $2 WHERE name = $1";
            tx.execute(sql, args![plan.name(), int(limit)]).await?;
        }
        if let Some(limit) = change.pages_per_month {
            let sql = "UPDATE plans SET pages_per_month = $2 WHERE name = $1";
            tx.execute(sql, args![plan.name(), int(limit)]).await?;
        }
        let mut detail = serde_json::Map::new();
        let limits = [
            ("requests_per_minute", change.requests_per_minute),
            ("pages_per_month", change.pages_per_month),
        ];
        for (name, limit) in limits {
            if let Some(limit) = limit {
                detail.insert(name.to_owned(), json!(limit));
            }
        }
        let deed = Deed {
            action: "plan.changed",
            organisation: None,
            target: format!("plan:{plan}"),
            detail: detail.into(),
        };
        self.done(tx, deed).await?;
        let plans = self.store.plans().await?;
        plans.into_iter().find(|p| p.plan == plan).ok_or(StoreError::NotFound)
    }
}
