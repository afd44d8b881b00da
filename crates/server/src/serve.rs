//! Connections: accepted, watched, and let go.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

use crate::auth::Peer;
use crate::patient::Patient;
use crate::router::router;
use crate::state::App;
use crate::status;

/// Answers requests until `shutdown` is done; then finishes those in progress, within
/// [`crate::Config::drain_time`].
///
/// # Errors
/// None at present: a listener that fails to accept is tried again.
pub async fn serve(
    listener: TcpListener,
    app: App,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let router = router(&app);
    answer(listener, app, router, shutdown).await
}

/// As [`serve()`], but only `/livez`, `/readyz` and `/metrics`: for a process of workers alone.
///
/// # Errors
/// As [`serve()`].
pub async fn serve_status(
    listener: TcpListener,
    app: App,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let router = status::router(&app);
    answer(listener, app, router, shutdown).await
}

async fn answer(
    listener: TcpListener,
    app: App,
    router: Router,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let config = app.config();
    let mut http = http1::Builder::new();
    // An idle connection is let go by the same clock.
    http.timer(TokioTimer::new()).header_read_timeout(config.header_time).max_headers(128);
    let slots = Arc::new(Semaphore::new(config.connections.max(1)));
    let (stop, stopped) = watch::channel(());
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (listener.accept().await, slot)
        };
        let (accepted, slot) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut shutdown => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file handles, most likely: waiting lets some connections end.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let work =
            connection(http.clone(), stream, peer, router.clone(), config.idle, stopped.clone());
        tokio::spawn(async move {
            work.await;
            drop(slot);
        });
    }
    drop(listener);
    drop(stopped);
    app.close();
    let _ = stop.send(());
    if tokio::time::timeout(config.drain_time, stop.closed()).await.is_err() {
        tracing::warn!("some requests were still in progress when the time to stop was up");
    }
    Ok(())
}

/// One connection, to its end.
async fn connection(
    http: http1::Builder,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    idle: Duration,
    mut stopped: watch::Receiver<()>,
) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip().to_canonical()));
        let router = router.clone();
        async move {
            let response: Result<Response<Body>, Infallible> =
                router.oneshot(request.map(Body::new)).await;
            response
        }
    });
    let io = TokioIo::new(Patient::new(stream, idle));
    let mut connection = pin!(http.serve_connection(io, service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}
