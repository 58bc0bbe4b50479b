//! What a customer is worth: how likely they come back, how often, for how much (decisioning.md section 2).
//!
//! The parameters are fitted elsewhere, over all customers; here they are only evaluated, with `exp` and `ln` of the crate
//! `libm` on every target, so that a condition over a chance holds on all of them or on none.

use crate::engine::base::document::List;
use crate::engine::base::time::{DAY, Day, Span, Time};
use crate::engine::base::value::{Map, Value};
use crate::{document, record, words};

document! {
    /// How a customer's value is estimated. The parameters are fitted elsewhere; the device only evaluates.
    pub struct Worth {
        /// `bgnbd`, or `mbgnbd`: there one may also leave right after the first purchase.
        "model" model: Family = Family::Bgnbd,
        /// Of purchases; without them nothing is foretold.
        "params" params: Option<Params<'a>> = None,
        /// Of what a purchase is worth; without it no spending is foretold.
        "spend" spend: Option<Spend<'a>> = None,
        /// The time in which `params` count: a week.
        "unit" unit: Span = Span { days: 7, ..Span::default() },
        /// How far ahead is looked: twelve weeks.
        "horizon" horizon: Span = Span { days: 84, ..Span::default() },
        /// Where the grades of recency, frequency and money part.
        "rfm" rfm: Option<Grades<'a>> = None,
    }

    /// Parameters of BG/NBD or MBG/NBD.
    pub struct Params {
        /// Shape of the rates at which customers buy.
        "r" r: f64,
        /// Scale of these rates, in units of time.
        "alpha" alpha: f64,
        /// Of those who leave after a purchase,
        "a" a: f64,
        /// against those who stay.
        "b" b: f64,
    }

    /// Parameters of Gamma-Gamma.
    pub struct Spend {
        /// Shape of what one customer's purchases are worth.
        "p" p: f64,
        /// Shape of how customers differ; above 1.
        "q" q: f64,
        /// Its scale, in minor units of the house's currency.
        "v" v: f64,
    }

    /// Quantile edges, ascending: below the first is grade 1, from the last on the highest; of recency the other way round.
    pub struct Grades {
        /// Days since the last purchase.
        "recency" recency: List<'a, f64>,
        /// Days with a purchase.
        "frequency" frequency: List<'a, f64>,
        /// Spent in all, in minor units.
        "monetary" monetary: List<'a, f64>,
    }
}

words! {
    /// The model of purchases.
    pub enum Family {
        /// BG/NBD: nobody leaves before a second purchase.
        "bgnbd" Bgnbd,
        /// MBG/NBD: one may leave after any.
        "mbgnbd" Mbgnbd,
    }
}

words! {
    /// How a customer stands.
    pub enum Stage {
        /// One purchase, less than four weeks ago.
        "new" New,
        /// Has missed less than one purchase.
        "active" Active,
        /// Has missed one.
        "cooling" Cooling,
        /// Has missed two or three.
        "at_risk" AtRisk,
        /// Has missed four, or is not to be expected within 39 weeks.
        "lapsed" Lapsed,
    }
}

record! {
    /// When and for how much was bought, by day of the house.
    pub struct Purchases {
        /// The first day, and the last ones.
        "days" days: Vec<Bought>,
        /// How many days lie between the first and the last ones,
        "more" more: i64,
        /// and what was spent on them, in minor units.
        "moreSpent" more_spent: i64,
    }

    /// A day with a purchase.
    pub struct Bought {
        /// The day.
        "day" day: Day,
        /// Orders that were not taken back.
        "orders" orders: i64,
        /// Spent, less refunds, in minor units.
        "spent" spent: i64,
    }
}

/// So many days are kept beside the first: the gaps between them are the customer's own rhythm.
const KEPT: usize = 32;
/// So many days with a purchase make a rhythm.
const RHYTHM: i64 = 3;

impl Purchases {
    /// An order came.
    pub fn buy(&mut self, day: Day, spent: i64) {
        let place = self.days.iter().take_while(|bought| bought.day < day).count();
        match self.days.get_mut(place).filter(|bought| bought.day == day) {
            Some(bought) => {
                bought.orders += 1;
                bought.spent = bought.spent.saturating_add(spent);
            }
            None => self.days.insert(place, Bought { day, orders: 1, spent }),
        }
        if self.days.len() > KEPT + 1 {
            let oldest = self.days.remove(1);
            self.more += 1;
            self.more_spent = self.more_spent.saturating_add(oldest.spent);
        }
    }

    /// Money of an order of that day was given back; `whole`: all of it. A day without an order left was none. Of the days that are
    /// no longer kept one by one only the money goes.
    pub fn refund(&mut self, day: Day, taken: i64, whole: bool) {
        let Some(place) = self.days.iter().position(|bought| bought.day == day) else {
            if self.more > 0 {
                self.more_spent = self.more_spent.saturating_sub(taken);
            }
            return;
        };
        // The first day stays where the second is not known any more.
        let known = place > 0 || self.more == 0;
        if let Some(bought) = self.days.get_mut(place) {
            bought.spent = bought.spent.saturating_sub(taken);
            bought.orders -= i64::from(whole);
            if bought.orders <= 0 && known {
                self.days.remove(place);
            }
        }
    }

    /// Days with a purchase.
    fn count(&self) -> i64 {
        self.more + self.days.len() as i64
    }

    /// The median of the days between two purchases.
    fn median_gap(&self) -> Option<f64> {
        if self.count() < RHYTHM {
            return None;
        }
        // Between the first day and the next that is kept lie others.
        let kept = self.days.get(usize::from(self.more > 0)..).unwrap_or_default();
        let mut gaps: Vec<i32> =
            kept.iter().zip(kept.iter().skip(1)).map(|(one, next)| next.day.0 - one.day.0).collect();
        gaps.sort_unstable();
        let at = |place: usize| gaps.get(place).copied().map(f64::from);
        let half = gaps.len() / 2;
        Some(if gaps.len() % 2 == 1 { at(half)? } else { (at(half.checked_sub(1)?)? + at(half)?) / 2.0 })
    }

    /// The facts `value.*` on a day; null where there are none. `midnight` tells when a day of the house begins.
    pub fn facts(&self, rules: Worth, today: Day, midnight: &dyn Fn(Day) -> Time) -> Value {
        let (Some(first), Some(last)) = (self.days.first(), self.days.last()) else { return Value::Null };
        let mut facts = Map::new();
        let days = |from: Day, to: Day| f64::from((to.0 - from.0).max(0));
        let since = days(last.day, today);
        if let Some(gap) = self.median_gap() {
            let due = Day(last.day.0.saturating_add((2.0 * gap).ceil() as i32));
            facts.append("median_gap", gap.into());
            facts.append("lapsed", (due <= today).into());
            facts.append("lapses_at", midnight(due).0.into());
        }
        let mut repeated = self.more_spent;
        let mut paid = self.more;
        for bought in self.days.iter().skip(1) {
            repeated = repeated.saturating_add(bought.spent);
            // What was paid in other money is not known.
            paid += i64::from(bought.spent > 0);
        }
        let spend = rules.spend().map(|spend| spend.mean(paid as f64, repeated as f64));
        if let Some(spend) = spend {
            facts.append("expected_spend", number((spend + 0.5).floor()));
        }
        if let Some(model) = Model::of(rules) {
            let unit = (rules.unit().nominal() as f64 / DAY as f64).max(1.0);
            let past = Past {
                repeats: (self.count() - 1) as f64,
                recency: days(first.day, last.day) / unit,
                age: days(first.day, last.day.max(today)) / unit,
            };
            let horizon = rules.horizon().nominal() as f64 / DAY as f64 / unit;
            let purchases = model.purchases(past, horizon);
            facts.append("p_alive", number(model.alive(past)));
            facts.append("no_purchase", number(model.no_purchase(past, horizon)));
            facts.append("expected_purchases", number(purchases));
            if let Some(spend) = spend {
                facts.append("expected_revenue", number((spend * purchases + 0.5).floor()));
            }
            facts.append("stage", model.stage(past, 7.0 / unit).word().into());
        }
        if let Some(edges) = rules.rfm() {
            let grade = |edges: List<f64>, value: f64| 1 + edges.iter().filter(|edge| *edge <= value).count() as i64;
            let recent = edges.recency().iter().len() as i64 + 2 - grade(edges.recency(), since);
            let spent = first.spent.saturating_add(repeated);
            let grades = [
                ("recency", recent.into()),
                ("frequency", grade(edges.frequency(), self.count() as f64).into()),
                ("monetary", grade(edges.monetary(), spent as f64).into()),
            ];
            facts.append("rfm", Map::of(grades).into());
        }
        if facts.is_empty() { Value::Null } else { facts.into() }
    }
}

/// Parameters that were never checked may come to nothing.
fn number(number: f64) -> Value {
    if number.is_finite() { number.into() } else { Value::Null }
}

/// The names of the facts: those of the customer's own rhythm, then those that need parameters.
#[cfg(feature = "studio")]
pub const FACTS: [&str; 10] = [
    "median_gap",
    "lapsed",
    "lapses_at",
    "expected_spend",
    "p_alive",
    "no_purchase",
    "expected_purchases",
    "expected_revenue",
    "stage",
    "rfm",
];

/// What a model knows of one customer, in its unit of time.
#[derive(Clone, Copy, Debug)]
pub struct Past {
    /// Purchase days after the first.
    pub repeats: f64,
    /// From the first to the last of them.
    pub recency: f64,
    /// From the first to now.
    pub age: f64,
}

/// BG/NBD (Fader, Hardie & Lee 2005) or MBG/NBD (Batislam, Denizel & Filiztekin 2007).
#[derive(Clone, Copy, Debug)]
pub struct Model {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
    /// Whether one may leave after the first purchase: then one more than were repeated was survived.
    modified: bool,
}

/// More purchases than that are not told apart; what 5,200 weeks may bring of a customer of today takes 50,000 terms.
const TERMS: f64 = 1e6;
/// Beyond it a sum is scaled down.
const HUGE: f64 = 1e200;

impl Model {
    /// A model with its parameters: all above 0.
    pub fn new(family: Family, [r, alpha, a, b]: [f64; 4]) -> Model {
        let modified = family == Family::Mbgnbd;
        Model { r, alpha, a, b: if modified { b + 1.0 } else { b }, modified }
    }

    fn of(rules: Worth) -> Option<Model> {
        let params = rules.params()?;
        let params = [params.r(), params.alpha(), params.a(), params.b()];
        params.into_iter().all(|one| one > 0.0).then(|| Model::new(rules.model(), params))
    }

    /// The chance that the customer has not left. It is 1 for every BG/NBD customer of one purchase: show
    /// [`Model::no_purchase`] to people.
    pub fn alive(self, past: Past) -> f64 {
        if past.repeats < 1.0 && !self.modified {
            return 1.0;
        }
        let silence = libm::log((self.alpha + past.age) / (self.alpha + past.recency));
        let odds = self.a / (self.b + past.repeats - 1.0) * libm::exp((self.r + past.repeats) * silence);
        1.0 / (1.0 + odds)
    }

    /// The chance that nothing is bought in this time.
    pub fn no_purchase(self, past: Past, time: f64) -> f64 {
        let (age, shape) = (self.alpha + past.age, self.r + past.repeats);
        1.0 - self.alive(past) * (1.0 - libm::exp(shape * libm::log(age / (age + time))))
    }

    /// How many purchases are to be expected in this time.
    ///
    /// Who never left would make n more with a chance that is negative binomial; of these n each is made only by who has stayed
    /// until then. The published formula is the closed form of that sum, ₂F₁, which overflows; after Euler's transformation it
    /// still divides by a − 1 and, with r above a + b, takes great numbers from each other. Here all terms are positive and
    /// nothing is singular.
    pub fn purchases(self, past: Past, time: f64) -> f64 {
        let (age, shape, stayed) = (self.alpha + past.age, self.r + past.repeats, self.b + past.repeats);
        let next = time / (age + time);
        // The chance of n and of up to n, in terms of that of none; how many of the n are made; the chance to stay until the next.
        let (mut chance, mut all, mut made, mut stays) = (1.0, 1.0, 0.0, 1.0);
        let (mut n, mut sum, mut scale) = (0.0, 0.0, shape * libm::log(age / (age + time)));
        loop {
            let ratio = (shape + n) / (n + 1.0) * next;
            made += stays;
            stays *= (stayed + n) / (self.a + stayed + n);
            n += 1.0;
            chance *= ratio;
            all += chance;
            sum += chance * made;
            if all > HUGE {
                (chance, all, sum, scale) = (chance / HUGE, all / HUGE, sum / HUGE, scale + libm::log(HUGE));
            }
            // What follows falls at least that fast.
            if ratio < 1.0 && chance * made <= sum * f64::EPSILON / 8.0 * (1.0 - ratio) {
                return self.alive(past) * sum * libm::exp(scale);
            }
            if n >= TERMS {
                let none = libm::exp(scale);
                return self.alive(past) * (sum * none + (1.0 - all * none).max(0.0) * made);
            }
        }
    }

    /// How the customer stands; `week`: in units of time.
    pub fn stage(self, past: Past, week: f64) -> Stage {
        let missed = (past.age - past.recency) * (self.r + past.repeats) / (self.alpha + past.age);
        match missed {
            _ if past.repeats < 1.0 && past.age < 4.0 * week => Stage::New,
            missed if missed >= 4.0 || self.no_purchase(past, 39.0 * week) > 0.9 => Stage::Lapsed,
            missed if missed >= 2.0 => Stage::AtRisk,
            missed if missed >= 1.0 => Stage::Cooling,
            _ => Stage::Active,
        }
    }
}

impl Spend<'_> {
    /// What the next purchase is worth, after so many that came to so much together.
    pub fn mean(self, purchases: f64, spent: f64) -> f64 {
        let p = self.p();
        p * (self.v() + spent) / (p * purchases + self.q() - 1.0)
    }
}
