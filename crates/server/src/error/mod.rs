//! One error shape for the whole API.
//!
//! A handler returns an [`ApiError`]; it travels through the layers as an extension of an empty
//! response and [`render()`] writes the body last of all, when the request id and the caller's
//! `Accept` are known. Answers that axum makes by itself (405, 413, …) are turned into rows of the
//! table there too, so that no other status leaves the API.

mod refused;
mod render;
mod table;

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use khocr_store::StoreError;

pub(crate) use refused::Refused;
pub use render::{ErrorBody, ProblemBody};
pub(crate) use render::{OwnBody, internal_from_panic, render};
pub use table::{Code, Status};

/// Seconds after which to try again what failed because something was away: a database that is
/// restarted is back by then.
pub(crate) const AWAY: u64 = 5;

/// An answer that is not a success.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// The row of the table.
    pub code: Code,
    /// What exactly is wrong and what to do; the row's own words when absent.
    pub detail: Option<String>,
    /// The same in Khmer.
    pub detail_km: Option<String>,
    /// Seconds after which to try again.
    pub retry_after: Option<u64>,
    /// Methods for the `Allow` header.
    allow: Option<HeaderValue>,
}

impl ApiError {
    /// An error with the words of its row.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self { code, detail: None, detail_km: None, retry_after: None, allow: None }
    }

    /// A parameter that is not usable, and why, in English and Khmer.
    pub(crate) fn invalid(english: impl Into<String>, khmer: impl Into<String>) -> Self {
        Self::new(Code::InvalidParameter).detail(english, khmer)
    }

    /// The store's answer, where nothing found means that row.
    pub(crate) fn finding(code: Code) -> impl FnOnce(StoreError) -> Self {
        move |error| match error {
            StoreError::NotFound => Self::new(code),
            other => other.into(),
        }
    }

    /// Says more exactly what is wrong, in English and Khmer.
    #[must_use]
    pub fn detail(mut self, english: impl Into<String>, khmer: impl Into<String>) -> Self {
        self.detail = Some(english.into());
        self.detail_km = Some(khmer.into());
        self
    }

    /// Sets `Retry-After`; 0 becomes 1, since asking again at once never helps.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds.max(1));
        self
    }

    /// A fault of ours. `what` and `error` go to the log, never to the caller.
    #[must_use]
    pub fn internal(what: &str, error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "{what}");
        Self::new(Code::InternalError)
    }
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::NotFound => Self::new(Code::JobNotFound),
            StoreError::IdempotencyMismatch => Self::new(Code::InvalidParameter).detail(
                "This Idempotency-Key was used before with another document or other parameters.",
                "Idempotency-Key នេះធ្លាប់ប្រើជាមួយឯកសារ ឬប៉ារ៉ាម៉ែត្រផ្សេងរួចហើយ។",
            ),
            StoreError::QuotaExceeded { limit, left, asked, resets_at } => {
                let wait = resets_at.as_second() - jiff::Timestamp::now().as_second();
                let day = resets_at.strftime("%Y-%m-%d");
                Self::new(Code::PageQuotaExceeded)
                    .detail(
                        format!(
                            "The document has {asked} pages; {left} of {limit} pages are left \
                             this month. The count starts anew on {day} (UTC)."
                        ),
                        format!(
                            "ឯកសារមាន {asked} ទំព័រ ប៉ុន្តែខែនេះនៅសល់តែ {left} ទំព័រ ក្នុងចំណោម {limit} \
                             ទំព័រ។ ការរាប់នឹងចាប់ផ្តើមសារជាថ្មីនៅថ្ងៃទី {day} (UTC)។"
                        ),
                    )
                    .retry_after(u64::try_from(wait).unwrap_or(1))
            }
            StoreError::NameTaken(name) => Self::invalid(
                format!("There is an organisation named {name:?} already."),
                format!("មានអង្គភាពឈ្មោះ {name:?} រួចហើយ។"),
            ),
            StoreError::BadName(name) => Self::invalid(
                format!("{name:?} is no usable name: 1 to 200 printable characters."),
                format!("{name:?} មិនអាចប្រើជាឈ្មោះបានទេ៖ ត្រូវមានពី ១ ដល់ ២០០ តួអក្សរ។"),
            ),
            StoreError::BadLimit { what, most } => Self::invalid(
                format!("`{what}` may be {most} at most."),
                format!("`{what}` អាចមានយ៉ាងច្រើន {most}។"),
            ),
            StoreError::KeyEnded(id) => Self::invalid(
                format!("Key {id} is revoked or has expired; make a new one instead."),
                format!("កូដលេខ {id} ត្រូវបានដកហូត ឬហួសកំណត់ហើយ។ សូមបង្កើតកូដថ្មីជំនួសវិញ។"),
            ),
            StoreError::TooMany { what, limit } => Self::invalid(
                format!("There are {limit} {what} already, which is the most."),
                format!("មាន {what} ចំនួន {limit} រួចហើយ ដែលជាចំនួនអតិបរមា។"),
            ),
            _ if error.is_away() => {
                tracing::error!(%error, "the database or the files cannot be reached");
                Self::new(Code::ServiceUnavailable).retry_after(AWAY)
            }
            _ if is_disk_full(&error) || error.is_full() => {
                tracing::error!(%error, "no room left for files");
                Self::new(Code::StorageFull).retry_after(60)
            }
            _ => Self::internal("the store failed", &error),
        }
    }
}

impl From<std::io::Error> for ApiError {
    fn from(error: std::io::Error) -> Self {
        if is_disk_full(&error) {
            tracing::error!(%error, "no room left for files");
            return Self::new(Code::StorageFull).retry_after(60);
        }
        Self::internal("a file could not be written or read", &error)
    }
}

/// Whether an error, or one it came from, says that the disk or the quota on it is full.
fn is_disk_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && matches!(
                io.kind(),
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
            )
        {
            return true;
        }
        next = error.source();
    }
    false
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status().number())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(allow) = &self.allow {
            response.headers_mut().insert(header::ALLOW, allow.clone());
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_found_however_deep() {
        let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
        let error = ApiError::from(StoreError::Io(full()));
        assert_eq!(error.code, Code::StorageFull);
        assert_eq!(ApiError::from(full()).code, Code::StorageFull);
        let other = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        assert_eq!(ApiError::from(other).code, Code::InternalError);
    }

    #[test]
    fn a_quota_says_what_is_left_and_when_to_come_back() {
        let error = ApiError::from(StoreError::QuotaExceeded {
            limit: 100,
            left: 3,
            asked: 12,
            resets_at: jiff::Timestamp::now() + jiff::SignedDuration::from_secs(90),
        });
        assert_eq!(error.code, Code::PageQuotaExceeded);
        assert!((88..=90).contains(&error.retry_after.unwrap()));
        assert!(error.detail.unwrap().contains("12 pages; 3 of 100"));
    }
}
