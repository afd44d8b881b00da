//! What can go wrong while a page is read.

/// Why a page could not be read.
#[derive(Debug, thiserror::Error)]
pub enum VisionError {
    /// The pixels given do not fill the size given, or the page has no pixels.
    #[error("a page of {width} x {height} pixels needs {} bytes of RGB, not {bytes}", u64::from(*.width) * u64::from(*.height) * 3)]
    Size {
        /// Width stated.
        width: u32,
        /// Height stated.
        height: u32,
        /// Bytes given.
        bytes: usize,
    },
    /// An embedded or given model could not be loaded.
    #[error("the {model} model could not be loaded: {reason}")]
    Load {
        /// Which model.
        model: &'static str,
        /// The runtime's own words.
        reason: String,
    },
    /// A model failed on an input, or answered with a shape it should not have.
    #[error("the {model} model failed: {reason}")]
    Run {
        /// Which model.
        model: &'static str,
        /// The runtime's own words.
        reason: String,
    },
    /// The picture could not be resized.
    #[error("the picture could not be resized: {0}")]
    Resize(String),
    /// The caller's control asked to stop.
    #[error("reading was stopped")]
    Stopped,
}
