//! What the host must do.

use super::Decision;
use super::base::time::Time;
use super::base::value::Value;

/// Something the host must do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Try to win this key against all other tabs; answer with `Input::Claimed`.
    Claim(String),
    /// Show an interruptive message.
    Show(Decision),
    /// Take the open interruptive message away.
    Hide,
    /// Keep this snapshot. The rows up to this log position are needed no more.
    Save {
        /// What to keep.
        snapshot: Value,
        /// Log position.
        covered: i64,
    },
    /// Read the rows of the log between two positions again; answer with `Input::Recalled`.
    Recall {
        /// The rows after this one,
        after: i64,
        /// up to and with this one.
        upto: i64,
    },
    /// Post up to so many unsent rows; answer with `Input::Replied`.
    Send(u32),
    /// Move the first unsent row to the dead letters.
    Bury(&'static str),
    /// Send `Input::Tick` at this time; replaces earlier wishes.
    Wake(Time),
    /// Profile, progress or decisions may have changed.
    Changed,
    /// A row was not understood; it is in the log, and goes out, but moves nothing.
    Refused(super::error::Error),
}
