//! `GET /api/v1/usage`: what was used this month and what is left.

use axum::extract::State;
use axum::{Extension, Json};
use jiff::Timestamp;
use khocr_store::{JobCounts, RateDecision, Usage};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::MayRead;
use crate::error::{ApiError, Refused};
use crate::rate;
use crate::state::App;

/// An organisation's use of this month.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Usage)]
pub(crate) struct UsageView {
    /// The organisation's name.
    #[schema(example = "Example Ltd")]
    organisation: String,
    /// Its plan: free, standard or enterprise.
    #[schema(example = "standard")]
    plan: String,
    /// When this month's count began.
    #[schema(value_type = String, format = DateTime)]
    period_start: Timestamp,
    /// When the count starts anew.
    #[schema(value_type = String, format = DateTime)]
    resets_at: Timestamp,
    /// Pages.
    pages: Pages,
    /// Requests.
    requests: Requests,
    /// Jobs that are kept, by state.
    jobs: Jobs,
    /// The last days on which something was used, oldest first, at most 31.
    history: Vec<Day>,
}

/// Pages of this month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Pages {
    /// Pages a month.
    limit: u32,
    /// Pages read.
    used: u32,
    /// Pages of jobs that have not ended.
    reserved: u32,
    /// Pages that may still be submitted.
    left: u32,
}

/// Requests.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Requests {
    /// Requests a minute.
    limit_per_minute: u32,
    /// Requests that may follow at once.
    left_this_minute: u32,
    /// Seconds until the minute is whole again.
    resets_in_seconds: u64,
    /// Requests of this month.
    used: u64,
}

/// Jobs by state.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Jobs {
    queued: u64,
    processing: u64,
    completed: u64,
    failed: u64,
    cancelled: u64,
}

impl From<JobCounts> for Jobs {
    fn from(n: JobCounts) -> Self {
        Self {
            queued: n.queued,
            processing: n.processing,
            completed: n.completed,
            failed: n.failed,
            cancelled: n.cancelled,
        }
    }
}

/// One UTC day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Day {
    /// The day.
    #[schema(format = Date, example = "2026-01-31")]
    date: String,
    /// Pages read.
    pages: u64,
    /// Requests made.
    requests: u64,
    /// Jobs accepted.
    jobs: u64,
}

/// What your organisation has used and has left.
#[utoipa::path(
    get,
    path = "/api/v1/usage",
    operation_id = "getUsage",
    tag = "Account",
    responses(
        (status = 200, description = "This month's use.", body = UsageView),
        Refused,
    ),
)]
pub(crate) async fn get_usage(
    State(app): State<App>,
    MayRead { caller, .. }: MayRead,
    Extension(minute): Extension<RateDecision>,
) -> Result<Json<UsageView>, ApiError> {
    let organisation = caller.organisation;
    let usage: Usage = app.store().usage(organisation.id).await?;
    let day = |d: khocr_store::DayUsage| Day {
        date: d.date.to_string(),
        pages: d.pages,
        requests: d.requests,
        jobs: d.jobs,
    };
    Ok(Json(UsageView {
        organisation: organisation.name,
        plan: organisation.plan.to_string(),
        period_start: usage.period_start,
        resets_at: usage.resets_at,
        pages: Pages {
            limit: usage.pages_limit,
            used: usage.pages_used,
            reserved: usage.pages_reserved,
            left: usage.pages_left,
        },
        requests: Requests {
            limit_per_minute: minute.limit,
            left_this_minute: minute.remaining,
            resets_in_seconds: rate::seconds(minute.reset_after),
            used: usage.requests,
        },
        jobs: usage.jobs.into(),
        history: usage.days.into_iter().map(day).collect(),
    }))
}
