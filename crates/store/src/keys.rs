//! Keys: made, rotated, revoked, and told to whom they belong.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::accounts::{organisation, usable};
use crate::audit::Deed;
use crate::clock::timestamp;
use crate::db::{Row, Sql, Tx, args};
use crate::known::Holder;
use crate::{
    Actor, ApiKey, Caller, Desk, Engine, Identified, KeyPlan, KeyText, NewKey, Scopes, Store,
    StoreError,
};

/// The columns [`api_key`] reads, with what stands behind `FROM api_keys`.
macro_rules! keys {
    ($rest:literal) => {
        concat!(
            "SELECT id, organisation_id, prefix, label, created_at, last_used_at, revoked_at, ",
            "scopes, expires_at, replaces FROM api_keys ",
            $rest
        )
    };
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
        scopes: scopes(&row.text(7)?)?,
        expires_at: row.opt_int(8)?.map(timestamp),
        replaces: row.opt_int(9)?,
    })
}

fn scopes(text: &str) -> Result<Scopes, StoreError> {
    text.parse().map_err(|e| StoreError::Corrupt(format!("{e}")))
}

impl Desk {
    /// Makes a key for an organisation. Its text is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such organisation, [`StoreError::BadName`] for
    /// the label, or a failing database.
    pub async fn create_key(
        &self,
        organisation: i64,
        plan: &KeyPlan,
    ) -> Result<NewKey, StoreError> {
        if self.store.organisation(organisation).await?.is_none() {
            return Err(StoreError::NotFound);
        }
        let label = if plan.label.trim().is_empty() { "" } else { usable(&plan.label)? };
        let mut tx = self.store.inner.db.begin().await?;
        let plan = KeyPlan { label: label.to_owned(), ..*plan };
        let made = self.insert_key(&mut tx, organisation, &plan, None).await?;
        let deed = Deed {
            action: "key.created",
            organisation: Some(organisation),
            target: format!("key:{}", made.key.id),
            detail: json!({ "scopes": made.key.scopes, "expires_at": made.key.expires_at }),
        };
        self.done(tx, deed).await?;
        Ok(made)
    }

    /// Makes a key that takes another's place: the same organisation, label and scopes. The old
    /// one goes on working for `grace`, or until it would have expired if that is sooner.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::KeyEnded`] when the old one is revoked or has
    /// expired, or a failing database.
    pub async fn rotate_key(
        &self,
        id: i64,
        grace: Duration,
        expires_at: Option<Timestamp>,
    ) -> Result<NewKey, StoreError> {
        const LOCKED: Sql = Sql::each(keys!("WHERE id = $1"), keys!("WHERE id = $1 FOR UPDATE"));
        let now = self.store.millis();
        let mut tx = self.store.inner.db.begin().await?;
        let row = tx.first(LOCKED, args![id]).await?.ok_or(StoreError::NotFound)?;
        let old = api_key(&row)?;
        if !old.is_live(timestamp(now)) {
            return Err(StoreError::KeyEnded(id));
        }
        let plan = KeyPlan { label: old.label, scopes: old.scopes, expires_at };
        let made = self.insert_key(&mut tx, old.organisation_id, &plan, Some(id)).await?;
        let grace = i64::try_from(grace.as_millis()).unwrap_or(i64::MAX);
        let end = now.saturating_add(grace);
        let end = old.expires_at.map_or(end, |at| at.as_millisecond().min(end));
        let sql = "UPDATE api_keys SET expires_at = $2 WHERE id = $1";
        tx.execute(sql, args![id, end]).await?;
        let deed = Deed {
            action: "key.rotated",
            organisation: Some(old.organisation_id),
            target: format!("key:{}", made.key.id),
            detail: json!({ "replaces": id, "old_expires_at": timestamp(end) }),
        };
        self.done(tx, deed).await?;
        Ok(made)
    }

    async fn insert_key(
        &self,
        tx: &mut Tx,
        organisation: i64,
        plan: &KeyPlan,
        replaces: Option<i64>,
    ) -> Result<NewKey, StoreError> {
        let text = KeyText::generate()?;
        let sql = "INSERT INTO api_keys (organisation_id, prefix, hash, label, scopes, expires_at,
                   replaces, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let hash = text.hash();
        let values = args![
            organisation,
            text.prefix(),
            &hash,
            &plan.label,
            &plan.scopes.to_string(),
            plan.expires_at.map(|t| t.as_millisecond()),
            replaces,
            self.store.millis()
        ];
        tx.execute(sql, values).await?;
        let row = tx.first(keys!("WHERE hash = $1"), args![&hash]).await?;
        let key = api_key(&row.ok_or(StoreError::NotFound)?)?;
        Ok(NewKey { text, key })
    }

    /// Ends a key's life; it is refused from now on. A key already revoked stays so.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or a failing database.
    pub async fn revoke_key(&self, id: i64) -> Result<(), StoreError> {
        let mut tx = self.store.inner.db.begin().await?;
        let sql = "UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL
                   RETURNING organisation_id";
        let Some(row) = tx.first(sql, args![id, self.store.millis()]).await? else {
            let known = tx.first("SELECT id FROM api_keys WHERE id = $1", args![id]).await?;
            return known.map(drop).ok_or(StoreError::NotFound);
        };
        let deed = Deed {
            action: "key.revoked",
            organisation: Some(row.int(0)?),
            target: format!("key:{id}"),
            detail: json!({}),
        };
        self.done(tx, deed).await
    }
}

impl Store {
    /// Makes a usual key, in the service's own name: convert and read, without an end. See
    /// [`Desk::create_key`].
    ///
    /// # Errors
    /// As there.
    pub async fn create_key(&self, organisation: i64, label: &str) -> Result<NewKey, StoreError> {
        let plan = KeyPlan { label: label.to_owned(), ..KeyPlan::default() };
        self.by(Actor::system()).create_key(organisation, &plan).await
    }

    /// Revokes a key in the service's own name. See [`Desk::revoke_key`].
    ///
    /// # Errors
    /// As there.
    pub async fn revoke_key(&self, id: i64) -> Result<(), StoreError> {
        self.by(Actor::system()).revoke_key(id).await
    }

    /// The key of that number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn key(&self, id: i64) -> Result<Option<ApiKey>, StoreError> {
        let row = self.inner.db.first(keys!("WHERE id = $1"), args![id]).await?;
        row.as_ref().map(api_key).transpose()
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

    /// Who has this key; `None` when nobody has, or no longer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn authenticate(&self, key: &KeyText) -> Result<Option<Caller>, StoreError> {
        Ok(match self.identify(key).await? {
            Identified::Caller(caller) => Some(*caller),
            Identified::Unknown | Identified::Revoked | Identified::Expired => None,
        })
    }

    /// What this key is: somebody's, or why not. On PostgreSQL the answer may be one of a moment
    /// ago.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn identify(&self, key: &KeyText) -> Result<Identified, StoreError> {
        // Looked up by its public beginning, then compared in constant time: how long a refusal
        // takes says nothing about the stored hash.
        let now = self.millis();
        let holders = match self.engine() {
            Engine::Sqlite => self.holders(key.prefix()).await?,
            Engine::Postgres => match self.inner.known.find(key.prefix()) {
                Ok(holders) => holders,
                Err(changes) => {
                    let holders = self.holders(key.prefix()).await?;
                    self.inner.known.remember(key.prefix(), &holders, changes);
                    holders
                }
            },
        };
        let mut found = Identified::Unknown;
        for holder in holders.iter() {
            if !key.matches(&holder.hash) {
                continue;
            }
            found = if holder.revoked {
                Identified::Revoked
            } else if holder.expires_at.is_some_and(|end| end <= now) {
                Identified::Expired
            } else {
                Identified::Caller(Box::new(holder.caller.clone()))
            };
        }
        Ok(found)
    }

    /// The keys that begin so, with their organisations.
    async fn holders(&self, prefix: &str) -> Result<Arc<[Holder]>, StoreError> {
        let sql = "SELECT o.id, o.name, o.plan, o.requests_per_minute, o.pages_per_month,
                          o.retention_days, o.created_at, p.requests_per_minute,
                          p.pages_per_month, k.id, k.hash, k.revoked_at, k.expires_at, k.scopes
                   FROM api_keys k JOIN organisations o ON o.id = k.organisation_id
                   LEFT JOIN plans p ON p.name = o.plan WHERE k.prefix = $1";
        let holder = |row: &Row| {
            let (key_id, scopes) = (row.int(9)?, scopes(&row.text(13)?)?);
            Ok(Holder {
                hash: row.text(10)?,
                revoked: row.opt_int(11)?.is_some(),
                expires_at: row.opt_int(12)?,
                caller: Caller { organisation: organisation(row)?, key_id, scopes },
            })
        };
        self.inner.db.all(sql, args![prefix]).await?.iter().map(holder).collect()
    }
}
