//! Rules: what earns points, how often, and what takes it back.

use super::ledger::{Base, Earning};
use super::program::{Per, Prize, Program, Rate};
use super::{Arrival, Loyalty, Payout, Turn};
use crate::engine::audience::Condition;
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, forms};
use crate::engine::base::document::{List, Part, Table};
use crate::engine::base::text::join;
use crate::engine::base::time::{Span, Time};
#[cfg(feature = "studio")]
use crate::engine::base::value::Map;
use crate::engine::base::value::Value;
use crate::engine::meter::{self, Names};
use crate::engine::signal::{Kind, id_text};
use crate::{document, record, scalar};

document! {
    /// One way of earning.
    pub struct Rule {
        /// Id, named in the ledger.
        "id" id: &'a str,
        /// The events that earn.
        "on" on: Names<'a>,
        /// Only where this holds, over the state before the event.
        "when" when: Option<Condition<'a>> = None,
        /// The purpose it needs.
        "needs" needs: Option<&'a str> = None,
        /// How much of which currency: a number, or `[property, numerator, denominator]`.
        "grant" grant: Table<'a, Grant<'a>> = Table::of(&Value::Null),
        /// What it gives beside points.
        "reward" reward: Option<Prize<'a>> = None,
        /// Once for each value of this property, or of these together; `member`: once ever. Orders never pay twice in any case.
        "once" once: Option<Once<'a>> = None,
        /// More of it, added up, where conditions hold.
        "bonus" bonus: List<'a, Bonus<'a>> = List::of(&Value::Null),
        /// At most so much; one limit or several.
        "cap" cap: Caps<'a> = Caps(&Value::Null),
        /// Events that take a grant back, matched by `once` or by the properties they name.
        "undo" undo: Undoings<'a> = Undoings(&Value::Null),
        /// How long its points wait, where that is not the currency's.
        "pending" pending: Option<super::ledger::Pending<'a>> = None,
        /// The shopper chooses between a reward now and more points later.
        "choice" choice: Option<Choice<'a>> = None,
        /// What the host is told when it grants.
        "emit" emit: Option<&'a str> = None,
        /// Never shown beforehand.
        "hidden" hidden: bool = false,
    }

    /// More of a grant: the fractions of all that hold are added up.
    pub struct Bonus {
        /// Where this holds, over the state before the event.
        "when" when: Condition<'a>,
        /// So much of the grant is added: `[1, 2]` is half as much again.
        "add" add: Rate,
    }

    /// A reward now, or more points later.
    pub struct Choice {
        /// Only where this holds.
        "when" when: Option<Condition<'a>> = None,
        /// How long the shopper may choose.
        "in" within: Span,
        /// What choosing `now` gives.
        "now" now: Now<'a> = Now(&Value::Null),
        /// What choosing `save` gives.
        "save" save: Save<'a> = Save(&Value::Null),
        /// What no choice gives: `grant`, the points as they are.
        "else" otherwise: &'a str = "grant",
    }

    /// A reward worth the points, at once.
    pub struct Now {
        /// Its id.
        "reward" reward: Option<&'a str> = None,
    }

    /// More points, later.
    pub struct Save {
        /// The points times this.
        "times" times: Rate = Rate(1, 1),
        /// How long they wait.
        "pending" pending: Option<super::ledger::Pending<'a>> = None,
    }

    /// An event that takes a grant back.
    pub struct Undoing {
        /// The event.
        "on" on: &'a str,
        /// The properties that must be as they were.
        "by" by: List<'a, &'a str> = List::of(&Value::Null),
    }
}

/// How much a rule grants.
#[derive(Clone, Copy)]
pub enum Grant<'a> {
    /// So many.
    Fixed(i64),
    /// A property of the event times a fraction; `value` is money in minor units.
    Rate(&'a str, Rate),
}

scalar!(
    Grant<'a>,
    "a whole number or [property, numerator, denominator], not negative",
    [],
    |value| Grant::parse(value),
    Grant::Fixed(0)
);

impl<'a> Grant<'a> {
    fn parse(value: &'a Value) -> Option<Grant<'a>> {
        let whole = |value: &Value| value.integer().filter(|number| *number >= 0);
        match value.list() {
            [Value::Text(property), numerator, denominator] => {
                let denominator = whole(denominator).filter(|number| *number > 0)?;
                Some(Grant::Rate(property, Rate(whole(numerator)?, denominator)))
            }
            _ => whole(value).map(Grant::Fixed),
        }
    }
}

/// A property, or several.
#[derive(Clone, Copy)]
pub struct Once<'a>(pub &'a Value);

impl<'a> Once<'a> {
    /// The properties, one or several; none for `member`.
    pub fn properties(self) -> List<'a, &'a str> {
        if self.0.text() == Some("member") { List::of(&Value::Null) } else { List::one_or_more(self.0) }
    }
}

impl<'a> Part<'a> for Once<'a> {
    fn of(value: &'a Value) -> Self {
        Once(value)
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

/// One limit or several: `{CURRENCY: so much, "per": …}` or `{"n": so often, "per": …}`. Limits of several rules and missions
/// with the same `group` are one.
#[derive(Clone, Copy)]
pub struct Caps<'a>(pub &'a Value);

impl<'a> Part<'a> for Caps<'a> {
    fn of(value: &'a Value) -> Self {
        Caps(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        let one = |value: &'a Value, check: &mut Check| {
            let Some(map) = value.map() else {
                return check.expected("an object such as {\"pt\": 50, \"per\": \"day\"}", value);
            };
            for (key, value) in map.iter() {
                check.within(key, |check| match key {
                    "per" => Per::check(value, check),
                    "group" => <&str>::check(value, check),
                    _ => i64::check(value, check),
                });
            }
        };
        match value {
            Value::List(list) => {
                for (index, value) in list.iter().enumerate() {
                    check.within(&index.to_string(), |check| one(value, check));
                }
            }
            value => one(value, check),
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        let properties = Map::new().with("per", Per::schema(defs)).with("group", <&str>::schema(defs));
        let one = Map::new()
            .with("type", "object")
            .with("properties", properties)
            .with("additionalProperties", i64::schema(defs));
        let many = Map::new().with("type", "array").with("items", one.clone());
        forms(vec![one.into(), many.into()])
    }
}

/// Events that take something back: a name, `{on, by}`, or several of them.
#[derive(Clone, Copy)]
pub struct Undoings<'a>(pub &'a Value);

impl<'a> Undoings<'a> {
    /// The events, each with the properties that must be as they were.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, List<'a, &'a str>)> {
        let all = if let Value::List(several) = self.0 { several } else { std::slice::from_ref(self.0) };
        all.iter().filter_map(|one| match one {
            Value::Text(on) => Some((on.as_str(), List::of(&Value::Null))),
            Value::Map(_) => Some((Undoing(one).on(), Undoing(one).by())),
            _ => None,
        })
    }
}

impl<'a> Part<'a> for Undoings<'a> {
    fn of(value: &'a Value) -> Self {
        Undoings(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        let one = |value: &'a Value, check: &mut Check| match value {
            Value::Map(_) => Undoing::check(value, check),
            value => <&str>::check(value, check),
        };
        match value {
            Value::List(list) => {
                for (index, value) in list.iter().enumerate() {
                    check.within(&index.to_string(), |check| one(value, check));
                }
            }
            value => one(value, check),
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        let one = forms(vec![<&str>::schema(defs), Undoing::schema(defs)]);
        let many: Value = Map::new().with("type", "array").with("items", one.clone()).into();
        forms(vec![one, many])
    }
}

record! {
    /// What rules have granted.
    pub struct Grants {
        /// What `once` has already paid: rule and value.
        "paid" paid: Vec<String>,
    }
}

/// Books what the program's rules grant for a signal.
pub fn hear(loyalty: &mut Loyalty, turn: Turn) {
    let Some(signal) = turn.signal.filter(|signal| matches!(signal.kind, Kind::Track | Kind::Page)) else { return };
    let program: Program = turn.program;
    for rule in program.rules().iter().filter(|rule| rule.on().has(&signal.name)) {
        let once = rule.once().map(|once| {
            let property = once.0.text().unwrap_or_default();
            let value = if property == "member" { None } else { id_text(signal.properties.at(property)) };
            join(&[rule.id(), "=", value.as_deref().unwrap_or_default()])
        });
        let reason = if rule.when().is_some_and(|when| !when.holds(turn.facts)) {
            Some("when")
        } else if once.as_ref().is_some_and(|once| loyalty.grants.paid.contains(once)) {
            Some("once")
        } else if turn.arrival != Arrival::Timely {
            Some("late")
        } else {
            None
        };
        let mut granted = false;
        for (currency, grant) in rule.grant().iter() {
            let Some(rules) = program.currencies().get(currency) else { continue };
            let base = match grant {
                Grant::Rate(property, _) => meter::amount(signal, property, turn.house),
                Grant::Fixed(_) => Some(1),
            };
            match (reason, base) {
                (Some(reason), _) => loyalty.reject(currency, rule.id(), program.version(), reason, turn.cause()),
                (None, None) => loyalty.reject(currency, rule.id(), program.version(), "currency", turn.cause()),
                (None, Some(base)) => {
                    let base = match grant {
                        Grant::Fixed(number) => Base { amount: number, rate: None },
                        Grant::Rate(_, rate) => Base { amount: base, rate: Some(rate) },
                    };
                    let version = program.version();
                    let earning = Earning { currency, rules, rule: rule.id(), version, order: turn.order, base };
                    loyalty.earn(earning, turn.cause(), turn.calendar());
                    granted = true;
                }
            }
        }
        if let (true, Some(once)) = (granted, once) {
            loyalty.grants.paid.push(once);
        }
    }
}

/// A choice that was not made in time.
pub fn pass(_loyalty: &mut Loyalty, _turn: Turn) {}

/// When the next choice ends.
pub fn next(_loyalty: &Loyalty, _turn: Turn) -> Option<Time> {
    None
}

/// Books points that something other than a rule gives.
pub fn book(_loyalty: &mut Loyalty, _payout: &Payout, _currency: &str, _amount: i64, _turn: Turn) {}
