//! Meters: the one counting primitive. Audiences, tiers and messages read them alike.

pub mod undo;

use crate::engine::audience::{Clock, Condition, Facts};
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
use undo::Undoings;

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
        /// What is taken away again: an event for a `count`, `event.property` for a `sum`. With `{on, by}` an event takes back
        /// those that were counted with the same properties, each once and on its own day; of them the newest 256 are remembered.
        "minus" minus: Undoings<'a> = Undoings(&Value::Null),
        /// What it begins anew with, at nothing.
        "reset" reset: Option<Reset<'a>> = None,
        /// Counts apart for each value of this property of the event; of more than 256 values those that count most are kept.
        "by" by: Option<&'a str> = None,
        /// Only events that meet this condition count.
        "where" filter: Option<Condition<'a>> = None,
        /// `life` (all), `calendarMonth`, `calendarYear`, or a trailing duration such as `P12M` or `trailing:P12M`.
        "window" window: Window = Window::Life,
    }
}

document! {
    /// What a meter begins anew with.
    pub struct Reset {
        /// These events.
        "on" on: Names<'a>,
        /// Only those that meet this condition.
        "where" filter: Option<Condition<'a>> = None,
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

    /// Whether the becoming of a member is meant.
    fn is_enrolment(self) -> bool {
        self.0.text() == Some("enrol")
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
    |value| value.text().map(Property::parse),
    Property { event: "", property: "" }
);

impl<'a> Property<'a> {
    fn parse(text: &'a str) -> Property<'a> {
        let (event, property) = cut(text, b'.').unwrap_or((text, ""));
        Property { event, property }
    }
}

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

    /// The first day that counts on a day; none: all do.
    pub fn first(self, today: Day) -> Option<Day> {
        let (year, month, _) = today.civil();
        match self {
            Window::Life => None,
            Window::Month => Some(Day::new(year, month, 1)),
            Window::Year => Some(Day::new(year, 1, 1)),
            Window::Trailing(span) => {
                let day = today.plus_months(-span.months).plus(-span.days);
                // Months clamp: 28 February counts through 28 March, and 29 March less a month is 28 February again.
                (0..4).map(|later| day.plus(later)).find(|day| self.ends(*day) > Some(today)).or(Some(day))
            }
        }
    }

    /// The first day on which what happens on a day counts no more; none: it always does.
    pub fn ends(self, day: Day) -> Option<Day> {
        match self {
            Window::Life => None,
            Window::Month => self.first(day).map(|first| first.plus_months(1)),
            Window::Year => self.first(day).map(|first| first.plus_months(12)),
            Window::Trailing(span) => Some(day.plus_months(span.months).plus(span.days + 1)),
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
        /// What may yet be taken back, oldest first: `[amount, day, key, …]`, then the properties that `minus` goes by.
        "counted" counted: Vec<Value>,
    }
}

/// Days and amounts, oldest first, kept as `[[day, amount], …]`.
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
/// See `KEYS`.
pub const DIFFERENT: usize = 1_000;
/// So many counted events can be taken back: beyond, the oldest stand.
const COUNTED: usize = 256;
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
    /// When the shopper became a member.
    pub enrolled: Option<Time>,
}

impl<'a> Context<'a> {
    /// What conditions are held against.
    pub fn facts(self, document: &'a Value, now: Time) -> Facts<'a> {
        let clock = Clock { now, zones: self.zones, zone: self.zone };
        Facts { document, groups: &Value::Null, host: self.host, clock }
    }
}

impl<'a> Meter<'a> {
    /// Whether it shows an amount of money.
    pub fn is_money(self) -> bool {
        self.sum().is_some_and(|sum| MONEY.contains(&sum.property))
    }

    /// Moves the counts by one signal. `document` is what `where` reads.
    pub fn update(self, counts: &mut Counts, signal: &Signal, document: &Value, context: Context) {
        if !matches!(signal.kind, Kind::Track | Kind::Page) {
            return;
        }
        let facts = context.facts(document, signal.at);
        let anew = self.reset().filter(|reset| reset.on().has(&signal.name));
        if anew.is_some_and(|reset| reset.filter().is_none_or(|filter| filter.holds(facts))) {
            *counts = Counts::default();
        }
        self.take_back(counts, signal);
        let Some(change) = self.change(signal, context) else { return };
        if self.filter().is_some_and(|filter| !filter.holds(facts)) {
            return;
        }
        let day = (self.window() != Window::Life).then(|| context.zones.day(context.zone, signal.at));
        let from = day.and_then(|day| self.window().first(day));
        let key = self.by().and_then(|by| id_text(signal.properties.at(by)));
        if let Some(key) = &key {
            let count = counts.keys.entry(key);
            count.move_by(&change, day);
            count.days.drop_before(from, DAYS_OF_KEY);
            counts.limit();
        }
        counts.all.move_by(&change, day);
        counts.all.days.drop_before(from, DAYS);
        let Change::Add(amount) = change else { return };
        let mut line = vec![amount.into(), day.map(|day| i64::from(day.0)).into(), key.into()];
        let members = line.len();
        for (_, by) in self.minus().iter() {
            // In the order in which `take_back` looks for them.
            by.iter().for_each(|name| line.push(id_text(signal.properties.at(name)).into()));
        }
        if line.len() > members {
            counts.counted.push(line.into());
            counts.counted.drain(..counts.counted.len().saturating_sub(COUNTED));
        }
    }

    /// An event takes back what was counted with the same properties.
    fn take_back(self, counts: &mut Counts, signal: &Signal) {
        // Three members of a line stand before the properties.
        let mut place = 3;
        for (on, by) in self.minus().iter() {
            let wanted: Vec<Option<String>> = by.iter().map(|name| id_text(signal.properties.at(name))).collect();
            let places = place..place + wanted.len();
            place = places.end;
            if wanted.is_empty() || !hears(Property::parse(on).event, &signal.name) {
                continue;
            }
            let Counts { all, keys, counted } = counts;
            counted.retain(|line| {
                let [amount, day, key, ..] = line.list() else { return false };
                let known = line.list().get(places.clone()).unwrap_or_default();
                let same = known
                    .iter()
                    .zip(&wanted)
                    .all(|(known, wanted)| wanted.is_some() && known.text() == wanted.as_deref());
                if same {
                    let (amount, day) = (amount.integer().unwrap_or(0), day.integer());
                    all.take(amount, day);
                    if let Some(count) = key.text().and_then(|key| keys.get_mut(key)) {
                        count.take(amount, day);
                    }
                }
                !same
            });
        }
    }

    /// Whether an event of this name may move it.
    pub fn hears(self, event: &str) -> bool {
        [self.count(), self.last(), self.since()].into_iter().flatten().any(|names| names.has(event))
            || [self.sum(), self.distinct(), self.max()].into_iter().flatten().any(|summed| hears(summed.event, event))
            || self.reset().is_some_and(|reset| reset.on().has(event))
            || self.minus().iter().any(|(minus, _)| hears(cut(minus, b'.').map_or(minus, |(name, _)| name), event))
    }

    fn change(self, signal: &Signal, context: Context) -> Option<Change> {
        let name = &signal.name;
        let hears = |wanted: Option<Property>| wanted.is_some_and(|wanted| hears(wanted.event, name));
        let amount = |property: &str| amount(signal, property, context);
        if self.count().is_some_and(|names| names.has(name)) {
            return Some(Change::Add(1));
        }
        if let Some(sum) = self.sum().filter(|sum| hears(Some(*sum))) {
            return amount(sum.property).map(Change::Add);
        }
        let mut plain = self.minus().iter().filter(|(_, by)| by.is_empty()).map(|(on, _)| Property::parse(on));
        if let Some(minus) = plain.find(|minus| hears(Some(*minus))) {
            return match self.sum() {
                // Some write what is taken away with a sign.
                Some(_) => amount(minus.property).map(|amount| Change::Add(-amount.saturating_abs())),
                None => self.count().is_some().then_some(Change::Add(-1)),
            };
        }
        if hears(self.distinct()) {
            return id_text(signal.properties.at(self.distinct()?.property)).map(Change::See);
        }
        if hears(self.max()) {
            return amount(self.max()?.property).map(Change::Max);
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
        if self.since().is_some_and(Names::is_enrolment) {
            return context.enrolled.map(|enrolled| enrolled.0).into();
        }
        let from = self.window().first(context.zones.day(context.zone, now));
        let shows = |count: &Count| match self.is_itself() {
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

    /// What a meter without keys counts from a day on; none: all of it.
    pub fn counted(self, counts: Option<&Counts>, from: Option<Day>) -> i64 {
        counts.map_or(0, |counts| if self.is_itself() { counts.all.total } else { counts.all.within(from) })
    }

    /// What a meter with keys counts now, by key.
    pub fn by_key<'b>(
        self,
        counts: Option<&'b Counts>,
        now: Time,
        context: Context,
        tell: &mut dyn FnMut(&'b str, i64),
    ) {
        let from = self.window().first(context.zones.day(context.zone, now));
        let Some(counts) = counts else { return };
        for (key, count) in counts.keys.iter() {
            tell(key, if self.is_itself() { count.total } else { count.within(from) });
        }
    }

    /// Whether it shows a value that was once told, not a sum: a maximum or an instant.
    fn is_itself(self) -> bool {
        self.last().is_some() || self.since().is_some() || self.max().is_some()
    }

    /// Whether it shows an instant.
    pub fn is_instant(self) -> bool {
        self.last().is_some() || self.since().is_some()
    }

    /// Whether a refund of an order makes it less: it adds up or counts whole orders.
    pub fn is_of_orders(self) -> bool {
        let adds = self.sum().is_some_and(|sum| sum.event == "purchase" && sum.property == "value");
        self.filter().is_none()
            && self.by().is_none()
            && (adds || self.count().is_some_and(|names| names.has("purchase")))
    }

    /// The first day on which a windowed meter will show something else: when the oldest counted day has left the window.
    pub fn leaves(self, counts: &Counts, today: Day) -> Option<Day> {
        let from = self.window().first(today)?;
        let days = &counts.all.days.0;
        let (first, _) = days.get(days.partition_point(|(day, _)| *day < i64::from(from.0)))?;
        self.window().ends(Day(i32::try_from(*first).ok()?))
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
        let (day, days) = (i64::from(day.0), &mut self.days.0);
        // It is most often the last one.
        let place = days.iter().rposition(|(other, _)| *other <= day).map_or(0, |place| place + 1);
        match place.checked_sub(1).and_then(|place| days.get_mut(place)).filter(|(other, _)| *other == day) {
            Some((_, sum)) => *sum = sum.saturating_add(amount),
            None => days.insert(place, (day, amount)),
        }
    }

    /// Takes back what was counted on a day.
    fn take(&mut self, amount: i64, day: Option<i64>) {
        self.total = self.total.saturating_sub(amount);
        if let Some((_, sum)) = self.days.0.iter_mut().find(|(other, _)| Some(*other) == day) {
            *sum = sum.saturating_sub(amount);
        }
    }

    fn within(&self, from: Option<Day>) -> i64 {
        match from {
            None => self.total,
            Some(from) => {
                let inside = self.days.0.iter().rev().take_while(|(day, _)| *day >= i64::from(from.0));
                inside.fold(0, |sum: i64, (_, amount)| sum.saturating_add(*amount))
            }
        }
    }
}

/// Properties that are amounts of money.
const MONEY: [&str; 4] = ["value", "price", "tax", "shipping"];

/// A property as an integer: money in minor units, other numbers, virtual currencies among them, rounded half away from zero.
pub fn amount(signal: &Signal, property: &str, context: Context) -> Option<i64> {
    let virtually = property == "value" && !signal.properties.field("virtual_currency_name").is_null();
    if !virtually && MONEY.contains(&property) {
        return signal.money(property, context.currency, context.host);
    }
    money::minor(signal.properties.at(property), 0, context.host)
}
