//! What the host knows and the engine does not.

use super::base::value::Value;

/// One record of the host's log.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Its place in the log, growing.
    pub position: i64,
    /// The event line.
    pub line: Value,
    /// Whether it may be folded into the profile: false without consent to personalization. Consent lines always are.
    pub fold: bool,
    /// What the host found of a checkpoint: its payload where the signature is good, else why not, in a word. Never read from the
    /// line, which a page can write.
    pub proof: Value,
    /// Whether this tab has just said it: what it earns is told once, by the tab that said it.
    pub own: bool,
}

/// Something that happened outside.
#[derive(Clone, Debug)]
pub enum Input {
    /// Rows that were committed to the log; `unsent` is how many of them wait to be sent.
    Rows {
        /// In log order.
        rows: Vec<Row>,
        /// How many of them may be sent.
        unsent: u32,
    },
    /// The answer to [`super::effect::Effect::Recall`]: all rows that were asked for, in log order.
    Recalled(Vec<Row>),
    /// The page may go: what is known is to be kept.
    Keep,
    /// Facts the page knows, read as `context.*`, never stored.
    Context(Value),
    /// The page's language changed.
    Locale(String),
    /// A decision was acted upon: it keeps its id from here on.
    Decided(Box<super::Decision>),
    /// The answer to [`super::effect::Effect::Claim`].
    Claimed {
        /// The key that was claimed.
        key: String,
        /// Whether this tab won it.
        won: bool,
    },
    /// The interruptive message of this decision is off the page, or is not to come on it.
    Closed(String),
    /// The answer to [`super::effect::Effect::Send`].
    Replied(super::outbox::Reply),
    /// The host wants everything sent now.
    Flush,
    /// Time passed.
    Tick,
}
