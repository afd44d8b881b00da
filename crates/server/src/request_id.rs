//! A name for each request, in every answer and every line of the log.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use crate::error::ApiError;
use crate::state::App;
use crate::trace::{self, TraceParent};

/// The header it travels in.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The name of one request: the caller's own, or 16 random hex digits.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestId(String);

impl RequestId {
    fn generate() -> Self {
        // Keyed by the operating system's randomness; it only has to be unlikely to repeat.
        Self(format!("{:016x}", RandomState::new().build_hasher().finish()))
    }

    /// A caller's id is taken when it is short and harmless in a log.
    fn from_header(value: &HeaderValue) -> Option<Self> {
        let text = value.to_str().ok()?;
        let harmless = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        ((1..=64).contains(&text.len()) && text.bytes().all(harmless))
            .then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Outermost of all layers: names the request, logs it, and puts the name on the answer.
pub(crate) async fn name_and_log(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = request
        .headers()
        .get(HEADER)
        .and_then(RequestId::from_header)
        .unwrap_or_else(RequestId::generate);
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    // The matched route, not the address: addresses can hold job ids, and queries can hold keys.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unknown".to_owned(), |p| p.as_str().to_owned());
    let caller = TraceParent::of(request.headers());
    let place = TraceParent::below(caller.as_ref());
    let (caller, here) = (caller.as_ref().map(TraceParent::as_str), place.as_str());
    let span = tracing::info_span!(
        "request", id = %id.as_str(), %method, %route, parent = caller, traceparent = here);
    let start = Instant::now();
    let answer = next.run(request).instrument(span.clone());
    let mut response = trace::scope(place, answer).await;
    let status = response.status().as_u16();
    let took = start.elapsed();
    let code = response.extensions().get::<Arc<ApiError>>().map_or("ok", |e| e.code.as_str());
    let code = if status == 503 && code == "ok" { "unhealthy" } else { code };
    app.metrics().count(method.as_str(), &route, code, took);
    let ms = took.as_secs_f64() * 1_000.0;
    span.in_scope(|| tracing::info!(status, code, ms, "answered"));
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_ids_differ_and_foreign_ones_must_be_harmless() {
        assert_ne!(RequestId::generate().as_str(), RequestId::generate().as_str());
        let take = |s: &str| RequestId::from_header(&HeaderValue::from_str(s).unwrap());
        assert_eq!(take("abc-1_2.3").unwrap().as_str(), "abc-1_2.3");
        assert!(take("").is_none());
        assert!(take("a b").is_none());
        assert!(take(&"a".repeat(65)).is_none());
    }
}
