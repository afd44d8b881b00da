#![forbid(unsafe_code)]
//! The Khmer script: what khocr knows about writing, before any picture or file.
//!
//! No I/O, no other crate of ours. Everything here takes text and gives text, facts or figures:
//! clusters and their canonical order, the line reader's labels, look-alikes, words, legacy font
//! encodings, and the verdict whether a text is real Khmer.
//!
//! ```
//! use khocr_khmer::{canonical, judge, legacy::Encoding, words};
//!
//! assert_eq!(canonical("ស្រ្តី"), "ស្ត្រី");
//! let limon = Encoding::from_font_name("ABCDEF+LimonS1").expect("a Limon face");
//! assert_eq!(limon.to_unicode("km<úCa"), "កម្ពុជា");
//! assert_eq!(words::with_breaks("ភាសាខ្មែរ"), "ភាសា\u{200B}ខ្មែរ");
//! assert_eq!(judge::judge("ព្រះរាជាណាចក្រកម្ពុជា").verdict, judge::Verdict::Good);
//! ```

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
