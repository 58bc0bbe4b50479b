//! The log of decisions as one flat table, as tools for judging policies by their logs read it.

use super::json;
use crate::engine::base::value::{Map, Value};
use crate::engine::campaign::{ANSWER, DECISION, EXPOSURE};
use crate::engine::replay::Replay;
use crate::engine::signal::{Kind, Signal};
use std::collections::BTreeMap;

/// The columns: first what every tool asks for, then where it comes from.
const COLUMNS: [&str; 21] = [
    "context",
    "action",
    "reward",
    "propensity",
    "position",
    "action_index",
    "eligible",
    "slot",
    "user",
    "timestamp",
    "decision",
    "campaign",
    "step",
    "variant",
    "offer",
    "answer",
    "policy",
    "bundle",
    "epsilon",
    "seed",
    "counter",
];

/// What became of one decision.
struct Row<'a> {
    decision: &'a Signal,
    /// Where it was seen; an answer proves that it was.
    seen: Option<&'a Signal>,
    /// The first answer, and whether any was a click.
    answer: Option<&'a str>,
    clicked: bool,
}

/// The table: one row for each decision that was seen, by shopper, then by time. The reward is 1 where it was clicked.
pub fn decisions(replay: &Replay) -> String {
    let mut ids: Vec<&str> = replay.bundle().offers().iter().map(|offer| offer.id()).collect();
    ids.sort_unstable();
    let mut table = line(COLUMNS.iter().map(|column| (*column).into()));
    for (shopper, signals) in replay.shoppers() {
        let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
        let text = |signal: &'_ Signal, key: &str| signal.properties.field(key).text().map(str::to_string);
        for signal in signals.iter().filter(|signal| signal.kind == Kind::Track && signal.name == DECISION) {
            if let Some(id) = signal.properties.field("decision").text() {
                rows.entry(id).or_insert(Row { decision: signal, seen: None, answer: None, clicked: false });
            }
        }
        for signal in &signals {
            let Some(row) = signal.properties.field("decision").text().and_then(|id| rows.get_mut(id)) else {
                continue;
            };
            let action = signal.properties.field("action").text().filter(|_| signal.name == ANSWER);
            let answer = action.filter(|_| signal.settles());
            if signal.name == EXPOSURE || action.is_some() {
                row.seen = row.seen.or(Some(signal));
            }
            row.answer = row.answer.or(answer);
            row.clicked |= answer == Some("click");
        }
        let mut seen: Vec<(&Signal, &Row)> = rows.values().filter_map(|row| Some((row.seen?, row))).collect();
        seen.sort_by(|(one, _), (other, _)| one.key().cmp(&other.key()));
        for (exposure, row) in seen {
            let told = &row.decision.properties;
            let offer = text(row.decision, "offer");
            let campaign = text(row.decision, "campaign");
            let place = offer.as_deref().and_then(|offer| ids.binary_search(&offer).ok());
            let cells = COLUMNS.iter().map(|column| match *column {
                "context" => json::write(&whole(told.field("features"))).into(),
                "action" => offer.clone().or_else(|| campaign.clone()).into(),
                "action_index" => place.map(|place| place as i64).into(),
                "reward" => i64::from(row.clicked).into(),
                "position" => told.field("position").integer().unwrap_or(1).into(),
                "user" => shopper.into(),
                "timestamp" => exposure.at.text().into(),
                "answer" => row.answer.into(),
                column => told.field(column).clone(),
            });
            table.push_str(&line(cells));
        }
    }
    table
}

/// A context is an object, even where nothing is in it.
fn whole(features: &Value) -> Value {
    features.map().cloned().unwrap_or_else(Map::new).into()
}

/// A line of CSV (RFC 4180): what holds a comma, a quote or a break stands in quotes. Null is empty.
fn line(cells: impl Iterator<Item = Value>) -> String {
    let written: Vec<String> = cells
        .map(|cell| {
            let text = match &cell {
                Value::Null => String::new(),
                Value::Text(text) => text.clone(),
                other => json::write(other),
            };
            if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
        })
        .collect();
    written.join(",") + "\n"
}
