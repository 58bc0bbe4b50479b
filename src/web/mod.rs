//! The browser's side: one file per browser API.
