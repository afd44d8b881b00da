//! What a process without the API answers: whether it lives, and its metrics. For workers alone.

use axum::Router;
use axum::routing::get;

use crate::state::App;
use crate::{metrics, routes};

/// `/livez`, `/readyz` and `/metrics`, and nothing else.
pub(crate) fn router(app: &App) -> Router {
    Router::new()
        .route("/livez", get(routes::health::livez))
        .route("/readyz", get(routes::health::readyz))
        .route("/metrics", get(metrics::serve))
        .with_state(app.clone())
}
