//! The body of an error, written when everything about the request is known.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ApiError, Code};
use crate::request_id::RequestId;

/// What every error looks like.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "empty_file",
    "message": "Bad request (invalid file or parameters)",
    "message_km": "សំណើមិនត្រឹមត្រូវ",
    "detail": "The file is empty.",
    "detail_km": "ឯកសារទទេ គ្មានទិន្នន័យ។",
    "request_id": "9f86d081884c7d65"
}))]
pub struct ErrorBody {
    /// Stable machine code: a row of the error table.
    pub code: String,
    /// The message of the status, in English.
    pub message: String,
    /// The message of the status, in Khmer.
    pub message_km: String,
    /// What exactly is wrong and what to do about it, in English.
    pub detail: String,
    /// What exactly is wrong and what to do about it, in Khmer.
    pub detail_km: String,
    /// Identifies this request in the server's log; also in the header `X-Request-Id`.
    pub request_id: String,
}

/// The same as an RFC 9457 problem, sent when `Accept` asks for `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// Where the code is explained.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same as `message`.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The path that was asked for.
    pub instance: String,
    /// The fields of the plain error.
    #[serde(flatten)]
    pub error: ErrorBody,
}

/// Outermost but for the request id: gives every answer that is not a success the one shape.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
    let problem = wants_problem(request.headers());
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    if !(response.status().is_client_error() || response.status().is_server_error()) {
        return response;
    }
    let error = match response.extensions().get::<Arc<ApiError>>() {
        Some(error) => Arc::clone(error),
        // A handler wrote an error body of its own (health does).
        None if response.headers().contains_key(header::CONTENT_TYPE)
            && response.extensions().get::<OwnBody>().is_some() =>
        {
            return response;
        }
        None => Arc::new(from_status(response.status(), response.headers())),
    };
    let (mut parts, _) = response.into_parts();
    // For the layers outside, which count and log by code.
    parts.extensions.insert(Arc::clone(&error));
    parts.status = StatusCode::from_u16(error.code.status().number())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = body(&error, &id);
    let (kind, bytes) = if problem {
        let problem = ProblemBody {
            kind: format!("/docs#{}", body.code),
            title: body.message.clone(),
            status: parts.status.as_u16(),
            instance: path,
            error: body,
        };
        ("application/problem+json", serde_json::to_vec(&problem))
    } else {
        ("application/json", serde_json::to_vec(&body))
    };
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(bytes.unwrap_or_default()))
}

/// Marks an answer whose body stays as it is although its status is an error.
#[derive(Clone, Copy)]
pub(crate) struct OwnBody;

fn body(error: &ApiError, id: &RequestId) -> ErrorBody {
    let status = error.code.status();
    ErrorBody {
        code: error.code.as_str().to_owned(),
        message: status.message().to_owned(),
        message_km: status.message_km().to_owned(),
        detail: error.detail.clone().unwrap_or_else(|| error.code.english().to_owned()),
        detail_km: error.detail_km.clone().unwrap_or_else(|| error.code.khmer().to_owned()),
        request_id: id.as_str().to_owned(),
    }
}

/// The row for a status that axum, not we, answered with.
fn from_status(status: StatusCode, headers: &HeaderMap) -> ApiError {
    let code = match status.as_u16() {
        401 => Code::InvalidApiKey,
        403 => Code::Forbidden,
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        413 => Code::FileTooLarge,
        415 => Code::NotMultipart,
        429 => Code::RateLimitExceeded,
        400..=499 => Code::BadRequest,
        503 => Code::ServiceUnavailable,
        _ => Code::InternalError,
    };
    ApiError { allow: headers.get(header::ALLOW).cloned(), ..ApiError::new(code) }
}

/// Whether `Accept` names `application/problem+json` with a weight above zero.
fn wants_problem(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .any(|range| {
            let mut parts = range.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|kind| kind.eq_ignore_ascii_case("application/problem+json"));
            let refused = |p: &str| {
                p.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0))
            };
            named && !parts.any(refused)
        })
}

/// What a panic in a handler becomes.
#[expect(clippy::needless_pass_by_value, reason = "the signature that CatchPanicLayer asks for")]
pub(crate) fn internal_from_panic(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "unknown".to_owned());
    ApiError::internal("a handler panicked", &text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problem_json_is_sent_only_when_asked_for() {
        let asks = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            wants_problem(&headers)
        };
        assert!(asks("application/problem+json"));
        assert!(asks("application/json;q=0.5, Application/Problem+JSON; q=0.9"));
        assert!(!asks("application/problem+json;q=0"));
        assert!(!asks("application/json"));
        assert!(!asks("*/*"));
    }

    #[test]
    fn every_status_of_axum_becomes_one_of_ours() {
        for status in 400..=599u16 {
            let error = from_status(StatusCode::from_u16(status).unwrap(), &HeaderMap::new());
            let number = error.code.status().number();
            assert!([400, 401, 403, 404, 429, 500, 503].contains(&number), "{status}");
            assert_eq!(number < 500, status < 500, "{status}");
        }
    }
}
