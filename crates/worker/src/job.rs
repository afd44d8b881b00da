//! One leased job, from the lease to its end.

use std::path::Path;
use std::time::Duration;

use khocr_store::{Event, Files, Heartbeat, JobState, Lease, Store, StoreError, Sum, Work};
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, sleep_until};
use tracing::Instrument;

use crate::process::Process;
use crate::protocol::Message;
use crate::task::{result_key, task, too_long};
use crate::verdict::verdict;
use crate::{Refusal, Settings};

/// How often a worker asks whether it still holds its job, when nothing tells it.
const LOOK: Duration = Duration::from_millis(700);

/// How a child's run ended.
enum End {
    /// The child ended by itself, or had to be ended for its own fault.
    Outcome(Result<u32, Refusal>),
    /// The job was cancelled or given to another; nothing is left to do.
    Lost,
    /// The pool is to stop.
    Stopped,
    /// The document's parts are made.
    Split(usize),
    /// It was the last of the document's parts: this lease is for joining them.
    Last(Box<Lease>),
}

/// Everything a worker needs for a job.
pub(crate) struct Desk<'a> {
    pub(crate) store: &'a Store,
    pub(crate) files: &'a Files,
    pub(crate) settings: &'a Settings,
    /// The moment at which running jobs must be given back, once the pool is to stop.
    pub(crate) stop: watch::Receiver<Option<Instant>>,
}

impl Desk<'_> {
    /// Does a job, or a part of one, and tells the store what came of it; joins the parts when it
    /// was the last.
    pub(crate) async fn work(&mut self, lease: Lease) {
        let mut lease = lease;
        while let Some(next) = self.work_once(&lease).await {
            lease = next;
        }
    }

    async fn work_once(&mut self, lease: &Lease) -> Option<Lease> {
        // The request that brought the job, so that its trace goes on here.
        let parent = lease.job.options["trace"].as_str();
        let work = work_name(&lease.work);
        let span = tracing::info_span!("job", job = %lease.owned(), work, parent);
        self.traced(lease).instrument(span).await
    }

    async fn traced(&mut self, lease: &Lease) -> Option<Lease> {
        let id = &lease.job.id;
        let start = Instant::now();
        let (of, pages, attempt) = (lease.owned(), lease.job.pages_total, lease.job.attempts);
        tracing::info!(job = %of, work = work_name(&lease.work), pages, attempt, "started");
        let end = if too_long(lease, self.settings) {
            match self.insist(lease, || self.store.split(lease, self.settings.part_pages)).await {
                Ok(parts) => End::Split(parts),
                Err(error) => {
                    tracing::warn!(job = %of, %error, "the document could not be split");
                    End::Lost
                }
            }
        } else {
            self.convert(lease).await
        };
        let told = match end {
            End::Lost => {
                self.store.add(Sum::Work, "lost", 1.0);
                tracing::info!(job = %of, "dropped: cancelled or given to another worker");
                return None;
            }
            End::Split(parts) => {
                tracing::info!(job = %of, parts, "split");
                return None;
            }
            End::Stopped => {
                self.store.add(Sum::Work, "released", 1.0);
                self.insist(lease, || self.store.release(lease)).await
            }
            End::Last(join) => {
                self.store.add(Sum::Work, "completed", 1.0);
                return Some(*join);
            }
            End::Outcome(Ok(_)) => {
                self.store.add(Sum::Work, "completed", 1.0);
                let ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
                tracing::info!(job = %of, work = work_name(&lease.work), ms, "completed");
                return None;
            }
            End::Outcome(Err(refusal)) => {
                let why = &refusal.failure;
                self.store.add(Sum::Work, &why.code, 1.0);
                tracing::warn!(job = %of, code = why.code, reason = why.message, again = refusal.again, "failed");
                if refusal.again {
                    let crash = || async { self.store.crash(lease, why).await.map(log_state) };
                    self.insist(lease, crash).await
                } else {
                    self.insist(lease, || self.store.fail(lease, why)).await
                }
            }
        };
        if let Err(error) = told {
            // The lease will expire, and the job be taken up again.
            tracing::warn!(job = %id, %error, "the end of the job could not be told");
        }
        None
    }

    /// Runs the child and stores its result.
    async fn convert(&mut self, lease: &Lease) -> End {
        let folder = tempfile::Builder::new()
            .prefix(&format!("job-{}-", lease.job.id))
            .tempdir_in(self.files.staging());
        let folder = match folder {
            Ok(folder) => folder,
            Err(e) => return End::Outcome(Err(Refusal::storage(&e.to_string()))),
        };
        let start = Instant::now();
        let task = task(self.store, self.files, self.settings, lease, folder.path()).await;
        let task = match task {
            Ok(task) => task,
            Err(refusal) => return End::Outcome(Err(refusal)),
        };
        self.spent("fetch", start);
        let start = Instant::now();
        let end = match Process::start(self.settings, &task, folder.path()).await {
            Ok(process) => self.watch(lease, process).await,
            Err(e) => End::Outcome(Err(Refusal::no_converter(&e.to_string()))),
        };
        self.spent(if lease.work == Work::Join { "join" } else { "convert" }, start);
        let End::Outcome(Ok(pages)) = end else { return end };
        if lease.work != Work::Join {
            self.store.add(Sum::Pages, work_name(&lease.work), f64::from(pages));
        }
        let start = Instant::now();
        let parts = match lease.work {
            Work::Join => self.store.part_results(&lease.job.id).await.unwrap_or_default(),
            Work::Whole | Work::Part(_) => Vec::new(),
        };
        let end = self.store_result(lease, &task.output, pages).await;
        self.spent("store", start);
        if matches!(end, End::Outcome(Ok(_))) {
            for part in parts {
                if let Err(error) = self.files.delete(&part.key).await {
                    // They go with the job at the latest.
                    tracing::warn!(%error, part.key, "a part's result could not be removed");
                }
            }
        }
        end
    }

    /// Counts the time since then.
    fn spent(&self, stage: &str, since: Instant) {
        self.store.add(Sum::WorkSeconds, stage, since.elapsed().as_secs_f64());
    }

    /// Stores the result and completes the job.
    async fn store_result(&self, lease: &Lease, output: &Path, pages: u32) -> End {
        let key = result_key(lease);
        let imported = self
            .insist(lease, || async {
                match self.files.import(&key, output).await {
                    // An earlier try got through after all.
                    Err(StoreError::FileExists(_)) => Ok(()),
                    other => other,
                }
            })
            .await;
        if let Err(e) = imported {
            return End::Outcome(Err(Refusal::storage(&e.to_string())));
        }
        let completed = self
            .insist(lease, || async {
                match &lease.work {
                    Work::Part(part) => {
                        let hold = self.settings.hold;
                        self.store.complete_part(lease, part, &key, pages, hold).await
                    }
                    Work::Whole | Work::Join => {
                        self.store.complete(lease, &key, pages).await.map(|()| None)
                    }
                }
            })
            .await;
        match completed {
            Ok(Some(join)) => End::Last(Box::new(join)),
            Ok(None) => End::Outcome(Ok(pages)),
            Err(StoreError::LeaseLost { .. }) => {
                if let Err(error) = self.files.delete(&key).await {
                    tracing::warn!(%error, key, "a result nobody wants could not be removed");
                }
                End::Lost
            }
            Err(error) => {
                tracing::warn!(job = %lease.job.id, %error, "the result could not be recorded");
                End::Lost
            }
        }
    }

    /// Watches over a child until its end, or until it must end.
    async fn watch(&mut self, lease: &Lease, mut process: Process) -> End {
        let settings = self.settings;
        let job_time = settings.job_time(lease.job.pages_total);
        let job_end = Instant::now() + job_time;
        let mut page_end = Instant::now() + settings.page_time;
        let mut pulse = Pulse::new(lease, settings.hold);
        let mut events = self.store.events();
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut last = None;
        loop {
            let stop = self.stop.borrow().unwrap_or_else(far_off);
            let told = tokio::select! {
                message = process.next() => {
                    let Some(message) = message else { break };
                    if let Message::Progress { done, .. } = message {
                        pulse.done = Some(done);
                        page_end = Instant::now() + settings.page_time;
                    }
                    last = Some(message);
                    continue;
                }
                _ = look.tick() => pulse.beat(self.store).await,
                () = about(&mut events, lease) => pulse.still(self.store).await,
                () = sleep_until(page_end) => {
                    process.kill().await;
                    return End::Outcome(Err(Refusal::page_too_slow(settings.page_time)));
                }
                () = sleep_until(job_end) => {
                    process.kill().await;
                    return End::Outcome(Err(Refusal::job_too_slow(job_time)));
                }
                () = sleep_until(stop) => {
                    process.kill().await;
                    return End::Stopped;
                }
                _ = self.stop.changed() => continue,
            };
            if !told {
                process.kill().await;
                return End::Lost;
            }
        }
        match process.finish().await {
            Ok((status, errors)) => {
                let outcome = verdict(last, status, &errors);
                if outcome.is_err() && !errors.is_empty() {
                    tracing::debug!(job = %lease.job.id, errors, "the child's last words");
                }
                End::Outcome(outcome)
            }
            Err(e) => End::Outcome(Err(Refusal::no_converter(&e.to_string()))),
        }
    }

    /// Tries again for a while when the database or the file store fails, keeping the lease.
    async fn insist<T, F: Future<Output = Result<T, StoreError>>>(
        &self,
        lease: &Lease,
        what: impl Fn() -> F,
    ) -> Result<T, StoreError> {
        let mut wait = Duration::from_millis(200);
        for _ in 0..8 {
            match what().await {
                Err(StoreError::LeaseLost { job }) => return Err(StoreError::LeaseLost { job }),
                Err(error) => tracing::warn!(job = %lease.job.id, %error, "trying again"),
                Ok(done) => return Ok(done),
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
            // Its failing is no news: the next try will tell.
            let _ = self.store.heartbeat(lease, None, self.settings.hold).await;
        }
        what().await
    }
}

/// Keeps a lease alive.
struct Pulse<'a> {
    lease: &'a Lease,
    hold: Duration,
    /// Pages done that the store does not know of.
    done: Option<u32>,
    /// The last heartbeat that arrived.
    heard: Instant,
}

impl<'a> Pulse<'a> {
    fn new(lease: &'a Lease, hold: Duration) -> Self {
        Self { lease, hold, done: None, heard: Instant::now() }
    }

    /// Sends a heartbeat when there is progress or it is time, else only looks. Whether the
    /// lease still stands.
    async fn beat(&mut self, store: &Store) -> bool {
        if self.done.is_none() && self.heard.elapsed() < self.hold / 6 {
            return self.still(store).await;
        }
        match store.heartbeat(self.lease, self.done, self.hold).await {
            Ok(Heartbeat::Alive(_)) => {
                self.done = None;
                self.heard = Instant::now();
                true
            }
            Ok(Heartbeat::Lost) => false,
            Err(error) => self.bear(&error),
        }
    }

    /// Whether the lease still stands.
    async fn still(&self, store: &Store) -> bool {
        store.holds(self.lease).await.unwrap_or_else(|error| self.bear(&error))
    }

    /// A failing database is borne for as long as the lease would hold anyway.
    fn bear(&self, error: &StoreError) -> bool {
        tracing::warn!(job = %self.lease.job.id, %error, "the database does not answer");
        self.heard.elapsed() < self.hold
    }
}

/// Waits for news about the lease's job, or for having missed some.
async fn about(events: &mut broadcast::Receiver<Event>, lease: &Lease) {
    loop {
        match events.recv().await {
            Ok(Event::Changed(id)) if id == *lease.owned() => return,
            Ok(_) => {}
            Err(broadcast::error::RecvError::Lagged(_)) => return,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

fn far_off() -> Instant {
    Instant::now() + Duration::from_secs(86_400)
}

fn work_name(work: &Work) -> &'static str {
    match work {
        Work::Whole => "whole",
        Work::Part(_) => "part",
        Work::Join => "join",
    }
}

fn log_state(state: JobState) {
    tracing::info!(%state, "after the crash");
}
