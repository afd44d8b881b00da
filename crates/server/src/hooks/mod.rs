//! Webhooks: sending what the store's outbox holds. Any node may run it, and several do: each
//! message is leased like a job.

mod address;
mod client;
mod sign;

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use khocr_store::{Attempt, Delivery, Event, Store};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

pub(crate) use address::target;
use client::{Client, PATIENCE};

/// Messages under way at once.
const AT_ONCE: usize = 16;
/// How long a message is this sender's; above the longest attempt with time to write it down.
const HOLD: Duration = Duration::from_secs(30);
/// How often the outbox is looked at without being told of anything.
const LOOK: Duration = Duration::from_secs(2);
/// How long messages are remembered after they were taken or given up.
const REMEMBERED: Duration = Duration::from_secs(30 * 86_400);
/// How often old ones are forgotten.
const PURGE: Duration = Duration::from_secs(3_600);

/// Why webhooks may not be sent to that address; `None` when they may. `private` allows addresses
/// that are not public, and such without TLS.
#[must_use]
pub fn refused_address(url: &str, private: bool) -> Option<&'static str> {
    target(url, private).err()
}

/// Sends webhooks until `stop` is done, and then finishes what is under way. `private` allows
/// addresses that are not public, and such without TLS.
///
/// A node that dies loses no message: another takes it when its lease is over.
pub async fn send_webhooks(store: Store, private: bool, stop: impl Future<Output = ()>) {
    let client = match Client::new(private) {
        Ok(client) => client,
        Err(error) => {
            tracing::error!(%error, "webhooks cannot be sent");
            return;
        }
    };
    let mut events = store.events();
    let mut stop = pin!(stop);
    let mut under_way = JoinSet::new();
    let mut purge_at = Instant::now() + PURGE;
    loop {
        while under_way.len() < AT_ONCE {
            match store.lease_delivery(HOLD).await {
                Ok(Some(delivery)) => {
                    let (store, client) = (store.clone(), client.clone());
                    under_way.spawn(async move { send(&store, &client, private, delivery).await });
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "the webhooks' outbox could not be looked at");
                    break;
                }
            }
        }
        if Instant::now() >= purge_at {
            purge_at = Instant::now() + PURGE;
            if let Err(error) = store.purge_deliveries(REMEMBERED).await {
                tracing::warn!(%error, "old webhook messages could not be removed");
            }
        }
        let look = Instant::now() + LOOK;
        tokio::select! {
            () = &mut stop => break,
            Some(_) = under_way.join_next() => {}
            () = job_changed(&mut events) => {
                // Progress is told of too, and often: one look for all that comes together.
                sleep(Duration::from_millis(100)).await;
            }
            () = sleep_until(look) => {}
        }
    }
    let rest = async { while under_way.join_next().await.is_some() {} };
    // What is cut off here is another node's when its lease is over.
    let _ = timeout(PATIENCE + Duration::from_secs(5), rest).await;
}

/// Done when some job may have changed.
async fn job_changed(events: &mut tokio::sync::broadcast::Receiver<Event>) {
    loop {
        match events.recv().await {
            Ok(Event::Changed(_)) | Err(RecvError::Lagged(_)) => return,
            Ok(Event::Queued) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

async fn send(store: &Store, client: &Client, private: bool, delivery: Delivery) {
    let what = attempt(store, client, private, &delivery).await;
    if let Attempt::Failed(status, why) = &what {
        tracing::info!(
            webhook = delivery.webhook_id,
            // `message` is the log line's own.
            delivery = delivery.id,
            attempt = delivery.attempt,
            status,
            why,
            "a webhook was not taken"
        );
    }
    if let Err(error) = store.delivered(&delivery, &what).await {
        tracing::warn!(%error, "a webhook's outcome could not be kept; it will be sent again");
    }
}

async fn attempt(store: &Store, client: &Client, private: bool, delivery: &Delivery) -> Attempt {
    // Looked at again: what is allowed may have changed since it was registered.
    let target = match target(&delivery.url, private) {
        Ok(target) => target,
        Err(why) => return Attempt::Failed(None, why.to_owned()),
    };
    let seconds = store.now().as_second();
    let signature = sign::signatures(&delivery.secrets, &delivery.id, seconds, &delivery.body);
    let headers = [
        ("webhook-id", delivery.id.clone()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signature),
    ];
    match client.post(&target, &headers, delivery.body.clone().into()).await {
        Ok(status @ 200..=299) => Attempt::Taken(status),
        Ok(410) => Attempt::Gone,
        Ok(status @ 300..=399) => {
            Attempt::Failed(Some(status), "redirects are not followed".to_owned())
        }
        Ok(status) => Attempt::Failed(Some(status), format!("answered {status}")),
        Err(why) => Attempt::Failed(None, why.to_owned()),
    }
}
