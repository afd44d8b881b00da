//! A store, files and a pool in a temporary folder.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use khocr_store::{
    Files, Job, JobId, JobState, NewJob, Organisation, Plan, Priority, Store, StoreError,
    StoreOptions,
};
use khocr_worker::Settings;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) struct House {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: Store,
    pub(crate) files: Files,
    pub(crate) organisation: Organisation,
}

pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    pool: JoinHandle<()>,
}

impl Running {
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.pool.await.unwrap();
    }
}

/// Settings for a test: two workers that lose patience soon.
pub(crate) fn settings() -> Settings {
    Settings {
        workers: 2,
        memory: 1 << 30,
        result_size: 4 << 20,
        nice: 0,
        // The fakes write their process numbers where the sandbox would not let them.
        sandbox: false,
        page_time: Duration::from_secs(20),
        part_pages: 5,
        poll: Duration::from_millis(200),
        drain: Duration::from_millis(300),
        ..Settings::new("node")
    }
}

impl House {
    pub(crate) async fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, files) = open(&database(&folder), &place(&folder)).await;
        let organisation = store.create_organisation("Ministry", Plan::Standard).await.unwrap();
        Self { folder, store, files, organisation }
    }

    /// What a process needs to know to work for this house, its node's name last.
    pub(crate) fn arguments(&self, node: &str) -> [String; 3] {
        [database(&self.folder), place(&self.folder), node.to_owned()]
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts a pool in this process.
    pub(crate) fn start(&self, settings: Settings) -> Running {
        let (stop, stopped) = oneshot::channel();
        let pool = khocr_worker::run(self.store.clone(), self.files.clone(), settings, async {
            let _ = stopped.await;
        });
        Running { stop, pool: tokio::spawn(pool) }
    }

    pub(crate) async fn submit(&self, mode: &str, pages: u32, more: Value) -> JobId {
        let mut options = serde_json::json!({ "mode": mode, "pages": pages });
        if let (Some(options), Value::Object(more)) = (options.as_object_mut(), more) {
            options.extend(more);
        }
        submit(&self.store, &self.files, self.organisation.id, pages, options).await.unwrap()
    }

    pub(crate) async fn job(&self, id: &JobId) -> Job {
        self.store.job(self.organisation.id, id).await.unwrap().unwrap()
    }

    /// Waits until the job has ended.
    pub(crate) async fn end(&self, id: &JobId) -> Job {
        self.wait(id, |job| job.state.is_final()).await
    }

    pub(crate) async fn wait(&self, id: &JobId, done: impl Fn(&Job) -> bool) -> Job {
        let start = Instant::now();
        loop {
            let job = self.job(id).await;
            if done(&job) {
                return job;
            }
            assert!(start.elapsed() < Duration::from_secs(90), "stuck: {job:?}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// The failure's code of a job that must fail.
    pub(crate) async fn failure(&self, id: &JobId) -> String {
        let job = self.end(id).await;
        assert_eq!(job.state, JobState::Failed, "{job:?}");
        let failure = job.failure.unwrap();
        assert!(!failure.message.is_empty() && !failure.message_km.is_empty());
        failure.code
    }

    /// The process number a fake wrote, once it has.
    pub(crate) async fn pid(&self, name: &str) -> String {
        let start = Instant::now();
        loop {
            match std::fs::read_to_string(self.path(name)) {
                Ok(pid) if !pid.is_empty() => return pid,
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
            assert!(start.elapsed() < Duration::from_secs(60), "no child started");
        }
    }
}

/// Stores an upload and queues its job.
pub(crate) async fn submit(
    store: &Store,
    files: &Files,
    organisation_id: i64,
    pages: u32,
    options: Value,
) -> Result<JobId, StoreError> {
    let id = JobId::generate()?;
    let key = Files::input_key(&id);
    files.put(&key, "សួស្តី".as_bytes().into()).await?;
    let new = NewJob {
        id: id.clone(),
        organisation_id,
        key_id: None,
        file_name: "a.pdf".to_owned(),
        input_key: key,
        input_bytes: 18,
        pages,
        output_format: "json".to_owned(),
        options,
        priority: Priority::Normal,
        idempotency: None,
    };
    store.submit(new).await?;
    Ok(id)
}

fn database(folder: &tempfile::TempDir) -> String {
    format!("sqlite:{}", folder.path().join("khocr.db").display())
}

fn place(folder: &tempfile::TempDir) -> String {
    folder.path().join("files").display().to_string()
}

/// Waits until a process is gone; zombies count as gone.
pub(crate) async fn gone(pid: &str) {
    let start = Instant::now();
    while let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        if stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z')) {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "process {pid} lives on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) async fn open(address: &str, files: &str) -> (Store, Files) {
    let start = Instant::now();
    let store = loop {
        match Store::open(&StoreOptions::new(address)).await {
            Ok(store) => break store,
            // A node may start while the database is away.
            Err(e) => assert!(start.elapsed() < Duration::from_secs(60), "{e}"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    (store, Files::open(files).await.unwrap())
}

/// A pool in a process of its own, for ever: to be killed. Its arguments are the database, the
/// files and the node's name.
pub(crate) fn pool_process(arguments: &[String]) -> ExitCode {
    let [address, files, node] = arguments else { return ExitCode::FAILURE };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (store, files) = open(address, files).await;
        let keeper = store.clone();
        let kept = files.clone();
        tokio::spawn(async move { keeper.keep_house(kept, Duration::from_secs(86_400)).await });
        let settings = Settings { node: node.clone(), hold: Duration::from_secs(6), ..settings() };
        khocr_worker::run(store, files, settings, std::future::pending()).await;
    });
    ExitCode::SUCCESS
}
