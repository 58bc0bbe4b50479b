//! Meters: the one counting primitive. Audiences, tiers and messages read them alike.

use crate::engine::audience::{Condition, Facts};
use crate::engine::base::document::{Document, Mode, Named, Walk, scalar};
use crate::engine::base::host::Host;
use crate::engine::base::money;
use crate::engine::base::time::{Day, Span, Time, Zones};
use crate::engine::base::value::{Map, Value};
use crate::engine::document;
use crate::engine::signal::{Kind, Signal, id_text};

document! {
    /// A counter over signals. Exactly one of `count sum distinct max last since` says what it counts.
    pub struct Meter {
        /// Counts these events. A name may end in `*`.
        "count" count: Option<Names> = None,
        /// Adds up a property, written `event.property`. `value`, `price`, `tax` and `shipping` are money, in minor units.
        "sum" sum: Option<Property> = None,
        /// Counts the different values of a property, written `event.property`.
        "distinct" distinct: Option<Property> = None,
        /// The largest value of a property, written `event.property`.
        "max" max: Option<Property> = None,
        /// When one of these events last happened, in milliseconds since 1970.
        "last" last: Option<Names> = None,
        /// When one of these events first happened, in milliseconds since 1970.
        "since" since: Option<Names> = None,
        /// What is taken away again: events for a `count`, `event.property` for a `sum`.
        "minus" minus: Option<Property> = None,
        /// Counts apart for each value of this property of the event.
        "by" by: Option<String> = None,
        /// Only events that meet this condition count.
        "where" filter: Option<Condition> = None,
        /// `life` (all), `calendarMonth`, `calendarYear`, or a trailing duration such as `P12M`.
        "window" window: Window = Window::Life,
    }
}

/// One event name, which may end in `*`, or several.
#[derive(Clone, Debug, Default)]
pub struct Names(pub Vec<String>);

impl Names {
    /// Whether the name is among them.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| hears(pattern, name))
    }
}

fn hears(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == name,
    }
}

impl Document for Names {
    fn walk(&mut self, walk: &mut Walk) {
        match walk.mode() {
            Mode::Read(Value::Text(name)) => self.0 = vec![name.clone()],
            #[cfg(feature = "studio")]
            Mode::Describe => walk.describe_forms(&mut [&mut String::new(), &mut self.0]),
            _ => self.0.walk(walk),
        }
    }
}

/// `event.property`, or an event alone.
#[derive(Clone, Debug, Default)]
pub struct Property {
    event: String,
    property: Option<String>,
}

scalar!(
    Property,
    "event.property",
    [("type", "string")],
    |value| value.text().map(Property::parse),
    |this| match &this.property {
        Some(property) => [&this.event, ".", property].concat(),
        None => this.event.clone(),
    }
);

impl Property {
    fn parse(text: &str) -> Property {
        let (event, property) = text.split_once('.').map_or((text, None), |(event, property)| (event, Some(property.to_string())));
        Property { event: event.to_string(), property }
    }
}

/// How far back a meter looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// All of it.
    #[default]
    Life,
    /// Since the first of this month.
    Month,
    /// Since the first of January.
    Year,
    /// From the same date so long ago, that date included.
    Trailing(Span),
}

scalar!(
    Window,
    "life, calendarMonth, calendarYear or a duration in days or months such as P12M",
    [("type", "string")],
    |value| value.text().and_then(Window::parse),
    |this| match this {
        Window::Life => String::from("life"),
        Window::Month => String::from("calendarMonth"),
        Window::Year => String::from("calendarYear"),
        Window::Trailing(span) => span.text(),
    }
);

impl Window {
    fn parse(text: &str) -> Option<Window> {
        match text {
            "life" => Some(Window::Life),
            "calendarMonth" => Some(Window::Month),
            "calendarYear" => Some(Window::Year),
            text => Span::parse(text.strip_prefix("trailing:").unwrap_or(text)).filter(|span| !span.is_exact()).map(Window::Trailing),
        }
    }
}

document! {
    /// What one meter has counted.
    pub struct Count {
        /// Everything since the beginning; for `max`, `last` and `since` the value itself.
        "total" total: i64 = 0,
        /// Whether anything was counted.
        "any" any: bool = false,
        /// Days on which something was counted, only for windows: day number and amount.
        "days" days: Vec<Vec<i64>> = Vec::new(),
        /// Different values seen, only for `distinct`.
        "seen" seen: Vec<String> = Vec::new(),
    }

    /// A meter's counts: one, or one for each key.
    pub struct Counts {
        /// The whole.
        "all" all: Count = Count::default(),
        /// By key.
        "keys" keys: Named<Count> = Named(Vec::new()),
    }
}

/// What meters need beside the signal.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// ISO 4217 currency of the house.
    pub currency: &'a str,
    /// IANA zone whose days count.
    pub zone: &'a str,
    /// Offset tables.
    pub zones: &'a Zones,
    /// The platform's functions.
    pub host: &'a dyn Host,
}

impl Meter {
    /// How many of the ways of counting are named; one is right.
    pub fn ways(&self) -> usize {
        [self.count.is_some(), self.sum.is_some(), self.distinct.is_some(), self.max.is_some(), self.last.is_some(), self.since.is_some()]
            .into_iter()
            .filter(|named| *named)
            .count()
    }

    /// Moves the counts by one signal. `document` is what `where` reads.
    pub fn update(&self, counts: &mut Counts, signal: &Signal, document: &Value, context: Context) {
        if !matches!(signal.kind, Kind::Track | Kind::Page) {
            return;
        }
        let Some(change) = self.change(signal, context) else { return };
        let facts = Facts { document, groups: &Value::Null, host: context.host };
        if self.filter.as_ref().is_some_and(|filter| !filter.holds(facts)) {
            return;
        }
        let day = (self.window != Window::Life).then(|| context.zones.day(context.zone, signal.at));
        if let Some(key) = self.by.as_ref().and_then(|by| id_text(signal.properties.at(by))) {
            counts.keys.entry(&key).move_by(&change, day);
        }
        counts.all.move_by(&change, day);
    }

    fn change(&self, signal: &Signal, context: Context) -> Option<Change> {
        let name = &signal.name;
        let amount = |wanted: &Property, sign: i64| {
            if !hears(&wanted.event, name) {
                return None;
            }
            let property = wanted.property.as_deref()?;
            Some(Change::Add(sign * amount(signal, property, context)?))
        };
        if let Some(names) = &self.count {
            return match &self.minus {
                _ if names.has(name) => Some(Change::Add(1)),
                Some(minus) if hears(&minus.event, name) => Some(Change::Add(-1)),
                _ => None,
            };
        }
        if let Some(sum) = &self.sum {
            return amount(sum, 1).or_else(|| self.minus.as_ref().and_then(|minus| amount(minus, -1)));
        }
        if let Some(distinct) = &self.distinct {
            return hears(&distinct.event, name).then(|| id_text(signal.properties.at(distinct.property.as_deref()?)).map(Change::See))?;
        }
        if let Some(max) = &self.max {
            return match amount(max, 1)? {
                Change::Add(amount) => Some(Change::Max(amount)),
                other => Some(other),
            };
        }
        if let Some(last) = &self.last {
            return last.has(name).then_some(Change::Max(signal.at.0));
        }
        self.since.as_ref()?.has(name).then_some(Change::Min(signal.at.0))
    }

    /// What the meter shows at a moment: a number, or an object of numbers by key.
    pub fn value(&self, counts: Option<&Counts>, now: Time, context: Context) -> Value {
        let from = match self.window {
            Window::Life => None,
            window => Some(first_day(window, context.zones.day(context.zone, now))),
        };
        let shows = |count: &Count| -> Value {
            if self.last.is_some() || self.since.is_some() || self.max.is_some() {
                return if count.any { count.total.into() } else { Value::Null };
            }
            count.within(from).into()
        };
        match counts {
            None if self.by.is_some() => Map::new().into(),
            None => shows(&Count::default()),
            Some(counts) if self.by.is_some() => {
                let mut keys: Vec<_> = counts.keys.iter().collect();
                keys.sort_unstable_by_key(|(key, _)| *key);
                keys.into_iter().map(|(key, count)| (key, shows(count))).collect::<Map>().into()
            }
            Some(counts) => shows(&counts.all),
        }
    }

    /// The days on which a windowed meter will show less, soonest first: when each counted day leaves the window.
    pub fn leaves(&self, counts: &Counts, today: Day) -> Option<Day> {
        let Window::Trailing(span) = self.window else { return None };
        let from = first_day(self.window, today);
        let first = counts.all.days.iter().filter_map(|pair| pair.first()).filter(|day| **day >= i64::from(from.0)).min()?;
        Some(Day(i32::try_from(*first).ok()?).plus_months(span.months).plus(span.days + 1))
    }
}

/// The first day inside a window that ends today.
fn first_day(window: Window, today: Day) -> Day {
    let (year, month, _) = today.civil();
    match window {
        Window::Life => Day(i32::MIN),
        Window::Month => Day::new(year, month, 1),
        Window::Year => Day::new(year, 1, 1),
        Window::Trailing(span) => today.plus_months(-span.months).plus(-span.days),
    }
}

enum Change {
    Add(i64),
    Max(i64),
    Min(i64),
    See(String),
}

impl Count {
    fn move_by(&mut self, change: &Change, day: Option<Day>) {
        match change {
            Change::Add(amount) => {
                self.total = self.total.saturating_add(*amount);
                if let Some(day) = day {
                    self.on(day, *amount);
                }
            }
            Change::Max(value) if !self.any || *value > self.total => self.total = *value,
            Change::Min(value) if !self.any || *value < self.total => self.total = *value,
            Change::See(value) if !self.seen.contains(value) => {
                self.seen.push(value.clone());
                self.total += 1;
                if let Some(day) = day {
                    self.on(day, 1);
                }
            }
            _ => (),
        }
        self.any = true;
    }

    fn on(&mut self, day: Day, amount: i64) {
        let day = i64::from(day.0);
        match self.days.iter_mut().find(|pair| pair.first() == Some(&day)) {
            Some(pair) => pair.iter_mut().skip(1).for_each(|sum| *sum = sum.saturating_add(amount)),
            None => self.days.push(vec![day, amount]),
        }
    }

    fn within(&self, from: Option<Day>) -> i64 {
        match from {
            None => self.total,
            Some(from) => self
                .days
                .iter()
                .filter(|pair| pair.first().is_some_and(|day| *day >= i64::from(from.0)))
                .filter_map(|pair| pair.get(1))
                .fold(0, |sum: i64, amount| sum.saturating_add(*amount)),
        }
    }
}

/// A property as an integer: money in minor units, other numbers rounded half away from zero.
pub fn amount(signal: &Signal, property: &str, context: Context) -> Option<i64> {
    if ["value", "price", "tax", "shipping"].contains(&property) {
        return signal.money(property, context.currency, context.host).ok();
    }
    money::minor(signal.properties.at(property), 0, context.host)
}
