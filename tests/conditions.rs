//! Conditions as compiled, as walked, and as one document changes, against an interpreter that knows none of that; what an
//! explanation tells; and that nothing hangs.
#![cfg(feature = "cli")]

#[path = "common/cases.rs"]
mod cases;

use cases::cases;
use danbi::cli::{json, native::Native};
use danbi::engine::audience::{Clock, Condition, Conditions, Facts, Leaf, Matcher, explain};
use danbi::engine::base::host::Host;
use danbi::engine::base::time::{Time, Zones};
use danbi::engine::base::value::{Map, Value};
use proptest::prelude::*;

fn read(text: &str) -> Value {
    json::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

const NOW: Time = Time(1_778_547_600_000);

fn with<T>(document: &Value, groups: &Value, then: impl FnOnce(Facts) -> T) -> T {
    let zones = Zones::default();
    then(Facts { document, groups, host: &Native, clock: Clock { now: NOW, zones: &zones, zone: "+09:00" } })
}

fn compiled(condition: &Value, document: &Value, groups: &Value) -> bool {
    let mut conditions = Conditions::default();
    let place = conditions.add(Condition(condition), &mut Vec::new());
    with(document, groups, |facts| conditions.holds(place, &conditions.slots(document), facts))
}

/// The naive one: the semantics of standards.md and of GrowthBook's evaluator, word for word, and no thought of speed.
mod naive {
    use super::{Host, Native, Value};

    pub fn holds(condition: &Value, document: &Value, groups: &Value) -> bool {
        let Value::Map(map) = condition else { return false };
        map.iter().all(|(key, operand)| match key {
            "$and" => operand.list().iter().all(|one| holds(one, document, groups)),
            "$or" => operand.list().is_empty() || operand.list().iter().any(|one| holds(one, document, groups)),
            "$nor" => !(operand.list().is_empty() || operand.list().iter().any(|one| holds(one, document, groups))),
            "$not" => !holds(operand, document, groups),
            path => meets(operand, &fact(document, path), groups, false),
        })
    }

    fn fact(document: &Value, path: &str) -> Value {
        path.split('.').fold(document.clone(), |value, key| match &value {
            Value::Map(map) => map.get(key).cloned().unwrap_or_default(),
            Value::List(list) if key == "length" => Value::Number(list.len() as f64),
            Value::List(list) => {
                let place = key.parse::<usize>().ok().filter(|place| place.to_string() == key);
                place.and_then(|place| list.get(place)).cloned().unwrap_or_default()
            }
            _ => Value::Null,
        })
    }

    fn operators(operand: &Value) -> bool {
        operand.map().is_some_and(|map| !map.is_empty() && map.iter().all(|(key, _)| key.starts_with('$')))
    }

    fn meets(operand: &Value, value: &Value, groups: &Value, folded: bool) -> bool {
        match operand {
            Value::Text(text) if folded => text.to_lowercase() == print(value).to_lowercase(),
            Value::Text(text) => *text == print(value),
            Value::Number(wanted) => number(value) == Some(*wanted),
            Value::Bool(wanted) => !value.is_null() && truth(value) == *wanted,
            Value::Null => value.is_null(),
            _ if operators(operand) => operand.members().all(|(name, operand)| compare(name, operand, value, groups)),
            _ => operand == value,
        }
    }

    fn compare(name: &str, operand: &Value, value: &Value, groups: &Value) -> bool {
        let is_list = matches!(operand, Value::List(_));
        let within = |list: &[Value], folded: bool| {
            let fold = |value: &Value| match value {
                Value::Text(text) if folded => Value::Text(text.to_lowercase()),
                value => value.clone(),
            };
            let one = |value: &Value| list.iter().any(|item| same(&fold(item), &fold(value)));
            if let Value::List(items) = value { items.iter().any(one) } else { one(value) }
        };
        let all = |folded: bool| {
            let met = |wanted: &Value| value.list().iter().any(|item| meets(wanted, item, groups, folded));
            is_list && matches!(value, Value::List(_)) && operand.list().iter().all(met)
        };
        let group = || match groups.map().and_then(|groups| groups.get(&print(operand))) {
            None => Some(vec![]),
            Some(Value::List(list)) => Some(list.clone()),
            Some(entry) if entry.field("type").text() == Some("list") => match entry.field("values") {
                Value::List(list) => Some(list.clone()),
                _ => None,
            },
            Some(_) => None,
        };
        let pattern = |folded: bool| {
            let text = operand.text().filter(|text| text.len() <= 256)?;
            Some(print(value)).filter(|subject| subject.len() <= 1024).and_then(|it| Native.regex(text, &it, folded))
        };
        match name {
            "$eq" => same(operand, value),
            "$ne" => !same(operand, value),
            "$lt" => less(value, operand),
            "$gt" => less(operand, value),
            "$lte" => less(value, operand) || equal(value, operand),
            "$gte" => less(operand, value) || equal(value, operand),
            "$exists" => truth(operand) != value.is_null(),
            "$in" => is_list && within(operand.list(), false),
            "$nin" => is_list && !within(operand.list(), false),
            "$ini" => is_list && within(operand.list(), true),
            "$nini" => is_list && !within(operand.list(), true),
            "$inGroup" => group().is_some_and(|list| within(&list, false)),
            "$notInGroup" => group().is_some_and(|list| !within(&list, false)),
            "$all" => all(false),
            "$alli" => all(true),
            "$not" => !meets(operand, value, groups, false),
            "$size" => {
                matches!(value, Value::List(_)) && meets(operand, &(value.list().len() as f64).into(), groups, false)
            }
            "$elemMatch" => value.list().iter().filter(|item| !item.is_null()).any(|item| match operators(operand) {
                true => meets(operand, item, groups, false),
                false => holds(operand, item, groups),
            }),
            "$type" => operand.text() == Some(value.kind()),
            "$regex" => pattern(false) == Some(true),
            "$regexi" => pattern(true) == Some(true),
            "$veq" => version(value) == version(operand),
            "$vne" => version(value) != version(operand),
            "$vlt" => version(value) < version(operand),
            "$vlte" => version(value) <= version(operand),
            "$vgt" => version(value) > version(operand),
            "$vgte" => version(value) >= version(operand),
            _ => false,
        }
    }

    fn same(one: &Value, other: &Value) -> bool {
        !matches!(one, Value::List(_) | Value::Map(_)) && one == other
    }

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn primitive(value: &Value) -> Value {
        if matches!(value, Value::List(_) | Value::Map(_)) { print(value).into() } else { value.clone() }
    }

    fn less(one: &Value, other: &Value) -> bool {
        match (primitive(one), primitive(other)) {
            (Value::Text(one), Value::Text(other)) => units(&one) < units(&other),
            (one, other) => number(&one).zip(number(&other)).is_some_and(|(one, other)| one < other),
        }
    }

    fn equal(one: &Value, other: &Value) -> bool {
        match (primitive(one), primitive(other)) {
            (Value::Text(one), Value::Text(other)) => one == other,
            (one, other) => number(&one).is_some() && number(&one) == number(&other),
        }
    }

    fn number(value: &Value) -> Option<f64> {
        match primitive(value) {
            Value::Null => Some(0.0),
            Value::Bool(bool) => Some(f64::from(u8::from(bool))),
            Value::Number(number) => Some(number),
            value => Native.text_to_number(value.text()?),
        }
    }

    fn print(value: &Value) -> String {
        match value {
            Value::Null => "null".into(),
            Value::Bool(bool) => bool.to_string(),
            Value::Number(number) => Native.number_to_text(*number),
            Value::Text(text) => text.clone(),
            Value::List(items) => {
                let texts = items.iter().map(|item| if item.is_null() { String::new() } else { print(item) });
                texts.collect::<Vec<_>>().join(",")
            }
            Value::Map(_) => "[object Object]".into(),
        }
    }

    fn truth(value: &Value) -> bool {
        !matches!(value, Value::Null | Value::Bool(false)) && value.number() != Some(0.0) && value.text() != Some("")
    }

    fn version(value: &Value) -> Vec<u16> {
        let text = if matches!(value, Value::Text(_) | Value::Number(_)) { print(value) } else { String::new() };
        let text = if text.is_empty() { "0" } else { &text };
        let text = text.strip_prefix('v').unwrap_or(text).split('+').next().unwrap_or_default();
        let mut parts: Vec<String> = text.split(['.', '-']).map(str::to_string).collect();
        if parts.len() == 3 {
            parts.push("~".into());
        }
        for part in parts.iter_mut().filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())) {
            *part = format!("{part:>5}");
        }
        units(&parts.join("-"))
    }
}

const TEXTS: [&str; 22] = [
    "",
    "a",
    "A",
    "b",
    "ab",
    "9",
    "10",
    "5",
    " 7 ",
    "1e2",
    "null",
    "true",
    "a,b",
    "É",
    "é",
    "단비",
    "😀",
    "～",
    "1.2.3",
    "v1.10.0",
    "1.2.3-beta.2",
    "1.2",
];

fn plain() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => proptest::sample::select(&TEXTS[..]).prop_map(Value::from),
        3 => proptest::sample::select(&[0.0, 1.0, 2.0, 5.0, 9.0, 10.0, -3.0, 0.5, 1e21][..]).prop_map(Value::Number),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Null),
    ]
}

fn object<V: Strategy<Value = Value>>(key: impl Strategy<Value = String>, value: V) -> impl Strategy<Value = Value> {
    proptest::collection::vec((key, value), 0..4).prop_map(|members| members.into_iter().collect::<Map>().into())
}

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    proptest::sample::select(words).prop_map(String::from)
}

fn value() -> impl Strategy<Value = Value> {
    plain().prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            object(one_of(&["a", "b", "0", "length"]), inner),
        ]
    })
}

fn document() -> impl Strategy<Value = Value> {
    object(one_of(&["a", "b", "c", "__proto__"]), value())
}

const OPERATORS: &[&str] = &[
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
    "$inGroup",
    "$notInGroup",
    "$all",
    "$alli",
    "$not",
    "$size",
    "$elemMatch",
    "$type",
    "$regex",
    "$regexi",
    "$veq",
    "$vne",
    "$vlt",
    "$vlte",
    "$vgt",
    "$vgte",
    "$near",
];

fn condition() -> impl Strategy<Value = Value> {
    let paths = || one_of(&["a", "b", "c", "a.b", "b.a", "a.0", "b.1", "c.length", "length", "__proto__", "d"]);
    let list = || proptest::collection::vec(plain(), 0..12).prop_map(Value::List);
    let kinds = proptest::sample::select(&["string", "number", "array", "object", "null"][..]).prop_map(Value::from);
    let patterns = proptest::sample::select(&["a", "^a", "[0-9]+$", "(", "é"][..]).prop_map(Value::from);
    let operand = prop_oneof![4 => plain(), 3 => list(), 1 => kinds, 1 => patterns, 1 => value()];
    let tests = operand.prop_recursive(3, 12, 2, |inner| object(one_of(OPERATORS), inner));
    object(paths(), tests).prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            2 => (one_of(&["$and", "$or", "$nor"]), proptest::collection::vec(inner.clone(), 0..3))
                .prop_map(|(name, parts)| Map::new().with(&name, parts).into()),
            1 => inner.prop_map(|part| Map::new().with("$not", part).into()),
        ]
    })
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn the_compiled_the_walked_and_the_naive_agree(condition in condition(), document in document()) {
        let groups = read(r#"{"a": ["a", 5], "b": {"type": "list", "values": ["b", 9]}, "5": 5}"#);
        let wanted = naive::holds(&condition, &document, &groups);
        prop_assert_eq!(compiled(&condition, &document, &groups), wanted);
        with(&document, &groups, |facts| {
            prop_assert_eq!(Condition(&condition).holds(facts), wanted);
            let mut leaves = Vec::new();
            prop_assert_eq!(explain(&condition, "", facts, &mut leaves), wanted);
            prop_assert!(!wanted || leaves.iter().all(|leaf| !leaf.blamed));
            Ok(())
        })?;
    }
}

proptest! {
    #![proptest_config(cases(200))]

    /// Whatever the values were before.
    #[test]
    fn the_matcher_agrees_as_facts_change(
        conditions in proptest::collection::vec(condition(), 1..80),
        documents in proptest::collection::vec(document(), 1..6),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), value()), 0..8),
    ) {
        let mut matcher = Matcher::new(conditions.iter().map(Condition));
        let paths: Vec<String> = matcher.paths().map(str::to_string).collect();
        let at = |document: &Value, path: &str| {
            let mut one = Conditions::default();
            one.slot(path);
            one.slots(document).remove(0).into_owned()
        };
        let wanted = |document: &Value| -> Vec<u32> {
            (0..).zip(&conditions).filter(|(_, one)| naive::holds(one, document, &Value::Null)).map(|(place, _)| place).collect()
        };
        let mut last = Value::Null;
        for document in documents {
            let values = paths.iter().map(|path| at(&document, path)).collect();
            with(&Value::Null, &Value::Null, |facts| matcher.take(values, facts));
            prop_assert_eq!(matcher.holding(), wanted(&document));
            last = document;
        }
        for (index, value) in changes {
            let key = index.get(&["a", "b", "c"]);
            let Value::Map(map) = &mut last else { break };
            map.set(key, value);
            for (slot, path) in paths.iter().enumerate().filter(|(_, path)| path.split('.').next() == Some(key)) {
                let before = matcher.holding();
                let turned = with(&Value::Null, &Value::Null, |facts| matcher.change(slot, at(&last, path), facts));
                prop_assert_eq!(turned, before != matcher.holding());
            }
            prop_assert_eq!(matcher.holding(), wanted(&last));
        }
    }
}

fn leaves(condition: &Value, document: &Value) -> (Vec<Value>, Option<String>) {
    with(document, &Value::Null, |facts| {
        let mut leaves: Vec<Leaf> = Vec::new();
        explain(condition, "/when", facts, &mut leaves);
        let blamed = leaves.iter().find(|leaf| leaf.blamed).map(|leaf| leaf.at.clone());
        (leaves.iter().map(|leaf| leaf.line("targeting").into()).collect(), blamed)
    })
}

#[test]
fn every_comparison_is_told_and_the_first_that_fails_blamed() {
    let condition = read(
        r#"{"user.tier": {"$in": ["gold"], "$exists": true}, "$or": [{"a": 1}, {"b/c": 2}], "user.age": {"$gt": 5}}"#,
    );
    let (lines, blamed) = leaves(&condition, &read(r#"{"user": {"tier": "silver"}, "b/c": 2}"#));
    let wanted = read(
        r#"[
        {"stage": "targeting", "at": "/when/user.tier/$in", "path": "user.tier", "op": "$in", "expected": ["gold"], "actual": "silver", "present": true, "result": false},
        {"stage": "targeting", "at": "/when/user.tier/$exists", "path": "user.tier", "op": "$exists", "expected": true, "actual": "silver", "present": true, "result": true},
        {"stage": "targeting", "at": "/when/$or/0/a", "path": "a", "op": "=", "expected": 1, "actual": null, "present": false, "result": false},
        {"stage": "targeting", "at": "/when/$or/1/b~1c", "path": "b/c", "op": "=", "expected": 2, "actual": 2, "present": true, "result": true},
        {"stage": "targeting", "at": "/when/user.age/$gt", "path": "user.age", "op": "$gt", "expected": 5, "actual": null, "present": false, "result": false}
        ]"#,
    );
    assert_eq!(Value::List(lines), wanted);
    assert_eq!(blamed.as_deref(), Some("/when/user.tier/$in"));
    // An alternative that fails beside one that holds is nobody's fault.
    let (_, blamed) = leaves(&condition, &read(r#"{"user": {"tier": "gold"}, "b/c": 2}"#));
    assert_eq!(blamed.as_deref(), Some("/when/user.age/$gt"));
}

#[test]
fn under_nor_only_the_child_that_matched_is_told() {
    let told = |condition: &str| {
        let (lines, blamed) = leaves(&read(condition), &read(r#"{"a": 1, "b": 2}"#));
        let places: Vec<String> =
            lines.iter().map(|line| line.at("at").text().unwrap_or_default().to_string()).collect();
        (places.join(" "), blamed.unwrap_or_default())
    };
    let pair = |places: &str, blamed: &str| (places.to_string(), blamed.to_string());
    assert_eq!(told(r#"{"$nor": [{"a": 5}, {"b": 2}, {"a": 1}]}"#), pair("/when/$nor/1/b", "/when/$nor/1/b"));
    assert_eq!(told(r#"{"$nor": [{"a": 5}, {"b": 5}]}"#), pair("/when/$nor/0/a /when/$nor/1/b", ""));
    assert_eq!(told(r#"{"$not": {"a": 1}}"#), pair("/when/$not/a", "/when/$not/a"));
    assert_eq!(told(r#"{"a": {"$not": {"$gt": 0}}}"#), pair("/when/a/$not/$gt", "/when/a/$not/$gt"));
}

/// What would take for ever holds for nobody, and soon.
#[test]
fn nothing_hangs() {
    let list = |shift: f64| Value::List((0..20_000).map(|n| Value::Number(f64::from(n) + shift)).collect());
    let document: Value = Map::new().with("a", list(0.0)).with("t", "a".repeat(1000) + "!").into();
    // Both would hold; what is not found out in time holds neither way.
    for (operator, operand) in [("$all", list(0.0)), ("$nini", list(0.5))] {
        let condition: Value = Map::new().with("a", Map::new().with(operator, operand)).into();
        assert!(!compiled(&condition, &document, &Value::Null), "{operator}");
        assert!(!compiled(&Map::new().with("$not", condition).into(), &document, &Value::Null), "not {operator}");
    }
    let long = ["a?".repeat(30), "a".repeat(30), "x".into()].concat();
    for pattern in [
        "(a+)+$",
        "(a*)*b",
        "((a+))+$",
        "(?:a{2,})*$",
        "([a-z]+)*$",
        "^(a|aa)+$",
        "(a|a)*b",
        ".*.*.*.*.*x",
        "(a?){30}a{30}x",
        "(a+){99999999999999999999}",
        &long,
    ] {
        let condition = read(&format!(r#"{{"t": {{"$regex": "{pattern}"}}}}"#));
        assert!(!compiled(&condition, &document, &Value::Null), "{pattern}");
    }
    for pattern in [
        "(a|b)+",
        "a+b*",
        "a.*a.*b",
        "(aa|bb|cc)+",
        "(?:x|a)+?",
        "a{1,3}",
        "^(?<all>.*)$",
        "[^)(]*\\\\(",
        "|b",
        "()",
        "(a{2})+",
        "\\\\(a+\\\\)+",
        "[(a+)+]+",
    ] {
        let condition = read(&format!(r#"{{"u": {{"$regex": "{pattern}"}}}}"#));
        let document = read(r#"{"u": "aa(a)b+"}"#);
        assert!(compiled(&condition, &document, &Value::Null), "{pattern}");
    }
}
