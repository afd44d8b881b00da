//! The workers of one process.

use std::sync::Arc;
use std::time::Duration;

use khocr_store::{Event, Files, Store};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::Settings;
use crate::job::Desk;

/// Works on jobs until `stop` is done. First takes back what this node held when it last died.
/// When told to stop it takes no more jobs, lets running ones go on for [`Settings::drain`], gives
/// back those that are not done then, and returns.
///
/// Whoever runs a pool also runs [`Store::keep_house`] somewhere.
pub async fn run(store: Store, files: Files, settings: Settings, stop: impl Future<Output = ()>) {
    match store.recover_node(&settings.node).await {
        Ok(back) if !back.is_empty() => {
            tracing::info!(jobs = back.len(), "took back what this node held before");
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "what this node held before will come back later"),
    }
    let settings = Arc::new(settings);
    let (tell, stopping) = watch::channel(None);
    let mut workers = JoinSet::new();
    for number in 1..=settings.workers.max(1) {
        let worker = Worker {
            name: format!("{}#{number}", settings.node),
            store: store.clone(),
            files: files.clone(),
            settings: Arc::clone(&settings),
            stop: stopping.clone(),
        };
        workers.spawn(worker.run());
    }
    drop(stopping);
    stop.await;
    tracing::info!("stopping: no more jobs are taken");
    let _ = tell.send(Some(Instant::now() + settings.drain));
    while let Some(ended) = workers.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a worker ended badly");
        }
    }
}

struct Worker {
    name: String,
    store: Store,
    files: Files,
    settings: Arc<Settings>,
    stop: watch::Receiver<Option<Instant>>,
}

impl Worker {
    async fn run(mut self) {
        let mut events = self.store.events();
        let mut trouble = Duration::from_millis(250);
        while self.stop.borrow().is_none() {
            match self.store.lease(&self.name, self.settings.hold).await {
                Ok(Some(lease)) => {
                    trouble = Duration::from_millis(250);
                    let mut desk = Desk {
                        store: &self.store,
                        files: &self.files,
                        settings: &self.settings,
                        stop: self.stop.clone(),
                    };
                    desk.work(lease).await;
                    // What was told meanwhile does not matter: the queue is looked at next.
                    events = events.resubscribe();
                }
                Ok(None) => self.idle(&mut events, self.settings.poll).await,
                Err(error) => {
                    tracing::warn!(worker = self.name, %error, "no job could be leased");
                    self.idle(&mut events, trouble).await;
                    trouble = (trouble * 2).min(Duration::from_secs(10));
                }
            }
        }
    }

    /// Waits until there may be a job: told, or after a while anyway.
    async fn idle(&mut self, events: &mut broadcast::Receiver<Event>, longest: Duration) {
        let told = async {
            loop {
                match events.recv().await {
                    Ok(Event::Queued) | Err(broadcast::error::RecvError::Lagged(_)) => return,
                    Ok(Event::Changed(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            () = told => {}
            () = tokio::time::sleep(longest) => {}
            _ = self.stop.changed() => {}
        }
    }
}
