#![forbid(unsafe_code)]
//! From the picture of a page to its text.

pub mod bands;
pub mod classical;
pub mod core;
pub mod curve;
pub mod cut;
mod error;
pub mod find;
mod image;
mod prepare;
mod resize;
mod strip;

pub use error::VisionError;
pub use image::{Gray, PageImage};
pub use prepare::prepare;
pub use resize::{Part, Scaler};
