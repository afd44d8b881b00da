//! Keys that were looked up a moment ago, so that a client which asks again and again costs the
//! database one look every few seconds.
//!
//! Only with PostgreSQL: a look into SQLite is a function call. Whatever an operator changes
//! (keys, organisations, plans) empties the memory of the node it was changed on before the change
//! is reported as done, and that of every other node when PostgreSQL's notification arrives there,
//! which takes milliseconds. Should a notification be lost, [`FRESH`] is how long an old answer can
//! live on. Keys that nobody has are not remembered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::Caller;

/// How long what was looked up is believed without a word from the database.
pub(crate) const FRESH: Duration = Duration::from_secs(5);
/// Most beginnings of keys that are remembered.
const MOST: usize = 10_000;

/// One stored key, and whose it is.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    /// The stored hash.
    pub(crate) hash: String,
    pub(crate) revoked: bool,
    /// When it ends by itself, in milliseconds since 1970.
    pub(crate) expires_at: Option<i64>,
    pub(crate) caller: Caller,
}

/// What was looked up lately, by the public beginning of a key.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Grows with each change, so that what was read before one is not remembered after it.
    changes: u64,
    keys: HashMap<String, (Instant, Arc<[Holder]>)>,
}

impl Known {
    /// The keys that begin so, or else the number to give [`Known::remember`] with what the
    /// database says. To be called before the database is asked.
    pub(crate) fn find(&self, prefix: &str) -> Result<Arc<[Holder]>, u64> {
        let state = self.state();
        match state.keys.get(prefix) {
            Some((at, holders)) if at.elapsed() < FRESH => Ok(Arc::clone(holders)),
            _ => Err(state.changes),
        }
    }

    pub(crate) fn remember(&self, prefix: &str, holders: &Arc<[Holder]>, changes: u64) {
        let mut state = self.state();
        if holders.is_empty() || state.changes != changes {
            return;
        }
        if state.keys.len() >= MOST {
            state.keys.retain(|_, (at, _)| at.elapsed() < FRESH);
            if state.keys.len() >= MOST {
                state.keys.clear();
            }
        }
        state.keys.insert(prefix.to_owned(), (Instant::now(), Arc::clone(holders)));
    }

    /// Something was changed: nothing is known any more.
    pub(crate) fn forget(&self) {
        let mut state = self.state();
        state.changes += 1;
        state.keys.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Organisation, Plan, Scopes};

    fn holders() -> Arc<[Holder]> {
        let organisation = Organisation {
            id: 1,
            name: "Ministry".to_owned(),
            plan: Plan::Free,
            requests_per_minute: 10,
            pages_per_month: 100,
            agreed_requests_per_minute: None,
            agreed_pages_per_month: None,
            retention_days: None,
            created_at: jiff::Timestamp::UNIX_EPOCH,
        };
        let caller = Caller { organisation, key_id: 1, scopes: Scopes::default() };
        [Holder { hash: "h".to_owned(), revoked: false, expires_at: None, caller }].into()
    }

    #[test]
    fn what_was_read_before_a_change_is_not_remembered_after_it() {
        let known = Known::default();
        let before = known.find("khocr_aaaaaaaa").unwrap_err();
        known.forget();
        known.remember("khocr_aaaaaaaa", &holders(), before);
        let after = known.find("khocr_aaaaaaaa").unwrap_err();
        known.remember("khocr_aaaaaaaa", &holders(), after);
        assert_eq!(known.find("khocr_aaaaaaaa").unwrap().len(), 1);
        known.forget();
        assert!(known.find("khocr_aaaaaaaa").is_err());
    }

    #[test]
    fn nobody_is_not_remembered() {
        let known = Known::default();
        let changes = known.find("khocr_aaaaaaaa").unwrap_err();
        known.remember("khocr_aaaaaaaa", &Vec::new().into(), changes);
        assert!(known.find("khocr_aaaaaaaa").is_err());
    }
}
