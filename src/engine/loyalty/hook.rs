//! Hooks: what the host is told of, and the summary an agent may ask for.

use super::{Loyalty, Turn, ledger, tier};
use crate::engine::base::time::Time;
use crate::engine::base::value::{Map, Value};
use crate::engine::meter::Names;
use crate::engine::signal::id_text;
use crate::{document, record};

document! {
    /// What the host is told of: `rank`, each change of the shopper's rank; `summary`, what an agent may know before a talk;
    /// or the `emit` of a rule.
    pub struct Hook {
        /// `host`.
        "to" to: &'a str = "host",
        /// The purpose it needs.
        "needs" needs: Option<&'a str> = None,
        /// Events that are an issue of the shopper's, for a `summary`: `ticket_*` and `complaint_*` where none are named.
        "issues" issues: Option<Names<'a>> = None,
    }
}

record! {
    /// The last issue a shopper had: what an agent needs of it, not the event.
    pub struct Issue {
        /// When.
        "at" at: Time,
        /// The event's name.
        "event" event: String,
        /// Its `topic`, else its `category`.
        "topic" topic: Option<String>,
    }
}

/// The name of the hook an agent's summary goes by.
const SUMMARY: &str = "summary";

/// An issue may have come up.
pub fn hear(loyalty: &mut Loyalty, turn: Turn) {
    let Some(hook) = turn.program.hooks().get(SUMMARY) else { return };
    let event = turn.event();
    let is_issue = match hook.issues() {
        Some(names) => names.has(event),
        None => event.starts_with("ticket_") || event.starts_with("complaint_"),
    };
    if is_issue && loyalty.issue.as_ref().is_none_or(|issue| issue.at <= turn.at) {
        let topic = ["topic", "category"].into_iter().find_map(|key| id_text(turn.property(key)));
        loyalty.issue = Some(Issue { at: turn.at, event: event.to_string(), topic });
    }
}

/// What an agent may know of a shopper, where the program has that hook and its purpose is agreed to: levels, points, the last
/// issue. No events.
pub fn summary(loyalty: &Loyalty, turn: Turn) -> Option<Value> {
    let hook = turn.program.hooks().get(SUMMARY)?;
    if hook.needs().is_some_and(|purpose| !turn.allows(purpose)) {
        return None;
    }
    let issue = loyalty.issue.as_ref().map(|issue| {
        Map::of([
            ("at", issue.at.text().into()),
            ("event", issue.event.as_str().into()),
            ("topic", (&issue.topic).into()),
        ])
    });
    let of = |progress: Value, key: &str| -> Value {
        let members = progress.members();
        members.map(|(id, one)| (id, one.field(key).clone())).collect::<Map>().into()
    };
    let summary = Map::of([
        ("user", turn.user.into()),
        ("since", super::time_value(loyalty.enrolled)),
        ("tiers", of(tier::progress(&loyalty.tiers, turn), "level")),
        ("points", of(ledger::progress(turn.program.currencies(), loyalty), "active")),
        ("lastIssue", issue.map_or(Value::Null, Value::Map)),
    ]);
    Some(summary.into())
}
