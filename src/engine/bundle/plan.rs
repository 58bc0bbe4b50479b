//! What a bundle's rules listen to and read, found out once: who hears an event, which facts a condition wants.

use super::Bundle;
use crate::engine::audience::Needs;
use crate::engine::base::record::Named;
use crate::engine::base::time::Day;
use crate::engine::campaign::Trigger;
use std::cell::Cell;
use std::rc::Rc;

/// What a bundle's rules listen to and read. Belongs to one bundle and is never asked about another.
#[derive(Default)]
pub struct Plan {
    /// First day and version of each program.
    programs: Vec<(Day, i64)>,
    reckoned: Needs,
    /// By event, each found out when it first happens.
    heard: Cell<Named<Rc<Heard>>>,
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
        let mut plan = Plan::default();
        for program in bundle.programs().iter() {
            plan.programs.push((program.from(), program.version()));
            program.meters(&mut |meter| plan.reckoned.add("meter", meter));
            program.conditions(None, &mut |condition| plan.reckoned.read(condition));
        }
        plan
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
        *all.entry(event) = heard.clone();
        self.heard.set(all);
        heard
    }
}

impl Heard {
    fn by(event: &str, bundle: Bundle) -> Heard {
        let mut heard = Heard::default();
        for (place, campaign) in bundle.campaigns().iter().enumerate() {
            for step in campaign.all_steps() {
                if let Trigger::Event(trigger) = step.trigger
                    && trigger.name() == event
                {
                    heard.steps.push((place, step.place));
                    trigger.filter().into_iter().for_each(|filter| heard.needs.read(filter));
                }
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
        heard
    }
}
