//! What was granted: within limits, taken back, topped up again.

use super::currency::{Pending, Wait};
use super::ledger::{Lot, Origin};
use super::program::{Per, Program};
use super::rule::{Once, Rule};
use super::{Loyalty, Payout, Turn, board};
use crate::engine::base::document::Part;
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, several};
use crate::engine::base::record::Named;
use crate::engine::base::time::{DAY, Day, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::signal::id_text;
use crate::record;

/// One limit or several: `{CURRENCY: so much, "per": …}` or `{"n": so often, "per": …}`. Limits of several rules and missions
/// with the same `group` are one.
#[derive(Clone, Copy)]
pub struct Caps<'a>(pub &'a Value);

impl<'a> Part<'a> for Caps<'a> {
    fn of(value: &'a Value) -> Self {
        Caps(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        let one = |value: &'a Value, check: &mut Check| {
            let Some(map) = value.map() else {
                return check.expected("an object such as {\"pt\": 50, \"per\": \"day\"}", value);
            };
            for (key, value) in map.iter() {
                check.within(key, |check| match key {
                    "per" => Per::check(value, check),
                    "group" => <&str>::check(value, check),
                    _ => i64::check(value, check),
                });
            }
        };
        check.several(value, &one);
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        let properties = Map::new().with("per", Per::schema(defs)).with("group", <&str>::schema(defs));
        let one = Map::new()
            .with("type", "object")
            .with("properties", properties)
            .with("additionalProperties", i64::schema(defs));
        several(one.into())
    }
}

/// At most so much, or so often (`n`), in a time.
#[derive(Clone, Copy)]
pub struct Limit<'a> {
    /// A currency, or [`TIMES`].
    pub what: &'a str,
    /// So much.
    pub most: i64,
    /// In this time.
    pub per: Per,
    group: Option<&'a str>,
}

/// What counts grants, not points.
const TIMES: &str = "n";

impl<'a> Caps<'a> {
    /// Each of them apart.
    pub fn limits(self) -> Vec<Limit<'a>> {
        let mut limits = Vec::new();
        for cap in self.0.several() {
            let (per, group) = (Per::of(cap.field("per")), cap.field("group").text());
            for (what, most) in cap.members() {
                if let Some(most) = most.integer() {
                    limits.push(Limit { what, most, per, group });
                }
            }
        }
        limits
    }
}

record! {
    /// One grant.
    pub struct Given {
        /// Id of the rule, or of what else grants.
        "rule" rule: String,
        /// The version of its program.
        "version" version: i64,
        /// When.
        "at" at: Time,
        /// The shopper's day.
        "day" day: i64,
        /// The order, where there is one.
        "order" order: Option<String>,
        /// What an event must name to undo it.
        "keys" keys: Map,
        /// Groups of rules whose limits it counts towards.
        "groups" groups: Vec<String>,
        /// Whether it counts as one of so many.
        "counted" counted: bool,
        /// Points by currency.
        "parts" parts: Named<Points>,
    }

    /// The points of a grant in one currency.
    pub struct Points {
        /// How many there would be without limits.
        "wanted" wanted: i64,
        /// How many there are.
        "given" given: i64,
        /// The lot; 0: none yet.
        "lot" lot: i64,
    }
}

/// A lot to be opened, and how many points without limits.
pub struct Draft<'a> {
    /// Id of the currency.
    pub currency: &'a str,
    /// The lot.
    pub lot: Lot,
    /// How many.
    pub amount: i64,
}

/// What grants: a rule, or whatever pays.
pub struct Granter<'a> {
    /// Its id, named in the ledger.
    pub id: &'a str,
    /// What limits it.
    pub caps: Caps<'a>,
    /// What would undo it; none: nothing can.
    pub keys: Option<Map>,
}

/// How long something in a limit's time can count together with what comes later; none: for ever.
fn reach(per: Per) -> Option<i64> {
    // Wherever the shopper travels, a day begins within two of the clock's.
    let days = match per {
        Per::Event => 0,
        Per::Day => 3,
        Per::Week => 9,
        Per::Month => 33,
        Per::Year => 368,
        Per::Trailing(span) => return Some(span.nominal() + i64::from(span.months) * DAY + 3 * DAY),
        Per::Life => return None,
    };
    Some(days * DAY)
}

impl Limit<'_> {
    /// Whether a grant counts towards this limit of a granter, for a grant of then.
    fn holds(&self, given: &Given, granter: &str, at: Time, day: Day, turn: Turn) -> bool {
        let mine = match self.group {
            Some(group) => given.groups.iter().any(|known| known == group),
            None => given.rule == granter,
        };
        let week = turn.program.clock().week_start();
        let other = Day(given.day as i32);
        mine && match self.per {
            Per::Event => false,
            Per::Life => true,
            Per::Trailing(span) if span.is_exact() => (at.0 - given.at.0).abs() < span.exact,
            Per::Trailing(span) => day.min(other).plus_months(span.months).plus(span.days) > day.max(other),
            per => per.first_day(day, week) == per.first_day(other, week),
        }
    }
}

/// How much a grant of then may still have of something.
fn room(given: &[Given], limits: &[Limit], granter: &str, what: &str, at: Time, day: Day, turn: Turn) -> i64 {
    let mut room = i64::MAX;
    for limit in limits.iter().filter(|limit| limit.what == what && limit.per != Per::Event) {
        let since = reach(limit.per).map_or(i64::MIN, |reach| at.0 - reach);
        let near = given.iter().rev().take_while(|given| given.at.0 >= since);
        let used: i64 = near
            .filter(|given| limit.holds(given, granter, at, day, turn))
            .map(|given| match what {
                TIMES => i64::from(given.counted),
                currency => given.parts.get(currency).map_or(0, |part| part.given),
            })
            .sum();
        room = room.min(limit.most - used);
    }
    room.max(0)
}

/// Books points within the limits, and remembers what may be reckoned again. Whether anything was granted.
pub fn issue(loyalty: &mut Loyalty, granter: Granter, drafts: Vec<Draft>, turn: Turn) -> bool {
    let limits = granter.caps.limits();
    let capped = limits.iter().any(|limit| limit.per != Per::Event);
    let day = turn.day(turn.at);
    let space = |loyalty: &Loyalty, what: &str| room(&loyalty.given, &limits, granter.id, what, turn.at, day, turn);
    let counted = space(loyalty, TIMES) > 0;
    let version = turn.program.version();
    let mut given = Given {
        rule: granter.id.to_string(),
        version,
        at: turn.at,
        day: i64::from(day.0),
        counted,
        groups: limits.iter().filter_map(|limit| limit.group).map(str::to_string).collect(),
        ..Given::default()
    };
    let (undone, remembers) = (granter.keys.is_some(), capped || granter.keys.is_some());
    given.keys = granter.keys.unwrap_or_default();
    let nothing = drafts.is_empty();
    let mut granted = false;
    for Draft { currency, mut lot, amount } in drafts {
        let most = if counted { space(loyalty, currency).min(amount) } else { 0 };
        if most == 0 {
            loyalty.reject(Some(currency), Some(granter.id), "cap", turn);
        }
        granted |= most > 0;
        lot.bound = undone || capped && lot.order.is_some();
        if lot.order.is_none() {
            (lot.numerator, lot.denominator, lot.floor) = (0, 0, 0);
        }
        given.order = lot.order.clone();
        let part = given.parts.entry(currency);
        (part.wanted, part.given) = (amount, most);
        if most > 0 || lot.bound {
            let origin = Origin { rule: granter.id, version };
            part.lot = loyalty.open(lot, most, currency, origin, turn.cause(), turn.calendar());
        }
    }
    if nothing && !counted {
        loyalty.reject(None, Some(granter.id), "cap", turn);
    }
    granted |= nothing && counted;
    if remembers && (granted || !nothing) {
        given.counted &= granted;
        remember(loyalty, given, turn);
    }
    granted
}

/// Keeps a grant, and from time to time drops those that count no more and that nothing can change.
fn remember(loyalty: &mut Loyalty, given: Given, turn: Turn) {
    let all = &mut loyalty.given;
    // Each is looked at once or twice, however many there are.
    if all.len() >= 16 && all.len().is_power_of_two() {
        all.retain(|given| {
            let undone = |rule: Rule| rule.undo().iter().any(|(event, _)| !event.is_empty());
            let counts = |limit: &Limit| reach(limit.per).is_none_or(|reach| turn.at.0 - given.at.0 <= reach);
            let lasts = turn.rule(given.version, &given.rule).is_some_and(undone)
                || turn.terms(given.version, &given.rule).0.limits().iter().any(counts);
            lasts || given.order.is_some() || !given.groups.is_empty()
        });
    }
    all.push(given);
}

impl<'a> Turn<'a> {
    /// The program of a version; where that is gone, the one in force.
    pub fn version(self, version: i64) -> Program<'a> {
        self.programs.iter().find(|program| program.version() == version).unwrap_or(self.program)
    }

    /// What limits something that granted, and how its points wait: as it was then; where that is gone, as it is.
    fn terms(self, version: i64, id: &str) -> (Caps<'a>, Option<Wait<'a>>) {
        if let Some(rule) = self.rule(version, id) {
            return (rule.cap(), rule.pending().map(Pending::wait));
        }
        let mission = self.version(version).missions().iter().find(|mission| mission.id() == id);
        (mission.map_or(Caps(&Value::Null), |mission| mission.cap()), None)
    }

    /// A rule as it was in a version of the program; where that is gone, as it is.
    pub fn rule(self, version: i64, id: &str) -> Option<Rule<'a>> {
        let named = |program: Program<'a>| program.rules().iter().find(|rule| rule.id() == id);
        named(self.version(version)).or_else(|| named(self.program))
    }
}

/// Takes back the grants that an event undoes.
pub fn undo(loyalty: &mut Loyalty, turn: Turn) {
    let undoes = |rule: Rule| rule.undo().iter().any(|(event, _)| event == turn.event());
    if !turn.programs.iter().any(|program| program.rules().iter().any(undoes)) {
        return;
    }
    let undone = |given: &Given| {
        turn.rule(given.version, &given.rule).is_some_and(|rule| {
            rule.undo().iter().filter(|(event, _)| *event == turn.event()).any(|(_, by)| {
                let once = rule.once().map(Once::properties).unwrap_or_default();
                let properties = if by.is_empty() { once } else { by.iter().collect() };
                let told = |property: &&str| id_text(turn.property(property)).map(Value::from);
                properties.iter().all(|property| told(property).as_ref() == given.keys.get(property))
                    && (!properties.is_empty() || rule.once().is_some())
            })
        })
    };
    let mut taken = Vec::new();
    while let Some(place) = loyalty.given.iter().position(undone) {
        taken.push(loyalty.given.remove(place));
    }
    for given in &taken {
        for (currency, part) in given.parts.iter() {
            loyalty.take_back(currency, part.lot, turn.cause());
        }
    }
    if !taken.is_empty() {
        refill(loyalty, turn);
    }
}

/// The order is now worth `left`: its grants are what its lots have become, and what limits held back may be topped up.
pub fn refund(loyalty: &mut Loyalty, order: &str, left: i64, turn: Turn) {
    let Loyalty { accounts, given: grants, .. } = loyalty;
    let mut changed = false;
    for given in grants.iter_mut().filter(|given| given.order.as_deref() == Some(order)) {
        for (currency, part) in given.parts.iter_mut() {
            let Some(lot) = accounts.get_mut(currency).and_then(|account| account.lot(part.lot)) else { continue };
            let wanted = lot.amount(left, left > 0).min(part.wanted);
            changed |= (wanted, lot.granted) != (part.wanted, part.given);
            (part.wanted, part.given) = (wanted, lot.granted);
            lot.bound &= wanted > 0;
        }
        let spent = |part: &Points| part.wanted == 0 && part.given == 0;
        given.counted &= !given.parts.iter().all(|(_, part)| spent(part));
    }
    if changed {
        grants.retain(|given| {
            given.order.as_deref() != Some(order) || given.parts.iter().any(|(_, part)| part.wanted > 0)
        });
        accounts.iter_mut().for_each(|(_, account)| account.forget());
        refill(loyalty, turn);
    }
}

/// Tops up what limits held back, as new earnings, in the order in which it was earned (fine print 7).
fn refill(loyalty: &mut Loyalty, turn: Turn) {
    for place in 0..loyalty.given.len() {
        let Some(given) = loyalty.given.get(place) else { break };
        if given.parts.iter().all(|(_, part)| part.given >= part.wanted) {
            continue;
        }
        let (caps, wait) = turn.terms(given.version, &given.rule);
        let (limits, at, day) = (caps.limits(), given.at, Day(given.day as i32));
        let (id, order) = (given.rule.clone(), given.order.clone());
        let space = |all: &[Given], what: &str| room(all, &limits, &id, what, at, day, turn);
        if !given.counted && space(&loyalty.given, TIMES) == 0 {
            continue;
        }
        let lacking = given.parts.iter().filter(|(_, part)| part.given < part.wanted);
        let lacking: Vec<_> =
            lacking.map(|(currency, part)| (currency.to_string(), part.wanted - part.given, part.lot)).collect();
        for (currency, lacks, head) in lacking {
            let amount = space(&loyalty.given, &currency).min(lacks);
            let Some(rules) = turn.program.currencies().get(&currency).filter(|_| amount > 0) else { continue };
            if board::budget_exhausted(&loyalty.boards, &currency) {
                continue;
            }
            let lot = Lot::new(rules, wait, order.as_deref(), turn.at, turn.calendar());
            let origin = Origin { rule: &id, version: turn.program.version() };
            let lot = loyalty.open(Lot { of: head, ..lot }, amount, &currency, origin, turn.cause(), turn.calendar());
            if let Some(given) = loyalty.given.get_mut(place) {
                given.counted = true;
                let part = given.parts.entry(&currency);
                part.given += amount;
                part.lot = if head == 0 { lot } else { head };
            }
        }
    }
}

/// Books points that something other than a rule gives.
pub fn book(loyalty: &mut Loyalty, payout: &Payout, currency: &str, amount: i64, turn: Turn) {
    let Some(rules) = turn.program.currencies().get(currency) else { return };
    let reason = match () {
        () if amount <= 0 => Some("amount"),
        () if board::budget_exhausted(&loyalty.boards, currency) => Some("budget"),
        () => None,
    };
    if let Some(reason) = reason {
        return loyalty.reject(Some(currency), Some(&payout.source), reason, turn);
    }
    let mut lot = Lot::new(rules, None, None, turn.at, turn.calendar());
    lot.numerator = amount;
    // A rule's own limits were asked before it gave this.
    let own = turn.program.rules().iter().any(|rule| rule.id() == payout.source);
    let caps = if own { Caps(&Value::Null) } else { turn.terms(turn.program.version(), &payout.source).0 };
    let granter = Granter { id: &payout.source, caps, keys: None };
    issue(loyalty, granter, vec![Draft { currency, lot, amount }], turn);
}
