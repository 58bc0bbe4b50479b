//! The engine: pure, total, replayable. No clock, randomness, I/O or globals.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_cmp
)]
#![forbid(unsafe_code)]

pub mod base;
pub mod error;
pub mod message;
