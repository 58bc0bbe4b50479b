//! Boards, budgets and stock: what only a server can know, from its snapshots.

use super::Turn;
use super::program::Per;
use crate::engine::base::record::Named;
use crate::engine::base::time::Time;
use crate::engine::base::value::{Map, Value};
use crate::{document, record};

document! {
    /// A ranking.
    pub struct Board {
        /// Id.
        "id" id: &'a str,
        /// The meter that is compared.
        "meter" meter: &'a str,
        /// Who is compared: `friends` or `all`.
        "scope" scope: &'a str = "all",
        /// The one zone whose periods count.
        "tz" tz: Option<&'a str> = None,
        /// So many are shown.
        "top" top: Option<i64> = None,
        /// Who is among them at the end of each stays there for ever.
        "freeze" freeze: Option<Per> = None,
    }
}

record! {
    /// What a server said.
    pub struct Snapshots {
        /// When.
        "at" at: Option<Time>,
        /// How many of a reward there are.
        "stock" stock: Named<i64>,
    }
}

/// A snapshot may have come.
pub fn hear(snapshots: &mut Snapshots, turn: Turn) {
    if turn.event() == "danbi_snapshot" {
        for (reward, count) in turn.property("stock").map().into_iter().flat_map(Map::iter) {
            *snapshots.stock.entry(reward) = count.integer().unwrap_or(0);
        }
    }
}

/// How many of a reward there are; none: nobody said.
pub fn stock(snapshots: &Snapshots, reward: &str) -> Option<i64> {
    snapshots.stock.get(reward).copied()
}

/// `{ID: {rank, value, entries: [{user, value, rank}]}}`.
pub fn progress(_snapshots: &Snapshots, _turn: Turn) -> Value {
    Map::new().into()
}
