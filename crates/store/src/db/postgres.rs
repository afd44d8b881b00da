//! PostgreSQL: any number of nodes.

use std::sync::Weak;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{Connection, PgPool};

use crate::events::ACCOUNTS;
use crate::store::Inner;
use crate::{Event, StoreError};

/// A connection that lay idle for longer is asked whether it still works before it is used.
const STALE: Duration = Duration::from_secs(1);

/// Connects to the server of this address.
pub(super) async fn open(address: &str) -> Result<PgPool, StoreError> {
    let options: PgConnectOptions = address.parse()?;
    // More than the store has statements, so that each is prepared once a connection.
    let options = options.statement_cache_capacity(256);
    Ok(PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(10))
        // Asking before each use would double the turns at the database.
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move {
                if about.idle_for > STALE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options)
        .await?)
}

/// Passes on what other nodes tell, for as long as the store is in use. The listener connects again
/// after a loss; what was told meanwhile is lost, which polling makes good.
pub(crate) async fn listen(pool: PgPool, store: Weak<Inner>) {
    loop {
        match listen_once(&pool, &store).await {
            Ok(()) => return,
            // The store was closed: nobody waits any more.
            Err(_) if pool.is_closed() => return,
            Err(error) => tracing::warn!(%error, "listening for events failed; trying again"),
        }
        let Some(inner) = store.upgrade() else { return };
        inner.known.forget();
        drop(inner);
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

async fn listen_once(pool: &PgPool, store: &Weak<Inner>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen("khocr").await?;
    if let Some(inner) = store.upgrade() {
        // What changed while nobody listened is not known.
        inner.known.forget();
    }
    loop {
        let told = tokio::time::timeout(Duration::from_secs(5), listener.try_recv()).await;
        let Some(inner) = store.upgrade() else { return Ok(()) };
        let Ok(told) = told else { continue };
        match told? {
            // The connection was lost, and found again.
            None => inner.known.forget(),
            Some(notification) if notification.payload() == ACCOUNTS => inner.known.forget(),
            Some(notification) => {
                if let Some(event) = Event::from_wire(notification.payload()) {
                    // No receiver is no error: nobody waits just now.
                    let _ = inner.events.send(event);
                }
            }
        }
    }
}
