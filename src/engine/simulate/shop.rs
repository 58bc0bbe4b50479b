//! What is the same for all synthetic shoppers: the days, the shop's pages and products, what is counted.

use super::chance::Chance;
use super::rates::Rates;
use crate::engine::audience::Needs;
use crate::engine::base::money;
use crate::engine::base::text::join;
use crate::engine::base::time::{Day, Time, Zones};
use crate::engine::base::value::{Map, Value};
use crate::engine::bundle::plan::{Plan, needs_of};
use crate::engine::bundle::{Allow, Bundle};
use crate::engine::loyalty::Program;

/// The six products that are sold where the rates name none, with their prices in thousands of won or hundreds of cents.
const PRODUCTS: [(&str, i64); 6] =
    [("ampoule", 41), ("tint", 18), ("cushion", 24), ("toner", 22), ("oil", 26), ("dress", 58)];

/// What is the same for all shoppers of a run.
pub struct Shop<'a> {
    /// The rules.
    pub bundle: Bundle<'a>,
    /// What shoppers live by.
    pub rates: Rates<'a>,
    /// What chance begins with.
    pub seed: i64,
    /// The first day,
    pub first: Day,
    /// and the moment at which it begins.
    pub from: Time,
    /// The midnight after each day.
    pub ends: Vec<Time>,
    /// What is sold.
    pub products: Vec<Product>,
    /// The slots of each kind of page.
    pages: Vec<(&'static str, Vec<&'a str>)>,
    /// By campaign, what its audience reads; at last what the house's quiet states do.
    pub needs: Vec<Needs>,
    /// Weights of the hours, summed up: 25 numbers from 0 to 1.
    hours: Vec<f64>,
    /// By day, the tiers that have levels.
    levels: Vec<Vec<Levels<'a>>>,
    /// The first currency of the program in force on the first day, and the balance that makes it usable.
    purse: Option<(&'a str, i64)>,
}

/// A tier and its levels, each by its name and its id.
pub type Levels<'a> = (&'a str, Vec<(String, &'a str)>);

/// Something that is sold.
pub struct Product {
    /// As it stands in an event, without its quantity.
    pub item: Map,
    /// In minor units.
    pub price: i64,
    /// How often it is chosen.
    pub weight: f64,
}

impl<'a> Shop<'a> {
    /// The shop of a run.
    pub fn new(bundle: Bundle<'a>, rates: Rates<'a>, seed: i64, first: Day, days: i64, zones: &Zones) -> Shop<'a> {
        let midnight = |day: i64| zones.midnight(bundle.house().zone(), first.plus(day as i32));
        let mut needs: Vec<Needs> = Vec::new();
        let audiences = bundle.campaigns().iter().map(|campaign| campaign.audience());
        for audience in audiences.chain([bundle.house().pacing().states()]) {
            let mut conditions = Vec::new();
            audience.conditions("", bundle, &mut |condition, _| conditions.extend(condition));
            needs.push(needs_of(conditions.into_iter(), bundle));
        }
        let (weights, mut hours) = (rates.by_hour(), vec![0.0]);
        let all: f64 = weights.iter().sum();
        let mut sum = 0.0;
        for weight in weights {
            sum += weight;
            hours.push(sum / all);
        }
        let plan = Plan::new(bundle);
        let program = |day: i64| plan.program_on(first.plus(day as i32)).and_then(|place| bundle.programs().get(place));
        let purse = program(0).and_then(|program| program.currencies().iter().next());
        Shop {
            bundle,
            rates,
            seed,
            first,
            from: midnight(0),
            ends: (1..=days).map(midnight).collect(),
            products: products(bundle, rates, seed),
            pages: pages(bundle, rates),
            needs,
            hours,
            levels: (0..days).map(|day| program(day).map(levels).unwrap_or_default()).collect(),
            purse: purse.map(|(id, currency)| (id, currency.min_spend())),
        }
    }

    /// The tiers that have levels on a day.
    pub fn levels(&self, day: usize) -> &[Levels<'a>] {
        self.levels.get(day).map_or(&[], Vec::as_slice)
    }

    /// The first currency and the balance that makes it usable.
    pub fn purse(&self) -> Option<(&'a str, i64)> {
        self.purse
    }

    /// The currency whose points are told day by day.
    pub fn currency(&self) -> Option<&'a str> {
        self.purse.map(|(id, _)| id)
    }

    /// The slots of a kind of page.
    pub fn slots(&self, kind: &str) -> &[&'a str] {
        self.pages.iter().find(|(known, _)| *known == kind).map_or(&[], |(_, slots)| slots)
    }

    /// When on its day a visit falls that would come then if all hours were alike.
    pub fn by_the_hour(&self, at: Time, zones: &Zones) -> Time {
        let zone = self.bundle.house().zone();
        let day = zones.day(zone, at);
        let (begins, ends) = (zones.midnight(zone, day), zones.midnight(zone, day.plus(1)));
        let length = (ends.0 - begins.0) as f64;
        let part = (at.0 - begins.0) as f64 / length;
        let hour = self.hours.windows(2).position(|edges| matches!(edges, [_, to] if part < *to)).unwrap_or(23);
        let edge = |place: usize| self.hours.get(place).copied().unwrap_or(1.0);
        let (low, high) = (edge(hour), edge(hour + 1));
        let within = if high > low { (part - low) / (high - low) } else { 0.0 };
        begins.plus(((hour as f64 + within) / 24.0 * length) as i64)
    }

    /// The number that an amount of the house's currency is written as in an event.
    pub fn major(&self, minor: i64) -> Value {
        major(minor, self.bundle)
    }
}

fn major(minor: i64, bundle: Bundle) -> Value {
    match money::exponent(bundle.house().currency()) {
        0 => minor.into(),
        digits => (minor as f64 / 10_i64.pow(digits) as f64).into(),
    }
}

/// Products with the categories of taste that they have, drawn by their shares.
fn products(bundle: Bundle, rates: Rates, seed: i64) -> Vec<Product> {
    let mut products = Vec::new();
    let mut add = |id: &str, name: &str, price: i64, weight: f64| {
        let mut item = Map::of([("item_id", id.into()), ("item_name", name.into()), ("price", major(price, bundle))]);
        for (dimension, taste) in bundle.interests().iter() {
            let shares = taste.shares();
            let chosen = Chance::new(seed, 0).pick(&join(&[id, "/", dimension]), 0, weights(shares.iter()));
            item.set(taste.property(), chosen.and_then(|place| shares.nth(place)).map(|(category, _)| category));
        }
        products.push(Product { item, price, weight });
    };
    for product in rates.products().iter() {
        add(product.id(), product.name().unwrap_or(product.id()), product.price(), product.weight().0);
    }
    if rates.products().is_empty() {
        let unit = if money::exponent(bundle.house().currency()) == 0 { 1000 } else { 100 };
        PRODUCTS.into_iter().for_each(|(id, price)| add(id, id, price * unit, 1.0));
    }
    products
}

/// The tiers of a program that have levels. Where there are several, a level is named with its tier, `TIER.LEVEL`.
fn levels(program: Program<'_>) -> Vec<Levels<'_>> {
    let tiers: Vec<_> = program.tiers().iter().filter(|(_, tier)| !tier.levels().is_empty()).collect();
    let several = tiers.len() > 1;
    let name = |tier: &str, level: &str| if several { join(&[tier, ".", level]) } else { level.to_string() };
    let mut all: Vec<Levels> = Vec::new();
    for (id, tier) in tiers {
        all.push((id, tier.levels().iter().map(|level| (name(id, level.id()), level.id())).collect()));
    }
    all
}

/// The shares of a table, none below 0.
pub fn weights<'a>(shares: impl Iterator<Item = (&'a str, f64)>) -> impl Iterator<Item = f64> + Clone {
    shares.map(|(_, share)| share.max(0.0)).collect::<Vec<f64>>().into_iter()
}

/// Which slots the kinds of pages have that shoppers go to.
fn pages<'a>(bundle: Bundle<'a>, rates: Rates) -> Vec<(&'static str, Vec<&'a str>)> {
    let all = bundle.slots();
    let kinds = rates.kinds().into_iter().map(|(kind, _)| kind).chain(["payment", "order_complete"]);
    let slots = |kind: &str| match bundle.house().pages().get(kind) {
        Some(rule) if rule.allow() == Allow::Nothing => Vec::new(),
        Some(rule) => rule.slots().map_or(all.clone(), |slots| slots.iter().collect()),
        None => all.clone(),
    };
    kinds.map(|kind| (kind, slots(kind))).collect()
}
