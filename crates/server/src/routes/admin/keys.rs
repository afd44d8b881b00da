//! `/api/v1/admin/organisations/{organisation_id}/keys` and `/api/v1/admin/keys/{key_id}`.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use jiff::Timestamp;
use khocr_store::{ApiKey, KeyPlan, NewKey, Scope, Scopes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::number;
use crate::auth::Operator;
use crate::error::{ApiError, Code, ErrorBody, Refused};
use crate::fields;
use crate::json::JsonBody;
use crate::state::App;

/// How long an old key works on when nothing else is said: a day.
const GRACE: u64 = 86_400;
/// The longest grace, in seconds: 90 days.
const MOST_GRACE: u64 = 90 * 86_400;

/// A key, without its secret part.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Key)]
pub(crate) struct KeyView {
    /// Its number.
    #[schema(example = 12)]
    id: i64,
    /// Its organisation.
    organisation_id: i64,
    /// Its first characters.
    #[schema(example = "khocr_a1b2c3d4")]
    prefix: String,
    /// A note to tell keys apart.
    label: String,
    /// What it may do: convert, read, admin.
    #[schema(example = json!(["convert", "read"]))]
    scopes: Vec<&'static str>,
    /// `live`, `expired` or `revoked`.
    #[schema(example = "live")]
    state: &'static str,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// When it ends by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
    /// The key it took the place of.
    replaces: Option<i64>,
}

impl KeyView {
    fn new(key: ApiKey, now: Timestamp) -> Self {
        let state = match (key.is_live(now), key.revoked_at) {
            (true, _) => "live",
            (false, Some(_)) => "revoked",
            (false, None) => "expired",
        };
        Self {
            id: key.id,
            organisation_id: key.organisation_id,
            prefix: key.prefix,
            label: key.label,
            scopes: key.scopes.iter().map(Scope::name).collect(),
            state,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            replaces: key.replaces,
        }
    }
}

/// A key just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeKey {
    /// The key itself. It is shown only now.
    #[schema(example = "khocr_…")]
    key: String,
    #[serde(flatten)]
    about: KeyView,
}

impl MadeKey {
    fn new(made: NewKey, now: Timestamp) -> Self {
        Self { key: made.text.reveal().to_owned(), about: KeyView::new(made.key, now) }
    }
}

/// An organisation's keys.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyList {
    /// In the order they were made, those that have ended too.
    keys: Vec<KeyView>,
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewKey)]
pub(crate) struct KeyOrder {
    /// A note to tell keys apart.
    label: Option<String>,
    /// What it may do: convert, read, admin. Convert and read when absent.
    #[schema(example = json!(["read"]))]
    scopes: Option<Vec<String>>,
    /// When it ends by itself; never when absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// How a key shall be replaced.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    /// How many seconds the old key works on: 0 to 7,776,000 (90 days); a day when absent.
    #[schema(default = 86_400, maximum = 7_776_000)]
    grace_seconds: Option<u64>,
    /// When the new key ends by itself; never when absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

fn scopes(words: Option<&[String]>) -> Result<Scopes, ApiError> {
    let Some(words) = words else { return Ok(Scopes::default()) };
    let scopes = words.iter().map(|w| fields::scope("scopes", w)).collect::<Result<Vec<_>, _>>()?;
    Scopes::of(scopes)
        .ok_or_else(|| ApiError::invalid("`scopes` must not be empty.", "`scopes` មិនត្រូវទទេឡើយ។"))
}

/// An end must lie ahead.
fn ahead(app: &App, end: Option<Timestamp>) -> Result<(), ApiError> {
    match end {
        Some(end) if end <= app.store().now() => Err(ApiError::invalid(
            "`expires_at` must lie in the future.",
            "`expires_at` ត្រូវតែជាពេលអនាគត។",
        )),
        _ => Ok(()),
    }
}

/// List an organisation's keys.
#[utoipa::path(
    get,
    path = "/api/v1/admin/organisations/{organisation_id}/keys",
    operation_id = "listKeys",
    tag = "Administration",
    params(("organisation_id" = i64, Path, description = "The organisation's number.")),
    responses(
        (status = 200, description = "Its keys.", body = KeyList),
        (status = 400, description = "The request is not usable.", body = ErrorBody),
        (status = 404, description = "No such organisation.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn list_keys(
    State(app): State<App>,
    _: Operator,
    Path(id): Path<String>,
) -> Result<Json<KeyList>, ApiError> {
    let id = number(&id, Code::OrganisationNotFound)?;
    if app.store().organisation(id).await?.is_none() {
        return Err(Code::OrganisationNotFound.into());
    }
    let now = app.store().now();
    let keys = app.store().keys(id).await?.into_iter().map(|k| KeyView::new(k, now)).collect();
    Ok(Json(KeyList { keys }))
}

/// Make a key. Its text is in this answer and nowhere else.
#[utoipa::path(
    post,
    path = "/api/v1/admin/organisations/{organisation_id}/keys",
    operation_id = "createKey",
    tag = "Administration",
    params(("organisation_id" = i64, Path, description = "The organisation's number.")),
    request_body = KeyOrder,
    responses(
        (status = 200, description = "The key.", body = MadeKey),
        (status = 400, description = "The body is not usable.", body = ErrorBody),
        (status = 404, description = "No such organisation.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn create_key(
    State(app): State<App>,
    operator: Operator,
    Path(id): Path<String>,
    JsonBody(order): JsonBody<KeyOrder>,
) -> Result<Json<MadeKey>, ApiError> {
    let id = number(&id, Code::OrganisationNotFound)?;
    ahead(&app, order.expires_at)?;
    let plan = KeyPlan {
        label: order.label.unwrap_or_default(),
        scopes: scopes(order.scopes.as_deref())?,
        expires_at: order.expires_at,
    };
    let made = operator.desk.create_key(id, &plan).await;
    let made = made.map_err(ApiError::finding(Code::OrganisationNotFound))?;
    Ok(Json(MadeKey::new(made, app.store().now())))
}

/// Replace a key: a new one is made, and the old one works on for a while.
#[utoipa::path(
    post,
    path = "/api/v1/admin/keys/{key_id}/rotate",
    operation_id = "rotateKey",
    tag = "Administration",
    params(("key_id" = i64, Path, description = "The old key's number.")),
    request_body = Rotation,
    responses(
        (status = 200, description = "The new key.", body = MadeKey),
        (status = 400, description = "The body is not usable, or the key has ended.", body = ErrorBody),
        (status = 404, description = "No such key.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn rotate_key(
    State(app): State<App>,
    operator: Operator,
    Path(id): Path<String>,
    JsonBody(rotation): JsonBody<Rotation>,
) -> Result<Json<MadeKey>, ApiError> {
    let id = number(&id, Code::KeyNotFound)?;
    ahead(&app, rotation.expires_at)?;
    let grace = rotation.grace_seconds.unwrap_or(GRACE);
    if grace > MOST_GRACE {
        return Err(ApiError::invalid(
            format!("`grace_seconds` may be {MOST_GRACE} at most."),
            format!("`grace_seconds` អាចមានយ៉ាងច្រើន {MOST_GRACE}។"),
        ));
    }
    let made = operator.desk.rotate_key(id, Duration::from_secs(grace), rotation.expires_at).await;
    let made = made.map_err(ApiError::finding(Code::KeyNotFound))?;
    Ok(Json(MadeKey::new(made, app.store().now())))
}

/// Revoke a key. It is refused from now on.
#[utoipa::path(
    delete,
    path = "/api/v1/admin/keys/{key_id}",
    operation_id = "revokeKey",
    tag = "Administration",
    params(("key_id" = i64, Path, description = "The key's number.")),
    responses(
        (status = 200, description = "The key as it is now.", body = KeyView),
        (status = 400, description = "The request is not usable.", body = ErrorBody),
        (status = 404, description = "No such key.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn revoke_key(
    State(app): State<App>,
    operator: Operator,
    Path(id): Path<String>,
) -> Result<Json<KeyView>, ApiError> {
    let id = number(&id, Code::KeyNotFound)?;
    operator.desk.revoke_key(id).await.map_err(ApiError::finding(Code::KeyNotFound))?;
    let key = app.store().key(id).await?.ok_or(ApiError::new(Code::KeyNotFound))?;
    Ok(Json(KeyView::new(key, app.store().now())))
}
