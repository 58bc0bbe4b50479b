//! Loyalty: points as dated lots in a ledger, and the progress beside them (loyalty.md).
//!
//! One file per mechanism, all of one form: the documents the marketer writes, the record that is kept, and
//! `hear` (a signal happened), `pass` (a moment came), `next` (which moment is the next), `progress` (what a widget needs). What a
//! mechanism gives away it returns as [`Payout`]s; only this file books them.

pub mod badge;
pub mod board;
pub mod checkpoint;
pub mod choice;
pub mod collection;
pub mod currency;
pub mod grant;
pub mod hook;
pub mod ledger;
pub mod mission;
pub mod program;
pub mod redemption;
pub mod referral;
pub mod reward;
pub mod rule;
pub mod streak;
pub mod tier;
pub mod widget;

pub use program::Program;

use crate::engine::audience::Facts;
use crate::engine::base::document::{List, Table};
use crate::engine::base::record::{Named, Record, Walk};
use crate::engine::base::text::join;
use crate::engine::base::time::{Day, Local, Time, parse_offset};
use crate::engine::base::value::{Map, Value};
use crate::engine::meter::{self, Counts, Meter};
use crate::engine::profile::{Grant, Profile};
use crate::engine::signal::{CHECKPOINT, Kind, Signal, id_text};
use crate::record;
use hook::Hook;
use ledger::{Calendar, Cause, EntryKind};
use program::{Per, Prize, Source};
use tier::{Level, Tier};

record! {
    /// All that loyalty has computed for one shopper.
    pub struct Loyalty {
        /// Points by currency.
        "accounts" accounts: Named<ledger::Account>,
        /// The ledger, oldest first.
        "entries" entries: Vec<Value>,
        /// What `once` has already paid: rule and value.
        "paid" paid: rule::Paid,
        /// Lots ever opened.
        "lots" lots: i64,
        /// What was granted and can be taken back or topped up, oldest first.
        "given" given: Vec<grant::Given>,
        /// Choices that are open.
        "offers" offers: Vec<choice::Offer>,
        /// Points that were used.
        "redemptions" redemptions: Named<redemption::Redemption>,
        /// Levels by tier.
        "tiers" tiers: Named<tier::Standing>,
        /// Levels by badge.
        "badges" badges: Named<badge::Earned>,
        /// Missions by id.
        "missions" missions: Named<mission::Attempt>,
        /// Streaks by id.
        "streaks" streaks: Named<streak::Run>,
        /// Collections by id.
        "collections" collections: Named<collection::Album>,
        /// Friends brought, and who brought this shopper.
        "referrals" referrals: referral::Referrals,
        /// Rewards that were given.
        "wallet" wallet: reward::Wallet,
        /// What a server said of boards, budgets and stock.
        "boards" boards: board::Snapshots,
        /// A server's word on the account.
        "checkpoint" checkpoint: checkpoint::Checkpoint,
        /// When the shopper became a member.
        "enrolled" enrolled: Option<Time>,
        /// What the host is told of, oldest first: `{at, event, hook, …}`; never kept.
        "told" told: News,
        /// The last issue, for an agent's summary.
        "issue" issue: Option<hook::Issue>,
        /// The zone or offset the shopper was last seen in.
        "zone" zone: Option<String>,
        /// The IANA zone the shopper was last seen in.
        "home" home: Option<String>,
        /// What signals granted, in GA4's names; never kept.
        "news" news: News,
    }

    /// An order that was paid.
    pub struct Order {
        /// When.
        "at" at: Time,
        /// Its value less refunds, in minor units.
        "left" left: i64,
    }
}

/// The event that carries what only a server knows: `{boards, budget, stock, referrals}`.
pub const SNAPSHOT: &str = "danbi_snapshot";

/// What signals granted, for the host to send, or what it is told of. A page takes it out.
#[derive(Default)]
pub struct News(pub Vec<Map>);

impl Record for News {
    fn walk(&mut self, _: &mut Walk) {}
}

impl News {
    /// Notes that a signal granted something; `part` makes it different from others of the signal. Its id is the same whenever and
    /// wherever it is folded.
    fn add(&mut self, turn: Turn, name: &str, part: &str, mut members: Map) {
        let Some(signal) = turn.signal else { return };
        members.set("event", signal.message());
        members.set("grant", name);
        members.set("id", join(&[signal.message(), ":", name, ":", part]));
        self.0.push(members);
    }
}

/// Whether a signal came when it could be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// In time.
    Timely,
    /// Too late: it is history, in lifetime meters, never in caps, streaks or grants.
    Late,
    /// From the future: it moves nothing until a checkpoint tells.
    Ahead,
}

/// Takes the moments at which something changes; those that are over do not matter.
pub type Tell<'a> = &'a mut dyn FnMut(Time);

/// What every mechanism is given: a moment, what happened then, and all it may look at.
#[derive(Clone, Copy)]
pub struct Turn<'a> {
    /// The program in force.
    pub program: Program<'a>,
    /// All programs: what was granted goes by the one of then.
    pub programs: List<'a, Program<'a>>,
    /// When.
    pub at: Time,
    /// Whose days count, by the program's clock: an IANA name or an offset.
    pub zone: &'a str,
    /// Whose midnights end waits and validities: an IANA name.
    pub home: &'a str,
    /// What happened; none where time alone passed.
    pub signal: Option<&'a Signal>,
    /// `messageId` of what is behind it, where that is not the signal.
    pub because: Option<&'a str>,
    /// The order it is about. A purchase without a number goes by its event.
    pub order: Option<&'a str>,
    /// How it came.
    pub arrival: Arrival,
    /// The member's id, once known.
    pub user: Option<&'a str>,
    /// Who the shopper is, and what was agreed to.
    pub profile: &'a Profile,
    /// What counts where a purpose was never mentioned.
    pub assumed: Grant,
    /// The facts as they were before the signal (fine print 8).
    pub facts: Facts<'a>,
    /// Whether this shows a campaign to the shopper that asks about a fact.
    pub seen: &'a dyn Fn(&str) -> bool,
    /// The bundle's meters, and what they count by now.
    pub meters: Table<'a, Meter<'a>>,
    /// See `meters`.
    pub counts: &'a Named<Counts>,
    /// Orders by id.
    pub orders: &'a Named<Order>,
    /// The house's currency and zone, the offset tables, the platform's functions.
    pub house: meter::Context<'a>,
}

impl<'a> Turn<'a> {
    /// Name of what happened; empty where time alone passed.
    #[inline(never)]
    pub fn event(self) -> &'a str {
        self.signal.map_or("", |signal| &signal.name)
    }

    /// A property of what happened.
    #[inline(never)]
    pub fn property(self, key: &str) -> &'a Value {
        self.signal.map_or(&Value::Null, |signal| signal.properties.at(key))
    }

    /// Remembers a property of what happened that can identify something.
    #[inline(never)]
    fn note(self, key: &str, values: &mut Map) {
        if let Some(value) = id_text(self.property(key)) {
            values.set(key, value);
        }
    }

    /// What a meter without keys shows now; nothing counted is zero.
    pub fn meter(self, id: &str) -> i64 {
        let Some(meter) = self.meters.get(id) else { return 0 };
        let today = self.house.zones.day(self.house.zone, self.at);
        meter.counted(self.counts.get(id), meter.window().first(today))
    }

    /// What a meter shows now.
    pub fn meter_value(self, id: &str) -> Value {
        self.meters.get(id).map_or(Value::Null, |meter| meter.value(self.counts.get(id), self.at, self.house))
    }

    /// The shopper's day, which begins when the program says.
    pub fn day(self, at: Time) -> Day {
        let local = self.house.zones.local(self.zone, at);
        local.day.plus(if local.clock < self.program.clock().day_start().0 { -1 } else { 0 })
    }

    /// When such a day begins.
    pub fn dawn(self, day: Day) -> Time {
        self.house.zones.instant(self.zone, Local { day, clock: self.program.clock().day_start().0 })
    }

    /// What the shopper did, in time and by themselves: neither a lapse of time nor what danbi says of itself.
    pub fn deed(self) -> Option<&'a Signal> {
        let did = |signal: &&Signal| matches!(signal.kind, Kind::Track | Kind::Page) && !signal.ours;
        self.signal.filter(did).filter(|_| self.arrival == Arrival::Timely)
    }

    /// Whether something earlier counts together with what happens now, within such a limit.
    pub fn counts_with(self, per: Per, earlier: Time) -> bool {
        match per {
            Per::Event => false,
            Per::Life => true,
            Per::Trailing(span) if span.is_exact() => self.at.0 - earlier.0 < span.exact,
            per => {
                let first = per.first_day(self.day(self.at), self.program.clock().week_start());
                first.is_none_or(|first| self.day(earlier) >= first)
            }
        }
    }

    /// Where the signal comes from, if the program says anything of it.
    pub fn source(self) -> Option<Source<'a>> {
        let name = self.signal?.source.as_deref();
        self.program.sources().get(name.unwrap_or("web"))
    }

    /// Whether the signal's source vouches for this shopper: its link is the shopper's own.
    pub fn is_linked(self) -> bool {
        let link = self.source().and_then(Source::link);
        link.is_none_or(|link| {
            let told = id_text(self.property(link));
            told.is_some() && told == self.profile.traits.get(link).and_then(id_text)
        })
    }

    /// Whether a purpose is agreed to.
    pub fn allows(self, purpose: &str) -> bool {
        self.profile.allows(purpose, self.assumed)
    }

    /// Whether the shopper is too young to have agreed to anything.
    pub fn is_minor(self) -> bool {
        let age = self.profile.fact("age").integer();
        self.program.consent().minor_age().zip(age).is_some_and(|(least, age)| age < least)
    }

    /// The calendar of deadlines.
    #[inline(never)]
    pub fn calendar(self) -> Calendar<'a> {
        Calendar { zone: self.home, zones: self.house.zones }
    }

    /// What the ledger notes as the reason.
    #[inline(never)]
    pub fn cause(self) -> Cause<'a> {
        Cause { event: self.signal.map(Signal::message).or(self.because), at: self.at }
    }
}

/// Something a mechanism gives away.
pub struct Payout<'a> {
    /// Id of what gives it: the ledger's `rule`.
    pub source: String,
    /// What.
    pub prize: Prize<'a>,
}

impl<'a> Payout<'a> {
    /// What something of this id gives, by the currency's terms and for good.
    pub fn of(source: &str, prize: Option<Prize<'a>>) -> Option<Payout<'a>> {
        prize.map(|prize| Payout { source: source.to_string(), prize })
    }
}

impl Loyalty {
    /// Notes where the shopper is seen.
    pub fn travel(&mut self, zone: Option<&str>) {
        let Some(zone) = zone else { return };
        self.zone = Some(zone.to_string());
        if parse_offset(zone).is_none() {
            self.home = self.zone.clone();
        }
    }

    /// The zone or offset, and the IANA zone, the shopper was last seen in.
    pub fn seen(&self) -> (Option<&str>, Option<&str>) {
        (self.zone.as_deref(), self.home.as_deref())
    }

    /// Whether what this shopper does counts for nothing yet: a guest whose progress is not kept. What makes a member counts.
    pub fn is_guest(&self, turn: Turn) -> bool {
        let enrol = turn.program.enrol().filter(|enrol| !enrol.guest_progress());
        self.enrolled.is_none() && enrol.is_some_and(|enrol| !enrol.any().has(turn.event()))
    }

    /// A shopper becomes a member by what the program names; where it names nothing, with an id.
    fn enrol(&mut self, turn: Turn) {
        let joins = match turn.program.enrol() {
            Some(enrol) => turn.arrival == Arrival::Timely && enrol.any().has(turn.event()),
            None => turn.user.is_some(),
        };
        if joins && self.enrolled.is_none() {
            self.enrolled = Some(turn.at);
        }
    }

    /// Tells the host something, where the purpose that the hook names is agreed to.
    pub fn tell(&mut self, hook: &str, members: Map, turn: Turn) {
        let terms = turn.program.hooks().get(hook);
        if terms.and_then(Hook::needs).is_some_and(|purpose| !turn.allows(purpose)) {
            return;
        }
        let cause = turn.cause();
        let mut line = Map::of([("at", cause.at.text().into()), ("event", cause.event.into()), ("hook", hook.into())]);
        for (key, value) in members.iter() {
            line.append(key, value.clone());
        }
        self.told.0.push(line);
    }

    /// Books what rules grant for a signal, over the state before it.
    pub fn grant(&mut self, turn: Turn) {
        rule::hear(self, turn);
    }

    /// Follows a signal after the meters moved.
    pub fn hear(&mut self, turn: Turn) {
        let mut won = Vec::new();
        if let Some(order) = turn.order {
            self.order_event(turn.event(), order, turn.at, turn.calendar());
        }
        rule::follow(self, turn);
        redemption::hear(self, turn);
        board::hear(self, turn);
        hook::hear(self, turn);
        let guest = self.is_guest(turn);
        self.enrol(turn);
        if guest {
            return;
        }
        mission::hear(&mut self.missions, turn, &mut won);
        streak::hear(&mut self.streaks, turn, &mut won);
        collection::hear(&mut self.collections, turn, &mut won);
        referral::hear(&mut self.referrals, turn, &mut won);
        reward::hear(self, turn);
        self.settle(won, turn);
    }

    /// An order is now worth `left`: what it granted, and what is still to be chosen of it, is reckoned again.
    pub fn refund(&mut self, order: &str, left: i64, turn: Turn) {
        self.reckon(order, left, turn.cause());
        choice::refund(self, order, left, turn);
        grant::refund(self, order, left, turn);
    }

    /// What is due at this very moment happens.
    pub fn pass(&mut self, turn: Turn) {
        let mut won = Vec::new();
        self.advance(turn.at, turn.calendar());
        choice::pass(self, turn);
        mission::pass(&mut self.missions, turn, &mut won);
        streak::pass(&mut self.streaks, turn);
        referral::pass(&mut self.referrals, turn, &mut won);
        reward::pass(self, turn);
        self.settle(won, turn);
    }

    /// Levels and badges follow what meters show; all that was won is paid.
    fn settle<'a>(&mut self, mut won: Vec<Payout<'a>>, turn: Turn<'a>) {
        let before: Vec<usize> = turn.program.tiers().iter().map(|(id, tier)| self.level(id, tier)).collect();
        let earned: Vec<i64> = turn.program.badges().iter().map(|badge| self.earned(badge.id())).collect();
        for revoked in tier::judge(&mut self.tiers, turn, &mut won) {
            reward::revoke_given(&mut self.wallet, revoked.reward, revoked.at);
        }
        badge::judge(&mut self.badges, turn);
        for payout in won {
            self.pay(payout, turn);
        }
        for ((id, tier), before) in turn.program.tiers().iter().zip(before) {
            let level = self.level(id, tier);
            if level > before {
                let name = tier.levels().get(level).map(Level::id);
                self.news.add(turn, "level_up", id, Map::of([("tier", id.into()), ("level", name.into())]));
            }
        }
        for (badge, before) in turn.program.badges().iter().zip(earned) {
            if self.earned(badge.id()) > before {
                let members = Map::of([("achievement_id", badge.id().into())]);
                self.news.add(turn, "unlock_achievement", badge.id(), members);
            }
        }
    }

    /// How many levels of a badge were earned, of all its keys.
    fn earned(&self, badge: &str) -> i64 {
        self.badges
            .get(badge)
            .map_or(0, |earned| earned.level + earned.keys.iter().map(|(_, level)| level).sum::<i64>())
    }

    fn level(&self, id: &str, tier: Tier) -> usize {
        let held = self.tiers.get(id).map_or("", |standing| &standing.level);
        tier.levels().iter().position(|level| level.id() == held).unwrap_or(0)
    }

    /// Tells what a signal granted, by the lines it wrote since there were so many. What a host asked for is no news to it.
    pub fn announce(&mut self, turn: Turn, lines: usize) {
        if turn.event() == CHECKPOINT {
            return;
        }
        let mut sums: Named<i64> = Named::default();
        for line in self.entries.iter().skip(lines) {
            if let [_, kind, currency, amount, ..] = line.list()
                && kind.text() == Some(EntryKind::Earn.word())
            {
                *sums.entry(currency.text().unwrap_or_default()) += amount.integer().unwrap_or(0);
            }
        }
        for (currency, sum) in sums.iter() {
            let members = Map::of([("virtual_currency_name", currency.into()), ("value", (*sum).into())]);
            self.news.add(turn, "earn_virtual_currency", currency, members);
        }
    }

    fn pay(&mut self, payout: Payout, turn: Turn) {
        for (currency, amount) in payout.prize.points() {
            grant::book(self, &payout, currency, amount, turn);
        }
        if let Some(badge) = payout.prize.badge() {
            badge::give(&mut self.badges, badge);
        }
        if let Some(reward) = payout.prize.reward() {
            let reward = reward::in_place_of(self, reward, turn);
            reward::give(&mut self.wallet, reward, &payout.source, turn);
        }
    }

    /// When time alone will next change something.
    pub fn next(&self, turn: Turn) -> Option<Time> {
        let mut next = None;
        let tell: Tell = &mut |at| {
            if at > turn.at && next.is_none_or(|next| at < next) {
                next = Some(at);
            }
        };
        if let Some(due) = self.due() {
            // What is overdue, of a signal that came late, is due at once.
            tell(due.max(turn.at.plus(1)));
        }
        choice::next(self, tell);
        tier::next(&self.tiers, turn, tell);
        badge::next(turn, tell);
        mission::next(&self.missions, turn, tell);
        streak::next(&self.streaks, turn, tell);
        referral::next(&self.referrals, tell);
        reward::next(&self.wallet, turn, tell);
        next
    }

    /// What levels and badges open: `{NAME: true}`.
    pub fn flags(&self, turn: Turn) -> Map {
        let mut flags = Map::new();
        tier::flags(&self.tiers, turn, &mut flags);
        badge::flags(&self.badges, turn, &mut flags);
        flags
    }

    /// The shape of contract.md section 3, `progress`, as far as it is wanted.
    pub fn progress(&self, turn: Turn, wants: &dyn Fn(&str) -> bool) -> Map {
        let mut progress = Map::new();
        let mut put = |key: &str, make: &dyn Fn() -> Value| {
            let value = if wants(key) { make() } else { Value::Null };
            if !value.is_null() {
                progress.append(key, value);
            }
        };
        put("currencies", &|| ledger::progress(turn.program.currencies(), self));
        put("tiers", &|| tier::progress(&self.tiers, turn));
        put("badges", &|| badge::progress(&self.badges, turn));
        put("missions", &|| mission::progress(&self.missions, turn));
        put("streaks", &|| streak::progress(&self.streaks, turn));
        put("collections", &|| collection::progress(&self.collections, turn));
        put("rewards", &|| reward::progress(self, &tier::progress(&self.tiers, turn), turn));
        put("referrals", &|| referral::progress(&self.referrals, turn));
        put("choices", &|| choice::choices(self, turn).unwrap_or_default());
        put("flags", &|| if turn.program.has_flags() { self.flags(turn).into() } else { Value::Null });
        put("boards", &|| {
            if turn.program.boards().is_empty() { Value::Null } else { board::progress(&self.boards, turn) }
        });
        progress
    }
}

/// An instant or null.
pub(crate) fn time_value(time: Option<Time>) -> Value {
    time.map(Time::text).into()
}
