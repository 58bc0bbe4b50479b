//! Next best offer: draws are what the log says they are, what is learnt is right, and the policy earns its place.
#![cfg(feature = "cli")]

#[path = "common/cases.rs"]
mod cases;

use cases::cases;
use danbi::cli::{export, json, native::Native};
use danbi::engine::base::time::{DAY, HOUR, Time, Zones};
use danbi::engine::base::value::{Map, Value};
use danbi::engine::bundle::plan::Plan;
use danbi::engine::bundle::{Bundle, lint};
use danbi::engine::effect::Effect;
use danbi::engine::fold::{Fold, World};
use danbi::engine::input::{Input, Row};
use danbi::engine::offer::{Catalogue, Draw, Learnt, Model, Moment, Scene, Terms, logistic};
use danbi::engine::profile::Grant;
use danbi::engine::replay::Replay;
use danbi::engine::signal::Signal;
use danbi::engine::{Decision, Engine, Options};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn read(text: &str) -> Value {
    json::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn time(text: &str) -> Time {
    Time::parse(text).expect("an instant").0
}

/// Numbers that are the same each time: SplitMix64.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self, mean: f64, deviation: f64) -> f64 {
        let (one, other) = (1.0 - self.next(), self.next());
        mean + deviation * (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos()
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() * count as f64) as usize
    }
}

fn logit(share: f64) -> f64 {
    (share / (1.0 - share)).ln()
}

const START: &str = "2026-05-12T10:00:00+09:00";

/// A bundle with nothing but these offers.
fn bundle(offers: Vec<Value>, policy: &str) -> Value {
    let Value::Map(bundle) =
        read(r#"{"bundle": "test", "version": 1, "house": {"zone": "Asia/Seoul", "currency": "KRW"}}"#)
    else {
        panic!("a bundle is an object")
    };
    bundle.with("offers", offers).with("policy", read(policy)).into()
}

fn offer(id: usize, category: usize, share: f64, count: f64) -> Value {
    Map::new()
        .with("id", format!("o{id:02}"))
        .with("label", "An offer")
        .with("category", format!("c{category}"))
        .with("slots", vec![Value::from("home")])
        .with("prior", Map::new().with("p0", share).with("n0", count))
        .into()
}

fn scene(now: Time) -> Scene<'static> {
    Scene { slot: "", document: &Value::Null, shares: None, now }
}

const ONE: Terms = Terms { count: 1, chance: 0.05, diversity: None };

// ---- the simulation of the issue ----

/// How a device of the simulation chooses.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Ours,
    Thompson,
    Random,
}

const OFFERS: usize = 12;
const CATEGORIES: usize = 4;
const ELIGIBLE: usize = 6;
const AT: [usize; 3] = [20, 60, 200];

/// The mean of the chances of a click over a device's first 20, 60 and 200 decisions: of what was shown, and of the most popular of
/// what could be.
fn device(world: &Value, catalogue: &Catalogue, bases: &[f64; OFFERS], seed: u64, way: Way) -> [[f64; 2]; 3] {
    let (policy, start) = (Bundle(world).policy(), time(START));
    let model = Model { policy, catalogue };
    // The same shopper, moments and luck whatever the way.
    let (mut shopper, mut luck) = (Numbers(seed), Numbers(seed ^ 0xABCD));
    let tastes: Vec<f64> = (0..CATEGORIES).map(|_| shopper.normal(0.0, 1.0)).collect();
    let chances: Vec<f64> =
        (0..OFFERS).map(|id| logistic(bases[id] + tastes[id % CATEGORIES] + shopper.normal(0.0, 0.3))).collect();
    let (mut learnt, mut sums, mut reached) = (Learnt::default(), [0.0; 2], [[0.0; 2]; 3]);
    for decision in 0..AT[2] {
        let mut eligible: Vec<usize> = (0..OFFERS).collect();
        for place in 0..ELIGIBLE {
            eligible.swap(place, place + shopper.below(OFFERS - place));
        }
        eligible.truncate(ELIGIBLE);
        let now = start.plus(decision as i64 * HOUR);
        let moment = Moment::new(model, &learnt, scene(now));
        let id = format!("{seed}.{decision}");
        let shown = match way {
            Way::Ours => ONE.choose(&moment, &eligible, &[], Draw { seed: "s", id: &id })[0].entry,
            Way::Random => eligible[luck.below(ELIGIBLE)],
            Way::Thompson => {
                let mut drawn = BTreeMap::new();
                let mut sum = |entry: usize| {
                    moment
                        .terms(entry)
                        .into_iter()
                        .map(|(name, x, belief)| {
                            x * *drawn.entry(name).or_insert_with(|| luck.normal(belief.mean, belief.variance.sqrt()))
                        })
                        .sum::<f64>()
                };
                let sums: Vec<(usize, f64)> = eligible.iter().map(|entry| (*entry, sum(*entry))).collect();
                sums.into_iter().max_by(|one, other| one.1.total_cmp(&other.1)).unwrap().0
            }
        };
        let popular = *eligible.iter().max_by(|one, other| bases[**one].total_cmp(&bases[**other])).unwrap();
        sums[0] += chances[shown];
        sums[1] += chances[popular];
        if way != Way::Random {
            let clicked = if shopper_clicks(seed, decision, chances[shown]) { 1.0 } else { 0.0 };
            let [features, _] = moment.named(shown);
            model.learn(&mut learnt.weights, &features, clicked, 1.0, now);
        }
        for (place, at) in AT.iter().enumerate() {
            if decision + 1 == *at {
                reached[place] = sums;
            }
        }
    }
    reached
}

fn shopper_clicks(seed: u64, decision: usize, chance: f64) -> bool {
    Numbers(seed.wrapping_mul(1000).wrapping_add(decision as u64)).next() < chance
}

/// Mean clicks of a way at 20, 60 and 200 decisions, of the most popular offer's.
fn ratios(worlds: usize, devices: usize, way: Way) -> [f64; 3] {
    let mut sums = [[0.0; 2]; 3];
    for world in 0..worlds {
        let mut numbers = Numbers(world as u64 + 1);
        let bases: [f64; OFFERS] = std::array::from_fn(|_| numbers.normal(logit(0.03), 0.5));
        let offers = (0..OFFERS).map(|id| {
            let share = logistic(bases[id] + numbers.normal(0.0, 0.2));
            // The variance of what a device adds and of what the prior does not know.
            let precision = 1.0 / (0.3 * 0.3 + 0.2 * 0.2);
            offer(id, id % CATEGORIES, share, precision / (share * (1.0 - share)))
        });
        let source = bundle(offers.collect(), r#"{"version": 1}"#);
        let catalogue = Catalogue::new(Bundle(&source));
        for seed in 0..devices {
            let seed = (world * devices + seed) as u64 * 7919 + 13;
            for (sum, reached) in sums.iter_mut().zip(device(&source, &catalogue, &bases, seed, way)) {
                sum[0] += reached[0];
                sum[1] += reached[1];
            }
        }
    }
    sums.map(|[shown, popular]| shown / popular)
}

/// 20 worlds of 500 devices with `DANBI_LONG`, else as many as a moment allows, judged by the random policy alone.
#[test]
fn the_policy_beats_thompson_sampling_and_chance() {
    let long = std::env::var_os("DANBI_LONG").is_some();
    let (worlds, devices) = if long { (20, 500) } else { (4, 10) };
    let [ours, thompson, random] = [Way::Ours, Way::Thompson, Way::Random].map(|way| ratios(worlds, devices, way));
    println!("clicks of the most popular eligible offer's, {worlds} worlds of {devices} devices, at {AT:?} decisions");
    println!("ours {ours:.3?}, warm Thompson {thompson:.3?}, random {random:.3?}");
    for place in 0..AT.len() {
        assert!(!long || ours[place] >= thompson[place] + [0.12, 0.09, 0.05][place], "at {}", AT[place]);
        assert!(ours[place] >= random[place] + 0.3, "at {}", AT[place]);
    }
}

// ---- draws ----

/// Offers of three categories, not two alike.
fn varied(count: usize) -> Value {
    bundle((0..count).map(|id| offer(id, id % 3, 0.01 + 0.002 * id as f64, 40.0)).collect(), r#"{"version": 1}"#)
}

/// The least that chance alone exceeds once in ten thousand times, by Wilson and Hilferty.
fn bound(freedom: f64) -> f64 {
    let spread = 2.0 / (9.0 * freedom);
    freedom * (1.0 - spread + 3.719 * spread.sqrt()).powi(3)
}

/// Over 200,000 decisions each offer comes as often to each place as its propensity says.
#[test]
fn propensities_are_frequencies() {
    const DRAWS: usize = 200_000;
    for (offers, count, chance, diversity) in
        [(2, 1, 0.05, None), (7, 1, 0.05, None), (24, 1, 0.5, None), (8, 3, 0.4, None), (9, 3, 0.6, Some(1))]
    {
        let source = varied(offers);
        let catalogue = Catalogue::new(Bundle(&source));
        let model = Model { policy: Bundle(&source).policy(), catalogue: &catalogue };
        let moment = Moment::new(model, &Learnt::default(), scene(time(START)));
        let all: Vec<usize> = (0..offers).collect();
        let terms = Terms { count, chance, diversity };
        // By place and offer: how often, and how probable it was said to be.
        let mut seen: BTreeMap<(usize, usize), (f64, f64)> = Default::default();
        for draw in 1..=DRAWS {
            let chosen = terms.choose(&moment, &all, &[], Draw { seed: "seed", id: &format!("tab.{draw}") });
            assert_eq!(chosen.len(), count.min(offers));
            for (place, chosen) in chosen.iter().enumerate() {
                let seen = seen.entry((place, chosen.entry)).or_insert((0.0, chosen.propensity));
                seen.0 += 1.0;
                assert_eq!(seen.1, chosen.propensity, "the same choice is as probable each time");
            }
        }
        for place in 0..count.min(offers) {
            let cells: Vec<(f64, f64)> =
                seen.iter().filter(|((at, _), _)| *at == place).map(|(_, cell)| *cell).collect();
            let total: f64 = cells.iter().map(|(_, propensity)| propensity).sum();
            assert!((total - 1.0).abs() < 1e-12, "all that can come there came, and nothing else: {total}");
            let square: f64 = cells
                .iter()
                .map(|(count, propensity)| {
                    let expected = propensity * DRAWS as f64;
                    (count - expected).powi(2) / expected
                })
                .sum();
            let freedom = cells.len() as f64 - 1.0;
            println!(
                "{offers} offers, place {} of {count}, chance {chance}: chi-square {square:.1} with {freedom} degrees of freedom",
                place + 1
            );
            assert!(freedom == 0.0 || square < bound(freedom), "chi-square {square} with {freedom} degrees of freedom");
        }
    }
}

/// The propensities of decisioning.md: ε/|E|, and 1 − ε more for the best.
#[test]
fn the_best_has_what_chance_leaves() {
    let source = varied(6);
    let catalogue = Catalogue::new(Bundle(&source));
    let model = Model { policy: Bundle(&source).policy(), catalogue: &catalogue };
    let moment = Moment::new(model, &Learnt::default(), scene(time(START)));
    let all: Vec<usize> = (0..6).collect();
    let best = all
        .iter()
        .copied()
        .max_by(|one, other| moment.score(*one).total.total_cmp(&moment.score(*other).total))
        .unwrap();
    for draw in 0..200 {
        let chosen = ONE.choose(&moment, &all, &[], Draw { seed: "seed", id: &format!("tab.{draw}") })[0];
        let expected = if chosen.entry == best { 1.0 - 0.05 + 0.05 / 6.0 } else { 0.05 / 6.0 };
        assert_eq!(chosen.propensity, expected);
    }
}

// ---- learning ----

/// One step is the maximum a posteriori along its direction, found by halving, whatever the belief and the weight.
#[test]
fn a_step_is_exact() {
    for (share, count, label, weight) in [
        (0.03, 40.0, 1.0, 1.0),
        (0.03, 40.0, 0.0, 3.0),
        (0.5, 4.0, 1.0, 1.0),
        (0.001, 10.0, 1.0, 1.0),
        (0.9, 1.0, 0.0, 3.0),
    ] {
        let source = bundle(vec![offer(0, 0, share, count)], r#"{"version": 1}"#);
        let catalogue = Catalogue::new(Bundle(&source));
        let model = Model { policy: Bundle(&source).policy(), catalogue: &catalogue };
        let mut learnt = Learnt::default();
        let before = Moment::new(model, &learnt, scene(time(START))).terms(0);
        let [features, _] = Moment::new(model, &learnt, scene(time(START))).named(0);
        model.learn(&mut learnt.weights, &features, label, weight, time(START));
        let sum: f64 = before.iter().map(|(_, x, belief)| x * belief.mean).sum();
        let variance: f64 = before.iter().map(|(_, x, belief)| x * x * belief.variance).sum();
        let (mut least, mut most) = (-weight, weight);
        for _ in 0..200 {
            let middle = (least + most) / 2.0;
            if middle > weight * (label - logistic(sum + middle * variance)) { most = middle } else { least = middle }
        }
        let chance = logistic(sum + least * variance);
        for (name, x, belief) in before {
            let weights = learnt.weights.get(&name).unwrap();
            let (mean, precision) = (
                belief.mean + least * x * belief.variance,
                1.0 / belief.variance + weight * chance * (1.0 - chance) * x * x,
            );
            assert!((weights.mean - mean).abs() < 1e-6, "{name}: mean {} instead of {mean}", weights.mean);
            assert!(
                (weights.precision / precision - 1.0).abs() < 1e-6,
                "{name}: {} instead of {precision}",
                weights.precision
            );
        }
    }
}

/// What was learnt weighs half after the half-life, and an idle device becomes a new one.
#[test]
fn what_was_learnt_fades_to_the_prior() {
    let source = varied(2);
    let catalogue = Catalogue::new(Bundle(&source));
    let model = Model { policy: Bundle(&source).policy(), catalogue: &catalogue };
    let mut learnt = Learnt::default();
    let own = |learnt: &Learnt, days: i64| {
        let terms = Moment::new(model, learnt, scene(time(START).plus(days * DAY))).terms(0);
        terms.into_iter().find(|(name, ..)| name == "offer:o00").unwrap().2
    };
    let new = own(&learnt, 0);
    let [features, _] = Moment::new(model, &learnt, scene(time(START))).named(0);
    model.learn(&mut learnt.weights, &features, 1.0, 1.0, time(START));
    let (now, half, late) = (own(&learnt, 0), own(&learnt, 60), own(&learnt, 60 * 60));
    assert!(now.mean > new.mean && now.variance < new.variance);
    assert!((half.mean - (now.mean + new.mean) / 2.0).abs() < 1e-12);
    assert!((1.0 / half.variance - (1.0 / now.variance + 1.0 / new.variance) / 2.0).abs() < 1e-9);
    assert!((late.mean - new.mean).abs() < 1e-12 && (late.variance / new.variance - 1.0).abs() < 1e-12);
}

/// A new offer is believed to be clicked as its category is, and little.
#[test]
fn a_new_offer_inherits_from_its_category() {
    let Value::Map(new) = offer(9, 1, 0.0, 0.0) else { panic!("an offer is an object") };
    let mut new = new;
    new.remove("prior");
    let source = bundle(
        vec![offer(0, 0, 0.5, 40.0), offer(1, 1, 0.02, 40.0), offer(2, 1, 0.04, 40.0), new.into()],
        r#"{"version": 1}"#,
    );
    let catalogue = Catalogue::new(Bundle(&source));
    let model = Model { policy: Bundle(&source).policy(), catalogue: &catalogue };
    let terms = Moment::new(model, &Learnt::default(), scene(time(START))).terms(3);
    let own = terms.into_iter().find(|(name, ..)| name == "offer:o09").unwrap().2;
    assert!((own.mean - logit(0.03)).abs() < 1e-12);
    assert!((own.variance - 1.0 / (10.0 * 0.03 * 0.97)).abs() < 1e-9);
}

/// No more than 64 weights are kept, and those that know most stay.
#[test]
fn at_most_64_weights_are_kept() {
    let source = varied(100);
    let catalogue = Catalogue::new(Bundle(&source));
    let model = Model { policy: Bundle(&source).policy(), catalogue: &catalogue };
    let mut learnt = Learnt::default();
    for id in 0..100 {
        let [features, _] = Moment::new(model, &learnt, scene(time(START))).named(id);
        model.learn(&mut learnt.weights, &features, 0.0, 1.0, time(START));
        assert!(learnt.weights.len() <= 64);
    }
    assert!(learnt.weights.get("intercept").is_some() && learnt.weights.get("category:c0").is_some());
}

// ---- for every bundle ----

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        0.0..1.0,
        -10.0..10.0,
        Just(0.0),
        Just(-1.0),
        Just(1.0),
        Just(5e-324),
        Just(1.7e308),
        Just(-1.7e308),
        Just(1e15)
    ]
}

proptest! {
    #![proptest_config(cases(256))]

    /// The order of a bundle's offers and of the list chosen from means nothing, and nothing is no number, whatever numbers the
    /// bundle has.
    #[test]
    fn order_means_nothing_and_all_are_numbers(
        wild in prop::collection::vec((number(), number(), number(), 0..4_usize), 1..9),
        constants in (number(), number(), number(), number()),
        answers in prop::collection::vec((0..9_usize, 0..3_usize), 0..20),
        count in 1..5_usize,
        turn in 0..9_usize,
        diversity in prop::option::of(0..3_i64),
    ) {
        let (curiosity, chance, mean, precision) = constants;
        let belief = Map::new().with("m0", mean).with("q0", precision);
        let policy = Map::new().with("version", 1).with("c", curiosity).with("eps", chance)
            .with("features", Map::new().with("category", belief.clone()).with("intercept", belief));
        let offers: Vec<Value> = wild.iter().enumerate().map(|(id, (share, count, margin, category))| {
            let Value::Map(offer) = offer(id, *category, *share, *count) else { unreachable!("an offer is an object") };
            offer.with("margin", *margin).with("features", Map::new().with("odd", *share)).into()
        }).collect();
        let mut turned = offers.clone();
        turned.rotate_left(turn % offers.len());
        let mut outcomes = Vec::new();
        for offers in [offers.clone(), turned] {
            let policy: Value = policy.clone().into();
            let source = bundle(offers, &json::write(&policy));
            let catalogue = Catalogue::new(Bundle(&source));
            let model = Model { policy: Bundle(&source).policy(), catalogue: &catalogue };
            let mut learnt = Learnt::default();
            for (step, (id, label)) in answers.iter().enumerate() {
                let now = time(START).plus(step as i64 * HOUR);
                let [features, _] = Moment::new(model, &learnt, scene(now)).named(id % wild.len());
                model.learn(&mut learnt.weights, &features, (*label == 1) as i64 as f64, if *label == 2 { 3.0 } else { 1.0 }, now);
            }
            let moment = Moment::new(model, &learnt, scene(time(START).plus(30 * HOUR)));
            let mut list: Vec<usize> = (0..wild.len()).collect();
            if !outcomes.is_empty() {
                list.reverse();
            }
            for id in &list {
                prop_assert!(moment.score(*id).total.is_finite(), "{:?}", moment.score(*id));
            }
            let terms = Terms { count, chance, diversity };
            let chosen = terms.choose(&moment, &list, &[], Draw { seed: "s", id: "tab.1" });
            prop_assert_eq!(chosen.len(), count.min(wild.len()));
            let mut entries: Vec<usize> = chosen.iter().map(|chosen| chosen.entry).collect();
            entries.sort_unstable();
            entries.dedup();
            prop_assert_eq!(entries.len(), chosen.len(), "nothing stands twice in a list");
            for chosen in &chosen {
                prop_assert!(chosen.propensity >= 0.0 && chosen.propensity <= 1.0 + 1e-12, "{}", chosen.propensity);
            }
            outcomes.push(format!("{chosen:?}"));
        }
        prop_assert_eq!(&outcomes[0], &outcomes[1]);
    }
}

// ---- a real log ----

/// A row of the table: action, reward, its probability then, and under the policy judged.
type Judged = (String, f64, f64, f64);

/// The Open Bandit Dataset's men's campaign, chosen at random by ZOZO: each row as a decision of ours, through the fold, out of
/// `export-decisions`, judged from the table. As near to a shopper as the log comes are its four user features together.
/// 46 clicks rank nothing: no claim is made.
#[test]
fn a_real_log_runs_end_to_end() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let table = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    let (Some(items), Some(log)) = (table("obd_men_items.csv"), table("obd_men_random.csv")) else {
        println!("left out: ../shared/data is not there");
        return;
    };
    let rows = |text: &str| -> Vec<Vec<String>> {
        text.lines().skip(1).map(|line| line.split(',').map(str::to_string).collect()).collect()
    };
    let number = |text: &str| text.parse::<f64>().unwrap();
    let slots: Vec<Value> = ["1", "2", "3"].into_iter().map(Value::from).collect();
    let offers: Vec<Value> = rows(&items)
        .iter()
        .map(|item| {
            let (clicks, others) = (number(&item[5]), number(&item[6]));
            let prior = Map::new().with("p0", clicks / (clicks + others)).with("n0", clicks + others);
            Map::new()
                .with("id", format!("{:0>2}", item[0]))
                .with("label", "An item")
                .with("category", format!("k{}", item[2]))
                .with("slots", slots.clone())
                .with("prior", prior)
                .into()
        })
        .collect();
    let count = offers.len();
    let source = bundle(offers, r#"{"version": 1}"#);
    assert_eq!(lint::check(&source).iter().filter(|finding| finding.fatal).count(), 0);
    let mut zones = Zones::default();
    zones.set("Asia/Seoul", vec![(i64::MIN, 540)]);
    let world_bundle = Bundle(&source);
    let world = World {
        bundle: world_bundle,
        plan: &Plan::new(world_bundle),
        zones: &zones,
        host: &Native,
        assumed: Grant::Granted,
    };
    let mut devices: BTreeMap<String, Fold> = BTreeMap::new();
    let (mut replay, mut policies) = (Replay::new(source.clone()).unwrap(), BTreeMap::new());
    for (index, row) in rows(&log).iter().enumerate() {
        let [timestamp, item, position, click, propensity, features @ ..] = row.as_slice() else { panic!("{row:?}") };
        let (device, decision, offer) = (features[..4].join("-"), format!("obd.{index}"), format!("{item:0>2}"));
        let fold = devices.entry(device.clone()).or_default();
        let at = time(timestamp);
        fold.pass(at, world);
        let scene = Scene { slot: position, document: &Value::Null, shares: None, now: at };
        let moment = Moment::new(world.model(), &fold.offers, scene);
        let all: Vec<usize> = (0..count).collect();
        let entry = world.plan.offers.entry(&offer).unwrap();
        let chosen = ONE.choose(&moment, &all, &[], Draw { seed: "study", id: &decision })[0];
        // What is drawn by chance is drawn among all; the best has the rest.
        let best = if chosen.propensity > 0.5 {
            chosen.entry
        } else {
            let greedy = Terms { chance: 0.0, ..ONE };
            greedy.choose(&moment, &all, &[], Draw { seed: "study", id: &decision })[0].entry
        };
        let chance = ONE.chance / count as f64;
        policies.insert(decision.clone(), if best == entry { 1.0 - ONE.chance + chance } else { chance });
        let [features, score] = moment.named(entry);
        let told = Map::new()
            .with("decision", decision.as_str())
            .with("slot", position.as_str())
            .with("offer", offer.as_str());
        let opened = told
            .clone()
            .with("propensity", number(propensity))
            .with("position", number(position))
            .with("features", features)
            .with("score", score);
        let mut events = vec![("danbi_decision", opened, 0), ("danbi_exposure", told.clone(), 1)];
        if click == "1" {
            events.push(("danbi_answer", told.with("action", "click"), 2));
        }
        for (name, properties, later) in events {
            let line: Value = Map::new()
                .with("type", "track")
                .with("event", name)
                .with("messageId", format!("{decision}.{later}"))
                .with("timestamp", at.plus(later).text())
                .with("userId", device.as_str())
                .with("properties", properties)
                .into();
            fold.signal(&Signal::read(&line, &|_| None).unwrap(), world);
            replay.add(&line).unwrap();
        }
    }
    let exported = export::decisions(&replay);
    let mut lines = exported.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(header[..5], ["context", "action", "reward", "propensity", "position"]);
    let column = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let mut judged: Vec<Judged> = Vec::new();
    for line in lines {
        let cells = cells(line);
        let cell = |name: &str| cells[column(name)].as_str();
        let policy = policies[cell("decision")];
        judged.push((cell("action").to_string(), number(cell("reward")), number(cell("propensity")), policy));
    }
    assert_eq!(judged.len(), 10_000);
    // Self-normalized: what the policy would have been clicked, and how many rows that rests on.
    let snips = |weight: &dyn Fn(&Judged) -> f64| {
        let (mut sum, mut squares, mut clicks) = (0.0, 0.0, 0.0);
        for row in &judged {
            let weight = weight(row);
            (sum, squares, clicks) = (sum + weight, squares + weight * weight, clicks + weight * row.1);
        }
        (100.0 * clicks / sum, sum * sum / squares)
    };
    let ours = snips(&|(_, _, propensity, policy)| policy / propensity);
    let random = snips(&|_| 1.0);
    let fixed = |offer: usize| {
        let id = format!("{offer:02}");
        snips(&|(action, ..)| f64::from(u8::from(*action == id)))
    };
    let best =
        (0..count).map(|offer| (fixed(offer), offer)).max_by(|one, other| one.0.0.total_cmp(&other.0.0)).unwrap();
    println!(
        "clicks in percent by SNIPS, and effective sample size, of 10,000 rows with {} clicks: no rank is claimed",
        judged.iter().filter(|row| row.1 > 0.0).count()
    );
    println!(
        "the policy {:.3} ({:.0}), random {:.3} ({:.0}), best fixed offer in hindsight, {:02}: {:.3} ({:.0})",
        ours.0, ours.1, random.0, random.1, best.1, best.0.0, best.0.1
    );
    assert!((random.0 - 0.46).abs() < 1e-9 && (random.1 - 10_000.0).abs() < 1e-6);
    assert!(ours.0.is_finite() && ours.1 > 1.0 && ours.1 <= 10_000.0);
    assert!(best.0.0 >= random.0);
}

/// The cells of a line of CSV.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    let mut rest = line.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '"' if quoted && rest.peek() == Some(&'"') => cells.last_mut().unwrap().push(rest.next().unwrap()),
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            letter => cells.last_mut().unwrap().push(letter),
        }
    }
    cells
}

// ---- in a page ----

/// A tab that keeps what it is told to emit, as a host does.
struct Tab {
    engine: Engine,
    rows: i64,
    /// What it was told to emit: name and properties.
    emitted: Vec<(String, Map)>,
}

impl Tab {
    fn new(bundle: &Value) -> Tab {
        let mut zones = Zones::default();
        zones.set("Asia/Seoul", vec![(i64::MIN, 540)]);
        let options = Options {
            locale: "ko".into(),
            seed: "seed".into(),
            tab: "tab".into(),
            assumed: Grant::Granted,
            schemes: Vec::new(),
        };
        Tab { engine: Engine::new(bundle.clone(), zones, Box::new(Native), options), rows: 0, emitted: Vec::new() }
    }

    fn input(&mut self, input: Input, now: Time) {
        for effect in self.engine.update(input, now) {
            if let Effect::Emit(name, properties) = effect {
                self.emitted.push((name.to_string(), properties.clone()));
                self.say(name, properties, now);
            }
        }
    }

    fn say(&mut self, name: &str, properties: Map, now: Time) {
        self.rows += 1;
        let line = Map::new()
            .with("type", "track")
            .with("event", name)
            .with("messageId", format!("m{:05}", self.rows))
            .with("userId", "u")
            .with("timestamp", now.text())
            .with("properties", properties);
        let row = Row { position: self.rows, line: line.into(), fold: true, ..Row::default() };
        self.input(Input::Rows { rows: vec![row], unsent: 0 }, now);
    }

    /// What a page does that asks for a list.
    fn list(&mut self, slot: &str, count: usize, now: Time) -> Vec<Decision> {
        for silent in self.engine.silent(slot, count, now) {
            self.input(Input::Decided(Box::new(silent)), now);
        }
        let list = self.engine.list(slot, count, now);
        for decision in &list {
            self.input(Input::Decided(Box::new(decision.clone())), now);
        }
        list
    }
}

fn ids(list: &[Decision]) -> Vec<(&str, &str)> {
    list.iter().map(|decision| (decision.id.as_str(), decision.offer.as_deref().unwrap_or("none"))).collect()
}

#[test]
fn a_list_is_held_and_what_was_answered_is_filled_again() {
    let mut tab = Tab::new(&varied(8));
    let now = time(START);
    let first = tab.list("home", 3, now);
    assert_eq!(first.iter().map(|decision| decision.id.as_str()).collect::<Vec<_>>(), ["tab.1", "tab.2", "tab.3"]);
    assert!(first.iter().all(|decision| decision.campaign.is_none() && decision.slot == "home"));
    let decided = tab.emitted.iter().filter(|(name, _)| name == "danbi_decision").count();
    assert_eq!(decided, 3, "each is in the log");
    assert_eq!(ids(&tab.list("home", 3, now.plus(1000))), ids(&first), "asked again it is the same");
    assert_eq!(ids(&tab.list("home", 1, now.plus(1000))), ids(&first[..1]), "and so is its beginning");
    assert_eq!(tab.emitted.len(), 3, "nothing is logged twice");
    tab.say("danbi_answer", first[1].properties().with("action", "dismiss"), now.plus(2000));
    let next = tab.list("home", 3, now.plus(3000));
    assert_eq!([ids(&next)[0], ids(&next)[2]], [ids(&first)[0], ids(&first)[2]], "the others stay");
    assert_eq!(next[1].id, "tab.4");
    assert!(!first.iter().any(|decision| decision.offer == next[1].offer), "what was dismissed rests");
    assert_eq!(tab.list("home", 20, now.plus(4000)).len(), 7, "no longer than there are offers");
}

/// What a log line says is all that the draw needs: the same choice, made again from it.
#[test]
fn the_log_says_all_and_replay_chooses_the_same() {
    let source = varied(8);
    let now = time(START);
    let [one, other] = [0, 1].map(|_| {
        let mut tab = Tab::new(&source);
        let mut all = Vec::new();
        for step in 0..60 {
            let now = now.plus(step * HOUR);
            for decision in tab.list("home", 2, now) {
                tab.say("danbi_exposure", decision.properties(), now.plus(2000));
                if step % 3 == 0 {
                    tab.say("danbi_answer", decision.properties().with("action", "click"), now.plus(3000));
                }
                all.push(decision);
            }
        }
        (all, tab.emitted)
    });
    assert_eq!(one.0, other.0);
    assert_eq!(one.1, other.1);
    assert!(one.0.iter().any(|decision| decision.propensity < 0.5), "chance had its share");
    let line: Value = one.1[0].1.clone().into();
    for key in [
        "decision",
        "slot",
        "offer",
        "propensity",
        "policy",
        "bundle",
        "epsilon",
        "eligible",
        "features",
        "score",
        "seed",
        "counter",
        "position",
    ] {
        assert!(!line.field(key).is_null(), "{key}");
    }
    assert_eq!(line.at("eligible").list().len(), 8);
    // The draw from the line alone.
    let catalogue = Catalogue::new(Bundle(&source));
    let model = Model { policy: Bundle(&source).policy(), catalogue: &catalogue };
    let empty = Value::Null;
    let moment = Moment::new(model, &Learnt::default(), Scene { slot: "home", document: &empty, shares: None, now });
    let all: Vec<usize> = line.at("eligible").list().iter().filter_map(|id| catalogue.entry(id.text()?)).collect();
    let seed = format!("/{}", line.at("seed").text().unwrap());
    let id = format!("tab.{}", line.at("counter").integer().unwrap());
    let again = Terms { count: 2, ..ONE }.choose(&moment, &all, &[], Draw { seed: &seed, id: &id })[0];
    assert_eq!(catalogue.offer(again.entry).map(|(id, _)| id), line.at("offer").text());
    assert_eq!(Some(again.propensity), line.at("propensity").number());
}

/// What a page says at once, in one millisecond, is heard in its order: the decision before what answers it.
#[test]
fn a_decision_comes_before_its_answer() {
    let mut tab = Tab::new(&varied(3));
    let now = time(START);
    let decision = tab.engine.list("home", 1, now).remove(0);
    // Ids of messages are drawn; here the answer's sorts first.
    tab.say("danbi_answer", decision.properties().with("action", "click"), now);
    tab.input(Input::Decided(Box::new(decision.clone())), now);
    let offers = tab.engine.profile(now.plus(1));
    let learnt = offers.at("offers").list().iter().filter(|offer| offer.at("score.intercept").number() > Some(0.0));
    assert_eq!(learnt.count(), 3, "the click moved what all offers share");
}

#[test]
fn what_the_page_says_of_an_item_and_what_is_never_wanted_are_rules() {
    let Value::Map(mug) = offer(0, 0, 0.9, 400.0) else { panic!("an offer is an object") };
    let mug = mug.with("item", "mug").with("price", 12_000).with("ceiling", 1);
    let source = bundle(vec![mug.into(), offer(1, 1, 0.01, 40.0)], r#"{"version": 1, "eps": 0}"#);
    let mut tab = Tab::new(&source);
    let now = time(START);
    let offered = |tab: &mut Tab, now: Time| tab.list("home", 1, now)[0].offer.clone().unwrap();
    let reason =
        |tab: &Tab, now: Time| tab.engine.profile(now).at("offers").list()[0].at("code").text().unwrap().to_string();
    let facts = |tab: &mut Tab, text: &str| tab.input(Input::Context(read(text)), now);
    assert_eq!((offered(&mut tab, now), reason(&tab, now).as_str()), ("o00".into(), "targeting_match"));
    facts(&mut tab, r#"{"items": {"mug": {"stock": 0, "price": 12000}}}"#);
    assert_eq!((offered(&mut tab, now), reason(&tab, now).as_str()), ("o01".into(), "sold_out"));
    facts(&mut tab, r#"{"items": {"mug": {"stock": 3, "price": 9000}}}"#);
    assert_eq!((offered(&mut tab, now), reason(&tab, now).as_str()), ("o01".into(), "price"));
    facts(&mut tab, r#"{"items": {"mug": {"stock": 3, "price": 12000}}}"#);
    tab.say("danbi_declare", Map::new().with("never_show", vec![Value::from("mug")]), now.plus(1));
    assert_eq!((offered(&mut tab, now.plus(2)), reason(&tab, now.plus(2)).as_str()), ("o01".into(), "never"));
    tab.say("danbi_declare", Map::new().with("never_show", Value::Null), now.plus(3));
    let open = tab.list("home", 2, now.plus(4));
    let mug = open.iter().find(|decision| decision.offer.as_deref() == Some("o00")).unwrap();
    tab.say("danbi_exposure", mug.properties(), now.plus(5));
    assert_eq!(reason(&tab, now.plus(6)), "ceiling");
}

#[test]
fn a_campaign_speaks_of_the_offer_and_waits_for_one() {
    let Value::Map(source) = varied(3) else { panic!("a bundle is an object") };
    let campaigns = read(
        r#"[{"id": "hello", "label": "Hello", "slot": "home", "offers": ["o01"],
        "message": {"blocks": [{"title": "{{ offer.label }} {{ offer.id }} {{ offer.colour }}"}]}}]"#,
    );
    let Value::List(offers) = source.get("offers").cloned().unwrap() else { panic!("a list") };
    let offers: Vec<Value> = offers
        .into_iter()
        .map(|offer| offer.map().cloned().unwrap().with("facts", Map::new().with("colour", "red")).into())
        .collect();
    let source: Value = source.with("campaigns", campaigns).with("offers", offers).into();
    assert_eq!(lint::check(&source).iter().filter(|finding| finding.fatal).count(), 0);
    let mut tab = Tab::new(&source);
    let now = time(START);
    let decision = tab.list("home", 1, now).remove(0);
    assert_eq!((decision.campaign.as_deref(), decision.offer.as_deref()), (Some("hello"), Some("o01")));
    assert_eq!(*decision.view.field("blocks"), read(r#"[{"title": "An offer o01 red"}]"#));
    tab.say("danbi_declare", Map::new().with("never_show", vec![Value::from("o01")]), now.plus(1));
    let verdict = tab.engine.explain(now.plus(2));
    let verdict = &verdict.list()[0];
    assert_eq!([verdict.at("stage").text(), verdict.at("code").text()], [Some("targeting"), Some("no_offer")]);
    let alone = tab.list("home", 1, now.plus(2)).remove(0);
    assert!(alone.campaign.is_none() && alone.offer.is_some(), "the slot has offers of its own");
}

#[test]
fn who_is_held_out_sees_none_and_the_log_has_what_would_have_shown() {
    let Value::Map(source) = varied(3) else { panic!("a bundle is an object") };
    let house = read(r#"{"zone": "Asia/Seoul", "currency": "KRW", "holdout": {"share": 1, "seed": "h"}}"#);
    let mut tab = Tab::new(&source.with("house", house).into());
    let now = time(START);
    tab.say("view_item", Map::new(), now);
    assert_eq!(tab.list("home", 1, now.plus(1)), []);
    assert_eq!(tab.list("home", 1, now.plus(2)), []);
    assert_eq!(tab.engine.reason("home", now.plus(2)), "holdout");
    let ghosts: Vec<Map> = tab.emitted.iter().map(|(_, properties)| properties.clone()).collect();
    assert_eq!(ghosts.len(), 1, "once, and never seen");
    assert_eq!(ghosts[0].get("holdout"), Some(&true.into()));
    assert!(ghosts[0].get("offer").is_some_and(|offer| offer.text().is_some()));
    tab.say("danbi_exposure", ghosts[0].clone(), now.plus(3));
    tab.say("danbi_answer", ghosts[0].clone().with("action", "click"), now.plus(4));
    let offers = tab.engine.profile(now.plus(5));
    assert!(offers.at("offers").list().iter().all(|offer| offer.at("score.intercept").number() == Some(0.0)));
}

#[test]
fn where_the_house_rests_from_marketing_nothing_is_offered() {
    let Value::Map(source) = varied(2) else { panic!("a bundle is an object") };
    let house = read(
        r#"{"zone": "Asia/Seoul", "currency": "KRW", "pacing": {"states": [{"when": {"meter.complaints": {"$gt": 0}}}]}}"#,
    );
    let meters = read(r#"{"complaints": {"count": "complaint_opened", "minus": "complaint_closed"}}"#);
    let source: Value = source.with("house", house).with("meters", meters).into();
    assert_eq!(lint::check(&source).iter().filter(|finding| finding.fatal).count(), 0);
    let mut tab = Tab::new(&source);
    let now = time(START);
    assert_eq!(tab.list("home", 1, now).len(), 1);
    tab.say("complaint_opened", Map::new(), now.plus(1));
    assert_eq!(tab.list("home", 1, now.plus(2)), []);
    let told = tab.engine.profile(now.plus(2));
    assert!(told.at("offers").list().iter().all(|offer| offer.at("code").text() == Some("quiet_state")));
    tab.say("complaint_closed", Map::new(), now.plus(3));
    assert_eq!(tab.list("home", 1, now.plus(4)).len(), 1);
}

#[test]
fn mistakes_in_offers_are_told_with_their_places() {
    let source = bundle(
        vec![
            read(
                r#"{"id": "a", "label": "A", "slots": [], "margin": 0, "prior": {"p0": 1.5, "n0": 0}, "audience": "nobody"}"#,
            ),
            read(r#"{"id": "a", "label": "A", "slots": ["interruptive"], "ceiling": 0, "price": 5}"#),
        ],
        r#"{"version": 1, "eps": 2, "c": -1, "halfLife": "P2M", "interest": "taste", "features": {"colour": {"q0": 0}}}"#,
    );
    let found: Vec<(&str, String)> =
        lint::check(&source).into_iter().map(|finding| (finding.error.code, finding.error.path)).collect();
    for (code, path) in [
        ("empty", "/offers/0/slots"),
        ("range", "/offers/0/margin"),
        ("range", "/offers/0/prior/p0"),
        ("range", "/offers/0/prior/n0"),
        ("unknown_reference", "/offers/0/audience"),
        ("duplicate", "/offers/1/id"),
        ("reserved", "/offers/1/slots"),
        ("range", "/offers/1/ceiling"),
        ("range", "/policy/eps"),
        ("range", "/policy/c"),
        ("range", "/policy/halfLife"),
        ("unknown_reference", "/policy/interest"),
        ("unknown_choice", "/policy/features/colour"),
        ("range", "/policy/features/colour/q0"),
    ] {
        assert!(found.contains(&(code, path.to_string())), "{code} {path} in {found:?}");
    }
    let source = bundle(
        vec![read(r#"{"id": "a", "label": "A", "slots": ["home"], "price": 5}"#)],
        r#"{"version": 1, "eps": 0}"#,
    );
    let found: Vec<&str> = lint::check(&source).iter().map(|finding| finding.error.code).collect();
    assert_eq!(found, ["no_chance", "no_item"]);
    for finding in lint::check(&source) {
        assert_ne!(finding.line().get("ko"), Some(&"확인이 필요해요.".into()));
    }
}
