#![forbid(unsafe_code)]
//! The khocr binary.

fn main() {}
