//! What every case needs: stores, a clock to turn, organisations and jobs.

use std::path::Path;
use std::time::Duration;

use khocr_store::{
    Actor, Clock, Desk, Files, Job, JobFailure, JobId, Lease, NewJob, Organisation, Plan, Priority,
    Store, StoreError, StoreOptions, Submitted,
};

pub(crate) const HOLD: Duration = Duration::from_secs(30);

pub(crate) struct Context {
    pub(crate) address: String,
    pub(crate) clock: Clock,
    files: Files,
}

impl Context {
    /// With files in that folder.
    pub(crate) async fn new(address: String, folder: &Path) -> Self {
        let files = Files::open(folder.join("files").to_str().unwrap()).await.unwrap();
        Self::with(address, files)
    }

    pub(crate) fn with(address: String, files: Files) -> Self {
        let clock = Clock::manual("2026-03-30T10:00:00Z".parse().unwrap());
        Self { address, clock, files }
    }

    /// Another node on the same database.
    pub(crate) async fn node(&self) -> Store {
        let options = StoreOptions {
            clock: self.clock.clone(),
            ageing: Duration::from_secs(600),
            ..StoreOptions::new(&self.address)
        };
        Store::open(&options).await.unwrap()
    }

    /// Runs a statement past the store.
    pub(crate) async fn raw(&self, sql: &'static str) -> Result<(), sqlx::Error> {
        use sqlx::Connection;
        if self.address.starts_with("postgres") {
            let mut connection = sqlx::PgConnection::connect(&self.address).await?;
            sqlx::query(sql).execute(&mut connection).await.map(drop)
        } else {
            let mut connection = sqlx::SqliteConnection::connect(&self.address).await?;
            sqlx::query(sql).execute(&mut connection).await.map(drop)
        }
    }

    pub(crate) fn files(&self) -> Files {
        self.files.clone()
    }

    /// A store with one organisation of the Free plan: 10 requests, 100 pages.
    pub(crate) async fn free(&self) -> (Store, Organisation) {
        let store = self.node().await;
        let organisation = store.create_organisation("Ministry", Plan::Free).await.unwrap();
        (store, organisation)
    }
}

/// The store in somebody's hands.
pub(crate) fn desk(store: &Store) -> Desk {
    store.by(Actor::command_line("tester", "host"))
}

pub(crate) fn new_job(organisation: &Organisation, pages: u32) -> NewJob {
    let id = JobId::generate().unwrap();
    NewJob {
        input_key: Files::input_key(&id),
        id,
        organisation_id: organisation.id,
        key_id: None,
        file_name: "ឯកសារ.pdf".to_owned(),
        input_bytes: 1_000,
        pages,
        output_format: "json".to_owned(),
        options: serde_json::json!({"force_ocr": true}),
        priority: Priority::Normal,
        idempotency: None,
    }
}

pub(crate) async fn submit(store: &Store, organisation: &Organisation, pages: u32) -> Job {
    submit_as(store, organisation, pages, Priority::Normal).await
}

pub(crate) async fn submit_as(
    store: &Store,
    organisation: &Organisation,
    pages: u32,
    priority: Priority,
) -> Job {
    let new = NewJob { priority, ..new_job(organisation, pages) };
    match store.submit(new).await.unwrap() {
        Submitted::Accepted(job) => job,
        Submitted::Repeated(job) => panic!("{} is not new", job.id),
    }
}

pub(crate) async fn lease(store: &Store) -> Option<Lease> {
    store.lease("node#1", HOLD).await.unwrap()
}

pub(crate) fn failure(code: &str) -> JobFailure {
    JobFailure {
        code: code.to_owned(),
        message: "it went wrong".to_owned(),
        message_km: "មានបញ្ហា".to_owned(),
    }
}

/// Used, reserved and left pages.
pub(crate) async fn pages(store: &Store, organisation: &Organisation) -> (u32, u32, u32) {
    let usage = store.usage(organisation.id).await.unwrap();
    (usage.pages_used, usage.pages_reserved, usage.pages_left)
}

pub(crate) fn is_lost(outcome: &Result<(), StoreError>) -> bool {
    matches!(outcome, Err(StoreError::LeaseLost { .. }))
}
