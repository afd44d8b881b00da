//! JSON bodies: small, of the documented form, and a clear word when they are not.

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::error::{ApiError, Code};

/// Most bytes such a body may have.
const MOST: usize = 64 * 1024;

/// The body of a request as JSON of that form; an empty body is an empty object.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, Self::Rejection> {
        let bytes = axum::body::to_bytes(request.into_body(), MOST).await.map_err(|error| {
            tracing::debug!(%error, "a body could not be read");
            ApiError::new(Code::MalformedJson)
        })?;
        let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(bytes).map(Self).map_err(|error| {
            let error: String = error.to_string().chars().take(200).collect();
            ApiError::new(Code::MalformedJson).detail(
                format!("{} ({error})", Code::MalformedJson.english()),
                format!("{} ({error})", Code::MalformedJson.khmer()),
            )
        })
    }
}

/// For a field where null says something else than absence: absent is `None`, null `Some(None)`.
pub(crate) fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
