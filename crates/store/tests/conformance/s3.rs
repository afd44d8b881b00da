//! An S3 server of the test's own, over HTTP, checking signatures; its objects lie in a temporary
//! folder.

use std::collections::BTreeMap;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use khocr_store::{Files, StoreError};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;
use tokio::sync::Mutex;

const KEY: &str = "test-key";
const SECRET: &str = "test-secret";

pub(crate) struct Server {
    endpoint: String,
    folder: tempfile::TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path()).unwrap());
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        // A real store decides in one step whether there is something yet and puts parts together;
        // this one looks first, so that has to be one at a time.
        let joining = Arc::new(Mutex::new(()));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (service, joining) = (service.clone(), Arc::clone(&joining));
                let service = service_fn(move |request: Request<Incoming>| {
                    let (service, joining) = (service.clone(), Arc::clone(&joining));
                    async move {
                        let query = request.uri().query().unwrap_or_default();
                        let joins = request.method() == Method::POST && query.contains("uploadId=");
                        let _turn = match joins {
                            true => Some(joining.lock().await),
                            false => None,
                        };
                        service.call(request.map(s3s::Body::from)).await
                    }
                });
                tokio::spawn(async move {
                    let http = Builder::new(TokioExecutor::new());
                    let _ = http.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { endpoint, folder }
    }

    /// An empty bucket, below a prefix.
    pub(crate) async fn files(&self, bucket: &str) -> Files {
        let bucket = bucket.replace('_', "-");
        std::fs::create_dir(self.folder.path().join(&bucket)).unwrap();
        self.open(&bucket, SECRET).await
    }

    async fn open(&self, bucket: &str, secret: &str) -> Files {
        let settings = [
            ("endpoint", self.endpoint.as_str()),
            ("region", "us-east-1"),
            ("access_key_id", KEY),
            ("secret_access_key", secret),
            ("allow_http", "true"),
        ];
        let settings: BTreeMap<_, _> =
            settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Files::open_with(&format!("s3://{bucket}/some/prefix"), &settings).await.unwrap()
    }

    /// That signatures are checked, else the rest would prove little; and that what is wrong is
    /// said.
    pub(crate) async fn refuses_strangers(&self) {
        let files = self.files("strangers").await;
        files.check().await.unwrap();
        let stranger = self.open("strangers", "wrong").await;
        assert!(matches!(stranger.check().await, Err(StoreError::Files(_))));
        let why = stranger.try_out().await.unwrap_err().to_string();
        assert!(why.starts_with("writing failed"), "{why}");
        let unknown = BTreeMap::from([("speed".to_owned(), "high".to_owned())]);
        let why = Files::open_with("s3://b", &unknown).await.unwrap_err();
        assert!(why.to_string().contains("speed"), "{why}");
    }
}
