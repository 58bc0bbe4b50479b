//! Facts computed from two facts, and what kind of shop the program says it is.

use super::Bundle;
use crate::engine::base::text::cut;
use crate::engine::base::time::{DAY, Day, Span, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::meter::{Context, Meter};
use crate::{document, scalar};

document! {
    /// A fact computed from two facts, read as `derived.NAME`: exactly one of `difference` and `ratio`. Where one of the two is
    /// missing, or is of no kind that can be reckoned with the other, there is none.
    pub struct Derived {
        /// The first less the second. Of dates and instants in days, by the house's calendar where one of them is a date; of
        /// durations such as `P30D` in days, of numbers as they are.
        "difference" difference: Option<Pair<'a>> = None,
        /// The first by the second. Durations count by their nominal length, months as 30 days; a date or an instant, such as a
        /// meter that shows when something last happened, as the time since then. None where the second is zero.
        "ratio" ratio: Option<Pair<'a>> = None,
    }
}

/// Two facts.
#[derive(Clone, Copy)]
pub struct Pair<'a>(pub &'a str, pub &'a str);

scalar!(
    Pair<'a>,
    "two facts such as [\"event.paidOn\", \"event.dueOn\"]",
    [("type", "array")],
    |value| match value.list() {
        [Value::Text(one), Value::Text(other)] => Some(Pair(one, other)),
        _ => None,
    },
    Pair("", "")
);

impl<'a> Derived<'a> {
    /// The facts that it reads.
    pub fn paths(self) -> impl Iterator<Item = &'a str> {
        let pairs = [self.difference(), self.ratio()].into_iter().flatten();
        pairs.flat_map(|Pair(one, other)| [one, other])
    }

    /// Its value over the facts of a moment.
    pub fn value(self, document: &Value, bundle: Bundle, now: Time, context: Context) -> Option<f64> {
        let read = |path: &str| Operand::read(path, document.at(path), bundle);
        if let Some(Pair(one, other)) = self.difference() {
            return read(one)?.less(read(other)?, now, context);
        }
        let Pair(one, other) = self.ratio()?;
        match (read(one)?.since(now, context), read(other)?.since(now, context)) {
            (Operand::Length(one), Operand::Length(other)) => quotient(one as f64, other as f64),
            (Operand::Number(one), Operand::Number(other)) => quotient(one, other),
            _ => None,
        }
    }
}

fn quotient(one: f64, other: f64) -> Option<f64> {
    Some(one / other).filter(|quotient| quotient.is_finite())
}

/// What can be reckoned with.
#[derive(Clone, Copy)]
enum Operand {
    Number(f64),
    /// In milliseconds.
    Length(i64),
    Date(Day),
    Instant(Time),
}

impl Operand {
    fn read(path: &str, value: &Value, bundle: Bundle) -> Option<Operand> {
        match value {
            Value::Number(number) => {
                let instant = cut(path, b'.').filter(|(root, _)| *root == "meter").is_some_and(|(_, rest)| {
                    let name = cut(rest, b'.').map_or(rest, |(name, _)| name);
                    bundle.meters().get(name).is_some_and(Meter::is_instant)
                });
                Some(if instant { Operand::Instant(Time(value.integer()?)) } else { Operand::Number(*number) })
            }
            Value::Text(text) => {
                let length = Span::parse(text).map(|span| Operand::Length(span.nominal()));
                let date = || Day::parse(text).map(Operand::Date);
                length.or_else(date).or_else(|| Time::parse(text).map(|(time, _)| Operand::Instant(time)))
            }
            _ => None,
        }
    }

    /// Of a date or an instant the time since then.
    fn since(self, now: Time, context: Context) -> Operand {
        match self {
            Operand::Instant(time) => Operand::Length(now.0 - time.0),
            Operand::Date(day) => {
                let today = context.zones.day(context.zone, now);
                Operand::Length((i64::from(today.0) - i64::from(day.0)) * DAY)
            }
            other => other,
        }
    }

    /// The difference, of times in days.
    fn less(self, other: Operand, now: Time, context: Context) -> Option<f64> {
        let day = |operand| match operand {
            Operand::Date(day) => Some(day),
            Operand::Instant(time) => Some(context.zones.day(context.zone, time)),
            _ => None,
        };
        match (self, other) {
            (Operand::Number(one), Operand::Number(other)) => Some(one - other).filter(|number| number.is_finite()),
            (Operand::Instant(one), Operand::Instant(other)) => Some((one.0 - other.0) as f64 / DAY as f64),
            (Operand::Number(_), _) | (_, Operand::Number(_)) => None,
            _ => match (day(self), day(other)) {
                (Some(one), Some(other)) => Some(f64::from(one.0) - f64::from(other.0)),
                _ => match (self.since(now, context), other.since(now, context)) {
                    (Operand::Length(one), Operand::Length(other)) => Some((one - other) as f64 / DAY as f64),
                    _ => None,
                },
            },
        }
    }
}

/// Adds `derived.*` to the facts it is computed from.
pub fn derive(document: &mut Map, bundle: Bundle, now: Time, context: Context) {
    if bundle.derived().iter().next().is_none() {
        return;
    }
    let mut derived = Map::new();
    let facts = Value::Map(std::mem::take(document));
    for (name, one) in bundle.derived().iter() {
        if let Some(value) = one.value(&facts, bundle, now, context) {
            derived.append(name, value.into());
        }
    }
    if let Value::Map(facts) = facts {
        *document = facts;
    }
    document.append("derived", derived.into());
}

/// The facts that `derived` can be computed from.
#[cfg(feature = "studio")]
pub const OPERANDS: [&str; 9] =
    ["user", "event", "context", "meter", "interest", "value", "loyalty", "consent", "profile"];
