//! The command line's own parts: JSON text, signatures, zones, and the platform's functions, natively.

pub mod export;
pub mod json;
pub mod keys;
pub mod native;
pub mod simulate;
pub mod statement;
