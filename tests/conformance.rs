//! GrowthBook's and Liquid's own cases, where the shared folder with them is there.
//!
//! `DANBI_SHARED` names that folder; without it `../shared` beside the repository is tried.
#![cfg(feature = "cli")]

#[path = "common/growthbook.rs"]
mod growthbook;

use danbi::cli::{json, native};
use danbi::engine::base::document::{List, Part, Table};
use danbi::engine::base::value::{Map, Value};
use danbi::engine::message::template::{self, Scope};
use growthbook::call;
use std::path::{Path, PathBuf};

/// The cases of a group of GrowthBook's; none where the folder is not here, which is said.
fn cases(group: &str) -> Option<Vec<Value>> {
    listed("growthbook/cases.dev.json", group)
}

/// A list in one of the files.
fn listed(file: &str, group: &str) -> Option<Vec<Value>> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("DANBI_SHARED").map_or_else(beside, PathBuf::from);
    let path = shared.join("conformance").join(file);
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

/// Numbers of whatever shape, floored at eight decimals.
fn floored(value: &Value) -> Value {
    match value {
        Value::Number(number) => ((number * 1e8).floor() / 1e8).into(),
        Value::List(items) => items.iter().map(floored).collect::<Vec<_>>().into(),
        value => value.clone(),
    }
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

/// Runs a group: `split` takes a case apart into what is given and what is expected; answers are compared as `form` has them.
fn run<const N: usize>(group: &str, form: fn(&Value) -> Value, split: fn(&[Value; N]) -> (Vec<&Value>, Value)) {
    let Some(cases) = cases(group) else { return };
    let failing = |case: &Value| {
        // What a case leaves out at its end is `null`.
        let parts: [Value; N] = std::array::from_fn(|index| case.list().get(index).cloned().unwrap_or_default());
        let (given, expected) = split(&parts);
        let given: Vec<Value> = given.into_iter().cloned().collect();
        let answer = call(group, &given).expect("a function of danbi/testing");
        (form(&answer) != form(&expected)).then(|| format!("{}: got {}", json::write(case), json::write(&answer)))
    };
    let failures: Vec<String> = cases.iter().filter_map(failing).collect();
    println!("{group}: {} of {} cases pass", cases.len() - failures.len(), cases.len());
    assert!(failures.is_empty(), "{group}: {} of {} cases fail:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn conditions() {
    run("evalCondition", Value::clone, |[_, condition, attributes, expected, groups]| {
        (vec![condition, attributes, groups], expected.clone())
    });
}

#[test]
fn hashes() {
    run("hash", Value::clone, |[seed, value, version, expected]| (vec![seed, value, version], expected.clone()));
}

#[test]
fn ranges() {
    run("getBucketRange", floored, |[_, given, expected]| (given.list().iter().collect(), expected.clone()));
}

#[test]
fn choices() {
    run("chooseVariation", Value::clone, |[_, bucket, ranges, expected]| (vec![bucket, ranges], expected.clone()));
}

#[test]
fn namespaces() {
    run("inNamespace", Value::clone, |[_, id, namespace, expected]| (vec![id, namespace], expected.clone()));
}

#[test]
fn weights() {
    run("getEqualWeights", floored, |[count, expected]| (vec![count], expected.clone()));
}

#[test]
fn query_strings() {
    run("getQueryStringOverride", Value::clone, |[_, key, url, count, expected]| {
        (vec![key, url, count], expected.clone())
    });
}

#[test]
fn experiments() {
    run("run", ordered, |[_, context, experiment, value, inside, hashed]| {
        let expected = Map::new().with("value", value.clone()).with("inExperiment", inside.clone());
        (vec![context, experiment], expected.with("hashUsed", hashed.clone()).into())
    });
}

#[test]
fn features() {
    run("feature", ordered, |[_, context, key, expected]| (vec![context, key], expected.clone()));
}

#[test]
fn sticky_buckets() {
    run("stickyBucket", ordered, |[_, context, documents, key, result, after]| {
        let expected = Map::new().with("result", result.clone()).with("docs", after.clone());
        (vec![context, documents, key], expected.into())
    });
}

#[test]
fn templates() {
    let Some(cases) = listed("liquid/golden.dev.json", "tests") else { return };
    let failing = |case: &Value| {
        let scope = Scope {
            document: case.field("data"),
            currency: "KRW",
            lang: "ko",
            locales: List::of(&Value::Null),
            texts: Table::of(&Value::Null),
            host: &native::Native,
            moment: None,
        };
        let printed = template::liquid(case.at("template").text().unwrap_or_default(), scope);
        let expected = case.field("result").text();
        (printed.as_deref().ok() != expected).then(|| format!("{}: got {printed:?}", json::write(case)))
    };
    let failures: Vec<String> = cases.iter().filter_map(failing).collect();
    println!("liquid: {} of {} cases pass", cases.len() - failures.len(), cases.len());
    assert!(failures.is_empty(), "{} of {} cases fail:\n{}", failures.len(), cases.len(), failures.join("\n"));
}
