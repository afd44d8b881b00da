//! `/api/v1/admin/organisations`: the customers.

use axum::Json;
use axum::extract::{Path, Query, State};
use jiff::Timestamp;
use khocr_store::{Organisation, OrganisationChange, Plan};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::number;
use crate::auth::Operator;
use crate::error::{ApiError, Code, ErrorBody, Refused};
use crate::fields;
use crate::json::{JsonBody, present};
use crate::state::App;

/// An organisation as the operator sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organisation)]
pub(crate) struct OrganisationView {
    /// Its number.
    #[schema(example = 7)]
    id: i64,
    /// Its name.
    #[schema(example = "Example Ltd")]
    name: String,
    /// Its plan: free, standard or enterprise.
    #[schema(example = "standard")]
    plan: String,
    /// Requests a minute that hold for it.
    requests_per_minute: u32,
    /// Pages a month that hold for it.
    pages_per_month: u32,
    /// Requests a minute agreed instead of the plan's; null when the plan's hold.
    agreed_requests_per_minute: Option<u32>,
    /// Pages a month agreed instead of the plan's; null when the plan's hold.
    agreed_pages_per_month: Option<u32>,
    /// Days its finished jobs are kept; null for the service's own rule.
    retention_days: Option<u32>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Organisation> for OrganisationView {
    fn from(o: Organisation) -> Self {
        Self {
            id: o.id,
            name: o.name,
            plan: o.plan.to_string(),
            requests_per_minute: o.requests_per_minute,
            pages_per_month: o.pages_per_month,
            agreed_requests_per_minute: o.agreed_requests_per_minute,
            agreed_pages_per_month: o.agreed_pages_per_month,
            retention_days: o.retention_days,
            created_at: o.created_at,
        }
    }
}

/// An organisation with its use of this month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganisationDetail {
    #[serde(flatten)]
    organisation: OrganisationView,
    /// Pages read this month.
    pages_used: u32,
    /// Pages of jobs that have not ended.
    pages_reserved: u32,
    /// Pages that may still be submitted this month.
    pages_left: u32,
    /// Requests of this month.
    requests_used: u64,
}

/// A page of organisations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganisationList {
    /// In the order they were made.
    organisations: Vec<OrganisationView>,
    /// Send it as `cursor` for the next page; null on the last.
    next: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// At most so many.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// An organisation to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrganisation {
    /// A unique name.
    #[schema(example = "Example Ltd")]
    name: String,
    /// free, standard or enterprise.
    #[schema(default = "free")]
    plan: Option<String>,
    /// Requests a minute instead of the plan's.
    requests_per_minute: Option<u32>,
    /// Pages a month instead of the plan's.
    pages_per_month: Option<u32>,
    /// Days its finished jobs are kept.
    retention_days: Option<u32>,
}

/// What shall change; what is absent stays, null takes back what was agreed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangedOrganisation {
    /// A new unique name.
    name: Option<String>,
    /// free, standard or enterprise.
    plan: Option<String>,
    /// Requests a minute instead of the plan's.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u32>)]
    requests_per_minute: Option<Option<u32>>,
    /// Pages a month instead of the plan's.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u32>)]
    pages_per_month: Option<Option<u32>>,
    /// Days its finished jobs are kept.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u32>)]
    retention_days: Option<Option<u32>>,
}

/// List organisations.
#[utoipa::path(
    get,
    path = "/api/v1/admin/organisations",
    operation_id = "listOrganisations",
    tag = "Administration",
    params(ListQuery),
    responses(
        (status = 200, description = "A page of organisations.", body = OrganisationList),
        (status = 400, description = "A parameter is not usable.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn list_organisations(
    State(app): State<App>,
    _: Operator,
    Query(query): Query<ListQuery>,
) -> Result<Json<OrganisationList>, ApiError> {
    let limit = fields::limit(query.limit.as_deref())?;
    let after = match &query.cursor {
        Some(text) => fields::cursor("cursor", text)?.parse().unwrap_or(0),
        None => 0,
    };
    let mut found = app.store().organisations_after(after, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|o| o.id.to_string());
    Ok(Json(OrganisationList { organisations: found.into_iter().map(Into::into).collect(), next }))
}

/// Make an organisation.
#[utoipa::path(
    post,
    path = "/api/v1/admin/organisations",
    operation_id = "createOrganisation",
    tag = "Administration",
    request_body = NewOrganisation,
    responses(
        (status = 200, description = "The organisation.", body = OrganisationView),
        (status = 400, description = "The body is not usable.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn create_organisation(
    operator: Operator,
    JsonBody(new): JsonBody<NewOrganisation>,
) -> Result<Json<OrganisationView>, ApiError> {
    let plan = new.plan.as_deref().map(|p| fields::plan("plan", p)).transpose()?;
    let change = OrganisationChange {
        name: None,
        plan: None,
        requests_per_minute: new.requests_per_minute.map(Some),
        pages_per_month: new.pages_per_month.map(Some),
        retention_days: new.retention_days.map(Some),
    };
    change.check()?;
    let made = operator.desk.create_organisation(&new.name, plan.unwrap_or(Plan::Free)).await?;
    if change == OrganisationChange::default() {
        return Ok(Json(made.into()));
    }
    Ok(Json(operator.desk.change_organisation(made.id, &change).await?.into()))
}

/// An organisation and its use of this month.
#[utoipa::path(
    get,
    path = "/api/v1/admin/organisations/{organisation_id}",
    operation_id = "getOrganisation",
    tag = "Administration",
    params(("organisation_id" = i64, Path, description = "The organisation's number.")),
    responses(
        (status = 200, description = "The organisation.", body = OrganisationDetail),
        (status = 400, description = "The request is not usable.", body = ErrorBody),
        (status = 404, description = "No such organisation.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn get_organisation(
    State(app): State<App>,
    _: Operator,
    Path(id): Path<String>,
) -> Result<Json<OrganisationDetail>, ApiError> {
    let id = number(&id, Code::OrganisationNotFound)?;
    let found = app.store().organisation(id).await?;
    let organisation = found.ok_or(ApiError::new(Code::OrganisationNotFound))?;
    let usage = app.store().usage(id).await?;
    Ok(Json(OrganisationDetail {
        organisation: organisation.into(),
        pages_used: usage.pages_used,
        pages_reserved: usage.pages_reserved,
        pages_left: usage.pages_left,
        requests_used: usage.requests,
    }))
}

/// Change an organisation. Effective with its next request.
#[utoipa::path(
    patch,
    path = "/api/v1/admin/organisations/{organisation_id}",
    operation_id = "changeOrganisation",
    tag = "Administration",
    params(("organisation_id" = i64, Path, description = "The organisation's number.")),
    request_body = ChangedOrganisation,
    responses(
        (status = 200, description = "The organisation afterwards.", body = OrganisationView),
        (status = 400, description = "The body is not usable.", body = ErrorBody),
        (status = 404, description = "No such organisation.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn change_organisation(
    operator: Operator,
    Path(id): Path<String>,
    JsonBody(change): JsonBody<ChangedOrganisation>,
) -> Result<Json<OrganisationView>, ApiError> {
    let id = number(&id, Code::OrganisationNotFound)?;
    let change = OrganisationChange {
        name: change.name,
        plan: change.plan.as_deref().map(|p| fields::plan("plan", p)).transpose()?,
        requests_per_minute: change.requests_per_minute,
        pages_per_month: change.pages_per_month,
        retention_days: change.retention_days,
    };
    let changed = operator.desk.change_organisation(id, &change).await;
    Ok(Json(changed.map_err(ApiError::finding(Code::OrganisationNotFound))?.into()))
}
