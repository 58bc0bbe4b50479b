//! Tiers: ordered levels over a meter.

use super::time_value;
use crate::engine::base::document::Named;
use crate::engine::base::time::Time;
use crate::engine::base::value::{Map, Value};
use crate::engine::document;
use crate::engine::message::template::Text;

document! {
    /// Ordered levels over a meter. Promotion is at once.
    pub struct Tier {
        /// The meter that counts.
        "meter" meter: String,
        /// Lowest first; the first begins at 0.
        "levels" levels: Vec<Level>,
        /// Whether a level is lost when the meter falls under it.
        "demote" demote: Demote = Demote::ToMeter,
    }

    /// One level.
    pub struct Level {
        /// Id.
        "id" id: String,
        /// Reached at this value of the meter.
        "min" min: i64,
        /// Its name in words.
        "label" label: Option<Text> = None,
    }

    /// Whether a level is lost when the meter falls under it.
    #[derive(Copy, PartialEq)]
    pub enum Demote {
        /// Never.
        "none" Never,
        /// At once, to the level that the meter gives.
        "toMeter" ToMeter,
    }

    /// Where a shopper stands.
    pub struct Standing {
        /// Id of the level.
        "level" level: String = String::new(),
        /// Since when; none for the level everyone begins in.
        "since" since: Option<Time> = None,
    }
}

impl Tier {
    /// The level that a value gives.
    fn reached(&self, value: i64) -> usize {
        self.levels.iter().rposition(|level| level.min <= value).unwrap_or(0)
    }

    fn index(&self, standing: &Standing) -> usize {
        self.levels.iter().position(|level| level.id == standing.level).unwrap_or(0)
    }

    /// Moves the standing to what the meter shows at this moment.
    pub fn judge(&self, standing: &mut Standing, value: i64, at: Time) {
        let (held, reached) = (self.index(standing), self.reached(value));
        let level = if self.demote == Demote::Never { held.max(reached) } else { reached };
        let Some(id) = self.levels.get(level).map(|level| &level.id) else { return };
        if level != held {
            standing.since = Some(at);
        }
        standing.level.clone_from(id);
    }

    /// The shape of contract.md section 3, `progress.tiers`; 100 percent only at the top.
    pub fn progress(&self, standing: &Standing, value: i64) -> Value {
        let held = self.index(standing);
        let level = self.levels.get(held);
        let next = self.levels.get(held + 1);
        let target = next.map(|level| level.min);
        let remaining = target.map_or(0, |target| (target - value).max(0));
        let percent = match target {
            Some(target) if target > 0 => (i128::from(value.max(0)) * 100 / i128::from(target)).min(99) as i64,
            _ => 100,
        };
        Map::new()
            .with("level", level.map(|level| level.id.clone()))
            .with("since", time_value(standing.since))
            .with("value", value)
            .with("target", target)
            .with("remaining", remaining)
            .with("percent", percent)
            .with("graceUntil", Value::Null)
            .with("next", next.map(|level| level.id.clone()))
            .into()
    }
}

/// Everyone begins in the first level.
pub fn begin(tiers: &Named<Tier>, standings: &mut Named<Standing>) {
    for (id, tier) in tiers.iter() {
        let standing = standings.entry(id);
        if standing.level.is_empty() {
            standing.level = tier.levels.first().map(|level| level.id.clone()).unwrap_or_default();
        }
    }
}
