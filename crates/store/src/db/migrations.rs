//! The schema, and the steps from each version to the next.
//!
//! Moments are milliseconds since 1970 (UTC), months are [`crate::Month`]'s number, days are
//! days since 1970, truth values are 0 and 1.

use crate::StoreError;
use crate::db::{Db, Sql, args};

/// What leads from one version to the next: what both engines understand, then what only one does.
/// `{id}` stands for the engine's way of numbering rows.
struct Step {
    both: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// Step `i` leads to version `i + 1`. Never change one that was committed: add another.
const STEPS: &[Step] =
    &[Step { both: FIRST, sqlite: "", postgres: "" }, OPERATORS, PARTS, BUCKETS, SECRETS];

const FIRST: &str = "
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
";

/// Scopes and lives of keys, plans that can be changed, the audit trail, webhooks.
const OPERATORS: Step = Step {
    both: "
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT 'convert read';
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;
ALTER TABLE api_keys ADD COLUMN replaces BIGINT;
CREATE TABLE plans (
    name TEXT PRIMARY KEY,
    requests_per_minute BIGINT,
    pages_per_month BIGINT
);
CREATE TABLE audit (
    id {id},
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    origin TEXT NOT NULL,
    action TEXT NOT NULL,
    organisation_id BIGINT,
    target TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_organisation ON audit (organisation_id, id);
CREATE INDEX audit_action ON audit (action, id);
CREATE TABLE webhooks (
    seq {id},
    id TEXT NOT NULL UNIQUE,
    organisation_id BIGINT NOT NULL REFERENCES organisations (id),
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    events TEXT NOT NULL,
    every_job BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    failing_since BIGINT,
    disabled_at BIGINT,
    disabled_why TEXT
);
CREATE INDEX webhooks_organisation ON webhooks (organisation_id, seq);
CREATE TABLE webhook_jobs (
    job_id TEXT PRIMARY KEY,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL
);
CREATE INDEX webhook_jobs_webhook ON webhook_jobs (webhook_id);
CREATE TABLE webhook_deliveries (
    seq {id},
    id TEXT NOT NULL UNIQUE,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    job_id TEXT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL,
    token BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT NOT NULL DEFAULT 0,
    last_status BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    UNIQUE (webhook_id, job_id, event)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at) WHERE state = 'WAITING';
CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (webhook_id, lease_until)
    WHERE state = 'WAITING';
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (finished_at)
    WHERE finished_at IS NOT NULL;
CREATE INDEX webhook_deliveries_listed ON webhook_deliveries (webhook_id, seq);
",
    // A replacing insert would delete without telling the delete trigger.
    sqlite: "
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
",
    postgres: "
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $body$;
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
",
};

/// Long documents in parts: a part is a job with `deleted` = 2 and a `parent`.
const PARTS: Step = Step {
    both: "
ALTER TABLE jobs ADD COLUMN parent TEXT;
ALTER TABLE jobs ADD COLUMN part BIGINT;
ALTER TABLE jobs ADD COLUMN first_page BIGINT;
ALTER TABLE jobs ADD COLUMN last_page BIGINT;
ALTER TABLE jobs ADD COLUMN parts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN parts_left BIGINT NOT NULL DEFAULT 0;
CREATE INDEX jobs_parts ON jobs (parent, part) WHERE parent IS NOT NULL;
",
    sqlite: "",
    postgres: "",
};

/// Every request writes its organisation's bucket; what is lost in a crash of the database are some
/// seconds of a limit. Without a log to wait for, that write costs no disk.
const BUCKETS: Step =
    Step { both: "", sqlite: "", postgres: "ALTER TABLE rate_buckets SET UNLOGGED;" };

/// A webhook's former secret, which signs too until that moment.
const SECRETS: Step = Step {
    both: "
ALTER TABLE webhooks ADD COLUMN old_secret TEXT;
ALTER TABLE webhooks ADD COLUMN old_secret_until BIGINT;
",
    sqlite: "",
    postgres: "",
};

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
        if !step.both.is_empty() {
            tx.script(step.both.replace("{id}", id)).await?;
        }
        let own = match db {
            Db::Sqlite { .. } => step.sqlite,
            Db::Postgres(_) => step.postgres,
        };
        if !own.is_empty() {
            tx.script(own.to_owned()).await?;
        }
    }
    if found < known {
        tx.execute("UPDATE schema_version SET version = $1", args![known]).await?;
    }
    tx.commit().await
}
