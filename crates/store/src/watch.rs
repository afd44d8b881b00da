//! Many jobs looked at in one question, for whoever follows them or asks at the same time.

use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::db::{Sql, args};
use crate::queue::{job, jobs};
use crate::{Job, JobId, Store, StoreError};

/// The ids come as one JSON list, so that the statement is the same for any number of them.
const THESE: Sql = Sql::each(
    jobs!("WHERE deleted = 0 AND id IN (SELECT value FROM json_each($1))"),
    jobs!(
        "WHERE deleted = 0
         AND id = ANY (ARRAY (SELECT json_array_elements_text(CAST($1 AS json))))"
    ),
);

/// Questions under way at once: while one is, those who ask next gather for another.
const AT_ONCE: u32 = 2;
/// Jobs in one question.
const TOGETHER: usize = 200;

/// A job, and who is to be told how it stands.
type Waiting = (JobId, oneshot::Sender<Option<Job>>);

/// Who wants to know how a job stands, and is not being answered yet.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    waiting: Vec<Waiting>,
    /// Questions under way.
    asking: u32,
}

impl Store {
    /// Those of these jobs that are there, in no order, whoever owns them: whoever asks has seen
    /// to that already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn jobs_now(&self, ids: &[JobId]) -> Result<Vec<Job>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let list = serde_json::to_string(ids).unwrap_or_default();
        let rows = self.inner.db.all(THESE, args![&list]).await?;
        rows.iter().map(job).collect()
    }

    /// The job, whoever owns it, as it is in a question that was put to the database after this
    /// call, together with those of others who asked meanwhile: a thousand looks a second cost a
    /// few hundred turns. `None` when the question failed: ask for this one alone.
    pub(crate) async fn look_with_others(&self, id: &JobId) -> Option<Option<Job>> {
        let (tell, told) = oneshot::channel();
        {
            let mut looks = self.looks();
            looks.waiting.push((id.clone(), tell));
            if looks.asking < AT_ONCE {
                looks.asking += 1;
                tokio::spawn(Asking { store: self.clone(), counted: true }.run());
            }
        }
        told.await.ok()
    }

    fn looks(&self) -> MutexGuard<'_, Looks> {
        self.inner.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks until nobody waits. However it ends, it is no longer counted.
struct Asking {
    store: Store,
    counted: bool,
}

impl Drop for Asking {
    fn drop(&mut self) {
        if self.counted {
            self.store.looks().asking -= 1;
        }
    }
}

impl Asking {
    async fn run(mut self) {
        while let Some(waiting) = self.next() {
            let mut ids: Vec<_> = waiting.iter().map(|(id, _)| id.clone()).collect();
            ids.sort_unstable();
            ids.dedup();
            // When it fails they are not told: each asks by itself and hears why.
            let Ok(found) = self.store.jobs_now(&ids).await else { continue };
            let found: HashMap<_, _> = found.into_iter().map(|j| (j.id.clone(), j)).collect();
            for (id, tell) in waiting {
                // Whoever asked may have gone.
                let _ = tell.send(found.get(&id).cloned());
            }
        }
    }

    /// Who is to be answered next. Finding nobody and no longer being counted are one step:
    /// whoever comes in between would wait for an asker that does not look again.
    fn next(&mut self) -> Option<Vec<Waiting>> {
        let mut looks = self.store.looks();
        if looks.waiting.is_empty() {
            looks.asking -= 1;
            self.counted = false;
            return None;
        }
        let n = looks.waiting.len().min(TOGETHER);
        Some(looks.waiting.drain(..n).collect())
    }
}
