//! What a child's end means.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use crate::Refusal;
use crate::protocol::Message;

// The signals that tell a limit was hit. Their numbers are those of every Linux architecture
// Rust's first tiers know, save MIPS.
const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const SIGXCPU: i32 = 24;
const SIGXFSZ: i32 = 25;

/// Pages converted, or why not: from the last thing the child said, how it ended, and what it
/// wrote to standard error.
pub(crate) fn verdict(
    last: Option<Message>,
    status: ExitStatus,
    errors: &str,
) -> Result<u32, Refusal> {
    match last {
        Some(Message::Done { pages }) => return Ok(pages),
        Some(Message::Refused(refusal)) => return Err(refusal),
        Some(Message::Progress { .. }) | None => {}
    }
    // What Rust's allocator, or the C library's under it, says before it gives up.
    let no_memory = ["memory allocation of", "Cannot allocate memory", "failed to spawn thread"]
        .iter()
        .any(|sign| errors.contains(sign));
    Err(match (status.code(), status.signal()) {
        (_, Some(SIGXCPU)) => Refusal::too_much_processor_time(),
        (_, Some(SIGXFSZ)) => Refusal::result_too_large(),
        (_, Some(SIGKILL)) => Refusal::killed(),
        (_, Some(SIGABRT)) | (Some(101), _) if no_memory => Refusal::out_of_memory(),
        (_, Some(signal)) => Refusal::crashed(&format!("signal {signal}")),
        (Some(code), _) => Refusal::crashed(&format!("exit code {code}")),
        (None, None) => Refusal::crashed("no exit code"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(last: Option<Message>, wait_status: i32, errors: &str) -> (String, bool) {
        let refusal = verdict(last, ExitStatus::from_raw(wait_status), errors).unwrap_err();
        (refusal.failure.code, refusal.again)
    }

    #[test]
    fn each_end_has_its_reason() {
        let crash = ("converter_crashed".to_owned(), true);
        assert_eq!(code(None, 11, ""), crash);
        assert_eq!(code(None, 101 << 8, "thread panicked"), crash);
        assert_eq!(code(Some(Message::Progress { done: 1, total: 2 }), 0, ""), crash);
        let memory = |again| ("out_of_memory".to_owned(), again);
        assert_eq!(code(None, SIGABRT, "memory allocation of 99 bytes failed"), memory(false));
        assert_eq!(code(None, SIGABRT, "stack overflow"), crash);
        assert_eq!(code(None, SIGKILL, ""), memory(true));
        assert_eq!(code(None, SIGXCPU, "").0, "timeout");
        assert_eq!(code(None, SIGXFSZ, "").0, "result_too_large");
        let said = Some(Message::Done { pages: 4 });
        assert_eq!(verdict(said, ExitStatus::from_raw(SIGKILL), ""), Ok(4));
    }
}
