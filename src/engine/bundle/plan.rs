//! What a bundle's rules listen to and read, found out once: who hears an event, which facts a condition wants.

use super::Bundle;
use crate::engine::audience::{Condition, Conditions, Needs, Slots};
use crate::engine::base::record::Named;
use crate::engine::base::text::join;
use crate::engine::base::time::Day;
use crate::engine::base::value::Value;
use crate::engine::campaign::verdict::GROUNDS;
use crate::engine::campaign::{ANSWER, DECISION, EXPOSURE, Requirements, TIMEZONE, USER};
use crate::engine::offer::{Catalogue, Model};
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
    /// What campaigns ask of the facts; the first slots are what all of them read.
    conditions: Conditions,
    /// By slot, the campaigns that read it, and what for.
    readers: Vec<Vec<(usize, Depth)>>,
    /// By campaign, then by offer, the places of its requirements.
    requirements: Vec<Vec<usize>>,
    /// By campaign, where among those what its steps ask begins.
    steps: Vec<usize>,
    /// By event, each found out when it first happens.
    heard: Cell<Named<Rc<Heard>>>,
}

/// A condition of an audience that was read, its place, and the slots that it reads.
type Known<'a> = (&'a Value, usize, Vec<usize>);

/// How deep the change of a fact goes into the verdict on a campaign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// It does not.
    #[default]
    Nowhere,
    /// Only into what follows its trigger.
    Audience,
    /// All of it.
    Whole,
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
            plan.conditions.slot(path);
        }
        // Audiences that several campaigns name are read once.
        let mut known = Vec::new();
        for (place, campaign) in bundle.campaigns().iter().enumerate() {
            for step in campaign.all_steps() {
                step.trigger.facts(&mut |path| plan.note(path, place));
                for purpose in campaign.needs().iter().chain(step.needs.iter()) {
                    plan.note(&join(&["consent.", purpose]), place);
                }
            }
            if campaign.schedule().zone() == USER {
                plan.note(TIMEZONE, place);
            }
            for by in campaign.caps().iter().filter_map(|cap| cap.by()) {
                let slot = plan.conditions.slot(by);
                plan.read(slot, place, Depth::Audience);
            }
            let reads = plan.ask(campaign.audience(), bundle, &mut known);
            reads.into_iter().for_each(|slot| plan.read(slot, place, Depth::Audience));
        }
        for offer in bundle.offers().iter() {
            plan.ask(offer.audience(), bundle, &mut known);
        }
        let reads = plan.ask(bundle.house().pacing().states(), bundle, &mut known);
        for place in 0..bundle.campaigns().iter().len() {
            reads.iter().for_each(|slot| plan.read(*slot, place, Depth::Audience));
        }
        for (place, campaign) in bundle.campaigns().iter().enumerate() {
            plan.steps.push(plan.requirements.len());
            for step in campaign.all_steps() {
                // Whose turn it is among the steps may depend on it.
                let reads = plan.ask(step.audience, bundle, &mut known);
                reads.into_iter().for_each(|slot| plan.read(slot, place, Depth::Whole));
            }
        }
        plan
    }

    /// How offers are chosen, and learnt about.
    pub fn model<'a>(&'a self, bundle: Bundle<'a>) -> Model<'a> {
        Model { policy: bundle.policy(), catalogue: &self.offers }
    }

    /// Notes what is asked of the next campaign or offer; the slots that are read for it.
    fn ask<'a>(&mut self, audience: Requirements<'a>, bundle: Bundle<'a>, known: &mut Vec<Known<'a>>) -> Vec<usize> {
        let (mut requirements, mut all_reads) = (Vec::new(), Vec::new());
        for requirement in audience.iter() {
            let mut all = Vec::new();
            requirement.conditions("", bundle, &mut |condition, at| {
                let condition = condition.unwrap_or(Condition(&Value::Null));
                let shared = at.starts_with("/a");
                let again = known.iter().find(|(known, ..)| shared && std::ptr::eq(*known, condition.0));
                let (place, reads) = again.cloned().map_or_else(
                    || {
                        let mut reads = Vec::new();
                        (self.conditions.add(condition, &mut reads), reads)
                    },
                    |(_, place, reads)| (place, reads),
                );
                all.push(place);
                all_reads.extend(&reads);
                if shared && again.is_none() {
                    known.push((condition.0, place, reads));
                }
            });
            requirements.push(self.conditions.all(&all));
        }
        self.requirements.push(requirements);
        all_reads
    }

    /// A campaign reads a fact before its audience is asked.
    fn note(&mut self, path: &str, campaign: usize) {
        let slot = self.conditions.slot(path);
        self.read(slot, campaign, Depth::Whole);
    }

    fn read(&mut self, slot: usize, campaign: usize, depth: Depth) {
        while self.readers.len() <= slot {
            self.readers.push(Vec::new());
        }
        if let Some(readers) = self.readers.get_mut(slot) {
            readers.push((campaign, depth));
        }
    }

    /// The place of the house's quiet states among what is asked.
    pub fn states(&self) -> usize {
        self.steps.first().copied().unwrap_or(self.requirements.len()).saturating_sub(1)
    }

    /// The place of what a step of a campaign asks.
    pub fn step(&self, campaign: usize, step: usize) -> Option<usize> {
        self.steps.get(campaign).map(|first| first + step)
    }

    /// What campaigns ask of the facts.
    pub fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// The place among them of a requirement of a campaign.
    pub fn requirement(&self, campaign: usize, index: usize) -> Option<usize> {
        self.requirements.get(campaign)?.get(index).copied()
    }

    /// By campaign, what the facts that have changed mean for it.
    pub fn concerned(&self, before: &Slots, after: &Slots) -> Vec<Depth> {
        let mut depths = vec![Depth::Nowhere; self.requirements.len()];
        let changed = before.iter().zip(after).enumerate().filter(|(_, (before, after))| before != after);
        for (slot, _) in changed {
            if slot < GROUNDS.len() {
                depths.fill(Depth::Whole);
            }
            for (campaign, depth) in self.readers.get(slot).into_iter().flatten() {
                if let Some(known) = depths.get_mut(*campaign) {
                    *known = (*known).max(*depth);
                }
            }
        }
        depths
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
                let filters = [meter.filter(), meter.reset().and_then(|reset| reset.filter())];
                filters.into_iter().flatten().for_each(|filter| heard.needs.read(filter));
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
