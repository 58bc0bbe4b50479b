//! The few pure functions that the platform lends.

/// JavaScript's own in the wasm; `ryu-js`, `regress` and std natively. Pure: the same arguments give the same answer.
pub trait Host {
    /// The shortest decimal text that reads back as this finite number, as JavaScript's `String(number)`.
    fn number_to_text(&self, number: f64) -> String;
    /// What JavaScript's `Number(text)` reads; none where that is NaN.
    fn text_to_number(&self, text: &str) -> Option<f64>;
    /// Whether a JavaScript regular expression (flag `i` or none) matches somewhere in the subject; none where it is not valid.
    fn regex(&self, pattern: &str, subject: &str, insensitive: bool) -> Option<bool>;
    /// `toLowerCase`.
    fn lowercase(&self, text: &str) -> String;
    /// `toUpperCase`.
    fn uppercase(&self, text: &str) -> String;
    /// What JavaScript's `new URL(text, base)` reads; none where that throws.
    #[cfg(feature = "studio")]
    fn address(&self, text: &str, base: &str) -> Option<Address>;
}

/// The parts of an address, as JavaScript's `URL` names them.
#[cfg(feature = "studio")]
pub struct Address {
    /// All of it.
    pub href: String,
    /// Scheme, host and port; `null` where the scheme knows none.
    pub origin: String,
    /// Host and port.
    pub host: String,
    /// The path.
    pub pathname: String,
    /// The query with its `?`, or nothing.
    pub search: String,
    /// The fragment with its `#`, or nothing.
    pub hash: String,
}

/// Longest pattern and subject given to a host's regular expressions: its engine may backtrack.
pub const MAX_PATTERN: usize = 256;
/// See [`MAX_PATTERN`].
pub const MAX_SUBJECT: usize = 1024;
