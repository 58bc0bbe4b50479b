//! Campaigns: what may be shown, to whom, when, how often.

pub mod kept;
pub mod verdict;

use crate::engine::audience::Condition;
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, forms};
use crate::engine::base::document::{List, Part};
use crate::engine::base::record::Named;
use crate::engine::base::time::{Span, Time};
#[cfg(feature = "studio")]
use crate::engine::base::value::Map;
use crate::engine::base::value::Value;
use crate::engine::bundle::Bundle;
use crate::engine::message::Message;
use crate::engine::message::template::Text;
pub use crate::engine::signal::{ANSWER, EXPOSURE};
use crate::engine::signal::{Kind, Signal};
use crate::{document, record, words};

/// The slot of messages that interrupt.
pub const INTERRUPTIVE: &str = "interruptive";

document! {
    /// Something that may be shown.
    pub struct Campaign {
        /// Id; counters are kept by it.
        "id" id: &'a str,
        /// Its name, for people.
        "label" label: Text<'a>,
        /// `marketing` is paced, held out and needs consent to advertising; `service` is not.
        "class" class: Class = Class::Marketing,
        /// When it is due.
        "trigger" trigger: Trigger<'a> = Trigger::Always,
        /// Whom it is for: a condition, the name of an audience, or a list of them with reasons; all must hold.
        "audience" audience: Requirements<'a> = Requirements(&Value::Null),
        /// Between which dates.
        "schedule" schedule: Schedule<'a> = Schedule(&Value::Null),
        /// At most how often, beside the house's pacing.
        "caps" caps: List<'a, Cap<'a>> = List::of(&Value::Null),
        /// The slot of the page, or `interruptive`.
        "slot" slot: &'a str = INTERRUPTIVE,
        /// Higher goes first. Ties: the earlier end, then the id.
        "priority" priority: i64 = 0,
        /// What it shows, where there are no steps.
        "message" message: Option<Message<'a>> = None,
        /// Messages one after another; a step is done once it was shown since the instant its trigger counts from.
        "steps" steps: List<'a, StepSpec<'a>> = List::of(&Value::Null),
    }

    /// One message of several.
    pub struct StepSpec {
        /// Id, within the campaign.
        "id" id: &'a str,
        /// When it is due; default: as the campaign.
        "trigger" trigger: Option<Trigger<'a>> = None,
        /// The slot; default: as the campaign.
        "slot" slot: Option<&'a str> = None,
        /// What it shows.
        "message" message: Message<'a>,
    }

    /// When a campaign is due.
    pub enum Trigger {
        /// Always.
        "always" Always,
        /// After this event, for the rest of the visit, until shown.
        "event" Event(EventTrigger<'a>),
        /// Some time after an instant among the facts.
        "since" Since(Since<'a>),
    }

    /// After an event.
    pub struct EventTrigger {
        /// Its name.
        "name" name: &'a str,
        /// Only where its properties meet this, read as `event.*`.
        "where" filter: Option<Condition<'a>> = None,
        /// The reason in words while it has not happened.
        "why" why: Option<Text<'a>> = None,
    }

    /// Some time after an instant.
    pub struct Since {
        /// A fact in milliseconds since 1970, e.g. `meter.joined` or `context.cart.changedAt`.
        "fact" fact: &'a str,
        /// Days are over at midnight of the house, hours exactly.
        "after" after: Span = Span::default(),
        /// No longer than this after the instant.
        "within" within: Option<Span> = None,
        /// The reason in words while it is not due.
        "why" why: Option<Text<'a>> = None,
    }

    /// Between which instants.
    pub struct Schedule {
        /// First instant.
        "from" from: Option<Time> = None,
        /// First instant at which it is over.
        "until" until: Option<Time> = None,
    }

    /// At most how often.
    pub struct Cap {
        /// So many times.
        "count" count: i64,
        /// In this time; a cap without is for ever. "Once per N days" allows date + N.
        "per" per: Option<Span> = None,
        /// The reason in words.
        "why" why: Option<Text<'a>> = None,
    }

    /// A condition or a named audience, with the reason in words.
    pub struct Reasoned {
        /// The condition, or the name of an audience.
        "when" when: When<'a>,
        /// The reason in words when it does not hold.
        "why" why: Option<Text<'a>> = None,
    }
}

words! {
    /// How pacing treats a campaign.
    pub enum Class {
        /// Paced, held out, needs consent to advertising.
        "marketing" Marketing,
        /// Help and notices: neither paced nor held out, and never counted against marketing.
        "service" Service,
    }
}

/// A condition, or the name of an audience.
#[derive(Clone, Copy)]
pub enum When<'a> {
    /// The name of an audience.
    Audience(&'a str),
    /// The condition itself.
    Condition(Condition<'a>),
}

impl<'a> Part<'a> for When<'a> {
    fn of(value: &'a Value) -> Self {
        value.text().map_or(When::Condition(Condition(value)), When::Audience)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        if value.text().is_none() {
            Condition::check(value, check);
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        forms(vec![<&str>::schema(defs), Condition::schema(defs)])
    }
}

/// What must hold: written in full, or as the bare condition or name.
#[derive(Clone, Copy)]
pub struct Requirement<'a>(&'a Value);

impl<'a> Requirement<'a> {
    /// The condition, or the name of an audience.
    pub fn when(self) -> When<'a> {
        match self.0.field("when") {
            Value::Null => When::of(self.0),
            when => When::of(when),
        }
    }

    /// The condition, by way of its audience. Audiences do not refer to audiences.
    pub fn condition(self, bundle: Bundle<'a>) -> Option<Condition<'a>> {
        let name = match self.when() {
            When::Condition(condition) => return Some(condition),
            When::Audience(name) => name,
        };
        match bundle.audiences().get(name)?.when() {
            When::Condition(condition) => Some(condition),
            When::Audience(_) => None,
        }
    }
}

impl<'a> Part<'a> for Requirement<'a> {
    fn of(value: &'a Value) -> Self {
        Requirement(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        if value.field("when").is_null() { When::check(value, check) } else { Reasoned::check(value, check) }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        forms(vec![When::schema(defs), Reasoned::schema(defs)])
    }
}

/// One requirement or several, all of which must hold.
#[derive(Clone, Copy)]
pub struct Requirements<'a>(&'a Value);

impl<'a> Requirements<'a> {
    /// The requirements in order.
    pub fn iter(self) -> impl Iterator<Item = Requirement<'a>> {
        let all = match self.0 {
            Value::Text(_) | Value::Map(_) => std::slice::from_ref(self.0),
            several => several.list(),
        };
        all.iter().map(Requirement)
    }
}

impl<'a> Part<'a> for Requirements<'a> {
    fn of(value: &'a Value) -> Self {
        Requirements(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        match value {
            Value::List(_) => List::<Requirement>::check(value, check),
            value => Requirement::check(value, check),
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        forms(vec![Requirement::schema(defs), List::<Requirement>::schema(defs)])
    }
}

/// A step as it counts, its defaults filled in.
#[derive(Clone, Copy)]
pub struct Step<'a> {
    /// Its place among all of the campaign's messages.
    pub place: usize,
    /// Its place among the steps; none for a campaign's only message.
    pub index: Option<usize>,
    /// Its id.
    pub id: Option<&'a str>,
    /// When it is due.
    pub trigger: Trigger<'a>,
    /// Where it shows.
    pub slot: &'a str,
    /// What it shows.
    pub message: Message<'a>,
}

impl<'a> Campaign<'a> {
    /// Whether its audience asks about a fact, or about a part of it.
    pub fn asks(self, path: &str, bundle: Bundle<'a>) -> bool {
        let mut asks = false;
        for condition in self.audience().iter().filter_map(|requirement| requirement.condition(bundle)) {
            condition.paths(&mut |read| {
                asks |= read.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with("."));
            });
        }
        asks
    }

    /// Its messages in order.
    pub fn all_steps(self) -> impl Iterator<Item = Step<'a>> {
        (0..).map_while(move |place| self.step(place))
    }

    /// Its message at a place.
    pub fn step(self, place: usize) -> Option<Step<'a>> {
        let (mut index, message) = (Some(place), self.message());
        if let Some(message) = message {
            if place == 0 {
                let (trigger, slot) = (self.trigger(), self.slot());
                return Some(Step { place, index: None, id: None, trigger, slot, message });
            }
            index = place.checked_sub(1);
        }
        let step = self.steps().get(index?)?;
        Some(Step {
            place,
            index,
            id: Some(step.id()),
            trigger: step.trigger().unwrap_or_else(|| self.trigger()),
            slot: step.slot().unwrap_or_else(|| self.slot()),
            message: step.message(),
        })
    }
}

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
