//! The schema, and the steps from each version to the next.
//!
//! Moments are milliseconds since 1970 (UTC), months are [`crate::Month`]'s number, days are
//! days since 1970, truth values are 0 and 1.

use crate::StoreError;
use crate::db::{Db, Sql, args};

/// Step `i` leads to version `i + 1`. Never change one that was released: add another.
/// `{id}` stands for the engine's way of numbering rows.
const STEPS: &[&str] = &["
CREATE TABLE organisations (
    id {id},
    name TEXT NOT NULL UNIQUE,
    plan TEXT NOT NULL,
    requests_per_minute BIGINT,
    pages_per_month BIGINT,
    retention_days BIGINT,
    served_at BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);
CREATE TABLE api_keys (
    id {id},
    organisation_id BIGINT NOT NULL REFERENCES organisations (id),
    prefix TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX api_keys_prefix ON api_keys (prefix);
CREATE INDEX api_keys_organisation ON api_keys (organisation_id);
CREATE TABLE jobs (
    seq {id},
    id TEXT NOT NULL UNIQUE,
    organisation_id BIGINT NOT NULL REFERENCES organisations (id),
    key_id BIGINT,
    state TEXT NOT NULL,
    priority BIGINT NOT NULL,
    rank BIGINT NOT NULL,
    file_name TEXT NOT NULL,
    input_key TEXT NOT NULL,
    input_bytes BIGINT NOT NULL,
    output_format TEXT NOT NULL,
    options TEXT NOT NULL,
    result_key TEXT,
    pages_total BIGINT NOT NULL,
    pages_done BIGINT NOT NULL DEFAULT 0,
    pages_reserved BIGINT NOT NULL,
    quota_month BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    worker TEXT,
    token BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT,
    failure_code TEXT,
    failure TEXT,
    failure_km TEXT,
    idempotency_key TEXT,
    fingerprint TEXT,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    deleted BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX jobs_waiting ON jobs (organisation_id, rank, seq) WHERE state = 'QUEUED';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'PROCESSING';
CREATE INDEX jobs_listed ON jobs (organisation_id, seq);
CREATE INDEX jobs_counted ON jobs (organisation_id, state) WHERE deleted = 0;
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX jobs_deleted ON jobs (seq) WHERE deleted = 1;
CREATE UNIQUE INDEX jobs_idempotency ON jobs (organisation_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE TABLE usage_months (
    organisation_id BIGINT NOT NULL REFERENCES organisations (id),
    month BIGINT NOT NULL,
    pages_used BIGINT NOT NULL DEFAULT 0,
    pages_reserved BIGINT NOT NULL DEFAULT 0,
    requests BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (organisation_id, month)
);
CREATE TABLE usage_days (
    organisation_id BIGINT NOT NULL REFERENCES organisations (id),
    day BIGINT NOT NULL,
    pages BIGINT NOT NULL DEFAULT 0,
    requests BIGINT NOT NULL DEFAULT 0,
    jobs BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (organisation_id, day)
);
CREATE TABLE rate_buckets (
    organisation_id BIGINT PRIMARY KEY,
    full_at BIGINT NOT NULL
);
"];

const CREATE_VERSION: &str = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";

/// Brings the schema up to date. Nodes that start together wait for each other; a database of a
/// newer program is left alone.
pub(super) async fn run(db: &Db) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    // SQLite's writer lock is held already; PostgreSQL needs one of its own, until the commit.
    tx.first(
        Sql::each("SELECT 1", "SELECT 1::BIGINT FROM pg_advisory_xact_lock(7526411)"),
        args![],
    )
    .await?;
    tx.execute(CREATE_VERSION, args![]).await?;
    let known = STEPS.len() as i64;
    let found = match tx.first("SELECT version FROM schema_version", args![]).await? {
        Some(row) => row.int(0)?,
        None => {
            tx.execute("INSERT INTO schema_version (version) VALUES (0)", args![]).await?;
            0
        }
    };
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    let id = match db {
        Db::Sqlite { .. } => "INTEGER PRIMARY KEY AUTOINCREMENT",
        Db::Postgres(_) => "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    };
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        tx.script(step.replace("{id}", id)).await?;
    }
    if found < known {
        tx.execute("UPDATE schema_version SET version = $1", args![known]).await?;
    }
    tx.commit().await
}
