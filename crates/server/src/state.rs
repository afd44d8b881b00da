//! What every handler has at hand.

use std::sync::Arc;
use std::time::{Duration, Instant};

use khocr_store::{Files, Store};
use tokio::sync::{Mutex, Semaphore, watch};

use crate::config::Config;
use crate::docs::Page;
use crate::follow::Follow;
use crate::gauges::Queue;
use crate::metrics::Metrics;
use crate::rate::Strangers;
use crate::routes::health::Health;
use crate::seams::{Intake, Models, Render};

/// How long one look at the health serves all who ask.
const HEALTH_FRESH: Duration = Duration::from_secs(2);

/// The application: cheap to clone, clones share everything.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    config: Config,
    store: Store,
    files: Files,
    intake: Arc<dyn Intake>,
    render: Arc<dyn Render>,
    models: Arc<dyn Models>,
    strangers: Strangers,
    inspections: Semaphore,
    health: Mutex<Option<(Instant, Health)>>,
    page: Page,
    closing: watch::Sender<bool>,
    metrics: Metrics,
    queue: Queue,
    follow: Follow,
    started: Instant,
}

impl App {
    /// Puts the house together.
    #[must_use]
    pub fn new(
        config: Config,
        store: Store,
        files: Files,
        intake: Arc<dyn Intake>,
        render: Arc<dyn Render>,
        models: Arc<dyn Models>,
    ) -> Self {
        let page = Page::new(&config, render.formats());
        let inspections = Semaphore::new(config.inspections.max(1));
        let follow = Follow::new(store.clone(), config.streams, config.streams_each);
        Self(Arc::new(Inner {
            config,
            store,
            files,
            intake,
            render,
            models,
            strangers: Strangers::default(),
            inspections,
            health: Mutex::default(),
            page,
            closing: watch::Sender::new(false),
            metrics: Metrics::default(),
            queue: Queue::default(),
            follow,
            started: Instant::now(),
        }))
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn files(&self) -> &Files {
        &self.0.files
    }

    pub(crate) fn intake(&self) -> &Arc<dyn Intake> {
        &self.0.intake
    }

    pub(crate) fn renderer(&self) -> &Arc<dyn Render> {
        &self.0.render
    }

    pub(crate) fn models(&self) -> &dyn Models {
        &*self.0.models
    }

    pub(crate) fn strangers(&self) -> &Strangers {
        &self.0.strangers
    }

    pub(crate) fn inspections(&self) -> &Semaphore {
        &self.0.inspections
    }

    pub(crate) fn page(&self) -> &Page {
        &self.0.page
    }

    /// Tells everyone who waits that the server is about to stop.
    pub(crate) fn close(&self) {
        self.0.closing.send_replace(true);
    }

    /// Done when the server is about to stop.
    pub(crate) async fn closing(&self) {
        // The sender lives as long as `self`, so this cannot fail.
        let _ = self.0.closing.subscribe().wait_for(|closing| *closing).await;
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn follow(&self) -> &Follow {
        &self.0.follow
    }

    pub(crate) fn queue(&self) -> &Queue {
        &self.0.queue
    }

    pub(crate) fn uptime(&self) -> Duration {
        self.0.started.elapsed()
    }

    /// How things stand, looked at now or a moment ago.
    pub(crate) async fn health(&self) -> Health {
        let mut last = self.0.health.lock().await;
        if let Some((at, health)) = &*last
            && at.elapsed() < HEALTH_FRESH
        {
            return health.clone();
        }
        let health = Health::look(self).await;
        *last = Some((Instant::now(), health.clone()));
        health
    }
}
