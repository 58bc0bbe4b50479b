//! Rules: what earns points, how often, and what takes it back.

use super::choice::{self, Choice, Offer};
use super::currency::Pending;
use super::grant::{Caps, Draft, Granter, issue, undo};
use super::ledger::Lot;
use super::program::{Per, Prize, Rate};
use super::{Arrival, Loyalty, Payout, Turn, board};
use crate::engine::audience::Condition;
#[cfg(feature = "studio")]
use crate::engine::base::document::Check;
use crate::engine::base::document::{List, Part, Table};
use crate::engine::base::record::{Record, Walk};
use crate::engine::base::text::join;
use crate::engine::base::time::Ends;
use crate::engine::base::value::{Map, Value};
use crate::engine::meter::undo::Undoings;
use crate::engine::meter::{self, Names};
use crate::engine::signal::{Kind, id_text};
use crate::{document, scalar};

document! {
    /// One way of earning.
    pub struct Rule {
        /// Id, named in the ledger.
        "id" id: &'a str,
        /// The events that earn.
        "on" on: Names<'a>,
        /// Only where this holds, over the state before the event.
        "when" when: Option<Condition<'a>> = None,
        /// The purpose it needs.
        "needs" needs: Option<&'a str> = None,
        /// How much of which currency: a number, or `[property, numerator, denominator]`.
        "grant" grant: Table<'a, Grant<'a>> = Table::of(&Value::Null),
        /// What it gives beside points.
        "reward" reward: Option<Prize<'a>> = None,
        /// Once for each value of this property, or of these together; `member`: once ever. Orders never pay twice in any case.
        "once" once: Option<Once<'a>> = None,
        /// More of it, added up, where conditions hold.
        "bonus" bonus: List<'a, Bonus<'a>> = List::of(&Value::Null),
        /// At most so much; one limit or several.
        "cap" cap: Caps<'a> = Caps(&Value::Null),
        /// Events that take a grant back, matched by `once` or by the properties they name.
        "undo" undo: Undoings<'a> = Undoings(&Value::Null),
        /// How long its points wait, where that is not the currency's.
        "pending" pending: Option<Pending<'a>> = None,
        /// The shopper chooses between a reward now and more points later.
        "choice" choice: Option<Choice<'a>> = None,
        /// What the host is told when it grants.
        "emit" emit: Option<&'a str> = None,
        /// Never shown beforehand.
        "hidden" hidden: bool = false,
    }

    /// More of a grant: the fractions of all that hold are added up.
    pub struct Bonus {
        /// Where this holds, over the state before the event.
        "when" when: Condition<'a>,
        /// So much of the grant is added: `[1, 2]` is half as much again.
        "add" add: Rate,
    }
}

/// How much a rule grants.
#[derive(Clone, Copy)]
pub enum Grant<'a> {
    /// So many.
    Fixed(i64),
    /// A property of the event times a fraction; `value` is money in minor units.
    Rate(&'a str, Rate),
}

scalar!(
    Grant<'a>,
    "a whole number or [property, numerator, denominator], not negative",
    [],
    |value| Grant::parse(value),
    Grant::Fixed(0)
);

impl<'a> Grant<'a> {
    fn parse(value: &'a Value) -> Option<Grant<'a>> {
        let whole = |value: &Value| value.integer().filter(|number| *number >= 0);
        match value.list() {
            [Value::Text(property), numerator, denominator] => {
                let denominator = whole(denominator).filter(|number| *number > 0)?;
                Some(Grant::Rate(property, Rate(whole(numerator)?, denominator)))
            }
            _ => whole(value).map(Grant::Fixed),
        }
    }
}

/// A property, or several.
#[derive(Clone, Copy)]
pub struct Once<'a>(pub &'a Value);

impl<'a> Part<'a> for Once<'a> {
    fn of(value: &'a Value) -> Self {
        Once(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        Names::check(value, check);
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        Names::schema(defs)
    }
}

impl<'a> Rule<'a> {
    /// All that it asks of the facts.
    pub fn conditions(self, tell: &mut dyn FnMut(Condition<'a>)) {
        self.when().into_iter().for_each(&mut *tell);
        self.bonus().iter().map(Bonus::when).for_each(&mut *tell);
        self.choice().and_then(Choice::when).into_iter().for_each(tell);
    }
}

impl<'a> Once<'a> {
    /// The properties; none for `member`.
    pub fn properties(self) -> Vec<&'a str> {
        match self.0.text() {
            Some(MEMBER) => Vec::new(),
            Some(once) => vec![once],
            None => self.0.list().iter().filter_map(Value::text).collect(),
        }
    }
}

/// Once ever, not for each value of a property.
const MEMBER: &str = "member";

/// Texts in their order.
#[derive(Default)]
pub struct Paid(Vec<String>);

impl Record for Paid {
    fn walk(&mut self, walk: &mut Walk) {
        self.0.walk(walk);
        // Earlier versions kept them as they came.
        self.0.sort_unstable();
    }
}

impl Paid {
    fn has(&self, text: &str) -> bool {
        self.0.binary_search_by(|known| known.as_str().cmp(text)).is_ok()
    }

    fn add(&mut self, text: String) {
        if let Err(place) = self.0.binary_search(&text) {
            self.0.insert(place, text);
        }
    }
}

/// Books what the program's rules grant for a signal.
pub fn hear(loyalty: &mut Loyalty, turn: Turn) {
    for rule in heard(turn) {
        let once = once_key(rule, turn);
        match refusal(loyalty, rule, once.as_deref(), turn) {
            Some(reason) => reject(loyalty, rule, reason, turn),
            None => grant(loyalty, rule, once, turn),
        }
    }
}

/// An order that was already counted came again: it pays nothing.
pub fn repeat(loyalty: &mut Loyalty, turn: Turn) {
    for rule in heard(turn) {
        reject(loyalty, rule, "once", turn);
    }
}

/// The rules that hear what happened.
fn heard<'a>(turn: Turn<'a>) -> impl Iterator<Item = Rule<'a>> {
    let hears = turn.signal.is_some_and(|signal| matches!(signal.kind, Kind::Track | Kind::Page) && !signal.ours);
    turn.program.rules().iter().filter(move |rule| hears && rule.on().has(turn.event()))
}

/// What `once` goes by. Orders, which never pay twice in any case, need none; nor does what has no value at all.
fn once_key(rule: Rule, turn: Turn) -> Option<String> {
    let once = rule.once()?;
    let properties = once.properties();
    if turn.event() == "purchase" && properties == ["transaction_id"] {
        return None;
    }
    let values: Vec<_> = properties.iter().map(|property| id_text(turn.property(property))).collect();
    if !values.is_empty() && values.iter().all(Option::is_none) {
        return None;
    }
    let mut key = join(&[rule.id(), "="]);
    for (place, value) in values.iter().enumerate() {
        key.push_str(if place > 0 { "\u{1f}" } else { "" });
        key.push_str(value.as_deref().unwrap_or_default());
    }
    Some(key)
}

/// Why a rule that heard its event grants nothing.
fn refusal(loyalty: &Loyalty, rule: Rule, once: Option<&str>, turn: Turn) -> Option<&'static str> {
    match turn.arrival {
        Arrival::Late => return Some("late"),
        Arrival::Ahead => return Some("ahead"),
        Arrival::Timely => (),
    }
    if rule.when().is_some_and(|when| !when.holds(turn.facts)) {
        return Some("when");
    }
    if let Some(purpose) = rule.needs() {
        if turn.is_minor() {
            return Some("minor");
        }
        if !turn.allows(purpose) {
            return Some("consent");
        }
    }
    match () {
        () if once.is_some_and(|once| loyalty.paid.has(once)) => Some("once"),
        () if loyalty.is_guest(turn) => Some("enrol"),
        () if !turn.is_linked() => Some("link"),
        () => None,
    }
}

/// Notes a reason for all that the rule would have granted.
fn reject(loyalty: &mut Loyalty, rule: Rule, reason: &str, turn: Turn) {
    for (currency, _) in rule.grant().iter() {
        loyalty.reject(Some(currency), Some(rule.id()), reason, turn);
    }
    if rule.grant().iter().next().is_none() {
        loyalty.reject(None, Some(rule.id()), reason, turn);
    }
}

/// A rule grants: points, or a choice between points and a reward, and what it gives beside them.
fn grant(loyalty: &mut Loyalty, rule: Rule, once: Option<String>, turn: Turn) {
    let Some(signal) = turn.signal else { return };
    let bonus = rule.bonus().iter().filter(|bonus| bonus.when().holds(turn.facts));
    let more = bonus.fold(Rate(1, 1), |sum, bonus| sum.plus(bonus.add()));
    let more = turn.source().and_then(|source| source.rate()).map_or(more, |rate| more.times(rate));
    let choice = rule.choice().filter(|choice| choice.when().is_none_or(|when| when.holds(turn.facts)));
    let limits = rule.cap().limits();
    let (mut drafts, mut offered) = (Vec::new(), false);
    for (currency, amount) in rule.grant().iter() {
        let Some(rules) = turn.program.currencies().get(currency) else { continue };
        let wait = rule.pending().map(Pending::wait);
        let mut lot = Lot::new(rules, wait, turn.order, turn.at, turn.calendar());
        // What is earned after the purchase may come after the event as well (loyalty.md section 2: only grants of an order wait).
        if signal.name != "purchase" && wait.is_none() && lot.wait_from.is_some() {
            lot.delay(None, turn.at, turn.calendar());
        }
        let mut base = 1;
        match amount {
            Grant::Fixed(number) => lot.numerator = more.of(number),
            Grant::Rate(property, rate) => {
                let Some(told) = meter::amount(signal, property, turn.house) else {
                    loyalty.reject(Some(currency), Some(rule.id()), "currency", turn);
                    continue;
                };
                // A purchase is not yet among the orders.
                let later = property == VALUE && turn.event() != "purchase";
                let order = turn.order.filter(|_| later).and_then(|order| turn.orders.get(order));
                base = order.map_or(told, |order| told.min(order.left));
                let rate = rate.times(more);
                // Only of its value it is known what a refund leaves of an order.
                (lot.numerator, lot.denominator) =
                    if property == VALUE { (rate.0, rate.1) } else { (rate.of(base), 0) };
            }
        }
        let at_once = limits.iter().filter(|limit| limit.per == Per::Event && limit.what == currency);
        let most = at_once.map(|limit| limit.most).min();
        lot.most = most.unwrap_or(0);
        let amount = lot.amount(base, true);
        let reason = match () {
            () if most.is_some_and(|most| most <= 0) => Some("cap"),
            () if amount <= 0 => Some("amount"),
            () if board::budget_exhausted(&loyalty.boards, currency) => Some("budget"),
            () => None,
        };
        match (reason, choice) {
            (Some(reason), _) => loyalty.reject(Some(currency), Some(rule.id()), reason, turn),
            (None, Some(choice)) => {
                offered = true;
                loyalty.offers.push(Offer {
                    rule: rule.id().to_string(),
                    version: turn.program.version(),
                    event: signal.id.clone(),
                    until: turn.calendar().add(turn.at, choice.within(), Ends::Validity),
                    currency: currency.to_string(),
                    base,
                    lot,
                });
            }
            (None, None) => drafts.push(Draft { currency, lot, amount }),
        }
    }
    let points = rule.grant().iter().next().is_some();
    if points && drafts.is_empty() {
        if offered {
            once.into_iter().for_each(|once| loyalty.paid.add(once));
        }
        return;
    }
    let granter = Granter { id: rule.id(), caps: rule.cap(), keys: keys(rule, turn) };
    once.into_iter().for_each(|once| loyalty.paid.add(once));
    if !issue(loyalty, granter, drafts, turn) {
        return;
    }
    if let Some(payout) = Payout::of(rule.id(), rule.reward()) {
        loyalty.pay(payout, turn);
    }
    if let Some(hook) = rule.emit() {
        loyalty.tell(hook, Map::of([("rule", rule.id().into())]), turn);
    }
}

/// The value of an order, in minor units.
const VALUE: &str = "value";

/// What an event must name to undo what the rule grants now.
fn keys(rule: Rule, turn: Turn) -> Option<Map> {
    let (mut keys, mut undone) = (Map::new(), false);
    let once = rule.once().map(Once::properties).unwrap_or_default();
    for (_, by) in rule.undo().iter().filter(|(event, _)| !event.is_empty()) {
        undone = true;
        once.iter().for_each(|property| turn.note(property, &mut keys));
        by.iter().for_each(|property| turn.note(property, &mut keys));
    }
    undone.then_some(keys)
}

/// Follows a signal after the meters moved: grants that it undoes, choices that it answers, waits of what is to be chosen.
pub fn follow(loyalty: &mut Loyalty, turn: Turn) {
    let Some(signal) = turn.signal.filter(|signal| signal.kind == Kind::Track && !signal.ours) else { return };
    if let Some(order) = turn.order {
        choice::start(loyalty, &signal.name, order, turn);
    }
    undo(loyalty, turn);
    choice::answer(loyalty, signal, turn);
}
