//! Who is calling, and whether the minute still has a request for them.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use khocr_store::{Actor, Caller, Desk, Identified, KeyText, KeyTextError, Scope, StoreError};

use crate::error::{AWAY, ApiError, Code, Status};
use crate::rate;
use crate::state::App;

/// The header a key travels in.
pub(crate) const HEADER: &str = "x-api-key";
/// The query parameter a key may travel in instead.
pub(crate) const PARAMETER: &str = "api_key";

/// How long the database may take to say who calls. One that takes connections and never answers
/// would otherwise hold every request for as long as its client has patience.
const PATIENCE: Duration = Duration::from_secs(5);

/// The other end of the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// The caller of a route behind [`require_key`].
#[derive(Clone, Debug)]
pub(crate) struct Authenticated(pub(crate) Caller);

impl<S: Sync> FromRequestParts<S> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or(ApiError::new(Code::MissingApiKey))
    }
}

/// Where a request came from, for the audit trail.
#[derive(Clone, Copy, Debug)]
struct Origin(IpAddr);

/// Makes an extractor of a caller whose key has that scope.
macro_rules! scoped {
    ($(#[$doc:meta])* $name:ident, $scope:ident) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[allow(dead_code, reason = "not every route needs both")]
        pub(crate) struct $name {
            pub(crate) caller: Caller,
            /// The store in the caller's hands: what is done through it is written down.
            pub(crate) desk: Desk,
        }

        impl FromRequestParts<App> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(
                parts: &mut Parts,
                app: &App,
            ) -> Result<Self, Self::Rejection> {
                let (caller, desk) = holder(parts, app, Scope::$scope).await?;
                Ok(Self { caller, desk })
            }
        }
    };
}

scoped! {
    /// A caller who may follow jobs and fetch results.
    MayRead, Read
}
scoped! {
    /// A caller who may submit and delete.
    MayConvert, Convert
}
scoped! {
    /// A caller who runs the service.
    Operator, Admin
}

async fn holder(parts: &mut Parts, app: &App, scope: Scope) -> Result<(Caller, Desk), ApiError> {
    let Authenticated(caller) = Authenticated::from_request_parts(parts, app).await?;
    if !caller.may(scope) {
        let has = caller.scopes;
        return Err(ApiError::new(Code::Forbidden).detail(
            format!("This needs a key with the scope `{scope}`; this key has: {has}."),
            format!("មុខងារនេះត្រូវការកូដ API ដែលមានសិទ្ធិ `{scope}` ប៉ុន្តែកូដនេះមានតែ៖ {has}។"),
        ));
    }
    let from = parts.extensions.get::<Origin>().map(|o| o.0.to_string()).unwrap_or_default();
    let desk = app.store().by(Actor::key(caller.key_id, &from));
    Ok((caller, desk))
}

/// Lets a request pass that has a live key and a request left, and puts the RateLimit headers on
/// the answer. Guessing at keys is slowed down by address.
pub(crate) async fn require_key(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let address = client_address(&request, app.config().behind_proxy);
    let caller = match authenticate(&app, request.headers(), request.uri()).await {
        Ok(caller) => caller,
        Err(error) => {
            // What is no guess at a key is not counted as one.
            let ours = matches!(error.code.status(), Status::Internal | Status::Unavailable);
            let strangers = app.strangers();
            let decision = if ours { strangers.peek(address) } else { strangers.take(address) };
            let mut response = if decision.allowed || ours {
                error.into_response()
            } else {
                rate::refusal(&decision).into_response()
            };
            rate::put_headers(response.headers_mut(), &decision);
            return response;
        }
    };
    let decision = match in_time(app.store().take_request(&caller.organisation)).await {
        Ok(decision) => decision,
        Err(error) => return error.into_response(),
    };
    app.store().count_request(&caller);
    let mut response = if decision.allowed {
        request.extensions_mut().insert(Authenticated(caller));
        request.extensions_mut().insert(Origin(address));
        request.extensions_mut().insert(decision);
        next.run(request).await
    } else {
        rate::refusal(&decision).into_response()
    };
    rate::put_headers(response.headers_mut(), &decision);
    response
}

async fn authenticate(app: &App, headers: &HeaderMap, uri: &Uri) -> Result<Caller, ApiError> {
    let sent = key_of(headers, uri).ok_or(ApiError::new(Code::MissingApiKey))?;
    let key = KeyText::parse(&sent).map_err(|error| match error {
        KeyTextError::Malformed => ApiError::new(Code::MalformedApiKey).detail(
            "This is not an API key: a key begins with khocr_ and has 44 characters.",
            "នេះមិនមែនជាកូដ API ទេ៖ កូដ API ចាប់ផ្តើមដោយ khocr_ ហើយមាន ៤៤ តួអក្សរ។",
        ),
        KeyTextError::Checksum => ApiError::new(Code::MalformedApiKey),
    })?;
    match in_time(app.store().identify(&key)).await? {
        Identified::Caller(caller) => Ok(*caller),
        Identified::Expired => Err(Code::ExpiredApiKey.into()),
        Identified::Revoked | Identified::Unknown => Err(Code::InvalidApiKey.into()),
    }
}

/// What the store says, or that it is away when it says nothing for [`PATIENCE`].
async fn in_time<T>(question: impl Future<Output = Result<T, StoreError>>) -> Result<T, ApiError> {
    match tokio::time::timeout(PATIENCE, question).await {
        Ok(answer) => Ok(answer?),
        Err(_) => {
            tracing::error!(seconds = PATIENCE.as_secs(), "the database does not answer");
            Err(ApiError::new(Code::ServiceUnavailable).retry_after(AWAY))
        }
    }
}

/// The key as it was sent; the header wins over the query. An empty one is none.
fn key_of(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    if let Some(value) = headers.get(HEADER) {
        let text = String::from_utf8_lossy(value.as_bytes()).trim().to_owned();
        return (!text.is_empty()).then_some(text);
    }
    // Keys are made of letters, digits and an underscore, so an encoded one is no key either way.
    let mut pairs = uri.query()?.split('&').filter_map(|p| p.split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == PARAMETER)?;
    (!value.is_empty()).then(|| value.to_owned())
}

/// The address to count a stranger's attempts under.
pub(crate) fn client_address(request: &Request, behind_proxy: bool) -> IpAddr {
    let forwarded = || {
        // The last entry is the one our own proxy wrote; those before it are the client's say-so.
        let value = request.headers().get_all("x-forwarded-for").iter().next_back()?;
        value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    behind_proxy
        .then(forwarded)
        .flatten()
        .or_else(|| request.extensions().get::<Peer>().map(|p| p.0))
        .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn the_key_is_found_in_header_or_query() {
        let find = |header: Option<&str>, uri: &str| {
            let mut headers = HeaderMap::new();
            if let Some(h) = header {
                headers.insert(HEADER, h.parse().unwrap());
            }
            key_of(&headers, &uri.parse().unwrap())
        };
        assert_eq!(find(Some(" khocr_a "), "/x").as_deref(), Some("khocr_a"));
        assert_eq!(find(None, "/x?a=1&api_key=khocr_b").as_deref(), Some("khocr_b"));
        assert_eq!(find(Some("khocr_a"), "/x?api_key=khocr_b").as_deref(), Some("khocr_a"));
        assert_eq!(find(None, "/x?api_key="), None);
        assert_eq!(find(None, "/x?my_api_key=khocr_b"), None);
    }

    #[test]
    fn forwarded_addresses_count_only_behind_a_proxy() {
        let mut request = Request::new(Body::empty());
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        request.extensions_mut().insert(Peer(peer));
        request.headers_mut().insert("x-forwarded-for", "6.6.6.6, 203.0.113.9".parse().unwrap());
        assert_eq!(client_address(&request, false), peer);
        assert_eq!(client_address(&request, true), "203.0.113.9".parse::<IpAddr>().unwrap());
    }
}
