//! What webhooks have still to be told: written in the transaction that ends a job, sent by any
//! node, kept until it got through or is given up.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::audit::{Deed, record};
use crate::clock::timestamp;
use crate::db::{Row, Sql, Tx, args};
use crate::webhook::WebhookEvent;
use crate::{Actor, Desk, JobId, JobState, Store, StoreError, Sum, WebhookSecret};

/// Seconds from each failed attempt to the next; after as many and one more it is given up. Three
/// days in all.
const BACK_OFF: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// A webhook through which nothing has got for so long is turned off: five days.
const PATIENCE_MS: i64 = 5 * 86_400_000;
/// Messages of one webhook that are under way at once, so that a slow one holds up no other.
const AT_ONCE: i64 = 2;

/// A message to be sent now, and for a while nobody else's.
#[derive(Clone, Debug)]
pub struct Delivery {
    seq: i64,
    token: i64,
    /// The message's own id, the same at each attempt: `msg_` and 24 hex digits.
    pub id: String,
    /// The webhook.
    pub webhook_id: String,
    /// Where to.
    pub url: String,
    /// What to sign with: the webhook's secret, and the one before while that is still good.
    pub secrets: Vec<WebhookSecret>,
    /// What to send: JSON.
    pub body: String,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It was taken, with that status.
    Taken(u16),
    /// It was not: the status, if there was one, and what went wrong, in our own words.
    Failed(Option<u16>, String),
    /// The receiver wants no more messages, ever.
    Gone,
}

/// A message and how it stands, for its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryView {
    /// The message's id.
    pub id: String,
    /// The job it tells of.
    pub job_id: String,
    /// The event's word.
    pub event: String,
    /// `WAITING`, `DELIVERED` or `FAILED`.
    pub state: String,
    /// Attempts made.
    pub attempts: u32,
    /// When the next attempt is due.
    pub next_at: Option<Timestamp>,
    /// The last answer's status.
    pub last_status: Option<u16>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When the job ended.
    pub created_at: Timestamp,
    /// When it was taken or given up.
    pub finished_at: Option<Timestamp>,
}

/// How much the outbox holds that may be sent: nothing of webhooks that are turned off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxDepth {
    /// Messages that wait or are under way.
    pub waiting: u64,
    /// When the event of the oldest of them was.
    pub oldest: Option<Timestamp>,
}

/// The columns [`view`] reads, with what stands behind `FROM webhook_deliveries`.
macro_rules! deliveries {
    ($rest:literal) => {
        concat!(
            "SELECT id, job_id, event, state, attempts, next_at, last_status, last_error, ",
            "created_at, finished_at FROM webhook_deliveries ",
            $rest
        )
    };
}

fn view(row: &Row) -> Result<DeliveryView, StoreError> {
    let state = row.text(3)?;
    Ok(DeliveryView {
        id: row.text(0)?,
        job_id: row.text(1)?,
        event: row.text(2)?,
        next_at: (state == "WAITING").then(|| row.int(5)).transpose()?.map(timestamp),
        state,
        attempts: row.small(4)?,
        last_status: row.opt_int(6)?.and_then(|s| u16::try_from(s).ok()),
        last_error: row.opt_text(7)?,
        created_at: timestamp(row.int(8)?),
        finished_at: row.opt_int(9)?.map(timestamp),
    })
}

/// Writes down whom to tell of a job's end, within the transaction that ends it. Does nothing for
/// a job that has not ended.
pub(crate) async fn job_ended(tx: &mut Tx, id: &JobId, now: i64) -> Result<(), StoreError> {
    let sql = "SELECT w.id, w.events, j.state, j.pages_done, j.pages_total, j.failure_code,
                      j.failure, j.failure_km, j.finished_at
               FROM jobs j JOIN webhooks w ON w.organisation_id = j.organisation_id
               WHERE j.id = $1 AND j.deleted = 0 AND j.finished_at IS NOT NULL
               AND w.disabled_at IS NULL AND (w.every_job = 1 OR EXISTS (
                   SELECT 1 FROM webhook_jobs n WHERE n.job_id = j.id AND n.webhook_id = w.id))";
    for row in tx.all(sql, args![id]).await? {
        let state = row.text(2)?.parse::<JobState>();
        let state = state.map_err(|e| StoreError::Corrupt(e.to_string()))?;
        let Some(event) = WebhookEvent::of(state) else { continue };
        if !row.text(1)?.split(' ').any(|e| e == event.name()) {
            continue;
        }
        let error = row.opt_text(5)?.map(|code| {
            let text = |column| row.opt_text(column).ok().flatten().unwrap_or_default();
            json!({ "code": code, "message": text(6), "message_km": text(7) })
        });
        let body = json!({
            "type": event.name(),
            "timestamp": timestamp(row.opt_int(8)?.unwrap_or(now)),
            "data": {
                "job_id": id.as_str(),
                "status": state.name(),
                "pages_done": row.int(3)?,
                "pages_total": row.int(4)?,
                "error": error,
            },
        });
        let message = format!("msg_{}", JobId::generate()?);
        let sql = "INSERT INTO webhook_deliveries (id, webhook_id, job_id, event, body, state,
                   next_at, created_at) VALUES ($1, $2, $3, $4, $5, 'WAITING', $6, $6)
                   ON CONFLICT (webhook_id, job_id, event) DO NOTHING";
        let webhook = row.text(0)?;
        let values = args![&message, &webhook, id, event.name(), &body.to_string(), now];
        tx.execute(sql, values).await?;
    }
    Ok(())
}

const DUE: Sql = Sql::each(
    "SELECT d.seq FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
     WHERE d.state = 'WAITING' AND d.next_at <= $1 AND d.lease_until <= $1
     AND w.disabled_at IS NULL AND (SELECT COUNT(*) FROM webhook_deliveries b
         WHERE b.webhook_id = d.webhook_id AND b.state = 'WAITING' AND b.lease_until > $1) < $2
     ORDER BY d.next_at, d.seq LIMIT 1",
    "SELECT d.seq FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
     WHERE d.state = 'WAITING' AND d.next_at <= $1 AND d.lease_until <= $1
     AND w.disabled_at IS NULL AND (SELECT COUNT(*) FROM webhook_deliveries b
         WHERE b.webhook_id = d.webhook_id AND b.state = 'WAITING' AND b.lease_until > $1) < $2
     ORDER BY d.next_at, d.seq LIMIT 1 FOR UPDATE OF d SKIP LOCKED",
);

impl Store {
    /// Takes the next message that is due, for `hold`. A sender that dies loses it by then, and
    /// another takes it; that counts as an attempt. `None` when nothing is due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lease_delivery(&self, hold: Duration) -> Result<Option<Delivery>, StoreError> {
        let hold = i64::try_from(hold.as_millis()).unwrap_or(i64::MAX);
        loop {
            let now = self.millis();
            // A look without the writer's lock first: most find nothing.
            let look = "SELECT seq FROM webhook_deliveries WHERE state = 'WAITING'
                        AND next_at <= $1 LIMIT 1";
            if self.inner.db.first(look, args![now]).await?.is_none() {
                return Ok(None);
            }
            let mut tx = self.inner.db.begin().await?;
            let Some(row) = tx.first(DUE, args![now, AT_ONCE]).await? else { return Ok(None) };
            let seq = row.int(0)?;
            let sql = "UPDATE webhook_deliveries SET token = token + 1, attempts = attempts + 1,
                       lease_until = $2 WHERE seq = $1";
            tx.execute(sql, args![seq, now.saturating_add(hold)]).await?;
            let sql = "SELECT d.token, d.id, d.webhook_id, w.url, w.secret, d.body, d.attempts,
                       CASE WHEN w.old_secret_until > $2 THEN w.old_secret END
                       FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
                       WHERE d.seq = $1";
            let row = tx.first(sql, args![seq, now]).await?.ok_or(StoreError::NotFound)?;
            let attempt = row.small(6)?;
            if attempt as usize > BACK_OFF.len() + 1 {
                // Its last sender died with it.
                give_up(&mut tx, seq, None, "the sender died", now).await?;
                tx.commit().await?;
                self.add(Sum::Webhooks, "given_up", 1.0);
                continue;
            }
            let delivery = Delivery {
                seq,
                token: row.int(0)?,
                id: row.text(1)?,
                webhook_id: row.text(2)?,
                url: row.text(3)?,
                secrets: [Some(row.text(4)?), row.opt_text(7)?]
                    .into_iter()
                    .flatten()
                    .map(WebhookSecret::kept)
                    .collect(),
                body: row.text(5)?,
                attempt,
            };
            tx.commit().await?;
            return Ok(Some(delivery));
        }
    }

    /// Says what became of an attempt. A failed one is tried again after a while, ten times in
    /// three days; a webhook through which nothing has got for five days is turned off. Nothing
    /// changes when the message was given to another sender since.
    ///
    /// # Errors
    /// When the database fails; the message will then be sent again.
    pub async fn delivered(&self, delivery: &Delivery, what: &Attempt) -> Result<(), StoreError> {
        let now = self.millis();
        let mut tx = self.inner.db.begin().await?;
        let sql = "UPDATE webhook_deliveries SET lease_until = 0
                   WHERE seq = $1 AND token = $2 AND state = 'WAITING'";
        if tx.execute(sql, args![delivery.seq, delivery.token]).await? == 0 {
            return Ok(());
        }
        let webhook = delivery.webhook_id.as_str();
        let outcome = match what {
            Attempt::Taken(_) => "delivered",
            Attempt::Gone => "gone",
            Attempt::Failed(..) if delivery.attempt as usize > BACK_OFF.len() => "given_up",
            Attempt::Failed(..) => "failed",
        };
        match what {
            Attempt::Taken(status) => {
                let sql = "UPDATE webhook_deliveries SET state = 'DELIVERED', finished_at = $2,
                           last_status = $3, last_error = NULL WHERE seq = $1";
                tx.execute(sql, args![delivery.seq, now, i64::from(*status)]).await?;
                let sql = "UPDATE webhooks SET failing_since = NULL
                           WHERE id = $1 AND failing_since IS NOT NULL";
                tx.execute(sql, args![webhook]).await?;
            }
            Attempt::Gone => {
                give_up(&mut tx, delivery.seq, Some(410), "gone", now).await?;
                turn_off(&mut tx, webhook, "gone", now).await?;
            }
            Attempt::Failed(status, why) => {
                let status = status.map(i64::from);
                match BACK_OFF.get(delivery.attempt.saturating_sub(1) as usize) {
                    Some(seconds) => {
                        // A tenth more or less, so that what failed together does not come back
                        // together.
                        let wait = seconds * 1_000 / 100 * (90 + delivery.seq % 21);
                        let sql = "UPDATE webhook_deliveries SET next_at = $2, last_status = $3,
                                   last_error = $4 WHERE seq = $1";
                        let values = args![delivery.seq, now.saturating_add(wait), status, why];
                        tx.execute(sql, values).await?;
                    }
                    None => give_up(&mut tx, delivery.seq, status, why, now).await?,
                }
                let sql = "UPDATE webhooks SET failing_since = COALESCE(failing_since, $2)
                           WHERE id = $1 RETURNING failing_since";
                let row = tx.first(sql, args![webhook, now]).await?;
                let since = row.map_or(Ok(now), |r| r.int(0))?;
                if now.saturating_sub(since) >= PATIENCE_MS {
                    turn_off(&mut tx, webhook, "failing", now).await?;
                }
            }
        }
        tx.commit().await?;
        self.add(Sum::Webhooks, outcome, 1.0);
        Ok(())
    }

    /// The newest messages of a webhook, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deliveries(
        &self,
        webhook: &str,
        limit: u32,
    ) -> Result<Vec<DeliveryView>, StoreError> {
        let sql = deliveries!("WHERE webhook_id = $1 ORDER BY seq DESC LIMIT $2");
        let rows = self.inner.db.all(sql, args![webhook, limit.min(200)]).await?;
        rows.iter().map(view).collect()
    }

    /// How much the outbox holds, for metrics.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox_depth(&self) -> Result<OutboxDepth, StoreError> {
        let sql = "SELECT COUNT(*), MIN(d.created_at) FROM webhook_deliveries d
                   JOIN webhooks w ON w.id = d.webhook_id
                   WHERE d.state = 'WAITING' AND w.disabled_at IS NULL";
        let Some(row) = self.inner.db.first(sql, args![]).await? else {
            return Ok(OutboxDepth::default());
        };
        Ok(OutboxDepth { waiting: row.count(0)?, oldest: row.opt_int(1)?.map(timestamp) })
    }

    /// Forgets messages that were taken or given up longer ago than `age`, those that wait on a
    /// webhook turned off for so long, and the wishes of jobs that never came to be.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge_deliveries(&self, age: Duration) -> Result<u64, StoreError> {
        let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        let before = self.millis().saturating_sub(age);
        let db = &self.inner.db;
        let finished = "DELETE FROM webhook_deliveries WHERE finished_at < $1";
        let mut purged = db.execute(finished, args![before]).await?;
        let stuck = "DELETE FROM webhook_deliveries WHERE state = 'WAITING' AND webhook_id IN
                     (SELECT id FROM webhooks WHERE disabled_at < $1)";
        purged += db.execute(stuck, args![before]).await?;
        let wishes = "DELETE FROM webhook_jobs WHERE created_at < $1
                      AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = webhook_jobs.job_id)";
        db.execute(wishes, args![before]).await?;
        Ok(purged)
    }
}

impl Desk {
    /// Has a message sent again, with the same id, whatever became of it; one that waits is sent
    /// now. Its attempts are counted anew. The message afterwards.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the organisation has no such webhook or that no such message.
    pub async fn resend(
        &self,
        organisation: i64,
        webhook: &str,
        message: &str,
    ) -> Result<DeliveryView, StoreError> {
        let now = self.store.millis();
        let mut tx = self.store.inner.db.begin().await?;
        // A sender that has it in hand says nothing more about it: the token has moved on.
        let sql = "UPDATE webhook_deliveries SET state = 'WAITING', attempts = 0, next_at = $4,
                   token = token + 1, lease_until = 0, finished_at = NULL, last_status = NULL,
                   last_error = NULL
                   WHERE id = $1 AND webhook_id = $2 AND webhook_id IN
                       (SELECT id FROM webhooks WHERE organisation_id = $3)";
        if tx.execute(sql, args![message, webhook, organisation, now]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        let deed = Deed {
            action: "webhook.resent",
            organisation: Some(organisation),
            target: format!("webhook:{webhook}"),
            detail: json!({ "message": message }),
        };
        self.done(tx, deed).await?;
        let sql = deliveries!("WHERE id = $1");
        let row = self.store.inner.db.first(sql, args![message]).await?;
        view(&row.ok_or(StoreError::NotFound)?)
    }
}

async fn give_up(
    tx: &mut Tx,
    seq: i64,
    status: Option<i64>,
    why: &str,
    now: i64,
) -> Result<(), StoreError> {
    let sql = "UPDATE webhook_deliveries SET state = 'FAILED', finished_at = $2, last_status = $3,
               last_error = $4 WHERE seq = $1";
    tx.execute(sql, args![seq, now, status, why]).await?;
    Ok(())
}

/// Turns a webhook off and writes that down.
async fn turn_off(tx: &mut Tx, webhook: &str, why: &str, now: i64) -> Result<(), StoreError> {
    let sql = "UPDATE webhooks SET disabled_at = $2, disabled_why = $3
               WHERE id = $1 AND disabled_at IS NULL RETURNING organisation_id";
    let Some(row) = tx.first(sql, args![webhook, now, why]).await? else { return Ok(()) };
    let deed = Deed {
        action: "webhook.disabled",
        organisation: Some(row.int(0)?),
        target: format!("webhook:{webhook}"),
        detail: json!({ "why": why }),
    };
    record(tx, now, &Actor::system(), deed).await
}
