//! What the targets share.

/// Replaces the fuzzer's own panic hook, under which any panic ends the process: a panic in the
/// library under ours is caught by the owning thread and is no finding.
pub fn only_our_panics_are_fatal() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or("", |l| l.file());
        if place.contains("crates/pdf") || place.contains("fuzz_targets") || place.starts_with("src/") {
            eprintln!("{info}");
            std::process::abort();
        }
    }));
}
