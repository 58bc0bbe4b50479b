//! Which variation a value falls to: uniform, independent between seeds, and steady when shares change; and that nothing that is
//! given for a feature or an experiment is too odd for an answer.
#![cfg(feature = "cli")]

#[path = "common/cases.rs"]
mod cases;

use cases::cases;
use danbi::cli::native::Native;
use danbi::engine::audience::bucketing::{Range, bucket_ranges, choose, equal_weights, in_namespace, in_range};
use danbi::engine::base::hash;
use danbi::engine::base::value::{Map, Value};
use danbi::engine::feature::{Context, sticky_bucket};
use proptest::prelude::*;

const VALUES: usize = 30_000;

fn buckets(seed: &str, version: i64) -> Vec<f64> {
    (0..VALUES).map(|user| hash::bucket(seed, &format!("user-{user}"), version).expect("a known version")).collect()
}

/// Chi-square of counts against the shares that they should have.
fn chi_square(counts: &[usize], shares: &[f64]) -> f64 {
    let total: usize = counts.iter().sum();
    counts
        .iter()
        .zip(shares)
        .map(|(count, share)| (*count as f64 - share * total as f64).powi(2) / (share * total as f64))
        .sum()
}

/// The 99.99th percentile of chi-square, by Wilson and Hilferty.
fn limit(freedom: usize) -> f64 {
    let ninth = 2.0 / (9.0 * freedom as f64);
    freedom as f64 * (1.0 - ninth + 3.719 * ninth.sqrt()).powi(3)
}

#[test]
fn variations_get_their_weights() {
    for weights in [vec![0.5, 0.5], vec![0.1, 0.9], vec![0.2, 0.3, 0.5], equal_weights(10)] {
        let ranges = bucket_ranges(weights.len(), 1.0, &weights);
        for (seed, version) in [("banner", 1), ("banner", 2), ("쿠폰", 2), ("", 2)] {
            let mut counts = vec![0; weights.len()];
            for bucket in buckets(seed, version) {
                counts[choose(bucket, &ranges).expect("full coverage")] += 1;
            }
            let chi = chi_square(&counts, &weights);
            assert!(chi < limit(weights.len() - 1), "{seed} {version} {weights:?}: {counts:?}, chi-square {chi}");
        }
    }
}

/// Version 1 is known to lean where a seed is another's extension; version 2 is what campaigns use.
#[test]
fn seeds_are_independent() {
    let ranges = bucket_ranges(4, 1.0, &[]);
    for (one, other) in [("banner", "banner2"), ("a", "b"), ("쿠폰", "생일"), ("holdout", "banner")] {
        let mut counts = [0; 16];
        for (one, other) in buckets(one, 2).into_iter().zip(buckets(other, 2)) {
            counts[choose(one, &ranges).unwrap() * 4 + choose(other, &ranges).unwrap()] += 1;
        }
        let chi = chi_square(&counts, &[1.0 / 16.0; 16]);
        assert!(chi < limit(15), "{one} and {other}: {counts:?}, chi-square {chi}");
    }
}

#[test]
fn shares_of_a_namespace_never_meet() {
    let shares: [Range; 3] = [[0.0, 0.3], [0.3, 0.7], [0.7, 1.0]];
    for user in 0..10_000 {
        let value = format!("user-{user}");
        assert_eq!(shares.iter().filter(|share| in_namespace(&value, "pricing", **share)).count(), 1, "{value}");
    }
}

fn weights() -> impl Strategy<Value = Vec<f64>> {
    proptest::collection::vec(1_u32..100, 1..8).prop_map(|parts| {
        let sum = f64::from(parts.iter().sum::<u32>());
        parts.into_iter().map(|part| f64::from(part) / sum).collect()
    })
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// Whoever is in stays where they are; whoever was out may come in.
    #[test]
    fn raising_the_coverage_moves_nobody(weights in weights(), low in 0.0..1.0_f64, raise in 0.0..1.0_f64, bucket in 0.0..1.0_f64) {
        let chosen = |coverage| choose(bucket, &bucket_ranges(weights.len(), coverage, &weights));
        if let Some(before) = chosen(low) {
            prop_assert_eq!(chosen(low + raise), Some(before));
        }
        prop_assert_eq!(chosen(0.0), None);
        prop_assert_eq!(chosen(-raise), None);
        prop_assert_eq!(chosen(f64::NAN), None);
    }

    /// Naming the weights that hold anyway, or another variation's value, moves nobody.
    #[test]
    fn equal_weights_may_be_written_down(count in 0_usize..20, coverage in 0.0..=1.0) {
        prop_assert_eq!(bucket_ranges(count, coverage, &equal_weights(count)), bucket_ranges(count, coverage, &[]));
    }

    #[test]
    fn weights_that_miss_one_are_equal(weights in weights(), factor in prop_oneof![0.0..0.98, 1.02..3.0], coverage in 0.0..=1.0) {
        let wrong: Vec<f64> = weights.iter().map(|weight| weight * factor).collect();
        prop_assert_eq!(bucket_ranges(weights.len(), coverage, &wrong), bucket_ranges(weights.len(), coverage, &[]));
        prop_assert_eq!(bucket_ranges(weights.len() + 1, coverage, &weights), bucket_ranges(weights.len() + 1, coverage, &[]));
        let near: Vec<f64> = weights.iter().map(|weight| weight * 1.005).collect();
        prop_assert_eq!(bucket_ranges(weights.len(), coverage, &near).iter().map(|[start, _]| *start).nth(1), near.first().copied().filter(|_| near.len() > 1));
    }

    #[test]
    fn no_number_panics(bucket in any::<f64>(), coverage in any::<f64>(), weights in proptest::collection::vec(any::<f64>(), 0..6), count in 0_usize..6) {
        let ranges = bucket_ranges(count, coverage, &weights);
        prop_assert_eq!(ranges.len(), count);
        if let Some(index) = choose(bucket, &ranges) {
            prop_assert!(in_range(bucket, ranges[index]));
        }
    }
}

/// Documents of names that mean something to GrowthBook, in places where they mean nothing, too.
fn odd() -> impl Strategy<Value = Value> {
    const NAMES: [&str; 38] = [
        "a",
        "b",
        "id",
        "key",
        "seed",
        "force",
        "rules",
        "range",
        "ranges",
        "weights",
        "coverage",
        "variations",
        "meta",
        "filters",
        "namespace",
        "condition",
        "parentConditions",
        "gate",
        "value",
        "passthrough",
        "hashAttribute",
        "fallbackAttribute",
        "hashVersion",
        "bucketVersion",
        "minBucketVersion",
        "urlPatterns",
        "type",
        "pattern",
        "include",
        "url",
        "groups",
        "status",
        "attribute",
        "assignments",
        "a__0",
        "__proto__",
        "$gt",
        "$groups",
    ];
    const TEXTS: [&str; 12] =
        ["", "a", "b", "id", "simple", "regex", "*", "(", "https://a.example/?a=1", "a__1", "\u{fffd}", "😀"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        proptest::sample::select(&[-1.0, 0.0, 0.3, 0.5, 1.0, 2.0, 1e300][..]).prop_map(Value::Number),
        proptest::sample::select(&TEXTS[..]).prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        let members = proptest::collection::vec((proptest::sample::select(&NAMES[..]), inner.clone()), 0..8);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Value::List),
            members.prop_map(|members| Value::Map(members.into_iter().collect())),
        ]
    })
}

fn list() -> impl Strategy<Value = Value> {
    proptest::collection::vec(odd(), 0..4).prop_map(Value::List)
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn nothing_is_too_odd_for_an_answer(one in list(), other in list(), attributes in odd(), more in odd(), experiment in odd()) {
        let feature = |rules: &Value| Value::from(Map::new().with("rules", rules.clone()));
        let features = Map::new().with("a", feature(&one)).with("b", feature(&other));
        let mut context = Map::new().with("attributes", attributes).with("features", features);
        more.members().for_each(|(name, value)| context.set(name, value.clone()));
        let context = Value::from(context);
        for key in ["a", "b", "__proto__"] {
            let answer = Value::from(Context::new(&context, &Native).feature(key));
            prop_assert_ne!(answer.field("on").bool(), answer.field("off").bool());
            let sticky = sticky_bucket(&context, one.list(), key, &Native);
            prop_assert!(sticky.get("docs").is_some_and(|docs| docs.map().is_some()));
        }
        let mut run = experiment.map().cloned().unwrap_or_default();
        run.set("variations", other);
        for experiment in [experiment, run.into()] {
            let result = Value::from(Context::new(&context, &Native).run(&experiment));
            let variations = experiment.field("variations").list();
            prop_assert!(result.field("inExperiment").bool() != Some(true) || variations.contains(result.field("value")));
        }
    }
}

/// Features of which each asks for the next ones.
fn chain(length: usize, asked: usize) -> Value {
    let feature = |index: usize| {
        let parent = Value::from(Map::new().with("id", format!("f{}", index + 1)));
        let rule = Map::new().with("parentConditions", vec![parent; asked]).with("force", true);
        (format!("f{index}"), Value::from(Map::new().with("rules", vec![Value::from(rule)])))
    };
    Map::new().with("features", (0..length).map(feature).collect::<Map>()).into()
}

#[test]
fn long_chains_of_prerequisites_come_to_an_end() {
    let source = |length, asked| {
        let context = chain(length, asked);
        let answer = Value::from(Context::new(&context, &Native).feature("f0"));
        answer.field("source").text().map(String::from)
    };
    assert_eq!(source(60, 1).as_deref(), Some("force"));
    assert_eq!(source(10, 2).as_deref(), Some("force"));
    // Followed no deeper than documents nest, and no longer than the fuel lasts.
    assert_eq!(source(10_000, 1).as_deref(), Some("cyclicPrerequisite"));
    assert_eq!(source(40, 2).as_deref(), Some("cyclicPrerequisite"));
}
