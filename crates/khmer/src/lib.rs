#![forbid(unsafe_code)]
//! The Khmer script: what khocr knows about writing, before any picture or file.
//!
//! No I/O, no other crate of ours. Everything here takes text and gives text, facts or figures:
//! clusters and their canonical order, the line reader's labels, look-alikes, words, legacy font
//! encodings, and the verdict whether a text is real Khmer.

pub mod canonical;
pub mod chars;
pub mod clusters;
pub mod digits;
pub mod judge;
pub mod labels;
pub mod legacy;
pub mod lookalikes;
pub mod reorder;
pub mod words;

pub use canonical::{Invisible, canonical, canonical_with};
