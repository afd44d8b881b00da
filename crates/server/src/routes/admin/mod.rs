//! `/api/v1/admin`: the operator's side. Each route asks for a key with the scope `admin`, and
//! each change goes into the audit trail with the key's number and the address it came from.

mod audit;
mod keys;
mod organisations;
mod plans;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::{ApiError, Code};
use crate::state::App;

/// The operator's routes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(organisations::list_organisations, organisations::create_organisation))
        .routes(routes!(organisations::get_organisation, organisations::change_organisation))
        .routes(routes!(keys::list_keys, keys::create_key))
        .routes(routes!(keys::rotate_key))
        .routes(routes!(keys::revoke_key))
        .routes(routes!(plans::list_plans))
        .routes(routes!(plans::change_plan))
        .routes(routes!(audit::list_audit))
}

/// A number in the path. Anything that can be none is the number of nothing.
fn number(text: &str, missing: Code) -> Result<i64, ApiError> {
    text.parse().ok().filter(|n| *n > 0).ok_or(ApiError::new(missing))
}
