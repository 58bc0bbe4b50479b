//! `pkg/src/host/engine.ts`: the engine, what it is fed, what it asks for.

use danbi::cli::native::Native;
use danbi::engine::base::time::{Time, Zones};
use danbi::engine::base::value::{Map, Value};
use danbi::engine::effect::Effect;
use danbi::engine::input::{Input, Row};
use danbi::engine::profile::Grant;
use danbi::engine::{Engine, Options};

use crate::Bug;
use crate::storage::{Identity, Kept};
use crate::tab::{Hint, Task};
use crate::truth::Kind;
use crate::world::World;

/// Rows that are read and given in one task.
const PAGE: usize = 50;
const GATHER: i64 = 100;

impl World {
    /// `begin`: a new engine over all that is kept.
    pub fn boot(&mut self, tab: usize) {
        let identity = self.database.identity;
        let seed = identity.map_or(0, |identity| identity.seed);
        let options = Options {
            locale: String::from("en"),
            seed: seed.to_string(),
            tab: format!("tab{tab}"),
            assumed: Grant::Unknown,
            schemes: Vec::new(),
        };
        let mut zones = Zones::default();
        zones.set("Asia/Seoul", vec![(i64::MIN, 540)]);
        let mut engine = Engine::new(self.bundle.clone(), zones, Box::new(Native), options);
        // A snapshot of another shopper, or of one who took consent back, is nobody's.
        let snapshot = self.database.snapshot.clone().filter(|(of, _)| *of == seed);
        let covered = if snapshot.is_some() { self.database.covered } else { 0 };
        let mut from = covered;
        if let Some((_, snapshot)) = snapshot {
            from = snapshot.field("seen").integer().map_or(covered, |seen| seen as u64);
            if self.has(Bug::SnapshotApart) {
                from = self.database.seen;
            }
            if engine.restore(&snapshot).is_err() {
                self.truth.fail(String::from("the snapshot cannot be read"));
            }
        }
        let rows: Vec<(u64, Kept)> = self.database.after(from).take(PAGE).collect();
        let upto = rows.last().map_or(from, |(position, _)| *position);
        // The others tell themselves when they come.
        let more = rows.len() == PAGE;
        let waits = self.database.after(self.database.sent);
        let unsent = waits.take_while(|(position, _)| !more || *position <= upto).count() as u32;
        let state = &mut self.tabs[tab];
        state.engine = Some(engine);
        state.seed = seed;
        state.last = upto;
        state.wakes += 1;
        state.recalling = false;
        self.rows(tab, &rows, Some(unsent));
        if more {
            self.later(tab, 0, Task::Hint(Hint::Rows));
        }
    }

    /// `committed`: a stream of signals reaches the engine and the other tabs every 100 ms, the first of it at once.
    pub fn gather(&mut self, tab: usize, rows: &[(u64, Kept)], whose: Option<Identity>) {
        let same = self.same(tab, whose);
        let state = &mut self.tabs[tab];
        state.waiting.extend(rows);
        state.whose = whose;
        let wait = state.passed + GATHER - self.now;
        if wait <= 0 || !same {
            self.pass(tab);
        } else if !std::mem::replace(&mut state.passing, true) {
            self.later(tab, wait, Task::Pass);
        }
    }

    pub fn pass(&mut self, tab: usize) {
        let now = self.now;
        let state = &mut self.tabs[tab];
        (state.passing, state.passed) = (false, now);
        let (waiting, whose) = (std::mem::take(&mut state.waiting), state.whose);
        self.hint(tab, Hint::Rows);
        self.feed(tab, &waiting, Some(whose));
    }

    fn same(&self, tab: usize, shopper: Option<Identity>) -> bool {
        let state = &self.tabs[tab];
        shopper.map_or(state.last == 0, |shopper| shopper.seed == state.seed)
    }

    /// `recall`: the rows between two positions, once more.
    pub fn recall(&mut self, tab: usize, after: u64, upto: u64) {
        let rows = self.database.after(after).take_while(|(position, _)| *position <= upto);
        let rows = rows.map(|(position, row)| self.line(position, row)).collect();
        self.tabs[tab].recalling = false;
        self.enter(tab, Input::Recalled(rows));
        self.count(tab);
    }

    /// `feed`: what the engine has not seen, the rows just committed if that is all, else whatever the log has.
    pub fn feed(&mut self, tab: usize, given: &[(u64, Kept)], shopper: Option<Option<Identity>>) {
        let state = &self.tabs[tab];
        if state.engine.is_none() || state.broken {
            return;
        }
        let last = state.last;
        if shopper.is_some_and(|shopper| !self.same(tab, shopper)) {
            return self.boot(tab);
        }
        // Another tab's rows may lie between this one's.
        let whole = self.has(Bug::Gap) || given.last().is_some_and(|(place, _)| *place == last + given.len() as u64);
        let next = given.first().is_some_and(|(place, _)| *place == last + 1) && whole;
        if !next {
            let first = self.database.after(last).next();
            let gone = self.database.covered > last && first.is_none_or(|(position, _)| position != last + 1);
            self.tabs[tab].unaware = false;
            let known = self.tabs[tab].withdrawn;
            let may = |identity: Identity| identity.consent.analytics && identity.withdrawn == known;
            if !self.database.identity.is_some_and(may) {
                self.stop(tab);
            }
            if !self.same(tab, self.database.identity) || gone {
                return self.boot(tab);
            }
        }
        let rows: Vec<(u64, Kept)> = match next {
            true => given.to_vec(),
            false => self.database.after(last).take(PAGE).collect(),
        };
        if let Some((position, _)) = rows.last() {
            self.tabs[tab].last = *position;
            self.rows(tab, &rows, None);
            if !next && rows.len() == PAGE {
                self.later(tab, 0, Task::Hint(Hint::Rows));
            }
        }
    }

    /// Rows enter the engine, and what it then counts must be what was committed.
    fn rows(&mut self, tab: usize, rows: &[(u64, Kept)], unsent: Option<u32>) {
        let unsent = unsent.unwrap_or_else(|| rows.iter().filter(|(_, row)| row.send).count() as u32);
        let lines = rows.iter().map(|(position, row)| self.line(*position, *row)).collect();
        self.enter(tab, Input::Rows { rows: lines, unsent });
        self.count(tab);
    }

    fn count(&mut self, tab: usize) {
        let (now, state) = (self.clock(tab), &self.tabs[tab]);
        let Some(engine) = state.engine.as_ref().filter(|_| !state.recalling) else { return };
        let counted = engine.profile(Time(now)).at("meters.ticks").integer().unwrap_or_default();
        let real = self.truth.counted(state.seed, state.last) as i64;
        if counted != real {
            self.truth.fail(format!("tab {tab} counts {counted} signals of {real}"));
        }
    }

    fn line(&self, position: u64, row: Kept) -> Row {
        let event = &self.truth.events[row.event];
        let line = Map::new()
            .with("messageId", format!("m{:05}", row.event))
            .with("anonymousId", "a")
            .with("timestamp", Time(event.at).text());
        let line = match event.kind {
            Kind::Tick => line.with("type", "track").with("event", "tick"),
            // The engine's own judgement of consent is not what is tried here.
            Kind::Consent => line.with("type", "consent").with("properties", Map::new().with("personalization", true)),
            Kind::Dropped(n) => line
                .with("type", "track")
                .with("event", "danbi_dropped")
                .with("properties", Map::new().with("n", n as f64)),
        };
        Row { position: position as i64, line: line.into(), fold: row.fold, ..Row::default() }
    }

    /// `enter`: every entrance to the engine, and what it asks the host for.
    pub fn enter(&mut self, tab: usize, input: Input) {
        let now = self.clock(tab);
        let Some(engine) = &mut self.tabs[tab].engine else { return };
        for effect in engine.update(input, Time(now)) {
            match effect {
                Effect::Send { limit, since } => {
                    let delay = (self.tabs[tab].burying - self.now).max(0);
                    self.later(tab, delay, Task::Ask { limit, since: since.0, waited: 0, wait: 100 });
                }
                Effect::Bury { position, reason } => {
                    let delay = self.disk();
                    self.tabs[tab].burying = self.now + delay;
                    self.later(tab, delay, Task::Bury { position: position as u64, reason });
                }
                Effect::Shed { rows, bytes } => self.later(tab, 0, Task::Shed { rows, bytes }),
                Effect::Save { snapshot, covered } => {
                    let (seed, delay) = (self.tabs[tab].seed, self.disk());
                    self.later(tab, delay, Task::Save { snapshot, covered: covered as u64, seed });
                }
                Effect::Wake(at) => {
                    self.tabs[tab].wakes += 1;
                    let wish = self.tabs[tab].wakes;
                    self.later(tab, at.0 - now, Task::Wake(wish));
                }
                Effect::Recall { after, upto } => {
                    self.tabs[tab].recalling = true;
                    let delay = self.disk();
                    self.later(tab, delay, Task::Recall { after: after as u64, upto: upto as u64 });
                }
                Effect::Changed => (),
                other => self.truth.fail(format!("what is {other:?} for?")),
            }
        }
    }

    /// `save`: the snapshot and the log position it covers, in one transaction.
    pub fn save(&mut self, tab: usize, snapshot: Value, covered: u64, seed: u32) {
        let seen = snapshot.field("seen").integer().unwrap_or_default() as u64;
        let personal =
            self.database.identity.filter(|identity| identity.seed == seed && identity.consent.personalization);
        // Another tab knows more, and has let rows go.
        let behind = self.database.seen > seen || self.database.covered > covered;
        if personal.is_none() || behind || self.tabs[tab].broken || self.fails() {
            return;
        }
        self.tell(|| format!("tab {tab} saves up to {covered}, {seen}"));
        (self.database.covered, self.database.seen) = (covered, seen);
        let both = covered.min(self.database.sent);
        self.database.log = self.database.log.split_off(&(both + 1));
        if self.has(Bug::SnapshotApart) {
            let delay = self.disk();
            self.later(tab, delay, Task::Late { snapshot, seed });
        } else {
            self.database.snapshot = Some((seed, snapshot));
        }
    }

    /// The second transaction of a planted bug.
    pub fn late(&mut self, snapshot: Value, seed: u32) {
        if !self.fails() && self.database.identity.is_some_and(|identity| identity.seed == seed) {
            self.database.snapshot = Some((seed, snapshot));
        }
    }
}
