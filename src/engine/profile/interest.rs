//! Interests: what a shopper says and does, kept apart and weighed against each other (decisioning.md section 4).

use crate::engine::base::document::Table;
use crate::engine::base::record::Named;
use crate::engine::base::text::join;
use crate::engine::base::time::{Span, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::signal::{Signal, id_text};
use crate::{document, record};

document! {
    /// One dimension of taste, e.g. `scent`.
    pub struct Dimension {
        /// The member of an item, or else of the event, whose value is the category; several in a list.
        "property" property: &'a str,
        /// The key under which a shopper declares it; default: the name of the dimension.
        "said" said: Option<&'a str> = None,
        /// Each category with its share of what all shoppers like, together 1. Other categories are not kept.
        "shares" shares: Table<'a, f64>,
        /// In this time a view, a dwell or an addition to the cart comes to weigh half.
        "halfLife" half_life: Span = Span { days: 30, ..Span::default() },
        /// In this time a purchase comes to weigh half.
        "purchaseHalfLife" purchase_half_life: Span = Span { days: 90, ..Span::default() },
    }
}

record! {
    /// How often one category was looked at and bought, decayed.
    pub struct Observed {
        /// Up to when.
        "at" at: Time,
        /// Views, dwells, additions to the cart.
        "seen" seen: f64,
        /// Purchases, which fade more slowly.
        "bought" bought: f64,
    }
}

/// Observations by dimension and category, as [`place`] writes them.
pub type Interests = Named<Observed>;

/// `scent.floral`: one table costs less than one of tables.
fn place(dimension: &str, category: &str) -> String {
    join(&[dimension, ".", category])
}

/// What our own offer brought about counts so much.
const OURS: f64 = 0.3;
/// How much the campaign's shares weigh, in views.
const PRIOR: f64 = 5.0;
/// How much a fresh declaration weighs, in views; half after a year.
const SAID: f64 = 12.0;
const SAID_HALF_LIFE: Span = Span { months: 0, days: 365, exact: 0 };
/// Fewer views than this contradict nobody.
const ENOUGH: f64 = 20.0;
/// How many standard deviations apart word and deed are a conflict.
const APART: f64 = 2.0;

/// Moves the interests by one signal. `ours`: a message of ours brought the shopper there.
pub fn observe(interests: &mut Interests, signal: &Signal, dimensions: Table<Dimension>, ours: bool) {
    let (weight, bought) = match signal.name.as_str() {
        "view_item" => (1.0, false),
        "dwell" => (2.0, false),
        "add_to_cart" => (5.0, false),
        "purchase" => (10.0, true),
        _ => return,
    };
    let weight = if ours { weight * OURS } else { weight };
    let event = &signal.properties;
    let items = match event.field("items").list() {
        [] => std::slice::from_ref(event),
        items => items,
    };
    for (name, dimension) in dimensions.iter() {
        for item in items {
            let category = match item.at(dimension.property()) {
                Value::Null => event.at(dimension.property()),
                category => category,
            };
            for category in category.several().iter().filter_map(id_text) {
                if dimension.shares().get(&category).is_some() {
                    interests.entry(&place(name, &category)).add(weight, bought, signal.at, dimension);
                }
            }
        }
    }
}

impl Observed {
    fn add(&mut self, weight: f64, bought: bool, at: Time, dimension: Dimension) {
        let (seen, purchased) = (dimension.half_life(), dimension.purchase_half_life());
        let later = self.at.max(at);
        self.seen *= left(self.at, later, seen);
        self.bought *= left(self.at, later, purchased);
        self.at = later;
        if bought {
            self.bought += weight * left(at, later, purchased);
        } else {
            self.seen += weight * left(at, later, seen);
        }
    }

    fn count(&self, now: Time, dimension: Dimension) -> f64 {
        self.seen * left(self.at, now, dimension.half_life())
            + self.bought * left(self.at, now, dimension.purchase_half_life())
    }
}

/// What is left of one after a time: 2 to the power of −Δt / half-life. Made of sums and products alone, in this order, so that
/// it is the same to the last bit on every target, and exact after whole half-lives; a library's would cost more.
fn left(from: Time, to: Time, half_life: Span) -> f64 {
    let half = half_life.nominal();
    let passed = to.0.saturating_sub(from.0);
    if half <= 0 || passed <= 0 {
        return 1.0;
    }
    // e to the power of the broken part, by its series: 20 terms are more than f64 holds.
    let power = -((passed % half) as f64 / half as f64) * std::f64::consts::LN_2;
    let (mut sum, mut term) = (1.0, 1.0);
    for index in 1..=20_i32 {
        term = term * power / f64::from(index);
        sum += term;
    }
    // Beyond a thousand halves nothing is left that f64 could hold.
    for _ in 0..(passed / half).min(1100) {
        sum *= 0.5;
    }
    sum
}

/// The facts `interest.DIM.CATEGORY.{said, did, share}` and `interest.DIM.conflict`.
///
/// `said` is the share that the declaration alone implies, `did` the observed one, `share` what both together give; `said` and
/// `did` are null where nothing was said or done. `declared` gives what was said under a key, and when; only dimensions that are
/// `wanted` are there.
pub fn facts<'a>(
    dimensions: Table<Dimension>,
    interests: &Interests,
    declared: &dyn Fn(&str) -> (&'a Value, Time),
    now: Time,
    wanted: &dyn Fn(&str) -> bool,
) -> Value {
    let mut all = Map::new();
    for (name, dimension) in dimensions.iter() {
        if !wanted(name) {
            continue;
        }
        let (value, at) = declared(dimension.said().unwrap_or(name));
        let said: Vec<String> = value.several().iter().filter_map(id_text).collect();
        let told = |category: &str| said.iter().any(|said| said == category);
        let count =
            |category: &str| interests.get(&place(name, category)).map_or(0.0, |seen| seen.count(now, dimension));
        let categories = || dimension.shares().iter();
        // How many of the categories were declared, and how often any was observed.
        let (mut chosen, mut total) = (0.0, 0.0);
        for (category, _) in categories() {
            chosen += if told(category) { 1.0 } else { 0.0 };
            total += count(category);
        }
        let any = chosen > 0.0;
        let strength = if any { SAID * left(at, now, SAID_HALF_LIFE) } else { 0.0 };
        let mut facts = Map::new();
        let (mut word, mut deed) = (0.0, 0.0);
        for (category, share) in categories() {
            let prior = PRIOR * share + if told(category) { strength / chosen } else { 0.0 };
            let seen = count(category);
            let did = if total > 0.0 { seen / total } else { 0.0 };
            let implied = prior / (PRIOR + strength);
            if told(category) {
                word += implied;
                deed += did;
            }
            let share = (prior + seen) / (PRIOR + strength + total);
            let fact = [("said", number(any, implied)), ("did", number(total > 0.0, did)), ("share", share.into())];
            facts.append(category, Map::of(fact).into());
        }
        // Doing more of what one said is no conflict.
        let conflict = any
            && total >= ENOUGH
            && word > deed
            && (word - deed) * total.sqrt() > APART * (deed * (1.0 - deed)).max(0.0).sqrt();
        facts.set("conflict", conflict);
        all.append(name, facts.into());
    }
    all.into()
}

/// A number, or null where it means nothing.
fn number(any: bool, number: f64) -> Value {
    if any { number.into() } else { Value::Null }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::base::time::DAY;

    #[test]
    fn halves_are_exact_and_the_rest_is_close() {
        let days = |days: i64| left(Time(0), Time(days * DAY), Span { days: 30, ..Span::default() });
        assert_eq!((days(0), days(30), days(60), days(300)), (1.0, 0.5, 0.25, 0.5_f64.powi(10)));
        for day in 1..400 {
            let exact = (-(day as f64) / 30.0).exp2();
            assert!((days(day) - exact).abs() < exact * 1e-15, "{day}");
        }
        assert_eq!(days(365 * 3000), 0.0);
        assert_eq!(left(Time(5), Time(0), Span { days: 30, ..Span::default() }), 1.0);
    }
}
