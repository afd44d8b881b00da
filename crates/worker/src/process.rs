//! Starting a child and hearing what it says.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, Command};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::Settings;
use crate::protocol::{Message, Task};

/// The longest line of a child's that is read, and the most of its errors that is kept.
const LINE_BYTES: u64 = 64 << 10;
const ERROR_BYTES: usize = 8 << 10;

/// The hidden subcommand.
pub(crate) const SUBCOMMAND: &str = "child-convert";

/// A running child. Dropped, it is killed.
pub(crate) struct Process {
    child: tokio::process::Child,
    /// Open for as long as we live: its end is the child's sign to leave.
    _stdin: ChildStdin,
    messages: mpsc::Receiver<Message>,
    errors: JoinHandle<String>,
}

impl Process {
    /// Starts a child on a task, in that folder.
    pub(crate) async fn start(
        settings: &Settings,
        task: &Task,
        folder: &Path,
    ) -> std::io::Result<Self> {
        let program = match &settings.program {
            Some(program) => program.clone(),
            // Not its path: a new version may have been put there since we started, and a child of
            // another version than its parent is asking for trouble.
            None if cfg!(target_os = "linux") => PathBuf::from("/proc/self/exe"),
            None => std::env::current_exe()?,
        };
        let threads = settings.threads.max(1).to_string();
        let mut child = Command::new(program)
            .arg0("khocr")
            .arg(SUBCOMMAND)
            .current_dir(folder)
            // Nothing of ours leaks into it: the environment may hold the database's password.
            .env_clear()
            .env("TMPDIR", folder)
            .env("RAYON_NUM_THREADS", &threads)
            .env("RTEN_NUM_THREADS", &threads)
            // Each of glibc's arenas takes 64 MB of address space, which is what is limited.
            .env("MALLOC_ARENA_MAX", "2")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (Some(mut stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(std::io::Error::other("the child has no pipes"));
        };
        let mut line = serde_json::to_vec(task)?;
        line.push(b'\n');
        stdin.write_all(&line).await?;
        stdin.flush().await?;
        let (send, messages) = mpsc::channel(64);
        tokio::spawn(hear(stdout, send));
        let errors = tokio::spawn(tail(stderr));
        Ok(Self { child, _stdin: stdin, messages, errors })
    }

    /// The next thing it says; `None` once it has closed its mouth.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        self.messages.recv().await
    }

    /// Ends it at once.
    pub(crate) async fn kill(mut self) {
        if let Err(error) = self.child.kill().await {
            tracing::warn!(%error, "a child could not be killed");
        }
        self.errors.abort();
    }

    /// How it ended and the last of what it wrote to standard error. One that has closed its
    /// output and still runs is killed.
    pub(crate) async fn finish(mut self) -> std::io::Result<(ExitStatus, String)> {
        let patience = std::time::Duration::from_secs(5);
        let status = match tokio::time::timeout(patience, self.child.wait()).await {
            Ok(status) => status?,
            Err(_) => {
                self.child.kill().await?;
                self.child.wait().await?
            }
        };
        let errors = tokio::time::timeout(patience, self.errors).await;
        Ok((status, errors.ok().and_then(Result::ok).unwrap_or_default()))
    }
}

/// Passes a child's messages on until it stops or says nonsense.
async fn hear(stdout: tokio::process::ChildStdout, send: mpsc::Sender<Message>) {
    let mut stdout = BufReader::new(stdout);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut stdout).take(LINE_BYTES).read_until(b'\n', &mut line).await;
        if !matches!(read, Ok(n) if n > 0) {
            return;
        }
        // A library that prints to standard output is no reason to stop.
        let Ok(message) = serde_json::from_slice(&line) else { continue };
        if send.send(message).await.is_err() {
            return;
        }
    }
}

/// The last of what a child writes to standard error.
async fn tail(mut stderr: tokio::process::ChildStderr) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0u8; 4096];
    while let Ok(n @ 1..) = stderr.read(&mut buffer).await {
        kept.extend_from_slice(&buffer[..n]);
        if kept.len() > 2 * ERROR_BYTES {
            kept.drain(..kept.len() - ERROR_BYTES);
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}
