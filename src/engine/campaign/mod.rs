//! Campaigns: what may be shown, to whom, when, how often.

mod arbitration;
mod experiment;
mod history;
pub mod kept;
mod offer;
mod pacing;
mod prerequisite;
mod requirement;
mod schedule;
mod trigger;
pub mod verdict;

use crate::engine::audience::Condition;
use crate::engine::base::document::{List, Part};
use crate::engine::base::time::Span;
use crate::engine::base::value::Value;
use crate::engine::bundle::Bundle;
use crate::engine::message::Message;
use crate::engine::message::template::Text;
use crate::engine::signal::Signal;
pub use crate::engine::signal::{ANSWER, DECISION, EXPOSURE};
use crate::{document, words};
pub use experiment::{Experiment, Variant};
pub use history::{Deed, History, Memory, Shown, remember, told};
pub use offer::Wanted;
pub use pacing::{Cap, Of, Pacing};
pub use requirement::{Reasoned, Requirement, Requirements, When};
pub use schedule::{Edge, Schedule, TIMEZONE, USER, WINDOWS, named};
pub use trigger::{Trigger, matches_path};

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
        /// Purposes it needs consent to, beside personalization and, for marketing, advertising.
        "needs" needs: List<'a, &'a str> = List::of(&Value::Null),
        /// When it is due.
        "trigger" trigger: Trigger<'a> = Trigger::Always,
        /// Whom it is for: a condition, the name of an audience, or a list of them with reasons; all must hold.
        "audience" audience: Requirements<'a> = Requirements(&Value::Null),
        /// Between which dates, at which hours, on which days of the week.
        "schedule" schedule: Schedule<'a> = Schedule(&Value::Null),
        /// At most how often, beside the house's pacing.
        "caps" caps: List<'a, Cap<'a>> = List::of(&Value::Null),
        /// At least how long between two showings of its own, its steps included.
        "gap" gap: Option<Gap<'a>> = None,
        /// Not beside these.
        "excludes" excludes: List<'a, Exclude<'a>> = List::of(&Value::Null),
        /// Not before these; all must hold.
        "prerequisites" prerequisites: List<'a, Prerequisite<'a>> = List::of(&Value::Null),
        /// What it shows to whom: each shopper has one of them.
        "variants" variants: List<'a, Variant<'a>> = List::of(&Value::Null),
        /// How shoppers get their variant.
        "experiment" experiment: Experiment<'a> = Experiment(&Value::Null),
        /// The slot of the page, or `interruptive`.
        "slot" slot: &'a str = INTERRUPTIVE,
        /// The offers it speaks of, as `offer.*`: those of a slot, or these; the policy chooses.
        "offers" offers: Option<Wanted<'a>> = None,
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
        /// Whom this step is for, beside the campaign's audience.
        "audience" audience: Requirements<'a> = Requirements(&Value::Null),
        /// Purposes that this step needs beside the campaign's.
        "needs" needs: List<'a, &'a str> = List::of(&Value::Null),
        /// Whether it is passed over where it cannot show by what is known, instead of being waited for: it is not for the shopper,
        /// what it waits for has not happened or is over, its own cap is reached. A time still to come is waited for.
        "skip" skip: bool = false,
        /// What it shows.
        "message" message: Message<'a>,
    }

    /// At least how long between two showings.
    pub struct Gap {
        /// So long; days are over at midnight of the house, hours exactly.
        "after" after: Span,
        /// The reason in words.
        "why" why: Option<Text<'a>> = None,
    }

    /// Other campaigns beside which it does not show.
    pub struct Exclude {
        /// Their ids.
        "campaigns" campaigns: List<'a, &'a str>,
        /// Not while one of them is `due`, or not after it was `shown`; default: neither.
        "when" when: Option<Beside> = None,
        /// So long after it was shown; none: for ever. "P1D" is over at the next midnight of the house.
        "within" within: Option<Span> = None,
        /// The reason in words.
        "why" why: Option<Text<'a>> = None,
    }

    /// What must have become of another campaign.
    pub struct Prerequisite {
        /// Its id.
        "campaign" campaign: &'a str,
        /// Its step; any where none is named.
        "step" step: Option<&'a str> = None,
        /// What must have been done about it.
        "is" is: Deed = Deed::Shown,
        /// What was answered: a value, or any of a list.
        "value" value: &'a Value = &Value::Null,
        /// No longer ago than this.
        "within" within: Option<Span> = None,
        /// The reason in words.
        "why" why: Option<Text<'a>> = None,
    }
}

words! {
    /// In which state of another campaign one is excluded.
    pub enum Beside {
        /// After it was shown.
        "shown" Shown,
        /// While it is due.
        "due" Due,
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

/// The name of the question that an answer answers, as the campaign's messages have it: of several the one that knows the answer.
pub fn question<'a>(bundle: Bundle<'a>, signal: &Signal) -> Option<&'a str> {
    let told = |key: &str| signal.properties.field(key);
    let campaign = bundle.campaign(told("campaign").text()?)?;
    let step = told("step").text();
    let mut first = None;
    for step in campaign.all_steps().filter(|one| step.is_none() || one.id == step) {
        for block in step.message.0.field("blocks").list() {
            let survey = block.field("survey").text().and_then(|id| bundle.surveys().get(id));
            let asked = survey.map_or(&[][..], |survey| survey.0.field("questions").list());
            let choice = block.there("choice").map(|choice| (choice, "question"));
            for (one, key) in choice.into_iter().chain(asked.iter().map(|question| (question, "id"))) {
                let scale =
                    matches!(one.field("kind").text(), Some("nps" | "rating")) && told("value").integer().is_some();
                if scale || one.field("options").list().iter().any(|option| option.field("value") == told("value")) {
                    return one.field(key).text();
                }
                first = first.or(Some(one.field(key)));
            }
        }
    }
    first?.text()
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
    /// Whether that is said of this step alone.
    pub own: bool,
    /// Where it shows.
    pub slot: &'a str,
    /// What it shows.
    pub message: Message<'a>,
    /// Whom it is for, beside the campaign's audience.
    pub audience: Requirements<'a>,
    /// Purposes that it needs, beside the campaign's.
    pub needs: List<'a, &'a str>,
    /// Whether it is passed over where it is not for the shopper.
    pub skip: bool,
}

impl<'a> Campaign<'a> {
    /// Whether its audience asks about a fact, or about a part of it.
    pub fn asks(self, path: &str, bundle: Bundle<'a>) -> bool {
        let mut asks = false;
        self.audience().conditions("", bundle, &mut |condition, _| {
            condition.unwrap_or(Condition(&Value::Null)).paths(&mut |read| {
                asks |= read.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with("."));
            });
        });
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
                let audience = Requirements(&Value::Null);
                return Some(Step {
                    place,
                    index: None,
                    id: None,
                    trigger,
                    own: false,
                    slot,
                    message,
                    audience,
                    needs: List::of(&Value::Null),
                    skip: false,
                });
            }
            index = place.checked_sub(1);
        }
        let step = self.steps().get(index?)?;
        Some(Step {
            place,
            index,
            id: Some(step.id()),
            trigger: step.trigger().unwrap_or_else(|| self.trigger()),
            own: step.trigger().is_some(),
            slot: step.slot().unwrap_or_else(|| self.slot()),
            message: step.message(),
            audience: step.audience(),
            needs: step.needs(),
            skip: step.skip(),
        })
    }
}
