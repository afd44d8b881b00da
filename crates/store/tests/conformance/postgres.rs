//! A PostgreSQL server of the test's own, in a temporary folder, behind a Unix socket.

use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sqlx::{AssertSqlSafe, Connection, Executor};

pub(crate) struct Server {
    binaries: PathBuf,
    folder: tempfile::TempDir,
    root: bool,
    settings: &'static str,
}

impl Server {
    /// Starts one; `None` when PostgreSQL is not installed.
    #[allow(dead_code, reason = "the load example has settings of its own")]
    pub(crate) fn start() -> Option<Self> {
        Self::start_with("-c fsync=off -c max_connections=300")
    }

    /// Starts one with those settings.
    pub(crate) fn start_with(settings: &'static str) -> Option<Self> {
        let binaries = std::fs::read_dir("/usr/lib/postgresql")
            .ok()?
            .filter_map(|e| Some(e.ok()?.path().join("bin")))
            .find(|p| p.join("initdb").exists())?;
        let root = std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0);
        let folder = tempfile::tempdir().unwrap();
        if root {
            // PostgreSQL refuses to run as root: give the folder to its own user.
            let (uid, gid) = postgres_user()?;
            chown(folder.path(), Some(uid), Some(gid)).unwrap();
        }
        let server = Self { binaries, folder, root, settings };
        server.run("initdb", &["-A", "trust", "-U", "khocr", "-E", "UTF8", "--no-sync", "-D"]);
        server.launch();
        Some(server)
    }

    /// Starts it again after a stop.
    pub(crate) fn launch(&self) {
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' {}",
            self.folder.path().display(),
            self.settings
        );
        self.run("pg_ctl", &["-w", "-l", "/dev/null", "-o", &options, "start", "-D"]);
    }

    /// Stops it, cutting every connection, and starts it again.
    #[allow(dead_code, reason = "only the worker's chaos test does so")]
    pub(crate) fn restart(&self) {
        self.stop();
        self.launch();
    }

    /// Stops it, cutting every connection.
    #[allow(dead_code, reason = "not every test does so")]
    pub(crate) fn stop(&self) {
        self.run("pg_ctl", &["-m", "fast", "stop", "-D"]);
    }

    /// Holds all its processes still: it takes connections and never answers. Or lets them go on.
    #[allow(dead_code, reason = "not every test does so")]
    pub(crate) fn freeze(&self, still: bool) {
        let noted = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let signal = if still { "-STOP" } else { "-CONT" };
        let first = noted.lines().next().unwrap().trim();
        let children = std::fs::read_to_string(format!("/proc/{first}/task/{first}/children"));
        // The shell's own `kill`: a bare machine has no other.
        let order = format!("kill {signal} {first} {}", children.unwrap());
        assert!(Command::new("sh").args(["-c", &order]).status().unwrap().success());
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Runs one of PostgreSQL's programs; the data folder comes last.
    fn run(&self, program: &str, arguments: &[&str]) {
        let path = self.binaries.join(program);
        let mut command = if self.root {
            let mut c = Command::new("setpriv");
            c.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
            c
        } else {
            Command::new(path)
        };
        let done = command
            .args(arguments)
            .arg(self.data())
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(done.success(), "{program} failed");
    }

    /// An empty database; the answer is its address.
    pub(crate) async fn new_database(&self, name: &str) -> String {
        // PostgreSQL cuts names at 63 bytes.
        let name: String = name.chars().take(60).collect();
        let mut connection = sqlx::PgConnection::connect(&self.address("postgres")).await.unwrap();
        let sql = format!("CREATE DATABASE {name}");
        connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
        self.address(&name)
    }

    fn address(&self, database: &str) -> String {
        format!("postgres://khocr@localhost/{database}?host={}", self.folder.path().display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed while it was stopped has nothing to stop, and its own story to tell.
        if self.data().join("postmaster.pid").exists() {
            self.run("pg_ctl", &["-m", "immediate", "stop", "-D"]);
        }
    }
}

fn postgres_user() -> Option<(u32, u32)> {
    let users = std::fs::read_to_string(Path::new("/etc/passwd")).ok()?;
    let line = users.lines().find(|l| l.starts_with("postgres:"))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}
