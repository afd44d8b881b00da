//! `GET /api/v1/jobs/{job_id}/result`: the text, in the format asked for.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use khocr_store::{Job, JobState};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::MayRead;
use crate::disposition;
use crate::error::{ApiError, Code, ErrorBody};
use crate::fields;
use crate::format::Format;
use crate::routes::job;
use crate::state::App;

/// Seconds after which to ask again for a result that is not there yet.
const ASK_AGAIN: u64 = 2;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FormatQuery {
    /// Another format than the one the job was submitted with.
    #[param(value_type = Option<Format>)]
    format: Option<String>,
}

/// Fetch a result.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{job_id}/result",
    operation_id = "getResult",
    tag = "Jobs",
    params(("job_id" = String, Path, description = "The job's id."), FormatQuery),
    responses(
        (status = 200, description = "The result, with a file name. JSON by default.", content(
            (serde_json::Value = "application/json"),
            (String = "text/plain"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (String = "text/markdown"),
            (String = "text/html"),
        )),
        (status = 400, description = "A parameter is not usable.", body = ErrorBody),
        (status = 401, description = "No key, or not a good one.", body = ErrorBody),
        (status = 403, description = "The key may not do this.", body = ErrorBody),
        (status = 404, description = "`result_not_ready` with `Retry-After` while the job goes on; \
            `job_failed` with the reason; `job_cancelled`; `job_not_found`.", body = ErrorBody),
        (status = 429, description = "Too many requests.", body = ErrorBody),
        (status = 500, description = "A fault of the server.", body = ErrorBody),
        (status = 503, description = "A part of the service is away; try again.", body = ErrorBody),
    ),
)]
pub(crate) async fn get_result(
    State(app): State<App>,
    MayRead { caller, .. }: MayRead,
    Path(id): Path<String>,
    Query(query): Query<FormatQuery>,
) -> Result<Response, ApiError> {
    let id = fields::job_id(&id)?;
    let job = job::find(&app, caller.organisation.id, &id).await?;
    let format = match &query.format {
        Some(text) => fields::format(&app, "format", text)?,
        None => job.output_format.parse().unwrap_or_default(),
    };
    let key = finished(&job)?;
    let missing = |error: khocr_store::StoreError| match error {
        khocr_store::StoreError::NotFound => {
            ApiError::internal("a completed job has no result file", &job.id)
        }
        error => error.into(),
    };
    let (length, body) = if format == Format::Json {
        let (size, stream) = app.files().stream(key).await.map_err(missing)?;
        (size, Body::from_stream(stream))
    } else {
        let bytes = rendered(&app, key, format, missing).await?;
        (bytes.len() as u64, Body::from(bytes))
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    let disposition = disposition::attachment(&job.file_name, format.extension());
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

/// Where the JSON of a completed job is; why there is none for any other.
fn finished(job: &Job) -> Result<&str, ApiError> {
    match (job.state, &job.result_key) {
        (JobState::Completed, Some(key)) => Ok(key),
        (JobState::Completed, None) => {
            Err(ApiError::internal("a completed job names no result", &job.id))
        }
        (JobState::Failed, _) => Err(match &job.failure {
            Some(why) => ApiError::new(Code::JobFailed).detail(
                format!("The job failed ({}): {}", why.code, why.message),
                format!("ការងារបានបរាជ័យ ({})៖ {}", why.code, why.message_km),
            ),
            None => Code::JobFailed.into(),
        }),
        (JobState::Cancelled, _) => Err(Code::JobCancelled.into()),
        (JobState::Queued | JobState::Processing, _) => {
            let (done, total) = (job.pages_done, job.pages_total);
            Err(ApiError::new(Code::ResultNotReady)
                .detail(
                    format!(
                        "The job is {}: {done} of {total} pages are done. Ask again in \
                         {ASK_AGAIN} s.",
                        job.state.name()
                    ),
                    format!(
                        "ការងារស្ថិតក្នុងស្ថានភាព {}៖ រួចរាល់ {done} ក្នុងចំណោម {total} ទំព័រ។ \
                         សូមសួរម្តងទៀតក្រោយ {ASK_AGAIN} វិនាទី។",
                        job.state.name()
                    ),
                )
                .retry_after(ASK_AGAIN))
        }
    }
}

/// The result in another format: as it was rendered before, or rendered now and kept beside the
/// JSON, where it goes when the job goes.
async fn rendered(
    app: &App,
    json_key: &str,
    format: Format,
    missing: impl Fn(khocr_store::StoreError) -> ApiError,
) -> Result<Bytes, ApiError> {
    let stem = json_key.strip_suffix(".json").unwrap_or(json_key);
    let key = format!("{stem}.{}", format.name());
    if let Ok(bytes) = app.files().get(&key).await {
        return Ok(bytes);
    }
    let json = app.files().get(json_key).await.map_err(missing)?;
    let renderer = Arc::clone(app.renderer());
    let bytes = tokio::task::spawn_blocking(move || renderer.render(&json, format))
        .await
        .map_err(|e| ApiError::internal("rendering a result panicked", &e))?
        .map_err(|e| ApiError::internal("a result could not be rendered", &e))?;
    let bytes = Bytes::from(bytes);
    // Only saves time: whoever asks next renders it again if this fails.
    if let Err(error) = app.files().put(&key, bytes.clone()).await {
        tracing::debug!(%error, "a rendered result was not kept");
    }
    Ok(bytes)
}
