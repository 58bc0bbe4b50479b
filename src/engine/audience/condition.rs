//! Conditions: facts at paths, compared and joined.

use super::date::Clock;
use super::operator::{Operator, compare, operators};
#[cfg(feature = "studio")]
use crate::engine::base::document::Check;
use crate::engine::base::document::Part;
use crate::engine::base::host::Host;
use crate::engine::base::text::cut_last;
#[cfg(feature = "studio")]
use crate::engine::base::value::Map;
use crate::engine::base::value::Value;
use std::borrow::Cow;
use std::cell::Cell;

/// What a condition is held against.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The one document that conditions read.
    pub document: &'a Value,
    /// Named lists for `$inGroup`.
    pub groups: &'a Value,
    /// The platform's functions.
    pub host: &'a dyn Host,
    /// When it is, and whose days count.
    pub clock: Clock<'a>,
}

/// So many comparisons a condition is worth: one that takes more holds for nobody, and nobody waits for it.
const FUEL: u32 = 100_000;

/// One evaluation, which ends when its fuel does.
pub struct Run<'a> {
    pub facts: Facts<'a>,
    fuel: &'a Cell<u32>,
}

impl Run<'_> {
    /// Pays for some work; false when nothing is left to pay with.
    #[inline]
    pub fn burn(&self, work: usize) -> bool {
        let left = self.fuel.get().saturating_sub(work as u32);
        self.fuel.set(left);
        left > 0
    }
}

impl Facts<'_> {
    /// Whether something holds that is found out within bounds.
    #[inline]
    pub fn within_bounds(self, holds: impl FnOnce(&Run) -> bool) -> bool {
        let fuel = Cell::new(FUEL);
        holds(&Run { facts: self, fuel: &fuel }) && fuel.get() > 0
    }
}

/// A condition.
#[derive(Clone, Copy)]
pub struct Condition<'a>(pub &'a Value);

impl<'a> Condition<'a> {
    /// Whether it holds. For what is asked often there is [`super::Conditions`].
    pub fn holds(self, facts: Facts) -> bool {
        facts.within_bounds(|run| eval(self.0, facts.document, run))
    }

    /// Tells each path at which it looks at a fact.
    pub fn paths(self, tell: &mut dyn FnMut(&'a str)) {
        self.0.list().iter().for_each(|one| Condition(one).paths(tell));
        for (key, operand) in self.0.members() {
            match Junction::named(key) {
                Some(_) => Condition(operand).paths(tell),
                None => tell(key),
            }
        }
    }
}

impl<'a> Part<'a> for Condition<'a> {
    fn of(value: &'a Value) -> Self {
        Condition(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        super::check::condition(value, check);
    }
    #[cfg(feature = "studio")]
    fn schema(_: &mut Map) -> Value {
        Map::new().with("type", "object").with("description", "a condition in GrowthBook's condition language").into()
    }
}

/// How conditions are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Junction {
    /// All hold.
    And,
    /// One holds, or there are none.
    Or,
    /// Not so.
    Nor,
    /// The one does not hold.
    Not,
}

impl Junction {
    /// The one of this name.
    pub fn named(key: &str) -> Option<Junction> {
        match key {
            "$and" => Some(Junction::And),
            "$or" => Some(Junction::Or),
            "$nor" => Some(Junction::Nor),
            "$not" => Some(Junction::Not),
            _ => None,
        }
    }

    /// The conditions that it joins.
    pub fn parts(self, operand: &Value) -> &[Value] {
        if self == Junction::Not { std::slice::from_ref(operand) } else { operand.list() }
    }

    /// Whether all must hold; else one is enough.
    pub fn is_of_all(self) -> bool {
        matches!(self, Junction::And | Junction::Not)
    }

    /// What comes of it. `found`: of all one that does not hold, else one that does.
    pub fn outcome(self, is_empty: bool, found: bool) -> bool {
        let holds = if self.is_of_all() { !found } else { found || is_empty };
        holds != matches!(self, Junction::Nor | Junction::Not)
    }
}

/// Whether a condition holds for a document, or for an element of a list in it.
pub fn eval(condition: &Value, document: &Value, run: &Run) -> bool {
    run.burn(1)
        && condition.map().is_some_and(|map| {
            map.iter().all(|(key, operand)| match Junction::named(key) {
                Some(junction) => {
                    let (parts, all) = (junction.parts(operand), junction.is_of_all());
                    let found = parts.iter().any(|part| eval(part, document, run) != all);
                    junction.outcome(parts.is_empty(), found)
                }
                None => compare(Operator::Is, operand, &fact(document, key), run, false),
            })
        })
}

/// What a path leads to; lists have a `length`.
pub fn fact<'a>(document: &'a Value, path: &str) -> Cow<'a, Value> {
    let (list, last) = cut_last(path, b'.').map_or((Some(document), path), |(list, last)| (document.find(list), last));
    match list {
        Some(Value::List(items)) if last == "length" => Cow::Owned(Value::Number(items.len() as f64)),
        _ => Cow::Borrowed(list.and_then(|list| list.member(last)).unwrap_or(&Value::Null)),
    }
}

/// The operators that a fact must meet, each with its operand: one, that coerces, where none are named. An unknown one is none.
pub fn comparisons<'a>(operand: &'a Value, tell: &mut dyn FnMut(Option<&'a str>, Option<Operator>, &'a Value)) {
    match operators(operand) {
        Some(map) => map.iter().for_each(|(name, operand)| tell(Some(name), Operator::named(name), operand)),
        None => tell(None, Some(Operator::Is), operand),
    }
}
