//! What a simulation counts: sums only, so that shoppers can take their turns in any order, on any number of cores.

use super::shop::Shop;
use super::witness::Witness;
use crate::engine::base::time::Time;
use crate::engine::base::value::{Map, Value};
use crate::words;

words! {
    /// What must always hold.
    pub enum Broken {
        /// Promotions that interrupt, in a visit.
        "session" Session,
        /// Likewise, on a day of the house.
        "day" Day,
        /// Likewise, in days that follow one another.
        "rolling" Rolling,
        /// Every shopper is on one level of every tier on every day.
        "tiers" Tiers,
        /// Points issued are used, expired, taken back or outstanding.
        "points" Points,
        /// Who is held out sees no promotion.
        "holdout" Holdout,
        /// Nor does who is in a state in which the house is quiet.
        "paused" Paused,
        /// Only who may be reached is.
        "reach" Reach,
    }
}

/// What was counted.
#[derive(Clone, Default)]
pub struct Tally {
    /// Shoppers that are done.
    done: i64,
    /// By campaign: shoppers for whom it was due, who saw it; how often it was seen and answered.
    campaigns: Vec<[i64; 4]>,
    /// By how many messages interrupted them, shoppers.
    frequency: Vec<i64>,
    /// By day, then by tier and level, shoppers.
    tiers: Vec<Vec<i64>>,
    /// By day, what was earned, spent, expired, taken back on it; on the first all that was before, too.
    points: Vec<[i64; 4]>,
    /// How often each was broken.
    checks: [i64; Broken::ALL.len()],
}

impl Tally {
    /// Of no shopper.
    pub fn new(shop: &Shop) -> Tally {
        let days = shop.ends.len();
        Tally {
            campaigns: vec![[0; 4]; shop.bundle.campaigns().iter().len()],
            tiers: vec![Vec::new(); days],
            points: vec![[0; 4]; days],
            ..Tally::default()
        }
    }

    /// With what another has counted.
    pub fn add(&mut self, other: &Tally) {
        self.done += other.done;
        let rows = self.campaigns.iter_mut().zip(&other.campaigns).chain(self.points.iter_mut().zip(&other.points));
        rows.for_each(|(row, other)| add(row, other));
        longer(&mut self.frequency, other.frequency.len());
        add(&mut self.frequency, &other.frequency);
        for (row, other) in self.tiers.iter_mut().zip(&other.tiers) {
            longer(row, other.len());
            add(row, other);
        }
        add(&mut self.checks, &other.checks);
    }

    /// A shopper is done.
    pub fn finish(&mut self, witness: &Witness) {
        self.done += 1;
        for (row, met) in self.campaigns.iter_mut().zip(&witness.campaigns) {
            add(row, &[met.eligible.into(), (met.shown > 0).into(), met.shown, met.answered]);
        }
        longer(&mut self.frequency, witness.interrupted + 1);
        if let Some(shoppers) = self.frequency.get_mut(witness.interrupted) {
            *shoppers += 1;
        }
    }

    /// Something that must hold was looked at.
    pub fn broken(&mut self, what: Broken, broken: bool) {
        count(&mut self.checks, what, broken);
    }

    /// Points moved: of the program's first currency.
    pub fn points(&mut self, at: Time, currency: &str, sums: [i64; 4], shop: &Shop) {
        if shop.currency() != Some(currency) {
            return;
        }
        let day = shop.ends.partition_point(|end| *end <= at);
        if let Some(row) = self.points.get_mut(day) {
            add(row, &sums);
        }
    }

    /// Where a shopper stands at the end of a day: the place among all levels of all tiers.
    pub fn stands(&mut self, day: usize, place: usize) {
        let Some(row) = self.tiers.get_mut(day) else { return };
        longer(row, place + 1);
        if let Some(shoppers) = row.get_mut(place) {
            *shoppers += 1;
        }
    }

    /// The shape of contract.md section 3, `danbi simulate`.
    pub fn line(&self, shop: &Shop) -> Value {
        let mut checks = self.checks;
        let mut campaigns = Map::new();
        for (campaign, [eligible, reached, shown, answered]) in shop.bundle.campaigns().iter().zip(&self.campaigns) {
            let counts = [("eligible", eligible), ("reached", reached), ("shown", shown), ("answered", answered)];
            campaigns.append(campaign.id(), numbers(counts));
            count(&mut checks, Broken::Reach, reached > eligible);
        }
        let mut tiers: Vec<Value> = Vec::new();
        for (day, row) in self.tiers.iter().enumerate() {
            let (mut line, mut counts) = (Map::new(), row.iter().copied().chain(std::iter::repeat(0)));
            for (_, levels) in shop.levels(day) {
                let mut sum = 0;
                for ((name, _), shoppers) in levels.iter().zip(&mut counts) {
                    line.append(name, shoppers.into());
                    sum += shoppers;
                }
                count(&mut checks, Broken::Tiers, sum != self.done);
            }
            tiers.push(line.into());
        }
        let (mut points, mut sums): (Vec<Value>, [i64; 4]) = Default::default();
        for row in &self.points {
            add(&mut sums, row);
            let [earned, spent, expired, reversed] = sums;
            let outstanding = earned - spent - expired - reversed;
            points.push(numbers([
                ("earned", &earned),
                ("spent", &spent),
                ("expired", &expired),
                ("reversed", &reversed),
                ("outstanding", &outstanding),
            ]));
        }
        let frequency: Vec<Value> = self.frequency.iter().map(|shoppers| (*shoppers).into()).collect();
        let checks: Map =
            Broken::ALL.iter().zip(checks).map(|(check, broken)| (check.word(), Value::from(broken))).collect();
        Map::of([
            ("shoppers", self.done.into()),
            ("days", (self.points.len() as i64).into()),
            ("seed", shop.seed.into()),
            ("campaigns", campaigns.into()),
            ("frequency", frequency.into()),
            ("tiers", tiers.into()),
            ("points", points.into()),
            ("checks", checks.into()),
        ])
        .into()
    }
}

fn count(checks: &mut [i64], what: Broken, broken: bool) {
    if let Some(count) = checks.get_mut(what as usize) {
        *count += i64::from(broken);
    }
}

fn add(row: &mut [i64], other: &[i64]) {
    row.iter_mut().zip(other).for_each(|(sum, more)| *sum += more);
}

fn longer(row: &mut Vec<i64>, length: usize) {
    if row.len() < length {
        row.resize(length, 0);
    }
}

fn numbers<const N: usize>(members: [(&str, &i64); N]) -> Value {
    members.into_iter().map(|(key, number)| (key, Value::from(*number))).collect::<Map>().into()
}
