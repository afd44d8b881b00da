//! Processes killed at random, and a database that goes away: every accepted job must end
//! completed once, or failed with a true reason, and every page must be accounted for.
//!
//! Small by default; `KHOCR_CHAOS=1` runs it at full size (500 jobs on PostgreSQL, 20 kills on
//! SQLite).

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, ExitCode};
use std::time::{Duration, Instant};

use khocr_store::{Files, JobFilter, JobId, JobState, Plan, Store};
use serde_json::{Value, json};

use crate::house::{open, submit};
use crate::postgres::Server;

/// Pages of a long document: eight parts under the tests' settings.
const BOOK: u32 = 40;

/// A process that is started again whenever it was killed.
struct Node {
    arguments: Vec<String>,
    child: Child,
}

impl Node {
    fn start(arguments: Vec<String>) -> Self {
        let child = spawn(&arguments);
        Self { arguments, child }
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn kill_and_restart(&mut self) {
        self.kill();
        self.child = spawn(&self.arguments);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(arguments: &[String]) -> Child {
    Command::new(std::env::current_exe().unwrap()).args(arguments).spawn().unwrap()
}

fn full_size() -> bool {
    std::env::var_os("KHOCR_CHAOS").is_some()
}

/// Submits jobs until as many are in the log as are wanted; each accepted one is written there.
/// Its arguments are the database, the files, the organisation, how many, and the log.
pub(crate) fn submit_process(arguments: &[String]) -> ExitCode {
    let [address, files, organisation, wanted, log] = arguments else { return ExitCode::FAILURE };
    let (organisation, wanted) = (organisation.parse().unwrap(), wanted.parse().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (store, files) = open(address, files).await;
        let mut number = 0u32;
        while accepted(Path::new(log)).len() < wanted {
            // Every eighth is a book, which is worked on in parts.
            let pages = if number % 8 == 5 { BOOK } else { 3 };
            number += 1;
            let options = json!({ "mode": "quick", "pages": pages });
            // A database that is away refuses: then nothing was accepted.
            if let Ok(id) = submit(&store, &files, organisation, pages, options).await {
                let mut log = OpenOptions::new().append(true).create(true).open(log).unwrap();
                log.write_all(format!("{id}\n").as_bytes()).unwrap();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        std::future::pending::<()>().await;
    });
    ExitCode::SUCCESS
}

fn accepted(log: &Path) -> Vec<JobId> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

struct Town {
    folder: tempfile::TempDir,
    address: String,
    files: String,
    store: Store,
    organisation: i64,
}

impl Town {
    async fn build(address: String, folder: tempfile::TempDir) -> Self {
        let files = folder.path().join("files").display().to_string();
        let (store, _) = open(&address, &files).await;
        let organisation = store.create_organisation("Bank", Plan::Enterprise).await.unwrap().id;
        Self { folder, address, files, store, organisation }
    }

    fn worker(&self, name: &str) -> Node {
        let [address, files] = [&self.address, &self.files].map(Clone::clone);
        Node::start(vec!["pool".to_owned(), address, files, name.to_owned()])
    }

    fn log(&self) -> String {
        self.folder.path().join("accepted").display().to_string()
    }

    fn submitter(&self, wanted: usize) -> Node {
        let [address, files] = [&self.address, &self.files].map(Clone::clone);
        let (organisation, wanted) = (self.organisation.to_string(), wanted.to_string());
        Node::start(vec!["submit".to_owned(), address, files, organisation, wanted, self.log()])
    }

    /// Jobs that have not ended; `None` while the database is away.
    async fn waiting(&self) -> Option<u64> {
        let jobs = self.store.usage(self.organisation).await.ok()?.jobs;
        Some(jobs.queued + jobs.processing)
    }

    /// Waits until all wanted jobs were accepted and have ended.
    async fn settle(&self, wanted: usize) {
        let start = Instant::now();
        while accepted(Path::new(&self.log())).len() < wanted || self.waiting().await != Some(0) {
            assert!(start.elapsed() < Duration::from_secs(300), "{:?} wait", self.waiting().await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Looks at every accepted job and at the pages.
    async fn judge(&self) {
        let files = Files::open(&self.files).await.unwrap();
        let log = accepted(Path::new(&self.log()));
        let (mut completed, mut failed, mut books) = (0u32, 0u32, 0u32);
        for id in &log {
            let job = self.store.job(self.organisation, id).await.unwrap();
            let job = job.unwrap_or_else(|| panic!("{id} was accepted and is lost"));
            match job.state {
                JobState::Completed => {
                    let json = files.get(job.result_key.as_deref().unwrap()).await.unwrap();
                    let result: Value = serde_json::from_slice(&json).unwrap();
                    let all: Vec<u32> = (1..=job.pages_total).collect();
                    assert_eq!(result["pages"], json!(all), "every page once, in order");
                    books += u32::from(job.pages_total == BOOK);
                    completed += 1;
                }
                JobState::Failed => {
                    let code = job.failure.unwrap().code;
                    assert!(
                        ["worker_lost", "converter_crashed", "storage"].contains(&code.as_str()),
                        "{code}"
                    );
                    assert_eq!(job.attempts, 3);
                    failed += 1;
                }
                other => panic!("{id} is {other}"),
            }
        }
        let usage = self.store.usage(self.organisation).await.unwrap();
        // A submitter killed between the commit and its log has jobs that nobody was told of.
        let all = usage.jobs.completed + usage.jobs.failed;
        eprintln!(
            "     {} accepted: {completed} completed ({books} books), {failed} failed, {} unheard of",
            log.len(),
            all - log.len() as u64
        );
        assert!(books > 0, "none was worked on in parts");
        assert_eq!(usage.pages_reserved, 0);
        assert_eq!(u64::from(usage.pages_used), self.pages_read().await, "to the page");
    }

    /// Pages that the organisation's jobs say were read, all of them, those unheard of too.
    async fn pages_read(&self) -> u64 {
        let (mut read, mut filter) = (0, JobFilter { limit: 200, ..JobFilter::default() });
        loop {
            let page = self.store.jobs(self.organisation, &filter).await.unwrap();
            read += page.jobs.iter().map(|job| u64::from(job.pages_done)).sum::<u64>();
            match page.next {
                Some(next) => filter.after = Some(next),
                None => return read,
            }
        }
    }
}

pub(crate) async fn chaos_on_sqlite() {
    let (kills, jobs) = if full_size() { (20, 300) } else { (4, 60) };
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("khocr.db").display());
    let town = Town::build(address, folder).await;
    let submitter = town.submitter(jobs);
    let mut worker = town.worker("only");
    for i in 0..kills {
        tokio::time::sleep(Duration::from_millis(700 + 130 * (i % 5))).await;
        worker.kill_and_restart();
    }
    town.settle(jobs).await;
    town.judge().await;
    drop((submitter, worker));
}

pub(crate) async fn chaos_on_postgres() {
    let Some(server) = Server::start() else {
        eprintln!("     !!! SKIPPED: no PostgreSQL under /usr/lib/postgresql");
        return;
    };
    let (rounds, jobs) = if full_size() { (30, 500) } else { (5, 80) };
    let address = server.new_database("chaos").await;
    let town = Town::build(address, tempfile::tempdir().unwrap()).await;
    let mut nodes = vec![
        town.worker("a"),
        town.worker("b"),
        town.worker("c"),
        town.submitter(jobs),
        town.submitter(jobs),
    ];
    for round in 0..rounds {
        tokio::time::sleep(Duration::from_secs(if full_size() { 2 } else { 1 })).await;
        // Which one is chance enough: the scheduler decides what it was doing.
        let victim = (round * 7 + 3) % nodes.len();
        nodes[victim].kill_and_restart();
        if round == rounds / 3 || round == 2 * rounds / 3 {
            server.restart();
        }
    }
    town.settle(jobs).await;
    town.judge().await;
    drop(nodes);
}
