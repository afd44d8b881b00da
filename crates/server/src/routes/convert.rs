//! `POST /api/v1/convert`: take a document, reserve its pages, queue it.

use std::sync::Arc;

use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Extension, Multipart, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use khocr_store::{Caller, Files, JobId, NewJob, Submitted};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::MayConvert;
use crate::body::BodyState;
use crate::error::{ApiError, Code, ErrorBody};
use crate::seams::{Inspection, IntakeError};
use crate::sniff;
use crate::state::App;
use crate::trace;
use crate::upload::{self, Upload};

/// Room for the form around the file, when its length is judged before it is read.
const FORM_OVERHEAD: u64 = 64 * 1024;

/// The form, for the documentation; it is read by hand while it streams.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct ConvertForm {
    /// The document: PDF, PNG, JPEG or TIFF, at most 50 MB. Judged by its content, not its name.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
    /// The format that the result will have when none is asked for.
    #[schema(default = "json")]
    output_format: Option<crate::format::Format>,
    /// Read the picture of every page, even where the file's own text seems right.
    #[schema(default = false)]
    force_ocr: Option<bool>,
    /// How soon: high before normal before low.
    #[schema(default = "normal")]
    priority: Option<PriorityWord>,
    /// A webhook of yours to be told when this job ends, whether or not it is told of every job.
    webhook_id: Option<String>,
}

/// How soon a document shall be read.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) enum PriorityWord {
    High,
    Normal,
    Low,
}

/// The document was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// The job's id: 12 or more lower-case hex digits.
    #[schema(example = "a1b2c3d4e5f6a1b2c3d4e5f6")]
    job_id: String,
    /// Always `queued`.
    #[schema(example = "queued")]
    status: &'static str,
    /// For an English reader.
    #[schema(example = "PDF submitted for processing")]
    message: &'static str,
    /// For a Khmer reader.
    #[schema(example = "ឯកសារ PDF បានដាក់សម្រាប់ដំណើរការ")]
    message_km: &'static str,
}

/// Submit a document.
#[utoipa::path(
    post,
    path = "/api/v1/convert",
    operation_id = "convert",
    tag = "Conversion",
    request_body(content = ConvertForm, content_type = "multipart/form-data"),
    params((
        "Idempotency-Key" = Option<String>, Header,
        description = "A word of your own, up to 255 characters. Sending the same request with the \
                       same word again gives the first job instead of a second one."
    )),
    responses(
        (status = 200, description = "Accepted and queued.", body = Accepted),
        (status = 400, description = "The file or a parameter is not usable.", body = ErrorBody),
        (status = 401, description = "No key, or not a good one.", body = ErrorBody),
        (status = 403, description = "The key may not do this.", body = ErrorBody),
        (status = 404, description = "The webhook is not your organisation's.", body = ErrorBody),
        (status = 429, description = "Too many requests, or no pages left.", body = ErrorBody),
        (status = 500, description = "A fault of the server.", body = ErrorBody),
        (status = 503, description = "A part of the service is away; try again.", body = ErrorBody),
    ),
)]
pub(crate) async fn convert(
    State(app): State<App>,
    MayConvert { caller, .. }: MayConvert,
    state: Option<Extension<BodyState>>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, ApiError> {
    let form = form.map_err(|_| ApiError::new(Code::NotMultipart))?;
    let word = idempotency_key(&headers)?;
    refuse_over_long(&app, &headers)?;
    let state = state.map(|Extension(s)| s).unwrap_or_default();
    let upload = upload::read(&app, form, &state, word.is_some()).await?;
    let upload = Arc::new(upload);
    let pages = inspect(&app, &upload).await?.pages;
    if pages == 0 {
        return Err(Code::NoPages.into());
    }
    let most = app.config().max_pages;
    if pages > most {
        return Err(ApiError::new(Code::TooManyPages).detail(
            format!("The document has {pages} pages; one job may have {most}. Split it."),
            format!("ឯកសារមាន {pages} ទំព័រ ប៉ុន្តែការងារមួយអាចមានយ៉ាងច្រើន {most} ទំព័រ។ សូមបំបែកឯកសារ។"),
        ));
    }
    let id = submit(&app, &caller, &upload, pages, word).await?;
    let location = format!("/api/v1/jobs/{id}");
    let accepted = Accepted {
        job_id: id.to_string(),
        status: "queued",
        message: "PDF submitted for processing",
        message_km: "ឯកសារ PDF បានដាក់សម្រាប់ដំណើរការ",
    };
    Ok((StatusCode::OK, [(header::LOCATION, location)], Json(accepted)).into_response())
}

/// A body that says beforehand that it is too long need not be received.
fn refuse_over_long(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    let limit = app.config().max_upload_bytes;
    let length = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
    match length.and_then(|v| v.parse::<u64>().ok()) {
        Some(length) if length > limit + FORM_OVERHEAD => Err(upload::too_large(limit)),
        _ => Ok(()),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(word) if (1..=255).contains(&word.len()) => Ok(Some(word.to_owned())),
        _ => Err(ApiError::new(Code::InvalidParameter).detail(
            "`Idempotency-Key` must have 1 to 255 printable ASCII characters.",
            "`Idempotency-Key` ត្រូវមានតួអក្សរ ASCII ពី ១ ដល់ ២៥៥។",
        )),
    }
}

/// Opens the file on a thread that may block; few at a time, and not for ever.
async fn inspect(app: &App, upload: &Arc<Upload>) -> Result<Inspection, ApiError> {
    let permit = app.inspections().acquire().await;
    let (intake, shared) = (Arc::clone(app.intake()), Arc::clone(upload));
    let most_pixels = app.config().max_pixels;
    let work = tokio::task::spawn_blocking(move || {
        let (path, kind) = (shared.spool.path(), shared.kind);
        if let Ok(mut file) = std::fs::File::open(path)
            && let Some((width, height)) = sniff::pixel_size(&mut file, kind)
            && width.saturating_mul(height) > most_pixels
        {
            let reason = format!("{width} x {height} pixels, at most {most_pixels} in all");
            return Err(IntakeError::TooLarge(reason));
        }
        intake.inspect(path, kind)
    });
    let done = tokio::time::timeout(app.config().inspection_time, work).await;
    drop(permit);
    match done {
        Ok(Ok(Ok(inspection))) => Ok(inspection),
        Ok(Ok(Err(refusal))) => Err(refuse(refusal)),
        // Whatever makes the opener panic or hang is in the file.
        Ok(Err(panic)) => {
            tracing::warn!(%panic, "an upload made the inspection panic");
            Err(Code::DamagedFile.into())
        }
        Err(_) => {
            tracing::warn!("an upload took too long to inspect");
            Err(ApiError::new(Code::DamagedFile).detail(
                "Opening the file takes too long; it is damaged or built to be slow.",
                "ការបើកឯកសារនេះប្រើពេលយូរពេក៖ ឯកសារខូច ឬត្រូវបានបង្កើតមិនប្រក្រតី។",
            ))
        }
    }
}

fn refuse(refusal: IntakeError) -> ApiError {
    match refusal {
        IntakeError::Unsupported => Code::UnsupportedFile.into(),
        IntakeError::Encrypted => Code::EncryptedFile.into(),
        IntakeError::Damaged(reason) => with_reason(Code::DamagedFile, &reason),
        IntakeError::TooManyPages(reason) => with_reason(Code::TooManyPages, &reason),
        IntakeError::TooLarge(reason) => with_reason(Code::ImageTooLarge, &reason),
    }
}

/// The row's words and the opener's reason behind them.
fn with_reason(code: Code, reason: &str) -> ApiError {
    if reason.is_empty() {
        return code.into();
    }
    ApiError::new(code)
        .detail(format!("{} ({reason})", code.english()), format!("{} ({reason})", code.khmer()))
}

/// Stores the file and queues the job; a refused job leaves no file.
async fn submit(
    app: &App,
    caller: &Caller,
    upload: &Upload,
    pages: u32,
    word: Option<String>,
) -> Result<JobId, ApiError> {
    let id = JobId::generate()?;
    let options = serde_json::json!({ "force_ocr": upload.force_ocr, "trace": trace::here() });
    let idempotency = word.map(|word| {
        let parts = [
            upload.spool.fingerprint(),
            upload.output_format.to_string(),
            upload.force_ocr.to_string(),
            upload.priority.to_string(),
        ];
        let webhook = upload.webhook_id.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
        (word, parts.join(" ") + &webhook)
    });
    let organisation = caller.organisation.id;
    if let Some(webhook) = &upload.webhook_id {
        // Before the job is there, so that its end cannot come first.
        let told = app.store().tell_webhook_of(organisation, webhook, &id).await;
        told.map_err(ApiError::finding(Code::WebhookNotFound))?;
    }
    let input_key = Files::input_key(&id);
    app.files().import(&input_key, upload.spool.path()).await?;
    let submitted = app
        .store()
        .submit(NewJob {
            id: id.clone(),
            organisation_id: organisation,
            key_id: Some(caller.key_id),
            file_name: upload.file_name.clone(),
            input_key,
            input_bytes: upload.spool.bytes(),
            pages,
            output_format: upload.output_format.name().to_owned(),
            options,
            priority: upload.priority,
            idempotency,
        })
        .await;
    let answer = match submitted {
        Ok(Submitted::Accepted(job)) => return Ok(job.id),
        Ok(Submitted::Repeated(job)) => Ok(job.id),
        // A connection that breaks at the commit does not say whether the job is there: its file
        // stays, and is swept up in a day if it is not.
        Err(error) if error.is_away() => return Err(error.into()),
        Err(error) => Err(error.into()),
    };
    if upload.webhook_id.is_some()
        && let Err(error) = app.store().tell_nobody_of(&id).await
    {
        tracing::warn!(%error, "a refused job's webhook could not be forgotten");
    }
    if let Err(error) = app.files().delete_job(&id).await {
        tracing::warn!(%error, "the file of a refused upload could not be removed");
    }
    answer
}
