//! What a bundle's rules listen to and read, found out once: who hears an event, which facts a condition wants.

use super::Bundle;
use crate::engine::audience::{Condition, Needs};
use crate::engine::base::record::Named;
use crate::engine::base::time::Day;
use crate::engine::base::value::Value;
use crate::engine::campaign::verdict::GROUNDS;
use crate::engine::campaign::{ANSWER, DECISION, EXPOSURE, TIMEZONE, USER};
use crate::engine::offer::Catalogue;
use std::cell::Cell;
use std::rc::Rc;

/// What a bundle's rules listen to and read. Belongs to one bundle and is never asked about another.
#[derive(Default)]
pub struct Plan {
    /// The offers, with what all shoppers make of them.
    pub offers: Catalogue,
    /// First day and version of each program.
    programs: Vec<(Day, i64)>,
    reckoned: Needs,
    /// What campaigns read, each path once, first what all of them do; by campaign the places of those that it reads.
    facts: Vec<String>,
    reads: Vec<Reads>,
    /// By event, each found out when it first happens.
    heard: Cell<Named<Rc<Heard>>>,
}

/// What a campaign reads: what its triggers count from, and what its audience asks about.
#[derive(Default)]
struct Reads {
    first: Vec<usize>,
    then: Vec<usize>,
}

/// What an event may move.
#[derive(Default)]
pub struct Heard {
    /// Campaigns and their steps that it makes due, by their places.
    pub steps: Vec<(usize, usize)>,
    /// Meters that it may move, by their places.
    pub meters: Vec<usize>,
    /// What the conditions of all these read, and those of the programs about this event.
    pub needs: Needs,
}

/// So many events are remembered: hosts may invent names.
const EVENTS: usize = 64;

impl Plan {
    /// The plan of a bundle.
    pub fn new(bundle: Bundle) -> Plan {
        let mut plan = Plan { offers: Catalogue::new(bundle), ..Plan::default() };
        for program in bundle.programs().iter() {
            plan.programs.push((program.from(), program.version()));
            program.meters(&mut |meter| plan.reckoned.add("meter", meter));
            program.conditions(None, &mut |condition| plan.reckoned.read(condition));
        }
        complete(&mut plan.reckoned, bundle);
        for path in GROUNDS {
            plan.fact(path);
        }
        for campaign in bundle.campaigns().iter() {
            let mut reads = Reads::default();
            for step in campaign.all_steps() {
                step.trigger.facts(&mut |path| reads.first.push(plan.fact(path)));
                for condition in step.audience.iter().filter_map(|requirement| requirement.condition(bundle)) {
                    condition.paths(&mut |path| reads.first.push(plan.fact(path)));
                }
            }
            if campaign.schedule().zone() == USER {
                reads.first.push(plan.fact(TIMEZONE));
            }
            for condition in campaign.audience().iter().filter_map(|requirement| requirement.condition(bundle)) {
                condition.paths(&mut |path| reads.then.push(plan.fact(path)));
            }
            for by in campaign.caps().iter().filter_map(|cap| cap.by()) {
                reads.then.push(plan.fact(by));
            }
            plan.reads.push(reads);
        }
        plan
    }

    /// The place of a fact that a campaign reads.
    fn fact(&mut self, path: &str) -> usize {
        let known = self.facts.iter().position(|fact| fact == path);
        known.unwrap_or_else(|| {
            self.facts.push(path.to_string());
            self.facts.len() - 1
        })
    }

    /// Of each fact that campaigns read whether it is another than before.
    pub fn changed(&self, before: &Value, after: &Value) -> Vec<bool> {
        self.facts.iter().map(|path| before.at(path) != after.at(path)).collect()
    }

    /// Whether the campaign at a place reads a fact that has changed; `deep`: not only what its triggers count from.
    pub fn concerns(&self, campaign: usize, deep: bool, changed: &[bool]) -> bool {
        let has = |places: &[usize]| places.iter().any(|place| changed.get(*place) == Some(&true));
        changed.iter().take(GROUNDS.len()).any(|changed| *changed)
            || self.reads.get(campaign).is_some_and(|reads| has(&reads.first) || deep && has(&reads.then))
    }

    /// The place of the program that judges an event on this day.
    pub fn program_on(&self, day: Day) -> Option<usize> {
        let begun = self.programs.iter().enumerate().filter(|(_, (from, _))| *from <= day);
        begun.max_by_key(|(_, program)| **program).map(|(place, _)| place)
    }

    /// Whether any program reckons points or levels from this meter.
    pub fn reckons(&self, meter: &str) -> bool {
        self.reckoned.wants("meter", meter)
    }

    /// What an event may move.
    pub fn heard(&self, event: &str, bundle: Bundle) -> Rc<Heard> {
        let mut all = self.heard.take();
        if let Some(heard) = all.get(event) {
            let heard = heard.clone();
            self.heard.set(all);
            return heard;
        }
        let heard = Rc::new(Heard::by(event, bundle));
        if all.len() >= EVENTS {
            all = Named::default();
        }
        all.set(event, heard.clone());
        self.heard.set(all);
        heard
    }
}

impl Heard {
    fn by(event: &str, bundle: Bundle) -> Heard {
        let mut heard = Heard::default();
        for (place, campaign) in bundle.campaigns().iter().enumerate() {
            for step in campaign.all_steps() {
                if step.trigger.hears(event) {
                    heard.steps.push((place, step.place));
                    step.trigger.filter().into_iter().for_each(|filter| heard.needs.read(filter));
                }
            }
            if [EXPOSURE, ANSWER, DECISION].contains(&event) {
                campaign.caps().iter().filter_map(|cap| cap.by()).for_each(|by| heard.needs.path(by));
            }
        }
        for (place, (_, meter)) in bundle.meters().iter().enumerate() {
            if meter.hears(event) {
                heard.meters.push(place);
                meter.filter().into_iter().for_each(|filter| heard.needs.read(filter));
            }
        }
        for program in bundle.programs().iter() {
            program.conditions(Some(event), &mut |condition| heard.needs.read(condition));
        }
        complete(&mut heard.needs, bundle);
        heard
    }
}

/// What conditions read.
pub fn needs_of<'a>(conditions: impl Iterator<Item = Condition<'a>>, bundle: Bundle) -> Needs {
    let mut needs = Needs::default();
    conditions.for_each(|condition| needs.read(condition));
    complete(&mut needs, bundle);
    needs
}

/// Who reads a derived fact reads what it is computed from.
fn complete(needs: &mut Needs, bundle: Bundle) {
    for (name, derived) in bundle.derived().iter() {
        if needs.wants("derived", name) {
            derived.paths().for_each(|path| needs.path(path));
        }
    }
}
