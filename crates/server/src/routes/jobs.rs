//! `GET /api/v1/jobs`: an organisation's jobs, newest first, page by page.

use axum::Json;
use axum::extract::{Query, State};
use khocr_store::JobFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::MayRead;
use crate::error::{ApiError, ErrorBody, Refused};
use crate::fields;
use crate::routes::job::JobView;
use crate::state::App;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Only jobs in this state: QUEUED, PROCESSING, COMPLETED, FAILED or CANCELLED.
    status: Option<String>,
    /// At most so many.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A page of jobs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobList {
    /// The jobs, newest first.
    jobs: Vec<JobView>,
    /// Send it as `cursor` for the next page; null on the last.
    next: Option<String>,
}

/// List your organisation's jobs.
#[utoipa::path(
    get,
    path = "/api/v1/jobs",
    operation_id = "listJobs",
    tag = "Jobs",
    params(ListQuery),
    responses(
        (status = 200, description = "A page of jobs.", body = JobList),
        (status = 400, description = "A parameter is not usable.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn list_jobs(
    State(app): State<App>,
    MayRead { caller, .. }: MayRead,
    Query(query): Query<ListQuery>,
) -> Result<Json<JobList>, ApiError> {
    let filter = JobFilter {
        state: query.status.as_deref().map(|s| fields::state("status", s)).transpose()?,
        after: query.cursor.map(|c| fields::cursor("cursor", &c)).transpose()?,
        limit: fields::limit(query.limit.as_deref())?,
    };
    let page = app.store().jobs(caller.organisation.id, &filter).await?;
    let now = app.store().now();
    let jobs = page.jobs.into_iter().map(|job| JobView::new(job, now)).collect();
    Ok(Json(JobList { jobs, next: page.next }))
}
