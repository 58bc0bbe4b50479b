//! Meters: the one counting primitive. Audiences, tiers and messages read them alike.

use crate::engine::audience::{Condition, Facts};
use crate::engine::base::document::Part;
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, List, forms};
use crate::engine::base::host::Host;
use crate::engine::base::money;
use crate::engine::base::record::{Named, Record, Walk};
use crate::engine::base::text::cut;
use crate::engine::base::time::{Day, Span, Time, Zones};
use crate::engine::base::value::{Map, Value};
use crate::engine::signal::{Kind, Signal, id_text};
use crate::{document, record, scalar};

document! {
    /// A counter over signals. Exactly one of `count sum distinct max last since` says what it counts.
    pub struct Meter {
        /// Counts these events. A name may end in `*`.
        "count" count: Option<Names<'a>> = None,
        /// Adds up a property, written `event.property`. `value`, `price`, `tax` and `shipping` are money, in minor units.
        "sum" sum: Option<Property<'a>> = None,
        /// Counts the different values of a property, written `event.property`.
        "distinct" distinct: Option<Property<'a>> = None,
        /// The largest value of a property, written `event.property`.
        "max" max: Option<Property<'a>> = None,
        /// When one of these events last happened, in milliseconds since 1970.
        "last" last: Option<Names<'a>> = None,
        /// When one of these events first happened, in milliseconds since 1970; `enrol`: when the shopper became a member.
        "since" since: Option<Names<'a>> = None,
        /// What is taken away again: an event for a `count`, `event.property` for a `sum`.
        "minus" minus: Option<Property<'a>> = None,
        /// Counts apart for each value of this property of the event; of more than 256 values those that count most are kept.
        "by" by: Option<&'a str> = None,
        /// Only events that meet this condition count.
        "where" filter: Option<Condition<'a>> = None,
        /// `life` (all), `calendarMonth`, `calendarYear`, or a trailing duration such as `P12M`.
        "window" window: Window = Window::Life,
    }
}

/// One event name, which may end in `*`, or several.
#[derive(Clone, Copy)]
pub struct Names<'a>(&'a Value);

impl Names<'_> {
    /// Whether the name is among them.
    pub fn has(self, name: &str) -> bool {
        match self.0 {
            Value::Text(pattern) => hears(pattern, name),
            several => several.list().iter().any(|pattern| pattern.text().is_some_and(|pattern| hears(pattern, name))),
        }
    }
}

fn hears(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix("*") {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == name,
    }
}

impl<'a> Part<'a> for Names<'a> {
    fn of(value: &'a Value) -> Self {
        Names(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        match value {
            Value::List(_) => List::<&str>::check(value, check),
            value => <&str>::check(value, check),
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        forms(vec![<&str>::schema(defs), List::<&str>::schema(defs)])
    }
}

/// `event.property`, or an event alone.
#[derive(Clone, Copy)]
pub struct Property<'a> {
    event: &'a str,
    property: &'a str,
}

scalar!(
    Property<'a>,
    "event.property",
    [("type", "string")],
    |value| value.text().map(|text| {
        let (event, property) = cut(text, b'.').unwrap_or((text, ""));
        Property { event, property }
    }),
    Property { event: "", property: "" }
);

/// How far back a meter looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// All of it.
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
    Window::Life
);

impl Window {
    fn parse(text: &str) -> Option<Window> {
        match text {
            "life" => Some(Window::Life),
            "calendarMonth" => Some(Window::Month),
            "calendarYear" => Some(Window::Year),
            text => Span::parse(text.strip_prefix("trailing:").unwrap_or(text))
                .filter(|span| !span.is_exact())
                .map(Window::Trailing),
        }
    }
}

record! {
    /// What one meter has counted.
    pub struct Count {
        /// Everything since the beginning; for `max`, `last` and `since` the value itself.
        "total" total: i64,
        /// Whether anything was counted.
        "any" any: bool,
        /// Days on which something was counted, only for windows: day number and amount.
        "days" days: Days,
        /// Different values seen, only for `distinct`.
        "seen" seen: Vec<String>,
    }

    /// A meter's counts: one, or one for each key.
    pub struct Counts {
        /// The whole.
        "all" all: Count,
        /// By key.
        "keys" keys: Named<Count>,
    }
}

/// Days and amounts, kept as `[[day, amount], …]`.
#[derive(Default)]
pub struct Days(Vec<(i64, i64)>);

impl Days {
    /// Drops the days before one where there are more than so many.
    fn drop_before(&mut self, from: Option<Day>, most: usize) {
        if let Some(from) = from.filter(|_| self.0.len() > most) {
            self.0.retain(|(day, _)| *day >= i64::from(from.0));
        }
    }
}

impl Counts {
    /// Drops the least of too many keys, of equals the oldest.
    fn limit(&mut self) {
        if self.keys.len() > KEYS {
            let (mut least, mut name) = (i64::MAX, "");
            for (key, count) in self.keys.iter() {
                if count.total < least {
                    (least, name) = (count.total, key);
                }
            }
            let name = name.to_string();
            self.keys.remove(&name);
        }
    }
}

impl Record for Days {
    fn walk(&mut self, walk: &mut Walk) {
        let Some(kept) = walk.reads() else {
            let pair = |(day, amount): &(i64, i64)| Value::List(vec![(*day).into(), (*amount).into()]);
            return walk.write(if self.0.is_empty() {
                Value::Null
            } else {
                self.0.iter().map(pair).collect::<Vec<_>>().into()
            });
        };
        for pair in kept.list() {
            match pair.list() {
                [Value::Number(day), Value::Number(amount)] => self.0.push((*day as i64, *amount as i64)),
                _ => walk.refuse(),
            }
        }
    }
}

/// So many keys of a meter are kept: beyond, the least of them goes. And so many different values: beyond, they are not counted.
const KEYS: usize = 256;
const DIFFERENT: usize = 1_000;
/// Days that no window shows any more are dropped beyond so many, of a meter and of each of its keys: not at once, so that a
/// clock that ran ahead for a while takes nothing away.
const DAYS: usize = 100;
const DAYS_OF_KEY: usize = 20;

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

impl Meter<'_> {
    /// Moves the counts by one signal. `document` is what `where` reads.
    pub fn update(self, counts: &mut Counts, signal: &Signal, document: &Value, context: Context) {
        if !matches!(signal.kind, Kind::Track | Kind::Page) {
            return;
        }
        let Some(change) = self.change(signal, context) else { return };
        let facts = Facts { document, groups: &Value::Null, host: context.host };
        if self.filter().is_some_and(|filter| !filter.holds(facts)) {
            return;
        }
        let day = (self.window() != Window::Life).then(|| context.zones.day(context.zone, signal.at));
        let from = day.map(|day| first_day(self.window(), day));
        if let Some(key) = self.by().and_then(|by| id_text(signal.properties.at(by))) {
            let count = counts.keys.entry(&key);
            count.move_by(&change, day);
            count.days.drop_before(from, DAYS_OF_KEY);
            counts.limit();
        }
        counts.all.move_by(&change, day);
        counts.all.days.drop_before(from, DAYS);
    }

    /// The shopper becomes a member.
    pub fn enrol(self, counts: &mut Counts, at: Time) {
        if self.since().is_some_and(|since| since.has("enrol")) {
            counts.all.move_by(&Change::Min(at.0), None);
        }
    }

    fn change(self, signal: &Signal, context: Context) -> Option<Change> {
        let name = &signal.name;
        let hears = |wanted: Option<Property>| wanted.is_some_and(|wanted| hears(wanted.event, name));
        let amount = |wanted: Option<Property>| amount(signal, wanted?.property, context);
        if let Some(names) = self.count() {
            return match self.minus() {
                _ if names.has(name) => Some(Change::Add(1)),
                minus if hears(minus) => Some(Change::Add(-1)),
                _ => None,
            };
        }
        if hears(self.sum()) {
            return amount(self.sum()).map(Change::Add);
        }
        if self.sum().is_some() && hears(self.minus()) {
            // Some write what is taken away with a sign.
            return amount(self.minus()).map(|amount| Change::Add(-amount.saturating_abs()));
        }
        if hears(self.distinct()) {
            return id_text(signal.properties.at(self.distinct()?.property)).map(Change::See);
        }
        if hears(self.max()) {
            return amount(self.max()).map(Change::Max);
        }
        if self.last().is_some_and(|last| last.has(name)) {
            return Some(Change::Max(signal.at.0));
        }
        self.since().is_some_and(|since| since.has(name)).then_some(Change::Min(signal.at.0))
    }

    /// Begins at what a server vouches for, unless it shows that already.
    pub fn restart(self, counts: &mut Counts, value: i64, at: Time, context: Context) {
        if self.by().is_some() || self.value(Some(counts), at, context).integer() == Some(value) {
            return;
        }
        let all = &mut counts.all;
        (all.any, all.total) = (true, value);
        all.days.0.clear();
        if self.window() != Window::Life {
            all.on(context.zones.day(context.zone, at), value);
        }
    }

    /// What the meter shows at a moment: a number, or an object of numbers by key.
    pub fn value(self, counts: Option<&Counts>, now: Time, context: Context) -> Value {
        let from = match self.window() {
            Window::Life => None,
            window => Some(first_day(window, context.zones.day(context.zone, now))),
        };
        let itself = self.last().is_some() || self.since().is_some() || self.max().is_some();
        let shows = |count: &Count| match itself {
            true if count.any => count.total.into(),
            true => Value::Null,
            false => count.within(from).into(),
        };
        if self.by().is_none() {
            return counts.map_or_else(|| shows(&Count::default()), |counts| shows(&counts.all));
        }
        let mut map = Map::new();
        if let Some(counts) = counts {
            for (key, count) in counts.keys.iter() {
                map.sorted(key, shows(count));
            }
        }
        map.into()
    }

    /// The first day on which a windowed meter will show less: when the oldest counted day has left the window.
    pub fn leaves(self, counts: &Counts, today: Day) -> Option<Day> {
        let from = first_day(self.window(), today);
        let first = counts.all.days.0.iter().map(|(day, _)| *day).filter(|day| *day >= i64::from(from.0)).min()?;
        match self.window() {
            Window::Life => None,
            Window::Month => Some(from.plus_months(1)),
            Window::Year => Some(from.plus_months(12)),
            Window::Trailing(span) => {
                Some(Day(i32::try_from(first).ok()?).plus_months(span.months).plus(span.days + 1))
            }
        }
    }
}

/// The first day inside a window that ends today.
fn first_day(window: Window, today: Day) -> Day {
    let (year, month, _) = today.civil();
    match window {
        Window::Life => Day(i32::MIN),
        Window::Month => Day::new(year, month, 1),
        Window::Year => Day::new(year, 1, 1),
        Window::Trailing(span) => {
            let through = |day: Day| day.plus_months(span.months).plus(span.days);
            let day = today.plus_months(-span.months).plus(-span.days);
            // Months clamp: 28 February counts through 28 March, and 29 March less a month is 28 February again.
            (0..4).map(|later| day.plus(later)).find(|day| through(*day) >= today).unwrap_or(day)
        }
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
            Change::See(value) if self.seen.len() < DIFFERENT && !self.seen.contains(value) => {
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
        match self.days.0.iter_mut().find(|(other, _)| *other == day) {
            Some((_, sum)) => *sum = sum.saturating_add(amount),
            None => self.days.0.push((day, amount)),
        }
    }

    fn within(&self, from: Option<Day>) -> i64 {
        match from {
            None => self.total,
            Some(from) => {
                let inside = self.days.0.iter().filter(|(day, _)| *day >= i64::from(from.0));
                inside.fold(0, |sum: i64, (_, amount)| sum.saturating_add(*amount))
            }
        }
    }
}

/// A property as an integer: money in minor units, other numbers, virtual currencies among them, rounded half away from zero.
pub fn amount(signal: &Signal, property: &str, context: Context) -> Option<i64> {
    let virtually = property == "value" && !signal.properties.field("virtual_currency_name").is_null();
    if !virtually && ["value", "price", "tax", "shipping"].contains(&property) {
        return signal.money(property, context.currency, context.host);
    }
    money::minor(signal.properties.at(property), 0, context.host)
}
