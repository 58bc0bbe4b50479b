//! The state of one shopper: a snapshot plus the tail of signals since.
//!
//! The snapshot ([`Fold`]) has all signals older than the backdate window folded in. The tail keeps the younger ones, so that
//! one that arrives late is folded in its place: arrival order does not matter.

use super::base::record;
use super::base::time::Time;
use super::base::value::{Map, Value};
use super::error::Error;
use super::fold::{BACKDATE, Fold, World};
use super::signal::Signal;

/// The version of the snapshot's shape.
const VERSION: i64 = 1;

/// A signal with its place in the log.
struct Tailed {
    position: f64,
    signal: Signal,
}

/// The state of one shopper.
#[derive(Default)]
pub struct State {
    /// Everything older than the tail.
    base: Fold,
    /// Log position that `base` covers.
    covered: f64,
    /// Younger signals, by when they happened, then id.
    tail: Vec<Tailed>,
    /// `base` with the tail folded in.
    now: Fold,
}

impl State {
    /// Goes on from a snapshot. A newer version's is refused, so that nothing of it is lost.
    pub fn restore(snapshot: &Value, covered: f64) -> Result<State, Error> {
        let refused = |message: &str| Error { code: "snapshot", path: String::new(), message: message.to_string() };
        if snapshot.at("v").integer().is_none_or(|version| version > VERSION) {
            return Err(refused("written by a newer version; left untouched"));
        }
        let fold = snapshot.field("fold");
        let (Some(base), Some(now)) = (record::read(fold), record::read(fold)) else {
            return Err(refused("not readable; left untouched"));
        };
        Ok(State { base, covered, tail: Vec::new(), now })
    }

    /// The snapshot and the log position it covers.
    pub fn snapshot(&mut self) -> (Value, f64) {
        (Map::of([("v", VERSION.into()), ("fold", record::write(&mut self.base))]).into(), self.covered)
    }

    /// The shopper as of the last signal.
    pub fn now(&self) -> &Fold {
        &self.now
    }

    /// Takes a signal in: at the end, in its place among the tail, or not at all where its id is known.
    pub fn take(&mut self, position: f64, signal: Signal, world: World) {
        if let Some(known) = self.tail.iter_mut().rev().find(|tailed| tailed.signal.id == signal.id) {
            // A copy further on is covered only together with what stands before it.
            known.position = known.position.max(position);
            return;
        }
        let place = self.tail.iter().take_while(|tailed| tailed.signal.key() < signal.key()).count();
        let last = place == self.tail.len() && self.now.at.is_none_or(|at| signal.at >= at);
        self.tail.insert(place, Tailed { position, signal });
        if last {
            if let Some(tailed) = self.tail.last() {
                self.now.signal(&tailed.signal, world);
            }
        } else {
            self.refold(world);
        }
    }

    /// Folds the tail again, over a copy of the base that is written and read: it is rare, and needs no code of its own.
    fn refold(&mut self, world: World) {
        self.now = record::read(&record::write(&mut self.base)).unwrap_or_default();
        for tailed in &self.tail {
            self.now.signal(&tailed.signal, world);
        }
    }

    /// Time passed: what is due happens.
    pub fn lapse(&mut self, now: Time, world: World) {
        self.now.lapse(now, world);
    }

    /// When time alone will next change something.
    pub fn next(&self, world: World) -> Option<Time> {
        self.now.next(world)
    }

    /// Folds what can no longer be preceded into the base; whether there was anything. Only as many as are first both by log
    /// position and by time, so that the snapshot plus the rows after its position are the whole.
    pub fn settle(&mut self, now: Time, world: World) -> bool {
        // What is left behind must come later in the log than all that is folded.
        let (mut ready, mut folded) = (0, f64::NEG_INFINITY);
        for (index, tailed) in self.tail.iter().enumerate() {
            if tailed.signal.at.0 >= now.0 - BACKDATE {
                break;
            }
            folded = folded.max(tailed.position);
            if self.tail.iter().skip(index + 1).all(|other| other.position > folded) {
                ready = index + 1;
            }
        }
        for _ in 0..ready {
            let tailed = self.tail.remove(0);
            self.base.signal(&tailed.signal, world);
            self.covered = self.covered.max(tailed.position);
        }
        ready > 0
    }
}
