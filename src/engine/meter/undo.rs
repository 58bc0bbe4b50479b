//! What takes back something that was counted or granted.

use crate::document;
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, forms, several};
use crate::engine::base::document::{List, Part};
#[cfg(feature = "studio")]
use crate::engine::base::value::Map;
use crate::engine::base::value::Value;

document! {
    /// An event that takes something back.
    pub struct Undoing {
        /// The event.
        "on" on: &'a str,
        /// The properties that must be as they were.
        "by" by: List<'a, &'a str> = List::of(&Value::Null),
    }
}

/// Events that take something back: a name, `{on, by}`, or several of them.
#[derive(Clone, Copy)]
pub struct Undoings<'a>(pub &'a Value);

impl<'a> Undoings<'a> {
    /// The events, each with the properties that must be as they were.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, List<'a, &'a str>)> {
        self.0.several().iter().filter_map(|one| match one {
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
        check.several(value, &one);
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        several(forms(vec![<&str>::schema(defs), Undoing::schema(defs)]))
    }
}
