//! The documentation page at `/` and `/docs`, and the OpenAPI document.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use khocr_store::{Plan, PlanLimits};

use crate::docs::{self, Language};
use crate::state::App;

/// The OpenAPI document, written once.
pub(crate) struct OpenApiJson(Bytes);

impl OpenApiJson {
    pub(crate) fn new(document: &utoipa::openapi::OpenApi) -> Self {
        Self(serde_json::to_vec_pretty(document).unwrap_or_default().into())
    }
}

/// `GET /api/v1/openapi.json`. Needs no key: it says nothing that the page does not.
pub(crate) async fn openapi_json(Extension(document): Extension<Arc<OpenApiJson>>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, document.0.clone()).into_response()
}

/// `GET /docs/sample.pdf`: a document to try the API with.
pub(crate) async fn sample() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, docs::SAMPLE).into_response()
}

/// `GET /` and `GET /docs`. `?lang=km` or `?lang=en`, else the browser's language.
pub(crate) async fn page(State(app): State<App>, request: Request) -> Response {
    let language = language(request.uri().query(), request.headers());
    let base = base_url(&app, request.headers());
    // A page with the contract's limits is better than none while the database is away.
    let plans = app.store().plans().await.unwrap_or(Plan::ALL.map(PlanLimits::usual));
    let html = app.page().html(&base, language, &plans);
    let mut response = html.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, app.page().policy());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language, Host"));
    response
}

fn language(query: Option<&str>, headers: &HeaderMap) -> Language {
    let mut pairs = query.unwrap_or_default().split('&').filter_map(|p| p.split_once('='));
    match pairs.find(|(name, _)| *name == "lang") {
        Some((_, "km")) => return Language::Khmer,
        Some((_, "en")) => return Language::English,
        _ => {}
    }
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    let tags = accepted.unwrap_or_default().split(',').map(|t| t.trim().to_ascii_lowercase());
    for tag in tags {
        if tag.starts_with("km") {
            return Language::Khmer;
        }
        if tag.starts_with("en") {
            return Language::English;
        }
    }
    Language::English
}

/// The address the reader sees the server at, so that the examples work when pasted.
fn base_url(app: &App, headers: &HeaderMap) -> String {
    let config = app.config();
    if let Some(url) = &config.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let proto = text("x-forwarded-proto").filter(|_| config.behind_proxy);
    let scheme = if proto == Some("https") { "https" } else { "http" };
    let forwarded = text("x-forwarded-host").filter(|_| config.behind_proxy);
    // The host goes into shell and program examples: nothing but what hosts are made of.
    let harmless = |h: &&str| {
        (1..=255).contains(&h.len())
            && h.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
    };
    let host = forwarded.or_else(|| text("host")).filter(harmless).unwrap_or("127.0.0.1:8080");
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_readers() {
        let pick = |query: Option<&str>, accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
            language(query, &headers)
        };
        assert_eq!(pick(Some("lang=km"), "en"), Language::Khmer);
        assert_eq!(pick(None, "km-KH,km;q=0.9,en;q=0.8"), Language::Khmer);
        assert_eq!(pick(None, "fr,en;q=0.8,km;q=0.5"), Language::English);
        assert_eq!(pick(Some("lang=xx"), "fr"), Language::English);
    }
}
