//! `/api/v1/admin/plans`: what each plan allows.

use axum::Json;
use axum::extract::{Path, State};
use khocr_store::{PlanChange, PlanLimits};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Operator;
use crate::error::{ApiError, ErrorBody, Refused};
use crate::fields;
use crate::json::{JsonBody, present};
use crate::state::App;

/// A plan as it is now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
pub(crate) struct PlanView {
    /// free, standard or enterprise.
    #[schema(example = "standard")]
    plan: String,
    /// Requests a minute.
    #[schema(example = 50)]
    requests_per_minute: u32,
    /// Pages a month.
    #[schema(example = 5000)]
    pages_per_month: u32,
}

impl From<PlanLimits> for PlanView {
    fn from(p: PlanLimits) -> Self {
        Self {
            plan: p.plan.to_string(),
            requests_per_minute: p.requests_per_minute,
            pages_per_month: p.pages_per_month,
        }
    }
}

/// All plans.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanList {
    /// Smallest first.
    plans: Vec<PlanView>,
}

/// What shall change; what is absent stays, null sets back to the contract's limit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangedPlan {
    /// Requests a minute.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u32>)]
    requests_per_minute: Option<Option<u32>>,
    /// Pages a month.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u32>)]
    pages_per_month: Option<Option<u32>>,
}

/// List the plans.
#[utoipa::path(
    get,
    path = "/api/v1/admin/plans",
    operation_id = "listPlans",
    tag = "Administration",
    responses(
        (status = 200, description = "All plans.", body = PlanList),
        Refused,
    ),
)]
pub(crate) async fn list_plans(
    State(app): State<App>,
    _: Operator,
) -> Result<Json<PlanList>, ApiError> {
    let plans = app.store().plans().await?;
    Ok(Json(PlanList { plans: plans.into_iter().map(Into::into).collect() }))
}

/// Change a plan's limits, for every organisation on it without agreed ones.
#[utoipa::path(
    patch,
    path = "/api/v1/admin/plans/{plan}",
    operation_id = "changePlan",
    tag = "Administration",
    params(("plan" = String, Path, description = "free, standard or enterprise.")),
    request_body = ChangedPlan,
    responses(
        (status = 200, description = "The plan afterwards.", body = PlanView),
        (status = 400, description = "The body is not usable.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn change_plan(
    operator: Operator,
    Path(plan): Path<String>,
    JsonBody(change): JsonBody<ChangedPlan>,
) -> Result<Json<PlanView>, ApiError> {
    let plan = fields::plan("plan", &plan)?;
    let change = PlanChange {
        requests_per_minute: change.requests_per_minute,
        pages_per_month: change.pages_per_month,
    };
    Ok(Json(operator.desk.change_plan(plan, change).await?.into()))
}
