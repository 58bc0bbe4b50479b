//! Rewards: what can be had for points or is given, and the wallet that holds it.

use super::program::Per;
use super::{Loyalty, Turn, board};
use crate::engine::audience::Condition;
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, forms};
use crate::engine::base::document::{List, Part, Table};
use crate::engine::base::time::{Span, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::message::template::Text;
use crate::{document, record, words};

document! {
    /// What can be had for points, or is given.
    pub struct Reward {
        /// Id.
        "id" id: &'a str,
        /// Its name in words.
        "label" label: Option<Text<'a>> = None,
        /// What it costs, by currency; nothing: it is only given.
        "cost" cost: Table<'a, i64> = Table::of(&Value::Null),
        /// What it is.
        "kind" kind: Kind = Kind::Perk,
        /// What it is worth, in minor units.
        "value" value: Option<i64> = None,
        /// The least order it can be used on, in minor units.
        "minOrder" min_order: Option<i64> = None,
        /// Used points do not come back.
        "final" is_final: bool = false,
        /// How long it can be used once it is had.
        "ttl" ttl: Option<Span> = None,
        /// When it is given: `birthday`, or a condition under which it can be had.
        "when" when: Option<Occasion<'a>> = None,
        /// From how long before the birthday to how long after it is given: `["-P3D", "P7D"]`.
        "window" window: List<'a, &'a str> = List::of(&Value::Null),
        /// At most once in this time.
        "per" per: Option<Per> = None,
        /// `flag.NAME`, a flag of a level or badge, or `tier.TIER.LEVEL`: only who has it can have it.
        "gate" gate: Option<&'a str> = None,
        /// Another reward in its place, by level: `{LEVEL: reward}`.
        "byTier" by_tier: Table<'a, &'a str> = Table::of(&Value::Null),
    }
}

words! {
    /// What a reward is.
    pub enum Kind {
        /// Something the shop does.
        "perk" Perk,
        /// Something kept in the wallet until it is used.
        "wallet" Wallet,
        /// A coupon.
        "coupon" Coupon,
        /// A product.
        "product" Product,
        /// Money.
        "cash" Cash,
        /// Given away.
        "gift" Gift,
    }
}

/// When a reward is given: on the birthday, or while a condition holds.
#[derive(Clone, Copy)]
pub enum Occasion<'a> {
    /// On the birthday.
    Birthday,
    /// While this holds.
    While(Condition<'a>),
}

impl<'a> Part<'a> for Occasion<'a> {
    fn of(value: &'a Value) -> Self {
        if value.text() == Some("birthday") { Occasion::Birthday } else { Occasion::While(Condition::of(value)) }
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        match value.text() {
            Some("birthday") => (),
            Some(_) => check.expected("birthday or a condition", value),
            None => Condition::check(value, check),
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        forms(vec![Map::new().with("const", "birthday").into(), Condition::schema(defs)])
    }
}

record! {
    /// Rewards that were given.
    pub struct Wallet {
        /// In the order in which they came.
        "items" items: Vec<Item>,
    }

    /// One of them.
    pub struct Item {
        /// The reward.
        "reward" reward: String,
        /// What gave it: a redemption's id, or the id of a rule, a tier, a mission, …
        "source" source: String,
        /// What it is worth, in minor units, where its reward does not say.
        "value" value: Option<i64>,
        /// When it came.
        "at" at: Time,
        /// The first instant at which it cannot be used any more.
        "expiresAt" expires_at: Option<Time>,
    }
}

/// A reward may have been used.
pub fn hear(_wallet: &mut Wallet, _turn: Turn) {}

/// What lapses.
pub fn pass(_wallet: &mut Wallet, _turn: Turn) {}

/// The next lapse.
pub fn next(_wallet: &Wallet, _turn: Turn) -> Option<Time> {
    None
}

/// Puts a reward into the wallet.
pub fn give<'w>(wallet: &'w mut Wallet, reward: &str, source: &str, turn: Turn) -> Option<&'w mut Item> {
    wallet.items.push(Item { reward: reward.to_string(), source: source.to_string(), at: turn.at, ..Item::default() });
    wallet.items.last_mut()
}

/// Why a shopper cannot take a reward now, points apart; none: it can be had.
pub fn refusal(loyalty: &Loyalty, reward: Reward, turn: Turn) -> Option<&'static str> {
    let again = |item: &Item| reward.per().is_some_and(|per| turn.counts_with(per, item.at));
    if loyalty.wallet.items.iter().any(|item| item.reward == reward.id() && again(item)) {
        return Some("per");
    }
    board::stock(&loyalty.boards, reward.id()).filter(|stock| *stock <= 0).map(|_| "stock")
}

/// Takes back what a source gave and is not used; whether there was anything.
pub fn revoke(wallet: &mut Wallet, source: &str) -> bool {
    let before = wallet.items.len();
    wallet.items.retain(|item| item.source != source);
    wallet.items.len() < before
}

/// Takes back what was given at a moment and is not used.
pub fn revoke_given(wallet: &mut Wallet, reward: &str, at: Time) {
    wallet.items.retain(|item| !(item.reward == reward && item.at == at));
}

/// `{ID: {state, reason}}`.
pub fn progress(_loyalty: &Loyalty, _turn: Turn) -> Value {
    Map::new().into()
}
