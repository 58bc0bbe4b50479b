//! What `pkg/src/host/storage.ts` keeps: the database of one client. A transaction is one call on it, whole or not at all; what
//! was committed outlives tabs and browser.

use std::collections::BTreeMap;

use danbi::engine::base::value::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    pub analytics: bool,
    pub personalization: bool,
}

impl Consent {
    pub const ALL: Consent = Consent { analytics: true, personalization: true };

    pub fn any(self) -> bool {
        self.analytics || self.personalization
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    pub seed: u32,
    pub consent: Consent,
    /// How often the consent to send was taken back: a tab that missed one forgets what it meant to send.
    pub withdrawn: u32,
}

/// A row of the log; its position is its key.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// Index of the event in the truth; stands for line and `messageId`.
    pub event: usize,
    pub send: bool,
    pub fold: bool,
}

#[derive(Default)]
pub struct Database {
    pub log: BTreeMap<u64, Kept>,
    /// The key generator: never goes back, not by clearing either.
    pub keys: u64,
    pub identity: Option<Identity>,
    pub sent: u64,
    pub covered: u64,
    pub seen: u64,
    pub snapshot: Option<(u32, Value)>,
    pub rest: Option<i64>,
    pub dead: BTreeMap<usize, &'static str>,
}

impl Database {
    pub fn add(&mut self, row: Kept) -> u64 {
        self.keys += 1;
        self.log.insert(self.keys, row);
        self.keys
    }

    /// Rows behind a position.
    pub fn after(&self, position: u64) -> impl Iterator<Item = (u64, Kept)> {
        self.log.range(position + 1..).map(|(position, row)| (*position, *row))
    }

    /// Rows that wait to be sent.
    pub fn waiting(&self) -> impl Iterator<Item = (u64, Kept)> {
        self.after(self.sent).filter(|(_, row)| row.send)
    }

    /// Nothing of a shopper is in it.
    pub fn is_empty(&self) -> bool {
        self.log.is_empty()
            && self.identity.is_none()
            && self.snapshot.is_none()
            && self.dead.is_empty()
            && (self.sent, self.covered, self.seen, self.rest) == (0, 0, 0, None)
    }

    /// `clear` of `journal.ts`.
    pub fn clear(&mut self) {
        *self = Database { keys: self.keys, ..Database::default() };
    }

    /// `drop` of `log.ts`: no longer for sending; kept only where the profile still needs it. Whether it waited.
    pub fn unqueue(&mut self, position: u64, reason: Option<&'static str>) -> bool {
        let Some(row) = self.log.get_mut(&position).filter(|row| row.send) else { return false };
        let waited = position > self.sent;
        row.send = false;
        let Kept { event, fold, .. } = *row;
        if waited && let Some(reason) = reason {
            self.dead.insert(event, reason);
        }
        if !fold {
            self.log.remove(&position);
        }
        waited
    }
}
