//! Organisations.

use serde_json::json;

use crate::audit::Deed;
use crate::clock::timestamp;
use crate::db::{Row, Sql, args, is_duplicate};
use crate::{Actor, Desk, Organisation, OrganisationChange, Plan, Store, StoreError};

/// The columns [`organisation`] reads, with what stands behind; organisations are `o` there.
macro_rules! organisations {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.name, o.plan, o.requests_per_minute, o.pages_per_month, ",
            "o.retention_days, o.created_at, p.requests_per_minute, p.pages_per_month ",
            "FROM organisations o LEFT JOIN plans p ON p.name = o.plan ",
            $rest
        )
    };
}

pub(crate) fn organisation(row: &Row) -> Result<Organisation, StoreError> {
    let plan: Plan = row.text(2)?.parse().map_err(|e| StoreError::Corrupt(format!("{e}")))?;
    let limit = |column: usize| -> Result<Option<u32>, StoreError> {
        Ok(row.opt_int(column)?.and_then(|v| u32::try_from(v).ok()))
    };
    let (agreed_requests, agreed_pages) = (limit(3)?, limit(4)?);
    Ok(Organisation {
        id: row.int(0)?,
        name: row.text(1)?,
        plan,
        requests_per_minute: agreed_requests.or(limit(7)?).unwrap_or(plan.requests_per_minute()),
        pages_per_month: agreed_pages.or(limit(8)?).unwrap_or(plan.pages_per_month()),
        agreed_requests_per_minute: agreed_requests,
        agreed_pages_per_month: agreed_pages,
        retention_days: limit(5)?,
        created_at: timestamp(row.int(6)?),
    })
}

/// A name as it is kept: trimmed, printable, not too long.
pub(crate) fn usable(name: &str) -> Result<&str, StoreError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(StoreError::BadName(name.chars().take(60).collect()));
    }
    Ok(name)
}

/// Refuses a limit that arithmetic or sense cannot hold.
pub(crate) fn sane(
    what: &'static str,
    limit: Option<Option<u32>>,
    most: u32,
) -> Result<(), StoreError> {
    match limit.flatten() {
        Some(n) if n > most => Err(StoreError::BadLimit { what, most }),
        _ => Ok(()),
    }
}

impl Desk {
    /// Makes an organisation.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] or [`StoreError::BadName`], or a failing database.
    pub async fn create_organisation(
        &self,
        name: &str,
        plan: Plan,
    ) -> Result<Organisation, StoreError> {
        let name = usable(name)?;
        let mut tx = self.store.inner.db.begin().await?;
        let sql = "INSERT INTO organisations (name, plan, created_at) VALUES ($1, $2, $3)
                   RETURNING id";
        let made = tx.first(sql, args![name, plan.name(), self.store.millis()]).await;
        let id = match made {
            Err(e) if is_duplicate(&e) => return Err(StoreError::NameTaken(name.to_owned())),
            other => other?.ok_or(StoreError::NotFound)?.int(0)?,
        };
        let deed = Deed {
            action: "organisation.created",
            organisation: Some(id),
            target: format!("organisation:{id}"),
            detail: json!({ "plan": plan }),
        };
        self.done(tx, deed).await?;
        self.store.organisation(id).await?.ok_or(StoreError::NotFound)
    }

    /// Changes an organisation. Effective with the next request; the organisation afterwards.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NameTaken`], [`StoreError::BadName`], or a
    /// failing database.
    pub async fn change_organisation(
        &self,
        id: i64,
        change: &OrganisationChange,
    ) -> Result<Organisation, StoreError> {
        const LOCKED: Sql = Sql::each(
            organisations!("WHERE o.id = $1"),
            organisations!("WHERE o.id = $1 FOR UPDATE OF o"),
        );
        change.check()?;
        let mut tx = self.store.inner.db.begin().await?;
        let row = tx.first(LOCKED, args![id]).await?.ok_or(StoreError::NotFound)?;
        let old = organisation(&row)?;
        let name = match &change.name {
            Some(name) => usable(name)?.to_owned(),
            None => old.name,
        };
        let plan = change.plan.unwrap_or(old.plan);
        let requests = change.requests_per_minute.unwrap_or(old.agreed_requests_per_minute);
        let pages = change.pages_per_month.unwrap_or(old.agreed_pages_per_month);
        let retention = change.retention_days.unwrap_or(old.retention_days);
        let sql = "UPDATE organisations SET name = $2, plan = $3, requests_per_minute = $4,
                   pages_per_month = $5, retention_days = $6 WHERE id = $1";
        let int = |v: Option<u32>| v.map(i64::from);
        let values = args![id, &name, plan.name(), int(requests), int(pages), int(retention)];
        match tx.execute(sql, values).await {
            Err(e) if is_duplicate(&e) => return Err(StoreError::NameTaken(name)),
            other => other?,
        };
        let deed = Deed {
            action: "organisation.changed",
            organisation: Some(id),
            target: format!("organisation:{id}"),
            detail: change.detail(),
        };
        self.done(tx, deed).await?;
        self.store.organisation(id).await?.ok_or(StoreError::NotFound)
    }
}

impl OrganisationChange {
    /// Whether its limits are ones that can be kept.
    ///
    /// # Errors
    /// [`StoreError::BadLimit`].
    pub fn check(&self) -> Result<(), StoreError> {
        sane("requests_per_minute", self.requests_per_minute, 1_000_000)?;
        sane("pages_per_month", self.pages_per_month, 1_000_000_000)?;
        sane("retention_days", self.retention_days, 36_500)
    }

    /// What was asked for, for the audit trail: of a name only that it changed.
    fn detail(&self) -> serde_json::Value {
        let mut detail = serde_json::Map::new();
        if self.name.is_some() {
            detail.insert("name".to_owned(), json!("changed"));
        }
        if let Some(plan) = self.plan {
            detail.insert("plan".to_owned(), json!(plan));
        }
        let limits = [
            ("requests_per_minute", self.requests_per_minute),
            ("pages_per_month", self.pages_per_month),
            ("retention_days", self.retention_days),
        ];
        for (name, limit) in limits {
            if let Some(limit) = limit {
                detail.insert(name.to_owned(), json!(limit));
            }
        }
        detail.into()
    }
}

impl Store {
    /// Makes an organisation, in the service's own name. See [`Desk::create_organisation`].
    ///
    /// # Errors
    /// As there.
    pub async fn create_organisation(
        &self,
        name: &str,
        plan: Plan,
    ) -> Result<Organisation, StoreError> {
        self.by(Actor::system()).create_organisation(name, plan).await
    }

    /// The organisation of that name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn organisation_named(&self, name: &str) -> Result<Option<Organisation>, StoreError> {
        let sql = organisations!("WHERE o.name = $1");
        let row = self.inner.db.first(sql, args![name.trim()]).await?;
        row.as_ref().map(organisation).transpose()
    }

    /// The organisation of that number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn organisation(&self, id: i64) -> Result<Option<Organisation>, StoreError> {
        let row = self.inner.db.first(organisations!("WHERE o.id = $1"), args![id]).await?;
        row.as_ref().map(organisation).transpose()
    }

    /// All organisations, in the order they were made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn organisations(&self) -> Result<Vec<Organisation>, StoreError> {
        let rows = self.inner.db.all(organisations!("ORDER BY o.id"), args![]).await?;
        rows.iter().map(organisation).collect()
    }

    /// At most `limit` organisations with numbers above `after`, in the order they were made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn organisations_after(
        &self,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Organisation>, StoreError> {
        let sql = organisations!("WHERE o.id > $1 ORDER BY o.id LIMIT $2");
        let rows = self.inner.db.all(sql, args![after, limit]).await?;
        rows.iter().map(organisation).collect()
    }

    /// Changes an organisation's plan and what was agreed besides, in the service's own name;
    /// `None` for a limit means the plan's own, for the retention the operator's default.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or a failing database.
    pub async fn set_plan(
        &self,
        id: i64,
        plan: Plan,
        requests_per_minute: Option<u32>,
        pages_per_month: Option<u32>,
        retention_days: Option<u32>,
    ) -> Result<Organisation, StoreError> {
        let change = OrganisationChange {
            name: None,
            plan: Some(plan),
            requests_per_minute: Some(requests_per_minute),
            pages_per_month: Some(pages_per_month),
            retention_days: Some(retention_days),
        };
        self.by(Actor::system()).change_organisation(id, &change).await
    }
}
