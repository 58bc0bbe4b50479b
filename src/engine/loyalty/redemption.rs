//! Redemptions: points that are used, confirmed by a server, given back, or changed into others.

use super::currency::CancelExpired;
use super::ledger::{Lot, Origin, Taken};
use super::reward::{self, Reward};
use super::{Loyalty, Turn, board};
use crate::engine::base::record::Named;
use crate::engine::base::time::Time;
use crate::engine::base::value::Value;
use crate::engine::signal::{Kind, Signal, id_text};
use crate::{record, words};

record! {
    /// Points that were used.
    pub struct Redemption {
        /// When.
        "at" at: Time,
        /// What it got, if it is a reward of the program.
        "reward" reward: Option<String>,
        /// What became of it.
        "fate" fate: Fate,
        /// Nothing of it comes back.
        "final" is_final: bool,
        /// The points, which may come back.
        "taken" taken: Vec<Take>,
    }

    /// Points of one lot.
    pub struct Take {
        /// The currency.
        "currency" currency: String,
        /// The lot.
        "lot" lot: i64,
        /// How many.
        "amount" amount: i64,
    }
}

words! {
    /// What became of a redemption.
    pub enum Fate {
        /// A server is to answer.
        "open" Open,
        /// A server confirmed it.
        "confirmed" Confirmed,
        /// It was cancelled.
        "cancelled" Cancelled,
    }
}

/// Points may have been used or given back.
pub fn hear(loyalty: &mut Loyalty, turn: Turn) {
    let Some(signal) = turn.signal.filter(|signal| signal.kind == Kind::Track && !signal.ours) else { return };
    let id = || id_text(turn.property("redemption_id")).unwrap_or_else(|| signal.id.clone());
    match turn.event() {
        "spend_virtual_currency" => spend(loyalty, &id(), signal, turn),
        "redemption_cancelled" => cancel(loyalty, &id(), turn),
        "redemption_confirmed" => match loyalty.redemptions.get_mut(&id()) {
            Some(redemption) if redemption.fate == Fate::Open => redemption.fate = Fate::Confirmed,
            Some(_) => (),
            None => loyalty.reject(None, None, "unknown", turn),
        },
        "convert_virtual_currency" => convert(loyalty, signal, turn),
        _ => (),
    }
}

/// How many points a signal names.
fn named(signal: &Signal, turn: Turn) -> Option<i64> {
    crate::engine::meter::amount(signal, "value", turn.house).filter(|_| !turn.property("value").is_null())
}

fn spend(loyalty: &mut Loyalty, id: &str, signal: &Signal, turn: Turn) {
    let currency = turn.property("virtual_currency_name").text();
    let known = |key: &str| {
        let id = turn.property(key).text()?;
        turn.program.rewards().iter().find(|reward| reward.id() == id)
    };
    let reward = known("reward").or_else(|| known("item_name"));
    let rule = reward.map(Reward::id);
    // What the reward costs; of what the signal names, more than that where it says so.
    let mut costs: Vec<(&str, i64)> = reward.map_or_else(Vec::new, |reward| reward.cost().iter().collect());
    if let (Some(currency), Some(value)) = (currency, named(signal, turn)) {
        match costs.iter_mut().find(|(known, _)| *known == currency) {
            Some((_, cost)) => *cost = value.max(*cost),
            None if reward.is_none() => costs.push((currency, value)),
            None => (),
        }
    }
    let unknown = reward.is_none() && (currency.is_none() || !turn.property("reward").is_null());
    let reason = match () {
        () if loyalty.redemptions.get(id).is_some() => Some("once"),
        () if unknown => Some("unknown"),
        () => reward.and_then(|reward| reward::refusal(loyalty, reward, turn)),
    };
    let lacking =
        || costs.iter().find_map(|(currency, amount)| Some((*currency, lacks(loyalty, currency, *amount, turn)?)));
    if let Some((of, reason)) = reason.map(|reason| (currency.unwrap_or_default(), reason)).or_else(lacking) {
        return loyalty.reject(Some(of), rule, reason, turn);
    }
    let is_final = reward.is_some_and(Reward::is_final);
    let mut taken = Vec::new();
    for (currency, amount) in costs {
        for Taken { lot, amount } in loyalty.spend(currency, amount, !is_final, rule, turn).unwrap_or_default() {
            taken.push(Take { currency: currency.to_string(), lot, amount });
        }
    }
    if is_final {
        taken.clear();
    }
    let reward = rule.map(str::to_string);
    *loyalty.redemptions.entry(id) = Redemption { at: turn.at, reward, fate: Fate::Open, is_final, taken };
    if let Some(reward) = rule {
        reward::give(&mut loyalty.wallet, reward, id, turn);
    }
}

/// Why so many points of a currency cannot be used.
fn lacks(loyalty: &Loyalty, currency: &str, amount: i64, turn: Turn) -> Option<&'static str> {
    let Some(rules) = turn.program.currencies().get(currency) else { return Some("unknown") };
    let active = loyalty.accounts.get(currency).map_or(0, |account| account.sum(true));
    match () {
        () if !rules.spendable() => Some("notSpendable"),
        () if amount <= 0 => Some("amount"),
        () if active < rules.min_spend() => Some("minSpend"),
        () => (active < amount).then_some("insufficient"),
    }
}

fn cancel(loyalty: &mut Loyalty, id: &str, turn: Turn) {
    let reason = match loyalty.redemptions.get_mut(id) {
        None => "unknown",
        Some(redemption) if redemption.is_final => "final",
        Some(redemption) if redemption.fate == Fate::Cancelled => "once",
        Some(redemption) => {
            redemption.fate = Fate::Cancelled;
            give_back(loyalty, id, turn);
            reward::revoke(&mut loyalty.wallet, id);
            return;
        }
    };
    loyalty.reject(None, None, reason, turn);
}

/// The points of a redemption come back.
fn give_back(loyalty: &mut Loyalty, id: &str, turn: Turn) {
    let Some(redemption) = loyalty.redemptions.get_mut(id) else { return };
    let taken = std::mem::take(&mut redemption.taken);
    let mut rest = taken.as_slice();
    while let Some(Take { currency, .. }) = rest.first() {
        let (these, others) = rest.split_at(rest.iter().take_while(|take| take.currency == *currency).count());
        rest = others;
        let rules = turn.program.currencies().get(currency);
        let expired = rules.map_or(CancelExpired::Forfeit, |rules| rules.cancel_expired());
        let these: Vec<_> = these.iter().map(|take| Taken { lot: take.lot, amount: take.amount }).collect();
        loyalty.restore(currency, &these, expired, turn);
    }
}

/// A server's word settles what was used before: what it confirms stands, and what it says nothing of is tried again on the account
/// that `bring` makes (fine print 13). Where it speaks of no redemptions at all, all of them are in its account.
pub fn settle(loyalty: &mut Loyalty, confirmed: Option<&[Value]>, turn: Turn, bring: &mut dyn FnMut(&mut Loyalty)) {
    let mut open: Vec<(Time, String, Named<i64>)> = Vec::new();
    for (id, redemption) in loyalty.redemptions.iter_mut() {
        let listed = |ids: &[Value]| ids.iter().any(|listed| listed.text() == Some(id));
        match (redemption.fate, confirmed) {
            (Fate::Open, Some(ids)) if !redemption.is_final && !listed(ids) => {
                let mut costs: Named<i64> = Named::default();
                for take in &redemption.taken {
                    *costs.entry(&take.currency) += take.amount;
                }
                let place = open.iter().take_while(|(at, ..)| *at <= redemption.at).count();
                open.insert(place, (redemption.at, id.to_string(), costs));
            }
            (Fate::Open, _) => redemption.fate = Fate::Confirmed,
            _ => (),
        }
    }
    // One that this device has not heard of yet is settled, whenever it comes.
    for id in confirmed.into_iter().flatten().filter_map(Value::text) {
        if loyalty.redemptions.get(id).is_none() {
            *loyalty.redemptions.entry(id) = Redemption { at: turn.at, fate: Fate::Confirmed, ..Redemption::default() };
        }
    }
    for (_, id, _) in &open {
        give_back(loyalty, id, turn);
    }
    bring(loyalty);
    for (_, id, costs) in &open {
        let rule = loyalty.redemptions.get(id).and_then(|redemption| redemption.reward.clone());
        let lacking = costs.iter().find(|(currency, amount)| {
            loyalty.accounts.get(currency).map_or(0, |account| account.sum(true)) < **amount
        });
        if let Some((currency, _)) = lacking {
            loyalty.reject(Some(currency), rule.as_deref(), "insufficient", turn);
            reward::revoke(&mut loyalty.wallet, id);
            loyalty.redemptions.entry(id).fate = Fate::Cancelled;
            continue;
        }
        for (currency, amount) in costs.iter() {
            for Taken { lot, amount } in
                loyalty.spend(currency, *amount, true, rule.as_deref(), turn).unwrap_or_default()
            {
                let take = Take { currency: currency.to_string(), lot, amount };
                loyalty.redemptions.entry(id).taken.push(take);
            }
        }
    }
}

/// Points of one currency become points of another.
fn convert(loyalty: &mut Loyalty, signal: &Signal, turn: Turn) {
    let from = turn.property("virtual_currency_name").text().unwrap_or_default();
    let to = turn.property("to").text().unwrap_or_default();
    let currencies = turn.program.currencies();
    let amount = named(signal, turn).unwrap_or(0);
    let rate = currencies.get(from).and_then(|rules| rules.convert().get(to));
    let (Some(rate), Some(rules)) = (rate, currencies.get(to)) else {
        return loyalty.reject(Some(from), Some(CONVERT), "unknown", turn);
    };
    let mut lot = Lot::new(rules, None, None, turn.at, turn.calendar());
    let made = lot.rounded(rate.of(amount.max(0)));
    (lot.numerator, lot.floor) = (0, 0);
    let reason = lacks(loyalty, from, amount, turn).or((made <= 0).then_some("amount")).or(board::budget_exhausted(
        &loyalty.boards,
        to,
    )
    .then_some("budget"));
    if let Some(reason) = reason {
        return loyalty.reject(Some(from), Some(CONVERT), reason, turn);
    }
    loyalty.spend(from, amount, false, Some(CONVERT), turn);
    let origin = Origin { rule: CONVERT, version: turn.program.version() };
    loyalty.open(lot, made, to, origin, turn.cause(), turn.calendar());
}

/// What the ledger calls points that were made of others.
const CONVERT: &str = "convert";
