//! The golden cases of `tests/cases`, the same files that `tests/npm/cases.test.mjs` runs through the package.
//!
//! Folders below it hold cases whose `bundle` is a path from the root of the repository.
#![cfg(feature = "cli")]

#[path = "common/growthbook.rs"]
mod growthbook;

use danbi::cli::keys::Keys;
use danbi::cli::{json, native};
use danbi::engine::base::document::{List, Part, Table};
use danbi::engine::base::hash;
use danbi::engine::base::value::{Map, Value};
use danbi::engine::bundle::lint;
use danbi::engine::error::Error;
use danbi::engine::message::template::{self, Scope};
use danbi::engine::message::url::{Use, is_allowed};
use danbi::engine::replay::{Options, Replay, eval_condition};
use danbi::engine::suite::run as suite;
use std::path::{Path, PathBuf};

const KINDS: [&str; 9] =
    ["hash", "growthbook", "condition", "render", "url", "check", "replay", "checkpoint", "suites"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    json::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("tests/cases can be listed") {
            let path = entry.expect("tests/cases can be listed").path();
            match path.extension() {
                _ if path.is_dir() => walk(&path, found),
                Some(extension) if extension == "json" => found.push(path),
                _ => (),
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join("tests/cases"), &mut found);
    found.sort();
    found
}

/// The item of a list that goes by a name: a verdict by its campaign, a decision by its slot.
fn named<'a>(items: &'a [Value], name: &str) -> Option<&'a Value> {
    let key = |item: &Value| if item.at("stage").is_null() { "slot" } else { "campaign" };
    items.iter().find(|item| item.at(key(item)).text() == Some(name))
}

/// Where an answer differs from what was expected of it: the same keys at every depth, lists whole. Of a list may also be
/// expected `{name: item}`, and of an item null, which is: there is none.
fn difference(answer: Option<&Value>, expected: &Value, place: &str) -> Option<String> {
    match (answer, expected) {
        (Some(Value::Map(answer)), Value::Map(wanted)) => {
            wanted.iter().find_map(|(key, wanted)| difference(answer.get(key), wanted, &format!("{place}/{key}")))
        }
        (Some(Value::List(answer)), Value::List(wanted)) if answer.len() == wanted.len() => {
            let pairs = answer.iter().zip(wanted).enumerate();
            pairs
                .into_iter()
                .find_map(|(index, (answer, wanted))| difference(Some(answer), wanted, &format!("{place}/{index}")))
        }
        (Some(Value::List(answer)), Value::Map(wanted)) => {
            wanted.iter().find_map(|(name, wanted)| match (named(answer, name), wanted) {
                (None, Value::Null) => None,
                (item, wanted) => difference(item, wanted, &format!("{place}/{name}")),
            })
        }
        (Some(answer), wanted) if answer == wanted => None,
        (Some(answer), wanted) => {
            Some(format!("at {place} expected {} but got {}", json::write(wanted), json::write(answer)))
        }
        (None, wanted) => Some(format!("at {place} expected {} but there is nothing", json::write(wanted))),
    }
}

/// A member of the case, else of its file.
fn of<'a>(case: &'a Value, file: &'a Value, key: &str) -> &'a Value {
    if case.field(key).is_null() { file.field(key) } else { case.field(key) }
}

fn bundle(source: &Value) -> Value {
    match source {
        Value::Text(path) => read(&root().join(path)),
        bundle => bundle.clone(),
    }
}

/// The lines of a case, or of a file of them by its path from the root of the repository, and `more` after it.
fn events(case: &Value) -> Vec<Value> {
    let mut events = match case.at("events") {
        Value::Text(path) => {
            let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
            text.lines().map(|line| json::parse(line).unwrap_or_else(|error| panic!("{path}: {error}"))).collect()
        }
        lines => lines.list().to_vec(),
    };
    events.extend_from_slice(case.at("more").list());
    events
}

fn replay(case: &Value, file: &Value) -> Result<Value, String> {
    let options = Options::read(case.at("options")).map_err(|error| error.to_string())?;
    let mut replay = Replay::new(bundle(of(case, file, "bundle"))).map_err(|errors| format!("{errors:?}"))?;
    let keys = match of(case, file, "keys") {
        Value::Null => Keys::default(),
        keys => Keys::read(&json::write(keys))?,
    };
    for (index, line) in events(case).iter().enumerate() {
        replay.add_proven(line, keys.prove(line)).map_err(|error| format!("event {index}: {error}"))?;
    }
    let (names, from, to) = replay.needs(options.at);
    let zones = native::zones(&names, from, to)?;
    let lines = replay.finish(&zones, &native::Native, &options, &mut |_, _| ());
    lines.into_iter().next().ok_or_else(|| String::from("no line"))
}

/// What is wrong with a bundle, and what is doubtful: codes by JSON Pointer. All that is wrong counts, of the doubts only what is
/// asked for.
fn check(case: &Value, file: &Value) -> Value {
    let (mut errors, mut warnings) = (Map::new(), Map::new());
    for finding in lint::check(&bundle(of(case, file, "bundle"))) {
        let (pointer, code) = (finding.error.path.as_str(), finding.error.code);
        if finding.fatal {
            errors.set(pointer, code);
        } else if !case.at("expect").field("warnings").field(pointer).is_null() {
            warnings.set(pointer, code);
        }
    }
    // Where none may be, false is expected.
    for (pointer, expected) in case.at("expect").field("warnings").members() {
        if expected.bool() == Some(false) && warnings.get(pointer).is_none() {
            warnings.set(pointer, false);
        }
    }
    let answer = Map::new().with("errors", errors);
    if warnings.is_empty() { answer.into() } else { answer.with("warnings", warnings).into() }
}

/// How many of its suites' expectations a bundle meets, and what is told of each other one.
fn suites(case: &Value, file: &Value) -> Result<Value, String> {
    let mut source = bundle(of(case, file, "bundle"));
    if let Value::Map(source) = &mut source {
        source.set("suites", bundle(of(case, file, "suites")).field("suites").clone());
    }
    let fault = |errors: Vec<Error>| format!("{errors:?}");
    let (names, from, to) = suite::needs(&source).map_err(fault)?;
    let zones = native::zones(&names, from, to)?;
    let outcomes = suite::run(&source, &zones, &|| Box::new(native::Native)).map_err(fault)?;
    let lines: Vec<Value> = outcomes.iter().map(|outcome| outcome.line().into()).collect();
    let findings: Vec<Value> = outcomes.iter().filter_map(|outcome| outcome.finding().map(Value::from)).collect();
    let passed = lines.iter().filter(|line| line.field("passed").bool() == Some(true)).count() as i64;
    Ok(Map::new().with("passed", passed).with("findings", findings).with("outcomes", lines).into())
}

fn answer(kind: &str, case: &Value, file: &Value) -> Result<Value, String> {
    let text = |key: &str| case.at(key).text().ok_or_else(|| format!("{key} is no text"));
    match kind {
        "hash" => {
            let version = case.at("version").integer().ok_or("version is no whole number")?;
            Ok(hash::bucket(text("seed")?, text("value")?, version).map_or(Value::Null, Value::from))
        }
        "growthbook" => {
            let function = text("call")?;
            growthbook::call(function, case.at("given").list()).ok_or_else(|| format!("no function {function}"))
        }
        "condition" => {
            Ok(eval_condition(case.at("condition"), case.at("attributes"), &Value::Null, &native::Native).into())
        }
        "render" => {
            let document = of(case, file, "data");
            let currency = document.at("currency").text().unwrap_or("KRW");
            let scope = Scope {
                document,
                currency,
                lang: of(case, file, "lang").text().ok_or("lang is no text")?,
                locales: List::of(&Value::Null),
                texts: Table::of(document.field("texts")),
                host: &native::Native,
                moment: None,
            };
            // null: it cannot be read, or fails over these data.
            match template::liquid(text("template")?, scope) {
                Err(_) if case.field("expect").is_null() => Ok(Value::Null),
                printed => Ok(printed?.into()),
            }
        }
        "url" => {
            let schemes: Vec<String> =
                case.at("schemes").list().iter().filter_map(Value::text).map(String::from).collect();
            let its = if case.at("picture").bool() == Some(true) { Use::Picture } else { Use::Link(&schemes) };
            Ok(is_allowed(text("url")?, its).into())
        }
        "check" => Ok(check(case, file)),
        "replay" | "checkpoint" => replay(case, file),
        "suites" => suites(case, file),
        _ => Err(format!("unknown kind {kind}")),
    }
}

/// Runs all cases of a kind and tells every one that fails.
fn run(kind: &str) {
    let (mut failures, mut count) = (Vec::new(), 0);
    for path in files() {
        let file = read(&path);
        if file.at("kind").text() != Some(kind) {
            continue;
        }
        let short = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        for case in file.at("cases").list() {
            count += 1;
            let name = case.at("name").text().unwrap_or("without a name");
            let failure = match answer(kind, case, &file) {
                // What is expected of a bundle is all of it.
                Ok(answer) if kind == "check" => difference(Some(&answer), case.at("expect"), "")
                    .or_else(|| difference(Some(case.at("expect")), &answer, "")),
                Ok(answer) => difference(Some(&answer), case.at("expect"), ""),
                Err(error) => Some(error),
            };
            failures.extend(failure.map(|failure| format!("{short}: {name}\n    {failure}")));
        }
    }
    println!("{count} cases of kind {kind}");
    assert!(count > 0, "no cases of kind {kind}");
    assert!(failures.is_empty(), "{} of {count} cases fail:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn hashes() {
    run("hash");
}

#[test]
fn experiments_of_growthbook() {
    run("growthbook");
}

#[test]
fn conditions() {
    run("condition");
}

#[test]
fn renderings() {
    run("render");
}

#[test]
fn checks() {
    run("check");
}

#[test]
fn urls() {
    run("url");
}

#[test]
fn replays() {
    run("replay");
}

#[test]
fn suites_of_expectations() {
    run("suites");
}

#[test]
fn checkpoints() {
    run("checkpoint");
}

#[test]
fn every_file_is_of_a_known_kind_and_every_case_has_its_own_name() {
    for path in files() {
        let file = read(&path);
        let kind = file.at("kind").text().unwrap_or("none");
        assert!(KINDS.contains(&kind), "{}: unknown kind {kind}", path.display());
        let mut names = std::collections::HashSet::new();
        for case in file.at("cases").list() {
            let name = case.at("name").text().unwrap_or_default();
            assert!(!name.is_empty() && names.insert(name), "{}: name missing or twice: {name}", path.display());
            assert!(
                case.map().is_some_and(|case| case.get("expect").is_some()),
                "{}: {name}: nothing is expected",
                path.display()
            );
        }
    }
}

/// The comparison itself: parts of objects, whole lists.
#[test]
fn parts_of_answers_are_compared() {
    let value = json::parse(r#"{"a":[{"b":1,"c":null}],"d":"x"}"#).unwrap();
    assert_eq!(difference(Some(&value), &value, ""), None);
    let part = json::parse(r#"{"a":[{"c":null}]}"#).unwrap();
    assert_eq!(difference(Some(&value), &part, ""), None);
    assert!(difference(Some(&value), &json::parse(r#"{"a":[]}"#).unwrap(), "").is_some(), "lists are compared whole");
    let list = json::parse(r#"[{"campaign":"a","stage":"shown"},{"slot":"s","campaign":"a"}]"#).unwrap();
    let differs = |wanted: &str| difference(Some(&list), &json::parse(wanted).unwrap(), "").is_some();
    assert!(!differs(r#"{"a":{"stage":"shown"},"s":{"campaign":"a"},"b":null}"#));
    assert!(differs(r#"{"a":{"stage":"lost"}}"#) && differs(r#"{"s":null}"#) && differs(r#"{"b":{}}"#));
    assert!(
        difference(Some(&value), &json::parse(r#"{"e":null}"#).unwrap(), "").is_some(),
        "what is absent is not null"
    );
}
