//! GrowthBook's condition language, spec 0.8.0, with the readings that standards.md chooses.

#[cfg(feature = "studio")]
use crate::engine::base::document::Check;
use crate::engine::base::document::Part;
use crate::engine::base::host::{Host, MAX_PATTERN, MAX_SUBJECT};
use crate::engine::base::text::{cut, is_digits};
use crate::engine::base::value::{Map, Value};
use std::borrow::Cow;
use std::cmp::Ordering;

/// What a condition is held against.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The one document that conditions read.
    pub document: &'a Value,
    /// Named lists for `$inGroup`.
    pub groups: &'a Value,
    /// The platform's functions.
    pub host: &'a dyn Host,
}

/// A condition.
#[derive(Clone, Copy)]
pub struct Condition<'a>(pub &'a Value);

const LOGIC: [&str; 4] = ["$and", "$or", "$nor", "$not"];
/// A comparison at one path that did not hold, or the last that did: what an explanation names.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// The fact it looked at.
    pub path: String,
    /// What it wanted.
    pub expected: Value,
    /// What it found; `Null` when absent.
    pub actual: Value,
}

impl<'a> Condition<'a> {
    /// Whether it holds.
    pub fn holds(self, facts: Facts) -> bool {
        eval(self.0, facts.document, facts)
    }

    /// Tells each path at which it looks at a fact; of a length the list.
    pub fn paths(self, tell: &mut dyn FnMut(&'a str)) {
        paths(self.0, tell);
    }

    /// The first top-level comparison that does not hold.
    pub fn failing(self, facts: Facts) -> Option<Leaf> {
        failing(self.0, facts)
    }
}

impl<'a> Part<'a> for Condition<'a> {
    fn of(value: &'a Value) -> Self {
        Condition(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        checks::condition(value, check);
    }
    #[cfg(feature = "studio")]
    fn schema(_: &mut Map) -> Value {
        Map::new().with("type", "object").with("description", "a condition in GrowthBook's condition language").into()
    }
}

/// What compares a value; `$and`, `$or` and `$nor` join conditions beside it.
#[cfg(feature = "studio")]
pub const OPERATORS: [&str; 29] = [
    "$eq",
    "$ne",
    "$lt",
    "$lte",
    "$gt",
    "$gte",
    "$exists",
    "$in",
    "$nin",
    "$ini",
    "$nini",
    "$all",
    "$alli",
    "$inGroup",
    "$notInGroup",
    "$not",
    "$size",
    "$elemMatch",
    "$type",
    "$regex",
    "$regexi",
    "$notRegex",
    "$notRegexi",
    "$veq",
    "$vne",
    "$vlt",
    "$vlte",
    "$vgt",
    "$vgte",
];

/// Tells what an evaluation would silently take for false.
#[cfg(feature = "studio")]
mod checks {
    use super::{Check, MAX_PATTERN, Map, OPERATORS, Value, operators};

    pub fn condition(value: &Value, check: &mut Check) {
        let Some(map) = value.map() else { return check.fail("type", "expected a condition, an object") };
        for (key, operand) in map.iter() {
            check.within(key, |check| match key {
                "$not" => condition(operand, check),
                "$and" | "$or" | "$nor" => conditions(operand, check),
                _ if key.starts_with("$") => {
                    check.fail("unknown_operator", "not an operator at this place; name a fact first")
                }
                _ => test(operand, check),
            });
        }
    }

    fn conditions(list: &Value, check: &mut Check) {
        if !matches!(list, Value::List(_)) {
            check.fail("type", "expected an array of conditions");
        }
        for (index, one) in list.list().iter().enumerate() {
            check.within(&index.to_string(), |check| condition(one, check));
        }
    }

    fn test(operand: &Value, check: &mut Check) {
        for (operator, operand) in operators(operand).into_iter().flat_map(Map::iter) {
            check.within(operator, |check| match operator {
                "$not" | "$size" => test(operand, check),
                "$elemMatch" if operators(operand).is_none() => condition(operand, check),
                "$elemMatch" => test(operand, check),
                "$in" | "$nin" | "$ini" | "$nini" | "$all" | "$alli" if !matches!(operand, Value::List(_)) => {
                    check.fail("type", "expected an array");
                }
                "$regex" | "$regexi" | "$notRegex" | "$notRegexi"
                    if operand.text().is_none_or(|text| text.len() > MAX_PATTERN) =>
                {
                    check.fail("type", "expected a regular expression of at most 256 letters");
                }
                _ if OPERATORS.contains(&operator) => (),
                _ => check.fail("unknown_operator", "unknown operator; see GrowthBook's condition language"),
            });
        }
    }
}

/// The operators of an object all of whose keys begin with `$`.
fn operators(operand: &Value) -> Option<&Map> {
    operand.map().filter(|map| !map.is_empty() && map.iter().all(|(key, _)| key.starts_with("$")))
}

fn eval(condition: &Value, document: &Value, facts: Facts) -> bool {
    let Some(map) = condition.map() else { return false };
    map.iter().all(|(key, operand)| match key {
        "$and" => operand.list().iter().all(|condition| eval(condition, document, facts)),
        "$or" => any(operand, document, facts),
        "$nor" => !any(operand, document, facts),
        "$not" => !eval(operand, document, facts),
        path => matches(operand, &fact(document, path), facts, false),
    })
}

fn paths<'a>(condition: &'a Value, tell: &mut dyn FnMut(&'a str)) {
    condition.list().iter().for_each(|one| paths(one, tell));
    for (key, operand) in condition.members() {
        match LOGIC.contains(&key) {
            true => paths(operand, tell),
            false => tell(key.strip_suffix(".length").unwrap_or(key)),
        }
    }
}

/// What a path leads to; lists have a `length`.
fn fact<'a>(document: &'a Value, path: &str) -> Cow<'a, Value> {
    match path.strip_suffix(".length").and_then(|list| document.find(list)) {
        Some(Value::List(items)) => Cow::Owned(Value::Number(items.len() as f64)),
        _ => Cow::Borrowed(document.at(path)),
    }
}

/// An empty `$or` holds.
fn any(conditions: &Value, document: &Value, facts: Facts) -> bool {
    let list = conditions.list();
    list.is_empty() || list.iter().any(|condition| eval(condition, document, facts))
}

fn failing(condition: &Value, facts: Facts) -> Option<Leaf> {
    condition.map()?.iter().find_map(|(key, operand)| {
        if LOGIC.contains(&key) {
            let holds = eval(&Map::new().with(key, operand.clone()).into(), facts.document, facts);
            return match key {
                _ if holds => None,
                "$and" => operand.list().iter().find_map(|condition| failing(condition, facts)),
                "$or" => operand.list().first().and_then(|condition| failing(condition, facts)),
                _ => Some(Leaf { path: key.to_string(), expected: operand.clone(), actual: Value::Null }),
            };
        }
        let actual = fact(facts.document, key);
        (!matches(operand, &actual, facts, false)).then(|| Leaf {
            path: key.to_string(),
            expected: operand.clone(),
            actual: actual.into_owned(),
        })
    })
}

/// Whether a value meets an operand: coercing equality, or operators that must all hold.
fn matches(operand: &Value, value: &Value, facts: Facts, insensitive: bool) -> bool {
    match operand {
        Value::Text(text) if insensitive => {
            facts.host.lowercase(&printed(value, facts.host)) == facts.host.lowercase(text)
        }
        Value::Text(text) => printed(value, facts.host) == *text,
        Value::Number(_) => order(value, operand, facts.host) == Some(Ordering::Equal),
        Value::Bool(expected) => !value.is_null() && truthy(value) == *expected,
        Value::Null => value.is_null(),
        _ => match operators(operand) {
            Some(operators) => operators.iter().all(|(operator, operand)| compare(operator, operand, value, facts)),
            None => operand == value,
        },
    }
}

fn compare(operator: &str, operand: &Value, value: &Value, facts: Facts) -> bool {
    let host = facts.host;
    let list = || matches!(operand, Value::List(_));
    match operator {
        "$eq" => same(value, operand),
        "$ne" => !same(value, operand),
        "$lt" => order(value, operand, host) == Some(Ordering::Less),
        "$lte" => matches!(order(value, operand, host), Some(Ordering::Less | Ordering::Equal)),
        "$gt" => order(value, operand, host) == Some(Ordering::Greater),
        "$gte" => matches!(order(value, operand, host), Some(Ordering::Greater | Ordering::Equal)),
        "$exists" => truthy(operand) != value.is_null(),
        "$in" => list() && contains(operand.list(), value, host, false),
        "$nin" => list() && !contains(operand.list(), value, host, false),
        "$ini" => list() && contains(operand.list(), value, host, true),
        "$nini" => list() && !contains(operand.list(), value, host, true),
        "$inGroup" => contains(group(operand, facts), value, host, false),
        "$notInGroup" => !contains(group(operand, facts), value, host, false),
        "$not" => !matches(operand, value, facts, false),
        "$all" => list() && all(operand, value, facts, false),
        "$alli" => list() && all(operand, value, facts, true),
        "$size" => match value {
            Value::List(items) => matches(operand, &Value::Number(items.len() as f64), facts, false),
            _ => false,
        },
        "$elemMatch" => value.list().iter().any(|item| match operators(operand) {
            Some(_) => matches(operand, item, facts, false),
            None => eval(operand, item, facts),
        }),
        "$type" => operand.text() == Some(value.kind()),
        "$regex" => regex(operand, value, host, false) == Some(true),
        "$regexi" => regex(operand, value, host, true) == Some(true),
        "$notRegex" => regex(operand, value, host, false) == Some(false),
        "$notRegexi" => regex(operand, value, host, true) == Some(false),
        "$veq" => versions(value, operand, host).is_eq(),
        "$vne" => versions(value, operand, host).is_ne(),
        "$vlt" => versions(value, operand, host).is_lt(),
        "$vlte" => versions(value, operand, host).is_le(),
        "$vgt" => versions(value, operand, host).is_gt(),
        "$vgte" => versions(value, operand, host).is_ge(),
        _ => false,
    }
}

fn group<'a>(name: &Value, facts: Facts<'a>) -> &'a [Value] {
    name.text().and_then(|name| facts.groups.member(name)).map_or(&[], Value::list)
}

fn all(operand: &Value, value: &Value, facts: Facts, insensitive: bool) -> bool {
    matches!(value, Value::List(_))
        && operand.list().iter().all(|wanted| value.list().iter().any(|item| matches(wanted, item, facts, insensitive)))
}

/// Whether the value, or one of its elements, is in the list, strictly.
fn contains(list: &[Value], value: &Value, host: &dyn Host, insensitive: bool) -> bool {
    let one = |value: &Value| {
        list.iter().any(|item| match (item, value) {
            (Value::Text(item), Value::Text(value)) if insensitive => host.lowercase(item) == host.lowercase(value),
            _ => same(item, value),
        })
    };
    match value {
        Value::List(items) => items.iter().any(one),
        value => one(value),
    }
}

/// `===` of values that are not objects.
fn same(a: &Value, b: &Value) -> bool {
    !matches!(a, Value::List(_) | Value::Map(_)) && a == b
}

/// Two texts by code unit, all else as numbers; none where one is NaN.
fn order(a: &Value, b: &Value, host: &dyn Host) -> Option<Ordering> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Some(a.encode_utf16().cmp(b.encode_utf16())),
        _ => coerced(a, host)?.partial_cmp(&coerced(b, host)?),
    }
}

/// JavaScript's `Number(value)`; none for NaN.
fn coerced(value: &Value, host: &dyn Host) -> Option<f64> {
    match value {
        Value::Null => Some(0.0),
        Value::Bool(bool) => Some(f64::from(u8::from(*bool))),
        Value::Number(number) => Some(*number),
        Value::Text(text) => host.text_to_number(text),
        value => host.text_to_number(&printed(value, host)),
    }
}

/// JavaScript's `String(value)`.
pub fn printed(value: &Value, host: &dyn Host) -> String {
    match value {
        Value::Null => String::from("null"),
        Value::Bool(bool) => String::from(if *bool { "true" } else { "false" }),
        Value::Number(number) => host.number_to_text(*number),
        Value::Text(text) => text.clone(),
        Value::List(items) => {
            let mut text = String::new();
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push_str(",");
                }
                if !item.is_null() {
                    text.push_str(&printed(item, host));
                }
            }
            text
        }
        Value::Map(_) => String::from("[object Object]"),
    }
}

/// JavaScript's `!!value`.
pub fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(bool) => *bool,
        Value::Number(number) => number.abs() > 0.0,
        Value::Text(text) => !text.is_empty(),
        Value::List(_) | Value::Map(_) => true,
    }
}

fn regex(pattern: &Value, value: &Value, host: &dyn Host, insensitive: bool) -> Option<bool> {
    let (pattern, subject) = (pattern.text()?, printed(value, host));
    if pattern.len() > MAX_PATTERN || subject.len() > MAX_SUBJECT {
        return None;
    }
    host.regex(pattern, &subject, insensitive)
}

/// Versions compared as padded text: `v` and `+build` stripped, three parts before all pre-releases of them.
fn versions(a: &Value, b: &Value, host: &dyn Host) -> Ordering {
    padded(a, host).cmp(&padded(b, host))
}

fn padded(version: &Value, host: &dyn Host) -> String {
    let version = match version {
        Value::Text(_) | Value::Number(_) => printed(version, host),
        _ => String::new(),
    };
    let version = if version.is_empty() { "0" } else { &version };
    let version = version.strip_prefix("v").unwrap_or(version);
    let version = cut(version, b'+').map_or(version, |(version, _)| version);
    let (mut padded, mut parts, mut rest) = (String::new(), 1, version);
    loop {
        let end = rest.bytes().position(|byte| matches!(byte, b'-' | b'.'));
        let part = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        for _ in part.len()..if is_digits(part) { 5 } else { 0 } {
            padded.push_str(" ");
        }
        padded.push_str(part);
        let Some(end) = end else { break };
        padded.push_str("-");
        rest = rest.get(end + 1..).unwrap_or_default();
        parts += 1;
    }
    if parts == 3 {
        padded.push_str("-~");
    }
    padded
}
