//! `GET /api/v1/jobs/{job_id}`: how far a job is.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use jiff::Timestamp;
use khocr_store::{Event, Job, JobFailure, JobId, JobState};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};
use utoipa::{IntoParams, ToSchema};

use crate::auth::MayRead;
use crate::error::{ApiError, Code, ErrorBody, Refused};
use crate::fields;
use crate::state::App;

/// Longest that an answer may be put off, in seconds.
const MAX_WAIT: u32 = 60;
/// How often the job is looked at while waiting, should its event be lost.
const LOOK: Duration = Duration::from_secs(1);

/// A job as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobView {
    /// Its id.
    #[schema(example = "a1b2c3d4e5f6a1b2c3d4e5f6")]
    id: String,
    /// Where it stands.
    status: JobStatus,
    /// Per cent of the pages that are done.
    #[schema(example = 45.0, minimum = 0, maximum = 100)]
    progress: f64,
    /// Always `convert`.
    #[schema(example = "convert")]
    task_type: &'static str,
    /// Seconds from its start to its end, or to now; 0 while it waits.
    #[schema(example = 12.5)]
    elapsed_seconds: f64,
    /// Pages done.
    #[schema(example = 9)]
    pages_done: u32,
    /// Pages of the document.
    #[schema(example = 20)]
    pages_total: u32,
    /// How soon it was wanted.
    #[schema(example = "normal")]
    priority: String,
    /// The format of the result when none is asked for.
    #[schema(example = "json")]
    output_format: String,
    /// Whether every page is read as a picture.
    force_ocr: bool,
    /// The document's name, as it was sent.
    #[schema(example = "letter.pdf")]
    file_name: String,
    /// When it was accepted.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When a worker took it.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
    /// Why it failed.
    error: Option<JobErrorView>,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum JobStatus {
    Queued,
    Processing,
    Completed,
    Failed,
    Cancelled,
}

impl From<JobState> for JobStatus {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Queued => Self::Queued,
            JobState::Processing => Self::Processing,
            JobState::Completed => Self::Completed,
            JobState::Failed => Self::Failed,
            JobState::Cancelled => Self::Cancelled,
        }
    }
}

/// Why a job failed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobError)]
pub(crate) struct JobErrorView {
    /// Stable machine code.
    #[schema(example = "out_of_memory")]
    code: String,
    /// In English.
    message: String,
    /// In Khmer.
    message_km: String,
}

impl From<JobFailure> for JobErrorView {
    fn from(f: JobFailure) -> Self {
        Self { code: f.code, message: f.message, message_km: f.message_km }
    }
}

impl JobView {
    /// The job as it stands at `now`.
    pub(crate) fn new(job: Job, now: Timestamp) -> Self {
        Self {
            id: job.id.to_string(),
            status: job.state.into(),
            progress: job.progress(),
            task_type: "convert",
            elapsed_seconds: job.elapsed_seconds(now),
            pages_done: job.pages_done,
            pages_total: job.pages_total,
            priority: job.priority.to_string(),
            output_format: job.output_format,
            force_ocr: job.options["force_ocr"].as_bool().unwrap_or_default(),
            file_name: job.file_name,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
            error: job.failure.map(Into::into),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WaitQuery {
    /// Put the answer off for up to so many seconds, until the job has ended.
    #[param(value_type = Option<u32>, minimum = 0, maximum = 60, example = 20)]
    wait: Option<String>,
}

/// Ask how far a job is.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{job_id}",
    operation_id = "getJob",
    tag = "Jobs",
    params(("job_id" = String, Path, description = "The job's id."), WaitQuery),
    responses(
        (status = 200, description = "The job.", body = JobView),
        (status = 400, description = "A parameter is not usable.", body = ErrorBody),
        (status = 404, description = "No such job of your organisation.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn get_job(
    State(app): State<App>,
    MayRead { caller, .. }: MayRead,
    Path(id): Path<String>,
    Query(query): Query<WaitQuery>,
) -> Result<Json<JobView>, ApiError> {
    let id = fields::job_id(&id)?;
    let wait = match &query.wait {
        Some(text) => fields::number("wait", text, 0, MAX_WAIT)?,
        None => 0,
    };
    let job =
        wait_for_end(&app, caller.organisation.id, &id, Duration::from_secs(wait.into())).await?;
    Ok(Json(JobView::new(job, app.store().now())))
}

/// A job of the organisation.
pub(crate) async fn find(app: &App, organisation: i64, id: &JobId) -> Result<Job, ApiError> {
    app.store().job(organisation, id).await?.ok_or(ApiError::new(Code::JobNotFound))
}

/// The job as soon as it has ended, or as it is when the time is up.
async fn wait_for_end(
    app: &App,
    organisation: i64,
    id: &JobId,
    wait: Duration,
) -> Result<Job, ApiError> {
    let until = Instant::now() + wait;
    // Subscribed before the first look, so that no change falls between.
    let mut events = app.store().events();
    loop {
        let job = find(app, organisation, id).await?;
        if job.state.is_final() || Instant::now() >= until {
            return Ok(job);
        }
        let look_again = until.min(Instant::now() + LOOK);
        tokio::select! {
            // A server that stops does not keep its clients waiting: they ask the next one.
            () = app.closing() => return Ok(job),
            _ = timeout_at(look_again, changed(&mut events, id)) => {}
        }
    }
}

/// Done when the job may have changed.
async fn changed(events: &mut Receiver<Event>, id: &JobId) {
    loop {
        match events.recv().await {
            Ok(Event::Changed(changed)) if changed == *id => return,
            Ok(_) => {}
            // Missed some: look. Closed: only the clock is left.
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
