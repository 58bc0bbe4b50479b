//! Streaks: habits kept day after day in the shopper's zone.

use super::program::Prize;
use super::{Payout, Turn};
use crate::engine::base::document::{Part, Table};
use crate::engine::base::record::Named;
use crate::engine::base::time::{Span, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::message::template::Text;
use crate::engine::meter::Names;
use crate::{document, record, words};

document! {
    /// A habit.
    pub struct Streak {
        /// Id.
        "id" id: &'a str,
        /// Its name in words.
        "label" label: Option<Text<'a>> = None,
        /// The events that keep it.
        "on" on: Names<'a>,
        /// How often: `day`, `week` or `month`.
        "unit" unit: Unit = Unit::Day,
        /// Days that may be missed.
        "freeze" freeze: Option<Freeze<'a>> = None,
        /// So long after a missed day closed `streak_repaired` restores it.
        "repair" repair: Option<Span> = None,
        /// `user`: the shopper may pause it (`streak_paused`, `streak_resumed`).
        "pause" pause: Option<Pause> = None,
        /// What lengths pay, once a run: length → prize.
        "marks" marks: Table<'a, Prize<'a>> = Table::of(&Value::Null),
    }

    /// Days that may be missed.
    pub struct Freeze {
        /// At most so many are held.
        "max" max: i64,
        /// One is earned when the length reaches a multiple of this.
        "earnEvery" earn_every: Option<i64> = None,
        /// So many are held at the beginning.
        "initial" initial: i64 = 0,
    }
}

words! {
    /// How often a habit is kept.
    pub enum Unit {
        /// Each day.
        "day" Day,
        /// Each week.
        "week" Week,
        /// Each month.
        "month" Month,
    }
}

words! {
    /// Who may pause a streak.
    pub enum Pause {
        /// The shopper.
        "user" User,
    }
}

record! {
    /// A streak as it runs.
    pub struct Run {
        /// Its length.
        "length" length: i64,
        /// The longest ever.
        "best" best: i64,
        /// Freezes held.
        "freezes" freezes: i64,
    }
}

/// The habit may have been kept.
pub fn hear<'a>(_streaks: &mut Named<Run>, _turn: Turn<'a>, _won: &mut Vec<Payout<'a>>) {}

/// A day closes.
pub fn pass<'a>(_streaks: &mut Named<Run>, _turn: Turn<'a>, _won: &mut Vec<Payout<'a>>) {}

/// When the next day closes that can break one.
pub fn next(_streaks: &Named<Run>, _turn: Turn) -> Option<Time> {
    None
}

/// `{ID: {length, best, freezes, lastDay}}`.
pub fn progress(_streaks: &Named<Run>, _turn: Turn) -> Value {
    Map::new().into()
}
