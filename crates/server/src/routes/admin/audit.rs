//! `GET /api/v1/admin/audit`: who changed what, when, from where.

use axum::Json;
use axum::extract::{Query, State};
use jiff::Timestamp;
use khocr_store::{AuditEntry, AuditFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Operator;
use crate::error::{ApiError, ErrorBody, Refused};
use crate::fields;
use crate::state::App;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Only entries about this organisation.
    #[param(value_type = Option<u32>, minimum = 1)]
    organisation: Option<String>,
    /// Only this action, such as `key.created`.
    action: Option<String>,
    /// At most so many.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// One line of the audit trail. It holds no key, no name and no text of a customer's.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct EntryView {
    /// Rises with each entry.
    id: i64,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who: `key:NUMBER`, `cli:USER` or `system`.
    #[schema(example = "key:12")]
    who: String,
    /// From which network address or machine.
    #[schema(example = "203.0.113.9")]
    origin: String,
    /// What was done.
    #[schema(example = "key.created")]
    action: String,
    /// The organisation it was about.
    organisation_id: Option<i64>,
    /// The thing it was about.
    #[schema(example = "key:13")]
    target: String,
    /// More of it.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

impl From<AuditEntry> for EntryView {
    fn from(e: AuditEntry) -> Self {
        Self {
            id: e.id,
            at: e.at,
            who: e.who,
            origin: e.origin,
            action: e.action,
            organisation_id: e.organisation_id,
            target: e.target,
            detail: e.detail,
        }
    }
}

/// A page of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditList {
    /// Newest first.
    entries: Vec<EntryView>,
    /// Send it as `cursor` for the next page; null on the last.
    next: Option<String>,
}

/// Read the audit trail.
#[utoipa::path(
    get,
    path = "/api/v1/admin/audit",
    operation_id = "listAudit",
    tag = "Administration",
    params(AuditQuery),
    responses(
        (status = 200, description = "A page of the trail.", body = AuditList),
        (status = 400, description = "A parameter is not usable.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn list_audit(
    State(app): State<App>,
    _: Operator,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditList>, ApiError> {
    let organisation = match &query.organisation {
        Some(text) => Some(i64::from(fields::number("organisation", text, 1, u32::MAX)?)),
        None => None,
    };
    let filter = AuditFilter {
        organisation,
        action: query.action.map(|a| fields::action("action", &a)).transpose()?,
        after: query.cursor.map(|c| fields::cursor("cursor", &c)).transpose()?,
        limit: fields::limit(query.limit.as_deref())?,
    };
    let page = app.store().audit(&filter).await?;
    let entries = page.entries.into_iter().map(Into::into).collect();
    Ok(Json(AuditList { entries, next: page.next }))
}
