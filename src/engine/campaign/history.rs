//! What a shopper has seen of each campaign, and answered.

use super::{ANSWER, Campaign, DECISION, EXPOSURE, INTERRUPTIVE, Step};
use crate::engine::base::record::Named;
use crate::engine::base::text::decimal;
use crate::engine::base::time::Time;
use crate::engine::base::value::{Map, Value};
use crate::engine::signal::{Kind, Signal};
use crate::{record, words};

record! {
    /// What a shopper has seen of one campaign, and answered.
    pub struct History {
        /// The last times it was seen, oldest first.
        "shown" shown: Vec<Shown>,
        /// How often it was seen in all.
        "times" times: i64,
        /// How often it was answered in all, where any rule asks.
        "answers" answers: i64,
        /// Hidden by the shopper until then.
        "hiddenUntil" hidden_until: Option<Time>,
        /// With which answer.
        "hide" hide: Option<String>,
        /// When its event last happened.
        "triggeredAt" triggered_at: Option<Time>,
        /// The variant it was first seen in, by the version of the buckets.
        "variants" variants: Named<String>,
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
        /// It was not seen: it would have been, were the shopper not held out.
        "ghost" ghost: bool,
        /// The facts that caps count it by, as they were.
        "by" by: Map,
        /// What was answered, oldest first.
        "answers" answers: Vec<Answered>,
    }

    /// One answer to it.
    pub struct Answered {
        /// When.
        "at" at: Time,
        /// `click`, `dismiss`, `choice` and the like.
        "action" action: String,
        /// What was chosen or said.
        "value" value: Value,
    }
}

words! {
    /// What was done about a message.
    pub enum Deed {
        /// It was seen.
        "shown" Shown,
        /// A choice was made, a score given, or something written.
        "answered" Answered,
        /// A button was pressed.
        "clicked" Clicked,
        /// It was closed, or hidden.
        "dismissed" Dismissed,
        /// An answer was chosen.
        "chosen" Chosen,
    }
}

impl Deed {
    /// Whether an answer is one.
    pub fn is(self, action: &str) -> bool {
        match self {
            Deed::Shown => true,
            Deed::Answered => matches!(action, "choice" | "score" | "text"),
            Deed::Clicked => action == "click",
            Deed::Dismissed => matches!(action, "dismiss" | "hide_today" | "hide_7d"),
            Deed::Chosen => action == "choice",
        }
    }
}

/// So many showings of a campaign are kept at least, beside the last ones of each step: more than the caps can tell apart.
const SHOWINGS: i64 = 6;
/// So many at most, and so many answers to each.
const MOST: usize = 256;
const ANSWERS: usize = 8;

/// What a signal about a campaign is remembered with.
pub struct Memory<'a> {
    /// The campaign as the bundle has it, if it still does.
    pub campaign: Option<Campaign<'a>>,
    /// How many showings the house's pacing looks back at.
    pub paced: i64,
    /// Whether any rule asks what was answered.
    pub answers: bool,
    /// The facts as they were.
    pub document: &'a Value,
    /// What was shown may be kept.
    pub personal: bool,
    /// What the shopper hid may be kept.
    pub hides: bool,
    /// The beginning of the house's day so many days from the signal's.
    pub midnight: &'a dyn Fn(i32) -> Time,
}

/// The campaign that a signal tells of: seen, answered or, where the shopper is held out, decided.
pub fn told(signal: &Signal) -> Option<&str> {
    let ghost = signal.properties.field("holdout").bool() == Some(true);
    let tells = signal.name == EXPOSURE || signal.name == ANSWER || signal.name == DECISION && ghost;
    signal.properties.field("campaign").text().filter(|_| signal.kind == Kind::Track && tells)
}

/// Moves the history of the campaign that a signal tells of: what was shown where that is `personal`, and what the shopper hid where that may be kept.
pub fn remember(histories: &mut Named<History>, id: &str, signal: &Signal, memory: Memory) {
    let text = |key: &str| signal.properties.field(key).text();
    let Some(decision) = text("decision") else { return };
    let action = text("action").filter(|_| signal.settles());
    let days = match action {
        Some("hide_today") => Some(1),
        Some("hide_7d") => Some(7),
        _ => None,
    };
    let hidden = days.filter(|_| memory.hides).map(memory.midnight);
    if !memory.personal && hidden.is_none() {
        return;
    }
    let history = histories.entry(id);
    if memory.personal {
        let shown = history.seen(signal, decision, &memory);
        if let Some(action) = action.filter(|_| memory.answers) {
            let value = signal.properties.field("value").clone();
            if let Some(shown) = shown.and_then(|place| history.shown.get_mut(place)) {
                shown.answers.push(Answered { at: signal.at, action: action.to_string(), value });
                shown.answers.truncate(ANSWERS);
            }
            history.answers += 1;
        }
        history.trim(memory.campaign, memory.paced);
    }
    if hidden > history.hidden_until {
        (history.hidden_until, history.hide) = (hidden, action.map(str::to_string));
    }
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

    /// The place of the showing that a decision brought, made where it is not known: an answer proves that it was seen, even
    /// before half of it was visible for a second.
    fn seen(&mut self, signal: &Signal, decision: &str, memory: &Memory) -> Option<usize> {
        if let Some((place, shown)) = self.shown.iter_mut().enumerate().find(|(_, shown)| shown.decision == decision) {
            // A clock set back may date the answer before it.
            if signal.name == EXPOSURE {
                shown.at = shown.at.max(signal.at);
            }
            return Some(place);
        }
        let text = |key: &str| signal.properties.field(key).text().map(str::to_string);
        let (slot, variant, ghost) = (text("slot"), text("variant"), signal.name == DECISION);
        // Who draws messages on their own may know nothing of steps: then it was the first one of the slot.
        let first = || memory.campaign?.all_steps().find(|step| Some(step.slot) == slot.as_deref())?.id;
        let step = text("step").or_else(|| first().map(str::to_string));
        let mut shown = Shown { at: signal.at, decision: decision.to_string(), step, ghost, ..Shown::default() };
        shown.interruptive = slot.as_deref() == Some(INTERRUPTIVE);
        if let Some(campaign) = memory.campaign {
            for by in campaign.caps().iter().filter_map(|cap| cap.by()) {
                shown.by.set(by, memory.document.at(by).clone());
            }
            let variant = variant.and_then(|id| campaign.variants().iter().find(|variant| variant.id() == id));
            if let Some(variant) = variant {
                // Who sees nothing is not interrupted.
                shown.interruptive &= !variant.none();
                let version = decimal(campaign.experiment().bucket_version(), 1);
                if !ghost && self.variants.get(&version).is_none() {
                    self.variants.set(&version, variant.id().to_string());
                }
            }
        }
        self.shown.push(shown);
        self.times += 1;
        Some(self.shown.len() - 1)
    }

    /// Drops the oldest showings beyond those that caps and pacing look back at, but none that a cap may still tell from later
    /// ones: by its step, by the facts it was counted by, by what was answered.
    fn trim(&mut self, campaign: Option<Campaign>, paced: i64) {
        let (mut most, mut alike) = (paced.max(SHOWINGS), 1);
        for cap in campaign.iter().flat_map(|campaign| campaign.caps().iter()) {
            most = most.max(cap.count());
            alike = alike.max(cap.count());
        }
        let mut index = 0;
        while let Some(shown) = self.shown.get(index).filter(|_| self.shown.len() as i64 > most) {
            let like = |later: &&Shown| {
                later.step == shown.step
                    && later.by == shown.by
                    && later.ghost == shown.ghost
                    && shown.answers.iter().all(|one| later.answers.iter().any(|other| one.action == other.action))
            };
            if self.shown.len() > MOST || self.shown.iter().skip(index + 1).filter(like).count() as i64 >= alike {
                self.shown.remove(index);
            } else {
                index += 1;
            }
        }
    }
}
