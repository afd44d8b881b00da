#![forbid(unsafe_code)]
//! Runs the two nets: the line finder in numbers, the line reader in whole numbers of eight bits.
//!
//! The products themselves and the processor's vectors are rten's (`rten-gemm`, `rten-simd`); what this
//! crate adds is that nothing stands between them: no graph, no tensor laid out anew, and what becomes
//! of a product's sums is done in one pass while they are still in the nearest memory.

mod attention;
mod block;
mod conv;
mod cross;
mod error;
mod finder;
mod finish;
mod planes;
mod product;
mod reader;
mod rows;
#[cfg(test)]
mod testing;
mod weights;

pub use error::NetError;
pub use finder::Finder;
pub use reader::{HEIGHT, Reader};
pub use rows::probability;
