//! `GET /api/v1/models`: the reading models in the binary.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Authenticated;
use crate::error::ErrorBody;
use crate::seams::ModelInfo;
use crate::state::App;

/// The models.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelList {
    /// One entry a model.
    models: Vec<ModelInfo>,
}

/// List the reading models.
#[utoipa::path(
    get,
    path = "/api/v1/models",
    operation_id = "listModels",
    tag = "Service",
    responses(
        (status = 200, description = "The models in this server.", body = ModelList),
        (status = 401, description = "No key, or not a good one.", body = ErrorBody),
        (status = 429, description = "Too many requests.", body = ErrorBody),
        (status = 500, description = "A fault of the server.", body = ErrorBody),
        (status = 503, description = "A part of the service is away; try again.", body = ErrorBody),
    ),
)]
pub(crate) async fn list_models(State(app): State<App>, _: Authenticated) -> Json<ModelList> {
    Json(ModelList { models: app.models().list() })
}
