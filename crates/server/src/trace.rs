//! The trace a request belongs to, in the form of W3C's `traceparent`: taken from the caller, carried
//! on to the job.

use std::hash::{BuildHasher, Hasher, RandomState};

use axum::http::{HeaderMap, HeaderName};

/// The header it travels in.
const HEADER: HeaderName = HeaderName::from_static("traceparent");

/// A place in a trace: version, trace, span and flags, 55 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TraceParent(String);

impl TraceParent {
    /// The caller's place, when it names one.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(HEADER)?.to_str().ok()?;
        let mut parts = text.split('-');
        let hex = |part: Option<&str>, length: usize| {
            part.is_some_and(|p| {
                let digits = p.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
                p.len() == length && digits && (length < 16 || p.bytes().any(|b| b != b'0'))
            })
        };
        let fine = hex(parts.next(), 2)
            && hex(parts.next(), 32)
            && hex(parts.next(), 16)
            && hex(parts.next(), 2);
        // A later version may say more behind; what is said before stays.
        (fine && text.is_ascii()).then(|| Self(text[..55].to_owned()))
    }

    /// A new place: below the caller's in its trace, or at the beginning of a trace.
    pub(crate) fn below(caller: Option<&Self>) -> Self {
        let trace =
            caller.map_or_else(|| span_id() + &span_id(), |caller| caller.0[3..35].to_owned());
        let flags = caller.map_or("01", |caller| &caller.0[53..55]);
        Self(format!("00-{trace}-{}-{flags}", span_id()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

tokio::task_local! {
    static HERE: TraceParent;
}

/// Answers a request whose place that is.
pub(crate) async fn scope<T>(place: TraceParent, answer: impl Future<Output = T>) -> T {
    HERE.scope(place, answer).await
}

/// The place of the request that is being answered.
pub(crate) fn here() -> Option<String> {
    HERE.try_with(|place| place.0.clone()).ok()
}

/// A new name of a span: 16 hex digits, not all of them 0. Two of them name a trace. Keyed by the
/// operating system's randomness; it only has to be unlikely to repeat.
#[must_use]
pub fn span_id() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<TraceParent> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, text.parse().unwrap());
        TraceParent::of(&headers)
    }

    #[test]
    fn a_caller_s_trace_goes_on_and_rubbish_begins_a_new_one() {
        let caller = of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00").unwrap();
        let ours = TraceParent::below(Some(&caller));
        assert!(ours.as_str().starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
        assert!(ours.as_str().ends_with("-00") && ours != caller);
        assert_eq!(of(ours.as_str()), Some(ours));
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b71692033-01",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
        let new = TraceParent::below(None);
        assert_eq!((new.as_str().len(), of(new.as_str()).is_some()), (55, true));
    }
}
