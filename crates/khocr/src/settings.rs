//! Settings of the service: flags, then `KHOCR_…` in the environment, then `khocr.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Deserializer, Serialize};

/// The settings file looked for in the working folder.
const FILE: &str = "khocr.toml";

/// Where a service keeps what it knows.
#[derive(Clone, Debug, Default, Args, Serialize)]
pub(crate) struct PlaceArgs {
    /// Folder of the database and the files [default: ./khocr-data]; also KHOCR_DATA.
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://…` [default: SQLite in the data folder]; also KHOCR_DATABASE.
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database: Option<String>,
    /// Folder or `s3://bucket/prefix` for uploads and results [default: in the data folder]; also
    /// KHOCR_FILES. The bucket's endpoint, region and keys come from the usual AWS_… variables or
    /// from `[s3]` in khocr.toml.
    #[arg(long, value_name = "PLACE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) files: Option<String>,
}

/// What stands below the flags of `khocr serve --help`.
const MORE_HELP: &str = "\
Each flag is also a variable of the environment, and a line of khocr.toml in the working folder;
flags outrank variables, and those the file. All of a fleet's nodes in one file:

  database = \"postgres://khocr:PASSWORD@db.example/khocr\"   # any number of nodes
  files = \"s3://bucket/prefix\"                              # seen by all of them
  role = \"api\"                                              # or worker, or all
  listen = \"0.0.0.0:8080\"
  retention_days = 30
  private_webhooks = false  # true lets webhooks go to addresses of a network of your own

  [s3]                      # or AWS_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY
  endpoint = \"https://s3.example\"
  region = \"us-east-1\"
  access_key_id = \"...\"
  secret_access_key = \"...\"

Without any of it one process keeps SQLite and a folder in ./khocr-data. SQLite serves the processes
of one machine; PostgreSQL any number. `khocr doctor` checks a set-up and says what is wrong.";

/// Flags of `khocr serve`.
#[derive(Clone, Debug, Default, Args, Serialize)]
#[command(after_help = MORE_HELP)]
pub(crate) struct ServeArgs {
    /// Address to listen on [default: 127.0.0.1:8080]; also KHOCR_LISTEN.
    #[arg(long, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) listen: Option<String>,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) place: PlaceArgs,
    /// `all`, `api` (no workers) or `worker` (no API) [default: all]; also KHOCR_ROLE.
    #[arg(long, value_name = "ROLE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<Role>,
    /// Jobs worked on at once [default: one a processor]; also KHOCR_WORKERS.
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) workers: Option<usize>,
    /// This node's name: the same after a restart, no other node's; also KHOCR_NODE.
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) node: Option<String>,
    /// Days that finished jobs and their files are kept [default: 30]; also KHOCR_RETENTION_DAYS.
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retention_days: Option<u32>,
    /// The address clients see, such as `https://ocr.example.org`; also KHOCR_PUBLIC_URL.
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) public_url: Option<String>,
    /// The platform's name on the documentation page; also KHOCR_PLATFORM_NAME.
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) platform_name: Option<String>,
    /// The operator's e-mail address there; also KHOCR_CONTACT_EMAIL.
    #[arg(long, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact_email: Option<String>,
    /// The operator's telephone number there; also KHOCR_CONTACT_PHONE.
    #[arg(long, value_name = "NUMBER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact_phone: Option<String>,
    /// The operator's web address there; also KHOCR_CONTACT_URL.
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact_url: Option<String>,
    /// Address on which a process of workers alone answers /livez, /readyz and /metrics [default:
    /// none]; also KHOCR_STATUS.
    #[arg(long, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    /// Send OpenTelemetry traces to this collector, such as `http://localhost:4318`, by OTLP over HTTP
    /// [default: none]; also KHOCR_TRACES.
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) traces: Option<String>,
    /// Allow webhooks to addresses that are not public, and to such without TLS; also
    /// KHOCR_PRIVATE_WEBHOOKS.
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) private_webhooks: bool,
    /// Trust X-Forwarded-For and -Proto: set behind a proxy of one's own; also KHOCR_BEHIND_PROXY.
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) behind_proxy: bool,
}

/// Which part of the service a process plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// API and workers.
    All,
    /// API alone.
    Api,
    /// Workers alone.
    Worker,
}

/// Settings with everything filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// Address to listen on.
    pub(crate) listen: String,
    /// The data folder.
    pub(crate) data: PathBuf,
    /// Database address; in the data folder when absent.
    pub(crate) database: Option<String>,
    /// Place of the files; in the data folder when absent.
    pub(crate) files: Option<String>,
    /// How to reach the S3 store, where the files are in one: `endpoint`, `region`,
    /// `access_key_id`, `secret_access_key`, `allow_http`, …; what is not here comes from the
    /// `AWS_…` variables.
    #[serde(deserialize_with = "words")]
    pub(crate) s3: BTreeMap<String, String>,
    /// What this process does.
    pub(crate) role: Role,
    /// Jobs at once; by the number of cores when absent.
    pub(crate) workers: Option<usize>,
    /// This node's name; made up when absent.
    pub(crate) node: Option<String>,
    /// Days that finished jobs are kept.
    pub(crate) retention_days: u32,
    /// The address clients see.
    pub(crate) public_url: Option<String>,
    /// The platform's name.
    pub(crate) platform_name: String,
    /// The operator's e-mail address.
    pub(crate) contact_email: String,
    /// The operator's telephone number.
    pub(crate) contact_phone: String,
    /// The operator's web address.
    pub(crate) contact_url: String,
    /// Where workers alone answer for their health.
    pub(crate) status: Option<String>,
    /// The collector of traces.
    pub(crate) traces: Option<String>,
    /// Whether a proxy's headers are trusted.
    pub(crate) behind_proxy: bool,
    /// Whether webhooks may go to addresses that are not public.
    pub(crate) private_webhooks: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            data: PathBuf::from("khocr-data"),
            database: None,
            files: None,
            s3: BTreeMap::new(),
            role: Role::All,
            workers: None,
            node: None,
            retention_days: 30,
            public_url: None,
            platform_name: "khocr".to_owned(),
            contact_email: String::new(),
            contact_phone: String::new(),
            contact_url: String::new(),
            status: None,
            traces: None,
            behind_proxy: false,
            private_webhooks: false,
        }
    }
}

/// Words by name; numbers and truth values are taken as they are written.
fn words<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let word = |value| match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    let found = BTreeMap::<String, serde_json::Value>::deserialize(from)?;
    Ok(found.into_iter().map(|(name, value)| (name, word(value))).collect())
}

impl Settings {
    /// The settings under these flags.
    pub(crate) fn load(flags: &impl Serialize) -> anyhow::Result<Self> {
        Self::from(Path::new(FILE), flags)
    }

    fn from(file: &Path, flags: &impl Serialize) -> anyhow::Result<Self> {
        Figment::from(Serialized::defaults(Self::default()))
            .merge(Toml::file(file))
            .merge(Env::prefixed("KHOCR_"))
            .merge(Serialized::defaults(flags))
            .extract()
            .context("the settings cannot be used")
    }

    /// The database's address.
    pub(crate) fn database_url(&self) -> String {
        let here = || format!("sqlite:{}", self.data.join("khocr.db").display());
        self.database.clone().unwrap_or_else(here)
    }

    /// The place of the files.
    pub(crate) fn files_place(&self) -> String {
        let here = || self.data.join("files").display().to_string();
        self.files.clone().unwrap_or_else(here)
    }

    /// Makes the data folder where it is used.
    pub(crate) fn prepare(&self) -> anyhow::Result<()> {
        if self.database.is_none() || self.files.is_none() {
            let folder = &self.data;
            std::fs::create_dir_all(folder)
                .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("khocr.toml");
        std::fs::write(&file, "listen = \"0.0.0.0:1\"\nworkers = 3\n").unwrap();
        let flags = ServeArgs { listen: Some("127.0.0.1:2".to_owned()), ..ServeArgs::default() };
        let settings = Settings::from(&file, &flags).unwrap();
        assert_eq!(settings.listen, "127.0.0.1:2");
        assert_eq!(settings.workers, Some(3));
        assert_eq!(settings.role, Role::All);
    }

    #[test]
    fn an_s3_store_is_described_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("khocr.toml");
        std::fs::write(&file, "[s3]\nendpoint = \"http://x\"\nallow_http = true\n").unwrap();
        let s3 = Settings::from(&file, &PlaceArgs::default()).unwrap().s3;
        assert_eq!((s3["endpoint"].as_str(), s3["allow_http"].as_str()), ("http://x", "true"));
    }

    #[test]
    fn a_wrong_value_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("khocr.toml");
        std::fs::write(&file, "workers = \"many\"\n").unwrap();
        let error = Settings::from(&file, &PlaceArgs::default()).unwrap_err();
        assert!(format!("{error:#}").contains("workers"), "{error:#}");
    }

    #[test]
    fn everything_is_in_the_data_folder_unless_told_otherwise() {
        let settings = Settings { data: PathBuf::from("d"), ..Settings::default() };
        assert_eq!(settings.database_url(), "sqlite:d/khocr.db");
        assert_eq!(settings.files_place(), "d/files");
    }
}
