#![doc = include_str!("../README.md")]

pub mod engine;

#[cfg(feature = "cli")]
pub mod cli;

#[cfg(target_arch = "wasm32")]
pub mod web;
