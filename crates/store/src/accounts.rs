//! Organisations and their keys.

use crate::clock::timestamp;
use crate::db::{Row, args, is_duplicate};
use crate::{ApiKey, Caller, KeyText, NewKey, Organisation, Plan, Store, StoreError};

/// Puts a condition behind a select, at compile time.
macro_rules! organisations {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, plan, requests_per_minute, pages_per_month, retention_days, ",
            "created_at FROM organisations ",
            $rest
        )
    };
}

macro_rules! keys {
    ($rest:literal) => {
        concat!(
            "SELECT id, organisation_id, prefix, label, created_at, last_used_at, revoked_at ",
            "FROM api_keys ",
            $rest
        )
    };
}

pub(crate) fn organisation(row: &Row, from: usize) -> Result<Organisation, StoreError> {
    let plan: Plan =
        row.text(from + 2)?.parse().map_err(|e| StoreError::Corrupt(format!("{e}")))?;
    let agreed = |column: usize, usual: u32| -> Result<u32, StoreError> {
        Ok(row.opt_int(column)?.and_then(|v| u32::try_from(v).ok()).unwrap_or(usual))
    };
    Ok(Organisation {
        id: row.int(from)?,
        name: row.text(from + 1)?,
        plan,
        requests_per_minute: agreed(from + 3, plan.requests_per_minute())?,
        pages_per_month: agreed(from + 4, plan.pages_per_month())?,
        retention_days: row.opt_int(from + 5)?.and_then(|v| u32::try_from(v).ok()),
        created_at: timestamp(row.int(from + 6)?),
    })
}

fn api_key(row: &Row) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: row.int(0)?,
        organisation_id: row.int(1)?,
        prefix: row.text(2)?,
        label: row.text(3)?,
        created_at: timestamp(row.int(4)?),
        last_used_at: row.opt_int(5)?.map(timestamp),
        revoked_at: row.opt_int(6)?.map(timestamp),
    })
}

/// A name as it is kept: trimmed, printable, not too long.
fn usable(name: &str) -> Result<&str, StoreError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(StoreError::BadName(name.chars().take(60).collect()));
    }
    Ok(name)
}

impl Store {
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
        let sql = "INSERT INTO organisations (name, plan, created_at) VALUES ($1, $2, $3)";
        let made = self.inner.db.execute(sql, args![name, plan.name(), self.millis()]).await;
        match made {
            Err(e) if is_duplicate(&e) => return Err(StoreError::NameTaken(name.to_owned())),
            other => other?,
        };
        self.organisation_named(name).await?.ok_or(StoreError::NotFound)
    }

    /// The organisation of that name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn organisation_named(&self, name: &str) -> Result<Option<Organisation>, StoreError> {
        let row =
            self.inner.db.first(organisations!("WHERE name = $1"), args![name.trim()]).await?;
        row.as_ref().map(|r| organisation(r, 0)).transpose()
    }

    /// The organisation of that number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn organisation(&self, id: i64) -> Result<Option<Organisation>, StoreError> {
        let row = self.inner.db.first(organisations!("WHERE id = $1"), args![id]).await?;
        row.as_ref().map(|r| organisation(r, 0)).transpose()
    }

    /// All organisations, in the order they were made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn organisations(&self) -> Result<Vec<Organisation>, StoreError> {
        let rows = self.inner.db.all(organisations!("ORDER BY id"), args![]).await?;
        rows.iter().map(|r| organisation(r, 0)).collect()
    }

    /// Changes an organisation's plan and what was agreed besides; `None` for a limit means the
    /// plan's own, for the retention the operator's default. Effective with the next request.
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
        let sql = "UPDATE organisations SET plan = $2, requests_per_minute = $3,
                   pages_per_month = $4, retention_days = $5 WHERE id = $1";
        let int = |v: Option<u32>| v.map(i64::from);
        let limits = args![
            id,
            plan.name(),
            int(requests_per_minute),
            int(pages_per_month),
            int(retention_days)
        ];
        self.inner.db.execute(sql, limits).await?;
        self.organisation(id).await?.ok_or(StoreError::NotFound)
    }

    /// Makes a key for an organisation. Its text is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such organisation, or a failing database.
    pub async fn create_key(&self, organisation: i64, label: &str) -> Result<NewKey, StoreError> {
        if self.organisation(organisation).await?.is_none() {
            return Err(StoreError::NotFound);
        }
        let label = if label.trim().is_empty() { "" } else { usable(label)? };
        let text = KeyText::generate()?;
        let sql = "INSERT INTO api_keys (organisation_id, prefix, hash, label, created_at)
                   VALUES ($1, $2, $3, $4, $5)";
        let hash = text.hash();
        let values = args![organisation, text.prefix(), &hash, label, self.millis()];
        self.inner.db.execute(sql, values).await?;
        self.inner.db.settled().await?;
        let row = self.inner.db.first(keys!("WHERE hash = $1"), args![&hash]).await?;
        let key = api_key(&row.ok_or(StoreError::NotFound)?)?;
        Ok(NewKey { text, key })
    }

    /// An organisation's keys, revoked ones too, in the order they were made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keys(&self, organisation: i64) -> Result<Vec<ApiKey>, StoreError> {
        let sql = keys!("WHERE organisation_id = $1 ORDER BY id");
        let rows = self.inner.db.all(sql, args![organisation]).await?;
        rows.iter().map(api_key).collect()
    }

    /// The keys whose text begins so: `khocr_` and eight characters as [`ApiKey::prefix`] has
    /// it, or a whole key. Usually one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keys_by_prefix(&self, prefix: &str) -> Result<Vec<ApiKey>, StoreError> {
        let prefix: String = prefix.trim().trim_end_matches('…').chars().take(14).collect();
        let rows =
            self.inner.db.all(keys!("WHERE prefix = $1 ORDER BY id"), args![&prefix]).await?;
        rows.iter().map(api_key).collect()
    }

    /// Ends a key's life; it is refused from now on. A key already revoked stays so.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or a failing database.
    pub async fn revoke_key(&self, id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $2) WHERE id = $1";
        match self.inner.db.execute(sql, args![id, self.millis()]).await? {
            0 => Err(StoreError::NotFound),
            _ => self.inner.db.settled().await,
        }
    }

    /// Who has this key; `None` when nobody has, or no longer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn authenticate(&self, key: &KeyText) -> Result<Option<Caller>, StoreError> {
        // Looked up by its public beginning, then compared in constant time: how long a refusal
        // takes says nothing about the stored hash.
        let sql = "SELECT o.id, o.name, o.plan, o.requests_per_minute, o.pages_per_month,
                          o.retention_days, o.created_at, k.id, k.hash, k.revoked_at
                   FROM api_keys k JOIN organisations o ON o.id = k.organisation_id
                   WHERE k.prefix = $1";
        let mut caller = None;
        for row in self.inner.db.all(sql, args![key.prefix()]).await? {
            if key.matches(&row.text(8)?) && row.opt_int(9)?.is_none() {
                let key_id = row.int(7)?;
                caller = Some(Caller { organisation: organisation(&row, 0)?, key_id });
            }
        }
        Ok(caller)
    }
}
