//! What a lease asks of the child.

use std::path::{Path, PathBuf};

use khocr_store::{Files, Lease, Store, StoreError, Work};

use crate::protocol::Task;
use crate::{Refusal, Settings};

/// Whether the job is to be split: long, whole so far, and not of a few chosen pages.
pub(crate) fn too_long(lease: &Lease, settings: &Settings) -> bool {
    lease.work == Work::Whole
        && lease.job.pages_total / 2 >= settings.part_pages.max(1)
        && lease.job.pages_total > settings.part_pages.saturating_mul(2)
        && lease.job.options.get("pages").is_none_or(|p| !p.is_string())
}

/// The key of what comes out of a lease.
pub(crate) fn result_key(lease: &Lease) -> String {
    match &lease.work {
        Work::Part(part) => Files::part_key(&part.of, part.first, lease.token),
        Work::Whole | Work::Join => Files::result_key(&lease.job.id, lease.token, "json"),
    }
}

/// Brings what the child needs into its folder.
pub(crate) async fn task(
    store: &Store,
    files: &Files,
    settings: &Settings,
    lease: &Lease,
    folder: &Path,
) -> Result<Task, Refusal> {
    let mut task = Task {
        input: folder.join("input"),
        output: folder.join("result.json"),
        options: lease.job.options.clone(),
        part: None,
        join: Vec::new(),
        limits: settings.limits(lease.job.pages_total),
    };
    match &lease.work {
        Work::Join => {
            let parts = store.part_results(&lease.job.id).await;
            let parts = parts.map_err(|e| Refusal::storage(&e.to_string()))?;
            for (number, part) in parts.iter().enumerate() {
                let place = folder.join(format!("part-{number}.json"));
                let found = files.local(&part.key, &place).await.map_err(|e| unreachable(&e))?;
                // The child sees nothing but its folder.
                bring(found, &place).await.map_err(|e| Refusal::storage(&e.to_string()))?;
                task.join.push(place);
            }
            // The sandbox wants a file to let the child read.
            task.input = task.join.first().cloned().unwrap_or_default();
        }
        work => {
            if let Work::Part(part) = work {
                task.part = Some((part.first, part.last));
            }
            let found = files.local(&lease.job.input_key, &task.input).await;
            task.input = found.map_err(|e| unreachable(&e))?;
        }
    }
    Ok(task)
}

async fn bring(from: PathBuf, to: &Path) -> std::io::Result<()> {
    if from == to || tokio::fs::hard_link(&from, to).await.is_ok() {
        return Ok(());
    }
    tokio::fs::copy(&from, to).await.map(drop)
}

fn unreachable(error: &StoreError) -> Refusal {
    match error {
        StoreError::NotFound => Refusal::upload_gone(),
        e => Refusal::storage(&e.to_string()),
    }
}
