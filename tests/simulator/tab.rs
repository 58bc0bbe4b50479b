//! A tab: the real engine, driven by a model of `pkg/src/index.ts`, `runtime.ts` and `host/`. Each function of the model names what
//! it mirrors. A transaction is one call on the database; its beginning and its callback are tasks of their own, and between any
//! two tasks the tab may die or freeze.

use std::collections::{BTreeSet, VecDeque};

use danbi::engine::Engine;
use danbi::engine::base::value::Value;
use danbi::engine::input::Input;
use danbi::engine::outbox::Reply;

use crate::storage::{Consent, Identity, Kept};
use crate::world::World;

/// What a turn of work asks for (`Entry` of `journal.ts`).
#[derive(Clone, Copy)]
pub struct Entry {
    pub event: usize,
    pub change: Option<Consent>,
}

#[derive(Clone, Copy)]
pub enum Hint {
    Rows,
    Erase,
}

/// One act of sending, from asking for the lock to telling the engine.
#[derive(Clone, Default)]
pub struct Flight {
    pub turn: u64,
    pub limit: u32,
    pub since: i64,
    pub request: Option<usize>,
    pub rows: Vec<(u64, usize)>,
    pub upto: u64,
    pub left: u32,
}

pub enum Task {
    Boot,
    /// The microtask in which `journal.ts` writes what was put.
    Write,
    Commit {
        batch: Vec<Entry>,
        retried: bool,
        shed: bool,
    },
    Committed {
        rows: Vec<(u64, Kept)>,
        identity: Option<Identity>,
    },
    Hint(Hint),
    /// All is erased or denied; `asked` but for a planted bug.
    Clear {
        asked: bool,
    },
    /// What was committed reaches the engine and the other tabs.
    Pass,
    Recall {
        after: u64,
        upto: u64,
    },
    Wake(u64),
    Ask {
        limit: u32,
        since: i64,
        waited: i64,
        wait: i64,
    },
    Take(Flight),
    /// `status` 0: nothing came in time.
    Reply {
        request: usize,
        status: u16,
        retry_after: Option<i64>,
    },
    Handle(Flight),
    Rest {
        flight: Flight,
        status: u16,
        asked: i64,
    },
    Finish {
        flight: Flight,
        status: u16,
        retry_after: Option<i64>,
    },
    Robbed,
    Bury {
        position: u64,
        reason: &'static str,
    },
    Shed {
        rows: u32,
        bytes: u32,
    },
    Save {
        snapshot: Value,
        covered: u64,
        seed: u32,
    },
    /// Only with a planted bug: the second of two transactions.
    Late {
        snapshot: Value,
        seed: u32,
    },
}

#[derive(Default)]
pub struct Tab {
    pub alive: bool,
    pub frozen: bool,
    pub deferred: Vec<Task>,
    /// What its clock is ahead of true time.
    pub ahead: i64,
    pub grants: Option<Consent>,
    pub identity: Option<Identity>,
    pub pending: Vec<Entry>,
    pub writing: bool,
    pub held: VecDeque<usize>,
    /// No storage: memory from now on.
    pub broken: bool,
    /// Erased.
    pub over: bool,
    /// Something was erased or taken back, and this tab does not know yet.
    pub unaware: bool,
    pub withdrawn: u32,
    pub engine: Option<Engine>,
    pub seed: u32,
    pub last: u64,
    /// Committed and not given to the engine yet, and whose it is.
    pub waiting: Vec<(u64, Kept)>,
    pub whose: Option<Identity>,
    pub passing: bool,
    /// The engine waits for rows that it has had before.
    pub recalling: bool,
    pub passed: i64,
    pub wakes: u64,
    pub burying: i64,
    /// Rows whose answer was not seen: what can still be sent when the page goes.
    pub fresh: Vec<usize>,
    /// What went by another way than the queue.
    pub arrived: BTreeSet<usize>,
    pub flights: Vec<Flight>,
}

impl Tab {
    pub fn new(ahead: i64) -> Tab {
        Tab { alive: true, ahead, ..Tab::default() }
    }
}

impl World {
    pub fn task(&mut self, tab: usize, task: Task) {
        if self.tabs[tab].over && !matches!(task, Task::Clear { .. }) {
            return;
        }
        match task {
            Task::Boot => self.boot(tab),
            Task::Write => self.write(tab),
            Task::Commit { batch, retried, shed } => self.commit(tab, batch, retried, shed),
            Task::Committed { rows, identity } => self.committed(tab, &rows, identity),
            Task::Hint(Hint::Rows) => self.feed(tab, &[], None),
            Task::Hint(Hint::Erase) => self.erased_elsewhere(tab),
            Task::Clear { asked } => self.clear(tab, asked),
            Task::Pass => self.pass(tab),
            Task::Recall { after, upto } => self.recall(tab, after, upto),
            Task::Wake(wish) if wish == self.tabs[tab].wakes => self.enter(tab, Input::Tick),
            Task::Wake(_) => (),
            Task::Ask { limit, since, waited, wait } => self.ask(tab, limit, since, waited, wait),
            Task::Take(flight) => self.take(tab, flight),
            Task::Reply { request, status, retry_after } => self.reply(tab, request, status, retry_after),
            Task::Handle(flight) => self.handle(tab, flight),
            Task::Rest { flight, status, asked } => self.rest(tab, flight, status, asked),
            Task::Finish { flight, status, retry_after } => self.finish(tab, flight, status, retry_after),
            Task::Robbed => {
                let lost = Reply { status: 0, retry_after: None, sent: 0, left: 0, at: 0.0, bytes: 0 };
                self.enter(tab, Input::Replied(lost));
            }
            Task::Bury { position, reason } => self.bury(tab, position, reason),
            Task::Shed { rows, bytes } => self.shed_in_turn(tab, rows, bytes),
            Task::Save { snapshot, covered, seed } => self.save(tab, snapshot, covered, seed),
            Task::Late { snapshot, seed } => self.late(snapshot, seed),
        }
    }
}
