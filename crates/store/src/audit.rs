//! The audit trail: who changed what, when, from where. Only ever added to; the database itself
//! refuses to change or remove a row.
//!
//! No key, no name and no text of a customer's is in it: organisations, keys, webhooks and jobs
//! are named by their numbers.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value as Json;

use crate::clock::timestamp;
use crate::db::{Row, Tx, args};
use crate::{Store, StoreError};

/// Who does something, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    who: String,
    origin: String,
}

impl Actor {
    /// Whoever holds the key of that number, calling from that network address.
    #[must_use]
    pub fn key(id: i64, address: &str) -> Self {
        Self { who: format!("key:{id}"), origin: short(address) }
    }

    /// Someone at the command line of a machine.
    #[must_use]
    pub fn command_line(user: &str, machine: &str) -> Self {
        Self { who: format!("cli:{}", short(user)), origin: short(machine) }
    }

    /// The service itself.
    #[must_use]
    pub fn system() -> Self {
        Self { who: "system".to_owned(), origin: String::new() }
    }
}

/// What comes from outside, fit to be kept: printable and not too long.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

/// One line of the trail.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditEntry {
    /// Rises with each entry.
    pub id: i64,
    /// When it happened.
    pub at: Timestamp,
    /// Who: `key:NUMBER`, `cli:USER` or `system`.
    pub who: String,
    /// From where: a network address, or the machine's name; empty for the service itself.
    pub origin: String,
    /// What, such as `key.created`.
    pub action: String,
    /// The organisation it was about.
    pub organisation_id: Option<i64>,
    /// The thing it was about, such as `key:7`.
    pub target: String,
    /// More of it: a JSON object.
    pub detail: Json,
}

/// Which entries are wanted.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only those about this organisation.
    pub organisation: Option<i64>,
    /// Only this action.
    pub action: Option<String>,
    /// Only those after this cursor: [`AuditPage::next`] of the page before.
    pub after: Option<String>,
    /// At most this many, 1 to 200; 0 means 50.
    pub limit: u32,
}

/// A stretch of the trail, newest first.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Where the next page begins, when there is one.
    pub next: Option<String>,
}

/// What is written down, besides who and when.
pub(crate) struct Deed<'a> {
    pub(crate) action: &'a str,
    pub(crate) organisation: Option<i64>,
    pub(crate) target: String,
    pub(crate) detail: Json,
}

/// Writes an entry within the transaction that does what it tells of: both or neither.
pub(crate) async fn record(
    tx: &mut Tx,
    now: i64,
    actor: &Actor,
    deed: Deed<'_>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit (at, who, origin, action, organisation_id, target, detail)
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = args![
        now,
        &actor.who,
        &actor.origin,
        deed.action,
        deed.organisation,
        &deed.target,
        &deed.detail.to_string()
    ];
    tx.execute(sql, values).await?;
    Ok(())
}

/// The store in somebody's hands: each change made through it goes into the audit trail.
#[derive(Clone, Debug)]
pub struct Desk {
    pub(crate) store: Store,
    pub(crate) actor: Actor,
}

impl Store {
    /// The store in that one's hands.
    #[must_use]
    pub fn by(&self, actor: Actor) -> Desk {
        Desk { store: self.clone(), actor }
    }

    /// The audit trail, newest first.
    ///
    /// # Errors
    /// When the database fails. A cursor that makes no sense begins at the newest.
    pub async fn audit(&self, filter: &AuditFilter) -> Result<AuditPage, StoreError> {
        let limit = if filter.limit == 0 { 50 } else { filter.limit.min(200) };
        let before = filter.after.as_deref().and_then(|c| c.parse().ok()).unwrap_or(i64::MAX);
        let sql = "SELECT id, at, who, origin, action, organisation_id, target, detail FROM audit
                   WHERE id < $1 AND (CAST($2 AS BIGINT) IS NULL OR organisation_id = $2)
                   AND (CAST($3 AS TEXT) IS NULL OR action = $3) ORDER BY id DESC LIMIT $4";
        let values = args![before, filter.organisation, filter.action.as_deref(), limit + 1];
        let rows = self.inner.db.all(sql, values).await?;
        let size = limit as usize;
        let mut entries = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        let more = entries.len() > size;
        entries.truncate(size);
        let next = entries.last().filter(|_| more).map(|e| e.id.to_string());
        Ok(AuditPage { entries, next })
    }
}

impl Desk {
    /// Writes down something that was done elsewhere. `target` and `detail` must hold no key,
    /// name or text of a customer's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note(
        &self,
        action: &str,
        organisation: Option<i64>,
        target: impl Into<String>,
        detail: Json,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.inner.db.begin().await?;
        let deed = Deed { action, organisation, target: target.into(), detail };
        record(&mut tx, self.store.millis(), &self.actor, deed).await?;
        tx.commit().await
    }

    /// Writes down a deed, commits both, and waits until they would survive a power cut.
    pub(crate) async fn done(&self, mut tx: Tx, deed: Deed<'_>) -> Result<(), StoreError> {
        record(&mut tx, self.store.millis(), &self.actor, deed).await?;
        // Whatever was changed, keys and limits looked up before it may be wrong now: on the other
        // nodes when they hear of it, on this one before anybody is told that it is done.
        tx.notify_accounts().await?;
        tx.commit().await?;
        self.store.inner.known.forget();
        self.store.inner.db.settled().await
    }
}

fn entry(row: &Row) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        id: row.int(0)?,
        at: timestamp(row.int(1)?),
        who: row.text(2)?,
        origin: row.text(3)?,
        action: row.text(4)?,
        organisation_id: row.opt_int(5)?,
        target: row.text(6)?,
        detail: serde_json::from_str(&row.text(7)?)
            .map_err(|e| StoreError::Corrupt(e.to_string()))?,
    })
}
