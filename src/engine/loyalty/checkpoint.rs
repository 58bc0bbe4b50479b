//! Checkpoints: a server's signed word on an account as of a moment (contract.md section 5).
//!
//! The engine checks no signature: the host does, and hands over the payload where it is good (`Signal::proven`). What happened up
//! to that moment counts no more: the account is brought to what the server says, by lines of the ledger with the reason
//! `checkpoint`, so that it balances and everyone sees what changed. What came after is folded on top.

use super::ledger::{Account, Cause, EntryKind, Lot, written};
use super::{Loyalty, Turn, redemption};
use crate::engine::base::record::Named;
use crate::engine::base::time::{MINUTE, Time};
use crate::engine::base::value::Value;
use crate::engine::profile::Grant;
use crate::engine::signal::Signal;
use crate::record;

/// A server's clock may run ahead of the device's by so much; a word on a later moment would swallow all that happens until then.
const AHEAD: i64 = 5 * MINUTE;

/// The reason of lines that bring the account to what a server says; and where it speaks of a moment that cannot be folded again,
/// so that what came between that and the line is covered, too.
const REASON: &str = "checkpoint";
const REASON_LATE: &str = "checkpoint:late";

record! {
    /// The checkpoint that holds.
    pub struct Checkpoint {
        /// Its number; a later one is higher.
        "seq" sequence: i64,
        /// The moment up to which it speaks; none before the first.
        "asOf" as_of: Option<Time>,
        /// By currency it speaks of, how many lines the ledger had then.
        "lines" lines: Named<i64>,
    }
}

/// What a checkpoint says, once it holds.
pub struct Claims<'a> {
    payload: &'a Value,
    sequence: i64,
    /// The moment up to which it speaks.
    pub as_of: Time,
}

/// Shows the members of an object, if it is one. Through `dyn`: compiled once.
#[inline(never)]
fn each<'a>(value: &'a Value, see: &mut dyn FnMut(&'a str, &'a Value)) {
    if let Some(map) = value.map() {
        for (key, member) in map.iter() {
            see(key, member);
        }
    }
}

fn instant(value: &Value) -> Option<Time> {
    value.text().and_then(Time::parse).map(|(at, _)| at)
}

/// A count that is not negative; nothing is zero.
fn amount(value: &Value) -> Option<i64> {
    if value.is_null() { Some(0) } else { value.integer().filter(|amount| *amount >= 0) }
}

impl<'a> Claims<'a> {
    /// What a signal claims, or in a word why it does not count.
    pub fn of(signal: &'a Signal) -> Result<Claims<'a>, &'static str> {
        let payload = &signal.proof;
        if payload.map().is_none() {
            let known = ["signature", "key", "payload"].into_iter().find(|word| payload.text() == Some(word));
            return Err(known.unwrap_or("unverified"));
        }
        let member = |key| payload.field(key);
        let (sequence, as_of, ends) = (member("seq").integer(), instant(member("asOf")), instant(member("exp")));
        let (Some(sequence), Some(as_of), Some(ends)) = (sequence, as_of, ends) else { return Err("payload") };
        let claims = Claims { payload, sequence, as_of };
        let mut sound = true;
        each(member("currencies"), &mut |_, holding| sound &= claims.lots(holding).is_some());
        each(member("tiers"), &mut |_, tier| sound &= tier.map().is_some());
        each(member("meters"), &mut |_, value| sound &= value.integer().is_some());
        match () {
            _ if !sound => Err("payload"),
            _ if member("user").text().is_none() || member("user").text() != signal.user.as_deref() => Err("user"),
            _ if ends <= signal.received => Err("expired"),
            _ if as_of > signal.received.plus(AHEAD) => Err("ahead"),
            _ => Ok(claims),
        }
    }

    /// Shows what each meter shows.
    pub fn meters(&self, see: &mut dyn FnMut(&'a str, i64)) {
        each(self.payload.field("meters"), &mut |id, value| see(id, value.integer().unwrap_or(0)));
    }

    /// Shows the level of each tier; nothing of something that is bought, and is not held.
    pub fn levels(&self, see: &mut dyn FnMut(&'a str, &'a str)) {
        each(self.payload.field("tiers"), &mut |id, tier| see(id, tier.field("level").text().unwrap_or_default()));
    }

    /// Shows the orders it knows, each with what it is still worth in minor units: zero where it does not say.
    pub fn orders(&self, see: &mut dyn FnMut(&'a str, i64)) {
        each(self.payload.field("currencies"), &mut |_, holding| {
            for lot in holding.field("lots").list() {
                if let Some(order) = lot.field("order").text() {
                    see(order, amount(lot.field("value")).unwrap_or(0));
                }
            }
        });
    }

    /// Whether it says what a meter shows.
    pub fn names(&self, meter: &str) -> bool {
        !self.payload.field("meters").field(meter).is_null()
    }

    /// Shows the purposes that are denied. What it says is granted does not count: only the shopper's own page asks for that.
    pub fn denials(&self, see: &mut dyn FnMut(&'a str)) {
        each(self.payload.field("consent"), &mut |purpose, answer| {
            if Grant::answer(answer) == Grant::Denied {
                see(purpose);
            }
        });
    }

    /// The lots of a currency; none where they are more than `active` and `pending` say. What those say beyond the lots never
    /// expires, or waits for an event.
    fn lots(&self, holding: &Value) -> Option<Vec<Lot>> {
        let (mut active, mut pending) = (amount(holding.field("active"))?, amount(holding.field("pending"))?);
        amount(holding.field("debt"))?;
        let mut lots = Vec::new();
        for lot in holding.field("lots").list() {
            let left = amount(lot.field("amount"))?;
            let active_at = instant(lot.field("activeAt"));
            let usable = active_at.is_some_and(|at| at <= self.as_of);
            let sum = if usable { &mut active } else { &mut pending };
            *sum -= left;
            let order = lot.field("order").text().map(str::to_string);
            let expires_at = instant(lot.field("expiresAt"));
            lots.push(Lot { order, active_at, expires_at, ..fixed(left, usable) });
        }
        for (left, usable) in [(active, true), (pending, false)] {
            if left < 0 {
                return None;
            }
            lots.push(Lot { active_at: usable.then_some(self.as_of), ..fixed(left, usable) });
        }
        lots.retain(|lot| lot.left > 0);
        Some(lots)
    }
}

/// A lot whose order is taken back whole or not at all.
fn fixed(amount: i64, active: bool) -> Lot {
    Lot { left: amount, granted: amount, numerator: amount, active, ..Lot::default() }
}

/// Takes in what a checkpoint says of points and levels, if it counts; whether it does.
pub fn hear(loyalty: &mut Loyalty, turn: Turn) -> bool {
    let Some(signal) = turn.signal else { return false };
    let cause = Cause { event: Some(signal.message()), at: turn.at };
    let held = &loyalty.checkpoint;
    let newer = |claims: &Claims| held.as_of.is_none() || claims.sequence > held.sequence;
    let claims = Claims::of(signal).and_then(|claims| if newer(&claims) { Ok(claims) } else { Err("sequence") });
    let claims = match claims {
        Ok(claims) => claims,
        Err(reason) => {
            let rest = [Value::Null, Value::Null, REASON.into(), Value::Null, reason.into()];
            loyalty.entries.push(written(EntryKind::Reject, "", 0, cause, rest));
            return false;
        }
    };
    let reason = if claims.as_of < turn.at { REASON_LATE } else { REASON };
    (loyalty.checkpoint.sequence, loyalty.checkpoint.as_of) = (claims.sequence, Some(claims.as_of));
    loyalty.enrolled.get_or_insert(claims.as_of);
    let listed = claims.payload.field("redemptions");
    redemption::settle(loyalty, (!listed.is_null()).then(|| listed.list()), turn, &mut |loyalty| {
        let currencies = claims.payload.field("currencies");
        each(currencies, &mut |currency, holding| {
            let debt = amount(holding.field("debt")).unwrap_or(0);
            let mut book = Book { loyalty, currency, cause, reason };
            book.bring(claims.lots(holding).unwrap_or_default(), debt);
        });
        loyalty.advance(turn.at, turn.calendar());
        let lines = loyalty.entries.len() as i64;
        each(currencies, &mut |currency, _| *loyalty.checkpoint.lines.entry(currency) = lines);
    });
    claims.levels(&mut |id, level| {
        let when = |key| instant(claims.payload.field("tiers").field(id).field(key));
        loyalty.tiers.entry(id).restart(level, when("since"), when("until"));
    });
    true
}

/// Whether a server's word is all that a currency rests on: `confirmed`, or `projected` where anything moved it since.
pub fn status(loyalty: &Loyalty, currency: &str) -> &'static str {
    let Some(lines) = loyalty.checkpoint.lines.get(currency) else { return "projected" };
    let later = loyalty.entries.iter().skip(usize::try_from(*lines).unwrap_or(0));
    let moved = later.map(Value::list).any(|line| match line {
        [_, kind, of, ..] => of.text() == Some(currency) && kind.text() != Some(EntryKind::Reject.word()),
        _ => false,
    });
    if moved { "projected" } else { "confirmed" }
}

/// Where corrections of one currency are booked.
struct Book<'a> {
    loyalty: &'a mut Loyalty,
    currency: &'a str,
    cause: Cause<'a>,
    reason: &'a str,
}

impl Book<'_> {
    fn account(&mut self) -> &mut Account {
        self.loyalty.accounts.entry(self.currency)
    }

    fn line(&mut self, kind: EntryKind, amount: i64, lot: Option<i64>, expires_at: Option<Time>) {
        let rest = [lot.into(), expires_at.map(|at| at.0).into(), Value::Null, Value::Null, self.reason.into()];
        self.loyalty.entries.push(written(kind, self.currency, amount, self.cause, rest));
    }

    /// Brings the account to these lots and this debt.
    fn bring(&mut self, wanted: Vec<Lot>, debt: i64) {
        let (owed, mut held) = (self.account().debt, std::mem::take(&mut self.account().lots));
        if owed > debt {
            self.account().earned += owed - debt;
            self.line(EntryKind::Earn, owed - debt, None, None);
            self.line(EntryKind::Settle, owed - debt, None, None);
        } else if debt > owed {
            self.account().reversed += debt - owed;
            self.line(EntryKind::Debt, debt - owed, None, None);
        }
        self.account().debt = debt;
        let mut lots = Vec::new();
        for lot in wanted {
            // The same lot as here: its terms stay, and only what differs is told.
            let same = held.iter().position(|held| {
                held.order == lot.order
                    && match held.active {
                        true => lot.active && (held.idle || held.expires_at == lot.expires_at),
                        false => held.left > 0 && (held.order.is_some() || held.active_at == lot.active_at),
                    }
            });
            lots.push(match same {
                Some(index) => self.adjust(held.remove(index), lot),
                None => self.open(lot),
            });
        }
        for mut lot in held {
            if lot.left > 0 {
                self.account().reversed += lot.left;
                self.line(EntryKind::Reverse, lot.left, Some(lot.id), None);
                (lot.granted, lot.left) = ((lot.granted - lot.left).max(0), 0);
            }
            lots.push(lot);
        }
        self.account().lots = lots;
        self.account().forget();
    }

    fn open(&mut self, mut lot: Lot) -> Lot {
        self.loyalty.lots += 1;
        lot.id = self.loyalty.lots;
        self.account().earned += lot.left;
        self.line(EntryKind::Earn, lot.left, Some(lot.id), lot.expires_at);
        if lot.active {
            self.line(EntryKind::Activate, lot.left, Some(lot.id), None);
        }
        lot
    }

    fn adjust(&mut self, mut held: Lot, lot: Lot) -> Lot {
        let more = lot.left - held.left;
        if more > 0 {
            self.account().earned += more;
            self.line(EntryKind::Earn, more, Some(held.id), None);
        } else if more < 0 {
            self.account().reversed -= more;
            self.line(EntryKind::Reverse, -more, Some(held.id), None);
        }
        (held.left, held.granted) = (lot.left, (held.granted + more).max(0));
        if held.idle && lot.expires_at.is_some() {
            self.account().idle_at = lot.expires_at;
        }
        if !held.active {
            held.active_at = lot.active_at.or(held.active_at);
            held.expires_at = lot.expires_at.or(held.expires_at);
            if lot.active {
                held.active = true;
                (held.wait, held.wait_from, held.life) = (None, None, None);
                self.line(EntryKind::Activate, held.left, Some(held.id), held.expires_at);
            }
        }
        held
    }
}
