//! What really happened, seen from above, and the promises of reliability.md section 1 that it is held against.

use std::collections::BTreeMap;

use crate::storage::Database;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Tick,
    Consent,
    /// `danbi_dropped` with its `n`.
    Dropped(usize),
}

#[derive(Clone, Debug)]
pub struct Event {
    pub kind: Kind,
    pub tab: usize,
    /// By the clock of its tab.
    pub at: i64,
    pub size: u32,
    /// The collector refuses it for good.
    pub poison: bool,
    pub position: Option<u64>,
    /// `track()` said `stored`.
    pub acknowledged: bool,
    /// Copies with different ids that the collector keeps.
    pub copies: u32,
    pub shed: bool,
    /// Given up with a consent: owed no more.
    pub gone: bool,
    /// Erased, or the consent to send it was taken back: never to be sent again.
    pub secret: bool,
}

#[derive(Default)]
pub struct Truth {
    pub events: Vec<Event>,
    owed: Vec<usize>,
    /// Positions of the rows that count into the profile of a seed.
    folds: BTreeMap<u32, Vec<u64>>,
    shed: usize,
    told: usize,
    /// The last position that the queue brought to the collector for the first time.
    brought: u64,
    last_of_tab: BTreeMap<usize, usize>,
    /// Nobody may ask the server before.
    pub rest: i64,
    /// Consent stands: something may be stored.
    pub agreed: bool,
    pub jumped: bool,
    pub violation: Option<String>,
}

impl Truth {
    pub fn fail(&mut self, what: String) {
        self.violation.get_or_insert(what);
    }

    pub fn happens(&mut self, kind: Kind, tab: usize, at: i64, size: u32, poison: bool) -> usize {
        self.events.push(Event {
            kind,
            tab,
            at,
            size,
            poison,
            position: None,
            acknowledged: false,
            copies: 0,
            shed: false,
            gone: false,
            secret: false,
        });
        self.events.len() - 1
    }

    pub fn acknowledged(&mut self, event: usize) {
        if !self.events[event].acknowledged {
            self.events[event].acknowledged = true;
            self.owed.push(event);
        }
    }

    /// A row was committed.
    pub fn committed(&mut self, event: usize, position: u64, fold: Option<u32>) {
        let Event { kind, tab, position: known, .. } = self.events[event];
        // The second copy of a transaction that was run twice.
        if known.is_some() {
            return;
        }
        self.events[event].position = Some(position);
        if kind == Kind::Tick {
            if self.last_of_tab.insert(tab, event).is_some_and(|last| last > event) {
                self.fail(format!("event {event} of tab {tab} is stored after a later one of the same tab"));
            }
            if let Some(seed) = fold {
                self.folds.entry(seed).or_default().push(position);
            }
        }
    }

    /// Rows were shed, and so many were told, in one transaction.
    pub fn shed(&mut self, events: &[usize], told: usize) {
        for event in events {
            self.events[*event].shed = true;
        }
        (self.shed, self.told) = (self.shed + events.len(), self.told + told);
    }

    /// How many signals a profile of this seed counts up to a position.
    pub fn counted(&self, seed: u32, position: u64) -> usize {
        self.folds.get(&seed).map_or(0, |positions| positions.partition_point(|place| *place <= position))
    }

    /// A request with these rows leaves.
    pub fn posted(&mut self, rows: &[usize]) {
        if let Some(gone) = rows.iter().find(|event| self.events[**event].secret) {
            self.fail(format!("event {gone} is sent after it was erased"));
        }
    }

    /// The collector keeps a row, under an id that it does not know yet.
    pub fn kept(&mut self, event: usize, by_queue: bool, dead: bool) {
        let first = self.events[event].copies == 0;
        self.events[event].copies += 1;
        if !first {
            self.fail(format!("the collector keeps event {event} twice"));
        }
        let Event { position: Some(position), shed, gone, .. } = self.events[event] else { return };
        if by_queue && !shed && !gone && !dead {
            if position < self.brought {
                self.fail(format!("event {event} arrives after later ones"));
            }
            self.brought = position;
        }
    }

    /// The shopper erased or took back what stands here.
    pub fn forget(&mut self, events: impl Iterator<Item = usize>, secret: bool) {
        for event in events {
            self.events[event].gone = true;
            self.events[event].secret |= secret;
        }
    }

    fn settled(&self, event: usize, database: &Database) -> bool {
        let Event { copies, shed, gone, .. } = self.events[event];
        copies > 0 || shed || gone || database.dead.contains_key(&event)
    }

    /// The promises, after each step.
    pub fn check(&mut self, database: &Database) {
        let mut owed = std::mem::take(&mut self.owed);
        owed.retain(|event| !self.settled(*event, database));
        let waits = |event: &&usize| {
            let row = self.events[**event].position.and_then(|position| Some((position, database.log.get(&position)?)));
            row.is_some_and(|(position, row)| row.send && row.event == **event && position > database.sent)
        };
        let lost = owed.iter().find(|event| !waits(event)).copied();
        self.owed = owed;
        if let Some(event) = lost {
            self.fail(format!("event {event} was acknowledged and is nowhere"));
        }
        if self.shed != self.told {
            self.fail(format!("{} rows were shed, {} were told", self.shed, self.told));
        }
        if !self.agreed && !database.is_empty() {
            self.fail(String::from("something is stored without consent"));
        }
    }

    /// Nothing acknowledged waits any more.
    pub fn drained(&mut self, database: &Database) -> bool {
        let mut owed = std::mem::take(&mut self.owed);
        owed.retain(|event| !self.settled(*event, database));
        self.owed = owed;
        self.owed.is_empty() && database.waiting().all(|(_, row)| self.settled(row.event, database))
    }

    /// What may only be said when all is over.
    pub fn conclude(&mut self, database: &Database) {
        for (event, reason) in &database.dead {
            let known = &self.events[*event];
            let right = match *reason {
                "refused" => known.poison,
                "too_large" => known.size > 8_192,
                _ => true,
            };
            if !right {
                return self.fail(format!("event {event} went to the dead letters as {reason}"));
            }
        }
        let bad = self.events.iter().position(|event| event.poison && event.copies > 0);
        if let Some(event) = bad {
            self.fail(format!("event {event} was refused and kept"));
        }
    }
}
