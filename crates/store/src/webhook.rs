//! Webhooks: addresses an organisation wants told when its jobs end.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::audit::Deed;
use crate::clock::timestamp;
use crate::db::{Row, args};
use crate::{Desk, JobId, JobState, ParseWordError, Store, StoreError, WebhookSecret};

/// Most webhooks an organisation may have.
pub(crate) const MOST_WEBHOOKS: u32 = 20;

/// What a webhook may be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WebhookEvent {
    /// A job's result is there.
    JobCompleted,
    /// A job failed for good.
    JobFailed,
    /// A job was cancelled by its owner.
    JobCancelled,
}

impl WebhookEvent {
    /// All events.
    pub const ALL: [Self; 3] = [Self::JobCompleted, Self::JobFailed, Self::JobCancelled];

    /// The word of the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::JobCompleted => "job.completed",
            Self::JobFailed => "job.failed",
            Self::JobCancelled => "job.cancelled",
        }
    }

    /// What a job's end is told as; nothing else is told.
    pub(crate) fn of(state: JobState) -> Option<Self> {
        match state {
            JobState::Completed => Some(Self::JobCompleted),
            JobState::Failed => Some(Self::JobFailed),
            JobState::Cancelled => Some(Self::JobCancelled),
            JobState::Queued | JobState::Processing => None,
        }
    }
}

impl std::fmt::Display for WebhookEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for WebhookEvent {
    type Err = ParseWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|e| e.name().eq_ignore_ascii_case(text)).ok_or_else(|| {
            ParseWordError::new("event", text, "job.completed, job.failed or job.cancelled")
        })
    }
}

/// A webhook as the store remembers it, but for its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Webhook {
    /// 24 lower-case hex digits.
    pub id: String,
    /// Its organisation.
    pub organisation_id: i64,
    /// Where it sends.
    pub url: String,
    /// What it is told of.
    #[serde(skip)]
    pub events: Vec<WebhookEvent>,
    /// Told of every job; otherwise only of those that name it.
    pub every_job: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when nothing has got through.
    pub failing_since: Option<Timestamp>,
    /// When it was turned off.
    pub disabled_at: Option<Timestamp>,
    /// Why: `failing` for too long, `gone` as its receiver said, or by its `owner`.
    pub disabled_why: Option<String>,
}

/// A webhook to be made. The address must have been checked already.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// Where it sends.
    pub url: String,
    /// What it is told of, at least one.
    pub events: Vec<WebhookEvent>,
    /// Told of every job; otherwise only of those that name it.
    pub every_job: bool,
}

/// What shall change of a webhook; `None` leaves a thing.
#[derive(Clone, Debug, Default)]
pub struct WebhookChange {
    /// Where it sends.
    pub url: Option<String>,
    /// What it is told of, at least one.
    pub events: Option<Vec<WebhookEvent>>,
    /// Told of every job; otherwise only of those that name it.
    pub every_job: Option<bool>,
    /// Turned on (and its failures forgotten) or off.
    pub enabled: Option<bool>,
}

/// The columns [`webhook`] reads, with what stands behind `FROM webhooks`.
macro_rules! webhooks {
    ($rest:literal) => {
        concat!(
            "SELECT id, organisation_id, url, events, every_job, created_at, failing_since, ",
            "disabled_at, disabled_why FROM webhooks ",
            $rest
        )
    };
}

fn webhook(row: &Row) -> Result<Webhook, StoreError> {
    let events = row.text(3)?;
    let events = events.split(' ').map(str::parse).collect::<Result<_, _>>();
    Ok(Webhook {
        id: row.text(0)?,
        organisation_id: row.int(1)?,
        url: row.text(2)?,
        events: events.map_err(|e: ParseWordError| StoreError::Corrupt(e.to_string()))?,
        every_job: row.int(4)? != 0,
        created_at: timestamp(row.int(5)?),
        failing_since: row.opt_int(6)?.map(timestamp),
        disabled_at: row.opt_int(7)?.map(timestamp),
        disabled_why: row.opt_text(8)?,
    })
}

fn words(events: &[WebhookEvent]) -> String {
    let known = WebhookEvent::ALL.into_iter().filter(|e| events.contains(e));
    known.map(WebhookEvent::name).collect::<Vec<_>>().join(" ")
}

impl Desk {
    /// Makes a webhook. Its secret is in the answer and is not shown again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such organisation, [`StoreError::TooMany`], or a
    /// failing database.
    pub async fn create_webhook(
        &self,
        organisation: i64,
        new: &NewWebhook,
    ) -> Result<(Webhook, WebhookSecret), StoreError> {
        let secret = WebhookSecret::generate()?;
        let id = JobId::generate()?;
        let mut tx = self.store.inner.db.begin().await?;
        // The organisation's row is locked, so that two at once cannot both be the last.
        let sql = "UPDATE organisations SET name = name WHERE id = $1";
        if tx.execute(sql, args![organisation]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        let sql = "SELECT COUNT(*) FROM webhooks WHERE organisation_id = $1";
        let there = tx.first(sql, args![organisation]).await?;
        if there.map_or(Ok(0), |row| row.int(0))? >= i64::from(MOST_WEBHOOKS) {
            return Err(StoreError::TooMany { what: "webhooks", limit: MOST_WEBHOOKS });
        }
        let sql = "INSERT INTO webhooks (id, organisation_id, url, secret, events, every_job,
                   created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values = args![
            &id,
            organisation,
            &new.url,
            secret.reveal(),
            &words(&new.events),
            i64::from(new.every_job),
            self.store.millis()
        ];
        tx.execute(sql, values).await?;
        let deed = Deed {
            action: "webhook.created",
            organisation: Some(organisation),
            target: format!("webhook:{id}"),
            detail: json!({ "events": words(&new.events), "every_job": new.every_job }),
        };
        self.done(tx, deed).await?;
        let made = self.store.webhook(organisation, id.as_str()).await?;
        Ok((made.ok_or(StoreError::NotFound)?, secret))
    }

    /// Changes a webhook; the webhook afterwards.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none of that id, or it is another's.
    pub async fn change_webhook(
        &self,
        organisation: i64,
        id: &str,
        change: &WebhookChange,
    ) -> Result<Webhook, StoreError> {
        let now = self.store.millis();
        let mut tx = self.store.inner.db.begin().await?;
        let sql = "UPDATE webhooks SET url = COALESCE($3, url), events = COALESCE($4, events),
                   every_job = COALESCE($5, every_job) WHERE id = $1 AND organisation_id = $2";
        let events = change.events.as_deref().map(words);
        let every = change.every_job.map(i64::from);
        let values = args![id, organisation, change.url.as_deref(), events.as_deref(), every];
        if tx.execute(sql, values).await? == 0 {
            return Err(StoreError::NotFound);
        }
        match change.enabled {
            Some(true) => {
                let sql = "UPDATE webhooks SET disabled_at = NULL, disabled_why = NULL,
                           failing_since = NULL WHERE id = $1";
                tx.execute(sql, args![id]).await?;
                let sql = "UPDATE webhook_deliveries SET next_at = $2
                           WHERE webhook_id = $1 AND state = 'WAITING'";
                tx.execute(sql, args![id, now]).await?;
            }
            Some(false) => {
                let sql = "UPDATE webhooks SET disabled_at = $2, disabled_why = 'owner'
                           WHERE id = $1 AND disabled_at IS NULL";
                tx.execute(sql, args![id, now]).await?;
            }
            None => {}
        }
        let deed = Deed {
            action: "webhook.changed",
            organisation: Some(organisation),
            target: format!("webhook:{id}"),
            detail: json!({
                "url": change.url.is_some(),
                "events": change.events.as_deref().map(words),
                "every_job": change.every_job,
                "enabled": change.enabled,
            }),
        };
        self.done(tx, deed).await?;
        self.store.webhook(organisation, id).await?.ok_or(StoreError::NotFound)
    }

    /// Removes a webhook with all that it had still to send.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none of that id, or it is another's.
    pub async fn delete_webhook(&self, organisation: i64, id: &str) -> Result<(), StoreError> {
        let mut tx = self.store.inner.db.begin().await?;
        let sql = "DELETE FROM webhooks WHERE id = $1 AND organisation_id = $2";
        if tx.execute(sql, args![id, organisation]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        let deed = Deed {
            action: "webhook.deleted",
            organisation: Some(organisation),
            target: format!("webhook:{id}"),
            detail: json!({}),
        };
        self.done(tx, deed).await
    }
}

impl Store {
    /// An organisation's webhooks, in the order they were made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhooks(&self, organisation: i64) -> Result<Vec<Webhook>, StoreError> {
        let sql = webhooks!("WHERE organisation_id = $1 ORDER BY seq");
        let rows = self.inner.db.all(sql, args![organisation]).await?;
        rows.iter().map(webhook).collect()
    }

    /// A webhook of an organisation; `None` when there is none of that id, or it is another's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook(
        &self,
        organisation: i64,
        id: &str,
    ) -> Result<Option<Webhook>, StoreError> {
        let sql = webhooks!("WHERE id = $1 AND organisation_id = $2");
        let row = self.inner.db.first(sql, args![id, organisation]).await?;
        row.as_ref().map(webhook).transpose()
    }

    /// Has a webhook told of one job, whether or not it is told of every job. To be called before
    /// the job is submitted, so that its end cannot come first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the webhook is not the organisation's.
    pub async fn tell_webhook_of(
        &self,
        organisation: i64,
        id: &str,
        job: &JobId,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO webhook_jobs (job_id, webhook_id, created_at)
                   SELECT $1, id, $4 FROM webhooks WHERE id = $2 AND organisation_id = $3";
        let values = args![job, id, organisation, self.millis()];
        match self.inner.db.execute(sql, values).await? {
            0 => Err(StoreError::NotFound),
            _ => Ok(()),
        }
    }

    /// Takes back [`Store::tell_webhook_of`], as when the job was refused.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tell_nobody_of(&self, job: &JobId) -> Result<(), StoreError> {
        self.inner.db.execute("DELETE FROM webhook_jobs WHERE job_id = $1", args![job]).await?;
        Ok(())
    }
}
