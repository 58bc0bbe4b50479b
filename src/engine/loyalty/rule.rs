//! Rules: what earns points, how often, and what takes it back.

use super::ledger::{Lot, Origin, Pending, Wait};
use super::program::{Per, Prize, Program, Rate};
use super::{Arrival, Loyalty, Payout, Tell, Turn, board, reward};
use crate::engine::audience::Condition;
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, forms};
use crate::engine::base::document::{List, Part, Table};
use crate::engine::base::record::{Named, Record, Walk};
use crate::engine::base::text::join;
use crate::engine::base::time::{DAY, Day, Ends, Span, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::meter::{self, Names};
use crate::engine::signal::{ANSWER, Kind, Signal, id_text};
use crate::{document, record, scalar};

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
        /// How long they wait.
        "pending" pending: Option<Pending<'a>> = None,
    }

    /// An event that takes a grant back.
    pub struct Undoing {
        /// The event.
        "on" on: &'a str,
        /// The properties that must be as they were.
        "by" by: List<'a, &'a str> = List::of(&Value::Null),
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
        match value {
            Value::List(_) => List::<&str>::check(value, check),
            value => <&str>::check(value, check),
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        forms(vec![<&str>::schema(defs), List::<&str>::schema(defs)])
    }
}

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
        match value {
            Value::List(list) => {
                for (index, value) in list.iter().enumerate() {
                    check.within(&index.to_string(), |check| one(value, check));
                }
            }
            value => one(value, check),
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        let properties = Map::new().with("per", Per::schema(defs)).with("group", <&str>::schema(defs));
        let one = Map::new()
            .with("type", "object")
            .with("properties", properties)
            .with("additionalProperties", i64::schema(defs));
        let many = Map::new().with("type", "array").with("items", one.clone());
        forms(vec![one.into(), many.into()])
    }
}

/// Events that take something back: a name, `{on, by}`, or several of them.
#[derive(Clone, Copy)]
pub struct Undoings<'a>(pub &'a Value);

impl<'a> Undoings<'a> {
    /// The events, each with the properties that must be as they were.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, List<'a, &'a str>)> {
        let all = if let Value::List(several) = self.0 { several } else { std::slice::from_ref(self.0) };
        all.iter().filter_map(|one| match one {
            Value::Text(on) => Some((on.as_str(), List::of(&Value::Null))),
            Value::Map(_) => Some((Undoing(one).on(), Undoing(one).by())),
            _ => None,
        })
    }
}

impl<'a> Part<'a> for Undoings<'a> {
    fn of(value: &'a Value) -> Self {
        Undoings(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        let one = |value: &'a Value, check: &mut Check| match value {
            Value::Map(_) => Undoing::check(value, check),
            value => <&str>::check(value, check),
        };
        match value {
            Value::List(list) => {
                for (index, value) in list.iter().enumerate() {
                    check.within(&index.to_string(), |check| one(value, check));
                }
            }
            value => one(value, check),
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        let one = forms(vec![<&str>::schema(defs), Undoing::schema(defs)]);
        let many: Value = Map::new().with("type", "array").with("items", one.clone()).into();
        forms(vec![one, many])
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

/// At most so much, or so often (`n`), in a time.
#[derive(Clone, Copy)]
struct Limit<'a> {
    what: &'a str,
    most: i64,
    per: Per,
    group: Option<&'a str>,
}

/// What counts grants, not points.
const TIMES: &str = "n";

impl<'a> Caps<'a> {
    fn limits(self) -> Vec<Limit<'a>> {
        let mut limits = Vec::new();
        let several = if let Value::List(several) = self.0 { several } else { std::slice::from_ref(self.0) };
        for cap in several {
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

record! {
    /// What rules have granted and may be reckoned again, and what is still to be chosen.
    pub struct Grants {
        /// Grants that can be taken back or topped up, oldest first.
        "given" given: Vec<Given>,
        /// Choices that are open.
        "offers" offers: Vec<Offer>,
    }

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

/// A lot to be opened, and how many points without limits.
struct Draft<'a> {
    currency: &'a str,
    lot: Lot,
    amount: i64,
}

/// What grants: a rule, or whatever pays.
struct Granter<'a> {
    id: &'a str,
    caps: Caps<'a>,
    /// What would undo it; none: nothing can.
    keys: Option<Map>,
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
        let known = |key: &str| turn.profile.declared.get(key).0.integer().or(turn.profile.traits.get(key)?.integer());
        if turn.program.consent().minor_age().is_some_and(|least| known("age").is_some_and(|age| age < least)) {
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
                loyalty.grants.offers.push(Offer {
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
    if let Some(prize) = rule.reward() {
        loyalty.pay(Payout { source: rule.id().to_string(), prize, order: None, pending: None }, turn);
    }
    if let Some(hook) = rule.emit() {
        let terms = turn.program.hooks().get(hook);
        if terms.and_then(|terms| terms.needs()).is_none_or(|purpose| turn.allows(purpose)) {
            let (at, event) = (turn.at.text(), turn.cause().event);
            let told = [("at", at.into()), ("event", event.into()), ("hook", hook.into()), ("rule", rule.id().into())];
            loyalty.told.push(Map::of(told).into());
        }
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
fn issue(loyalty: &mut Loyalty, granter: Granter, drafts: Vec<Draft>, turn: Turn) -> bool {
    let limits = granter.caps.limits();
    let capped = limits.iter().any(|limit| limit.per != Per::Event);
    let day = turn.day(turn.at);
    let space =
        |loyalty: &Loyalty, what: &str| room(&loyalty.grants.given, &limits, granter.id, what, turn.at, day, turn);
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
    let all = &mut loyalty.grants.given;
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
    fn version(self, version: i64) -> Program<'a> {
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
    fn rule(self, version: i64, id: &str) -> Option<Rule<'a>> {
        let named = |program: Program<'a>| program.rules().iter().find(|rule| rule.id() == id);
        named(self.version(version)).or_else(|| named(self.program))
    }
}

/// Follows a signal after the meters moved: grants that it undoes, choices that it answers, waits of what is to be chosen.
pub fn follow(loyalty: &mut Loyalty, turn: Turn) {
    let Some(signal) = turn.signal.filter(|signal| signal.kind == Kind::Track && !signal.ours) else { return };
    if let Some(order) = turn.order {
        for offer in &mut loyalty.grants.offers {
            offer.lot.starts(&signal.name, order, turn.at, turn.calendar());
        }
    }
    undo(loyalty, turn);
    answer(loyalty, signal, turn);
}

/// Takes back the grants that an event undoes.
fn undo(loyalty: &mut Loyalty, turn: Turn) {
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
    while let Some(place) = loyalty.grants.given.iter().position(undone) {
        taken.push(loyalty.grants.given.remove(place));
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

/// The order is now worth `left`: its grants are reckoned again, what is still to be chosen shrinks or is void, and what limits
/// held back may be topped up.
pub fn refund(loyalty: &mut Loyalty, order: &str, left: i64, turn: Turn) {
    loyalty.reckon(order, left, turn.cause());
    for rule in turn.program.rules().iter().filter(|rule| left <= 0 && rule.choice().is_some()) {
        reward::revoke(&mut loyalty.wallet, &coupon(rule.id(), order));
    }
    let Loyalty { accounts, grants, .. } = loyalty;
    for offer in grants.offers.iter_mut().filter(|offer| offer.lot.order.as_deref() == Some(order)) {
        offer.base = if offer.lot.denominator == 0 && left > 0 { offer.base } else { left };
    }
    grants.offers.retain(|offer| offer.lot.amount(offer.base, offer.base > 0) > 0);
    let mut changed = false;
    for given in grants.given.iter_mut().filter(|given| given.order.as_deref() == Some(order)) {
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
        grants.given.retain(|given| {
            given.order.as_deref() != Some(order) || given.parts.iter().any(|(_, part)| part.wanted > 0)
        });
        accounts.iter_mut().for_each(|(_, account)| account.forget());
        refill(loyalty, turn);
    }
}

/// Tops up what limits held back, as new earnings, in the order in which it was earned (fine print 7).
fn refill(loyalty: &mut Loyalty, turn: Turn) {
    for place in 0..loyalty.grants.given.len() {
        let Some(given) = loyalty.grants.given.get(place) else { break };
        if given.parts.iter().all(|(_, part)| part.given >= part.wanted) {
            continue;
        }
        let (caps, wait) = turn.terms(given.version, &given.rule);
        let (limits, at, day) = (caps.limits(), given.at, Day(given.day as i32));
        let (id, order) = (given.rule.clone(), given.order.clone());
        let space = |all: &[Given], what: &str| room(all, &limits, &id, what, at, day, turn);
        if !given.counted && space(&loyalty.grants.given, TIMES) == 0 {
            continue;
        }
        let lacking = given.parts.iter().filter(|(_, part)| part.given < part.wanted);
        let lacking: Vec<_> =
            lacking.map(|(currency, part)| (currency.to_string(), part.wanted - part.given, part.lot)).collect();
        for (currency, lacks, head) in lacking {
            let amount = space(&loyalty.grants.given, &currency).min(lacks);
            let Some(rules) = turn.program.currencies().get(&currency).filter(|_| amount > 0) else { continue };
            if board::budget_exhausted(&loyalty.boards, &currency) {
                continue;
            }
            let lot = Lot::new(rules, wait, order.as_deref(), turn.at, turn.calendar());
            let origin = Origin { rule: &id, version: turn.program.version() };
            let lot = loyalty.open(Lot { of: head, ..lot }, amount, &currency, origin, turn.cause(), turn.calendar());
            if let Some(given) = loyalty.grants.given.get_mut(place) {
                given.counted = true;
                let part = given.parts.entry(&currency);
                part.given += amount;
                part.lot = if head == 0 { lot } else { head };
            }
        }
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

/// A choice may be answered: that of the order named, or the newest.
fn answer(loyalty: &mut Loyalty, signal: &Signal, turn: Turn) {
    let ours = signal.name == ANSWER && turn.property("action").text() == Some("choice");
    let Some(chosen) = turn.property("value").text().filter(|_| ours || signal.name == "reward_choice") else { return };
    if chosen != NOW && chosen != SAVE {
        return;
    }
    let mine = |offer: &Offer| turn.order.is_none_or(|order| offer.lot.order.as_deref() == Some(order));
    let Some(event) = loyalty.grants.offers.iter().rev().find(|offer| mine(offer)).map(|offer| offer.event.clone())
    else {
        return;
    };
    decide(loyalty, &|offer| offer.event == event, chosen, turn);
}

/// Settles open choices: as chosen, or as the rule says where nothing was.
fn decide(loyalty: &mut Loyalty, of: &dyn Fn(&Offer) -> bool, chosen: &str, turn: Turn) {
    while let Some(place) = loyalty.grants.offers.iter().position(of) {
        let Offer { rule: id, version, currency, base, mut lot, .. } = loyalty.grants.offers.remove(place);
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
                (lot.times, lot.over) = (save.times().0, save.times().1);
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
    loyalty.grants.offers.iter().map(|offer| offer.until).for_each(tell);
}

/// `[{rule, order, now, save, currency, until}]`, where there are any.
pub fn choices(loyalty: &Loyalty, turn: Turn) -> Option<Value> {
    let line = |offer: &Offer| {
        let save = turn.rule(offer.version, &offer.rule).and_then(Rule::choice).map(|choice| choice.save().times());
        let now = offer.lot.amount(offer.base, true);
        Map::of([
            ("rule", offer.rule.as_str().into()),
            ("order", (&offer.lot.order).into()),
            ("now", now.into()),
            ("save", save.map_or(now, |save| offer.lot.rounded(save.of(now))).into()),
            ("currency", offer.currency.as_str().into()),
            ("until", offer.until.text().into()),
        ])
        .into()
    };
    let lines: Vec<Value> = loyalty.grants.offers.iter().map(line).collect();
    (!lines.is_empty()).then(|| lines.into())
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
    let wait = payout.pending.map(|after| Wait { after, from: None });
    let mut lot = Lot::new(rules, wait, payout.order.as_deref(), turn.at, turn.calendar());
    lot.numerator = amount;
    // A rule's own limits were asked before it gave this.
    let own = turn.program.rules().iter().any(|rule| rule.id() == payout.source);
    let caps = if own { Caps(&Value::Null) } else { turn.terms(turn.program.version(), &payout.source).0 };
    let granter = Granter { id: &payout.source, caps, keys: None };
    issue(loyalty, granter, vec![Draft { currency, lot, amount }], turn);
}
