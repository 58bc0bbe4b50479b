//! The browser's side: one file per browser API. Nothing here panics or throws into the page.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

/// The pieces of a message, drawn node by node.
pub mod blocks;
/// A message inside a slot of the page.
pub mod card;
/// `JsValue` to `Value` and back.
pub mod convert;
/// `Core`, the class the shell drives.
#[cfg(not(feature = "studio"))]
pub mod core;
/// The calls of the DOM that danbi makes.
pub mod dom;
/// The shell's `CoreHost`, typed.
pub mod host;
/// Callbacks, and `addEventListener`, removed on drop.
mod listen;
/// A message in a `<dialog>`.
pub mod modal;
/// `MutationObserver`, disconnected on drop.
mod mutations;
/// What the browser lends the engine.
pub mod platform;
/// What modal and card share.
mod shown;
/// The slots of the page, as they come and go.
pub mod slots;
/// What the page loads only to check, replay and explain.
#[cfg(feature = "studio")]
pub mod studio;
/// The look of messages, adopted by their shadow roots.
mod style;
/// `setTimeout`, cancelled on drop.
pub mod timer;
/// A message as it is drawn here.
mod view;
/// `IntersectionObserver`: was it seen?
pub mod visibility;
