//! The command line's own parts: JSON text, zones, and the platform's functions, natively.

pub mod json;
pub mod native;
