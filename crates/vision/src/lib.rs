#![forbid(unsafe_code)]
//! From the picture of a page to its text.
//!
//! [`Reader`] goes through the stages, one module each:
//!
//! | stage | from | to |
//! |---|---|---|
//! | [`prepare()`] | RGB page | gray page, paper evened out |
//! | [`find`] | gray page | maps of line cores, by a network |
//! | [`bands`] | maps | bands: where each stretch of text runs, bowed ones too |
//! | [`look`] | | the two above at the right scale, and the page turned upright |
//! | [`bend`] | bands | the page made flat where it curls |
//! | [`rules`], `runs`, [`erase`] | gray page | long strokes across and down; the page without those down |
//! | `columns` | page, bands | gutters of tables without rules |
//! | [`join`], [`strays`], `cells` | bands, rules, page | whole lines, those the finder missed in cells too |
//! | [`core`] | lines | headline and baseline from the ink itself |
//! | [`cut`] | gray page, lines | crops 48 pixels high, core 16 |
//! | [`recognise`] | crops | frames, by a network; [`decode`] makes signs of them |
//! | [`items`] | signs | words with boxes and confidences |
//! | `assemble`, [`tables`], `walls`, [`aligned`], `prose`, `order`, [`blocks`] | words | cells, reading order, paragraphs and headings |
//!
//! The networks stand behind [`find::FindLines`] and [`recognise::ReadLines`].

mod again;
pub mod aligned;
mod analysis;
mod apart;
mod assemble;
pub mod bands;
pub mod beam;
pub mod bend;
mod beside;
mod blank;
pub mod blocks;
pub mod calibrate;
mod cells;
mod chance;
pub mod classical;
mod columns;
pub mod core;
mod crumbs;
pub mod curve;
pub mod cut;
pub mod decode;
mod divide;
mod doubt;
pub mod erase;
mod error;
pub mod evidence;
mod fence;
mod field;
mod figures;
mod fill;
pub mod find;
mod folios;
mod gather;
mod ghosts;
mod grow;
mod gutters;
mod halftone;
mod image;
mod ink;
mod inset;
pub mod items;
pub mod join;
pub mod language;
mod lattice;
pub mod layout;
mod light_print;
mod lines;
pub mod look;
mod margins;
mod marks;
pub mod net;
mod order;
mod ordinals;
mod outer;
pub mod overlay;
mod pale;
mod partition;
mod place;
mod prepare;
mod prose;
mod read;
pub mod recognise;
mod resize;
pub mod rivers;
pub mod rules;
mod runs;
mod segments;
mod signature;
mod stems;
mod strata;
pub mod strays;
mod stretches;
mod strip;
mod support;
pub mod tables;
mod tails;
mod ticks;
mod tints;
mod touching;
#[cfg(feature = "trace")]
pub mod trace;
mod walls;
mod watch;
mod wipe;
mod zones;

pub use analysis::Analysis;
pub use error::VisionError;
pub use image::{Gray, PageImage};
pub use prepare::prepare;
pub use read::{ReadPage, Reader};
pub use resize::{Part, Scaler};
pub use watch::Timings;
