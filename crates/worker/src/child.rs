//! The child's side: one task in, progress and a result out.

use std::io::{BufRead, Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::protocol::{Message, Task};
use crate::{Convert, Refusal, limits, sandbox};

/// The longest task line that is believed.
const TASK_BYTES: u64 = 1 << 20;

/// The whole life of a child process: reads the task from standard input, limits itself, loads
/// the converter, converts, and reports on standard output. What the binary's hidden subcommand
/// `child-convert` does.
///
/// `load` runs under the limits. The exit code is a success when a result or a refusal was
/// reported.
pub fn main<C: Convert>(load: impl FnOnce() -> Result<C, String>) -> ExitCode {
    let task = match read_task() {
        Ok(task) => task,
        Err(why) => {
            complain(&why);
            return ExitCode::FAILURE;
        }
    };
    let confined = confine(&task);
    leave_with_parent();
    let said = match confined.and_then(|()| work(&task, load)) {
        Ok(pages) => say(&Message::Done { pages }),
        Err(refusal) => say(&Message::Refused(refusal)),
    };
    match said {
        ControlFlow::Continue(()) => ExitCode::SUCCESS,
        ControlFlow::Break(()) => ExitCode::FAILURE,
    }
}

fn read_task() -> Result<Task, String> {
    let mut line = String::new();
    let stdin = std::io::stdin().lock();
    stdin.take(TASK_BYTES).read_line(&mut line).map_err(|e| format!("no task: {e}"))?;
    serde_json::from_str(&line).map_err(|e| format!("the task is no task: {e}"))
}

/// Ends this process when the parent's end of standard input closes, which the system sees to
/// however the parent dies: an orphan would burn processor time for a result nobody takes.
fn leave_with_parent() {
    std::thread::spawn(|| {
        let mut byte = [0u8; 64];
        let mut stdin = std::io::stdin().lock();
        while !matches!(stdin.read(&mut byte), Ok(0) | Err(_)) {}
        std::process::exit(3);
    });
}

/// Limits and sandbox: before the first thread, which would be outside of it, and before the file
/// is looked at.
fn confine(task: &Task) -> Result<(), Refusal> {
    limits::apply(&task.limits).map_err(|why| Refusal::no_converter(&why))?;
    if task.limits.sandbox {
        let folder = task.output.parent().unwrap_or(Path::new("."));
        for missing in sandbox::enter(&task.input, folder) {
            complain(&missing);
        }
    }
    Ok(())
}

fn work<C: Convert>(task: &Task, load: impl FnOnce() -> Result<C, String>) -> Result<u32, Refusal> {
    let converter = load().map_err(|why| Refusal::no_converter(&why))?;
    let read = |path: &PathBuf| std::fs::read(path).map_err(|e| Refusal::storage(&e.to_string()));
    let result = if task.join.is_empty() {
        let mut progress = |done, total| say(&Message::Progress { done, total });
        converter.convert(read(&task.input)?, &task.options, task.part, &mut progress)?
    } else {
        converter.join(&mut task.join.iter().map(read))?
    };
    write_new(&task.output, &result.json).map_err(|e| match e.kind() {
        std::io::ErrorKind::FileTooLarge => Refusal::result_too_large(),
        _ => Refusal::storage(&e.to_string()),
    })?;
    Ok(result.pages)
}

fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Says something to the parent; breaks when it does not listen any more.
fn say(message: &Message) -> ControlFlow<()> {
    let said = serde_json::to_string(message).map_err(std::io::Error::from).and_then(|line| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}")?;
        out.flush()
    });
    match said {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    }
}

fn complain(why: &str) {
    // Nobody left to tell when this fails.
    let _ = writeln!(std::io::stderr(), "{why}");
}
