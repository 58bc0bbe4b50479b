//! Missions: tasks of one or several steps, within a time, once or again and again.

use super::grant::Caps;
use super::program::{Per, Prize};
use super::rule::Once;
use super::{Payout, Tell, Turn, time_value};
use crate::engine::base::document::{List, Part};
use crate::engine::base::record::Named;
use crate::engine::base::time::{Ends, Span, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::message::template::Text;
use crate::engine::meter::undo::Undoings;
use crate::engine::meter::{Names, Window};
use crate::engine::signal::id_text;
use crate::{document, record, words};

document! {
    /// A task.
    pub struct Mission {
        /// Id.
        "id" id: &'a str,
        /// Its name in words.
        "label" label: Option<Text<'a>> = None,
        /// Events; a step may name several, of which one will do, and a name may end in `*`.
        "steps" steps: List<'a, Names<'a>> = List::of(&Value::Null),
        /// In which order: `any`, or `ordered`.
        "mode" mode: Mode = Mode::Any,
        /// So many different steps; all where it is not named.
        "need" need: Option<i64> = None,
        /// So many times in all.
        "times" times: Option<i64> = None,
        /// Counts once for each value of this property, or of these together.
        "once" once: Option<Once<'a>> = None,
        /// Events that take a step back, matched by `once` or by the properties they name; what was done stays done.
        "undo" undo: Undoings<'a> = Undoings(&Value::Null),
        /// Within this time from the first of them: as that passes, the first is left out.
        "in" within: Option<Span> = None,
        /// Begins anew with each; of a duration, so long after it was done.
        "repeat" repeat: Option<Per> = None,
        /// The meter that is not to pass `atMost`.
        "meter" meter: Option<&'a str> = None,
        /// See `meter`.
        "atMost" at_most: Option<i64> = None,
        /// When `atMost` is judged: `periodEnd`, the end of the meter's window.
        "judge" judge: Judge = Judge::PeriodEnd,
        /// What it pays.
        "reward" reward: Option<Prize<'a>> = None,
        /// At most so much of it, alone or with rules of the same `group`.
        "cap" cap: Caps<'a> = Caps(&Value::Null),
    }
}

words! {
    /// In which order steps count.
    pub enum Mode {
        /// In any.
        "any" Any,
        /// One after the other.
        "ordered" Ordered,
    }
}

words! {
    /// When a limit is judged.
    pub enum Judge {
        /// At the end of the meter's window.
        "periodEnd" PeriodEnd,
    }
}

record! {
    /// How far a shopper is with a mission.
    pub struct Attempt {
        /// Steps that count, oldest first.
        "steps" steps: Vec<Step>,
        /// What was last counted, once it is over; of a limit, whether the last period was kept.
        "done" done: i64,
        /// Whether it is done.
        "complete" complete: bool,
        /// Whether its time passed.
        "missed" missed: bool,
        /// When it begins anew.
        "again" again: Option<Time>,
    }

    /// A step that was done.
    pub struct Step {
        /// Which.
        "step" step: i64,
        /// Until when it counts.
        "until" until: Option<Time>,
        /// The properties that `once` and `undo` go by.
        "values" values: Map,
    }
}

/// So many steps are kept: beyond, the oldest goes.
const MOST: usize = 256;

impl<'a> Mission<'a> {
    /// How much of it makes it done.
    fn wanted(self) -> i64 {
        let all = if self.meter().is_some() { 1 } else { self.steps().iter().len() as i64 };
        self.times().or(self.need()).unwrap_or(all)
    }

    /// How much of it counts.
    fn count(self, attempt: &Attempt) -> i64 {
        if self.times().is_some() {
            return attempt.steps.len() as i64;
        }
        let has = |step: &i64| attempt.has(*step);
        let steps = 0..self.steps().iter().len() as i64;
        match self.mode() {
            Mode::Any => steps.filter(has).count() as i64,
            Mode::Ordered => steps.take_while(has).count() as i64,
        }
    }

    /// Which step an event does: in order the furthest that it can, else the first that is open.
    fn step(self, attempt: &Attempt, event: &str) -> Option<i64> {
        let steps = (0_i64..).zip(self.steps().iter()).filter(|(_, names)| names.has(event)).map(|(step, _)| step);
        match self.mode() {
            _ if self.times().is_some() => steps.map(|_| 0).next(),
            Mode::Any => steps.clone().find(|step| !attempt.has(*step)).or(steps.clone().next()),
            Mode::Ordered => steps.filter(|step| *step == 0 || attempt.has(step - 1)).last(),
        }
    }

    fn once_by(self) -> Vec<&'a str> {
        self.once().map(Once::properties).unwrap_or_default()
    }

    /// When the calendar period of `repeat` ends.
    fn period_end(self, turn: Turn) -> Option<Time> {
        period_end(self.repeat()?, turn.home, turn)
    }

    /// When it begins anew after it is done now.
    fn again(self, turn: Turn) -> Option<Time> {
        match self.repeat()? {
            Per::Event => Some(turn.at),
            Per::Trailing(span) => Some(turn.house.zones.add(turn.home, turn.at, span, Ends::Wait)),
            _ => self.period_end(turn),
        }
    }

    /// A step was done.
    fn tick(self, attempt: &mut Attempt, step: i64, turn: Turn<'a>, won: &mut Vec<Payout<'a>>) {
        // Steps in order count as long as the first of them does.
        let before = attempt.steps.iter().filter(|done| done.step == step - 1 && self.mode() == Mode::Ordered);
        let window = || self.within().map(|span| turn.house.zones.add(turn.home, turn.at, span, Ends::Validity));
        let until = before.max_by_key(|done| done.until).map_or_else(window, |done| done.until);
        let mut values = Map::new();
        let once = self.once_by();
        once.iter().for_each(|name| turn.note(name, &mut values));
        for (_, by) in self.undo().iter() {
            by.iter().for_each(|name| turn.note(name, &mut values));
        }
        let same = |done: &Step| {
            let alike = match self.once() {
                Some(_) => once.iter().all(|name| done.values.get(name) == values.get(name)),
                None => done.values == values,
            };
            done.step == step && alike
        };
        if self.times().is_none() {
            attempt.steps.retain(|done| !same(done));
        } else if self.once().is_some() && attempt.steps.iter().any(same) {
            return;
        }
        let until = until.into_iter().chain(self.period_end(turn)).min();
        attempt.steps.push(Step { step, until, values });
        attempt.steps.drain(..attempt.steps.len().saturating_sub(MOST));
        attempt.missed = false;
        if self.count(attempt) >= self.wanted() {
            *attempt = Attempt { done: self.wanted(), complete: true, again: self.again(turn), ..Attempt::default() };
            won.extend(Payout::of(self.id(), self.reward()));
        }
    }

    /// Something takes steps back: those it matches, or without anything to go by the last one.
    fn untick(self, attempt: &mut Attempt, by: List<'a, &'a str>, turn: Turn) {
        let by = if by.is_empty() { self.once_by() } else { by.iter().collect() };
        if by.is_empty() {
            attempt.steps.pop();
        }
        attempt.steps.retain(|done| {
            by.is_empty()
                || by.iter().any(|name| {
                    let told = id_text(turn.property(name));
                    told.is_none() || told.as_deref() != done.values.get(name).and_then(Value::text)
                })
        });
        if self.mode() == Mode::Ordered {
            let count = self.count(attempt);
            attempt.steps.retain(|done| done.step < count);
        }
    }

    /// What is over by now is left out.
    fn lapse(self, attempt: &mut Attempt, turn: Turn) {
        if attempt.again.is_some_and(|again| again <= turn.at) {
            *attempt = Attempt::default();
        }
        let (count, before) = (self.count(attempt), attempt.steps.len());
        attempt.steps.retain(|done| done.until.is_none_or(|until| until > turn.at));
        if attempt.steps.is_empty() && before > 0 {
            // With the calendar's period another chance begins.
            let earlier = Turn { at: turn.at.plus(-1), ..turn };
            let anew = self.period_end(earlier) == Some(turn.at);
            *attempt = Attempt { done: if anew { 0 } else { count }, missed: !anew, ..Attempt::default() };
        }
    }

    /// When the period in which the meter is not to pass its limit ends.
    fn judged_at(self, turn: Turn) -> Option<Time> {
        let per = match turn.meters.get(self.meter()?)?.window() {
            Window::Month => Per::Month,
            Window::Year => Per::Year,
            _ => return None,
        };
        period_end(per, turn.house.zone, turn)
    }

    /// A period of the meter may be over.
    fn judge_limit(self, attempt: &mut Attempt, turn: Turn<'a>, won: &mut Vec<Payout<'a>>) {
        let earlier = Turn { at: turn.at.plus(-1), ..turn };
        let (Some(meter), Some(limit)) = (self.meter(), self.at_most()) else { return };
        if self.judged_at(earlier) != Some(turn.at) {
            return;
        }
        attempt.done = i64::from(earlier.meter(meter) <= limit);
        if attempt.done == 1 {
            won.extend(Payout::of(self.id(), self.reward()));
        }
    }

    fn progress(self, attempt: &Attempt, turn: Turn) -> Value {
        let count = self.count(attempt);
        let (status, done, deadline) = if let Some(meter) = self.meter() {
            let over = self.at_most().is_some_and(|limit| turn.meter(meter) > limit);
            (if over { "missed" } else { "open" }, attempt.done, self.judged_at(turn))
        } else if attempt.complete {
            ("done", attempt.done, None)
        } else if attempt.missed {
            ("missed", attempt.done, None)
        } else {
            // In order the first step may have been done again: what was reached goes by the earlier one.
            let first = attempt.steps.iter().filter_map(|done| done.until).min();
            ("open", count, first.or(self.period_end(turn)))
        };
        Map::of([
            ("status", status.into()),
            ("done", done.into()),
            ("need", self.wanted().into()),
            ("deadline", time_value(deadline)),
        ])
        .into()
    }
}

impl Attempt {
    fn has(&self, step: i64) -> bool {
        self.steps.iter().any(|done| done.step == step)
    }
}

/// When the calendar period around a moment ends in a zone.
fn period_end(per: Per, zone: &str, turn: Turn) -> Option<Time> {
    // A duration has no calendar.
    let calendar = !matches!(per, Per::Trailing(_));
    let zones = turn.house.zones;
    let first = per.first_day(zones.day(zone, turn.at), turn.program.clock().week_start()).filter(|_| calendar)?;
    Some(zones.midnight(zone, per.following(first)?))
}

/// A step may have been done.
pub fn hear<'a>(missions: &mut Named<Attempt>, turn: Turn<'a>, won: &mut Vec<Payout<'a>>) {
    let Some(signal) = turn.deed() else { return };
    for mission in turn.program.missions().iter() {
        if let Some(attempt) = missions.get_mut(mission.id()).filter(|attempt| !attempt.complete) {
            for (_, by) in mission.undo().iter().filter(|(on, _)| *on == signal.name) {
                mission.untick(attempt, by, turn);
            }
        }
        if mission.steps().iter().any(|names| names.has(&signal.name)) {
            let attempt = missions.entry(mission.id());
            mission.lapse(attempt, turn);
            let step = mission.step(attempt, &signal.name).filter(|_| !attempt.complete);
            if let Some(step) = step {
                mission.tick(attempt, step, turn, won);
            }
        }
    }
}

/// A deadline or the end of a period.
pub fn pass<'a>(missions: &mut Named<Attempt>, turn: Turn<'a>, won: &mut Vec<Payout<'a>>) {
    for mission in turn.program.missions().iter() {
        if mission.meter().is_some() {
            mission.judge_limit(missions.entry(mission.id()), turn, won);
        } else if let Some(attempt) = missions.get_mut(mission.id()) {
            mission.lapse(attempt, turn);
        }
    }
}

/// The next deadline or end of a period.
pub fn next(missions: &Named<Attempt>, turn: Turn, tell: Tell) {
    for mission in turn.program.missions().iter() {
        if let Some(attempt) = missions.get(mission.id()) {
            attempt.steps.iter().filter_map(|step| step.until).for_each(&mut *tell);
            attempt.again.into_iter().for_each(&mut *tell);
        }
        mission.judged_at(turn).into_iter().for_each(&mut *tell);
    }
}

/// `{ID: {status: open|done|missed, done, need, deadline}}`.
pub fn progress(missions: &Named<Attempt>, turn: Turn) -> Value {
    let (mut all, fresh) = (Map::new(), Attempt::default());
    for mission in turn.program.missions().iter() {
        all.append(mission.id(), mission.progress(missions.get(mission.id()).unwrap_or(&fresh), turn));
    }
    all.into()
}
