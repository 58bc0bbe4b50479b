//! GrowthBook's own cases, where the shared folder with them is there.
//!
//! `DANBI_SHARED` names that folder; without it `../shared` beside the repository is tried.
#![cfg(feature = "cli")]

use danbi::cli::{json, native::Native};
use danbi::engine::audience::bucketing::{Range, bucket_ranges, choose, equal_weights, in_namespace};
use danbi::engine::base::hash;
use danbi::engine::base::value::{Map, Value};
use danbi::engine::feature::{Context, query_string_override, sticky_bucket};
use danbi::engine::replay::eval_condition;
use std::path::{Path, PathBuf};

/// The cases of a group; none where the folder is not here, which is said.
fn cases(group: &str) -> Option<Vec<Value>> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("DANBI_SHARED").map_or_else(beside, PathBuf::from);
    let path = shared.join("conformance/growthbook/cases.dev.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!(
            "SKIPPED: {group}: {} is not here; DANBI_SHARED names the folder that holds conformance/",
            path.display()
        );
        return None;
    };
    let all = json::parse(&text).expect("the cases are JSON");
    let cases = all.at(group).list().to_vec();
    assert!(!cases.is_empty(), "no group {group} in {}", path.display());
    Some(cases)
}

/// Runs a group: what each case answers, by its parts, is what it expects.
fn run(group: &str, expected: impl Fn(&[Value]) -> Value, answer: impl Fn(&[Value]) -> Value) {
    let Some(cases) = cases(group) else { return };
    let failing = |case: &Value| {
        let (answer, expected) = (answer(case.list()), expected(case.list()));
        (answer != expected).then(|| format!("{}: got {}", json::write(case), json::write(&answer)))
    };
    let failures: Vec<String> = cases.iter().filter_map(failing).collect();
    println!("{group}: {} of {} cases pass", cases.len() - failures.len(), cases.len());
    assert!(failures.is_empty(), "{group}: {} of {} cases fail:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

/// A part of a case; what it leaves out is `null`.
fn part(case: &[Value], index: usize) -> &Value {
    case.get(index).unwrap_or(&Value::Null)
}

fn text(case: &[Value], index: usize) -> &str {
    part(case, index).text().unwrap_or_else(|| panic!("{index} of {case:?} is no text"))
}

fn number(value: &Value) -> f64 {
    value.number().unwrap_or_else(|| panic!("{value:?} is no number"))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.list().iter().map(number).collect()
}

fn range(value: &Value) -> Range {
    numbers(value).try_into().expect("a range has two ends")
}

/// Numbers of whatever shape, floored at eight decimals.
fn floored(value: &Value) -> Value {
    match value {
        Value::Number(number) => ((number * 1e8).floor() / 1e8).into(),
        Value::List(items) => items.iter().map(floored).collect::<Vec<_>>().into(),
        value => value.clone(),
    }
}

fn list(numbers: &[f64]) -> Value {
    numbers.iter().copied().map(Value::from).collect::<Vec<_>>().into()
}

/// Objects whose members stand in the order of their names.
fn ordered(value: &Value) -> Value {
    match value {
        Value::Map(map) => {
            let mut members: Vec<(&str, Value)> = map.iter().map(|(key, value)| (key, ordered(value))).collect();
            members.sort_by_key(|(key, _)| *key);
            Value::Map(members.into_iter().collect())
        }
        Value::List(items) => items.iter().map(ordered).collect::<Vec<_>>().into(),
        value => value.clone(),
    }
}

/// Name, condition, attributes, expected, saved groups.
#[test]
fn conditions() {
    let answer = |case: &[Value]| eval_condition(part(case, 1), part(case, 2), part(case, 4), &Native).into();
    run("evalCondition", |case| part(case, 3).clone(), answer);
}

/// Seed, value, version, expected.
#[test]
fn hashes() {
    let answer = |case: &[Value]| {
        let version = part(case, 2).integer().expect("a version");
        hash::bucket(text(case, 0), text(case, 1), version).map_or(Value::Null, Value::from)
    };
    run("hash", |case| part(case, 3).clone(), answer);
}

/// Name, variations, coverage and weights, expected.
#[test]
fn ranges() {
    let answer = |case: &[Value]| {
        let [count, coverage, weights] = part(case, 1).list() else { panic!("{case:?}") };
        let ranges = bucket_ranges(number(count) as usize, number(coverage), &numbers(weights));
        floored(&ranges.iter().map(|range| list(range)).collect::<Vec<_>>().into())
    };
    run("getBucketRange", |case| floored(part(case, 2)), answer);
}

/// Name, bucket, ranges, expected.
#[test]
fn choices() {
    let answer = |case: &[Value]| {
        let ranges: Vec<Range> = part(case, 2).list().iter().map(range).collect();
        choose(number(part(case, 1)), &ranges).map_or(-1.0, |index| index as f64).into()
    };
    run("chooseVariation", |case| part(case, 3).clone(), answer);
}

/// Name, id, namespace, expected.
#[test]
fn namespaces() {
    let answer = |case: &[Value]| {
        let [name, start, end] = part(case, 2).list() else { panic!("{case:?}") };
        in_namespace(text(case, 1), name.text().expect("a name"), [number(start), number(end)]).into()
    };
    run("inNamespace", |case| part(case, 3).clone(), answer);
}

/// Number, expected.
#[test]
fn weights() {
    let answer = |case: &[Value]| floored(&list(&equal_weights(number(part(case, 0)).max(0.0) as usize)));
    run("getEqualWeights", |case| floored(part(case, 1)), answer);
}

/// Name, key, address, number of variations, expected.
#[test]
fn query_strings() {
    let answer = |case: &[Value]| {
        let variation = query_string_override(text(case, 1), text(case, 2), number(part(case, 3)));
        variation.map_or(Value::Null, |variation| (variation as f64).into())
    };
    run("getQueryStringOverride", |case| part(case, 4).clone(), answer);
}

/// Name, context, experiment, value, in experiment, hash used.
#[test]
fn experiments() {
    let answer = |case: &[Value]| {
        let result = Context::new(part(case, 1), &Native).run(part(case, 2));
        let member = |name| result.get(name).cloned().unwrap_or_default();
        vec![member("value"), member("inExperiment"), member("hashUsed")].into()
    };
    run("run", |case| case[3..].to_vec().into(), answer);
}

/// Name, context, key, expected.
#[test]
fn features() {
    let answer = |case: &[Value]| ordered(&Context::new(part(case, 1), &Native).feature(text(case, 2)).into());
    run("feature", |case| ordered(part(case, 3)), answer);
}

/// Name, context, documents, key, expected result and documents.
#[test]
fn sticky_buckets() {
    let answer =
        |case: &[Value]| ordered(&sticky_bucket(part(case, 1), part(case, 2).list(), text(case, 3), &Native).into());
    let expected = |case: &[Value]| {
        ordered(&Map::new().with("result", part(case, 4).clone()).with("docs", part(case, 5).clone()).into())
    };
    run("stickyBucket", expected, answer);
}
