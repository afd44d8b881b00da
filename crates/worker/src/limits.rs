//! The limits a child sets on itself.

use rustix::process::{Resource, Rlimit, nice, setrlimit};

use crate::TaskLimits;

/// Sets the limits, soft and hard, so that nothing in this process can raise them again.
///
/// # Errors
/// When the system refuses one; the file must not be opened then.
pub(crate) fn apply(limits: &TaskLimits) -> Result<(), String> {
    let set = |name: &str, resource, value: u64| {
        let limit = Rlimit { current: Some(value), maximum: Some(value) };
        setrlimit(resource, limit).map_err(|e| format!("{name} limit {value}: {e}"))
    };
    set("memory", Resource::As, limits.memory)?;
    set("file size", Resource::Fsize, limits.file_size)?;
    // A core file would hold the document's text.
    set("core file", Resource::Core, 0)?;
    set("open files", Resource::Nofile, 256)?;
    // The soft limit kills with a signal of its own, by which the parent knows the reason.
    let cpu = Rlimit {
        current: Some(limits.cpu_seconds),
        maximum: Some(limits.cpu_seconds.saturating_add(5)),
    };
    setrlimit(Resource::Cpu, cpu).map_err(|e| format!("processor time limit: {e}"))?;
    // Being polite is not vital.
    let _ = nice(limits.nice.clamp(0, 19));
    Ok(())
}
