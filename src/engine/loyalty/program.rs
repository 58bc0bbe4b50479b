//! The marketer's loyalty program: its own document, and what several mechanisms share.

use super::badge::Badge;
use super::board::Board;
use super::collection::Collection;
use super::currency::Currency;
use super::hook::Hook;
use super::mission::Mission;
use super::referral::Referral;
use super::reward::{self, Reward};
use super::rule::Rule;
use super::streak::Streak;
use super::tier::Tier;
use crate::engine::audience::Condition;
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, forms};
use crate::engine::base::document::{List, Part, Table};
use crate::engine::base::money;
use crate::engine::base::time::{Day, Span};
#[cfg(feature = "studio")]
use crate::engine::base::value::Map;
use crate::engine::base::value::Value;
use crate::engine::meter::Names;
use crate::{document, scalar, words};

document! {
    /// The loyalty rules from one day on. Each event is judged by the program with the latest `from` not after it.
    pub struct Program {
        /// Id; versions of one program share it.
        "program" program: &'a str,
        /// Grows with each change.
        "version" version: i64,
        /// First day, `2026-01-01`, in the house's zone.
        "from" from: Day,
        /// The money its amounts are written in.
        "money" money: Option<Money<'a>> = None,
        /// What a new version does to what was: `forward`, it judges only what comes after.
        "retro" retro: Retro = Retro::Forward,
        /// Whether the ledger notes why a rule that heard an event granted nothing.
        "explain" explain: bool = true,
        /// Languages of its texts.
        "locale" locale: List<'a, &'a str> = List::of(&Value::Null),
        /// Whose days count.
        "clock" clock: Clock<'a> = Clock(&Value::Null),
        /// What kind of shop this is, read as `profile.*`.
        "profile" profile: Profile<'a> = Profile(&Value::Null),
        /// Purposes that rules may need.
        "consent" consent: Consent<'a> = Consent(&Value::Null),
        /// What makes a shopper a member.
        "enrol" enrol: Option<Enrol<'a>> = None,
        /// Where events come from, and what they are worth.
        "sources" sources: Table<'a, Source<'a>> = Table::of(&Value::Null),
        /// What can be earned.
        "currencies" currencies: Table<'a, Currency<'a>> = Table::of(&Value::Null),
        /// What earns it.
        "rules" rules: List<'a, Rule<'a>> = List::of(&Value::Null),
        /// Ordered levels.
        "tiers" tiers: Table<'a, Tier<'a>> = Table::of(&Value::Null),
        /// Marks of what was done.
        "badges" badges: List<'a, Badge<'a>> = List::of(&Value::Null),
        /// Tasks.
        "missions" missions: List<'a, Mission<'a>> = List::of(&Value::Null),
        /// Habits.
        "streaks" streaks: List<'a, Streak<'a>> = List::of(&Value::Null),
        /// Sets to complete.
        "collections" collections: List<'a, Collection<'a>> = List::of(&Value::Null),
        /// Friends who bring friends.
        "referral" referral: Option<Referral<'a>> = None,
        /// What can be had for points, or is given.
        "rewards" rewards: List<'a, Reward<'a>> = List::of(&Value::Null),
        /// Rankings, from a server's snapshots.
        "boards" boards: List<'a, Board<'a>> = List::of(&Value::Null),
        /// What the host is told of.
        "hooks" hooks: Table<'a, Hook<'a>> = Table::of(&Value::Null),
        /// How much of a currency may be issued; a server says when it is.
        "budget" budget: Table<'a, Budget<'a>> = Table::of(&Value::Null),
    }

    /// The money amounts are written in.
    pub struct Money {
        /// ISO 4217; the house's.
        "unit" unit: &'a str,
        /// Digits after the point.
        "scale" scale: i64,
    }

    /// Whose days count, and which events come too late or too early.
    pub struct Clock {
        /// `member` (where the shopper is), `house`, or an IANA zone. Not named: days are the shopper's, deadlines the house's.
        "tz" tz: Option<&'a str> = None,
        /// The zone of a shopper whose own is not known; the house's.
        "default" default: Option<&'a str> = None,
        /// When a day begins, `HH:MM`.
        "dayStart" day_start: DayStart = DayStart(0),
        /// When a week begins: `mon` or `sun`.
        "weekStart" week_start: WeekStart = WeekStart::Monday,
        /// An event that arrives later than this is history.
        "backdate" backdate: Span = Span { days: 7, ..Span::default() },
        /// An event further than this in the future waits for a checkpoint.
        "ahead" ahead: Span = Span { exact: 5 * crate::engine::base::time::MINUTE, ..Span::default() },
    }

    /// What kind of shop this is.
    pub struct Profile {
        /// How much thought a purchase takes: `low` or `high`.
        "involvement" involvement: Option<&'a str> = None,
        /// What shoppers come for: `discount` or `benefit`.
        "style" style: Option<&'a str> = None,
        /// The usual time between two purchases.
        "cycle" cycle: Option<Span> = None,
        /// `attack` (win new shoppers) or `defend` (keep those there are).
        "side" side: Option<&'a str> = None,
        /// Who takes part, e.g. buyers and sellers.
        "roles" roles: List<'a, &'a str> = List::of(&Value::Null),
    }

    /// Purposes that rules may need.
    pub struct Consent {
        /// What holds where nothing was said: `none`.
        "default" default: &'a str = "none",
        /// Purposes, which the bundle's `purposes` name too.
        "purposes" purposes: List<'a, &'a str> = List::of(&Value::Null),
        /// Shoppers below this age, by `user.age`, have none of them.
        "minorAge" minor_age: Option<i64> = None,
    }

    /// What makes a shopper a member.
    pub struct Enrol {
        /// Any of these events.
        "any" any: Names<'a>,
        /// Whether what a guest did before counts; what makes a member of them does in any case.
        "guestProgress" guest_progress: bool = true,
    }

    /// Where events come from: `context.source` or the property `source`; without one, `web`.
    pub struct Source {
        /// `projected` (the device says so) or `server`.
        "trust" trust: Trust = Trust::Projected,
        /// The property that must be the same as the shopper's trait of that name, e.g. a card number.
        "link" link: Option<&'a str> = None,
        /// Grants of its events are multiplied by this.
        "rate" rate: Option<Rate> = None,
    }

    /// How much of a currency may be issued.
    pub struct Budget {
        /// At most so much, by all shoppers together.
        "issue" issue: i64,
        /// In this time.
        "per" per: Per,
    }
}

words! {
    /// What a new version does to what was.
    pub enum Retro {
        /// It judges only what comes after.
        "forward" Forward,
    }
}

words! {
    /// The first day of a week.
    pub enum WeekStart {
        /// ISO 8601.
        "mon" Monday,
        /// As in Korea and America.
        "sun" Sunday,
    }
}

words! {
    /// Who vouches for an event.
    pub enum Trust {
        /// The device.
        "projected" Projected,
        /// A server.
        "server" Server,
    }
}

/// A fraction: numerator, denominator above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(pub i64, pub i64);

scalar!(
    Rate,
    "a fraction such as [1, 2]",
    [("type", "array")],
    |value| match value.list() {
        [numerator, denominator] => match (numerator.integer(), denominator.integer()) {
            (Some(numerator), Some(denominator)) if numerator >= 0 && denominator > 0 => {
                Some(Rate(numerator, denominator))
            }
            _ => None,
        },
        _ => None,
    },
    Rate(1, 1)
);

impl Rate {
    /// So much of an amount, rounded down; never more than a number can hold.
    #[inline(never)]
    pub fn of(self, amount: i64) -> i64 {
        let exact = i128::from(amount) * i128::from(self.0) / i128::from(self.1.max(1));
        exact.clamp(0, i128::from(money::MAX)) as i64
    }

    /// Both, one after the other.
    pub fn times(self, other: Rate) -> Rate {
        Rate::reduced(i128::from(self.0) * i128::from(other.0), i128::from(self.1) * i128::from(other.1))
    }

    /// Both together.
    pub fn plus(self, other: Rate) -> Rate {
        let [a, b, c, d] = [self.0, self.1, other.0, other.1].map(i128::from);
        Rate::reduced(a * d + c * b, b * d)
    }

    fn reduced(mut numerator: i128, mut denominator: i128) -> Rate {
        let (mut divisor, mut rest) = (numerator, denominator);
        while rest != 0 {
            (divisor, rest) = (rest, divisor % rest);
        }
        numerator /= divisor.max(1);
        denominator /= divisor.max(1);
        // Only fractions that nobody writes lose anything here.
        while numerator.max(denominator) > i128::from(money::MAX) {
            (numerator, denominator) = (numerator / 2, (denominator / 2).max(1));
        }
        Rate(numerator as i64, denominator as i64)
    }
}

/// When a day begins, in ms after midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayStart(pub i64);

scalar!(
    DayStart,
    "a time of day such as 04:00",
    [("type", "string"), ("pattern", "^([01][0-9]|2[0-3]):[0-5][0-9]$")],
    |value| value.text().and_then(DayStart::parse),
    DayStart(0)
);

impl DayStart {
    fn parse(text: &str) -> Option<DayStart> {
        let [a, b, b':', c, d] = text.as_bytes() else { return None };
        if ![a, b, c, d].into_iter().all(u8::is_ascii_digit) {
            return None;
        }
        let digit = |byte: &u8| i64::from(byte - b'0');
        let (hours, minutes) = (digit(a) * 10 + digit(b), digit(c) * 10 + digit(d));
        (hours < 24 && minutes < 60).then_some(DayStart((hours * 60 + minutes) * crate::engine::base::time::MINUTE))
    }
}

/// How long a cap, a repetition or a limit reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// One event.
    Event,
    /// A day of the shopper.
    Day,
    /// A week, by the program's `weekStart`.
    Week,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
    /// The time since, by the calendar.
    Trailing(Span),
    /// For ever.
    Life,
}

scalar!(
    Per,
    "event, day, week, calendarMonth, calendarYear, life or a duration such as P90D",
    [("type", "string")],
    |value| match value.text() {
        Some("event") => Some(Per::Event),
        Some("day") => Some(Per::Day),
        Some("week") => Some(Per::Week),
        Some("calendarMonth") => Some(Per::Month),
        Some("calendarYear") => Some(Per::Year),
        Some("life") => Some(Per::Life),
        Some(text) => Span::parse(text).map(Per::Trailing),
        None => None,
    },
    Per::Life
);

impl Per {
    /// The first day after those that begin with this one; none where there is none.
    pub fn following(self, first: Day) -> Option<Day> {
        match self {
            Per::Event | Per::Life => None,
            Per::Day => Some(first.plus(1)),
            Per::Week => Some(first.plus(7)),
            Per::Month => Some(first.plus_months(1)),
            Per::Year => Some(first.plus_months(12)),
            Per::Trailing(span) => Some(first.plus_months(span.months).plus(span.days)),
        }
    }

    /// The first of the days that count with this one; none where each event counts alone, or all ever.
    pub fn first_day(self, day: Day, week: WeekStart) -> Option<Day> {
        let (year, month, _) = day.civil();
        match self {
            Per::Event | Per::Life => None,
            Per::Day => Some(day),
            Per::Week => {
                // 1 January 1970 was a Thursday.
                let past = day.0 + if week == WeekStart::Monday { 3 } else { 4 };
                Some(day.plus(-past.rem_euclid(7)))
            }
            Per::Month => Some(Day::new(year, month, 1)),
            Per::Year => Some(Day::new(year, 1, 1)),
            Per::Trailing(span) => {
                let again = |day: Day| day.plus_months(span.months).plus(span.days);
                let first = day.plus_months(-span.months).plus(-span.days);
                // Months clamp: the first day whose date as much later is not reached yet is at most some days on.
                (0..5).map(|later| first.plus(later)).find(|first| again(*first) > day)
            }
        }
    }
}

/// What is given: the id of a reward, or `{CURRENCY: points, "badge": id, "reward": id}`.
#[derive(Clone, Copy)]
pub struct Prize<'a>(&'a Value);

impl<'a> Prize<'a> {
    /// Points by currency.
    pub fn points(self) -> impl Iterator<Item = (&'a str, i64)> {
        let members = self.0.members();
        members.filter_map(|(key, value)| value.integer().map(|amount| (key, amount)))
    }

    /// Whether it is the id of a reward, and nothing else.
    #[cfg(feature = "studio")]
    pub fn is_reward_alone(self) -> bool {
        self.0.text().is_some()
    }

    /// The badge.
    pub fn badge(self) -> Option<&'a str> {
        self.0.field("badge").text()
    }

    /// The reward that goes into the wallet.
    pub fn reward(self) -> Option<&'a str> {
        self.0.text().or_else(|| self.0.field("reward").text())
    }
}

impl<'a> Part<'a> for Prize<'a> {
    fn of(value: &'a Value) -> Self {
        Prize(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        let Some(map) = value.map() else {
            return <&str>::check(value, check);
        };
        for (key, value) in map.iter() {
            check.within(key, |check| match key {
                "badge" | "reward" => <&str>::check(value, check),
                _ => i64::check(value, check),
            });
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        let table = Map::new()
            .with("type", "object")
            .with("properties", Map::new().with("badge", <&str>::schema(defs)).with("reward", <&str>::schema(defs)))
            .with("additionalProperties", i64::schema(defs));
        forms(vec![<&str>::schema(defs), table.into()])
    }
}

scalar!(
    Day,
    "a date such as 2026-01-01",
    [("type", "string"), ("format", "date")],
    |value| value.text().and_then(Day::parse),
    Day(i32::MAX)
);

impl<'a> Program<'a> {
    /// Tells each condition that is asked about an event, or about any.
    pub fn conditions(self, event: Option<&str>, tell: &mut dyn FnMut(Condition<'a>)) {
        for rule in self.rules().iter().filter(|rule| event.is_none_or(|event| rule.on().has(event))) {
            rule.conditions(tell);
        }
        // What a redemption asks of a reward.
        let takes = event.is_none_or(|event| event == "spend_virtual_currency");
        reward::conditions(self).filter(|_| takes).for_each(tell);
    }

    /// Tells each meter that it reckons with.
    pub fn meters(self, tell: &mut dyn FnMut(&'a str)) {
        self.tiers().iter().for_each(|(_, tier)| tell(tier.meter()));
        self.badges().iter().filter_map(Badge::meter).for_each(&mut *tell);
        self.missions().iter().filter_map(Mission::meter).for_each(&mut *tell);
        self.boards().iter().for_each(|board| tell(board.meter()));
        for econ in self.tiers().iter().filter_map(|(_, tier)| tier.econ()) {
            tell(econ.margin());
            tell(econ.rewards());
        }
    }

    /// Whether any level or badge opens something.
    pub fn has_flags(self) -> bool {
        self.tiers().iter().any(|(_, tier)| tier.levels().iter().any(|level| !level.flags().is_empty()))
            || self.badges().iter().any(|badge| badge.flags().iter().next().is_some())
    }
}
