//! Loyalty: points as dated lots in a ledger, tiers over meters (loyalty.md).

pub mod ledger;
pub mod tier;

use crate::engine::audience::Condition;
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, forms};
use crate::engine::base::document::{List, Part, Table};
use crate::engine::base::record::Named;
use crate::engine::base::time::{Day, Span, Time};
#[cfg(feature = "studio")]
use crate::engine::base::value::Map;
use crate::engine::base::value::Value;
use crate::engine::meter::Names;
use crate::{document, record, scalar, words};

document! {
    /// The loyalty rules from one day on. Each event is judged by the program with the latest `from` not after it.
    pub struct Program {
        /// Id; versions of one program share it.
        "program" program: &'a str,
        /// Grows with each change.
        "version" version: i64,
        /// First day, `2026-01-01`, in the house's zone.
        "from" from: Day,
        /// What can be earned.
        "currencies" currencies: Table<'a, Currency<'a>>,
        /// What earns it.
        "rules" rules: List<'a, Rule<'a>>,
        /// Ordered levels.
        "tiers" tiers: Table<'a, tier::Tier<'a>>,
    }

    /// One kind of points.
    pub struct Currency {
        /// How long a grant waits before it can be used.
        "pending" pending: Option<Pending<'a>> = None,
        /// How long it can be used.
        "expiry" expiry: Option<Expiry<'a>> = None,
        /// What a refund does when the points are already spent: `debt` or `withinBalance`.
        "refund" refund: RefundPolicy = RefundPolicy::Debt,
        /// Grants are rounded down: `floor` to a whole number, or `{"floor": 10}` to a multiple.
        "round" round: Round = Round(1),
    }

    /// How long points live.
    pub struct Expiry {
        /// Good for this long, the last day included.
        "after" after: Span,
        /// Counted from the event that earned them, `earn`, or from the day on which they became usable, `active`.
        "from" from: ExpiryFrom = ExpiryFrom::Earn,
    }

    /// The long form of a wait.
    pub struct PendingFrom {
        /// The wait.
        "after" after: Span,
        /// The event of the same order it counts from, e.g. `order_delivered`; none: earning.
        "from" from: Option<&'a str> = None,
    }

    /// One way of earning.
    pub struct Rule {
        /// Id, named in the ledger.
        "id" id: &'a str,
        /// The events that earn.
        "on" on: Names<'a>,
        /// Only where this holds, over the state before the event.
        "when" when: Option<Condition<'a>> = None,
        /// How much of which currency: a number, or `[property, numerator, denominator]`.
        "grant" grant: Table<'a, Grant<'a>>,
        /// Once for each value of this property; `member`: once ever. Orders never pay twice in any case.
        "once" once: Option<&'a str> = None,
    }
}

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

scalar!(
    Day,
    "a date such as 2026-01-01",
    [("type", "string"), ("format", "date")],
    |value| value.text().and_then(Day::parse),
    Day(i32::MAX)
);

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

/// How much a rule grants.
#[derive(Clone, Copy)]
pub enum Grant<'a> {
    /// So many.
    Fixed(i64),
    /// A property of the event times a fraction; `value` is money in minor units.
    Rate(&'a str, i64, i64),
}

scalar!(
    Grant<'a>,
    "a whole number or [property, numerator, denominator], not negative",
    [],
    |value| Grant::parse(value),
    Grant::Fixed(0)
);

impl<'a> Program<'a> {
    /// Tells each condition that is asked about an event, or about any.
    pub fn conditions(self, event: Option<&str>, tell: &mut dyn FnMut(Condition<'a>)) {
        for rule in self.rules().iter().filter(|rule| event.is_none_or(|event| rule.on().has(event))) {
            rule.when().into_iter().for_each(&mut *tell);
        }
    }

    /// Tells each meter that levels are reckoned from.
    pub fn meters(self, tell: &mut dyn FnMut(&'a str)) {
        self.tiers().iter().for_each(|(_, tier)| tell(tier.meter()));
    }
}

impl<'a> Grant<'a> {
    fn parse(value: &'a Value) -> Option<Grant<'a>> {
        let whole = |value: &Value| value.integer().filter(|number| *number >= 0);
        match value.list() {
            [Value::Text(property), numerator, denominator] => {
                let denominator = whole(denominator).filter(|number| *number > 0)?;
                Some(Grant::Rate(property, whole(numerator)?, denominator))
            }
            _ => whole(value).map(Grant::Fixed),
        }
    }
}

record! {
    /// All that loyalty has computed for one shopper.
    pub struct Loyalty {
        /// Points by currency.
        "accounts" accounts: Named<ledger::Account>,
        /// Levels by tier.
        "tiers" tiers: Named<tier::Standing>,
        /// What `once` has already paid: rule and value.
        "paid" paid: Vec<String>,
        /// The ledger, oldest first.
        "entries" entries: Vec<Value>,
        /// Lots ever opened.
        "lots" lots: i64,
    }
}

/// An instant or null.
pub(crate) fn time_value(time: Option<Time>) -> Value {
    time.map(Time::text).into()
}
