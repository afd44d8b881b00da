//! Which address is answered by what, and the layers around all of them.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::cors::{Any, CorsLayer};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::{ApiError, Code};
use crate::routes::documents::OpenApiJson;
use crate::state::App;
use crate::{auth, body, error, metrics, openapi, rate, request_id, routes};

/// The OpenAPI document, as `/api/v1/openapi.json` serves it.
#[must_use]
pub fn openapi_document() -> utoipa::openapi::OpenApi {
    api().1
}

/// The routes of the contract, and the document generated from them.
fn api() -> (Router<App>, utoipa::openapi::OpenApi) {
    let (router, document) = OpenApiRouter::with_openapi(openapi::Frame::openapi())
        .routes(routes!(routes::convert::convert))
        .routes(routes!(routes::jobs::list_jobs))
        .routes(routes!(routes::job::get_job, routes::delete::delete_job))
        .routes(routes!(routes::events::follow_job))
        .routes(routes!(routes::result::get_result))
        .routes(routes!(routes::usage::get_usage))
        .routes(routes!(routes::models::list_models))
        .routes(routes!(routes::webhooks::list_webhooks, routes::webhooks::create_webhook))
        .routes(routes!(
            routes::webhooks::get_webhook,
            routes::webhooks::change_webhook,
            routes::webhooks::delete_webhook
        ))
        .routes(routes!(routes::secret::rotate_webhook_secret))
        .routes(routes!(routes::messages::resend_message))
        .merge(routes::admin::routes())
        .split_for_parts();
    let (open, open_document) =
        OpenApiRouter::<App>::new().routes(routes!(routes::health::get_health)).split_for_parts();
    // The open routes are merged in `router`, behind the key; here only their description.
    drop(open);
    (router, document.merge_from(open_document))
}

/// Everything the server answers.
pub fn router(app: &App) -> Router {
    let (api, document) = api();
    let document = OpenApiJson::new(&document);
    let with_key = api.route_layer(middleware::from_fn_with_state(app.clone(), auth::require_key));
    let open = Router::new()
        .route("/api/v1/health", get(routes::health::get_health))
        .route("/api/v1/openapi.json", get(routes::documents::openapi_json))
        .route("/livez", get(routes::health::livez))
        .route("/readyz", get(routes::health::readyz))
        .route("/metrics", get(metrics::serve))
        .route("/", get(routes::documents::page))
        .route("/docs", get(routes::documents::page))
        .route("/docs/", get(routes::documents::page))
        .route("/docs/sample.pdf", get(routes::documents::sample));
    with_key
        .merge(open)
        .fallback(async || ApiError::new(Code::NotFound))
        // Uploads have a limit of their own, which is enforced while they stream to disk.
        .layer(DefaultBodyLimit::disable())
        .layer(Extension(Arc::new(document)))
        // From here on the last one is the outermost.
        .layer(middleware::from_fn_with_state(app.clone(), body::watch))
        .layer(CatchPanicLayer::custom(error::internal_from_panic))
        .layer(middleware::from_fn_with_state(app.clone(), strangers))
        .layer(middleware::from_fn(error::render))
        .layer(compression())
        .layer(cors())
        .layer(middleware::from_fn_with_state(app.clone(), secure))
        .layer(middleware::from_fn_with_state(app.clone(), request_id::name_and_log))
        .with_state(app.clone())
}

/// Text is compressed; Word and PDF files are compressed already.
fn compression() -> CompressionLayer<impl Predicate> {
    let worth_it = DefaultPredicate::new()
        .and(NotForContentType::const_new("application/vnd."))
        .and(NotForContentType::const_new("application/pdf"));
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worth_it)
}

/// Any web page may use the API: it needs a key, and no cookie gives one.
fn cors() -> CorsLayer {
    let exposed = [
        "ratelimit",
        "ratelimit-limit",
        "ratelimit-policy",
        "ratelimit-remaining",
        "ratelimit-reset",
        "retry-after",
        "x-request-id",
        "content-disposition",
        "location",
    ];
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([
            HeaderName::from_static(auth::HEADER),
            header::CONTENT_TYPE,
            header::ACCEPT,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
            request_id::HEADER,
        ])
        .expose_headers(exposed.map(HeaderName::from_static))
        .max_age(std::time::Duration::from_secs(3_600))
}

/// Answers that no key's limit stands on carry the stranger's.
async fn strangers(State(app): State<App>, request: Request, next: Next) -> Response {
    let address = auth::client_address(&request, app.config().behind_proxy);
    let mut response = next.run(request).await;
    if !response.headers().contains_key("ratelimit-limit") {
        rate::put_headers(response.headers_mut(), &app.strangers().peek(address));
    }
    response
}

/// Security headers; what a handler set already stays.
async fn secure(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::X_FRAME_OPTIONS, "DENY");
    default(header::REFERRER_POLICY, "no-referrer");
    default(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox",
    );
    default(
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=()",
    );
    default(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    default(header::CACHE_CONTROL, "no-store");
    if app.config().public_url.as_deref().is_some_and(|u| u.starts_with("https://")) {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}
