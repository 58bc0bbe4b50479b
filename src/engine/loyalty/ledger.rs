//! The account of points: lots with their own dates, pinned to what granted them (loyalty.md section 3).
//!
//! After every change `earned = pending + active + spent + expired + reversed − debt`. Integers only.

use super::currency::{CancelExpired, Currency, ExpiryFrom, Pending, RefundPolicy, Wait};
use super::program::Rate;
use super::{Loyalty, Turn};
use crate::engine::base::document::Table;
use crate::engine::base::money;
use crate::engine::base::record::{Record, Walk};
use crate::engine::base::text::{cut, digits};
use crate::engine::base::time::{Day, Ends, Span, Time, Zones};
use crate::engine::base::value::{Map, Value};
use crate::{record, words};

record! {
    /// The sums of one currency.
    pub struct Account {
        /// Ever granted.
        "earned" earned: i64,
        /// Used.
        "spent" spent: i64,
        /// Lost to time.
        "expired" expired: i64,
        /// Taken back.
        "reversed" reversed: i64,
        /// Could not be taken back any more; already counted in `spent`.
        "writtenOff" written_off: i64,
        /// Owed.
        "debt" debt: i64,
        /// Lots with points left, and those of which some may come back or be taken back, by id.
        "lots" lots: Vec<Lot>,
        /// How long points live that go together when nothing is earned or used.
        "idle" idle: Option<String>,
        /// When they go.
        "idleAt" idle_at: Option<Time>,
        /// What lots wait for.
        "ahead" ahead: Ahead,
    }

    /// One earning, with the terms of then: later versions never rewrite them.
    pub struct Lot {
        /// Number, growing.
        "id" id: i64,
        /// The lot whose grant this is a part of: one topped up, or one whose points came back; 0 where it is its own.
        "of" of: i64,
        /// The order that earned it.
        "order" order: Option<String>,
        /// What the order still entitles to: the grant less what refunds took, parts included.
        "granted" granted: i64,
        /// Points left in it.
        "left" left: i64,
        /// Points of it lost to time.
        "expired" expired: i64,
        /// Points of it that are used and may come back.
        "held" held: i64,
        /// Points of it that were to be taken back and are owed or written off instead.
        "short" short: i64,
        /// Whether they can be used.
        "active" active: bool,
        /// When they become usable; none while an event is waited for.
        "activeAt" active_at: Option<Time>,
        /// The first instant at which they are gone.
        "expiresAt" expires_at: Option<Time>,
        /// They go together with all others when nothing is earned or used.
        "idle" idle: bool,
        /// Numerator of the rate, bonuses included; for a fixed grant the grant itself. Only of orders, which may be reckoned again.
        "numerator" numerator: i64,
        /// Denominator of the rate; 0 for a fixed grant.
        "denominator" denominator: i64,
        /// Rounded down to a multiple of this; 0: to a whole number.
        "floor" floor: i64,
        /// At most so much for one event; 0: no limit.
        "most" most: i64,
        /// Then times this, where it was saved for later.
        "times" times: i64,
        /// See `times`: its denominator; 0: not saved.
        "over" over: i64,
        /// A grant remembers it, so that it can be taken back or topped up.
        "bound" bound: bool,
        /// The wait, and the event of the order that starts it; only until it is over.
        "wait" wait: Option<String>,
        /// See `wait`.
        "waitFrom" wait_from: Option<String>,
        /// How long they live once active, or the day of the year; only until they are.
        "life" life: Option<String>,
        /// What a refund does when they are spent.
        "refund" refund: RefundPolicy,
    }
}

/// When lots next change and which events they wait for. Never kept: found again from the lots.
#[derive(Default)]
pub struct Ahead {
    known: bool,
    /// No lot changes before it.
    due: Option<Time>,
    events: Vec<String>,
}

impl Record for Ahead {
    fn walk(&mut self, _: &mut Walk) {}
}

impl Ahead {
    /// A lot is there.
    fn add(&mut self, lot: &Lot, due: Option<Time>) {
        self.due = self.due.into_iter().chain(due).min();
        if let Some(event) = lot.wait_from.as_ref().filter(|event| !self.events.contains(event)) {
            self.events.push(event.clone());
        }
    }
}

words! {
    /// What a line of the ledger says.
    pub enum EntryKind {
        /// Granted.
        "earn" Earn,
        /// Became usable.
        "activate" Activate,
        /// Used.
        "spend" Spend,
        /// Lost to time.
        "expire" Expire,
        /// Taken back.
        "reverse" Reverse,
        /// Could not be taken back.
        "writeOff" WriteOff,
        /// Owed.
        "debt" Debt,
        /// Paid what was owed.
        "settle" Settle,
        /// Came back from a use that was cancelled.
        "restore" Restore,
        /// Not granted or not used, with the reason.
        "reject" Reject,
    }
}

/// What the ledger needs to know of the world.
#[derive(Clone, Copy)]
pub struct Calendar<'a> {
    /// IANA zone of the program's days.
    pub zone: &'a str,
    /// Offset tables.
    pub zones: &'a Zones,
}

impl Calendar<'_> {
    /// The end of a wait or a validity.
    pub fn add(self, from: Time, span: Span, ends: Ends) -> Time {
        self.zones.add(self.zone, from, span, ends)
    }

    /// The end of a life that begins now: a duration, or through a day of the year `MM-DD`.
    fn life(self, from: Time, life: &str) -> Option<Time> {
        if let Some(span) = Span::parse(life) {
            return Some(self.add(from, span, Ends::Validity));
        }
        let today = self.zones.day(self.zone, from);
        let in_year = |year: i32| {
            // In common years 29 February is the 28th.
            let (month, day) = cut(life, b'-')?;
            let first = Day::new(year, digits(month)? as i32, 1);
            Some(first.plus(digits(day)? as i32 - 1).min(first.plus_months(1).plus(-1)))
        };
        let (year, _, _) = today.civil();
        let last = in_year(year).filter(|last| *last >= today).or_else(|| in_year(year + 1))?;
        Some(self.zones.midnight(self.zone, last.plus(1)))
    }
}

/// The event behind a change.
#[derive(Clone, Copy)]
pub struct Cause<'a> {
    /// `messageId`; none where time alone did it.
    pub event: Option<&'a str>,
    /// When.
    pub at: Time,
}

/// Where a line of the ledger comes from.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    /// Id of the rule, or of what else grants.
    pub rule: &'a str,
    /// The program's version.
    pub version: i64,
}

/// What pays a redemption: points of a lot.
pub struct Taken {
    /// The lot.
    pub lot: i64,
    /// How much of it.
    pub amount: i64,
}

impl Loyalty {
    /// Opens a lot with so many points; none where it is but remembered. Its id.
    pub fn open(
        &mut self,
        mut lot: Lot,
        amount: i64,
        currency: &str,
        origin: Origin,
        cause: Cause,
        calendar: Calendar,
    ) -> i64 {
        let Loyalty { accounts, entries, lots, .. } = self;
        *lots += 1;
        let account = accounts.entry(currency);
        account.look();
        if lot.idle {
            account.idle = lot.life.take();
        }
        // As much as a number can hold.
        let amount = amount.min(money::MAX - account.earned);
        (lot.id, lot.left) = (*lots, amount);
        match if lot.of == 0 { None } else { account.lot(lot.of) } {
            Some(head) => head.granted += amount,
            None => (lot.of, lot.granted) = (0, amount),
        }
        if amount > 0 {
            account.earned += amount;
            account.touch(cause.at, calendar);
            let ends = account.ends(&lot).map(|at| at.0).into();
            let rest = [lot.id.into(), ends, origin.rule.into(), origin.version.into(), Value::Null];
            entries.push(written(EntryKind::Earn, currency, amount, cause, rest));
            if lot.active_at.is_some_and(|at| at <= cause.at) {
                let at = cause.at;
                activate(&mut lot, &mut account.debt, currency, at, calendar, entries);
            }
        }
        let due = account.changes(&lot);
        account.ahead.add(&lot, due);
        account.lots.push(lot);
        *lots
    }

    /// Notes why nothing was granted or used.
    pub fn reject(&mut self, currency: Option<&str>, rule: Option<&str>, reason: &str, turn: Turn) {
        if turn.program.explain() {
            let version = turn.program.version().into();
            let rest = [Value::Null, Value::Null, rule.into(), version, reason.into()];
            self.entries.push(written(EntryKind::Reject, currency.unwrap_or_default(), 0, turn.cause(), rest));
        }
    }

    /// An event of an order for which pending points wait.
    pub fn order_event(&mut self, name: &str, order: &str, at: Time, calendar: Calendar) {
        for (_, account) in self.accounts.iter_mut() {
            account.look();
            if !account.ahead.events.iter().any(|event| event == name) {
                continue;
            }
            for lot in &mut account.lots {
                if lot.starts(name, order, at, calendar) {
                    account.ahead.due = account.ahead.due.into_iter().chain(lot.active_at).min();
                }
            }
        }
        self.advance(at, calendar);
    }

    /// The order is now worth `base` less than it was, or nothing: its grants are reckoned again by their own terms.
    pub fn reckon(&mut self, order: &str, base: i64, cause: Cause) {
        let Loyalty { accounts, entries, .. } = self;
        for (currency, account) in accounts.iter_mut() {
            account.reverse(&|lot| lot.order.as_deref() == Some(order), base, currency, cause, entries);
        }
    }

    /// A grant is taken back in full.
    pub fn take_back(&mut self, currency: &str, lot: i64, cause: Cause) {
        let Loyalty { accounts, entries, .. } = self;
        if let Some(account) = accounts.get_mut(currency) {
            if let Some(lot) = account.lot(lot) {
                lot.bound = false;
            }
            account.reverse(&|known| known.id == lot, 0, currency, cause, entries);
        }
    }

    /// Uses points, those that expire soonest first: all of them or none. `returns`: they may come back.
    pub fn spend(
        &mut self,
        currency: &str,
        amount: i64,
        returns: bool,
        rule: Option<&str>,
        turn: Turn,
    ) -> Option<Vec<Taken>> {
        let Loyalty { accounts, entries, .. } = self;
        let account = accounts.get_mut(currency)?;
        account.look();
        if account.sum(true) < amount {
            return None;
        }
        let (mut owed, mut taken) = (amount, Vec::new());
        while owed > 0 {
            let Some(index) = account.soonest(&|lot| lot.active) else { break };
            let Some(lot) = account.lots.get_mut(index) else { break };
            let part = owed.min(lot.left);
            lot.left -= part;
            lot.held += if returns { part } else { 0 };
            let rest = [lot.id.into(), Value::Null, rule.into(), turn.program.version().into(), Value::Null];
            entries.push(written(EntryKind::Spend, currency, part, turn.cause(), rest));
            taken.push(Taken { lot: lot.id, amount: part });
            owed -= part;
        }
        account.spent += amount;
        account.touch(turn.at, turn.calendar());
        account.forget();
        Some(taken)
    }

    /// Gives points back that were used (fine print 5 and 6): what was to be taken back of them goes first, then what is owed; what
    /// expired meanwhile is gone, or good for so long again.
    pub fn restore(&mut self, currency: &str, taken: &[Taken], expired: CancelExpired, turn: Turn) {
        let (cause, calendar) = (turn.cause(), turn.calendar());
        let Loyalty { accounts, entries, lots, .. } = self;
        let Some(account) = accounts.get_mut(currency) else { return };
        account.look();
        let mut back = Vec::new();
        for Taken { lot: id, amount } in taken {
            let Some(index) = account.place(*id) else { continue };
            let gone = account.lots.get(index).and_then(|lot| account.ends(lot)).is_some_and(|ends| ends <= cause.at);
            let Some(used) = account.lots.get_mut(index) else { continue };
            used.held -= amount;
            account.spent -= amount;
            let mut place = index;
            if let (true, CancelExpired::Extend(span)) = (gone, expired) {
                *lots += 1;
                let lot = Lot {
                    id: *lots,
                    of: used.head(),
                    order: used.order.clone(),
                    active: true,
                    active_at: Some(cause.at),
                    expires_at: Some(calendar.add(cause.at, span, Ends::Validity)),
                    refund: used.refund,
                    ..Lot::default()
                };
                account.ahead.add(&lot, lot.expires_at);
                place = account.lots.len();
                account.lots.push(lot);
            }
            let Some(lot) = account.lots.get_mut(place) else { continue };
            lot.left += amount;
            let ends = if place == index { Value::Null } else { lot.expires_at.map(|at| at.0).into() };
            let rest = [lot.id.into(), ends, Value::Null, Value::Null, Value::Null];
            entries.push(written(EntryKind::Restore, currency, *amount, cause, rest));
            let head = lot.head();
            let short = account.lot(head).map_or(0, |head| head.short);
            let paid = account.pay(place, short.min(*amount), currency, cause, entries);
            if let Some(head) = account.lot(head) {
                head.short -= paid;
            }
            if gone && place == index {
                account.lapse(index, currency, cause, entries);
            } else {
                back.push(place);
                let due = account.lots.get(place).and_then(|lot| account.changes(lot));
                account.ahead.due = account.ahead.due.into_iter().chain(due).min();
            }
        }
        for place in back {
            let Some(lot) = account.lots.get_mut(place) else { continue };
            settle(lot, &mut account.debt, currency, cause, entries);
        }
        account.forget();
    }

    /// Lets time pass up to and with `to`: waits end, points become usable and expire, in order of time.
    pub fn advance(&mut self, to: Time, calendar: Calendar) {
        let Loyalty { accounts, entries, .. } = self;
        for (currency, account) in accounts.iter_mut() {
            account.look();
            while let Some(at) = account.ahead.due.filter(|at| *at <= to) {
                account.turn_to(at, currency, calendar, entries);
            }
        }
    }

    /// When time alone will next change the ledger.
    pub fn due(&self) -> Option<Time> {
        self.accounts.iter().filter_map(|(_, account)| account.due()).min()
    }
}

/// A lot becomes usable, and pays what is owed.
fn activate(lot: &mut Lot, debt: &mut i64, currency: &str, at: Time, calendar: Calendar, entries: &mut Vec<Value>) {
    let cause = Cause { event: None, at };
    lot.active = true;
    (lot.wait, lot.wait_from) = (None, None);
    let mut ends = Value::Null;
    if let Some(life) = lot.life.take() {
        lot.expires_at = calendar.life(at, &life);
        ends = lot.expires_at.map(|at| at.0).into();
    }
    let rest = [lot.id.into(), ends, Value::Null, Value::Null, Value::Null];
    entries.push(written(EntryKind::Activate, currency, lot.left, cause, rest));
    settle(lot, debt, currency, cause, entries);
}

/// What is owed is paid from a lot.
fn settle(lot: &mut Lot, debt: &mut i64, currency: &str, cause: Cause, entries: &mut Vec<Value>) {
    let settled = lot.left.min(*debt);
    if settled > 0 {
        lot.left -= settled;
        *debt -= settled;
        entries.push(entry(EntryKind::Settle, currency, Some(lot), settled, cause));
    }
}

impl Lot {
    /// A lot of this currency as its terms are now; its grant's formula is still to be set.
    pub fn new(rules: Currency, wait: Option<Wait>, order: Option<&str>, at: Time, calendar: Calendar) -> Lot {
        let mut lot =
            Lot { order: order.map(str::to_string), floor: rules.round().0, refund: rules.refund(), ..Lot::default() };
        // A whole number goes without saying.
        lot.floor = if lot.floor > 1 { lot.floor } else { 0 };
        // An event of the order can only be waited for where there is an order (loyalty.md section 2).
        let wait = wait.or_else(|| rules.pending().map(Pending::wait));
        lot.delay(wait.filter(|wait| wait.from.is_none() || order.is_some()), at, calendar);
        lot.begin(rules, at, calendar);
        lot
    }

    /// From when on they live, and how long.
    pub fn begin(&mut self, rules: Currency, at: Time, calendar: Calendar) {
        let Some(expiry) = rules.expiry() else { return };
        let life = expiry.after().map(Span::text).or_else(|| expiry.on().map(str::to_string));
        match (expiry.inactive(), expiry.from()) {
            (Some(inactive), _) => (self.idle, self.life) = (true, Some(inactive.text())),
            (None, ExpiryFrom::Earn) => self.expires_at = life.and_then(|life| calendar.life(at, &life)),
            (None, ExpiryFrom::Active) => self.life = life,
        }
    }

    /// From when on they wait, and for what.
    pub fn delay(&mut self, wait: Option<Wait>, at: Time, calendar: Calendar) {
        self.active_at = match wait {
            Some(Wait { from: Some(_), .. }) => None,
            Some(wait) => Some(calendar.add(at, wait.after, Ends::Wait)),
            None => Some(at),
        };
        self.wait = wait.map(|wait| wait.after.text());
        self.wait_from = wait.and_then(|wait| wait.from).map(str::to_string);
    }

    /// Whether this event of an order starts its wait.
    pub fn starts(&mut self, name: &str, order: &str, at: Time, calendar: Calendar) -> bool {
        let waits = self.wait_from.as_deref() == Some(name) && self.active_at.is_none();
        let starts = waits && self.order.as_deref() == Some(order);
        if starts {
            let wait = self.wait.as_deref().and_then(Span::parse).unwrap_or_default();
            self.active_at = Some(calendar.add(at, wait, Ends::Wait));
        }
        starts
    }

    /// The grant for this base, rounded once; `kept`: whether anything of the order is left.
    pub fn amount(&self, base: i64, kept: bool) -> i64 {
        let exact = match self.denominator {
            0 if kept => self.numerator,
            0 => 0,
            denominator => Rate(self.numerator, denominator).of(base.max(0)),
        };
        let amount = match self.most {
            0 => self.rounded(exact),
            most => self.rounded(exact).min(most),
        };
        if self.over == 0 { amount } else { self.rounded(Rate(self.times, self.over).of(amount)) }
    }

    /// Down to what the currency allows.
    pub fn rounded(&self, exact: i64) -> i64 {
        exact - exact % self.floor.max(1)
    }

    /// Whether anything can still come of it: points are left, or may come back, or may be taken back.
    fn matters(&self) -> bool {
        self.left > 0 || self.held > 0 || self.bound || (self.order.is_some() && self.granted > 0)
    }

    /// The lot that holds its grant.
    fn head(&self) -> i64 {
        if self.of == 0 { self.id } else { self.of }
    }
}

impl Account {
    /// The place of a lot.
    fn place(&self, id: i64) -> Option<usize> {
        self.lots.iter().rposition(|lot| lot.id == id)
    }

    /// A lot by its id.
    pub fn lot(&mut self, id: i64) -> Option<&mut Lot> {
        let place = self.place(id)?;
        self.lots.get_mut(place)
    }

    /// When a lot is gone.
    fn ends(&self, lot: &Lot) -> Option<Time> {
        if lot.idle { self.idle_at } else { lot.expires_at }
    }

    /// When a lot next becomes usable or expires.
    fn changes(&self, lot: &Lot) -> Option<Time> {
        let waits = lot.active_at.filter(|_| !lot.active);
        waits.into_iter().chain(self.ends(lot)).min().filter(|_| lot.left > 0)
    }

    fn due(&self) -> Option<Time> {
        match self.ahead.known {
            true => self.ahead.due,
            false => self.lots.iter().filter_map(|lot| self.changes(lot)).min(),
        }
    }

    /// Finds out what lies ahead, where it is not known.
    fn look(&mut self) {
        if self.ahead.known {
            return;
        }
        let mut ahead = Ahead { known: true, ..Ahead::default() };
        for lot in &self.lots {
            ahead.add(lot, self.changes(lot));
        }
        self.ahead = ahead;
    }

    /// Something was earned or used: what goes when nothing happens goes that much later.
    fn touch(&mut self, at: Time, calendar: Calendar) {
        if let Some(idle) = self.idle.as_deref().and_then(Span::parse) {
            self.idle_at = Some(calendar.add(at, idle, Ends::Validity));
        }
    }

    /// All that is due at this moment happens.
    fn turn_to(&mut self, at: Time, currency: &str, calendar: Calendar, entries: &mut Vec<Value>) {
        let cause = Cause { event: None, at };
        let idle = self.idle_at.is_some_and(|idle_at| idle_at <= at);
        for index in 0..self.lots.len() {
            let Some(lot) = self.lots.get(index) else { break };
            let changes = self.changes(lot).is_some_and(|due| due <= at);
            let ends = self.ends(lot).is_some_and(|ends| ends <= at);
            let Some(lot) = self.lots.get_mut(index) else { break };
            if idle && lot.idle {
                (lot.idle, lot.expires_at) = (false, self.idle_at);
            }
            match changes {
                true if ends => self.lapse(index, currency, cause, entries),
                true => activate(lot, &mut self.debt, currency, at, calendar, entries),
                false => (),
            }
        }
        if idle {
            self.idle_at = None;
        }
        self.forget();
    }

    /// What is left of a lot is lost to time.
    fn lapse(&mut self, index: usize, currency: &str, cause: Cause, entries: &mut Vec<Value>) {
        let Some(lot) = self.lots.get_mut(index).filter(|lot| lot.left > 0) else { return };
        entries.push(entry(EntryKind::Expire, currency, Some(lot), lot.left, cause));
        self.expired += lot.left;
        lot.expired += lot.left;
        lot.left = 0;
    }

    /// The next lot to be used, of those with points left.
    fn soonest(&self, of: &dyn Fn(&Lot) -> bool) -> Option<usize> {
        let lots = self.lots.iter().enumerate().filter(|(_, lot)| lot.left > 0 && of(lot));
        let key = |lot: &Lot| (self.ends(lot).is_none(), self.ends(lot), lot.active_at, lot.id);
        lots.min_by_key(|(_, lot)| key(lot)).map(|(index, _)| index)
    }

    /// Takes grants back down to what is due for `base`: from the lot and its parts, then from all of the order, then from other
    /// active lots in spending order; the rest is owed or written off (fine print 5). What expired is not taken again.
    fn reverse(
        &mut self,
        of: &dyn Fn(&Lot) -> bool,
        base: i64,
        currency: &str,
        cause: Cause,
        entries: &mut Vec<Value>,
    ) {
        let mut rest = Vec::new();
        for index in 0..self.lots.len() {
            let Some(head) = self.lots.get(index).filter(|lot| lot.of == 0 && of(lot)) else { continue };
            let (id, granted) = (head.id, head.granted);
            let now = head.amount(base, base > 0).min(granted);
            if let Some(head) = self.lots.get_mut(index) {
                head.granted = now;
            }
            let owed = self.take(granted - now, &|lot| lot.id == id, currency, cause, entries);
            let mut owed = self.take(owed, &|lot| lot.of == id, currency, cause, entries);
            // What was lost to time stands for what is to be taken back, once.
            for lot in self.lots.iter_mut().filter(|lot| lot.head() == id) {
                let lost = owed.min(lot.expired);
                lot.expired -= lost;
                owed -= lost;
            }
            if owed > 0 {
                rest.push((index, owed));
            }
        }
        for (index, owed) in rest {
            let Some(head) = self.lots.get(index) else { continue };
            let (order, policy) = (head.order.clone(), head.refund);
            let owed = self.take(owed, &|lot| order.is_some() && lot.order == order, currency, cause, entries);
            let owed = self.take(owed, &|lot| lot.active, currency, cause, entries);
            if owed == 0 {
                continue;
            }
            if let Some(head) = self.lots.get_mut(index) {
                head.short += owed;
            }
            match policy {
                RefundPolicy::Debt => {
                    self.reversed += owed;
                    self.debt += owed;
                    entries.push(entry(EntryKind::Debt, currency, None, owed, cause));
                }
                RefundPolicy::WithinBalance => {
                    self.written_off += owed;
                    entries.push(entry(EntryKind::WriteOff, currency, None, owed, cause));
                }
            }
        }
        self.forget();
    }

    /// Takes points back from lots in spending order; how much is still owed.
    fn take(
        &mut self,
        mut owed: i64,
        of: &dyn Fn(&Lot) -> bool,
        currency: &str,
        cause: Cause,
        entries: &mut Vec<Value>,
    ) -> i64 {
        while owed > 0 {
            let Some(lot) = self.soonest(of).and_then(|index| self.lots.get_mut(index)) else { break };
            let part = owed.min(lot.left);
            lot.left -= part;
            entries.push(entry(EntryKind::Reverse, currency, Some(lot), part, cause));
            self.reversed += part;
            owed -= part;
        }
        owed
    }

    /// Points that came back pay what of their own grant is owed or was written off: up to so many; how many did.
    fn pay(&mut self, index: usize, most: i64, currency: &str, cause: Cause, entries: &mut Vec<Value>) -> i64 {
        let Some(lot) = self.lots.get_mut(index) else { return 0 };
        let (kind, owed) = match lot.refund {
            RefundPolicy::Debt => (EntryKind::Settle, &mut self.debt),
            RefundPolicy::WithinBalance => (EntryKind::Reverse, &mut self.written_off),
        };
        let paid = most.min(*owed);
        if paid > 0 {
            lot.left -= paid;
            *owed -= paid;
            if kind == EntryKind::Reverse {
                self.reversed += paid;
            }
            entries.push(entry(kind, currency, Some(lot), paid, cause));
        }
        paid
    }

    /// Drops lots of which nothing can come any more. The head of a part stays with it.
    pub(super) fn forget(&mut self) {
        let parts = self.lots.iter().filter(|lot| lot.of != 0 && lot.matters());
        let heads: Vec<i64> = parts.map(|lot| lot.of).collect();
        self.lots.retain(|lot| lot.matters() || heads.contains(&lot.id));
        self.ahead.known = false;
        self.look();
    }

    /// What is active, or what is not yet.
    pub fn sum(&self, active: bool) -> i64 {
        self.lots.iter().filter(|lot| lot.active == active).map(|lot| lot.left).sum()
    }

    /// The shape of contract.md section 3, `progress.currencies`.
    pub fn progress(&self) -> Map {
        let held = || self.lots.iter().filter(|lot| lot.active && lot.left > 0);
        let next = held().filter_map(|lot| self.ends(lot)).min();
        let amount: i64 = held().filter(|lot| next.is_some() && self.ends(lot) == next).map(|lot| lot.left).sum();
        let next_expiry = next.map(|at| Map::of([("amount", amount.into()), ("at", at.text().into())]));
        Map::of([
            ("earned", self.earned.into()),
            ("pending", self.sum(false).into()),
            ("active", self.sum(true).into()),
            ("spent", self.spent.into()),
            ("expired", self.expired.into()),
            ("reversed", self.reversed.into()),
            ("writtenOff", self.written_off.into()),
            ("debt", self.debt.into()),
            ("nextExpiry", next_expiry.map_or(Value::Null, Value::Map)),
        ])
    }

    /// Whether the account balances.
    pub fn balances(&self) -> bool {
        self.earned == self.sum(false) + self.sum(true) + self.spent + self.expired + self.reversed - self.debt
    }
}

/// One line of the ledger about a lot, or about none. Rule, version and expiry stand in the line that opened the lot.
fn entry(kind: EntryKind, currency: &str, lot: Option<&Lot>, amount: i64, cause: Cause) -> Value {
    let rest = [lot.map(|lot| lot.id).into(), Value::Null, Value::Null, Value::Null, Value::Null];
    written(kind, currency, amount, cause, rest)
}

/// A line as it is kept until the ledger is erased: the bare members in this order, nothing at the end where nothing applies.
/// Only [`lines`] reads it again.
#[cfg(feature = "studio")]
const MEMBERS: [&str; 10] =
    ["at", "type", "currency", "amount", "event", "lot", "expiresAt", "rule", "version", "reason"];

/// `rest`: lot, expiry, rule, version, reason.
pub(super) fn written(kind: EntryKind, currency: &str, amount: i64, cause: Cause, rest: [Value; 5]) -> Value {
    let mut line = Vec::new();
    let named = Some(currency).filter(|currency| !currency.is_empty());
    line.extend([cause.at.0.into(), kind.word().into(), named.into(), amount.into(), cause.event.into()]);
    line.extend(rest);
    while line.last().is_some_and(Value::is_null) {
        line.pop();
    }
    line.into()
}

/// The shape of contract.md section 3, `ledger`: every key, null where it does not apply.
#[cfg(feature = "studio")]
pub fn lines(entries: &[Value]) -> Vec<Value> {
    // What is known of each lot so far.
    let mut lots: std::collections::BTreeMap<i64, Map> = Default::default();
    let mut lines = Vec::new();
    for entry in entries {
        // Version 1 of the snapshot held objects.
        let mut members: Map = entry.map().cloned().unwrap_or_default();
        for (key, value) in MEMBERS.into_iter().zip(entry.list()) {
            members.set(key, value.clone());
        }
        if let Some(lot) = members.get("lot").and_then(Value::integer) {
            let known = lots.entry(lot).or_default();
            for key in ["rule", "version", "expiresAt"] {
                match members.get(key) {
                    None | Some(Value::Null) => members.set(key, known.get(key).cloned().unwrap_or_default()),
                    Some(told) => known.set(key, told.clone()),
                }
            }
        }
        let keys = ["at", "event", "currency", "lot", "type", "amount", "rule", "version", "reason", "expiresAt"];
        let line = keys.into_iter().map(|key| {
            let member = members.get(key).cloned().unwrap_or_default();
            let instant = matches!(key, "at" | "expiresAt");
            (key, if instant { super::time_value(member.integer().map(Time)) } else { member })
        });
        lines.push(line.collect::<Map>().into());
    }
    lines
}

/// The progress of all currencies of a program, those never earned too; `cash` is what is active, in money.
pub fn progress(currencies: Table<Currency>, loyalty: &Loyalty) -> Value {
    let mut all = Map::new();
    let mut tell = |id: &str, account: &Account| {
        let mut progress = account.progress();
        if let Some(cash) = currencies.get(id).and_then(Currency::cash) {
            progress.append("cash", Rate(cash, 1).of(account.sum(true)).into());
        }
        all.set(id, progress.with("status", super::checkpoint::status(loyalty, id)));
    };
    for (id, _) in currencies.iter() {
        tell(id, &Account::default());
    }
    for (id, account) in loyalty.accounts.iter() {
        tell(id, account);
    }
    all.into()
}
