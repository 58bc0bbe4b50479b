//! GrowthBook's own cases for conditions and bucketing, where the shared folder with them is there.
//!
//! `DANBI_SHARED` names that folder; without it `../shared` beside the repository is tried.
#![cfg(feature = "cli")]

use danbi::cli::{json, native::Native};
use danbi::engine::base::hash;
use danbi::engine::base::value::Value;
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

fn report(group: &str, count: usize, failures: &[String]) {
    println!("{group}: {} of {count} cases pass", count - failures.len());
    assert!(failures.is_empty(), "{group}: {} of {count} cases fail:\n{}", failures.len(), failures.join("\n"));
}

/// Name, condition, attributes, expected, saved groups.
#[test]
fn conditions() {
    let Some(cases) = cases("evalCondition") else { return };
    let failing = |case: &Value| {
        let part = |index: usize| case.list().get(index).unwrap_or(&Value::Null);
        let answer = eval_condition(part(1), part(2), part(4), &Native);
        (Some(answer) != part(3).bool())
            .then(|| format!("{}: {} over {}", json::write(part(0)), json::write(part(1)), json::write(part(2))))
    };
    let failures: Vec<String> = cases.iter().filter_map(failing).collect();
    report("evalCondition", cases.len(), &failures);
}

/// Seed, value, version, expected.
#[test]
fn hashes() {
    let Some(cases) = cases("hash") else { return };
    let failing = |case: &Value| {
        let part = |index: usize| case.list().get(index).unwrap_or(&Value::Null);
        let (seed, value) = (part(0).text().unwrap_or_default(), part(1).text().unwrap_or_default());
        let answer = hash::bucket(seed, value, part(2).integer().unwrap_or(-1));
        (answer != part(3).number()).then(|| format!("{}: got {answer:?}", json::write(case)))
    };
    let failures: Vec<String> = cases.iter().filter_map(failing).collect();
    report("hash", cases.len(), &failures);
}
