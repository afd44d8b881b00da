//! `/api/v1/webhooks`: addresses that are told when jobs end.

use axum::Json;
use axum::extract::{Path, State};
use jiff::Timestamp;
use khocr_store::{DeliveryView, NewWebhook, Webhook, WebhookChange, WebhookEvent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{MayConvert, MayRead};
use crate::error::{ApiError, Code, ErrorBody, Refused};
use crate::fields;
use crate::hooks;
use crate::json::JsonBody;
use crate::state::App;

/// Messages shown of a webhook.
const SHOWN: u32 = 20;

/// A webhook, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(crate) struct WebhookView {
    /// Its id.
    #[schema(example = "0f1e2d3c4b5a69788796a5b4")]
    id: String,
    /// Where it sends.
    #[schema(example = "https://example.org/khocr")]
    url: String,
    /// What it is told of: job.completed, job.failed, job.cancelled.
    #[schema(example = json!(["job.completed", "job.failed"]))]
    events: Vec<&'static str>,
    /// Told of every job; otherwise only of those submitted with its id as `webhook_id`.
    every_job: bool,
    /// Whether it is turned on.
    enabled: bool,
    /// Why it is not: `failing` for five days, `gone` (it answered 410), or by its `owner`.
    disabled_why: Option<String>,
    /// Since when nothing has got through.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Webhook> for WebhookView {
    fn from(w: Webhook) -> Self {
        Self {
            id: w.id,
            url: w.url,
            events: w.events.into_iter().map(WebhookEvent::name).collect(),
            every_job: w.every_job,
            enabled: w.disabled_at.is_none(),
            disabled_why: w.disabled_why,
            failing_since: w.failing_since,
            created_at: w.created_at,
        }
    }
}

/// A webhook just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeWebhook {
    /// What its messages are signed with, in the Standard Webhooks form. It is shown only now.
    #[schema(example = "whsec_…")]
    secret: String,
    #[serde(flatten)]
    webhook: WebhookView,
}

/// A webhook and its last messages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookDetail {
    #[serde(flatten)]
    webhook: WebhookView,
    /// The last 20 messages, newest first.
    deliveries: Vec<Message>,
}

/// A message of a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookMessage)]
pub(crate) struct Message {
    /// Its id, the same in `webhook-id` at each attempt.
    #[schema(example = "msg_0f1e2d3c4b5a69788796a5b4")]
    id: String,
    /// The job it tells of.
    job_id: String,
    /// What happened.
    #[schema(example = "job.completed")]
    event: String,
    /// `WAITING`, `DELIVERED` or `FAILED`.
    #[schema(example = "DELIVERED")]
    state: String,
    /// Attempts made.
    attempts: u32,
    /// When the next attempt is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_at: Option<Timestamp>,
    /// The last answer's status.
    last_status: Option<u16>,
    /// What went wrong last.
    last_error: Option<String>,
    /// When the job ended.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was taken or given up.
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
}

impl From<DeliveryView> for Message {
    fn from(d: DeliveryView) -> Self {
        Self {
            id: d.id,
            job_id: d.job_id,
            event: d.event,
            state: d.state,
            attempts: d.attempts,
            next_at: d.next_at,
            last_status: d.last_status,
            last_error: d.last_error,
            created_at: d.created_at,
            finished_at: d.finished_at,
        }
    }
}

/// An organisation's webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookList {
    /// In the order they were made.
    webhooks: Vec<WebhookView>,
}

/// A webhook to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWebhook)]
pub(crate) struct WebhookOrder {
    /// A public `https` address.
    #[schema(example = "https://example.org/khocr")]
    url: String,
    /// What it is told of; all events when absent.
    #[schema(example = json!(["job.completed", "job.failed"]))]
    events: Option<Vec<String>>,
    /// Told of every job; otherwise only of those submitted with its id as `webhook_id`.
    #[schema(default = true)]
    every_job: Option<bool>,
}

/// What shall change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangedWebhook {
    /// A public `https` address.
    url: Option<String>,
    /// What it is told of.
    events: Option<Vec<String>>,
    /// Told of every job.
    every_job: Option<bool>,
    /// Turn it on, which sends at once what waits, or off.
    enabled: Option<bool>,
}

fn events(words: &[String]) -> Result<Vec<WebhookEvent>, ApiError> {
    if words.is_empty() {
        return Err(ApiError::invalid("`events` must not be empty.", "`events` មិនត្រូវទទេឡើយ។"));
    }
    words.iter().map(|w| fields::webhook_event("events", w)).collect()
}

/// An address that messages may be sent to.
fn address(app: &App, url: &str) -> Result<(), ApiError> {
    hooks::target(url, app.config().private_webhooks).map(drop).map_err(|why| {
        ApiError::new(Code::AddressNotAllowed).detail(
            format!("{} ({why})", Code::AddressNotAllowed.english()),
            format!("{} ({why})", Code::AddressNotAllowed.khmer()),
        )
    })
}

/// List your webhooks.
#[utoipa::path(
    get,
    path = "/api/v1/webhooks",
    operation_id = "listWebhooks",
    tag = "Webhooks",
    responses(
        (status = 200, description = "Your organisation's webhooks.", body = WebhookList),
        Refused,
    ),
)]
pub(crate) async fn list_webhooks(
    State(app): State<App>,
    MayRead { caller, .. }: MayRead,
) -> Result<Json<WebhookList>, ApiError> {
    let found = app.store().webhooks(caller.organisation.id).await?;
    Ok(Json(WebhookList { webhooks: found.into_iter().map(Into::into).collect() }))
}

/// Register a webhook.
///
/// When a job ends, a JSON message goes to the address by POST, signed in the Standard Webhooks
/// form. What is not answered with 2xx within 15 seconds is sent again, ten times in three days.
#[utoipa::path(
    post,
    path = "/api/v1/webhooks",
    operation_id = "createWebhook",
    tag = "Webhooks",
    request_body = WebhookOrder,
    responses(
        (status = 200, description = "The webhook and its secret.", body = MadeWebhook),
        (status = 400, description = "The body is not usable.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn create_webhook(
    State(app): State<App>,
    MayConvert { caller, desk }: MayConvert,
    JsonBody(order): JsonBody<WebhookOrder>,
) -> Result<Json<MadeWebhook>, ApiError> {
    address(&app, &order.url)?;
    let new = NewWebhook {
        url: order.url,
        events: match &order.events {
            Some(words) => events(words)?,
            None => WebhookEvent::ALL.to_vec(),
        },
        every_job: order.every_job.unwrap_or(true),
    };
    let (webhook, secret) = desk.create_webhook(caller.organisation.id, &new).await?;
    Ok(Json(MadeWebhook { secret: secret.reveal().to_owned(), webhook: webhook.into() }))
}

/// A webhook and its last messages.
#[utoipa::path(
    get,
    path = "/api/v1/webhooks/{webhook_id}",
    operation_id = "getWebhook",
    tag = "Webhooks",
    params(("webhook_id" = String, Path, description = "The webhook's id.")),
    responses(
        (status = 200, description = "The webhook.", body = WebhookDetail),
        (status = 400, description = "The request is not usable.", body = ErrorBody),
        (status = 404, description = "No such webhook of your organisation.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn get_webhook(
    State(app): State<App>,
    MayRead { caller, .. }: MayRead,
    Path(id): Path<String>,
) -> Result<Json<WebhookDetail>, ApiError> {
    let id = fields::webhook_id(&id)?;
    let found = app.store().webhook(caller.organisation.id, &id).await?;
    let webhook = found.ok_or(ApiError::new(Code::WebhookNotFound))?;
    let deliveries = app.store().deliveries(&webhook.id, SHOWN).await?;
    let deliveries = deliveries.into_iter().map(Into::into).collect();
    Ok(Json(WebhookDetail { webhook: webhook.into(), deliveries }))
}

/// Change a webhook, or turn it on or off.
#[utoipa::path(
    patch,
    path = "/api/v1/webhooks/{webhook_id}",
    operation_id = "changeWebhook",
    tag = "Webhooks",
    params(("webhook_id" = String, Path, description = "The webhook's id.")),
    request_body = ChangedWebhook,
    responses(
        (status = 200, description = "The webhook afterwards.", body = WebhookView),
        (status = 400, description = "The body is not usable.", body = ErrorBody),
        (status = 404, description = "No such webhook of your organisation.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn change_webhook(
    State(app): State<App>,
    MayConvert { caller, desk }: MayConvert,
    Path(id): Path<String>,
    JsonBody(change): JsonBody<ChangedWebhook>,
) -> Result<Json<WebhookView>, ApiError> {
    let id = fields::webhook_id(&id)?;
    if let Some(url) = &change.url {
        address(&app, url)?;
    }
    let change = WebhookChange {
        url: change.url,
        events: change.events.as_deref().map(events).transpose()?,
        every_job: change.every_job,
        enabled: change.enabled,
    };
    let changed = desk.change_webhook(caller.organisation.id, &id, &change).await;
    Ok(Json(changed.map_err(ApiError::finding(Code::WebhookNotFound))?.into()))
}

/// Remove a webhook with all that it had still to send.
#[utoipa::path(
    delete,
    path = "/api/v1/webhooks/{webhook_id}",
    operation_id = "deleteWebhook",
    tag = "Webhooks",
    params(("webhook_id" = String, Path, description = "The webhook's id.")),
    responses(
        (status = 200, description = "The webhook as it was.", body = WebhookView),
        (status = 400, description = "The request is not usable.", body = ErrorBody),
        (status = 404, description = "No such webhook of your organisation.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn delete_webhook(
    State(app): State<App>,
    MayConvert { caller, desk }: MayConvert,
    Path(id): Path<String>,
) -> Result<Json<WebhookView>, ApiError> {
    let id = fields::webhook_id(&id)?;
    let organisation = caller.organisation.id;
    let found = app.store().webhook(organisation, &id).await?;
    let webhook = found.ok_or(ApiError::new(Code::WebhookNotFound))?;
    let gone = desk.delete_webhook(organisation, &id).await;
    gone.map_err(ApiError::finding(Code::WebhookNotFound))?;
    Ok(Json(webhook.into()))
}
