//! `pkg/src/host/transport.ts`: the lock, the batch, the request, and what becomes of its rows.

use danbi::engine::base::time::HOUR;
use danbi::engine::base::time::Time;
use danbi::engine::input::Input;
use danbi::engine::outbox::{FAREWELL, Reply, rank};

use crate::Bug;
use crate::storage::Kept;
use crate::tab::{Flight, Task};
use crate::truth::Kind;
use crate::world::World;

/// Most bytes in one request.
const BODY: u32 = 500_000;
/// Fewer rows than this cannot be too heavy.
const LIGHT: usize = 160;

impl World {
    /// `alone`: one sender in the world; the lock is held for one request. A frozen tab may sit on it, so after 30 s it is taken.
    pub fn ask(&mut self, tab: usize, limit: u32, since: i64, waited: i64, wait: i64) {
        if self.lock.is_some() && waited < 30_000 && !self.has(Bug::NoLock) {
            let task = Task::Ask { limit, since, waited: waited + wait, wait: (wait * 2).min(1_000) };
            return self.later(tab, wait, task);
        }
        if let Some((loser, turn)) = self.lock {
            self.tell(|| format!("tab {tab} steals the lock of tab {loser}"));
            if !self.has(Bug::NoLock) {
                self.stolen.push(turn);
            }
            // Its `locks.request` rejects; what it does goes on.
            self.later(loser, 0, Task::Robbed);
        }
        self.turns += 1;
        self.lock = Some((tab, self.turns));
        let (turn, delay) = (self.turns, self.disk());
        self.later(tab, delay, Task::Take(Flight { turn, limit, since, ..Flight::default() }));
    }

    /// `take`, and the request in the same task.
    pub fn take(&mut self, tab: usize, mut flight: Flight) {
        if self.tabs[tab].broken || self.fails() {
            return self.finish(tab, Flight { left: 0, rows: Vec::new(), ..flight }, 0, None);
        }
        let (mut bytes, mut expired) = (0, Vec::new());
        flight.upto = self.database.sent;
        for (position, row) in self.database.after(self.database.sent) {
            if row.send && !self.tabs[tab].arrived.contains(&row.event) {
                let event = &self.truth.events[row.event];
                if event.at < flight.since {
                    expired.push(position);
                } else {
                    bytes += event.size;
                    if flight.rows.len() as u32 == flight.limit || (!flight.rows.is_empty() && bytes > BODY) {
                        break;
                    }
                    flight.rows.push((position, row.event));
                }
            }
            flight.upto = position;
        }
        if !expired.is_empty() {
            self.tell(|| format!("{expired:?} expire"));
            for position in expired {
                self.database.unqueue(position, Some("expired"));
            }
            let Flight { turn, limit, since, .. } = flight;
            let delay = self.disk();
            return self.later(tab, delay, Task::Take(Flight { turn, limit, since, ..Flight::default() }));
        }
        flight.left = self.database.after(flight.upto).count() as u32;
        let ahead = self.database.rest.map_or(0, |rest| rest - self.clock(tab));
        if !flight.rows.is_empty() && (1..=HOUR).contains(&ahead) && !self.has(Bug::RestIgnored) {
            flight.left += std::mem::take(&mut flight.rows).len() as u32;
            return self.finish(tab, flight, 429, Some(ahead));
        }
        let rows: Vec<usize> = flight.rows.iter().map(|(_, event)| *event).collect();
        if rows.is_empty() {
            self.later(tab, 1, Task::Handle(flight));
        } else {
            flight.request = Some(self.post(tab, rows, true, flight.turn));
            self.tabs[tab].flights.push(flight);
        }
    }

    /// The answer, or that there was none for 15 s: the first of both counts.
    pub fn reply(&mut self, tab: usize, request: usize, status: u16, retry_after: Option<i64>) {
        if !std::mem::take(&mut self.requests[request].client) {
            return;
        }
        let state = &mut self.tabs[tab];
        let Some(index) = state.flights.iter().position(|flight| flight.request == Some(request)) else {
            // A farewell of a page that did not go after all.
            if (200..300).contains(&status) {
                let rows = &self.requests[request].rows;
                state.arrived.extend(rows);
                state.fresh.retain(|event| !rows.contains(event));
            }
            return;
        };
        let flight = state.flights.remove(index);
        let delay = self.disk();
        let task = match (status, retry_after) {
            (200..=299, _) => Task::Handle(flight),
            (429 | 503, Some(asked)) if asked > 0 => Task::Rest { flight, status, asked: asked.min(HOUR) },
            _ if self.has(Bug::HandledOnFailure) => Task::Handle(flight),
            _ => Task::Finish { flight, status, retry_after },
        };
        self.later(tab, delay, task);
    }

    /// `handled`: everything up to here is done with. Nothing is written where all was erased meanwhile.
    pub fn handle(&mut self, tab: usize, flight: Flight) {
        if self.fails() {
            // Where it cannot be written that they arrived, this page knows.
            self.tabs[tab].arrived.extend(flight.rows.iter().map(|(_, event)| *event));
            return self.finish(tab, flight, 200, None);
        }
        let database = &mut self.database;
        if database.identity.is_some() || self.bug == Some(Bug::WriteAfterErase) {
            database.sent = database.sent.max(flight.upto);
            for (position, _) in &flight.rows {
                if database.log.get(position).is_some_and(|row| !row.fold) {
                    database.log.remove(position);
                }
            }
            let both = database.sent.min(database.covered);
            database.log = database.log.split_off(&(both + 1));
        }
        let state = &mut self.tabs[tab];
        for (_, event) in &flight.rows {
            state.arrived.remove(event);
        }
        let events = &self.truth.events;
        state.fresh.retain(|event| events[*event].position.is_some_and(|position| position > flight.upto));
        self.finish(tab, flight, 200, None);
    }

    /// What the server asked for holds for all tabs and later pages: written before the lock goes.
    pub fn rest(&mut self, tab: usize, flight: Flight, status: u16, asked: i64) {
        if self.database.identity.is_some() && !self.fails() {
            // One that was asked to wait longer is not overruled.
            let now = self.clock(tab);
            let known = self.database.rest.filter(|rest| *rest <= now + HOUR).unwrap_or(now);
            self.database.rest = Some(known.max(now + asked));
            self.tell(|| format!("tab {tab} keeps the peace for {asked}"));
            if !self.truth.jumped {
                self.truth.rest = self.truth.rest.max(self.now + asked);
            }
        }
        self.finish(tab, flight, status, Some(asked));
    }

    /// The lock goes, and the engine hears what it came to.
    pub fn finish(&mut self, tab: usize, flight: Flight, status: u16, retry_after: Option<i64>) {
        self.release(tab, Some(flight.turn));
        if self.stolen.contains(&flight.turn) {
            return;
        }
        let done = (200..300).contains(&status);
        let sent = flight.rows.len() as u32;
        let (mut left, mut bytes) = (if done { flight.left } else { flight.left + sent }, 0);
        if !done && self.database.waiting().count() > LIGHT {
            left = self.database.waiting().count() as u32;
            bytes = self.database.waiting().map(|(_, row)| self.truth.events[row.event].size).sum();
        }
        let at = flight.rows.first().map_or(0.0, |(position, _)| *position as f64);
        self.enter(tab, Input::Replied(Reply { status, retry_after, sent, left, at, bytes }));
    }

    /// Gives the lock back, if it still is this turn's.
    pub fn release(&mut self, tab: usize, turn: Option<u64>) {
        if self.lock.is_some_and(|(holder, held)| holder == tab && turn.is_none_or(|turn| turn == held)) {
            self.lock = None;
        }
    }

    /// `bury`.
    pub fn bury(&mut self, tab: usize, position: u64, reason: &'static str) {
        if self.tabs[tab].broken || self.fails() || self.database.identity.is_none() {
            return;
        }
        let first = self.database.waiting().next().map_or(position, |(position, _)| position);
        let position = if self.has(Bug::BuryFirst) { first } else { position };
        self.tell(|| format!("tab {tab} buries {position}: {reason}"));
        self.database.unqueue(position, Some(reason));
    }

    /// `shed`, in its turn of the lock.
    pub fn shed_in_turn(&mut self, tab: usize, rows: u32, bytes: u32) {
        if self.lock.is_some() {
            self.later(tab, 200, Task::Shed { rows, bytes });
        } else if !self.fails() && !self.tabs[tab].broken {
            self.shed(tab, rows, bytes);
        }
    }

    /// If there is more than this: the lowest rank first, of that the oldest, until nine tenths of it are left; how many it were goes into
    /// the log with it.
    pub fn shed(&mut self, tab: usize, rows: u32, bytes: u32) {
        let Some(identity) = self.database.identity.filter(|identity| identity.consent.analytics) else { return };
        let mut waiting: Vec<(u64, Kept)> = self.database.waiting().collect();
        let size = |world: &World, row: &Kept| u64::from(world.truth.events[row.event].size);
        let mut heavy: u64 = waiting.iter().map(|(_, row)| size(self, row)).sum();
        let mut many = waiting.len();
        if many as u32 <= rows && heavy <= u64::from(bytes) {
            return;
        }
        waiting.sort_by_key(|(position, row)| {
            let name = match self.truth.events[row.event].kind {
                Kind::Tick => "tick",
                Kind::Consent => "consent",
                Kind::Dropped(_) => "danbi_dropped",
            };
            (rank(name), *position)
        });
        let mut lost = Vec::new();
        for (position, row) in waiting {
            if many as u64 * 10 <= u64::from(rows) * 9 && heavy * 10 <= u64::from(bytes) * 9 {
                break;
            }
            (many, heavy) = (many - 1, heavy - size(self, &row));
            self.database.unqueue(position, None);
            lost.push(row.event);
        }
        if lost.is_empty() {
            return;
        }
        self.tell(|| format!("tab {tab} sheds {}", lost.len()));
        let told = if self.has(Bug::ShedUncounted) { 0 } else { lost.len() };
        if told > 0 {
            let at = self.clock(tab);
            let event = self.truth.happens(Kind::Dropped(told), tab, at, 300, false);
            let position = self.database.add(Kept { event, send: identity.consent.analytics, fold: false });
            self.truth.committed(event, position, None);
            self.later(tab, 1, Task::Hint(crate::tab::Hint::Rows));
        }
        self.truth.shed(&lost, told);
    }

    /// `farewell`: what fits leaves as the page goes, or may go. The queue sends it again unless the answer is seen.
    pub fn farewell(&mut self, tab: usize, stays: bool) {
        let state = &self.tabs[tab];
        if state.over || state.unaware {
            return;
        }
        self.enter(tab, Input::Keep);
        let state = &self.tabs[tab];
        let budget = state.engine.as_ref().map_or(FAREWELL, |engine| engine.farewell(Time(self.clock(tab))));
        let (mut size, mut rows) = (100, Vec::new());
        for event in &state.fresh {
            size += self.truth.events[*event].size;
            if size > budget {
                break;
            }
            rows.push(*event);
        }
        if !rows.is_empty() {
            let request = self.post(tab, rows, false, 0);
            self.requests[request].client = stays;
        }
    }

    /// `stop`: breaks off what still waits for its answer, and has nothing more to say.
    pub fn stop(&mut self, tab: usize) {
        self.tabs[tab].fresh.clear();
        self.tabs[tab].unaware = false;
        self.tabs[tab].withdrawn = self.database.identity.map_or(0, |identity| identity.withdrawn);
        self.abort(tab);
        for flight in std::mem::take(&mut self.tabs[tab].flights) {
            self.later(tab, 0, Task::Finish { flight, status: 0, retry_after: None });
        }
    }
}
