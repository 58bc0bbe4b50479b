//! Rewards: what can be had for points or is given, and the wallet that holds it.

use super::program::{Per, Program};
use super::tier::Level;
use super::{Arrival, Loyalty, Tell, Turn, board, time_value};
use crate::engine::audience::Condition;
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, forms};
use crate::engine::base::document::{List, Part, Table};
use crate::engine::base::text::cut;
use crate::engine::base::time::{Day, Ends, Shift, Span, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::message::template::Text;
use crate::engine::signal::id_text;
use crate::{document, record, words};

document! {
    /// What can be had for points, or is given.
    pub struct Reward {
        /// Id.
        "id" id: &'a str,
        /// Its name in words.
        "label" label: Option<Text<'a>> = None,
        /// What it costs, by currency. Nothing: it is given, or free for whom its `gate` or `when` lets have it.
        "cost" cost: Table<'a, i64> = Table::of(&Value::Null),
        /// What it is.
        "kind" kind: Kind = Kind::Perk,
        /// What it is worth, in minor units.
        "value" value: Option<i64> = None,
        /// The least order it can be used on, in minor units.
        "minOrder" min_order: Option<i64> = None,
        /// Used points do not come back: it is used as soon as it is had.
        "final" is_final: bool = false,
        /// How long it can be used once it is had.
        "ttl" ttl: Option<Span> = None,
        /// When it is given: `birthday`, or a condition under which it can be had.
        "when" when: Option<Occasion<'a>> = None,
        /// From how long before the birthday to how long after it is given: `["-P3D", "P7D"]`.
        "window" window: List<'a, &'a str> = List::of(&Value::Null),
        /// At most once in this time; what is given on the birthday once a calendar year where nothing is named.
        "per" per: Option<Per> = None,
        /// `flag.NAME`, a flag of a level or badge, or `tier.TIER.LEVEL`: only who has it can have it.
        "gate" gate: Option<&'a str> = None,
        /// The purpose it needs; who is too young to have agreed to it cannot have it.
        "needs" needs: Option<&'a str> = None,
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
        /// The one in whose place it was given.
        "for" stands_for: Option<String>,
        /// What gave it: a redemption's id, or the id of a rule, a tier, a mission, …
        "source" source: String,
        /// What it is worth, in minor units, where its reward does not say.
        "value" value: Option<i64>,
        /// When it came.
        "at" at: Time,
        /// The first instant at which it cannot be used any more.
        "expiresAt" expires_at: Option<Time>,
        /// What became of it.
        "fate" fate: Fate,
        /// Whether the redemption that it is had by is not confirmed yet.
        "held" held: bool,
        /// The birthday it was given for.
        "birthday" birthday: Option<Day>,
    }
}

words! {
    /// What became of a reward that was given.
    pub enum Fate {
        /// It can be used.
        "granted" Granted,
        /// It was used.
        "used" Used,
        /// It was not used in time.
        "expired" Expired,
        /// It was taken back.
        "revoked" Revoked,
    }
}

impl Item {
    fn is(&self, reward: &str) -> bool {
        self.reward == reward || self.stands_for.as_deref() == Some(reward)
    }

    /// Whether it can be used at a moment; of one that expired later, whether it could.
    fn is_good(&self, at: Time) -> bool {
        let lapsed = self.expires_at.is_some_and(|expires| expires <= at);
        matches!(self.fate, Fate::Granted | Fate::Expired) && !lapsed && self.at <= at
    }

    /// Whether it is had now: it can be used, or its redemption waits to be confirmed.
    fn is_had(&self, at: Time) -> bool {
        self.fate == Fate::Granted && self.is_good(at) || self.fate == Fate::Used && self.held
    }

    fn state(&self) -> &'static str {
        match self.fate {
            Fate::Granted | Fate::Used if self.held => "held",
            fate => fate.word(),
        }
    }
}

/// The level held of a tier; everyone begins in the first.
fn held<'a>(loyalty: &'a Loyalty, tier: &str, turn: Turn<'a>) -> &'a str {
    let first = || turn.program.tiers().get(tier).and_then(|tier| tier.levels().get(0)).map_or("", |level| level.id());
    loyalty.tiers.get(tier).map_or_else(first, |standing| &standing.level)
}

/// Place of a tier's level, from the lowest.
fn place(tier: &str, level: &str, turn: Turn) -> Option<usize> {
    turn.program.tiers().get(tier)?.levels().iter().position(|known| known.id() == level)
}

impl<'a> Reward<'a> {
    fn is_birthday(self) -> bool {
        matches!(self.when(), Some(Occasion::Birthday))
    }

    fn costs(self) -> bool {
        self.cost().iter().next().is_some()
    }

    /// Whether shoppers take it themselves: what costs nothing and asks for nothing is only given.
    fn is_offered(self) -> bool {
        !self.is_birthday() && (self.costs() || self.gate().is_some() || self.when().is_some())
    }

    /// The first and the last day on which it can be given for a birthday.
    fn window_of(self, birthday: Day) -> (Day, Day) {
        let shifted = |by: Option<&str>| birthday.shifted(by.and_then(Shift::parse).unwrap_or_default());
        (shifted(self.window().get(0)), shifted(self.window().get(1)))
    }

    /// Whether the level or badge that it is kept for is held.
    fn is_open(self, loyalty: &Loyalty, turn: Turn) -> bool {
        match self.gate().map(|gate| cut(gate, b'.')) {
            None => true,
            Some(Some(("flag", flag))) => loyalty.flags(turn).get(flag).is_some(),
            Some(Some(("tier", level))) => cut(level, b'.').is_some_and(|(tier, level)| {
                let held = held(loyalty, tier, turn);
                held == level || place(tier, level, turn).is_some_and(|wanted| place(tier, held, turn) >= Some(wanted))
            }),
            Some(_) => false,
        }
    }

    /// The level that opens its gate, of a tier or a badge, and what the meter lacks.
    fn opener(self, tiers: &Value, turn: Turn) -> Map {
        let (kind, rest) = self.gate().and_then(|gate| cut(gate, b'.')).unwrap_or_default();
        let opens = |tier: &str, level: &Level| match kind {
            "flag" => level.flags().iter().any(|flag| flag == rest),
            _ => cut(rest, b'.') == Some((tier, level.id())),
        };
        let mut gate = Map::of([("flag", Some(rest).filter(|_| kind == "flag").into())]);
        for (id, tier) in turn.program.tiers().iter() {
            if let Some(level) = tier.levels().iter().find(|level| opens(id, level)) {
                let value = tiers.field(id).field("value").integer().unwrap_or(0);
                gate.append("tier", id.into());
                gate.append("level", level.id().into());
                gate.append("remaining", (level.min() - value).max(0).into());
                return gate;
            }
        }
        for badge in turn.program.badges().iter().filter(|_| kind == "flag") {
            if let Some((level, _)) = badge.flags().iter().find(|(_, flags)| flags.iter().any(|flag| flag == rest)) {
                gate.append("badge", badge.id().into());
                gate.append("level", level.into());
                return gate;
            }
        }
        gate
    }

    /// Why it cannot be given to this shopper now, for this birthday or without one.
    fn barred(self, loyalty: &Loyalty, birthday: Option<Day>, turn: Turn) -> Option<&'static str> {
        if let Some(purpose) = self.needs() {
            if turn.is_minor() {
                return Some("minor");
            }
            if !turn.allows(purpose) {
                return Some("consent");
            }
        }
        if !self.is_open(loyalty, turn) {
            return Some("gate");
        }
        let counts = |item: &Item| match (birthday, item.birthday) {
            // Of birthdays their own dates count: the window of one may open in the year before.
            (Some(birthday), Some(earlier)) => {
                let first = self.per().unwrap_or(Per::Year).first_day(birthday, turn.program.clock().week_start());
                earlier == birthday || first.is_some_and(|first| earlier >= first) || self.per() == Some(Per::Life)
            }
            _ => self.per().is_some_and(|per| turn.counts_with(per, item.at)),
        };
        if loyalty.wallet.items.iter().any(|item| item.is(self.id()) && item.fate != Fate::Revoked && counts(item)) {
            return Some("per");
        }
        board::stock(&loyalty.boards, self.id()).filter(|stock| *stock <= 0).map(|_| "stock")
    }

    /// `{state, reason}`, with what a widget needs where it applies: `cost`, `remaining` and `percent`, `gate`, `expiresAt`,
    /// `count`, `value`, `minOrder`.
    fn progress(self, loyalty: &Loyalty, tiers: &Value, turn: Turn) -> Value {
        let items = || loyalty.wallet.items.iter().filter(|item| item.is(self.id()));
        let had = || items().filter(|item| item.is_had(turn.at));
        let refused = refusal(loyalty, self, turn);
        let reach = self.reach(loyalty, turn);
        let reason = refused.or(reach.filter(|(remaining, _)| *remaining > 0).map(|_| "points"));
        // What is over tells nothing where it can be had again.
        let last = items().next_back().filter(|_| !self.costs() && (!self.is_offered() || refused == Some("per")));
        let state = match had().next_back().or(last) {
            Some(item) => item.state(),
            None if reason.is_none() => "available",
            None => "locked",
        };
        let reason = reason.filter(|_| state == "locked");
        let whole = if refused.is_none() { 100 } else { 99 };
        let gate = || Value::from(self.opener(tiers, turn));
        let besides = [
            ("cost", if self.costs() { self.0.field("cost").clone() } else { Value::Null }),
            ("remaining", reach.map(|(remaining, _)| remaining).into()),
            ("percent", reach.map(|(_, percent)| percent.min(whole)).into()),
            ("gate", if reason == Some("gate") { gate() } else { Value::Null }),
            ("expiresAt", time_value(had().filter_map(|item| item.expires_at).min())),
            ("count", Some(had().count() as i64).filter(|count| *count > 0).into()),
            ("value", had().find_map(|item| item.value).or(self.value()).into()),
            ("minOrder", self.min_order().into()),
        ];
        let mut line = Map::of([("state", state.into()), ("reason", reason.into())]);
        for (key, value) in besides {
            if !value.is_null() {
                line.append(key, value);
            }
        }
        line.into()
    }

    /// How many points it takes yet, and how far those held reach, in percent: of several currencies the one that lacks most.
    fn reach(self, loyalty: &Loyalty, turn: Turn) -> Option<(i64, i64)> {
        let lacks = self.cost().iter().map(|(currency, cost)| {
            let lots = loyalty.accounts.get(currency).into_iter().flat_map(|account| &account.lots);
            let held: i64 = lots.filter(|lot| lot.active).map(|lot| lot.left).sum();
            let terms = turn.program.currencies().get(currency);
            let (least, spendable) = terms.map_or((0, false), |terms| (terms.min_spend(), terms.spendable()));
            let cost = cost.max(least).max(1);
            let held = if spendable { held.clamp(0, i64::MAX / 100) } else { 0 };
            ((cost - held).max(0), (held * 100 / cost).min(100))
        });
        lacks.min_by_key(|(_, percent)| *percent)
    }
}

/// The conditions that rewards ask.
pub fn conditions<'a>(program: Program<'a>) -> impl Iterator<Item = Condition<'a>> {
    program.rewards().iter().filter_map(|reward| match reward.when() {
        Some(Occasion::While(condition)) => Some(condition),
        _ => None,
    })
}

/// Why a shopper cannot take a reward now, points apart; none: it can be had.
pub fn refusal(loyalty: &Loyalty, reward: Reward, turn: Turn) -> Option<&'static str> {
    let holds = match reward.when() {
        Some(Occasion::While(condition)) => condition.holds(turn.facts),
        _ => reward.is_offered(),
    };
    reward.barred(loyalty, None, turn).or((!holds).then_some("when"))
}

/// The reward that a shopper of this level is given in the place of another.
pub fn in_place_of<'a>(loyalty: &Loyalty, id: &'a str, turn: Turn<'a>) -> &'a str {
    let reward = turn.program.rewards().iter().find(|reward| reward.id() == id);
    let is_held = |level: &str| turn.program.tiers().iter().any(|(tier, _)| held(loyalty, tier, turn) == level);
    reward.and_then(|reward| reward.by_tier().iter().find(|(level, _)| is_held(level))).map_or(id, |(_, other)| other)
}

/// Puts a reward into the wallet; the caller may say more of it.
pub fn give<'w>(wallet: &'w mut Wallet, reward: &str, source: &str, turn: Turn) -> Option<&'w mut Item> {
    let terms = turn.program.rewards().iter().find(|known| known.id() == reward);
    let ttl = terms.and_then(Reward::ttl);
    let used = terms.is_some_and(Reward::is_final);
    wallet.items.push(Item {
        reward: reward.to_string(),
        source: source.to_string(),
        at: turn.at,
        expires_at: ttl.map(|ttl| turn.house.zones.add(turn.home, turn.at, ttl, Ends::Validity)),
        fate: if used { Fate::Used } else { Fate::Granted },
        held: turn.event() == "spend_virtual_currency",
        ..Item::default()
    });
    wallet.items.last_mut()
}

/// Takes back what a source gave and is not used; whether there was anything.
pub fn revoke(wallet: &mut Wallet, source: &str) -> bool {
    revoke_where(wallet, &|item| item.source == source)
}

/// Likewise a reward by the moment at which it was given.
pub fn revoke_given(wallet: &mut Wallet, reward: &str, at: Time) -> bool {
    revoke_where(wallet, &|item| item.is(reward) && item.at == at)
}

fn revoke_where(wallet: &mut Wallet, which: &dyn Fn(&Item) -> bool) -> bool {
    let mut any = false;
    for item in wallet.items.iter_mut().filter(|item| item.fate == Fate::Granted && which(item)) {
        (item.fate, any) = (Fate::Revoked, true);
    }
    any
}

/// A reward may have been used or confirmed, and what makes this the time of a birthday may have come to be known.
pub fn hear(loyalty: &mut Loyalty, turn: Turn) {
    let items = &mut loyalty.wallet.items;
    let redemption = id_text(turn.property("redemption_id"));
    match turn.event() {
        "reward_used" => {
            let reward = id_text(turn.property("reward")).unwrap_or_default();
            let source = id_text(turn.property("item")).or(redemption);
            let meant = |item: &&mut Item| {
                item.is(&reward) && item.is_good(turn.at) && source.as_ref().is_none_or(|source| *source == item.source)
            };
            // What is good for the shortest time goes first.
            let used = items.iter_mut().filter(meant).min_by_key(|item| (item.expires_at.is_none(), item.expires_at));
            if let Some(used) = used {
                (used.fate, used.held) = (Fate::Used, false);
            }
        }
        "redemption_confirmed" => {
            let meant = items.iter_mut().filter(|item| Some(&item.source) == redemption.as_ref());
            meant.for_each(|item| item.held = false);
        }
        _ => (),
    }
    congratulate(loyalty, turn);
}

/// What lapses, and birthdays.
pub fn pass(loyalty: &mut Loyalty, turn: Turn) {
    let lapsed = |item: &&mut Item| item.fate == Fate::Granted && item.expires_at.is_some_and(|at| at <= turn.at);
    loyalty.wallet.items.iter_mut().filter(lapsed).for_each(|item| item.fate = Fate::Expired);
    congratulate(loyalty, turn);
}

/// The shopper's birthdays of the years around this one, with the rewards they bring. 29 February is the 28th in common years.
fn birthdays<'a>(turn: Turn<'a>, see: &mut dyn FnMut(Reward<'a>, Day)) {
    let born = turn.profile.fact("birthday").text().and_then(Day::parse_yearly);
    let Some(born) = born else { return };
    let (year, ..) = turn.house.zones.day(turn.home, turn.at).civil();
    for reward in turn.program.rewards().iter().filter(|reward| reward.is_birthday()) {
        for year in year - 1..year + 3 {
            see(reward, born.in_year(year));
        }
    }
}

/// Gives what the birthday brings, while its window is open.
fn congratulate(loyalty: &mut Loyalty, turn: Turn) {
    if turn.arrival != Arrival::Timely {
        return;
    }
    birthdays(turn, &mut |reward, birthday| {
        let (first, last) = reward.window_of(birthday);
        let today = turn.house.zones.day(turn.home, turn.at);
        if today < first || today > last || reward.barred(loyalty, Some(birthday), turn).is_some() {
            return;
        }
        let given = in_place_of(loyalty, reward.id(), turn);
        if let Some(item) = give(&mut loyalty.wallet, given, reward.id(), turn) {
            item.stands_for = (given != reward.id()).then(|| reward.id().to_string());
            item.birthday = Some(birthday);
            if reward.window().get(1).is_some() {
                item.expires_at = Some(turn.house.zones.midnight(turn.home, last.plus(1)));
            }
        }
    });
}

/// The next lapse or birthday.
pub fn next(wallet: &Wallet, turn: Turn, tell: Tell) {
    let lapses = wallet.items.iter().filter(|item| item.fate == Fate::Granted).filter_map(|item| item.expires_at);
    lapses.for_each(&mut *tell);
    let today = turn.house.zones.day(turn.home, turn.at);
    birthdays(turn, &mut |reward, birthday| {
        let (first, _) = reward.window_of(birthday);
        if first > today {
            tell(turn.house.zones.midnight(turn.home, first));
        }
    });
}

/// `{ID: {state, reason}}`, with what applies besides. `tiers` is the progress of tiers.
pub fn progress(loyalty: &Loyalty, tiers: &Value, turn: Turn) -> Value {
    let mut all = Map::new();
    for reward in turn.program.rewards().iter() {
        all.append(reward.id(), reward.progress(loyalty, tiers, turn));
    }
    all.into()
}
