//! The account of points: lots with their own dates, pinned to what granted them (loyalty.md section 3).
//!
//! After every change `earned = pending + active + spent + expired + reversed − debt`. Integers only.

use super::Loyalty;
use super::program::Rate;
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, forms};
use crate::engine::base::document::{Part, Table};
use crate::engine::base::time::{Ends, Span, Time, Zones};
use crate::engine::base::value::{Map, Value};
use crate::engine::message::template::Text;
use crate::{document, record, scalar, words};

document! {
    /// One kind of points.
    pub struct Currency {
        /// Its name in words.
        "label" label: Option<Text<'a>> = None,
        /// How long a grant waits before it can be used.
        "pending" pending: Option<Pending<'a>> = None,
        /// How long it can be used.
        "expiry" expiry: Option<Expiry<'a>> = None,
        /// In which order it is used: `soonestExpiry`.
        "spend" spend: SpendOrder = SpendOrder::SoonestExpiry,
        /// What a refund does when the points are already spent: `debt` or `withinBalance`.
        "refund" refund: RefundPolicy = RefundPolicy::Debt,
        /// What becomes of points that expired while they were used, when that is cancelled: `forfeit`, or `extend:P30D`.
        "cancelExpired" cancel_expired: CancelExpired = CancelExpired::Forfeit,
        /// Grants are rounded down: `floor` to a whole number, or `{"floor": 10}` to a multiple.
        "round" round: Round = Round(1),
        /// What one of them is worth in minor units: the liability.
        "cash" cash: Option<i64> = None,
        /// Into which other currencies it can be changed, and how much of them it makes.
        "convert" convert: Table<'a, Rate> = Table::of(&Value::Null),
        /// Whether it can be used at all.
        "spendable" spendable: bool = true,
        /// The balance needed before any can be used.
        "minSpend" min_spend: i64 = 0,
    }

    /// How long points live: one of `after`, `inactive`, `on`.
    pub struct Expiry {
        /// Good for this long, the last day included.
        "after" after: Option<Span> = None,
        /// Counted from the event that earned them, `earn`, or from the day on which they became usable, `active`.
        "from" from: ExpiryFrom = ExpiryFrom::Earn,
        /// When on the last day: `endOfDay`.
        "round" round: ExpiryRound = ExpiryRound::EndOfDay,
        /// All of them go when so long nothing was earned or used.
        "inactive" inactive: Option<Span> = None,
        /// Good through this day of the year, `MM-DD`.
        "on" on: Option<&'a str> = None,
    }

    /// The long form of a wait.
    pub struct PendingFrom {
        /// The wait.
        "after" after: Span,
        /// The event of the same order it counts from, e.g. `order_delivered`; none: earning.
        "from" from: Option<&'a str> = None,
    }
}

words! {
    /// In which order points are used.
    pub enum SpendOrder {
        /// Those that expire soonest, then those that became usable first; what never expires last.
        "soonestExpiry" SoonestExpiry,
    }
}

words! {
    /// When on the last day points expire.
    pub enum ExpiryRound {
        /// When it ends.
        "endOfDay" EndOfDay,
    }
}

/// What becomes of points that expired while they were used, when that is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelExpired {
    /// They are gone.
    Forfeit,
    /// They are good for so long again.
    Extend(Span),
}

scalar!(
    CancelExpired,
    "forfeit, or extend:P30D",
    [("type", "string")],
    |value| match value.text() {
        Some("forfeit") => Some(CancelExpired::Forfeit),
        Some(text) => text.strip_prefix("extend:").and_then(Span::parse).map(CancelExpired::Extend),
        None => None,
    },
    CancelExpired::Forfeit
);

/// Grants are rounded down to a multiple of this.
#[derive(Clone, Copy)]
pub struct Round(pub i64);

scalar!(
    Round,
    "floor, or an object such as {\"floor\": 10}",
    [],
    |value| match value.text() {
        Some(word) => (word == "floor").then_some(Round(1)),
        None => value.field("floor").integer().filter(|floor| *floor > 0).map(Round),
    },
    Round(1)
);

words! {
    /// What a refund does when the points are already spent.
    pub enum RefundPolicy {
        /// The shopper owes them; the next points pay.
        "debt" Debt,
        /// They are written off.
        "withinBalance" WithinBalance,
    }
}

words! {
    /// Where an expiry counts from.
    pub enum ExpiryFrom {
        /// The event that earned them.
        "earn" Earn,
        /// The day on which they became active.
        "active" Active,
    }
}

/// How long a grant waits: a duration after earning, or after another event of the same order.
#[derive(Clone, Copy)]
pub struct Pending<'a>(&'a Value);

impl<'a> Pending<'a> {
    /// The wait.
    pub fn after(self) -> Span {
        if self.0.text().is_some() { Span::of(self.0) } else { PendingFrom(self.0).after() }
    }

    /// The event of the same order it counts from; none: earning.
    pub fn from(self) -> Option<&'a str> {
        PendingFrom(self.0).from()
    }
}

impl<'a> Part<'a> for Pending<'a> {
    fn of(value: &'a Value) -> Self {
        Pending(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        match value {
            Value::Map(_) => PendingFrom::check(value, check),
            value => Span::check(value, check),
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        forms(vec![Span::schema(defs), PendingFrom::schema(defs)])
    }
}

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
        /// Lots with points left, and those of orders that may still be refunded.
        "lots" lots: Vec<Lot>,
    }

    /// One earning, with the terms of then: later versions never rewrite them.
    pub struct Lot {
        /// Number, growing.
        "id" id: i64,
        /// The order that earned it.
        "order" order: Option<String>,
        /// What the order still entitles to: the grant less what refunds took.
        "granted" granted: i64,
        /// Points left in it.
        "left" left: i64,
        /// Points of it lost to time.
        "expired" expired: i64,
        /// Whether they can be used.
        "active" active: bool,
        /// When they become usable; none while an event is waited for.
        "activeAt" active_at: Option<Time>,
        /// The first instant at which they are gone.
        "expiresAt" expires_at: Option<Time>,
        /// Numerator of the rate; for a fixed grant the grant itself. Only of orders, which may be reckoned again.
        "numerator" numerator: i64,
        /// Denominator of the rate; 0 for a fixed grant.
        "denominator" denominator: i64,
        /// Rounded down to a multiple of this.
        "floor" floor: i64,
        /// The wait, and the event of the order that starts it; only until it is over.
        "wait" wait: Option<String>,
        /// See `wait`.
        "waitFrom" wait_from: Option<String>,
        /// How long they live once active; only until they are.
        "life" life: Option<String>,
        /// What a refund does when they are spent.
        "refund" refund: RefundPolicy,
    }
}

words! {
    /// What a line of the ledger says.
    pub enum EntryKind {
        /// Granted.
        "earn" Earn,
        /// Became usable.
        "activate" Activate,
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
        /// Not granted, with the reason.
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

/// The event behind a change.
#[derive(Clone, Copy)]
pub struct Cause<'a> {
    /// `messageId`; none where time alone did it.
    pub event: Option<&'a str>,
    /// When.
    pub at: Time,
}

/// An earning to be booked.
#[derive(Clone, Copy)]
pub struct Earning<'a> {
    /// Id of the currency.
    pub currency: &'a str,
    /// Its rules.
    pub rules: Currency<'a>,
    /// Id of the rule, or of what else grants.
    pub rule: &'a str,
    /// The program's version.
    pub version: i64,
    /// The order, if it is one.
    pub order: Option<&'a str>,
    /// How it is reckoned.
    pub base: Base,
}

/// How much is earned.
#[derive(Clone, Copy)]
pub struct Base {
    /// The grant itself, or what the rate multiplies: minor units or counts.
    pub amount: i64,
    /// The fraction of it that is granted.
    pub rate: Option<Rate>,
}

impl Loyalty {
    /// Books an earning as a new lot; an amount of zero is rejected with its reason.
    pub fn earn(&mut self, earning: Earning, cause: Cause, calendar: Calendar) {
        let Earning { currency, rules, rule, version, order, base } = earning;
        let (numerator, denominator) = base.rate.map_or((base.amount, 0), |rate| (rate.0, rate.1));
        // An event of the order can only be waited for where there is an order (loyalty.md section 2).
        let pending = rules.pending().filter(|pending| pending.from().is_none() || order.is_some());
        let expiry = rules.expiry();
        let once_active = expiry.filter(|expiry| expiry.from() == ExpiryFrom::Active);
        let add = |span: Span, ends: Ends| calendar.zones.add(calendar.zone, cause.at, span, ends);
        let mut lot = Lot {
            id: self.lots + 1,
            order: order.map(str::to_string),
            active_at: match pending {
                Some(pending) if pending.from().is_some() => None,
                Some(pending) => Some(add(pending.after(), Ends::Wait)),
                None => Some(cause.at),
            },
            expires_at: expiry
                .filter(|expiry| expiry.from() == ExpiryFrom::Earn)
                .and_then(|expiry| expiry.after())
                .map(|after| add(after, Ends::Validity)),
            numerator,
            denominator,
            floor: rules.round().0,
            wait: pending.map(|pending| pending.after().text()),
            wait_from: pending.and_then(|pending| pending.from()).map(str::to_string),
            life: once_active.and_then(|expiry| expiry.after()).map(Span::text),
            refund: rules.refund(),
            ..Lot::default()
        };
        let amount = lot.amount(base.amount, true);
        if amount <= 0 {
            return self.reject(currency, rule, version, "amount", cause);
        }
        (lot.granted, lot.left) = (amount, amount);
        if order.is_none() {
            (lot.numerator, lot.denominator, lot.floor) = (0, 0, 0);
        }
        self.lots += 1;
        let expiry = lot.expires_at.map(|at| at.0).into();
        let rest = [lot.id.into(), expiry, rule.into(), version.into(), Value::Null];
        self.entries.push(written(EntryKind::Earn, currency, amount, cause, rest));
        let account = self.accounts.entry(currency);
        account.earned += amount;
        account.lots.push(lot);
        self.advance(cause.at, calendar);
    }

    /// Notes why a rule that heard its event granted nothing.
    pub fn reject(&mut self, currency: &str, rule: &str, version: i64, reason: &str, cause: Cause) {
        let rest = [Value::Null, Value::Null, rule.into(), version.into(), reason.into()];
        self.entries.push(written(EntryKind::Reject, currency, 0, cause, rest));
    }

    /// An event of an order for which pending points wait.
    pub fn order_event(&mut self, name: &str, order: &str, at: Time, calendar: Calendar) {
        for (_, account) in self.accounts.iter_mut() {
            for lot in &mut account.lots {
                let waits = lot.wait_from.as_deref() == Some(name) && lot.active_at.is_none();
                if waits && lot.order.as_deref() == Some(order) {
                    let wait = lot.wait.as_deref().and_then(Span::parse).unwrap_or_default();
                    lot.active_at = Some(calendar.zones.add(calendar.zone, at, wait, Ends::Wait));
                }
            }
        }
        self.advance(at, calendar);
    }

    /// The order is now worth `base` less than it was, or nothing: its grants are reckoned again by their own terms.
    pub fn refund(&mut self, order: &str, base: i64, cause: Cause) {
        let Loyalty { accounts, entries, .. } = self;
        for (currency, account) in accounts.iter_mut() {
            for index in 0..account.lots.len() {
                let Some(lot) = account.lots.get_mut(index).filter(|lot| lot.order.as_deref() == Some(order)) else {
                    continue;
                };
                let now = lot.amount(base, base > 0).min(lot.granted);
                // What expired is gone already and is not taken a second time (fine print 5).
                let owed = (lot.granted - now).min(lot.granted - lot.expired).max(0);
                lot.granted = now.max(lot.expired);
                let own = owed.min(lot.left);
                lot.left -= own;
                let policy = lot.refund;
                if own > 0 {
                    entries.push(entry(EntryKind::Reverse, currency, Some(lot), own, cause));
                    account.reversed += own;
                }
                account.take_others(owed - own, policy, currency, cause, entries);
            }
            account.forget();
        }
    }

    /// Lets time pass up to and with `to`: waits end, points become usable and expire, in order of time.
    pub fn advance(&mut self, to: Time, calendar: Calendar) {
        let Loyalty { accounts, entries, .. } = self;
        for (currency, account) in accounts.iter_mut() {
            while let Some((at, id)) = account.due().filter(|(at, _)| *at <= to) {
                let Some(lot) = account.lots.iter_mut().find(|lot| lot.id == id) else { break };
                let cause = Cause { event: None, at };
                if lot.active || lot.expires_at == Some(at) {
                    entries.push(entry(EntryKind::Expire, currency, Some(lot), lot.left, cause));
                    account.expired += lot.left;
                    lot.expired += lot.left;
                    lot.left = 0;
                    continue;
                }
                lot.active = true;
                (lot.wait, lot.wait_from) = (None, None);
                let mut expiry = Value::Null;
                if let Some(life) = lot.life.take().as_deref().and_then(Span::parse) {
                    let at = calendar.zones.add(calendar.zone, at, life, Ends::Validity);
                    (lot.expires_at, expiry) = (Some(at), at.0.into());
                }
                let rest = [lot.id.into(), expiry, Value::Null, Value::Null, Value::Null];
                entries.push(written(EntryKind::Activate, currency, lot.left, cause, rest));
                let settled = account.debt.min(lot.left);
                if settled > 0 {
                    lot.left -= settled;
                    entries.push(entry(EntryKind::Settle, currency, Some(lot), settled, cause));
                    account.debt -= settled;
                }
            }
            account.forget();
        }
    }

    /// When time alone will next change the ledger.
    pub fn due(&self) -> Option<Time> {
        self.accounts.iter().filter_map(|(_, account)| account.due()).map(|(at, _)| at).min()
    }
}

impl Lot {
    /// The grant for this base, rounded once; `kept`: whether anything of the order is left.
    fn amount(&self, base: i64, kept: bool) -> i64 {
        let exact = match self.denominator {
            0 if kept => self.numerator,
            0 => 0,
            // base × numerator / denominator without leaving 64 bits: quotient and remainder apart.
            denominator => {
                let (whole, rest) = (base.max(0) / denominator, base.max(0) % denominator);
                whole.saturating_mul(self.numerator).saturating_add(rest.saturating_mul(self.numerator) / denominator)
            }
        };
        exact - exact % self.floor.max(1)
    }
}

impl Account {
    /// The next lot to become usable or to expire, soonest first.
    fn due(&self) -> Option<(Time, i64)> {
        self.lots
            .iter()
            .filter(|lot| lot.left > 0)
            .filter_map(|lot| {
                let waits = lot.active_at.filter(|_| !lot.active);
                waits.into_iter().chain(lot.expires_at).min().map(|at| (at, lot.id))
            })
            .min()
    }

    /// Takes back from other active lots in spending order; the rest is owed or written off.
    fn take_others(
        &mut self,
        mut owed: i64,
        policy: RefundPolicy,
        currency: &str,
        cause: Cause,
        entries: &mut Vec<Value>,
    ) {
        while owed > 0 {
            let next = self.lots.iter_mut().filter(|lot| lot.active && lot.left > 0);
            let Some(lot) = next.min_by_key(|lot| (lot.expires_at.is_none(), lot.expires_at, lot.active_at, lot.id))
            else {
                break;
            };
            let part = owed.min(lot.left);
            lot.left -= part;
            entries.push(entry(EntryKind::Reverse, currency, Some(lot), part, cause));
            self.reversed += part;
            owed -= part;
        }
        if owed > 0 {
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
    }

    /// Drops lots of which nothing can come back: no points left and no order that could be refunded.
    pub(super) fn forget(&mut self) {
        self.lots.retain(|lot| lot.left > 0 || (lot.order.is_some() && lot.granted > 0));
    }

    fn sum(&self, active: bool) -> i64 {
        self.lots.iter().filter(|lot| lot.active == active).map(|lot| lot.left).sum()
    }

    /// The shape of contract.md section 3, `progress.currencies`.
    pub fn progress(&self) -> Map {
        let next = self.lots.iter().filter(|lot| lot.active && lot.left > 0).filter_map(|lot| lot.expires_at).min();
        let amount: i64 = self
            .lots
            .iter()
            .filter(|lot| lot.active && lot.expires_at == next && next.is_some())
            .map(|lot| lot.left)
            .sum();
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

/// The progress of all currencies of a program, those never earned too.
pub fn progress(currencies: Table<Currency>, loyalty: &Loyalty) -> Value {
    let mut all = Map::new();
    let mut tell = |id: &str, account: &Account| {
        all.set(id, account.progress().with("status", super::checkpoint::status(loyalty, id)));
    };
    for (id, _) in currencies.iter() {
        tell(id, &Account::default());
    }
    for (id, account) in loyalty.accounts.iter() {
        tell(id, account);
    }
    all.into()
}
