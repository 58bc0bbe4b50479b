//! Redemptions: points that are used, held until a server answers, or given back.

use super::{Loyalty, Turn};
use crate::engine::base::time::Time;
use crate::record;

record! {
    /// Points that were used.
    pub struct Redemption {
        /// When.
        "at" at: Time,
    }
}

/// Points may have been used or given back.
pub fn hear(_loyalty: &mut Loyalty, _turn: Turn) {}
