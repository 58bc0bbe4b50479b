//! Currencies: the terms of each kind of points.

use super::program::Rate;
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, forms};
use crate::engine::base::document::{Part, Table};
use crate::engine::base::time::Span;
#[cfg(feature = "studio")]
use crate::engine::base::value::Map;
use crate::engine::base::value::Value;
use crate::engine::message::template::Text;
use crate::{document, scalar, words};

document! {
    /// One kind of points.
    pub struct Currency {
        /// Its name in words.
        "label" label: Option<Text<'a>> = None,
        /// What stands right after an amount, e.g. "P"; the name where there is none.
        "unit" unit: Option<Text<'a>> = None,
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

/// A wait.
#[derive(Clone, Copy)]
pub struct Wait<'a> {
    /// So long.
    pub after: Span,
    /// The event of the same order it counts from; none: earning.
    pub from: Option<&'a str>,
}

impl<'a> Pending<'a> {
    /// The wait, however it is written.
    pub fn wait(self) -> Wait<'a> {
        let long = PendingFrom(self.0);
        let after = if self.0.text().is_some() { Span::of(self.0) } else { long.after() };
        Wait { after, from: long.from() }
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
