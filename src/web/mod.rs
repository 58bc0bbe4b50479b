//! The browser's side of the engine: conversion, the shell behind it, and what JavaScript lends it. Nothing here draws, panics or
//! throws into the page.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

/// `JsValue` to `Value` and back.
pub mod convert;
/// `Core`, the class the shell drives.
#[cfg(not(feature = "studio"))]
pub mod core;
/// What the calls of the Studio's builds are given and throw.
#[cfg(feature = "studio")]
mod given;
/// The shell's `CoreHost`, typed.
#[cfg(not(feature = "studio"))]
pub mod host;
/// What the browser lends the engine.
pub mod platform;
/// JavaScript, called by name.
pub mod script;
/// What the page loads only to simulate.
#[cfg(feature = "simulator")]
pub mod simulator;
/// What the page loads only to check, replay and explain.
#[cfg(all(feature = "studio", not(feature = "simulator")))]
pub mod studio;
