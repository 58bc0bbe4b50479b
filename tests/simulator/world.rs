//! One browser with its tabs, one collector, and all that can happen to them: time goes from event to event, every choice comes
//! from the seed, and the promises are checked after each step.

use std::collections::{BTreeMap, VecDeque};

use danbi::engine::base::time::HOUR;
use danbi::engine::base::value::Value;

use crate::Bug;
use crate::chance::Chance;
use crate::storage::{Consent, Database};
use crate::tab::{Hint, Tab, Task};
use crate::truth::{Kind, Truth};

pub const DAY: i64 = 24 * HOUR;

/// What the collector is in the mood for.
#[derive(Clone, Copy, Debug)]
enum Weather {
    Fine,
    Status(u16, i64),
    /// Bodies above so many bytes are 413.
    Small(u32),
    /// It keeps the rows and says nothing.
    Mute,
}

/// What may go wrong in this run: a few faults together find more than all at once.
struct Plan {
    storage: i64,
    network: i64,
    collector: bool,
    crashes: bool,
    freezes: bool,
    jumps: bool,
    days: bool,
    poison: bool,
    heavy: bool,
    consent: bool,
}

enum Happening {
    /// Somebody does something.
    Act,
    Weather,
    Task(usize, Task),
    /// A copy of a request reaches the collector.
    Arrival(usize),
}

/// A request on its way. `client`: somebody waits for its answer.
pub struct Request {
    pub tab: usize,
    pub rows: Vec<usize>,
    pub by_queue: bool,
    pub client: bool,
    /// The turn of the lock it belongs to.
    pub turn: u64,
    ids: Vec<u64>,
}

pub struct World {
    pub chance: Chance,
    pub bug: Option<Bug>,
    pub now: i64,
    pub database: Database,
    pub truth: Truth,
    pub tabs: Vec<Tab>,
    pub requests: Vec<Request>,
    /// The Web Lock of sending: which tab, which turn.
    pub lock: Option<(usize, u64)>,
    pub turns: u64,
    pub seeds: u32,
    /// Turns whose lock was taken away by `steal`.
    pub stolen: Vec<u64>,
    happenings: BTreeMap<(i64, u64), Happening>,
    order: u64,
    plan: Plan,
    weather: Weather,
    /// What the wall clock is ahead of true time.
    wall: i64,
    /// Ids the collector keeps.
    kept: BTreeMap<u64, usize>,
    calm: bool,
    pub bundle: Value,
    log: VecDeque<String>,
}

/// When all begins: a day in 2026.
const BEGIN: i64 = 1_790_000_000_000;

impl World {
    pub fn new(seed: u64, bug: Option<Bug>, bundle: &Value) -> World {
        let mut chance = Chance::new(seed);
        let mut some = |share| chance.percent(share);
        let plan = Plan {
            storage: if some(40) { 4 } else { 0 },
            network: if some(60) { 12 } else { 0 },
            collector: some(70),
            crashes: some(60),
            freezes: some(40),
            jumps: some(25),
            days: some(35),
            poison: some(35),
            heavy: some(4),
            consent: some(40),
        };
        World {
            chance,
            bug,
            now: BEGIN,
            database: Database::default(),
            truth: Truth::default(),
            tabs: Vec::new(),
            requests: Vec::new(),
            lock: None,
            turns: 0,
            seeds: 0,
            stolen: Vec::new(),
            happenings: BTreeMap::new(),
            order: 0,
            plan,
            weather: Weather::Fine,
            wall: 0,
            kept: BTreeMap::new(),
            calm: false,
            bundle: bundle.clone(),
            log: VecDeque::new(),
        }
    }

    /// Lives through one run; what was broken, with what led to it.
    pub fn run(mut self) -> Result<usize, String> {
        self.open(Some(Consent::ALL));
        if self.plan.consent {
            self.open(None);
            self.tabs[0].grants = None;
        }
        self.after(0, Happening::Act);
        self.after(5_000, Happening::Weather);
        let mut steps = 0;
        let acts = 12 + self.chance.below(36);
        let mut acted = 0;
        while acted < acts {
            acted += i64::from(self.step());
            steps += 1;
            if let Some(violation) = self.truth.violation.take() {
                return Err(self.story(&violation));
            }
        }
        self.settle();
        let end = self.now + 8 * HOUR;
        while self.now < end && !(self.truth.drained(&self.database) && self.idle()) {
            self.step();
            steps += 1;
            if let Some(violation) = self.truth.violation.take() {
                return Err(self.story(&violation));
            }
        }
        if !self.truth.drained(&self.database) {
            let waits: Vec<_> = self.database.waiting().take(5).map(|(position, _)| position).collect();
            return Err(self.story(&format!("hours later, with nothing in the way, rows still wait: {waits:?}")));
        }
        // A new page folds what is kept.
        let tab = self.open(None);
        self.boot(tab);
        self.truth.check(&self.database);
        self.truth.conclude(&self.database);
        match self.truth.violation.take() {
            Some(violation) => Err(self.story(&violation)),
            None => Ok(steps),
        }
    }

    fn story(&self, violation: &str) -> String {
        let told: Vec<&str> = self.log.iter().map(String::as_str).collect();
        format!("{violation}\n  {}", told.join("\n  "))
    }

    /// Keeps the last lines of what happened.
    pub fn tell(&mut self, what: impl FnOnce() -> String) {
        if self.log.len() == 200 {
            self.log.pop_front();
        }
        let line = format!("{:>10} {}", self.now - BEGIN, what());
        self.log.push_back(line);
    }

    fn after(&mut self, delay: i64, happening: Happening) {
        self.order += 1;
        self.happenings.insert((self.now + delay.max(0), self.order), happening);
    }

    pub fn later(&mut self, tab: usize, delay: i64, task: Task) {
        self.after(delay, Happening::Task(tab, task));
    }

    /// How long a transaction takes: mostly nothing, sometimes a slow disk.
    pub fn disk(&mut self) -> i64 {
        if self.chance.percent(3) { self.chance.below(3_000) } else { 1 + self.chance.below(5) }
    }

    /// Whether a transaction fails.
    pub fn fails(&mut self) -> bool {
        !self.calm && self.chance.percent(self.plan.storage)
    }

    pub fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// Nothing of the queue is under way.
    fn idle(&self) -> bool {
        self.lock.is_none() && !self.requests.iter().any(|request| request.client)
    }

    fn step(&mut self) -> bool {
        // Nobody is left who could send; the shopper comes back.
        if self.calm && !self.tabs.iter().any(|tab| tab.alive && !tab.over && !tab.broken) {
            self.open(None);
        }
        if self.plan.crashes && !self.calm && self.chance.percent(1) {
            let tab = self.chance.below(self.tabs.len() as i64) as usize;
            self.crash(tab);
        }
        let Some((key, happening)) = self.happenings.pop_first() else {
            self.truth.fail(String::from("rows wait, and nobody is going to do anything"));
            return false;
        };
        if matches!(&happening, Happening::Task(tab, _) if !self.tabs[*tab].alive) {
            return false;
        }
        self.now = self.now.max(key.0);
        let mut acted = false;
        match happening {
            Happening::Act if self.calm => (),
            Happening::Act => {
                acted = true;
                self.act();
                let pause = self.chance.pick(&[40, 40, 40, 300, 300, 300, 300, 20_000, 20_000, 20_000]);
                let pause = self.chance.below(pause);
                self.after(pause, Happening::Act);
            }
            Happening::Weather if self.calm => (),
            Happening::Weather => {
                self.change_weather();
                let pause = 1_000 + self.chance.below(40_000);
                self.after(pause, Happening::Weather);
            }
            Happening::Task(tab, task) => {
                if self.tabs[tab].frozen {
                    self.tabs[tab].deferred.push(task);
                    return false;
                }
                self.task(tab, task);
            }
            Happening::Arrival(request) => self.arrives(request),
        }
        self.truth.check(&self.database);
        acted
    }

    // --- what people and browsers do ---

    fn alive(&self) -> Vec<usize> {
        (0..self.tabs.len()).filter(|tab| self.tabs[*tab].alive && !self.tabs[*tab].frozen).collect()
    }

    fn act(&mut self) {
        let alive = self.alive();
        if alive.is_empty() {
            if self.tabs.iter().any(|tab| tab.alive) && self.chance.percent(50) {
                return self.thaw();
            }
            self.open(None);
            return;
        }
        let tab = self.chance.pick(&alive);
        match self.chance.below(100) {
            0..48 => self.track(tab),
            48..55 if alive.len() < 4 => {
                // A page may have asked by itself.
                let answer = (self.plan.consent && self.chance.percent(40)).then_some(Consent::ALL);
                self.open(answer);
            }
            55..61 => self.close(tab),
            61..66 if self.plan.crashes => self.crash(tab),
            66..68 if self.plan.crashes => {
                for tab in 0..self.tabs.len() {
                    self.crash(tab);
                }
            }
            68..73 if self.plan.freezes => {
                self.tell(|| format!("tab {tab} freezes"));
                self.tabs[tab].frozen = true;
            }
            73..77 => self.thaw(),
            77..81 => {
                self.tell(|| format!("tab {tab} is hidden"));
                self.farewell(tab, true);
            }
            81..84 => {
                self.tell(|| format!("tab {tab} flushes"));
                self.enter(tab, danbi::engine::input::Input::Flush);
            }
            84..86 if self.plan.consent => self.consent(tab),
            86..89 if self.plan.consent => self.erase(tab),
            89..92 if self.plan.jumps => {
                let by = self.chance.pick(&[-365 * DAY, -DAY, -HOUR, HOUR, DAY, 365 * DAY]);
                self.tell(|| format!("the clock jumps by {by}"));
                self.wall += by;
                self.truth.jumped = true;
                self.truth.rest = i64::MIN;
            }
            92..98 if self.plan.days => {
                // The machine sleeps: timers run late, requests have died.
                let by = self.chance.pick(&[HOUR, 3 * DAY, 8 * DAY, 8 * DAY]);
                self.tell(|| format!("{by} ms pass"));
                self.now += by;
            }
            _ => self.track(tab),
        }
    }

    fn track(&mut self, tab: usize) {
        let burst = if self.plan.heavy && self.chance.percent(8) {
            120
        } else if self.chance.percent(10) {
            8
        } else {
            1 + self.chance.below(2)
        };
        let at = self.clock(tab);
        for _ in 0..burst {
            let size = match self.plan.heavy {
                true => 30_000,
                false if self.chance.percent(3) => 20_000,
                false => 300,
            };
            let poison = self.plan.poison && self.chance.percent(8);
            let event = self.truth.happens(Kind::Tick, tab, at, size, poison);
            self.put(tab, event, None);
        }
        self.tell(|| format!("tab {tab} tracks {burst}"));
    }

    pub fn clock(&self, tab: usize) -> i64 {
        self.now + self.tabs[tab].ahead
    }

    fn open(&mut self, consent: Option<Consent>) -> usize {
        let tab = self.tabs.len();
        self.tell(|| format!("tab {tab} opens"));
        // A page steadies its clock by the monotonic one: it does not follow later jumps.
        self.tabs.push(Tab::new(self.wall));
        self.begun(tab);
        self.tabs[tab].grants = consent.or(self.tabs[tab].grants);
        let delay = self.chance.below(400);
        self.later(tab, delay, Task::Boot);
        tab
    }

    fn close(&mut self, tab: usize) {
        self.tell(|| format!("tab {tab} closes"));
        self.farewell(tab, false);
        self.gone(tab);
    }

    fn crash(&mut self, tab: usize) {
        if self.tabs[tab].alive {
            self.tell(|| format!("tab {tab} dies"));
            self.gone(tab);
        }
    }

    fn gone(&mut self, tab: usize) {
        self.tabs[tab].alive = false;
        if self.lock.is_some_and(|(holder, _)| holder == tab) {
            self.lock = None;
        }
        self.abort(tab);
    }

    fn thaw(&mut self) {
        let frozen: Vec<usize> =
            (0..self.tabs.len()).filter(|tab| self.tabs[*tab].frozen && self.tabs[*tab].alive).collect();
        if frozen.is_empty() {
            return;
        }
        let tab = self.chance.pick(&frozen);
        self.tell(|| format!("tab {tab} thaws"));
        self.tabs[tab].frozen = false;
        for task in std::mem::take(&mut self.tabs[tab].deferred) {
            self.later(tab, 0, task);
        }
    }

    /// The faults end; who is there learns that there are rows.
    fn settle(&mut self) {
        self.calm = true;
        self.weather = Weather::Fine;
        self.tell(|| String::from("calm"));
        while self.tabs.iter().any(|tab| tab.alive && tab.frozen) {
            self.thaw();
        }
        // Who lost its storage sends no more of it.
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].alive && self.tabs[tab].broken {
                self.gone(tab);
            }
            if self.tabs[tab].alive {
                self.later(tab, 1, Task::Hint(Hint::Rows));
            }
        }
    }

    // --- the way to the collector and back ---

    /// A request leaves. Not more than one of the queue at a time, unless a lock was stolen.
    pub fn post(&mut self, tab: usize, rows: Vec<usize>, by_queue: bool, turn: u64) -> usize {
        self.truth.posted(&rows);
        // Who was robbed of the lock does not know yet, and goes on.
        if by_queue && !self.stolen.contains(&turn) {
            if self.now < self.truth.rest {
                let early = self.truth.rest - self.now;
                self.truth.fail(format!("tab {tab} asks {early} ms before the server allows"));
            }
            let other = self.requests.iter().find(|other| {
                other.by_queue && other.client && self.tabs[other.tab].alive && !self.stolen.contains(&other.turn)
            });
            if let Some(other) = other {
                let other = other.tab;
                self.truth.fail(format!("tab {tab} sends while a request of tab {other} is out"));
            }
        }
        let request = self.requests.len();
        let salt = if self.has(Bug::FreshIds) { request as u64 * 1_000_000 } else { 0 };
        let ids = rows.iter().map(|event| *event as u64 + salt).collect();
        self.tell(|| format!("tab {tab} posts {request}: {rows:?}"));
        self.requests.push(Request { tab, rows, by_queue, client: true, turn, ids });
        if self.faulty() {
            self.tell(|| format!("request {request} is lost"));
        } else {
            let delay = self.wire();
            self.after(delay, Happening::Arrival(request));
            if self.faulty() {
                let delay = self.wire();
                self.after(delay, Happening::Arrival(request));
            }
        }
        self.later(tab, 15_000, Task::Reply { request, status: 0, retry_after: None });
        request
    }

    fn faulty(&mut self) -> bool {
        !self.calm && self.chance.percent(self.plan.network)
    }

    /// How long the wire takes; sometimes longer than anybody waits.
    fn wire(&mut self) -> i64 {
        if self.faulty() { self.chance.below(60_000) } else { 5 + self.chance.below(300) }
    }

    /// Whoever waits for an answer waits no more.
    pub fn abort(&mut self, tab: usize) {
        for request in &mut self.requests {
            if request.tab == tab {
                request.client = false;
            }
        }
    }

    fn change_weather(&mut self) {
        if !self.plan.collector {
            return;
        }
        let asked = self.chance.pick(&[-5, 0, 2_000, 30_000, 600_000, i64::MAX]);
        self.weather = match self.chance.below(10) {
            0..4 => Weather::Fine,
            4 => Weather::Status(500, -1),
            5 => Weather::Status(503, asked),
            6 => Weather::Status(429, asked),
            7 => Weather::Status(if self.chance.percent(50) { 401 } else { 408 }, -1),
            8 => Weather::Small(8_192),
            _ => Weather::Mute,
        };
        let weather = self.weather;
        self.tell(|| format!("the collector: {weather:?}"));
    }

    /// The reference collector: keeps what it does not know yet by `messageId`.
    fn arrives(&mut self, request: usize) {
        let Request { tab, by_queue, .. } = self.requests[request];
        let rows = std::mem::take(&mut self.requests[request].rows);
        let ids = std::mem::take(&mut self.requests[request].ids);
        let bytes: u32 = rows.iter().map(|event| self.truth.events[*event].size).sum();
        let poisoned = rows.iter().any(|event| self.truth.events[*event].poison);
        let (status, retry_after, mute) = match self.weather {
            Weather::Status(status, asked) => (status, Some(asked), false),
            Weather::Small(most) if bytes > most => (413, None, false),
            _ if poisoned => (400, None, false),
            weather => (200, None, matches!(weather, Weather::Mute)),
        };
        if status == 200 {
            for (event, id) in rows.iter().zip(&ids) {
                if self.has(Bug::NoDedup) || self.kept.insert(*id, *event).is_none() {
                    let dead = self.database.dead.contains_key(event);
                    self.truth.kept(*event, by_queue, dead);
                }
            }
        }
        self.requests[request].rows = rows;
        self.requests[request].ids = ids;
        self.tell(|| format!("request {request} arrives: {status}"));
        if mute || self.faulty() {
            return;
        }
        let delay = self.wire();
        self.later(tab, delay, Task::Reply { request, status, retry_after });
    }
}
