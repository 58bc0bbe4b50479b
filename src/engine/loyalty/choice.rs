//! Choices: a reward now, or more points later.

use super::currency::Pending;
use super::grant::{Caps, Draft, Granter, issue};
use super::ledger::Lot;
use super::program::Rate;
use super::rule::Rule;
use super::{Loyalty, Tell, Turn, reward};
use crate::engine::audience::Condition;
use crate::engine::base::document::{Part, Table};
use crate::engine::base::text::join;
use crate::engine::base::time::{Span, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::signal::Signal;
use crate::{document, record};

document! {
    /// A reward now, or more points later.
    pub struct Choice {
        /// Only where this holds.
        "when" when: Option<Condition<'a>> = None,
        /// How long the shopper may choose.
        "in" within: Span,
        /// What choosing `now` gives.
        "now" now: Now<'a> = Now(&Value::Null),
        /// What choosing `save` gives.
        "save" save: Save<'a> = Save(&Value::Null),
        /// What no choice gives: `grant`, the points as they are.
        "else" otherwise: &'a str = "grant",
    }

    /// A reward worth the points, at once.
    pub struct Now {
        /// Its id.
        "reward" reward: Option<&'a str> = None,
    }

    /// More points, later.
    pub struct Save {
        /// The points times this.
        "times" times: Rate = Rate(1, 1),
        /// Instead of `times`, by the variant of the message that was answered.
        "byVariant" by_variant: Table<'a, Rate> = Table::of(&Value::Null),
        /// How long they wait.
        "pending" pending: Option<Pending<'a>> = None,
    }
}

record! {
    /// A choice that is open: a reward now, or more points later.
    pub struct Offer {
        /// Id of the rule.
        "rule" rule: String,
        /// The version of its program.
        "version" version: i64,
        /// The event.
        "event" event: String,
        /// The first instant at which it is over.
        "until" until: Time,
        /// The currency.
        "currency" currency: String,
        /// What the rate multiplies, less refunds.
        "base" base: i64,
        /// What saving it would open.
        "lot" lot: Lot,
    }
}

/// What the wallet notes as the source of a reward that was chosen: a refund of the order takes it back.
fn coupon(rule: &str, order: &str) -> String {
    join(&[rule, "=", order])
}

/// What the shopper chooses.
const NOW: &str = "now";
/// See [`NOW`].
const SAVE: &str = "save";

/// An event of an order starts the wait of what is to be chosen.
pub fn start(loyalty: &mut Loyalty, event: &str, order: &str, turn: Turn) {
    for offer in &mut loyalty.offers {
        offer.lot.starts(event, order, turn.at, turn.calendar());
    }
}

/// The order is now worth `left`: what is still to be chosen shrinks or is void, a reward that was chosen is revoked with all of it.
pub fn refund(loyalty: &mut Loyalty, order: &str, left: i64, turn: Turn) {
    for rule in turn.program.rules().iter().filter(|rule| left <= 0 && rule.choice().is_some()) {
        reward::revoke(&mut loyalty.wallet, &coupon(rule.id(), order));
    }
    for offer in loyalty.offers.iter_mut().filter(|offer| offer.lot.order.as_deref() == Some(order)) {
        offer.base = if offer.lot.denominator == 0 && left > 0 { offer.base } else { left };
    }
    loyalty.offers.retain(|offer| offer.lot.amount(offer.base, offer.base > 0) > 0);
}

/// A choice may be answered: that of the order named, or the newest.
pub fn answer(loyalty: &mut Loyalty, signal: &Signal, turn: Turn) {
    let ours = signal.settles() && turn.property("action").text() == Some("choice");
    let Some(chosen) = turn.property("value").text().filter(|_| ours || signal.name == "reward_choice") else { return };
    if chosen != NOW && chosen != SAVE {
        return;
    }
    let mine = |offer: &Offer| turn.order.is_none_or(|order| offer.lot.order.as_deref() == Some(order));
    let Some(event) = loyalty.offers.iter().rev().find(|offer| mine(offer)).map(|offer| offer.event.clone()) else {
        return;
    };
    decide(loyalty, &|offer| offer.event == event, chosen, turn);
}

/// Settles open choices: as chosen, or as the rule says where nothing was.
fn decide(loyalty: &mut Loyalty, of: &dyn Fn(&Offer) -> bool, chosen: &str, turn: Turn) {
    while let Some(place) = loyalty.offers.iter().position(of) {
        let Offer { rule: id, version, currency, base, mut lot, .. } = loyalty.offers.remove(place);
        let rule = turn.rule(version, &id);
        let choice = rule.and_then(Rule::choice);
        let chosen = if chosen.is_empty() { choice.map_or("grant", Choice::otherwise) } else { chosen };
        match (chosen, choice) {
            (NOW, Some(choice)) => {
                let worth = lot.amount(base, true);
                let reward = choice.now().reward();
                let source = coupon(&id, lot.order.as_deref().unwrap_or_default());
                let item = reward.and_then(|reward| reward::give(&mut loyalty.wallet, reward, &source, turn));
                if let Some(item) = item {
                    item.value = Some(worth);
                }
                continue;
            }
            (SAVE, Some(choice)) => {
                let save = choice.save();
                let variant = turn.property("variant").text().and_then(|variant| save.by_variant().get(variant));
                let times = variant.unwrap_or_else(|| save.times());
                (lot.times, lot.over) = (times.0, times.1);
                if let Some(pending) = save.pending() {
                    lot.delay(Some(pending.wait()), turn.at, turn.calendar());
                }
            }
            ("grant", _) => (),
            _ => continue,
        }
        // They wait from the order on, but live from now.
        lot.active_at = lot.active_at.map(|at| at.max(turn.at));
        if let Some(rules) = turn.version(version).currencies().get(&currency) {
            lot.begin(rules, turn.at, turn.calendar());
        }
        let amount = lot.amount(base, true);
        let granter = Granter { id: &id, caps: rule.map_or(Caps(&Value::Null), Rule::cap), keys: None };
        issue(loyalty, granter, vec![Draft { currency: &currency, lot, amount }], turn);
    }
}

/// Choices that were not made in time.
pub fn pass(loyalty: &mut Loyalty, turn: Turn) {
    decide(loyalty, &|offer| offer.until <= turn.at, "", turn);
}

/// When the next choice ends.
pub fn next(loyalty: &Loyalty, tell: Tell) {
    loyalty.offers.iter().map(|offer| offer.until).for_each(tell);
}

/// `[{rule, order, now, save, saveBy, currency, until}]`, the newest first, where there are any.
pub fn choices(loyalty: &Loyalty, turn: Turn) -> Option<Value> {
    let line = |offer: &Offer| {
        let save = turn.rule(offer.version, &offer.rule).and_then(Rule::choice).map(Choice::save);
        let now = offer.lot.amount(offer.base, true);
        let saved = |times: Rate| offer.lot.rounded(times.of(now));
        let mut line = Map::of([
            ("rule", offer.rule.as_str().into()),
            ("order", (&offer.lot.order).into()),
            ("now", now.into()),
            ("save", save.map_or(now, |save| saved(save.times())).into()),
            ("currency", offer.currency.as_str().into()),
            ("until", offer.until.text().into()),
        ]);
        let mut by = Map::new();
        for (variant, times) in save.iter().flat_map(|save| save.by_variant().iter()) {
            by.append(variant, saved(times).into());
        }
        if !by.is_empty() {
            line.append("saveBy", by.into());
        }
        line.into()
    };
    let lines: Vec<Value> = loyalty.offers.iter().rev().map(line).collect();
    (!lines.is_empty()).then(|| lines.into())
}
