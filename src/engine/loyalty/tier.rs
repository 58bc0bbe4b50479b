//! Tiers: ordered levels over a meter.

use super::time_value;
use crate::engine::base::document::List;
use crate::engine::base::time::Time;
use crate::engine::base::value::{Map, Value};
use crate::engine::message::template::Text;
use crate::{document, record, words};

document! {
    /// Ordered levels over a meter. Promotion is at once.
    pub struct Tier {
        /// The meter that counts.
        "meter" meter: &'a str,
        /// Lowest first; the first begins at 0.
        "levels" levels: List<'a, Level<'a>>,
        /// When a level is reached: `now`, at once.
        "promote" promote: Promote = Promote::Now,
        /// What happens when the meter falls under a level: `none` (kept) or `toMeter` (down at once).
        "demote" demote: Demote = Demote::ToMeter,
    }

    /// One level.
    pub struct Level {
        /// Id.
        "id" id: &'a str,
        /// Reached at this value of the meter.
        "min" min: i64,
        /// Its name in words.
        "label" label: Option<Text<'a>> = None,
    }
}

words! {
    /// Whether a level is lost when the meter falls under it.
    pub enum Demote {
        /// At once, to the level that the meter gives.
        "toMeter" ToMeter,
        /// Never.
        "none" Never,
    }
}

words! {
    /// When a level is reached.
    pub enum Promote {
        /// At once.
        "now" Now,
    }
}

record! {
    /// Where a shopper stands.
    pub struct Standing {
        /// Id of the level.
        "level" level: String,
        /// Since when; none for the level everyone begins in.
        "since" since: Option<Time>,
    }
}

impl<'a> Tier<'a> {
    /// The level that a value gives.
    fn reached(self, value: i64) -> usize {
        self.levels().iter().rposition(|level| level.min() <= value).unwrap_or(0)
    }

    /// The place of the level held; everyone begins in the first.
    fn index(self, standing: &Standing) -> usize {
        self.levels().iter().position(|level| level.id() == standing.level).unwrap_or(0)
    }

    /// Moves the standing to what the meter shows at this moment.
    pub fn judge(self, standing: &mut Standing, value: i64, at: Time) {
        let (held, reached) = (self.index(standing), self.reached(value));
        let level = if self.demote() == Demote::Never { held.max(reached) } else { reached };
        let Some(id) = self.levels().get(level).map(Level::id) else { return };
        if level != held {
            standing.since = Some(at);
        }
        standing.level = id.to_string();
    }

    /// The shape of contract.md section 3, `progress.tiers`; 100 percent only at the top.
    pub fn progress(self, standing: &Standing, value: i64) -> Value {
        let held = self.index(standing);
        let level = self.levels().get(held);
        let next = self.levels().get(held + 1);
        let target = next.map(Level::min);
        let remaining = target.map_or(0, |target| (target - value).max(0));
        let percent = match target {
            Some(target) if target > 0 => (value.clamp(0, i64::MAX / 100) * 100 / target).min(99),
            _ => 100,
        };
        Map::of([
            ("level", level.map(Level::id).into()),
            ("since", time_value(standing.since)),
            ("value", value.into()),
            ("target", target.into()),
            ("remaining", remaining.into()),
            ("percent", percent.into()),
            ("graceUntil", Value::Null),
            ("next", next.map(Level::id).into()),
        ])
        .into()
    }
}
