//! Messages: typed blocks, templates, Korean particles.

pub mod view;
