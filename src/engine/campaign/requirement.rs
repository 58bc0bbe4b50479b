//! What must hold of a shopper: conditions and named audiences, with their reasons.

use super::verdict::{Circumstances, Stage, Verdict};
use crate::document;
use crate::engine::audience::{Condition, Facts};
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, forms};
use crate::engine::base::document::{List, Part};
use crate::engine::base::text::decimal;
#[cfg(feature = "studio")]
use crate::engine::base::value::Map;
use crate::engine::base::value::Value;
use crate::engine::bundle::Bundle;
use crate::engine::message::template::Text;

document! {
    /// A condition or a named audience, with the reason in words.
    pub struct Reasoned {
        /// The condition, or the name of an audience.
        "when" when: When<'a>,
        /// The reason in words when it does not hold.
        "why" why: Option<Text<'a>> = None,
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
pub struct Requirements<'a>(pub &'a Value);

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

impl Circumstances<'_> {
    pub(super) fn targeting(self, verdict: &mut Verdict) -> bool {
        let facts = Facts { document: self.document, groups: &Value::Null, host: self.host };
        for (index, requirement) in verdict.campaign.audience().iter().enumerate() {
            let Some(condition) = requirement.condition(self.bundle).filter(|condition| !condition.holds(facts)) else {
                continue;
            };
            if let Some(leaf) = self.why.then(|| condition.failing(facts)).flatten() {
                verdict.path = Some(leaf.path);
                verdict.found(leaf.expected, leaf.actual);
            }
            return verdict.stop(
                Stage::Targeting,
                "audience",
                &[&verdict.own(), "/audience/", &decimal(index as i64, 1)],
            );
        }
        false
    }

    /// Whether a step is not for this shopper who belongs to the campaign's audience.
    pub(super) fn step_targeting(self, verdict: &mut Verdict) -> bool {
        let Some(step) = verdict.step else { return false };
        let Some((place, condition)) = self.unmet(step.audience) else { return false };
        let facts = Facts { document: self.document, groups: &Value::Null, host: self.host };
        if let Some(leaf) = self.why.then(|| condition.and_then(|condition| condition.failing(facts))).flatten() {
            verdict.path = Some(leaf.path);
            verdict.found(leaf.expected, leaf.actual);
        }
        let index = decimal(step.index.unwrap_or(0) as i64, 1);
        let (own, place) = (verdict.own(), decimal(place as i64, 1));
        verdict.stop(Stage::Targeting, "audience", &[&own, "/steps/", &index, "/audience/", &place])
    }
}
