//! What can go wrong.

/// Why a net does not load or run.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The file of weights is not what it should be.
    #[error("weights: {0}")]
    File(String),
    /// The input is not what the net takes.
    #[error("input: {0}")]
    Run(String),
}
