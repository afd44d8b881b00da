//! Standard output. Results go there and nothing else does: messages, progress and logs go to
//! standard error, so that output can be piped.

use std::io::{self, Write};

use anyhow::Context;

/// Writes bytes and flushes. A reader that has gone away, as `head` does, ends the process quietly.
pub(crate) fn bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => written.context("standard output cannot be written"),
    }
}

/// Writes a line.
pub(crate) fn line(text: impl AsRef<str>) -> anyhow::Result<()> {
    bytes(format!("{}\n", text.as_ref()).as_bytes())
}
