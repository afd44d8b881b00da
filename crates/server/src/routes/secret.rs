//! `POST /api/v1/webhooks/{webhook_id}/secret`: a new secret in the place of another.

use std::time::Duration;

use axum::Json;
use axum::extract::Path;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::MayConvert;
use crate::error::{ApiError, Code, ErrorBody, Refused};
use crate::fields;
use crate::json::JsonBody;

/// Hours that the old secret signs too, when nothing is said.
const GRACE_HOURS: u32 = 24;
/// Most hours that may be asked for: a month.
const MOST_HOURS: u32 = 720;

/// How a webhook's secret shall change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretRotation {
    /// Hours that messages are signed with the old secret too; 0 ends it at once.
    #[schema(minimum = 0, maximum = 720, default = 24)]
    grace_hours: Option<u32>,
}

/// A webhook's new secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewSecret {
    /// The webhook's id.
    #[schema(example = "0f1e2d3c4b5a69788796a5b4")]
    id: String,
    /// What its messages are signed with from now on. It is shown only now.
    #[schema(example = "whsec_…")]
    secret: String,
}

/// Give a webhook a new secret.
///
/// While the old one is still good each message carries two signatures, with a space between, of
/// which a receiver accepts either: so it can change over without losing a message. Rotated again
/// meanwhile, the secret before the last one no longer signs.
#[utoipa::path(
    post,
    path = "/api/v1/webhooks/{webhook_id}/secret",
    operation_id = "rotateWebhookSecret",
    tag = "Webhooks",
    params(("webhook_id" = String, Path, description = "The webhook's id.")),
    request_body = SecretRotation,
    responses(
        (status = 200, description = "The new secret.", body = NewSecret),
        (status = 400, description = "The request is not usable.", body = ErrorBody),
        (status = 404, description = "No such webhook of your organisation.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn rotate_webhook_secret(
    MayConvert { caller, desk }: MayConvert,
    Path(id): Path<String>,
    JsonBody(rotation): JsonBody<SecretRotation>,
) -> Result<Json<NewSecret>, ApiError> {
    let id = fields::webhook_id(&id)?;
    let hours = rotation.grace_hours.unwrap_or(GRACE_HOURS);
    if hours > MOST_HOURS {
        return Err(ApiError::invalid(
            format!("`grace_hours` may be {MOST_HOURS} at most."),
            format!("`grace_hours` អាចមានយ៉ាងច្រើន {MOST_HOURS}។"),
        ));
    }
    let grace = Duration::from_secs(u64::from(hours) * 3_600);
    let secret = desk.rotate_webhook_secret(caller.organisation.id, &id, grace).await;
    let secret = secret.map_err(ApiError::finding(Code::WebhookNotFound))?;
    Ok(Json(NewSecret { id, secret: secret.reveal().to_owned() }))
}
