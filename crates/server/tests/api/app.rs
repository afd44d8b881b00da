//! A server on a port of its own, with a database of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use khocr_document::{
    Alignment, Block, BlockKind, Document, Line, Page, PageSource, Rect, SourceKind, Style,
};
use khocr_server::{App, Config, Contact, Format};
use khocr_store::{Actor, Files, JobFailure, KeyPlan, Lease, Plan, Store, StoreOptions};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::client::{Answer, Form, Request};
use crate::fakes::{FakeIntake, FakeModels, FakeRender};

const HOLD: Duration = Duration::from_secs(60);

/// A server to be started.
pub(crate) struct Setup {
    database: String,
    folder: PathBuf,
    config: Config,
}

impl Setup {
    /// Changes the server's settings.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// Where its database is.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    pub(crate) async fn start(self) -> TestApp {
        let store = Store::open(&StoreOptions::new(&self.database)).await.unwrap();
        let files = Files::open(self.folder.join("files").to_str().unwrap()).await.unwrap();
        let organisation = store.create_organisation("Ministry", Plan::Enterprise).await.unwrap();
        let key = store.create_key(organisation.id, "").await.unwrap().text.reveal().to_owned();
        let models = Arc::new(FakeModels::default());
        let app = App::new(
            self.config,
            store.clone(),
            files.clone(),
            Arc::new(FakeIntake),
            Arc::new(FakeRender),
            Arc::clone(&models) as _,
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(async move {
            khocr_server::serve(listener, app, async { drop(stopped.await) }).await.unwrap();
        });
        TestApp { address, store, files, key, models, stop: Some(stop), server }
    }
}

/// A running server, and a view behind it.
pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    pub(crate) store: Store,
    pub(crate) files: Files,
    /// A key of an Enterprise organisation.
    pub(crate) key: String,
    pub(crate) models: Arc<FakeModels>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

impl TestApp {
    pub(crate) fn on(database: &str, folder: &Path) -> Setup {
        let contact = Contact { email: "help@example.org".to_owned(), ..Contact::default() };
        let config = Config {
            platform_name: "Test House".to_owned(),
            contact,
            max_upload_bytes: 1024 * 1024,
            max_pages: 500,
            ..Config::default()
        };
        Setup { database: database.to_owned(), folder: folder.to_owned(), config }
    }

    /// A request without a key.
    pub(crate) fn bare(&self, method: &str, path: &str) -> Request {
        Request::new(self.address, method, path)
    }

    pub(crate) fn get(&self, path: &str) -> Request {
        self.bare("GET", path).key(&self.key)
    }

    pub(crate) fn delete(&self, path: &str) -> Request {
        self.bare("DELETE", path).key(&self.key)
    }

    pub(crate) fn convert(&self, form: Form) -> Request {
        self.bare("POST", "/api/v1/convert").key(&self.key).form(form)
    }

    /// Submits a PDF of so many pages; the job's id comes back.
    pub(crate) async fn submit(&self, pages: u32) -> String {
        let pdf = format!("%PDF-1.7 pages={pages}");
        let answer = self.convert(Form::default().file(pdf.as_bytes())).send().await;
        answer.ok()["job_id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn job(&self, id: &str) -> Answer {
        self.get(&format!("/api/v1/jobs/{id}")).send().await
    }

    /// A second organisation's key.
    pub(crate) async fn stranger(&self, plan: Plan) -> String {
        let name = format!("Stranger {:?}", std::time::Instant::now());
        let organisation = self.store.create_organisation(&name, plan).await.unwrap();
        self.store.create_key(organisation.id, "").await.unwrap().text.reveal().to_owned()
    }

    /// A key of the first organisation with those scopes.
    pub(crate) async fn key_that_may(&self, scopes: &str) -> String {
        let organisation = self.store.organisation_named("Ministry").await.unwrap().unwrap();
        let plan = KeyPlan { scopes: scopes.parse().unwrap(), ..KeyPlan::default() };
        let desk = self.store.by(Actor::system());
        let made = desk.create_key(organisation.id, &plan).await.unwrap();
        made.text.reveal().to_owned()
    }

    /// The operator's key.
    pub(crate) async fn operator(&self) -> String {
        self.key_that_may("admin").await
    }

    /// A worker takes the next job.
    pub(crate) async fn lease(&self) -> Lease {
        self.store.lease("test#1", HOLD).await.unwrap().expect("a job waits")
    }

    /// A worker has done so many pages.
    pub(crate) async fn pages_done(&self, lease: &Lease, pages: u32) {
        self.store.heartbeat(lease, Some(pages), HOLD).await.unwrap();
    }

    /// A worker ends the job with [`sample`].
    pub(crate) async fn complete(&self, lease: &Lease) {
        let key = Files::result_key(&lease.job.id, lease.token, Format::Json.name());
        let json = serde_json::to_vec(&sample()).unwrap();
        self.files.put(&key, json.into()).await.unwrap();
        self.store.complete(lease, &key, lease.job.pages_total).await.unwrap();
    }

    /// Takes the next job and ends it.
    pub(crate) async fn work(&self) {
        let lease = self.lease().await;
        self.complete(&lease).await;
    }

    /// Takes the next job and fails it.
    pub(crate) async fn fail(&self) {
        let lease = self.lease().await;
        let why = JobFailure {
            code: "out_of_memory".to_owned(),
            message: "page 3 needs more memory than a job may have".to_owned(),
            message_km: "ទំព័រទី ៣ ត្រូវការអង្គចងចាំច្រើនពេក".to_owned(),
        };
        self.store.fail(&lease, &why).await.unwrap();
    }

    /// Asks the server to stop; done when it has.
    pub(crate) async fn shut_down(mut self) {
        drop(self.stop.take());
        (&mut self.server).await.unwrap();
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A document as a worker would write it.
pub(crate) fn sample() -> Document {
    let rect = Rect::new(72.0, 70.5, 301.25, 92.0);
    let line = Line {
        text: "ព្រះរាជាណាចក្រកម្ពុជា".to_owned(),
        rect,
        confidence: 0.96875,
        source: PageSource::Ocr,
        words: Vec::new(),
        style: Style { bold: true, ..Style::default() },
    };
    let block = Block {
        kind: BlockKind::Heading { level: 1 },
        rect,
        alignment: Alignment::Center,
        indent: 0.0,
        lines: vec![line],
        table: None,
    };
    let page = Page {
        number: 1,
        width: 595.0,
        height: 842.0,
        rotation: 0,
        skew: 0.0,
        source: PageSource::Ocr,
        reason: None,
        confidence: Some(0.96875),
        blocks: vec![block],
    };
    Document::new(SourceKind::Pdf, 1, vec![page])
}
