//! Campaigns: what may be shown, to whom, when, how often.

pub mod verdict;

use crate::engine::audience::Condition;
use crate::engine::base::document::{Document, Mode, Named, Walk};
use crate::engine::base::time::{Span, Time};
use crate::engine::base::value::Value;
use crate::engine::document;
use crate::engine::message::Message;
use crate::engine::message::template::Text;
use crate::engine::signal::{Kind, Signal};

/// The slot of messages that interrupt.
pub const INTERRUPTIVE: &str = "interruptive";

document! {
    /// Something that may be shown.
    pub struct Campaign {
        /// Id; counters are kept by it.
        "id" id: String,
        /// Its name, for people.
        "label" label: Text,
        /// Marketing is paced, held out and needs consent to advertising; service is not.
        "class" class: Class = Class::Marketing,
        /// When it is due.
        "trigger" trigger: Trigger = Trigger::Always,
        /// Whom it is for: a condition, the name of an audience, or a list of them with reasons; all must hold.
        "audience" audience: Requirements = Requirements(Vec::new()),
        /// Between which dates.
        "schedule" schedule: Schedule = Schedule::default(),
        /// At most how often, beside the house's pacing.
        "caps" caps: Vec<Cap> = Vec::new(),
        /// The slot of the page, or `interruptive`.
        "slot" slot: String = String::from(INTERRUPTIVE),
        /// Higher goes first. Ties: the earlier end, then the id.
        "priority" priority: i64 = 0,
        /// What it shows, where there are no steps.
        "message" message: Option<Message> = None,
        /// Messages one after another; a step is done once it was shown since the instant its trigger counts from.
        "steps" steps: Vec<StepSpec> = Vec::new(),
    }

    /// One message of several.
    pub struct StepSpec {
        /// Id, within the campaign.
        "id" id: String,
        /// When it is due; default: as the campaign.
        "trigger" trigger: Option<Trigger> = None,
        /// The slot; default: as the campaign.
        "slot" slot: Option<String> = None,
        /// What it shows.
        "message" message: Message,
    }

    /// How pacing treats a campaign.
    #[derive(Copy, PartialEq)]
    pub enum Class {
        /// Paced, held out, needs consent to advertising.
        "marketing" Marketing,
        /// Help and notices: neither paced nor held out, and never counted against marketing.
        "service" Service,
    }

    /// When a campaign is due.
    pub enum Trigger {
        /// Always.
        "always" Always,
        /// After this event, for the rest of the visit, until shown.
        "event" Event(EventTrigger),
        /// Some time after an instant among the facts.
        "since" Since(Since),
    }

    /// After an event.
    pub struct EventTrigger {
        /// Its name.
        "name" name: String,
        /// Only where its properties meet this, read as `event.*`.
        "where" filter: Option<Condition> = None,
        /// The reason in words while it has not happened.
        "why" why: Option<Text> = None,
    }

    /// Some time after an instant.
    pub struct Since {
        /// A fact in milliseconds since 1970, e.g. `meter.joined` or `context.cart.changedAt`.
        "fact" fact: String,
        /// Days are over at midnight of the house, hours exactly.
        "after" after: Span = Span { months: 0, days: 0, exact: 0 },
        /// No longer than this after the instant.
        "within" within: Option<Span> = None,
        /// The reason in words while it is not due.
        "why" why: Option<Text> = None,
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
        "why" why: Option<Text> = None,
    }
}

document! {
    /// A condition or a named audience, with the reason in words.
    pub struct Reasoned {
        /// The condition, or the name of an audience.
        "when" when: When,
        /// The reason in words when it does not hold.
        "why" why: Option<Text> = None,
    }
}

/// A condition, or the name of an audience.
#[derive(Clone)]
pub enum When {
    /// The name of an audience.
    Audience(String),
    /// The condition itself.
    Condition(Condition),
}

impl Default for When {
    fn default() -> Self {
        When::Condition(Condition::default())
    }
}

impl Document for When {
    fn walk(&mut self, walk: &mut Walk) {
        match walk.mode() {
            Mode::Read(Value::Text(name)) => *self = When::Audience(name.clone()),
            Mode::Read(_) => {
                let mut condition = Condition::default();
                condition.walk(walk);
                *self = When::Condition(condition);
            }
            #[cfg(feature = "studio")]
            Mode::Describe => walk.describe_forms(&mut [&mut String::new(), &mut Condition::default()]),
            Mode::Write => match self {
                When::Audience(name) => name.walk(walk),
                When::Condition(condition) => condition.walk(walk),
            },
        }
    }
}

/// What must hold: written in full, or as the bare condition or name.
#[derive(Clone, Default)]
pub struct Requirement(pub Reasoned);

impl Document for Requirement {
    fn walk(&mut self, walk: &mut Walk) {
        match walk.mode() {
            Mode::Read(value) if value.member("when").is_none() => self.0.when.walk(walk),
            #[cfg(feature = "studio")]
            Mode::Describe => walk.describe_forms(&mut [&mut When::default(), &mut self.0]),
            _ => self.0.walk(walk),
        }
    }
}

/// One requirement or several, all of which must hold.
#[derive(Clone, Default)]
pub struct Requirements(pub Vec<Requirement>);

impl Document for Requirements {
    fn walk(&mut self, walk: &mut Walk) {
        match walk.mode() {
            Mode::Read(Value::Text(_) | Value::Map(_)) => {
                let mut one = Requirement::default();
                one.walk(walk);
                self.0 = vec![one];
            }
            #[cfg(feature = "studio")]
            Mode::Describe => walk.describe_forms(&mut [&mut Requirement::default(), &mut self.0]),
            _ => self.0.walk(walk),
        }
    }
}

/// A step as it counts, its defaults filled in.
#[derive(Clone, Copy)]
pub struct Step<'a> {
    /// Its place among the steps; none for a campaign's only message.
    pub index: Option<usize>,
    /// Its id.
    pub id: Option<&'a str>,
    /// When it is due.
    pub trigger: &'a Trigger,
    /// Where it shows.
    pub slot: &'a str,
    /// What it shows.
    pub message: &'a Message,
}

impl Campaign {
    /// Its messages in order.
    pub fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        let only = self.message.iter().map(|message| Step { index: None, id: None, trigger: &self.trigger, slot: &self.slot, message });
        only.chain(self.steps.iter().enumerate().map(|(index, step)| Step {
            index: Some(index),
            id: Some(&step.id),
            trigger: step.trigger.as_ref().unwrap_or(&self.trigger),
            slot: step.slot.as_deref().unwrap_or(&self.slot),
            message: &step.message,
        }))
    }
}

document! {
    /// What a shopper has seen of one campaign, and answered.
    pub struct History {
        /// Times it was seen, oldest first.
        "shown" shown: Vec<Shown> = Vec::new(),
        /// Hidden by the shopper until then.
        "hiddenUntil" hidden_until: Option<Time> = None,
        /// When its event last happened.
        "triggeredAt" triggered_at: Option<Time> = None,
    }

    /// One time it was seen.
    pub struct Shown {
        /// When.
        "at" at: Time,
        /// The decision that brought it.
        "decision" decision: String,
        /// The step.
        "step" step: Option<String> = None,
        /// Whether it interrupted.
        "interruptive" interruptive: bool = false,
    }
}

/// The events that say what became of a message.
pub const EXPOSURE: &str = "danbi_exposure";
/// See [`EXPOSURE`].
pub const ANSWER: &str = "danbi_answer";

/// Moves the histories by one signal. `midnight` is when the house's day ends.
pub fn remember(histories: &mut Named<History>, signal: &Signal, midnight: Time) {
    if signal.kind != Kind::Track || (signal.name != EXPOSURE && signal.name != ANSWER) {
        return;
    }
    let text = |key: &str| signal.properties.at(key).text();
    let (Some(campaign), Some(decision)) = (text("campaign"), text("decision")) else { return };
    let history = histories.entry(campaign);
    // An answer proves that it was seen, even before half of it was visible for a second.
    if !history.shown.iter().any(|shown| shown.decision == decision) {
        let interruptive = text("slot") == Some(INTERRUPTIVE);
        let step = text("step").map(str::to_string);
        history.shown.push(Shown { at: signal.at, decision: decision.to_string(), step, interruptive });
    }
    if signal.name == ANSWER && text("action") == Some("hide_today") {
        history.hidden_until = history.hidden_until.max(Some(midnight));
    }
}
