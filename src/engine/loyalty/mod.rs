//! Loyalty: points as dated lots in a ledger, tiers over meters (loyalty.md).

pub mod ledger;
pub mod tier;

use crate::engine::audience::Condition;
use crate::engine::base::document::{Document, Mode, Named, Walk, scalar};
use crate::engine::base::time::{Day, Span, Time};
use crate::engine::base::value::Value;
use crate::engine::document;
use crate::engine::meter::Names;

document! {
    /// The loyalty rules from one day on. Each event is judged by the program with the latest `from` not after it.
    pub struct Program {
        /// Id; versions of one program share it.
        "program" program: String,
        /// Grows with each change.
        "version" version: i64,
        /// First day, `2026-01-01`, in the house's zone.
        "from" from: Date,
        /// What can be earned.
        "currencies" currencies: Named<Currency> = Named(Vec::new()),
        /// What earns it.
        "rules" rules: Vec<Rule> = Vec::new(),
        /// Ordered levels.
        "tiers" tiers: Named<tier::Tier> = Named(Vec::new()),
    }

    /// One kind of points.
    pub struct Currency {
        /// How long a grant waits before it can be used.
        "pending" pending: Option<Pending> = None,
        /// How long it can be used.
        "expiry" expiry: Option<Expiry> = None,
        /// What a refund does when the points are already spent.
        "refund" refund: RefundPolicy = RefundPolicy::Debt,
        /// Grants are rounded down to a multiple of this.
        "round" round: Option<Round> = None,
    }

    /// Rounding of a grant.
    pub struct Round {
        /// Down to a multiple of this.
        "floor" floor: i64,
    }

    /// What a refund does when the points are already spent.
    #[derive(Copy, PartialEq)]
    pub enum RefundPolicy {
        /// The shopper owes them; the next points pay.
        "debt" Debt,
        /// They are written off.
        "withinBalance" WithinBalance,
    }

    /// How long points live.
    #[derive(Copy)]
    pub struct Expiry {
        /// Good for this long, the last day included.
        "after" after: Span,
        /// Counted from earning or from becoming active.
        "from" from: ExpiryFrom = ExpiryFrom::Earn,
    }

    /// Where an expiry counts from.
    #[derive(Copy, PartialEq)]
    pub enum ExpiryFrom {
        /// The event that earned them.
        "earn" Earn,
        /// The day on which they became active.
        "active" Active,
    }

    /// One way of earning.
    pub struct Rule {
        /// Id, named in the ledger.
        "id" id: String,
        /// The events that earn.
        "on" on: Names,
        /// Only where this holds, over the state before the event.
        "when" when: Option<Condition> = None,
        /// How much of which currency: a number, or `[property, numerator, denominator]`.
        "grant" grant: Named<Grant>,
        /// Once for each value of this property; `member`: once ever. Orders never pay twice in any case.
        "once" once: Option<String> = None,
    }
}

/// A calendar date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Date(pub Day);

scalar!(
    Date,
    "a date such as 2026-01-01",
    [("type", "string"), ("format", "date")],
    |value| value.text().and_then(Day::parse).map(Date),
    |this| this.0.text()
);

document! {
    /// How long a grant waits; a bare duration counts from earning.
    pub struct PendingFrom {
        /// The wait.
        "after" after: Span,
        /// The event of the same order it counts from, e.g. `order_delivered`; none: earning.
        "from" from: Option<String> = None,
    }
}

/// How long a grant waits: a duration after earning, or after another event of the same order.
#[derive(Clone, Default)]
pub struct Pending(pub PendingFrom);

impl Document for Pending {
    fn walk(&mut self, walk: &mut Walk) {
        match walk.mode() {
            Mode::Read(Value::Text(_)) => self.0.after.walk(walk),
            #[cfg(feature = "studio")]
            Mode::Describe => walk.describe_forms(&mut [&mut Span::default(), &mut self.0]),
            _ => self.0.walk(walk),
        }
    }
}

/// How much a rule grants.
#[derive(Clone, Debug, PartialEq)]
pub enum Grant {
    /// So many.
    Fixed(i64),
    /// A property of the event times a fraction; `value` is money in minor units.
    Rate(String, i64, i64),
}

impl Default for Grant {
    fn default() -> Self {
        Grant::Fixed(0)
    }
}

scalar!(
    Grant,
    "a whole number or [property, numerator, denominator], not negative",
    [],
    |value| Grant::parse(value),
    |this| match this {
        Grant::Fixed(number) => Value::from(*number),
        Grant::Rate(property, numerator, denominator) => {
            vec![Value::from(property.clone()), (*numerator).into(), (*denominator).into()].into()
        }
    }
);

impl Grant {
    fn parse(value: &Value) -> Option<Grant> {
        let whole = |value: &Value| value.integer().filter(|number| *number >= 0);
        match value.list() {
            [Value::Text(property), numerator, denominator] => {
                let denominator = whole(denominator).filter(|number| *number > 0)?;
                Some(Grant::Rate(property.clone(), whole(numerator)?, denominator))
            }
            _ => whole(value).map(Grant::Fixed),
        }
    }
}

document! {
    /// All that loyalty has computed for one shopper.
    pub struct Loyalty {
        /// Points by currency.
        "accounts" accounts: Named<ledger::Account> = Named(Vec::new()),
        /// Levels by tier.
        "tiers" tiers: Named<tier::Standing> = Named(Vec::new()),
        /// What `once` has already paid: rule and value.
        "paid" paid: Vec<String> = Vec::new(),
        /// The ledger, oldest first.
        "entries" entries: Vec<ledger::Entry> = Vec::new(),
        /// Lots ever opened.
        "lots" lots: i64 = 0,
    }
}

/// The program that judges an event on this day.
pub fn program_on(programs: &[Program], day: Day) -> Option<&Program> {
    programs.iter().filter(|program| program.from.0 <= day).max_by_key(|program| (program.from.0, program.version))
}

/// An instant or null.
pub(crate) fn time_value(time: Option<Time>) -> Value {
    time.map(Time::text).into()
}
