#![forbid(unsafe_code)]
//! Draws Khmer text lines and pages whose text is known: training, tests and benches use it.
//!
//! Everything is deterministic by seed. Fonts and corpora are read from folders at run time and
//! never become part of the crate.
//!
//! Stages of a line: [`text`] picks what to say, [`shape`] turns it into outlines in a [`fonts`]
//! face, [`draw`] fills them, [`degrade`] does what scanners and phones do, and [`mod@line`] cuts the
//! crop that the line reader will see.

pub mod cases;
pub mod degrade;
pub mod draw;
pub mod fonts;
pub mod generate;
pub mod jpeg;
pub mod legible;
pub mod line;
pub mod note;
pub mod page;
pub mod screen;
pub mod shape;
pub mod text;
