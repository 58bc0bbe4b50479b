//! What a shopper has seen of each campaign, and answered.

use super::{ANSWER, EXPOSURE, INTERRUPTIVE, Step};
use crate::engine::base::record::Named;
use crate::engine::base::time::Time;
use crate::engine::bundle::Bundle;
use crate::engine::signal::{Kind, Signal};
use crate::record;

record! {
    /// What a shopper has seen of one campaign, and answered.
    pub struct History {
        /// The last times it was seen, oldest first.
        "shown" shown: Vec<Shown>,
        /// How often it was seen in all.
        "times" times: i64,
        /// Hidden by the shopper until then.
        "hiddenUntil" hidden_until: Option<Time>,
        /// When its event last happened.
        "triggeredAt" triggered_at: Option<Time>,
        /// When those of steps with a trigger of their own did, by step.
        "stepsTriggeredAt" steps_triggered_at: Named<Time>,
    }

    /// One time it was seen.
    pub struct Shown {
        /// When.
        "at" at: Time,
        /// The decision that brought it.
        "decision" decision: String,
        /// The step.
        "step" step: Option<String>,
        /// Whether it interrupted.
        "interruptive" interruptive: bool,
    }
}

/// So many showings of a campaign are kept at least, beside the last of each step: more than the caps can tell apart.
const SHOWINGS: i64 = 8;

/// Moves the histories by one signal: what was shown where that is `personal`, and what the shopper hid until `midnight` where
/// that may be kept (`hides`).
pub fn remember(
    histories: &mut Named<History>,
    signal: &Signal,
    bundle: Bundle,
    personal: bool,
    hides: bool,
    midnight: &dyn Fn() -> Time,
) {
    if signal.kind != Kind::Track || (signal.name != EXPOSURE && signal.name != ANSWER) {
        return;
    }
    let text = |key: &str| signal.properties.at(key).text();
    let (Some(campaign), Some(decision)) = (text("campaign"), text("decision")) else { return };
    let hidden = (hides && signal.name == ANSWER && text("action") == Some("hide_today")).then(midnight);
    if !personal && hidden.is_none() {
        return;
    }
    let history = histories.entry(campaign);
    // An answer proves that it was seen, even before half of it was visible for a second.
    if personal && !history.shown.iter().any(|shown| shown.decision == decision) {
        let interruptive = text("slot") == Some(INTERRUPTIVE);
        let step = text("step").map(str::to_string);
        history.shown.push(Shown { at: signal.at, decision: decision.to_string(), step, interruptive });
        history.times += 1;
        history.trim(bundle.showings(campaign).max(SHOWINGS));
    }
    history.hidden_until = history.hidden_until.max(hidden);
}

impl History {
    /// When what a step's trigger waits for last happened, while that lasts.
    pub(super) fn fired(&self, step: &Step) -> Option<Time> {
        match step.id.filter(|_| step.own) {
            Some(id) => self.steps_triggered_at.get(id).copied(),
            None => self.triggered_at,
        }
    }

    /// What a step's trigger waits for has happened, or is over.
    pub fn fire(&mut self, step: &Step, at: Option<Time>) {
        match (step.id.filter(|_| step.own), at) {
            (None, at) => self.triggered_at = at,
            (Some(id), Some(at)) => self.steps_triggered_at.set(id, at),
            (Some(id), None) => self.steps_triggered_at.remove(id),
        }
    }

    /// Another value whenever a trigger has fired.
    pub(super) fn fires(&self) -> i64 {
        let steps = self.steps_triggered_at.iter().map(|(_, at)| at.0);
        steps.fold(self.triggered_at.map_or(-1, |at| at.0), i64::wrapping_add)
    }

    /// Drops the oldest showings beyond so many, but none that is the last of its step.
    fn trim(&mut self, most: i64) {
        let mut index = 0;
        while let Some(shown) = self.shown.get(index).filter(|_| self.shown.len() as i64 > most) {
            if self.shown.iter().skip(index + 1).any(|later| later.step == shown.step) {
                self.shown.remove(index);
            } else {
                index += 1;
            }
        }
    }
}
