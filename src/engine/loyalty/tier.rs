//! Tiers: ordered levels over a meter.

use super::program::{Prize, Rate};
use super::{Payout, Tell, Turn, time_value};
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, forms};
use crate::engine::base::document::{List, Part, Table};
use crate::engine::base::record::Named;
use crate::engine::base::text::join;
use crate::engine::base::time::{Day, Ends, Span, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::message::template::Text;
use crate::engine::meter::{Meter, Window};
use crate::engine::signal::{Kind, Signal};
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
        /// Id of the level; of something that is bought its name while it lasts.
        "level" level: String,
        /// Since when; none for the level everyone begins in.
        "since" since: Option<Time>,
        /// Before this the meter takes nothing away; of something that is bought its end.
        "until" until: Option<Time>,
        /// When the level goes unless what it lacks is made up: the end of grace, or the first of a month.
        "due" due: Option<Time>,
        /// With `due`: what the period that was judged gave, less all that the meter had counted by then.
        "offset" offset: i64,
        /// What the meter showed when it was last looked at.
        "seen" seen: i64,
        /// Whether the shopper saw the notice that is on.
        "told" told: bool,
        /// How the levels held were reached, lowest first.
        "climbs" climbs: Vec<Climb>,
        /// When each level's entry reward was last given.
        "entries" entries: Named<Time>,
        /// The last visit.
        "visit" visit: Option<Time>,
        /// How many of the steps of `idle` were taken since.
        "idle" idle: i64,
        /// Where the meter began anew.
        "restart" restart: Option<Restart>,
        /// Whether a person should look at the level: refunds took what made it.
        "review" review: bool,
    }

    /// How a level was reached.
    pub struct Climb {
        /// The level.
        "level" level: String,
        /// When.
        "at" at: Time,
        /// The one held before, id.
        "from" from: String,
    }

    /// Where a meter began anew.
    pub struct Restart {
        /// When.
        "at" at: Time,
        /// What it had counted by then, of a window on that day.
        "less" less: i64,
    }
}

impl Standing {
    /// Begins at a level that a server vouches for.
    pub fn restart(&mut self, level: &str, since: Option<Time>, until: Option<Time>) {
        if (self.level.as_str(), self.since) != (level, since) {
            let (visit, idle, entries) = (self.visit, self.idle, std::mem::take(&mut self.entries));
            *self = Standing { level: level.to_string(), since, visit, idle, entries, ..Standing::default() };
        }
        self.until = until.or(self.until);
    }
}

/// What the meter of a life never ends: the last instant that can be written.
const FOREVER: Time = Time(253_402_300_799_999);

/// A drop to come.
struct Notice {
    /// When.
    at: Time,
    /// To which level.
    level: usize,
    /// What would prevent it.
    remaining: i64,
}

/// An entry reward that is taken back: which, and when it was given.
pub struct Revoked<'a> {
    /// The reward.
    pub reward: &'a str,
    /// When it was given.
    pub at: Time,
}

/// One tier at a moment, and the meter it goes by.
#[derive(Clone, Copy)]
struct Scale<'a> {
    tier: Tier<'a>,
    meter: Option<Meter<'a>>,
    turn: Turn<'a>,
}

impl<'a> Scale<'a> {
    fn of(tier: Tier<'a>, turn: Turn<'a>) -> Scale<'a> {
        Scale { tier, meter: turn.meters.get(tier.meter()), turn }
    }

    /// The level that a value gives.
    fn reached(self, value: i64) -> usize {
        self.tier.levels().iter().rposition(|level| level.min() <= value).unwrap_or(0)
    }

    /// The place of a level; everyone begins in the first.
    fn index(self, level: &str) -> usize {
        self.tier.levels().iter().position(|known| known.id() == level).unwrap_or(0)
    }

    fn min(self, level: usize) -> i64 {
        self.tier.levels().get(level).map_or(0, Level::min)
    }

    /// What a level that is held still needs at this value: `keep` of its `min`, rounded up.
    fn lacks(self, level: usize, value: i64) -> i64 {
        let Rate(numerator, denominator) = self.tier.keep();
        let wanted = i128::from(self.min(level)) * i128::from(numerator);
        let denominator = i128::from(denominator.max(1));
        let least = (wanted + denominator - 1) / denominator;
        i64::try_from(least - i128::from(value)).unwrap_or(i64::MAX).max(0)
    }

    fn window(self) -> Window {
        self.meter.map_or(Window::Life, Meter::window)
    }

    /// The date in the house's zone, by which meters count.
    fn day(self, at: Time) -> Day {
        self.turn.house.zones.day(self.turn.house.zone, at)
    }

    fn midnight(self, day: Day) -> Time {
        self.turn.house.zones.midnight(self.turn.house.zone, day)
    }

    /// What the meter counts from a day on, since it last began anew.
    fn counted(self, standing: &Standing, from: Option<Day>) -> i64 {
        let counts = self.turn.counts.get(self.tier.meter());
        let total = |from| self.meter.map_or(0, |meter| meter.counted(counts, from));
        match &standing.restart {
            Some(restart) if from.is_none_or(|from| from <= self.day(restart.at)) => {
                total(from.map(|_| self.day(restart.at))).saturating_sub(restart.less)
            }
            _ => total(from),
        }
    }

    /// What the meter shows on a day, as far as is known by now.
    fn value_on(self, standing: &Standing, day: Day) -> i64 {
        self.counted(standing, self.window().first(day))
    }

    fn value(self, standing: &Standing) -> i64 {
        self.value_on(standing, self.day(self.turn.at))
    }

    /// The end of the meter's period around an instant.
    fn period_end(self, at: Time) -> Time {
        self.window().ends(self.day(at)).map_or(FOREVER, |day| self.midnight(day))
    }

    /// The end of the period after the one that ends then.
    fn following(self, end: Time) -> Time {
        match self.tier.until() {
            _ if end >= FOREVER => FOREVER,
            // From date to date: the last good day is the one before.
            Some(Until::After(span)) if span.is_exact() => end.plus(span.exact),
            Some(Until::After(span)) => self.validity(end.plus(-1), span),
            _ => self.period_end(end),
        }
    }

    fn validity(self, from: Time, span: Span) -> Time {
        self.turn.house.zones.add(self.turn.home, from, span, Ends::Validity)
    }

    /// The long form of the demotion, where it waits for the first of a month.
    fn terms(self) -> Option<DemotionTerms<'a>> {
        self.tier.demote().terms().filter(|terms| terms.on().is_some())
    }

    /// Whether a level is judged when its validity ends, not as the meter falls: what a calendar period gave shows at its end.
    fn is_judged_at_end(self) -> bool {
        let tier = self.tier;
        let patient = tier.grace().is_some()
            || tier.keep() != Rate(1, 1)
            || tier.demote().steps() == Demote::One
            || self.terms().is_some();
        tier.until().is_some() || patient && matches!(self.window(), Window::Month | Window::Year)
    }

    /// Through when a level holds that was reached then; none: as long as the meter shows it.
    fn holds_until(self, reached: Time) -> Option<Time> {
        match self.tier.until() {
            Some(Until::After(span)) => Some(self.validity(reached, span)),
            Some(Until::EndOfNextPeriod) => Some(self.following(self.period_end(reached))),
            _ => self.is_judged_at_end().then(|| self.period_end(reached)),
        }
    }

    /// The first of a month, at or after an instant.
    fn month_start(self, from: Time) -> Time {
        let day = self.day(from);
        let first = Window::Month.first(day).unwrap_or(day);
        let begins = self.midnight(first);
        if begins >= from { begins } else { self.midnight(first.plus_months(1)) }
    }

    /// The firsts of months to come that are announced before the next month begins, when it is asked again; the next always.
    fn months(self, standing: &Standing, terms: DemotionTerms<'a>) -> impl Iterator<Item = Time> {
        let after = self.turn.at.plus(1);
        let (first, limit) = (self.month_start(standing.until.unwrap_or(after).max(after)), self.month_start(after));
        let (months, served) = (0.., self.month_start(self.served(terms)));
        let months = months.map(move |months| self.midnight(self.day(first).plus_months(months)));
        months.take_while(move |month| *month == first || *month <= served || self.announced(*month, terms) <= limit)
    }

    /// When a notice that is given now has been given long enough: it runs in full, or until the shopper has seen it.
    fn served(self, terms: DemotionTerms) -> Time {
        match (terms.needs(), terms.notice()) {
            (None, Some(notice)) => self.turn.house.zones.add(self.turn.house.zone, self.turn.at, notice, Ends::Wait),
            _ => self.turn.at,
        }
    }

    /// When the level goes by what is known at this moment, and is announced now: where a fall could be foreseen the notice has
    /// begun, and what could not be foreseen is announced at once.
    fn foreseen(self, standing: &Standing, held: usize, terms: DemotionTerms<'a>) -> Option<Time> {
        let falls = |month: &Time| self.lacks(held, self.value_on(standing, self.day(*month))) > 0;
        let month = self.months(standing, terms).find(|month| *month >= self.served(terms) && falls(month));
        month
            .filter(|month| self.announced(*month, terms) <= self.turn.at || self.lacks(held, self.value(standing)) > 0)
    }

    /// When a drop is announced.
    fn announced(self, drop: Time, terms: DemotionTerms) -> Time {
        self.turn.house.zones.before(self.turn.house.zone, drop, terms.notice().unwrap_or_default())
    }

    /// The level after a drop at this value.
    fn below(self, held: usize, value: i64) -> usize {
        match self.tier.demote().steps() {
            Demote::ToMeter => self.reached(value).min(held.saturating_sub(1)),
            _ => held.saturating_sub(1),
        }
    }

    /// What the level is judged by while it is due.
    fn judged(self, standing: &Standing) -> i64 {
        if self.is_judged_at_end() {
            return self.counted(standing, None).saturating_add(standing.offset);
        }
        let month = self.due(standing).filter(|due| self.terms().is_some() && *due > self.turn.at);
        self.value_on(standing, self.day(month.unwrap_or(self.turn.at)))
    }

    /// The value of the period that ends then.
    fn given(self, standing: &Standing, end: Time) -> i64 {
        self.value_on(standing, self.day(end.plus(-1)))
    }

    /// The drop that is announced.
    fn notice(self, standing: &Standing) -> Option<Notice> {
        let (held, value) = (self.index(&standing.level), self.judged(standing));
        let remaining = self.lacks(held, value);
        let at = self.due(standing).filter(|_| remaining > 0)?;
        Some(Notice { at, level: self.below(held, value), remaining })
    }

    /// Whether the shopper has yet to see the notice.
    fn is_untold(self, standing: &Standing) -> bool {
        self.terms().is_some_and(|terms| terms.needs() == Some("exposure")) && !standing.told
    }

    /// When the level goes: as long as its notice was not seen, on the next first of a month that comes.
    fn due(self, standing: &Standing) -> Option<Time> {
        let waits = |due: &Time| *due <= self.turn.at && self.is_untold(standing);
        standing.due.map(|due| if waits(&due) { self.month_start(self.turn.at.plus(1)) } else { due })
    }

    /// Moves the standing to a level.
    fn set(self, standing: &mut Standing, level: usize) {
        let id = self.tier.levels().get(level).map_or("", Level::id);
        standing.climbs.retain(|climb| self.index(&climb.level) <= level);
        (standing.level, standing.since) = (id.to_string(), Some(self.turn.at));
        (standing.due, standing.told, standing.review) = (None, false, false);
    }

    /// Moves the standing down; what is held then is valid to the end of the running period.
    fn drop(self, standing: &mut Standing, level: usize) {
        self.set(standing, level);
        standing.until = (level > 0 && self.is_judged_at_end()).then(|| self.period_end(self.turn.at));
    }

    /// Moves the standing up, past each level on the way.
    fn climb(self, id: &str, standing: &mut Standing, to: usize, won: &mut Vec<Payout<'a>>) {
        let (held, at) = (self.index(&standing.level), self.turn.at);
        let from = self.tier.levels().get(held).map_or("", Level::id);
        self.set(standing, to);
        for level in self.tier.levels().iter().take(to + 1).skip(held + 1) {
            standing.climbs.push(Climb { level: level.id().to_string(), at, from: from.to_string() });
            let given = standing.entries.get(level.id());
            let again = given.is_none_or(|given| match self.tier.entry_reward() {
                EntryReward::Always => true,
                EntryReward::OncePer(span) => self.turn.house.zones.add(self.turn.home, *given, span, Ends::Wait) <= at,
            });
            if level.entry().is_some() && again {
                *standing.entries.entry(level.id()) = at;
                let source = join(&[id, ".", level.id()]);
                won.push(Payout { source, prize: Prize::of(level.0.field("entry")) });
            }
        }
        standing.until = self.holds_until(at);
    }

    /// What the orders of the period in which a level was reached give, less their refunds.
    fn ordered(self, standing: &Standing, reached: Time) -> i64 {
        let day = self.day(reached);
        let mut from = self.window().first(day).map_or(Time(i64::MIN), |day| self.midnight(day));
        if let Some(restart) = standing.restart.as_ref().filter(|restart| restart.at <= reached) {
            from = from.max(restart.at);
        }
        let to = match self.window() {
            Window::Trailing(_) => self.midnight(day.plus(1)),
            _ => self.period_end(reached),
        };
        let orders = self.turn.orders.iter().filter(|(_, order)| (from..to).contains(&order.at));
        let sums = self.meter.is_some_and(|meter| meter.sum().is_some());
        orders.map(|(_, order)| if sums { order.left } else { i64::from(order.left > 0) }).sum()
    }

    /// After a refund: whether the level was reached by orders that no longer make it (fine print 9).
    fn recheck(self, standing: &mut Standing, revoked: &mut Vec<Revoked<'a>>) {
        let Some(policy) = self.tier.on_refund().filter(|_| self.meter.is_some_and(Meter::is_of_orders)) else {
            return;
        };
        let held = self.index(&standing.level);
        let Some(climb) = standing.climbs.last().filter(|climb| held > 0 && self.index(&climb.level) == held) else {
            return;
        };
        let ordered = self.ordered(standing, climb.at);
        let before = self.index(&climb.from);
        let level = self.reached(ordered).max(before).max(self.reached(self.value(standing)));
        if ordered >= self.min(held) || level >= held {
            return;
        }
        if policy == OnRefund::Review {
            standing.review = true;
            return;
        }
        for climb in standing.climbs.iter().filter(|climb| self.index(&climb.level) > level) {
            let lost = self.tier.levels().get(self.index(&climb.level));
            if let Some(reward) =
                lost.and_then(Level::entry).filter(|_| standing.entries.get(&climb.level) == Some(&climb.at))
            {
                revoked.push(Revoked { reward, at: climb.at });
            }
        }
        let reached = standing.climbs.iter().rfind(|climb| self.index(&climb.level) <= level).map(|climb| climb.at);
        self.drop(standing, level);
        // The level that is left holds as long as it would have.
        let held = reached.and_then(|reached| self.holds_until(reached));
        standing.until = standing.until.max(held.filter(|_| level > 0));
    }

    /// After so long without a visit: down, and the meter begins anew (fine print 11).
    fn idle(self, standing: &mut Standing) {
        let Some(visit) = standing.visit else { return };
        let taken = usize::try_from(standing.idle).unwrap_or(0);
        for step in self.tier.idle().iter().skip(taken) {
            if self.validity(visit, step.after) > self.turn.at {
                break;
            }
            standing.idle += 1;
            let held = self.index(&standing.level);
            if held == 0 {
                continue;
            }
            let level = if step.reset { 0 } else { held - 1 };
            self.drop(standing, level);
            // What begins anew at zero must not take the rest at once.
            standing.until = (level > 0).then(|| self.period_end(self.turn.at));
            standing.restart = None;
            let day = self.window().first(self.day(self.turn.at)).map(|_| self.day(self.turn.at));
            standing.restart = Some(Restart { at: self.turn.at, less: self.counted(standing, day) });
            standing.seen = 0;
        }
    }

    /// The level goes where the meter lacks what keeps it: at the end of its validity, or as the meter falls.
    fn fall(self, standing: &mut Standing) {
        let (held, at) = (self.index(&standing.level), self.turn.at);
        if held == 0 {
            return;
        }
        if self.is_judged_at_end() {
            // A level that a server or an older version gave says nothing of its end.
            let end = *standing.until.get_or_insert_with(|| {
                let end = self.holds_until(standing.since.unwrap_or(at)).filter(|end| *end > at);
                end.unwrap_or_else(|| self.period_end(at))
            });
            if standing.due.is_none() {
                let value = self.given(standing, end);
                let enough = self.lacks(held, value) == 0;
                match self.terms() {
                    _ if end <= at && enough => standing.until = Some(self.following(end)),
                    _ if end <= at => standing.due = Some(self.drop_from(end)),
                    Some(terms) if !enough && end < FOREVER && self.announced(self.month_start(end), terms) <= at => {
                        standing.due = Some(self.drop_from(end));
                    }
                    _ => (),
                }
                standing.offset = value.saturating_sub(self.counted(standing, None));
            }
        } else if standing.until.is_some_and(|until| until > at) {
            return;
        } else {
            // A level that goes by its meter goes when that falls, not when a new version asks for more.
            let value = self.value(standing);
            let fell = standing.until.take().is_some() || value < standing.seen;
            standing.due = standing.due.or_else(|| match self.terms() {
                Some(terms) => self.foreseen(standing, held, terms),
                None => (fell && self.lacks(held, value) > 0).then(|| self.drop_from(at)),
            });
        }
        self.fall_due(standing, held);
    }

    /// When a level goes that is lacking from a moment on: on the first of a month, at the end of grace, or at once.
    fn drop_from(self, from: Time) -> Time {
        match (self.terms(), self.tier.grace()) {
            (Some(terms), _) => self.month_start(from.max(self.served(terms))),
            (None, Some(grace)) => self.turn.house.zones.add(self.turn.home, from, grace, Ends::Wait),
            (None, None) => from,
        }
    }

    fn fall_due(self, standing: &mut Standing, held: usize) {
        let (Some(due), at) = (standing.due, self.turn.at) else { return };
        let value = self.judged(standing);
        if self.lacks(held, value) == 0 {
            standing.due = None;
            // Kept in grace, it is valid to the end of the running period (fine print 9).
            if let Some(end) = standing.until.filter(|end| *end <= at) {
                standing.until = Some(self.following(end));
            }
        } else if due <= at {
            match self.is_untold(standing) {
                true => standing.due = Some(self.month_start(at.plus(1))),
                false => self.drop(standing, self.below(held, value)),
            }
        }
    }

    /// What is bought begins, is renewed, ends.
    fn renew(self, standing: &mut Standing, name: &str) {
        let at = self.turn.at;
        if standing.until.is_some_and(|until| until <= at) {
            *standing = Standing::default();
        }
        let Some(event) = self.turn.signal.filter(|signal| signal.kind == Kind::Track).map(|signal| &signal.name)
        else {
            return;
        };
        let named = self.turn.property("entitlement").text();
        if event == "entitlement_revoked" {
            if named == Some(name) {
                *standing = Standing::default();
            }
        } else if named == Some(name) || event == name {
            let term = self.tier.term();
            standing.until = match (standing.until, term) {
                (_, None) => None,
                (Some(until), Some(term)) if term.is_exact() => Some(until.plus(term.exact)),
                // From the last good day on.
                (Some(until), Some(term)) => Some(self.validity(until.plus(-1), term)),
                (None, Some(term)) => Some(self.validity(at, term)),
            };
            standing.level = name.to_string();
            standing.since.get_or_insert(at);
        }
    }

    /// All that is due at this moment, and what the signal moves.
    fn judge(self, id: &str, standing: &mut Standing, won: &mut Vec<Payout<'a>>, revoked: &mut Vec<Revoked<'a>>) {
        if let Some(name) = self.tier.entitlement() {
            return self.renew(standing, name);
        }
        if standing.level.is_empty() {
            standing.level = self.tier.levels().get(0).map_or("", Level::id).to_string();
        }
        let signal = self.turn.signal;
        if let Some(signal) = signal.filter(|signal| is_visit(signal)) {
            (standing.visit, standing.idle) = (standing.visit.max(Some(signal.at)), 0);
        }
        let reached = self.reached(self.value(standing));
        if reached > self.index(&standing.level) {
            self.climb(id, standing, reached, won);
        } else if self.tier.demote().steps() != Demote::Never {
            if signal.is_some_and(|signal| signal.kind == Kind::Track && signal.name == "refund") {
                self.recheck(standing, revoked);
            }
            self.fall(standing);
            self.idle(standing);
            let told = standing.told
                || self.is_untold(standing) && announcements(id).iter().any(|path| (self.turn.seen)(path));
            standing.told = told && standing.due.is_some();
        }
        standing.seen = self.value(standing);
    }

    /// Tells every moment at which time alone may change something.
    fn moments(self, standing: &Standing, tell: Tell) {
        let counts = self.turn.counts.get(self.tier.meter());
        let leaves = self.meter.zip(counts).and_then(|(meter, counts)| meter.leaves(counts, self.day(self.turn.at)));
        leaves.iter().for_each(|day| tell(self.midnight(*day)));
        standing.until.into_iter().filter(|until| *until < FOREVER).for_each(&mut *tell);
        standing.due.filter(|_| !self.is_untold(standing)).into_iter().for_each(&mut *tell);
        let held = self.index(&standing.level);
        if held == 0 {
            return;
        }
        let idle = usize::try_from(standing.idle).unwrap_or(0);
        for (visit, step) in standing.visit.iter().zip(self.tier.idle().iter().skip(idle)) {
            tell(self.validity(*visit, step.after));
        }
        let Some(terms) = self.terms().filter(|_| standing.due.is_none()) else { return };
        if !self.is_judged_at_end() {
            self.months(standing, terms).for_each(|month| tell(self.announced(month, terms)));
            // Where nothing leaves and nothing lacks, months change nothing.
            if leaves.is_some() || self.lacks(held, self.value(standing)) > 0 {
                tell(self.month_start(self.turn.at.plus(1)));
            }
        } else if let Some(end) = standing.until.filter(|end| *end < FOREVER) {
            tell(self.announced(self.month_start(end), terms));
        }
    }

    /// What a member brings less what a member costs; none where nobody counts it.
    fn net(self) -> Option<i64> {
        let econ = self.tier.econ()?;
        // Where nothing was told of margins nothing is known, and nothing is withheld.
        self.turn.counts.get(econ.margin())?;
        Some(self.turn.meter(econ.margin()) - econ.service() - self.turn.meter(econ.rewards()))
    }

    /// What the levels reached open, less what is withheld.
    fn flags(self, standing: &Standing, flags: &mut Map) {
        let held = match self.tier.entitlement() {
            Some(name) if standing.level == name => 1,
            Some(_) => 0,
            None => self.index(&standing.level) + 1,
        };
        let withheld = self.tier.econ().filter(|econ| self.net().is_some_and(|net| net < econ.min_net()));
        for level in self.tier.levels().iter().take(held) {
            for flag in level.flags().iter() {
                let kept = withheld
                    .is_none_or(|econ| !econ.perks().is_empty() && !econ.perks().iter().any(|perk| perk == flag));
                if kept {
                    flags.set(flag, true);
                }
            }
        }
    }

    /// The shape of contract.md section 3, `progress.tiers`; 100 percent only at the top.
    fn progress(self, standing: &Standing) -> Value {
        let entitlement = self.tier.entitlement();
        let has = entitlement.is_none_or(|name| standing.level == name);
        let held = self.index(&standing.level);
        let level = self.tier.levels().get(held);
        let next = self.tier.levels().get(held + 1).filter(|_| entitlement.is_none());
        let value = self.value(standing);
        let target = next.map(Level::min);
        let remaining = target.map_or(0, |target| (target - value).max(0));
        let percent = match target {
            Some(target) if target > 0 => (value.clamp(0, i64::MAX / 100) * 100 / target).min(99),
            _ if has => 100,
            _ => 0,
        };
        let notice = self.notice(standing);
        let name = entitlement.filter(|_| has).or_else(|| level.filter(|_| entitlement.is_none()).map(Level::id));
        let mut map = Map::of([
            ("level", name.into()),
            ("since", time_value(standing.since)),
            ("value", value.into()),
            ("target", target.into()),
            ("remaining", remaining.into()),
            ("percent", percent.into()),
            ("graceUntil", time_value(notice.as_ref().map(|notice| notice.at))),
            ("next", next.map(Level::id).into()),
        ]);
        // Beside what contract.md names, and only where they apply.
        let climb =
            standing.climbs.last().filter(|climb| climb.level == standing.level && Some(climb.at) == standing.since);
        if let Some(climb) = climb {
            map.append("promotedAt", climb.at.0.into());
        }
        if let Some(until) = standing.until.filter(|until| *until < FOREVER && standing.due.is_none()) {
            map.append("until", until.text().into());
        }
        if let Some(notice) = notice {
            let level = self.tier.levels().get(notice.level).map(Level::id);
            let members =
                [("level", level.into()), ("at", notice.at.text().into()), ("remaining", notice.remaining.into())];
            map.append("notice", Map::of(members).into());
        }
        if let Some(params) = level.filter(|level| has && level.params().iter().next().is_some()) {
            map.append("params", params.0.field("params").clone());
        }
        let mut flags = Map::new();
        self.flags(standing, &mut flags);
        if !flags.is_empty() {
            map.append("flags", flags.into());
        }
        if standing.review {
            map.append("review", true.into());
        }
        if let (Some(econ), Some(net)) = (self.tier.econ(), self.net()) {
            map.append("econ", Map::of([("net", net.into()), ("withheld", (net < econ.min_net()).into())]).into());
        }
        map.into()
    }
}

/// Whether the shopper was there: anything but a refund, what was answered about consent, and danbi's own.
fn is_visit(signal: &Signal) -> bool {
    signal.kind != Kind::Consent && signal.name != "refund" && !signal.ours
}

/// The facts that a campaign asks about which tells of a tier's drop.
pub fn announcements(id: &str) -> [String; 2] {
    ["notice", "graceUntil"].map(|key| join(&["loyalty.tiers.", id, ".", key]))
}

/// Levels follow their meters, and what time and refunds take.
pub fn judge<'a>(standings: &mut Named<Standing>, turn: Turn<'a>, won: &mut Vec<Payout<'a>>) -> Vec<Revoked<'a>> {
    let mut revoked = Vec::new();
    for (id, tier) in turn.program.tiers().iter() {
        Scale::of(tier, turn).judge(id, standings.entry(id), won, &mut revoked);
    }
    revoked
}

/// When a level, or what is told of it, may next change.
pub fn next(standings: &Named<Standing>, turn: Turn, tell: Tell) {
    let beginner = Standing::default();
    for (id, tier) in turn.program.tiers().iter() {
        Scale::of(tier, turn).moments(standings.get(id).unwrap_or(&beginner), tell);
    }
}

/// What the levels reached open: `{NAME: true}`.
pub fn flags(standings: &Named<Standing>, turn: Turn, flags: &mut Map) {
    for (id, tier) in turn.program.tiers().iter() {
        if let Some(standing) = standings.get(id) {
            Scale::of(tier, turn).flags(standing, flags);
        }
    }
}

/// `{ID: {level, since, value, target, remaining, percent, graceUntil, next}}`.
pub fn progress(standings: &Named<Standing>, turn: Turn) -> Value {
    let (mut all, beginner) = (Map::new(), Standing::default());
    for (id, tier) in turn.program.tiers().iter() {
        all.append(id, Scale::of(tier, turn).progress(standings.get(id).unwrap_or(&beginner)));
    }
    all.into()
}
