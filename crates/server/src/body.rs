//! Request bodies: how long they may stand still, and what becomes of the rest of one that was
//! answered before it ended.
//!
//! A client that is still sending when the answer is written and the connection closed often never
//! sees the answer: its own write fails first. So an error's answer waits until the rest of the
//! body, within bounds, has been read and thrown away.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::time::{Instant, Sleep, sleep, timeout};

use crate::state::App;

/// How much of a refused body is read and thrown away, in bytes and in time.
const DRAIN_BYTES: u64 = 128 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(20);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What a handler may ask about its request's body afterwards.
#[derive(Clone, Default)]
pub(crate) struct BodyState(Arc<Flags>);

#[derive(Default)]
struct Flags {
    stalled: AtomicBool,
    polled: AtomicBool,
}

impl BodyState {
    /// Whether reading it failed because the client stood still.
    pub(crate) fn stalled(&self) -> bool {
        self.0.stalled.load(Ordering::Relaxed)
    }
}

/// A body that can be taken back from whoever got it, and that fails when nothing arrives.
struct Watched {
    inner: Arc<Mutex<Body>>,
    state: BodyState,
    idle: Duration,
    alarm: Pin<Box<Sleep>>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        self.state.0.polled.store(true, Ordering::Relaxed);
        let polled = {
            let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            Pin::new(&mut *inner).poll_frame(cx)
        };
        if let Poll::Ready(frame) = polled {
            let next = Instant::now() + self.idle;
            self.alarm.as_mut().reset(next);
            return Poll::Ready(frame.map(|f| f.map_err(Into::into)));
        }
        ready!(self.alarm.as_mut().poll(cx));
        self.state.0.stalled.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err("the client stood still for too long".into())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).size_hint()
    }
}

/// Puts the watch on every request that has a body.
pub(crate) async fn watch(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let waits_for_go =
        request.headers().get(header::EXPECT).is_some_and(|v| v.as_bytes() == b"100-continue");
    let idle = app.config().idle;
    let state = BodyState::default();
    let (mut parts, body) = request.into_parts();
    let inner = Arc::new(Mutex::new(body));
    parts.extensions.insert(state.clone());
    let watched = || Watched {
        inner: Arc::clone(&inner),
        state: state.clone(),
        idle,
        alarm: Box::pin(sleep(idle)),
    };
    let body = Body::new(watched());
    let response = next.run(Request::from_parts(parts, body)).await;

    let refused = response.status().is_client_error() || response.status().is_server_error();
    // A client that waits for "100 Continue" has sent nothing yet, and then never will.
    let sending = !waits_for_go || state.0.polled.load(Ordering::Relaxed);
    if refused && sending && !state.stalled() {
        let mut rest = watched();
        let _ = timeout(DRAIN_TIME, async {
            let mut thrown = 0;
            while let Some(Ok(frame)) = rest.frame().await {
                thrown += frame.data_ref().map_or(0, |d| d.len() as u64);
                if thrown > DRAIN_BYTES {
                    break;
                }
            }
        })
        .await;
    }
    response
}
