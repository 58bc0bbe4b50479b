//! Badges: marks of what was done, of one level or several, for one meter or each of its keys.

use super::{Tell, Turn};
use crate::engine::base::document::{List, Part, Table};
use crate::engine::base::record::Named;
use crate::engine::base::text::digits;
use crate::engine::base::time::{DAY, Ends, Span, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::message::template::Text;
use crate::engine::meter::Meter;
use crate::engine::signal::id_text;
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
        /// Not shown before it is earned: till then `progress` says `hidden`.
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

impl<'a> Badge<'a> {
    /// How many levels there are.
    fn count(self) -> usize {
        self.levels().iter().count().max(1)
    }

    /// The value that makes a level, counted from 0; of an instant the days from its date to the anniversary.
    fn threshold(self, level: usize, since: Option<Time>, turn: Turn) -> Option<i64> {
        match self.levels().get(level) {
            None => (level < self.count()).then_some(1),
            Some(Value::Text(span)) => {
                let span = Span::parse(span)?;
                let Some(since) = since else { return Some(span.nominal() / DAY) };
                Some(days(since, anniversary(since, span, turn), turn))
            }
            Some(value) => value.integer(),
        }
    }

    /// The level that a value makes.
    fn reached(self, value: i64) -> i64 {
        let levels = (0..self.count()).take_while(|level| match self.levels().get(*level) {
            None => value >= 1,
            Some(least) => least.integer().is_some_and(|least| value >= least),
        });
        levels.count() as i64
    }

    /// The anniversaries that make its levels.
    fn anniversaries(self, since: Time, turn: Turn<'a>) -> impl Iterator<Item = Time> {
        let spans = self.levels().iter().filter_map(|level| Span::parse(level.text()?));
        spans.map(move |span| anniversary(since, span, turn))
    }

    /// The instant its meter shows, if it shows one.
    fn since(self, turn: Turn) -> Option<Time> {
        let meter = self.meter().filter(|meter| turn.meters.get(meter).is_some_and(Meter::is_instant))?;
        turn.meter_value(meter).integer().map(Time)
    }

    /// Each key that counts something now, and those that were earned.
    fn keyed(self, earned: &Earned, (id, meter): (&str, Meter), turn: Turn) -> Value {
        let mut lines = Map::new();
        let mut add = |key: &str, value| {
            let level = earned.keys.get(key).copied().unwrap_or(0);
            if lines.get(key).is_none() {
                lines.sorted(key, self.line(level, value, None, turn));
            }
        };
        meter.by_key(turn.counts.get(id), turn.at, turn.house, &mut add);
        earned.keys.iter().for_each(|(key, _)| add(key, 0));
        lines.into()
    }

    fn line(self, level: i64, value: i64, since: Option<Time>, turn: Turn) -> Value {
        let target = usize::try_from(level).ok().and_then(|level| self.threshold(level, since, turn));
        let mut line = Map::of([("level", level.into()), ("value", value.into()), ("target", target.into())]);
        if self.hidden() && level == 0 {
            line.append("hidden", true.into());
        }
        line.into()
    }
}

/// 00:00 of the date so much later: 29 February is observed on the 28th in common years.
fn anniversary(since: Time, span: Span, turn: Turn) -> Time {
    turn.house.zones.add(turn.home, since, span, Ends::Wait)
}

/// Days from date to date.
fn days(from: Time, to: Time, turn: Turn) -> i64 {
    let day = |at| i64::from(turn.house.zones.day(turn.home, at).0);
    day(to) - day(from)
}

/// Levels follow the meters, upwards only.
pub fn judge(badges: &mut Named<Earned>, turn: Turn) {
    for badge in turn.program.badges().iter() {
        let Some((id, meter)) = badge.meter().and_then(|id| Some((id, turn.meters.get(id)?))) else { continue };
        let counts = turn.counts.get(id);
        if let Some(by) = meter.by() {
            // A signal counts for its own key; time, or a new program, may be about any.
            let told = turn.signal.map(|signal| id_text(signal.properties.at(by)));
            let heard = |key: &str| told.as_ref().is_none_or(|told| told.as_deref() == Some(key));
            meter.by_key(counts, turn.at, turn.house, &mut |key, value| {
                let level = if heard(key) { badge.reached(value) } else { 0 };
                if level > 0 {
                    let held = badges.entry(badge.id()).keys.entry(key);
                    *held = level.max(*held);
                }
            });
            continue;
        }
        let level = match meter.is_instant() {
            true => badge
                .since(turn)
                .map_or(0, |since| badge.anniversaries(since, turn).filter(|due| *due <= turn.at).count() as i64),
            false => badge.reached(turn.meter(id)),
        };
        if level > 0 {
            let held = &mut badges.entry(badge.id()).level;
            *held = level.max(*held);
        }
    }
}

/// Gives a badge its first level.
pub fn give(badges: &mut Named<Earned>, id: &str) {
    let held = &mut badges.entry(id).level;
    *held = 1.max(*held);
}

/// The next anniversary.
pub fn next(turn: Turn, tell: Tell) {
    for badge in turn.program.badges().iter() {
        if let Some(since) = badge.since(turn) {
            badge.anniversaries(since, turn).for_each(&mut *tell);
        }
    }
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
pub fn progress(badges: &Named<Earned>, turn: Turn) -> Value {
    let (mut all, nothing) = (Map::new(), Earned::default());
    for badge in turn.program.badges().iter() {
        let earned = badges.get(badge.id()).unwrap_or(&nothing);
        let meter = badge.meter().and_then(|id| Some((id, turn.meters.get(id)?)));
        if let Some(meter) = meter.filter(|(_, meter)| meter.by().is_some()) {
            all.append(badge.id(), badge.keyed(earned, meter, turn));
        } else {
            let since = badge.since(turn);
            let value = match meter {
                Some((_, meter)) if meter.is_instant() => since.map_or(0, |since| days(since, turn.at, turn)),
                Some((id, _)) => turn.meter(id),
                None => earned.level,
            };
            all.append(badge.id(), badge.line(earned.level, value, since, turn));
        }
    }
    all.into()
}
