//! `POST /api/v1/webhooks/{webhook_id}/deliveries/{message_id}`: a message sent again.

use axum::Json;
use axum::extract::{Path, State};

use super::webhooks::Message;
use crate::auth::MayConvert;
use crate::error::{ApiError, Code, ErrorBody, Refused};
use crate::fields;
use crate::state::App;

/// Send a message again.
///
/// Whatever became of it, it is sent at once, with the same `webhook-id`, and its attempts are
/// counted anew. A webhook that is turned off sends nothing until it is turned on. Messages are
/// kept for 30 days after they were taken or given up.
#[utoipa::path(
    post,
    path = "/api/v1/webhooks/{webhook_id}/deliveries/{message_id}",
    operation_id = "resendMessage",
    tag = "Webhooks",
    params(
        ("webhook_id" = String, Path, description = "The webhook's id."),
        ("message_id" = String, Path, description = "The message's id, as `webhook-id` has it."),
    ),
    responses(
        (status = 200, description = "The message, which waits to be sent.", body = Message),
        (status = 400, description = "The request is not usable.", body = ErrorBody),
        (status = 404, description = "No such webhook of your organisation, or it has no such message.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn resend_message(
    State(app): State<App>,
    MayConvert { caller, desk }: MayConvert,
    Path((id, message)): Path<(String, String)>,
) -> Result<Json<Message>, ApiError> {
    let id = fields::webhook_id(&id)?;
    let organisation = caller.organisation.id;
    if app.store().webhook(organisation, &id).await?.is_none() {
        return Err(Code::WebhookNotFound.into());
    }
    let message = fields::message_id(&message)?;
    let sent = desk.resend(organisation, &id, &message).await;
    Ok(Json(sent.map_err(ApiError::finding(Code::MessageNotFound))?.into()))
}
