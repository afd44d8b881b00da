//! The metrics that are not about requests: the queue, looked at when asked, and what this
//! process's workers have summed up.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use khocr_store::{Engine, OutboxDepth, QueueDepth, Sum};
use tokio::sync::Mutex;

use crate::state::App;

/// How long one look at the queue serves all who ask: anybody may ask.
const FRESH: Duration = Duration::from_secs(2);

/// What waits for workers, and for senders of webhooks.
type Depths = ([QueueDepth; 3], OutboxDepth);

/// The queue as it was a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Queue(Mutex<Option<(Instant, Depths)>>);

impl Queue {
    async fn look(&self, app: &App) -> Option<Depths> {
        let mut last = self.0.lock().await;
        if let Some((at, depths)) = &*last
            && at.elapsed() < FRESH
        {
            return Some(*depths);
        }
        let (queue, outbox) = (app.store().queue_depth(), app.store().outbox_depth());
        match tokio::try_join!(queue, outbox) {
            Ok(depths) => {
                *last = Some((Instant::now(), depths));
                Some(depths)
            }
            Err(error) => {
                tracing::warn!(%error, "the queue could not be measured");
                None
            }
        }
    }
}

/// In Prometheus' text form. Without the queue while the database does not answer.
pub(crate) async fn text(app: &App) -> String {
    let mut out = String::new();
    let engine = match app.store().engine() {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    let version = env!("CARGO_PKG_VERSION");
    head(&mut out, "khocr_build_info", "gauge", "The program's version and its database's engine.");
    let _ = writeln!(out, "khocr_build_info{{version=\"{version}\",engine=\"{engine}\"}} 1");
    if let Some((depths, outbox)) = app.queue().look(app).await {
        let now = app.store().now().as_millisecond();
        head(&mut out, "khocr_queue_waiting", "gauge", "Jobs and parts that wait for a worker.");
        for depth in &depths {
            let (priority, n) = (depth.priority, depth.waiting);
            let _ = writeln!(out, "khocr_queue_waiting{{priority=\"{priority}\"}} {n}");
        }
        let help = "Seconds that the oldest waiting job has waited; 0 when none does.";
        head(&mut out, "khocr_queue_oldest_seconds", "gauge", help);
        for depth in &depths {
            let waited = depth.oldest.map_or(0, |t| (now - t.as_millisecond()).max(0));
            let (priority, s) = (depth.priority, waited as f64 / 1_000.0);
            let _ = writeln!(out, "khocr_queue_oldest_seconds{{priority=\"{priority}\"}} {s}");
        }
        let help = "Webhooks' messages that were not taken yet and are not given up.";
        head(&mut out, "khocr_webhook_waiting", "gauge", help);
        let _ = writeln!(out, "khocr_webhook_waiting {}", outbox.waiting);
        let help =
            "Seconds since the event that the oldest of them tells of; 0 when there is none.";
        head(&mut out, "khocr_webhook_oldest_seconds", "gauge", help);
        let waited = outbox.oldest.map_or(0, |t| (now - t.as_millisecond()).max(0));
        let _ = writeln!(out, "khocr_webhook_oldest_seconds {}", waited as f64 / 1_000.0);
    }
    let sums = app.store().sums();
    for sum in Sum::ALL {
        let (name, label) = (sum.name(), sum.label());
        head(&mut out, name, "counter", sum.help());
        for (_, value, amount) in sums.iter().filter(|(which, ..)| *which == sum) {
            let _ = writeln!(out, "{name}{{{label}=\"{value}\"}} {amount}");
        }
    }
    out
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}
