//! `pkg/src/host/journal.ts` and `rare.ts`: the consent gate, the shopper's identity, the append.

use crate::Bug;
use crate::storage::{Consent, Identity, Kept};
use crate::tab::{Entry, Hint, Task};
use crate::truth::Kind;
use crate::world::World;

impl World {
    /// `begun`: what an earlier visit left.
    pub fn begun(&mut self, tab: usize) {
        self.tabs[tab].withdrawn = self.database.identity.map_or(0, |identity| identity.withdrawn);
        self.tabs[tab].identity = self.database.identity;
        self.tabs[tab].grants = self.database.identity.map(|identity| identity.consent);
    }

    /// `put`.
    pub fn put(&mut self, tab: usize, event: usize, change: Option<Consent>) {
        let early = self.has(Bug::AckBeforeCommit);
        let state = &mut self.tabs[tab];
        let entry = Entry { event, change };
        state.pending.push(entry);
        if let Some(consent) = change {
            state.grants = Some(consent);
            if consent.any() {
                let held: Vec<Entry> = state.held.drain(..).map(|event| Entry { event, change: None }).collect();
                state.pending.pop();
                state.pending = [vec![entry], held, std::mem::take(&mut state.pending)].concat();
            }
        }
        let stored = state.grants.is_some_and(|grants| grants.analytics) && !state.broken && !state.over;
        if !state.writing {
            state.writing = true;
            self.later(tab, 0, Task::Write);
        }
        if early && stored {
            self.truth.acknowledged(event);
        }
    }

    /// `write`: one transaction for all that was said meanwhile.
    pub fn write(&mut self, tab: usize) {
        let early = self.has(Bug::StoreBeforeConsent);
        let state = &mut self.tabs[tab];
        let batch = std::mem::take(&mut state.pending);
        if batch.is_empty() {
            state.writing = false;
            return;
        }
        if state.grants.is_some_and(Consent::any) || early {
            let delay = self.disk();
            return self.later(tab, delay, Task::Commit { batch, retried: false, shed: false });
        }
        let denied = state.grants.is_some();
        let changed = batch.iter().any(|entry| entry.change.is_some());
        if denied {
            state.held.clear();
        } else {
            state.held.extend(batch.iter().filter(|entry| entry.change.is_none()).map(|entry| entry.event));
            while state.held.len() > 1_000 {
                state.held.pop_front();
            }
        }
        if changed && (denied || state.identity.is_some()) {
            let delay = self.disk();
            self.later(tab, delay, Task::Clear { asked: true });
        }
        self.later(tab, 0, Task::Write);
    }

    /// `commit` of `journal.ts` and `rare.ts`: whose the rows are is settled inside the transaction.
    pub fn commit(&mut self, tab: usize, batch: Vec<Entry>, retried: bool, shed: bool) {
        if self.tabs[tab].broken {
            return self.later(tab, 0, Task::Write);
        }
        if self.fails() {
            // Out of room once: the queue gives some up. Else torn: nothing of it is kept, but for a connection that was lost too late to
            // tell.
            if !shed && self.chance.percent(40) {
                self.tell(|| format!("tab {tab} is out of room"));
                let rows = self.database.waiting().count() * 5 / 6;
                self.shed(tab, rows as u32, u32::MAX);
                return self.later(tab, 1, Task::Commit { batch, retried, shed: true });
            }
            if self.chance.percent(25) {
                self.transact(tab, &batch);
            }
            if retried {
                self.tell(|| format!("tab {tab} has no storage"));
                self.tabs[tab].broken = true;
                return self.later(tab, 0, Task::Write);
            }
            return self.later(tab, 2, Task::Commit { batch, retried: true, shed });
        }
        let (rows, identity) = self.transact(tab, &batch);
        let delay = self.disk();
        self.later(tab, delay, Task::Committed { rows, identity });
    }

    /// `judge` of `rare.ts`; for one shopper whose answers are known it is what `commit` of `journal.ts` does.
    fn transact(&mut self, tab: usize, batch: &[Entry]) -> (Vec<(u64, Kept)>, Option<Identity>) {
        let before = self.tabs[tab].identity;
        let mut grants = self.tabs[tab].grants;
        let own = grants.is_some() && before.is_none();
        if self.has(Bug::StoreBeforeConsent) {
            grants = grants.or(Some(Consent::ALL));
        }
        match (self.database.identity, before) {
            // Another tab erased all.
            (None, Some(_)) => grants = None,
            // Another tab was answered.
            (Some(found), Some(before)) if found.consent != before.consent => grants = Some(found.consent),
            _ => (),
        }
        let mut rows = Vec::new();
        let mut shopper = self.database.identity;
        for entry in batch {
            grants = entry.change.or(grants);
            let Some(given) = grants.filter(|given| given.any() || shopper.is_some()) else { continue };
            let mut who = shopper.unwrap_or_else(|| self.stranger(given));
            let mut tell = None;
            if shopper.is_none() || who.consent != given {
                let was = who.consent;
                if was.personalization && !given.personalization {
                    who.seed = self.stranger(given).seed;
                }
                if (was.analytics && !given.analytics) || (was.personalization && !given.personalization) {
                    self.sweep(given);
                }
                who.withdrawn += u32::from(was.analytics && !given.analytics);
                who.consent = given;
                let at = self.clock(tab);
                tell = Some(match entry.change {
                    Some(_) => entry.event,
                    None => self.truth.happens(Kind::Consent, tab, at, 300, false),
                });
            }
            shopper = Some(who);
            self.truth.agreed |= own && given.any() || entry.change.is_some_and(Consent::any);
            for event in tell.into_iter().chain(entry.change.is_none().then_some(entry.event)) {
                if !given.any() {
                    continue;
                }
                let row = Kept { event, send: given.analytics, fold: given.personalization };
                let position = self.database.add(row);
                self.truth.committed(event, position, row.fold.then_some(who.seed));
                rows.push((position, row));
            }
        }
        self.database.identity = shopper;
        self.tabs[tab].grants = grants;
        (rows, shopper)
    }

    fn stranger(&mut self, consent: Consent) -> Identity {
        self.seeds += 1;
        Identity { seed: self.seeds, consent, withdrawn: 0 }
    }

    /// `sweep` of `rare.ts`: what needed the consent that was taken back.
    fn sweep(&mut self, given: Consent) {
        let database = &mut self.database;
        let sent = database.sent;
        let mut gone = Vec::new();
        database.log.retain(|position, row| {
            if row.send && !given.analytics {
                gone.push(row.event);
            }
            row.send &= given.analytics && *position > sent;
            row.fold &= given.personalization;
            row.send || row.fold
        });
        gone.extend(std::mem::take(&mut database.dead).into_keys());
        self.truth.forget(gone.into_iter(), !given.analytics);
        if !given.analytics {
            self.tabs.iter_mut().for_each(|tab| tab.unaware = true);
        }
        let database = &mut self.database;
        if !given.personalization {
            (database.snapshot, database.covered, database.seen) = (None, 0, 0);
        }
    }

    /// After the commit: promises are kept, other tabs get a hint.
    pub fn committed(&mut self, tab: usize, rows: &[(u64, Kept)], identity: Option<Identity>) {
        for (_, row) in rows.iter().filter(|(_, row)| row.send) {
            self.truth.acknowledged(row.event);
        }
        let state = &mut self.tabs[tab];
        state.identity = identity;
        // `note` of `transport.ts`
        state.fresh.extend(rows.iter().filter(|(_, row)| row.send).map(|(_, row)| row.event));
        if !identity.is_some_and(|identity| identity.consent.analytics) {
            self.stop(tab);
        }
        self.gather(tab, rows, identity);
        self.write(tab);
    }

    /// A message on the BroadcastChannel. Of rows only a hint, that may be lost; that something was taken back arrives, once a tab can
    /// hear.
    pub fn hint(&mut self, from: usize, hint: Hint) {
        for tab in 0..self.tabs.len() {
            if tab == from || !self.tabs[tab].alive {
                continue;
            }
            self.tabs[tab].unaware |= matches!(hint, Hint::Erase);
            if !self.tabs[tab].unaware && self.chance.percent(20) {
                continue;
            }
            let delay = if self.chance.percent(10) { self.chance.below(2_000) } else { self.chance.below(100) };
            self.later(tab, delay, Task::Hint(hint));
        }
    }

    /// Somebody answers the question about consent.
    pub fn consent(&mut self, tab: usize) {
        let choices = [
            Consent::ALL,
            Consent { analytics: true, personalization: false },
            Consent { analytics: false, personalization: true },
            Consent { analytics: false, personalization: false },
        ];
        let answer = if self.tabs[tab].grants.is_none() { Consent::ALL } else { self.chance.pick(&choices) };
        self.tell(|| format!("tab {tab} hears {answer:?}"));
        let at = self.clock(tab);
        let event = self.truth.happens(Kind::Consent, tab, at, 300, false);
        self.put(tab, event, Some(answer));
    }

    /// `erase`: `end("erased", true)` of `index.ts`.
    pub fn erase(&mut self, tab: usize) {
        self.tell(|| format!("tab {tab} erases"));
        self.abort(tab);
        self.release(tab, None);
        self.hint(tab, Hint::Erase);
        self.tabs[tab].over = true;
        let delay = self.disk();
        self.later(tab, delay, Task::Clear { asked: true });
    }

    /// The message says so: this tab ends; it was the other's to clear.
    pub fn erased_elsewhere(&mut self, tab: usize) {
        self.tell(|| format!("tab {tab} hears of the erasure"));
        self.abort(tab);
        self.release(tab, None);
        self.tabs[tab].over = true;
        // It was the other's to clear; by now another shopper may have begun.
        if self.has(Bug::LateClear) {
            self.later(tab, 1, Task::Clear { asked: false });
        }
    }

    /// `clear`.
    pub fn clear(&mut self, tab: usize, asked: bool) {
        self.tell(|| format!("tab {tab} clears"));
        if asked {
            let rows = self.database.log.values().map(|row| row.event);
            let known: Vec<usize> = rows.chain(self.database.dead.keys().copied()).collect();
            self.truth.forget(known.into_iter(), true);
            self.tabs.iter_mut().for_each(|tab| tab.unaware = true);
            self.truth.agreed = false;
            // What the server asked for goes with all the rest.
            self.truth.rest = i64::MIN;
        }
        self.database.clear();
        self.tabs[tab].identity = None;
        if !self.tabs[tab].over {
            self.stop(tab);
            self.gather(tab, &[], None);
        }
    }
}
