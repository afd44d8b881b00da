//! `GET /api/v1/jobs/{job_id}/events`: a job's progress as server-sent events.

use std::convert::Infallible;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use khocr_store::Job;
use serde::Serialize;
use tokio::time::{Instant, sleep_until};
use utoipa::ToSchema;

use crate::auth::MayRead;
use crate::error::{ApiError, ErrorBody};
use crate::fields;
use crate::follow::Following;
use crate::routes::job::{self, JobErrorView, JobStatus};
use crate::state::App;

/// The data of an event: how the job stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobEvent {
    /// The job's id.
    #[schema(example = "a1b2c3d4e5f6a1b2c3d4e5f6")]
    job_id: String,
    /// Where it stands.
    status: JobStatus,
    /// Per cent of the pages that are done.
    #[schema(example = 45.0, minimum = 0, maximum = 100)]
    progress: f64,
    /// Pages done.
    #[schema(example = 9)]
    pages_done: u32,
    /// Pages of the document.
    #[schema(example = 20)]
    pages_total: u32,
    /// Why it failed.
    error: Option<JobErrorView>,
}

/// One event as it is sent.
#[derive(ToSchema)]
#[allow(dead_code, reason = "only described, in the OpenAPI document")]
pub(crate) struct JobEventFrame {
    /// `progress` or `end`.
    #[schema(example = "progress")]
    event: String,
    /// What to come back with as `Last-Event-ID`.
    #[schema(example = "PROCESSING.9.20")]
    id: String,
    /// A `JobEvent` as JSON.
    data: String,
}

/// Follow a job page by page.
///
/// Server-sent events: `progress` while it goes on and `end` when it has ended, after which the
/// stream closes; the data of both is a `JobEvent`. A comment every 15 seconds keeps the
/// connection open. The stream closes after 15 minutes at the latest; a client that comes back
/// with `Last-Event-ID` goes on where it was, and is answered 204 when it has seen the end.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{job_id}/events",
    operation_id = "followJob",
    tag = "Jobs",
    params(
        ("job_id" = String, Path, description = "The job's id."),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event seen."),
    ),
    responses(
        (status = 200, description = "The events.", body = JobEventFrame, content_type = "text/event-stream"),
        (status = 204, description = "The end was seen already."),
        (status = 400, description = "The request is not usable.", body = ErrorBody),
        (status = 401, description = "No key, or not a good one.", body = ErrorBody),
        (status = 403, description = "The key may not do this.", body = ErrorBody),
        (status = 404, description = "No such job of your organisation.", body = ErrorBody),
        (status = 429, description = "Too many requests or streams.", body = ErrorBody),
        (status = 500, description = "A fault of the server.", body = ErrorBody),
        (status = 503, description = "A part of the service is away; try again.", body = ErrorBody),
    ),
)]
pub(crate) async fn follow_job(
    State(app): State<App>,
    MayRead { caller, .. }: MayRead,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = fields::job_id(&id)?;
    let last = headers.get("last-event-id").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let job = job::find(&app, caller.organisation.id, &id).await?;
    if job.state.is_final() && last.as_deref() == Some(&mark(&job)) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let flow = Flow {
        until: Instant::now() + app.config().stream_time,
        following: app.follow().job(job)?,
        app,
        last,
        begun: false,
        ended: false,
    };
    Ok(Sse::new(events(flow)).keep_alive(KeepAlive::default()).into_response())
}

/// Names what an event shows: the same again is not sent again.
fn mark(job: &Job) -> String {
    format!("{}.{}.{}", job.state, job.attempts, job.pages_done)
}

/// One client's stream.
struct Flow {
    app: App,
    following: Following,
    until: Instant,
    /// The last event this client has seen.
    last: Option<String>,
    begun: bool,
    ended: bool,
}

fn events(flow: Flow) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(flow, |mut flow| async move {
        while !flow.ended {
            if flow.begun {
                tokio::select! {
                    changed = flow.following.job.changed() => changed.ok()?,
                    () = flow.app.closing() => return None,
                    () = sleep_until(flow.until) => return None,
                }
            }
            flow.begun = true;
            // A job that was deleted has nothing more to tell.
            let job = flow.following.job.borrow_and_update().clone()?;
            let mark = mark(&job);
            flow.ended = job.state.is_final();
            if flow.last.as_deref() == Some(&mark) {
                continue;
            }
            let event = Event::default()
                .event(if flow.ended { "end" } else { "progress" })
                .id(&mark)
                .json_data(view(&job))
                .ok()?;
            flow.last = Some(mark);
            return Some((Ok(event), flow));
        }
        None
    })
}

fn view(job: &Job) -> JobEvent {
    JobEvent {
        job_id: job.id.to_string(),
        status: job.state.into(),
        progress: job.progress(),
        pages_done: job.pages_done,
        pages_total: job.pages_total,
        error: job.failure.clone().map(Into::into),
    }
}
