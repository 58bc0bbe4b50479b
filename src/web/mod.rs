//! The browser's side: one file per browser API. Nothing here panics or throws into the page.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

/// `JsValue` to `Value` and back.
pub mod convert;
/// The shell's `CoreHost`, typed.
pub mod host;
/// `addEventListener`, removed on drop.
pub mod listen;
/// What the browser lends the engine.
pub mod platform;
/// `setTimeout`, cancelled on drop.
pub mod timer;
