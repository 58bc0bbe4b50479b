//! What everything else stands on: values, documents, time, money, hashing, and what the platform lends.

pub mod document;
pub mod hash;
pub mod host;
pub mod json;
pub mod money;
pub mod record;
pub mod text;
pub mod time;
pub mod value;
