//! `khocr webhooks`: addresses that are told when jobs end.

use std::time::Duration;

use anyhow::bail;
use khocr_store::{DeliveryView, NewWebhook, StoreError, Webhook, WebhookChange, WebhookEvent};

use super::actions::{WebhookArgs, WebhooksAction};
use super::{desk, named, open};
use crate::out;

/// `khocr webhooks …`.
pub(crate) async fn webhooks(action: &WebhooksAction) -> anyhow::Result<()> {
    match action {
        WebhooksAction::Create { org, url, events, named_jobs, private, place } => {
            if let Some(why) = khocr_server::refused_address(url, *private) {
                bail!("webhooks cannot be sent to {url}: {why}");
            }
            let store = open(place).await?;
            let organisation = named(&store, org).await?;
            let new = NewWebhook {
                url: url.clone(),
                events: match events[..] {
                    [] => WebhookEvent::ALL.to_vec(),
                    _ => events.clone(),
                },
                every_job: !named_jobs,
            };
            let (made, secret) = desk(&store).create_webhook(organisation.id, &new).await?;
            out::line(format!("{}\t{}", made.id, secret.reveal()))?;
            store.close().await;
        }
        WebhooksAction::List { org, place } => {
            let store = open(place).await?;
            let organisation = named(&store, org).await?;
            for webhook in store.webhooks(organisation.id).await? {
                out::line(row(&webhook))?;
            }
            store.close().await;
        }
        WebhooksAction::Enable(args) => turn(args, true).await?,
        WebhooksAction::Disable(args) => turn(args, false).await?,
        WebhooksAction::Delete(args) => {
            let store = open(&args.place).await?;
            let organisation = named(&store, &args.org).await?;
            desk(&store).delete_webhook(organisation.id, &args.id).await?;
            out::line(format!("webhook {} removed", args.id))?;
            store.close().await;
        }
        WebhooksAction::Rotate { which, grace_hours } => {
            let store = open(&which.place).await?;
            let organisation = named(&store, &which.org).await?;
            let grace = Duration::from_secs(u64::from(*grace_hours) * 3_600);
            let desk = desk(&store);
            let secret = desk.rotate_webhook_secret(organisation.id, &which.id, grace).await?;
            out::line(secret.reveal())?;
            store.close().await;
        }
        WebhooksAction::Messages { which, limit } => {
            let store = open(&which.place).await?;
            let organisation = named(&store, &which.org).await?;
            let found = store.webhook(organisation.id, &which.id).await?;
            let webhook = found.ok_or(StoreError::NotFound)?;
            for message in store.deliveries(&webhook.id, *limit).await? {
                out::line(message_row(&message))?;
            }
            store.close().await;
        }
        WebhooksAction::Resend { which, messages, failed } => {
            let store = open(&which.place).await?;
            let organisation = named(&store, &which.org).await?;
            let mut ids = messages.clone();
            if *failed {
                let given_up = store.deliveries(&which.id, 200).await?;
                ids.extend(given_up.into_iter().filter(|m| m.state == "FAILED").map(|m| m.id));
            }
            for id in ids {
                let again = desk(&store).resend(organisation.id, &which.id, &id).await?;
                out::line(message_row(&again))?;
            }
            store.close().await;
        }
    }
    Ok(())
}

fn message_row(message: &DeliveryView) -> String {
    let status = message.last_status.map_or_else(|| "-".to_owned(), |s| s.to_string());
    let why = message.last_error.as_deref().unwrap_or("-");
    let (id, job, event) = (&message.id, &message.job_id, &message.event);
    let (state, attempts) = (&message.state, message.attempts);
    format!("{id}\t{job}\t{event}\t{state}\t{attempts}\t{status}\t{why}")
}

async fn turn(args: &WebhookArgs, on: bool) -> anyhow::Result<()> {
    let store = open(&args.place).await?;
    let organisation = named(&store, &args.org).await?;
    let change = WebhookChange { enabled: Some(on), ..WebhookChange::default() };
    let changed = desk(&store).change_webhook(organisation.id, &args.id, &change).await?;
    out::line(row(&changed))?;
    store.close().await;
    Ok(())
}

fn row(webhook: &Webhook) -> String {
    let events: Vec<_> = webhook.events.iter().map(|e| e.name()).collect();
    let state = match (&webhook.disabled_why, webhook.failing_since) {
        (Some(why), _) => format!("off ({why})"),
        (None, Some(since)) => format!("failing since {since}"),
        (None, None) => "on".to_owned(),
    };
    let jobs = if webhook.every_job { "every job" } else { "named jobs" };
    format!("{}\t{}\t{}\t{jobs}\t{state}", webhook.id, webhook.url, events.join(" "))
}
