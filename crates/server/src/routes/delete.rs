//! `DELETE /api/v1/jobs/{job_id}`: cancel a job that has not ended, remove one that has.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::MayConvert;
use crate::error::{ApiError, ErrorBody, Refused};
use crate::fields;
use crate::routes::job;
use crate::state::App;

/// What became of the job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Removed {
    /// The job's id.
    #[schema(example = "a1b2c3d4e5f6a1b2c3d4e5f6")]
    id: String,
    /// `CANCELLED` when it was stopped, `DELETED` when it had ended and is gone with its files.
    #[schema(example = "CANCELLED")]
    status: &'static str,
    /// For an English reader.
    message: &'static str,
    /// For a Khmer reader.
    message_km: &'static str,
}

/// Cancel or delete a job.
///
/// A waiting or running job is cancelled, and the pages not read yet are given back. A job that
/// has ended is deleted with its document and its result.
#[utoipa::path(
    delete,
    path = "/api/v1/jobs/{job_id}",
    operation_id = "deleteJob",
    tag = "Jobs",
    params(("job_id" = String, Path, description = "The job's id.")),
    responses(
        (status = 200, description = "Cancelled or deleted.", body = Removed),
        (status = 400, description = "The request is not usable.", body = ErrorBody),
        (status = 404, description = "No such job of your organisation.", body = ErrorBody),
        Refused,
    ),
)]
pub(crate) async fn delete_job(
    State(app): State<App>,
    MayConvert { caller, desk }: MayConvert,
    Path(id): Path<String>,
) -> Result<Json<Removed>, ApiError> {
    let id = fields::job_id(&id)?;
    let organisation = caller.organisation.id;
    if !job::find(&app, organisation, &id).await?.state.is_final() {
        let after = app.store().cancel(organisation, &id).await?;
        if after.state == khocr_store::JobState::Cancelled {
            return Ok(Json(Removed {
                id: id.to_string(),
                status: "CANCELLED",
                message: "The job was cancelled",
                message_km: "ការងារត្រូវបានបោះបង់",
            }));
        }
        // It ended on its own just now; what was asked for is to be rid of it.
    }
    app.store().delete_job(app.files(), organisation, &id).await?;
    let target = format!("job:{id}");
    desk.note("job.deleted", Some(organisation), target, serde_json::json!({})).await?;
    Ok(Json(Removed {
        id: id.to_string(),
        status: "DELETED",
        message: "The job was deleted with its document and its result",
        message_km: "ការងារត្រូវបានលុប រួមទាំងឯកសារ និងលទ្ធផលរបស់វា",
    }))
}
