//! Badges: marks of what was done, of one level or several, for one meter or each of its keys.

use super::Turn;
use crate::engine::base::document::{List, Part, Table};
use crate::engine::base::record::Named;
use crate::engine::base::text::digits;
use crate::engine::base::time::Time;
use crate::engine::base::value::{Map, Value};
use crate::engine::message::template::Text;
use crate::{document, record};

document! {
    /// A mark of what was done.
    pub struct Badge {
        /// Id.
        "id" id: &'a str,
        /// Its name in words.
        "label" label: Option<Text<'a>> = None,
        /// The meter that counts; none: it is only given, by a mission or a rule.
        "meter" meter: Option<&'a str> = None,
        /// The meter's values that make each level, growing; of a `since` meter durations such as `P1Y`. One level at 1 where
        /// none is named.
        "levels" levels: List<'a, &'a Value> = List::of(&Value::Null),
        /// Flags that a level, and those above it, open: level → names.
        "flags" flags: Table<'a, List<'a, &'a str>> = Table::of(&Value::Null),
        /// Not shown before it is earned.
        "hidden" hidden: bool = false,
    }
}

record! {
    /// What was earned of a badge.
    pub struct Earned {
        /// The level, of a badge without keys.
        "level" level: i64,
        /// Levels by key.
        "keys" keys: Named<i64>,
    }
}

/// Levels follow the meters, upwards only.
pub fn judge(_badges: &mut Named<Earned>, _turn: Turn) {}

/// Gives a badge its first level.
pub fn give(_badges: &mut Named<Earned>, _id: &str) {}

/// The next anniversary.
pub fn next(_badges: &Named<Earned>, _turn: Turn) -> Option<Time> {
    None
}

/// What the levels earned open: `{NAME: true}`.
pub fn flags(badges: &Named<Earned>, turn: Turn, flags: &mut Map) {
    for badge in turn.program.badges().iter() {
        let Some(earned) = badges.get(badge.id()) else { continue };
        let held = earned.keys.iter().map(|(_, level)| *level).fold(earned.level, i64::max);
        for (_, names) in badge.flags().iter().filter(|(level, _)| digits(level).is_some_and(|level| level <= held)) {
            names.iter().for_each(|flag| flags.set(flag, true));
        }
    }
}

/// `{ID: {level, value, target}}`, of a keyed badge `{ID: {KEY: {…}}}`.
pub fn progress(_badges: &Named<Earned>, _turn: Turn) -> Value {
    Map::new().into()
}
