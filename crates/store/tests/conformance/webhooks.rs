//! Webhooks: registered, told in the job's own transaction, retried, given up.

use std::time::Duration;

use khocr_store::{
    Attempt, Delivery, NewWebhook, Organisation, Plan, Store, StoreError, Webhook, WebhookChange,
    WebhookEvent,
};

use crate::context::{Context, desk, failure, lease, new_job, submit};

const HOLD: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_secs(86_400);

async fn register(store: &Store, organisation: &Organisation, every_job: bool) -> Webhook {
    let new = NewWebhook {
        url: "https://example.org/hook".to_owned(),
        events: WebhookEvent::ALL.to_vec(),
        every_job,
    };
    desk(store).create_webhook(organisation.id, &new).await.unwrap().0
}

async fn due(store: &Store) -> Option<Delivery> {
    store.lease_delivery(HOLD).await.unwrap()
}

async fn end_one(store: &Store) {
    let held = lease(store).await.unwrap();
    store.complete(&held, "r", 1).await.unwrap();
}

pub(crate) async fn webhooks_are_registered_changed_and_private(context: &Context) {
    let (store, organisation) = context.free().await;
    let other = store.create_organisation("Bank", Plan::Free).await.unwrap();
    let new = NewWebhook {
        url: "https://example.org/a".to_owned(),
        events: vec![WebhookEvent::JobFailed, WebhookEvent::JobCompleted],
        every_job: true,
    };
    let (made, secret) = desk(&store).create_webhook(organisation.id, &new).await.unwrap();
    assert!(secret.reveal().starts_with("whsec_"));
    assert_eq!(made.events, [WebhookEvent::JobCompleted, WebhookEvent::JobFailed]);
    let all = store.webhooks(organisation.id).await.unwrap();
    assert_eq!(all, std::slice::from_ref(&made));
    assert!(store.webhooks(other.id).await.unwrap().is_empty());
    assert_eq!(store.webhook(other.id, &made.id).await.unwrap(), None);
    let change = WebhookChange {
        url: Some("https://example.org/b".to_owned()),
        every_job: Some(false),
        enabled: Some(false),
        ..WebhookChange::default()
    };
    let foreign = desk(&store).change_webhook(other.id, &made.id, &change).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)));
    let changed = desk(&store).change_webhook(organisation.id, &made.id, &change).await.unwrap();
    assert_eq!((changed.url.as_str(), changed.every_job), ("https://example.org/b", false));
    assert_eq!(changed.events, made.events);
    assert_eq!(changed.disabled_why.as_deref(), Some("owner"));
    let foreign = desk(&store).delete_webhook(other.id, &made.id).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)));
    desk(&store).delete_webhook(organisation.id, &made.id).await.unwrap();
    assert!(store.webhooks(organisation.id).await.unwrap().is_empty());
    for _ in 0..20 {
        register(&store, &organisation, true).await;
    }
    let one_more = desk(&store).create_webhook(organisation.id, &new).await;
    assert!(matches!(one_more, Err(StoreError::TooMany { .. })));
    let nobody = desk(&store).create_webhook(99, &new).await;
    assert!(matches!(nobody, Err(StoreError::NotFound)));
}

pub(crate) async fn every_end_of_a_job_is_told_once(context: &Context) {
    let (store, organisation) = context.free().await;
    let other = store.create_organisation("Bank", Plan::Free).await.unwrap();
    let hook = register(&store, &organisation, true).await;
    register(&store, &other, true).await;
    let done = submit(&store, &organisation, 1).await;
    let held = lease(&store).await.unwrap();
    assert!(due(&store).await.is_none(), "it has not ended");
    store.complete(&held, "r", 1).await.unwrap();
    store.complete(&held, "r", 1).await.unwrap();
    let failed = submit(&store, &organisation, 1).await;
    let held = lease(&store).await.unwrap();
    store.release(&held).await.unwrap();
    let held = lease(&store).await.unwrap();
    store.fail(&held, &failure("too_hard")).await.unwrap();
    let cancelled = submit(&store, &organisation, 1).await;
    store.cancel(organisation.id, &cancelled.id).await.unwrap();
    store.cancel(organisation.id, &cancelled.id).await.unwrap();
    let mut told = Vec::new();
    while let Some(delivery) = due(&store).await {
        assert_eq!((delivery.webhook_id.as_str(), delivery.attempt), (hook.id.as_str(), 1));
        assert!(delivery.id.starts_with("msg_") && delivery.secrets[0].reveal().len() > 30);
        let body: serde_json::Value = serde_json::from_str(&delivery.body).unwrap();
        told.push((
            body["type"].as_str().unwrap().to_owned(),
            body["data"]["job_id"].as_str().unwrap().to_owned(),
            body["data"]["error"]["code"].as_str().unwrap_or_default().to_owned(),
        ));
        assert!(!delivery.body.contains(".pdf"), "no name of a customer's: {}", delivery.body);
        store.delivered(&delivery, &Attempt::Taken(204)).await.unwrap();
    }
    let event = |kind: &str, job: &khocr_store::Job, code: &str| {
        (kind.to_owned(), job.id.to_string(), code.to_owned())
    };
    let expected = [
        event("job.completed", &done, ""),
        event("job.failed", &failed, "too_hard"),
        event("job.cancelled", &cancelled, ""),
    ];
    assert_eq!(told, expected);
    let seen = store.deliveries(&hook.id, 50).await.unwrap();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|d| d.state == "DELIVERED" && d.last_status == Some(204)));
}

pub(crate) async fn only_what_was_asked_for_is_told(context: &Context) {
    let (store, organisation) = context.free().await;
    let other = store.create_organisation("Bank", Plan::Free).await.unwrap();
    let named = register(&store, &organisation, false).await;
    submit(&store, &organisation, 1).await;
    end_one(&store).await;
    assert!(due(&store).await.is_none(), "this job did not name it");
    let new = new_job(&organisation, 1);
    store.tell_webhook_of(organisation.id, &named.id, &new.id).await.unwrap();
    store.submit(new).await.unwrap();
    end_one(&store).await;
    assert!(due(&store).await.is_some());
    let new = new_job(&organisation, 1);
    let foreign = store.tell_webhook_of(other.id, &named.id, &new.id).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)));
    store.tell_webhook_of(organisation.id, &named.id, &new.id).await.unwrap();
    store.tell_nobody_of(&new.id).await.unwrap();
    store.submit(new).await.unwrap();
    end_one(&store).await;
    assert_eq!(store.deliveries(&named.id, 9).await.unwrap().len(), 1);
    // Neither events it did not choose, nor any while it is turned off.
    let only = WebhookChange {
        events: Some(vec![WebhookEvent::JobFailed]),
        every_job: Some(true),
        ..WebhookChange::default()
    };
    desk(&store).change_webhook(organisation.id, &named.id, &only).await.unwrap();
    submit(&store, &organisation, 1).await;
    end_one(&store).await;
    assert_eq!(store.deliveries(&named.id, 9).await.unwrap().len(), 1);
    let all = WebhookChange {
        events: Some(WebhookEvent::ALL.to_vec()),
        enabled: Some(false),
        ..WebhookChange::default()
    };
    desk(&store).change_webhook(organisation.id, &named.id, &all).await.unwrap();
    submit(&store, &organisation, 1).await;
    end_one(&store).await;
    assert_eq!(store.deliveries(&named.id, 9).await.unwrap().len(), 1);
}

pub(crate) async fn a_message_outlives_its_senders(context: &Context) {
    let (store, organisation) = context.free().await;
    register(&store, &organisation, true).await;
    submit(&store, &organisation, 1).await;
    end_one(&store).await;
    let first = due(&store).await.unwrap();
    let second = context.node().await;
    assert!(due(&second).await.is_none(), "another node has it");
    // The first sender dies; the second takes over, and the first can say nothing more.
    context.clock.advance(HOLD + Duration::from_secs(1));
    let again = due(&second).await.unwrap();
    assert_eq!((again.id.as_str(), again.attempt), (first.id.as_str(), 2));
    assert_eq!(again.body, first.body);
    store.delivered(&first, &Attempt::Taken(200)).await.unwrap();
    assert_eq!(store.deliveries(&again.webhook_id, 9).await.unwrap()[0].state, "WAITING");
    second.delivered(&again, &Attempt::Taken(200)).await.unwrap();
    assert_eq!(store.deliveries(&again.webhook_id, 9).await.unwrap()[0].state, "DELIVERED");
}

pub(crate) async fn parallel_senders_never_share_a_message(context: &Context) {
    let (store, organisation) = context.free().await;
    for _ in 0..6 {
        register(&store, &organisation, true).await;
    }
    for _ in 0..3 {
        submit(&store, &organisation, 1).await;
        end_one(&store).await;
    }
    let senders = (0..4).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut sent = Vec::new();
            while let Some(delivery) = store.lease_delivery(HOLD).await.unwrap() {
                store.delivered(&delivery, &Attempt::Taken(200)).await.unwrap();
                sent.push(delivery.id);
            }
            sent
        })
    });
    let mut sent = Vec::new();
    for sender in senders.collect::<Vec<_>>() {
        sent.extend(sender.await.unwrap());
    }
    // A sender may stop early, when what is left is just in another's hands.
    while let Some(delivery) = due(&store).await {
        store.delivered(&delivery, &Attempt::Taken(200)).await.unwrap();
        sent.push(delivery.id);
    }
    let count = sent.len();
    sent.sort();
    sent.dedup();
    assert_eq!((count, sent.len()), (18, 18));
}

pub(crate) async fn failures_back_off_and_end(context: &Context) {
    let (store, organisation) = context.free().await;
    let hook = register(&store, &organisation, true).await;
    submit(&store, &organisation, 1).await;
    end_one(&store).await;
    let failed = Attempt::Failed(Some(500), "status 500".to_owned());
    let (mut waits, start) = (Vec::new(), store.now());
    for attempt in 1..=10 {
        let delivery = due(&store).await.unwrap();
        assert_eq!(delivery.attempt, attempt);
        store.delivered(&delivery, &failed).await.unwrap();
        assert!(due(&store).await.is_none(), "not at once again");
        let seen = store.deliveries(&hook.id, 1).await.unwrap().remove(0);
        assert_eq!((seen.last_status, seen.last_error.as_deref()), (Some(500), Some("status 500")));
        let Some(next) = seen.next_at else { break };
        let wait = next.duration_since(store.now()).unsigned_abs();
        waits.push(wait);
        context.clock.advance(wait);
    }
    assert_eq!(waits.len(), 9);
    assert!(waits.is_sorted(), "{waits:?}");
    let all = store.now().duration_since(start).unsigned_abs();
    assert!((2 * DAY..5 * DAY).contains(&all), "{all:?}");
    assert_eq!(store.deliveries(&hook.id, 1).await.unwrap()[0].state, "FAILED");
    // Five days without anything getting through, and it is turned off.
    let failing = store.webhook(organisation.id, &hook.id).await.unwrap().unwrap();
    assert_eq!((failing.failing_since, failing.disabled_at), (Some(start), None));
    context.clock.advance(5 * DAY);
    submit(&store, &organisation, 1).await;
    end_one(&store).await;
    let delivery = due(&store).await.unwrap();
    store.delivered(&delivery, &failed).await.unwrap();
    let off = store.webhook(organisation.id, &hook.id).await.unwrap().unwrap();
    assert_eq!(off.disabled_why.as_deref(), Some("failing"));
    context.clock.advance(DAY);
    assert!(due(&store).await.is_none(), "nothing is sent through it");
    // Turned on again, what waits is sent, and a success makes all well.
    let on = WebhookChange { enabled: Some(true), ..WebhookChange::default() };
    let on = desk(&store).change_webhook(organisation.id, &hook.id, &on).await.unwrap();
    assert_eq!((on.disabled_at, on.failing_since), (None, None));
    let delivery = due(&store).await.unwrap();
    store.delivered(&delivery, &Attempt::Gone).await.unwrap();
    let gone = store.webhook(organisation.id, &hook.id).await.unwrap().unwrap();
    assert_eq!(gone.disabled_why.as_deref(), Some("gone"));
    assert_eq!(store.purge_deliveries(30 * DAY).await.unwrap(), 0);
    context.clock.advance(31 * DAY);
    assert_eq!(store.purge_deliveries(30 * DAY).await.unwrap(), 2);
}

pub(crate) async fn a_slow_receiver_holds_up_no_other(context: &Context) {
    let (store, organisation) = context.free().await;
    let slow = register(&store, &organisation, true).await;
    for _ in 0..4 {
        submit(&store, &organisation, 1).await;
        end_one(&store).await;
    }
    let quick = register(&store, &organisation, true).await;
    submit(&store, &organisation, 1).await;
    end_one(&store).await;
    let taken = [due(&store).await.unwrap(), due(&store).await.unwrap()];
    assert!(taken.iter().all(|d| d.webhook_id == slow.id));
    assert_eq!(due(&store).await.unwrap().webhook_id, quick.id);
    assert!(due(&store).await.is_none(), "two at once are enough");
    store.delivered(&taken[0], &Attempt::Taken(200)).await.unwrap();
    assert_eq!(due(&store).await.unwrap().webhook_id, slow.id);
}

pub(crate) async fn many_jobs_are_seen_in_one_look(context: &Context) {
    let (store, organisation) = context.free().await;
    let a = submit(&store, &organisation, 1).await;
    let b = submit(&store, &organisation, 1).await;
    let gone = khocr_store::JobId::generate().unwrap();
    let mut seen = store.jobs_now(&[b.id.clone(), gone, a.id.clone()]).await.unwrap();
    seen.sort_by_key(|job| job.id != a.id);
    assert_eq!(seen, [a, b]);
    assert!(store.jobs_now(&[]).await.unwrap().is_empty());
}

pub(crate) async fn a_rotated_secret_signs_for_its_grace(context: &Context) {
    let (store, organisation) = context.free().await;
    let other = store.create_organisation("Bank", Plan::Free).await.unwrap();
    let new = NewWebhook {
        url: "https://example.org/hook".to_owned(),
        events: WebhookEvent::ALL.to_vec(),
        every_job: true,
    };
    let desk = desk(&store);
    let (hook, first) = desk.create_webhook(organisation.id, &new).await.unwrap();
    let failed = Attempt::Failed(None, "no".to_owned());
    submit(&store, &organisation, 1).await;
    end_one(&store).await;
    let secrets = async || {
        let delivery = due(&store).await.unwrap();
        store.delivered(&delivery, &failed).await.unwrap();
        let again = desk.resend(organisation.id, &hook.id, &delivery.id).await.unwrap();
        assert_eq!(again.state, "WAITING");
        delivery.secrets
    };
    assert_eq!(secrets().await, std::slice::from_ref(&first));
    let foreign = desk.rotate_webhook_secret(other.id, &hook.id, DAY).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)));
    let second = desk.rotate_webhook_secret(organisation.id, &hook.id, DAY).await.unwrap();
    assert_eq!(secrets().await, [second.clone(), first.clone()], "the new one first");
    // Two are the most that are live: rotated again, the first is gone.
    let third = desk.rotate_webhook_secret(organisation.id, &hook.id, DAY).await.unwrap();
    assert_eq!(secrets().await, [third.clone(), second]);
    context.clock.advance(DAY);
    assert_eq!(secrets().await, [third]);
    let fourth = desk.rotate_webhook_secret(organisation.id, &hook.id, Duration::ZERO).await;
    assert_eq!(secrets().await, [fourth.unwrap()]);
}

pub(crate) async fn a_message_is_sent_again_when_asked(context: &Context) {
    let (store, organisation) = context.free().await;
    let other = store.create_organisation("Bank", Plan::Free).await.unwrap();
    let hook = register(&store, &organisation, true).await;
    assert_eq!(store.outbox_depth().await.unwrap(), khocr_store::OutboxDepth::default());
    let began = store.now();
    submit(&store, &organisation, 1).await;
    end_one(&store).await;
    context.clock.advance(Duration::from_secs(60));
    let depth = store.outbox_depth().await.unwrap();
    assert_eq!((depth.waiting, depth.oldest), (1, Some(began)));
    let first = due(&store).await.unwrap();
    store.delivered(&first, &Attempt::Taken(200)).await.unwrap();
    assert_eq!(store.outbox_depth().await.unwrap().waiting, 0);
    assert!(due(&store).await.is_none());
    let desk = desk(&store);
    for (who, webhook, message) in [
        (other.id, hook.id.as_str(), first.id.as_str()),
        (organisation.id, "0f1e2d3c4b5a69788796a5b4", first.id.as_str()),
        (organisation.id, hook.id.as_str(), "msg_0f1e2d3c4b5a69788796a5b4"),
    ] {
        let refused = desk.resend(who, webhook, message).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{webhook} {message}");
    }
    let again = desk.resend(organisation.id, &hook.id, &first.id).await.unwrap();
    assert_eq!((again.state.as_str(), again.attempts, again.finished_at), ("WAITING", 0, None));
    let second = due(&store).await.unwrap();
    assert_eq!((&second.id, &second.body, second.attempt), (&first.id, &first.body, 1));
    // Asked for while it is under way, it is sent once more, and what the sender says of the one
    // before does not count.
    desk.resend(organisation.id, &hook.id, &first.id).await.unwrap();
    store.delivered(&second, &Attempt::Taken(200)).await.unwrap();
    assert_eq!(store.deliveries(&hook.id, 1).await.unwrap()[0].state, "WAITING");
    let third = due(&store).await.unwrap();
    store.delivered(&third, &Attempt::Taken(200)).await.unwrap();
    assert_eq!(store.deliveries(&hook.id, 1).await.unwrap()[0].state, "DELIVERED");
    let told = store.sums().into_iter().filter(|(sum, ..)| *sum == khocr_store::Sum::Webhooks);
    let told: Vec<_> = told.map(|(_, outcome, n)| (outcome, n)).collect();
    assert_eq!(told, [("delivered".to_owned(), 2.0)]);
}
