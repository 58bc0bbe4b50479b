//! The state of one shopper: a snapshot plus the tail of signals since.
//!
//! Two folds are kept: the `base` has all signals that are older than events are kept (`house.retention`), `mid` all up to
//! a log position. Only what came after that stays in memory, so that neither start-up nor memory grows with the log. A
//! signal that belongs before `mid` makes the host read the rows since `base` again, and all of them are folded anew in
//! their order: arrival order does not matter.

use super::base::record;
use super::base::time::{DAY, Time};
use super::base::value::{Map, Value};
use super::effect::Effect;
use super::error::Error;
use super::fold::{Fold, World};
use super::loyalty::Loyalty;
use super::signal::Signal;
use crate::record;

/// The version of the snapshot's shape.
const VERSION: i64 = 2;

/// Signals that stay in memory before they become part of `mid`.
const WINDOW: usize = 256;

/// How long rows that can go may wait for an idle moment, and what idle is.
const PATIENCE: i64 = DAY;
const IDLE: i64 = 10_000;

record! {
    /// What is kept between visits.
    pub struct Snapshot {
        /// Version of this shape.
        "v" version: i64,
        /// Log position up to which `base` has everything: those rows are needed no more.
        "covered" covered: i64,
        /// Log position up to which `mid` has everything.
        "seen" seen: i64,
        /// How many signals lie between the two.
        "held" held: i64,
        /// When the oldest of them happened.
        "first" first: Option<Time>,
        /// Id of the last signal in `mid`, where nothing has happened since.
        "last" last: String,
        /// Positions after `covered` of rows that only repeat others.
        "skip" skip: Vec<i64>,
        /// The fold that no late signal can come before.
        "base" base: Value,
        /// The fold at `seen`; none where it is `base`.
        "mid" mid: Value,
    }
}

/// A signal with its place in the log.
struct Tailed {
    position: i64,
    signal: Signal,
}

/// The state of one shopper.
#[derive(Default)]
pub struct State {
    kept: Snapshot,
    /// Signals after `mid`, by when they happened, then id.
    tail: Vec<Tailed>,
    /// `mid` with the tail folded in.
    now: Fold,
    /// It is not: a signal went among those that it has folded in.
    torn: bool,
    /// Signals that belong before `mid`, waiting for the rows they belong among.
    late: Vec<Tailed>,
    recalling: bool,
    /// Something was forgotten, which is to be kept.
    changed: bool,
    /// Highest log position given.
    top: i64,
}

impl State {
    /// Goes on from a snapshot. A newer version's is refused, so that nothing of it is lost; one of version 1 had only a base, and
    /// said elsewhere what it covers.
    pub fn restore(snapshot: &Value) -> Result<State, Error> {
        let refused = |message: &str| Error { code: "snapshot", path: String::new(), message: message.to_string() };
        let version = snapshot.field("v").integer();
        if version.is_none_or(|version| version > VERSION) {
            return Err(refused("written by a newer version; left untouched"));
        }
        let mut kept: Snapshot = record::read(snapshot).unwrap_or_default();
        if version == Some(1) {
            kept.base = snapshot.field("fold").clone();
        }
        let fold = if kept.mid.is_null() { &kept.base } else { &kept.mid };
        let (Some(now), Some(_)) = (record::read(fold), record::read::<Fold>(&kept.base)) else {
            return Err(refused("not readable; left untouched"));
        };
        let top = kept.seen;
        Ok(State { kept, now, top, ..State::default() })
    }

    fn save(&mut self) -> Effect {
        self.kept.version = VERSION;
        Effect::Save { snapshot: record::write(&mut self.kept), covered: self.kept.covered }
    }

    /// The shopper as of the last signal.
    pub fn now(&self) -> &Fold {
        &self.now
    }

    /// What the signals granted that were folded since it was asked, and what the host is told of; none while some still wait
    /// for their place.
    pub fn news(&mut self) -> Option<[Vec<Map>; 2]> {
        let Loyalty { news, told, .. } = &mut self.now.loyalty;
        (!self.recalling && self.late.is_empty()).then(|| [news, told].map(|all| std::mem::take(&mut all.0)))
    }

    /// A row was given, whatever is in it.
    pub fn reach(&mut self, position: i64) {
        self.top = self.top.max(position);
    }

    /// Takes a signal in: at the end, in its place among the tail, or not at all where its id is known. [`State::mend`] is to follow.
    pub fn take(&mut self, position: i64, signal: Signal, world: World) {
        if self.kept.skip.contains(&position) {
            return;
        }
        let tailed = Tailed { position, signal };
        let before = self.kept.mid.field("at").integer().map(|at| (Time(at), self.kept.last.as_str()));
        if before.is_some_and(|before| tailed.signal.key() <= before) {
            return self.late.push(tailed);
        }
        let (at, consent) = (tailed.signal.at, tailed.signal.answers());
        if consent {
            self.mend(world);
        } else if !self.torn {
            self.retain(at, world);
        }
        let covered =
            (consent && self.now.profile.answered(world.assumed)).then(|| self.now.profile.scope(world.assumed));
        let newest = self.now.at.is_none_or(|now| at >= now);
        let Some(place) = insert(&mut self.tail, tailed) else { return self.kept.skip.push(position) };
        if self.kept.first.is_none_or(|first| at < first) {
            self.kept.first = Some(at);
        }
        self.torn |= !newest || place + 1 < self.tail.len();
        if self.torn {
            // Once for all that came out of order, unless something is to be forgotten.
            if !consent {
                return;
            }
            self.mend(world);
        } else if let Some(tailed) = self.tail.last() {
            self.now.signal(&tailed.signal, world);
        }
        // What an answer made it forget is to be found nowhere any more.
        if covered.is_some_and(|covered| covered.exceeds(self.now.profile.scope(world.assumed))) {
            self.rest();
        }
    }

    /// Forgets a profile that is kept no longer.
    pub fn retain(&mut self, now: Time, world: World) {
        if self.now.retain(now, world) {
            self.rest();
        }
    }

    /// Folds the tail anew where signals came out of their order: once for all of them. Whether any had.
    pub fn mend(&mut self, world: World) -> bool {
        let torn = std::mem::take(&mut self.torn);
        if torn {
            let from = if self.kept.mid.is_null() { &self.kept.base } else { &self.kept.mid };
            self.now = refold(from, &self.tail, world);
        }
        torn
    }

    /// Time passed: what is due happens.
    pub fn lapse(&mut self, now: Time, world: World) {
        self.now.lapse(now, world);
    }

    /// When time alone will next change something.
    pub fn next(&self, now: Time, world: World) -> Option<Time> {
        let tidy = self.stale(world).map(|due| due.max(now.plus(IDLE)));
        [self.now.next(world), tidy].into_iter().flatten().min()
    }

    /// When rows that are out of reach should have gone.
    fn stale(&self, world: World) -> Option<Time> {
        let first = self.kept.first.filter(|_| self.kept.held > 0 && !self.recalling)?;
        Some(first.plus(world.window() + PATIENCE))
    }

    /// What is to be kept, or asked for. `idle`: there is time to tidy up.
    pub fn step(&mut self, now: Time, idle: bool, world: World) -> Option<Effect> {
        if std::mem::take(&mut self.changed) {
            return Some(self.save());
        }
        if self.recalling {
            return None;
        }
        if !self.late.is_empty() || idle && self.stale(world).is_some_and(|due| due <= now) {
            self.recalling = true;
            return Some(Effect::Recall { after: self.kept.covered, upto: self.kept.seen });
        }
        let mut settled = false;
        if self.kept.held == 0 && self.kept.first.is_some_and(|first| first.0 < now.0 - world.window()) {
            let mut tail = std::mem::take(&mut self.tail);
            settled = self.settle(&mut tail, now, world).is_some();
            self.tail = tail;
        }
        if self.tail.len() >= WINDOW {
            return self.keep();
        }
        settled.then(|| self.save())
    }

    /// Makes all that is in memory part of `mid`, and keeps it.
    pub fn keep(&mut self) -> Option<Effect> {
        if self.recalling || !self.late.is_empty() || self.tail.is_empty() {
            return None;
        }
        self.mark();
        Some(self.save())
    }

    fn mark(&mut self) {
        let last = self.tail.last().map(|tailed| &tailed.signal).filter(|last| self.now.at == Some(last.at));
        self.kept.last = last.map(|last| last.id.clone()).unwrap_or_default();
        self.kept.mid = record::write(&mut self.now);
        self.kept.seen = self.top;
        self.kept.held += self.tail.len() as i64;
        self.tail.clear();
    }

    /// The rows between `base` and `mid` are here again: all is folded anew, in order.
    pub fn recalled(&mut self, rows: Vec<(i64, Signal)>, now: Time, world: World) -> Option<Effect> {
        if !std::mem::take(&mut self.recalling) {
            return None;
        }
        let (late, mut all) = (std::mem::take(&mut self.late), Vec::new());
        for (position, signal) in rows.into_iter().filter(|(position, _)| !self.kept.skip.contains(position)) {
            insert(&mut all, Tailed { position, signal });
        }
        if (all.len() as i64) < self.kept.held {
            // Rows are gone that cannot be folded anew: what is known stays, and the late ones come last.
            for tailed in &late {
                self.now.signal(&tailed.signal, world);
            }
            self.rest();
            return None;
        }
        let covered = self.now.profile.scope(world.assumed);
        for tailed in late.into_iter().chain(std::mem::take(&mut self.tail)) {
            let position = tailed.position;
            if insert(&mut all, tailed).is_none() {
                self.kept.skip.push(position);
            }
        }
        let base = self.settle(&mut all, now, world);
        self.now = base.unwrap_or_else(|| record::read(&self.kept.base).unwrap_or_default());
        for tailed in &all {
            self.now.signal(&tailed.signal, world);
        }
        self.kept.held = 0;
        self.kept.mid = Value::Null;
        self.tail = all;
        if covered.exceeds(self.now.profile.scope(world.assumed)) {
            self.rest();
            return None;
        }
        if self.tail.len() < WINDOW {
            self.kept.seen = self.kept.covered;
            return Some(self.save());
        }
        self.keep()
    }

    /// What is known now is where all begins: nothing before it can be folded again.
    pub fn rest(&mut self) {
        self.tail.clear();
        self.late.clear();
        (self.recalling, self.torn, self.changed) = (false, false, true);
        let base = record::write(&mut self.now);
        self.kept = Snapshot { base, covered: self.top, seen: self.top, ..Snapshot::default() };
    }

    /// Nothing still to come can precede what is known, as whoever gives the signals vouches: what was kept for that goes.
    #[cfg(feature = "studio")]
    pub fn vouched(&mut self) {
        self.tail.clear();
        self.kept.first = None;
    }

    /// Folds what can no longer be preceded into the base, and takes it out of `tail`; the base, where there was anything. Only as
    /// many as are first both by log position and by time, so that the snapshot plus the rows after its position are the whole.
    fn settle(&mut self, tail: &mut Vec<Tailed>, now: Time, world: World) -> Option<Fold> {
        // What is left behind must come later in the log than all that is folded.
        let (mut ready, mut folded, oldest) = (0, i64::MIN, now.plus(-world.window()));
        for (index, tailed) in tail.iter().enumerate() {
            if tailed.signal.at >= oldest {
                break;
            }
            folded = folded.max(tailed.position);
            if tail.iter().skip(index + 1).all(|other| other.position > folded) {
                ready = index + 1;
            }
        }
        let mut base = None;
        if ready > 0 {
            let done: Vec<Tailed> = tail.drain(..ready).collect();
            let mut fold = refold(&self.kept.base, &done, world);
            self.kept.base = record::write(&mut fold);
            self.kept.covered = done.iter().map(|tailed| tailed.position).fold(self.kept.covered, i64::max);
            self.kept.seen = self.kept.seen.max(self.kept.covered);
            self.kept.skip.retain(|position| *position > self.kept.covered);
            base = Some(fold);
        }
        self.kept.first = tail.first().map(|tailed| tailed.signal.at);
        base
    }
}

fn refold(from: &Value, tail: &[Tailed], world: World) -> Fold {
    let mut fold: Fold = record::read(from).unwrap_or_default();
    for tailed in tail {
        fold.signal(&tailed.signal, world);
    }
    fold
}

/// Puts a signal in its place by when it happened, then id: mostly the last. None where its id is known.
fn insert(tail: &mut Vec<Tailed>, tailed: Tailed) -> Option<usize> {
    let key = tailed.signal.key();
    // A repetition has the time of the first, hence stands beside it; one with another time is looked for as far as take() would.
    if tail.iter().rev().take(WINDOW).any(|other| other.signal.id == tailed.signal.id) {
        return None;
    }
    let place = tail.iter().rposition(|other| other.signal.key() < key).map_or(0, |before| before + 1);
    if tail.get(place).is_some_and(|other| other.signal.key() == key) {
        return None;
    }
    tail.insert(place, tailed);
    Some(place)
}
