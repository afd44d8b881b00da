//! Many jobs looked at in one question, for whoever follows them.

use crate::db::{Sql, args};
use crate::queue::{job, jobs};
use crate::{Job, JobId, Store, StoreError};

/// The ids come as one JSON list, so that the statement is the same for any number of them.
const THESE: Sql = Sql::each(
    jobs!("WHERE deleted = 0 AND id IN (SELECT value FROM json_each($1))"),
    jobs!("WHERE deleted = 0 AND id IN (SELECT json_array_elements_text(CAST($1 AS json)))"),
);

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
}
