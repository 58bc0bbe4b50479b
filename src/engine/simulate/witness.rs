//! A witness: what must always hold, found from what was seen and from the lines of the ledger, not from what the engine notes of
//! itself.

use super::shop::Shop;
use super::tally::{Broken, Tally};
use crate::engine::base::document::{Part, Table};
use crate::engine::base::hash;
use crate::engine::base::time::{Day, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::campaign::{Class, INTERRUPTIVE};
use crate::engine::fold::{Fold, World};
use crate::engine::loyalty::ledger::{self, EntryKind};

/// What a witness has seen of one shopper.
#[derive(Default)]
pub struct Witness {
    /// When something last happened; and how many visits there were, told apart by silence.
    last: Option<Time>,
    visits: i64,
    /// Promotions that interrupted: in which visit, on which day.
    interruptions: Vec<(i64, Day)>,
    /// Interruptive messages of any class.
    pub interrupted: usize,
    /// What was answered under which name, and when.
    answers: Map,
    answered: Map,
    /// By campaign: it was due, it was seen, how often it was seen, how often it was answered.
    pub campaigns: Vec<Met>,
    /// Lines of the ledger that were audited, and their sums by currency.
    audited: usize,
    sums: Map,
}

/// A message of a campaign that is seen.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The place of the campaign.
    pub place: usize,
    /// The slot.
    pub slot: &'a str,
    /// When.
    pub now: Time,
    /// What is known before it is seen.
    pub fold: &'a Fold,
    /// The rules, and the world they hold in.
    pub world: World<'a>,
}

/// What became of one campaign.
#[derive(Clone, Copy, Default)]
pub struct Met {
    /// It was due, were no other before it.
    pub eligible: bool,
    /// It was seen.
    pub shown: i64,
    /// It was answered.
    pub answered: i64,
}

impl Witness {
    /// Of a shop with so many campaigns.
    pub fn new(campaigns: usize) -> Witness {
        Witness { campaigns: vec![Met::default(); campaigns], ..Witness::default() }
    }

    /// Something happened.
    pub fn lives(&mut self, at: Time, shop: &Shop) {
        let idle = shop.bundle.house().session().exact;
        if self.last.is_none_or(|last| at.0 - last.0 >= idle) {
            self.visits += 1;
        }
        self.last = self.last.max(Some(at));
    }

    /// A message is seen.
    pub fn sees(&mut self, sight: Sight, shop: &Shop, tally: &mut Tally) {
        let Sight { place, slot, now, fold, world } = sight;
        let Some(campaign) = shop.bundle.campaigns().get(place) else { return };
        if let Some(met) = self.campaigns.get_mut(place) {
            met.shown += 1;
            let document = shop.needs.get(place).map(|needs| fold.document(world, now, None, &Value::Null, needs));
            let meant = document
                .is_some_and(|document| campaign.audience().hold(shop.bundle, world.meters().facts(&document, now)));
            tally.broken(Broken::Reach, !met.eligible || !meant);
        }
        let promotes = campaign.class() == Class::Marketing;
        if slot == INTERRUPTIVE {
            self.interrupted += 1;
            if promotes {
                self.interrupts(now, world, shop, tally);
            }
        }
        if !promotes {
            return;
        }
        let user = fold.profile.user.as_deref();
        let held_out = shop.bundle.house().holdout().zip(user).is_some_and(|(holdout, user)| {
            hash::bucket(holdout.seed(), user, 2).is_some_and(|bucket| bucket < holdout.share())
        });
        tally.broken(Broken::Holdout, held_out);
        let states = shop.bundle.house().pacing().states();
        let Some(needs) = shop.needs.last().filter(|_| states.iter().next().is_some()) else { return };
        let Value::Map(mut document) = fold.document(world, now, None, &Value::Null, needs) else { return };
        // What was answered the shopper knows best.
        let mut user = document.get("user").and_then(Value::map).cloned().unwrap_or_default();
        user.set("answers", self.answers.clone());
        user.set("answered", self.answered.clone());
        document.set("user", user);
        let document = document.into();
        let facts = world.meters().facts(&document, now);
        let mut quiet = false;
        states.each("", &mut |state, at| {
            let mut holds = true;
            state.conditions(at, shop.bundle, &mut |condition, _| {
                holds = holds && condition.is_some_and(|condition| condition.holds(facts));
            });
            quiet |= holds;
        });
        tally.broken(Broken::Paused, quiet);
    }

    /// A promotion interrupts: at most so often in a visit, on a day, in any days that follow one another.
    fn interrupts(&mut self, now: Time, world: World, shop: &Shop, tally: &mut Tally) {
        let (house, pacing) = (shop.bundle.house(), shop.bundle.house().pacing());
        self.interruptions.push((self.visits, world.zones.day(house.zone(), now)));
        let Some(&(visit, today)) = self.interruptions.last() else { return };
        let count =
            |like: &dyn Fn(&(i64, Day)) -> bool| self.interruptions.iter().filter(|one| like(one)).count() as i64;
        let over = |most: Option<i64>, found: i64| most.is_some_and(|most| found > most);
        tally.broken(Broken::Session, over(pacing.session(), count(&|one| one.0 == visit)));
        tally.broken(Broken::Day, over(pacing.day(), count(&|one| one.1 == today)));
        if let Some(rolling) = pacing.rolling() {
            let since = today.plus(1 - rolling.days() as i32);
            tally.broken(Broken::Rolling, over(Some(rolling.count()), count(&|one| one.1 >= since)));
        }
    }

    /// An answer is kept under the name of the question.
    pub fn answers(&mut self, question: &str, value: Value, at: Time) {
        self.answers.set(question, value);
        self.answered.set(question, at.0);
    }

    /// Goes through the new lines of the ledger: what was issued is used, expired, taken back or outstanding. What is outstanding
    /// the lots say.
    pub fn audit(&mut self, fold: &Fold, shop: &Shop, tally: &mut Tally) {
        let loyalty = &fold.loyalty;
        if self.audited == loyalty.entries.len() {
            return;
        }
        for entry in loyalty.entries.iter().skip(self.audited) {
            let [at, kind, currency, amount, ..] = entry.list() else { continue };
            let (Some(at), Some(currency), Some(amount)) = (at.integer(), currency.text(), amount.integer()) else {
                continue;
            };
            let sums = kind.text().and_then(EntryKind::named).map_or([0; 4], |kind| flow(kind, amount));
            tally.points(Time(at), currency, sums, shop);
            let before = self.sums.get(currency).and_then(Value::integer).unwrap_or(0);
            let [earned, spent, expired, reversed] = sums;
            self.sums.set(currency, before + earned - spent - expired - reversed);
        }
        self.audited = loyalty.entries.len();
        let accounts = ledger::progress(Table::of(&Value::Null), loyalty);
        for (currency, account) in accounts.members() {
            let sum = |key: &str| account.field(key).integer().unwrap_or(0);
            let outstanding = sum("pending") + sum("active") - sum("debt");
            tally.broken(Broken::Points, self.sums.get(currency).and_then(Value::integer).unwrap_or(0) != outstanding);
        }
    }
}

/// What a line of the ledger adds to earned, spent, expired, reversed.
fn flow(kind: EntryKind, amount: i64) -> [i64; 4] {
    match kind {
        EntryKind::Earn => [amount, 0, 0, 0],
        EntryKind::Spend => [0, amount, 0, 0],
        EntryKind::Restore => [0, -amount, 0, 0],
        EntryKind::Expire => [0, 0, amount, 0],
        EntryKind::Reverse | EntryKind::Debt => [0, 0, 0, amount],
        EntryKind::Activate | EntryKind::WriteOff | EntryKind::Settle | EntryKind::Reject => [0; 4],
    }
}
