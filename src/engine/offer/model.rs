//! The model: what the fleet knows of each weight, what the device has learnt, and what both make of an offer.

use super::{Offer, Policy};
use crate::engine::base::document::{List, Table};
use crate::engine::base::record::Named;
use crate::engine::base::text::{cut, join};
use crate::engine::base::time::{DAY, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::bundle::Bundle;
use crate::engine::offer::{Contact, Learnt};
use crate::record;

/// What is believed of a weight: a normal distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal {
    /// Its mean.
    pub mean: f64,
    /// One by its variance.
    pub precision: f64,
}

record! {
    /// What a device has learnt of a weight.
    pub struct Weight {
        /// Mean,
        "m" mean: f64,
        /// precision,
        "q" precision: f64,
        /// and as of when: from then on both go back to the prior.
        "at" at: Time,
    }
}

/// So many weights are kept on a device; what has been learnt least goes first.
const WEIGHTS: usize = 64;

/// Shares and precisions of a bundle stay within what the arithmetic can bear.
const SHARE: (f64, f64) = (1e-6, 1.0 - 1e-6);
const PRECISION: (f64, f64) = (1e-3, 1e9);
const MEAN: (f64, f64) = (-20.0, 20.0);
/// Features and scores, too.
const FEATURE: f64 = 10.0;
const SUM: f64 = 40.0;
/// A lift by taste counts so much at most.
const LIFT: f64 = 2.0;

/// More than the arithmetic of a score can round up.
const ROUNDING: f64 = 1e-9;

/// A click on an offer is half as recent each week.
const CLICKED: i64 = 7 * DAY;

/// So many steps settle even what nothing is known of.
const STEPS: usize = 40;

/// A new offer's share where nothing is known of its category either, and how little a share that it inherits is believed.
const UNKNOWN: f64 = 0.01;
const INHERITED: f64 = 10.0;

/// What is believed of the families of weights where the bundle says nothing.
pub const FAMILIES: [(&str, Normal); 7] = [
    ("intercept", Normal { mean: 0.0, precision: 4.0 }),
    ("category", Normal { mean: 0.0, precision: 1.0 }),
    ("affinity", Normal { mean: 0.5, precision: 16.0 }),
    ("slot", Normal { mean: 0.0, precision: 4.0 }),
    ("recency", Normal { mean: 0.0, precision: 4.0 }),
    ("stage", Normal { mean: 0.0, precision: 16.0 }),
    ("feature", Normal { mean: 0.0, precision: 4.0 }),
];

/// The places of the weights that every offer has.
const INTERCEPT: usize = 0;
const AFFINITY: usize = 1;
const RECENCY: usize = 2;

const CATEGORY: &str = "category:";

fn within(number: f64, (least, most): (f64, f64)) -> f64 {
    // What is no number is the least. `f64::min` would be a call.
    match number {
        number if number > most => most,
        number if number >= least => number,
        _ => least,
    }
}

/// The chance that a sum of terms means.
pub fn logistic(sum: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-sum))
}

/// What is left of one after a time, of which each half-life leaves half.
fn left(from: Time, to: Time, half: i64) -> f64 {
    let passed = to.0.saturating_sub(from.0);
    if half <= 0 || passed <= 0 {
        return 1.0;
    }
    libm::exp(-std::f64::consts::LN_2 * passed as f64 / half as f64)
}

impl Normal {
    fn of(mean: f64, precision: f64) -> Normal {
        Normal { mean: within(mean, MEAN), precision: within(precision, PRECISION) }
    }

    /// The prior of an offer that so many shoppers of a hundred click, believed like so many exposures.
    fn of_share(share: f64, count: f64) -> Normal {
        let share = within(share, SHARE);
        Normal::of(libm::log(share / (1.0 - share)), count * share * (1.0 - share))
    }

    /// The prior of a weight that offers share.
    fn named(policy: Policy, name: &str) -> Normal {
        let family = cut(name, b':').map_or(name, |(family, _)| family);
        let known = FAMILIES.iter().find(|(known, _)| *known == family);
        let default = known.map_or(Normal { mean: 0.0, precision: 1.0 }, |(_, normal)| *normal);
        match policy.features().get(name).or_else(|| policy.features().get(family)) {
            Some(belief) => {
                Normal::of(belief.mean().unwrap_or(default.mean), belief.precision().unwrap_or(default.precision))
            }
            None => default,
        }
    }
}

/// What the policy needs to know of a bundle's offers, found out once.
#[derive(Default)]
pub struct Catalogue {
    /// The weights that offers share.
    shared: Vec<(String, Normal)>,
    /// The offers by their ids,
    entries: Vec<Entry>,
    /// and what is believed of the weight that each has for itself.
    own: Vec<Belief>,
}

struct Entry {
    id: String,
    /// Its place in the bundle.
    place: usize,
    /// The logarithm of its margin.
    worth: f64,
    prior: Normal,
    category: Option<usize>,
    /// Its own features and the places of their weights, by name.
    features: Vec<(usize, f64)>,
}

/// Which weight, by its place: an offer's own, or a shared one.
#[derive(Clone, Copy)]
enum Which {
    Own(usize),
    Shared(usize),
}

impl Catalogue {
    /// The catalogue of a bundle.
    pub fn new(bundle: Bundle) -> Catalogue {
        let (policy, offers) = (bundle.policy(), bundle.offers());
        let mut all = Catalogue::default();
        for name in ["intercept", "affinity", "recency"] {
            all.share(policy, name);
        }
        let means = shares(offers);
        for (place, offer) in offers.iter().enumerate() {
            let mut named = |family: &str, name: &str| all.share(policy, &join(&[family, name]));
            for slot in offer.slots().iter() {
                named("slot:", slot);
            }
            let category = (!offer.category().is_empty()).then(|| named(CATEGORY, offer.category()));
            let mut names: Vec<(&str, f64)> = offer.features().iter().collect();
            names.sort_unstable_by_key(|(name, _)| *name);
            let mut features = Vec::new();
            for (name, x) in names {
                features.push((named("feature:", name), within(x, (-FEATURE, FEATURE))));
            }
            let prior = match offer.prior() {
                Some(prior) => Normal::of_share(prior.share(), prior.count()),
                None => {
                    let known = means.get(offer.category()).or_else(|| means.get(""));
                    Normal::of_share(known.map_or(UNKNOWN, |(sum, count)| sum / count), INHERITED)
                }
            };
            let worth = libm::log(within(offer.margin(), (1e-9, 1e9)));
            all.entries.push(Entry { id: offer.id().to_string(), place, worth, prior, category, features });
        }
        for stage in ["new", "active", "cooling", "at_risk", "lapsed"] {
            all.share(policy, &join(&["stage:", stage]));
        }
        all.entries.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        all.own = all.entries.iter().map(|entry| entry.prior.into()).collect();
        all
    }

    /// The place of a shared weight.
    fn share(&mut self, policy: Policy, name: &str) -> usize {
        self.find(name).unwrap_or_else(|| {
            self.shared.push((name.to_string(), Normal::named(policy, name)));
            self.shared.len() - 1
        })
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.shared.iter().position(|(known, _)| known == name)
    }

    /// The place of an offer among those sorted by id.
    pub fn entry(&self, id: &str) -> Option<usize> {
        self.entries.binary_search_by(|entry| entry.id.as_str().cmp(id)).ok()
    }

    /// The id of an offer, and its place in the bundle.
    pub fn offer(&self, entry: usize) -> Option<(&str, usize)> {
        self.entries.get(entry).map(|entry| (entry.id.as_str(), entry.place))
    }

    /// How many offers there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What is known of a weight before anything is learnt; none where the bundle has no such weight.
    pub fn prior(&self, name: &str) -> Option<Normal> {
        self.which(name).map(|(_, prior)| prior)
    }

    fn which(&self, name: &str) -> Option<(Which, Normal)> {
        if let Some(id) = name.strip_prefix("offer:") {
            let at = self.entry(id)?;
            return self.entries.get(at).map(|entry| (Which::Own(at), entry.prior));
        }
        let place = self.find(name)?;
        self.shared.get(place).map(|(_, prior)| (Which::Shared(place), *prior))
    }
}

/// The shares of the offers that have one, their sum and number: by category, and of all of them under no name.
fn shares(offers: List<Offer>) -> Named<(f64, f64)> {
    let mut shares: Named<(f64, f64)> = Named::default();
    for offer in offers.iter() {
        let Some(prior) = offer.prior() else { continue };
        let mut add = |name: &str| {
            let (sum, count) = shares.get(name).copied().unwrap_or_default();
            shares.set(name, (sum + within(prior.share(), SHARE), count + 1.0));
        };
        add("");
        if !offer.category().is_empty() {
            add(offer.category());
        }
    }
    shares
}

/// What a device has learnt, by the names of weights.
pub type Weights = Named<Weight>;

/// What was learnt of a weight, and what it fades to.
#[derive(Clone, Copy)]
struct Fading {
    prior: Normal,
    learnt: Normal,
    at: Time,
}

impl Fading {
    fn of(weight: &Weight, prior: Normal) -> Fading {
        Fading { prior, learnt: Normal { mean: weight.mean, precision: weight.precision }, at: weight.at }
    }

    /// What is believed at a moment.
    fn now(self, now: Time, half_life: i64) -> Normal {
        let left = left(self.at, now, half_life);
        let fade = |learnt: f64, prior: f64| prior + (learnt - prior) * left;
        let Fading { prior, learnt, .. } = self;
        Normal { mean: fade(learnt.mean, prior.mean), precision: fade(learnt.precision, prior.precision) }
    }
}

/// A device that learns.
#[derive(Clone, Copy)]
pub struct Model<'a> {
    /// The constants.
    pub policy: Policy<'a>,
    /// The offers with what the fleet knows of them.
    pub catalogue: &'a Catalogue,
}

impl Model<'_> {
    /// Takes in one answer to an offer with these features: `label` 1 for a click, else 0, `weight` how often it counts. The step to
    /// the maximum a posteriori, exact along the one direction in which it lies, then the curvature there.
    pub fn learn(self, weights: &mut Weights, features: &Map, label: f64, weight: f64, at: Time) {
        let (mut known, mut sum, mut variance) = (Vec::new(), 0.0, 0.0);
        let half_life = self.policy.half_life().nominal();
        for (name, x) in features.iter() {
            let (Some(prior), Some(x)) = (self.catalogue.prior(name), x.number()) else { continue };
            let x = within(x, (-FEATURE, FEATURE));
            let now = weights.get(name).map_or(prior, |weight| Fading::of(weight, prior).now(at, half_life));
            sum += now.mean * x;
            variance += x * x / now.precision;
            known.push((name, now, x));
        }
        let step = step(within(sum, (-SUM, SUM)), variance, label, weight);
        let chance = logistic(within(sum + step * variance, (-SUM, SUM)));
        for (name, now, x) in known {
            let mean = within(now.mean + step * x / now.precision, MEAN);
            let precision = now.precision + weight * chance * (1.0 - chance) * x * x;
            weights.set(name, Weight { mean, precision: within(precision, PRECISION), at });
        }
        while weights.len() > WEIGHTS {
            let learnt = |(name, weight): (&str, &Weight)| {
                let prior = self.catalogue.prior(name)?;
                Some(Fading::of(weight, prior).now(at, half_life).precision - prior.precision)
            };
            let least = weights
                .iter()
                .min_by(|one, other| learnt(*one).unwrap_or(-1.0).total_cmp(&learnt(*other).unwrap_or(-1.0)));
            let Some(name) = least.map(|(name, _)| name.to_string()) else { break };
            weights.remove(&name);
        }
    }
}

/// Solves `d = weight · (label − logistic(sum + d · variance))` by Newton's steps: six where the prior knows something. The
/// solution lies between 0 and the first error; a step that leaves what is known to hold it halves that instead.
fn step(sum: f64, variance: f64, label: f64, weight: f64) -> f64 {
    let error = weight * (label - logistic(sum));
    let (mut least, mut most, mut step) = (error.min(0.0), error.max(0.0), 0.0);
    for _ in 0..STEPS {
        let chance = logistic(within(sum + step * variance, (-SUM, SUM)));
        let over = step - weight * (label - chance);
        if over.abs() < 1e-12 {
            break;
        }
        if over > 0.0 {
            most = step;
        } else {
            least = step;
        }
        let next = step - over / (1.0 + weight * variance * chance * (1.0 - chance));
        step = if next > least && next < most { next } else { (least + most) / 2.0 };
    }
    step
}

/// What moves the features of a moment.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The slot chosen for.
    pub slot: &'a str,
    /// The document that conditions read: interests and the stage of the customer.
    pub document: &'a Value,
    /// What all shoppers like, by category of the policy's dimension.
    pub shares: Option<Table<'a, f64>>,
    /// When.
    pub now: Time,
}

/// The model for a slot: names are looked up once, and what time moves is moved by [`Moment::pass`].
pub struct Moment<'a> {
    catalogue: &'a Catalogue,
    curiosity: f64,
    half_life: i64,
    /// What was learnt of weights, by their places; and when offers were clicked, by theirs.
    learnt: Vec<(Which, Fading)>,
    clicked: Vec<(usize, Time)>,
    shared: Vec<Belief>,
    /// By entry of the catalogue.
    own: Vec<Belief>,
    /// The lift by taste, by the place of the category's weight.
    lifts: Vec<f64>,
    /// How recently each was clicked, by entry.
    recent: Vec<f64>,
    /// The weights that all offers of the slot have: intercept, slot and stage.
    common: [Option<usize>; 3],
    /// What they come to.
    base: [f64; 2],
}

/// Mean and variance of a weight.
#[derive(Clone, Copy)]
pub struct Belief {
    /// Mean.
    pub mean: f64,
    /// Variance.
    pub variance: f64,
}

impl From<Normal> for Belief {
    fn from(normal: Normal) -> Belief {
        Belief { mean: normal.mean, variance: 1.0 / normal.precision }
    }
}

/// What an offer's score is made of: `worth + ln chance + bonus`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The logarithm of its margin.
    pub worth: f64,
    /// The chance of a click.
    pub chance: f64,
    /// What is added for what is not known yet.
    pub bonus: f64,
    /// All of it.
    pub total: f64,
}

impl<'a> Moment<'a> {
    /// What is believed now.
    pub fn new(model: Model<'a>, learnt: &Learnt, scene: Scene) -> Moment<'a> {
        let Model { policy, catalogue } = model;
        let tastes = scene.document.field("interest").field(policy.interest());
        let lift = |name: &str| {
            let category = name.strip_prefix(CATEGORY)?;
            let (usual, share) = (scene.shares?.get(category)?, tastes.field(category).field("share").number()?);
            (usual > 0.0 && share > 0.0).then(|| within(libm::log(share / usual), (-LIFT, LIFT)))
        };
        let lifts = catalogue.shared.iter().map(|(name, _)| lift(name).unwrap_or(0.0)).collect();
        let stage = scene.document.field("value").field("stage").text();
        let find = |family: &str, name: &str| catalogue.find(&join(&[family, name]));
        let common = [Some(INTERCEPT), find("slot:", scene.slot), stage.and_then(|stage| find("stage:", stage))];
        let mut known = Vec::new();
        for (name, weight) in learnt.weights.iter() {
            if let Some((which, prior)) = catalogue.which(name) {
                known.push((which, Fading::of(weight, prior)));
            }
        }
        let clicked = |(id, contact): (&str, &Contact)| catalogue.entry(id).zip(contact.clicked);
        let clicked = learnt.offers.iter().filter_map(clicked).collect();
        let (shared, own, recent) = Default::default();
        let curiosity = within(policy.curiosity(), (0.0, SUM));
        let half_life = policy.half_life().nominal();
        let mut moment = Moment {
            catalogue,
            curiosity,
            half_life,
            learnt: known,
            clicked,
            shared,
            own,
            lifts,
            recent,
            common,
            base: [0.0; 2],
        };
        moment.pass(scene.now);
        moment
    }

    /// What is believed at another time.
    pub fn pass(&mut self, now: Time) {
        let catalogue = self.catalogue;
        self.shared.clear();
        self.shared.extend(catalogue.shared.iter().map(|(_, prior)| Belief::from(*prior)));
        self.own.clone_from(&catalogue.own);
        for (which, fading) in &self.learnt {
            let place = match which {
                Which::Own(at) => self.own.get_mut(*at),
                Which::Shared(place) => self.shared.get_mut(*place),
            };
            if let Some(belief) = place {
                *belief = fading.now(now, self.half_life).into();
            }
        }
        self.recent.resize(self.own.len(), 0.0);
        for (entry, at) in &self.clicked {
            if let Some(recent) = self.recent.get_mut(*entry) {
                *recent = left(*at, now, CLICKED);
            }
        }
        let mut base = [0.0; 2];
        for place in self.common.into_iter().flatten() {
            self.add(&mut base, place, 1.0);
        }
        self.base = base;
    }

    #[inline(always)]
    fn add(&self, sums: &mut [f64; 2], place: usize, x: f64) {
        if let Some(belief) = self.shared.get(place) {
            let [sum, variance] = sums;
            *sum += belief.mean * x;
            *variance += x * x * belief.variance;
        }
    }

    fn lift(&self, category: usize) -> f64 {
        self.lifts.get(category).copied().unwrap_or(0.0)
    }

    fn recent(&self, at: usize) -> f64 {
        self.recent.get(at).copied().unwrap_or(0.0)
    }

    /// The logarithm of an offer's margin, and the sum of its terms with its variance.
    #[inline(always)]
    fn sums(&self, at: usize) -> [f64; 3] {
        let (mut sums, mut worth) = (self.base, 0.0);
        if let Some((entry, own)) = self.catalogue.entries.get(at).zip(self.own.get(at)) {
            worth = entry.worth;
            sums = [sums[0] + own.mean, sums[1] + own.variance];
            if let Some(category) = entry.category {
                self.add(&mut sums, category, 1.0);
                self.add(&mut sums, AFFINITY, self.lift(category));
            }
            self.add(&mut sums, RECENCY, self.recent(at));
            for (place, x) in &entry.features {
                self.add(&mut sums, *place, *x);
            }
        }
        [worth, within(sums[0], (-SUM, SUM)), sums[1]]
    }

    /// What is believed of the sum of an offer's terms.
    #[cfg(feature = "studio")]
    pub fn belief(&self, at: usize) -> Belief {
        let [_, mean, variance] = self.sums(at);
        Belief { mean, variance }
    }

    /// What an offer's score is at most: the chance of a click is below 1 and below e to the power of the sum.
    #[inline(always)]
    pub(super) fn most(&self, at: usize) -> f64 {
        let [worth, sum, variance] = self.sums(at);
        let chance = if sum < 0.0 { sum } else { 0.0 };
        worth + chance + self.curiosity * variance.sqrt() + ROUNDING
    }

    /// The score of an offer, by its place in the catalogue.
    pub fn score(&self, at: usize) -> Score {
        let [worth, sum, variance] = self.sums(at);
        let chance = logistic(sum);
        let bonus = self.curiosity * (1.0 - chance) * variance.sqrt();
        Score { worth, chance, bonus, total: worth + libm::log(chance) + bonus }
    }

    /// The terms of an offer's sum that are not 0, in their order whatever order the bundle has: the name of each weight, the
    /// feature, and what is believed.
    pub fn terms(&self, at: usize) -> Vec<(String, f64, Belief)> {
        let (mut terms, catalogue) = (Vec::new(), self.catalogue);
        let Some((entry, own)) = catalogue.entries.get(at).zip(self.own.get(at)) else { return terms };
        let mut tell = |place: Option<usize>, x: f64| {
            let known = place.and_then(|place| catalogue.shared.get(place).zip(self.shared.get(place)));
            if let Some(((name, _), belief)) = known.filter(|_| x.abs() > 0.0) {
                terms.push((name.clone(), x, *belief));
            }
        };
        let [intercept, slot, stage] = self.common;
        tell(intercept, 1.0);
        tell(entry.category, 1.0);
        tell(Some(AFFINITY), entry.category.map_or(0.0, |category| self.lift(category)));
        tell(slot, 1.0);
        tell(Some(RECENCY), self.recent(at));
        tell(stage, 1.0);
        for (place, x) in &entry.features {
            tell(Some(*place), *x);
        }
        terms.insert(terms.len().min(1), (join(&["offer:", &entry.id]), 1.0, *own));
        terms
    }

    /// The features of an offer by name, as the log has them, and its score as a sum of named terms.
    pub fn named(&self, at: usize) -> [Map; 2] {
        let (mut features, mut score) = (Map::new(), Map::new());
        for (name, x, belief) in self.terms(at) {
            score.append(&name, (belief.mean * x).into());
            features.set(&name, x);
        }
        let Score { worth, bonus, .. } = self.score(at);
        score.append("margin", worth.into());
        score.append("bonus", bonus.into());
        [features, score]
    }

    /// The place of an offer's category among the weights.
    pub(super) fn category(&self, at: usize) -> Option<usize> {
        self.catalogue.entries.get(at)?.category
    }

    /// The id of an offer.
    pub(super) fn id(&self, at: usize) -> &'a str {
        self.catalogue.offer(at).map_or("", |(id, _)| id)
    }
}
