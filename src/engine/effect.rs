//! What the host must do.

use super::Decision;
use super::base::time::Time;
use super::base::value::{Map, Value};

/// Something the host must do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Try to win this key against all other tabs; answer with `Input::Claimed`.
    Claim(String),
    /// Append an event of danbi's own to the log: its name and properties. A decision was opened, or what shows nothing would have
    /// been seen.
    Emit(&'static str, Map),
    /// Show an interruptive message.
    Show(Box<Decision>),
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
    /// Post unsent rows; answer with `Input::Replied`.
    Send {
        /// At most so many.
        limit: u32,
        /// What happened before is not sent any more: it goes to the dead letters, reason `expired`.
        since: Time,
    },
    /// Move the unsent row at this log position, if it is still there, to the dead letters.
    Bury {
        /// Log position as the host gave it: what stands beside the log has a broken number.
        position: f64,
        /// Why no server takes it.
        reason: &'static str,
    },
    /// If more than this waits: drop rows, the lowest [`rank`](super::outbox::rank) and of that the oldest first, until at most nine
    /// tenths of it are left, so that each loss that is told stands for many, and append how many were lost.
    Shed {
        /// Rows that may wait.
        rows: u32,
        /// Bytes that may wait.
        bytes: u32,
    },
    /// Send `Input::Tick` at this time; replaces earlier wishes.
    Wake(Time),
    /// Something followed from what this tab has said: `{id, at, event, …}` with `grant`, the name under which it goes out as an
    /// event of danbi's own, or with `hook`, of which the page is told.
    Tell(Map),
    /// Profile, progress or decisions may have changed.
    Changed,
    /// A row was not understood; it is in the log, and goes out, but moves nothing.
    Refused(super::error::Error),
}
