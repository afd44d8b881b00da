//! RateLimit headers, and a limit for those who have no key.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use khocr_store::RateDecision;

use crate::error::{ApiError, Code};

/// Answers a minute to one address that sends no good key.
const STRANGER_LIMIT: u32 = 60;

const MINUTE: Duration = Duration::from_secs(60);

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// Puts the limit on an answer, in the form most clients know (`RateLimit-Limit`, `-Remaining`,
/// `-Reset`) and as the structured fields of the IETF draft (`RateLimit`, `RateLimit-Policy`).
/// What is there already stays.
pub(crate) fn put_headers(headers: &mut HeaderMap, decision: &RateDecision) {
    if headers.contains_key(LIMIT) {
        return;
    }
    let (limit, remaining) = (decision.limit, decision.remaining);
    let reset = seconds(decision.reset_after);
    headers.insert(LIMIT, HeaderValue::from(limit));
    headers.insert(REMAINING, HeaderValue::from(remaining));
    headers.insert(RESET, HeaderValue::from(reset));
    let policy = format!("\"requests\";q={limit};w=60");
    let state = format!("\"requests\";r={remaining};t={reset}");
    for (name, value) in [(POLICY, policy), (STATE, state)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}

/// The 429 for a spent minute.
pub(crate) fn refusal(decision: &RateDecision) -> ApiError {
    let (limit, wait) = (decision.limit, seconds(decision.retry_after).max(1));
    ApiError::new(Code::RateLimitExceeded)
        .detail(
            format!("At most {limit} requests a minute. Wait {wait} s and send it again."),
            format!("អនុញ្ញាតតែ {limit} សំណើក្នុងមួយនាទី។ សូមរង់ចាំ {wait} វិនាទី រួចផ្ញើម្តងទៀត។"),
        )
        .retry_after(wait)
}

/// Whole seconds, rounded up so that whoever waits that long does not come too early.
pub(crate) fn seconds(d: Duration) -> u64 {
    d.as_secs() + u64::from(d.subsec_nanos() > 0)
}

/// Counts the answers to addresses without a good key, in this process: it slows down guessing,
/// it is no quota.
#[derive(Debug, Default)]
pub(crate) struct Strangers(Mutex<HashMap<IpAddr, (Instant, u32)>>);

impl Strangers {
    /// Takes one from the address's minute.
    pub(crate) fn take(&self, address: IpAddr) -> RateDecision {
        self.count(address, Instant::now(), 1)
    }

    /// How the address's minute stands.
    pub(crate) fn peek(&self, address: IpAddr) -> RateDecision {
        self.count(address, Instant::now(), 0)
    }

    fn count(&self, address: IpAddr, now: Instant, cost: u32) -> RateDecision {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() > 10_000 {
            windows.retain(|_, (start, _)| now.duration_since(*start) < MINUTE);
            // Someone comes from ever new addresses: start over rather than grow.
            if windows.len() > 10_000 {
                windows.clear();
            }
        }
        let fresh = (now, 0);
        let (start, used) = match windows.get(&address).copied().unwrap_or(fresh) {
            (start, _) if now.duration_since(start) >= MINUTE => fresh,
            window => window,
        };
        let allowed = used + cost <= STRANGER_LIMIT;
        let used = used.saturating_add(cost).min(STRANGER_LIMIT);
        if cost > 0 {
            windows.insert(address, (start, used));
        }
        let left = if used == 0 { Duration::ZERO } else { MINUTE - now.duration_since(start) };
        RateDecision {
            allowed,
            limit: STRANGER_LIMIT,
            remaining: STRANGER_LIMIT - used,
            retry_after: if allowed { Duration::ZERO } else { left },
            reset_after: left,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_get_a_minute_of_attempts() {
        let strangers = Strangers::default();
        let (a, b) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let start = Instant::now();
        for _ in 0..STRANGER_LIMIT {
            assert!(strangers.count(a, start, 1).allowed);
        }
        let refused = strangers.count(a, start + Duration::from_secs(20), 1);
        assert!(!refused.allowed);
        assert_eq!(refused.retry_after, Duration::from_secs(40));
        assert!(strangers.count(b, start, 1).allowed);
        assert!(strangers.count(a, start + MINUTE, 1).allowed);
    }

    #[test]
    fn both_forms_of_the_headers_agree() {
        let decision = RateDecision {
            allowed: true,
            limit: 10,
            remaining: 9,
            retry_after: Duration::ZERO,
            reset_after: Duration::from_millis(5_100),
        };
        let mut headers = HeaderMap::new();
        put_headers(&mut headers, &decision);
        assert_eq!(headers[LIMIT], "10");
        assert_eq!(headers[REMAINING], "9");
        assert_eq!(headers[RESET], "6");
        assert_eq!(headers[POLICY], "\"requests\";q=10;w=60");
        assert_eq!(headers[STATE], "\"requests\";r=9;t=6");
    }
}
