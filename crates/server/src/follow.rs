//! Following jobs for many clients at once: however many follow, the database is asked once for
//! all of them, when an event says that something changed and now and then in case one was lost.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use khocr_store::{Engine, Event, Job, JobId, Store};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, watch};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::error::{ApiError, Code};

/// Changes that come within this time are looked at together, and shown as one.
const GATHER: Duration = Duration::from_millis(100);
/// Jobs asked for in one question.
const AT_ONCE: usize = 500;

/// A job as it was last seen; `None` once it is gone.
pub(crate) type Seen = Option<Arc<Job>>;

/// Everyone who follows a job. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Follow(Arc<Shared>);

struct Shared {
    store: Store,
    /// Most followers in all, and of one organisation.
    most: (usize, usize),
    state: Mutex<State>,
    wake: Notify,
}

#[derive(Default)]
struct State {
    jobs: HashMap<JobId, watch::Sender<Seen>>,
    /// Jobs to be looked at.
    stale: HashSet<JobId>,
    /// Followers by organisation.
    followers: HashMap<i64, usize>,
    open: usize,
    running: bool,
}

/// One follower; dropped when it goes.
pub(crate) struct Following {
    shared: Arc<Shared>,
    organisation: i64,
    id: JobId,
    /// The job whenever it changes.
    pub(crate) job: watch::Receiver<Seen>,
}

impl Follow {
    pub(crate) fn new(store: Store, most: usize, most_each: usize) -> Self {
        let state = Mutex::default();
        Self(Arc::new(Shared { store, most: (most, most_each), state, wake: Notify::new() }))
    }

    /// Follows a job, which was just looked at.
    ///
    /// # Errors
    /// [`Code::TooManyStreams`].
    pub(crate) fn job(&self, job: Job) -> Result<Following, ApiError> {
        let (id, organisation) = (job.id.clone(), job.organisation_id);
        let mut state = self.0.state();
        let (most, most_each) = self.0.most;
        let own = state.followers.get(&organisation).copied().unwrap_or(0);
        if state.open >= most || own >= most_each {
            return Err(ApiError::new(Code::TooManyStreams).retry_after(10));
        }
        state.open += 1;
        state.followers.insert(organisation, own + 1);
        let sender =
            state.jobs.entry(id.clone()).or_insert_with(|| watch::Sender::new(Some(Arc::new(job))));
        let receiver = sender.subscribe();
        // It may have changed since that look.
        state.stale.insert(id.clone());
        if !state.running {
            state.running = true;
            tokio::spawn(keep_looking(Arc::clone(&self.0)));
        }
        drop(state);
        self.0.wake.notify_one();
        Ok(Following { shared: Arc::clone(&self.0), organisation, id, job: receiver })
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.open = state.open.saturating_sub(1);
        if let Some(own) = state.followers.get_mut(&self.organisation) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                state.followers.remove(&self.organisation);
            }
        }
        // This one's own receiver is still counted.
        if state.jobs.get(&self.id).is_some_and(|sender| sender.receiver_count() <= 1) {
            state.jobs.remove(&self.id);
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a job changed; whether anyone follows it.
    fn changed(&self, id: &JobId) -> bool {
        let mut state = self.state();
        let followed = state.jobs.contains_key(id);
        if followed {
            state.stale.insert(id.clone());
        }
        followed
    }

    /// The jobs to look at now: all, or those that may have changed. `None` when nobody follows
    /// any more, after which the next follower starts a new look-out.
    fn due(&self, all: bool) -> Option<Vec<JobId>> {
        let mut state = self.state();
        if state.jobs.is_empty() {
            state.running = false;
            state.stale.clear();
            return None;
        }
        let stale = std::mem::take(&mut state.stale);
        Some(match all {
            true => state.jobs.keys().cloned().collect(),
            false => stale.into_iter().filter(|id| state.jobs.contains_key(id)).collect(),
        })
    }

    /// Tells the followers what was found of those that were asked for.
    fn show(&self, asked: &[JobId], found: Vec<Job>) {
        let mut found: HashMap<_, _> = found.into_iter().map(|j| (j.id.clone(), j)).collect();
        let state = self.state();
        for id in asked {
            let now = found.remove(id);
            let Some(sender) = state.jobs.get(id) else { continue };
            sender.send_if_modified(|seen| {
                let differs = seen.as_deref() != now.as_ref();
                if differs {
                    *seen = now.map(Arc::new);
                }
                differs
            });
        }
    }
}

/// Looks until nobody follows any more.
async fn keep_looking(shared: Arc<Shared>) {
    let mut events = shared.store.events();
    // On PostgreSQL another node's worker tells the database of its progress, and nobody else.
    let every = match shared.store.engine() {
        Engine::Sqlite => Duration::from_secs(5),
        Engine::Postgres => Duration::from_secs(1),
    };
    let mut clock = interval(every);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let all = tokio::select! {
            _ = clock.tick() => true,
            () = shared.wake.notified() => false,
            event = events.recv() => match event {
                Ok(Event::Changed(id)) if shared.changed(&id) => false,
                Ok(_) => continue,
                Err(RecvError::Lagged(_)) => true,
                Err(RecvError::Closed) => {
                    sleep(every).await;
                    true
                }
            },
        };
        if !all {
            sleep(GATHER).await;
        }
        let Some(ids) = shared.due(all) else { return };
        for asked in ids.chunks(AT_ONCE) {
            match shared.store.jobs_now(asked).await {
                Ok(found) => shared.show(asked, found),
                Err(error) => tracing::warn!(%error, "followed jobs could not be looked at"),
            }
        }
    }
}
