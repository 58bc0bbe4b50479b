//! `pkg/src/runtime.ts`: the engine, what it is fed, what it asks for.

use danbi::cli::native::Native;
use danbi::engine::base::time::{Time, Zones};
use danbi::engine::base::value::{Map, Value};
use danbi::engine::effect::Effect;
use danbi::engine::input::{Input, Row};
use danbi::engine::profile::Grant;
use danbi::engine::{Engine, Options};

use crate::Bug;
use crate::storage::{Identity, Kept};
use crate::tab::Task;
use crate::truth::Kind;
use crate::world::World;

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
        };
        let mut zones = Zones::default();
        zones.set("Asia/Seoul", vec![(i64::MIN, 540)]);
        let mut engine = Engine::new(self.bundle.clone(), zones, Box::new(Native), options);
        // A snapshot of another shopper, or of one who took consent back, is nobody's.
        let snapshot = self.database.snapshot.clone().filter(|(of, _)| *of == seed);
        let covered = if snapshot.is_some() { self.database.covered } else { 0 };
        if let Some((_, snapshot)) = snapshot
            && engine.restore(&snapshot, covered as f64).is_err()
        {
            self.truth.fail(String::from("the snapshot cannot be read"));
        }
        let rows: Vec<(u64, Kept)> = self.database.after(covered).collect();
        let unsent = self.database.after(self.database.sent).count() as u32;
        let state = &mut self.tabs[tab];
        state.engine = Some(engine);
        state.seed = seed;
        state.last = rows.last().map_or(covered, |(position, _)| *position);
        state.wakes += 1;
        self.rows(tab, &rows, Some(unsent));
    }

    /// `feed`: what the engine has not seen, the rows just committed if that is all, else whatever the log has.
    pub fn feed(&mut self, tab: usize, given: &[u64], shopper: Option<Option<Identity>>) {
        let state = &self.tabs[tab];
        if state.engine.is_none() || state.broken {
            return;
        }
        let (last, seed) = (state.last, state.seed);
        let same = |shopper: Option<Identity>| shopper.map_or(last == 0, |shopper| shopper.seed == seed);
        if shopper.is_some_and(|shopper| !same(shopper)) {
            return self.boot(tab);
        }
        let next = given.first() == Some(&(last + 1));
        if !next {
            let first = self.database.after(last).next();
            let gone = self.database.covered > last && first.is_none_or(|(position, _)| position != last + 1);
            if !self.database.identity.is_some_and(|identity| identity.consent.analytics) {
                self.stop(tab);
            }
            if !same(self.database.identity) || gone {
                return self.boot(tab);
            }
        }
        let rows: Vec<(u64, Kept)> = match next {
            true => given.iter().filter_map(|place| Some((*place, *self.database.log.get(place)?))).collect(),
            false => self.database.after(last).collect(),
        };
        if let Some((position, _)) = rows.last() {
            self.tabs[tab].last = *position;
            self.rows(tab, &rows, None);
        }
    }

    /// Rows enter the engine, and what it then counts must be what was committed.
    fn rows(&mut self, tab: usize, rows: &[(u64, Kept)], unsent: Option<u32>) {
        let unsent = unsent.unwrap_or_else(|| rows.iter().filter(|(_, row)| row.send).count() as u32);
        let lines = rows.iter().map(|(position, row)| self.line(*position, *row)).collect();
        self.enter(tab, Input::Rows { rows: lines, unsent });
        let (now, state) = (self.clock(tab), &self.tabs[tab]);
        let Some(engine) = &state.engine else { return };
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
        Row { position: position as f64, line: line.into(), fold: row.fold }
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
                Effect::Changed => (),
                other => self.truth.fail(format!("what is {other:?} for?")),
            }
        }
    }

    /// `save`: the snapshot and the log position it covers, in one transaction.
    pub fn save(&mut self, tab: usize, snapshot: Value, covered: u64, seed: u32) {
        let personal =
            self.database.identity.filter(|identity| identity.seed == seed && identity.consent.personalization);
        if personal.is_none() || self.database.covered > covered || self.tabs[tab].broken || self.fails() {
            return;
        }
        self.tell(|| format!("tab {tab} saves up to {covered}"));
        self.database.snapshot = Some((seed, snapshot));
        if self.has(Bug::SnapshotApart) {
            let delay = self.disk();
            self.later(tab, delay, Task::Cover { covered, seed });
        } else {
            self.cover(covered, seed);
        }
    }

    pub fn cover(&mut self, covered: u64, seed: u32) {
        let apart = self.has(Bug::SnapshotApart) && self.fails();
        if apart || self.database.identity.is_none_or(|identity| identity.seed != seed) {
            return;
        }
        self.database.covered = covered;
        let both = covered.min(self.database.sent);
        self.database.log = self.database.log.split_off(&(both + 1));
    }
}
