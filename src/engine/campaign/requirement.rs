//! What must hold of a shopper: conditions and named audiences, with their reasons.

use super::verdict::{Circumstances, Stage, Verdict};
use crate::document;
use crate::engine::audience::{Clock, Condition, Facts, explain};
use crate::engine::base::document::Part;
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, forms, several};
use crate::engine::base::text::{decimal, join};
use crate::engine::base::time::Time;
#[cfg(feature = "studio")]
use crate::engine::base::value::Map;
use crate::engine::base::value::{MAX_DEPTH, Value};
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
        When::of(if self.is_bare() { self.0 } else { self.0.field("when") })
    }

    /// Tells the conditions that must all hold, by way of audiences, each audience once, with where they stand; none for an
    /// audience that there is not, or that comes back to itself.
    pub fn conditions(self, at: &str, bundle: Bundle<'a>, tell: &mut dyn FnMut(Option<Condition<'a>>, &str)) {
        self.follow(at, bundle, &mut Vec::new(), tell);
    }

    fn follow(
        self,
        at: &str,
        bundle: Bundle<'a>,
        met: &mut Vec<(&'a str, bool)>,
        tell: &mut dyn FnMut(Option<Condition<'a>>, &str),
    ) {
        let name = match self.when() {
            When::Audience(name) => name,
            When::Condition(condition) if self.is_bare() => return tell(Some(condition), at),
            When::Condition(condition) => return tell(Some(condition), &join(&[at, "/when"])),
        };
        let known = met.iter().position(|(known, _)| *known == name);
        match (known.and_then(|place| met.get(place)), bundle.audiences().get(name)) {
            // It is being followed: it comes back to itself. Or there is no end to the names.
            (Some((_, true)), _) | (None, None) => tell(None, at),
            (None, _) if met.len() >= MAX_DEPTH => tell(None, at),
            (Some(_), _) => (),
            (None, Some(audience)) => {
                let place = met.len();
                met.push((name, true));
                audience.each(&join(&["/audiences/", name]), &mut |requirement, at| {
                    requirement.follow(at, bundle, met, tell);
                });
                if let Some(followed) = met.get_mut(place) {
                    followed.1 = false;
                }
            }
        }
    }

    /// Whether it is the bare condition or name.
    pub fn is_bare(self) -> bool {
        self.0.field("when").is_null()
    }
}

impl<'a> Part<'a> for Requirement<'a> {
    fn of(value: &'a Value) -> Self {
        Requirement(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        if Requirement(value).is_bare() { When::check(value, check) } else { Reasoned::check(value, check) }
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

    /// The requirements in order, each with where it stands, where they stand at `at`.
    pub fn each(self, at: &str, tell: &mut dyn FnMut(Requirement<'a>, &str)) {
        for (index, requirement) in self.iter().enumerate() {
            match self.0 {
                Value::List(_) => tell(requirement, &join(&[at, "/", &decimal(index as i64, 1)])),
                _ => tell(requirement, at),
            }
        }
    }

    /// Tells the conditions that must all hold, see [`Requirement::conditions`].
    pub fn conditions(self, at: &str, bundle: Bundle<'a>, tell: &mut dyn FnMut(Option<Condition<'a>>, &str)) {
        let met = &mut Vec::new();
        self.each(at, &mut |requirement, at| requirement.follow(at, bundle, met, tell));
    }

    /// Whether all hold; where there are none, they do. What campaigns ask of a shopper is asked of the plan.
    pub fn hold(self, bundle: Bundle<'a>, facts: Facts) -> bool {
        let mut hold = true;
        self.conditions("", bundle, &mut |condition, _| {
            hold = hold && condition.is_some_and(|condition| condition.holds(facts));
        });
        hold
    }
}

impl<'a> Part<'a> for Requirements<'a> {
    fn of(value: &'a Value) -> Self {
        Requirements(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        check.several(value, &Requirement::check);
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        several(Requirement::schema(defs))
    }
}

impl<'a> Circumstances<'a> {
    pub(super) fn targeting(self, verdict: &mut Verdict<'a>) -> bool {
        // Offers stand behind the campaigns.
        let before = if verdict.root == "/campaigns/" { 0 } else { self.bundle.campaigns().iter().len() };
        let at = join(&[&verdict.own(), "/audience"]);
        self.stopped(verdict, before + verdict.index, verdict.campaign.audience(), &at)
    }

    /// Whether a step is not for a shopper who belongs to the campaign's audience.
    pub(super) fn step_targeting(self, verdict: &mut Verdict<'a>) -> bool {
        let Some(step) = verdict.step.filter(|step| !step.audience.0.is_null()) else { return false };
        let Some(row) = self.plan.step(verdict.index, step.place) else { return false };
        let index = decimal(step.index.unwrap_or(0) as i64, 1);
        let at = join(&[&verdict.own(), "/steps/", &index, "/audience"]);
        self.stopped(verdict, row, step.audience, &at)
    }

    /// The first of the house's quiet states that holds, and when time alone ends it.
    pub(super) fn state(self, verdict: &mut Verdict<'a>) -> Option<(usize, Option<Time>)> {
        for index in 0.. {
            let place = self.plan.requirement(self.plan.states(), index)?;
            let mut turns = Vec::new();
            self.turns(verdict, place, &mut turns);
            if self.holds(place, self.now) {
                turns.sort_unstable();
                return Some((index, turns.into_iter().find(|now| !self.holds(place, *now))));
            }
        }
        None
    }

    fn holds(self, place: usize, now: Time) -> bool {
        let facts = self.facts();
        let clock = Clock { now, ..facts.clock };
        self.plan.conditions().holds(place, self.slots, Facts { clock, ..facts })
    }

    /// Whether one of these requirements, in this row of the plan and at this place of the bundle, does not hold; and if so, when
    /// time alone makes all of them hold.
    fn stopped(self, verdict: &mut Verdict<'a>, row: usize, audience: Requirements<'a>, at: &str) -> bool {
        let (mut stopped, mut hopeless, mut turns) = (false, false, Vec::new());
        let places = || (0..).map_while(|index| self.plan.requirement(row, index));
        for ((index, requirement), place) in audience.iter().enumerate().zip(places()) {
            let holds = self.holds(place, self.now);
            let known = turns.len();
            self.turns(verdict, place, &mut turns);
            hopeless |= !holds && turns.len() == known;
            let own = [at, "/", &decimal(index as i64, 1)];
            if self.why {
                let at = if let Value::List(_) = audience.0 { join(&own) } else { at.to_string() };
                self.explain(verdict, requirement, &at, !(holds || stopped));
            }
            if !(holds || stopped) {
                stopped = verdict.stop(Stage::Targeting, "audience", &own);
            }
            if hopeless && !self.why {
                break;
            }
        }
        turns.sort_unstable();
        if stopped && !hopeless {
            verdict.next = turns.into_iter().find(|now| places().all(|place| self.holds(place, *now)));
        }
        stopped
    }

    /// The moments to come at which time alone may turn it. Up to then it stays so.
    fn turns(self, verdict: &mut Verdict, place: usize, turns: &mut Vec<Time>) {
        self.plan.conditions().turns(place, self.slots, self.facts(), &mut |at| {
            if self.ahead(verdict, at) {
                turns.push(at);
            }
        });
    }

    /// Notes what was compared; `blame`: also what the verdict is for.
    fn explain(self, verdict: &mut Verdict, requirement: Requirement, at: &str, blame: bool) {
        let (mut leaves, facts) = (Vec::new(), self.facts());
        requirement.conditions(at, self.bundle, &mut |condition, at| {
            if let Some(condition) = condition {
                explain(condition.0, at, facts, &mut leaves);
            }
        });
        if let Some(leaf) = leaves.iter().find(|leaf| blame && leaf.blamed) {
            (verdict.path, verdict.op) = (Some(leaf.path.to_string()), Some(leaf.op.to_string()));
            verdict.found(leaf.expected.clone(), leaf.actual.clone());
        }
        verdict.leaves.extend(leaves.iter().map(|leaf| Value::from(leaf.line(Stage::Targeting.word()))));
    }
}
