//! Tiers: ordered levels over a meter.

use super::program::Rate;
use super::{Payout, Turn, time_value};
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, forms};
use crate::engine::base::document::{List, Part, Table};
use crate::engine::base::record::Named;
use crate::engine::base::time::{Span, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::message::template::Text;
use crate::{document, record, scalar, words};

document! {
    /// Ordered levels over a meter, or something that is bought for a term (`entitlement`).
    pub struct Tier {
        /// Its name in words.
        "label" label: Option<Text<'a>> = None,
        /// The meter that counts.
        "meter" meter: &'a str = "",
        /// Lowest first; the first begins at 0.
        "levels" levels: List<'a, Level<'a>> = List::of(&Value::Null),
        /// When a level is reached: `now`, at once.
        "promote" promote: Promote = Promote::Now,
        /// How long a level that was reached holds: `endOfPeriod` or `endOfNextPeriod` of the meter's window, or a duration.
        "until" until: Option<Until> = None,
        /// The share of a level's `min` that keeps it.
        "keep" keep: Rate = Rate(1, 1),
        /// How long a shopper who lacks it has to make it up.
        "grace" grace: Option<Span> = None,
        /// What happens when the meter falls under a level: `none` (kept), `one` (a level down), `toMeter` (to what it shows), or
        /// an object that says when, too.
        "demote" demote: Demotion<'a> = Demotion(&Value::Null),
        /// What happens without any visit: `[["P180D", "one"], ["P365D", "reset"]]`.
        "idle" idle: List<'a, Idle> = List::of(&Value::Null),
        /// What a refund of an order that made the level does: `recheck` or `review`.
        "onRefund" on_refund: Option<OnRefund> = None,
        /// How often a level's `entry` is given: `always`, or `oncePer:P12M`.
        "entryReward" entry_reward: EntryReward = EntryReward::Always,
        /// What a member costs and brings.
        "econ" econ: Option<Econ<'a>> = None,
        /// The name of what is bought: events that carry it as `entitlement` begin it.
        "entitlement" entitlement: Option<&'a str> = None,
        /// How long it lasts.
        "term" term: Option<Span> = None,
    }

    /// One level.
    pub struct Level {
        /// Id.
        "id" id: &'a str,
        /// Reached at this value of the meter.
        "min" min: i64,
        /// Its name in words.
        "label" label: Option<Text<'a>> = None,
        /// Numbers the shop reads.
        "params" params: Table<'a, &'a Value> = Table::of(&Value::Null),
        /// What it opens.
        "flags" flags: List<'a, &'a str> = List::of(&Value::Null),
        /// The reward for reaching it.
        "entry" entry: Option<&'a str> = None,
    }

    /// The long form of a demotion.
    pub struct DemotionTerms {
        /// `one` level down, or `toMeter`.
        "steps" steps: Demote = Demote::ToMeter,
        /// When it takes effect: `monthStart`.
        "on" on: Option<DemoteOn> = None,
        /// How long before it the shopper is told.
        "notice" notice: Option<Span> = None,
        /// `exposure`: only once the shopper has seen the notice, that is a campaign that reads `loyalty.tiers.ID.notice`.
        "needs" needs: Option<&'a str> = None,
    }

    /// What a member costs and brings, in minor units: meter `margin` less `service` less meter `rewards`.
    pub struct Econ {
        /// What serving a member costs.
        "service" service: i64,
        /// Perks are withheld below this.
        "minNet" min_net: i64 = 0,
        /// The meter of what the member brings.
        "margin" margin: &'a str = "margin",
        /// The meter of what rewards cost.
        "rewards" rewards: &'a str = "rewards",
        /// The flags that are withheld; all where none are named.
        "perks" perks: List<'a, &'a str> = List::of(&Value::Null),
    }
}

/// What happens when the meter falls under a level.
#[derive(Clone, Copy)]
pub struct Demotion<'a>(&'a Value);

impl<'a> Demotion<'a> {
    /// How far down.
    pub fn steps(self) -> Demote {
        if self.0.text().is_some() { Demote::of(self.0) } else { DemotionTerms(self.0).steps() }
    }

    /// When, and after what; none: at once.
    pub fn terms(self) -> Option<DemotionTerms<'a>> {
        self.0.map().is_some().then_some(DemotionTerms(self.0))
    }
}

impl<'a> Part<'a> for Demotion<'a> {
    fn of(value: &'a Value) -> Self {
        Demotion(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        match value {
            Value::Map(_) => DemotionTerms::check(value, check),
            value => Demote::check(value, check),
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        forms(vec![Demote::schema(defs), DemotionTerms::schema(defs)])
    }
}

words! {
    /// How far down.
    pub enum Demote {
        /// To the level that the meter gives.
        "toMeter" ToMeter,
        /// Never.
        "none" Never,
        /// One level.
        "one" One,
    }
}

words! {
    /// When a demotion takes effect.
    pub enum DemoteOn {
        /// On the first of a month.
        "monthStart" MonthStart,
    }
}

words! {
    /// When a level is reached.
    pub enum Promote {
        /// At once.
        "now" Now,
    }
}

words! {
    /// What a refund of an order that made the level does.
    pub enum OnRefund {
        /// The level is judged again at once.
        "recheck" Recheck,
        /// It stays, marked for a person to look at.
        "review" Review,
    }
}

/// How long a level holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// To the end of the period in which it was reached.
    EndOfPeriod,
    /// To the end of the one after.
    EndOfNextPeriod,
    /// So long.
    After(Span),
}

scalar!(
    Until,
    "endOfPeriod, endOfNextPeriod or a duration",
    [("type", "string")],
    |value| match value.text() {
        Some("endOfPeriod") => Some(Until::EndOfPeriod),
        Some("endOfNextPeriod") => Some(Until::EndOfNextPeriod),
        Some(text) => Span::parse(text).map(Until::After),
        None => None,
    },
    Until::EndOfNextPeriod
);

/// How often a level's `entry` is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryReward {
    /// Each time it is reached.
    Always,
    /// Once in this time.
    OncePer(Span),
}

scalar!(
    EntryReward,
    "always, or oncePer:P12M",
    [("type", "string")],
    |value| match value.text() {
        Some("always") => Some(EntryReward::Always),
        Some(text) => text.strip_prefix("oncePer:").and_then(Span::parse).map(EntryReward::OncePer),
        None => None,
    },
    EntryReward::Always
);

/// What happens after so long without a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle {
    /// So long.
    pub after: Span,
    /// To the first level; else one down.
    pub reset: bool,
}

scalar!(
    Idle,
    "[duration, one or reset]",
    [("type", "array")],
    |value| match value.list() {
        [Value::Text(after), Value::Text(what)] if what == "one" || what == "reset" => {
            Span::parse(after).map(|after| Idle { after, reset: what == "reset" })
        }
        _ => None,
    },
    Idle { after: Span { days: 366_000, ..Span::default() }, reset: false }
);

record! {
    /// Where a shopper stands.
    pub struct Standing {
        /// Id of the level.
        "level" level: String,
        /// Since when; none for the level everyone begins in.
        "since" since: Option<Time>,
    }
}

impl Standing {
    /// Begins at a level that a server vouches for.
    pub fn restart(&mut self, level: &str, since: Option<Time>) {
        if (self.level.as_str(), self.since) != (level, since) {
            *self = Standing { level: level.to_string(), since, ..Standing::default() };
        }
    }
}

impl<'a> Tier<'a> {
    /// The level that a value gives.
    fn reached(self, value: i64) -> usize {
        self.levels().iter().rposition(|level| level.min() <= value).unwrap_or(0)
    }

    /// The place of the level held; everyone begins in the first.
    pub fn index(self, standing: &Standing) -> usize {
        self.levels().iter().position(|level| level.id() == standing.level).unwrap_or(0)
    }

    /// Moves the standing to what the meter shows at this moment.
    fn judge(self, standing: &mut Standing, value: i64, at: Time) {
        let (held, reached) = (self.index(standing), self.reached(value));
        let level = if self.demote().steps() == Demote::Never { held.max(reached) } else { reached };
        let Some(id) = self.levels().get(level).map(Level::id) else { return };
        if level != held {
            standing.since = Some(at);
        }
        standing.level = id.to_string();
    }

    /// The shape of contract.md section 3, `progress.tiers`; 100 percent only at the top.
    fn progress(self, standing: &Standing, value: i64) -> Value {
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

/// Levels follow their meters.
pub fn judge<'a>(standings: &mut Named<Standing>, turn: Turn<'a>, _won: &mut Vec<Payout<'a>>) {
    for (id, tier) in turn.program.tiers().iter() {
        tier.judge(standings.entry(id), turn.meter(tier.meter()), turn.at);
    }
}

/// When a level may next fall.
pub fn next(_standings: &Named<Standing>, turn: Turn) -> Option<Time> {
    let today = turn.house.zones.day(turn.house.zone, turn.at);
    let leaves = turn.program.tiers().iter().filter_map(|(_, tier)| {
        let day = turn.meters.get(tier.meter())?.leaves(turn.counts.get(tier.meter())?, today)?;
        Some(turn.house.zones.midnight(turn.house.zone, day))
    });
    leaves.filter(|falls| *falls > turn.at).min()
}

/// `{ID: {level, since, value, target, remaining, percent, graceUntil, next}}`.
pub fn progress(standings: &Named<Standing>, turn: Turn) -> Value {
    let (mut all, beginner) = (Map::new(), Standing::default());
    for (id, tier) in turn.program.tiers().iter() {
        all.append(id, tier.progress(standings.get(id).unwrap_or(&beginner), turn.meter(tier.meter())));
    }
    all.into()
}
