//! The shop's personas, and how previews and beliefs look at them.

use danbi::cli::{json, native};
use danbi::engine::base::time::{Time, Zones};
use danbi::engine::base::value::Value;
use danbi::engine::bundle::Bundle;
use danbi::engine::preview::Look;
use danbi::engine::profile::Grant;
use danbi::engine::replay::Options;
use std::path::Path;

pub const PEOPLE: [&str; 12] =
    ["guest", "jiu", "seojun", "haeun", "jane", "minjae", "yuna", "doyun", "sua", "taeo", "jia", "hyunu"];

pub fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file of the repository")
}

pub fn parse(text: &str) -> Value {
    json::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

pub fn time(text: &str) -> Time {
    Time::parse(text).expect("an instant").0
}

pub fn lines_of(name: &str) -> Vec<Value> {
    read(&format!("tests/cases/personas/{name}.ndjson")).lines().map(parse).collect()
}

pub fn zones_of(bundle: &Value) -> Zones {
    let names = Bundle(bundle).zones();
    native::zones(&names, time("2024-01-01T00:00:00Z"), time("2030-01-01T00:00:00Z")).expect("the zones are known")
}

pub fn look(lines: &[Value], at: Option<Time>) -> Look<'_> {
    let terms = Options { at, explain: true, lang: "ko".into(), assumed: Grant::Granted };
    Look { lines, context: &Value::Null, locale: None, proofs: &Value::Null, force: &Value::Null, terms }
}
