//! The one error type: what the caller got wrong, where, and what to do.

/// A mistake in something the caller gave. `code` is stable, `message` is for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// A stable word, e.g. `unknown_key`.
    pub code: &'static str,
    /// JSON Pointer (RFC 6901) into what was given.
    pub path: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}: {}", self.code, if self.path.is_empty() { "/" } else { &self.path }, self.message)
    }
}

impl std::error::Error for Error {}
