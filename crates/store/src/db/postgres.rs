//! PostgreSQL: any number of nodes.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::broadcast;

use crate::{Event, StoreError};

/// Connects to the server of this address.
pub(super) async fn open(address: &str) -> Result<PgPool, StoreError> {
    Ok(PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(10))
        .connect(address)
        .await?)
}

/// Passes on what other nodes tell, for as long as anyone has the other end of `events`. The
/// listener connects again by itself after a loss; what was told meanwhile is lost, which
/// polling makes good.
pub(crate) async fn listen(pool: PgPool, events: broadcast::WeakSender<Event>) {
    loop {
        match listen_once(&pool, &events).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "listening for events failed; trying again"),
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        if events.upgrade().is_none() || pool.is_closed() {
            return;
        }
    }
}

async fn listen_once(
    pool: &PgPool,
    events: &broadcast::WeakSender<Event>,
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen("khocr").await?;
    loop {
        let told = tokio::time::timeout(Duration::from_secs(5), listener.recv()).await;
        let Some(events) = events.upgrade() else { return Ok(()) };
        if let Ok(notification) = told
            && let Some(event) = Event::from_wire(notification?.payload())
        {
            // No receiver is no error: nobody waits just now.
            let _ = events.send(event);
        }
    }
}
