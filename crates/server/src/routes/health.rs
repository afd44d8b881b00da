//! `GET /api/v1/health`, `/livez` and `/readyz`: whether the house stands.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::error::{AWAY, OwnBody};
use crate::state::App;

/// How long a part may take to answer until it counts as broken.
const PATIENCE: Duration = Duration::from_secs(3);

/// How things stand.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Whether all of it is usable: `ok` or `failing`.
    #[schema(example = "ok")]
    status: &'static str,
    /// The program's version.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// Seconds since the server started.
    uptime_seconds: u64,
    /// Its parts.
    checks: Checks,
}

/// The parts of the house: `ok` or `failing`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Checks {
    /// Organisations, keys and jobs can be read.
    #[schema(example = "ok")]
    database: &'static str,
    /// Files can be written.
    #[schema(example = "ok")]
    files: &'static str,
    /// The reading models can be loaded.
    #[schema(example = "ok")]
    models: &'static str,
}

impl Health {
    /// Looks at every part. What is wrong goes to the log, not to strangers.
    pub(crate) async fn look(app: &App) -> Self {
        let verdict = |part: &str, error: Option<String>| match error {
            None => "ok",
            Some(error) => {
                tracing::warn!(part, error, "health check failing");
                "failing"
            }
        };
        let late = || Some("no answer in time".to_owned());
        let (database, files) = tokio::join!(
            async {
                timeout(PATIENCE, app.store().check())
                    .await
                    .map_or_else(|_| late(), |r| r.err().map(|e| e.to_string()))
            },
            async {
                timeout(PATIENCE, app.files().check())
                    .await
                    .map_or_else(|_| late(), |r| r.err().map(|e| e.to_string()))
            },
        );
        let checks = Checks {
            database: verdict("database", database),
            files: verdict("files", files),
            models: verdict("models", app.models().check().err()),
        };
        let all = [checks.database, checks.files, checks.models];
        Self {
            status: if all.iter().all(|c| *c == "ok") { "ok" } else { "failing" },
            version: env!("CARGO_PKG_VERSION"),
            uptime_seconds: app.uptime().as_secs(),
            checks,
        }
    }

    fn answer(self) -> Response {
        if self.status == "ok" {
            return Json(self).into_response();
        }
        let retry = [(header::RETRY_AFTER, AWAY.to_string())];
        let mut response = (StatusCode::SERVICE_UNAVAILABLE, retry, Json(self)).into_response();
        response.extensions_mut().insert(OwnBody);
        response
    }
}

/// Whether the service is usable. Needs no key.
#[utoipa::path(
    get,
    path = "/api/v1/health",
    operation_id = "getHealth",
    tag = "Service",
    security(()),
    responses(
        (status = 200, description = "All parts are usable.", body = Health),
        (status = 503, description = "A part is failing.", body = Health),
    ),
)]
pub(crate) async fn get_health(State(app): State<App>) -> Response {
    app.health().await.answer()
}

/// Whether the process is alive at all: for whoever restarts it.
pub(crate) async fn livez() -> &'static str {
    "ok\n"
}

/// Whether requests should be sent here: for whoever balances load.
pub(crate) async fn readyz(State(app): State<App>) -> Response {
    app.health().await.answer()
}
