//! The OpenAPI document: its frame here, its paths and schemas from the handlers.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{Components, OpenApi as Document};
use utoipa::{Modify, OpenApi};

use crate::auth;
use crate::error::ProblemBody;
use crate::routes::events::JobEvent;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "khocr",
        description = "Khmer and English PDFs, scans and pictures in; JSON, text and Word out. \
            Every error has the shape of `ErrorBody`, or of `ProblemBody` (RFC 9457) when `Accept` \
            names `application/problem+json`. Every answer carries `RateLimit-Limit`, \
            `RateLimit-Remaining`, `RateLimit-Reset` and `X-Request-Id`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/", description = "This server")),
    components(schemas(JobEvent, ProblemBody)),
    tags(
        (name = "Conversion", description = "Submitting documents."),
        (name = "Jobs", description = "Following jobs and fetching results."),
        (name = "Webhooks", description = "Being told when jobs end."),
        (name = "Account", description = "What was used and what is left."),
        (name = "Administration", description = "For the operator: keys with the scope `admin`."),
        (name = "Service", description = "The server and its models."),
    ),
    security(("header" = []), ("query" = [])),
    modifiers(&Keys),
)]
pub(crate) struct Frame;

/// The two places a key may be sent in.
struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_with(Components::default);
        let header = ApiKeyValue::with_description("X-API-Key", "An API key, `khocr_…`.");
        let query = ApiKeyValue::with_description(
            auth::PARAMETER,
            "The same in the address, for where no header can be set. Addresses end up in logs: \
             prefer the header.",
        );
        components.add_security_scheme("header", SecurityScheme::ApiKey(ApiKey::Header(header)));
        components.add_security_scheme("query", SecurityScheme::ApiKey(ApiKey::Query(query)));
    }
}
